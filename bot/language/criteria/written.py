"""Criteria and queries back to the words they can be typed in."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from bot.domain.export import Query
from bot.domain.export_criteria import (
    EMPTY,
    LISTS,
    Comparator,
    Comparison,
    Criteria,
    Scalar,
)
from bot.domain.meeting import Record
from bot.language.criteria.words import CLAUSES, JOINERS

WRITTEN: Final[Mapping[Comparator, str]] = MappingProxyType(
    {
        Comparator.EQUAL: "=",
        Comparator.NOT_EQUAL: "!=",
        Comparator.GREATER_THAN: ">",
        Comparator.GREATER_EQUAL: ">=",
        Comparator.LESS_THAN: "<",
        Comparator.LESS_EQUAL: "<=",
        Comparator.IN: "in",
        Comparator.NOT_IN: "not in",
        Comparator.BETWEEN: "between",
        Comparator.NOT_BETWEEN: "not between",
        Comparator.CONTAINS: "contains",
        Comparator.NOT_CONTAINS: "not contains",
        Comparator.STARTS_WITH: "starts with",
        Comparator.ENDS_WITH: "ends with",
    }
)
"""Each comparator as it is written; every one of these is read."""
_BARE = re.compile(r"[A-Za-z0-9_@.+:][A-Za-z0-9_@.+:-]*")


def write_criteria(criteria: Criteria) -> str:
    """Return words that ``read_criteria`` and ``typed`` make the same tree of."""
    if isinstance(criteria, Comparison):
        return _condition(criteria)
    return f" {criteria.operator} ".join(
        f"({write_criteria(member)})"
        if not isinstance(member, Comparison) and criteria.operator in (member.operator, "and")
        else write_criteria(member)
        for member in criteria.members
    )


def write_export(query: Query) -> str:
    """Return the words after ``/export`` that ask for *query*."""
    parts = [query.module]
    if query.fields:
        parts.append(", ".join(query.fields))
    if query.criteria is not None:
        parts.append(f"where {write_criteria(query.criteria)}")
    if query.view is not None:
        parts.append(f"view {_text(query.view.name)}")
    return f"{' '.join(parts)} as {query.file_type.value}"


def _condition(one: Comparison) -> str:
    value = one.value
    if value is EMPTY:
        return f"{one.field} is {'not ' if one.comparator is Comparator.NOT_EQUAL else ''}empty"
    sign = WRITTEN[one.comparator]
    if isinstance(value, tuple):
        values = [_value(each) for each in value]
        listed = f"({', '.join(values)})" if one.comparator in LISTS else " and ".join(values)
        return f"{one.field} {sign} {listed}"
    return f"{one.field} {sign} {_value(value)}"


def _value(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{Decimal(repr(value)):f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return _text(value.name if isinstance(value, Record) else value)


def _text(text: str) -> str:
    if _BARE.fullmatch(text) and text.lower() not in JOINERS | CLAUSES:
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
