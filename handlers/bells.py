"""Bells: how a thread that put something down wakes the one that picks it up.

A bell holds nothing that matters: the work lies in the database, and a missed ring
costs at most one idle wait.
"""

import threading


class Bell:
    """Wakes one sleeper a ring; a ring that nobody sleeps through wakes the next at once."""

    def __init__(self) -> None:
        """Hang up the bell."""
        self._rings = threading.Semaphore(0)

    def ring(self, times: int = 1) -> None:
        """Wake *times* sleeping threads."""
        self._rings.release(times)

    def sleep(self, seconds: float) -> None:
        """Sleep until a ring, *seconds* at most."""
        self._rings.acquire(timeout=seconds)
