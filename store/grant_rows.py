"""How a grant rests in a row: tokens sealed, one row per account and state."""

import json
import secrets
from dataclasses import asdict
from datetime import datetime

from bot.domain.connection import (
    Account,
    DataCenter,
    Grant,
    GrantState,
    Owner,
    Secret,
    Tokens,
)
from bot.errors import Fault
from store.columns import aware, moment, packed, unpacked
from store.database import Row, Transaction
from store.vault import Vault

_SEALED = "grants.tokens"


def new_id() -> str:
    """Return a fresh grant id."""
    return f"gr_{secrets.token_hex(12)}"


class GrantRows:
    """Turns grants into rows and rows into grants, inside somebody's transaction."""

    def __init__(self, vault: Vault) -> None:
        """Seal tokens with *vault*."""
        self._vault = vault

    def put(self, transaction: Transaction, grant: Grant) -> Row:
        """Update the row of the same account and state, or make one; return it.

        An updated row keeps its id; its generation is one higher, and the tokens it held
        are listed for revocation. An active one is the one in use from now on.
        """
        owner = grant.owner
        old = self._same(transaction, grant, grant.state)
        if old is not None:
            self._retire_tokens(transaction, old, grant.tokens)
        row = transaction.rows(
            "INSERT INTO grants (id, team, person, data_center, org_id, account, tokens, state,"
            " generation, connected_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (team, person, data_center, org_id, state)"
            " WHERE state IN ('active', 'pending') DO UPDATE SET account = excluded.account,"
            " tokens = excluded.tokens, generation = grants.generation + 1,"
            " connected_at = excluded.connected_at, lease_holder = NULL, lease_until = NULL"
            " RETURNING *",
            [
                grant.id,
                owner.team,
                owner.user,
                grant.data_center.value,
                grant.account.org_id,
                packed(asdict(grant.account)),
                self.seal(owner, grant.tokens),
                grant.state.value,
                grant.generation,
                moment(grant.connected_at),
            ],
        )[0]
        self.choose(transaction, owner, row["id"], grant.connected_at)
        return row

    def choose(self, transaction: Transaction, owner: Owner, grant_id: str, now: datetime) -> bool:
        """Prefer an active grant to the owner's others; False when they have no such.

        ``choice`` is the moment in microseconds, or one more than the owner's highest
        where a clock went back.
        """
        chosen = transaction.execute(
            "UPDATE grants SET choice = max(?, (SELECT max(choice) + 1 FROM grants AS others"
            " WHERE others.team = grants.team AND others.person = grants.person))"
            " WHERE id = ? AND team = ? AND person = ? AND state = 'active'",
            [round(now.timestamp() * 1e6), grant_id, owner.team, owner.user],
        )
        return chosen == 1

    def _same(self, transaction: Transaction, grant: Grant, state: GrantState) -> Row | None:
        return transaction.row(
            "SELECT * FROM grants WHERE team = ? AND person = ? AND data_center = ?"
            " AND org_id = ? AND state = ?",
            [
                grant.owner.team,
                grant.owner.user,
                grant.data_center.value,
                grant.account.org_id,
                state.value,
            ],
        )

    def end_pending(self, transaction: Transaction, grant: Grant) -> None:
        """Delete the pending row of the same account, its tokens listed for revocation."""
        pending = self._same(transaction, grant, GrantState.PENDING)
        if pending is not None:
            self._retire_tokens(transaction, pending, grant.tokens)
            transaction.execute("DELETE FROM grants WHERE id = ?", [pending["id"]])

    def _retire_tokens(self, transaction: Transaction, old: Row, new: Tokens) -> None:
        """List the old row's tokens for revocation, unless the new ones share their refresh token.

        Tokens that can't be opened can't be revoked either and are let go.
        """
        try:
            if self._tokens(old).refresh == new.refresh:
                return
        except Fault:
            return
        transaction.execute(
            "INSERT INTO grants (id, team, person, data_center, org_id, account, tokens, state,"
            " generation, connected_at) SELECT ?, team, person, data_center, org_id, account,"
            " tokens, 'revoked', generation, connected_at FROM grants WHERE id = ?",
            [new_id(), old["id"]],
        )

    def grant(self, row: Row) -> Grant:
        """Return the row as a grant.

        Raises:
            Fault: ``unreadable``.
        """
        return Grant(
            id=row["id"],
            owner=Owner(row["team"], row["person"]),
            data_center=DataCenter(row["data_center"]),
            account=Account(**unpacked(row["account"])),
            tokens=self._tokens(row),
            state=GrantState(row["state"]),
            generation=row["generation"],
            connected_at=aware(row["connected_at"]),
        )

    def seal(self, owner: Owner, tokens: Tokens) -> str:
        """Return *tokens* sealed for *owner*."""
        return self._vault.seal_values(
            _SEALED,
            owner,
            {
                "access": tokens.access.reveal(),
                "refresh": tokens.refresh.reveal(),
                "expires_at": moment(tokens.expires_at),
                "api_origin": tokens.api_origin,
                "scopes": json.dumps(tokens.scopes),
            },
        )

    def _tokens(self, row: Row) -> Tokens:
        owner = Owner(row["team"], row["person"])
        values = self._vault.open_values(_SEALED, owner, row["tokens"])
        return Tokens(
            access=Secret(values["access"]),
            refresh=Secret(values["refresh"]),
            expires_at=aware(values["expires_at"]),
            api_origin=values["api_origin"],
            scopes=tuple(json.loads(values["scopes"])),
        )
