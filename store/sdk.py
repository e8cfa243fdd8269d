"""Any of the token stores as the ``TokenStore`` of Zoho's own Python client, unmodified.

Needs the extra ``parley[zoho-sdk]``. The client fills its token object from the store before
a call and hands it back after a renewal (Kaizen #192).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

# The client has no types, and lives in an environment of its own where ours are checked.
from zohocrmsdk.src.com.zoho.api.authenticator.oauth_token import (  # type: ignore[import-not-found]
    OAuthToken,
)
from zohocrmsdk.src.com.zoho.api.authenticator.store.token_store import (  # type: ignore[import-not-found]
    TokenStore as ZohoStore,
)
from zohocrmsdk.src.com.zoho.crm.api.user_signature import (  # type: ignore[import-not-found]
    UserSignature,
)

from bot.domain.connection import Owner, Secret
from store.tokens import Token, TokenStore, merged

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def _now() -> datetime:
    return datetime.now(UTC)


def token_store(
    store: TokenStore, owner: Owner, *, clock: Callable[[], datetime] = _now
) -> "ZohoTokens":
    """Return what ``Initializer.initialize(..., store=...)`` takes.

    It sees the tokens of *owner* and nobody else's, whatever it is asked.

    Args:
        store: Any of the three.
        owner: Whose tokens.
        clock: Gives the time, aware.
    """
    return ZohoTokens(store, owner, clock)


class ZohoTokens(ZohoStore):  # type: ignore[misc]  # the client has no types
    """One owner's tokens, as the client asks for them. Every failure is raised."""

    def __init__(self, store: TokenStore, owner: Owner, clock: Callable[[], datetime]) -> None:
        """Take the store and whose tokens to show of it."""
        self._store = store
        self._owner = owner
        self._clock = clock

    def find_token(self, token: Any) -> Any:
        """Fill what is empty in *token* and return it; None where the store has no such.

        Tokens that expire before the kept ones are replaced by those.

        Raises:
            Fault: ``unreadable``.
        """
        known = _read(token)
        kept = self._store.find(self._owner, known)
        if kept is None:
            return None
        _fill(token, known, kept)
        return token

    def save_token(self, token: Any) -> None:
        """Keep *token*; it gets its id, and the kept tokens where its own are stale.

        Raises:
            ParleyError: As ``TokenStore.save``. The client writes it to its log and goes on.
        """
        known = _read(token)
        _fill(token, known, self._store.save(self._owner, known, self._clock()))

    def find_token_by_id(self, id: Any) -> Any:  # noqa: A002 - the client's name
        """Return a token of that id, or None.

        Raises:
            Fault: ``unreadable``.
        """
        kept = self._store.find_by_id(self._owner, str(id))
        return None if kept is None else _made(kept)

    def get_tokens(self) -> list[Any]:
        """Return every token of the owner, the last connected first."""
        return [_made(kept) for kept in self._store.all(self._owner)]

    def delete_token(self, id: Any) -> None:  # noqa: A002 - the client's name
        """Delete the token of that id; nothing where there is none."""
        self._store.delete(self._owner, str(id))

    def delete_tokens(self) -> None:
        """Delete every token of the owner."""
        self._store.delete_all(self._owner)


def _read(token: Any) -> Token:
    signature = token.get_user_signature()
    expires = token.get_expires_in()
    return Token(
        id=token.get_id() or None,
        user=(signature.get_name() or None) if signature is not None else None,
        client_id=token.get_client_id() or None,
        client_secret=_secret(token.get_client_secret()),
        redirect_url=token.get_redirect_url() or None,
        access=_secret(token.get_access_token()),
        refresh=_secret(token.get_refresh_token()),
        # The client counts in milliseconds since 1970, as text.
        expires_at=_EPOCH + int(expires) * _MILLISECOND if expires else None,
        api_domain=token.get_api_domain() or None,
        code=_secret(token.get_grant_token()),
    )


def _fill(token: Any, known: Token, kept: Token) -> None:
    """Give the client's object what it lacks, and the kept tokens unless its own are newer."""
    full = merged(kept, known)
    token.set_access_token(_shown(full.access))
    token.set_refresh_token(_shown(full.refresh))
    token.set_expires_in(_milliseconds(full.expires_at))
    token.set_api_domain(full.api_domain)
    token.set_id(known.id or kept.id)
    token.set_client_id(known.client_id or kept.client_id)
    token.set_client_secret(_shown(known.client_secret or kept.client_secret))
    token.set_redirect_url(full.redirect_url)
    if known.user is None and kept.user is not None:
        token.set_user_signature(UserSignature(kept.user))


def _made(kept: Token) -> Any:
    token = OAuthToken(
        client_id=kept.client_id,
        client_secret=_shown(kept.client_secret),
        refresh_token=_shown(kept.refresh),
        redirect_url=kept.redirect_url,
        id=kept.id,
        access_token=_shown(kept.access),
        user_signature=None if kept.user is None else UserSignature(kept.user),
        api_domain=kept.api_domain,
    )
    token.set_expires_in(_milliseconds(kept.expires_at))
    return token


def _milliseconds(when: datetime | None) -> str | None:
    return None if when is None else str((when - _EPOCH) // _MILLISECOND)


def _secret(text: str | None) -> Secret | None:
    return Secret(text) if text else None


def _shown(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal()
