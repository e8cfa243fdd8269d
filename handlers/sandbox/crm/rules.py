"""Repetition rules as Zoho writes them, read strictly, and the dates they make.

Source: Kaizen #8 "Handling Recurrence and Participants in the Events Module via API" for the keys,
their values and what happens without INTERVAL, COUNT or BYDAY; the insert page for DTSTART.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, takewhile
from typing import Literal

from dateutil import rrule

from handlers.sandbox.crm.switches import Switches

_DAYS = {"MO": rrule.MO, "TU": rrule.TU, "WE": rrule.WE, "TH": rrule.TH, "FR": rrule.FR,
         "SA": rrule.SA, "SU": rrule.SU}  # fmt: skip
_FREQUENCIES: dict[str, Literal[0, 1, 2, 3]] = {
    "DAILY": rrule.DAILY,
    "WEEKLY": rrule.WEEKLY,
    "MONTHLY": rrule.MONTHLY,
    "YEARLY": rrule.YEARLY,
}
_DAY = "SU|MO|TU|WE|TH|FR|SA"
_FORMS = {
    "FREQ": re.compile("DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile("[1-9][0-9]?"),
    "COUNT": re.compile("[1-9][0-9]?"),
    "UNTIL": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "DTSTART": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "BYDAY": re.compile(f"({_DAY})(,({_DAY}))*"),
    "BYMONTHDAY": re.compile("[1-9]|[12][0-9]|3[01]"),
    "BYSETPOS": re.compile("[1-4]|-1"),
}


class BadRule(Exception):
    """The text is not a rule the CRM takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that passed the grammar. `until` is the last day, inclusive."""

    freq: str
    interval: int | None = None
    count: int | None = None
    until: date | None = None
    dtstart: date | None = None
    days: tuple[str, ...] = ()
    month_day: int | None = None
    set_pos: int | None = None


def parse(text: str, switches: Switches) -> Rule:
    """Return the rule a text stands for; its parts may stand in any order.

    Raises:
        BadRule: A part is unknown, repeated, out of range or not allowed with the FREQ.
    """
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        form = _FORMS.get(name)
        if form is None or name in parts or form.fullmatch(value) is None:
            raise BadRule(part)
        parts[name] = value
    if "FREQ" not in parts:
        raise BadRule("FREQ")
    rule = Rule(
        freq=parts["FREQ"],
        interval=_number(parts, "INTERVAL"),
        count=_number(parts, "COUNT"),
        until=_day(parts, "UNTIL"),
        dtstart=_day(parts, "DTSTART"),
        days=tuple(parts["BYDAY"].split(",")) if "BYDAY" in parts else (),
        month_day=_number(parts, "BYMONTHDAY"),
        set_pos=_number(parts, "BYSETPOS"),
    )
    _check(rule, switches)
    return rule


def _number(parts: dict[str, str], name: str) -> int | None:
    return int(parts[name]) if name in parts else None


def _day(parts: dict[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(parts[name]) if name in parts else None
    except ValueError as error:
        raise BadRule(name) from error


def _check(rule: Rule, switches: Switches) -> None:
    monthly = rule.freq in {"MONTHLY", "YEARLY"}
    lone_position = rule.set_pos is not None and not rule.days
    wrong = (
        ("BYMONTHDAY", rule.month_day is not None and not monthly),
        ("BYSETPOS", rule.set_pos is not None and not monthly),
        ("BYSETPOS", lone_position and switches["events.setpos_alone"] == "refuse"),
        ("BYDAY", len(rule.days) > 1 and switches["events.byday_list"] == "refuse"),
        ("BYDAY", len(set(rule.days)) < len(rule.days)),
        ("UNTIL", None not in {rule.until, rule.count}
         and switches["events.count_and_until"] == "refuse"),
    )  # fmt: skip
    for name, is_wrong in wrong:
        if is_wrong:
            raise BadRule(name)


def expand(rule: Rule, start: datetime, switches: Switches) -> list[datetime]:
    """Return the starts a rule makes, first to last, as naive wall-clock times.

    `start` is the naive wall clock of Start_DateTime in the creating user's zone.

    Raises:
        BadRule: The start does not fit and a switch says to refuse that.
    """
    if switches["events.dtstart"] == "must_match" and rule.dtstart not in {None, start.date()}:
        raise BadRule("DTSTART")
    if rule.interval is None and rule.count is None:
        days = int(switches["events.no_interval_days"])
        return [start + timedelta(days=n) for n in range(days)]
    if rule.freq == "WEEKLY" and not rule.days:
        last = int(switches["events.weekly_days"])
        return [start + timedelta(days=n) for n in range(0, last, 7)]
    limit = min(rule.count or 10_000, int(switches["events.max_occurrences"]))
    made = list(islice(_anchored(rule, start, switches), limit))
    if not made:
        raise BadRule("UNTIL")
    return made


def _anchored(rule: Rule, start: datetime, switches: Switches) -> Iterator[datetime]:
    """Yield the rule's dates up to its last day; the start comes first, on the rule or not."""
    how, last = switches["events.start_off_rule"], _last_day(rule, start, switches)
    dates = takewhile(lambda moment: moment.date() <= last, _dates(rule, start, switches))
    first = next(dates, None)
    if first != start and how == "refuse":
        raise BadRule("Start_DateTime")
    if first != start and how == "keep_start":
        yield start
    if first is not None:
        yield first
        yield from dates


def _last_day(rule: Rule, start: datetime, switches: Switches) -> date:
    if rule.until is not None:
        return rule.until
    if rule.count is not None:
        return date.max
    return start.date() + timedelta(days=int(switches["events.endless_days"]))


def _dates(rule: Rule, start: datetime, switches: Switches) -> Iterator[datetime]:
    clip = switches["events.short_month"] == "clip"
    day = rule.month_day or start.day
    if clip and rule.freq in {"MONTHLY", "YEARLY"} and not rule.days:
        yield from _clipped(rule, start, day)
        return
    weekdays = [_DAYS[name](rule.set_pos) if rule.set_pos else _DAYS[name] for name in rule.days]
    # A yearly rule stays in the start's month: BYSETPOS is the week of the month (Kaizen #8).
    month = start.month if rule.freq == "YEARLY" else None
    yield from rrule.rrule(
        _FREQUENCIES[rule.freq],
        dtstart=start,
        interval=rule.interval or 1,
        byweekday=weekdays or None,
        bymonthday=rule.month_day,
        bymonth=month,
        wkst=_DAYS[switches["events.week_start"]],
    )


def _clipped(rule: Rule, start: datetime, day: int) -> Iterator[datetime]:
    step = (rule.interval or 1) * (12 if rule.freq == "YEARLY" else 1)
    months = start.year * 12 + start.month - 1
    while months // 12 < date.max.year:
        year, month = months // 12, months % 12 + 1
        moment = start.replace(
            year=year, month=month, day=min(day, calendar.monthrange(year, month)[1])
        )
        if moment >= start:
            yield moment
        months += step
