"""Tokens as Zoho's own clients keep them: one port of six operations, and what they mean.

The operations and the order in which a token is found are those of Zoho's page "Kaizen
#192"; where its sample lets one user have another's tokens, these rules are stricter.
Three stores offer the port: a SQLite file and SQLite in memory (``store.account.token_rows``),
and a plain list (``store.account.token_list``).
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from bot.crm.places import Places
from bot.domain.connection import DataCenter, Owner, Secret
from bot.errors import Fault, Refused
from store.account.grant_rows import ID_PREFIX


class Token(Struct, frozen=True, kw_only=True, gc=False):
    """The nine fields of a token (Kaizen #192), and the code it may be had for.

    A part that isn't known is None; an empty text is never a part.

    Attributes:
        id: The store's, or one the application chose.
        user: ``<email>:<organisation's id>``, the user signature's name.
        client_id: The application.
        client_secret: Its secret. It is never kept beside a token; a found token carries
            the one the store was given for its client.
        redirect_url: Where the application's consents come back to.
        access: Good until ``expires_at``.
        refresh: Good until revoked.
        expires_at: Aware.
        api_domain: Where the account's API lives, a row of the closed table.
        code: The grant token, good for one exchange. A token is found by the code it was
            had for; the code itself is never kept.
    """

    id: str | None = None
    user: str | None = None
    client_id: str | None = None
    client_secret: Secret | None = None
    redirect_url: str | None = None
    access: Secret | None = None
    refresh: Secret | None = None
    expires_at: datetime | None = None
    api_domain: str | None = None
    code: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An application at one data centre (Zoho gives each data centre its own secret)."""

    id: str
    secret: Secret
    data_center: DataCenter


class Clients:
    """The applications a store was given. Their secrets rest here, not beside tokens."""

    def __init__(self, clients: Iterable[Client] = (), places: Places | None = None) -> None:
        """Know *clients* and the places tokens may name (the whole table where None)."""
        self._places = places or Places(DataCenter.US)
        self._by_place = {(one.id, str(one.data_center)): one.secret for one in clients}
        self._told: dict[str, Secret] = {}
        self._centers = {
            origin: center for center in DataCenter for origin in self._origins(center) if origin
        }

    def told(self, token: Token) -> None:
        """Remember the secret an application showed, for as long as the process lives."""
        if token.client_id and token.client_secret:
            self._told[token.client_id] = token.client_secret

    def secret(self, client_id: str | None, data_center: str) -> Secret | None:
        """Return a client's secret at a data centre, or None."""
        if client_id is None:
            return None
        found = self._by_place.get((client_id, data_center))
        return self._told.get(client_id) if found is None else found

    def data_center(self, token: Token) -> DataCenter:
        """Return where a token's account lives: by its API, else by its client, else home.

        Raises:
            Refused: ``place_unknown``: its API is none of the table's.
        """
        if token.api_domain:
            center = self._centers.get(token.api_domain)
            if center is None:
                raise Refused("place_unknown")
            return center
        centers = [center for client, center in self._by_place if client == token.client_id]
        return DataCenter(centers[0]) if len(centers) == 1 else self._places.home

    def api_origin(self, data_center: DataCenter) -> str:
        """Return where a data centre's production API lives."""
        return self._places.row(data_center).api

    def _origins(self, center: DataCenter) -> tuple[str | None, ...]:
        try:
            row = self._places.row(center)
        except Refused:
            return ()
        return row.api, row.sandbox, row.developer


class TokenStore(ABC):
    """The port. Every question and every write is one owner's; no other's token is reached."""

    @abstractmethod
    def find(self, owner: Owner, known: Token) -> Token | None:
        """Return the owner's token that *known* tells part of, the last connected of several.

        See `answers`; an empty question finds nothing.

        Raises:
            Fault: ``unreadable``.
        """

    @abstractmethod
    def find_by_id(self, owner: Owner, token_id: str) -> Token | None:
        """Return the owner's token of that id, or None.

        Raises:
            Fault: ``unreadable``.
        """

    @abstractmethod
    def all(self, owner: Owner) -> tuple[Token, ...]:
        """Return the owner's tokens, the last connected first.

        Raises:
            Fault: ``unreadable``.
        """

    @abstractmethod
    def save(self, owner: Owner, token: Token, now: datetime) -> Token:
        """Bring the token's row up to date, or make one; return what is kept now.

        There is never a second row of the same user and client, nor of the same refresh
        token. Tokens that expire before the kept ones are stale and change nothing. What
        was kept is on disk when this returns.

        Raises:
            Fault: ``token_incomplete``: neither an access nor a refresh token is there;
                ``token_gone``: its id was deleted, or is another user's.
            Refused: ``place_unknown``: its API is none of Zoho's.
            TryLater: ``storage_busy``.
        """

    @abstractmethod
    def delete(self, owner: Owner, token_id: str) -> bool:
        """Delete the owner's token of that id; True when there was one."""

    @abstractmethod
    def delete_all(self, owner: Owner) -> int:
        """Delete every token of the owner and return how many there were."""


def spent(code: Secret | None) -> str | None:
    """Return what is kept of a code: enough to know it again, of no use to anybody."""
    if code is None or not code.reveal():
        return None
    return hashlib.sha256(b"parley code\n" + code.reveal().encode()).hexdigest()


def answers(known: Token, kept: Token, spent_code: str | None) -> bool:
    """Return whether *kept* is the token that *known* tells part of.

    The first of these that is known decides: the user; the id; the access token, where no
    client is named; the code or the refresh token with their client. A client that is named
    must be the kept one's, and with a user the id, where both are known.
    """
    if known.client_id and kept.client_id and known.client_id != kept.client_id:
        return False
    if known.user:
        return known.user == kept.user and known.id in {None, "", kept.id}
    if known.id:
        return known.id == kept.id
    if known.access and not known.client_id:
        return known.access == kept.access
    if not (known.client_id and kept.client_id):
        return False
    code = spent(known.code)
    return (code is not None and code == spent_code) or bool(
        known.refresh and known.refresh == kept.refresh
    )


def continues(new: Token, kept: Token, spent_code: str | None) -> bool:
    """Return whether *new* is to be saved in the place of *kept*.

    Raises:
        Fault: ``token_gone``: the id is that of another user's token.
    """
    if new.id and new.id == kept.id:
        if new.user and kept.user and new.user != kept.user:
            raise Fault("token_gone")
        return True
    if new.client_id and kept.client_id and new.client_id != kept.client_id:
        return False
    if new.user and kept.user:
        return new.user == kept.user
    if new.refresh and new.refresh == kept.refresh:
        return True
    return answers(replace(new, id=None, user=None), kept, spent_code)


def strangeness(new: Token, token_id: str, user: str, client_id: str) -> tuple[bool, ...]:
    """Return how little a kept token looks like *new*: the least strange is continued."""
    return token_id != new.id, user != (new.user or ""), client_id != (new.client_id or "")


def refuse_homeless(token: Token) -> None:
    """Let a token through that a new row may be made for.

    Raises:
        Fault: ``token_incomplete``, or ``token_gone``: ids of ours are never made twice, so
            its row was deleted while somebody used it.
    """
    if not (token.access or token.refresh):
        raise Fault("token_incomplete")
    if token.id and token.id.startswith(ID_PREFIX):
        raise Fault("token_gone")


def merged(kept: Token, new: Token) -> Token:
    """Return *kept* brought up to date by *new*: what is stale or missing changes nothing."""
    fresh = new if _newer(new, kept) else kept
    return Token(
        id=kept.id,
        user=kept.user or new.user,
        client_id=kept.client_id or new.client_id,
        client_secret=kept.client_secret,
        redirect_url=new.redirect_url or kept.redirect_url,
        access=fresh.access,
        refresh=fresh.refresh or kept.refresh,
        expires_at=fresh.expires_at,
        api_domain=fresh.api_domain or kept.api_domain,
        code=kept.code,
    )


def _newer(new: Token, kept: Token) -> bool:
    if not new.access:
        # A refresh token alone: it is another connection, or nothing new.
        return bool(new.refresh) and new.refresh != kept.refresh
    if not kept.access or kept.expires_at is None:
        return True
    return new.expires_at is not None and new.expires_at >= kept.expires_at
