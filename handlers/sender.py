"""The sender: empties the outbox, one attempt a message, and never repeats one blindly.

Slack has no idempotency key. So the attempt is committed before the post; an attempt
whose answer was lost waits out a quiet period, is looked for by the key in its
metadata (Slack, "Message metadata"), and is posted again only if it isn't there.
"""

import logging
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from handlers.bells import Bell
from store.outbox import Outbox, Owed

_log = logging.getLogger(__name__)

EVENT_TYPE = "parley_notice"
QUIET = timedelta(seconds=90)
"""Longer than a post can be late: the call's time-out and a margin."""
LOOKING = timedelta(hours=1)
"""How long a lost message is looked for while Slack doesn't let us look."""
UNREACHABLE = timedelta(seconds=5)
LEASE_SECONDS = 60.0
IDLE_SECONDS = 0.25
MAX_TRIES = 5
SEARCHED = 15
"""Slack, conversations.history: 15 objects a call for some apps."""
_BUSY = frozenset({"ratelimited", "rate_limited"})
_TOO_MUCH = frozenset({"invalid_blocks", "msg_too_long", "msg_blocks_too_long"})
_PASSING = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})


class Sender:
    """One thread that posts what is owed."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        client: Callable[[], WebClient],
        bell: Bell,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts.

        Args:
            outbox: What is owed.
            client: Gives a Slack client that tries once.
            bell: Rung by whoever owes a message.
            clock: Aware now.
        """
        self._outbox = outbox
        self._client = client
        self._clock = clock
        self._stop = threading.Event()
        self._bell = bell
        self._thread = threading.Thread(target=self._run, name="parley-sender")

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way and return."""
        self._stop.set()
        self._bell.ring()
        self._thread.join()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                sent = self._round()
            except Exception:  # noqa: BLE001 - a busy or full database must not end the thread
                _log.exception("sender_failed")
                sent = 0
            if not sent:
                self._bell.sleep(IDLE_SECONDS)

    def _round(self) -> int:
        now = self._clock()
        due = self._outbox.next_due()
        if due is None or due > now:
            return 0
        # One at a time: what is claimed and not yet posted when we are killed is unsure.
        items = self._outbox.claim(now, 1, LEASE_SECONDS)
        for item in items:
            self.send(item)
        return len(items)

    def send(self, item: Owed) -> None:
        """Carry one claimed message as far as it gets now."""
        if item.unsure:
            self._reconcile(item)
            return
        self._attempt(item, with_blocks=True)

    def _attempt(self, item: Owed, *, with_blocks: bool) -> None:
        try:
            answer = self._post(item, with_blocks=with_blocks)
        except SlackApiError as error:
            self._refused(item, error, with_blocks=with_blocks)
        except (SlackClientError, OSError) as error:
            if _never_left(error):
                self._outbox.retry(item, self._clock() + UNREACHABLE)
            else:
                self._outbox.unsure(item, self._clock() + QUIET)
        else:
            self._outbox.sent(item, str(answer["channel"]), str(answer["ts"]))

    def _post(self, item: Owed, *, with_blocks: bool) -> Mapping[str, Any]:
        client = self._client()
        text = str(item.message["text"])
        blocks = item.message.get("blocks") or None if with_blocks else None
        if item.replaces is not None:
            channel, ts = item.replaces
            answer = client.chat_update(channel=channel, ts=ts, text=text, blocks=blocks)
        else:
            answer = client.chat_postMessage(
                channel=item.channel,
                text=text,
                blocks=blocks,
                thread_ts=item.thread_ts,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": item.key}},
                unfurl_links=False,
                unfurl_media=False,
            )
        return cast("Mapping[str, Any]", answer.data)

    def _refused(self, item: Owed, error: SlackApiError, *, with_blocks: bool) -> None:
        why = str(error.response.get("error", ""))
        if why in _BUSY:
            self._outbox.retry(item, self._clock() + _wait_named(error))
        elif _passes(error):
            self._outbox.unsure(item, self._clock() + QUIET)
        elif why in _TOO_MUCH and with_blocks:
            _log.error("notice_too_much item=%s why=%s", item.id, why)
            self._attempt(item, with_blocks=False)
        else:
            _log.error("notice_failed item=%s why=%s", item.id, why)
            self._outbox.failed(item, why)

    def _reconcile(self, item: Owed) -> None:
        now = self._clock()
        if now < item.attempt_at + QUIET:
            self._outbox.unsure(item, item.attempt_at + QUIET)
            return
        if item.replaces is not None:
            # Editing a message twice leaves one message.
            self._outbox.retry(item, now)
            return
        channel = self._outbox.home(item.owner) if item.channel == item.owner.user else item.channel
        try:
            found = self._find(item, channel) if channel is not None else None
        except (SlackClientError, OSError) as error:
            _log.warning("reconcile_blind item=%s why=%s", item.id, type(error).__name__)
            if _passes(error) and now < item.attempt_at + LOOKING:
                self._outbox.unsure(item, now + max(QUIET, _wait_named(error)))
                return
            channel = None
        if channel is None or (found is None and item.tries >= MAX_TRIES):
            # Never wrong, then never double, then always told.
            _log.error("notice_unsure item=%s", item.id)
            self._outbox.failed(item, "unsure")
        elif found is None:
            self._outbox.retry(item, now)
        else:
            self._outbox.sent(item, channel, found)

    def _find(self, item: Owed, channel: str) -> str | None:
        oldest = str((item.attempt_at - timedelta(seconds=60)).timestamp())
        client = self._client()
        if item.thread_ts is not None:
            answer = client.conversations_replies(
                channel=channel,
                ts=item.thread_ts,
                oldest=oldest,
                limit=SEARCHED,
                include_all_metadata=True,
            )
        else:
            answer = client.conversations_history(
                channel=channel, oldest=oldest, limit=SEARCHED, include_all_metadata=True
            )
        for message in cast("list[Mapping[str, Any]]", answer["messages"]):
            payload = (message.get("metadata") or {}).get("event_payload") or {}
            if payload.get("key") == item.key:
                return str(message["ts"])
        return None


def _never_left(error: Exception) -> bool:
    """Say whether no byte was sent: nobody listens, or the name isn't known."""
    return isinstance(error, URLError) and isinstance(
        error.reason, ConnectionRefusedError | socket.gaierror
    )


def _passes(error: Exception) -> bool:
    """Say whether the same call may succeed later."""
    if not isinstance(error, SlackApiError):
        return True
    why = error.response.get("error")
    return why in _BUSY | _PASSING or error.response.status_code >= 500


def _wait_named(error: Exception) -> timedelta:
    named = error.response.headers.get("Retry-After", 30) if isinstance(error, SlackApiError) else 0
    return timedelta(seconds=float(named))
