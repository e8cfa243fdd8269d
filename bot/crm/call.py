"""One call to the CRM: what is sent, and what becomes of every way it can end.

Pure: no bytes move here. ``transport`` moves them.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

from bot.domain.connection import Secret
from bot.errors import Ambiguous, Fault, ParleyError, TryLater

SLOW_SECONDS: Final = 15.0
UNREACHABLE_SECONDS: Final = 30.0
LIMIT_SECONDS: Final = 60.0
"""The wait after a 429 that names none (Zoho documents no Retry-After)."""
LONGEST_WAIT: Final = 3600.0
CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request as it will be sent, and until when.

    Attributes:
        method: GET, POST, PUT or DELETE.
        url: Without secrets.
        token: Goes into one header.
        params: Goes into the query; never a secret.
        json: A body.
        form: A body; may hold secrets.
        headers: More headers.
        deadline: On the wire's clock.
        writes: True when sending it twice would do something twice.
    """

    method: str
    url: str
    token: Secret | None
    params: Mapping[str, str] | None
    json: object = field(repr=False)
    form: Mapping[str, str | Secret] | None
    headers: Mapping[str, str] | None
    deadline: float
    writes: bool

    def wire_headers(self) -> dict[str, str]:
        """Return all headers, the token revealed."""
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "parley",
            **(self.headers or {}),
        }
        if self.json is not None:
            headers["Content-Type"] = "application/json"
        if self.token is not None:
            headers["Authorization"] = f"Zoho-oauthtoken {self.token.reveal()}"
        return headers

    def wire_body(self) -> bytes | dict[str, str] | None:
        """Return the body, its secrets revealed."""
        if self.form is not None:
            return {
                name: text.reveal() if isinstance(text, Secret) else text
                for name, text in self.form.items()
            }
        if self.json is None:
            return None
        return json.dumps(self.json, ensure_ascii=False, allow_nan=False).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back, whole.

    Attributes:
        status: 200-299, 304, or 400-499 without 429; everything else was raised.
        headers: By lower-case name.
        data: The parsed JSON; None for 204 and 304, which have no body.
        retry_after: Seconds, where the answer named them.
    """

    status: int
    headers: Mapping[str, str]
    data: object
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What came back, its body still on the wire.

    Attributes:
        status: As of ``Answer``.
        headers: By lower-case name.
        retry_after: Seconds, where the answer named them.
        pieces: Gives the body in pieces of at most so many bytes, as they arrive.
    """

    status: int
    headers: Mapping[str, str]
    retry_after: float | None
    pieces: Callable[[int], Iterator[bytes]]

    def answer(self, call: Call, max_bytes: int) -> Answer:
        """Read the whole body as JSON.

        Raises:
            ParleyError: As ``Transport.send``.
        """
        content = bytearray()
        for piece in self.pieces(CHUNK):
            content += piece
            if len(content) > max_bytes:
                raise odd(call, "crm_too_large")
        return Answer(
            status=self.status,
            headers=self.headers,
            data=parsed(bytes(content), self.status, call),
            retry_after=self.retry_after,
        )


def not_sent() -> ParleyError:
    """Return what a connection that was never made means: nothing happened."""
    return TryLater("crm_unreachable", seconds=UNREACHABLE_SECONDS)


def lost(call: Call, code: str = "crm_slow") -> ParleyError:
    """Return what a missing answer means: for a read a wait, for a write we don't know."""
    if call.writes:
        return Ambiguous("crm_answer_lost")
    return TryLater(code, seconds=SLOW_SECONDS)


def odd(call: Call, code: str) -> ParleyError:
    """Return what an answer we can't read means: a write may have been done."""
    return Ambiguous("crm_answer_lost") if call.writes else Fault(code)


def check_status(status: int, call: Call, retry_after: float | None) -> None:
    """Let through what has a body worth reading.

    Raises:
        TryLater: ``crm_limit``; ``crm_down`` for a read.
        Ambiguous: ``crm_answer_lost`` for a write the server failed in.
        Fault: ``crm_redirect``; nobody in between may tell us where to go.
    """
    if status == 429:
        raise TryLater("crm_limit", seconds=LIMIT_SECONDS if retry_after is None else retry_after)
    if status >= 500:
        raise lost(call, "crm_down")
    if 300 <= status < 400 and status != 304:
        raise Fault("crm_redirect", status=status)


def wait_named(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of ``Retry-After``, an hour at most; None unless it is a number."""
    text = headers.get("Retry-After", "").strip()
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        return None
    return min(float(text), LONGEST_WAIT)


def parsed(content: bytes, status: int, call: Call) -> object:
    """Return the JSON of a body; None for the answers that have none.

    Raises:
        TryLater: ``crm_slow`` where a read's body is missing: it was cut off.
        Fault: ``crm_not_json``.
        Ambiguous: ``crm_answer_lost`` for a write that seems to have succeeded.
    """
    if status in (204, 304):
        return None
    if not content and status < 400:
        raise lost(call)
    try:
        return json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        failure = odd(call, "crm_not_json") if status < 400 else Fault("crm_not_json")
    raise failure


def _no_constant(name: str) -> NoReturn:
    # NaN and Infinity are Python's, not JSON's.
    raise ValueError(name)
