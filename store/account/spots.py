"""Where an owner's grants lie: side by side in the file, found by arithmetic.

A row's ``spot`` is its place in the table itself (SQLite, "ROWIDs and the INTEGER PRIMARY KEY"):
one way down the tree finds all rows of an owner, however many owners there are. Owners may come
to share a stretch of spots, so a question always names its owner as well.
"""

from zlib import crc32

from bot.domain.connection import Owner
from bot.errors import Fault
from store.sqlite.transaction import Transaction

STRETCH = 1 << 16
"""How many rows find a place beside each other."""


def of_owner(owner: Owner) -> tuple[int, int, str, str]:
    """Return what finds an owner's rows: the first and the last spot, the team, the person."""
    first = first_spot(owner.team, owner.user)
    return first, first + STRETCH - 1, owner.team, owner.user


def first_spot(team: str, person: str) -> int:
    """Return where an owner's stretch begins; below 2**48, the same in every version."""
    return crc32(f"{team}/{person}".encode()) * STRETCH


def next_spot(transaction: Transaction, owner: Owner) -> int:
    """Return the spot after the owner's last row: of two rows the later one lies behind.

    Raises:
        Fault: ``owner_full``.
    """
    first, last, _, _ = of_owner(owner)
    row = transaction.row(
        "SELECT max(spot) AS latest FROM grants WHERE spot BETWEEN ? AND ?", [first, last]
    )
    if row is None or row["latest"] is None:
        return first
    if row["latest"] == last:
        raise Fault("owner_full")
    return int(row["latest"]) + 1
