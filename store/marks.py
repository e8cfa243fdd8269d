"""What is done for an operation at most once, and can't be looked up afterwards."""

from store.sqlite.database import Database


class Marks:
    """Marks of an operation by name; they go with it."""

    def __init__(self, db: Database) -> None:
        """Keep marks in *db*."""
        self._db = db

    def set(self, operation_id: str, name: str) -> bool:
        """Note that *name* is being done; True exactly once. One statement."""
        return bool(
            self._db.write(
                "INSERT INTO marks (operation_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [operation_id, name],
            )
        )

    def take_back(self, operation_id: str, name: str) -> None:
        """Take a mark back: it surely wasn't done. One statement."""
        self._db.write(
            "DELETE FROM marks WHERE operation_id = ? AND name = ?", [operation_id, name]
        )
