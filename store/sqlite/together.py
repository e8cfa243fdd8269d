"""Work of several threads for one commit: the disk is waited for once for all of them."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar, cast

T = TypeVar("T")
C = TypeVar("C")


class Job(Generic[C, T]):
    """One thread's work, and what came of it.

    Attributes:
        done: Whether it was committed or undone.
        error: Why it was undone; None when it wasn't.
    """

    __slots__ = ("_result", "_work", "done", "error")

    def __init__(self, work: Callable[[C], T]) -> None:
        """Hold the work; it isn't done yet."""
        self._work = work
        self._result: T | None = None
        self.done = False
        self.error: BaseException | None = None

    def run(self, context: C) -> None:
        """Do the work; it is done when somebody has committed it."""
        self._result = self._work(context)

    def outcome(self) -> T:
        """Return what the work returned.

        Raises:
            BaseException: What it, or its commit, raised.
        """
        if self.error is not None:
            raise self.error
        return cast("T", self._result)


def take_all(waiting: deque[T]) -> list[T]:
    """Return all that wait by now, the first come first; others may be added meanwhile."""
    return [waiting.popleft() for _ in range(len(waiting))]
