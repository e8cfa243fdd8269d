"""Faults a test arms: refusals, delays, cut connections, before or after the page has acted."""

from __future__ import annotations

import itertools
import json
import threading
import time
from dataclasses import dataclass
from typing import Any

from handlers.sandbox.web import Answer, Cut, Handler, Pairs, Request, compile_pattern

KINDS = (
    "answer",  # status, body and headers instead of the page; nothing is done
    "delay",  # wait `seconds`, then the page
    "cut_before",  # hang up; nothing is done
    "cut_after",  # the page acts, its answer is lost
    "error_after",  # the page acts, then `status` (500) and `body` are answered
    "throttle",  # 429; `headers` may carry what the test wants
    "invalid_token",  # 401 INVALID_TOKEN
)
MOST_SECONDS = 120.0


class BadFault(Exception):
    """The description of a fault makes no sense."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One armed fault. `left` None: for ever; `skip` requests pass before it strikes."""

    number: int
    method: str
    path: str
    kind: str
    left: int | None
    skip: int
    status: int
    body: bytes
    headers: Pairs
    seconds: float
    struck: int = 0

    def fits(self, request: Request) -> bool:
        """Return whether the fault is for this request: method or `*`, path pattern or `*`."""
        if self.method not in {"*", request.method}:
            return False
        return self.path == "*" or compile_pattern(self.path).fullmatch(request.path) is not None

    def shown(self) -> dict[str, Any]:
        """Return the fault as the control page tells it."""
        return {
            "id": self.number,
            "method": self.method,
            "path": self.path,
            "kind": self.kind,
            "left": self.left,
            "skip": self.skip,
            "struck": self.struck,
        }


def _error(code: str, message: str) -> bytes:
    body = {"code": code, "details": {}, "message": message, "status": "error"}
    return json.dumps(body).encode()


_DEFAULTS = {
    "answer": (503, b""),
    "error_after": (500, _error("INTERNAL_ERROR", "Internal Server Error")),
    "throttle": (429, _error("TOO_MANY_REQUESTS", "too many requests")),
    "invalid_token": (401, _error("INVALID_TOKEN", "invalid oauth token")),
}


class Faults:
    """The armed faults. The first that fits a request strikes."""

    def __init__(self) -> None:
        """Start with none."""
        self._lock = threading.Lock()
        self._armed: list[Fault] = []
        self._numbers = itertools.count(1)

    def arm(self, told: dict[str, Any]) -> Fault:
        """Arm a fault from its JSON description.

        Keys: `kind` (one of KINDS); `method` ("*"), `path` ("*" or a pattern such as
        `/crm/v8/Events/{id}`), `times` (1; null for ever), `skip` (0), `status`, `body` (JSON
        value or text), `headers` (object), `seconds`.

        Raises:
            BadFault: A key is unknown or a value is of the wrong type.
        """
        known = {"kind", "method", "path", "times", "skip", "status", "body", "headers", "seconds"}
        kind = told.get("kind")
        if kind not in KINDS or told.keys() - known:
            raise BadFault(f"kind is one of {KINDS}; keys are {sorted(known)}")
        status, body = _DEFAULTS.get(str(kind), (200, b""))
        try:
            fault = Fault(
                number=next(self._numbers),
                method=str(told.get("method", "*")).upper(),
                path=str(told.get("path", "*")),
                kind=str(kind),
                left=None if told.get("times", 1) is None else int(told.get("times", 1)),
                skip=int(told.get("skip", 0)),
                status=int(told.get("status", status)),
                body=_bytes(told["body"]) if "body" in told else body,
                headers=tuple((str(k), str(v)) for k, v in told.get("headers", {}).items()),
                seconds=min(float(told.get("seconds", 0)), MOST_SECONDS),
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise BadFault(str(error)) from error
        with self._lock:
            self._armed.append(fault)
        return fault

    def clear(self) -> None:
        """Disarm all faults."""
        with self._lock:
            self._armed.clear()

    def listing(self) -> list[dict[str, Any]]:
        """Return the armed faults."""
        with self._lock:
            return [fault.shown() for fault in self._armed]

    def _strike(self, request: Request) -> Fault | None:
        with self._lock:
            for fault in self._armed:
                if fault.left == 0 or not fault.fits(request):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.struck += 1
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None

    def around(self, request: Request, page: Handler) -> Answer:
        """Answer by way of `page`, with the fault that strikes.

        Raises:
            Cut: The fault hangs up.
        """
        fault = self._strike(request)
        if fault is None:
            return page(request)
        if fault.seconds:
            time.sleep(fault.seconds)
        if fault.kind == "delay":
            return page(request)
        if fault.kind == "cut_before":
            raise Cut
        if fault.kind in {"cut_after", "error_after"}:
            page(request)
        if fault.kind == "cut_after":
            raise Cut
        plain = () if not fault.body else (("Content-Type", "application/json;charset=UTF-8"),)
        own = {name.lower() for name, _ in fault.headers}
        headers = fault.headers if "content-type" in own else (*plain, *fault.headers)
        return Answer(fault.status, fault.body, headers)


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()
