"""Conditions over records: one small tree, whatever language it was written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from handlers.sandbox.crm.columns import Column, Columns, Scalar, stored
from handlers.sandbox.crm.world import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One condition: a column, an operator of the tables below, and the values it asks for."""

    column: Column
    operator: str
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Several conditions that must hold all ("and") or at least once ("or")."""

    joiner: Literal["and", "or"]
    members: tuple[Leaf | Group, ...]


Tree = Leaf | Group


def like(have: str, pattern: str) -> bool:
    """Return whether `have` fits a COQL pattern, in which `%` stands for any text."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("%"))), have, re.DOTALL) is not None


_POSITIVE: Mapping[str, Callable[[Any, tuple[Any, ...]], bool]] = {
    "equal": lambda have, want: bool(have == want[0]),
    "in": lambda have, want: have in want,
    "less_than": lambda have, want: bool(have < want[0]),
    "less_equal": lambda have, want: bool(have <= want[0]),
    "greater_than": lambda have, want: bool(have > want[0]),
    "greater_equal": lambda have, want: bool(have >= want[0]),
    "between": lambda have, want: bool(want[0] <= have <= want[1]),
    "contains": lambda have, want: want[0] in have,
    "starts_with": lambda have, want: have.startswith(want[0]),
    "ends_with": lambda have, want: have.endswith(want[0]),
    "like": lambda have, want: like(have, want[0]),
}
_NEGATIVE = {
    "not_equal": "equal",
    "not_in": "in",
    "not_between": "between",
    "not_contains": "contains",
    "not_like": "like",
}


def holds(tree: Tree, value: Callable[[Column], Any], *, empty_differs: bool) -> bool:
    """Return whether a record meets `tree`; `value` reads a column of that record.

    With `empty_differs` an empty field counts as different from every value (`not_equal` finds it).
    """
    if isinstance(tree, Group):
        members = (holds(member, value, empty_differs=empty_differs) for member in tree.members)
        return all(members) if tree.joiner == "and" else any(members)
    have = stored(tree.column.kind, value(tree.column))
    if tree.operator in {"empty", "not_empty"}:
        return (have is None) == (tree.operator == "empty")
    opposite = _NEGATIVE.get(tree.operator)
    if have is None:
        return empty_differs and opposite is not None
    if opposite is not None:
        return not _POSITIVE[opposite](have, tree.values)
    return _POSITIVE[tree.operator](have, tree.values)


def select(columns: Columns, records: list[Record], tree: Tree | None) -> list[Record]:
    """Return the records that meet `tree` (None: all), in their order."""
    if tree is None:
        return records
    differs = bool(columns.world.switches["query.empty_differs"])
    return [
        record
        for record in records
        if holds(tree, partial(columns.value, record), empty_differs=differs)
    ]


def leaves(tree: Tree | None) -> int:
    """Return how many conditions `tree` has."""
    if tree is None:
        return 0
    return sum(map(leaves, tree.members)) if isinstance(tree, Group) else 1
