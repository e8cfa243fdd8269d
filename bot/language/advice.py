"""Why something was refused, in plain words, and the nearest rules that can be said."""

from datetime import date, datetime

from bot.domain.recurrence import MAX_COUNT, MAX_INTERVAL, WORKDAYS, Recurrence, Weekday
from bot.errors import Refused
from bot.language.rules import Declined, bounded
from bot.language.settle import settle, zone_of
from bot.language.sketch import Sketch
from bot.language.slots import settle as settle_clocks
from bot.language.when import Day, month_end, upcoming
from bot.language.writer import write

MOST = 3
"""So many are offered at most."""
_WHY = {
    "sub_daily": "Meetings repeat by days, weeks, months or years, not by hours or minutes.",
    "exdate": "A series can't leave out single dates: book all of them, then cancel that one.",
    "multi_value": "One series has one rhythm, with one date or counted weekday; this needs two.",
    "multi_time": "One series has one start time; this is two series, or one for each time.",
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
    "length_range": "A meeting lasts 31 days at most.",
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


def suggestions(code: str, found: Sketch, local: datetime) -> tuple[str, ...]:
    """Return at most three phrases near to what was meant, each of which can be read.

    Args:
        code: Why it was refused.
        found: The parts.
        local: The moment, in the zone of the meeting.
    """
    phrases: list[str | None]
    if code == "multi_time":
        phrases = [_settled(one, local) for one in _one_each(found)]
    else:
        calm = found.copied()
        calm.refusals, calm.slots = [], calm.slots[:1]
        phrases = [_near_phrase(rule, calm) for rule in _near(code, found)]
        if not phrases:
            _mend(code, calm)
            phrases = [_settled(calm, local)]
    return tuple(dict.fromkeys(one for one in phrases if one))[:MOST]


def _near_phrase(rule: Recurrence, found: Sketch) -> str | None:
    base = found.anchor.first if found.anchor and not found.anchor.problem else found.today
    try:
        first = rule.first_from(base)
        ended = bounded(found, rule, first)
    except (Refused, Declined):
        return None
    if ended.until is not None and ended.until < first:
        return None
    return _said(ended, first, found)


def _settled(found: Sketch, local: datetime) -> str | None:
    # What the words come to without what was refused.
    try:
        settled = settle(found, local, zone_of(local))
    except (Refused, Declined):
        return None
    if settled.rule is None or settled.first is None:
        return None
    return _said(settled.rule, settled.first, found)


def _said(rule: Recurrence, first: date, found: Sketch) -> str:
    text = write(rule, first, starting=found.anchor is not None)
    if not found.slots:
        return text
    slot = settle_clocks(*found.slots[0], found.hint)
    if slot.assumed:
        other = settle_clocks(*found.slots[0], found.hint, turned=True)
        readings = tuple(f"{one.start:%H:%M}" for one in (slot, other))
        slot = (slot, other)[found.doubts.choose("am_pm_assumed", readings)]
    text += f" at {slot.start:%H:%M}"
    if slot.end is not None and not slot.backwards:
        text += f"-{slot.end:%H:%M}"
    return f"{text} {found.zone}" if found.zone else text


def _one_each(found: Sketch) -> list[Sketch]:
    # "Mon at 10 and Thu at 3": a series each, with the days that stand beside its time.
    days, counts = found.weekdays(), found.slot_days
    if not counts:
        return []  # "bidaily" names no time
    before = list(zip([0, *counts], counts, strict=False))
    after = list(zip(counts, [*counts[1:], len(days)], strict=True))
    own = next((one for one in (before, after) if _parts(one, len(days))), [(0, len(days))] * 9)
    series = []
    for slot, (start, end) in zip(found.slots, own, strict=False):
        one = found.copied()
        one.refusals, one.slots = [], [slot]
        if days and not one.places:
            one.days, one.repeats = days[start:end], True
            one.dates = [day for day in one.dates if not day.bare]
        series.append(one)
    return series


def _parts(spans: list[tuple[int, int]], whole: int) -> bool:
    filled = all(start < end for start, end in spans)
    return filled and spans[0][0] == 0 and spans[-1][1] == whole


def _mend(code: str, found: Sketch) -> None:
    if code == "count_range":
        found.count = MAX_COUNT if (found.count or 0) > MAX_COUNT else None
    elif code == "month_filter" and len(found.months) == 1:
        first = upcoming(found.months.pop(), 1, found.today.replace(day=1)) or found.today
        found.anchor, found.until = Day(first=max(first, found.today)), Day(first=month_end(first))
    elif code == "month_filter":
        found.months = []
    elif code == "interval_range":
        found.steps = [(unit, max(1, min(MAX_INTERVAL, n))) for unit, n in found.steps]


def _near(code: str, found: Sketch) -> list[Recurrence]:
    """Return rules of the dialect for what it can't say; none where dropping it is nearest."""
    interval = next((n for unit, n in found.steps if unit == "month" and 1 <= n <= 99), 1)
    weekday = found.places[0].weekday if found.places else Weekday.FR
    days = list(dict.fromkeys(found.weekdays()))
    near: dict[str, list[Recurrence]] = {
        "last_day": [
            Recurrence.monthly_on_day(28, every=interval),
            Recurrence.monthly_on(-1, Weekday.FR, every=interval),
        ],
        "bysetpos_range": [
            Recurrence.monthly_on(-1, weekday, every=interval),
            Recurrence.monthly_on(4, weekday, every=interval),
        ],
        "workday_ordinal": [
            Recurrence.monthly_on_day(1),
            Recurrence.monthly_on(1, Weekday.MO),
            Recurrence.monthly_on(-1, Weekday.FR),
        ],
        "multi_value": _several(found, interval),
        "workday_interval": [Recurrence.weekly(*WORKDAYS), Recurrence.daily(every=2)],
        "no_days": _spread(found, days),
        "sub_daily": [Recurrence.daily()],
    }
    if code == "vague" and days and any(unit == "month" for unit, _ in found.steps):
        return [Recurrence.monthly_on(1, days[0], every=interval), Recurrence.weekly(*days)]
    return near.get(code, [])


def _spread(found: Sketch, days: list[Weekday]) -> list[Recurrence]:
    # "twice a week" without its days: the usual ones, beside a day that is named.
    count, unit = found.times_a or (2, "week")
    week = list(Weekday)[:5]
    if unit in ("month", "year"):
        return [Recurrence.weekly(*(days[:1] or [Weekday.MO]), every=2)]
    if count >= 5:
        return [Recurrence.weekly(*WORKDAYS), Recurrence.daily()]
    gap = 3 if count == 2 else 2
    starts = [week.index(day) for day in days[:1] if day in week] or [0, 1, 2]
    sets = [[*days, *(week[(at + gap * k) % 5] for k in range(count))] for at in starts]
    sets += [[*days, *(week[(at + 2 * k) % 5] for k in range(count))] for at in starts]
    return [Recurrence.weekly(*list(dict.fromkeys(one))[:count]) for one in sets]


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
