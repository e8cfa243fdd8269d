"""Zoho's accounts server: consent, tokens and whose account it is.

It reports errors with HTTP 200, so the body alone is judged (Zoho Accounts, OAuth
errors; Kaizen #43). The client's secret goes only to a row of the table of places.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode
from zoneinfo import available_timezones

from bot.crm.answers import rows
from bot.crm.places import Place, Places
from bot.crm.shapes import Json, identity, mapping, optional_text, text
from bot.crm.transport import Transport
from bot.domain.connection import Access, Account, DataCenter, Secret, Tokens
from bot.domain.meeting import ParentModule
from bot.errors import Ambiguous, Fault, NotConnected, ParleyError, Refused, TryLater

SCOPES: Final = (
    "ZohoCRM.modules.events.ALL",
    "ZohoCRM.modules.contacts.READ",
    "ZohoCRM.modules.leads.READ",
    *(f"ZohoCRM.modules.{module.value.replace('_', '').lower()}.READ" for module in ParentModule),
    "ZohoCRM.modules.custom.READ",
    "ZohoCRM.users.READ",
    "ZohoCRM.org.READ",
    "ZohoCRM.coql.READ",
    "ZohoSearch.securesearch.READ",
    "ZohoCRM.settings.fields.READ",
    "ZohoCRM.settings.modules.READ",
    "ZohoCRM.settings.layouts.READ",
    "ZohoCRM.settings.custom_views.READ",
    "ZohoCRM.bulk.READ",
)
"""The least that does the work (Zoho CRM, OAuth scopes); consent shows exactly these."""
TOKEN_LIFE: Final = timedelta(hours=1)
"""Zoho Accounts: an access token lives 3600 seconds; no answer is trusted to say more."""
TOKEN_LIMIT_SECONDS: Final = 600.0
"""Zoho Accounts: ten access tokens per refresh token in ten minutes, then none."""
_TOO_MANY: Final = "Access Denied"
_TOKEN = re.compile(r"[!-~]{1,2048}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """What an application is to one data centre (Zoho gives each its own secret)."""

    id: str
    secret: Secret


class Accounts:
    """Makes consent links, trades codes for tokens, refreshes and revokes them."""

    def __init__(
        self,
        transport: Transport,
        places: Places,
        clients: Mapping[DataCenter, Client],
        redirect_uri: str,
    ) -> None:
        """Keep the wire, the table and the clients by data centre."""
        self._transport = transport
        self._places = places
        self._clients = MappingProxyType(dict(clients))
        self._redirect_uri = redirect_uri

    def consent_url(self, state: str, *, verifier: Secret | None = None) -> str:
        """Return where a person consents, at the home data centre.

        Args:
            state: Comes back with the code.
            verifier: PKCE (RFC 7636): only its S256 challenge is in the URL.

        Raises:
            Fault: ``client_missing``.
        """
        home = self._places.home
        query = {
            "client_id": self._client(home).id,
            "response_type": "code",
            "redirect_uri": self._redirect_uri,
            "scope": ",".join(SCOPES),
            # Without these two a repeated consent brings no refresh token.
            "access_type": "offline",
            "prompt": "consent",
            "state": state,
        }
        if verifier is not None:
            query["code_challenge"] = _challenge(verifier)
            query["code_challenge_method"] = "S256"
        return f"{self._places.row(home).accounts}/oauth/v2/auth?{urlencode(query)}"

    def exchange(
        self,
        code: Secret,
        *,
        location: str | None,
        accounts_server: str | None,
        verifier: Secret | None,
        now: datetime,
    ) -> tuple[DataCenter, Tokens]:
        """Trade the callback's code for tokens. A code works once, for a minute.

        Args:
            code: From the callback.
            location: From the callback.
            accounts_server: From the callback.
            verifier: What the consent's challenge was made from, or None.
            now: Aware; the tokens' life is counted from it.

        Raises:
            Refused: ``place_unknown`` (nothing was sent), ``code_refused``,
                ``no_refresh_token``.
            TryLater: ``token_limit``, or the wire's.
            Fault: ``client_missing``, ``client_wrong``, ``redirect_wrong``,
                ``accounts_refused``, or the wire's.
        """
        data_center, place = self._places.place(location, accounts_server)
        form: dict[str, str | Secret] = {
            "grant_type": "authorization_code",
            "redirect_uri": self._redirect_uri,
            "code": code,
        }
        if verifier is not None:
            form["code_verifier"] = verifier
        try:
            body = self._token(data_center, place, form, repeatable=False)
        except Ambiguous:
            # The code may be used up; a new consent costs one click.
            raise Refused("code_refused") from None
        error = _refusal(body, Refused("code_refused"))
        if error is not None:
            raise error
        if "refresh_token" not in body:
            raise Refused("no_refresh_token")
        return data_center, self._tokens(body, _secret(body, "refresh_token"), data_center, now)

    def refresh(self, refresh: Secret, data_center: DataCenter, now: datetime) -> Tokens:
        """Return a new access token. Zoho keeps the refresh token as it is.

        Raises:
            NotConnected: ``revoked``: the grant is no longer good.
            Refused: ``place_unknown`` when the answer names a foreign API.
            TryLater: ``token_limit`` (ten in ten minutes), or the wire's.
            Fault: ``client_missing``, ``client_wrong``, ``accounts_refused``, or the wire's.
        """
        place = self._places.row(data_center)
        form: dict[str, str | Secret] = {"grant_type": "refresh_token", "refresh_token": refresh}
        body = self._token(data_center, place, form, repeatable=True)
        error = _refusal(body, NotConnected("revoked"))
        if error is not None:
            raise error
        kept = _secret(body, "refresh_token") if "refresh_token" in body else refresh
        return self._tokens(body, kept, data_center, now)

    def revoke(self, refresh: Secret, data_center: DataCenter) -> bool:
        """Give a grant back; True when Zoho says it is gone.

        False when Zoho answered anything else: an unknown token has been seen answered
        with HTTP 400 and a page.

        Raises:
            TryLater: ``token_limit`` (too many requests: it still stands), or the wire's.
        """
        url = f"{self._places.row(data_center).accounts}/oauth/v2/token/revoke"
        try:
            # The documented query would put the token in a URL; the form is what Zoho's own
            # client sends.
            answer = self._transport.send(
                "POST", url, token=None, form={"token": refresh}, repeatable=True
            )
        except Fault:
            return False
        body = answer.data if isinstance(answer.data, dict) else {}
        if body.get("error") == _TOO_MANY:
            raise TryLater("token_limit", seconds=TOKEN_LIMIT_SECONDS, minutes=10)
        return body.get("status") == "success"

    def whoami(self, access: Access) -> Account:
        """Return whose account the token acts for.

        Raises:
            ParleyError: What the CRM's answer names.
        """
        url = f"{access.api_origin}/crm/v8"
        users = rows(
            self._transport.send(
                "GET", f"{url}/users", token=access.token, params={"type": "CurrentUser"}
            ),
            "users",
        )
        orgs = rows(self._transport.send("GET", f"{url}/org", token=access.token), "org")
        if not users or not orgs:
            raise Fault("crm_shape", where="users" if orgs else "org")
        user, org = users[0], orgs[0]
        return Account(
            user_id=identity(user),
            email=text(user, "email"),
            name=optional_text(user, "full_name") or text(user, "email"),
            zone=_zone(user, org),
            org_id=text(org, "zgid"),
            org_name=text(org, "company_name"),
        )

    def _client(self, data_center: DataCenter) -> Client:
        found = self._clients.get(data_center)
        if found is None:
            raise Fault("client_missing", data_center=data_center.value)
        return found

    def _token(
        self,
        data_center: DataCenter,
        place: Place,
        form: Mapping[str, str | Secret],
        *,
        repeatable: bool,
    ) -> Json:
        client = self._client(data_center)
        answer = self._transport.send(
            "POST",
            f"{place.accounts}/oauth/v2/token",
            token=None,
            form={"client_id": client.id, "client_secret": client.secret, **form},
            repeatable=repeatable,
        )
        return mapping(answer.data)

    def _tokens(
        self, body: Json, refresh: Secret, data_center: DataCenter, now: datetime
    ) -> Tokens:
        return Tokens(
            access=_secret(body, "access_token"),
            refresh=refresh,
            expires_at=now + _life(body),
            api_origin=self._places.api_origin(data_center, optional_text(body, "api_domain")),
            scopes=tuple((optional_text(body, "scope") or "").replace(",", " ").split()),
        )


def _challenge(verifier: Secret) -> str:
    digest = hashlib.sha256(verifier.reveal().encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _refusal(body: Json, refused: ParleyError) -> ParleyError | None:
    """Return the error of a token answer, *refused* for a code or token that isn't taken."""
    error = body.get("error")
    if error is None and "access_token" in body:
        return None
    match error:
        case "invalid_code":
            return refused
        case "invalid_client" | "invalid_client_secret":
            return Fault("client_wrong")
        case "invalid_redirect_uri":
            return Fault("redirect_wrong")
        case str() if error == _TOO_MANY:
            return TryLater("token_limit", seconds=TOKEN_LIMIT_SECONDS, minutes=10)
        case _:
            return Fault("accounts_refused", accounts_error=str(error)[:80])


def _secret(body: Json, key: str) -> Secret:
    found = text(body, key)
    if not _TOKEN.fullmatch(found):
        raise Fault("crm_shape", where=key)
    return Secret(found)


def _life(body: Json) -> timedelta:
    # Older answers carry seconds in expires_in_sec and milliseconds in expires_in.
    told = body.get("expires_in_sec", body.get("expires_in"))
    if told is None:
        return TOKEN_LIFE
    if isinstance(told, bool) or not isinstance(told, int) or told < 0:
        raise Fault("crm_shape", where="expires_in")
    return min(timedelta(seconds=min(told, 10**6)), TOKEN_LIFE)


def _zone(user: Json, org: Json) -> str:
    for found in (optional_text(user, "time_zone"), optional_text(org, "time_zone")):
        if found in available_timezones():
            return str(found)
    raise Fault("crm_shape", where="time_zone")
