"""Free text to values and back, pure: no clock, no network, no storage."""

from bot.language.criteria.command import ExportRequest, read_export
from bot.language.criteria.conditions import Said, read_criteria
from bot.language.criteria.query import (
    module_named,
    parents_named,
    query_of,
    users_named,
    view_named,
)
from bot.language.criteria.typed import Sense, typed
from bot.language.criteria.words import Words
from bot.language.criteria.written import write_criteria, write_export
from bot.language.fields import read_length, read_reminders, read_repeats
from bot.language.reader import read
from bot.language.reading import Doubt, Guest, Named, Reading, Unsupported
from bot.language.refusal import replaced
from bot.language.writer import write, write_length, write_reminder

__all__ = [
    "Doubt",
    "ExportRequest",
    "Guest",
    "Named",
    "Reading",
    "Said",
    "Sense",
    "Unsupported",
    "Words",
    "module_named",
    "parents_named",
    "query_of",
    "read",
    "read_criteria",
    "read_export",
    "read_length",
    "read_reminders",
    "read_repeats",
    "replaced",
    "typed",
    "users_named",
    "view_named",
    "write",
    "write_criteria",
    "write_export",
    "write_length",
    "write_reminder",
]
