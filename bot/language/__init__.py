"""Free text to values and back, pure: no clock, no network, no storage."""

from bot.language.fields import read_length, read_reminders, read_repeats
from bot.language.reader import read
from bot.language.reading import Doubt, Guest, Named, Reading, Unsupported
from bot.language.refusal import replaced
from bot.language.writer import write, write_length, write_reminder

__all__ = [
    "Doubt",
    "Guest",
    "Named",
    "Reading",
    "Unsupported",
    "read",
    "read_length",
    "read_reminders",
    "read_repeats",
    "replaced",
    "write",
    "write_length",
    "write_reminder",
]
