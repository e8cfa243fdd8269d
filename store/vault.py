"""Sealing: what rests encrypted, bound to its owner, table and key."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.connection import Owner
from bot.errors import Fault
from store.columns import packed, unpacked
from store.database import Database
from store.keys import Keyring
from store.schema import SEALED

_VERSION = "v1"
_NONCE_BYTES = 12
_CHECK = b"parley"
_BATCH = 100


class Vault:
    """AES-256-GCM with table, owner and key id as associated data."""

    def __init__(self, keyring: Keyring) -> None:
        """Seal with the keyring's first key and open with any of them."""
        self._keyring = keyring
        self._ciphers: dict[str, AESGCM] = {}

    def seal(self, table: str, owner: str, plain: bytes) -> str:
        """Return ``v1.<key id>.<base64>``, which opens for this *table* and *owner* alone."""
        key_id = self._keyring.first
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher(key_id).encrypt(nonce, plain, _bound(table, owner, key_id))
        return f"{_VERSION}.{key_id}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, table: str, owner: str, sealed: str) -> bytes:
        """Return what was sealed.

        Raises:
            Fault: ``unreadable`` when the key is unknown, or the text was changed or moved
                here from another owner or table.
        """
        version, _, rest = sealed.partition(".")
        key_id, _, body = rest.partition(".")
        if version != _VERSION or self._keyring.secret(key_id) is None:
            raise Fault("unreadable", table=table)
        try:
            raw = base64.b64decode(body, validate=True)
            nonce, text = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
            return self._cipher(key_id).decrypt(nonce, text, _bound(table, owner, key_id))
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise Fault("unreadable", table=table) from error

    def seal_values(self, table: str, owner: Owner, values: Mapping[str, Any]) -> str:
        """Return a table of values sealed for *owner*."""
        return self.seal(table, str(owner), packed(values).encode())

    def open_values(self, table: str, owner: Owner, sealed: str) -> dict[str, Any]:
        """Return the table of values that ``seal_values`` sealed.

        Raises:
            Fault: ``unreadable``.
        """
        return unpacked(self.open(table, str(owner), sealed))

    @property
    def newest(self) -> str:
        """Return what every text sealed from now on begins with."""
        return f"{_VERSION}.{self._keyring.first}."

    def _cipher(self, key_id: str) -> AESGCM:
        found = self._ciphers.get(key_id)
        if found is None:
            secret = self._keyring.secret(key_id)
            if secret is None:
                raise Fault("unreadable")
            # Made once: it has no state of its own beside the key, and serves every thread.
            found = self._ciphers[key_id] = AESGCM(secret)
        return found


def _bound(table: str, owner: str, key_id: str) -> bytes:
    # Each part with its length before it: no two triples give the same bytes.
    return b"".join(
        len(part).to_bytes(4, "big") + part
        for part in (table.encode(), owner.encode(), key_id.encode())
    )


def check_key(db: Database, vault: Vault) -> None:
    """Make sure these keys belong to this file: seal a known word once, open it ever after.

    Atomic: two first starts with different keys leave one of them refused.

    Raises:
        Fault: ``key_wrong`` when the file was sealed with keys that aren't here.
    """
    with db.writing() as transaction:
        row = transaction.row("SELECT sealed FROM key_check")
        if row is None:
            transaction.execute(
                "INSERT INTO key_check (id, sealed) VALUES (1, ?)",
                [vault.seal("key_check", "", _CHECK)],
            )
            return
    try:
        vault.open("key_check", "", row["sealed"])
    except Fault as error:
        raise Fault("key_wrong") from error


def rotate(db: Database, vault: Vault) -> int:
    """Seal everything anew with the first key and return how many values that were.

    A hundred rows a transaction, so others write in between; killed half-way it goes on
    where it stopped. Afterwards the older keys are needed by backups alone.

    Raises:
        Fault: ``unreadable`` when a value opens with none of the keys.
    """
    total = 0
    for table, column in SEALED:
        while count := _rotate_some(db, vault, table, column):
            total += count
    with db.writing() as transaction:
        plain = vault.open(
            "key_check", "", transaction.rows("SELECT sealed FROM key_check")[0]["sealed"]
        )
        transaction.execute("UPDATE key_check SET sealed = ?", [vault.seal("key_check", "", plain)])
    db.checkpoint()
    return total


def _rotate_some(db: Database, vault: Vault, table: str, column: str) -> int:
    bound = f"{table}.{column}"
    with db.writing() as transaction:
        rows = transaction.rows(
            f"SELECT rowid AS place, team, person, {column} AS sealed FROM {table}"  # noqa: S608 - names from SEALED
            f" WHERE {column} != '' AND substr({column}, 1, ?) != ? LIMIT ?",
            [len(vault.newest), vault.newest, _BATCH],
        )
        for row in rows:
            owner = str(Owner(row["team"], row["person"]))
            transaction.execute(
                f"UPDATE {table} SET {column} = ? WHERE rowid = ?",  # noqa: S608 - names from SEALED
                [vault.seal(bound, owner, vault.open(bound, owner, row["sealed"])), row["place"]],
            )
    return len(rows)
