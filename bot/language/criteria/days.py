"""Days in an export's criteria: "this month", "last 30 days", "1 May", "2026-04-15".

Whoever filters records mostly looks back. A day without its year is therefore one that
has been where the comparison or the field says so ("since 1 May"), and is asked back
everywhere else.
"""

from datetime import date, timedelta
from typing import Final

from bot.language import lexicon as lex
from bot.language.criteria.words import Words
from bot.language.dates import date_at, month_at
from bot.language.scanner import Line, number, plain
from bot.language.when import Day, later, said

PAST_FIELDS: Final = frozenset({"Created_Time", "Modified_Time", "Last_Activity_Time"})
"""Fields that hold no day to come."""
LAST: Final = frozenset({"last", "past", "previous"})
Stretch = tuple[date, date]
"""The first and the last day that words name; twice the same for one day."""


def read_days(words: Words, today: date, *, past: bool) -> Stretch:
    """Read one day or a stretch of days.

    Args:
        words: As typed.
        today: The day it is for the person.
        past: Whether a day without its year is one that has been.

    Raises:
        NotUnderstood: ``criteria_date``; ``criteria_date_doubt`` with its ``readings``.
    """
    line = Line(plain(words.text))
    own = _year(line) or _last(line, today) or _ago(line, today)
    if own is not None:
        return own
    found = _whole(line, today)
    if found is None:
        raise words.unread("criteria_date")
    if found.doubt is not None:
        if past:
            found = _whole(line, later(today, -1, "year") + timedelta(days=1)) or found
        raise words.unread("criteria_date_doubt", readings=found.doubt[1] if found.doubt else ())
    if found.problem is not None:
        raise words.unread("criteria_date")
    back = _looking_back(found, line, today)
    if back is None:
        return _stretch(found)
    been = _whole(line, back)
    if been is None or been.first > today:
        raise words.unread("criteria_date")
    if past or been == found:
        return _stretch(been)
    raise words.unread("criteria_date_doubt", readings=(said(been.first), said(found.first)))


def _whole(line: Line, today: date) -> Day | None:
    """Read a day that the whole line is."""
    start = line.skip(0, "the", "in")
    for found in (date_at(line, start, today), month_at(line, start, today)):
        if found is not None and found[1] == len(line):
            return found[0]
    return None


def _stretch(found: Day) -> Stretch:
    return found.first, found.last or found.first


def _looking_back(found: Day, line: Line, today: date) -> date | None:
    """Return from which day the same words name the last such day until today.

    None where the words name their day wholly.
    """
    if found.yearless is not None:
        return later(today, -1, "year") + timedelta(days=1)
    if found.month and not any(_is_year(line, i) for i in range(len(line))):
        return later(today.replace(day=1), -11, "month")
    if found.day_only is not None:
        return later(today, -1, "month") + timedelta(days=1)
    return today - timedelta(days=8) if found.bare else None


def _is_year(line: Line, i: int) -> bool:
    token = line.at(i)
    return token.kind == "num" and len(token.text) == 4 and token.text.isdecimal()


def _year(line: Line) -> Stretch | None:
    """Read "2025"."""
    if len(line) != 1 or not _is_year(line, 0) or not 1900 <= int(line.low(0)) <= 2199:
        return None
    return date(int(line.low(0)), 1, 1), date(int(line.low(0)), 12, 31)


def _last(line: Line, today: date) -> Stretch | None:
    """Read "last month", which is a whole one, and "the last 30 days", which end today."""
    i = line.skip(0, "the", "in")
    if line.low(i) not in LAST:
        return None
    i += 1
    counted = number(line, i)
    unit = lex.UNITS.get(line.low(counted[1] if counted else i))
    if unit not in lex.LONG_UNITS or (counted[1] if counted else i) + 1 != len(line):
        return None
    if counted:
        return later(today, -counted[0], unit), today
    if unit == "day":
        return None
    first = later(_begin(today, unit), -1, unit)
    return first, later(first, 1, unit) - timedelta(days=1)


def _begin(today: date, unit: str) -> date:
    """Return the first day of the week, month, quarter or year that *today* is in."""
    if unit in ("week", "fortnight"):
        return today - timedelta(days=today.weekday())
    months = {"quarter": 3, "half": 6, "year": 12}.get(unit, 1)
    return today.replace(month=(today.month - 1) // months * months + 1, day=1)


def _ago(line: Line, today: date) -> Stretch | None:
    """Read "3 weeks ago"."""
    counted = (1, 1) if line.low(0) in ("a", "an") else number(line, 0)
    if counted is None or line.low(counted[1] + 1) != "ago" or counted[1] + 2 != len(line):
        return None
    unit = lex.UNITS.get(line.low(counted[1]))
    if unit not in lex.LONG_UNITS:
        return None
    day = later(today, -counted[0], unit)
    return day, day
