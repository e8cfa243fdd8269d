"""Administration: who is connected, seen and cut off by those who may."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.connection import GrantState, Listed, Owner
from bot.errors import NotAllowed, NotConnected, TryLater
from bot.journeys.account.connecting import refuse_barred
from bot.journeys.account.leaving import Leaving
from bot.journeys.account.leaving_ports import Kept
from bot.journeys.notices import TakenBack
from bot.journeys.ports import Voice

PAGE: Final = 5
"""Connections shown at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One page of a team's connections.

    Attributes:
        connections: By person; no tokens are in them.
        page: Which, from 1.
        pages: How many there are.
        total: How many connections.
    """

    connections: tuple[Listed, ...]
    page: int
    pages: int
    total: int


class Administration:
    """What administrators may do: Slack's own of the workspace, and those named."""

    def __init__(
        self, kept: Kept, leaving: Leaving, voice: Voice, named: frozenset[str] = frozenset()
    ) -> None:
        """Take the parts; *named* are Slack ids of administrators besides Slack's own."""
        self._kept = kept
        self._leaving = leaving
        self._voice = voice
        self._named = named

    def look(self, owner: Owner, page: int, now: datetime) -> Overview:
        """Return a page of the connections of the team of *owner*; the audit notes the look.

        A page that isn't there is the nearest one that is.

        Raises:
            NotAllowed: ``not_admin``, ``bot_user``, ``deactivated`` or ``foreign``.
            TryLater: ``admin_unknown``: Slack can't be asked who they are now.
        """
        self._demand(owner, now)
        listing = self._kept.listing
        total = listing.count(owner.team)
        pages = max(1, -(-total // PAGE))
        page = min(max(page, 1), pages)
        found = listing.of_team(owner.team, limit=PAGE, skip=(page - 1) * PAGE)
        self._kept.audit.note("admin_looked", owner, owner.user, now, page=page)
        return Overview(connections=found, page=page, pages=pages, total=total)

    def cut_off(self, owner: Owner, user: str, now: datetime) -> tuple[str, ...]:
        """Take every connection of a colleague back at once, and tell them; return accounts.

        Raises:
            NotAllowed: ``not_admin``, ``bot_user``, ``deactivated`` or ``foreign``.
            NotConnected: ``nobody``: no connection of that person is left.
            TryLater: ``admin_unknown``: Slack can't be asked who they are now.
        """
        self._demand(owner, now)
        return self.take_back(Owner(owner.team, user), now, actor=owner.user)

    def take_back(
        self, target: Owner, now: datetime, *, actor: str, tell: bool = True
    ) -> tuple[str, ...]:
        """Do what `cut_off` does for whoever needn't be asked who they are.

        Without *tell* nobody is told: the connection may be nobody's in Slack.

        Raises:
            NotConnected: ``nobody``.
        """
        known = self._kept.listing.everything_of(target)
        live = [one for one in known if one.state is not GrantState.REVOKED]
        if not live:
            raise NotConnected("nobody")
        accounts = tuple(dict.fromkeys(one.account.email for one in live))
        # Told first: done again after a kill, the same key is told once.
        key = f"cut-off:{live[0].id}:{live[0].connected_at.isoformat()}"
        if tell:
            self._voice.tell(target, key, TakenBack(accounts=accounts, why="cut_off"), now=now)
        self._leaving.cut_off(target, now, actor=actor, act="cut_off")
        return accounts

    def _demand(self, owner: Owner, now: datetime) -> None:
        if owner.user in self._named:
            return
        # Asked anew: rights that were taken away an hour ago must not cut anybody off.
        try:
            profile = self._voice.profile(owner, now=now, anew=True)
        except TryLater as error:
            raise TryLater("admin_unknown", seconds=error.seconds) from error
        refuse_barred(profile)
        if not profile.admin:
            raise NotAllowed("not_admin")
