"""Real WSGI calls without a server."""

import hashlib
import hmac
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from wsgiref.validate import validator

from handlers.web.router import Router

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


def environ(
    method: str,
    path: str,
    *,
    query: str = "",
    body: bytes = b"",
    kind: str = "",
    headers: dict[str, str] | None = None,
    length: str | None = None,
) -> dict[str, Any]:
    """Return a WSGI environment as waitress makes it."""
    made: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)) if length is None else length,
        "CONTENT_TYPE": kind,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8765",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in (headers or {}).items():
        made[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return made


def run(app: Router, env: dict[str, Any]) -> Answer:
    """Call *app* once, in whatever shape the environment is."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        started.append((status, headers))

    chunks: Iterable[bytes] = app(env, start)
    body = b"".join(chunks)
    (status, headers) = started[0]
    assert len(started) == 1
    return Answer(int(status[:3]), {name.lower(): value for name, value in headers}, body)


def call(app: Router, method: str, path: str, **more: Any) -> Answer:
    """Call *app* with the standard library's judge of WSGI in between."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Any:
        started.append((status, headers))
        return lambda _data: None

    env = environ(method, path, **more)
    if not env["CONTENT_TYPE"]:
        del env["CONTENT_TYPE"]
    chunks = validator(app)(env, start)
    try:
        body = b"".join(chunks)
    finally:
        chunks.close()  # type: ignore[attr-defined]  # the validator's iterator has it
    status, headers = started[0]
    return Answer(int(status[:3]), {name.lower(): value for name, value in headers}, body)


def signed(body: bytes, at: float, *, secret: str = SECRET) -> dict[str, str]:
    """Return the two headers Slack signs with, computed independently of our own code."""
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }
