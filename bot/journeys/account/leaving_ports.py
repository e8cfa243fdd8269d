"""What leaving and looking after connections ask of memory: the arrows that would run up."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.connection import Listed, Owner
from bot.journeys.ports import Atomic, Grants

End = Callable[[Owner, str, datetime], None]
"""Ends what goes by a grant: (owner, grant id, now).

Called inside the transaction in which the grant goes, perhaps more than once: it writes to
memory alone, and what lies in files goes afterwards, by a sweep of its own.
"""


class KeptGrants(Grants, Protocol):
    """Grants as those who look after them need them."""

    def use(self, owner: Owner, grant_id: str, now: datetime) -> bool:
        """Make an active grant of *owner* the one in use; False when it is no such."""

    def retire(self, grant_id: str) -> bool:
        """Make a grant unusable and list it in ``to_revoke``; True exactly once."""

    def drop_unreadable(self, now: datetime) -> int:
        """Delete what waits to be revoked and can't be opened; return how many."""


class Audit(Protocol):
    """Who did what to whose connection."""

    def note(self, act: str, owner: Owner, actor: str, now: datetime, **detail: object) -> None:
        """Add a line; inside a transaction it is kept with it or not at all."""


class Listing(Protocol):
    """Connections as they may be shown; those that can't be opened are among them."""

    def of(self, owner: Owner, now: datetime) -> tuple[Listed, ...]:
        """Return the active grants, the one in use first, then those that wait for a code."""

    def everything_of(self, owner: Owner) -> tuple[Listed, ...]:
        """Return every grant of *owner* in every state."""

    def of_team(self, team: str | None, *, limit: int, skip: int = 0) -> tuple[Listed, ...]:
        """Return active grants of a team's people, or of all, by person."""

    def count(self, team: str | None) -> int:
        """Return how many active grants there are."""

    def unused(self, since: datetime) -> tuple[Listed, ...]:
        """Return the active grants last used before *since*."""

    def warned(self, grant_id: str, now: datetime) -> None:
        """Note that the owner was told that the grant is unused."""


class Remains(Protocol):
    """What is left of somebody who disconnects or goes."""

    def of_grant(self, owner: Owner, grant_id: str) -> None:
        """Delete what began with a grant, and open links."""

    def of_person(self, owner: Owner) -> None:
        """Delete everything of a person but grants and audit."""

    def people(self, team: str) -> tuple[Owner, ...]:
        """Return everybody of a team of whom anything is kept."""

    def holders(self) -> tuple[Owner, ...]:
        """Return everybody who has something that mustn't outlive them here."""

    def wipe(self) -> None:
        """Take deleted bytes off the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Memory, as those who look after connections need it."""

    grants: KeptGrants
    listing: Listing
    remains: Remains
    audit: Audit
    memory: Atomic
