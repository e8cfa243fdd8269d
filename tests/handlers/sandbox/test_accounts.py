"""The accounts server: consent, codes, tokens and their limits."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.handlers.sandbox.client import REDIRECT, SCOPES, Crm, Reply


def asking(crm: Crm, **values: str) -> dict[str, str]:
    """Return the parameters of a good authorization request, with `values` over them."""
    return {
        "client_id": crm.side.world.grants.client_id,
        "redirect_uri": REDIRECT,
        "response_type": "code",
        "scope": SCOPES,
        "access_type": "offline",
        "state": "s-1",
        **values,
    }


def consent(crm: Crm, decision: str = "accept", person: str = "ada", **values: str) -> Reply:
    """Give consent in one step, as a test driver does."""
    query = urlencode({**asking(crm, **values), "sandbox_user": f"{person}@example.com"})
    return crm.form(f"/oauth/v2/consent?{query}", {"decision": decision})


def came_back(reply: Reply) -> dict[str, str]:
    """Return the query of the address the browser is sent to."""
    assert reply.status == 302
    return {k: v[0] for k, v in parse_qs(urlsplit(reply.headers["Location"]).query).items()}


def exchange(crm: Crm, code: str, /, **values: str) -> Any:
    """Return the token answer for a code; it must have status 200."""
    sent = {**crm.credentials(), "grant_type": "authorization_code", "redirect_uri": REDIRECT,
            "code": code, **values}  # fmt: skip
    reply = crm.form("/oauth/v2/token", sent)
    assert reply.status == 200
    return reply.json


def refresh(crm: Crm, token: str) -> Any:
    """Return the answer to a refresh."""
    sent = {**crm.credentials(), "grant_type": "refresh_token", "refresh_token": token}
    return crm.form("/oauth/v2/token", sent).json


def test_the_consent_page_names_scopes_and_active_people(crm: Crm) -> None:
    """A deactivated user is not on the list."""
    reply = crm.raw("GET", f"/oauth/v2/auth?{urlencode(asking(crm))}")
    text = reply.body.decode()
    assert reply.status == 200
    assert "ZohoCRM.modules.ALL" in text
    assert "ben@example.com" in text
    assert "eva@example.com" not in text


def test_consent_gives_a_code_and_the_code_gives_tokens(crm: Crm) -> None:
    """The callback carries location, accounts-server and state; scopes come back with spaces."""
    back = came_back(consent(crm))
    assert (back["location"], back["accounts-server"], back["state"]) == ("us", crm.origin, "s-1")
    tokens = exchange(crm, back["code"])
    assert tokens.pop("access_token") != tokens.pop("refresh_token")
    assert tokens == {
        "scope": SCOPES.replace(",", " "),
        "api_domain": crm.origin,
        "token_type": "Bearer",
        "expires_in": 3600,
    }


def test_a_refusal_comes_back_as_an_error(crm: Crm) -> None:
    """No code, the state unchanged."""
    assert came_back(consent(crm, "reject")) == {"error": "access_denied", "state": "s-1"}


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"client_id": "1000.OTHER"}, "invalid_client"),
        ({"redirect_uri": "https://elsewhere.example/cb"}, "invalid_redirect_uri"),
        ({"response_type": "token"}, "invalid_response_type"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": SCOPES.replace(",", " ")}, "invalid_scope"),
        ({"access_type": "forever"}, "invalid_access_type"),
        ({"code_challenge_method": "S512"}, "invalid_code_challenge_method"),
    ],
)
def test_a_wrong_request_is_refused_on_the_page(
    crm: Crm, values: dict[str, str], error: str
) -> None:
    """Nothing is ever sent to the address then."""
    reply = crm.raw("GET", f"/oauth/v2/auth?{urlencode(asking(crm, **values))}")
    assert (400, True) == (reply.status, error in reply.body.decode())
    assert consent(crm, **values).status == 400


def test_registered_addresses_must_be_equal(crm: Crm) -> None:
    """Once registered, only exactly these."""
    crm.control("oauth/client", {"redirect_uris": [REDIRECT + "x"]})
    assert consent(crm).status == 400
    assert consent(crm, redirect_uri=REDIRECT + "x").status == 302


def test_a_code_is_good_once(crm: Crm) -> None:
    """The second use is invalid_code, with status 200."""
    code = came_back(consent(crm))["code"]
    assert "access_token" in exchange(crm, code)
    assert exchange(crm, code) == {"error": "invalid_code"}


def test_a_code_is_good_for_a_minute(crm: Crm) -> None:
    """The CRM pages' shorter figure."""
    code = came_back(consent(crm))["code"]
    crm.control("clock", {"advance": 61})
    assert exchange(crm, code) == {"error": "invalid_code"}


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"client_id": "1000.X"}, "invalid_client"),
        ({"client_secret": "no"}, "invalid_client_secret"),
        ({"redirect_uri": REDIRECT + "/"}, "invalid_redirect_uri"),
        ({"code": "1000.made.up"}, "invalid_code"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_errors_of_the_token_page_have_status_200(
    crm: Crm, values: dict[str, str], error: str
) -> None:
    """Only the body tells."""
    code = came_back(consent(crm))["code"]
    assert exchange(crm, code, **values) == {"error": error}


def test_a_challenge_needs_its_verifier(crm: Crm) -> None:
    """PKCE with S256; a wrong verifier leaves the code usable."""
    verifier = "v" * 50
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    reply = consent(crm, code_challenge=challenge, code_challenge_method="S256")
    code = came_back(reply)["code"]
    assert exchange(crm, code, code_verifier="w" * 50) == {"error": "invalid_code"}
    assert "access_token" in exchange(crm, code, code_verifier=verifier)


def test_a_repeat_consent_gives_no_refresh_token_unless_asked(crm: Crm) -> None:
    """prompt=consent brings a fresh one; without access_type=offline there is never one."""

    def given(**values: str) -> bool:
        return "refresh_token" in exchange(crm, came_back(consent(crm, **values))["code"])

    assert not given(access_type="online")
    assert given()
    assert not given()
    assert given(prompt="consent")
    crm.switch("oauth.repeat_refresh_token", "given")
    assert given()


def test_ten_access_tokens_in_ten_minutes_then_access_denied(crm: Crm) -> None:
    """Status 200 by default; the window is ten minutes."""
    token = crm.grant()["refresh_token"]
    assert all("access_token" in refresh(crm, token) for _ in range(9))
    assert refresh(crm, token)["error"] == "Access Denied"
    crm.control("clock", {"advance": 601})
    assert "access_token" in refresh(crm, token)


def test_the_eleventh_live_access_token_ends_the_first(crm: Crm) -> None:
    """All within their hour."""
    grant = crm.grant()
    for _ in range(2):
        crm.control("clock", {"advance": 601})
        last = [refresh(crm, grant["refresh_token"])["access_token"] for _ in range(5)]
    assert crm.call("GET", "org", token=grant["access_token"]).json["code"] == "INVALID_TOKEN"
    assert crm.call("GET", "org", token=last[-1]).status == 200


def test_the_twenty_first_refresh_token_ends_the_oldest(crm: Crm) -> None:
    """Silently: the owner learns it at the next refresh. Other people's are not touched."""
    other = crm.grant("ben")["refresh_token"]
    tokens = [crm.grant()["refresh_token"] for _ in range(21)]
    assert refresh(crm, tokens[0]) == {"error": "invalid_code"}
    assert "access_token" in refresh(crm, tokens[1])
    assert "access_token" in refresh(crm, other)


def test_an_access_token_lives_an_hour(crm: Crm) -> None:
    """Then INVALID_TOKEN."""
    token = crm.token()
    crm.control("clock", {"advance": 3599})
    assert crm.call("GET", "org", token=token).status == 200
    crm.control("clock", {"advance": 2})
    assert crm.call("GET", "org", token=token).status == 401


def test_revoking_a_refresh_token_ends_all_from_it(crm: Crm) -> None:
    """A second time is a page with status 400, as measured with a made-up token."""
    grant = crm.grant()
    sent = {"token": grant["refresh_token"]}
    assert crm.form("/oauth/v2/token/revoke", sent).json == {"status": "success"}
    assert crm.call("GET", "org", token=grant["access_token"]).status == 401
    assert refresh(crm, grant["refresh_token"]) == {"error": "invalid_code"}
    assert crm.form("/oauth/v2/token/revoke", sent).status == 400


def test_a_deactivated_user_can_do_nothing(crm: Crm) -> None:
    """Neither call, nor refresh, nor consent."""
    grant = crm.grant("ben")
    crm.control("crm/users/ben@example.com", {"status": "disabled"})
    assert crm.call("GET", "org", token=grant["access_token"]).status == 401
    assert refresh(crm, grant["refresh_token"]) == {"error": "invalid_code"}
    assert consent(crm, person="ben").status == 400


def test_expiry_may_come_in_milliseconds(crm: Crm) -> None:
    """Old answers; expires_in_sec then has the seconds."""
    crm.switch("oauth.expiry_form", "milliseconds")
    answer = crm.grant()
    assert (answer["expires_in"], answer["expires_in_sec"]) == (3_600_000, 3600)


@pytest.mark.parametrize("header", ["", "Bearer {}", "Zoho-oauthtoken", "{}", "Basic {}"])
def test_only_zohos_own_header_is_taken(crm: Crm, header: str) -> None:
    """Everything else is AUTHENTICATION_FAILURE."""
    headers = {"Authorization": header.format(crm.token())} if header else {}
    reply = crm.raw("GET", "/crm/v8/org", headers=headers)
    assert (401, "AUTHENTICATION_FAILURE") == (reply.status, reply.json["code"])


@pytest.mark.parametrize(
    ("scope", "path", "status"),
    [
        ("ZohoCRM.modules.leads.READ", "Leads?fields=id", 200),
        ("zohocrm.Modules.leads.read", "Leads?fields=id", 200),
        ("ZohoCRM.modules.ALL", "Leads?fields=id", 200),
        ("ZohoCRM.modules.leads.CREATE", "Leads?fields=id", 401),
        ("ZohoCRM.modules.contacts.READ", "Leads?fields=id", 401),
        ("ZohoCRM.users.READ", "users", 200),
        ("ZohoCRM.users.READ", "org", 401),
        ("ZohoCRM.settings.fields.READ", "settings/fields?module=Leads", 200),
        ("ZohoCRM.settings.fields.READ", "settings/modules", 401),
    ],
)
def test_scopes_are_enforced_per_call(crm: Crm, scope: str, path: str, status: int) -> None:
    """OAUTH_SCOPE_MISMATCH is 401."""
    reply = crm.call("GET", path, token=crm.grant(scope=scope)["access_token"])
    assert reply.status == status
    if status == 401:
        assert reply.json["code"] == "OAUTH_SCOPE_MISMATCH"


def test_switches_of_the_accounts_server(crm: Crm) -> None:
    """Status of the throttle, scope in the answer, place of the client, unknown token."""
    crm.switch("oauth.creations", 1)
    crm.switch("oauth.throttle_status", 400)
    crm.switch("oauth.scope_in_answer", value=False)
    crm.switch("oauth.location", "eu")
    crm.switch("oauth.revoke_unknown", "success")
    grant = crm.grant()
    assert "scope" not in grant
    sent = {**crm.credentials(), "grant_type": "refresh_token",
            "refresh_token": grant["refresh_token"]}  # fmt: skip
    assert crm.form("/oauth/v2/token", sent).status == 400
    assert came_back(consent(crm))["location"] == "eu"
    assert crm.form("/oauth/v2/token/revoke", {"token": "made up"}).json["status"] == "success"


def test_bearer_and_the_scope_status_are_switches(crm: Crm) -> None:
    """Sources differ on both."""
    crm.switch("api.bearer", value=True)
    crm.switch("api.scope_status", 403)
    token = crm.grant(scope="ZohoCRM.org.READ")["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert crm.raw("GET", "/crm/v8/org", headers=headers).status == 200
    assert crm.raw("GET", "/crm/v8/users", headers=headers).status == 403
