"""Intended changes as they are kept: begun, found again by their owner, let go on."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.domain.connection import Grant, Owner
from bot.errors import Gone
from bot.journeys import ports
from bot.journeys.meeting.outcomes import account_of
from bot.journeys.series.ports import KeptOperation, KeptOperations

ENDED = ("confirmed", "failed", "asked")
"""States in which a run does nothing but tell."""


class Keeping:
    """Operations of one kind."""

    def __init__(
        self,
        kind: str,
        *,
        operations: KeptOperations,
        grants: ports.Grants,
        now: Callable[[], datetime],
    ) -> None:
        """Keep operations of *kind*."""
        self._kind = kind
        self._operations = operations
        self._grants = grants
        self._now = now

    def begin(
        self,
        operation_id: str,
        owner: Owner,
        grant_id: str,
        fingerprint: str,
        body: dict[str, object],
    ) -> bool:
        """Keep a new operation; False if it is there already."""
        return self._operations.begin(
            operation_id, owner, grant_id, self._kind, fingerprint, body, self._now()
        )

    def has(self, operation_id: str) -> bool:
        """Say whether there is an operation of that id."""
        return self._operations.get(operation_id) is not None

    def get(self, operation_id: str, owner: Owner) -> KeptOperation:
        """Return *owner*'s operation.

        Raises:
            Gone: ``change``: it isn't theirs, isn't of this kind, or was swept.
        """
        found = self._operations.get(operation_id)
        if found is None or found.owner != owner or found.kind != self._kind or not found.body:
            raise Gone("change")
        return found

    def grant(self, operation: KeptOperation, account: Sequence[str]) -> Grant | None:
        """Return the operation's grant, or a newer one of the very same account."""
        grant = self._grants.get(operation.grant_id)
        if grant is not None:
            return grant
        newer = self._grants.in_use(operation.owner)
        same = newer is not None and account_of(newer) == list(account)
        return newer if same else None

    def take(self, operation_id: str) -> bool:
        """Move a new operation, or one under way, to sending; False when it has ended."""
        return self._operations.move(operation_id, ("new", "sending"), "sending", now=self._now())

    def note(self, operation_id: str, note: Mapping[str, object]) -> None:
        """Note something durably of one that is under way."""
        self._operations.move(operation_id, ("sending",), "sending", now=self._now(), note=note)

    def end(self, operation_id: str, state: str, note: Mapping[str, object]) -> bool:
        """End one that is under way; False when another run has ended it."""
        return self._operations.move(operation_id, ("sending",), state, now=self._now(), note=note)

    def again(
        self, operation_id: str, owner: Owner, note: Mapping[str, object] | None = None
    ) -> bool:
        """Let a stopped one go on with the next run; False when it isn't stopped."""
        found = self._operations.get(operation_id)
        if found is None or found.owner != owner or found.kind != self._kind:
            return False
        return self._operations.move(
            operation_id, ("asked",), "sending", now=self._now(), note=note
        )
