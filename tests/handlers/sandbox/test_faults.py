"""Faults, traffic and the other controls."""

from __future__ import annotations

import http.client
import time
from typing import Any

import pytest

from tests.handlers.sandbox.client import Crm

EVENT = {
    "data": [
        {
            "Event_Title": "Sync",
            "Start_DateTime": "2026-03-01T10:00:00-05:00",
            "End_DateTime": "2026-03-01T11:00:00-05:00",
        }
    ]
}


def arm(crm: Crm, **fault: Any) -> None:
    """Arm a fault."""
    crm.control("faults", fault)


def made(crm: Crm) -> int:
    """Return how many meetings there are."""
    return len(crm.control("crm/Events")["records"])


def test_a_lost_answer_leaves_the_meeting_made(crm: Crm) -> None:
    """cut_after: the record is there, the answer is not; the next call is well."""
    arm(crm, kind="cut_after", method="POST", path="/crm/v8/Events")
    with pytest.raises(http.client.RemoteDisconnected):
        crm.call("POST", "Events", EVENT)
    assert made(crm) == 1
    assert crm.call("POST", "Events", EVENT).status == 201


def test_a_cut_before_makes_nothing(crm: Crm) -> None:
    """cut_before: no record, no answer."""
    arm(crm, kind="cut_before", method="POST", path="/crm/v8/Events")
    with pytest.raises(http.client.RemoteDisconnected):
        crm.call("POST", "Events", EVENT)
    assert made(crm) == 0


def test_an_error_may_come_after_the_deed(crm: Crm) -> None:
    """error_after: 500 INTERNAL_ERROR, and the record is there."""
    arm(crm, kind="error_after", path="/crm/v8/Events")
    reply = crm.call("POST", "Events", EVENT)
    assert (500, "INTERNAL_ERROR", 1) == (reply.status, reply.json["code"], made(crm))


def test_an_answer_may_stand_in_for_the_page(crm: Crm) -> None:
    """answer: status, body and headers as told, the page is not asked."""
    arm(crm, kind="answer", path="/crm/v8/Events", status=503, body={"a": 1}, headers={"X-Y": "z"})
    reply = crm.call("POST", "Events", EVENT)
    assert (503, {"a": 1}, "z", 0) == (reply.status, reply.json, reply.headers["X-Y"], made(crm))


@pytest.mark.parametrize(("kind", "status", "code"), [
    ("throttle", 429, "TOO_MANY_REQUESTS"), ("invalid_token", 401, "INVALID_TOKEN"),
])  # fmt: skip
def test_throttling_and_bad_tokens_may_be_told(crm: Crm, kind: str, status: int, code: str) -> None:
    """By default without any header that says how long."""
    arm(crm, kind=kind, path="/crm/v8/org", headers={"Retry-After": "3"})
    arm(crm, kind=kind, path="/crm/v8/org")
    replies = [crm.call("GET", "org") for _ in range(3)]
    assert [each.status for each in replies] == [status, status, 200]
    assert [each.headers["Retry-After"] for each in replies] == ["3", None, None]
    assert replies[0].json["code"] == code


def test_a_delay_holds_the_answer_back(crm: Crm) -> None:
    """delay: then the page answers as ever."""
    crm.token()
    arm(crm, kind="delay", path="/crm/v8/org", seconds=0.2)
    began = time.monotonic()
    assert crm.call("GET", "org").status == 200
    assert time.monotonic() - began >= 0.2


def test_faults_count_skip_and_fit_patterns(crm: Crm) -> None:
    """Two times after one skipped, on any id, only for GET."""
    arm(crm, kind="throttle", method="GET", path="/crm/v8/Leads/{id}", times=2, skip=1)
    assert [crm.call("GET", f"Leads/{n}").status for n in range(4)] == [204, 429, 429, 204]
    shown = crm.control("faults")["faults"][0]
    assert (shown["struck"], shown["left"]) == (2, 0)


def test_faults_strike_the_accounts_server_too(crm: Crm) -> None:
    """A refresh may be lost as well; controls are never struck."""
    arm(crm, kind="answer", path="*", times=None)
    assert crm.form("/oauth/v2/token", {}).status == 503
    crm.control("faults", method="DELETE")
    assert crm.form("/oauth/v2/token", {}).status == 200


@pytest.mark.parametrize("told", [{}, {"kind": "boom"}, {"kind": "delay", "sec": 1},
                                  {"kind": "delay", "seconds": "x"}])  # fmt: skip
def test_a_fault_that_makes_no_sense_is_refused(crm: Crm, told: dict[str, Any]) -> None:
    """400 with the reason, nothing armed."""
    with pytest.raises(AssertionError, match="BadFault"):
        crm.control("faults", told)
    assert crm.control("faults")["faults"] == []


def test_traffic_is_kept_without_secrets(crm: Crm) -> None:
    """Tokens, codes and the client secret appear nowhere."""
    grant = crm.grant()
    crm.call("GET", "org", token=grant["access_token"])
    sent = {**crm.credentials(), "grant_type": "refresh_token",
            "refresh_token": grant["refresh_token"]}  # fmt: skip
    crm.form("/oauth/v2/token", sent)
    crm.raw("POST", f"/oauth/v2/token/revoke?token={grant['refresh_token']}")
    text = crm.raw("GET", "/control/traffic").body.decode()
    secrets = (grant["access_token"], grant["refresh_token"], sent["client_secret"])
    assert not [secret for secret in secrets if secret in text]
    entry = crm.control("traffic?path=/crm/v8/org")["traffic"][0]
    assert (entry["method"], entry["status"]) == ("GET", 200)
    assert entry["headers"]["authorization"] == "Zoho-oauthtoken ***"
    assert entry["answer"]["org"][0]["company_name"] == "Parley Trading"


def test_cut_requests_are_in_the_traffic(crm: Crm) -> None:
    """Without a status."""
    arm(crm, kind="cut_before", path="/crm/v8/org")
    crm.token()
    with pytest.raises(http.client.RemoteDisconnected):
        crm.call("GET", "org")
    assert crm.control("traffic?path=/crm/v8/org")["traffic"][0]["status"] is None


def test_reset_brings_the_seed_back_and_spends_no_id_twice(crm: Crm) -> None:
    """Switches, faults, records, clock; ids go on; tokens live on."""
    first = crm.call("POST", "Events", EVENT).json["data"][0]["details"]["id"]
    crm.switch("api.insert_status", 200)
    crm.control("clock", {"freeze": "2027-01-01T00:00:00+00:00"})
    crm.control("reset", {})
    assert made(crm) == 0
    assert crm.control("clock")["now"] < "2027"
    reply = crm.call("POST", "Events", EVENT)
    assert reply.status == 201
    assert reply.json["data"][0]["details"]["id"] > first


def test_records_can_be_put_in_and_changed(crm: Crm) -> None:
    """Many at once; an id that exists changes that record."""
    body = {"record": {"Last_Name": "Bulk {n}", "First_Name": "Ann"}, "count": 3}
    added = crm.control("crm/Leads", body)["records"]
    assert ["Ann Bulk 0", "Ann Bulk 1", "Ann Bulk 2"] == [each["Full_Name"] for each in added]
    assert len({each["id"] for each in added}) == 3
    crm.control("crm/Leads", {"record": {"id": added[0]["id"], "Email": "b@example.com"}})
    assert crm.record("Leads", Email="b@example.com")["id"] == added[0]["id"]
    path = f"crm/Leads/{added[1]['id']}"
    assert crm.control(path, method="DELETE") == {"deleted": True}


def test_tokens_can_be_revoked_and_scopes_taken_away(crm: Crm) -> None:
    """One person's or all; access tokens alone if wanted."""
    mine, theirs = crm.grant("ada"), crm.grant("ben")

    def works(grant: Any) -> bool:
        return crm.call("GET", "org", token=grant["access_token"]).status == 200

    crm.control("tokens/revoke", {"user": "ada@example.com", "access_only": True})
    assert (works(mine), works(theirs)) == (False, True)
    crm.control("crm/users/ben@example.com", {"scopes": ["ZohoCRM.users.READ"]})
    assert not works(theirs)
    crm.control("tokens/revoke", {"all": True})
    assert crm.call("GET", "users", token=theirs["access_token"]).json["code"] == "INVALID_TOKEN"


def test_a_switch_takes_only_its_choices(crm: Crm) -> None:
    """Every switch says its default and why it exists."""
    with pytest.raises(AssertionError, match="takes"):
        crm.switch("events.byday_list", "perhaps")
    with pytest.raises(AssertionError, match="no switch"):
        crm.switch("events.nothing", 1)
    for switch in crm.control("switches").values():
        assert switch["value"] == switch["default"]
        assert switch["note"]
