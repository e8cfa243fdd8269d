"""Leaving: permissions are given back at the CRM, and nothing of them stays here.

Two ways. A person who disconnects waits for the CRM: it is told first, since that is the
real deletion, and where it can't be told nothing goes. Somebody who is cut off or gone
doesn't wait: their grants are useless here at once, and the CRM is told as soon as it
can be, by the sweep if need be.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.crm.accounts import Accounts
from bot.domain.connection import DataCenter, Grant, Listed, Owner, Secret
from bot.errors import Fault, NotConnected, ParleyError, TryLater
from bot.journeys.account.leaving_ports import End, Kept

_log = logging.getLogger(__name__)


class Leaving:
    """Takes grants back, with everything that goes by them.

    Each step can be done again: killed anywhere, the same call or the sweep goes on.
    """

    def __init__(self, kept: Kept, accounts: Accounts, ends: Sequence[End] = ()) -> None:
        """Take the parts; *ends* are told of each grant that goes."""
        self._grants = kept.grants
        self._listing = kept.listing
        self._remains = kept.remains
        self._audit = kept.audit
        self._memory = kept.memory
        self._accounts = accounts
        self._ends = ends

    def disconnect(
        self, owner: Owner, now: datetime, *, actor: str, grant_id: str | None = None
    ) -> tuple[str, ...]:
        """Revoke grants of *owner* at the CRM, then delete them; return the accounts that went.

        A grant the CRM doesn't know, or that can't be read, is deleted all the same; one
        whose place can't be reached stays as it is. What the owner connects while the CRM
        is being told stays.

        Args:
            owner: Whose.
            now: Aware.
            actor: Who did it, for the audit.
            grant_id: One of them; all where None.

        Raises:
            NotConnected: ``none``.
            TryLater: The CRM can't be reached, and none went.
        """
        known = self._listing.everything_of(owner)
        chosen = [one for one in known if grant_id in (None, one.id)]
        if not chosen:
            raise NotConnected("none")
        unreached: TryLater | None = None
        went = []
        for one in chosen:
            grant = self._opened(one)
            try:
                if grant is not None:
                    self._accounts.revoke(grant.tokens.refresh, grant.data_center)
            except TryLater as error:
                unreached = error
                continue
            went.append(one)
            with self._memory.atomically():
                if self._anew(one, grant):
                    continue
                self._gone(one, now)
                if self._grants.forget(one.id):
                    self._audit.note("disconnected", owner, actor, now, **_told(one))
        self._remains.wipe()
        if unreached is not None and not went:
            raise unreached
        return tuple(dict.fromkeys(one.account.email for one in went))

    def cut_off(
        self,
        owner: Owner,
        now: datetime,
        *,
        actor: str,
        act: str,
        grant_id: str | None = None,
        whole: bool = False,
    ) -> tuple[str, ...]:
        """Make grants of *owner* useless at once, then revoke them; return their accounts.

        What the CRM can't be told now is told by the sweep.

        Args:
            owner: Whose.
            now: Aware.
            actor: Who did it, for the audit.
            act: What it was: ``cut_off``, ``uninstalled``, ``deactivated``, ``unused``.
            grant_id: One of them; all where None.
            whole: Whether everything else of the person goes as well.
        """
        known, taken = self._end(owner, now, actor, act, grant_id=grant_id, whole=whole)
        self._let_all_go(taken)
        self._remains.wipe()
        return tuple(dict.fromkeys(one.account.email for one in known))

    def team(self, team: str, now: datetime, *, actor: str, act: str) -> int:
        """Let everybody of a team go with all that is kept of them; return how many.

        All are useless here before the CRM is told of the first.
        """
        people = self._remains.people(team)
        taken: list[Listed] = []
        for owner in people:
            taken += self._end(owner, now, actor, act, whole=True)[1]
        self._let_all_go(taken)
        self._remains.wipe()
        return len(people)

    def replaced_of(self, owner: Owner) -> None:
        """Let go of the grants of *owner* that a newer one replaced.

        Nothing is raised: the newer one stands, and what can't go now goes with the sweep.
        """
        try:
            for grant in self._grants.to_revoke():
                if grant.owner == owner:
                    self.let_go(grant)
        except Exception:  # noqa: BLE001 - a busy or full database: the sweep does it again
            _log.exception("a replaced connection waits for the sweep")

    def sweep(self, now: datetime) -> int:
        """Revoke and delete what is left over; return how many grants went.

        Those are pending grants whose code ran out, replaced ones, and those of people
        cut off. What the CRM can't be told now stays for the next sweep; what can't be
        opened, and so can't be revoked by anybody, is deleted.
        """
        self._grants.drop_unreadable(now)
        left_over = (*self._grants.expired_pending(now), *self._grants.to_revoke())
        gone = self._each_let_go(left_over)
        self._remains.wipe()
        return gone

    def let_go(self, grant: Grant) -> bool:
        """Revoke and forget one grant; False where the CRM couldn't be told, and it stays."""
        return self.give_back(grant.tokens.refresh, grant.data_center) and self._grants.forget(
            grant.id, generation=grant.generation
        )

    def give_back(self, refresh: Secret, data_center: DataCenter) -> bool:
        """Revoke a token at the CRM; False where it couldn't be told."""
        try:
            self._accounts.revoke(refresh, data_center)
        except ParleyError as error:
            _log.warning("a token waits to be revoked: %s", error)
            return False
        return True

    def _end(
        self,
        owner: Owner,
        now: datetime,
        actor: str,
        act: str,
        *,
        grant_id: str | None = None,
        whole: bool = False,
    ) -> tuple[list[Listed], list[Listed]]:
        """Make grants of *owner* useless; return those there were, and those that weren't yet."""
        taken = []
        with self._memory.atomically():
            everything = self._listing.everything_of(owner)
            known = [one for one in everything if grant_id in (None, one.id)]
            for one in known:
                self._gone(one, now)
                end = self._grants.retire if one.readable else self._grants.forget
                if end(one.id):
                    self._audit.note(act, owner, actor, now, **_told(one))
                    taken.append(one)
            if whole:
                self._remains.of_person(owner)
        return known, taken

    def _let_all_go(self, taken: Sequence[Listed]) -> None:
        opened = (self._opened(one) for one in taken)
        self._each_let_go(grant for grant in opened if grant is not None)

    def _each_let_go(self, grants: Iterable[Grant]) -> int:
        """Let go of each, but of none more where a place can't be told; return how many went."""
        gone = 0
        away: set[DataCenter] = set()
        for grant in grants:
            if grant.data_center in away:
                continue
            if self.let_go(grant):
                gone += 1
            else:
                away.add(grant.data_center)
        return gone

    def _gone(self, one: Listed, now: datetime) -> None:
        for end in self._ends:
            end(one.owner, one.id, now)
        self._remains.of_grant(one.owner, one.id)

    def _anew(self, one: Listed, revoked: Grant | None) -> bool:
        """Return whether the row holds another connection by now than the one revoked."""
        grant = self._opened(one)
        return grant is not None and (
            revoked is None or grant.tokens.refresh != revoked.tokens.refresh
        )

    def _opened(self, one: Listed) -> Grant | None:
        try:
            return self._grants.get(one.id)
        except Fault:
            return None


def _told(one: Listed) -> dict[str, object]:
    """Return what the audit keeps of a grant: ids, no address."""
    return {
        "grant": one.id,
        "org": one.account.org_id,
        "crm_user": one.account.user_id,
        "data_center": one.data_center.value,
    }
