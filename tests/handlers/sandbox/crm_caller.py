"""A plain caller of the CRM sandbox: what a test needs to speak HTTP with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from handlers.sandbox.clock import Clock
from handlers.sandbox.crm.site import ALL_SCOPES, CrmSide


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: status, headers (lower case) and bytes."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body read as JSON."""
        return json.loads(self.body)


class Caller:
    """Speaks to a running CRM sandbox in the name of one user."""

    def __init__(self, origin: str, side: CrmSide, clock: Clock) -> None:
        """Call the sandbox at `origin` as Ada with all scopes until `sign_in`."""
        self.origin = origin
        self.side = side
        self.clock = clock
        self.token = ""
        self.sign_in("ada@example.com")

    def sign_in(self, email: str, scope: str = ALL_SCOPES) -> None:
        """Go on in the name of the user with this address, with these scopes."""
        user = self.side.world.user_named(email)
        assert user is not None
        refresh = self.side.world.grants.add_refresh(user["id"], scope)
        form = {
            "refresh_token": refresh,
            "client_id": self.side.world.grants.client_id,
            "client_secret": self.side.world.grants.client_secret,
            "grant_type": "refresh_token",
        }
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.send("POST", "/oauth/v2/token", urlencode(form).encode(), kind)
        self.token = answer.json["access_token"]

    def send(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Reply:
        """Send one request and return the answer."""
        line = HTTPConnection(urlsplit(self.origin).netloc, timeout=20)
        sent = dict(headers or {})
        if self.token:
            sent.setdefault("Authorization", f"Zoho-oauthtoken {self.token}")
        try:
            line.request(method, path, body or None, sent)
            answer = line.getresponse()
            heads = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, heads, answer.read())
        finally:
            line.close()

    def get(self, path: str, **query: str) -> Reply:
        """GET a path with a query."""
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, value: Any) -> Reply:
        """POST a value as JSON."""
        kind = {"Content-Type": "application/json"}
        return self.send("POST", path, json.dumps(value).encode(), kind)

    def turn(self, **switches: Any) -> None:
        """Turn switches; the first `_` of a name is its dot: `coql_flat=True`."""
        named = {name.replace("_", ".", 1): value for name, value in switches.items()}
        assert self.side.world.switches.turn(named) == ""

    def add(self, module: str, **values: Any) -> str:
        """Put a record there, unchecked, and return its id."""
        user = self.side.world.user_named("ada@example.com")
        assert user is not None
        return str(self.side.world.add(module, values, user)["id"])


@contextmanager
def running() -> Iterator[Caller]:
    """Serve a fresh CRM sandbox; its jobs are forgotten and its threads ended afterwards."""
    clock = Clock()
    side = CrmSide(clock)
    server = side.start()
    try:
        yield Caller(server.origin, side, clock)
    finally:
        side.world.reset()
        server.stop()
