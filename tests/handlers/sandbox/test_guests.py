"""Participants, and changes that reach over a series."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from tests.handlers.sandbox.client import Crm
from tests.handlers.sandbox.meetings import create, read, refusal, series


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


def test_update_all_future_changes_this_and_the_later_ones(crm: Crm) -> None:
    """Times move by the same distance; the earlier ones stay."""
    ids = series(crm)
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
    ids = series(crm)
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


@pytest.mark.parametrize(
    ("how", "people"), [("replace", [2, 1]), ("keep", [2, 1]), ("copy_unasked", [2, 2])]
)
def test_update_all_future_may_bring_people_along(crm: Crm, how: str, people: list[int]) -> None:
    """A switch: the siblings' people where none were sent."""
    ids = series(crm)
    row = read(crm, ids[1])["Participants"]
    new = [*row, {"type": "email", "participant": "two@example.com"}]
    crm.call("PUT", f"Events/{ids[1]}", {"data": [{"Participants": new}]})
    crm.switch("events.update_all_people", how)
    change = {"Venue": "Roof", "update_all_future_events": True}
    crm.call("PUT", f"Events/{ids[1]}", {"data": [change]})
    assert people == [len(read(crm, each)["Participants"]) for each in ids[1:3]]


@pytest.mark.parametrize(
    ("how", "start"),
    [
        ("shift", "2026-03-03T12:00:00-05:00"),
        ("keep", "2026-03-03T10:00:00-05:00"),
        ("copy", "2026-03-02T12:00:00-05:00"),
    ],
)
def test_update_all_future_may_spread_times_in_three_ways(crm: Crm, how: str, start: str) -> None:
    """A switch: by the same distance, not at all, or the very same time."""
    ids = series(crm)
    crm.switch("events.update_all_times", how)
    change = {
        "Start_DateTime": "2026-03-02T12:00:00-05:00",
        "End_DateTime": "2026-03-02T12:30:00-05:00",
        "update_all_future_events": True,
    }
    crm.call("PUT", f"Events/{ids[1]}", {"data": [change]})
    assert start == read(crm, ids[2])["Start_DateTime"]


@pytest.mark.parametrize("told", [True, False])
def test_lists_may_leave_out_what_joins_a_series(crm: Crm, *, told: bool) -> None:
    """A switch: whether `$u_id` can be named in `fields`; read alone, it is there."""
    ids = series(crm)
    crm.switch("events.dollar_in_lists", told)
    found = crm.call("GET", f"Events?ids={ids[0]}&fields=Event_Title,$u_id").json["data"][0]
    assert told is ("$u_id" in found)
    assert read(crm, ids[0])["$u_id"]


def test_the_siblings_people_get_rows_of_their_own(crm: Crm) -> None:
    """Someone already there keeps the row; the new one gets an id not used elsewhere."""
    ids = series(crm)
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
    assert [read(crm, each)["Description"] for each in series(crm)] == ["mark"] * 4
    crm.switch("events.series_text", "first_only")
    assert [read(crm, each)["Description"] for each in series(crm)] == ["mark", None, None, None]


def test_the_key_of_an_address_is_a_switch(crm: Crm) -> None:
    """Both by default; else only `participant`, or only `Email`."""
    crm.switch("events.email_key", "Email")
    people = [{"type": "email", "participant": "one@example.com"}]
    assert refusal(crm, Participants=people)["details"]["api_name"] == "Email"
    crm.switch("events.email_key", "participant")
    people = [{"type": "email", "Email": "one@example.com"}]
    assert refusal(crm, Participants=people)["details"]["api_name"] == "participant"


def test_the_same_person_twice_is_one_or_two(crm: Crm) -> None:
    """A switch; by default one."""
    people = [{"type": "email", "participant": text} for text in ("a@example.com", "A@example.com")]
    assert len(read(crm, create(crm, Participants=people)[0]["id"])["Participants"]) == 1
    crm.switch("events.duplicates", "keep")
    assert len(read(crm, create(crm, Participants=people)[0]["id"])["Participants"]) == 2


def test_lists_carry_participants_only_by_a_switch(crm: Crm) -> None:
    """Get Record always does."""
    create(crm, Participants=[{"type": "email", "participant": "a@example.com"}])

    def row() -> Any:
        return crm.call("GET", "Events?fields=Participants,Event_Title").json["data"][0]

    assert "Participants" not in row()
    crm.switch("events.people_in_lists", value=True)
    assert len(row()["Participants"]) == 1
