"""Tokens in SQLite: the very rows of the bot's grants, in a file or in memory."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from bot.domain.connection import DataCenter, Owner, Secret
from bot.errors import Fault
from store.account.grant_rows import GrantRows, Sealed, account_of, new_id
from store.account.grants import Grants
from store.account.spots import next_spot, of_owner
from store.sealing.vault import Vault
from store.sqlite.columns import aware, moment, packed
from store.sqlite.database import Database
from store.sqlite.transaction import Transaction
from store.tokens import (
    Clients,
    Token,
    TokenStore,
    answers,
    continues,
    merged,
    refuse_homeless,
    spent,
    strangeness,
)

_OWNERS = (
    "SELECT choice, spot, id, alias, crm_user, client_id, data_center, redirect_url,"
    " spent_code, tokens, generation FROM grants"
    " WHERE spot BETWEEN ?1 AND ?2 AND team = ?3 AND person = ?4"
    " AND state = 'active'"
)
_BY_USER = f"{_OWNERS} AND crm_user = ?5"
_BY_ID = f"{_OWNERS} AND id = ?5"
_BY_ALIAS = f"{_OWNERS} AND alias = ?5"
_RENEW = (
    "UPDATE grants SET tokens = ?, generation = generation + 1, used_at = ?, lease_holder = NULL,"
    " lease_until = NULL WHERE spot = ? AND id = ? AND generation = ? AND state = 'active'"
)
_INSERT = (
    "INSERT INTO grants (spot, id, alias, team, person, data_center, client_id, crm_user, org_id,"
    " account, tokens, redirect_url, spent_code, state, generation, choice, connected_at)"
    " VALUES (:spot, :id, :alias, :team, :person, :data_center, :client_id, :crm_user, :org_id,"
    " :account, :tokens, :redirect_url, :spent_code, 'active', 1, 0, :now)"
)


class _Row(NamedTuple):
    """One row, its columns in the order of ``_OWNERS``."""

    choice: int
    spot: int
    id: str
    alias: str | None
    crm_user: str
    client_id: str
    data_center: str
    redirect_url: str | None
    spent_code: str | None
    tokens: str
    generation: int


class SqliteTokens(TokenStore):
    """Active grants as tokens.

    What the bot connected is found here, and what is saved here is listed, renewed and cut
    off like any other grant. A database without a file (``Database(None)``) is the store
    in memory. Tokens are sealed by the vault with their owner bound in.
    """

    def __init__(self, db: Database, vault: Vault, clients: Clients) -> None:
        """Keep tokens in *db*, which is migrated.

        Args:
            db: The database.
            vault: Seals tokens.
            clients: Whose secrets are known.
        """
        self._db = db
        self._rows = GrantRows(vault)
        self._grants = Grants(db, vault)
        self._clients = clients

    def find(self, owner: Owner, known: Token) -> Token | None:
        """Return the owner's token that *known* tells part of, the last connected of several.

        By user or id it is one look into an index; by a token itself every token of the
        owner is opened, for nothing of a token is in the clear.
        """
        if known.client_secret is not None:
            self._clients.told(known)
        if known.user:
            rows = self._read(_BY_USER, owner, known.user)
        elif known.id:
            rows = self._by_id(owner, known.id)
        else:
            rows = self._read(_OWNERS, owner)
        for row in rows:
            token = self._token(row, self._rows.unseal(owner, row.tokens))
            if answers(known, token, row.spent_code):
                return token
        return None

    def find_by_id(self, owner: Owner, token_id: str) -> Token | None:
        """Return the owner's token of that id, or None."""
        return self.find(owner, Token(id=token_id))

    def all(self, owner: Owner) -> tuple[Token, ...]:
        """Return the owner's tokens, the last connected first."""
        return tuple(
            self._token(row, self._rows.unseal(owner, row.tokens))
            for row in self._read(_OWNERS, owner)
        )

    def save(self, owner: Owner, token: Token, now: datetime) -> Token:
        """Bring the token's row up to date, or make one; return what is kept now.

        One transaction. A changed row's generation is one higher and its lease over, so
        that a renewal under way elsewhere is dropped; tokens that another connection
        replaced are listed for revocation.
        """
        center = self._clients.data_center(token)
        self._clients.told(token)
        rows = _rows(self._db.glance(_OWNERS, of_owner(owner)))
        if len(rows) == 1:
            # Mostly it is a renewal: one statement, which does nothing where the row moved on.
            renewed = self._renewed(owner, rows[0], token, now)
            if renewed is not None:
                return renewed
        with self._db.writing() as transaction:
            kept = self._continued(transaction, owner, center, token, now)
            if kept is None:
                refuse_homeless(token)
                kept = self._insert(transaction, owner, center, token, now)
            return kept

    def _continued(
        self,
        transaction: Transaction,
        owner: Owner,
        center: DataCenter,
        token: Token,
        now: datetime,
    ) -> Token | None:
        """Bring the row that *token* continues up to date; None where there is none."""
        rows = self._read(_OWNERS, owner)
        if token.api_domain:
            rows = [one for one in rows if one.data_center == center]
        rows.sort(
            key=lambda one: strangeness(token, one.alias or one.id, one.crm_user, one.client_id)
        )
        new = None
        for row in rows:
            old = self._old(owner, row)
            kept = self._token(row, old)
            if not continues(token, kept, row.spent_code):
                continue
            if new is None:
                new = merged(kept, token)
                if kept.refresh and new.refresh != kept.refresh:
                    self._rows.retire(transaction, owner, row.id)
                self._renew(owner, row, old, new, now)
                self._note(transaction, row, new, spent(token.code) or row.spent_code)
            elif kept.refresh and kept.refresh == new.refresh:
                # The same connection, kept before its user was known.
                self._grants.forget(row.id)
        return new

    def delete(self, owner: Owner, token_id: str) -> bool:
        """Delete the owner's token of that id; True when there was one. One transaction."""
        with self._db.writing():
            return self._drop(self._by_id(owner, token_id)) == 1

    def delete_all(self, owner: Owner) -> int:
        """Delete every token of the owner and return how many there were. One transaction."""
        with self._db.writing():
            return self._drop(self._read(_OWNERS, owner))

    def _drop(self, rows: list[_Row]) -> int:
        return sum(self._grants.forget(row.id) for row in rows)

    def _by_id(self, owner: Owner, token_id: str) -> list[_Row]:
        return self._read(_BY_ID, owner, token_id) or self._read(_BY_ALIAS, owner, token_id)

    def _read(self, sql: str, owner: Owner, *more: str) -> list[_Row]:
        return _rows(self._db.tuples(sql, (*of_owner(owner), *more)))

    def _token(self, row: _Row, values: Sealed) -> Token:
        _, _, row_id, alias, crm_user, client_id, center, redirect_url, _, _, _ = row
        return Token(
            id=alias or row_id,
            user=crm_user or None,
            client_id=client_id or None,
            client_secret=self._clients.secret(client_id, center),
            redirect_url=redirect_url,
            access=Secret(values.access) if values.access else None,
            refresh=Secret(values.refresh) if values.refresh else None,
            expires_at=aware(values.expires_at) if values.expires_at else None,
            api_domain=values.api_origin,
        )

    def _old(self, owner: Owner, row: _Row) -> Sealed:
        """Return what a row holds; as good as nothing where it is damaged: saving heals it."""
        try:
            return self._rows.unseal(owner, row.tokens)
        except Fault:
            origin = self._clients.api_origin(DataCenter(row.data_center))
            return Sealed(access="", refresh="", expires_at="", api_origin=origin, scopes="")

    def _renewed(self, owner: Owner, row: _Row, token: Token, now: datetime) -> Token | None:
        """Keep what is a renewal of the row and nothing else; None when it is more than that."""
        old = self._old(owner, row)
        kept = self._token(row, old)
        if token.api_domain not in {None, kept.api_domain}:
            return None
        if not continues(token, kept, row.spent_code):
            return None
        new = merged(kept, token)
        code = spent(token.code) or row.spent_code
        if new.refresh != kept.refresh or _facts(new, code) != _facts(kept, row.spent_code):
            return None
        done = self._renew(owner, row, old, new, now)
        return new if done else None

    def _renew(self, owner: Owner, row: _Row, old: Sealed, new: Token, now: datetime) -> bool:
        values = _values(new, old.api_origin, old.scopes)
        if values == old:
            return True
        sealed = self._rows.seal_values(owner, values)
        place = (row.spot, row.id, row.generation)
        return self._db.write(_RENEW, (sealed, moment(now), *place)) == 1

    def _note(self, transaction: Transaction, row: _Row, new: Token, code: str | None) -> None:
        facts = _facts(new, code)
        if facts == (row.crm_user, row.client_id, row.redirect_url, row.spent_code):
            return
        account = account_of(new.user)
        transaction.execute(
            "UPDATE grants SET crm_user = ?1, client_id = ?2, redirect_url = ?3,"
            " spent_code = ?4, org_id = iif(crm_user = '', ?5, org_id),"
            " account = iif(crm_user = '', ?6, account) WHERE spot = ?7",
            (*facts, account.org_id, packed(asdict(account)), row.spot),
        )

    def _insert(
        self,
        transaction: Transaction,
        owner: Owner,
        center: DataCenter,
        token: Token,
        now: datetime,
    ) -> Token:
        account = account_of(token.user)
        sealed = _values(token, self._clients.api_origin(center), "")
        values = {
            "spot": next_spot(transaction, owner),
            "id": new_id(),
            "alias": token.id,
            "team": owner.team,
            "person": owner.user,
            "data_center": center.value,
            "client_id": token.client_id or "",
            "crm_user": token.user or "",
            "org_id": account.org_id,
            "account": packed(asdict(account)),
            "tokens": self._rows.seal_values(owner, sealed),
            "redirect_url": token.redirect_url,
            "spent_code": spent(token.code),
            "now": moment(now),
        }
        transaction.execute(_INSERT, values)
        return replace(
            token,
            id=token.id or str(values["id"]),
            client_secret=self._clients.secret(token.client_id, center),
            api_domain=sealed.api_origin,
            code=None,
        )


def _rows(found: list[tuple[Any, ...]]) -> list[_Row]:
    if len(found) > 1:
        found.sort(reverse=True)  # by choice, then by age: no index has them in this order
    return [_Row(*one) for one in found]


def _facts(token: Token, code: str | None) -> tuple[str | None, ...]:
    """Return what rests beside the sealed tokens."""
    return token.user or "", token.client_id or "", token.redirect_url, code


def _values(token: Token, api_origin: str, scopes: str) -> Sealed:
    return Sealed(
        access=token.access.reveal() if token.access else "",
        refresh=token.refresh.reveal() if token.refresh else "",
        expires_at=moment(token.expires_at) if token.expires_at else "",
        api_origin=token.api_domain or api_origin,
        scopes=scopes,
    )
