"""Why something was refused, in plain words, and the nearest rules that can be said."""

from datetime import date

from bot.domain.recurrence import WORKDAYS, Recurrence, Weekday
from bot.errors import Refused
from bot.language.sketch import Sketch
from bot.language.slots import settle
from bot.language.writer import write

_WHY = {
    "sub_daily": "Meetings repeat by days, weeks, months or years, not by hours or minutes.",
    "exdate": "A series can't leave out single dates.",
    "multi_value": "One series has one day of the month, or one counted weekday; this needs two.",
    "multi_time": "One series has one start time; this needs one series for each.",
    "last_day": "A series can't be on the last day of each month.",
    "bysetpos_range": "A month's weekdays are counted first to fourth, or last.",
    "workday_ordinal": "A series can't count working days.",
    "workday_interval": "A series can't skip a number of working days.",
    "week_number": "A series can't name weeks by number.",
    "year_day": "A series can't count the days of the year.",
    "month_filter": "A series can't keep to some months only.",
    "holiday": "A series can't follow a holiday.",
    "completion": "A series can't begin again after something is done.",
    "no_days": "The days aren't named.",
    "vague": "That can be read in several ways, or needs a day.",
    "interval_range": "The gap between meetings is 1 to 99.",
    "count_range": "The number of meetings is 1 to 99.",
    "invalid": "There is no such date, or it ends before it begins.",
    "day_month_order": "The date can be day/month or month/day.",
    "too_long": "The text is longer than 500 characters.",
    "control": "The text holds characters that can't be read.",
    "empty": "There is no text.",
}


def why(code: str) -> str:
    """Return one plain sentence for a refusal's *code*."""
    return _WHY.get(code, "That can't be said as one series.")


def suggestions(code: str, found: Sketch) -> tuple[str, ...]:
    """Return sentences near to what was meant, each of which can be read."""
    today = found.today
    rules: list[Recurrence] = []
    try:
        rules = _near(code, found)
    except Refused:
        rules = []
    tail = ""
    if code == "multi_time":
        base = _base(found)
        if not found.repeats:
            return ()
        times = [settle(start, end, found.hint) for start, end in found.slots]
        return tuple(
            f"{write(base, base.first_from(today))} at {one.start:%H:%M}" for one in times[:4]
        )
    if len(found.slots) == 1:
        tail = f" at {settle(*found.slots[0], found.hint).start:%H:%M}"
    return tuple(_said(rule, today) + tail for rule in rules[:4])


def _said(rule: Recurrence, today: date) -> str:
    return write(rule, rule.first_from(today))


def _base(found: Sketch) -> Recurrence:
    days = [day for day in dict.fromkeys(found.days) if day not in found.without]
    if days:
        return Recurrence.weekly(*days)
    bare = [day.weekday for day in found.dates if day.weekday]
    return Recurrence.weekly(*bare) if bare else Recurrence.daily()


def _near(code: str, found: Sketch) -> list[Recurrence]:
    interval = next((n for unit, n in found.steps if unit == "month" and 1 <= n <= 99), 1)
    weekday = found.places[0].weekday if found.places else Weekday.FR
    days = _days(found)
    near: dict[str, list[Recurrence]] = {
        "last_day": [
            Recurrence.monthly_on_day(28, every=interval),
            Recurrence.monthly_on(-1, Weekday.FR, every=interval),
        ],
        "bysetpos_range": [Recurrence.monthly_on(-1, weekday, every=interval)],
        "workday_ordinal": [
            Recurrence.monthly_on_day(1),
            Recurrence.monthly_on(1, Weekday.MO),
            Recurrence.monthly_on(-1, Weekday.FR),
        ],
        "multi_value": _several(found, interval),
        "exdate": [_base(found)],
        "month_filter": [_base(found)],
        "workday_interval": [Recurrence.weekly(*WORKDAYS)],
        "no_days": [Recurrence.weekly(Weekday.TU, Weekday.TH)],
        "interval_range": [Recurrence.weekly(*days)] if days else [],
        "sub_daily": [Recurrence.daily()],
    }
    if code == "vague" and days and any(unit == "month" for unit, _ in found.steps):
        return [Recurrence.monthly_on(1, days[0], every=interval), Recurrence.weekly(*days)]
    return near.get(code, [])


def _days(found: Sketch) -> list[Weekday]:
    bare = [day.weekday for day in found.dates if day.bare and day.weekday]
    return list(dict.fromkeys([*found.days, *bare]))


def _several(found: Sketch, interval: int) -> list[Recurrence]:
    month_days = [*found.month_days, *(day.day_only for day in found.dates if day.day_only)]
    if found.months or any(place.month for place in found.places):
        return []
    rules = [
        Recurrence.monthly_on(place.position, place.weekday, every=interval)
        for place in found.places
        if place.position in (1, 2, 3, 4, -1)
    ]
    rules += [
        Recurrence.monthly_on_day(day, every=interval)
        for day in dict.fromkeys(month_days)
        if 1 <= day <= 31
    ]
    if found.days and not found.places:
        rules.insert(0, Recurrence.weekly(*found.days))
    return rules
