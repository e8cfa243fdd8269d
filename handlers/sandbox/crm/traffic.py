"""What went in and out, with every secret masked."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections import deque
from typing import Any
from urllib.parse import parse_qsl

from handlers.sandbox.clock import Clock
from handlers.sandbox.web import Answer, Request

KEPT = 2_000
LONGEST = 65_536
MASK = "***"
_SECRETS = {"access_token", "refresh_token", "client_secret", "code", "token", "code_verifier"}
_TOKEN = re.compile(r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}")


def masked(value: Any) -> Any:
    """Return a JSON value with secret keys and everything of a token's form masked."""
    if isinstance(value, dict):
        return {
            key: MASK if key in _SECRETS and isinstance(item, str) and _secret(key, item)
            else masked(item)
            for key, item in value.items()
        }  # fmt: skip
    if isinstance(value, list):
        return [masked(item) for item in value]
    return _TOKEN.sub(MASK, value) if isinstance(value, str) else value


def _secret(key: str, item: str) -> bool:
    # `code` is also the name of Zoho's error codes, which are no secrets.
    return key != "code" or re.fullmatch("[A-Z_]+", item) is None


def _body(body: bytes, content_type: str) -> Any:
    if not body:
        return None
    text = body[:LONGEST].decode("utf-8", "replace")
    if "x-www-form-urlencoded" in content_type:
        return masked(dict(parse_qsl(text, keep_blank_values=True)))
    try:
        return masked(json.loads(text))
    except ValueError:
        return masked(text) if "\ufffd" not in text else f"{len(body)} bytes"


class Traffic:
    """The last requests and their answers, oldest first."""

    def __init__(self, clock: Clock) -> None:
        """Start empty; `clock` dates the entries."""
        self._clock = clock
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._kept: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def note(self, request: Request, answer: Answer | None) -> None:
        """Keep one exchange; `answer` is None when the connection was cut."""
        headers = dict(request.headers)
        kind = headers.get("content-type", "")
        if "authorization" in headers:
            headers["authorization"] = f"{headers['authorization'].partition(' ')[0]} {MASK}"
        entry = {
            "at": self._clock.now().isoformat(),
            "method": request.method,
            "path": request.path,
            "query": masked(request.query),
            "headers": headers,
            "body": _body(request.body, kind),
            "status": answer.status if answer else None,
            "answer_headers": [[k, masked(v)] for k, v in answer.headers] if answer else [],
            "answer": _body(answer.body, "") if answer else None,
        }
        with self._lock:
            self._kept.append({"n": next(self._numbers), **entry})

    def listing(self, *, after: int = 0, method: str = "", path: str = "") -> list[dict[str, Any]]:
        """Return the exchanges numbered above `after`, of one method and one exact path."""
        with self._lock:
            kept = list(self._kept)
        return [
            entry
            for entry in kept
            if entry["n"] > after
            and method in {"", entry["method"]}
            and path in {"", entry["path"]}
        ]

    def clear(self) -> None:
        """Forget everything; numbers go on."""
        with self._lock:
            self._kept.clear()
