"""Noticing that the database is older than the one Parley last ran with.

A backup put back, or a lost write-ahead log, makes Parley forget what it has sent. So a
number grows with time in the database and, after it, in a file beside: a database whose
number is smaller than the file's is an older one. Nothing is sent from it blindly.
"""

import os
import secrets
from datetime import datetime
from pathlib import Path

from bot.domain.connection import Owner
from store.audit import Audit
from store.exports.jobs import Exports
from store.operations import Operations
from store.sqlite.columns import moment
from store.sqlite.database import Database
from store.sqlite.transaction import Transaction

SIDE = "parley.epoch"


class Epoch:
    """The number of one database, and of the file beside it."""

    def __init__(
        self, db: Database, operations: Operations, exports: Exports, audit: Audit
    ) -> None:
        """Count in *db* and beside its file; without a file nothing is counted."""
        self._db = db
        self._operations = operations
        self._exports = exports
        self._audit = audit
        self._side = None if db.path is None else db.path.with_name(SIDE)

    def older(self) -> bool:
        """Return whether the database is older than the one last run with. Changes nothing.

        One that has run and lost the file beside it counts as older, since nobody knows.
        """
        mine, beside = self._number(), self._beside()
        if self._side is None or self._empty():
            return False
        return beside > mine if beside is not None else mine > 0

    def begin(self, now: datetime) -> bool:
        """Begin to run; True where the database is older, and then nothing in it is sent blindly.

        What was about to be created is looked for in the CRM first, what was about to be
        told is looked for in Slack, and open forms are closed: they may be done already.
        Exports under way end, and so do links, which may have been used.
        """
        older = self.older()
        if older:
            with self._db.writing() as transaction:
                self._make_safe(transaction, now)
                self._audit.note("older_database", Owner("", ""), "parley", now)
        self.step()
        return older

    def step(self) -> None:
        """Count on: in the database first, then beside it, so that the file is never ahead."""
        if self._side is None:
            return
        beside = self._beside() or 0
        with self._db.writing() as transaction:
            row = transaction.row(
                "INSERT INTO standing (name, value) VALUES ('epoch', ?) ON CONFLICT (name)"
                " DO UPDATE SET value = max(CAST(value AS INTEGER), ?) + 1 RETURNING value",
                [str(beside + 1), beside],
            )
        number = int(row["value"]) if row else 0
        if number > beside:
            _write(self._side, f"{number}\n")

    def _make_safe(self, transaction: Transaction, now: datetime) -> None:
        for row in transaction.rows(
            "SELECT id, created_at FROM operations WHERE state = 'new' AND kind = 'create'"
        ):
            # As if killed while sending: it is looked for before anything is sent.
            note = {"since": row["created_at"]}
            self._operations.move(row["id"], ("new",), "sending", now=now, note=note)
        self._exports.went_back(now)
        transaction.execute("UPDATE drafts SET state = 'done' WHERE state = 'open'")
        transaction.execute("DELETE FROM links")
        transaction.execute(
            "UPDATE outbox SET state = 'sending', attempt_at = coalesce(attempt_at, owed_at),"
            " due = ? WHERE state = 'pending'",
            [moment(now)],
        )

    def _number(self) -> int:
        row = self._db.row("SELECT value FROM standing WHERE name = 'epoch'")
        return int(row["value"]) if row else 0

    def _empty(self) -> bool:
        return (
            self._db.row(
                "SELECT 1 FROM grants UNION ALL SELECT 1 FROM operations"
                " UNION ALL SELECT 1 FROM outbox LIMIT 1"
            )
            is None
        )

    def _beside(self) -> int | None:
        try:
            return int(self._side.read_text("ascii")) if self._side else None
        except (FileNotFoundError, ValueError):
            return None


def _write(path: Path, text: str) -> None:
    """Put *text* at *path*, whole or not at all, for this user alone."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
