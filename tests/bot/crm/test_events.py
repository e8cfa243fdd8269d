"""Meetings in the CRM: made once, read back, found again; against the sandbox."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from bot.crm.dialect import Dialect, series
from bot.crm.events import Events
from bot.crm.transport import Transport
from bot.domain.connection import Access, Secret
from bot.domain.meeting import Meeting, Parent, ParentModule, Record
from bot.domain.participants import Kind, Participant
from bot.domain.recurrence import Recurrence, Weekday
from bot.domain.reminder import Period, Reminder
from bot.errors import Ambiguous, Fault, NotAllowed, NotConnected, ParleyError, Refused, TryLater

if TYPE_CHECKING:
    from tests.bot.crm.conftest import Crm

NEW_YORK = ZoneInfo("America/New_York")
START = datetime(2026, 2, 1, 10, tzinfo=NEW_YORK)
PLAIN = Meeting(
    title="Pipeline review", start=START, end=START + timedelta(hours=1), zone="America/New_York"
)
EVERY_OTHER = replace(PLAIN, recurrence=Recurrence.weekly(Weekday.SU, every=2).times(4))
SEVERAL = replace(
    PLAIN,
    recurrence=Recurrence.weekly(Weekday.SU, Weekday.WE, every=2).ending(date(2026, 4, 1)),
)


@pytest.fixture
def events(transport: Transport) -> Events:
    """Our hands."""
    return Events(transport)


def people(crm: "Crm") -> tuple[Participant, ...]:
    """One of each kind, as the CRM has them."""
    contact = crm.one("Contacts", Email="simon.morasca@example.com")
    lead = crm.one("Leads", Email="carissa.kidman@example.com")
    user = crm.user("ben@example.com")
    return (
        Participant(kind=Kind.CONTACT, ref=contact["id"], name="Simon Morasca"),
        Participant(kind=Kind.LEAD, ref=lead["id"], name="Carissa Kidman"),
        Participant(kind=Kind.USER, ref=user["id"], name="Ben Okoro"),
        Participant.by_email("guest@example.com"),
    )


def full(crm: "Crm") -> Meeting:
    """A meeting with everything said."""
    contact = crm.one("Contacts", Email="simon.morasca@example.com")
    deal = next(iter(crm.records("Deals").values()))
    return replace(
        EVERY_OTHER,
        participants=people(crm),
        venue="Room 1",
        description="Bring numbers",
        contact=Record(id=contact["id"], name="Simon Morasca"),
        parent=Parent(
            module=ParentModule.DEALS, record=Record(id=deal["id"], name=deal["Deal_Name"])
        ),
        reminders=(
            Reminder(unit=15, period=Period.MINUTES),
            Reminder(unit=1, period=Period.DAYS),
        ),
    )


def test_a_series_is_made_with_exactly_its_dates(crm: "Crm", events: Events) -> None:
    """One request, one id an occurrence, in order."""
    meeting = full(crm)
    ids = events.create(crm.access, meeting, marker="op1")
    assert 4 == len(ids) == len(set(ids))
    starts = events.starts(crm.access, ids)
    assert list(meeting.occurrences()) == [starts[one] for one in ids]


def test_what_was_made_is_read_back_whole(crm: "Crm", events: Events) -> None:
    """With everybody, their participation ids, the reference and a link."""
    meeting = full(crm)
    ids = events.create(crm.access, meeting, marker="op1")
    event = events.get(crm.access, ids[1])
    assert event is not None
    assert ("Pipeline review", meeting.occurrences()[1]) == (event.title, event.start)
    assert {one.key for one in meeting.participants} == {one.key for one in event.participants}
    assert all(one.participation_id for one in event.participants)
    assert ("Room 1", "Bring numbers\nref parley-op1") == (event.venue, event.description)
    first = events.get(crm.access, ids[0])
    assert first is not None
    assert event.series is not None
    assert first.series == event.series
    assert f"{crm.origin}/crm/EntityInfo.do?module=Events&id={ids[1]}" == event.link


def test_the_split_makes_the_dates_of_the_whole(crm: "Crm", events: Events) -> None:
    """In a CRM that refuses lists of days."""
    crm.turn(events_byday_list="refuse")
    with pytest.raises(Refused) as caught:
        events.create(crm.access, SEVERAL, marker="op1")
    assert ("field_invalid", "repeats") == (caught.value.code, caught.value.field)
    assert {} == crm.records("Events")
    per_day = Dialect(several_days="series_per_day")
    ids = [
        one
        for number, part in enumerate(series(SEVERAL, per_day))
        for one in events.create(crm.access, part, marker=f"op1-{number}", dialect=per_day)
    ]
    found = events.starts(crm.access, ids)
    assert sorted(SEVERAL.occurrences()) == sorted(found.values())


def test_a_meeting_of_several_requests_isnt_sent(crm: "Crm", events: Events) -> None:
    """Kaizen #8: one rule a request."""
    with pytest.raises(ValueError, match="unpack"):
        events.create(
            crm.access, SEVERAL, marker="op1", dialect=Dialect(several_days="series_per_day")
        )
    assert {} == crm.records("Events")


def test_an_all_day_meeting_is_made(crm: "Crm", events: Events) -> None:
    """From midnight."""
    day = datetime(2026, 2, 1, tzinfo=NEW_YORK)
    meeting = replace(PLAIN, start=day, end=day + timedelta(days=1), all_day=True)
    (made,) = events.create(crm.access, meeting, marker="op1")
    event = events.get(crm.access, made)
    assert event is not None
    assert (True, day) == (event.all_day, event.start)


@pytest.mark.parametrize("kind", ["cut_before", "cut_after", "error_after"])
def test_a_lost_answer_is_ambiguous_and_sent_once(crm: "Crm", events: Events, kind: str) -> None:
    """Whether or not the CRM acted: we can't know, and don't guess."""
    crm.fault(kind=kind, method="POST", path="/crm/v8/Events", times=None)
    with pytest.raises(Ambiguous, match="crm_answer_lost"):
        events.create(crm.access, PLAIN, marker="op1")
    assert (0 if kind == "cut_before" else 1) == len(crm.records("Events"))


INSIDE = {"code": "INTERNAL_ERROR", "details": {}, "message": "", "status": "error"}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"data": [INSIDE]}),
        (400, {"data": [INSIDE]}),
        (201, {}),
        (201, {"data": []}),
        (201, {"data": [{"code": "SUCCESS", "details": {}}]}),
        (201, "<html>"),
    ],
)
def test_a_success_that_cant_be_read_is_ambiguous(
    crm: "Crm", events: Events, status: int, body: object
) -> None:
    """And so is an error inside the CRM: some of a series may be there."""
    crm.fault(kind="answer", method="POST", path="/crm/v8/Events", status=status, body=body)
    with pytest.raises(Ambiguous, match="crm_answer_lost"):
        events.create(crm.access, PLAIN, marker="op1")


def test_a_refusal_that_cant_be_read_is_a_fault(crm: "Crm", events: Events) -> None:
    """400: it is not there, whatever else was meant."""
    crm.fault(kind="answer", method="POST", path="/crm/v8/Events", status=400, body={})
    with pytest.raises(Fault, match="crm_shape"):
        events.create(crm.access, PLAIN, marker="op1")


def test_a_limit_is_no_lost_answer(crm: "Crm", events: Events) -> None:
    """429: it is not there."""
    crm.fault(kind="throttle", path="/crm/v8/Events")
    with pytest.raises(TryLater, match="crm_limit"):
        events.create(crm.access, PLAIN, marker="op1")
    assert {} == crm.records("Events")


def test_a_missing_contact_names_its_field(crm: "Crm", events: Events) -> None:
    """The id was good when it was chosen."""
    meeting = replace(PLAIN, contact=Record(id="999999999999", name="Nobody"))
    with pytest.raises(ParleyError) as caught:
        events.create(crm.access, meeting, marker="op1")
    assert isinstance(caught.value, Refused)
    assert "contact" == caught.value.field


def test_an_expired_token_and_a_missing_scope_are_told_apart(crm: "Crm", events: Events) -> None:
    """One is refreshed, the other needs consent."""
    wrong = Access(api_origin=crm.origin, token=Secret("1000." + "0" * 32 + "." + "0" * 32))
    with pytest.raises(NotConnected, match="expired"):
        events.get(wrong, "554500000000001")
    narrow = crm.access_of("ben@example.com", ("ZohoCRM.users.READ",))
    with pytest.raises(NotConnected, match="scope"):
        events.create(narrow, PLAIN, marker="op1")


def test_a_missing_right_is_told(crm: "Crm", events: Events) -> None:
    """With the permission's name."""
    body = {
        "code": "NO_PERMISSION",
        "details": {"permissions": ["Crm_Implied_Create_Events"]},
        "message": "permission denied",
        "status": "error",
    }
    crm.fault(kind="answer", path="/crm/v8/Events", status=403, body=body)
    with pytest.raises(NotAllowed, match="crm_permission"):
        events.create(crm.access, PLAIN, marker="op1")


def test_an_unknown_meeting_is_none(crm: "Crm", events: Events) -> None:
    """204, or left out of a list."""
    assert events.get(crm.access, "554500000000001") is None
    assert {} == events.starts(crm.access, ["554500000000001"])
    assert {} == events.starts(crm.access, [])


def test_more_than_a_hundred_starts_are_asked_in_parts(crm: "Crm", events: Events) -> None:
    """At most 100 ids a call."""
    daily = replace(PLAIN, recurrence=Recurrence.daily().ending(date(2026, 6, 1)))
    ids = events.create(crm.access, daily, marker="op1")
    assert 121 == len(ids)
    assert set(daily.occurrences()) == set(events.starts(crm.access, ids).values())


@pytest.mark.parametrize("text", ["copied", "first_only"])
@pytest.mark.parametrize("meeting", [PLAIN, EVERY_OTHER], ids=["once", "series"])
def test_what_was_made_without_an_answer_is_found_whole(
    crm: "Crm", events: Events, meeting: Meeting, text: str
) -> None:
    """By its marker, wherever the CRM keeps it; and nobody else's twin."""
    crm.turn(events_series_text=text)
    since = crm.clock.now() - timedelta(minutes=5)
    twin = events.create(crm.access, meeting, marker="op2")
    crm.fault(kind="cut_after", method="POST", path="/crm/v8/Events")
    with pytest.raises(Ambiguous):
        events.create(crm.access, meeting, marker="op1")
    found = events.find_marked(crm.access, meeting, "op1", since)
    assert list(meeting.occurrences()) == [events.starts(crm.access, [one])[one] for one in found]
    assert not set(twin) & set(found)
    assert set(twin) == set(events.find_marked(crm.access, meeting, "op2", since))


def test_nothing_is_found_of_what_never_arrived_or_came_before(crm: "Crm", events: Events) -> None:
    """Other marker, or created before."""
    since = crm.clock.now() - timedelta(minutes=5)
    events.create(crm.access, PLAIN, marker="op1")
    assert () == events.find_marked(crm.access, PLAIN, "op9", since)
    later = crm.clock.now() + timedelta(minutes=5)
    assert () == events.find_marked(crm.access, PLAIN, "op1", later)


@pytest.mark.parametrize(
    "title",
    [
        "O'Brien's \"quote\"",
        "back\\slash",
        "100% (a, b)",
        "x' or Event_Title != '",
        "Übung 李伟",
        "#1",
    ],
)
def test_a_title_of_any_letters_is_found(crm: "Crm", events: Events, title: str) -> None:
    """Quotes can't break out of the query, nor hide the meeting."""
    since = crm.clock.now() - timedelta(minutes=5)
    meeting = replace(PLAIN, title=title)
    made = events.create(crm.access, meeting, marker="op1")
    assert made == events.find_marked(crm.access, meeting, "op1", since)


def test_a_series_that_moved_an_hour_is_still_found(crm: "Crm", events: Events) -> None:
    """A CRM that keeps UTC over the change of clocks."""
    crm.turn(events_dst="utc")
    meeting = replace(EVERY_OTHER, recurrence=Recurrence.weekly(Weekday.SU).times(8))
    since = crm.clock.now() - timedelta(minutes=5)
    made = events.create(crm.access, meeting, marker="op1")
    assert made == events.find_marked(crm.access, meeting, "op1", since)


@pytest.mark.parametrize("bad", ["../users", "1/../2", "//evil.example", "12345?x=1", ""])
def test_an_id_that_isnt_one_is_never_sent(
    transport: Transport, connects: list[object], bad: str
) -> None:
    """It stands in the URL."""
    events = Events(transport)
    access = Access(api_origin="http://127.0.0.1:9", token=Secret("1000.x"))
    acts: list[Any] = [
        lambda: events.get(access, bad),
        lambda: events.starts(access, [bad]),
        lambda: events.link("https://www.zohoapis.eu", bad),
    ]
    for act in acts:
        with pytest.raises(Fault, match="crm_id"):
            act()
    assert [] == connects


@pytest.mark.parametrize(
    ("origin", "web"),
    [
        ("https://www.zohoapis.com", "https://crm.zoho.com"),
        ("https://www.zohoapis.eu", "https://crm.zoho.eu"),
        ("https://www.zohoapis.ca", "https://crm.zohocloud.ca"),
        ("http://127.0.0.1:1", "http://127.0.0.1:2"),
    ],
)
def test_a_link_leads_to_the_accounts_own_crm(origin: str, web: str) -> None:
    """By data centre; a sandbox's to its workspace."""
    events = Events(Transport(), workspace="http://127.0.0.1:2")
    wanted = f"{web}/crm/EntityInfo.do?module=Events&id=3652397000010183179"
    assert wanted == events.link(origin, "3652397000010183179")


def test_utc_and_offsets_name_the_same_moment(crm: "Crm", events: Events) -> None:
    """What is read back compares with what was promised."""
    (made,) = events.create(crm.access, PLAIN, marker="op1")
    start = events.starts(crm.access, [made])[made]
    assert START.astimezone(UTC) == start.astimezone(UTC)
