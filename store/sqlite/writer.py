"""The one connection that writes: a transaction at a time, threads in a queue before it."""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlite_utils
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from bot.errors import Fault, TryLater
from store.sqlite.connections import waited_in_vain
from store.sqlite.together import Statement, take_all
from store.sqlite.transaction import Callback, Transaction, Values
from store.sqlite.turns import WriterLock


class Writer:
    """Writes on one connection; ``lock`` is held by whoever does.

    Attributes:
        lock: The threads' queue.
        conn: The connection; used under the lock.
        listeners: Called after every commit that changed a row.
        closed: Whether it is over.
    """

    def __init__(self, library: sqlite_utils.Database) -> None:
        """Write through *library*."""
        self.lock = WriterLock()
        self.conn = library.conn
        self.listeners: list[Callback] = []
        self._library = library
        self._holder: int | None = None
        self._open: Transaction | None = None
        self._before = 0
        self._waiting: deque[Statement] = deque()
        self.closed = False

    @property
    def mine(self) -> bool:
        """Whether the calling thread is inside the transaction."""
        return self._holder == threading.get_ident()

    @property
    def waiting(self) -> int:
        """How many statements wait for the next commit."""
        return len(self._waiting)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """As ``Database.writing``."""
        with self.lock:
            self.refuse_closed()
            if self._open is not None:
                with self._joined(self._open):
                    yield self._open
                return
            transaction = self._begin()
            try:
                yield transaction
            except BaseException:
                self._undo()
                raise
            self._keep()
        for callback in transaction.callbacks:
            callback()

    def write(self, sql: str, params: Values) -> int:
        """As ``Database.write``."""
        if self._open is not None and self.mine:
            return self._open.execute(sql, params)
        statement = Statement(sql, params)
        self._waiting.append(statement)
        changed = False
        with self.lock:
            if not statement.done:
                changed = self._commit(take_all(self._waiting))
        if changed:
            for callback in tuple(self.listeners):
                callback()
        return statement.changed()

    def glance(self, sql: str, params: Values) -> list[tuple[Any, ...]] | None:
        """Return what one reading statement answers; None when another thread writes."""
        if not self.lock.enter_now():
            return None
        try:
            self.refuse_closed()
            return self.conn.execute(sql, params).fetchall()
        finally:
            self.lock.leave()

    def close(self) -> None:
        """Close the connection; whoever waits is refused. The lock is held."""
        self.closed = True
        self.conn.close()

    def refuse_closed(self) -> None:
        """Let through while it is open.

        Raises:
            Fault: ``database_closed``.
        """
        if self.closed:
            raise Fault("database_closed")

    def _commit(self, statements: list[Statement]) -> bool:
        """Run all of them in one commit; say whether any of them changed a row."""
        try:
            self.refuse_closed()
            if len(statements) == 1:
                statements[0].run(self.conn)
            else:
                self._run_each(statements)
        except BaseException as error:  # noqa: BLE001 - told to each whose statement it was
            told = _busy() if waited_in_vain(error) else error
            for one in statements:
                one.error = told
        changed = False
        for one in statements:
            one.done = True
            changed = changed or (one.error is None and one.changed() > 0)
        return changed

    def _run_each(self, statements: list[Statement]) -> None:
        self._begin()
        try:
            for one in statements:
                try:
                    one.run(self.conn)
                except sqlite3.Error as error:
                    if not self.conn.in_transaction:
                        # No room on the disk, say: SQLite has undone the others as well.
                        raise
                    one.error = error
        except BaseException:
            self._undo()
            raise
        self._keep()

    def _begin(self) -> Transaction:
        try:
            self.conn.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if waited_in_vain(error):
                raise _busy() from error
            raise
        self._before = self.conn.total_changes
        self._open, self._holder = Transaction(self._library), threading.get_ident()
        return self._open

    def _keep(self) -> None:
        """Commit; then the transaction's callbacks are all that are to be called."""
        try:
            self.conn.execute("COMMIT")
        except BaseException:
            self._undo()
            raise
        transaction, self._open, self._holder = self._open, None, None
        if transaction is not None and self.conn.total_changes != self._before:
            transaction.callbacks.extend(self.listeners)

    def _undo(self) -> None:
        if self.conn.in_transaction:
            self.conn.execute("ROLLBACK")
        self._open, self._holder = None, None

    @contextmanager
    def _joined(self, transaction: Transaction) -> Iterator[None]:
        kept = len(transaction.callbacks)
        self.conn.execute("SAVEPOINT joined")
        try:
            yield
        except BaseException:
            if self.conn.in_transaction:
                self.conn.execute("ROLLBACK TO joined")
                self.conn.execute("RELEASE joined")
            del transaction.callbacks[kept:]
            raise
        self.conn.execute("RELEASE joined")


def _busy() -> TryLater:
    return TryLater("storage_busy", seconds=5)
