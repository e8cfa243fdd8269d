"""Giving permissions back: at the CRM first, since that is the real deletion, then here."""

import logging
from datetime import datetime

from bot.crm.accounts import Accounts
from bot.domain.connection import DataCenter, Grant, Owner, Secret
from bot.errors import NotConnected, ParleyError
from bot.journeys.ports import Grants

_log = logging.getLogger(__name__)


class Revocation:
    """Revokes grants and forgets them."""

    def __init__(self, grants: Grants, accounts: Accounts) -> None:
        """Take the grants, and the accounts server that is told."""
        self._grants = grants
        self._accounts = accounts

    def everything_of(self, owner: Owner, now: datetime) -> tuple[str, ...]:
        """Revoke and forget every grant of *owner*; return the accounts they were of.

        Raises:
            NotConnected: ``none``.
            TryLater: The CRM can't be reached; the grant in question and those after it
                are still there.
        """
        grants = self._grants.of(owner)
        if not grants:
            raise NotConnected("none")
        for grant in grants:
            self._accounts.revoke(grant.tokens.refresh, grant.data_center)
            self._grants.forget(grant.id)
        _log.info("disconnected %s at %s", owner, now.isoformat())
        return tuple(dict.fromkeys(grant.account.email for grant in grants))

    def replaced_of(self, owner: Owner) -> None:
        """Let go of the grants of *owner* that a newer one replaced."""
        for grant in self._grants.to_revoke():
            if grant.owner == owner:
                self.let_go(grant)

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
