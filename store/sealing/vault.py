"""Sealing: what rests encrypted, bound to its owner, table and key."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.connection import Owner
from bot.errors import Fault
from store.sealing.keys import Keyring
from store.sqlite.columns import packed, unpacked
from store.sqlite.database import Database

_VERSION = "v1"
_NONCE_BYTES = 12
_CHECK = b"parley"


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
        if version != _VERSION:
            raise Fault("unreadable", table=table)
        cipher = self._cipher(key_id)
        try:
            raw = binascii.a2b_base64(body, strict_mode=True)
            return cipher.decrypt(
                raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _bound(table, owner, key_id)
            )
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

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Return the ids of the keys, the one that seals first."""
        return self._keyring.ids

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
    return _part(table) + _part(owner) + _part(key_id)


@lru_cache(maxsize=1024)
def _part(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(4, "big") + encoded


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


def reseal_check(db: Database, vault: Vault) -> None:
    """Seal the known word with the first key: from now on that key is needed. One transaction.

    Raises:
        Fault: ``unreadable``.
    """
    with db.writing() as transaction:
        plain = vault.open(
            "key_check", "", transaction.rows("SELECT sealed FROM key_check")[0]["sealed"]
        )
        transaction.execute("UPDATE key_check SET sealed = ?", [vault.seal("key_check", "", plain)])
