"""Bulk read in the sandbox, over HTTP."""

from __future__ import annotations

import csv
import io
import json
import queue
import threading
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from handlers.sandbox.web import Answer, Request, Server, Site
from tests.handlers.sandbox.client import Reply
from tests.handlers.sandbox.crm_caller import Caller, running

PATH = "/crm/bulk/v8/read"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def crm() -> Iterator[Caller]:
    """A running CRM sandbox whose clock stands still."""
    with running() as caller:
        caller.clock.freeze(NOON)
        caller.sign_in("ada")
        yield caller


def create(crm: Caller, query: dict[str, Any], **more: Any) -> str:
    """Create a job and return its id."""
    reply = crm.post(PATH, {"query": query, **more})
    assert reply.status == 201, reply.body
    return str(reply.json["data"][0]["details"]["id"])


def status(crm: Caller, job: str) -> Any:
    """Return what the status page says of a job."""
    return crm.get(f"{PATH}/{job}").json["data"][0]


def download(crm: Caller, job: str) -> Reply:
    """Ask for a job's result."""
    return crm.get(f"{PATH}/{job}/result")


def text(crm: Caller, job: str) -> str:
    """Let a job finish and return the text of the one file in its archive."""
    crm.clock.advance(60)
    with zipfile.ZipFile(io.BytesIO(download(crm, job).body)) as archive:
        [name] = archive.namelist()
        assert name.startswith(f"{job}.")
        return archive.read(name).decode()


def rows(crm: Caller, job: str) -> list[dict[str, str]]:
    """Let a CSV job finish and return its rows."""
    return list(csv.DictReader(io.StringIO(text(crm, job), newline="")))


def leaf(name: str, comparator: Any, value: Any) -> dict[str, Any]:
    """Return one condition."""
    return {"field": {"api_name": name}, "comparator": comparator, "value": value}


def of_leads(**more: Any) -> dict[str, Any]:
    """Return a query over the leads."""
    return {"module": {"api_name": "Leads"}, "fields": ["Last_Name"], **more}


def test_a_job_goes_through_its_states_with_the_clock(crm: Caller) -> None:
    """ADDED, QUEUED, IN PROGRESS, COMPLETED; the result is told only at the end."""
    added = crm.post(PATH, {"query": of_leads()})
    job = added.json["data"][0]["details"]["id"]

    seen = []
    for step in (0, 0.6, 1, 2.5):
        crm.clock.advance(step)
        told = status(crm, job)
        seen.append((told["state"], "result" in told))

    assert (201, "ADDED_SUCCESSFULLY", {}) == (
        added.status,
        added.json["data"][0]["code"],
        added.json["info"],
    )
    assert [
        ("ADDED", False),
        ("QUEUED", False),
        ("IN PROGRESS", False),
        ("COMPLETED", True),
    ] == seen


def test_jobs_run_one_after_another(crm: Caller) -> None:
    """The second waits for the first, about 3.5 seconds."""
    first, second = create(crm, of_leads()), create(crm, of_leads())

    crm.clock.advance(3.5)
    assert ("COMPLETED", "QUEUED") == (status(crm, first)["state"], status(crm, second)["state"])
    crm.clock.advance(3.5)
    assert "COMPLETED" == status(crm, second)["state"]


def test_a_completed_job_tells_its_result(crm: Caller) -> None:
    """The status repeats the query with ids of fields, and where to download."""
    criteria = leaf("Last_Name", "equal", "Kidman")
    job = create(crm, of_leads(criteria=criteria))
    crm.clock.advance(10)

    told = status(crm, job)

    assert {
        "page": 1,
        "per_page": 200_000,
        "count": 1,
        "download_url": f"{PATH}/{job}/result",
        "more_records": False,
    } == told["result"]
    field = told["query"]["criteria"].pop("field")
    assert ("Last_Name", True) == (field["api_name"], field["id"].isdigit())
    assert {"comparator": "equal", "value": "Kidman"} == told["query"]["criteria"]
    assert ("Leads", ["Last_Name"], "csv") == (
        told["query"]["module"]["api_name"],
        told["query"]["fields"],
        told["file_type"],
    )
    assert "2026-03-02T07:00:00-05:00" == told["created_time"]


def test_the_download_is_a_zip_with_a_quoted_name(crm: Caller) -> None:
    """Zoho's own client reads the name from between double quotes."""
    job = create(crm, of_leads())
    crm.clock.advance(10)

    reply = download(crm, job)

    assert 200 == reply.status
    assert "application/x-download" == reply.headers["content-type"]
    assert f'attachment;filename="{job}.zip"' == reply.headers["content-disposition"]


def test_csv_cells(crm: Caller) -> None:
    """Ids for lookups, lower-case truth values, times in the reader's zone, the bare rule."""
    account = crm.add("Accounts", Account_Name='Halden, "Optics"')
    crm.add("Contacts", Last_Name="Zuse", Account_Name={"id": account, "name": "Halden"},
            Email_Opt_Out=True, Description="a\nb",
            Created_Time="2026-07-01T12:00:00+00:00")  # fmt: skip
    fields = ["Last_Name", "Account_Name", "Account_Name.Account_Name", "Email_Opt_Out",
              "Created_Time", "Description", "Title"]  # fmt: skip
    query = {"module": {"api_name": "Contacts"}, "fields": fields,
             "criteria": leaf("Last_Name", "equal", "zuse")}  # fmt: skip

    [row] = rows(crm, create(crm, query))

    assert ["Id", *fields] == list(row)
    assert [
        "Zuse", account, 'Halden, "Optics"', "true", "2026-07-01T08:00:00-04:00", "a\nb", "",
    ] == list(row.values())[1:]  # fmt: skip


def test_without_fields_all_but_participants(crm: Caller) -> None:
    """All fields of the module; participants and reminders are never exported."""
    crm.add("Events", Event_Title="Weekly", Start_DateTime="2026-03-01T12:00:00+00:00",
            End_DateTime="2026-03-01T13:00:00+00:00", Participants=[],
            Recurring_Activity={"RRULE": "FREQ=DAILY;COUNT=2"})  # fmt: skip

    [row] = rows(crm, create(crm, {"module": {"api_name": "Events"}}))

    assert "FREQ=DAILY;COUNT=2" == row["Recurring_Activity"]
    assert {"Event_Title", "Owner", "Description"} <= row.keys()
    assert not {"Participants", "Remind_At", "id"} & row.keys()


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (leaf("Last_Name", "contains", "lpha"), ["Alpha"]),
        (leaf("Last_Name", "starts_with", "be"), ["Beta"]),
        (leaf("Last_Name", "ends_with", "mma"), ["Gamma"]),
        (leaf("Last_Name", "in", ["Alpha", "Gamma"]), ["Alpha", "Gamma"]),
        (leaf("Last_Name", "not_contains", "a"), []),
        (leaf("Annual_Revenue", "greater_than", 10), ["Beta"]),
        (leaf("Annual_Revenue", "between", [1, 2]), None),
        (leaf("Annual_Revenue", "equal", "${EMPTY}"), ["Gamma"]),
        (leaf("Annual_Revenue", "not_equal", "${EMPTY}"), ["Alpha", "Beta"]),
        (leaf("Annual_Revenue", "not_equal", 10), ["Beta", "Gamma"]),
        (leaf("Email_Opt_Out", "equal", value=True), ["Beta"]),
        (leaf("Owner.last_name", "equal", "Moreno"), ["Alpha", "Beta", "Gamma"]),
        (
            leaf("Created_Time", "between",
                 ["2026-01-01T00:00:00+01:00", "2026-12-31T00:00:00+01:00"]),
            ["Alpha", "Beta", "Gamma"],
        ),
        (
            {"group_operator": "or", "group": [
                {"group_operator": "and", "group": [
                    leaf("Last_Name", "equal", "Alpha"), leaf("Annual_Revenue", "equal", 10)]},
                leaf("Last_Name", "equal", "Gamma")]},
            ["Alpha", "Gamma"],
        ),
    ],
)  # fmt: skip
def test_criteria(crm: Caller, criteria: dict[str, Any], expected: list[str] | None) -> None:
    """Every comparator on the fields it is for; None: it is not for that field."""
    crm.side.world.records("Leads").clear()
    crm.add("Leads", Last_Name="Alpha", Annual_Revenue=10.0)
    crm.add("Leads", Last_Name="Beta", Annual_Revenue=20.0, Email_Opt_Out=True)
    crm.add("Leads", Last_Name="Gamma")

    reply = crm.post(PATH, {"query": of_leads(criteria=criteria)})

    if expected is None:
        assert "FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE" == reply.json["code"]
        return
    job = reply.json["data"][0]["details"]["id"]
    assert expected == [row["Last_Name"] for row in rows(crm, job)]


def test_a_view_narrows_the_rows(crm: Caller) -> None:
    """The view's own condition is joined to ours, and the status shows both."""
    views = crm.get("/crm/v8/settings/custom_views", module="Leads").json["custom_views"]
    mine = next(view["id"] for view in views if view["system_name"] == "MYVIEW")
    query = of_leads(cvid=mine, criteria=leaf("Last_Name", "not_equal", "x"), fields=["Owner"])

    job = create(crm, query)
    owners = {row["Owner"] for row in rows(crm, job)}

    ada = crm.user_id("ada")
    assert {ada} == owners
    told = status(crm, job)["query"]["criteria"]
    assert ["Owner", "Last_Name"] == [one["field"]["api_name"] for one in told["group"]]


def test_pages_are_walked_by_token_or_number(crm: Caller) -> None:
    """A full page tells a token for the next; the number asks for the same page."""
    crm.turn(bulk_csv_rows=100)
    total = len(crm.side.world.records("Leads"))
    first = create(crm, of_leads())
    got = len(rows(crm, first))
    token = status(crm, first)["result"]["next_page_token"]

    second = create(crm, {"page_token": token})
    third = create(crm, of_leads(page=3))

    assert (100, 100, total - 200) == (got, len(rows(crm, second)), len(rows(crm, third)))
    assert 2 == status(crm, second)["result"]["page"]
    assert "next_page_token" not in status(crm, third)["result"]


def test_a_page_token_is_its_users_own_and_ends(crm: Caller) -> None:
    """Another user may not use it; after a day nobody may."""
    crm.turn(bulk_csv_rows=100)
    job = create(crm, of_leads())
    crm.clock.advance(10)
    body = {"query": {"page_token": status(crm, job)["result"]["next_page_token"]}}

    crm.sign_in("ben")
    assert "INVALID_DATA" == crm.post(PATH, body).json["code"]
    crm.clock.advance(86_400)
    crm.sign_in("ada")
    assert "EXPIRED_VALUE" == crm.post(PATH, body).json["code"]


def test_a_series_is_one_entry_of_a_calendar(crm: Caller) -> None:
    """A changed occurrence is an entry of its own, a change of clocks is none."""
    rule = {"RRULE": "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;DTSTART=2026-03-02;UNTIL=2026-03-16"}
    titles = {"02T15": "Review", "09T15": "Review; moved, twice", "16T14": "Review"}
    for hour, title in titles.items():
        crm.add("Events", Event_Title=title, Start_DateTime=f"2026-03-{hour}:00:00+00:00",
                End_DateTime=f"2026-03-{hour}:45:00+00:00", Recurring_Activity=rule,
                **{"$u_id": "series-1"})  # fmt: skip
    crm.add("Events", Event_Title="Offsite", Start_DateTime="2026-03-03T05:00:00+00:00",
            End_DateTime="2026-03-03T05:00:00+00:00", All_day=True)  # fmt: skip

    made = text(crm, create(crm, {"module": {"api_name": "Events"}}, file_type="ics"))

    lines = made.split("\r\n")
    assert 3 == lines.count("BEGIN:VEVENT")
    assert ["RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;UNTIL=20260316T235959Z"] == [
        line for line in lines if line.startswith("RRULE")
    ]
    assert "RECURRENCE-ID;TZID=America/New_York:20260309T100000" in lines
    assert "DTSTART;TZID=America/New_York:20260309T110000" in lines
    assert r"SUMMARY:Review\; moved\, twice" in lines
    assert "DTSTART;TZID=America/New_York:20260302T100000" in lines
    assert "DTSTART;VALUE=DATE:20260303" in lines


def test_ten_downloads_a_minute(crm: Caller) -> None:
    """The eleventh is refused until the minute is over."""
    job = create(crm, of_leads())
    crm.clock.advance(10)

    assert [200] * 10 + [429] == [download(crm, job).status for _ in range(11)]
    crm.clock.advance(61)
    assert 200 == download(crm, job).status


def test_a_result_is_kept_a_day(crm: Caller) -> None:
    """Afterwards, and before the job has ended, there is nothing to be found."""
    job = create(crm, of_leads())
    early = download(crm, job)
    crm.clock.advance(86_400)
    kept = crm.get(f"{PATH}/{job}").status
    crm.clock.advance(60)
    crm.sign_in("ada")

    gone = crm.get(f"{PATH}/{job}")

    assert (404, 401) == (early.status, kept)
    assert (404, "RESOURCE_NOT_FOUND") == (gone.status, gone.json["code"])
    assert 404 == download(crm, job).status


def test_a_failed_job_says_why(crm: Caller) -> None:
    """By a switch; the status carries the error, and there is no file."""
    crm.turn(bulk_fails=True)
    job = create(crm, of_leads())
    crm.clock.advance(10)

    told = status(crm, job)

    assert "FAILURE" == told["state"]
    assert "INTERNAL_SERVER_ERROR" == told["result"]["error_message"]["code"]
    assert 404 == download(crm, job).status


class Ear:
    """A server that keeps the callbacks it gets."""

    def __init__(self) -> None:
        """Listen on a free port."""
        self.heard: queue.Queue[Request] = queue.Queue()
        site = Site("ear")
        site.route("POST", "/cb/{word}", self._hear)
        self.server = Server.start(site)
        self.url = f"{self.server.origin}/cb/secret?x=1"

    def _hear(self, request: Request) -> Answer:
        self.heard.put(request)
        return Answer.empty()


@pytest.fixture
def ear() -> Iterator[Ear]:
    """A server to call back."""
    made = Ear()
    yield made
    made.server.stop()


def callback(ear: Ear) -> dict[str, str]:
    """Return the callback of a request."""
    return {"url": ear.url, "method": "post"}


def test_the_callback_tells_what_the_status_tells(crm: Caller, ear: Ear) -> None:
    """It is sent when the job ends, with the same body as the status page."""
    job = create(crm, of_leads(), callback=callback(ear))
    with pytest.raises(queue.Empty):
        ear.heard.get(timeout=0.2)
    crm.clock.advance(10)

    heard = ear.heard.get(timeout=5)

    assert crm.get(f"{PATH}/{job}").json == json.loads(heard.body)
    assert ("1", "secret") == (heard.query["x"], heard.params["word"])


@pytest.mark.parametrize(
    ("way", "states"),
    [("never", []), ("twice", ["COMPLETED", "COMPLETED"]), ("early", ["ADDED", "COMPLETED"])],
)
def test_callbacks_go_astray_by_a_switch(
    crm: Caller, ear: Ear, way: str, states: list[str]
) -> None:
    """Never, twice, or also before the job is done."""
    crm.turn(bulk_callbacks=way)
    create(crm, of_leads(), callback=callback(ear))

    heard = []
    if way == "early":
        heard.append(ear.heard.get(timeout=5))
    crm.clock.advance(10)
    while len(heard) < len(states):
        heard.append(ear.heard.get(timeout=5))
    with pytest.raises(queue.Empty):
        ear.heard.get(timeout=0.2)

    assert states == [json.loads(one.body)["data"][0]["state"] for one in heard]


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_callback_to_another_machine_is_not_sent(
    crm: Caller, ear: Ear, refused_connections: list[str], scheme: str
) -> None:
    """The job runs, and nobody is called: not there, and not here in its place."""
    port = ear.server.origin.rpartition(":")[2]
    url = f"{scheme}://parley.example.com:{port}/cb/secret"
    job = create(crm, of_leads(), callback={"url": url, "method": "post"})
    crm.clock.advance(10)
    for thread in threading.enumerate():
        if thread.name == "sandbox-bulk-courier":
            thread.join(5)

    assert "COMPLETED" == status(crm, job)["state"]
    assert ear.heard.empty()
    assert [] == refused_connections


DEEP = leaf("Last_Name", "equal", "a")
PAIR = {"group_operator": "and", "group": [DEEP, DEEP]}
DATE = "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("body", "code", "details"),
    [
        ({}, "INVALID_REQUEST", {"api_name": "query"}),
        ({"query": {"module": "Leads"}}, "MODULE_NOT_AVAILABLE", {}),
        ({"query": {"module": {"api_name": "Nope"}}}, "MODULE_NOT_AVAILABLE", {"module": "Nope"}),
        ({"query": of_leads(), "file_type": "pdf"}, "INVALID_DATA",
         {"supported_values": ["ics", "csv"]}),
        ({"query": of_leads(), "file_type": "ics"}, "MODULE_NOT_SUPPORTED", {}),
        ({"query": {"module": {"api_name": "Events"}, "fields": ["Venue"]}, "file_type": "ics"},
         "FIELD_NOT_SUPPORTED", {}),
        ({"query": of_leads(fields=["Nope"])}, "FIELD_NOT_AVAILABLE", {"api_name": "Nope"}),
        ({"query": of_leads(fields=["Last_Name"] * 201)}, "INVALID_DATA", {"max_limit": 200}),
        ({"query": {"module": {"api_name": "Events"}, "fields": ["Participants"]}},
         "FIELD_NOT_SUPPORTED", {"api_name": "Participants"}),
        ({"query": of_leads(page=501)}, "PAGE_RANGE_EXCEEDED", {"max_limit": 500}),
        ({"query": of_leads(page="1")}, "PAGE_NOT_SUPPORTED", {}),
        ({"query": of_leads(cvid="123")}, "CVID_NOT_SUPPORTED", {}),
        ({"query": {"page_token": "nope"}}, "INVALID_DATA", {"api_name": "page_token"}),
        ({"query": of_leads(), "callback": {"url": "http://127.0.0.1/x"}},
         "INVALID_CALLBACK_METHOD", {"supported_callback_methods": ["post"]}),
        ({"query": of_leads(), "callback": {"url": "x", "method": "post"}},
         "INVALID_CALLBACK_URL", {}),
        ({"query": of_leads(), "callback": {"url": "http://[", "method": "post"}},
         "INVALID_CALLBACK_URL", {}),
        ({"query": of_leads(criteria={**DEEP, **PAIR})}, "AMBIGUOUS_CRITERIA", {}),
        ({"query": of_leads(criteria={"group_operator": [], "group": [DEEP, DEEP]})},
         "GROUP_OPERATOR_NOT_SUPPORTED", {}),
        ({"query": of_leads(criteria=leaf("Last_Name", {}, "a"))},
         "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED", {}),
        ({"query": of_leads(criteria=leaf("Annual_Revenue", "equal", float("nan")))},
         "VALUE_TYPE_NOT_SUPPORTED", {}),
        ({"query": of_leads(criteria={"group_operator": "xor", "group": [DEEP, DEEP]})},
         "GROUP_OPERATOR_NOT_SUPPORTED", {"supported": ["and", "or"]}),
        ({"query": of_leads(criteria={"group_operator": "and", "group": [DEEP]})},
         "INVALID_CRITERIA", {}),
        ({"query": of_leads(criteria={"api_name": "Last_Name", "comparator": "equal",
                                      "value": "a"})}, "INVALID_CRITERIA", {}),
        ({"query": of_leads(criteria=leaf("Nope", "equal", "a"))},
         "FIELD_IN_CRITERIA_NOT_AVAILABLE", {"api_name": "Nope"}),
        ({"query": of_leads(criteria=leaf("Description", "equal", "a"))},
         "FIELD_IN_CRITERIA_NOT_SUPPORTED", {"api_name": "Description"}),
        ({"query": of_leads(criteria=leaf("Last_Name", "like", "a"))},
         "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED", {"comparator": "like"}),
        ({"query": of_leads(criteria=leaf("Owner", "contains", "1"))},
         "FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE",
         {"supported": ["equal", "not_equal", "in", "not_in"]}),
        ({"query": of_leads(criteria=leaf("Last_Name", "in", "a"))},
         "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", {}),
        ({"query": of_leads(criteria=leaf("Last_Name", "contains", "${EMPTY}"))},
         "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", {}),
        ({"query": of_leads(criteria=leaf("Last_Name", "in", ["a"] * 201))},
         "VALUE_LIMIT_EXCEEDED_IN_CRITERIA", {"max_limit": 200}),
        ({"query": of_leads(criteria=leaf("Created_Time", "between", [DATE]))},
         "VALUE_IN_CRITERIA_NOT_SUPPORTED", {}),
        ({"query": of_leads(criteria=leaf("Created_Time", "equal", "2026-01-01T00:00:00.000Z"))},
         "VALUE_TYPE_NOT_SUPPORTED", {"supported": ["datetime"]}),
        ({"query": of_leads(criteria=leaf("Annual_Revenue", "equal", "10"))},
         "VALUE_TYPE_NOT_SUPPORTED", {"supported": ["number"]}),
        ({"query": of_leads(criteria=leaf("Email_Opt_Out", "equal", "true"))},
         "VALUE_TYPE_NOT_SUPPORTED", {"supported": ["boolean"]}),
        ({"query": of_leads(criteria={"group_operator": "or", "group": [PAIR] * 13})},
         "CRITERIA_LIMIT_EXCEEDED", {"max_limit": 25}),
    ],
)  # fmt: skip
def test_a_body_that_is_not_taken(
    crm: Caller, body: dict[str, Any], code: str, details: dict[str, Any]
) -> None:
    """Every refusal is HTTP 400 with Zoho's code."""
    reply = crm.post(PATH, body)

    assert (400, code) == (reply.status, reply.json["code"])
    assert details.items() <= reply.json["details"].items()


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (b"{}", "text/plain", (415, "MEDIA_TYPE_NOT_SUPPORTED")),
        (b"", "application/json", (400, "REQUEST_BODY_IS_EMPTY")),
        (b"{", "application/json", (400, "REQUEST_BODY_NOT_READABLE")),
        (b"[]", "application/json", (400, "REQUEST_BODY_NOT_SUPPORTED")),
    ],
)
def test_a_body_that_is_no_json_object(
    crm: Caller, body: bytes, kind: str, expected: tuple[int, str]
) -> None:
    """Bulk read insists on its Content-Type, other than the rest of the API."""
    reply = crm.send("POST", PATH, body, kind)

    assert expected == (reply.status, reply.json["code"])


def test_the_scope_of_the_module_is_needed_too(crm: Caller) -> None:
    """`ZohoCRM.bulk.READ` alone reads nothing."""
    crm.sign_in("ada", "ZohoCRM.bulk.READ,ZohoCRM.modules.contacts.READ")

    assert 401 == crm.post(PATH, {"query": of_leads()}).status


def test_only_records_the_caller_may_see(crm: Caller) -> None:
    """Somebody who sees own records only exports own records only."""
    ben = crm.user_id("ben")
    crm.side.world.visibility[ben] = {"*": "own"}
    crm.sign_in("ben")

    found = rows(crm, create(crm, of_leads(fields=["Owner"])))

    assert {ben} == {row["Owner"] for row in found}
