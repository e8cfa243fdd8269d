"""Move by words: "to Tuesday 3pm" said of a meeting becomes the change it stands for."""

from datetime import datetime

from bot.domain.change import ChangeSet
from bot.domain.event import Event
from bot.domain.zones import at, zone
from bot.errors import NotUnderstood
from bot.language import Reading, read


def moved(words: str, event: Event, *, person_zone: str, now: datetime) -> ChangeSet:
    """Return the change that *words* make of the time of *event*. Pure.

    A day without a time keeps the time, a time without a day keeps the day, and a length
    is taken where one is said.

    Args:
        words: As typed.
        event: The occurrence they speak of.
        person_zone: The person's zone (IANA), used where the words name none.
        now: Aware; relative words count from here.

    Raises:
        NotUnderstood: ``move_repeats``: it says how the meeting repeats; ``move_unread`` with
            ``left``: not a day, a time or a length alone.
    """
    reading = read(words, now=now, tz=person_zone)
    if reading.rule is not None:
        raise NotUnderstood("move_repeats")
    said = (reading.first_date, reading.start, reading.duration)
    unclear = (
        reading.unsupported,
        reading.title,
        reading.left_over,
        reading.people,
        reading.venue,
        reading.all_day,
    )
    if not any(said) or any(unclear):
        left = " ".join(reading.left_over) or reading.title or words
        raise NotUnderstood("move_unread", left=left)
    start, where = reading.start, zone(person_zone)
    day = reading.first_date
    if not _names_a_day(words, event, reading, now):
        day = event.start.astimezone(zone(reading.zone)).date()
    if start is not None and day is not None:
        # Said in another zone, it may be another day in the person's.
        start = at(day, start.time(), zone(reading.zone)).astimezone(where)
        day = start.date()
    return ChangeSet(
        day=day if day != event.start.astimezone(where).date() else None,
        clock=start.time() if start else None,
        length=reading.duration,
    )


def _names_a_day(words: str, event: Event, reading: Reading, now: datetime) -> bool:
    """Say whether *words* name a day of their own: a second day beside it can't be read.

    A bare time of day is read as the next one, so that the reading alone doesn't tell.
    """
    day = event.start.astimezone(zone(reading.zone)).date()
    with_day = read(f"{words} on {day.isoformat()}", now=now, tz=reading.zone)
    return with_day.unsupported is not None or with_day.first_date != day
