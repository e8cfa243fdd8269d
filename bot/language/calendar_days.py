"""Calendar dates: "June 3rd, 2027", "3 June", "2026-01-20", "1/20/2026"."""

from datetime import date

from bot.language import lexicon as lex
from bot.language import time_words as words
from bot.language.scanner import Line, ordinal
from bot.language.when import LAST_YEAR, Day, Found, later, month_end, upcoming

_NEW_YEAR = frozenset({"year", "year's", "years"})
_FIRST_YEAR = 1990
"""A year before this, or after ``LAST_YEAR``, is a slip of the hand."""


def numeric_date(line: Line, i: int, today: date, *, month_first: bool) -> Found:
    """Read a date in digits at *i*; 4/5 alone is a day that has to be asked back."""
    token = line.at(i)
    if token.kind == "iso":
        written, month, day = (int(part) for part in token.text.replace("/", "-").split("-"))
        with_t = line.low(i + 1) == "t" and line.at(i + 1).glued and line.at(i + 2).kind == "clock"
        return dated(written, month, day, today), i + 2 if with_t else i + 1
    parts = [int(part) for part in token.text.replace(".", "/").replace("-", "/").split("/")]
    first, second = parts[0], parts[1]
    year = _full_year(parts[2]) if len(parts) == 3 else None
    if token.kind == "dotted" or first > 12:
        first, second = second, first
    elif second <= 12 and first != second and not month_first:
        day_first, month_leads = (
            dated(year, second, first, today),
            dated(year, first, second, today),
        )
        if day_first.problem or month_leads.problem:
            return Day(first=today, problem="invalid"), i + 1
        return Day.either(
            "day_month_order", day_first, month_leads, problem="day_month_order"
        ), i + 1
    return dated(year, first, second, today), i + 1


def _full_year(year: int) -> int:
    return year + 2000 if year < 100 else year


def dated(year: int | None, month: int, day: int, today: date) -> Day:
    """Return the day, the next one where no year is said; or a day with its problem."""
    if year is None:
        found = upcoming(month, day, today) if 1 <= month <= 12 else None
        if found is None:
            return Day(first=today, problem="invalid")
        return Day(first=found, yearless=(month, day), month_day=(month, day))
    if not _FIRST_YEAR <= year <= LAST_YEAR:
        return Day(first=today, problem="invalid")
    try:
        return Day(first=date(year, month, day), month_day=(month, day))
    except ValueError:
        return Day(first=today, problem="invalid")


def calendar_date(line: Line, i: int, today: date) -> Found:
    """Read a date with a month by name at *i*, or a month with its year."""
    month = lex.MONTHS.get(line.low(i))
    if month:
        j = line.skip(i + 1, "the", ".", "-", "/")
        day = _day_number(line, j)
        if day:
            return _with_year(line, month, day[0], day[1], today)
        year = _year(line, i + 1)
        if year:
            return whole_month(date(year[0], month, 1), year[1])
        return None
    day = _day_number(line, i)
    if day is None:
        return None
    j = line.skip(day[1], "day")
    j = line.skip(j, "of", "-", "/", "in")
    month = lex.MONTHS.get(line.low(j))
    if month is None:
        return None
    j = line.skip(j + 1, ".")
    return _with_year(line, month, day[0], j, today)


def _day_number(line: Line, i: int) -> tuple[int, int] | None:
    found = ordinal(line, i)
    if found is None:
        token = line.at(i)
        if token.kind != "num" or len(token.text) > 2 or not line.plain_number(i):
            return None
        after = line.at(i + 1)
        if after.low in lex.AM_PM and (after.glued or len(after.low) == 2):
            return None
        if after.glued and after.low in lex.UNITS:
            return None
        found = int(token.text), i + 1
    return found if 1 <= found[0] <= 31 else None


def _year(line: Line, i: int) -> tuple[int, int] | None:
    j = line.skip(i, ",", "of") if not line.at(i).glued else line.skip(i, ",", "-", "/")
    token = line.at(j)
    if (
        token.kind == "num"
        and len(token.text) == 4
        and token.text.isdecimal()
        and _FIRST_YEAR <= int(token.text) <= LAST_YEAR
    ):
        return int(token.text), j + 1
    return None


def _with_year(line: Line, month: int, day: int, j: int, today: date) -> Found:
    year = _year(line, j)
    return dated(year[0] if year else None, month, day, today), year[1] if year else j


def whole_month(first: date, j: int) -> tuple[Day, int]:
    """Return the month that begins on *first*, and the place *j*."""
    return Day(first=first, last=month_end(first), month=True), j


def festival(line: Line, i: int, today: date) -> Found:
    """Read "Christmas", "New Year's Eve", "mid-December" at *i*, where a series ends."""
    j = line.skip(i, "the")
    on = lex.FESTIVALS.get(line.low(j))
    if line.low(j) == "mid":
        j = line.skip(j + 1, "-")
        on = (lex.MONTHS.get(line.low(j), 0), 15)
    elif line.low(j) == "new" and line.low(j + 1) in _NEW_YEAR:
        on, j = (1, 1), j + 1
    if on is None or not on[0]:
        return None
    said, after = line.low(j + 1), j + 1
    if said in words.ROUND_A_FESTIVAL:
        return None  # "until Christmas break"
    sure = said in ("eve", "day")
    after += sure
    eve = said == "eve" and on != (1, 1)
    on = (12, 31) if said == "eve" and on == (1, 1) else on
    year = _year(line, after)
    day = date(year[0], *on) if year else upcoming(*on, today)
    after = year[1] if year else after
    if day is None:
        return None
    ends = [Day(first=day), Day(first=later(day, -1, "day"))]
    return (ends[eve] if sure or day.day == 15 else Day.either("until_period", *ends)), after
