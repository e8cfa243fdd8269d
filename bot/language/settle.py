"""From the parts found to one rule and one start, or to a refusal. Nothing is invented here."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain import zones
from bot.domain.recurrence import Frequency, Recurrence, Weekday
from bot.errors import Refused
from bot.language.clocks import Slot
from bot.language.clocks import settle as settle_clocks
from bot.language.reading import Span
from bot.language.sketch import Place, Sketch
from bot.language.when import Day, later, nth, upcoming

_FREQ = {
    "day": Frequency.DAILY,
    "week": Frequency.WEEKLY,
    "month": Frequency.MONTHLY,
    "year": Frequency.YEARLY,
}
_CODES = {
    "month_day_range": "invalid",
    "set_pos_range": "bysetpos_range",
    "rule_shape": "vague",
    "rule_empty": "invalid",
    "count_and_until": "invalid",
}


class Declined(Exception):
    """The words can't be said in the dialect."""

    def __init__(self, code: str, span: Span = (0, 0)) -> None:
        """Keep the code and the place."""
        super().__init__(code)
        self.code = code
        self.span = span


@dataclass(slots=True)
class Settled:
    """What it comes to.

    Attributes:
        rule: How it repeats, or None.
        first: The first day, or None.
        start: The first start, aware, or None without a time of day.
        length: How long, or None.
        all_day: Whether it lasts all day.
        weak_used: Whether an adjective became the rule, and so isn't the title's.
        guessed: True when the day wasn't said but follows from the time alone.
    """

    rule: Recurrence | None = None
    first: date | None = None
    start: datetime | None = None
    length: timedelta | None = None
    all_day: bool = False
    weak_used: bool = False
    guessed: bool = False


def settle(found: Sketch, now: datetime, where: ZoneInfo) -> Settled:
    """Put the parts together.

    Args:
        found: The parts.
        now: The moment, aware.
        where: The zone the meeting is planned in.

    Raises:
        Declined: When the words can't be said in the dialect.
    """
    if found.refusals:
        raise Declined(*found.refusals[0])
    local = now.astimezone(where)
    slot = _slot(found)
    result = Settled(all_day=found.all_day)
    step = _step(found, result)
    try:
        if step is not None:
            _series(found, result, step, slot, local)
        else:
            _once(found, result, slot, local)
    except Refused as cause:
        raise Declined(_CODES.get(cause.code, cause.code)) from cause
    _times(found, result, slot, where)
    return result


def _slot(found: Sketch) -> Slot | None:
    slots: list[Slot] = []
    for start, end in found.slots:
        one = settle_clocks(start, end, found.hint)
        if one not in slots:
            slots.append(one)
    if len({one.start for one in slots}) > 1:
        raise Declined("multi_time")
    if not slots:
        return None
    one = max(slots, key=lambda slot: slot.end is not None)
    if one.assumed:
        readings = tuple(
            time(hour, one.start.minute).strftime("%H:%M")
            for hour in (one.start.hour, (one.start.hour + 12) % 24)
        )
        found.doubt("am_pm_assumed", readings)
    if one.backwards and found.last_day is None:
        found.doubt("end_before_start", (f"{one.start:%H:%M}", f"{one.end:%H:%M}"))
    return one


def _step(found: Sketch, result: Settled) -> tuple[str, int] | None:
    """Return the frequency and interval, or None when it is held once."""
    steps = list(found.steps)
    weak = [step for step, _ in found.weak]
    exact = any(not day.bare and day.last is None for day in found.dates)
    if steps or found.repeats:
        if not steps and not found.places and not found.month_days:
            steps = [step for step in weak if step[0] == "week" or not found.days]
            result.weak_used = bool(steps)
        elif not steps:
            steps = [step for step in weak if step[0] in ("month", "year")]
            result.weak_used = bool(steps)
    elif weak and not (exact and weak[0][0] in ("month", "year")):
        if found.dates and weak[0][0] in ("month", "year") and not any(d.last for d in found.dates):
            found.doubt("rule_in_title", ("held once", "repeats"))
            return None
        steps, result.weak_used = weak, True
    elif weak:
        found.doubt("rule_in_title", ("held once", "repeats"))
        return None
    if steps:
        return _one_step(steps, found)
    if not found.repeats:
        return None
    if found.days or any(day.bare for day in found.dates) or not (found.places or found.month_days):
        return ("week", 1) if found.days or any(day.bare for day in found.dates) else None
    return ("year", 1) if any(place.month for place in found.places) else ("month", 1)


def _one_step(steps: list[tuple[str, int]], found: Sketch) -> tuple[str, int]:
    units = {unit for unit, _ in steps}
    if units == {"week", "day"}:
        units = {"week"}
        steps = [step for step in steps if step[0] == "week"]
    if units == {"month", "year"} and (found.months or any(place.month for place in found.places)):
        steps = [step for step in steps if step[0] == "year"]
        units = {"year"}
    if len(units) > 1:
        raise Declined("multi_value")
    bigger = sorted({step[1] for step in steps} - {1})
    if len(bigger) > 1:
        raise Declined("multi_value")
    return units.pop(), bigger[0] if bigger else 1


def _series(
    found: Sketch, result: Settled, step: tuple[str, int], slot: Slot | None, local: datetime
) -> None:
    unit, interval = step
    for day in (*found.dates, found.anchor, found.until):
        if day is not None and day.problem:
            raise Declined(day.problem)
    _sort_dates(found, unit)
    if found.times_a and len(set(found.days)) != found.times_a[0]:
        raise Declined("no_days")
    base = max(found.anchor.first, _earliest(found)) if found.anchor else found.today
    if unit == "day" and (found.days or found.without):
        if interval > 1:
            raise Declined("vague")
        unit = "week"
        found.days = found.days or list(Weekday)
    rule, month = _rule(found, unit, interval, base)
    first = rule.first_from(base, month=month)
    if slot and first == found.today and zones.at(first, slot.start, _zone(local)) <= local:
        first = rule.first_from(later(first, 1, "day"), month=month)
    result.first = first
    result.rule = _bounded(found, rule, first)
    if result.rule.until is not None and result.rule.until < first:
        raise Declined("invalid")


def _earliest(found: Sketch) -> date:
    # "next month" as the frame of a series may have begun; it never starts in the past.
    stretch = found.anchor is not None and found.anchor.last is not None
    return found.today if stretch else date.min


def _zone(local: datetime) -> ZoneInfo:
    where = local.tzinfo
    if not isinstance(where, ZoneInfo):
        raise TypeError("the moment carries its ZoneInfo zone")
    return where


def _sort_dates(found: Sketch, unit: str) -> None:
    # Days named beside a rule: weekdays and days of the month belong to it, others begin it.
    anchors = [day for day in found.dates if not _belongs(found, day, unit)]
    if not anchors:
        return
    if len({day.first for day in anchors}) > 1 or found.anchor is not None:
        raise Declined("multi_value")
    found.anchor = first = anchors[0]
    if first.last and found.until is None and found.window is None:
        found.until = Day(first=first.last)
        if (first.last - first.first).days == 6:
            found.doubt("week_end", ("Sunday", "Friday", "Saturday"))


def _belongs(found: Sketch, day: Day, unit: str) -> bool:
    short = unit in ("week", "day")
    if day.bare and day.weekday:
        if not short:
            raise Declined("vague")
        found.days.append(day.weekday)
    elif day.day_only:
        if short:
            raise Declined("multi_value")
        found.month_days.append(day.day_only)
    elif day.month_day and unit == "year":
        found.months.append(day.month_day[0])
        found.month_days.append(day.month_day[1])
    else:
        return False
    return True


def _rule(found: Sketch, unit: str, interval: int, base: date) -> tuple[Recurrence, int | None]:
    if unit in ("day", "week"):
        return _short_rule(found, unit, interval, base), None
    if found.days or found.without:
        raise Declined("multi_value" if found.places or found.month_days else "vague")
    months = set(found.months) | {place.month for place in found.places if place.month}
    if len(months) > 1:
        raise Declined("multi_value")
    month = months.pop() if months else None
    if unit == "month" and month is not None:
        raise Declined("month_filter")
    return _long_rule(found, unit, interval, base, month), month


def _short_rule(found: Sketch, unit: str, interval: int, base: date) -> Recurrence:
    if found.months:
        raise Declined("month_filter")
    if found.loose and found.places:
        raise Declined("multi_value")
    if found.places or found.month_days:
        raise Declined("multi_value")
    if unit == "day":
        return Recurrence.daily(every=interval)
    days = found.days or [Weekday.of(base)]
    kept = [day for day in dict.fromkeys(days) if day not in found.without]
    if not kept:
        raise Declined("exdate")
    if len(set(kept)) == 7 and interval == 1:
        return Recurrence.daily()
    return Recurrence.weekly(*kept, every=interval)


def _long_rule(
    found: Sketch, unit: str, interval: int, base: date, month: int | None
) -> Recurrence:
    freq = _FREQ[unit]
    places = {(place.position, place.weekday) for place in found.places}
    month_days = set(found.month_days)
    if len(places) > 1 and any(position not in (1, 2, 3, 4, -1) for position, _ in places):
        raise Declined("bysetpos_range")
    if len(places) + len(month_days) > 1:
        raise Declined("multi_value")
    if places:
        position, weekday = places.pop()
        if found.loose and found.anchor:
            return Recurrence.weekly(weekday, every=position)
        if found.loose:
            readings = (f"week {position} of the month", f"every {position} weeks")
            found.doubt("ordinal_weekday", readings)
        return Recurrence(freq=freq, interval=interval, by_day=(weekday,), by_set_pos=position)
    if month is not None and not month_days:
        raise Declined("vague")
    day = month_days.pop() if month_days else base.day
    return Recurrence(freq=freq, interval=interval, by_month_day=day)


def _bounded(found: Sketch, rule: Recurrence, first: date) -> Recurrence:
    until = _until(found, first)
    if found.window:
        end = later(first, *found.window) - timedelta(days=1)
        until = min(until, end) if until else end
    if found.count is None:
        return rule.ending(until) if until else rule
    counted = rule.times(found.count)
    if until is None:
        return counted
    bounded = rule.ending(until)
    if len(bounded.dates(first)) != found.count:
        raise Declined("invalid")
    return bounded


def _until(found: Sketch, first: date) -> date | None:
    day = found.until
    if day is None:
        return None
    if day.month and day.last:
        month = (
            upcoming(day.first.month, 1, first.replace(day=1)) if day.first < first else day.first
        )
        start = month or day.first
        end = later(start, 1, "month") - timedelta(days=1)
        readings = (end, start, start - timedelta(days=1))
        found.doubt("until_month", tuple(one.isoformat() for one in readings))
        return end
    if day.yearless:
        return upcoming(*day.yearless, first) or day.first
    if day.last:
        found.doubt("until_period", (day.last.isoformat(), day.first.isoformat()))
    return day.last or day.first


def _once(found: Sketch, result: Settled, slot: Slot | None, local: datetime) -> None:
    if found.times_a:
        raise Declined("no_days")
    if found.without or found.count is not None:
        raise Declined("vague")
    if found.instant is not None:
        if found.dates or slot:
            raise Declined("multi_value")
        result.start = found.instant.astimezone(local.tzinfo)
        result.first = result.start.date()
        return
    day = _only_day(found)
    if day is not None:
        result.first = day
        if day < found.today:
            found.doubt("in_past", (day.isoformat(),))
    elif slot is not None and not found.dates and not found.doubts_day():
        result.first, result.guessed = found.today, True
        if zones.at(found.today, slot.start, _zone(local)) <= local:
            result.first = later(found.today, 1, "day")
            found.doubt("time_past", (result.first.isoformat(), found.today.isoformat()))
    if found.window and found.until is None:
        _days_long(found, result, slot)


def _days_long(found: Sketch, result: Settled, slot: Slot | None) -> None:
    count, unit = found.window or (0, "")
    sure = unit == "day" or (unit == "week" and not found.dates)
    if not sure or slot is not None or count > 60:
        raise Declined("vague")
    result.length = timedelta(days=count * (7 if unit == "week" else 1))
    result.all_day = True


def _only_day(found: Sketch) -> date | None:
    days = list(found.dates)
    if found.anchor:
        days.append(found.anchor)
    if found.until is not None or found.months:
        raise Declined("vague")
    if found.places:
        return _place_day(found, found.places)
    if found.month_days:
        raise Declined("vague")
    good = [day for day in days if not day.problem and day.last is None]
    dates = {day.first for day in good if not day.bare}
    weekdays = {day.weekday for day in good if day.bare}
    if not dates:
        if len(weekdays) > 1:
            raise Declined("multi_value")
        return good[0].first if good else None
    agree = all(weekday is Weekday.of(min(dates)) for weekday in weekdays)
    if len(dates) > 1 or not agree:
        raise Declined("multi_value")
    return dates.pop()


def _place_day(found: Sketch, places: list[Place]) -> date | None:
    one = places[0]
    if len(places) > 1 or found.dates:
        raise Declined("multi_value")
    if one.month is None:
        raise Declined("vague")
    day = nth(one.position, one.weekday, one.month, one.year, found.today)
    if day is None:
        raise Declined("bysetpos_range")
    return day


def _times(found: Sketch, result: Settled, slot: Slot | None, where: ZoneInfo) -> None:
    if found.length is not None:
        result.length = found.length
    if slot is None or result.first is None:
        if slot is not None and slot.length is not None and result.length is None:
            result.length = slot.length
        if found.all_day and result.first is not None and result.start is None:
            result.start = zones.at(result.first, time(), where)
            result.length = result.length or timedelta(days=1)
        return
    result.start = zones.at(result.first, slot.start, where)
    if found.last_day is not None and slot.end is not None:
        end = zones.at(found.last_day.first, slot.end, where)
        result.length = end.astimezone(ZoneInfo("UTC")) - result.start.astimezone(ZoneInfo("UTC"))
    elif slot.length is not None:
        if found.length is not None and found.length != slot.length:
            found.doubt("two_lengths", (str(slot.length), str(found.length)))
        result.length = slot.length
