"""What the journeys of a series ask of memory: operations with their bodies."""

from typing import Any, Protocol

from bot.journeys.ports import Operation, Operations


class KeptOperation(Operation, Protocol):
    """An intended change, as kept."""

    @property
    def kind(self) -> str:
        """What is to be written."""

    @property
    def body(self) -> dict[str, Any]:
        """What is to be written, JSON values."""


class KeptOperations(Operations, Protocol):
    """Intended changes, as kept."""

    def get(self, operation_id: str) -> KeptOperation | None:
        """Return one."""
