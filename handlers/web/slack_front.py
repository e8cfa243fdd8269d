"""Slack's one door: verify the raw bytes, parse them ourselves, hand on plain data.

Bolt's own form parser loses every body in which the word "payload" occurs outside the field of
that name (slack_bolt 1.30, ``request/internals.py``), so ``/meet payload review`` would be
lost; here only a field named ``payload`` is one.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

from bot.domain.connection import Secret
from handlers.web.http import Malformed, Request, Response, form, text
from handlers.web.router import Route
from handlers.web.signature import genuine

PATH = "/slack/events"
MAX_DEPTH = 64
"""How deep JSON may nest; Slack's deepest payloads (rich text in views) stay under 20."""


class Reply(NamedTuple):
    """What Slack hears."""

    status: int
    content_type: str
    body: bytes


Dispatch = Callable[[dict[str, Any]], Reply]


class SlackFront:
    """Answers ``POST /slack/events``: commands, interactivity, options and events.

    *dispatch* gets one JSON object: an event's envelope, an interaction's payload, or a
    command's fields as texts. Where Slack sent it again, ``retry_num`` (an int) and
    ``retry_reason`` say so.
    """

    def __init__(
        self, secrets: Sequence[Secret], clock: Callable[[], datetime], dispatch: Dispatch
    ) -> None:
        """Keep the signing secrets, the newest first.

        Raises:
            ValueError: There is no secret, or an empty one.
        """
        if not secrets or not all(secret.reveal() for secret in secrets):
            raise ValueError("a signing secret is needed")
        self._secrets = tuple(secrets)
        self._clock = clock
        self._dispatch = dispatch

    def routes(self) -> tuple[Route, ...]:
        """Return the front's one route."""
        return (Route("POST", PATH, self.answer),)

    def answer(self, request: Request) -> Response:
        """Answer one request; 401 unless Slack signed it.

        Raises:
            Malformed: 400; signed, but not what Slack sends.
        """
        if not genuine(
            self._secrets,
            timestamp=request.headers.get("x-slack-request-timestamp"),
            signature=request.headers.get("x-slack-signature"),
            body=request.body,
            now=self._clock(),
        ):
            return text(401, "The signature isn't Slack's.\n")
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            body = parse_json(request.body)
            if body.get("type") == "url_verification":
                return _challenge(body)
        elif kind == "application/x-www-form-urlencoded":
            found = form(request)
            if "ssl_check" in found:
                # Slack looks at the certificate alone (Slack, "Slash commands").
                return text(200, "")
            body = parse_json(found["payload"].encode()) if "payload" in found else dict(found)
        else:
            raise Malformed(400)
        body |= _retry(request)
        status, content_type, answer = self._dispatch(body)
        return Response(status=status, headers=(("Content-Type", content_type),), body=answer)


def parse_json(raw: bytes) -> dict[str, Any]:
    """Return a JSON object that can be stored, copied and written again without surprises.

    Half surrogates become question marks: they can't be written as UTF-8.

    Raises:
        Malformed: 400; not an object, not UTF-8, NaN, or nested deeper than ``MAX_DEPTH``.
    """
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        if not isinstance(value, dict) or _too_deep(value):
            raise Malformed(400)
        clean: dict[str, Any] = json.loads(
            json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        )
    except (ValueError, RecursionError) as error:
        raise Malformed(400) from error
    return clean


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("not JSON (RFC 8259)")


def _too_deep(value: object) -> bool:
    level: list[object] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for item in level
            if isinstance(item, dict | list)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


def _challenge(body: dict[str, Any]) -> Response:
    challenge = body.get("challenge")
    if not isinstance(challenge, str):
        raise Malformed(400)
    return text(200, challenge)


def _retry(request: Request) -> dict[str, Any]:
    number = request.headers.get("x-slack-retry-num", "")
    if not (number.isascii() and number.isdigit() and len(number) < 4):
        return {}
    return {
        "retry_num": int(number),
        "retry_reason": request.headers.get("x-slack-retry-reason", "")[:100],
    }
