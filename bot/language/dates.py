"""Days in words: calendar dates, weekdays, and those counted from today."""

from datetime import date, timedelta

from bot.domain.recurrence import Weekday
from bot.language import lexicon as lex
from bot.language.calendar_days import calendar_date, dated, numeric_date, whole_month
from bot.language.scanner import Line, number
from bot.language.slips import is_tomorrow
from bot.language.when import (
    Day,
    Found,
    later,
    month_end,
    next_weekday,
    upcoming,
    workdays_later,
)

_MOST = 3650
_ENDED_BY = lex.UNTIL | {"by"}


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
        return numeric_date(line, i, today, month_first=month_first)
    low = token.low
    if low in ("eom", "eoy"):
        end = month_end(today) if low == "eom" else date(today.year, 12, 31)
        return Day(first=end), i + 1
    if low == "end":
        return _end_of(line, i, today)
    if i > 0 and low in lex.UNITS and line.tokens[i - 1].low in _ENDED_BY:
        k = line.skip(i + 1, "-")
        closing = _unit_end(lex.UNITS[low], 0, today) if line.low(k) == "end" else None
        if closing:
            return Day(first=closing), k + 1
    for reader in (_near, _counted, _next, _weekday, calendar_date, _numbered):
        found = reader(line, i, today)
        if found:
            return found
    return None


def _end_of(line: Line, i: int, today: date) -> Found:
    j = line.skip(i + 1, "of", "the", "this")
    low = line.low(j)
    ahead = low in lex.NEXT
    unit = lex.UNITS.get(line.low(j + 1) if ahead else low)
    after = j + 2 if ahead else j + 1
    if low in lex.MONTHS:
        start = upcoming(lex.MONTHS[low], 1, today.replace(day=1)) or today
        return Day(first=month_end(start)), j + 1
    end = _unit_end(unit, int(ahead), today)
    return (Day(first=end), after) if end else None


def _unit_end(unit: str | None, ahead: int, today: date) -> date | None:
    # The last day of this month, or of the one so many months ahead.
    if unit == "month":
        return month_end(later(today.replace(day=1), ahead, "month"))
    if unit == "year":
        return date(min(today.year + ahead, 9999), 12, 31)
    if unit == "week":
        return today + timedelta(days=6 - today.weekday() + 7 * ahead)
    if unit == "quarter":
        first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        return month_end(later(first, 2 + 3 * ahead, "month"))
    return None


def _near(line: Line, i: int, today: date) -> Found:
    low = line.low(i)
    if low == "day" and line.low(i + 1) == "after" and lex.TODAY.get(line.low(i + 2)) == 1:
        return Day(first=later(today, 2, "day")), i + 3
    if low == "tom" and line.at(i).text.istitle():
        return None  # a name
    if low == "2" and line.at(i + 1).glued and is_tomorrow(f"to{line.low(i + 1)}"):
        return Day(first=later(today, 1, "day")), i + 2
    ahead = lex.TODAY.get(low)
    if ahead is None:
        return None
    weeks = line.low(i + 1) == "week" and ahead >= 0
    return Day(first=later(today, ahead + 7 * weeks, "day")), i + 1 + weeks


def _counted(line: Line, i: int, today: date) -> Found:
    # "in 3 weeks", "3 weeks from tomorrow", "two Tuesdays from now", "a week from Monday".
    inside = line.low(i) == "in"
    k = i + 1 if inside else i
    found = (1, k + 1) if line.low(k) in ("a", "an") else number(line, k)
    if (line.low(k), line.low(k + 1)) == ("week", "from"):
        found = 1, k
    if found is None or not 0 < found[0] <= _MOST:
        return None
    count, j = found
    weekday = lex.PLURAL_DAYS.get(line.low(j)) or lex.WEEKDAYS.get(line.low(j))
    on = line.low(j + 3) == "on"  # "ten Mondays from now on" are all of them
    if weekday and line.low(j + 1) == "from" and line.low(j + 2) in ("now", "today") and not on:
        day = next_weekday(today, weekday)
        return Day(first=later(day, count - 1, "week")), j + 3
    if line.low(j) in lex.DAY_KINDS and line.low(j + 1) in ("day", "days"):
        on = (line.low(j + 2), line.low(j + 3)) in (("from", "now"), ("from", "today"))
        if inside or on:
            return Day(first=workdays_later(today, min(count, 1000))), j + 2 + 2 * on
    unit = lex.UNITS.get(line.low(j))
    if unit not in lex.LONG_UNITS or (len(line.low(j)) == 1 and not line.at(j).glued):
        return None
    after = line.low(j + 1)
    if inside and after not in ("from", "after"):
        return _weeks_and_day(line, j, (count, unit), today)
    if (after, line.low(j + 2)) == ("from", "now"):
        return Day(first=later(today, count, unit)), j + 3
    base = _base(line, j + 1, unit, today)
    if base is None:
        return None
    doubtful = unit == "day" and count > 1 and base[0].bare
    problem = "vague" if doubtful else None  # "3 days from Monday" may begin on Monday
    return Day(first=later(base[0].first, count, unit), problem=problem), base[1]


def _weeks_and_day(line: Line, j: int, ahead: tuple[int, str], today: date) -> Found:
    # "in 3 weeks", "in two weeks Tuesday"
    k = line.skip(j + 1, "on", ",")
    weekday = lex.WEEKDAYS.get(line.low(k))
    count, unit = ahead
    if weekday and unit in ("week", "fortnight") and not _another_day(line, k + 1):
        return _weeks_on(weekday, count * (1 + (unit == "fortnight")), today), k + 1
    return Day(first=later(today, count, unit)), j + 1


def _another_day(line: Line, i: int) -> bool:
    # "... Tuesday and Thursday"
    return line.low(i) in lex.AND and line.low(line.skip(i, *lex.AND)) in lex.WEEKDAYS


def _weeks_on(weekday: Weekday, weeks: int, today: date) -> Day:
    # "in two weeks Tuesday": that day of the week it is then, or so many weeks from Tuesday.
    far = Day(first=later(today, 7 * weeks + weekday.number - today.weekday(), "day"))
    farther = Day(first=later(next_weekday(today, weekday), weeks, "week"))
    return far if far == farther else Day.either("next_weekday", far, farther)


def _base(line: Line, i: int, unit: str, today: date) -> Found:
    # What is counted from: "from Monday"; after weeks also "2 weeks today", "a week on Friday".
    if line.low(i) in ("from", "after"):
        return (
            _near(line, i + 1, today) or _next(line, i + 1, today) or _weekday(line, i + 1, today)
        )
    if unit not in ("week", "fortnight"):
        return None
    return _weekday(line, i + 1, today) if line.low(i) == "on" else _near(line, i, today)


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
        if not ahead:
            return Day(first=next_weekday(today, weekday)), i + 2
        return _of_next_week(weekday, today), i + 2
    if word in lex.WEEKEND_WORDS:
        saturday = next_weekday(today, Weekday.SA, today=True) + timedelta(days=7 * ahead)
        return Day(first=saturday, last=saturday + timedelta(days=1)), i + 2
    if word in lex.MONTHS:
        first = upcoming(lex.MONTHS[word], 1, later(today.replace(day=1), int(ahead), "month"))
        return _stretch(first or today, "month", i + 2)
    return _period(line, i, today, ahead=int(ahead))


def _of_next_week(weekday: Weekday, today: date, *, weeks: int = 0) -> Day:
    # That day of the next Monday-to-Sunday week, or the coming one: the two often agree.
    coming = later(next_weekday(today, weekday), weeks, "week")
    far = later(today, 7 - today.weekday() + weekday.number + 7 * weeks, "day")
    if far == coming:
        return Day(first=far)
    return Day.either("next_weekday", Day(first=far), Day(first=coming))


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
        return _agreed(weekday, numeric_date(line, j, today, month_first=False))
    full = calendar_date(line, j, today)
    if full and not full[0].month:
        return _agreed(weekday, full)
    if line.at(j).kind == "ord":
        numbered = _numbered(line, j, today, weekday=weekday)
        if numbered:
            return numbered
    k = line.skip(i + 1, "of")
    if line.low(k) in lex.NEXT | {"this"} and lex.UNITS.get(line.low(k + 1)) == "week":
        monday = today - timedelta(days=today.weekday())
        weeks = 7 * (line.low(k) in lex.NEXT)
        return Day(first=monday + timedelta(days=weekday.number + weeks)), k + 2
    k = i + 1
    coming = next_weekday(today, weekday)
    if (line.low(k), line.low(k + 1)) == ("after", "next") and line.low(k + 2) not in lex.UNITS:
        return _of_next_week(weekday, today, weeks=1), k + 2
    step = number(line, k + 1) if line.low(k) == "in" else None
    if step and lex.UNITS.get(line.low(step[1])) == "week" and step[0] <= _MOST:
        return _weeks_on(weekday, step[0], today), step[1] + 1
    if line.low(k) == "week":
        far = coming + timedelta(days=7)
        return Day.either("uk_friday_week", Day(first=far), Day(first=coming)), k + 1
    return Day(first=coming, weekday=weekday, bare=True), k


def _agreed(weekday: Weekday, found: Found) -> Found:
    # A weekday typed beside a date must be that date's weekday.
    if found is None or found[0].problem:
        return found
    day, j = found
    if Weekday.of(day.first) is weekday:
        return found
    nearest = next_weekday(day.first - timedelta(days=4), weekday)
    return Day.either("weekday_mismatch", day, Day(first=nearest), problem="invalid"), j


def month_at(line: Line, i: int, base: date) -> Found:
    """Read a month without a day, the next one at or after *base*'s month."""
    month = lex.MONTHS.get(line.low(i))
    if month is None or calendar_date(line, i, base):
        found = calendar_date(line, i, base) if month else None
        return found if found and found[0].month else None
    first = upcoming(month, 1, base.replace(day=1))
    return whole_month(first, i + 1) if first else None


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
        return dated(first.year, first.month, value, today), j + 2
    day = today
    for _ in range(_MOST):
        if day.day == value and (weekday is None or Weekday.of(day) is weekday):
            return Day(first=day, day_only=value), line.skip(i + 1, "day")
        day += timedelta(days=1)
    return None
