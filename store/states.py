"""One-purpose links: a secret text that stands for a person, for a while, once."""

import hashlib
import re
import secrets
import string
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.connection import Owner
from store.sealing.vault import Vault
from store.sqlite.columns import aware, moment
from store.sqlite.database import Database
from store.sqlite.transaction import Row

_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LENGTH = 43
"""Digits of base 62 that hold 256 bits."""
_SHORT = {"state": "st", "connect": "cn", "export": "ex", "bulk": "bk", "session": "se"}
_SEALED = "links.note"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a link stands for.

    Attributes:
        owner: Whose link it is.
        note: What was noted when it was made.
        expires_at: Aware, UTC.
    """

    owner: Owner
    note: dict[str, Any]
    expires_at: datetime


class States:
    """Links by purpose. The text is shown once; the file keeps its SHA-256 alone."""

    def __init__(self, db: Database, vault: Vault) -> None:
        """Keep links in *db*, their notes sealed by *vault*."""
        self._db = db
        self._vault = vault

    def issue(
        self,
        purpose: str,
        owner: Owner,
        note: dict[str, Any],
        *,
        now: datetime,
        seconds: float = 600,
    ) -> str:
        """Return a new link's text, 256 random bits after a prefix named for *purpose*.

        One INSERT. The prefix is ``parley_st_`` for ``state``, ``parley_cn_`` for
        ``connect``, and so on; a purpose without a short form lends its own letters.

        Raises:
            ValueError: *purpose* isn't a word of small letters.
        """
        if not re.fullmatch("[a-z]{2,20}", purpose):
            raise ValueError("a purpose is a word of small letters")
        text = f"parley_{_SHORT.get(purpose, purpose)}_{_random_text()}"
        self._db.write(
            "INSERT INTO links (digest, purpose, team, person, note, expires_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                _digest(text),
                purpose,
                owner.team,
                owner.user,
                self._vault.seal_values(_SEALED, owner, note),
                moment(now + timedelta(seconds=seconds)),
            ],
        )
        return text

    def look(self, purpose: str, token: str, now: datetime) -> State | None:
        """Return what the link stands for and consume nothing; None when it isn't valid."""
        row = self._db.row(
            "SELECT * FROM links WHERE digest = ? AND purpose = ? AND expires_at > ?",
            [_digest(token), purpose, moment(now)],
        )
        return None if row is None else self._state(row)

    def take(self, purpose: str, token: str, now: datetime) -> State | None:
        """Consume the link: of many who try, one gets what it stands for, the others None.

        One DELETE .. RETURNING, where there is such a link at all: whoever makes some up
        must not hold up those who write. A link of another purpose is left alone.
        """
        if self._db.row("SELECT 1 FROM links WHERE digest = ?", [_digest(token)]) is None:
            return None
        with self._db.writing() as transaction:
            row = transaction.row(
                "DELETE FROM links WHERE digest = ? AND purpose = ? AND expires_at > ? RETURNING *",
                [_digest(token), purpose, moment(now)],
            )
        return None if row is None else self._state(row)

    def sweep(self, now: datetime) -> int:
        """Delete the links that are no longer valid and return how many. One statement."""
        return self._db.write("DELETE FROM links WHERE expires_at <= ?", [moment(now)])

    def _state(self, row: Row) -> State:
        owner = Owner(row["team"], row["person"])
        return State(
            owner=owner,
            note=self._vault.open_values(_SEALED, owner, row["note"]),
            expires_at=aware(row["expires_at"]),
        )


def _random_text() -> str:
    number = int.from_bytes(secrets.token_bytes(32), "big")
    digits = []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return "".join(digits)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
