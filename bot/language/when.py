"""Days: calendar dates, weekdays, and those counted from today."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from bot.domain.recurrence import Recurrence, Weekday


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
        problem: Why it isn't a day: ``invalid``, ``vague``, ``day_month_order``; or None.
        doubt: A code and readings, or None.
        choices: The day of each of those readings; never in doubt themselves.
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
    choices: tuple["Day", ...] = ()

    @classmethod
    def either(cls, code: str, *choices: "Day", problem: str | None = None) -> "Day":
        """Return a day that can be any of *choices*; the first, unless there is a *problem*."""
        readings = tuple(said(one.first) for one in choices)
        return replace(choices[0], problem=problem, doubt=(code, readings), choices=choices)

    def day_before(self, number: int) -> bool:
        """Say whether *number* is a later day of the same month."""
        return self.first.day < number <= month_end(self.first).day


LAST_YEAR = 2199
"""A date or an end beyond this year was a slip of the hand."""
Found = tuple[Day, int] | None
"""A day and the place after its words; None where there is none."""


def later(day: date, count: float, unit: str) -> date:
    """Return *day* moved by *count* days, weeks, months or years; the last day we know at most."""
    steps = {"day": "days", "week": "weeks", "month": "months", "year": "years"}
    times = {"fortnight": ("week", 2), "quarter": ("month", 3), "half": ("month", 6)}
    base, factor = times.get(unit, (unit, 1))
    try:
        return day + relativedelta(**{steps[base]: int(count * factor)})  # type: ignore[arg-type] # the stubs want a literal
    except (OverflowError, ValueError):
        return date.max


def said(day: date) -> str:
    """Return the day as a reading says it: "Friday 23 January 2026"."""
    return f"{day:%A} {day.day} {day:%B} {day.year:04}"


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


def nth(position: int, weekday: Weekday, month: int, year: int | None, today: date) -> date | None:
    """Return the counted weekday of a month, the next one where no year is said."""
    if position not in (1, 2, 3, 4, -1):
        return None
    rule = Recurrence.monthly_on(position, weekday)
    base = date(year, month, 1) if year else today
    return rule.first_from(base, month=month)
