"""Criteria of a bulk read request: a tree of groups and conditions, checked and bound.

Comparators by field type: CRM API v8, "Create Bulk Read Job".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.sandbox.crm.api import Refused, refuse
from handlers.sandbox.crm.columns import BadValue, Column, Columns, written
from handlers.sandbox.crm.criteria import Group, Leaf, Tree
from handlers.sandbox.crm.world import Record, World

EMPTY = "${EMPTY}"
_ORDERED = (
    "equal", "not_equal", "in", "not_in", "less_than", "less_equal", "greater_than",
    "greater_equal",
)  # fmt: skip
_CHOSEN = ("equal", "not_equal", "in", "not_in")
COMPARATORS: Mapping[str, tuple[str, ...]] = {
    "number": _ORDERED,
    "text": (*_CHOSEN, "contains", "not_contains", "starts_with", "ends_with"),
    "moment": (*_ORDERED, "between", "not_between"),
    "day": (*_ORDERED, "between", "not_between"),
    "truth": ("equal",),
    "link": _CHOSEN,
}
_ALL_COMPARATORS = frozenset(name for names in COMPARATORS.values() for name in names)
_LISTED = frozenset({"in", "not_in", "between", "not_between"})
_WORDS = {"moment": "datetime", "day": "date", "truth": "boolean", "link": "bigint"}


def refuse_bulk(code: str, message: str, details: Record | None = None) -> Refused:
    """Return the refusal of a bulk read body: HTTP 400 with one of Zoho's codes."""
    return refuse(400, code, message, details)


def read_criteria(columns: Columns, given: Any) -> Tree:
    """Read criteria for a module.

    Raises:
        Refused: One of Zoho's codes for criteria.
    """
    if not isinstance(given, dict):
        raise refuse_bulk("INVALID_CRITERIA", "criteria is not an object")
    grouped = {"group", "group_operator"} & given.keys()
    if grouped and {"field", "comparator", "value", "api_name"} & given.keys():
        raise refuse_bulk("AMBIGUOUS_CRITERIA", "a group and a condition in one")
    return _group(columns, given) if grouped else _leaf(columns, given)


def _group(columns: Columns, given: Record) -> Group:
    joiner = given.get("group_operator")
    if joiner not in ("and", "or"):
        details = {"supported": ["and", "or"]}
        raise refuse_bulk("GROUP_OPERATOR_NOT_SUPPORTED", "unknown group operator", details)
    members = given.get("group")
    if not isinstance(members, list) or len(members) < 2:
        # Every sample has two members or more; what one alone gives is not published.
        raise refuse_bulk("INVALID_CRITERIA", "a group has two members or more")
    bound = tuple(read_criteria(columns, member) for member in members)
    return Group(joiner="and" if joiner == "and" else "or", members=bound)


def _leaf(columns: Columns, given: Record) -> Leaf:
    field = given.get("field")
    name = field.get("api_name") if isinstance(field, dict) else None
    if not isinstance(name, str) or "comparator" not in given or "value" not in given:
        raise refuse_bulk("INVALID_CRITERIA", "a condition has field, comparator and value")
    place: Record = {"api_name": name}
    column = columns.find(name)
    if column is None or "->" in name:
        raise refuse_bulk("FIELD_IN_CRITERIA_NOT_AVAILABLE", "no such field", place)
    if not column.filterable:
        raise refuse_bulk("FIELD_IN_CRITERIA_NOT_SUPPORTED", "not a filterable field", place)
    comparator = given["comparator"]
    if not isinstance(comparator, str) or comparator not in _ALL_COMPARATORS:
        code = "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED"
        raise refuse_bulk(code, "unknown comparator", {"comparator": comparator, **place})
    supported = COMPARATORS[column.kind]
    if comparator not in supported:
        details = {"comparator": comparator, "supported": list(supported), **place}
        code = "FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE"
        raise refuse_bulk(code, "field and comparator do not fit", details)
    return _valued(columns.world, column, str(comparator), given["value"], place)


def _valued(world: World, column: Column, comparator: str, value: Any, place: Record) -> Leaf:
    if value == EMPTY and comparator in {"equal", "not_equal"}:
        return Leaf(column=column, operator="empty" if comparator == "equal" else "not_empty")
    details = {"comparator": comparator, **place}
    if isinstance(value, list) != (comparator in _LISTED) or value in (EMPTY, []):
        code = "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE"
        raise refuse_bulk(code, "comparator and value do not fit", details)
    values = value if isinstance(value, list) else [value]
    most = 2 if "between" in comparator else int(world.switches["bulk.in_values"])
    if len(values) > most:
        details = {"max_limit": most, **place}
        raise refuse_bulk("VALUE_LIMIT_EXCEEDED_IN_CRITERIA", "too many values", details)
    if "between" in comparator and len(values) != 2:
        raise refuse_bulk("VALUE_IN_CRITERIA_NOT_SUPPORTED", "between takes two values", details)
    return Leaf(
        column=column, operator=comparator, values=tuple(_value(column, one) for one in values)
    )


def _value(column: Column, value: Any) -> Any:
    """Read one value; numbers and truth values must be JSON ones, only long ids may be text."""
    supported = [_WORDS.get(column.kind, column.kind)]
    details = {"api_name": column.path[-1], "supported": supported}
    wrong = refuse_bulk("VALUE_TYPE_NOT_SUPPORTED", "the value does not fit the field", details)
    strict = column.kind in {"number", "truth"} and column.data_type != "bigint"
    if strict and isinstance(value, str):
        raise wrong
    try:
        return written(column.kind, value)
    except BadValue:
        raise wrong from None


def echoed(columns: Columns, given: Record) -> Record:
    """Return criteria as a status answer repeats them: each field with its id."""
    if "group" in given:
        members = [echoed(columns, member) for member in given["group"]]
        return {"group_operator": given["group_operator"], "group": members}
    name = given["field"]["api_name"]
    named = {"api_name": name, "id": columns.fields.get(name, {}).get("id")}
    return {"field": named, "comparator": given["comparator"], "value": given["value"]}
