"""What a field's value may be, and how it is stored.

Source: the insert page's field types; `details` and `json_path` as in Zoho's record errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from handlers.sandbox.crm import catalogue
from handlers.sandbox.crm.api import Wrong
from handlers.sandbox.crm.world import Record, World

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}")
_BIGGEST = 999_999_999


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the call a value stands: record number and field."""

    index: int
    field: str

    def below(self, rest: str) -> dict[str, str]:
        """Return `api_name` and `json_path` of a part of the value, as `[0].type`."""
        name = re.split(r"[.\[\]]+", rest.strip("."))[-1] or self.field
        return {"api_name": name, "json_path": f"$.data[{self.index}].{self.field}{rest}"}

    def invalid(self, **more: Any) -> Wrong:
        """Return the error of a value that is not of the field's kind."""
        return Wrong("INVALID_DATA", "invalid data", {**more, **self.below("")})

    def missing(self) -> Wrong:
        """Return the error of a mandatory field that is not given."""
        return Wrong("MANDATORY_NOT_FOUND", "required field not found", dict(self.below("")))


def is_address(text: Any) -> bool:
    """Return whether a value looks like an e-mail address."""
    return isinstance(text, str) and _ADDRESS.fullmatch(text) is not None


def identity(value: Any) -> str | None:
    """Return the id in `"123"`, `123` or `{"id": "123"}`, or None. SDK calls send numbers."""
    if isinstance(value, dict):
        value = value.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and value.isascii() and value.isdigit() else None


def moment(world: World, value: Any, place: Place) -> str:
    """Return a date and time as stored: UTC. Milliseconds or a missing offset are refused.

    Raises:
        Wrong: The text is not `yyyy-MM-ddTHH:mm:ss±HH:mm`.
    """
    wrong = place.invalid(expected_data_type="datetime")
    if not isinstance(value, str) or _MOMENT.fullmatch(value) is None:
        raise wrong
    if value.endswith("Z") and world.switches["events.zulu"] == "refuse":
        raise wrong
    try:
        return datetime.fromisoformat(value).astimezone(UTC).isoformat()
    except (ValueError, OverflowError) as error:
        raise wrong from error


def text(value: Any, length: int, place: Place) -> str | None:
    """Return a text no longer than `length`.

    Raises:
        Wrong: It is no text, or too long.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise place.invalid(expected_data_type="text")
    if len(value) > length:
        raise place.invalid(maximum_length=length)
    return value


def check(world: World, field: Record, value: Any, place: Place) -> Any:
    """Return `value` as `field` stores it; None empties the field.

    Raises:
        Wrong: The value is not of the field's type.
    """
    if value is None:
        return None
    kind = field["data_type"]
    if kind in _CHECKS and not _CHECKS[kind](value):
        raise place.invalid(expected_data_type=kind)
    reader = _READERS.get(kind)
    return reader(world, field, value, place) if reader else value


def _is_day(value: Any) -> bool:
    if not isinstance(value, str) or _DAY.fullmatch(value) is None:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int and abs(value) <= _BIGGEST,
    "double": _is_number,
    "currency": _is_number,
    "percent": _is_number,
    "date": _is_day,
}


def _picked(world: World, field: Record, value: Any, place: Place) -> str:
    if not isinstance(value, str):
        raise place.invalid(expected_data_type="picklist")
    known = {pick["actual_value"] for pick in field["pick_list_values"]}
    if world.switches["records.picklist"] == "strict" and value not in known:
        raise place.invalid(expected_data_type="picklist")
    return value


def _looked_up(world: World, field: Record, value: Any, place: Place) -> Record:
    found = identity(value)
    wrong = Wrong("INVALID_DATA", "the id given seems to be invalid", dict(place.below(".id")))
    if found is None:
        raise wrong
    if field["data_type"] in {"ownerlookup", "userlookup"}:
        return owner(world, value, place)
    target = field["lookup"]["module"]["api_name"]
    record = world.records(target).get(found)
    if record is None:
        raise wrong
    return {"name": name_of(target, record), "id": found}


def owner(world: World, value: Any, place: Place) -> Record:
    """Return an active user as an owner field stores one.

    Raises:
        Wrong: There is no active user with this id.
    """
    user = world.users.get(identity(value) or "")
    if user is None or user["status"] != "active":
        message = "the id given seems to be invalid"
        raise Wrong("INVALID_DATA", message, dict(place.below(".id")))
    return {"name": user["full_name"], "id": user["id"], "email": user["email"]}


def _moment(world: World, _field: Record, value: Any, place: Place) -> str:
    return moment(world, value, place)


def _text(_world: World, field: Record, value: Any, place: Place) -> str | None:
    if field["data_type"] == "email" and not is_address(value):
        raise place.invalid(expected_data_type="email")
    return text(value, field["length"], place)


_READERS: dict[str, Callable[[World, Record, Any, Place], Any]] = {
    "datetime": _moment,
    "picklist": _picked,
    "lookup": _looked_up,
    "ownerlookup": _looked_up,
    "userlookup": _looked_up,
    **dict.fromkeys(("text", "textarea", "email", "phone", "website"), _text),
}


def name_of(module: str, record: Record) -> str:
    """Return what a lookup shows as the record's name."""
    from_field = record.get(catalogue.MODULES[module][2])
    return str(from_field or "")
