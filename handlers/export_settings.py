"""The settings of exports."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

_GIB: Final = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """How much may be exported, and for how long files are kept.

    Attributes:
        per_person: ``PARLEY_EXPORTS_PER_PERSON``, running exports of one person.
        running: ``PARLEY_EXPORTS_RUNNING``, running exports of a workspace.
        bytes: ``PARLEY_EXPORTS_GIB``, for all files together.
        free: ``PARLEY_EXPORTS_FREE_GIB``, what stays free on their disk.
        life: ``PARLEY_EXPORT_LINK_HOURS``, how long a file and its link are good.
    """

    per_person: int = 2
    running: int = 10
    bytes: int = 5 * _GIB
    free: int = 1 * _GIB
    life: timedelta = timedelta(hours=24)


_RANGES: Final[Mapping[str, tuple[int, int, int]]] = {
    "PARLEY_EXPORTS_PER_PERSON": (2, 1, 100),
    "PARLEY_EXPORTS_RUNNING": (10, 1, 1000),
    "PARLEY_EXPORTS_GIB": (5, 1, 10_000),
    "PARLEY_EXPORTS_FREE_GIB": (1, 0, 10_000),
    "PARLEY_EXPORT_LINK_HOURS": (24, 1, 72),
}
"""By name: what it is by default, the least and the most."""
NAMES: Final = tuple(_RANGES)


def load(found: Mapping[str, str]) -> ExportSettings:
    """Return the settings in *found*.

    Raises:
        ValueError: Names the setting that is wrong.
    """
    per_person, running, gib, free, hours = (_number(found, name) for name in NAMES)
    return ExportSettings(
        per_person=per_person,
        running=running,
        bytes=gib * _GIB,
        free=free * _GIB,
        life=timedelta(hours=hours),
    )


def _number(found: Mapping[str, str], name: str) -> int:
    default, least, most = _RANGES[name]
    text = found.get(name) or str(default)
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and least <= int(text) <= most):
        raise ValueError(f"{name} is a number from {least} to {most}")
    return int(text)
