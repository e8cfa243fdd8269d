"""Times of day as values: what is said, what is assumed, and how long it makes the meeting."""

from dataclasses import dataclass, replace
from datetime import time, timedelta

_DAY = 24 * 60


_HALF_DAY = 12 * 60


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as typed.

    Attributes:
        hour: 0-24 as typed.
        minute: 0-59.
        half: ``am``, ``pm`` or None when not said.
        fixed: True when the half of the day is beyond doubt.
        bare: True for a number alone, which may mean something else.
    """

    hour: int
    minute: int
    half: str | None = None
    fixed: bool = False
    bare: bool = False

    @property
    def minutes(self) -> int:
        """Minutes after midnight, ``half`` counted, nothing assumed."""
        hour = self.hour % 12 + 12 * (self.half == "pm") if self.half else self.hour % 24
        return hour * 60 + self.minute

    def assumed(self, *, turned: bool = False) -> "Clock":
        """Return the clock with working hours assumed: 1-6 are pm, 7-11 am, 12 noon.

        Args:
            turned: Whether to assume the other half of the day.
        """
        if self.fixed:
            return self
        afternoon = self.hour in (12, 1, 2, 3, 4, 5, 6)
        return replace(self, half="pm" if afternoon is not turned else "am")

    def time(self) -> time:
        """Return the time of day."""
        return time(*divmod(self.minutes, 60))


@dataclass(frozen=True, slots=True)
class Slot:
    """A start, perhaps an end.

    Attributes:
        start: When it starts.
        end: When it ends, or None.
        assumed: True when the half of the day was nowhere said.
        backwards: True when the end, as typed, comes before the start.
    """

    start: time
    end: time | None = None
    assumed: bool = False
    backwards: bool = False

    @property
    def length(self) -> timedelta | None:
        """How long by the wall clock, over midnight where it must be."""
        if self.end is None or self.backwards:
            return None
        return timedelta(minutes=(_of(self.end) - _of(self.start)) % _DAY)


def _of(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def settle(start: Clock, end: Clock | None, hint: str | None, *, turned: bool = False) -> Slot:
    """Decide the halves of the day: said, then those of the other end, then working hours.

    Args:
        start: As typed.
        end: As typed, or None.
        hint: ``am`` or ``pm`` from a word beside it, or None.
        turned: Whether the other half of the day than that of working hours is meant.
    """
    if end is None:
        if not start.fixed and hint:
            return Slot(_hinted(start, hint).time())
        return Slot(start.assumed(turned=turned).time(), assumed=not start.fixed)
    assumed = not start.fixed and not end.fixed and not hint
    if hint and not start.fixed:
        start = _hinted(start, hint)
    if start.fixed or hint:
        end = end if end.fixed else _after(start, end)
    elif end.fixed:
        start = _before(start, end)
    else:
        start = start.assumed(turned=turned)
        end = _after(start, end)
    length = (end.minutes - start.minutes) % _DAY
    backwards = length == 0 or (end.minutes < start.minutes and length > _HALF_DAY)
    return Slot(start.time(), end.time(), assumed=assumed, backwards=backwards)


def _hinted(clock: Clock, hint: str) -> Clock:
    if clock.fixed or clock.hour > 12:
        return clock
    return replace(clock, half=hint, fixed=True)


def _after(start: Clock, end: Clock) -> Clock:
    # The first time after the start that shows these digits.
    choices = [replace(end, half=half) for half in ("am", "pm")]
    return min(choices, key=lambda one: (one.minutes - start.minutes - 1) % _DAY)


def _before(start: Clock, end: Clock) -> Clock:
    # Same half of the day as the end where that keeps the order, else the other half.
    same = replace(start, half="pm" if end.minutes >= _HALF_DAY else "am")
    if same.minutes < end.minutes:
        return same
    choices = [replace(start, half=half) for half in ("am", "pm")]
    return min(choices, key=lambda one: (end.minutes - one.minutes - 1) % _DAY)
