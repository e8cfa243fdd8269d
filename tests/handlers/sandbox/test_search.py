"""Search in the sandbox, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.handlers.sandbox.crm_caller import Caller, running


@pytest.fixture
def crm() -> Iterator[Caller]:
    """A running CRM sandbox."""
    with running() as caller:
        yield caller


def found(crm: Caller, module: str = "Contacts", **query: str) -> list[str]:
    """Return the ids a search finds."""
    reply = crm.get(f"/crm/v8/{module}/search", **query)
    return [row["id"] for row in reply.json["data"]] if reply.body else []


def test_equals_on_text_finds_what_contains_it(crm: Caller) -> None:
    """As the real search does, whatever the case."""
    one = crm.add("Contacts", Last_Name="Quillfeather")

    assert [one] == found(crm, criteria="(Last_Name:equals:llfea)")
    assert [one] == found(crm, criteria="(Last_Name:starts_with:quill)")
    assert [] == found(crm, criteria="(Last_Name:starts_with:llfea)")


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ("((Last_Name:equals:Quill)and(Department:equals:North))", ["A"]),
        ("((Last_Name:equals:Quill)or(Department:equals:South))", ["A", "B", "C"]),
        ("(((Title:equals:x)or(Title:equals:y))and(Department:equals:South))", ["B"]),
        ("(Date_of_Birth:between:1980-01-01,1989-12-31)", ["A"]),
        ("(Date_of_Birth:greater_than:1990-01-01)", ["B"]),
        ("(Department:in:North,South)", ["A", "B"]),
        ("(Email_Opt_Out:equals:true)", ["B"]),
        (r"(Title:equals:a\,b)", ["C"]),
        (r"(Title:equals:\(z\))", ["D"]),
        (r"(Title:equals:c\\d)", ["E"]),
    ],
)
def test_criteria(crm: Caller, criteria: str, expected: list[str]) -> None:
    """Groups, operators and escapes."""
    ids = {
        "A": crm.add("Contacts", Last_Name="Quill", Department="North", Title="x",
                     Date_of_Birth="1980-05-05"),
        "B": crm.add("Contacts", Last_Name="Bell", Department="South", Title="y",
                     Date_of_Birth="1995-05-05", Email_Opt_Out=True),
        "C": crm.add("Contacts", Last_Name="Quill", Title="a,b"),
        "D": crm.add("Contacts", Last_Name="Roe", Title="(z)"),
        "E": crm.add("Contacts", Last_Name="Poe", Title="c\\d"),
    }  # fmt: skip

    assert sorted(ids[name] for name in expected) == sorted(found(crm, criteria=criteria))


def test_a_lookup_is_searched_by_id(crm: Caller) -> None:
    """Meetings of a lead: What_Id equals its id."""
    lead = crm.add("Leads", Last_Name="Kidman")
    event = crm.add("Events", Event_Title="Call", What_Id={"id": lead, "name": "Kidman"},
                    Start_DateTime="2026-03-01T12:00:00+00:00",
                    End_DateTime="2026-03-01T13:00:00+00:00")  # fmt: skip

    assert [event] == found(crm, "Events", criteria=f"(What_Id:equals:{lead})")


def test_email_phone_and_word(crm: Caller) -> None:
    """An address whole, a number by its digits, a word anywhere."""
    one = crm.add("Leads", Last_Name="Ohm", Email="ohm@example.com", Phone="+1 (555) 7 77 00",
                  Company="Resistance Works")  # fmt: skip

    assert [one] == found(crm, "Leads", email="OHM@example.com")
    assert [] == found(crm, "Leads", email="ohm@example")
    assert [one] == found(crm, "Leads", phone="+15557 7700")
    assert [one] == found(crm, "Leads", word="resistance")


def test_criteria_go_before_email(crm: Caller) -> None:
    """With several ways given the first of criteria, email, phone, word is taken."""
    one = crm.add("Leads", Last_Name="Ohmstead")

    assert [one] == found(crm, "Leads", criteria="(Last_Name:equals:Ohmstead)", email="x@x.example")


def test_users_are_searched_by_address(crm: Caller) -> None:
    """`users` is a module of search."""
    reply = crm.get("/crm/v8/users/search", email="ben@example.com")

    assert ["Ben Okoro"] == [user["full_name"] for user in reply.json["users"]]


def test_a_page_with_the_fields_asked_for(crm: Caller) -> None:
    """Newest first; `info` says whether there is more."""
    ids = [crm.add("Contacts", Last_Name=f"Pagewise {n}") for n in range(3)]
    query = {"criteria": "(Last_Name:equals:Pagewise)", "per_page": "2", "fields": "Last_Name"}

    first = crm.get("/crm/v8/Contacts/search", **query).json
    second = crm.get("/crm/v8/Contacts/search", **query, page="2").json

    assert [{"Last_Name": "Pagewise 2", "id": ids[2]}, {"Last_Name": "Pagewise 1", "id": ids[1]}] \
        == first["data"]  # fmt: skip
    assert {
        "per_page": 2, "count": 2, "sort_by": "id", "page": 1, "sort_order": "desc",
        "more_records": True,
    } == first["info"]  # fmt: skip
    assert ([ids[0]], False) == (
        [row["id"] for row in second["data"]],
        second["info"]["more_records"],
    )


def test_nothing_found_is_204(crm: Caller) -> None:
    """Without a body."""
    reply = crm.get("/crm/v8/Leads/search", word="nobody-at-all")

    assert (204, b"") == (reply.status, reply.body)


def test_people_of_a_meeting_are_not_in_a_search(crm: Caller) -> None:
    """As in lists, participants come only by a switch."""
    noon = "2026-03-01T12:00:00+00:00"
    crm.add("Events", Event_Title="Peopled", Participants=[], Start_DateTime=noon)
    path = "/crm/v8/Events/search"

    assert "Participants" not in crm.get(path, word="Peopled").json["data"][0]
    crm.turn(events_people_in_lists=True)
    assert "Participants" in crm.get(path, word="Peopled").json["data"][0]


def test_the_index_lags_by_a_switch(crm: Caller) -> None:
    """A record younger than the lag is not found, though COQL finds it at once."""
    crm.turn(search_lag_seconds=30)
    one = crm.add("Leads", Last_Name="Latecomer")
    query = {"select_query": "select id from Leads where Last_Name = 'Latecomer'"}

    assert [] == found(crm, "Leads", word="Latecomer")
    assert 200 == crm.post("/crm/v8/coql", query).status
    crm.clock.advance(31)
    assert [one] == found(crm, "Leads", word="Latecomer")


TOO_MANY = "and".join("(Last_Name:equals:a)" for _ in range(11))
TOO_LONG = ",".join("a" for _ in range(101))


@pytest.mark.parametrize(
    ("query", "code", "details"),
    [
        ({}, "EXPECTED_PARAM_MISSING", {"param_names": ["criteria", "email", "phone", "word"]}),
        ({"word": "a"}, "INVALID_DATA", {"param_name": "word"}),
        ({"word": "ab", "page": "11"}, "LIMIT_REACHED", {"limit": "2000"}),
        ({"word": "ab", "per_page": "201"}, "INVALID_DATA", {"param_name": "per_page"}),
        ({"criteria": "Last_Name:equals:a"}, "INVALID_QUERY", {}),
        ({"criteria": "(Last_Name:equals:a"}, "INVALID_QUERY", {}),
        ({"criteria": "(Last_Name:equals:a(b))"}, "INVALID_QUERY", {}),
        ({"criteria": "(Nope:equals:a)"}, "INVALID_QUERY", {"api_name": "Nope"}),
        ({"criteria": "(Last_Name:like:a)"}, "INVALID_QUERY", {"operator": "like"}),
        ({"criteria": "(Owner:equals:Ada)"}, "INVALID_QUERY", {"expected_data_type": "bigint"}),
        ({"criteria": "(Created_Time:equals:2026-01-01)"}, "INVALID_QUERY", {}),
        ({"criteria": f"(Last_Name:in:{TOO_LONG})"}, "INVALID_QUERY", {"param_name": "Last_Name"}),
        ({"criteria": f"({TOO_MANY})"}, "CRITERIA_LIMIT_EXCEEDED", {}),
    ],
)
def test_a_search_that_is_not_taken(
    crm: Caller, query: dict[str, str], code: str, details: dict[str, Any]
) -> None:
    """Every refusal is HTTP 400 with Zoho's code."""
    reply = crm.get("/crm/v8/Leads/search", **query)

    assert (400, code) == (reply.status, reply.json["code"])
    assert details.items() <= reply.json["details"].items()


def test_an_unknown_module(crm: Caller) -> None:
    """The module stands first in the path."""
    reply = crm.get("/crm/v8/Nowhere/search", word="ab")

    assert ("INVALID_MODULE", {"resource_path_index": 0}) == (
        reply.json["code"],
        reply.json["details"],
    )


def test_search_needs_its_own_scope(crm: Caller) -> None:
    """The module's scope alone is not enough."""
    crm.sign_in("ada", "ZohoCRM.modules.ALL")

    assert 401 == crm.get("/crm/v8/Leads/search", word="ab").status
