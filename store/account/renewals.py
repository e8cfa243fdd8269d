"""Renewals of a grant's tokens: by one at a time, counted, and never kept over newer ones."""

from datetime import datetime, timedelta

from bot.domain.connection import Owner, Tokens
from store.account.grant_rows import GrantRows
from store.sealing.vault import Vault
from store.sqlite.columns import moment
from store.sqlite.database import Database

_COUNTED = timedelta(hours=1)


class Renewals:
    """Leases on grants, and what comes of them."""

    def __init__(self, db: Database, vault: Vault) -> None:
        """Renew grants in *db*, sealed by *vault*."""
        self._db = db
        self._rows = GrantRows(vault)

    def lease(
        self, grant_id: str, generation: int, *, holder: str, now: datetime, seconds: float
    ) -> bool:
        """Take the right to renew that *generation* for a while; True for one of many.

        One compare-and-swap UPDATE: refused while another lease runs, when the grant was
        renewed since, or isn't active. A holder that died is replaced when its lease is
        over. In the same transaction the renewal that follows is counted, which
        `since` tells: the CRM allows ten in ten minutes and counts failed ones too
        (Zoho, "Refresh access tokens").
        """
        with self._db.writing() as transaction:
            until = moment(now + timedelta(seconds=seconds))
            taken = transaction.execute(
                "UPDATE grants SET lease_holder = ?, lease_until = ? WHERE id = ?"
                " AND generation = ? AND state = 'active'"
                " AND (lease_until IS NULL OR lease_until <= ?)",
                [holder, until, grant_id, generation, moment(now)],
            )
            if taken:
                transaction.execute(
                    "INSERT INTO refreshes (grant_id, at) VALUES (?, ?)", [grant_id, moment(now)]
                )
                transaction.execute("DELETE FROM refreshes WHERE at < ?", [moment(now - _COUNTED)])
            return taken == 1

    def unlease(self, grant_id: str, generation: int, *, holder: str) -> None:
        """Give the lease back without a result; another holder's is left alone. One UPDATE.

        What was counted stays counted.
        """
        self._db.write(
            "UPDATE grants SET lease_holder = NULL, lease_until = NULL"
            " WHERE id = ? AND generation = ? AND lease_holder = ?",
            [grant_id, generation, holder],
        )

    def keep(
        self,
        grant_id: str,
        generation: int,
        tokens: Tokens,
        now: datetime,
        *,
        holder: str | None = None,
    ) -> bool:
        """Keep renewed tokens, generation one higher, and end the lease. One transaction.

        Written only while the row is active, of that *generation* and leased: to
        *holder* where one is named. Else False, and nothing changes. *now* isn't held
        against the lease's end: tokens that came late are good while nobody renewed.
        """
        with self._db.writing() as transaction:
            row = transaction.row(
                "SELECT team, person FROM grants WHERE id = ? AND generation = ?"
                " AND state = 'active' AND lease_holder = coalesce(?, lease_holder)",
                [grant_id, generation, holder],
            )
            if row is None:
                return False
            sealed = self._rows.seal(Owner(row["team"], row["person"]), tokens)
            transaction.execute(
                "UPDATE grants SET tokens = ?, generation = generation + 1, used_at = ?,"
                " lease_holder = NULL, lease_until = NULL WHERE id = ?",
                [sealed, moment(now), grant_id],
            )
            return True

    def since(self, grant_id: str, since: datetime) -> int:
        """Return how many leases were given at or after *since*, at most an hour back."""
        row = self._db.row(
            "SELECT count(*) AS count FROM refreshes WHERE grant_id = ? AND at >= ?",
            [grant_id, moment(since)],
        )
        return int(row["count"]) if row else 0
