"""Records, lists, users, metadata, credits."""

from __future__ import annotations

import threading
from itertools import pairwise

import pytest

from handlers.sandbox.web import Answer, Request
from tests.handlers.sandbox.client import Crm


def test_a_list_needs_fields(crm: Crm) -> None:
    """REQUIRED_PARAM_MISSING names the parameter."""
    reply = crm.call("GET", "Leads")
    assert (400, "REQUIRED_PARAM_MISSING") == (reply.status, reply.json["code"])
    assert reply.json["details"]["param_name"] == "fields"


def test_a_list_answers_the_fields_asked_for_newest_first(crm: Crm) -> None:
    """The id is always there; the default order is id, descending."""
    rows = crm.call("GET", "Leads?fields=Last_Name&per_page=5").json["data"]
    assert {frozenset(row) for row in rows} == {frozenset({"id", "Last_Name"})}
    ids = [row["id"] for row in rows]
    assert ids == sorted(ids, reverse=True)


def test_pages_and_tokens_walk_the_whole_list(crm: Crm) -> None:
    """Every lead once, whichever way one goes on."""
    everyone = {record["id"] for record in crm.control("crm/Leads")["records"]}
    path = "Leads?fields=id&per_page=100"
    first = crm.call("GET", path).json
    second = crm.call("GET", f"{path}&page_token={first['info']['next_page_token']}").json
    third = crm.call("GET", f"{path}&page=3").json
    rows = [*first["data"], *second["data"], *third["data"]]
    assert (len(rows), {row["id"] for row in rows}) == (len(everyone), everyone)
    assert [page["info"]["more_records"] for page in (first, second, third)] == [True, True, False]
    assert crm.call("GET", f"{path}&page=4").status == 204


@pytest.mark.parametrize(
    ("extra", "person", "wait", "code"),
    [
        ("&sort_by=Created_Time", "ada", 0, "TOKEN_BOUND_DATA_MISMATCH"),
        ("", "ben", 0, "TOKEN_BOUND_DATA_MISMATCH"),
        ("&page=2", "ada", 0, "AMBIGUITY_DURING_PROCESSING"),
        ("", "ada", 86_401, "EXPIRED_VALUE"),
    ],
)
def test_a_page_token_is_bound(crm: Crm, extra: str, person: str, wait: int, code: str) -> None:
    """To its user, its parameters and a day."""
    path = "Leads?fields=id&per_page=100"
    token = crm.call("GET", path).json["info"]["next_page_token"]
    crm.control("clock", {"advance": wait})
    fresh = crm.grant(person)["access_token"]
    reply = crm.call("GET", f"{path}&page_token={token}{extra}", token=fresh)
    assert (400, code) == (reply.status, reply.json["code"])


def test_more_than_two_thousand_rows_need_a_token(crm: Crm) -> None:
    """The real server's dump: details.limit 2000."""
    reply = crm.call("GET", "Leads?fields=id&page=11")
    assert reply.json["code"] == "DISCRETE_PAGINATION_LIMIT_EXCEEDED"
    assert reply.json["details"] == {"limit": 2000}


@pytest.mark.parametrize(
    "query", ["per_page=201", "per_page=0", "sort_by=Start_DateTime", "page=x"]
)
def test_wrong_list_parameters_are_refused(crm: Crm, query: str) -> None:
    """INVALID_DATA."""
    assert crm.call("GET", f"Events?fields=id&{query}").json["code"] == "INVALID_DATA"


def test_records_by_ids(crm: Crm) -> None:
    """Unknown ids are simply not there."""
    lead = crm.record("Leads", Last_Name="Kidman")["id"]
    rows = crm.call("GET", f"Leads?ids={lead},123&fields=Full_Name").json["data"]
    assert rows == [{"id": lead, "Full_Name": "Carissa Kidman"}]


def test_unknown_records_and_modules(crm: Crm) -> None:
    """204 for an id, 400 for a module, 404 for a path, 400 for a method."""
    assert crm.call("GET", "Leads/5876012000099999999").status == 204
    found = [
        crm.call("GET", "Potatoes?fields=id"),
        crm.call("GET", "Leads/1/2/3/4"),
        crm.call("DELETE", "org"),
    ]
    assert [(each.status, each.json["code"]) for each in found] == [
        (400, "INVALID_MODULE"),
        (404, "INVALID_URL_PATTERN"),
        (400, "INVALID_REQUEST_METHOD"),
    ]


def test_a_lead_is_made_and_changed(crm: Crm) -> None:
    """Full_Name follows the parts; the answer has times and people."""
    lead = {"First_Name": "Nia", "Last_Name": "Quill", "Email": "nia@example.com"}
    made = crm.call("POST", "Leads", {"data": [lead]})
    assert (201, "record added") == (made.status, made.json["data"][0]["message"])
    found = made.json["data"][0]["details"]["id"]
    crm.call("PUT", f"Leads/{found}", {"data": [{"Last_Name": "Quince"}]})
    record = crm.call("GET", f"Leads/{found}").json["data"][0]
    assert (record["Full_Name"], record["Email"]) == ("Nia Quince", "nia@example.com")


def test_a_lead_needs_a_last_name_and_a_real_address(crm: Crm) -> None:
    """One good, two bad: 207 in the order sent."""
    rows = [{"First_Name": "No"}, {"Last_Name": "Fine"}, {"Last_Name": "B", "Email": "x@"}]
    reply = crm.call("POST", "Leads", {"data": rows})
    codes = [entry["code"] for entry in reply.json["data"]]
    assert (207, ["MANDATORY_NOT_FOUND", "SUCCESS", "INVALID_DATA"]) == (reply.status, codes)


def test_the_seed_has_two_patricia_boyles(crm: Crm) -> None:
    """With different addresses and accounts."""
    found = [
        (record["Email"], record["Account_Name"]["name"])
        for record in crm.control("crm/Contacts")["records"]
        if record["Full_Name"] == "Patricia Boyle"
    ]
    assert len(set(found)) == 2


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("CurrentUser", ["Ada"]),
        ("DeactiveUsers", ["Eva"]),
        ("AdminUsers", ["Ada"]),
        ("ActiveUsers", ["Ada", "Ben", "Chloe", "Dev", "Grace"]),
    ],
)
def test_users_by_type(crm: Crm, kind: str, names: list[str]) -> None:
    """The Get Users page's types."""
    users = crm.call("GET", f"users?type={kind}").json["users"]
    assert names == [user["first_name"] for user in users]


def test_one_user_and_the_organisation(crm: Crm) -> None:
    """By id; the organisation has its zgid."""
    found = crm.call("GET", f"users/{crm.user_id('dev')}").json["users"][0]
    assert (found["email"], found["time_zone"]) == ("dev@example.com", "Asia/Kolkata")
    assert crm.call("GET", "org").json["org"][0]["zgid"] == "823711904"
    assert crm.call("GET", "users/1").status == 400


def test_events_are_called_meetings_in_the_metadata(crm: Crm) -> None:
    """API name Events, labels Meeting and Meetings."""
    modules = crm.call("GET", "settings/modules").json["modules"]
    found = next(each for each in modules if each["api_name"] == "Events")
    labels = (found["module_name"], found["singular_label"], found["plural_label"])
    assert labels == ("Meetings", "Meeting", "Meetings")


def test_fields_metadata_has_types_and_picklists(crm: Crm) -> None:
    """As the field exports of Events show them."""
    fields = {
        f["api_name"]: f for f in crm.call("GET", "settings/fields?module=Events").json["fields"]
    }
    types = {
        name: fields[name]["data_type"]
        for name in ("Participants", "Recurring_Activity", "Remind_At")
    }
    assert types == {
        "Participants": "bigint", "Recurring_Activity": "RRULE", "Remind_At": "multireminder",
    }  # fmt: skip
    stage = crm.call("GET", "settings/fields?module=Deals").json["fields"]
    picks = next(f for f in stage if f["api_name"] == "Stage")["pick_list_values"]
    assert picks[0]["actual_value"] == "Qualification"
    assert crm.call("GET", "settings/fields").json["code"] == "REQUIRED_PARAM_MISSING"


def test_the_view_my_leads_shows_own_leads(crm: Crm) -> None:
    """Two views a module: All and My."""
    views = crm.call("GET", "settings/custom_views?module=Leads").json["custom_views"]
    assert [view["name"] for view in views] == ["All Leads", "My Leads"]
    rows = crm.call("GET", f"Leads?fields=Owner&cvid={views[1]['id']}").json["data"]
    assert {row["Owner"]["id"] for row in rows} == {crm.user_id("ada")}


def test_zohos_headers_are_on_every_answer(crm: Crm) -> None:
    """Also on a refusal; a 204 has no type and no file name."""
    reply = crm.call("GET", "org")
    assert reply.headers["Server"] == "ZGS"
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert reply.headers["X-ACCESSTOKEN-RESET"]
    assert reply.headers["X-API-CREDITS-REMAINING"] is None
    assert crm.raw("GET", "/crm/v8/org").headers["Server"] == "ZGS"
    empty = crm.call("GET", "Leads/1")
    assert (empty.status, empty.headers["Content-Type"]) == (204, None)


def test_credits_run_out_with_429_and_come_back(crm: Crm) -> None:
    """The remaining ones are told from half on; the day rolls."""
    crm.switch("api.credits", 4)
    replies = [crm.call("GET", "org") for _ in range(5)]
    assert [reply.status for reply in replies] == [200, 200, 200, 200, 429]
    told = [reply.headers["X-API-CREDITS-REMAINING"] for reply in replies]
    assert told == [None, "2", "1", "0", "0"]
    assert replies[4].json["code"] == "TOO_MANY_REQUESTS"
    crm.control("clock", {"advance": 86_401})
    assert crm.call("GET", "org", token=crm.grant()["access_token"]).status == 200


def test_too_many_calls_at_once_are_refused(crm: Crm) -> None:
    """The limit counts running calls, so a slow page holds its place."""
    crm.switch("api.concurrency", 1)
    token = crm.token()
    entered, go_on = threading.Event(), threading.Event()

    def slow(_request: Request) -> Answer:
        entered.set()
        go_on.wait(10)
        return Answer.json({})

    crm.side.site.route("GET", "/crm/v8/org/slow/down", slow)
    first = threading.Thread(
        target=crm.call, args=("GET", "org/slow/down"), kwargs={"token": token}
    )
    first.start()
    entered.wait(10)
    assert crm.call("GET", "org", token=token).status == 429
    go_on.set()
    first.join()
    assert crm.call("GET", "org", token=token).status == 200


def test_ids_rise_by_two_or_more_and_cannot_be_guessed(crm: Crm) -> None:
    """Nineteen digits with the organisation's prefix; the steps differ."""
    ids = [int(crm.side.world.new_id()) for _ in range(200)]
    steps = {later - sooner for sooner, later in pairwise(ids)}
    assert min(steps) >= 2
    assert len(steps) > 10
    assert {str(each)[:7] for each in ids} == {"5876012"}
    assert {len(str(each)) for each in ids} == {19}
