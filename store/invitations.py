"""How many people somebody has invited lately: a stolen account mustn't write to the world."""

from datetime import datetime

from bot.domain.connection import Owner
from store.sqlite.columns import aware, moment
from store.sqlite.database import Database


class Invitations:
    """Counts by operation, so that one done again counts once."""

    def __init__(self, db: Database) -> None:
        """Count in *db*."""
        self._db = db

    def count(self, operation_id: str, owner: Owner, number: int, now: datetime) -> None:
        """Note that an operation invites *number* people, in place of what it noted before.

        One statement.
        """
        self._db.write(
            "INSERT INTO invitations (operation_id, team, person, count, at)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (operation_id) DO UPDATE SET"
            " count = excluded.count, at = excluded.at",
            [operation_id, owner.team, owner.user, number, moment(now)],
        )

    def since(self, owner: Owner, since: datetime, *, but: str) -> tuple[tuple[datetime, int], ...]:
        """Return when and how many *owner* invited since then, oldest first, but by *but*."""
        rows = self._db.rows(
            "SELECT at, count FROM invitations WHERE team = ? AND person = ? AND at > ?"
            " AND operation_id != ? ORDER BY at",
            [owner.team, owner.user, moment(since), but],
        )
        return tuple((aware(row["at"]), int(row["count"])) for row in rows)

    def sweep(self, before: datetime) -> int:
        """Forget older counts and return how many. One statement."""
        return self._db.write("DELETE FROM invitations WHERE at < ?", [moment(before)])
