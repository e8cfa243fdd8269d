"""Writes to meetings that stand, against the sandbox: once each, every refusal with its name."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.crm.changes import Changes, change_body
from bot.crm.events import Events
from bot.crm.listing import Listing
from bot.crm.transport import Transport
from bot.domain.change import Aspect, Facets
from bot.domain.event import Event
from bot.domain.participants import Participant
from bot.errors import Ambiguous, Fault, Gone, ParleyError, Refused, TryLater
from tests.bot.crm.test_events import EVERY_OTHER, full

if TYPE_CHECKING:
    from tests.bot.crm.conftest import Crm


@pytest.fixture
def events(transport: Transport) -> Events:
    """Our hands that read."""
    return Events(transport)


@pytest.fixture
def changes(transport: Transport) -> Changes:
    """Our hands that write."""
    return Changes(transport)


def made(crm: "Crm", events: Events) -> Event:
    """The first of a series."""
    ids = events.create(crm.access, full(crm), marker="op1")
    found = events.get(crm.access, ids[0])
    assert found is not None
    return found


def test_a_change_sends_what_changes_and_nothing_else(
    crm: "Crm", events: Events, changes: Changes
) -> None:
    """And all of it comes back as it was sent."""
    event = made(crm, events)
    now = Facets.of(event)
    wanted = replace(
        now,
        title="Forecast",
        start=now.start + timedelta(hours=1),
        end=now.end + timedelta(hours=1),
        venue=None,
        reminders=(),
        contact=None,
        related=None,
        people=(*now.people[1:], Participant.by_email("new@example.com")),
    )
    body = change_body(wanted, tuple(Aspect))
    changes.update(crm.access, event.id, body, seen=event.modified_at)
    after = events.get(crm.access, event.id)
    assert after is not None
    for aspect in Aspect:
        assert Facets.of(after).same(wanted, aspect), aspect
    kept = {one.participation_id for one in now.people[1:]}
    assert kept < {one.participation_id for one in after.participants}
    assert {"Event_Title"} == set(change_body(wanted, [Aspect.TITLE]))
    assert event.description == after.description


def test_what_changed_since_is_not_written_over(
    crm: "Crm", events: Events, changes: Changes
) -> None:
    """The CRM answers 412; nothing is changed."""
    event = made(crm, events)
    crm.clock.advance(2)
    changes.update(crm.access, event.id, {"Venue": "Roof"}, seen=event.modified_at)
    with pytest.raises(Refused, match="already_modified"):
        changes.update(crm.access, event.id, {"Venue": "Cellar"}, seen=event.modified_at)
    assert "Roof" == crm.records("Events")[event.id]["Venue"]


UNREADABLE = {"kind": "answer", "status": 200, "body": {"strange": 1}}
LOCKED = {"data": [{"code": "RECORD_LOCKED", "details": {}, "message": "", "status": "error"}]}


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ({"kind": "cut_after"}, Ambiguous, "crm_answer_lost"),
        ({"kind": "error_after"}, Ambiguous, "crm_answer_lost"),
        (UNREADABLE, Ambiguous, "crm_answer_lost"),
        ({"kind": "throttle"}, TryLater, "crm_limit"),
        ({"kind": "answer", "status": 400, "body": LOCKED}, Refused, "record_locked"),
    ],
)
@pytest.mark.parametrize("write", ["update", "cancel", "delete"])
def test_every_write_says_what_may_have_happened(
    crm: "Crm",
    events: Events,
    changes: Changes,
    write: str,
    fault: dict[str, Any],
    kind: type[ParleyError],
    code: str,
) -> None:
    """A lost or unreadable answer is never taken for either."""
    event = made(crm, events)
    method = {"update": "PUT", "cancel": "POST", "delete": "DELETE"}[write]
    crm.fault(method=method, path="*", **fault)
    writes = {
        "update": lambda: changes.update(
            crm.access, event.id, {"Venue": "x"}, seen=event.modified_at
        ),
        "cancel": lambda: changes.cancel(crm.access, event.id, mail=False),
        "delete": lambda: changes.delete(crm.access, [event.id]),
    }
    with pytest.raises(kind, match=code):
        writes[write]()


def test_a_second_cancel_and_a_second_delete_are_told_as_such(
    crm: "Crm", events: Events, changes: Changes
) -> None:
    """So that a repeat after a lost answer is no failure."""
    event = made(crm, events)
    tomorrow = crm.clock.now() + timedelta(days=1)
    crm.records("Events")[event.id]["End_DateTime"] = tomorrow.isoformat()
    changes.cancel(crm.access, event.id, mail=True)
    with pytest.raises(Refused, match="cancelled_already"):
        changes.cancel(crm.access, event.id, mail=True)
    changes.delete(crm.access, [event.id])
    with pytest.raises(Gone):
        changes.delete(crm.access, [event.id])


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("title", ["Pipeline review", 'Bo\'s "review"'])
def test_the_series_is_found_whatever_lists_tell(
    crm: "Crm", events: Events, transport: Transport, title: str, *, told: bool
) -> None:
    """Also renamed occurrences, and no others made at the same time."""
    crm.turn(events_dollar_in_lists=told)
    meeting = replace(EVERY_OTHER, title=title)
    ids = events.create(crm.access, meeting, marker="op1")
    events.create(crm.access, meeting, marker="op2")
    crm.records("Events")[ids[2]]["Event_Title"] = "Renamed"
    event = events.get(crm.access, ids[1])
    assert event is not None
    listing = Listing(transport, events)
    assert ids == listing.siblings(crm.access, event)
    assert (event.id,) == listing.siblings(crm.access, replace(event, series=None))


def test_ids_that_are_none_never_reach_the_wire(crm: "Crm", changes: Changes) -> None:
    """They would become a path."""
    with pytest.raises(Fault, match="crm_id"):
        changes.delete(crm.access, ["1/../2"])
