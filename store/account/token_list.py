"""Tokens in a plain list, for as long as the process lives."""

import threading
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from bot.domain.connection import DataCenter, Owner
from store.account.grant_rows import new_id
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One token of the list; its client's secret isn't in it."""

    owner: Owner
    data_center: DataCenter
    token: Token
    spent: str | None


class ListTokens(TokenStore):
    """A list behind a lock: nothing is on disk, nothing is encrypted."""

    def __init__(self, clients: Clients) -> None:
        """Begin with an empty list."""
        self._clients = clients
        self._entries: list[_Entry] = []
        self._lock = threading.Lock()

    def find(self, owner: Owner, known: Token) -> Token | None:
        """Return the owner's token that *known* tells part of, the last connected of several."""
        self._clients.told(known)
        with self._lock:
            for entry in self._of(owner):
                if answers(known, entry.token, entry.spent):
                    return self._whole(entry)
        return None

    def find_by_id(self, owner: Owner, token_id: str) -> Token | None:
        """Return the owner's token of that id, or None."""
        return self.find(owner, Token(id=token_id))

    def all(self, owner: Owner) -> tuple[Token, ...]:
        """Return the owner's tokens, the last connected first."""
        with self._lock:
            return tuple(map(self._whole, self._of(owner)))

    def save(self, owner: Owner, token: Token, now: datetime) -> Token:  # noqa: ARG002 - the port's
        """Bring the token's entry up to date, or make one; return what is kept now."""
        center = self._clients.data_center(token)
        self._clients.told(token)
        bare = replace(token, client_secret=None, code=None)
        with self._lock:
            found = self._continued(owner, token, center)
            if not found:
                refuse_homeless(token)
                domain = token.api_domain or self._clients.api_origin(center)
                kept = replace(bare, id=token.id or new_id(), api_domain=domain)
                entry = _Entry(owner=owner, data_center=center, token=kept, spent=spent(token.code))
                self._entries.append(entry)
                return self._whole(entry)
            old, *others = found
            new = merged(old.token, bare)
            code = spent(token.code) or old.spent
            entry = _Entry(owner=owner, data_center=old.data_center, token=new, spent=code)
            self._entries[self._entries.index(old)] = entry
            for one in others:
                if one.token.refresh and one.token.refresh == new.refresh:
                    # The same connection, kept before its user was known.
                    self._entries.remove(one)
            return self._whole(entry)

    def delete(self, owner: Owner, token_id: str) -> bool:
        """Delete the owner's token of that id; True when there was one."""
        return bool(self._drop(owner, token_id))

    def delete_all(self, owner: Owner) -> int:
        """Delete every token of the owner and return how many there were."""
        return self._drop(owner, None)

    def _of(self, owner: Owner) -> list[_Entry]:
        return [one for one in reversed(self._entries) if one.owner == owner]

    def _continued(self, owner: Owner, token: Token, center: DataCenter) -> list[_Entry]:
        found = [
            one
            for one in self._of(owner)
            if not (token.api_domain and one.data_center is not center)
            and continues(token, one.token, one.spent)
        ]
        return sorted(
            found,
            key=lambda one: strangeness(
                token, one.token.id or "", one.token.user or "", one.token.client_id or ""
            ),
        )

    def _whole(self, entry: _Entry) -> Token:
        secret = self._clients.secret(entry.token.client_id, entry.data_center)
        return replace(entry.token, client_secret=secret)

    def _drop(self, owner: Owner, token_id: str | None) -> int:
        with self._lock:
            gone = [one for one in self._of(owner) if token_id in {None, one.token.id}]
            self._entries = [one for one in self._entries if one not in gone]
            return len(gone)
