"""The form's fields: a rule, a length or an end, reminders; everything else is reported."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.recurrence import Recurrence, Weekday
from bot.domain.reminder import Period, Reminder
from bot.errors import NotUnderstood, Refused
from bot.language import read_length, read_reminders, read_repeats

TZ = "Asia/Kolkata"
NOW = datetime(2026, 1, 14, 10, 20, tzinfo=ZoneInfo(TZ))


def test_the_repeats_field_takes_a_rule_and_its_end() -> None:
    """A rule without a day takes it from the form's date."""
    reading = read_repeats("every 2 weeks until 1 May", now=NOW, tz=TZ, first=date(2026, 2, 3))
    ended = Recurrence.weekly(Weekday.TU, every=2).ending(date(2026, 5, 1))
    assert (ended, date(2026, 2, 3), ()) == (reading.rule, reading.first_date, reading.left_over)


@pytest.mark.parametrize("text", ["every monday 10am", "every monday with @ann", "weekly sync"])
def test_the_repeats_field_reports_everything_else(text: str) -> None:
    """A time, people and titles have fields of their own."""
    assert read_repeats(text, now=NOW, tz=TZ).left_over != ()


def test_the_repeats_field_asks_for_a_rule_where_there_is_none() -> None:
    """A date alone is no rule."""
    assert ("rule",) == read_repeats("tomorrow", now=NOW, tz=TZ).missing


LENGTHS = [
    ("45 min", 45), ("1h30", 90), ("1.5h", 90), ("an hour and a half", 90), ("2 hours", 120),
    ("11:30", 90), ("until 11", 60), ("till 1pm", 180), ("noon", 120), ("half an hour", 30),
    ("1:30 hours", 90), ("2 days", 2880), ("for 20 mins", 20), ("quarter of an hour", 15),
]  # fmt: skip


@pytest.mark.parametrize(("minutes", "text"), [(minutes, text) for text, minutes in LENGTHS])
def test_a_length_or_an_end_is_read_from_its_field(minutes: int, text: str) -> None:
    """The meeting starts at ten."""
    assert timedelta(minutes=minutes) == read_length(text, start=time(10))


@pytest.mark.parametrize("text", ["", "soon", "10:00", "0 min", "45 min or so", "x" * 1000])
def test_a_length_that_is_none_is_not_understood(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(NotUnderstood, match="length"):
        read_length(text, start=time(10))


def test_an_end_needs_a_start() -> None:
    """Until eleven, from when?"""
    with pytest.raises(NotUnderstood, match="length_start"):
        read_length("until 11", start=None)


def test_reminders_are_read_from_their_field() -> None:
    """Several, with a time of day for days."""
    assert (
        Reminder(unit=15, period=Period.MINUTES),
        Reminder(unit=1, period=Period.DAYS, at=time(9)),
    ) == read_reminders("15 min before, 1 day before at 9:00")
    assert () == read_reminders("")
    assert (Reminder(unit=2, period=Period.HOURS),) == read_reminders("120 minutes")


@pytest.mark.parametrize("text", ["soon", "15 min before lunch", "15 bananas"])
def test_a_reminder_the_crm_has_no_form_for_is_not_understood(text: str) -> None:
    """Nothing is rounded, nothing is dropped."""
    with pytest.raises(NotUnderstood, match="reminders"):
        read_reminders(text)


def test_a_reminder_between_the_crms_forms_is_refused_with_the_nearest() -> None:
    """An hour and a half is neither minutes (60 at most) nor hours."""
    with pytest.raises(Refused, match="reminder_unsayable") as refused:
        read_reminders("90 minutes before")
    assert ("1 hour", "2 hours") == refused.value.values["nearest"]
