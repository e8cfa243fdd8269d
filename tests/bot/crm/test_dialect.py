"""Our words and Zoho's: the seed's sample, the split of a series, and records read back."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crm.dialect import Dialect, event_body, is_marked, reference, series
from bot.crm.records import event, participant
from bot.domain.event import Event, Related
from bot.domain.meeting import FieldValue, Meeting, Parent, ParentModule, Record
from bot.domain.participants import Kind, Participant
from bot.domain.recurrence import Recurrence, Weekday
from bot.domain.reminder import Period, Reminder
from bot.errors import Fault, Refused

KOLKATA = ZoneInfo("Asia/Kolkata")
PER_DAY = Dialect(several_days="series_per_day")


def person(kind: Kind, ref: str) -> Participant:
    """Somebody by kind and id."""
    return Participant(kind=kind, ref=ref, name=ref)


SAMPLE = Meeting(
    title="Kaizen_9_Weekly",
    start=datetime(2020, 2, 2, 10, tzinfo=KOLKATA),
    end=datetime(2020, 2, 2, 11, tzinfo=KOLKATA),
    zone="Asia/Kolkata",
    recurrence=Recurrence.weekly(Weekday.SU, every=2).ending(date(2020, 3, 15)),
    participants=(
        person(Kind.CONTACT, "3652397000001281003"),
        person(Kind.LEAD, "3652397000000415063"),
        person(Kind.USER, "3652397000000186017"),
        Participant.by_email("carissa-kidman@example.com"),
    ),
    reminders=(Reminder(unit=1, period=Period.DAYS, at=time(9, 45)),),
    venue="Chennai",
    contact=Record(id="3652397000000649013", name="Patricia Boyle"),
    parent=Parent(
        module=ParentModule.ACCOUNTS, record=Record(id="3652397000000624046", name="Zylker")
    ),
)
BODY: dict[str, object] = {
    "All_day": False,
    "Event_Title": "Kaizen_9_Weekly",
    "Start_DateTime": "2020-02-02T10:00:00+05:30",
    "End_DateTime": "2020-02-02T11:00:00+05:30",
    "Participants": [
        {"type": "contact", "participant": "3652397000001281003"},
        {"type": "lead", "participant": "3652397000000415063"},
        {"type": "user", "participant": "3652397000000186017"},
        {"type": "email", "participant": "carissa-kidman@example.com"},
    ],
    "Recurring_Activity": {"RRULE": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=2020-03-15"},
    "Remind_At": [{"unit": 1, "period": "days", "time": "09:45"}],
    "Who_Id": {"id": "3652397000000649013", "name": "Patricia Boyle"},
    "Venue": "Chennai",
    "$se_module": "Accounts",
    "What_Id": {"id": "3652397000000624046", "name": "Zylker"},
    "$send_notification": True,
    "Description": "ref parley-01J",
}


def test_the_seeds_sample_is_sent_key_by_key() -> None:
    """Kaizen #8, section 1, in the form of v8, with our reference line."""
    assert BODY == event_body(SAMPLE, "01J")


def test_a_plain_meeting_sends_no_empty_keys() -> None:
    """What nobody said isn't sent."""
    plain = Meeting(title="Call", start=SAMPLE.start, end=SAMPLE.end, zone="Asia/Kolkata")
    assert {
        "All_day": False,
        "Event_Title": "Call",
        "Start_DateTime": "2020-02-02T10:00:00+05:30",
        "End_DateTime": "2020-02-02T11:00:00+05:30",
        "$send_notification": True,
        "Description": "ref parley-x",
    } == event_body(plain, "x")


@pytest.mark.parametrize(
    ("dialect", "changed"),
    [
        (
            Dialect(email_key="Email"),
            {
                "Participants": [
                    {"type": "contact", "participant": "3652397000001281003"},
                    {"type": "lead", "participant": "3652397000000415063"},
                    {"type": "user", "participant": "3652397000000186017"},
                    {"type": "email", "Email": "carissa-kidman@example.com"},
                ]
            },
        ),
        (
            Dialect(remind_time_format="%H.%M"),
            {"Remind_At": [{"unit": 1, "period": "days", "time": "09.45"}]},
        ),
        (
            Dialect(dtstart=True),
            {
                "Recurring_Activity": {
                    "RRULE": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=2020-03-15;DTSTART=2020-02-02"
                }
            },
        ),
    ],
)
def test_a_switch_changes_its_own_key_alone(
    dialect: Dialect, changed: Mapping[str, object]
) -> None:
    """Each open question has one place."""
    assert {**BODY, **changed} == event_body(SAMPLE, "01J", dialect)


@pytest.mark.parametrize(
    ("end", "sent"),
    [
        ("last_minute", "2020-02-03T23:59:00+05:30"),
        ("next_midnight", "2020-02-04T00:00:00+05:30"),
    ],
)
def test_an_all_day_meeting_ends_as_the_dialect_says(end: Any, sent: str) -> None:
    """Two days: the second and the third."""
    meeting = Meeting(
        title="Fair",
        start=datetime(2020, 2, 2, tzinfo=KOLKATA),
        end=datetime(2020, 2, 4, tzinfo=KOLKATA),
        zone="Asia/Kolkata",
        all_day=True,
    )
    body = event_body(meeting, "x", Dialect(all_day_end=end))
    assert (True, sent) == (body["All_day"], body["End_DateTime"])


def test_minutes_and_hours_have_no_time_of_day() -> None:
    """Only days and weeks have one."""
    reminders = (
        Reminder(unit=15, period=Period.MINUTES),
        Reminder(unit=2, period=Period.HOURS),
        Reminder(unit=1, period=Period.WEEKS),
    )
    assert [
        {"unit": 15, "period": "minutes"},
        {"unit": 2, "period": "hours"},
        {"unit": 1, "period": "weeks", "time": "09:00"},
    ] == event_body(replace(SAMPLE, reminders=reminders), "x")["Remind_At"]


def test_whoever_is_there_already_stays_by_participation_id() -> None:
    """Kaizen #8, section 2.1: without it they are dropped and added anew."""
    known = replace(
        person(Kind.LEAD, "3652397000000415063"), participation_id="3652397000001326100"
    )
    body = event_body(replace(SAMPLE, participants=(known,)), "x")
    assert [
        {"type": "lead", "participant": "3652397000000415063", "id": "3652397000001326100"}
    ] == body["Participants"]


def test_microseconds_are_not_sent() -> None:
    """The CRM has whole seconds only."""
    odd = replace(SAMPLE, start=SAMPLE.start.replace(microsecond=7), recurrence=None)
    assert "2020-02-02T10:00:00+05:30" == event_body(odd, "x")["Start_DateTime"]


def test_demanded_fields_are_sent_and_override_nothing() -> None:
    """The organisation's own fields beside ours."""
    demanded: dict[str, FieldValue] = {"Budget__c": 12, "Event_Title": "other"}
    body = event_body(replace(SAMPLE, demanded=demanded), "01J")
    assert {**BODY, "Budget__c": 12} == body


def test_the_reference_is_the_last_line() -> None:
    """After what the person wrote."""
    body = event_body(replace(SAMPLE, description="Bring\nnumbers"), "01J")
    assert "Bring\nnumbers\nref parley-01J" == body["Description"]


def test_a_description_leaves_room_for_the_reference() -> None:
    """Cut silently it would be, and found never."""
    full = replace(SAMPLE, description="x" * 32_000)
    with pytest.raises(Refused) as caught:
        event_body(full, "01J")
    assert ("too_long", "description") == (caught.value.code, caught.value.field)
    room = caught.value.values["limit"]
    assert isinstance(room, int)
    sent = event_body(replace(SAMPLE, description="x" * room), "01J")["Description"]
    assert 32_000 == len(str(sent))


@pytest.mark.parametrize(
    ("description", "found"),
    [
        ("ref parley-01J", True),
        ("a\nref parley-01J", True),
        ("a\r\n ref parley-01J \r\n", True),
        ("ref parley-01J\nadded later", True),
        ("ref parley-01JX", False),
        ("see ref parley-01J", False),
        ("", False),
        (None, False),
    ],
)
def test_a_record_is_ours_by_its_whole_line(description: str | None, found: bool) -> None:
    """Whatever people add around it."""
    assert "ref parley-01J" == reference("01J")
    assert found is is_marked(description, "01J")


# --- series --------------------------------------------------------------------------------

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"]


def weekly(draw: Random) -> Meeting | None:
    """A weekly meeting of several days, ended either way; None where the draw isn't legal."""
    days = draw.sample(list(Weekday), draw.randint(2, 7))
    rule = Recurrence.weekly(*days, every=draw.randint(1, 5))
    first = rule.first_from(date(2024, 1, 1) + timedelta(days=draw.randrange(1800)))
    if draw.random() < 0.5:
        rule = rule.times(draw.choice([1, 2, 3, 7, 20, draw.randint(1, 99)]))
    else:
        rule = rule.ending(first + timedelta(days=draw.randint(0, 90)))
    zone = draw.choice(ZONES)
    clock = draw.choice([time(0), time(2, 30), time(10), time(23, 45)])
    start = datetime.combine(first, clock, ZoneInfo(zone))
    all_day = clock == time(0) and draw.random() < 0.5
    length = timedelta(days=1) if all_day else timedelta(minutes=draw.randint(30, 600))
    with suppress(Refused):
        return Meeting(
            title="T", start=start, end=start + length, zone=zone, all_day=all_day, recurrence=rule
        )
    return None


@pytest.mark.slow
def test_the_split_has_exactly_the_dates_of_the_whole(cases: Callable[[int, int], int]) -> None:
    """Each date once, one weekday a series, the start's clock and the length kept."""
    checked = 0

    @settings(max_examples=cases(10_000, 100_000))
    @given(st.integers(0, 2**64))
    def check(seed: int) -> None:
        nonlocal checked
        meeting = weekly(Random(seed))
        if meeting is None:
            return
        checked += 1
        parts = series(meeting, PER_DAY)
        dates = [one for part in parts for one in part.occurrences()]
        assert sorted(meeting.occurrences()) == sorted(dates)
        for part in parts:
            assert part.recurrence is not None
            assert 1 == len(part.recurrence.by_day)
            assert part.recurrence.interval == (meeting.recurrence or part.recurrence).interval
            assert part.start.timetz().replace(fold=0) == meeting.start.timetz().replace(fold=0)
            if meeting.all_day:
                assert time(0) == part.end.time()
            else:
                assert meeting.duration == part.duration
        assert list(parts) == sorted(parts, key=lambda part: part.start)
        assert (meeting,) == series(meeting, Dialect(several_days="list"))

    check()
    assert checked > 9_000


def test_every_other_week_keeps_its_phase() -> None:
    """From a Wednesday: the Monday series begins in the week after next."""
    meeting = replace(
        SAMPLE,
        start=datetime(2026, 3, 4, 10, tzinfo=KOLKATA),
        end=datetime(2026, 3, 4, 11, tzinfo=KOLKATA),
        recurrence=Recurrence.weekly(Weekday.MO, Weekday.WE, every=2).times(5),
    )
    assert [
        ("2026-03-04T10:00:00+05:30", "FREQ=WEEKLY;INTERVAL=2;COUNT=3;BYDAY=WE"),
        ("2026-03-16T10:00:00+05:30", "FREQ=WEEKLY;INTERVAL=2;COUNT=2;BYDAY=MO"),
    ] == [
        (part.start.isoformat(), part.recurrence.text() if part.recurrence else "")
        for part in series(meeting, PER_DAY)
    ]


@pytest.mark.parametrize(
    "rule",
    [
        None,
        Recurrence.daily().times(3),
        Recurrence.weekly(Weekday.SU).times(3),
        Recurrence.monthly_on(1, Weekday.SU).times(3),
    ],
)
def test_what_needs_one_request_is_left_as_it_is(rule: Recurrence | None) -> None:
    """Whatever the dialect."""
    meeting = replace(SAMPLE, recurrence=rule)
    assert (meeting,) == series(meeting, PER_DAY)


# --- read back -------------------------------------------------------------------------------

READ: dict[str, object] = {
    "id": "3652397000010183179",
    "Event_Title": "Kaizen_9_Weekly",
    "Start_DateTime": "2020-02-02T10:00:00+05:30",
    "End_DateTime": "2020-02-02T11:00:00+05:30",
    "All_day": False,
    "Modified_Time": "2020-01-20T18:57:39+05:30",
    "Description": "ref parley-01J",
    "Venue": "Chennai",
    "$u_id": "u-1",
    "Remind_At": [
        {"unit": 15, "period": "mins"},
        {"unit": 1, "period": "days", "time": "10.30"},
    ],
    "Who_Id": {"name": "Patricia Boyle", "id": "3652397000000649013"},
    "What_Id": {"id": "3652397000000415063"},
    "$se_module": "Leads",
    "Owner": {"name": "Ada", "id": "3652397000000186017"},
    "Created_Time": "2020-01-20T18:57:30+05:30",
    "Recurring_Activity": {"RRULE": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=2020-03-15"},
    "Participants": [
        {
            "name": "Carissa Kidman",
            "Email": "carissa@example.com",
            "invited": True,
            "id": "3652397000001326102",
            "type": "contact",
            "participant": "3652397000001281003",
            "status": "not_known",
        },
        {
            "name": None,
            "Email": None,
            "id": "3652397000001326103",
            "type": "email",
            "participant": "john@example.com",
        },
    ],
}


def test_a_record_becomes_an_event() -> None:
    """With the participation ids that keep people in."""
    assert Event(
        id="3652397000010183179",
        title="Kaizen_9_Weekly",
        start=datetime(2020, 2, 2, 10, tzinfo=KOLKATA),
        end=datetime(2020, 2, 2, 11, tzinfo=KOLKATA),
        all_day=False,
        participants=(
            Participant(
                kind=Kind.CONTACT,
                ref="3652397000001281003",
                name="Carissa Kidman",
                email="carissa@example.com",
                participation_id="3652397000001326102",
            ),
            Participant(
                kind=Kind.EMAIL,
                ref="john@example.com",
                name="john@example.com",
                email="john@example.com",
                participation_id="3652397000001326103",
            ),
        ),
        series="u-1",
        rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=2020-03-15",
        modified_at=datetime(2020, 1, 20, 18, 57, 39, tzinfo=KOLKATA),
        description="ref parley-01J",
        venue="Chennai",
        link="https://crm.example/1",
        reminders=(
            Reminder(unit=15, period=Period.MINUTES),
            Reminder(unit=1, period=Period.DAYS, at=time(10, 30)),
        ),
        contact=Record(id="3652397000000649013", name="Patricia Boyle"),
        related=Related(
            module="Leads", record=Record(id="3652397000000415063", name="3652397000000415063")
        ),
        host=Record(id="3652397000000186017", name="Ada"),
        created_at=datetime(2020, 1, 20, 18, 57, 30, tzinfo=KOLKATA),
        invited=True,
    ) == event(READ, "https://crm.example/1")


def test_a_plain_record_has_no_people_no_rule_and_no_series() -> None:
    """Null, missing: the same."""
    kept = ("id", "Event_Title", "Start_DateTime", "End_DateTime", "Modified_Time")
    plain = event({key: READ[key] for key in kept} | {"Participants": None}, "x")
    assert ((), None, None, False) == (
        plain.participants,
        plain.rule,
        plain.series,
        plain.all_day,
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", None),
        ("Event_Title", 7),
        ("Start_DateTime", "2020-02-02T10:00:00"),
        ("Modified_Time", None),
        ("Participants", {}),
        ("Participants", [7]),
        ("Participants", [{"type": "robot", "participant": "1", "id": "12345"}]),
        ("Participants", [{"type": "user", "participant": "12345"}]),
        ("Participants", [{"type": "user", "id": "12345"}]),
        ("Recurring_Activity", "FREQ=DAILY"),
        ("All_day", "yes"),
    ],
)
def test_a_record_of_another_shape_is_a_fault(key: str, value: object) -> None:
    """A list of people read in part could drop somebody when written back."""
    with pytest.raises(Fault, match="crm_shape"):
        event({**READ, key: value}, "x")


@pytest.mark.parametrize(
    "value",
    ["2020-02-01T09:45:00+05:30", [{"unit": 5}], [{"unit": "5", "period": "days"}], [7], {"a": 1}],
)
def test_reminders_in_another_form_are_unknown_not_none(value: object) -> None:
    """An empty list would take away what we can't read."""
    assert event({**READ, "Remind_At": value}, "x").reminders is None


def test_an_outside_guest_is_read_from_either_key() -> None:
    """The address stands in participant, or in Email alone."""
    source = {"type": "email", "Email": "j@example.com", "id": "3652397000001326103"}
    assert "j@example.com" == participant(source).ref
