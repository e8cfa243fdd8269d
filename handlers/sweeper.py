"""The sweeper: once a minute, what has run out goes."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.journeys.account.leaving import Leaving
from handlers.policy import Policy
from handlers.slack.account.departures import Departures
from store.memory import Memory

_log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
KEPT_PROFILES = timedelta(days=7)
"""How long what Slack said about somebody is kept when nobody asks again."""
KEPT_INVITATIONS = timedelta(days=2)
"""Longer than the day for which they are counted."""


class Sweeper:
    """One thread that forgets on time."""

    def __init__(
        self,
        *,
        memory: Memory,
        leaving: Leaving,
        departures: Departures,
        policy: Policy,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; *policy* says how long things are kept."""
        self._memory = memory
        self._leaving = leaving
        self._departures = departures
        self._policy = policy
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="parley-sweeper")

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way and return."""
        self._stop.set()
        self._thread.join()

    def sweep(self) -> None:
        """Forget everything that has run out; each part on its own, so that none blocks another."""
        now = self._clock()
        memory, policy = self._memory, self._policy
        parts: dict[str, Callable[[], object]] = {
            "connections": lambda: self._leaving.sweep(now),
            "departures": lambda: self._departures.nightly(now),
            "epoch": memory.epoch.step,
            "states": lambda: memory.states.sweep(now),
            "inbox": lambda: memory.inbox.sweep(now - policy.kept),
            "drafts": lambda: memory.drafts.sweep(now - policy.kept),
            "outbox": lambda: memory.outbox.sweep(now - policy.kept_content),
            "operations": lambda: memory.operations.sweep(now - policy.kept_content),
            "profiles": lambda: memory.profiles.sweep(now - KEPT_PROFILES),
            "invitations": lambda: memory.invitations.sweep(now - KEPT_INVITATIONS),
            "audit": lambda: memory.audit.sweep(now - policy.kept_audit, now),
            "audit log": memory.audit.say_others,
        }
        for name, part in parts.items():
            try:
                part()
            except Exception:  # noqa: BLE001 - one part's fault must not keep the others
                _log.exception("sweep_failed part=%s", name)

    def _run(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            self.sweep()
