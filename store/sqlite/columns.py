"""How values rest in a column: moments as UTC text, tables of values as JSON."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def moment(when: datetime) -> str:
    """Return *when* as UTC text of one width, so that text order is time order.

    Raises:
        ValueError: *when* is naive.
    """
    if when.tzinfo is None:
        raise ValueError("a naive time can't be stored")
    utc = when if when.tzinfo is UTC else when.astimezone(UTC)
    # As isoformat(timespec="microseconds") has it, in half the time.
    return "%04d-%02d-%02dT%02d:%02d:%02d.%06d+00:00" % (  # noqa: UP031 - the quickest way
        utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond,
    )  # fmt: skip


def maybe_moment(when: datetime | None) -> str | None:
    """Return *when* as ``moment`` writes it, or None."""
    return None if when is None else moment(when)


def aware(text: str) -> datetime:
    """Return the aware UTC time that ``moment`` wrote."""
    return datetime.fromisoformat(text)


def packed(value: Mapping[str, Any]) -> str:
    """Return *value* as JSON, the same text for the same content.

    Raises:
        TypeError: Something in it has no JSON form.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def unpacked(text: str | bytes) -> dict[str, Any]:
    """Return the table of values that ``packed`` wrote."""
    value: dict[str, Any] = json.loads(text)
    return value
