"""Signed requests from Slack to the app, and what came back.

Sources: docs.slack.dev `authentication/verifying-requests-from-slack` (signature),
`interactivity/handling-user-interaction` (3 seconds), `apis/events-api` (retry headers).
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from handlers.sandbox.slack.refusals import PersonRefusal
from handlers.sandbox.slack.workspace import JsonObject, Workspace

SIGNING_SECRET = "sandbox-signing-secret"
ACK_SECONDS = 3.0
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One request to the app: the exact bytes, and how the app answered.

    `verdict` is "ok", or what Slack shows the person: "operation_timeout", "http_client_error",
    "http_service_error", "dispatch_failed" (no connection). `latency_ms` is real time; `no_retry`
    says that the app asked for no retries of this event.
    """

    id: int
    kind: str
    user: str
    body: bytes
    headers: dict[str, str]
    at: str
    status: int | None = None
    answer: bytes = b""
    answer_type: str = ""
    latency_ms: float = 0.0
    verdict: str = ""
    no_retry: bool = False
    payload: JsonObject = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the app acknowledged in time with a 2xx."""
        return self.verdict == "ok"

    def brief(self) -> JsonObject:
        """Return what the control API tells of it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "user": self.user,
            "at": self.at,
            "status": self.status,
            "latency_ms": round(self.latency_ms, 1),
            "verdict": self.verdict,
            "no_retry": self.no_retry,
            "answer": self.answer.decode("utf-8", "replace"),
            "payload": self.payload,
        }


class Courier:
    """Carries payloads to the app's request URL and keeps a record of each."""

    def __init__(self, workspace: Workspace) -> None:
        """Start with nothing delivered."""
        self._workspace = workspace
        self.deliveries: list[Delivery] = []

    def form(self, kind: str, user: str, fields: dict[str, str]) -> Delivery:
        """Deliver form fields (slash commands)."""
        return self._deliver(kind, user, urlencode(fields).encode(), FORM, dict(fields))

    def payload(self, kind: str, user: str, payload: JsonObject) -> Delivery:
        """Deliver an interaction: JSON in the form field `payload`."""
        body = urlencode({"payload": json.dumps(payload, ensure_ascii=False)}).encode()
        return self._deliver(kind, user, body, FORM, payload)

    def event(self, kind: str, payload: JsonObject) -> Delivery:
        """Deliver an event envelope as JSON."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        return self._deliver(kind, "", body, JSON, payload)

    def again(self, delivery_id: int, number: int, reason: str) -> Delivery:
        """Deliver an event once more as Slack retries it: newly signed, with retry headers.

        Raises:
            PersonRefusal: There was no such event.
        """
        old = self.find(delivery_id)
        if old.headers["Content-Type"] != JSON:
            raise PersonRefusal("only_events_are_retried", old.kind)
        retry = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
        return self._deliver(old.kind, old.user, old.body, JSON, old.payload, retry)

    def replay(self, delivery_id: int, *, tamper: bool = False) -> Delivery:
        """Send the very same bytes and signature again, with one byte changed if `tamper`.

        Raises:
            PersonRefusal: There was no such delivery.
        """
        old = self.find(delivery_id)
        body = old.body[:-1] + bytes([old.body[-1] ^ 1]) if tamper else old.body
        return self._send(old.kind, old.user, body, old.headers, old.payload)

    def find(self, delivery_id: int) -> Delivery:
        """Return a delivery by its id.

        Raises:
            PersonRefusal: There was no such delivery.
        """
        with self._workspace.lock:
            for delivery in self.deliveries:
                if delivery.id == delivery_id:
                    return delivery
        raise PersonRefusal("unknown_delivery", str(delivery_id))

    def _deliver(
        self,
        kind: str,
        user: str,
        body: bytes,
        content_type: str,
        payload: JsonObject,
        extra: dict[str, str] | None = None,
    ) -> Delivery:
        stamp = str(int(self._workspace.now().timestamp()))
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": sign(SIGNING_SECRET, stamp, body),
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "application/json,*/*",
            **(extra or {}),
        }
        return self._send(kind, user, body, headers, payload)

    def _send(
        self, kind: str, user: str, body: bytes, headers: dict[str, str], payload: JsonObject
    ) -> Delivery:
        url = self._workspace.installation.request_url
        if not url:
            raise PersonRefusal("app_not_installed")
        with self._workspace.lock:
            delivery = Delivery(
                id=len(self.deliveries) + 1,
                kind=kind,
                user=user,
                body=body,
                headers=headers,
                at=self._workspace.now().isoformat(),
                payload=payload,
            )
            self.deliveries.append(delivery)
        started = time.monotonic()
        _exchange(url, delivery)
        seconds = time.monotonic() - started
        delivery.latency_ms = seconds * 1000
        delivery.verdict = _verdict(delivery, seconds)
        return delivery


def sign(secret: str, stamp: str, body: bytes) -> str:
    """Return Slack's signature, version v0, of a body sent at a Unix second."""
    base = b"v0:" + stamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def answered(delivery: Delivery) -> Any:
    """Return the JSON the app answered with, its plain text, or None when it said nothing."""
    text = delivery.answer.decode("utf-8", "replace")
    if not text.strip():
        return None
    if delivery.answer_type.startswith(JSON):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _exchange(url: str, delivery: Delivery) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port or 80, timeout=ACK_SECONDS
    )
    try:
        connection.request("POST", parts.path or "/", delivery.body, delivery.headers)
        response = connection.getresponse()
        delivery.answer = response.read()
        delivery.answer_type = response.headers.get("Content-Type", "")
        delivery.no_retry = response.headers.get("X-Slack-No-Retry") == "1"
        delivery.status = response.status
    except TimeoutError:
        delivery.verdict = "operation_timeout"
    except (OSError, http.client.HTTPException):
        delivery.verdict = "dispatch_failed"
    finally:
        connection.close()


def _verdict(delivery: Delivery, seconds: float) -> str:
    if seconds > ACK_SECONDS:
        return "operation_timeout"
    if delivery.verdict:
        return delivery.verdict
    status = delivery.status or 0
    if 200 <= status < 300:
        return "ok"
    return "http_service_error" if status >= 500 else "http_client_error"
