"""The workspace's page without a browser: what it serves, shows, breaks, and whom it refuses."""

from __future__ import annotations

import http.client
import json
import re
import shlex
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from handlers.sandbox import workspace
from handlers.sandbox.person import Person
from handlers.sandbox.run import Sandbox
from handlers.sandbox.slack.steering import steer
from handlers.sandbox.web import Answer, Request, Server, Site

HERE = Path(workspace.__file__).parent
SCRIPTS = sorted(HERE.glob("*.js"))
MANIFEST = {
    "display_information": {"name": "Tester"},
    "features": {"slash_commands": [{"command": "/try", "usage_hint": "[x]", "description": "d"}]},
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
}
Json = dict[str, Any]


class Visit:
    """A sandbox and one connection to its page."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Keep a connection open."""
        self.sandbox = sandbox
        self.origin = sandbox.announcement()["workspace_url"]
        self._line = http.client.HTTPConnection(urlsplit(self.origin).netloc, timeout=10)

    def ask(
        self, path: str, body: Json | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers (lower case) and bytes; with `body`, of a POST."""
        sent = None if body is None else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._line.request("GET" if body is None else "POST", path, sent, named)
        answer = self._line.getresponse()
        told = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, told, answer.read()

    def state(self, user: str = "U0DEV", panel: str = "") -> Json:
        """Return what `user` sees."""
        status, _, body = self.ask(f"/control/workspace/state?user={user}&panel={panel}")
        assert 200 == status, body
        found: Json = json.loads(body)
        return found

    def mishap(self, name: str, user: str = "U0DEV") -> int:
        """Let something go wrong; return the status."""
        return self.ask("/control/workspace/mishap", {"name": name, "user": user})[0]

    def close(self) -> None:
        """Close the connection."""
        self._line.close()


@pytest.fixture
def visit() -> Iterator[Visit]:
    """Run a sandbox and visit its page."""
    sandbox = Sandbox.start()
    made = Visit(sandbox)
    yield made
    made.close()
    sandbox.stop()


@pytest.fixture
def app(visit: Visit) -> Iterator[list[Request]]:
    """Install an app that acknowledges everything; give what it got."""
    got: list[Request] = []

    def receive(request: Request) -> Answer:
        got.append(request)
        return Answer()

    site = Site("app")
    site.route("POST", "/slack", receive)
    server = Server.start(site)
    steer(visit.origin, "install", manifest=MANIFEST, request_url=f"{server.origin}/slack")
    yield got
    server.stop()


def test_the_page_loads_from_itself_alone(visit: Visit) -> None:
    """A strict policy on every file, and nothing named that isn't there."""
    status, headers, page = visit.ask("/")
    assert 200 == status
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    named = re.findall(r'(?:src|href)="(/[^"]+)"', page.decode())
    named += [f"/workspace/{path.name}" for path in SCRIPTS]
    for path in named:
        status, headers, _ = visit.ask(path)
        assert (200, policy) == (status, headers["content-security-policy"]), path


@pytest.mark.parametrize(
    "name", ["page.py", "..%2Fworkspace%2Fmain.js", "none.js", ".js", "%2e%2e"]
)
def test_no_other_file_is_served(visit: Visit, name: str) -> None:
    """Only the page's own scripts, styles and markup."""
    assert 404 == visit.ask(f"/workspace/{name}")[0]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.name))
def test_scripts_make_no_markup_of_data(path: Path) -> None:
    """Nodes only; no string is ever read as markup or code; nothing comes from elsewhere."""
    text = path.read_text("utf-8")
    bad = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|srcdoc"
    assert [] == re.findall(bad, text)
    assert [] == re.findall(r"from \"(?!\./)", text)
    assert 300 >= text.count("\n")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80", "Origin": "http://evil.example:80"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
    ],
    ids=str,
)
@pytest.mark.parametrize("body", [None, {"user": "U0DEV", "text": "hi"}], ids=["look", "act"])
def test_pages_of_other_sites_are_refused(
    visit: Visit, headers: dict[str, str], body: Json | None
) -> None:
    """Neither a name led to this port (DNS rebinding) nor another origin sees or does anything."""
    path = "/control/workspace/state?user=U0DEV" if body is None else "/control/slack/say"
    status, _, answer = visit.ask(path, body, **headers)
    assert (403, {"error": "not_local"}) == (status, json.loads(answer))
    assert [] == visit.sandbox.slack.workspace.direct("U0DEV").messages


def test_its_own_page_may_ask(visit: Visit) -> None:
    """Under each of this machine's own names."""
    port = urlsplit(visit.origin).port
    for name in ("127.0.0.1", "localhost", "[::1]"):
        host = f"{name}:{port}"
        assert 200 == visit.ask("/", Host=host, Origin=f"http://{host}")[0]


def test_a_state_that_is_what_it_was_costs_nothing(visit: Visit) -> None:
    """The mark answers 304 without a body until something changes for this person."""
    path = "/control/workspace/state?user=U0DEV"
    visit.sandbox.clock.freeze(visit.sandbox.clock.now())
    headers = visit.ask(path)[1]
    mark = headers["etag"]
    assert (304, b"") == visit.ask(path, If_None_Match=mark)[::2]
    Person(visit.origin, "U0BEN").says("for Ben alone, in his own messages")
    assert 304 == visit.ask(path, If_None_Match=mark)[0]
    Person(visit.origin, "U0BEN").says("for all", "C0GENERAL")
    assert 200 == visit.ask(path, If_None_Match=mark)[0]


def test_each_person_sees_their_own_channels(visit: Visit) -> None:
    """Private channels are for members; accounts say how they stand in the CRM."""
    names = {one["name"] for one in visit.state("U0DEV")["channels"]}
    assert "secret" not in names
    assert {*names, "secret"} == {one["name"] for one in visit.state("U0ADA")["channels"]}
    accounts = {one["name"]: one["account"] for one in visit.state()["people"]}
    assert "CRM account, not connected" == accounts["ada"]
    assert "no CRM account of this address" == accounts["pat"]


@pytest.mark.parametrize("user", ["", "U0NOBODY", "U0BOT", "U0EVA"])
def test_only_people_can_be_acted_as(visit: Visit, user: str) -> None:
    """No bot, nobody who left."""
    assert 409 == visit.ask(f"/control/workspace/state?user={user}")[0]


def test_typed_words_are_kept_as_slack_keeps_them(visit: Visit) -> None:
    """Escaped, with ids for names; in a thread when given."""
    first = steer(visit.origin, "say", user="U0DEV", channel="C0SALES", text="a", typed=True)
    ts = first["message"]["ts"]
    said = steer(
        visit.origin, "say", user="U0DEV", channel="C0SALES",
        text="<b> & @ben", typed=True, thread_ts=ts,
    )["message"]  # fmt: skip
    assert ("&lt;b&gt; &amp; <@U0BEN|ben>", ts) == (said["text"], said["thread_ts"])


def test_every_mishap_can_be_caused_and_taken_back(visit: Visit) -> None:
    """Each changes what is under way or the clock, except the token's end, which stays."""
    groups = visit.state(panel="faults")["panel"]["groups"]
    names = [one["name"] for group in groups.values() for one in group]
    for name in names:
        before, now = visit.state(panel="faults")["panel"]["armed"], visit.sandbox.clock.now()
        assert 200 == visit.mishap(name)
        armed = visit.state(panel="faults")["panel"]["armed"]
        later = (visit.sandbox.clock.now() - now).total_seconds() > 50
        assert armed != before or later or name == "revoke", name
    assert 200 == visit.mishap("well")
    assert [] == visit.state(panel="faults")["panel"]["armed"]
    assert 409 == visit.mishap("nonsense")
    assert 409 == visit.mishap("revoke", "U0PAT")


def test_a_revoked_token_is_over(visit: Visit) -> None:
    """For the account of who acts, and for nobody else."""
    grants = visit.sandbox.crm.world.grants
    for name in ("dev", "ben"):
        grants.add_refresh(_user(visit, f"{name}@example.com")["id"], "x")
    assert "CRM account connected" == _account(visit, "dev")
    visit.mishap("revoke")
    assert "CRM account, not connected" == _account(visit, "dev")
    assert "CRM account connected" == _account(visit, "ben")


def _user(visit: Visit, email: str) -> Json:
    found = visit.sandbox.crm.world.user_named(email)
    assert found is not None
    return found


def _account(visit: Visit, name: str) -> str:
    return next(str(p["account"]) for p in visit.state()["people"] if p["name"] == name)


def test_meetings_stand_under_their_days(visit: Visit) -> None:
    """In the viewer's zone, a series numbered, participants named."""
    world, ada = visit.sandbox.crm.world, _user(visit, "ada@example.com")
    for day in ("05", "12"):
        start, end = (f"2026-03-{day}T{hour}:00:00+00:00" for hour in ("20", "21"))
        guest = {"name": "Ben Okoro", "type": "user", "participant": "1"}
        values = {"Event_Title": "Review", "Start_DateTime": start, "End_DateTime": end,
                  "$u_id": "s", "Participants": [guest]}  # fmt: skip
        world.add("Events", values, ada)
    days = visit.state("U0DEV", "crm")["panel"]["days"]
    assert ["Fri 6 Mar 2026", "Fri 13 Mar 2026"] == [one["day"] for one in days]
    meeting = days[1]["meetings"][0]
    assert ("01:30-02:30", "2 of 2") == (meeting["time"], meeting["part"])
    assert ["Ben Okoro (user)"] == meeting["people"]
    assert "Thu 5 Mar 2026" == visit.state("U0BEN", "crm")["panel"]["days"][0]["day"]


def test_jobs_are_shown_and_a_late_callback_comes_late(visit: Visit) -> None:
    """The panel tells each job's state; the call comes 90 seconds after the end."""
    called = threading.Event()

    def hear(_request: Request) -> Answer:
        called.set()
        return Answer.empty()

    site = Site("ear")
    site.route("POST", "/called", hear)
    ear = Server.start(site)
    try:
        visit.mishap("late")
        grants, ada = visit.sandbox.crm.world.grants, _user(visit, "ada@example.com")
        token = grants.add_access(ada["id"], "ZohoCRM.bulk.ALL ZohoCRM.modules.ALL", "")
        asked = {
            "query": {"module": {"api_name": "Leads"}, "fields": ["Last_Name"]},
            "callback": {"url": f"{ear.origin}/called", "method": "post"},
        }
        named = {"Authorization": f"Zoho-oauthtoken {token}", "Content_Type": "application/json"}
        assert 201 == visit.ask("/crm/bulk/v8/read", asked, **named)[0]
        states = [visit.state(panel="crm")["panel"]["jobs"][0]["state"]]
        visit.sandbox.clock.advance(30)
        states.append(visit.state(panel="crm")["panel"]["jobs"][0]["state"])
        assert ["ADDED", "COMPLETED"] == states
        assert not called.wait(0.3)
        visit.sandbox.clock.advance(90)
        assert called.wait(5)
    finally:
        ear.stop()


def test_every_exchange_can_be_sent_again_from_a_shell(visit: Visit, app: list[Request]) -> None:
    """The curl of a delivery holds the very bytes and signature; tokens of the CRM are masked."""
    Person(visit.origin, "U0DEV").types('/try it\'s "quoted" & more')
    rows = visit.state(panel="traffic")["panel"]["rows"]
    assert ("Slack → bot", "command /try", "ok") == tuple(
        rows[0][key] for key in ("way", "what", "verdict")
    )
    assert rows[0]["ms"] is not None
    whole = json.loads(visit.ask(f"/control/workspace/exchange?key={rows[0]['key']}")[2])
    words = shlex.split(whole["curl"])
    assert app[0].body.decode() == words[words.index("--data-raw") + 1]
    signature = app[0].headers["x-slack-signature"]
    assert f"X-Slack-Signature: {signature}" in words
    visit.ask("/crm/v8/users?type=AllUsers", Authorization="Zoho-oauthtoken 1000.secret")
    row = visit.state(panel="traffic")["panel"]["rows"][0]
    assert ("bot → CRM", "401", False) == (row["way"], row["verdict"], row["ok"])
    whole = json.loads(visit.ask(f"/control/workspace/exchange?key={row['key']}")[2])
    assert "secret" not in whole["curl"]
    assert f"{visit.origin}/crm/v8/users?type=AllUsers" in whole["curl"]


@pytest.mark.parametrize(
    "key", ["", "crm-x", "crm-999", "call-999", "delivery-999", "x-1", "call--1"]
)
def test_an_exchange_that_never_was_is_not_found(visit: Visit, key: str) -> None:
    """Whatever the key looks like."""
    assert 404 == visit.ask(f"/control/workspace/exchange?key={key}")[0]


def test_refusals_come_with_their_rule(visit: Visit) -> None:
    """An app that isn't there, and the rule behind that."""
    url = "http://127.0.0.1:9/slack"
    steer(visit.origin, "install", manifest=MANIFEST, request_url=url)
    Person(visit.origin, "U0DEV").ask("command", channel="C0GENERAL", text="/try")
    refusal = visit.state()["refusals"][-1]
    assert ("command", "dispatch_failed") == (refusal["what"], refusal["error"])
    rules = json.loads(visit.ask("/control/workspace/rules")[2])
    assert "Slack reached nobody at the app's address." == rules[refusal["error"]]


def test_the_page_meets_no_fault_and_leaves_no_trace_at_the_crm(visit: Visit) -> None:
    """A CRM that hangs up on everything still shows the page."""
    visit.sandbox.crm.faults.arm({"kind": "cut_before", "times": None})
    assert 200 == visit.ask("/")[0]
    assert 200 == visit.ask("/workspace/main.js")[0]
    assert [] == visit.sandbox.crm.traffic.listing()


def test_two_sandboxes_run_side_by_side(visit: Visit) -> None:
    """Each on ports of its own."""
    other = Sandbox.start()
    try:
        assert other.announcement()["workspace_url"] != visit.origin
        Person(other.announcement()["control_url"], "U0DEV").says("there", "C0GENERAL")
        assert [] == visit.state()["channels"][0]["messages"]
    finally:
        other.stop()
