"""Tokens in SQLite: the very rows of the bot's grants, in a file or in memory."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import NamedTuple

from bot.domain.connection import Account, DataCenter, Owner, Secret, Tokens
from store.columns import moment, packed
from store.database import Database, Row, Transaction
from store.grant_rows import NEVER, GrantRows, new_id
from store.grants import Grants
from store.tokens import (
    Clients,
    Token,
    TokenStore,
    answers,
    continues,
    merged,
    refuse_homeless,
    spent,
)
from store.vault import Vault

_OWNERS = (
    "SELECT choice, rowid, id, alias, crm_user, client_id, data_center, redirect_url,"
    " spent_code, tokens FROM grants WHERE team = ? AND person = ? AND state = 'active'"
)
_BY_USER = f"{_OWNERS} AND crm_user = ?"
_BY_ID = f"{_OWNERS} AND id = ?"
_BY_ALIAS = f"{_OWNERS} AND alias = ?"
_INSERT = (
    "INSERT INTO grants (id, alias, team, person, data_center, client_id, crm_user, org_id,"
    " account, tokens, redirect_url, spent_code, state, generation, choice, connected_at)"
    " VALUES (:id, :alias, :team, :person, :data_center, :client_id, :crm_user, :org_id,"
    " :account, :tokens, :redirect_url, :spent_code, 'active', 1, 0, :now)"
)


class _Row(NamedTuple):
    """One row, its columns in the order of the query."""

    choice: int
    rowid: int
    id: str
    alias: str | None
    crm_user: str
    client_id: str
    data_center: str
    redirect_url: str | None
    spent_code: str | None
    tokens: str


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
        self._clients.told(known)
        if known.user:
            rows = self._read(_BY_USER, owner, known.user)
        elif known.id:
            rows = self._by_id(owner, known.id)
        else:
            rows = self._read(_OWNERS, owner)
        for row in rows:
            token = self._token(row, self._rows.open(owner, row.tokens))
            if answers(known, token, row.spent_code):
                return token
        return None

    def find_by_id(self, owner: Owner, token_id: str) -> Token | None:
        """Return the owner's token of that id, or None."""
        return self.find(owner, Token(id=token_id))

    def all(self, owner: Owner) -> tuple[Token, ...]:
        """Return the owner's tokens, the last connected first."""
        return tuple(
            self._token(row, self._rows.open(owner, row.tokens))
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
        with self._db.writing() as transaction:
            rows = [one for one in self._read(_OWNERS, owner) if one.data_center == center]
            if len(rows) > 1:
                rows.sort(key=lambda row: _strangeness(row, token))
            for row in rows:
                old = self._rows.open(owner, row.tokens)
                if continues(token, self._token(row, old), row.spent_code):
                    return self._update(transaction, owner, row, old, token, now)
            refuse_homeless(token)
            return self._insert(transaction, owner, center, token, now)

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
        found = self._db.tuples(sql, (owner.team, owner.user, *more))
        if len(found) > 1:
            found.sort(reverse=True)  # by choice, then by age: no index has them in this order
        return [_Row._make(row) for row in found]

    def _token(self, row: _Row, tokens: Tokens) -> Token:
        client_id = row.client_id or None
        return Token(
            id=row.alias or row.id,
            user=row.crm_user or None,
            client_id=client_id,
            client_secret=self._clients.secret(client_id, DataCenter(row.data_center)),
            redirect_url=row.redirect_url,
            access=tokens.access if tokens.access.reveal() else None,
            refresh=tokens.refresh if tokens.refresh.reveal() else None,
            expires_at=None if tokens.expires_at == NEVER else tokens.expires_at,
            api_domain=tokens.api_origin,
        )

    def _update(
        self,
        transaction: Transaction,
        owner: Owner,
        row: _Row,
        old: Tokens,
        token: Token,
        now: datetime,
    ) -> Token:
        kept = self._token(row, old)
        new = merged(kept, token)
        tokens = _tokens(new, old.api_origin, old.scopes)
        if tokens != old:
            if tokens.refresh != old.refresh and old.refresh.reveal():
                self._rows.retire_tokens(transaction, _grant_row(transaction, row), tokens)
            transaction.execute(
                "UPDATE grants SET tokens = ?, generation = generation + 1, used_at = ?,"
                " lease_holder = NULL, lease_until = NULL WHERE rowid = ?",
                (self._rows.seal(owner, tokens), moment(now), row.rowid),
            )
        code = spent(token.code) or row.spent_code
        facts = (new.user or "", new.client_id or "", new.redirect_url, code)
        if facts != (row.crm_user, row.client_id, row.redirect_url, row.spent_code):
            account = account_of(new.user)
            transaction.execute(
                "UPDATE grants SET crm_user = ?1, client_id = ?2, redirect_url = ?3,"
                " spent_code = ?4, org_id = iif(crm_user = '', ?5, org_id),"
                " account = iif(crm_user = '', ?6, account) WHERE rowid = ?7",
                (*facts, account.org_id, packed(asdict(account)), row.rowid),
            )
        return new

    def _insert(
        self,
        transaction: Transaction,
        owner: Owner,
        center: DataCenter,
        token: Token,
        now: datetime,
    ) -> Token:
        account = account_of(token.user)
        tokens = _tokens(token, self._clients.api_origin(center), ())
        values = {
            "id": new_id(),
            "alias": token.id,
            "team": owner.team,
            "person": owner.user,
            "data_center": center.value,
            "client_id": token.client_id or "",
            "crm_user": token.user or "",
            "org_id": account.org_id,
            "account": packed(asdict(account)),
            "tokens": self._rows.seal(owner, tokens),
            "redirect_url": token.redirect_url,
            "spent_code": spent(token.code),
            "now": moment(now),
        }
        transaction.execute(_INSERT, values)
        return replace(
            token,
            id=token.id or str(values["id"]),
            client_secret=self._clients.secret(token.client_id, center),
            api_domain=tokens.api_origin,
            code=None,
        )


def account_of(user: str | None) -> Account:
    """Return what a user's name tells of the account; the rest is empty until the CRM is asked."""
    email, colon, org_id = (user or "").rpartition(":")
    if not colon:
        email, org_id = org_id, ""
    return Account(user_id="", email=email, name=email, zone="", org_id=org_id, org_name=org_id)


def _tokens(token: Token, api_origin: str, scopes: tuple[str, ...]) -> Tokens:
    return Tokens(
        access=token.access or Secret(""),
        refresh=token.refresh or Secret(""),
        expires_at=token.expires_at or NEVER,
        api_origin=token.api_domain or api_origin,
        scopes=scopes,
    )


def _strangeness(row: _Row, token: Token) -> tuple[bool, bool, bool]:
    """Return how little a row looks like the token's: the least strange is asked first."""
    return (
        token.id not in {row.id, row.alias},
        row.crm_user != token.user,
        row.client_id != token.client_id,
    )


def _grant_row(transaction: Transaction, row: _Row) -> Row:
    return transaction.rows("SELECT * FROM grants WHERE rowid = ?", [row.rowid])[0]
