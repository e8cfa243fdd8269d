"""When a meeting reminds its people: a count of minutes, hours, days or weeks before."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Self

from bot.errors import Refused

MAX_UNIT = 60
"""Zoho CRM, Insert Records (Events, Remind_At): unit 0-60."""


class Period(StrEnum):
    """What the unit counts."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"

    @property
    def minutes(self) -> int:
        """How many minutes one of these lasts."""
        return _MINUTES[self]


_MINUTES = {Period.MINUTES: 1, Period.HOURS: 60, Period.DAYS: 1440, Period.WEEKS: 10080}
MORNING = time(9)
"""The time of day of a reminder days or weeks before, when nobody named one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """One reminder before the start.

    Attributes:
        unit: How many, 0-60.
        period: Of what.
        at: The time of day, for days and weeks; None for minutes and hours.
    """

    unit: int
    period: Period
    at: time | None = None

    def __post_init__(self) -> None:
        """Refuse a unit out of range, or a time of day where none belongs.

        Raises:
            Refused: ``reminder_range`` or ``reminder_time``.
        """
        if not 0 <= self.unit <= MAX_UNIT:
            raise Refused("reminder_range", field="reminders", unit=self.unit, limit=MAX_UNIT)
        daily = self.period in (Period.DAYS, Period.WEEKS)
        if self.at is not None and not daily:
            raise Refused("reminder_time", field="reminders")
        if daily and self.at is None:
            object.__setattr__(self, "at", MORNING)

    @property
    def minutes_before(self) -> int:
        """How many minutes before the start, the time of day aside."""
        return self.unit * self.period.minutes

    @classmethod
    def minutes(cls, before: int) -> Self:
        """Return the reminder *before* minutes ahead of the start, in the largest fitting period.

        Raises:
            Refused: ``reminder_unsayable`` with ``asked`` and ``nearest`` (the two closest),
                when no unit of 0-60 says it exactly.
        """
        for period in Period:
            unit, rest = divmod(before, period.minutes)
            if rest == 0 and 0 <= unit <= MAX_UNIT:
                return cls(unit=unit, period=period)
        raise Refused(
            "reminder_unsayable",
            field="reminders",
            asked=spoken(before),
            nearest=tuple(spoken(one) for one in _nearest(before)),
        )


DEFAULT = Reminder(unit=15, period=Period.MINUTES)
"""A series always carries a reminder: Zoho calls Remind_At mandatory for recurring meetings."""


def spoken(minutes: int) -> str:
    """Return a number of minutes as ``90 minutes``, ``2 hours`` or ``61 days``."""
    if not minutes:
        return "0 minutes"
    period = max((one for one in Period if minutes % one.minutes == 0), key=_MINUTES.__getitem__)
    unit = minutes // period.minutes
    return f"{unit} {period.value.removesuffix('s') if unit == 1 else period.value}"


def _nearest(minutes: int) -> tuple[int, int]:
    # The unit of the coarser period just below and just above.
    for period in Period:
        below = minutes // period.minutes
        if 0 <= below < MAX_UNIT:
            return below * period.minutes, (below + 1) * period.minutes
    most = MAX_UNIT * Period.WEEKS.minutes
    return (0, 5) if minutes < 0 else (most - Period.WEEKS.minutes, most)
