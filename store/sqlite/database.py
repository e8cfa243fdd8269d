"""One SQLite file: one writer behind a lock, a reader per thread, nothing half-written."""

import os
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import sqlite_utils
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from bot.errors import Fault, TryLater
from store.sqlite.connections import BUSY_SECONDS, connect
from store.sqlite.files import SAFE_SQLITE, claim_alone, make_private
from store.sqlite.transaction import Callback, Row, Transaction, Values, read
from store.sqlite.writer import Writer

_MAPPED = 0x7FFF0000
"""Bytes of the file that a reader maps at most: what SQLite allows."""


class _Own(threading.local):
    """What a thread has for itself: its reader, found without a lock."""

    reader: sqlite_utils.Database | None = None


class Database:
    """The file, or a memory of the process where the path is None.

    Every write happens between BEGIN IMMEDIATE and COMMIT on one connection behind a
    lock: threads queue at the lock, processes at SQLite's own. Readers are a connection
    per thread and see what is committed; inside ``writing`` a thread reads what it wrote.
    """

    def __init__(
        self, path: Path | None, *, sqlite_version: tuple[int, ...] = sqlite3.sqlite_version_info
    ) -> None:
        """Open the file, made readable by this user alone if it isn't there.

        Args:
            path: The file; None keeps everything in memory, on one connection.
            sqlite_version: The library's version; one older than ``SAFE_SQLITE`` lets
                one process alone open the file.

        Raises:
            Fault: ``database_in_use`` when an old library meets a second process,
                ``database_unreadable`` when the file is no database or stays locked.
        """
        self.path = path
        self._own = _Own()
        self._readers: dict[threading.Thread, sqlite_utils.Database] = {}
        self._readers_lock = threading.Lock()
        self._guard: int | None = None
        if path is not None:
            make_private(path)
            if sqlite_version < SAFE_SQLITE:
                self._guard = claim_alone(path, sqlite_version)
        try:
            library = connect(self.path)
        except sqlite3.DatabaseError as error:
            self._release_guard()
            raise Fault("database_unreadable", file=str(path)) from error
        self._writer = Writer(library)

    def writing(self) -> AbstractContextManager[Transaction]:
        """Hold the one write transaction: all of the block is kept, or nothing of it.

        BEGIN IMMEDIATE comes before the first read, so what the block reads is still
        true when it writes. A nested ``writing`` joins the outer transaction; where the
        nested block raises, its own writes are undone and the outer one goes on if it
        catches the error. Callbacks run after COMMIT, on this thread, outside the lock;
        they must not raise, for the write has happened.

        Raises:
            TryLater: ``storage_busy`` when another process writes for over 15 seconds.
            Fault: ``database_closed``.
        """
        return self._writer.writing()

    def write(self, sql: str, params: Values = ()) -> int:
        """Run one statement as ``writing`` would, and return how many rows it changed.

        Whichever of several threads comes first runs and commits the statements of all
        that wait, so the disk is waited for once (a group commit); each is kept, or
        refused alone. Inside ``writing`` it joins. Listeners are called on the thread
        that committed.

        Raises:
            TryLater: ``storage_busy`` when another process writes for over 15 seconds.
            Fault: ``database_closed``.
        """
        return self._writer.write(sql, params)

    def rows(self, sql: str, params: Values = ()) -> list[Row]:
        """Return all rows of one reading statement; inside ``writing``, with its own writes.

        Raises:
            Fault: ``database_closed``.
        """
        self._writer.refuse_closed()
        if self.path is None or self._writer.mine:
            with self._writer.lock:
                return read(self._writer.conn, sql, params)
        return read(self._reader().conn, sql, params)

    def tuples(self, sql: str, params: Values = ()) -> list[tuple[Any, ...]]:
        """Return what ``rows`` does without the columns' names, in half the time.

        Raises:
            Fault: ``database_closed``.
        """
        self._writer.refuse_closed()
        if self.path is None or self._writer.mine:
            with self._writer.lock:
                return self._writer.conn.execute(sql, params).fetchall()
        return self._reader().conn.execute(sql, params).fetchall()

    def glance(self, sql: str, params: Values = ()) -> list[tuple[Any, ...]]:
        """Return what ``tuples`` does, for a row that is about to be written.

        While no other thread writes it is read through the connection that will write it:
        the pages are at hand there, while a reader lets go of its own at every commit.

        Raises:
            Fault: ``database_closed``.
        """
        found = self._writer.glance(sql, params)
        return self.tuples(sql, params) if found is None else found

    def row(self, sql: str, params: Values = ()) -> Row | None:
        """Return the first row of one reading statement, or None."""
        return next(iter(self.rows(sql, params)), None)

    def after_commit(self, callback: Callback) -> None:
        """Have *callback* called after every commit of this process that changed a row.

        It is kept once however often it is given, and runs on the thread that committed.
        ``Transaction.after_commit`` is the same for one transaction alone.
        """
        with self._writer.lock:
            if callback not in self._writer.listeners:
                self._writer.listeners.append(callback)

    def patiently(self) -> AbstractContextManager[None]:
        """Let other threads write before this one for the block (see `WriterLock`)."""
        return self._writer.lock.patiently()

    def checkpoint(self) -> None:
        """Move all of the write-ahead log into the file and cut the log to nothing.

        With ``secure_delete`` this is what removes the bytes of a deleted row from disk.

        Raises:
            TryLater: ``storage_busy`` when a reader still holds an older state.
        """
        with self._writer.lock:
            self._writer.refuse_closed()
            # A reader that takes its time (a backup) mustn't hold up whoever writes.
            self._writer.conn.execute("PRAGMA busy_timeout = 100").fetchall()
            try:
                answer = self._writer.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                patience = f"PRAGMA busy_timeout = {round(BUSY_SECONDS * 1000)}"
                self._writer.conn.execute(patience).fetchall()
        if self.path is not None and answer[0][0]:
            raise TryLater("storage_busy", seconds=5)

    def backup(self, target: Path) -> None:
        """Write a whole, consistent copy to *target*, which must not be there yet.

        Readers and writers go on meanwhile. The copy holds sealed values only; the keys
        are not in it.

        Raises:
            FileExistsError: *target* is there.
        """
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        copy = sqlite3.connect(str(target))
        try:
            with self._writer.lock:
                self._writer.refuse_closed()
                self._writer.conn.backup(copy)
        finally:
            copy.close()

    def close(self) -> None:
        """Close every thread's connection; a second call does nothing."""
        with self._writer.lock, self._readers_lock:
            if self._writer.closed:
                return
            for reader in self._readers.values():
                reader.conn.close()
            self._readers.clear()
            self._writer.close()
            self._release_guard()

    def _reader(self) -> sqlite_utils.Database:
        found = self._own.reader
        return self._new_reader() if found is None else found

    def _new_reader(self) -> sqlite_utils.Database:
        me = threading.current_thread()
        with self._readers_lock:
            self._writer.refuse_closed()
            for thread in [one for one in self._readers if not one.is_alive()]:
                self._readers.pop(thread).conn.close()
            made = connect(self.path)
            made.conn.execute("PRAGMA query_only = ON")
            # Pages are read where they lie: all threads share them, without a call for each.
            made.conn.execute(f"PRAGMA mmap_size = {_MAPPED}").fetchall()
            self._readers[me] = self._own.reader = made
            return made

    def _release_guard(self) -> None:
        if self._guard is not None:
            os.close(self._guard)
            self._guard = None
