"""Connecting in a browser, over real WSGI calls, a real file and the sandbox."""

import base64
import hashlib
import html
import random
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from bot.domain.connection import Owner
from bot.domain.profile import Profile
from handlers.web.oauth import OauthPages
from handlers.web.router import Router
from tests.bot.journeys.connecting import ADA, EVA, PAT, Town, token_of, town
from tests.handlers.web.calling import Answer, call, environ, run

Cases = Callable[[int, int], int]
FORM = "application/x-www-form-urlencoded"
_sockets: list[object] = []


def _heard(event: str, arguments: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.getaddrinfo"}:
        _sockets.append(arguments)


@pytest.fixture(scope="session")
def _audit() -> None:
    """Hear every connection of this process; an audit hook stays for good."""
    sys.addaudithook(_heard)


@pytest.fixture
def sockets(_audit: None) -> list[object]:
    """Every connection and look-up from now on."""
    _sockets.clear()
    return _sockets


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    """A town in which the time stands still unless a test moves it."""
    with town(tmp_path / "parley.db") as made:
        made.sandbox.clock.freeze(made.now())
        yield made


def pages(here: Town, public_url: str = "http://127.0.0.1:8765") -> Router:
    """Return the pages as the bot serves them."""
    served = OauthPages(
        here.connect,
        clock=here.now,
        public_url=public_url,
        accounts_origins=[here.told["accounts_url"]],
    )
    return Router(served.routes())


def link(here: Town, owner: Owner = ADA) -> str:
    """Return a fresh link's token."""
    return token_of(here.connect.link(owner, now=here.now()))


def press(app: Router, token: str, **headers: str) -> Answer:
    """Press the page's button."""
    body = urlencode({"link": token}).encode()
    return call(app, "POST", "/oauth/start", body=body, kind=FORM, headers=headers)


def back(here: Town, app: Router, started: Answer, email: str, cookie: str | None = None) -> Answer:
    """Consent at the sandbox and come back with the browser's cookie."""
    query = urlsplit(started.headers["location"]).query
    _, headers, _ = here.post(
        f"/oauth/v2/consent?{query}&{urlencode({'sandbox_user': email})}", {"decision": "accept"}
    )
    kept = started.headers["set-cookie"].partition(";")[0] if cookie is None else cookie
    return call(
        app,
        "GET",
        "/oauth/callback",
        query=urlsplit(headers["Location"]).query,
        headers={"Cookie": f"other=1; {kept}"} if kept else {},
    )


def test_the_page_names_the_person_and_the_workspace_and_consumes_nothing(here: Town) -> None:
    """GET and HEAD, as often as a preview likes; then the button still works."""
    app, token = pages(here), link(here)
    for method in ("GET", "HEAD", "GET"):
        answer = call(app, method, "/oauth/start", query=urlencode({"link": token}))
        assert answer.status == 200
    assert "Ada Moreno" in answer.text
    assert "Workspace T0PARLEY" in answer.text
    assert "set-cookie" not in answer.headers
    assert press(app, token).status == 303


def test_the_button_leads_to_the_crm_and_binds_this_browser(here: Town) -> None:
    """303, and a cookie that scripts and other sites don't get."""
    answer = press(pages(here), link(here))
    assert answer.status == 303
    assert answer.headers["location"].startswith(f"{here.told['accounts_url']}/oauth/v2/auth?")
    name, *rest = answer.headers["set-cookie"].split("; ")
    assert name.startswith("parley=")
    assert rest == ["Path=/", "Max-Age=600", "HttpOnly", "SameSite=Lax"]
    assert answer.headers["cache-control"] == "no-store"


def test_over_https_the_cookie_is_bound_to_the_host(here: Town) -> None:
    """``__Host-`` needs Secure, Path=/ and no Domain (RFC 6265bis)."""
    app = pages(here, "https://parley.example")
    cookie = press(app, link(here)).headers["set-cookie"]
    assert cookie.startswith("__Host-parley=")
    assert cookie.endswith("; Secure")
    assert "Domain" not in cookie


def test_the_whole_way_ends_connected(here: Town) -> None:
    """The page says who is linked to whom, and where to go next."""
    app = pages(here)
    answer = back(here, app, press(app, link(here)), "ada@example.com")
    assert answer.status == 200
    assert "ada@example.com (Parley Trading) is now linked to Ada Moreno" in answer.text
    assert "Go back to Slack" in answer.text
    assert answer.headers["set-cookie"].startswith("parley=; Path=/; Max-Age=0")
    assert here.memory.grants.in_use(ADA) is not None


def test_who_reloads_the_last_page_is_sent_to_slack(here: Town) -> None:
    """The sign-in is used up, and the person connected: the page doesn't leave them in doubt."""
    app = pages(here)
    started = press(app, link(here))
    back(here, app, started, "ada@example.com")
    state = dict(parse_qsl(urlsplit(started.headers["location"]).query))["state"]
    again = call(app, "GET", "/oauth/callback", query=urlencode({"state": state, "code": "x"}))
    assert 410 == again.status
    assert "If you have just agreed, look into Slack" in again.text


def test_another_address_gets_a_code_on_the_page_and_nowhere_else(here: Town) -> None:
    """The code of the page, typed by the right person, finishes it."""
    app = pages(here)
    answer = back(here, app, press(app, link(here, PAT)), "grace@example.com")
    assert answer.status == 200
    found = re.search(r'class="code">([A-Z2-9]{4}-[A-Z2-9]{4})<', answer.text)
    assert found is not None
    assert "Pat Quill" in answer.text
    assert here.memory.grants.in_use(PAT) is None
    assert not any(found.group(1) in value for value in answer.headers.values())
    here.connect.confirm(PAT, found.group(1), here.now())
    assert here.memory.grants.in_use(PAT) is not None


@pytest.mark.parametrize("cookie", ["", "parley=", "parley=xyz", "__Host-parley=x", "parley"])
def test_a_foreign_browser_is_turned_away(here: Town, cookie: str) -> None:
    """403, no grant, and the state is used up."""
    app = pages(here)
    started = press(app, link(here))
    assert back(here, app, started, "ada@example.com", cookie).status == 403
    assert back(here, app, started, "ada@example.com").status == 410
    assert here.memory.grants.of(ADA) == ()


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "\xff"])
def test_another_page_cannot_press_the_button(here: Town, site: str) -> None:
    """The person sees who is linked before the CRM is reached; the link stays good."""
    app, token = pages(here), link(here)
    assert press(app, token, **{"Sec-Fetch-Site": site}).status == 403
    assert press(app, token, **{"Sec-Fetch-Site": "same-origin"}).status == 303


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 410),
        ("link=", 410),
        ("link=parley_cn_nothing", 410),
        ("link=a&link=b", 400),
        ("link=%ff", 400),
    ],
)
def test_a_link_that_is_none_says_what_to_do(here: Town, query: str, status: int) -> None:
    """Gone, or no request at all."""
    answer = call(pages(here), "GET", "/oauth/start", query=query)
    assert status == answer.status
    if status == 410:
        assert "Go back to Slack and type “/crm connect” for a new link." in answer.text


def test_a_deactivated_person_is_told(here: Town) -> None:
    """403, in words."""
    answer = call(pages(here), "GET", "/oauth/start", query=urlencode({"link": link(here, EVA)}))
    assert answer.status == 403
    assert "deactivated" in answer.text


def test_slack_out_of_reach_is_a_matter_of_waiting(here: Town) -> None:
    """503 with Retry-After; the link stays good."""
    app, token = pages(here), link(here)
    here.control("/control/slack/faults", {"method": "users.info", "error": "fatal_error"})
    answer = call(app, "GET", "/oauth/start", query=urlencode({"link": token}))
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) > 0
    assert press(app, token).status == 303


def test_a_refusal_at_the_crm_is_told(here: Town) -> None:
    """``error=`` never reaches the page."""
    app = pages(here)
    started = press(app, link(here))
    state = dict(
        pair.split("=", 1) for pair in urlsplit(started.headers["location"]).query.split("&")
    )["state"]
    answer = call(
        app,
        "GET",
        "/oauth/callback",
        query=urlencode({"state": state, "error": "<script>alert(1)</script>"}),
        headers={"Cookie": started.headers["set-cookie"].partition(";")[0]},
    )
    assert answer.status == 400
    assert "didn&#x27;t allow access" in answer.text
    assert "script" not in answer.text


def test_a_fault_while_connecting_is_logged_by_its_code(
    here: Town, caplog: pytest.LogCaptureFixture
) -> None:
    """The administrator whom the page names finds it; neither code nor state is in the log."""
    app = pages(here)
    started = press(app, link(here))
    answer = {"status": 200, "body": '{"error":"invalid_client"}', "kind": "answer"}
    here.control("/control/faults", {"method": "POST", "path": "/oauth/v2/token", **answer})
    said = back(here, app, started, "ada@example.com")
    assert 502 == said.status
    assert "Tell your administrator." in said.text
    assert ["connecting_failed why=client_wrong"] == caplog.messages


def test_names_are_text_and_never_markup(here: Town) -> None:
    """A person may be called anything."""
    app, token = pages(here), link(here)
    name = '<img src=x onerror="alert(1)">&amp;'
    here.memory.profiles.keep(ADA, Profile(name=name, email=None, zone="UTC"), here.now())
    answer = call(app, "GET", "/oauth/start", query=urlencode({"link": token}))
    assert html.escape(name) in answer.text
    assert "<img" not in answer.text


def test_every_page_is_locked_down(here: Town) -> None:
    """Nothing runs, loads, frames, refers or is kept; the one style is known by its hash."""
    app, token = pages(here), link(here)
    shown = call(app, "GET", "/oauth/start", query=urlencode({"link": token}))
    gone = call(app, "GET", "/oauth/callback", query="state=x")
    done = back(here, app, press(app, token), "ada@example.com")
    for answer in (shown, gone, done):
        policy = answer.headers["content-security-policy"]
        style = re.search("<style>(.*?)</style>", answer.text)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in policy
        for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert part in policy
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "<script" not in answer.text
        assert "http" not in answer.text.replace("form-action", "")
    form_action = re.search("form-action ([^;]+);", shown.headers["content-security-policy"])
    assert form_action is not None
    assert form_action.group(1) == f"'self' {here.told['accounts_url']}"
    assert "form-action 'self';" in gone.headers["content-security-policy"]


def test_ten_thousand_hostile_callbacks_reach_nobody(
    here: Town, sockets: list[object], cases: Cases
) -> None:
    """Whatever the query and the cookie: a page of ours, no exception, no socket, no grant."""
    rng = random.Random(20260301)
    app = pages(here)
    started = press(app, link(here))
    cookie = started.headers["set-cookie"].partition(";")[0]
    good = {
        "state": "parley_st_" + "A" * 43,
        "code": "1000." + "a" * 32 + "." + "b" * 32,
        "location": "us",
        "accounts-server": here.told["accounts_url"],
    }
    sockets.clear()
    statuses: dict[int, int] = {}
    for _ in range(cases(10_000, 100_000)):
        env = environ(
            "GET",
            "/oauth/callback",
            query=_mutated(rng, good),
            headers={"Cookie": rng.choice([cookie, "", "parley", _noise(rng)])},
        )
        status = run(app, env).status
        statuses[status] = statuses.get(status, 0) + 1
    assert set(statuses) == {400, 410}
    assert sockets == []
    assert here.memory.grants.of(ADA) == ()


def _noise(rng: random.Random) -> str:
    return "".join(chr(rng.randrange(256)) for _ in range(rng.randrange(80)))


def _mutated(rng: random.Random, good: dict[str, str]) -> str:
    pairs = [(name, value) for name, value in good.items() if rng.random() < 0.9]
    for _ in range(rng.randrange(4)):
        name = rng.choice([*good, "error", _noise(rng)])
        value = rng.choice([_noise(rng), "", "https://evil.example", "a" * 5000])
        pairs.append((name, value))
    query = urlencode(pairs)
    if rng.random() < 0.3 and query:
        place = rng.randrange(len(query))
        query = query[:place] + chr(rng.randrange(256)) + query[place + 1 :]
    return query
