"""Typed parts out of the CRM's JSON: what is missing or of another type is a fault of shape."""

import re
from collections.abc import Mapping
from datetime import MAXYEAR, MINYEAR, datetime
from typing import TypeVar

from bot.errors import Fault

Json = Mapping[str, object]
"""One JSON object."""
_ID = re.compile(r"[0-9]{5,25}")
_T = TypeVar("_T")


def shape_fault(where: str) -> Fault:
    """Return the fault of an answer that isn't shaped as documented, and where."""
    return Fault("crm_shape", where=where)


def _typed(value: object, kind: type[_T], where: str) -> _T:
    # bool is an int to Python and not to JSON.
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise shape_fault(where)
    return value


def mapping(value: object, where: str = "body") -> Json:
    """Return *value* as a JSON object.

    Raises:
        Fault: ``crm_shape``.
    """
    found: dict[str, object] = _typed(value, dict, where)
    return found


def text(source: Json, key: str) -> str:
    """Return the text under *key*.

    Raises:
        Fault: ``crm_shape``.
    """
    return _typed(source.get(key), str, key)


def optional_text(source: Json, key: str) -> str | None:
    """Return the text under *key*, or None where it is missing, null or empty.

    Raises:
        Fault: ``crm_shape`` for any other type.
    """
    value = source.get(key)
    return None if value is None else _typed(value, str, key) or None


def identity(source: Json, key: str = "id") -> str:
    """Return the record id under *key*.

    Raises:
        Fault: ``crm_shape`` unless it is a text of 5 to 25 digits.
    """
    found = text(source, key)
    if not _ID.fullmatch(found):
        raise shape_fault(key)
    return found


def truth(source: Json, key: str, *, missing: bool | None = None) -> bool:
    """Return the truth value under *key*, or *missing* where the key isn't there.

    Raises:
        Fault: ``crm_shape``.
    """
    return _typed(source.get(key, missing), bool, key)


def whole(source: Json, key: str) -> int:
    """Return the count under *key*.

    Raises:
        Fault: ``crm_shape`` unless it is a whole number, 0 or more.
    """
    found = _typed(source.get(key), int, key)
    if found < 0:
        raise shape_fault(key)
    return found


def objects(source: Json, key: str) -> tuple[Json, ...]:
    """Return the list of objects under *key*.

    Raises:
        Fault: ``crm_shape``.
    """
    found: list[object] = _typed(source.get(key), list, key)
    return tuple(mapping(item, key) for item in found)


def optional_object(source: Json, key: str) -> Json | None:
    """Return the object under *key*, or None where it is missing or null.

    Raises:
        Fault: ``crm_shape`` for any other type.
    """
    value = source.get(key)
    return None if value is None else mapping(value, key)


def moment(source: Json, key: str) -> datetime:
    """Return the aware time under *key*.

    Raises:
        Fault: ``crm_shape`` when it isn't ISO 8601 with an offset, or is at an end of the
            calendar: what could be in no other zone.
    """
    try:
        found = datetime.fromisoformat(text(source, key))
    except ValueError:
        raise shape_fault(key) from None
    if found.tzinfo is None or not MINYEAR < found.year < MAXYEAR:
        raise shape_fault(key)
    return found


def record_id(text: str) -> str:
    """Return *text* if it can stand in a URL as a record's id.

    Raises:
        Fault: ``crm_id`` when it is anything but 5 to 25 digits.
    """
    if not _ID.fullmatch(text):
        raise Fault("crm_id")
    return text
