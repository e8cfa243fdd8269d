"""COQL in the sandbox, over HTTP."""
# ruff: noqa: S608 - queries are text here; they read made-up records

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


def ask(crm: Caller, query: str) -> Any:
    """Return the answer's JSON, None for a 204."""
    reply = crm.post("/crm/v8/coql", {"select_query": query})
    return reply.json if reply.body else None


def names(crm: Caller, where: str) -> list[str]:
    """Return the last names of the contacts a condition finds, in order of their ids."""
    answer = ask(crm, f"select Last_Name from Contacts where {where} limit 2000")
    return [row["Last_Name"] for row in answer["data"]] if answer else []


def meeting(crm: Caller, title: str, start: str, **more: Any) -> str:
    """Put a meeting of one hour there; return its id."""
    end = f"{start[:11]}{int(start[11:13]) + 1:02d}{start[13:]}"
    return crm.add("Events", Event_Title=title, Start_DateTime=start, End_DateTime=end, **more)


def test_a_row_has_the_selected_columns_and_the_id(crm: Caller) -> None:
    """A lookup comes only with its id, a time in the caller's zone, a parent's field by path."""
    account = crm.add("Accounts", Account_Name="Tern Ltd")
    contact = crm.add(
        "Contacts", Last_Name="Zuse", Account_Name={"id": account, "name": "Tern Ltd"},
        Created_Time="2026-07-01T12:00:00+00:00",
    )  # fmt: skip

    found = ask(
        crm,
        "select Last_Name, Account_Name, Account_Name.Account_Name, Created_Time "
        "from Contacts where Last_Name = 'Zuse'",
    )

    assert {
        "data": [
            {
                "Last_Name": "Zuse",
                "Account_Name": {"id": account},
                "Account_Name.Account_Name": "Tern Ltd",
                "Created_Time": "2026-07-01T08:00:00-04:00",
                "id": contact,
            }
        ],
        "info": {"count": 1, "more_records": False},
    } == found


def test_nothing_found_is_204_without_a_body(crm: Caller) -> None:
    """An empty answer has neither body nor Content-Type."""
    reply = crm.post("/crm/v8/coql", {"select_query": "select id from Leads where id = 1"})

    assert (204, b"") == (reply.status, reply.body)
    assert "content-type" not in reply.headers


def test_the_content_type_does_not_matter(crm: Caller) -> None:
    """Zoho's own Python client sends queries without one."""
    body = b'{"select_query": "select id from Leads where id is not null limit 1"}'

    assert crm.send("POST", "/crm/v8/coql", body, "text/plain").status == 200


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Last_Name = 'anders'", ["Anders"]),
        ("Last_Name in ('Anders', 'Bell')", ["Anders", "Bell"]),
        ("Last_Name like 'And%'", ["Anders"]),
        ("Last_Name like '%ELL'", ["Bell", "O'Dell"]),
        ("(Last_Name like 'X%' or Last_Name = 'Bell')", ["Bell"]),
        ("(Department = 'A' and (Last_Name = 'Bell' or Last_Name = 'Anders'))", ["Anders"]),
        ("Department is not null and Department != 'A'", ["Bell"]),
        ("Date_of_Birth between '1980-01-01' and '1989-12-31'", ["Anders"]),
        ("Date_of_Birth > '1990-01-01'", ["Bell"]),
        ("Date_of_Birth <= '1980-05-05'", ["Anders"]),
        ("Email_Opt_Out = 'true'", ["Bell"]),
        ("Email_Opt_Out = true", ["Bell"]),
        ("Last_Name = 'O''Dell'", ["O'Dell"]),
        ("Department not in ('A') and Department not like '%x%'", ["Bell"]),
        ("Owner.last_name = 'Moreno' and Department = 'A'", ["Anders"]),
    ],
)
def test_conditions_find_what_they_say(crm: Caller, where: str, expected: list[str]) -> None:
    """Every operator, on the kinds of columns it is for."""
    crm.turn(query_empty_differs=False)
    crm.side.world.records("Contacts").clear()
    crm.add("Contacts", Last_Name="Anders", Department="A", Date_of_Birth="1980-05-05")
    crm.add(
        "Contacts", Last_Name="Bell", Department="B", Date_of_Birth="1995-05-05", Email_Opt_Out=True
    )
    crm.add("Contacts", Last_Name="O'Dell")

    assert expected == names(crm, where)


def test_moments_compare_across_offsets(crm: Caller) -> None:
    """A moment is the same in every zone."""
    meeting(crm, "Noon", "2026-03-01T12:00:00+00:00")

    found = ask(
        crm, "select Event_Title from Events where Start_DateTime = '2026-03-01T13:00:00+01:00'"
    )

    assert "Noon" == found["data"][0]["Event_Title"]


def test_overlapping_meetings_of_a_host_are_found(crm: Caller) -> None:
    """The query for conflicts: begins before the end, ends after the begin, same host."""
    ada = crm.user_id("ada")
    inside = meeting(crm, "Inside", "2026-03-01T09:00:00+00:00")
    meeting(crm, "Later", "2026-03-01T11:00:00+00:00")

    found = ask(
        crm,
        "select Event_Title, Start_DateTime from Events where "
        "((Start_DateTime < '2026-03-01T10:00:00+00:00' and "
        "End_DateTime > '2026-03-01T09:30:00+00:00') and "
        f"Owner = '{ada}') order by Start_DateTime asc limit 0, 200",
    )

    assert [inside] == [row["id"] for row in found["data"]]


def test_rows_come_in_the_asked_order_page_by_page(crm: Caller) -> None:
    """`limit n offset m` and `limit m, n` are the same; without an order it is by id."""
    for letter in "cab":
        crm.add("Vendors", Vendor_Name=f"page {letter}")
    query = "select Vendor_Name from Vendors where Vendor_Name like 'page%'"

    ordered = ask(crm, f"{query} order by Vendor_Name desc limit 2")
    second = ask(crm, f"{query} order by Vendor_Name limit 2 offset 2")
    same = ask(crm, f"{query} order by Vendor_Name limit 2, 2")
    plain = ask(crm, query)

    assert ["page c", "page b"] == [row["Vendor_Name"] for row in ordered["data"]]
    assert {"count": 2, "more_records": True} == ordered["info"]
    assert ["page c"] == [row["Vendor_Name"] for row in second["data"]]
    assert second == same
    assert ["page c", "page a", "page b"] == [row["Vendor_Name"] for row in plain["data"]]


def test_count_of_all_rows(crm: Caller) -> None:
    """COUNT(id) counts all rows, not a page of them; an alias names it."""
    count = len(crm.side.world.records("Leads"))

    assert [{"COUNT(id)": count}] == ask(crm, "select COUNT(id) from Leads where id is not null")[
        "data"
    ]
    assert [{"n": 0}] == ask(crm, "select count(id) as n from Leads where id = 5")["data"]


def test_only_records_the_caller_may_see(crm: Caller) -> None:
    """Somebody who sees own records only finds own records only."""
    ben = crm.user_id("ben")
    crm.side.world.visibility[ben] = {"*": "own"}
    crm.sign_in("ben")

    found = ask(crm, "select Owner from Leads where id is not null limit 2000")

    assert {ben} == {row["Owner"]["id"] for row in found["data"]}


LONG_IN = ", ".join(["1"] * 51)
MANY = "Last_Name = 'a'"
for _ in range(25):
    MANY = f"({MANY} or Last_Name = 'b')"


@pytest.mark.parametrize(
    ("query", "code", "details"),
    [
        ("select Last_Name from Leads", "SYNTAX_ERROR", {"clause": "where"}),
        ("select Last_Name from Nowhere", "SYNTAX_ERROR", {"clause": "where"}),
        ("select id from Nowhere where id is not null", "INVALID_MODULE", {}),
        ("delete from Leads where id = 1", "SYNTAX_ERROR", {}),
        ("select id from Leads where Last_Name = 'O\\'Brien'", "SYNTAX_ERROR", {"line": 1}),
        ("select id from Leads where Last_Name = Brien", "SYNTAX_ERROR", {"near": "Brien"}),
        ("select id from Leads where a = 1 and b = 2 and c = 3", "SYNTAX_ERROR", {"near": "and"}),
        ("select id from Leads where (id = 1", "SYNTAX_ERROR", {"near": ""}),
        ("select id from Leads where id = 1 limit x", "INVALID_QUERY", {"limit": "x"}),
        ("select id from Leads where id = 1 limit 0", "INVALID_DATA", {}),
        ("select id from Leads where id = 1 limit 2001", "LIMIT_EXCEEDED", {"limit": 2000}),
        ("select id from Leads where id = 1 limit 99999, 2", "LIMIT_EXCEEDED", {"limit": 100_000}),
        (f"select id from Leads where id in ({LONG_IN})", "LIMIT_EXCEEDED", {"limit": 50}),
        (f"select id from Leads where {MANY}", "LIMIT_EXCEEDED", {"limit": 25}),
        ("select id, id from Leads where id = 1", "DUPLICATE_DATA", {"column_name": "id"}),
        ("select SUM(Annual_Revenue) from Leads where id = 1", "INVALID_DATA", {}),
        ("select Nope from Leads where id = 1", "INVALID_QUERY", {"column_name": "Nope"}),
        ("select id from Leads where Nope = 1", "INVALID_QUERY", {"column_name": "Nope"}),
        ("select Participants from Events where id = 1", "INVALID_QUERY", {}),
        ("select Description from Events where id = 1", "INVALID_QUERY", {}),
        ("select $u_id from Events where id = 1", "INVALID_QUERY", {"column_name": "$u_id"}),
        (
            "select id from Events where Participants != 'x'",
            "INVALID_QUERY",
            {"column_name": "Participants", "operator": "!="},
        ),
        ("select id from Events where Description = 'x'", "INVALID_QUERY", {}),
        ("select id from Leads where Last_Name > 'a'", "INVALID_QUERY", {"operator": ">"}),
        ("select id from Leads where Last_Name not like 'a%'", "INVALID_QUERY", {}),
        (
            "select id from Events where Start_DateTime > '2026-03-01T09:00:00'",
            "INVALID_QUERY",
            {"expected_data_type": "datetime"},
        ),
        (
            "select id from Events where Start_DateTime > '2026-03-01T09:00:00.000+00:00'",
            "INVALID_QUERY",
            {"expected_data_type": "datetime"},
        ),
        ("select id from Leads where id > 'NaN'", "INVALID_QUERY", {"value": "NaN"}),
        ("select id from Leads where Owner = 'Ada'", "INVALID_QUERY", {"column_name": "Owner"}),
    ],
)
def test_a_query_that_is_not_taken(
    crm: Caller, query: str, code: str, details: dict[str, Any]
) -> None:
    """Every refusal is HTTP 400 with Zoho's code and the place of the trouble."""
    reply = crm.post("/crm/v8/coql", {"select_query": query})

    assert (400, code, "error") == (reply.status, reply.json["code"], reply.json["status"])
    assert details.items() <= reply.json["details"].items()


def test_a_body_without_a_query(crm: Caller) -> None:
    """`select_query` is mandatory, and the body must be an object."""
    assert "MANDATORY_NOT_FOUND" == crm.post("/crm/v8/coql", {}).json["code"]
    assert "INVALID_DATA" == crm.post("/crm/v8/coql", []).json["code"]


def test_more_than_fifty_columns(crm: Caller) -> None:
    """Fifty columns are the most."""
    columns = ", ".join(f"id as c{n}" for n in range(50))

    assert "data" in ask(crm, f"select {columns} from Leads where id is not null limit 1")
    answer = ask(crm, f"select {columns}, Owner from Leads where id is not null limit 1")
    assert ("LIMIT_EXCEEDED", 50) == (answer["code"], answer["details"]["limit"])


def test_switches_open_what_is_not_documented(crm: Caller) -> None:
    """Flat conditions, `$u_id`, textareas and the small page are a switch each."""
    more: dict[str, Any] = {"Description": "long", "$u_id": "u-1"}
    meeting(crm, "One", "2026-03-01T12:00:00+00:00", **more)
    crm.turn(coql_flat=True, coql_u_id=True, coql_textarea=True, coql_rows=200)

    found = ask(
        crm,
        "select $u_id, Description from Events "
        "where id > 0 and Event_Title = 'One' and $u_id = 'u-1'",
    )
    answer = ask(crm, "select id from Leads where id = 1 limit 201")

    assert ("u-1", "long") == (found["data"][0]["$u_id"], found["data"][0]["Description"])
    assert 200 == answer["details"]["limit"]


def test_the_scope_of_the_module_is_needed_too(crm: Caller) -> None:
    """COQL's own scope alone reads nothing."""
    query = {"select_query": "select id from Leads where id is not null"}
    crm.sign_in("ada", "ZohoCRM.coql.READ,ZohoCRM.modules.contacts.READ")

    reply = crm.post("/crm/v8/coql", query)

    assert (401, "OAUTH_SCOPE_MISMATCH") == (reply.status, reply.json["code"])
