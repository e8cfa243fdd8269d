"""Meetings in the sandbox behave as Kaizen #8 and Zoho's pages say."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.sandbox.client import Crm
from tests.handlers.sandbox.meetings import create, read, refusal, series


@pytest.mark.parametrize("field", ["Event_Title", "Start_DateTime", "End_DateTime"])
def test_mandatory_fields_are_asked_for(crm: Crm, field: str) -> None:
    """Kaizen #8's table; the error says which and where."""
    entry = refusal(crm, **{field: None})
    details = {"api_name": field, "json_path": f"$.data[0].{field}"}
    assert ("MANDATORY_NOT_FOUND", details) == (entry["code"], entry["details"])


@pytest.mark.parametrize(
    "time",
    [
        "2026-03-01T10:00:00.000-05:00",
        "2026-03-01T10:00:00",
        "2026-03-01 10:00:00-05:00",
        "2026-03-01T10:00-05:00",
        "2026-03-01T10:00:00-0500",
        "2026-02-30T10:00:00-05:00",
        "2026-03-01",
        1772377200,
    ],
)
def test_times_have_whole_seconds_and_an_offset(crm: Crm, time: Any) -> None:
    """Anything else is INVALID_DATA with the expected type."""
    details = refusal(crm, Start_DateTime=time)["details"]
    assert ("datetime", "Start_DateTime") == (details["expected_data_type"], details["api_name"])


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"Event_Title": "x" * 256}, "INVALID_DATA", "Event_Title"),
        ({"Venue": "x" * 256}, "INVALID_DATA", "Venue"),
        ({"Description": "x" * 32001}, "INVALID_DATA", "Description"),
        ({"All_day": "true"}, "INVALID_DATA", "All_day"),
        ({"End_DateTime": "2026-03-01T09:59:59-05:00"}, "INVALID_DATA", "End_DateTime"),
        ({"What_Id": "5876012000030001009"}, "MANDATORY_NOT_FOUND", "$se_module"),
        ({"What_Id": "1", "$se_module": "Accounts"}, "INVALID_DATA", "id"),
        ({"What_Id": "1", "$se_module": "Tasks"}, "INVALID_DATA", "$se_module"),
        ({"Who_Id": "1"}, "INVALID_DATA", "id"),
        ({"Owner": "1"}, "INVALID_DATA", "id"),
        ({"Remind_At": [{"unit": 61, "period": "minutes"}]}, "INVALID_DATA", "unit"),
        ({"Remind_At": [{"unit": 5, "period": "moons"}]}, "INVALID_DATA", "period"),
        (
            {"Remind_At": [{"unit": 5, "period": "minutes", "time": "10:30"}]},
            "INVALID_DATA",
            "time",
        ),
        ({"Participants": [{"type": "robot", "participant": "1"}]}, "INVALID_DATA", "type"),
        ({"Participants": [{"participant": "1"}]}, "MANDATORY_NOT_FOUND", "type"),
        ({"Participants": [{"type": "user"}]}, "MANDATORY_NOT_FOUND", "participant"),
        ({"Participants": [{"type": "lead", "participant": "1"}]}, "INVALID_DATA", "participant"),
        ({"Participants": [{"type": ["user"], "participant": "1"}]}, "INVALID_DATA", "type"),
    ],
)
def test_bad_values_are_refused_with_their_place(
    crm: Crm, values: dict[str, Any], code: str, field: str
) -> None:
    """The whole record is refused; nothing is stored."""
    entry = refusal(crm, **values)
    assert (code, field) == (entry["code"], entry["details"]["api_name"])
    assert crm.control("crm/Events")["records"] == []


def test_times_are_answered_in_the_readers_zone(crm: Crm) -> None:
    """The offset sent is not the offset answered."""
    made = create(crm, "ben", Start_DateTime="2026-03-01T09:00:00Z",
                  End_DateTime="2026-03-01T10:00:00+00:00")[0]["id"]  # fmt: skip
    assert read(crm, made, "ada")["Start_DateTime"] == "2026-03-01T04:00:00-05:00"
    assert read(crm, made, "dev")["Start_DateTime"] == "2026-03-01T14:30:00+05:30"


def test_reminders_of_both_forms_are_read_as_an_array(crm: Crm) -> None:
    """An array as the insert page has it, a time as Kaizen #8 has it."""
    both = [
        read(crm, create(crm, Remind_At=sent)[0]["id"])["Remind_At"]
        for sent in ([{"unit": 1, "period": "days", "time": "10.30"}], "2026-03-01T09:45:00-05:00")
    ]
    assert both == [
        [{"unit": 1, "period": "days", "time": "10.30"}],
        [{"unit": 15, "period": "minutes"}],
    ]


def test_a_rule_cannot_be_updated(crm: Crm) -> None:
    """Ignored, or refused by a switch."""
    event = create(crm)[0]["id"]
    change = {"data": [{"Recurring_Activity": {"RRULE": "FREQ=DAILY;INTERVAL=1;COUNT=9"}}]}
    assert crm.call("PUT", f"Events/{event}", change).status == 200
    assert read(crm, event)["Recurring_Activity"] is None
    assert len(crm.control("crm/Events")["records"]) == 1
    crm.switch("events.rrule_on_update", "refused")
    assert crm.call("PUT", f"Events/{event}", change).status == 400


def test_check_in_fields_cannot_be_updated(crm: Crm) -> None:
    """Kaizen #8's last point."""
    event = create(crm)[0]["id"]
    reply = crm.call("PUT", f"Events/{event}", {"data": [{"Check_In_Comment": "here"}]})
    assert reply.json["data"][0]["details"]["api_name"] == "Check_In_Comment"


def test_a_record_changed_since_is_not_overwritten(crm: Crm) -> None:
    """If-Unmodified-Since knows whole seconds."""
    crm.control("clock", {"freeze": "2026-02-01T12:00:00+00:00"})
    event = create(crm)[0]["id"]
    since = {"If-Unmodified-Since": read(crm, event)["Modified_Time"]}
    change = {"data": [{"Event_Title": "Mine"}]}
    assert crm.call("PUT", f"Events/{event}", change, headers=since).status == 200
    crm.control("clock", {"advance": 1})
    crm.call("PUT", f"Events/{event}", {"data": [{"Event_Title": "Theirs"}]}, person="ben")
    reply = crm.call("PUT", f"Events/{event}", change, headers=since)
    assert (412, "ALREADY_MODIFIED") == (reply.status, reply.json["data"][0]["code"])
    assert read(crm, event)["Event_Title"] == "Theirs"


def test_delete_is_per_record_and_mixed_results_are_207(crm: Crm) -> None:
    """A series is not deleted by one of its ids."""
    ids = series(crm)
    reply = crm.call("DELETE", f"Events?ids={ids[0]},{ids[1]},1")
    assert reply.status == 207
    assert [each["message"] for each in reply.json["data"]] == [
        "record deleted", "record deleted", "record not deleted",
    ]  # fmt: skip
    assert crm.call("GET", f"Events/{ids[0]}").status == 204
    assert crm.call("DELETE", f"Events/{ids[2]}").status == 200
    assert [each["id"] for each in crm.control("crm/Events")["records"]] == [ids[3]]
    assert crm.call("DELETE", "Events").json["code"] == "REQUIRED_PARAM_MISSING"


def test_cancel_needs_invited_people_and_works_once_before_the_end(crm: Crm) -> None:
    """The Cancel Meetings page's rules."""
    crm.control("clock", {"freeze": "2026-03-01T15:30:00+00:00"})
    people = [{"type": "email", "participant": "one@example.com"}]
    quiet = create(crm, Participants=people)[0]["id"]
    event = create(crm, Participants=people, **{"$send_notification": True})[0]["id"]
    order = {"data": [{"send_cancelling_mail": True}]}

    def cancel(which: str, body: Any = order) -> str:
        reply = crm.call("POST", f"Events/{which}/actions/cancel", body)
        return str(reply.json["data"][0]["code"])

    assert cancel(event, {"data": [{}]}) == "MANDATORY_NOT_FOUND"
    assert cancel(quiet) == "NOT_ALLOWED"
    crm.control("clock", {"freeze": "2026-03-01T16:00:00+00:00"})
    over = create(crm, Participants=people, **{"$send_notification": True})[0]["id"]
    assert cancel(over) == "NOT_ALLOWED"
    crm.control("clock", {"freeze": "2026-03-01T15:59:59+00:00"})
    assert cancel(event) == "SUCCESS"
    assert cancel(event) == "NOT_ALLOWED"
    assert "$event_cancelled" not in read(crm, event)
    shown = crm.call("GET", f"Events/{event}?fields=$event_cancelled").json["data"][0]
    assert shown == {"id": event, "$event_cancelled": True}
    kinds = [mail["kind"] for mail in crm.control("mails")["mails"]]
    assert kinds == ["invitation", "invitation", "cancellation"]


def test_a_person_sees_own_meetings_and_those_they_are_invited_to(crm: Crm) -> None:
    """Visibility `own`: the rest is 204, cannot be changed, and is in no list."""
    foreign = create(crm)[0]["id"]
    guest = [{"type": "user", "participant": crm.user_id("ben")}]
    invited = create(crm, Participants=guest)[0]["id"]
    crm.control("crm/users/ben@example.com", {"visibility": {"Events": "own"}})
    assert crm.call("GET", f"Events/{foreign}", person="ben").status == 204
    change = {"data": [{"Event_Title": "Taken"}]}
    assert crm.call("PUT", f"Events/{foreign}", change, person="ben").status == 400
    rows = crm.call("GET", "Events?fields=Event_Title", person="ben").json["data"]
    assert [row["id"] for row in rows] == [invited]


def test_ids_in_the_path_must_be_ids(crm: Crm) -> None:
    """The error names the part of the path."""
    reply = crm.call("GET", "Events/abc")
    assert (400, {"resource_path_index": 1}) == (reply.status, reply.json["details"])


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"data"'])
def test_a_body_that_is_no_object_is_refused(crm: Crm, body: bytes) -> None:
    """The dump of the real server: message `body`."""
    headers = {"Authorization": f"Zoho-oauthtoken {crm.token()}"}
    reply = crm.raw("POST", "/crm/v8/Events", body, headers)
    assert (400, "body") == (reply.status, reply.json["message"])


def test_switches_of_single_values(crm: Crm) -> None:
    """Each turns one refusal on or off, or changes what is read."""
    assert len(create(crm, Start_DateTime="2026-03-01T10:00:00Z")) == 1
    crm.switch("events.zulu", "refuse")
    assert refusal(crm, Start_DateTime="2026-03-01T10:00:00Z")["code"] == "INVALID_DATA"
    crm.switch("events.end_before_start", "accept")
    assert len(create(crm, End_DateTime="2026-03-01T09:00:00-05:00")) == 1
    crm.switch("events.remind_at_required", value=True)
    assert refusal(crm)["details"]["api_name"] == "Remind_At"


def test_a_hidden_record_may_be_403(crm: Crm) -> None:
    """A switch; by default 204."""
    event = create(crm)[0]["id"]
    crm.control("crm/users/ben@example.com", {"visibility": "none"})
    crm.switch("records.hidden", 403)
    assert crm.call("GET", f"Events/{event}", person="ben").json["code"] == "NO_PERMISSION"
