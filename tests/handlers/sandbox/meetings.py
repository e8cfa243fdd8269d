"""Making and reading meetings in the sandbox's tests."""

from __future__ import annotations

from typing import Any

from tests.handlers.sandbox.client import Crm


def meeting(**values: Any) -> dict[str, Any]:
    """Return a meeting that can be created as it is, with `values` over it."""
    return {
        "Event_Title": "Sync",
        "Start_DateTime": "2026-03-01T10:00:00-05:00",
        "End_DateTime": "2026-03-01T11:00:00-05:00",
        **values,
    }


def create(crm: Crm, person: str = "ada", /, **values: Any) -> list[dict[str, Any]]:
    """Create one meeting and return the details of its occurrences."""
    reply = crm.call("POST", "Events", {"data": [meeting(**values)]}, person=person)
    assert reply.status == 201, reply.body
    return [entry["details"] for entry in reply.json["data"]]


def refusal(crm: Crm, **values: Any) -> dict[str, Any]:
    """Return the error entry that creating such a meeting gives."""
    reply = crm.call("POST", "Events", {"data": [meeting(**values)]})
    assert reply.status == 400, reply.body
    entry: dict[str, Any] = reply.json["data"][0]
    return entry


def read(crm: Crm, event_id: str, person: str = "ada") -> dict[str, Any]:
    """Return one meeting as Get Record answers it."""
    reply = crm.call("GET", f"Events/{event_id}", person=person)
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.json["data"][0]
    return found


def starts(crm: Crm, rrule: str, start: str, end: str, person: str = "ada") -> list[str]:
    """Return the starts of the occurrences a rule makes, as the creator sees them."""
    made = create(
        crm, person, Start_DateTime=start, End_DateTime=end, Recurring_Activity={"RRULE": rrule}
    )
    return [read(crm, each["id"], person)["Start_DateTime"] for each in made]


def series(crm: Crm) -> list[str]:
    """Create four daily meetings with one guest and return their ids."""
    people = [{"type": "email", "participant": "one@example.com"}]
    rule = {"RRULE": "FREQ=DAILY;INTERVAL=1;COUNT=4"}
    made = create(crm, Participants=people, Recurring_Activity=rule, Description="mark")
    return [each["id"] for each in made]
