"""Counting what a query finds, in the CRM's query language (Zoho CRM, COQL Overview)."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from bot.crm.dialect import wire_time
from bot.domain.export import Query
from bot.domain.export_criteria import (
    EMPTY,
    PAIRS,
    Comparator,
    Comparison,
    Criteria,
    Scalar,
)
from bot.domain.meeting import Record

_SIGNS: Final[Mapping[Comparator, str]] = MappingProxyType(
    {
        Comparator.EQUAL: "=",
        Comparator.NOT_EQUAL: "!=",
        Comparator.IN: "in",
        Comparator.NOT_IN: "not in",
        Comparator.LESS_THAN: "<",
        Comparator.LESS_EQUAL: "<=",
        Comparator.GREATER_THAN: ">",
        Comparator.GREATER_EQUAL: ">=",
        Comparator.BETWEEN: "between",
        Comparator.NOT_BETWEEN: "not between",
        Comparator.CONTAINS: "like",
        Comparator.NOT_CONTAINS: "not like",
        Comparator.STARTS_WITH: "like",
        Comparator.ENDS_WITH: "like",
    }
)
_PATTERNS: Final[Mapping[Comparator, str]] = MappingProxyType(
    {
        Comparator.CONTAINS: "%{}%",
        Comparator.NOT_CONTAINS: "%{}%",
        Comparator.STARTS_WITH: "{}%",
        Comparator.ENDS_WITH: "%{}",
    }
)


class _UnsayableError(Exception):
    """The language has no sure form for it."""


def count_query(query: Query) -> str | None:
    """Return the query that counts, or None where there is no sure form for it.

    How quotes are escaped, and how ``%`` is taken for itself, is written nowhere.
    """
    if query.view is not None:
        return None
    try:
        where = _tree(query.criteria) if query.criteria else "id is not null"
    except _UnsayableError:
        return None
    # Not SQL but COQL; the module and fields are API names, no text holds a quote.
    return f"select COUNT(id) from {query.module} where {where}"  # noqa: S608


def _tree(criteria: Criteria) -> str:
    if isinstance(criteria, Comparison):
        return _condition(criteria)
    # Zoho joins conditions in pairs: ((a and b) and c).
    joined, *others = (_tree(member) for member in criteria.members)
    for other in others:
        joined = f"({joined} {criteria.operator} {other})"
    return joined


def _condition(one: Comparison) -> str:
    value = one.value
    if value is EMPTY:
        return f"{one.field} is {'not ' if one.comparator is Comparator.NOT_EQUAL else ''}null"
    sign = _SIGNS[one.comparator]
    if isinstance(value, tuple):
        values = [_literal(each) for each in value]
        if one.comparator in PAIRS:
            return f"{one.field} {sign} {values[0]} and {values[1]}"
        return f"{one.field} {sign} ({', '.join(values)})"
    pattern = _PATTERNS.get(one.comparator)
    if pattern is not None:
        if "%" in str(value):
            raise _UnsayableError
        return f"{one.field} {sign} {_literal(pattern.format(value))}"
    return f"{one.field} {sign} {_literal(value)}"


def _literal(value: Scalar) -> str:
    if isinstance(value, bool):
        return f"'{str(value).lower()}'"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Record):
        return f"'{value.id}'"
    if isinstance(value, datetime):
        return f"'{wire_time(value)}'"
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if set(value) & set("'\"\\"):
        raise _UnsayableError
    return f"'{value}'"
