"""How a meeting repeats: a typed rule of the CRM's dialect, and its true dates.

The dialect is that of Zoho's "Kaizen #8 - Handling Recurrence and Participants in
the Events Module via API", table 1.2 (RRULE). One rule has one form: INTERVAL is
always written, DAILY with BYDAY is the weekly rule, WEEKLY always carries BYDAY,
MONTHLY and YEARLY carry either BYMONTHDAY or one BYDAY with BYSETPOS.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from typing import Literal, Self
from zoneinfo import ZoneInfo

from dateutil import rrule as _rrule
from dateutil.relativedelta import relativedelta

from bot.errors import Refused

MAX_INTERVAL = 99
"""Kaizen #8, table 1.2: INTERVAL 1-99."""
MAX_COUNT = 99
"""Kaizen #8, table 1.2: COUNT 1-99."""
MAX_MONTH_DAY = 31
SET_POSITIONS = (1, 2, 3, 4, -1)
"""Kaizen #8, table 1.2: first to fourth, and last, week of the month."""
MAX_OCCURRENCES = 400
"""Nothing is ever expanded further than this: a daily year and a little."""
PROPOSED_DAILY = 30
PROPOSED_MEETINGS = 52


class Frequency(StrEnum):
    """How often, as the CRM spells it."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


class Weekday(StrEnum):
    """A day of the week, as the CRM spells it; Monday comes first."""

    MO = "MO"
    TU = "TU"
    WE = "WE"
    TH = "TH"
    FR = "FR"
    SA = "SA"
    SU = "SU"

    @property
    def number(self) -> int:
        """0 for Monday to 6 for Sunday, as ``date.weekday()`` counts."""
        return _WEEK.index(self)

    @classmethod
    def of(cls, day: date) -> "Weekday":
        """Return the weekday of *day*."""
        return _WEEK[day.weekday()]


_WEEK = tuple(Weekday)
WORKDAYS = _WEEK[:5]
WEEKEND = _WEEK[5:]
_CODE: dict[Frequency, Literal[0, 1, 2, 3]] = {
    Frequency.DAILY: _rrule.DAILY,
    Frequency.WEEKLY: _rrule.WEEKLY,
    Frequency.MONTHLY: _rrule.MONTHLY,
    Frequency.YEARLY: _rrule.YEARLY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """A rule that cannot exist in an illegal state.

    Attributes:
        freq: Daily, weekly, monthly or yearly.
        interval: Every *interval* days, weeks, months or years, 1-99.
        count: How many meetings, 1-99, the first included; excludes *until*.
        until: The last day on which a meeting may fall, inclusive, a local date.
        by_day: Weekly: one or more weekdays, Monday first. Monthly and yearly: the one
            weekday that *by_set_pos* counts.
        by_month_day: Monthly and yearly: the day of the month, 1-31. Short months
            without that day are skipped (RFC 5545).
        by_set_pos: Which weekday of the month: 1-4, or -1 for the last.

    A yearly rule takes its month from the first meeting: the dialect has no BYMONTH.
    """

    freq: Frequency
    interval: int = 1
    count: int | None = None
    until: date | None = None
    by_day: tuple[Weekday, ...] = ()
    by_month_day: int | None = None
    by_set_pos: int | None = None

    def __post_init__(self) -> None:
        """Refuse what the dialect has no words for; put the weekdays in order.

        Raises:
            Refused: With the code of the limit that was passed.
        """
        if not 1 <= self.interval <= MAX_INTERVAL:
            raise _refused("interval_range", interval=self.interval)
        if self.count is not None and not 1 <= self.count <= MAX_COUNT:
            raise _refused("count_range", count=self.count)
        if self.count is not None and self.until is not None:
            raise _refused("count_and_until")
        object.__setattr__(self, "by_day", tuple(sorted(set(self.by_day), key=_WEEK.index)))
        match self.freq:
            case Frequency.DAILY:
                self._demand(not self.by_day and self.by_month_day is None)
            case Frequency.WEEKLY:
                self._demand(bool(self.by_day) and self.by_month_day is None)
            case Frequency.MONTHLY | Frequency.YEARLY:
                self._check_month_part()
        if self.freq in (Frequency.DAILY, Frequency.WEEKLY):
            self._demand(self.by_set_pos is None)

    def _check_month_part(self) -> None:
        if self.by_month_day is not None:
            self._demand(not self.by_day and self.by_set_pos is None)
            if not 1 <= self.by_month_day <= MAX_MONTH_DAY:
                raise _refused("month_day_range", day=self.by_month_day)
            return
        self._demand(len(self.by_day) == 1)
        if self.by_set_pos not in SET_POSITIONS:
            raise _refused("set_pos_range", position=self.by_set_pos)

    def _demand(self, legal: bool) -> None:  # noqa: FBT001 - reads as "demand that ..."
        if not legal:
            raise _refused("rule_shape", rule=self.freq.value)

    @classmethod
    def daily(cls, *, every: int = 1) -> Self:
        """Every *every* days."""
        return cls(freq=Frequency.DAILY, interval=every)

    @classmethod
    def weekly(cls, *on: Weekday, every: int = 1) -> Self:
        """Every *every* weeks on the given weekdays."""
        return cls(freq=Frequency.WEEKLY, interval=every, by_day=on)

    @classmethod
    def monthly_on_day(cls, day: int, *, every: int = 1) -> Self:
        """On the *day*-th of every *every* months."""
        return cls(freq=Frequency.MONTHLY, interval=every, by_month_day=day)

    @classmethod
    def monthly_on(cls, position: int, weekday: Weekday, *, every: int = 1) -> Self:
        """On the first to fourth, or last (-1), *weekday* of every *every* months."""
        return cls(freq=Frequency.MONTHLY, interval=every, by_day=(weekday,), by_set_pos=position)

    @classmethod
    def yearly_on_day(cls, day: int, *, every: int = 1) -> Self:
        """On the *day*-th of the first meeting's month, every *every* years."""
        return cls(freq=Frequency.YEARLY, interval=every, by_month_day=day)

    @classmethod
    def yearly_on(cls, position: int, weekday: Weekday, *, every: int = 1) -> Self:
        """On a counted *weekday* of the first meeting's month, every *every* years."""
        return cls(freq=Frequency.YEARLY, interval=every, by_day=(weekday,), by_set_pos=position)

    @property
    def open_ended(self) -> bool:
        """True when neither COUNT nor UNTIL ends the rule."""
        return self.count is None and self.until is None

    def times(self, count: int) -> Self:
        """Return the rule ended after *count* meetings."""
        return replace(self, count=count, until=None)

    def ending(self, until: date) -> Self:
        """Return the rule ended on *until*, that day included."""
        return replace(self, until=until, count=None)

    def endless(self) -> Self:
        """Return the rule without its end."""
        return replace(self, until=None, count=None)

    def matches(self, day: date, *, month: int | None = None) -> bool:
        """Say whether *day* satisfies the rule's day parts (phase and end aside).

        Args:
            day: The day asked about.
            month: For yearly rules, the month (1-12) they fall in; None = any.
        """
        if month is not None and day.month != month:
            return False
        if self.by_month_day is not None and day.day != self.by_month_day:
            return False
        if self.by_day and Weekday.of(day) not in self.by_day:
            return False
        if self.by_set_pos is None:
            return True
        if self.by_set_pos == -1:
            return day.day + 7 > monthrange(day.year, day.month)[1]
        return (day.day - 1) // 7 + 1 == self.by_set_pos

    def first_from(self, day: date, *, month: int | None = None) -> date:
        """Return the first day at or after *day* on which the rule can begin.

        Raises:
            Refused: ``rule_empty`` when no such day comes within nine years.
        """
        for ahead in range(366 * 9):
            try:
                candidate = day + timedelta(days=ahead)
            except OverflowError as end_of_time:
                raise _refused("rule_empty") from end_of_time
            if self.matches(candidate, month=month):
                return candidate
        raise _refused("rule_empty")

    def dates(self, first: date, *, limit: int = MAX_OCCURRENCES) -> tuple[date, ...]:
        """Return the true dates, beginning with the first match at or after *first*.

        The UNTIL day is included (Kaizen #8: UNTIL=2020-03-15 has its last meeting on
        Mar 15). At most *limit* dates, never more than ``MAX_OCCURRENCES``.
        """
        return tuple(islice(self._days(self.first_from(first)), min(limit, MAX_OCCURRENCES)))

    def _days(self, first: date) -> Iterator[date]:
        # Naive midnights: dateutil drops the UNTIL day for zone-aware or timed starts.
        rule = _rrule.rrule(
            _CODE[self.freq],
            dtstart=datetime.combine(first, time()),
            interval=self.interval,
            count=self.count,
            until=None if self.until is None else datetime.combine(self.until, time()),
            byweekday=[day.number for day in self.by_day] or None,
            bymonthday=self.by_month_day,
            bysetpos=self.by_set_pos,
            bymonth=first.month if self.freq is Frequency.YEARLY else None,
        )
        return (moment.date() for moment in rule)

    def occurrences(self, start: datetime, *, limit: int = MAX_OCCURRENCES) -> tuple[datetime, ...]:
        """Return the true starts in the zone of *start*, its wall clock kept.

        Args:
            start: An aware wall-clock time in a ``ZoneInfo`` zone. Only its date and
                clock count, so a start inside a spring gap keeps its clock on the
                other days and is shown shifted on the gap's day.
            limit: How many at most.
        """
        where = start.tzinfo
        if not isinstance(where, ZoneInfo):
            raise TypeError("a meeting's start carries its ZoneInfo zone")
        clock = start.time()
        return tuple(
            datetime.combine(day, clock, where).astimezone(UTC).astimezone(where)
            for day in self.dates(start.date(), limit=limit)
        )

    def proposed(self, first: date) -> Self:
        """Return the rule with the end the form proposes when nobody named one.

        Daily: 30 meetings. Else one year or 52 meetings, whichever comes first, and at
        least two meetings. A rule that has an end comes back as it is.
        """
        if not self.open_ended:
            return self
        if self.freq is Frequency.DAILY:
            return self.times(PROPOSED_DAILY)
        year = self.ending(first + relativedelta(years=1))
        within = len(year.dates(first, limit=PROPOSED_MEETINGS + 1))
        if within > PROPOSED_MEETINGS:
            return self.times(PROPOSED_MEETINGS)
        return year if within > 1 else self.times(2)

    def text(self) -> str:
        """Return the rule as the CRM reads it, in the one canonical order."""
        parts = [f"FREQ={self.freq}", f"INTERVAL={self.interval}"]
        if self.count is not None:
            parts.append(f"COUNT={self.count}")
        if self.by_month_day is not None:
            parts.append(f"BYMONTHDAY={self.by_month_day}")
        if self.by_day:
            parts.append("BYDAY=" + ",".join(self.by_day))
        if self.by_set_pos is not None:
            parts.append(f"BYSETPOS={self.by_set_pos}")
        if self.until is not None:
            parts.append(f"UNTIL={self.until.isoformat()}")
        return ";".join(parts)


def _refused(code: str, **values: object) -> Refused:
    return Refused(code, field="repeats", **values)
