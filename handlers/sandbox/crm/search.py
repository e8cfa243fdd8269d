"""`GET /crm/v8/{module}/search`: criteria, e-mail, phone or word (Zoho's Search Records page).

As there, `equals` on text finds what contains the text, and the index may lag behind the records
(switch `search.lag_seconds`). Not pretended: `converted`, `approved`, ranking.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from handlers.sandbox.crm.api import Refused, bad_module, caller, refuse
from handlers.sandbox.crm.columns import BadValue, Columns, flat, written
from handlers.sandbox.crm.criteria import Group, Leaf, Tree, leaves, select
from handlers.sandbox.crm.showing import Showing, asked_fields
from handlers.sandbox.crm.world import Record, World
from handlers.sandbox.web import Answer, Handler, Request

MOST_IN = 100
MOST_ROWS = 2000
PER_PAGE = 200
WAYS = ("criteria", "email", "phone", "word")
_COMPARED = frozenset({
    "equals", "not_equal", "greater_than", "greater_equal", "less_than", "less_equal", "between",
    "in",
})  # fmt: skip
_ALLOWED: Mapping[str, frozenset[str]] = {
    "moment": _COMPARED,
    "day": _COMPARED,
    "number": _COMPARED,
    "truth": frozenset({"equals", "not_equal"}),
    "link": frozenset({"equals", "not_equal", "in"}),
    "picklist": frozenset({"equals", "not_equal", "in"}),
    "text": frozenset({"equals", "not_equal", "starts_with", "in"}),
    "area": frozenset({"equals", "not_equal", "starts_with"}),
}


SWITCHES: tuple[tuple[Any, ...], ...] = (
    ("search.lag_seconds", 0, "search reads an index; how far it lags is unknown"),
    ("search.criteria", 10, "docs: 10 criteria; the published API description says 15", 15),
    ("query.empty_differs", True, "whether `not equal` finds empty fields: unknown"),
)


def _declare(world: World) -> None:
    for name, default, note, *others in SWITCHES:
        world.switches.declare(name, default, note, *others)


def _invalid(reason: str, **details: Any) -> Refused:
    return refuse(400, "INVALID_QUERY", "Invalid query formed", {"reason": reason, **details})


class _Reader:
    """Reads `((A:equals:x)and(B:in:y,z))`. A backslash makes the next character plain."""

    def __init__(self, columns: Columns, text: str) -> None:
        self.columns = columns
        self.text = text
        self.at = 0

    def took(self, word: str) -> bool:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1
        if self.text[self.at : self.at + len(word)].lower() != word:
            return False
        self.at += len(word)
        return True

    def whole(self) -> Tree:
        tree = self.joined()
        if self.text[self.at :].strip():
            raise _invalid("unexpected text after the criteria")
        return tree

    def joined(self) -> Tree:
        left = self.enclosed()
        while (joiner := self.joiner()) is not None:
            left = Group(joiner=joiner, members=(left, self.enclosed()))
        return left

    def joiner(self) -> Literal["and", "or"] | None:
        if self.took("and"):
            return "and"
        return "or" if self.took("or") else None

    def enclosed(self) -> Tree:
        if not self.took("("):
            raise _invalid("a criterion stands in parentheses")
        nested = self.text[self.at :].lstrip().startswith("(")
        inside = self.joined() if nested else self.leaf()
        if not self.took(")"):
            raise _invalid("a parenthesis is not closed")
        return inside

    def leaf(self) -> Leaf:
        head = re.compile(r"\s*([\w$.]+):(\w+):").match(self.text, self.at)
        if head is None:
            raise _invalid("a criterion has the form (api_name:operator:value)")
        self.at = head.end()
        return _leaf(self.columns, head.group(1), head.group(2), self.values())

    def values(self) -> list[str]:
        values = [""]
        while self.at < len(self.text) and self.text[self.at] != ")":
            letter = self.text[self.at]
            self.at += 1
            if letter == "\\":
                letter = self.text[self.at : self.at + 1]
                self.at += 1
            elif letter == ",":
                values.append("")
                continue
            elif letter == "(":
                raise _invalid("an unescaped parenthesis in a value")
            values[-1] += letter
        return values


def _leaf(columns: Columns, name: str, operator: str, values: list[str]) -> Leaf:
    column = columns.find(name)
    if column is None or len(column.path) > 1 or column.kind == "other":
        raise _invalid("the field is not available for search", api_name=name)
    allowed = _ALLOWED["picklist" if column.data_type == "picklist" else column.kind]
    if operator not in allowed:
        raise _invalid("invalid operator found", api_name=name, operator=operator)
    if operator == "in" and len(values) > MOST_IN:
        message = 'Only 100 values are allowed in "IN" criteria'
        raise refuse(400, "INVALID_QUERY", message, {"param_name": name})
    if operator != "in" and len(values) != (2 if operator == "between" else 1):
        raise _invalid("wrong number of values", api_name=name, operator=operator)
    try:
        read = tuple(written(column.kind, value) for value in values)
    except BadValue as wrong:
        raise _invalid(
            "invalid value", api_name=name, value=",".join(values), expected_data_type=str(wrong)
        ) from None
    loose = column.kind in {"text", "area"} and column.data_type != "picklist"
    renamed = {"equals": "contains" if loose else "equal"}
    return Leaf(column=column, operator=renamed.get(operator, operator), values=read)


def parse(columns: Columns, text: str, most: int) -> Tree:
    """Read search criteria for a module; `most` is the greatest number of conditions.

    Raises:
        Refused: INVALID_QUERY or CRITERIA_LIMIT_EXCEEDED.
    """
    tree = _Reader(columns, text).whole()
    if leaves(tree) > most:
        message = f"no of criterium that can be given exceed the limit {most}"
        raise refuse(400, "CRITERIA_LIMIT_EXCEEDED", message)
    return tree


def _matching(columns: Columns, records: list[Record], query: Mapping[str, str]) -> list[Record]:
    way = next((way for way in WAYS if query.get(way)), None)
    if way is None:
        details = {"param_names": list(WAYS)}
        message = "One of the expected parameter is missing"
        raise refuse(400, "EXPECTED_PARAM_MISSING", message, details)
    sought = query[way].strip()
    if way == "criteria":
        most = int(columns.world.switches["search.criteria"])
        return select(columns, records, parse(columns, sought, most))
    if way == "word":
        if len(sought) < 2:
            short = {"param_name": "word", "minimum_length": 2}
            raise refuse(400, "INVALID_DATA", "invalid data", short)
        kinds = {"text", "email", "phone", "website", "picklist", "textarea"}
        return [one for one in records if _mentions(columns, one, kinds, sought.casefold())]
    if way == "phone":
        return [one for one in records if _digits(sought) in _phones(columns, one)]
    return [one for one in records if sought.casefold() in _mails(columns, one)]


def _texts(columns: Columns, record: Record, kinds: set[str]) -> list[str]:
    return [
        flat(record[name])
        for name, field in columns.fields.items()
        if field["data_type"] in kinds and record.get(name)
    ]


def _mentions(columns: Columns, record: Record, kinds: set[str], sought: str) -> bool:
    return any(sought in text.casefold() for text in _texts(columns, record, kinds))


def _mails(columns: Columns, record: Record) -> list[str]:
    return [text.casefold() for text in _texts(columns, record, {"email"})]


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _phones(columns: Columns, record: Record) -> list[str]:
    return [_digits(text) for text in _texts(columns, record, {"phone"})]


def _indexed(world: World, module: str, records: Sequence[Record]) -> list[Record]:
    lag = timedelta(seconds=world.switches["search.lag_seconds"])
    if not lag or module == "users":
        return list(records)
    newest = world.clock.now() - lag
    return [one for one in records if datetime.fromisoformat(one["Created_Time"]) <= newest]


def _number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise refuse(400, "INVALID_DATA", "invalid data", {"param_name": name})
    return int(text)


def routes(world: World) -> list[tuple[str, str, Handler]]:
    """Return the search pages; they must stand before `/crm/v8/{module}/{id}`."""
    _declare(world)

    def staff(request: Request) -> Answer:
        caller(world, request)
        rows, info = find(world, "users", list(world.users.values()), request.query)
        return Answer.json({"users": rows, "info": info}) if rows else Answer.empty()

    def page(request: Request) -> Answer:
        module, user = request.params["module"], caller(world, request)
        if module not in world.modules():
            raise bad_module()
        names = asked_fields(request, mandatory=False)
        rows, info = find(world, module, world.visible(module, user), request.query)
        if not rows:
            return Answer.empty()
        showing = Showing(world, user, module)
        data = [showing.row(row, names) if names else showing.whole(row) for row in rows]
        if not world.switches["events.people_in_lists"]:
            for shown in data:
                shown.pop("Participants", None)
        return Answer.json({"data": data, "info": info})

    return [
        ("GET", "/crm/v8/users/search", staff),
        ("GET", "/crm/v8/{module}/search", page),
    ]


def find(
    world: World, module: str, records: Sequence[Record], query: Mapping[str, str]
) -> tuple[list[Record], dict[str, Any]]:
    """Return one page of the records of `module` a search finds, newest first, and its `info`.

    Raises:
        Refused: The search is malformed or asks for more than 2,000 rows.
    """
    page, size = (
        _number(query, "page", 1, MOST_ROWS),
        _number(query, "per_page", PER_PAGE, PER_PAGE),
    )
    if page * size > MOST_ROWS:
        details = {"limit": str(MOST_ROWS)}
        raise refuse(400, "LIMIT_REACHED", "maximum response iteration limit reached", details)
    found = _matching(Columns(world, module), _indexed(world, module, records), query)
    found.sort(key=lambda record: int(record["id"]), reverse=True)
    rows = found[(page - 1) * size : page * size]
    info = {
        "per_page": size,
        "count": len(rows),
        "sort_by": "id",
        "page": page,
        "sort_order": "desc",
        "more_records": len(found) > page * size,
    }
    return rows, info
