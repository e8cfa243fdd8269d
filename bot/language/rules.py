"""From the parts found to one rule, its frequency, its days and its end."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain.recurrence import Frequency, Recurrence, Weekday
from bot.language import lexicon as lex
from bot.language.reading import Span
from bot.language.sketch import Sketch
from bot.language.when import LAST_YEAR, Day, later, said, upcoming
from bot.language.writer import day_name, write

_FREQ = {
    "day": Frequency.DAILY,
    "week": Frequency.WEEKLY,
    "month": Frequency.MONTHLY,
    "year": Frequency.YEARLY,
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
    """

    rule: Recurrence | None = None
    first: date | None = None
    start: datetime | None = None
    length: timedelta | None = None
    all_day: bool = False
    weak_used: bool = False


def step_of(found: Sketch, result: Settled) -> tuple[str, int] | None:
    """Return the frequency and interval, or None when it is held once."""
    steps = list(found.steps)
    weak = [step for step, _ in found.weak]
    exact = any(not day.bare and day.last is None for day in found.dates)
    each_month = bool(found.dates) and all(day.day_only for day in found.dates)
    if steps or found.repeats:
        if not steps and not found.places and not found.month_days:
            steps = [step for step in weak if step[0] == "week" or not found.days]
            result.weak_used = bool(steps)
        elif not steps:
            steps = [step for step in weak if step[0] in ("month", "year")]
            result.weak_used = bool(steps)
    elif weak:
        dated = exact or (found.dates and not any(day.last for day in found.dates))
        readings = ("held once", f"repeats every {_said_step(weak[0])}")
        if (
            (weak[0][0] in ("month", "year") or found.named)
            and dated
            and not (each_month and weak[0][0] == "month")
            and not found.doubts.choose("rule_in_title", readings)
        ):
            return None
        steps, result.weak_used = weak, True
    if steps:
        return _doubled(_one_step(steps, found), found)
    if not found.repeats:
        return _again(found)
    if found.days or any(day.bare for day in found.dates) or not (found.places or found.month_days):
        return ("week", 1) if found.days or any(day.bare for day in found.dates) else None
    return ("year", 1) if any(place.month for place in found.places) else ("month", 1)


def _again(found: Sketch) -> tuple[str, int] | None:
    # "recurring, Friday 3pm" is weekly; beside a date nobody knows how it repeats.
    if found.again is None or not (found.dates or found.slots):
        return None
    weekly = bool(found.dates) and all(day.bare for day in found.dates)
    if found.again:
        if not weekly:
            raise Declined("vague")
        return "week", 1
    readings = ("repeats every week", "held once")
    once = found.doubts.choose("rule_in_title", readings if weekly else readings[::-1])
    return ("week", 1) if weekly and readings[once] == readings[0] else None


def _said_step(step: tuple[str, int]) -> str:
    unit, count = step
    return unit if count == 1 else f"{count} {unit}s"


def _doubled(step: tuple[str, int], found: Sketch) -> tuple[str, int]:
    # "biweekly" is every two weeks, or twice a week.
    if found.double is None or lex.ADVERBS[found.double[0]] != step:
        return step
    code, readings, other = lex.DOUBTFUL_ADVERBS[found.double[0]]
    if not found.doubts.choose(code, readings, found.double[1]):
        return step
    if other[0] != "times":
        return other
    found.times_a = 2, step[0]
    found.repeats = True
    return step[0], 1


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


def sort_dates(found: Sketch, unit: str) -> None:
    """Give the days named beside a rule their part: some belong to it, others begin it.

    Raises:
        Declined: When there are several.
    """
    anchors = [day for day in found.dates if not _belongs(found, day, unit)]
    if not anchors:
        return
    listed = not (found.spoken_series or found.steps or found.weak or anchors[0].last)
    if len({day.first for day in anchors}) > 1 or found.anchor is not None or listed:
        raise Declined("multi_value")  # "tomorrow, Friday and Monday" are three days
    found.anchor = first = anchors[0]
    if first.last and found.until is None and found.window is None:
        found.until = Day(first=first.last)
        if (first.last - first.first).days == 6:
            ends = [first.last - timedelta(days=back) for back in (0, 2, 1)]
            taken = found.doubts.choose("week_end", tuple(said(end) for end in ends))
            found.until = Day(first=ends[taken])


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


def rule_of(found: Sketch, unit: str, interval: int, base: date) -> tuple[Recurrence, int | None]:
    """Return the rule without its end, and the month of a yearly one.

    Raises:
        Declined: When the dialect has no words for it.
    """
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
    days = found.days or [_weekday_of(base, found)]
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
        if found.loose and interval == 1:
            rules = (
                Recurrence.monthly_on(position, weekday),
                Recurrence.weekly(weekday, every=position),
            )
            readings = tuple(write(rule, base) for rule in rules)
            return rules[found.doubts.choose("ordinal_weekday", readings)]
        return Recurrence(freq=freq, interval=interval, by_day=(weekday,), by_set_pos=position)
    if month is not None and not month_days:
        raise Declined("vague")
    if month_days:
        return Recurrence(freq=freq, interval=interval, by_month_day=month_days.pop())
    return _month_part_of(base, freq, interval, found)


def _weekday_of(base: date, found: Sketch) -> Weekday:
    # Nobody said on which day of the week: today's, or that of the day it starts.
    own = Weekday.of(base)
    if found.anchor is not None:
        return own
    days = [own, *(day for day in Weekday if day is not own)]
    readings = tuple(f"on {day_name(day)}" for day in days)
    return days[found.doubts.choose("day_inferred_from_start", readings)]


def _month_part_of(base: date, freq: Frequency, interval: int, found: Sketch) -> Recurrence:
    # Nobody said on which day of the month: today's, or that of the day it starts.
    position = -1 if base.day > 28 else (base.day - 1) // 7 + 1
    weekday = Weekday.of(base)
    rules = (
        Recurrence(freq=freq, interval=interval, by_month_day=base.day),
        Recurrence(freq=freq, interval=interval, by_day=(weekday,), by_set_pos=position),
    )
    if found.anchor is not None and found.anchor.month_day is not None:
        return rules[0]
    readings = tuple(write(rule, base) for rule in rules)
    return rules[found.doubts.choose("day_inferred_from_start", readings)]


def bounded(found: Sketch, rule: Recurrence, first: date) -> Recurrence:
    """Return the rule with the end that was said, if any.

    Raises:
        Declined: When two ends contradict each other.
    """
    until = _until(found, first)
    if found.window:
        end = later(first, *found.window) - timedelta(days=1)
        if end.year > LAST_YEAR:
            raise Declined("invalid")
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
        ends = (end, start, start - timedelta(days=1))
        return ends[found.doubts.choose("until_month", tuple(said(one) for one in ends))]
    if day.yearless:
        return upcoming(*day.yearless, first) or day.first
    if day.last:
        both = day.last, day.first
        return both[found.doubts.choose("until_period", tuple(said(one) for one in both))]
    return day.first
