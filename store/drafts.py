"""What a person sees in a form, until it is submitted once: a meeting, or an export."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.domain.connection import Owner
from bot.errors import Fault
from store.sealing.vault import Vault
from store.sqlite.columns import aware, moment
from store.sqlite.database import Database
from store.sqlite.transaction import Row

ENDED_KEPT = timedelta(days=7)
"""How long a submitted draft stays, counted from the sweep's *before*."""
_SEALED = "drafts.data"


class DraftState(StrEnum):
    """Where a draft is: only an open one changes, only a claimed one is being created."""

    OPEN = "open"
    CLAIMED = "claimed"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDraft:
    """A draft as it was kept.

    Attributes:
        id: Given by the caller.
        owner: Whose.
        grant_id: The grant it was made with, or None.
        data: JSON values.
        version: Grows with each change.
        state: See ``DraftState``.
        fingerprint: Of the meeting it was claimed for, or None.
        updated_at: Aware, UTC.
    """

    id: str
    owner: Owner
    grant_id: str | None
    data: dict[str, Any]
    version: int
    state: DraftState
    fingerprint: str | None
    updated_at: datetime


class Drafts:
    """Drafts of one kind, by id; an id is never used in two kinds."""

    def __init__(self, db: Database, vault: Vault, kind: str = "meeting") -> None:
        """Keep drafts of *kind* in *db*, their data sealed by *vault*."""
        self._db = db
        self._vault = vault
        self._kind = kind

    def put(
        self, draft_id: str, owner: Owner, grant_id: str | None, data: dict[str, Any], now: datetime
    ) -> None:
        """Keep a draft; one of the same id that is still open is replaced. One statement.

        Raises:
            Fault: ``draft_taken`` when the id is somebody else's or no longer open.
        """
        with self._db.writing() as transaction:
            kept = transaction.rows(
                "INSERT INTO drafts (id, team, person, grant_id, data, version, state, updated_at,"
                " kind) VALUES (?, ?, ?, ?, ?, 1, 'open', ?, ?) ON CONFLICT (id) DO UPDATE SET"
                " grant_id = excluded.grant_id, data = excluded.data, version = version + 1,"
                " updated_at = excluded.updated_at"
                " WHERE team = excluded.team AND person = excluded.person AND state = 'open'"
                " AND kind = excluded.kind RETURNING id",
                [
                    draft_id,
                    owner.team,
                    owner.user,
                    grant_id,
                    self._vault.seal_values(_SEALED, owner, data),
                    moment(now),
                    self._kind,
                ],
            )
        if not kept:
            raise Fault("draft_taken")

    def get(self, draft_id: str, owner: Owner) -> StoredDraft | None:
        """Return the owner's draft in whatever state; None for another's or an unknown one.

        Raises:
            Fault: ``unreadable``.
        """
        row = self._db.row(
            "SELECT * FROM drafts WHERE id = ? AND team = ? AND person = ? AND kind = ?",
            [draft_id, owner.team, owner.user, self._kind],
        )
        return None if row is None else self._draft(row)

    def latest_open(self, owner: Owner) -> StoredDraft | None:
        """Return the owner's open draft that changed last.

        Raises:
            Fault: ``unreadable``.
        """
        row = self._db.row(
            "SELECT * FROM drafts WHERE team = ? AND person = ? AND kind = ? AND state = 'open'"
            " ORDER BY updated_at DESC, rowid DESC LIMIT 1",
            [owner.team, owner.user, self._kind],
        )
        return None if row is None else self._draft(row)

    def save(self, draft_id: str, data: dict[str, Any], version: int, now: datetime) -> int | None:
        """Replace the data of an open draft of that *version*; return the new version.

        One compare-and-swap: None when it changed meanwhile or is no longer open.
        """
        return self._change(draft_id, data, DraftState.OPEN, version, now)

    def claim(self, draft_id: str, fingerprint: str, now: datetime) -> bool:
        """Take an open draft to be created; True for exactly one of many. One UPDATE."""
        return (
            self._db.write(
                "UPDATE drafts SET state = 'claimed', fingerprint = ?,"
                " updated_at = ? WHERE id = ? AND state = 'open'",
                [fingerprint, moment(now), draft_id],
            )
            == 1
        )

    def reopen(self, draft_id: str, data: dict[str, Any], now: datetime) -> None:
        """Open a claimed draft again with *data*, one version on; any other is left alone.

        One transaction.
        """
        self._change(draft_id, data, DraftState.CLAIMED, None, now)

    def finish(self, draft_id: str, now: datetime) -> None:
        """End a draft that is open or claimed; any other is left alone. One UPDATE."""
        self._db.write(
            "UPDATE drafts SET state = 'done', updated_at = ?"
            " WHERE id = ? AND state IN ('open', 'claimed')",
            [moment(now), draft_id],
        )

    def sweep(self, before: datetime) -> int:
        """Delete open drafts of every kind last changed before; return how many.

        Submitted ones go when they last changed over seven days before that. One statement.
        """
        return self._db.write(
            "DELETE FROM drafts WHERE updated_at < CASE state WHEN 'open' THEN ? ELSE ? END",
            [moment(before), moment(before - ENDED_KEPT)],
        )

    def _change(
        self,
        draft_id: str,
        data: dict[str, Any],
        state: DraftState,
        version: int | None,
        now: datetime,
    ) -> int | None:
        with self._db.writing() as transaction:
            row = transaction.row(
                "SELECT team, person FROM drafts WHERE id = ? AND state = ?"
                " AND version = coalesce(?, version)",
                [draft_id, state.value, version],
            )
            if row is None:
                return None
            owner = Owner(row["team"], row["person"])
            return int(
                transaction.rows(
                    "UPDATE drafts SET data = ?, version = version + 1, state = 'open',"
                    " fingerprint = NULL, updated_at = ? WHERE id = ? RETURNING version",
                    [self._vault.seal_values(_SEALED, owner, data), moment(now), draft_id],
                )[0]["version"]
            )

    def _draft(self, row: Row) -> StoredDraft:
        owner = Owner(row["team"], row["person"])
        return StoredDraft(
            id=row["id"],
            owner=owner,
            grant_id=row["grant_id"],
            data=self._vault.open_values(_SEALED, owner, row["data"]),
            version=row["version"],
            state=DraftState(row["state"]),
            fingerprint=row["fingerprint"],
            updated_at=aware(row["updated_at"]),
        )
