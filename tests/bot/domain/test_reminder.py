"""Reminders: what the CRM has a form for, and nothing else."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.reminder import MAX_UNIT, MORNING, Period, Reminder
from bot.errors import Refused


def test_days_and_weeks_are_reminded_of_at_nine_unless_a_time_is_said() -> None:
    """Minutes and hours have no time of day."""
    assert MORNING == Reminder(unit=1, period=Period.DAYS).at
    assert time(17) == Reminder(unit=1, period=Period.WEEKS, at=time(17)).at
    assert None is Reminder(unit=15, period=Period.MINUTES).at


@pytest.mark.parametrize("unit", [-1, 61, 10_000])
def test_a_unit_outside_0_to_60_is_refused(unit: int) -> None:
    """Zoho CRM, Insert Records: unit 0-60."""
    with pytest.raises(Refused, match="reminder_range"):
        Reminder(unit=unit, period=Period.MINUTES)


@pytest.mark.parametrize("period", [Period.MINUTES, Period.HOURS])
def test_a_time_of_day_belongs_to_days_and_weeks_only(period: Period) -> None:
    """An hour before, at nine, makes no sense."""
    with pytest.raises(Refused, match="reminder_time"):
        Reminder(unit=1, period=period, at=MORNING)


def test_minutes_are_said_in_the_first_period_that_holds_them() -> None:
    """90 minutes fit no unit; two hours do."""
    assert Reminder(unit=60, period=Period.MINUTES) == Reminder.minutes(60)
    assert Reminder(unit=2, period=Period.HOURS) == Reminder.minutes(120)
    assert Reminder(unit=3, period=Period.DAYS) == Reminder.minutes(3 * 1440)
    assert Reminder(unit=10, period=Period.WEEKS) == Reminder.minutes(10 * 10_080)


@pytest.mark.parametrize(
    ("minutes", "nearest"),
    [
        (90, ("1 hour", "2 hours")),
        (-5, ("0 minutes", "5 minutes")),
        (61 * 10_080, ("59 weeks", "60 weeks")),
    ],
)
def test_minutes_no_unit_can_say_are_refused_with_the_nearest(
    minutes: int, nearest: tuple[str, str]
) -> None:
    """Nothing is rounded silently."""
    with pytest.raises(Refused, match="reminder_unsayable") as refused:
        Reminder.minutes(minutes)
    assert nearest == refused.value.values["nearest"]


@given(unit=st.integers(0, MAX_UNIT), period=st.sampled_from(Period))
def test_what_can_be_said_is_never_refused(unit: int, period: Period) -> None:
    """Every unit of every period comes back with the same minutes."""
    minutes = Reminder(unit=unit, period=period).minutes_before
    assert minutes == Reminder.minutes(minutes).minutes_before
