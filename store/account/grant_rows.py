"""How a grant rests in a row: tokens sealed, one row per account and state."""

import json
import secrets
from dataclasses import asdict
from datetime import UTC, datetime

import msgspec

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
from store.account.spots import next_spot, of_owner
from store.sealing.vault import Vault
from store.sqlite.columns import aware, moment, packed, unpacked
from store.sqlite.transaction import Row, Transaction

ID_PREFIX = "gr_"
_SEALED = "grants.tokens"
_NEVER = datetime.max.replace(tzinfo=UTC)


class Sealed(msgspec.Struct, kw_only=True, gc=False):
    """What is sealed of a grant; what isn't known is empty."""

    access: str
    refresh: str
    expires_at: str
    api_origin: str
    scopes: str


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Sealed)


def new_id() -> str:
    """Return a fresh grant id."""
    return f"{ID_PREFIX}{secrets.token_hex(12)}"


def crm_user(email: str, org_id: str) -> str:
    """Return a CRM user as Zoho's client names one."""
    return f"{email}:{org_id}"


def account_of(user: str | None) -> Account:
    """Return what a user's name tells of the account; the rest is empty until the CRM is asked."""
    email, colon, org_id = (user or "").rpartition(":")
    if not colon:
        email, org_id = org_id, ""
    return Account(user_id="", email=email, name=email, zone="", org_id=org_id, org_name=org_id)


class GrantRows:
    """Turns grants into rows and rows into grants, inside somebody's transaction."""

    def __init__(self, vault: Vault) -> None:
        """Seal tokens with *vault*."""
        self._vault = vault

    def put(self, transaction: Transaction, grant: Grant, client_id: str) -> Row:
        """Update the row of the same account and state, or make one; return it.

        An updated row keeps its id; its generation is one higher, and the tokens it held
        are listed for revocation. An active one is the one in use from now on.
        """
        old = self._same(transaction, grant, grant.state, client_id)
        place = {
            "client_id": client_id,
            "crm_user": crm_user(grant.account.email, grant.account.org_id),
            "org_id": grant.account.org_id,
            "account": packed(asdict(grant.account)),
            "tokens": self.seal(grant.owner, grant.tokens),
            "connected_at": moment(grant.connected_at),
        }
        if old is None:
            grant_id = grant.id
            transaction.execute(
                "INSERT INTO grants (spot, id, team, person, data_center, client_id, crm_user,"
                " org_id, account, tokens, state, generation, connected_at, choice) VALUES"
                " (:spot, :id, :team, :person, :data_center, :client_id, :crm_user,"
                " :org_id, :account, :tokens, :state, :generation, :connected_at, 1)",
                {
                    **place,
                    "spot": next_spot(transaction, grant.owner),
                    "id": grant.id,
                    "team": grant.owner.team,
                    "person": grant.owner.user,
                    "data_center": grant.data_center.value,
                    "state": grant.state.value,
                    "generation": grant.generation,
                },
            )
        else:
            grant_id = old["id"]
            self._retire_tokens(transaction, old, grant.tokens)
            transaction.execute(
                "UPDATE grants SET client_id = :client_id, crm_user = :crm_user,"
                " org_id = :org_id, account = :account, tokens = :tokens,"
                " connected_at = :connected_at, generation = generation + 1,"
                " choice = max(choice, 1), lease_holder = NULL, lease_until = NULL WHERE id = :id",
                {**place, "id": grant_id},
            )
        self.choose(transaction, grant.owner, grant_id, grant.connected_at)
        return transaction.rows("SELECT * FROM grants WHERE id = ?", [grant_id])[0]

    def choose(self, transaction: Transaction, owner: Owner, grant_id: str, now: datetime) -> bool:
        """Prefer an active grant of the bot's to the owner's others; False when it is no such.

        ``choice`` is the moment in microseconds, or one more than the owner's highest
        where a clock went back.
        """
        chosen = transaction.execute(
            "UPDATE grants SET choice = max(?5, (SELECT max(choice) + 1 FROM grants"
            " WHERE spot BETWEEN ?1 AND ?2 AND team = ?3 AND person = ?4))"
            " WHERE spot BETWEEN ?1 AND ?2 AND team = ?3 AND person = ?4"
            " AND id = ?6 AND state = 'active' AND choice > 0",
            [*of_owner(owner), round(now.timestamp() * 1e6), grant_id],
        )
        return chosen == 1

    def _same(
        self, transaction: Transaction, grant: Grant, state: GrantState, client_id: str
    ) -> Row | None:
        """Return the row a grant replaces: the same user's and client's, else the organisation's.

        Of the organisation's others those that only Zoho's client put there are left to it.
        """
        account = grant.account
        return transaction.row(
            "SELECT * FROM grants"
            " WHERE spot BETWEEN ?1 AND ?2 AND team = ?3 AND person = ?4"
            " AND data_center = ?5 AND state = ?6"
            " AND ((crm_user = ?7 AND client_id = ?8)"
            " OR (org_id = ?9 AND (choice > 0 OR state = 'pending')))"
            " ORDER BY crm_user = ?7 AND client_id = ?8 DESC, choice DESC",
            [
                *of_owner(grant.owner),
                grant.data_center.value,
                state.value,
                crm_user(account.email, account.org_id),
                client_id,
                account.org_id,
            ],
        )

    def end_pending(self, transaction: Transaction, grant: Grant, client_id: str) -> None:
        """Delete the pending row of the same account, its tokens listed for revocation."""
        pending = self._same(transaction, grant, GrantState.PENDING, client_id)
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
        self.retire(transaction, Owner(old["team"], old["person"]), old["id"])

    def retire(self, transaction: Transaction, owner: Owner, grant_id: str) -> None:
        """List the tokens a row of *owner*'s holds for revocation, in a row of their own."""
        transaction.execute(
            "INSERT INTO grants (spot, id, team, person, data_center, client_id, crm_user, org_id,"
            " account, tokens, state, generation, connected_at) SELECT ?, ?, team, person,"
            " data_center, client_id, crm_user, org_id, account, tokens, 'revoked', generation,"
            " connected_at FROM grants WHERE id = ?",
            [next_spot(transaction, owner), new_id(), grant_id],
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
        return self.seal_values(
            owner,
            Sealed(
                access=tokens.access.reveal(),
                refresh=tokens.refresh.reveal(),
                expires_at=moment(tokens.expires_at),
                api_origin=tokens.api_origin,
                scopes=" ".join(tokens.scopes),
            ),
        )

    def seal_values(self, owner: Owner, values: Sealed) -> str:
        """Return what `unseal` opens for *owner*."""
        return self._vault.seal(_SEALED, str(owner), _ENCODER.encode(values))

    def unseal(self, owner: Owner, sealed: str) -> Sealed:
        """Return what was sealed for *owner*, as it rests.

        Raises:
            Fault: ``unreadable``.
        """
        return _DECODER.decode(self._vault.open(_SEALED, f"{owner.team}/{owner.user}", sealed))

    def open(self, owner: Owner, sealed: str) -> Tokens:
        """Return what was sealed for *owner*.

        Raises:
            Fault: ``unreadable``.
        """
        values = self.unseal(owner, sealed)
        return Tokens(
            access=Secret(values.access),
            refresh=Secret(values.refresh),
            expires_at=aware(values.expires_at) if values.expires_at else _NEVER,
            api_origin=values.api_origin,
            scopes=_scopes(values.scopes),
        )

    def _tokens(self, row: Row) -> Tokens:
        return self.open(Owner(row["team"], row["person"]), row["tokens"])


def _scopes(text: str) -> tuple[str, ...]:
    if text.startswith("["):  # as the first version wrote them
        return tuple(json.loads(text))
    return tuple(text.split())
