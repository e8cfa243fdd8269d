"""The CRM by way of a grant: a fresh token for every call, renewed by one at a time."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar

from bot.crm.accounts import SCOPES, Accounts
from bot.domain.connection import Access, Grant, GrantState, Tokens
from bot.errors import Fault, NotConnected, TryLater
from bot.journeys.account.connecting import lacking
from bot.journeys.account.leaving_ports import Audit
from bot.journeys.notices import GrantLost, ScopeMissing
from bot.journeys.ports import Atomic, Grants, Voice

T = TypeVar("T")

SPARE: Final = timedelta(seconds=60)
"""A token with less life than this is renewed before use."""
LEASE_SECONDS: Final = 20.0
"""Longer than a whole call to the accounts server may take."""
WINDOW: Final = timedelta(minutes=10)
LIMIT: Final = 10
"""Zoho Accounts: ten access tokens per refresh token in ten minutes, then none."""
_PATIENCE_SECONDS: Final = 2 * LEASE_SECONDS
_PAUSE_SECONDS: Final = 0.05


class Renewals(Protocol):
    """The right to renew a grant's tokens, and what came of it."""

    def lease(
        self, grant_id: str, generation: int, *, holder: str, now: datetime, seconds: float
    ) -> bool:
        """Take the refresh of one generation for *seconds*; False when somebody has it.

        A lease counts as a refresh.
        """

    def keep(
        self,
        grant_id: str,
        generation: int,
        tokens: Tokens,
        now: datetime,
        *,
        holder: str | None = None,
    ) -> bool:
        """Write a refresh's result; False when the grant moved on meanwhile."""

    def unlease(self, grant_id: str, generation: int, *, holder: str) -> None:
        """Give the refresh back without a result."""

    def since(self, grant_id: str, since: datetime) -> int:
        """Count the refreshes of a grant."""


class CrmAccess:
    """Calls the CRM as a person.

    However many threads and processes call at once, a token is renewed by one of them: the
    one that holds the lease of the grant's generation. No transaction is open while the
    network is waited for.
    """

    def __init__(
        self,
        *,
        grants: Grants,
        renewals: Renewals,
        accounts: Accounts,
        voice: Voice,
        audit: Audit,
        memory: Atomic,
        holder: str,
        sleep: Callable[[float], None],
        random: Callable[[], float],
    ) -> None:
        """Take the parts.

        Args:
            grants: The people's grants.
            renewals: The right to renew them.
            accounts: Zoho's accounts server.
            voice: Tells the owner of a lost grant, and of a missing scope.
            audit: Notes grants that the CRM refused.
            memory: Keeps "forgotten" and "told" together.
            holder: Names this process in the leases.
            sleep: Waits, in seconds.
            random: Gives 0-1; spreads the waits.
        """
        self._grants = grants
        self._renewals = renewals
        self._accounts = accounts
        self._voice = voice
        self._audit = audit
        self._memory = memory
        self._holder = holder
        self._sleep = sleep
        self._random = random

    def call(
        self,
        grant_id: str,
        do: Callable[[Access], T],
        *,
        now: Callable[[], datetime],
        needs: tuple[str, ...] = (),
    ) -> T:
        """Return what *do* returns, given access that is good for another minute.

        Where a scope of *needs* isn't granted, nothing is called. Where the CRM doesn't know
        the token (``NotConnected("expired")``), it has done nothing: the token is renewed
        and *do* is called once more, writes included.

        Raises:
            NotConnected: ``none``, ``pending``, ``unreadable``, or ``revoked``: the grant
                is forgotten and its owner told, once. ``scope``: a permission is missing
                (its ``scopes``); the owner is told once how to grant it.
            TryLater: ``token_limit`` with the seconds until Zoho gives tokens again;
                ``token_busy`` when another holder doesn't finish.
            Fault: ``token_refused``: a fresh token isn't taken either.
            ParleyError: Whatever *do* raises.
        """
        missing = lacking(self._usable(grant_id).tokens.scopes, needs) if needs else ()
        if missing:
            raise self._lacks(grant_id, missing, now())
        access, generation = self._access(grant_id, beyond=0, now=now)
        try:
            return do(access)
        except NotConnected as refusal:
            if refusal.code == "scope":
                raise self._lacks(grant_id, needs, now()) from None
            if refusal.code != "expired":
                raise
        access, _ = self._access(grant_id, beyond=generation, now=now)
        try:
            return do(access)
        except NotConnected as refusal:
            if refusal.code != "expired":
                raise
            raise Fault("token_refused") from None

    def _lacks(self, grant_id: str, missing: tuple[str, ...], now: datetime) -> NotConnected:
        """Tell the owner once which permission is missing, and return the error that says it."""
        grant = self._usable(grant_id)
        # Where the CRM alone knows, it is what was asked for and not granted.
        missing = missing or lacking(grant.tokens.scopes, SCOPES)
        key = f"scope:{grant.id}:{grant.connected_at.isoformat()}:{','.join(missing)}"
        told = ScopeMissing(account=grant.account.email, scopes=missing)
        self._voice.tell(grant.owner, key, told, now=now)
        return NotConnected("scope", scopes=missing)

    def _access(
        self, grant_id: str, *, beyond: int, now: Callable[[], datetime]
    ) -> tuple[Access, int]:
        """Return access of a generation above *beyond*, and that generation."""
        holder = f"{self._holder}/{secrets.token_hex(8)}"
        waited = 0.0
        while True:
            grant = self._usable(grant_id)
            if grant.generation > beyond and grant.tokens.expires_at - now() > SPARE:
                return _access_of(grant), grant.generation
            if self._has_room(grant, now(), waited) and self._renewals.lease(
                grant.id, grant.generation, holder=holder, now=now(), seconds=LEASE_SECONDS
            ):
                renewed = self._renew(grant, holder, now)
                if renewed is not None:
                    return renewed, grant.generation + 1
                continue
            if waited > _PATIENCE_SECONDS:
                raise TryLater("token_busy", seconds=LEASE_SECONDS)
            pause = _PAUSE_SECONDS * (1 + self._random())
            self._sleep(pause)
            waited += pause

    def _usable(self, grant_id: str) -> Grant:
        try:
            grant = self._grants.get(grant_id)
        except Fault as fault:
            # Its key is lost or it was tampered with: connecting anew mends that.
            raise NotConnected("unreadable") from fault
        if grant is None:
            raise NotConnected("none")
        if grant.state is not GrantState.ACTIVE:
            raise NotConnected(grant.state.value)
        return grant

    def _renew(self, grant: Grant, holder: str, now: Callable[[], datetime]) -> Access | None:
        """Renew under the lease; None when the grant moved on and must be read again."""
        try:
            tokens = self._accounts.refresh(grant.tokens.refresh, grant.data_center, now())
            kept = self._renewals.keep(grant.id, grant.generation, tokens, now(), holder=holder)
        except NotConnected as refusal:
            if refusal.code == "revoked":
                self._lose(grant, now())
            raise
        finally:
            self._renewals.unlease(grant.id, grant.generation, holder=holder)
        if not kept:
            return None
        return Access(api_origin=tokens.api_origin, token=tokens.access)

    def _has_room(self, grant: Grant, now: datetime, waited: float) -> bool:
        """Return whether one more refresh may be asked for; False while the last one may run.

        Raises:
            TryLater: ``token_limit``.
        """

        def made(seconds_ago: float) -> int:
            # Zoho counts by refresh token: connecting brought this one, and its first token.
            since = now - timedelta(seconds=seconds_ago)
            renewed = self._renewals.since(grant.id, max(since, grant.connected_at))
            return renewed + (grant.connected_at >= since)

        window = int(WINDOW.total_seconds())
        if made(window) < LIMIT:
            return True
        if waited <= LEASE_SECONDS and made(LEASE_SECONDS):
            return False
        # The count falls as the window moves on: halve the ten minutes to the second.
        closed, open_ = 0, window + 1
        while open_ - closed > 1:
            middle = (closed + open_) // 2
            closed, open_ = (closed, middle) if made(window - middle) < LIMIT else (middle, open_)
        raise TryLater("token_limit", seconds=float(open_), minutes=-(-open_ // 60))

    def _lose(self, grant: Grant, now: datetime) -> None:
        with self._memory.atomically():
            known = self._grants.get(grant.id)
            if known is not None and known.state is not GrantState.ACTIVE:
                # Refused because it was cut off meanwhile: whoever did that tells the owner.
                return
            if self._grants.forget(grant.id, generation=grant.generation):
                self._audit.note("refused", grant.owner, "crm", now, grant=grant.id)
                key = f"grant-lost:{grant.id}:{grant.generation}"
                lost = GrantLost(account=grant.account.email)
                self._voice.tell(grant.owner, key, lost, now=now)


def _access_of(grant: Grant) -> Access:
    return Access(api_origin=grant.tokens.api_origin, token=grant.tokens.access)
