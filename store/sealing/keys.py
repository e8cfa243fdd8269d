"""Where the keys come from; they live outside the database."""

import base64
import binascii
import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from bot.errors import Fault
from store.sqlite.database import Database

KEY_BYTES = 32
"""AES-256."""
CREDENTIAL = "parley-key"
"""The name to give systemd's LoadCredential (systemd, "System and Service Credentials")."""


class Keyring:
    """The keys by their id: the first encrypts, all decrypt. Nothing of them is shown."""

    __slots__ = ("_secrets", "first")

    def __init__(self, keys: Iterable[bytes]) -> None:
        """Hold *keys*, 32 bytes each.

        Raises:
            Fault: ``key_malformed`` when there is none, or one of another length.
        """
        self._secrets: dict[str, bytes] = {}
        for key in keys:
            if len(key) != KEY_BYTES:
                raise Fault("key_malformed")
            self._secrets.setdefault(hashlib.sha256(b"parley-key" + key).hexdigest()[:8], key)
        if not self._secrets:
            raise Fault("key_malformed")
        self.first = next(iter(self._secrets))

    def secret(self, key_id: str) -> bytes | None:
        """Return the key of that id, or None."""
        return self._secrets.get(key_id)

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids, the encrypting one first."""
        return tuple(self._secrets)

    def __repr__(self) -> str:
        """Show ids alone."""
        return f"Keyring({', '.join(self._secrets)})"

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Return the keys of *text*: base64 or hex, separated by commas or line ends.

        Raises:
            Fault: ``key_malformed``; the text is never repeated in it.
        """
        return cls(_decoded(part) for part in re.split(r"[,\s]+", text) if part)


def _decoded(part: str) -> bytes:
    try:
        if re.fullmatch(r"[0-9a-fA-F]{64}", part):
            return bytes.fromhex(part)
        return base64.b64decode(
            part, altchars=b"-_" if re.search("[-_]", part) else None, validate=True
        )
    except (ValueError, binascii.Error):
        raise Fault("key_malformed") from None  # the cause would show the key


def new_key() -> str:
    """Return a fresh key as text that ``Keyring.parse`` reads."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundKeys:
    """The keys and where they were.

    Attributes:
        keyring: The keys.
        source: ``credential``, ``file``, ``text`` or ``generated``.
        path: The file they were read from; None for ``text``.
        warning: ``key_beside_database`` where a copy of the folder is a copy of the
            secrets, ``key_readable`` where others can read the file; else None.
    """

    keyring: Keyring
    source: str
    path: Path | None
    warning: str | None


def find_keys(
    database: Path,
    *,
    credentials: Path | None = None,
    key_file: Path | None = None,
    text: str | None = None,
) -> FoundKeys:
    """Return the first keys found: systemd credential, key file, text, the file beside.

    Where there are none and *database* has nothing sealed yet, a key is made in
    ``parley.key`` beside it (0600). Two processes that start at once agree on one key.

    Args:
        database: The database file; it need not be there.
        credentials: systemd's ``$CREDENTIALS_DIRECTORY``.
        key_file: A file somebody named: it must be there.
        text: The keys themselves.

    Raises:
        Fault: ``key_missing`` when the database holds sealed values and no key is found,
            or the named file isn't there; ``key_malformed``.
    """
    credential = credentials / CREDENTIAL if credentials else None
    if credential and credential.is_file():
        return _from_file(credential, "credential")
    if key_file is not None:
        return _from_file(key_file, "file")
    if text and text.strip():
        return FoundKeys(keyring=Keyring.parse(text), source="text", path=None, warning=None)
    # Looked at before the key: whoever sealed something has made the key before that.
    sealed = _holds_sealed(database)
    beside = database.parent / "parley.key"
    if not beside.exists():
        if sealed:
            raise Fault("key_missing", file=str(beside))
        _make_key(beside)
    found = _from_file(beside, "generated")
    return FoundKeys(
        keyring=found.keyring, source="generated", path=beside, warning="key_beside_database"
    )


def _from_file(path: Path, source: str) -> FoundKeys:
    try:
        text = path.read_text(encoding="utf-8")
        shared = source == "file" and path.stat().st_mode & 0o077
    except (OSError, UnicodeDecodeError) as error:
        raise Fault("key_missing", file=str(path)) from error
    return FoundKeys(
        keyring=Keyring.parse(text),
        source=source,
        path=path,
        warning="key_readable" if shared else None,
    )


def _make_key(path: Path) -> None:
    """Put a new key at *path*, complete from the first moment, unless one is there by then."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(new_key() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()


def _holds_sealed(database: Path) -> bool:
    if not database.exists():
        return False
    db = Database(database)
    try:
        return db.row("SELECT 1 FROM key_check") is not None
    except sqlite3.OperationalError:  # no such table: nothing was ever sealed
        return False
    finally:
        db.close()
