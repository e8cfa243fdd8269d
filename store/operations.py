"""Intended CRM writes: begun before they are sent, so that none is done twice unseen."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.connection import Owner
from store.sealing.vault import Vault
from store.sqlite.columns import aware, maybe_moment, moment
from store.sqlite.database import Database
from store.sqlite.transaction import Row, Transaction

_BODY = "operations.body"
_NOTE = "operations.note"


class OperationState(StrEnum):
    """How far an intended write has come."""

    NEW = "new"
    SENDING = "sending"
    """Committed before the first byte goes out."""
    CONFIRMED = "confirmed"
    AMBIGUOUS = "ambiguous"
    """The answer was lost: looked up, never repeated blindly."""
    FAILED = "failed"
    """The CRM surely did nothing."""
    ASKED = "asked"
    """Look-ups found nothing, or a change stopped half-way; the person decides."""


MOVES: Mapping[OperationState, frozenset[OperationState]] = {
    OperationState.NEW: frozenset({OperationState.SENDING, OperationState.FAILED}),
    OperationState.SENDING: frozenset(
        {
            OperationState.SENDING,
            OperationState.CONFIRMED,
            OperationState.AMBIGUOUS,
            OperationState.ASKED,
            OperationState.FAILED,
        }
    ),
    OperationState.AMBIGUOUS: frozenset(
        {
            OperationState.AMBIGUOUS,
            OperationState.SENDING,
            OperationState.CONFIRMED,
            OperationState.ASKED,
            OperationState.FAILED,
        }
    ),
    OperationState.ASKED: frozenset(
        {
            OperationState.AMBIGUOUS,
            OperationState.SENDING,
            OperationState.CONFIRMED,
            OperationState.FAILED,
        }
    ),
    OperationState.FAILED: frozenset({OperationState.SENDING}),
    OperationState.CONFIRMED: frozenset(),
}
"""Where each state may go. Sending to sending is the next series of the same operation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One intended write.

    Attributes:
        id: Its draft's id.
        owner: For whom.
        grant_id: With whose account.
        kind: What is to be written.
        fingerprint: Of the content, to tell a repeat from a change.
        body: What is to be written, JSON values.
        note: What was noted on the way, JSON values.
        state: See ``OperationState``.
        attempts: How often it was moved to sending.
        fence: Grows with each move.
        due: When to look again (aware, UTC), or None.
        created_at: Aware, UTC.
        updated_at: Aware, UTC.
    """

    id: str
    owner: Owner
    grant_id: str
    kind: str
    fingerprint: str
    body: dict[str, Any]
    note: dict[str, Any]
    state: OperationState
    attempts: int
    fence: int
    due: datetime | None
    created_at: datetime
    updated_at: datetime


class Operations:
    """Intended writes by id."""

    def __init__(self, db: Database, vault: Vault) -> None:
        """Keep operations in *db*, body and note sealed by *vault*."""
        self._db = db
        self._vault = vault

    def begin(
        self,
        operation_id: str,
        owner: Owner,
        grant_id: str,
        kind: str,
        fingerprint: str,
        body: dict[str, Any],
        now: datetime,
    ) -> bool:
        """Intend a write; False if it is there already. One statement.

        One of the same owner that *failed* (the CRM surely did nothing) begins anew with
        this body; its attempts, fence and series stay.
        """
        with self._db.writing() as transaction:
            return bool(
                transaction.rows(
                    "INSERT INTO operations (id, team, person, grant_id, kind, fingerprint, body,"
                    " note, state, created_at, updated_at)"
                    " VALUES (:id, :team, :person, :grant_id, :kind, :fingerprint, :body, '',"
                    " 'new', :now, :now) ON CONFLICT (id) DO UPDATE SET"
                    " grant_id = excluded.grant_id, kind = excluded.kind,"
                    " fingerprint = excluded.fingerprint, body = excluded.body, note = '',"
                    " state = 'new', fence = fence + 1, due = NULL,"
                    " updated_at = excluded.updated_at"
                    " WHERE state = 'failed' AND team = excluded.team"
                    " AND person = excluded.person RETURNING id",
                    {
                        "id": operation_id,
                        "team": owner.team,
                        "person": owner.user,
                        "grant_id": grant_id,
                        "kind": kind,
                        "fingerprint": fingerprint,
                        "body": self._vault.seal_values(_BODY, owner, body),
                        "now": moment(now),
                    },
                )
            )

    def get(self, operation_id: str) -> Operation | None:
        """Return the operation of that id.

        Raises:
            Fault: ``unreadable``.
        """
        row = self._db.row("SELECT * FROM operations WHERE id = ?", [operation_id])
        return None if row is None else self._operation(row)

    def move(
        self,
        operation_id: str,
        from_states: tuple[str, ...],
        to: str,
        *,
        now: datetime,
        note: Mapping[str, Any] | None = None,
        due: datetime | None = None,
        fence: int | None = None,
    ) -> bool:
        """Move on from one of *from_states*; True for exactly one of many. One transaction.

        Args:
            operation_id: Which.
            from_states: Where it must be, else nothing changes.
            to: Where it shall be. ``sending`` counts an attempt.
            now: When.
            note: Added to what was noted, same names replaced.
            due: When to look again; cleared where None.
            fence: When given, what it must still be.

        Raises:
            ValueError: A move that ``MOVES`` doesn't have.
        """
        target = OperationState(to)
        sources = [OperationState(state) for state in from_states]
        if not sources or any(target not in MOVES[source] for source in sources):
            raise ValueError(f"no move from {from_states} to {to}")
        with self._db.writing() as transaction:
            rows = transaction.rows(
                "UPDATE operations SET state = ?, fence = fence + 1, due = ?, updated_at = ?,"
                " attempts = attempts + (? = 'sending') WHERE id = ?"
                " AND fence = coalesce(?, fence)"
                " AND state IN (SELECT value FROM json_each(?)) RETURNING team, person, note",
                [
                    target.value,
                    maybe_moment(due),
                    moment(now),
                    target.value,
                    operation_id,
                    fence,
                    json.dumps([source.value for source in sources]),
                ],
            )
            if rows and note:
                self._add_note(transaction, operation_id, rows[0], note)
            return bool(rows)

    def add_series(self, operation_id: str, ids: tuple[str, ...]) -> None:
        """Note the record ids of one series the CRM made; the same ids are noted once.

        One statement.
        """
        self._db.write(
            "INSERT INTO series (operation_id, ids) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [operation_id, json.dumps(ids)],
        )

    def series(self, operation_id: str) -> tuple[tuple[str, ...], ...]:
        """Return the record ids of each series, in the order they were noted."""
        rows = self._db.rows(
            "SELECT ids FROM series WHERE operation_id = ? ORDER BY rowid", [operation_id]
        )
        return tuple(tuple(json.loads(row["ids"])) for row in rows)

    def sweep(self, before: datetime) -> int:
        """Empty body and note of ended operations last changed before; return how many.

        So are those that wait for a person who never came. Id, fingerprint and series
        stay, so that a repeat is still known. One statement.
        """
        return self._db.write(
            "UPDATE operations SET body = '', note = '' WHERE body != ''"
            " AND state IN ('new', 'asked', 'confirmed', 'failed') AND updated_at < ?",
            [moment(before)],
        )

    def _add_note(
        self, transaction: Transaction, operation_id: str, row: Row, note: Mapping[str, Any]
    ) -> None:
        owner = Owner(row["team"], row["person"])
        merged = self._opened(_NOTE, owner, row["note"]) | dict(note)
        transaction.execute(
            "UPDATE operations SET note = ? WHERE id = ?",
            [self._vault.seal_values(_NOTE, owner, merged), operation_id],
        )

    def _opened(self, column: str, owner: Owner, sealed: str) -> dict[str, Any]:
        return self._vault.open_values(column, owner, sealed) if sealed else {}

    def _operation(self, row: Row) -> Operation:
        owner = Owner(row["team"], row["person"])
        return Operation(
            id=row["id"],
            owner=owner,
            grant_id=row["grant_id"],
            kind=row["kind"],
            fingerprint=row["fingerprint"],
            body=self._opened(_BODY, owner, row["body"]),
            note=self._opened(_NOTE, owner, row["note"]),
            state=OperationState(row["state"]),
            attempts=row["attempts"],
            fence=row["fence"],
            due=aware(row["due"]) if row["due"] else None,
            created_at=aware(row["created_at"]),
            updated_at=aware(row["updated_at"]),
        )
