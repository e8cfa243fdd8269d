"""The one connection that writes: a transaction at a time, threads in a queue before it."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlite_utils

from bot.errors import Fault
from store.sqlite.connections import patience
from store.sqlite.together import Job, take_all
from store.sqlite.transaction import Callback, Transaction
from store.sqlite.turns import WriterLock

T = TypeVar("T")


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
        self._waiting: deque[Job[Transaction, Any]] = deque()
        self.closed = False

    @property
    def mine(self) -> bool:
        """Whether the calling thread is inside the transaction."""
        return self._holder == threading.get_ident()

    @property
    def waiting(self) -> int:
        """How many pieces of work wait for the next commit."""
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

    def together(self, work: Callable[[Transaction], T]) -> T:
        """As ``Database.together``."""
        if self.mine:
            with self.writing() as transaction:
                return work(transaction)
        job = Job(work)
        self._waiting.append(job)
        callbacks: Sequence[Callback] = ()
        with self.lock:
            if not job.done:
                callbacks = self._commit(take_all(self._waiting))
        for callback in callbacks:
            callback()
        return job.outcome()

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

    def _commit(self, jobs: list[Job[Transaction, Any]]) -> Sequence[Callback]:
        """Do all of them in one transaction; return what is to be called then."""
        callbacks: Sequence[Callback] = ()
        try:
            self.refuse_closed()
            transaction = self._begin()
            try:
                self._run(jobs, transaction)
            except BaseException:
                self._undo()
                raise
            self._keep()
            callbacks = transaction.callbacks
        except BaseException as error:  # noqa: BLE001 - told to each whose work it was
            for job in jobs:
                job.error = error
        for job in jobs:
            job.done = True
        return callbacks

    def _run(self, jobs: list[Job[Transaction, Any]], transaction: Transaction) -> None:
        if len(jobs) == 1:
            jobs[0].run(transaction)
            return
        for job in jobs:
            try:
                with self._joined(transaction):
                    job.run(transaction)
            except BaseException as error:
                if not self.conn.in_transaction:
                    # No room on the disk, say: SQLite has undone the others' as well.
                    raise
                job.error = error

    def _begin(self) -> Transaction:
        with patience():
            self.conn.execute("BEGIN IMMEDIATE")
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
