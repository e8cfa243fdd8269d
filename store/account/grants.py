"""Each person's permission to act in the CRM: sealed, renewed once, forgotten once."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.connection import Account, DataCenter, Grant, GrantState, Owner, Tokens
from bot.errors import Fault
from store.account.grant_rows import GrantRows, new_id
from store.account.spots import of_owner
from store.sealing.vault import Vault
from store.sqlite.columns import moment
from store.sqlite.database import Database
from store.sqlite.transaction import Row

CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5


class Grants:
    """Grants by owner. There is one active row per owner, client's data centre and organisation.

    A grant whose tokens another one replaced stays as a ``revoked`` row until the caller
    has revoked it at the CRM and forgets it: ``to_revoke`` lists them, after a crash too.
    """

    def __init__(
        self, db: Database, vault: Vault, client_ids: Mapping[DataCenter, str] | None = None
    ) -> None:
        """Keep grants in *db*, sealed by *vault*, noting the bot's own client of each place."""
        self._db = db
        self._rows = GrantRows(vault)
        self._client_ids = dict(client_ids or {})

    def keep(
        self,
        owner: Owner,
        data_center: DataCenter,
        account: Account,
        tokens: Tokens,
        *,
        state: GrantState,
        now: datetime,
        code: str | None = None,
    ) -> Grant:
        """Keep what the CRM handed out and return it as a grant. One transaction.

        The row of the same owner, data centre, organisation and *state* is updated, its
        generation one higher; else a row is made. A pending grant leaves the active one
        alone until it is confirmed; an active one ends a pending one of the same account.
        Tokens that were replaced are listed by ``to_revoke``.

        Args:
            owner: Whose.
            data_center: Where the account lives.
            account: Who they are in the CRM.
            tokens: Sealed with the owner bound in.
            state: Active or pending.
            now: When it was connected.
            code: The one-time code that confirms a pending grant; kept as a hash, good
                for ten minutes and five tries.

        Raises:
            ValueError: *state* is neither active nor pending.
        """
        if state is GrantState.REVOKED:
            raise ValueError("a revoked grant isn't kept")
        grant = Grant(
            id=new_id(),
            owner=owner,
            data_center=data_center,
            account=account,
            tokens=tokens,
            state=state,
            generation=1,
            connected_at=now,
        )
        with self._db.writing() as transaction:
            if state is GrantState.ACTIVE:
                self._rows.end_pending(transaction, grant, self._client_id(grant))
            row = self._rows.put(transaction, grant, self._client_id(grant))
            if state is GrantState.PENDING:
                transaction.execute(
                    "UPDATE grants SET code_hash = ?, code_until = ?, code_tries = 0 WHERE id = ?",
                    [
                        None if code is None else _code_hash(owner, code),
                        moment(now + CODE_LIFE),
                        row["id"],
                    ],
                )
            return self._rows.grant(row)

    def in_use(self, owner: Owner) -> Grant | None:
        """Return the owner's active grant: of several the last connected or chosen by ``use``.

        Raises:
            Fault: ``unreadable``.
        """
        row = self._db.row(
            "SELECT * FROM grants"
            " WHERE spot BETWEEN ?1 AND ?2 AND team = ?3 AND person = ?4"
            " AND state = 'active'"
            " AND choice > 0 ORDER BY choice DESC LIMIT 1",
            of_owner(owner),
        )
        return None if row is None else self._rows.grant(row)

    def use(self, owner: Owner, grant_id: str, now: datetime) -> bool:
        """Make an active grant of *owner* the one in use; False when it is no such. One UPDATE.

        What began with another grant keeps that one.
        """
        with self._db.writing() as transaction:
            return self._rows.choose(transaction, owner, grant_id, now)

    def get(self, grant_id: str) -> Grant | None:
        """Return the grant of that id in whatever state.

        Raises:
            Fault: ``unreadable``.
        """
        row = self._db.row("SELECT * FROM grants WHERE id = ?", [grant_id])
        return None if row is None else self._rows.grant(row)

    def of(self, owner: Owner) -> tuple[Grant, ...]:
        """Return all the owner's grants in every state: active first, the one in use first of them.

        Raises:
            Fault: ``unreadable``.
        """
        return self._all(
            "SELECT * FROM grants"
            " WHERE spot BETWEEN ?1 AND ?2 AND team = ?3 AND person = ?4"
            " ORDER BY state, choice DESC",
            of_owner(owner),
        )

    def confirm(self, owner: Owner, code: str, now: datetime) -> Grant | None:
        """Make the owner's pending grant of that *code* active and return it. One transaction.

        Of many who send the code one gets the grant. Each call that doesn't match counts
        as a try of every pending grant of the owner. Where the same account was active,
        its row goes on with the new tokens; the old ones are listed by ``to_revoke``.
        """
        with self._db.writing() as transaction:
            rows = transaction.rows(
                "UPDATE grants SET code_tries = code_tries + 1"
                " WHERE spot BETWEEN ?1 AND ?2 AND team = ?3 AND person = ?4"
                " AND state = 'pending' AND code_hash IS NOT NULL AND code_until > ?5"
                " AND code_tries < ?6 RETURNING *",
                [*of_owner(owner), moment(now), CODE_TRIES],
            )
            hashed = _code_hash(owner, code)
            found = [row for row in rows if hmac.compare_digest(row["code_hash"], hashed)]
            if not found:
                return None
            pending = self._rows.grant(found[0])
            transaction.execute("DELETE FROM grants WHERE id = ?", [pending.id])
            active = replace(pending, state=GrantState.ACTIVE, connected_at=now)
            row = self._rows.put(transaction, active, self._client_id(active))
            return self._rows.grant(row)

    def expired_pending(self, now: datetime) -> tuple[Grant, ...]:
        """Return the pending grants whose code is too old or was tried too often.

        The caller revokes them at the CRM and forgets them. One that can't be opened is
        left out.
        """
        return self._readable(
            "SELECT * FROM grants WHERE state = 'pending'"
            " AND (code_until <= ? OR code_tries >= ?) ORDER BY connected_at, spot",
            [moment(now), CODE_TRIES],
        )

    def to_revoke(self) -> tuple[Grant, ...]:
        """Return the grants that were replaced or retired: to be revoked, then forgotten.

        One that can't be opened is left out.
        """
        return self._readable(
            "SELECT * FROM grants WHERE state = 'revoked' ORDER BY connected_at, spot", []
        )

    def drop_unreadable(self, now: datetime) -> int:
        """Delete what waits to be revoked and can't be opened; return how many.

        Nobody can take such tokens back at the CRM any more; the account's name goes with them.
        """
        rows = self._db.rows(
            "SELECT * FROM grants WHERE state = 'revoked' OR (state = 'pending'"
            " AND (code_until <= ? OR code_tries >= ?))",
            [moment(now), CODE_TRIES],
        )
        return sum(self.forget(row["id"]) for row in rows if not self._opens(row))

    def retire(self, grant_id: str) -> bool:
        """Make a grant unusable and list it in ``to_revoke``; True exactly once. One UPDATE."""
        return (
            self._db.write(
                "UPDATE grants SET state = 'revoked', code_hash = NULL"
                " WHERE id = ? AND state != 'revoked'",
                [grant_id],
            )
            == 1
        )

    def forget(self, grant_id: str, *, generation: int | None = None) -> bool:
        """Delete a grant, its renewals and the people met with it; True exactly once.

        Args:
            grant_id: Which.
            generation: When given, a grant renewed since then is left alone.
        """
        with self._db.writing() as transaction:
            gone = transaction.rows(
                "DELETE FROM grants WHERE id = ? AND generation = coalesce(?, generation)"
                " RETURNING id",
                [grant_id, generation],
            )
            if gone:
                transaction.execute("DELETE FROM directory WHERE grant_id = ?", [grant_id])
                transaction.execute("DELETE FROM refreshes WHERE grant_id = ?", [grant_id])
            return bool(gone)

    def _client_id(self, grant: Grant) -> str:
        return self._client_ids.get(grant.data_center, "")

    def _all(self, sql: str, params: Sequence[object]) -> tuple[Grant, ...]:
        return tuple(self._rows.grant(row) for row in self._db.rows(sql, params))

    def _opens(self, row: Row) -> bool:
        try:
            self._rows.grant(row)
        except Fault:
            return False
        return True

    def _readable(self, sql: str, params: Sequence[object]) -> tuple[Grant, ...]:
        found = []
        for row in self._db.rows(sql, params):
            with suppress(Fault):
                found.append(self._rows.grant(row))
        return tuple(found)


def _code_hash(owner: Owner, code: str) -> str:
    return hashlib.sha256(f"{owner}\n{code}".encode()).hexdigest()
