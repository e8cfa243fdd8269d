"""What stands before every API page: token, scope, credits, concurrency, and Zoho's headers."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.sandbox.crm import scopes
from handlers.sandbox.crm.api import Refused, bearer, refuse
from handlers.sandbox.crm.world import World
from handlers.sandbox.web import Answer, Handler, Pairs, Request

DAY = timedelta(hours=24)
# Seen on raw answers of the real server; it sends no request id.
HEADERS: Pairs = (
    ("Server", "ZGS"),
    ("Cache-Control", "no-store, no-cache, must-revalidate, private"),
    ("Pragma", "no-cache"),
    ("Expires", "Thu, 01 Jan 1970 00:00:00 GMT"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("clientVersion", "sandbox"),
    ("clientSubVersion", "sandbox"),
)


def cost(request: Request) -> int:
    """Return the credits a call costs (API limits page)."""
    if request.method == "POST" and request.path.endswith("/bulk/v8/read"):
        return 50
    if "cvid" in request.query:
        return 3
    if request.method in {"POST", "PUT"}:
        return max(1, -(-_records(request) // 10))
    return 1


def _records(request: Request) -> int:
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        return 1
    data = body.get("data") if isinstance(body, dict) else None
    return len(data) if isinstance(data, list) else 1


def heavy(request: Request) -> bool:
    """Return whether a call falls under the lower concurrency of heavy calls."""
    if re.search(r"/(search|coql)$", request.path) or {"cvid", "sort_by"} & request.query.keys():
        return True
    return request.method in {"POST", "PUT"} and _records(request) > 10


class Gate:
    """Lets a call through to its page, or refuses it as Zoho would."""

    def __init__(self, world: World) -> None:
        """Start with all credits of the day unused."""
        self._world = world
        self._lock = threading.Lock()
        self._spent: list[tuple[datetime, int]] = []
        self._running = 0
        self._heavy = 0

    def reset(self) -> None:
        """Give all credits back."""
        with self._lock:
            self._spent.clear()

    def pass_on(self, request: Request, page: Handler) -> Answer:
        """Answer an API call by way of `page`, with Zoho's headers on the answer."""
        heavy_call = heavy(request)
        try:
            self._authenticate(request)
            self._enter(request, heavy_call)
        except Refused as refused:
            return self._dress(request, refused.answer)
        try:
            answer = page(request)
        except Refused as refused:
            answer = refused.answer
        finally:
            with self._lock:
                self._running -= 1
                self._heavy -= heavy_call
        return self._dress(request, answer)

    def _authenticate(self, request: Request) -> None:
        text = bearer(request)
        scheme = request.headers.get("authorization", "").partition(" ")[0]
        if text is None or (scheme == "Bearer" and not self._world.switches["api.bearer"]):
            raise refuse(401, "AUTHENTICATION_FAILURE", "Authentication failed")
        grant = self._world.grants.access(text)
        if grant is None or self._world.user(text) is None:
            raise refuse(401, "INVALID_TOKEN", "invalid oauth token")
        if not scopes.allowed(grant.scope, scopes.needed(request.method, request.path)):
            status = int(self._world.switches["api.scope_status"])
            message = "invalid oauth scope to access this URL"
            raise refuse(status, "OAUTH_SCOPE_MISMATCH", message)

    def _enter(self, request: Request, heavy_call: bool) -> None:  # noqa: FBT001 - a count of one
        switches, now = self._world.switches, self._world.clock.now()
        with self._lock:
            self._spent = [(at, paid) for at, paid in self._spent if at > now - DAY]
            price = cost(request)
            over = sum(paid for _, paid in self._spent) + price > switches["api.credits"]
            busy = self._running >= switches["api.concurrency"] or (
                heavy_call and self._heavy >= switches["api.heavy_concurrency"]
            )
            if over or busy:
                raise refuse(429, "TOO_MANY_REQUESTS", "too many requests")
            self._spent.append((now, price))
            self._running += 1
            self._heavy += heavy_call

    def _dress(self, request: Request, answer: Answer) -> Answer:
        given = {name.lower() for name, _ in answer.headers}
        headers = [pair for pair in HEADERS if pair[0].lower() not in given]
        token = bearer(request)
        grant = self._world.grants.access(token or "")
        user = self._world.user(token or "")
        if grant and user:
            until = grant.until.astimezone(ZoneInfo(user["time_zone"])).replace(microsecond=0)
            headers.append(("X-ACCESSTOKEN-RESET", until.isoformat()))
        left, all_credits = self.credits()
        if left * 2 <= all_credits:
            headers.append(("X-API-CREDITS-REMAINING", str(left)))
        if answer.body and "content-disposition" not in given:
            headers.append(("Content-Disposition", "attachment; filename=response.json"))
        return replace(answer, headers=(*answer.headers, *headers))

    def credits(self) -> tuple[int, int]:
        """Return the credits left in the rolling day, and all of them."""
        total = int(self._world.switches["api.credits"])
        now = self._world.clock.now().astimezone(UTC)
        with self._lock:
            used = sum(paid for at, paid in self._spent if at > now - DAY)
        return max(0, total - used), total
