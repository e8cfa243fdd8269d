"""Columns of a module: what there is, how a written value is read, how a record's compares.

Search, COQL and bulk read all name columns and write values; this is what they share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from handlers.sandbox.crm import scopes
from handlers.sandbox.crm.api import bearer, refuse
from handlers.sandbox.crm.world import Record, World
from handlers.sandbox.web import Request

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
# Users have no page of field metadata; these are the texts of the Users page.
USER_FIELDS: tuple[Mapping[str, Any], ...] = (
    {"api_name": "email", "data_type": "email"},
    {"api_name": "full_name", "data_type": "text"},
    {"api_name": "first_name", "data_type": "text"},
    {"api_name": "last_name", "data_type": "text"},
    {"api_name": "status", "data_type": "picklist"},
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOST_TEXT = 255


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
        """Look at `module` as it is now; "users" is one too."""
        self.world = world
        self.module = module
        listed = USER_FIELDS if module == "users" else world.fields(module)
        self.fields = {str(field["api_name"]): field for field in listed}

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
        field = Columns(self.world, module).fields.get(name) if module else None
        return None if field is None else _column((head, module, name), field)

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
        number = Decimal(str(raw))
    except InvalidOperation:
        raise BadValue("number") from None
    if not number.is_finite():
        raise BadValue("number")
    return number


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
    if isinstance(raw, bool) or not re.fullmatch(r"[0-9]{1,19}", str(raw)):
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
    """Return a record's value in the form `written` gives, to compare the two; None if empty."""
    if value is None or value in ("", []):
        return None
    reader = _STORED.get(kind)
    return reader(value) if reader else flat(value).casefold()


def link_id(value: Any) -> str:
    """Return the id in a lookup's value."""
    return str(value["id"]) if isinstance(value, Mapping) else str(value)


def flat(value: Any) -> str:
    """Return a text or a list of texts or tags as one text; parts are joined by commas."""
    if isinstance(value, list):
        return ",".join(flat(item) for item in value)
    return str(value.get("name", "")) if isinstance(value, Mapping) else str(value)


_STORED: Mapping[Kind, Callable[[Any], Scalar]] = {
    "link": link_id,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "number": lambda value: Decimal(str(value)),
    "truth": bool,
}


def require_read(world: World, request: Request, module: str) -> None:
    """Check that the caller's token may read `module`, beside what the path itself needs.

    Raises:
        Refused: OAUTH_SCOPE_MISMATCH.
    """
    grant = world.grants.access(bearer(request) or "")
    scope = grant.scope if grant else ""
    if not scopes.allowed(scope, (f"{scopes.of_module(module)}.READ",)):
        status = int(world.switches["api.scope_status"])
        message = "invalid oauth scope to access this URL"
        raise refuse(status, "OAUTH_SCOPE_MISMATCH", message)
