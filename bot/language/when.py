"""Days: calendar dates, weekdays, and those counted from today."""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from bot.domain.recurrence import Recurrence, Weekday
from bot.language import lexicon as lex
from bot.language.scanner import Line, number, ordinal

_MOST = 3650
_FIRST_YEAR, _LAST_YEAR = 1990, 2199
"""A year outside these is a slip of the hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day, or a stretch of days, as the words name it.

    Attributes:
        first: The day; the first of a stretch.
        last: The last day of a stretch ("next month"), else None.
        weekday: Set for a weekday alone, which a rule may take as its own.
        yearless: Month and day, where no year is said.
        month_day: Month and day, where both are said.
        day_only: The day of the month, where that alone is said.
        bare: True for a weekday without "this" or "next".
        month: True for a month without a day.
        problem: Why it isn't a day: ``invalid``, ``day_month_order``; or None.
        doubt: A code and readings, or None.
    """

    first: date
    last: date | None = None
    weekday: Weekday | None = None
    yearless: tuple[int, int] | None = None
    month_day: tuple[int, int] | None = None
    day_only: int | None = None
    bare: bool = False
    month: bool = False
    problem: str | None = None
    doubt: tuple[str, tuple[str, ...]] | None = None

    def day_before(self, number: int) -> bool:
        """Say whether *number* is a later day of the same month."""
        return self.first.day < number <= month_end(self.first).day


Found = tuple[Day, int] | None


def later(day: date, count: float, unit: str) -> date:
    """Return *day* moved by *count* days, weeks, months or years; the last day we know at most."""
    steps = {"day": "days", "week": "weeks", "month": "months", "year": "years"}
    times = {"fortnight": ("week", 2), "quarter": ("month", 3), "half": ("month", 6)}
    base, factor = times.get(unit, (unit, 1))
    try:
        return day + relativedelta(**{steps[base]: int(count * factor)})  # type: ignore[arg-type] # the stubs want a literal
    except (OverflowError, ValueError):
        return date.max


def month_end(day: date) -> date:
    """Return the last day of *day*'s month."""
    return day + relativedelta(day=31)


def upcoming(month: int, day: int, base: date) -> date | None:
    """Return the next such day at or after *base*, or None when there is none."""
    for year in range(base.year, min(base.year + 9, 9999)):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found >= base:
            return found
    return None


def next_weekday(day: date, weekday: Weekday, *, today: bool = False) -> date:
    """Return the coming *weekday* after *day*; *day* itself only when *today*."""
    ahead = (weekday.number - day.weekday()) % 7
    return day + timedelta(days=ahead or (0 if today else 7))


def workdays_later(day: date, count: int) -> date:
    """Return the day *count* working days on."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def date_at(line: Line, i: int, today: date, *, month_first: bool = False) -> Found:
    """Read a day at *i*; None when there is none.

    Args:
        line: The tokens.
        i: Where; "on" and "the" before the day are read over.
        today: The day it is for the person.
        month_first: Whether 4/5 is surely the fifth of April, as Outlook writes.
    """
    i = line.skip(i, "on", "the", "from")
    token = line.at(i)
    if token.kind in ("iso", "slash", "dotted"):
        return _digits(line, i, today, month_first=month_first)
    low = token.low
    if low in ("eom", "eoy"):
        end = month_end(today) if low == "eom" else date(today.year, 12, 31)
        return Day(first=end), i + 1
    if low == "end" or (low == "month" and line.low(i + 2) == "end"):
        return _end_of(line, i, today)
    for reader in (_near, _counted, _next, _weekday, _calendar, _numbered):
        found = reader(line, i, today)
        if found:
            return found
    return None


def _digits(line: Line, i: int, today: date, *, month_first: bool) -> Found:
    token = line.at(i)
    if token.kind == "iso":
        written, month, day = (int(part) for part in token.text.split("-"))
        with_t = line.low(i + 1) == "t" and line.at(i + 1).glued and line.at(i + 2).kind == "clock"
        return _dated(written, month, day, today), i + 2 if with_t else i + 1
    sep = "/" if token.kind == "slash" else "."
    parts = [int(part) for part in token.text.split(sep)]
    first, second = parts[0], parts[1]
    year = _full_year(parts[2]) if len(parts) == 3 else None
    if token.kind == "dotted" or first > 12:
        first, second = second, first
    elif second <= 12 and first != second and not month_first:
        readings = tuple(
            one.first.isoformat()
            for one in (_dated(year, first, second, today), _dated(year, second, first, today))
            if not one.problem
        )
        doubt = ("day_month_order", readings)
        return Day(first=today, problem="day_month_order", doubt=doubt), i + 1
    return _dated(year, first, second, today), i + 1


def _full_year(year: int) -> int:
    return year + 2000 if year < 100 else year


def _dated(year: int | None, month: int, day: int, today: date) -> Day:
    if year is None:
        found = upcoming(month, day, today) if 1 <= month <= 12 else None
        if found is None:
            return Day(first=today, problem="invalid")
        return Day(first=found, yearless=(month, day), month_day=(month, day))
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return Day(first=today, problem="invalid")
    try:
        return Day(first=date(year, month, day), month_day=(month, day))
    except ValueError:
        return Day(first=today, problem="invalid")


def _end_of(line: Line, i: int, today: date) -> Found:
    j = line.skip(i + 1, "of", "the", "this")
    low = line.low(j)
    ahead = low in lex.NEXT
    unit = lex.UNITS.get(line.low(j + 1) if ahead else low)
    after = j + 2 if ahead else j + 1
    if low in lex.MONTHS:
        start = upcoming(lex.MONTHS[low], 1, today.replace(day=1)) or today
        return Day(first=month_end(start)), j + 1
    if unit == "month":
        return Day(first=month_end(later(today.replace(day=1), int(ahead), "month"))), after
    if unit == "year":
        return Day(first=date(min(today.year + int(ahead), 9999), 12, 31)), after
    if unit == "week":
        return Day(first=today + timedelta(days=6 - today.weekday() + 7 * ahead)), after
    if unit == "quarter":
        first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        return Day(first=month_end(later(first, 2 + 3 * int(ahead), "month"))), after
    return None


def _near(line: Line, i: int, today: date) -> Found:
    low = line.low(i)
    if low == "day" and line.low(i + 1) == "after" and lex.TODAY.get(line.low(i + 2)) == 1:
        return Day(first=later(today, 2, "day")), i + 3
    if low == "tom" and line.at(i).text.istitle():
        return None  # a name
    if low == "2" and line.low(i + 1) in ("moro", "morrow", "mrw") and line.at(i + 1).glued:
        return Day(first=later(today, 1, "day")), i + 2
    ahead = lex.TODAY.get(low)
    return None if ahead is None else (Day(first=later(today, ahead, "day")), i + 1)


def _counted(line: Line, i: int, today: date) -> Found:
    # "in 3 weeks", "3 weeks from tomorrow", "two Tuesdays from now", "a week from Monday".
    inside = line.low(i) == "in"
    k = i + 1 if inside else i
    found = (1, k + 1) if line.low(k) in ("a", "an") else number(line, k)
    if found is None or not 0 < found[0] <= _MOST:
        return None
    count, j = found
    weekday = lex.PLURAL_DAYS.get(line.low(j)) or lex.WEEKDAYS.get(line.low(j))
    if weekday and line.low(j + 1) == "from" and line.low(j + 2) in ("now", "today"):
        day = next_weekday(today, weekday)
        return Day(first=later(day, count - 1, "week")), j + 3
    if line.low(j) in lex.DAY_KINDS and line.low(j + 1) in ("day", "days") and inside:
        return Day(first=workdays_later(today, min(count, 1000))), j + 2
    unit = lex.UNITS.get(line.low(j))
    if unit not in lex.LONG_UNITS or (len(line.low(j)) == 1 and not line.at(j).glued):
        return None
    if inside and line.low(j + 1) not in ("from", "after"):
        return Day(first=later(today, count, unit)), j + 1
    if line.low(j + 1) not in ("from", "after"):
        return None
    if line.low(j + 2) == "now":
        return Day(first=later(today, count, unit)), j + 3
    base = _near(line, j + 2, today) or _next(line, j + 2, today) or _weekday(line, j + 2, today)
    return (Day(first=later(base[0].first, count, unit)), base[1]) if base else None


def _next(line: Line, i: int, today: date) -> Found:
    low = line.low(i)
    ahead = low in lex.NEXT
    if not ahead and low not in lex.THIS:
        return None
    if low == "this" and line.low(i + 1) == "coming":
        i += 1
    word = line.low(i + 1)
    weekday = lex.WEEKDAYS.get(word)
    if weekday:
        coming = next_weekday(today, weekday)
        if not ahead:
            return Day(first=coming), i + 2
        monday = today + timedelta(days=7 - today.weekday())
        far = monday + timedelta(days=weekday.number)
        doubt = ("next_weekday", (far.isoformat(), coming.isoformat())) if far != coming else None
        return Day(first=far, doubt=doubt), i + 2
    if word in lex.WEEKEND_WORDS:
        saturday = next_weekday(today, Weekday.SA, today=True) + timedelta(days=7 * ahead)
        return Day(first=saturday, last=saturday + timedelta(days=1)), i + 2
    if word in lex.MONTHS:
        first = upcoming(lex.MONTHS[word], 1, later(today.replace(day=1), int(ahead), "month"))
        return _stretch(first or today, "month", i + 2)
    return _period(line, i, today, ahead=int(ahead))


def _period(line: Line, i: int, today: date, *, ahead: int) -> Found:
    unit = lex.UNITS.get(line.low(i + 1))
    if unit == "week":
        monday = today + timedelta(days=7 * ahead - today.weekday())
        day = lex.WEEKDAYS.get(line.low(line.skip(i + 2, "on")))
        if day:
            found = monday + timedelta(days=day.number)
            return Day(first=found), line.skip(i + 2, "on") + 1
        return _stretch(monday, "week", i + 2)
    if unit == "month":
        return _stretch(later(today.replace(day=1), ahead, "month"), "month", i + 2)
    if unit == "quarter":
        first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        return _stretch(later(first, 3 * ahead, "month"), "quarter", i + 2)
    if unit == "year":
        return _stretch(date(min(today.year + ahead, 9998), 1, 1), "year", i + 2)
    return None


def _stretch(first: date, unit: str, j: int) -> tuple[Day, int]:
    return Day(first=first, last=later(first, 1, unit) - timedelta(days=1)), j


def _weekday(line: Line, i: int, today: date) -> Found:
    weekday = lex.WEEKDAYS.get(line.low(i))
    if weekday is None:
        return None
    j = line.skip(i + 1, ",", ".")
    j = line.skip(j, "the")
    if line.at(j).kind in ("iso", "slash", "dotted"):
        return _agreed(weekday, _digits(line, j, today, month_first=False))
    full = _calendar(line, j, today)
    if full and not full[0].month:
        return _agreed(weekday, full)
    if line.at(j).kind == "ord":
        numbered = _numbered(line, j, today, weekday=weekday)
        if numbered:
            return numbered
    k = i + 1
    if line.low(k) in lex.NEXT | {"this"} and lex.UNITS.get(line.low(k + 1)) == "week":
        monday = today - timedelta(days=today.weekday())
        weeks = 7 * (line.low(k) in lex.NEXT)
        return Day(first=monday + timedelta(days=weekday.number + weeks)), k + 2
    coming = next_weekday(today, weekday)
    if line.low(k) == "week":
        far = coming + timedelta(days=7)
        return Day(
            first=far, doubt=("uk_friday_week", (far.isoformat(), coming.isoformat()))
        ), k + 1
    return Day(first=coming, weekday=weekday, bare=True), k


def _agreed(weekday: Weekday, found: Found) -> Found:
    # A weekday typed beside a date must be that date's weekday.
    if found is None or found[0].problem:
        return found
    day, j = found
    if Weekday.of(day.first) is weekday:
        return found
    if day.yearless:
        base = day.first
        for _ in range(6):
            after = upcoming(*day.yearless, base + timedelta(days=1))
            if after and Weekday.of(after) is weekday:
                break
            base = after or base
    readings = (day.first.isoformat(), f"{weekday.name} instead")
    return Day(first=day.first, problem="invalid", doubt=("weekday_mismatch", readings)), j


def _calendar(line: Line, i: int, today: date) -> Found:
    # "June 3rd, 2027", "3 June", "23rd of June", "June 2027".
    month = lex.MONTHS.get(line.low(i))
    if month:
        j = line.skip(i + 1, "the", ".")
        day = _day_number(line, j)
        if day:
            return _with_year(line, month, day[0], day[1], today)
        year = _year(line, i + 1)
        if year:
            return _month(date(year[0], month, 1), year[1])
        return None
    day = _day_number(line, i)
    if day is None:
        return None
    j = line.skip(day[1], "day")
    j = line.skip(j, "of", "-", "in")
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
    j = line.skip(i, ",", "of")
    token = line.at(j)
    if (
        token.kind == "num"
        and len(token.text) == 4
        and _FIRST_YEAR <= int(token.text) <= _LAST_YEAR
    ):
        return int(token.text), j + 1
    return None


def _with_year(line: Line, month: int, day: int, j: int, today: date) -> Found:
    year = _year(line, j)
    return _dated(year[0] if year else None, month, day, today), year[1] if year else j


def _month(first: date, j: int) -> tuple[Day, int]:
    return Day(first=first, last=month_end(first), month=True), j


def month_at(line: Line, i: int, base: date) -> Found:
    """Read a month without a day, the next one at or after *base*'s month."""
    month = lex.MONTHS.get(line.low(i))
    if month is None or _calendar(line, i, base):
        found = _calendar(line, i, base) if month else None
        return found if found and found[0].month else None
    first = upcoming(month, 1, base.replace(day=1))
    return _month(first, i + 1) if first else None


def _numbered(line: Line, i: int, today: date, *, weekday: Weekday | None = None) -> Found:
    # "the 15th", "28th next month", "20th of next month", "Wed 21st".
    token = line.at(i)
    if token.kind != "ord":
        return None
    value = int(token.low[:-2])
    if not 1 <= value <= 31:
        return Day(first=today, problem="invalid"), i + 1
    j = line.skip(i + 1, "of", "day")
    low = line.low(j)
    if low in lex.NEXT | {"this"} and lex.UNITS.get(line.low(j + 1)) == "month":
        first = later(today.replace(day=1), int(low in lex.NEXT), "month")
        return _dated(first.year, first.month, value, today), j + 2
    day = today
    for _ in range(_MOST):
        if day.day == value and (weekday is None or Weekday.of(day) is weekday):
            return Day(first=day, day_only=value), i + 1
        day = later(day, 1, "day")
    return None


def nth(position: int, weekday: Weekday, month: int, year: int | None, today: date) -> date | None:
    """Return the counted weekday of a month, the next one where no year is said."""
    if position not in (1, 2, 3, 4, -1):
        return None
    rule = Recurrence.monthly_on(position, weekday)
    base = date(year, month, 1) if year else today
    return rule.first_from(base, month=month)
