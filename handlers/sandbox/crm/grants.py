"""Codes, refresh tokens and access tokens, with the limits of Zoho's accounts server."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from handlers.sandbox.clock import Clock
from handlers.sandbox.crm.switches import Switches

ACCESS_SECONDS = 3600
WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A grant code: good once, until `until`, for the redirect address it was made for.

    `redirect_uri` is "" for a self-client's code, which was never sent anywhere.
    """

    user_id: str
    scope: str
    redirect_uri: str
    until: datetime
    refresh: bool
    challenge: str = ""
    challenge_method: str = ""


@dataclass(slots=True, kw_only=True)
class Access:
    """A live access token."""

    user_id: str
    scope: str
    until: datetime
    refresh_token: str


@dataclass(slots=True, kw_only=True)
class Refresh:
    """A refresh token and the moments at which access tokens were made from it."""

    user_id: str
    scope: str
    made: list[datetime] = field(default_factory=list)


def token() -> str:
    """Return a fresh secret in the form of Zoho's: `1000.<32 hex>.<32 hex>`."""
    return f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"


class Grants:
    """All codes and tokens of the sandbox's one client. Safe to use from several threads."""

    def __init__(self, clock: Clock, switches: Switches) -> None:
        """Make a client with fresh credentials and no grants."""
        self._clock = clock
        self._switches = switches
        self._lock = threading.Lock()
        self.client_id = f"1000.SANDBOX{secrets.token_hex(12).upper()}"
        self.client_secret = secrets.token_hex(21)
        self.redirect_uris: list[str] = []
        self._codes: dict[str, Code] = {}
        self._access: dict[str, Access] = {}
        self._refresh: dict[str, Refresh] = {}

    def code(self, code: Code) -> str:
        """Keep a grant code and return its text."""
        text = token()
        with self._lock:
            self._codes[text] = code
        return text

    def peek(self, text: str) -> Code | None:
        """Return a code that is neither used nor too old, and leave it usable."""
        with self._lock:
            found = self._codes.get(text)
        return found if found and self._clock.now() < found.until else None

    def spend(self, text: str) -> Code | None:
        """Use a code up; only the first of several callers gets it."""
        with self._lock:
            found = self._codes.pop(text, None)
        return found if found and self._clock.now() < found.until else None

    def has_refresh(self, user_id: str) -> bool:
        """Return whether this person holds a refresh token already."""
        with self._lock:
            return any(item.user_id == user_id for item in self._refresh.values())

    def holders(self, *, beside: str) -> set[str]:
        """Return who holds a refresh token other than `beside`."""
        with self._lock:
            return {item.user_id for text, item in self._refresh.items() if text != beside}

    def add_refresh(self, user_id: str, scope: str) -> str:
        """Make a refresh token; past the limit the person's oldest dies without a word."""
        text = token()
        with self._lock:
            own = [key for key, item in self._refresh.items() if item.user_id == user_id]
            for key in own[: max(0, len(own) + 1 - int(self._switches["oauth.refresh_tokens"]))]:
                del self._refresh[key]
            self._refresh[text] = Refresh(user_id=user_id, scope=scope)
        return text

    def refresh(self, text: str) -> Refresh | None:
        """Return the grant behind a refresh token, or None."""
        with self._lock:
            return self._refresh.get(text)

    def add_access(self, user_id: str, scope: str, refresh_token: str) -> str | None:
        """Make an access token, or return None when the refresh token is throttled.

        `refresh_token` is "" for a token without one. Past the limit of live tokens the oldest
        of the same refresh token dies.
        """
        now, text = self._clock.now(), token()
        with self._lock:
            grant = self._refresh.get(refresh_token)
            if grant is not None:
                grant.made = [at for at in grant.made if at > now - WINDOW]
                if len(grant.made) >= int(self._switches["oauth.creations"]):
                    return None
                grant.made.append(now)
                self._drop_oldest(refresh_token, now)
            until = now + timedelta(seconds=ACCESS_SECONDS)
            self._access[text] = Access(
                user_id=user_id, scope=scope, until=until, refresh_token=refresh_token
            )
        return text

    def _drop_oldest(self, refresh_token: str, now: datetime) -> None:
        live = [
            key
            for key, item in self._access.items()
            if item.refresh_token == refresh_token and item.until > now
        ]
        limit = int(self._switches["oauth.live_access_tokens"])
        for key in live[: max(0, len(live) + 1 - limit)]:
            del self._access[key]

    def access(self, text: str) -> Access | None:
        """Return a live access token's grant, or None."""
        with self._lock:
            found = self._access.get(text)
        return found if found and self._clock.now() < found.until else None

    def holder(self, text: str) -> str | None:
        """Return the id of the user a live access token speaks for, or None."""
        found = self.access(text)
        return found.user_id if found else None

    def revoke(self, text: str) -> bool:
        """End a refresh token with all its access tokens, or one access token."""
        with self._lock:
            if self._access.pop(text, None) is not None:
                return True
            if self._refresh.pop(text, None) is None:
                return False
            for key in [k for k, item in self._access.items() if item.refresh_token == text]:
                del self._access[key]
            return True

    def revoke_user(self, user_id: str | None, *, access_only: bool) -> int:
        """End the tokens of one person, or of all with None; return how many ended."""
        with self._lock:
            doomed = [k for k, item in self._access.items() if user_id in {None, item.user_id}]
            for key in doomed:
                del self._access[key]
            if access_only:
                return len(doomed)
            grants = [k for k, item in self._refresh.items() if user_id in {None, item.user_id}]
            for key in grants:
                del self._refresh[key]
            return len(doomed) + len(grants)

    def rescope(self, user_id: str, scope: str) -> None:
        """Let every token of one person have exactly these space-separated scopes."""
        with self._lock:
            for grant in self._refresh.values():
                if grant.user_id == user_id:
                    grant.scope = scope
            for item in self._access.values():
                if item.user_id == user_id:
                    item.scope = scope
