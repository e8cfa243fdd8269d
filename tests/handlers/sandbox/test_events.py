"""Meetings in the sandbox behave as Kaizen #8 and Zoho's pages say."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

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


def test_every_other_sunday_until_a_sunday_includes_that_sunday(crm: Crm) -> None:
    """Kaizen #8's own sample makes four meetings, the last on the UNTIL day."""
    rule = "FREQ=WEEKLY;BYDAY=SU;INTERVAL=2;UNTIL=2020-03-15"
    found = starts(crm, rule, "2020-02-02T10:00:00+05:30", "2020-02-02T11:00:00+05:30", "dev")
    days = ("02-02", "02-16", "03-01", "03-15")
    assert [f"2020-{day}T10:00:00+05:30" for day in days] == found


def test_second_wednesday_three_times(crm: Crm) -> None:
    """BYSETPOS is the week of the month."""
    rule = "FREQ=MONTHLY;COUNT=3;BYDAY=WE;BYSETPOS=2"
    found = starts(crm, rule, "2026-01-14T09:00:00-05:00", "2026-01-14T10:00:00-05:00")
    assert [each[:10] for each in found] == ["2026-01-14", "2026-02-11", "2026-03-11"]


def test_fourteenth_every_second_month(crm: Crm) -> None:
    """Kaizen #8's third example."""
    rule = "FREQ=MONTHLY;INTERVAL=2;COUNT=3;BYMONTHDAY=14"
    found = starts(crm, rule, "2026-01-14T09:00:00-05:00", "2026-01-14T10:00:00-05:00")
    assert [each[:10] for each in found] == ["2026-01-14", "2026-03-14", "2026-05-14"]


def test_wall_clock_is_kept_in_the_creators_zone_over_a_time_change(crm: Crm) -> None:
    """New York changes on 8 March 2026: ten o'clock stays ten o'clock."""
    rule = "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU;COUNT=2"
    found = starts(crm, rule, "2026-03-01T10:00:00-05:00", "2026-03-01T11:00:00-05:00")
    assert found == ["2026-03-01T10:00:00-05:00", "2026-03-08T10:00:00-04:00"]


def test_wall_clock_may_be_utcs_by_a_switch(crm: Crm) -> None:
    """The other reading: the moment in UTC repeats."""
    crm.switch("events.dst", "utc")
    rule = "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU;COUNT=2"
    found = starts(crm, rule, "2026-03-01T10:00:00-05:00", "2026-03-01T11:00:00-05:00")
    assert found == ["2026-03-01T10:00:00-05:00", "2026-03-08T11:00:00-04:00"]


@pytest.mark.parametrize(
    ("rule", "count", "step"),
    [
        ("FREQ=DAILY", 365, 1),
        ("FREQ=MONTHLY;UNTIL=2026-05-01", 365, 1),
        ("FREQ=WEEKLY;INTERVAL=1", 53, 7),
        ("FREQ=WEEKLY;COUNT=3", 53, 7),
    ],
)
def test_rules_with_a_part_missing_make_a_year_of_meetings(
    crm: Crm, rule: str, count: int, step: int
) -> None:
    """No INTERVAL and no COUNT: daily for 365 days. WEEKLY without BYDAY: weekly for 365 days."""
    made = create(crm, Recurring_Activity={"RRULE": rule})
    first, second = (read(crm, made[n]["id"])["Start_DateTime"][8:10] for n in (0, 1))
    assert (count, step) == (len(made), int(second) - int(first))


def test_occurrences_share_only_their_series_id(crm: Crm) -> None:
    """Each has its own record id and participation ids, and an id gap of two or more."""
    people = [{"type": "email", "participant": "guest@example.com"}]
    rule = {"RRULE": "FREQ=DAILY;INTERVAL=1;COUNT=3"}
    made = [
        read(crm, each["id"]) for each in create(crm, Participants=people, Recurring_Activity=rule)
    ]
    assert len({each["$u_id"] for each in made}) == 1
    assert len({each["Participants"][0]["id"] for each in made}) == 3
    ids = [int(each["id"]) for each in made]
    assert all(len(str(each)) == 19 for each in ids)
    assert all(later - sooner >= 2 for sooner, later in pairwise(ids))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;INTERVAL=0;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=100;BYDAY=MO",
        "FREQ=DAILY;COUNT=100",
        "FREQ=DAILY;INTERVAL=1;UNTIL=20260315",
        "FREQ=DAILY;INTERVAL=1;UNTIL=2026-02-30",
        "FREQ=DAILY;INTERVAL=1;UNTIL=2026-03-15T10:00:00",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=2MO",
        "FREQ=WEEKLY;INTERVAL=1;BYMONTHDAY=3;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;BYSETPOS=2",
        "FREQ=MONTHLY;INTERVAL=1;BYDAY=MO;BYSETPOS=5",
        "FREQ=MONTHLY;INTERVAL=1;BYSETPOS=1",
        "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=32",
        "FREQ=HOURLY;INTERVAL=1",
        "INTERVAL=1;COUNT=2",
        "FREQ=DAILY;INTERVAL=1;INTERVAL=2",
        "FREQ=DAILY;INTERVAL=1;",
        "freq=daily;interval=1",
        "RRULE:FREQ=DAILY;INTERVAL=1",
        "FREQ=DAILY;INTERVAL=1;BYHOUR=9",
        "FREQ=DAILY;INTERVAL=1;EXDATE=2026-03-02",
        "",
    ],
)
def test_rules_outside_the_grammar_are_refused(crm: Crm, rule: str) -> None:
    """INVALID_DATA names the RRULE."""
    entry = refusal(crm, Recurring_Activity={"RRULE": rule})
    assert (entry["code"], entry["details"]["api_name"]) == ("INVALID_DATA", "RRULE")


def test_several_days_are_taken_or_refused_by_a_switch(crm: Crm) -> None:
    """No source shows `BYDAY=MO,WE`."""
    rule = {"RRULE": "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU,WE;COUNT=4"}
    days = [read(crm, each["id"])["Start_DateTime"][8:10] for each in
            create(crm, Recurring_Activity=rule)]  # fmt: skip
    assert ["01", "04", "08", "11"] == days
    crm.switch("events.byday_list", "refuse")
    assert refusal(crm, Recurring_Activity=rule)["code"] == "INVALID_DATA"


def test_a_start_off_the_rule_is_the_first_occurrence(crm: Crm) -> None:
    """Default: Start_DateTime counts as the first; the switches know two other ways."""
    rule = {"RRULE": "FREQ=WEEKLY;INTERVAL=1;BYDAY=WE;COUNT=2"}

    def days() -> list[str]:
        made = create(crm, Recurring_Activity=rule)
        return [read(crm, each["id"])["Start_DateTime"][8:10] for each in made]

    assert days() == ["01", "04"]
    crm.switch("events.start_off_rule", "first_match")
    assert days() == ["04", "11"]
    crm.switch("events.start_off_rule", "refuse")
    assert refusal(crm, Recurring_Activity=rule)["code"] == "INVALID_DATA"


def test_two_rules_in_one_call_are_refused(crm: Crm) -> None:
    """Kaizen #8: one set of recurring events per call; the other record is made (207)."""
    item = meeting(Recurring_Activity={"RRULE": "FREQ=DAILY;INTERVAL=1;COUNT=2"})
    reply = crm.call("POST", "Events", {"data": [item, item]})
    codes = [entry["code"] for entry in reply.json["data"]]
    assert (reply.status, codes) == (207, ["SUCCESS", "SUCCESS", "INVALID_DATA"])


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


def test_fifty_participants_pass_and_fifty_one_do_not(crm: Crm) -> None:
    """The insert page's limit and message."""
    people = [{"type": "email", "participant": f"p{n}@example.com"} for n in range(51)]
    assert len(create(crm, Participants=people[:50])) == 1
    entry = refusal(crm, Participants=people)
    message = "Only 50 participants can be added to an event."
    assert ("LIMIT_EXCEEDED", message) == (entry["code"], entry["message"])


def test_one_bad_address_refuses_the_whole_record(crm: Crm) -> None:
    """No meeting with the others is made."""
    people = [{"type": "email", "participant": text} for text in ("good@example.com", "bad@")]
    entry = refusal(crm, Participants=people)
    assert entry["details"]["json_path"] == "$.data[0].Participants[1].participant"


def test_participants_of_all_four_kinds_are_read_back(crm: Crm) -> None:
    """Each has a participation id, a name and an address."""
    boyle = crm.record("Contacts", Email="patricia.boyle@example.com")["id"]
    kidman = crm.record("Leads", Last_Name="Kidman")["id"]
    people = [
        {"type": "contact", "participant": boyle},
        {"type": "lead", "participant": int(kidman)},
        {"type": "user", "participant": crm.user_id("ben")},
        {"type": "email", "Email": "guest@example.com"},
    ]
    found = read(crm, create(crm, Participants=people)[0]["id"])["Participants"]
    assert [row["type"] for row in found] == ["contact", "lead", "user", "email"]
    assert [row["participant"] for row in found[:3]] == [boyle, kidman, crm.user_id("ben")]
    assert found[3]["participant"] == found[3]["Email"] == "guest@example.com"
    assert {row["status"] for row in found} == {"not_known"}


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


def test_participants_without_their_row_id_are_dropped_by_an_update(crm: Crm) -> None:
    """Kaizen #8: what is not listed with its id is deleted; what has none is added."""
    people = [{"type": "email", "participant": f"{n}@example.com"} for n in ("one", "two")]
    event = create(crm, Participants=people)[0]["id"]
    one = read(crm, event)["Participants"][0]
    new = [one, {"type": "email", "participant": "three@example.com"}]
    assert crm.call("PUT", f"Events/{event}", {"data": [{"Participants": new}]}).status == 200
    found = read(crm, event)["Participants"]
    assert [row["Email"] for row in found] == ["one@example.com", "three@example.com"]
    assert found[0]["id"] == one["id"]


def test_an_update_without_participants_leaves_them(crm: Crm) -> None:
    """Only the keys sent change."""
    people = [{"type": "email", "participant": "one@example.com"}]
    event = create(crm, Participants=people)[0]["id"]
    crm.call("PUT", "Events", {"data": [{"id": int(event), "Event_Title": "New"}]})
    found = read(crm, event)
    assert ("New", 1) == (found["Event_Title"], len(found["Participants"]))


def test_a_foreign_row_id_is_refused(crm: Crm) -> None:
    """A participation id is good for its own meeting only."""
    people = [{"type": "email", "participant": "one@example.com"}]
    first, second = (create(crm, Participants=people)[0]["id"] for _ in range(2))
    row = read(crm, first)["Participants"]
    reply = crm.call("PUT", f"Events/{second}", {"data": [{"Participants": row}]})
    assert (400, "INVALID_DATA") == (reply.status, reply.json["data"][0]["code"])


def _series(crm: Crm) -> list[str]:
    people = [{"type": "email", "participant": "one@example.com"}]
    rule = {"RRULE": "FREQ=DAILY;INTERVAL=1;COUNT=4"}
    made = create(crm, Participants=people, Recurring_Activity=rule, Description="mark")
    return [each["id"] for each in made]


def test_update_all_future_changes_this_and_the_later_ones(crm: Crm) -> None:
    """Times move by the same distance; the earlier ones stay."""
    ids = _series(crm)
    change = {
        "Event_Title": "Moved",
        "Start_DateTime": "2026-03-02T12:00:00-05:00",
        "End_DateTime": "2026-03-02T12:30:00-05:00",
        "update_all_future_events": True,
    }
    reply = crm.call("PUT", f"Events/{ids[1]}", {"data": [change]})
    assert (200, 1) == (reply.status, len(reply.json["data"]))
    found = [read(crm, each) for each in ids]
    assert [each["Event_Title"] for each in found] == ["Sync", "Moved", "Moved", "Moved"]
    assert [each["Start_DateTime"][8:16] for each in found] == [
        "01T10:00", "02T12:00", "03T12:00", "04T12:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("switch", "value", "titles", "people", "entries"),
    [
        ("events.update_all", "ignored", ["New", "Sync"], [2, 1], 1),
        ("events.update_all_people", "keep", ["New", "New"], [2, 1], 1),
        ("events.update_all_answer", "many", ["New", "New"], [2, 2], 3),
    ],
)
def test_update_all_future_has_switches(
    crm: Crm, switch: str, value: str, titles: list[str], people: list[int], entries: int
) -> None:
    """Whether it is known, whose people change, and how many entries are answered."""
    ids = _series(crm)
    crm.switch(switch, value)
    row = read(crm, ids[1])["Participants"]
    change = {
        "Event_Title": "New",
        "Participants": [*row, {"type": "email", "participant": "two@example.com"}],
        "update_all_future_events": True,
    }
    reply = crm.call("PUT", f"Events/{ids[1]}", {"data": [change]})
    found = [read(crm, each) for each in ids[1:3]]
    assert titles == [each["Event_Title"] for each in found]
    assert people == [len(each["Participants"]) for each in found]
    assert entries == len(reply.json["data"])


def test_the_siblings_people_get_rows_of_their_own(crm: Crm) -> None:
    """Someone already there keeps the row; the new one gets an id not used elsewhere."""
    ids = _series(crm)
    before = read(crm, ids[2])["Participants"][0]["id"]
    row = read(crm, ids[1])["Participants"]
    new = [*row, {"type": "email", "participant": "two@example.com"}]
    change = {"Participants": new, "update_all_future_events": True}
    crm.call("PUT", f"Events/{ids[1]}", {"data": [change]})
    mine, other = (read(crm, each)["Participants"] for each in ids[1:3])
    assert other[0]["id"] == before
    assert other[1]["id"] != mine[1]["id"]


def test_the_description_may_stand_on_the_first_only(crm: Crm) -> None:
    """A switch: copied to each (default), or only the first."""
    assert [read(crm, each)["Description"] for each in _series(crm)] == ["mark"] * 4
    crm.switch("events.series_text", "first_only")
    assert [read(crm, each)["Description"] for each in _series(crm)] == ["mark", None, None, None]


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
    ids = _series(crm)
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
    crm.control("clock", {"freeze": "2026-02-01T12:00:00+00:00"})
    people = [{"type": "email", "participant": "one@example.com"}]
    quiet = create(crm, Participants=people)[0]["id"]
    event = create(crm, Participants=people, **{"$send_notification": True})[0]["id"]
    order = {"data": [{"send_cancelling_mail": True}]}

    def cancel(which: str, body: Any = order) -> str:
        reply = crm.call("POST", f"Events/{which}/actions/cancel", body)
        return str(reply.json["data"][0]["code"])

    assert cancel(event, {"data": [{}]}) == "MANDATORY_NOT_FOUND"
    assert cancel(quiet) == "NOT_ALLOWED"
    assert cancel(event) == "SUCCESS"
    assert cancel(event) == "NOT_ALLOWED"
    assert "$event_cancelled" not in read(crm, event)
    shown = crm.call("GET", f"Events/{event}?fields=$event_cancelled").json["data"][0]
    assert shown == {"id": event, "$event_cancelled": True}
    assert [mail["kind"] for mail in crm.control("mails")["mails"]] == [
        "invitation",
        "cancellation",
    ]


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


def test_a_demanded_field_must_be_given(crm: Crm) -> None:
    """Fields metadata doesn't say so; the layout does; a create without it fails."""
    field = {"api_name": "Room", "data_type": "picklist", "values": ["Red", "Blue"]}
    crm.control("layout", {"module": "Events", "fields": [field]})
    entry = refusal(crm)
    assert ("MANDATORY_NOT_FOUND", "Room") == (entry["code"], entry["details"]["api_name"])
    event = create(crm, Room="Red")[0]["id"]
    assert read(crm, event)["Room"] == "Red"
    fields = {
        which: {f["api_name"]: f for f in rows}["Room"]["required"]
        for which, rows in (
            ("fields", crm.call("GET", "settings/fields?module=Events").json["fields"]),
            ("layout", crm.call("GET", "settings/layouts?module=Events").json["layouts"][0]
             ["sections"][0]["fields"]),
        )
    }  # fmt: skip
    assert fields == {"fields": False, "layout": True}


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
