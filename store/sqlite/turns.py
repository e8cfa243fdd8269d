"""Whose turn it is to write: those who can't wait come before those who can."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType


class _Own(threading.local):
    """What the lock knows of one thread."""

    depth = 0
    patient = False
    at_door = False


class WriterLock:
    """A lock that its holder may take again, with a door before it for the patient.

    Of all patient threads one alone waits at the lock; the others wait at the door. So
    somebody impatient waits for the write under way and, at worst, one more, however
    many workers have something to write.
    """

    def __init__(self) -> None:
        """Make it free."""
        self._lock = threading.Lock()
        self._door = threading.Lock()
        self._own = _Own()

    def __enter__(self) -> None:
        """Wait until it is this thread's."""
        own = self._own
        if own.depth == 0:
            # The holder never comes back to the door: whoever passed it waits for the holder.
            if own.patient:
                self._door.acquire()
                own.at_door = True
            self._lock.acquire()
        own.depth += 1

    def enter_now(self) -> bool:
        """Take it if it is free or this thread's, without waiting; say whether it was."""
        own = self._own
        if own.depth == 0 and not self._lock.acquire(blocking=False):
            return False
        own.depth += 1
        return True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give it on when this was the outermost taking."""
        self.leave()

    def leave(self) -> None:
        """Give it on when this was the outermost taking."""
        own = self._own
        own.depth -= 1
        if own.depth:
            return
        self._lock.release()
        if own.at_door:
            own.at_door = False
            self._door.release()

    @contextmanager
    def patiently(self) -> Iterator[None]:
        """Make this thread patient for the block."""
        before, self._own.patient = self._own.patient, True
        try:
            yield
        finally:
            self._own.patient = before
