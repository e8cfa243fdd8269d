"""How often the files of an export were fetched."""

from datetime import datetime

from store.sqlite.columns import moment
from store.sqlite.database import Database

DOWNLOADS = 5
"""How often the files of one export can be fetched."""


class Fetches:
    """How often the files of each export were fetched."""

    def __init__(self, db: Database) -> None:
        """Count in *db*."""
        self._db = db

    def take(self, export_id: str, kind: str, now: datetime) -> bool:
        """Count one more; False where all are used up. One transaction."""
        return bool(
            self._db.write(
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
