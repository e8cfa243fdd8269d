"""Zoho's accounts server: consent, codes, tokens. Errors come with HTTP 200 and an `error` key.

Source: Zoho Accounts' OAuth protocol pages and the CRM's OAuth overview; one raw dump shows the
status 200 of errors.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from handlers.sandbox.crm import scopes
from handlers.sandbox.crm.grants import ACCESS_SECONDS, Code
from handlers.sandbox.crm.world import Record, World
from handlers.sandbox.web import Answer, Handler, Request

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_THROTTLED = {
    "error_description": "You have made too many requests continuously. "
    "Please try again after some time.",
    "error": "Access Denied",
}


class Accounts:
    """The pages of the accounts server."""

    def __init__(self, world: World) -> None:
        """Serve the grants of `world`."""
        self._world = world
        self._grants = world.grants

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, pattern, handler) of every page."""
        return [
            ("GET", "/oauth/v2/auth", self.ask),
            ("POST", "/oauth/v2/consent", self.consent),
            ("POST", "/oauth/v2/token", self.token),
            ("POST", "/oauth/v2/token/revoke", self.revoke),
        ]

    def ask(self, request: Request) -> Answer:
        """Show the consent page: who agrees, and to what."""
        wrong = self._wrong_request(request.query)
        if wrong:
            return _page(wrong, f"<h1>{escape(wrong)}</h1>", 400)
        users = "".join(
            f'<option value="{escape(user["email"])}"'
            f"{' selected' if user['email'] == self._world.signed_in else ''}>"
            f"{escape(user['full_name'])} ({escape(user['email'])})</option>"
            for user in self._world.users.values()
            if user["status"] == "active"
        )
        asked = "".join(f"<li>{escape(s)}</li>" for s in request.query["scope"].split(","))
        action = escape(f"/oauth/v2/consent?{urlencode(request.queries)}")
        return _page(
            "Consent",
            f"<h1>Parley asks for access</h1><p>to the CRM of Parley Trading, a made-up Zoho:</p>"
            f"<ul>{asked}</ul>"
            f'<form method="post" action="{action}"><label for="user">Signed in as</label>'
            f'<select name="user" id="user">{users}</select>'
            '<button name="decision" value="accept">Accept</button>'
            '<button name="decision" value="reject">Reject</button></form>',
        )

    def consent(self, request: Request) -> Answer:
        """Take the choice and send the browser back with a code, or with a refusal."""
        asked = request.query
        wrong = self._wrong_request(asked)
        if wrong:
            return _page(wrong, f"<h1>{escape(wrong)}</h1>", 400)
        form = request.form()
        named = asked.get("sandbox_user") or form.get("user", "")
        user = self._world.user_named(named)
        if user is None or user["status"] != "active":
            return _page("no_such_user", "<h1>This user may not sign in</h1>", 400)
        state = {"state": asked["state"]} if "state" in asked else {}
        if form.get("decision", "accept") != "accept":
            return _back(asked["redirect_uri"], {**state, "error": "access_denied"})
        callback = {
            **state,
            "code": self._new_code(asked, user),
            "location": str(self._world.switches["oauth.location"]),
            "accounts-server": self._world.origin,
        }
        return _back(asked["redirect_uri"], callback)

    def _wrong_request(self, asked: dict[str, str]) -> str:
        scope = asked.get("scope", "").split(",")
        method = asked.get("code_challenge_method", "plain")
        checks = (
            ("invalid_client", asked.get("client_id") == self._grants.client_id),
            ("invalid_redirect_uri", self._known_address(asked.get("redirect_uri", ""))),
            ("invalid_response_type", asked.get("response_type") == "code"),
            ("invalid_scope", all(scopes.well_formed(item) for item in scope)),
            ("invalid_access_type", asked.get("access_type", "online") in {"online", "offline"}),
            ("invalid_prompt", asked.get("prompt", "consent") == "consent"),
            ("invalid_code_challenge_method", method in {"plain", "S256"}),
        )
        return next((name for name, fine in checks if not fine), "")

    def _known_address(self, address: str) -> bool:
        known = self._grants.redirect_uris
        if known:
            return address in known
        # Until a test registers addresses, any address of this machine will do.
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and parts.hostname in _LOOPBACK

    def _new_code(self, asked: dict[str, str], user: Record) -> str:
        given = self._world.switches["oauth.repeat_refresh_token"] == "given"
        fresh = given or asked.get("prompt") == "consent"
        refresh = fresh or not self._grants.has_refresh(user["id"])
        seconds = int(self._world.switches["oauth.code_seconds"])
        return self._grants.code(
            Code(
                user_id=user["id"],
                scope=asked["scope"].replace(",", " "),
                redirect_uri=asked["redirect_uri"],
                until=self._world.clock.now() + timedelta(seconds=seconds),
                refresh=refresh and asked.get("access_type") == "offline",
                challenge=asked.get("code_challenge", ""),
                challenge_method=asked.get("code_challenge_method", "plain"),
            )
        )

    def token(self, request: Request) -> Answer:
        """Exchange a code or a refresh token for an access token."""
        sent = {**request.query, **request.form()}
        if sent.get("client_id") != self._grants.client_id:
            return _error("invalid_client")
        if not hmac.compare_digest(
            sent.get("client_secret", "").encode(), self._grants.client_secret.encode()
        ):
            return _error("invalid_client_secret")
        if sent.get("grant_type") == "authorization_code":
            return self._exchange(sent)
        if sent.get("grant_type") == "refresh_token":
            return self._refresh(sent.get("refresh_token", ""))
        return _error("unsupported_grant_type")

    def _exchange(self, sent: dict[str, str]) -> Answer:
        text = sent.get("code", "")
        code = self._grants.peek(text)
        if code is None:
            return _error("invalid_code")
        if code.redirect_uri and code.redirect_uri != sent.get("redirect_uri"):
            return _error("invalid_redirect_uri")
        if not _proves(code, sent.get("code_verifier", "")) or self._grants.spend(text) is None:
            return _error("invalid_code")
        refresh = self._grants.add_refresh(code.user_id, code.scope) if code.refresh else ""
        access = self._grants.add_access(code.user_id, code.scope, refresh) or ""
        extra = {"refresh_token": refresh} if refresh else {}
        return self._tokens(access, code.scope, extra)

    def _refresh(self, text: str) -> Answer:
        grant = self._grants.refresh(text)
        if grant is None or self._world.users[grant.user_id]["status"] != "active":
            return _error("invalid_code")
        access = self._grants.add_access(grant.user_id, grant.scope, text)
        if access is None:
            return Answer.json(_THROTTLED, int(self._world.switches["oauth.throttle_status"]))
        return self._tokens(access, grant.scope, {})

    def _tokens(self, access: str, scope: str, extra: dict[str, str]) -> Answer:
        body: Record = {"access_token": access, **extra}
        if self._world.switches["oauth.scope_in_answer"]:
            body["scope"] = scope
        body |= {"api_domain": self._world.origin, "token_type": "Bearer"}
        if self._world.switches["oauth.expiry_form"] == "milliseconds":
            body |= {"expires_in": ACCESS_SECONDS * 1000, "expires_in_sec": ACCESS_SECONDS}
        else:
            body["expires_in"] = ACCESS_SECONDS
        return Answer.json(body)

    def revoke(self, request: Request) -> Answer:
        """End a token. A made-up one was measured to give HTTP 400 with a page."""
        text = {**request.query, **request.form()}.get("token", "")
        known = self._grants.revoke(text)
        if known or self._world.switches["oauth.revoke_unknown"] == "success":
            return Answer.json({"status": "success"})
        return _page("invalid_token", "<h1>Invalid token</h1>", 400)


def _proves(code: Code, verifier: str) -> bool:
    if not code.challenge:
        return True
    if code.challenge_method == "plain":
        return hmac.compare_digest(code.challenge.encode(), verifier.encode())
    digest = hashlib.sha256(verifier.encode()).digest()
    shown = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return hmac.compare_digest(code.challenge.encode(), shown)


def _error(name: str) -> Answer:
    return Answer.json({"error": name})


def _back(address: str, values: dict[str, str]) -> Answer:
    parts = urlsplit(address)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *values.items()])
    return Answer(302, b"", (("Location", parts._replace(query=query, fragment="").geturl()),))


def _page(title: str, body: str, status: int = 200) -> Answer:
    head = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
    style = '<link rel="icon" href="data:,"><link rel="stylesheet" href="/workspace/consent.css">'
    return Answer.html(f"{head}</title>{style}</head><body>{body}</body></html>", status)
