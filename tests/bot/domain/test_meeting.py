"""A meeting is complete and legal, or it isn't."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.meeting import MAX_REMINDERS, MAX_TITLE, Meeting, Parent, ParentModule, Record
from bot.domain.participants import Kind, Participant
from bot.domain.recurrence import Recurrence, Weekday
from bot.domain.reminder import DEFAULT, Period, Reminder
from bot.errors import Refused

CHENNAI = ZoneInfo("Asia/Kolkata")
START = datetime(2020, 2, 2, 10, tzinfo=CHENNAI)
SUNDAYS = Recurrence.weekly(Weekday.SU, every=2).ending(date(2020, 3, 15))
MEETING = Meeting(
    title="Pipeline review", start=START, end=START + timedelta(hours=1), zone=CHENNAI.key
)


def test_a_meeting_held_once_has_one_start() -> None:
    """No rule, one occurrence, no reminder unless asked for."""
    assert (START,) == MEETING.occurrences()
    assert () == MEETING.reminders


def test_a_series_always_carries_a_reminder() -> None:
    """Zoho calls Remind_At mandatory for recurring meetings."""
    assert (DEFAULT,) == replace(MEETING, recurrence=SUNDAYS).reminders


def test_a_series_has_its_true_starts() -> None:
    """Kaizen #8: four Sundays."""
    starts = replace(MEETING, recurrence=SUNDAYS).occurrences()
    assert [2, 16, 1, 15] == [one.day for one in starts]
    assert {10} == {one.hour for one in starts}


def test_a_length_is_elapsed_time() -> None:
    """Over the end of summer time, midnight to four lasts five hours."""
    berlin = ZoneInfo("Europe/Berlin")
    long = Meeting(
        title="Night",
        start=datetime(2026, 10, 25, 0, tzinfo=berlin),
        end=datetime(2026, 10, 25, 4, tzinfo=berlin),
        zone=berlin.key,
    )
    assert timedelta(hours=5) == long.duration


MANY = tuple(Reminder(unit=n, period=Period.MINUTES) for n in range(MAX_REMINDERS + 1))
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("title_missing", "title", {"title": " "}),
    ("too_long", "title", {"title": "x" * (MAX_TITLE + 1)}),
    ("too_long", "venue", {"venue": "x" * 256}),
    ("too_long", "description", {"description": "x" * 32_001}),
    ("zone_unknown", "zone", {"zone": "../etc/passwd"}),
    ("end_before_start", "end", {"end": START}),
    ("end_before_start", "end", {"end": START - timedelta(hours=1)}),
    ("rule_endless", "repeats", {"recurrence": SUNDAYS.endless()}),
    ("until_before_start", "repeats", {"recurrence": SUNDAYS.ending(date(2020, 2, 1))}),
    ("first_date_off", "date", {"recurrence": Recurrence.weekly(Weekday.MO).times(3)}),
    ("too_many_meetings", "repeats",
     {"recurrence": Recurrence.daily().ending(date(2022, 1, 1))}),
    ("reminders_limit", "reminders",
     {"reminders": MANY}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "field", "change"), REFUSED, ids=str)
def test_a_meeting_the_crm_would_refuse_cannot_be_made(
    code: str, field: str, change: dict[str, Any]
) -> None:
    """Each refusal names the field to blame."""
    with pytest.raises(Refused) as refused:
        replace(MEETING, **change)
    assert (code, field) == (refused.value.code, refused.value.field)


@pytest.mark.parametrize("zone", [None, UTC, ZoneInfo("Europe/Berlin")], ids=str)
def test_times_carry_the_meetings_own_zone(zone: Any) -> None:
    """A naive or foreign time is ours to mend, not the person's."""
    with pytest.raises(ValueError, match="zone"):
        replace(MEETING, start=START.replace(tzinfo=zone))


ANN = Participant(kind=Kind.CONTACT, ref="1", name="Ann")
BOB = Participant(kind=Kind.LEAD, ref="2", name="Bob")
CHANGES: list[dict[str, Any]] = [
    {"title": "Other"},
    {"start": START + timedelta(minutes=1)},
    {"end": START + timedelta(hours=2)},
    {"all_day": True},
    {"recurrence": SUNDAYS},
    {"participants": (ANN,)},
    {"reminders": (DEFAULT,)},
    {"venue": "Chennai"},
    {"contact": Record(id="9", name="Ann")},
    {"parent": Parent(module=ParentModule.DEALS, record=Record(id="9", name="Acme"))},
    {"invitations": False},
    {"description": "Agenda"},
    {"demanded": {"Region": "South"}},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
def test_a_fingerprint_tells_any_two_meetings_apart(change: dict[str, Any]) -> None:
    """Everything a person was shown is in it."""
    assert MEETING.fingerprint() != replace(MEETING, **change).fingerprint()


def test_a_fingerprint_doesnt_mind_the_order_of_people() -> None:
    """The same people in another order are the same meeting."""
    both = replace(MEETING, participants=(ANN, BOB))
    assert both.fingerprint() == replace(MEETING, participants=(BOB, ANN, ANN)).fingerprint()
