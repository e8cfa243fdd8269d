"""What came in and is still to be done: kept before it is acknowledged, done at least once."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.connection import Owner
from bot.errors import Fault
from store.sealing.vault import Vault
from store.sqlite.columns import aware, moment
from store.sqlite.database import Database
from store.sqlite.transaction import Row, Transaction

_SEALED = "inbox.payload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One piece of work, claimed.

    Attributes:
        id: The row's number, growing with time of arrival.
        key: What makes it the same piece of work when it comes again.
        lane: Which workers it is for.
        kind: What is to be done.
        owner: For whom.
        payload: What came in.
        received_at: Aware, UTC.
        tries: How often it was claimed, this time included.
        faults: How often it failed by a fault of ours.
        fence: Grows with each claim; a worker with an older one can't finish the item.
    """

    id: int
    key: str
    lane: str
    kind: str
    owner: Owner
    payload: dict[str, Any]
    received_at: datetime
    tries: int
    faults: int
    fence: int


class Inbox:
    """Work by lane. A key stays known until its finished row is swept."""

    def __init__(self, db: Database, vault: Vault) -> None:
        """Keep work in *db*, its payload sealed by *vault*."""
        self._db = db
        self._vault = vault

    def put(
        self,
        key: str,
        *,
        lane: str,
        kind: str,
        owner: Owner,
        payload: dict[str, Any],
        now: datetime,
        due: datetime | None = None,
    ) -> bool:
        """Keep one piece of work; False when its key was seen before. One INSERT, durable.

        Args:
            key: The same for a repeated delivery of the same thing.
            lane: Which workers it is for.
            kind: What is to be done.
            owner: For whom.
            payload: JSON values.
            now: When it came in.
            due: Not to be claimed before; at once where None.
        """
        sealed = self._vault.seal_values(_SEALED, owner, payload)
        return bool(
            self._db.write(
                "INSERT INTO inbox"
                " (key, lane, kind, team, person, payload, state, received_at, due)"
                " VALUES (?, ?, ?, ?, ?, ?, 'open', ?, ?) ON CONFLICT (key) DO NOTHING",
                [key, lane, kind, owner.team, owner.user, sealed, moment(now), moment(due or now)],
            )
        )

    def claim(self, lane: str, *, now: datetime, limit: int, lease_seconds: float) -> list[Item]:
        """Return up to *limit* pieces that are due, oldest first, for this worker alone.

        One UPDATE .. RETURNING: no two workers get the same piece until the lease is
        over; then it is handed out again with a higher fence. A piece that can't be
        opened is dead (``unreadable``) and not returned.
        """
        with self._db.writing() as transaction:
            rows = transaction.rows(
                "UPDATE inbox SET due = ?, tries = tries + 1, fence = fence + 1 WHERE id IN"
                " (SELECT id FROM inbox WHERE lane = ? AND state = 'open' AND due <= ?"
                "  ORDER BY due, id LIMIT ?) RETURNING *",
                [moment(now + timedelta(seconds=lease_seconds)), lane, moment(now), limit],
            )
            rows.sort(key=lambda row: int(row["id"]))
            found = [self._item(transaction, row) for row in rows]
        return [item for item in found if item is not None]

    def done(self, item: Item) -> bool:
        """Finish *item* and empty its payload; False when another worker has it by now."""
        return self._end(item, "done", None)

    def dead(self, item: Item, why: str) -> bool:
        """Give *item* up for the code *why*; False when another worker has it by now."""
        return self._end(item, "dead", why)

    def later(self, item: Item, due: datetime, *, fault: bool = False) -> bool:
        """Put *item* back until *due*; False when another worker has it by now.

        Args:
            item: As it was claimed.
            due: Not to be claimed before.
            fault: Whether it failed by a fault of ours, rather than has to wait.
        """
        return (
            self._db.write(
                "UPDATE inbox SET due = ?, faults = faults + ?"
                " WHERE id = ? AND fence = ? AND state = 'open'",
                [moment(due), int(fault), item.id, item.fence],
            )
            == 1
        )

    def next_due(self, lane: str) -> datetime | None:
        """Return when the lane's next piece is due, a claimed one when its lease is over."""
        row = self._db.row(
            "SELECT min(due) AS due FROM inbox WHERE lane = ? AND state = 'open'", [lane]
        )
        return aware(row["due"]) if row and row["due"] else None

    def patiently(self) -> AbstractContextManager[None]:
        """Let those who put work in write before this thread, whatever it writes in the block."""
        return self._db.patiently()

    def sweep(self, before: datetime) -> int:
        """Forget finished pieces that came in before, keys too; return how many."""
        return self._db.write(
            "DELETE FROM inbox WHERE state != 'open' AND received_at < ?", [moment(before)]
        )

    def _end(self, item: Item, state: str, why: str | None) -> bool:
        return (
            self._db.write(
                "UPDATE inbox SET state = ?, why = ?, payload = ''"
                " WHERE id = ? AND fence = ? AND state = 'open'",
                [state, why, item.id, item.fence],
            )
            == 1
        )

    def _item(self, transaction: Transaction, row: Row) -> Item | None:
        owner = Owner(row["team"], row["person"])
        try:
            payload = self._vault.open_values(_SEALED, owner, row["payload"])
        except Fault:
            transaction.execute(
                "UPDATE inbox SET state = 'dead', why = 'unreadable' WHERE id = ?", [row["id"]]
            )
            return None
        return Item(
            id=row["id"],
            key=row["key"],
            lane=row["lane"],
            kind=row["kind"],
            owner=owner,
            payload=payload,
            received_at=aware(row["received_at"]),
            tries=row["tries"],
            faults=row["faults"],
            fence=row["fence"],
        )
