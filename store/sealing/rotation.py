"""Sealing everything anew with a new key, while others go on."""

from contextlib import suppress
from dataclasses import dataclass

from bot.domain.connection import Owner
from bot.errors import Fault, TryLater
from store.schema.migrations import SEALED
from store.sealing.vault import Vault, reseal_check
from store.sqlite.database import Database

_BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What came of it: how many values were sealed anew, and how many open with no key."""

    sealed: int
    unreadable: int


class Serving:
    """Which key the running server seals with.

    One that doesn't know the new key yet would go on sealing with the old.
    """

    def __init__(self, db: Database) -> None:
        """Note it in *db*."""
        self._db = db

    def begin(self, key_id: str) -> None:
        """Note the key of a server that starts. One statement."""
        self._db.write(
            "INSERT INTO standing (name, value) VALUES ('key', ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [key_id],
        )

    def end(self) -> None:
        """Note that no server runs. One statement."""
        self._db.write("DELETE FROM standing WHERE name = 'key'")

    def key_id(self) -> str | None:
        """Return the key of the server that runs, or was killed; else None."""
        row = self._db.row("SELECT value FROM standing WHERE name = 'key'")
        return None if row is None else str(row["value"])


def rotate(db: Database, vault: Vault) -> Rotated:
    """Seal everything anew with the first key.

    A hundred rows a transaction, so others write in between; killed half-way it goes on
    where it stopped. What opens with no key is left as it is. Afterwards the older keys
    are needed by backups alone.

    Raises:
        Fault: ``key_not_served``: the running server doesn't seal with that key yet.
    """
    serving = Serving(db).key_id()
    if serving is not None and not vault.newest.endswith(f".{serving}."):
        raise Fault("key_not_served")
    sealed = unreadable = 0
    for table, column in SEALED:
        place = -1
        while (batch := _rotate_some(db, vault, table, column, place)) is not None:
            place, anew, left = batch
            sealed, unreadable = sealed + anew, unreadable + left
    reseal_check(db, vault)
    # Where a reader is in the way, the server's sweeper cuts the log within a minute.
    with suppress(TryLater):
        db.checkpoint()
    return Rotated(sealed=sealed, unreadable=unreadable)


def _rotate_some(
    db: Database, vault: Vault, table: str, column: str, after: int
) -> tuple[int, int, int] | None:
    """Return the last row looked at and what came of them; None when there is none left."""
    bound = f"{table}.{column}"
    left = 0
    with db.writing() as transaction:
        rows = transaction.rows(
            f"SELECT rowid AS place, team, person, {column} AS sealed FROM {table}"  # noqa: S608 - names from SEALED
            f" WHERE {column} != '' AND substr({column}, 1, ?) != ? AND rowid > ?"
            " ORDER BY rowid LIMIT ?",
            [len(vault.newest), vault.newest, after, _BATCH],
        )
        for row in rows:
            owner = str(Owner(row["team"], row["person"]))
            try:
                plain = vault.open(bound, owner, row["sealed"])
            except Fault:
                left += 1
                continue
            transaction.execute(
                f"UPDATE {table} SET {column} = ? WHERE rowid = ?",  # noqa: S608 - names from SEALED
                [vault.seal(bound, owner, plain), row["place"]],
            )
    return (rows[-1]["place"], len(rows) - left, left) if rows else None
