"""From the parts found to one rule and one start, or to a refusal. Nothing is invented here."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain import zones
from bot.domain.recurrence import Frequency, Recurrence, Weekday
from bot.errors import Refused
from bot.language.doubts import ASKED
from bot.language.rules import Declined, Settled, bounded, rule_of, sort_dates, step_of
from bot.language.sketch import Place, Sketch
from bot.language.slots import Slot
from bot.language.slots import settle as settle_clocks
from bot.language.when import later, nth, said, upcoming
from bot.language.writer import write, write_length

LONGEST = timedelta(days=31)
"""One meeting lasts this long at most; longer was meant as the frame of a series."""
_CODES = {
    "month_day_range": "invalid",
    "set_pos_range": "bysetpos_range",
    "rule_shape": "vague",
    "rule_empty": "invalid",
    "count_and_until": "invalid",
}


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
    slot = _slot(found) or _hour_or_length(found)
    result = Settled(all_day=found.all_day)
    step = step_of(found, result)
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
    slots = {settle_clocks(*typed, found.hint): typed for typed in found.slots}
    if len({one.start for one in slots}) > 1:
        raise Declined("multi_time")
    if not slots:
        return None
    one = max(slots, key=lambda slot: slot.end is not None)
    if one.assumed:
        other = settle_clocks(*slots[one], found.hint, turned=True)
        readings = tuple(f"{slot.start:%H:%M}" for slot in (one, other))
        one = (one, other)[found.doubts.choose("am_pm_assumed", readings)]
    if one.backwards and one.end is not None and found.last_day is None:
        return _mended(one, one.end, found)
    return one


def _hour_or_length(found: Sketch) -> Slot | None:
    # "Thursday 9h", and no other time: at 9:00, or for nine hours.
    if found.or_clock is None or found.all_day or found.instant:
        return None
    slot = Slot(found.or_clock.time())
    readings = f"{slot.start:%H:%M}", f"{write_length(found.length or timedelta())} long"
    if found.doubts.choose("am_pm_assumed", readings):
        return None
    found.length = None
    return slot


def _mended(slot: Slot, end: time, found: Sketch) -> Slot:
    # "4pm-3pm": the two change places, or the end is on the next day. Somebody has to say.
    later_day = (replace(slot, backwards=False), f"{slot.start:%H:%M} to {end:%H:%M} next day")
    turned = (Slot(end, slot.start), f"{end:%H:%M} to {slot.start:%H:%M}")
    ways = [later_day] if slot.start == end else [turned, later_day]
    taken = found.doubts.choose("end_before_start", tuple(said for _, said in ways), ask=True)
    return slot if taken == ASKED else ways[taken][0]


def _series(
    found: Sketch, result: Settled, step: tuple[str, int], slot: Slot | None, local: datetime
) -> None:
    unit, interval = step
    for day in (*found.dates, found.anchor, found.until):
        if day is not None and day.problem:
            raise Declined(day.problem)
    if found.ends_month:
        raise Declined("last_day")
    sort_dates(found, unit)
    if found.times_a and len(set(found.days)) != found.times_a[0]:
        raise Declined("no_days")
    base = max(found.anchor.first, _earliest(found)) if found.anchor else found.today
    if unit == "day" and (found.days or found.without):
        if interval > 1 or (len(set(found.days)) == 1 and not found.without):
            raise Declined("vague")  # "daily", and "Friday" too
        unit = "week"
        found.days = found.days or list(Weekday)
    rule, month = rule_of(found, unit, interval, base)
    first = rule.first_from(base, month=month)
    if first != base and _exact_start(found):
        rule, first = _moved(found, rule, first, base)
    if slot and first == found.today and zones.at(first, slot.start, zone_of(local)) <= local:
        first = rule.first_from(later(first, 1, "day"), month=month)
    result.first = first
    result.rule = bounded(found, rule, first)
    if result.rule.until is not None and result.rule.until < first:
        raise Declined("invalid")


def _exact_start(found: Sketch) -> bool:
    # "starting 3 May" is a day; "from 3 May to 3 June", "next month" are frames.
    anchor = found.anchor
    return anchor is not None and anchor.month_day is not None and found.until is None


def _moved(found: Sketch, rule: Recurrence, first: date, base: date) -> tuple[Recurrence, date]:
    # "every Monday starting Jan 21", a Wednesday: from the 26th, or on Wednesdays.
    if rule.freq is not Frequency.WEEKLY or len(rule.by_day) > 1:
        return rule, first
    other = replace(rule, by_day=(Weekday.of(base),))
    readings = (write(rule, first, starting=True), write(other, base, starting=True))
    taken = found.doubts.choose("start_moved", readings)
    return ((rule, first), (other, base))[taken]


def _earliest(found: Sketch) -> date:
    # "next month" as the frame of a series may have begun; it never starts in the past.
    stretch = found.anchor is not None and found.anchor.last is not None
    return found.today if stretch else date.min


def zone_of(local: datetime) -> ZoneInfo:
    """Return the zone of a moment that carries one."""
    where = local.tzinfo
    if not isinstance(where, ZoneInfo):
        raise TypeError("the moment carries its ZoneInfo zone")
    return where


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
    day = _only_day(found) if found.until is None or found.months else _span_of_days(found, result)
    if day is not None:
        result.first = day
        if day < found.today:
            found.doubts.choose("in_past", (day.isoformat(),))
    elif slot is not None and not (found.dates or found.anchor or found.day_unread):
        days = (found.today, later(found.today, 1, "day"))
        past = zones.at(found.today, slot.start, zone_of(local)) <= local
        code, days = ("time_past", days[::-1]) if past else ("day_assumed", days)
        result.first = days[found.doubts.choose(code, tuple(said(one) for one in days))]
    if found.window and found.until is None:
        _days_long(found, result, slot)


def _span_of_days(found: Sketch, result: Settled) -> date:
    # "20-22 Jan", "from Monday to Wednesday": whole days, held once.
    begin, end = found.anchor, found.until
    plain = begin is not None and end is not None and not (begin.last or end.last)
    if begin is None or end is None or not plain or begin.problem or end.problem:
        raise Declined("vague")
    if found.dates or found.places or found.month_days or found.slots or found.window:
        raise Declined("vague")
    last = end.first
    if end.yearless:
        last = upcoming(*end.yearless, begin.first) or last
    length = last - begin.first + timedelta(days=1)
    if not timedelta(0) < length <= LONGEST:
        raise Declined("vague" if length > LONGEST else "invalid")
    result.all_day, result.length = True, length
    return begin.first


def _days_long(found: Sketch, result: Settled, slot: Slot | None) -> None:
    count, unit = found.window or (0, "")
    sure = unit == "day" or (unit == "week" and not found.dates)
    if not sure or slot is not None:
        raise Declined("vague")
    result.length = timedelta(days=min(count, 999) * (7 if unit == "week" else 1))
    if result.length > LONGEST:
        raise Declined("length_range")
    result.all_day = True


def _only_day(found: Sketch) -> date | None:
    days = list(found.dates)
    if found.anchor:
        days.append(found.anchor)
    if found.months:
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
        if result.all_day and result.first is not None and result.start is None:
            result.start = zones.at(result.first, time(), where)
            result.length = result.length or timedelta(days=1)
        return
    if result.all_day and not found.doubts.choose("all_day", (f"at {slot.start:%H:%M}", "all day")):
        result.all_day = False
    elif result.all_day:
        slot = Slot(time())
        result.length = timedelta(days=1)
    result.start = zones.at(result.first, slot.start, where)
    if found.last_day is not None and slot.end is not None:
        end = zones.at(found.last_day.first, slot.end, where)
        result.length = end.astimezone(ZoneInfo("UTC")) - result.start.astimezone(ZoneInfo("UTC"))
    elif slot.length is not None:
        lengths = (slot.length, found.length or slot.length)
        taken = 0
        if lengths[0] != lengths[1]:
            readings = (write_length(lengths[0]), write_length(lengths[1]))
            taken = found.doubts.choose("two_lengths", readings)
        result.length = lengths[taken]
