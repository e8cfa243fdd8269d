"""A plain HTTP client for the sandbox's tests."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse
from typing import Any

from handlers.sandbox.crm.site import CrmSide

SCOPES = (
    "ZohoCRM.modules.ALL,ZohoCRM.settings.ALL,ZohoCRM.users.READ,ZohoCRM.org.READ,"
    "ZohoCRM.bulk.READ,ZohoCRM.coql.READ,ZohoSearch.securesearch.READ"
)
REDIRECT = "http://127.0.0.1:9/oauth/callback"


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Hands every answer back, errors and redirects too."""

    def http_response(self, _request: urllib.request.Request, response: HTTPResponse) -> Any:
        """Return the answer untouched."""
        return response


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, headers, bytes."""

    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body read as JSON."""
        return json.loads(self.body)


class Crm:
    """Speaks to one running CRM side."""

    def __init__(self, origin: str, side: CrmSide) -> None:
        """Speak to the CRM at `origin`."""
        self.origin = origin
        self.side = side
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _AsItIs())
        self._tokens: dict[str, str] = {}

    def raw(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send one request as it is."""
        request = urllib.request.Request(  # noqa: S310 - always the sandbox's own origin
            self.origin + path, data=data, method=method, headers=headers or {}
        )
        with self._opener.open(request, timeout=20) as answer:
            return Reply(answer.status, answer.headers, answer.read())

    def form(self, path: str, values: dict[str, str]) -> Reply:
        """Post a form."""
        return self.raw("POST", path, urllib.parse.urlencode(values).encode())

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        """Call a control page and return its JSON; it must succeed."""
        data = None if body is None else json.dumps(body).encode()
        reply = self.raw(method or ("GET" if data is None else "POST"), f"/control/{path}", data)
        assert reply.status == 200, reply.body
        return reply.json

    def switch(self, name: str, value: Any) -> None:
        """Turn a switch."""
        self.control("switches", {name: value})

    def user_id(self, person: str) -> str:
        """Return the CRM id of `ada`, `ben`, ..."""
        user = self.side.world.user_named(f"{person}@example.com")
        assert user is not None
        return str(user["id"])

    def credentials(self) -> dict[str, str]:
        """Return the client's id and secret as form fields."""
        grants = self.side.world.grants
        return {"client_id": grants.client_id, "client_secret": grants.client_secret}

    def grant(self, person: str = "ada", scope: str = SCOPES) -> Any:
        """Return the token answer of a fresh self-client code."""
        mail = f"{person}@example.com"
        code = self.control("oauth/code", {"user": mail, "scope": scope})["code"]
        values = {**self.credentials(), "grant_type": "authorization_code", "code": code}
        return self.form("/oauth/v2/token", values).json

    def token(self, person: str = "ada") -> str:
        """Return an access token of this person, made once."""
        if person not in self._tokens:
            self._tokens[person] = self.grant(person)["access_token"]
        return self._tokens[person]

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        person: str = "ada",
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Call the API in the name of a person."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Zoho-oauthtoken {token or self.token(person)}"}
        return self.raw(method, f"/crm/v8/{path}", data, {**sent, **(headers or {})})

    def record(self, module: str, **wanted: Any) -> Any:
        """Return the first stored record with these values."""
        for record in self.control(f"crm/{module}")["records"]:
            if all(record.get(name) == value for name, value in wanted.items()):
                return record
        raise AssertionError(wanted)
