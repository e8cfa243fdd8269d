"""A caller of the CRM's queries and exports: any path, any scope, and the clock at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from handlers.sandbox.clock import Clock
from handlers.sandbox.crm.site import CrmSide
from tests.handlers.sandbox.client import SCOPES, Crm, Reply


class Caller(Crm):
    """Speaks to a running CRM side in the name of one user at a time."""

    def __init__(self, origin: str, side: CrmSide) -> None:
        """Call in the name of Ada with all scopes until `sign_in`."""
        super().__init__(origin, side)
        self.clock = side.world.clock
        self.sign_in("ada")

    def sign_in(self, person: str, scope: str = SCOPES) -> None:
        """Go on in the name of this person, with these comma-separated scopes."""
        self._bearer = str(self.grant(person, scope)["access_token"])

    def send(
        self, method: str, path: str, body: bytes | None = None, kind: str = "application/json"
    ) -> Reply:
        """Send one request with the token; `kind` is the Content-Type of a body."""
        sent = {"Authorization": f"Zoho-oauthtoken {self._bearer}"}
        if body is not None:
            sent["Content-Type"] = kind
        return self.raw(method, path, body, sent)

    def get(self, path: str, **query: str) -> Reply:
        """GET a path with a query."""
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, value: Any) -> Reply:
        """POST a value as JSON."""
        return self.send("POST", path, json.dumps(value).encode())

    def turn(self, **switches: Any) -> None:
        """Turn switches; the first `_` of a name is its dot: `coql_flat=True`."""
        self.control("switches", {name.replace("_", ".", 1): switches[name] for name in switches})

    def add(self, module: str, **values: Any) -> str:
        """Put a record of Ada's there, unchecked, and return its id."""
        user = self.side.world.users[self.user_id("ada")]
        return str(self.side.world.add(module, values, user)["id"])


@contextmanager
def running() -> Iterator[Caller]:
    """Serve a fresh CRM side; its jobs are forgotten and its threads ended afterwards."""
    side = CrmSide(Clock())
    server = side.start()
    try:
        yield Caller(server.origin, side)
    finally:
        side.world.reset()
        server.stop()
