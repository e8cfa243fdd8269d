"""Who has opened the Home tab: for them it is shown anew after every change."""

from bot.domain.connection import Owner
from store.sqlite.database import Database


class Homes:
    """People by team and person."""

    def __init__(self, db: Database) -> None:
        """Keep them in *db*."""
        self._db = db

    def note(self, owner: Owner) -> None:
        """Note that *owner* has opened it. One statement, and none when it is known."""
        if self.known(owner):
            return
        self._db.write(
            "INSERT INTO homes (team, person) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [owner.team, owner.user],
        )

    def known(self, owner: Owner) -> bool:
        """Say whether *owner* has opened it."""
        found = self._db.row(
            "SELECT 1 FROM homes WHERE team = ? AND person = ?", [owner.team, owner.user]
        )
        return found is not None
