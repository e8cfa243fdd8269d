"""The links to exports' pages: signed, kept nowhere, good until the files go."""

from datetime import datetime

from bot.domain.connection import Owner
from store.sealing.vault import Vault
from store.sqlite.columns import moment
from store.sqlite.database import Database

DOWNLOADS = 5
"""How often the files of one export can be fetched."""
_PURPOSE = "export link"


class ExportLinks:
    """Signs links with the first key and takes those of every key still held."""

    def __init__(self, vault: Vault) -> None:
        """Sign with the keys of *vault*."""
        self._vault = vault

    def sign(self, export_id: str, owner: Owner, until: datetime) -> str:
        """Return the signature of a link; the same each time."""
        return self._vault.sign(_PURPOSE, _said(export_id, owner, until))

    def good(self, signature: str, export_id: str, owner: Owner, until: datetime) -> bool:
        """Say whether the signature is one of ours for exactly this."""
        return self._vault.signed(_PURPOSE, _said(export_id, owner, until), signature)


class Fetches:
    """How often the files of each export were fetched."""

    def __init__(self, db: Database) -> None:
        """Count in *db*."""
        self._db = db

    def take(self, export_id: str, kind: str, now: datetime) -> bool:
        """Count one more; False where all are used up. One transaction."""
        with self._db.writing() as transaction:
            return bool(
                transaction.execute(
                    "INSERT INTO export_fetches (export_id, kind, at) SELECT ?, ?, ?"
                    " WHERE (SELECT count(*) FROM export_fetches WHERE export_id = ?) < ?",
                    [export_id, kind, moment(now), export_id, DOWNLOADS],
                )
            )

    def left(self, export_id: str) -> int:
        """Return how many are left."""
        row = self._db.row(
            "SELECT count(*) AS made FROM export_fetches WHERE export_id = ?", [export_id]
        )
        return DOWNLOADS - (int(row["made"]) if row else 0)


def _said(export_id: str, owner: Owner, until: datetime) -> str:
    return f"{export_id}\n{owner}\n{int(until.timestamp())}"
