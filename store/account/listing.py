"""Whose connections there are, as they may be shown: without tokens, unreadable ones too."""

from contextlib import suppress
from datetime import datetime

from bot.domain.connection import Account, DataCenter, GrantState, Listed, Owner
from bot.errors import Fault
from store.account.grant_rows import GrantRows
from store.account.grants import CODE_TRIES
from store.account.imports import NOBODYS
from store.account.spots import of_owner
from store.sealing.vault import Vault
from store.sqlite.columns import aware, moment, unpacked
from store.sqlite.database import Database
from store.sqlite.transaction import Row


class Listing:
    """Reads grants for people who look; what can't be opened is listed as such."""

    def __init__(self, db: Database, vault: Vault) -> None:
        """Read grants in *db*, their scopes opened by *vault*."""
        self._db = db
        self._rows = GrantRows(vault)

    def of(self, owner: Owner, now: datetime) -> tuple[Listed, ...]:
        """Return the owner's active grants, the one in use first, then the pending ones.

        A pending one only while its code is good.
        """
        rows = self._db.rows(
            "SELECT * FROM grants"
            " WHERE spot BETWEEN ?1 AND ?2 AND team = ?3 AND person = ?4"
            " AND (state = 'active'"
            " OR (state = 'pending' AND code_until > ?5 AND code_tries < ?6))"
            " ORDER BY state, choice DESC",
            [*of_owner(owner), moment(now), CODE_TRIES],
        )
        return tuple(self._listed(row) for row in rows)

    def everything_of(self, owner: Owner) -> tuple[Listed, ...]:
        """Return every grant of *owner* in every state, those waiting to be revoked too."""
        rows = self._db.rows(
            "SELECT * FROM grants"
            " WHERE spot BETWEEN ?1 AND ?2 AND team = ?3 AND person = ?4"
            " ORDER BY state, choice DESC",
            of_owner(owner),
        )
        return tuple(self._listed(row) for row in rows)

    def of_team(self, team: str | None, *, limit: int, skip: int = 0) -> tuple[Listed, ...]:
        """Return active grants of a team's people, or of all teams, by person."""
        rows = self._db.rows(
            "SELECT * FROM grants WHERE team = coalesce(?, team) AND state = 'active'"
            " ORDER BY team, person, choice DESC LIMIT ? OFFSET ?",
            [team, limit, skip],
        )
        return tuple(self._listed(row) for row in rows)

    def count(self, team: str | None) -> int:
        """Return how many active grants a team's people have, or everybody."""
        row = self._db.row(
            "SELECT count(*) AS count FROM grants WHERE team = coalesce(?, team)"
            " AND state = 'active'",
            [team],
        )
        return int(row["count"]) if row else 0

    def unused(self, since: datetime) -> tuple[Listed, ...]:
        """Return the active grants of people in Slack last used before *since*."""
        rows = self._db.rows(
            "SELECT * FROM grants WHERE state = 'active' AND team != ?"
            " AND max(coalesce(used_at, connected_at), connected_at) < ?"
            " ORDER BY connected_at, spot",
            [NOBODYS, moment(since)],
        )
        return tuple(self._listed(row) for row in rows)

    def warned(self, grant_id: str, now: datetime) -> None:
        """Note that the owner was told that the grant is unused. One UPDATE."""
        self._db.write("UPDATE grants SET warned_at = ? WHERE id = ?", [moment(now), grant_id])

    def _listed(self, row: Row) -> Listed:
        grant = None
        with suppress(Fault):
            grant = self._rows.grant(row)
        connected = aware(row["connected_at"])
        return Listed(
            id=row["id"],
            owner=Owner(row["team"], row["person"]),
            data_center=DataCenter(row["data_center"]),
            account=Account(**unpacked(row["account"])),
            state=GrantState(row["state"]),
            scopes=grant.tokens.scopes if grant else (),
            readable=grant is not None,
            chosen=row["choice"] > 0,
            connected_at=connected,
            used_at=max(aware(row["used_at"]), connected) if row["used_at"] else connected,
            warned_at=aware(row["warned_at"]) if row["warned_at"] else None,
        )
