"""Consent, tokens and whose account it is, against a scripted accounts server."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.crm.accounts import SCOPES, Accounts, Client
from bot.crm.places import Places
from bot.crm.transport import Transport
from bot.domain.connection import Access, Account, DataCenter, Secret, Tokens
from bot.errors import Fault, NotConnected, ParleyError, Refused, TryLater
from handlers.sandbox.web import Answer, Cut, Request, Site

if TYPE_CHECKING:
    from tests.bot.crm.conftest import Crm

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
REDIRECT = "https://bot.example/oauth/callback"
GOOD: dict[str, object] = {
    "access_token": "1000.access.1",
    "refresh_token": "1000.refresh.1",
    "scope": "ZohoCRM.users.READ ZohoCRM.org.READ",
    "token_type": "Bearer",
    "expires_in": 3600,
}


class Script:
    """An accounts server that answers as told, and the accounts that talk to it."""

    def __init__(self, transport: Transport, serve: Callable[[Site], str]) -> None:
        """Answer with GOOD until told otherwise."""
        self.seen: list[Request] = []
        self.answer: Callable[[], Answer] = lambda: Answer.json(GOOD)
        site = Site("accounts")
        site.unknown = self._handle
        self.origin = serve(site)
        self.accounts = Accounts(
            transport,
            Places(DataCenter.US, (self.origin, self.origin)),
            {DataCenter.US: Client(id="1000.CLIENT", secret=Secret("client-secret"))},
            REDIRECT,
        )

    def _handle(self, request: Request) -> Answer:
        self.seen.append(request)
        return self.answer()

    def says(self, body: dict[str, object], status: int = 200) -> None:
        """Answer with this from now on."""
        self.answer = lambda: Answer.json(body, status)

    def exchange(self, verifier: Secret | None = None) -> Tokens:
        """Trade a code."""
        return self.accounts.exchange(
            Secret("1000.code"),
            location="us",
            accounts_server=self.origin,
            verifier=verifier,
            now=NOW,
        )[1]

    def refresh(self) -> Tokens:
        """Refresh."""
        return self.accounts.refresh(Secret("1000.refresh.0"), DataCenter.US, NOW)


@pytest.fixture
def script(transport: Transport, serve: Callable[[Site], str]) -> Script:
    """A scripted accounts server."""
    return Script(transport, serve)


def test_consent_asks_for_the_least_and_for_a_refresh_token() -> None:
    """Comma-separated scopes, offline, consent, and only the challenge of the verifier."""
    clients = {DataCenter.EU: Client(id="1000.CLIENT", secret=Secret("client-secret"))}
    accounts = Accounts(Transport(), Places(DataCenter.EU), clients, REDIRECT)
    # The pair of RFC 7636, appendix B.
    url = accounts.consent_url(
        "st&te", verifier=Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    )
    parts = urlsplit(url)
    assert "https://accounts.zoho.eu/oauth/v2/auth" == url.partition("?")[0]
    assert {
        "client_id": ["1000.CLIENT"],
        "response_type": ["code"],
        "redirect_uri": [REDIRECT],
        "scope": [",".join(SCOPES)],
        "access_type": ["offline"],
        "prompt": ["consent"],
        "state": ["st&te"],
        "code_challenge": ["E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"],
        "code_challenge_method": ["S256"],
    } == parse_qs(parts.query)
    assert "code_challenge" not in accounts.consent_url("x")


def test_the_scopes_write_to_meetings_alone() -> None:
    """Everything else is read; ten parent modules among it, and those an organisation made."""
    assert ["ZohoCRM.modules.events.ALL"] == [one for one in SCOPES if not one.endswith(".READ")]
    assert 14 == len([one for one in SCOPES if one.startswith("ZohoCRM.modules.")])
    assert "ZohoCRM.modules.custom.READ" in SCOPES
    assert "ZohoCRM.modules.purchaseorders.READ" in SCOPES
    assert len(SCOPES) == len(set(SCOPES))


def test_a_code_becomes_tokens(script: Script) -> None:
    """By form, to the named row, with the verifier."""
    tokens = script.exchange(Secret("verifier"))
    assert (
        Tokens(
            access=Secret("1000.access.1"),
            refresh=Secret("1000.refresh.1"),
            expires_at=NOW + timedelta(hours=1),
            api_origin=script.origin,
            scopes=("ZohoCRM.users.READ", "ZohoCRM.org.READ"),
        )
        == tokens
    )
    (request,) = script.seen
    assert ("POST", "/oauth/v2/token", {}) == (request.method, request.path, request.query)
    assert {
        "client_id": "1000.CLIENT",
        "client_secret": "client-secret",
        "grant_type": "authorization_code",
        "redirect_uri": REDIRECT,
        "code": "1000.code",
        "code_verifier": "verifier",
    } == request.form()


def test_a_refresh_keeps_the_refresh_token_unless_a_new_one_appears(script: Script) -> None:
    """Zoho rotates none; should it begin to, the new one counts."""
    script.says({"access_token": "1000.access.2", "expires_in": 3600})
    assert Secret("1000.refresh.0") == script.refresh().refresh
    script.says(GOOD)
    assert Secret("1000.refresh.1") == script.refresh().refresh
    assert {
        "client_id": "1000.CLIENT",
        "client_secret": "client-secret",
        "grant_type": "refresh_token",
        "refresh_token": "1000.refresh.0",
    } == script.seen[0].form()


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("error", "on_exchange", "on_refresh"),
    [
        ("invalid_code", Refused("code_refused"), NotConnected("revoked")),
        ("invalid_client", Fault("client_wrong"), Fault("client_wrong")),
        ("invalid_client_secret", Fault("client_wrong"), Fault("client_wrong")),
        ("invalid_redirect_uri", Fault("redirect_wrong"), Fault("redirect_wrong")),
        ("Access Denied", TryLater("token_limit"), TryLater("token_limit")),
        ("never_heard_of", Fault("accounts_refused"), Fault("accounts_refused")),
    ],
)
def test_errors_are_judged_by_the_body(
    script: Script, status: int, error: str, on_exchange: ParleyError, on_refresh: ParleyError
) -> None:
    """Zoho reports them with HTTP 200; some say 400."""
    script.says({"error": error}, status)
    for act, wanted in ((script.exchange, on_exchange), (script.refresh, on_refresh)):
        with pytest.raises(ParleyError) as caught:
            act()
        assert (type(wanted), wanted.code) == (type(caught.value), caught.value.code)


def test_a_token_limit_waits_ten_minutes(script: Script) -> None:
    """Ten access tokens in ten minutes, then none for the rest of them."""
    script.says({"error": "Access Denied", "error_description": "too many requests continuously"})
    with pytest.raises(TryLater) as caught:
        script.refresh()
    assert 600 == caught.value.seconds


@pytest.mark.parametrize(
    ("expiry", "seconds"),
    [
        ({"expires_in": 3600}, 3600),
        ({"expires_in": 1800}, 1800),
        ({"expires_in": 3_600_000, "expires_in_sec": 3600}, 3600),
        ({"expires_in": 600_000, "expires_in_sec": 600}, 600),
        ({"expires_in": 3_600_000}, 3600),
        ({}, 3600),
        ({"expires_in": 10**30}, 3600),
    ],
)
def test_expiry_is_in_seconds_and_an_hour_at_most(
    script: Script, expiry: dict[str, object], seconds: int
) -> None:
    """expires_in_sec where it is, else expires_in; the documented life is the most."""
    script.says({"access_token": "1000.a", **expiry})
    assert NOW + timedelta(seconds=seconds) == script.refresh().expires_at


@pytest.mark.parametrize(
    "odd",
    [
        {"access_token": 1},
        {"access_token": "a b"},
        {"access_token": "a\nb"},
        {"access_token": ""},
        {"access_token": "1000.a", "expires_in": "3600"},
        {"access_token": "1000.a", "expires_in": True},
        {"access_token": "1000.a", "expires_in": -1},
        {"access_token": "1000.a", "scope": 7},
        {"access_token": "1000.a", "refresh_token": None},
    ],
)
def test_a_token_answer_of_another_shape_is_a_fault(script: Script, odd: dict[str, object]) -> None:
    """Nothing half-read is stored."""
    script.says(odd)
    with pytest.raises(Fault, match="crm_shape"):
        script.refresh()


def test_an_exchange_without_a_refresh_token_is_refused(script: Script) -> None:
    """It would die within the hour."""
    script.says({"access_token": "1000.a", "expires_in": 3600})
    with pytest.raises(Refused, match="no_refresh_token"):
        script.exchange()


@pytest.mark.parametrize("act", ["exchange", "refresh"])
def test_tokens_for_a_foreign_api_are_refused(script: Script, act: str) -> None:
    """api_domain must be the row's."""
    script.says({**GOOD, "api_domain": "https://www.zohoapis.com.evil.example"})
    with pytest.raises(Refused, match="place_unknown"):
        getattr(script, act)()


def test_a_code_whose_answer_was_lost_is_not_sent_again(script: Script) -> None:
    """It works once: the person consents anew."""

    def cut() -> Answer:
        raise Cut

    script.answer = cut
    with pytest.raises(Refused, match="code_refused"):
        script.exchange()
    assert 1 == len(script.seen)
    with pytest.raises(TryLater):
        script.refresh()


def test_without_a_client_for_the_place_nothing_is_sent(
    transport: Transport, connects: list[object]
) -> None:
    """China, say, needs its own."""
    accounts = Accounts(transport, Places(DataCenter.US), {}, REDIRECT)
    with pytest.raises(Fault, match="client_missing"):
        accounts.refresh(Secret("1000.r"), DataCenter.CN, NOW)
    assert [] == connects


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        (Answer.json({"status": "success"}), True),
        (Answer.json({"status": "failure"}), False),
        (Answer.json({"error": "invalid_token"}, 400), False),
        (Answer.html("<html>", 400), False),
        (Answer.json([]), False),
    ],
)
def test_revoking_says_whether_zoho_did(script: Script, answer: Answer, gone: bool) -> None:
    """The token goes by form, never in the URL."""
    script.answer = lambda: answer
    assert gone is script.accounts.revoke(Secret("1000.refresh.0"), DataCenter.US)
    (request,) = script.seen
    assert ({}, {"token": "1000.refresh.0"}) == (request.query, request.form())


USER: dict[str, object] = {
    "id": "5725767000000411001",
    "email": "patricia@example.com",
    "full_name": "Patricia Boyle",
    "time_zone": "Asia/Kolkata",
}
ORG: dict[str, object] = {
    "id": "1",
    "zgid": "60012345",
    "company_name": "Kaizen",
    "time_zone": "UTC",
}


def whoami(
    script: Script, access_to: Callable[[str], Access], user: object, org: object
) -> Account:
    """Ask a CRM that knows this user and this organisation."""
    site_answers = {"/crm/v8/users": {"users": [user]}, "/crm/v8/org": {"org": [org]}}
    script.answer = lambda: Answer.json(site_answers[script.seen[-1].path])
    return script.accounts.whoami(access_to(script.origin))


def test_whoami_names_user_and_organisation(
    script: Script, access_to: Callable[[str], Access]
) -> None:
    """The organisation by its zgid."""
    assert Account(
        user_id="5725767000000411001",
        email="patricia@example.com",
        name="Patricia Boyle",
        zone="Asia/Kolkata",
        org_id="60012345",
        org_name="Kaizen",
    ) == whoami(script, access_to, USER, ORG)
    assert {"type": "CurrentUser"} == script.seen[0].query


def test_a_user_without_a_known_zone_has_the_organisations(
    script: Script, access_to: Callable[[str], Access]
) -> None:
    """And one nobody knows is a fault."""
    lost = {**USER, "time_zone": "Mars/Olympus"}
    assert "UTC" == whoami(script, access_to, lost, ORG).zone
    with pytest.raises(Fault, match="crm_shape"):
        whoami(script, access_to, lost, {**ORG, "time_zone": None})


@pytest.mark.parametrize("missing", ["id", "email"])
def test_an_account_without_its_parts_is_a_fault(
    script: Script, access_to: Callable[[str], Access], missing: str
) -> None:
    """Never a KeyError."""
    with pytest.raises(Fault, match="crm_shape"):
        whoami(script, access_to, {**USER, missing: None}, ORG)


def consented(crm: "Crm", url: str, user: str) -> dict[str, str]:
    """What the browser brings back when *user* agrees."""
    parts = urlsplit(url.replace("/oauth/v2/auth?", "/oauth/v2/consent?"))
    line = HTTPConnection(parts.netloc, timeout=10)
    line.request("POST", f"{parts.path}?{parts.query}&sandbox_user={user}")
    answer = line.getresponse()
    answer.read()
    line.close()
    query = urlsplit(answer.headers["Location"]).query
    return {name: values[0] for name, values in parse_qs(query).items()}


def test_a_whole_life_of_a_grant_against_the_sandbox(
    crm: "Crm", caplog: pytest.LogCaptureFixture
) -> None:
    """Consent, code, refresh, who, revoke; every secret stays out of the logs."""
    caplog.set_level(logging.DEBUG)
    now = crm.clock.now()
    verifier = Secret("v" * 64)
    back = consented(crm, crm.accounts.consent_url("st", verifier=verifier), "ben@example.com")
    assert "st" == back["state"]
    code = Secret(back["code"])

    def exchange() -> tuple[DataCenter, Tokens]:
        return crm.accounts.exchange(
            code,
            location=back["location"],
            accounts_server=back["accounts-server"],
            verifier=verifier,
            now=now,
        )

    place, tokens = exchange()
    assert (DataCenter.US, crm.origin, SCOPES) == (place, tokens.api_origin, tokens.scopes)
    with pytest.raises(Refused, match="code_refused"):
        exchange()
    fresh = crm.accounts.refresh(tokens.refresh, place, now)
    assert tokens.refresh == fresh.refresh
    assert tokens.access != fresh.access
    who = crm.accounts.whoami(Access(api_origin=fresh.api_origin, token=fresh.access))
    assert ("ben@example.com", "Ben Okoro", "Europe/Berlin", "823711904", "Parley Trading") == (
        who.email,
        who.name,
        who.zone,
        who.org_id,
        who.org_name,
    )
    assert crm.accounts.revoke(tokens.refresh, place)
    with pytest.raises(NotConnected, match="revoked"):
        crm.accounts.refresh(tokens.refresh, place, now)
    assert not crm.accounts.revoke(tokens.refresh, place)
    secrets = [one.reveal() for one in (code, verifier, tokens.access, tokens.refresh)]
    assert not [one for one in [*secrets, fresh.access.reveal()] if one in caplog.text]


def test_a_code_without_its_verifier_is_refused_by_the_sandbox(crm: "Crm") -> None:
    """A stolen code is of no use."""
    url = crm.accounts.consent_url("st", verifier=Secret("v" * 64))
    back = consented(crm, url, "ben@example.com")
    with pytest.raises(ParleyError):
        crm.accounts.exchange(
            Secret(back["code"]),
            location=back["location"],
            accounts_server=back["accounts-server"],
            verifier=Secret("w" * 64),
            now=crm.clock.now(),
        )


@pytest.mark.parametrize("status", [200, 400])
def test_the_eleventh_refresh_in_ten_minutes_waits(crm: "Crm", status: int) -> None:
    """Whatever status the accounts server gives it."""
    crm.turn(oauth_throttle_status=status)
    user = crm.user("dev@example.com")
    refresh = Secret(crm.side.world.grants.add_refresh(user["id"], "ZohoCRM.users.READ"))
    for _ in range(10):
        crm.accounts.refresh(refresh, DataCenter.US, crm.clock.now())
    with pytest.raises(TryLater, match="token_limit"):
        crm.accounts.refresh(refresh, DataCenter.US, crm.clock.now())
