"""Conditions over records: one small tree, whatever language it was written in.

Search criteria, COQL and bulk criteria are parsed elsewhere; here is what they share: which columns
a module has, how a written value is read for a column, and whether a record meets a condition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from handlers.sandbox.crm.world import Record, World

Scalar = str | bool | Decimal | datetime | date
Kind = Literal["text", "area", "number", "moment", "day", "truth", "link", "other"]

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("text", "email", "phone", "website", "picklist", "autonumber"), "text"),
    **dict.fromkeys(("multiselectpicklist", "profileimage"), "text"),
    **dict.fromkeys(("integer", "bigint", "double", "currency", "percent", "decimal"), "number"),
    **dict.fromkeys(("lookup", "ownerlookup", "userlookup", "multi_module_lookup"), "link"),
    "multimodulelookup": "link",
    "textarea": "area",
    "datetime": "moment",
    "date": "day",
    "boolean": "truth",
}
# What of a user can be reached through Owner.x; users have no field metadata of their own.
USER_TEXTS = ("email", "full_name", "first_name", "last_name", "status", "phone", "mobile")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOST_TEXT = 255


class Refusal(Exception):
    """A request the CRM answers with an error body."""

    def __init__(
        self, code: str, message: str, details: Mapping[str, Any] | None = None, status: int = 400
    ) -> None:
        """Carry the four values of Zoho's error envelope and the HTTP status."""
        super().__init__(code)
        self.status = status
        self.body = {
            "code": code,
            "details": dict(details or {}),
            "message": message,
            "status": "error",
        }


class BadValue(ValueError):
    """A written value does not fit its column; the text is the expected data type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field of a module, or of the record a lookup of it points to (`Owner.last_name`)."""

    path: tuple[str, ...]
    kind: Kind
    data_type: str
    filterable: bool
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One condition: a column, an operator of `OPERATORS` and the values it asks for."""

    column: Column
    operator: str
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Several conditions that must hold all ("and") or at least once ("or")."""

    joiner: Literal["and", "or"]
    members: tuple[Leaf | Group, ...]


Tree = Leaf | Group


def field_target(field: Mapping[str, Any]) -> str:
    """Return the module a lookup field points to: "" for several or none, "users" for people."""
    if field["data_type"] in {"ownerlookup", "userlookup"}:
        return "users"
    lookup = field.get("lookup") or {}
    module = lookup.get("module") or {}
    return str(module.get("api_name", "")) if isinstance(module, Mapping) else str(module)


class Columns:
    """The columns of one module, and how to read them from a record."""

    def __init__(self, world: World, module: str) -> None:
        """Look at `module` as it is now."""
        self.world = world
        self.module = module
        self.fields = {str(field["api_name"]): field for field in world.fields(module)}

    def find(self, name: str) -> Column | None:
        """Return the column `name` stands for, or None.

        `Owner.last_name` goes through one lookup, `What_Id->Leads.Company` through one that may
        point to several modules.
        """
        head, arrow, rest = name.partition("->")
        if arrow:
            target, _, tail = rest.partition(".")
        else:
            head, _, tail = name.partition(".")
            target = ""
        if head == "id" and not tail and not arrow:
            return Column(
                path=("id",), kind="number", data_type="bigint", filterable=True, target=""
            )
        field = self.fields.get(head)
        if field is None:
            return None
        if not tail:
            return None if arrow else _column((head,), field)
        return self._behind(head, target or field_target(field), tail)

    def _behind(self, head: str, module: str, name: str) -> Column | None:
        if module == "users":
            known = name in USER_TEXTS
            field: Mapping[str, Any] | None = {"data_type": "text"} if known else None
        else:
            behind = Columns(self.world, module).fields if module else {}
            field = behind.get(name)
        if field is None:
            return None
        return _column((head, module, name), field)

    def value(self, record: Record, column: Column) -> Any:
        """Return what `record` holds in `column`, as records keep it; None when there is none."""
        held = record.get(column.path[0])
        if len(column.path) == 1 or not isinstance(held, Mapping):
            return held if len(column.path) == 1 else None
        _, module, name = column.path
        people = module == "users"
        shelf = self.world.users if people else self.world.records(module)
        return (shelf.get(str(held["id"])) or {}).get(name)


def _column(path: tuple[str, ...], field: Mapping[str, Any]) -> Column:
    kind = KINDS.get(str(field["data_type"]), "other")
    if field.get("json_type") == "jsonarray" and kind != "text":
        kind = "other"
    return Column(
        path=path,
        kind=kind,
        data_type=str(field["data_type"]),
        filterable=bool(field.get("filterable", True)) and kind not in {"area", "other"},
        target=field_target(field) if kind == "link" else "",
    )


def written(kind: Kind, raw: Any) -> Scalar:
    """Return a value as somebody wrote it, read for a column of `kind`.

    Raises:
        BadValue: It does not fit; the text names the data type the CRM expects.
    """
    reader = _WRITTEN.get(kind)
    if reader is None:
        raise BadValue(kind)
    return reader(raw)


def _text(raw: Any) -> str:
    if not isinstance(raw, str) or len(raw) > MOST_TEXT:
        raise BadValue("text")
    return raw.casefold()


def _number(raw: Any) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        raise BadValue("number")
    try:
        return Decimal(str(raw))
    except InvalidOperation:
        raise BadValue("number") from None


def _moment(raw: Any) -> datetime:
    if not isinstance(raw, str) or not MOMENT.fullmatch(raw):
        raise BadValue("datetime")
    try:
        return datetime.fromisoformat(raw)
    except ValueError:
        raise BadValue("datetime") from None


def _day(raw: Any) -> date:
    if not isinstance(raw, str) or not DAY.fullmatch(raw):
        raise BadValue("date")
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise BadValue("date") from None


def _truth(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw in {"true", "false"}:
        return bool(raw == "true")
    raise BadValue("boolean")


def _link(raw: Any) -> str:
    if isinstance(raw, bool) or not re.fullmatch(r"\d{1,19}", str(raw)):
        raise BadValue("bigint")
    return str(raw)


_WRITTEN: Mapping[Kind, Callable[[Any], Scalar]] = {
    "text": _text,
    "area": _text,
    "number": _number,
    "moment": _moment,
    "day": _day,
    "truth": _truth,
    "link": _link,
}


def stored(kind: Kind, value: Any) -> Scalar | None:
    """Return a record's value in the form `written` gives, so that the two compare; None if empty."""
    if value is None or value in ("", []):
        return None
    if kind == "link":
        return str(value["id"]) if isinstance(value, Mapping) else str(value)
    if kind == "moment":
        return datetime.fromisoformat(str(value))
    if kind == "day":
        return date.fromisoformat(str(value)[:10])
    if kind == "number":
        return Decimal(str(value))
    if kind == "truth":
        return bool(value)
    return (
        ",".join(map(str, value)).casefold() if isinstance(value, list) else str(value).casefold()
    )


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
OPERATORS = frozenset({*_POSITIVE, *_NEGATIVE, "empty", "not_empty"})


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
        if holds(tree, lambda column, of=record: columns.value(of, column), empty_differs=differs)  # type: ignore[misc]  # mypy: a lambda's default
    ]


def leaves(tree: Tree | None) -> int:
    """Return how many conditions `tree` has."""
    if tree is None:
        return 0
    return sum(map(leaves, tree.members)) if isinstance(tree, Group) else 1
