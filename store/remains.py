"""What is left of somebody who disconnects or goes, and taking it away."""

from contextlib import suppress

from bot.domain.connection import Owner
from bot.errors import TryLater
from store.account.imports import NOBODYS
from store.sqlite.database import Database

OF_PERSON = (
    "links",
    "inbox",
    "drafts",
    "operations",
    "outbox",
    "profiles",
    "invitations",
    "exports",
    "homes",
)
"""Tables that name their owner and go with the person: every one but grants, which go once the
CRM was told, and the audit."""


class Remains:
    """Deletes what belongs to a grant, or to a person."""

    def __init__(self, db: Database) -> None:
        """Delete from *db*."""
        self._db = db

    def of_grant(self, owner: Owner, grant_id: str) -> None:
        """Delete what began with a grant and isn't owed to anybody, and open links.

        Meetings under way, and what is kept against doing one twice, stay their time.
        """
        with self._db.writing() as transaction:
            transaction.execute("DELETE FROM directory WHERE grant_id = ?", [grant_id])
            transaction.execute(
                "DELETE FROM drafts WHERE grant_id = ? AND state != 'claimed'", [grant_id]
            )
            transaction.execute(
                "DELETE FROM links WHERE team = ? AND person = ?", [owner.team, owner.user]
            )

    def of_person(self, owner: Owner) -> None:
        """Delete everything of a person but grants and audit. One transaction."""
        with self._db.writing() as transaction:
            for table in OF_PERSON:
                transaction.execute(
                    f"DELETE FROM {table} WHERE team = ? AND person = ?",  # noqa: S608 - names from this file
                    [owner.team, owner.user],
                )

    def people(self, team: str) -> tuple[Owner, ...]:
        """Return everybody of a team of whom anything is kept."""
        return tuple(one for one in self._named_in(("grants", *OF_PERSON)) if one.team == team)

    def holders(self) -> tuple[Owner, ...]:
        """Return everybody in Slack with grants, drafts, operations or messages."""
        found = self._named_in(("grants", "drafts", "operations", "outbox"))
        return tuple(one for one in found if one.team != NOBODYS)

    def wipe(self) -> None:
        """Take deleted bytes off the disk; where a reader is in the way the next time does."""
        with suppress(TryLater):
            self._db.checkpoint()

    def _named_in(self, tables: tuple[str, ...]) -> tuple[Owner, ...]:
        each = " UNION ".join(
            f"SELECT team, person FROM {table} WHERE person != ''"  # noqa: S608 - names from this file
            for table in tables
        )
        rows = self._db.rows(f"{each} ORDER BY team, person")
        return tuple(Owner(row["team"], row["person"]) for row in rows)
