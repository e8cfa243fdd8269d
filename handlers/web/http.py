"""One HTTP request and one answer as plain values, made safe for WSGI."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import parse_qsl

MAX_BODY = 1024 * 1024
"""The largest body that is read, in bytes."""

_MAX_FIELDS = 100
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_VALUE = re.compile(r"[\x20-\x7e\x80-\xff]*")
_COOKIE_VALUE = re.compile(r"[A-Za-z0-9._~-]*")
_LENGTH = re.compile(r"[0-9]{1,19}")


class Malformed(Exception):
    """The request can't be understood; ``status`` is what the client hears."""

    def __init__(self, status: int) -> None:
        """Keep the status."""
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client asked.

    Attributes:
        method: GET, POST, ...; HEAD arrives as GET.
        path: Decoded, begins with a slash.
        query: Each parameter once.
        headers: By lower-case name.
        cookies: By name; of a name sent twice the first.
        body: At most ``MAX_BODY`` bytes, untouched.
        params: The named parts of the route's pattern.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FileBody:
    """*size* bytes of an open file, from where it stands; the server closes it."""

    file: IO[bytes]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What the client hears.

    Attributes:
        status: HTTP status.
        headers: In order; no name or value can smuggle a line break.
        body: Bytes, or chunks, or part of a file; whoever gives other than bytes gives
            Content-Length too.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | Iterable[bytes] | FileBody = b""

    def __post_init__(self) -> None:
        """Refuse what could split the answer.

        Raises:
            ValueError: A header's name or value holds a character it may not.
        """
        for name, value in self.headers:
            if not (_NAME.fullmatch(name) and _VALUE.fullmatch(value)):
                raise ValueError("a header that can't be sent")


def text(status: int, words: str, *, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return a plain-text answer, never kept by caches."""
    return Response(
        status=status,
        headers=(
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Cache-Control", "no-store"),
            *headers,
        ),
        body=words.encode(),
    )


def fields(encoded: str) -> dict[str, str]:
    """Return the fields of a query or a form; blank values are kept.

    Raises:
        Malformed: 400; too many fields, a field twice, or text that isn't UTF-8.
    """
    try:
        pairs = parse_qsl(
            encoded, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS
        )
    except ValueError as error:
        raise Malformed(400) from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed(400)
    return found


def form(request: Request) -> dict[str, str]:
    """Return the fields of a form's body.

    Raises:
        Malformed: 400; as in `fields`.
    """
    try:
        return fields(request.body.decode("ascii"))
    except UnicodeDecodeError as error:
        raise Malformed(400) from error


def cookie(name: str, value: str, *, seconds: int, secure: bool, path: str = "/") -> str:
    """Return the value of a Set-Cookie header; scripts and other sites' posts never get it.

    Raises:
        ValueError: The value needs quoting.
    """
    if not _COOKIE_VALUE.fullmatch(value):
        raise ValueError("a cookie that can't be sent")
    tail = "; Secure" if secure else ""
    return f"{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{tail}"


def read_body(environ: Mapping[str, Any]) -> bytes:
    """Return the body of a WSGI request.

    Raises:
        Malformed: 413 above ``MAX_BODY``, told before a byte is read; 400 for a length that
            isn't one, or a body shorter than promised.
    """
    length = environ.get("CONTENT_LENGTH") or "0"
    if not _LENGTH.fullmatch(length):
        raise Malformed(400)
    size = int(length)
    if size > MAX_BODY:
        raise Malformed(413)
    body = environ["wsgi.input"].read(size) if size else b""
    if len(body) != size:
        raise Malformed(400)
    return bytes(body)


def read_request(environ: Mapping[str, Any], body: bytes) -> Request:
    """Return the request of a WSGI environment.

    Raises:
        Malformed: 400; the path or the query isn't UTF-8, or a parameter comes twice.
    """
    try:
        # WSGI hands over the path's bytes as Latin-1 (PEP 3333).
        path = str(environ.get("PATH_INFO", "")).encode("latin-1").decode("utf-8")
    except UnicodeError as error:
        raise Malformed(400) from error
    headers = {
        name[5:].replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    headers["content-type"] = str(environ.get("CONTENT_TYPE") or "")
    return Request(
        method=str(environ.get("REQUEST_METHOD", "GET")),
        path=path,
        query=fields(str(environ.get("QUERY_STRING", ""))),
        headers=headers,
        cookies=_cookies(headers.get("cookie", "")),
        body=body,
    )


def _cookies(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in header.split(";"):
        name, equals, value = part.strip().partition("=")
        if equals:
            found.setdefault(name, value)
    return found
