"""Statements of several threads, committed at once: the disk is waited for once for them all."""

from collections import deque
from typing import TypeVar

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from store.sqlite.transaction import Values

T = TypeVar("T")


class Statement:
    """One writing statement of one thread, and what came of it.

    Attributes:
        done: Whether it was committed or refused.
        error: Why it was refused; None when it wasn't.
    """

    __slots__ = ("_changed", "_params", "_sql", "done", "error")

    def __init__(self, sql: str, params: Values) -> None:
        """Hold it; it isn't done yet."""
        self._sql = sql
        self._params = params
        self._changed: int = 0
        self.done = False
        self.error: BaseException | None = None

    def run(self, conn: sqlite3.Connection) -> None:
        """Execute it; it is done when somebody has committed it."""
        self._changed = conn.execute(self._sql, self._params).rowcount

    def changed(self) -> int:
        """Return how many rows it changed.

        Raises:
            BaseException: What it, or its commit, was refused with.
        """
        if self.error is not None:
            raise self.error
        return self._changed


def take_all(waiting: deque[T]) -> list[T]:
    """Return all that wait by now, the first come first; others may be added meanwhile."""
    return [waiting.popleft() for _ in range(len(waiting))]
