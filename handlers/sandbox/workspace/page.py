"""What the browser loads: the page, its scripts and styles, and the routes they ask."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from handlers.sandbox.crm.site import CrmSide
from handlers.sandbox.slack.refusals import PersonRefusal
from handlers.sandbox.slack.side import SlackSide
from handlers.sandbox.web import Answer, Handler, Pairs, Request
from handlers.sandbox.workspace.mishaps import Mishaps
from handlers.sandbox.workspace.office import Office
from handlers.sandbox.workspace.rules_told import RULES
from handlers.sandbox.workspace.showing import Showing
from handlers.sandbox.workspace.wires import Wires

_TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS: Pairs = (
    ("Content-Security-Policy", _POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)
Json = dict[str, Any]


class Page:
    """The workspace's page in front of both halves of a sandbox."""

    def __init__(self, slack: SlackSide, crm: CrmSide, admin_token: str) -> None:
        """Show these; `admin_token` is the CRM grant that no person has given."""
        self._slack = slack
        self._world = crm.world
        self._showing = Showing(slack)
        self._mishaps = Mishaps(slack, crm)
        self._wires = Wires(slack, crm)
        office = Office(slack, crm, admin_token)
        self._accounts = office.accounts
        self._panels: dict[str, Callable[[str], Json]] = {
            "crm": office.panel,
            "faults": self._mishaps.panel,
            "traffic": self._wires.panel,
        }

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, pattern, handler) of the page's own routes."""
        return [
            ("GET", "/", lambda _: _file("index.html")),
            ("GET", "/workspace/{name}", lambda request: _file(request.params["name"])),
            ("GET", "/control/workspace/state", self._state),
            ("GET", "/control/workspace/rules", lambda _: Answer.json(RULES, headers=_HEADERS)),
            ("GET", "/control/workspace/exchange", self._exchange),
            ("POST", "/control/workspace/mishap", self._mishap),
        ]

    def _state(self, request: Request) -> Answer:
        """Answer all that `user` sees, with one `panel` beside it; 304 when it is what it was."""
        user, panel = request.query.get("user", ""), request.query.get("panel", "")
        try:
            seen = self._showing.seen(user, self._accounts())
        except PersonRefusal as refusal:
            return Answer.json({"error": refusal.code, "detail": refusal.detail}, 409)
        # Who acts here is who is signed in to the CRM in this browser.
        self._world.signed_in = self._slack.workspace.person(user).email or ""
        if panel in self._panels:
            seen["panel"] = self._panels[panel](user)
        body = json.dumps(seen, ensure_ascii=False, separators=(",", ":")).encode()
        mark = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        headers = (("ETag", mark), ("Content-Type", "application/json"), *_HEADERS)
        if request.headers.get("if-none-match") == mark:
            return Answer(304, b"", headers)
        return Answer(200, body, headers)

    def _exchange(self, request: Request) -> Answer:
        """Answer one row of the traffic in full."""
        found = self._wires.exchange(request.query.get("key", ""))
        return Answer.json(found or {"error": "gone"}, 200 if found else 404, _HEADERS)

    def _mishap(self, request: Request) -> Answer:
        """Let something go wrong: `{"name", "user"}`."""
        try:
            asked: Any = request.json()
            self._mishaps.cause(asked["name"], asked["user"])
        except (ValueError, KeyError, TypeError, PersonRefusal) as error:
            return Answer.json({"error": "bad_mishap", "detail": str(error)}, 409, _HEADERS)
        return Answer.json({"ok": True}, headers=_HEADERS)


def _file(name: str) -> Answer:
    kind = _TYPES.get(name.rpartition(".")[2], "")
    found = files("handlers.sandbox.workspace") / name
    # The name was percent-decoded: it could lead out of the folder.
    if re.fullmatch(r"[a-z]+\.[a-z]+", name) is None or not (kind and found.is_file()):
        return Answer.json({"error": "not_found"}, 404, _HEADERS)
    headers = (("Content-Type", f"{kind};charset=UTF-8"), *_HEADERS)
    return Answer(200, found.read_bytes(), headers)
