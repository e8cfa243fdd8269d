"""What goes over the sandbox's wire: a request as it arrived, an answer, a cut connection."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request as it arrived.

    `path` is still percent-encoded; `query` keeps the last value of a repeated key and `queries`
    all of them in order; header names are lower case; `params` are the route's own, decoded.
    """

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    queries: Pairs = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Any:
        """Return the body read as JSON.

        Raises:
            ValueError: The body is not JSON in UTF-8.
        """
        return json.loads(self.body.decode("utf-8"))

    def form(self) -> dict[str, str]:
        """Return the body read as a URL-encoded form; the last value of a key wins."""
        text = self.body.decode("utf-8", "replace")
        return dict(parse_qsl(text, keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: status, bytes and headers. `Content-Length` is added by the server.

    With `pause` the second half of the body comes so many seconds after the first; with `broken`
    it never comes.
    """

    status: int = 200
    body: bytes = b""
    headers: Pairs = ()
    pause: float = 0.0
    broken: bool = False

    @staticmethod
    def json(value: Any, status: int = 200, headers: Pairs = ()) -> Answer:
        """Return `value` as JSON text in UTF-8."""
        body = json.dumps(value, ensure_ascii=False).encode("utf-8")
        return Answer(status, body, (("Content-Type", "application/json;charset=UTF-8"), *headers))

    @staticmethod
    def html(text: str, status: int = 200) -> Answer:
        """Return `text` as an HTML page."""
        return Answer(status, text.encode("utf-8"), (("Content-Type", "text/html;charset=UTF-8"),))

    @staticmethod
    def empty(status: int = 204) -> Answer:
        """Return an answer without a body."""
        return Answer(status)


Handler = Callable[[Request], Answer]
Around = Callable[[Request, Handler], Answer]
Log = Callable[[Request, Answer], None]


class Cut(Exception):
    """Raised by a handler to close the connection without an answer."""
