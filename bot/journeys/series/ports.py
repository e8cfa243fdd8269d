"""What the journeys of a series ask of memory: operations with their bodies."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from bot.domain.connection import Owner
from bot.journeys.ports import Operation


class KeptOperation(Operation, Protocol):
    """An intended change, as kept."""

    @property
    def kind(self) -> str:
        """What is to be written."""

    @property
    def body(self) -> dict[str, Any]:
        """What is to be written, JSON values."""


class KeptOperations(Protocol):
    """Intended changes, as kept."""

    def begin(
        self,
        operation_id: str,
        owner: Owner,
        grant_id: str,
        kind: str,
        fingerprint: str,
        body: dict[str, Any],
        now: datetime,
    ) -> bool:
        """Keep a new operation, or begin a failed one anew; False if it is under way."""

    def get(self, operation_id: str) -> KeptOperation | None:
        """Return one."""

    def move(
        self,
        operation_id: str,
        from_states: tuple[str, ...],
        to: str,
        *,
        now: datetime,
        note: Mapping[str, Any] | None = None,
        due: datetime | None = None,
        fence: int | None = None,
    ) -> bool:
        """Move on in one statement; False when not in *from_states*, or past *fence*."""
