"""The WSGI application: a table of routes, and nothing that escapes."""

import logging
import re
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, cast

from handlers.web.http import FileBody, Malformed, Request, Response, read_body, read_request, text

Handler = Callable[[Request], Response]
StartResponse = Callable[[str, list[tuple[str, str]]], object]

BLOCK = 256 * 1024
"""How many bytes of a file are sent at once."""

_log = logging.getLogger(__name__)
_NAMED = re.compile(r"\{([a-z_]+)\}")
_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path; ``{name}`` in the path stands for one part without a slash."""

    method: str
    path: str
    handler: Handler


class Router:
    """Finds who answers, and answers for whoever fails.

    GET routes answer HEAD too. No exception reaches the server: the log gets an incident with
    its traceback, the client gets the incident's number.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        """Compile the table."""
        self._routes = tuple((_compiled(route.path), route) for route in routes)

    def __call__(self, environ: Mapping[str, Any], start: StartResponse) -> Iterable[bytes]:
        """Answer one WSGI request."""
        head = environ.get("REQUEST_METHOD") == "HEAD"
        response = self._answer(environ)
        headers = list(response.headers)
        sent = {name.lower() for name, _ in headers}
        headers += [pair for pair in _ALWAYS if pair[0].lower() not in sent]
        body = response.body
        if isinstance(body, bytes) and "content-length" not in sent:
            headers.append(("Content-Length", str(len(body))))
        start(f"{response.status} {_phrase(response.status)}", headers)
        if isinstance(body, FileBody) and not head:
            # The server sends the file itself: a slow reader holds no thread.
            return cast("Iterable[bytes]", environ["wsgi.file_wrapper"](body.file, BLOCK))
        if head:
            file = body.file if isinstance(body, FileBody) else body
            close = getattr(file, "close", None)
            if close is not None:
                close()
            return [b""]
        return [body] if isinstance(body, bytes) else cast("Iterable[bytes]", body)

    def _answer(self, environ: Mapping[str, Any]) -> Response:
        place = "no route"
        try:
            body = read_body(environ)
            request = read_request(environ, body)
            found = self._find(request)
            if isinstance(found, Response):
                return found
            route, request = found
            place = f"{route.method} {route.path}"
            return route.handler(request)
        except Malformed as refusal:
            return text(refusal.status, f"{_phrase(refusal.status)}.\n")
        except Exception:  # noqa: BLE001 - the last wall: the server must never see a traceback
            incident = secrets.token_hex(4)
            # The route's pattern and not the path: paths and queries hold tokens.
            _log.exception("incident %s in %s", incident, place)
            words = f"Something failed on our side. Incident {incident}."
            return text(500, f"{words} Try again, or give your administrator that number.\n")

    def _find(self, request: Request) -> tuple[Route, Request] | Response:
        method = "GET" if request.method == "HEAD" else request.method
        allowed: set[str] = set()
        for pattern, route in self._routes:
            match = pattern.fullmatch(request.path)
            if match is None:
                continue
            if route.method == method:
                return route, replace(request, method=method, params=match.groupdict())
            allowed |= {"GET", "HEAD"} if route.method == "GET" else {route.method}
        if allowed:
            return text(
                405, "Method Not Allowed.\n", headers=(("Allow", ", ".join(sorted(allowed))),)
            )
        return text(404, "There is nothing here.\n")


def _compiled(path: str) -> re.Pattern[str]:
    parts = _NAMED.split(path)
    pattern = "".join(
        f"(?P<{part}>[^/]{{1,200}})" if number % 2 else re.escape(part)
        for number, part in enumerate(parts)
    )
    return re.compile(pattern)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
