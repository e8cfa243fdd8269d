"""Values back into plain English that the reader understands."""

from datetime import date, timedelta

from bot.domain.recurrence import WEEKEND, WORKDAYS, Frequency, Recurrence, Weekday
from bot.domain.reminder import Reminder

_DAYS = {
    Weekday.MO: "Monday",
    Weekday.TU: "Tuesday",
    Weekday.WE: "Wednesday",
    Weekday.TH: "Thursday",
    Weekday.FR: "Friday",
    Weekday.SA: "Saturday",
    Weekday.SU: "Sunday",
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_UNITS = {
    Frequency.DAILY: "day",
    Frequency.WEEKLY: "week",
    Frequency.MONTHLY: "month",
    Frequency.YEARLY: "year",
}
_POSITIONS = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}


def nth(n: int) -> str:
    """Return 1 as "1st", 22 as "22nd"."""
    if n % 100 in (11, 12, 13):
        return f"{n}th"
    return f"{n}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th') }"


def day_name(day: Weekday) -> str:
    """Return "Monday"."""
    return _DAYS[day]


def write_date(day: date) -> str:
    """Return "15 March 2027"."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year:04}"


def join(words: list[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def write(
    rule: Recurrence, first_date: date, *, starting: bool = False, meetings: bool = False
) -> str:
    """Return *rule* in plain English, as the reader understands it.

    Args:
        rule: What to say.
        first_date: The first day; a yearly rule takes its month from it.
        starting: Whether to say the first day too.
        meetings: Whether to add how many meetings there are, where there is an end.
    """
    text = _every(rule) + _on(rule, first_date)
    if starting:
        text += f" starting {write_date(first_date)}"
    if rule.until is not None:
        text += f" until {write_date(rule.until)}"
        if meetings:
            text += f", {_meetings(len(rule.dates(first_date)))}"
    elif rule.count is not None:
        text += f", {_meetings(rule.count)}" if meetings else f", {_times(rule.count)}"
    return text


def _meetings(count: int) -> str:
    return "1 meeting" if count == 1 else f"{count} meetings"


def _times(count: int) -> str:
    return "1 time" if count == 1 else f"{count} times"


def _every(rule: Recurrence) -> str:
    if rule.freq is Frequency.WEEKLY and rule.interval == 1 and rule.by_day == WORKDAYS:
        return "every weekday"
    unit = _UNITS[rule.freq]
    return f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"


def _on(rule: Recurrence, first: date) -> str:
    match rule.freq:
        case Frequency.DAILY:
            return ""
        case Frequency.WEEKLY:
            if rule.by_day == WORKDAYS and rule.interval == 1:
                return ""
            if rule.by_day == WEEKEND:
                return " on Saturday and Sunday"
            return f" on {join([_DAYS[day] for day in rule.by_day])}"
        case Frequency.MONTHLY | Frequency.YEARLY:
            return _on_month(rule, first)


def _on_month(rule: Recurrence, first: date) -> str:
    yearly = rule.freq is Frequency.YEARLY
    month = _MONTHS[first.month - 1]
    if rule.by_month_day is not None:
        return f" on {rule.by_month_day} {month}" if yearly else f" on the {nth(rule.by_month_day)}"
    place = f" on the {_POSITIONS[rule.by_set_pos or 1]} {_DAYS[rule.by_day[0]]}"
    return f"{place} of {month}" if yearly else place


def write_length(length: timedelta) -> str:
    """Return "45 min", "1h", "1h30", "61 min"; the reader of lengths understands it."""
    total = int(length.total_seconds() // 60)
    hours, minutes = divmod(total, 60)
    if not hours or minutes % 5:
        # "1h01" could be a clock.
        return f"{total} min"
    return f"{hours}h{minutes:02}" if minutes else f"{hours}h"


def write_reminder(reminder: Reminder) -> str:
    """Return "15 minutes before", "1 day before at 9:00"; the reader understands it."""
    unit = reminder.period.value.removesuffix("s") if reminder.unit == 1 else reminder.period.value
    text = f"{reminder.unit} {unit} before"
    if reminder.at is not None:
        text += f" at {reminder.at:%H:%M}"
    return text
