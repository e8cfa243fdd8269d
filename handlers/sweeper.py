"""The sweeper: once a minute, what has run out goes."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.journeys.leaving import Leaving
from store.memory import Memory

_log = logging.getLogger(__name__)

EVERY_SECONDS = 60.0
KEPT = timedelta(hours=24)
"""How long finished work, its dedupe keys and open drafts are kept."""
KEPT_OPERATIONS = timedelta(days=7)
"""How long the titles and people of ended operations are kept."""


class Sweeper:
    """One thread that forgets on time."""

    def __init__(self, *, memory: Memory, leaving: Leaving, clock: Callable[[], datetime]) -> None:
        """Take the parts."""
        self._memory = memory
        self._leaving = leaving
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
        memory = self._memory
        parts: dict[str, Callable[[], object]] = {
            "connections": lambda: self._leaving.sweep(now),
            "states": lambda: memory.states.sweep(now),
            "inbox": lambda: memory.inbox.sweep(now - KEPT),
            "drafts": lambda: memory.drafts.sweep(now - KEPT),
            "outbox": lambda: memory.outbox.sweep(now - KEPT_OPERATIONS),
            "operations": lambda: memory.operations.sweep(now - KEPT_OPERATIONS),
        }
        for name, part in parts.items():
            try:
                part()
            except Exception:  # noqa: BLE001 - one part's fault must not keep the others
                _log.exception("sweep_failed part=%s", name)

    def _run(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            self.sweep()
