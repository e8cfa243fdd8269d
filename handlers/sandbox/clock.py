"""The sandbox's own time, which a test may move or stop."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class Clock:
    """Real time plus an offset, or a frozen moment. Safe to use from several threads."""

    def __init__(self) -> None:
        """Start at real time."""
        self._lock = threading.Lock()
        self._offset = timedelta()
        self._frozen: datetime | None = None

    def now(self) -> datetime:
        """Return the sandbox's time as an aware UTC datetime."""
        with self._lock:
            if self._frozen is not None:
                return self._frozen
            return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock by `seconds` (a negative number moves it back)."""
        step = timedelta(seconds=seconds)
        with self._lock:
            if self._frozen is not None:
                self._frozen += step
            else:
                self._offset += step

    def freeze(self, at: datetime) -> None:
        """Stop the clock at the aware moment `at`; it then moves only by `advance`.

        Raises:
            ValueError: `at` has no time zone.
        """
        if at.tzinfo is None:
            raise ValueError("a frozen moment needs a time zone")
        with self._lock:
            self._frozen = at.astimezone(UTC)

    def thaw(self) -> None:
        """Let the clock run again from real time; freezes and advances are forgotten."""
        with self._lock:
            self._frozen = None
            self._offset = timedelta()
