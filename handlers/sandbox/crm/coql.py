"""`POST /crm/v8/coql`: a query is bound to a module's columns, run, and answered.

Shapes of errors follow Zoho's published API description of COQL (CRM API v8) and seen answers.
Not pretended: joins deeper than one lookup, views (`from Leads#id`), grouping, aggregates other
than COUNT(id), subqueries, `include_meta`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handlers.sandbox.crm.api import body_of, caller, refuse
from handlers.sandbox.crm.columns import (
    BadValue,
    Column,
    Columns,
    link_id,
    require_read,
    stored,
    written,
)
from handlers.sandbox.crm.coql_parser import Condition, Pair, Query, Where, parse
from handlers.sandbox.crm.criteria import Group, Leaf, Tree, select
from handlers.sandbox.crm.world import Record, World, in_zone
from handlers.sandbox.web import Answer, Handler, Request

MOST_PAGED = 100_000
_ORDERED = frozenset({
    "equal", "not_equal", "in", "not_in", "less_than", "less_equal", "greater_than",
    "greater_equal", "between", "not_between", "empty", "not_empty",
})  # fmt: skip
_CHOSEN = frozenset({"equal", "not_equal", "in", "not_in", "empty", "not_empty"})
_ALLOWED: Mapping[str, frozenset[str]] = {
    "text": _CHOSEN | {"like", "not_like"},
    "number": _ORDERED,
    "moment": _ORDERED,
    "day": _ORDERED,
    "truth": frozenset({"equal"}),
    "link": _CHOSEN,
}
_SERIES = Column(path=("$u_id",), kind="text", data_type="text", filterable=True, target="")


SWITCHES: tuple[tuple[Any, ...], ...] = (
    ("coql.rows", 2000, "v8 overview: LIMIT up to 2,000; its error text still says 200", 200),
    ("coql.flat", False, "docs: parentheses around pairs; one client runs `a and b and c`"),
    ("coql.u_id", False, "whether $u_id can be selected and filtered: unknown"),
    ("coql.textarea", False, "whether a textarea can be selected (it is never filtered): unknown"),
)


def _declare(world: World) -> None:
    for name, default, note, *others in SWITCHES:
        world.switches.declare(name, default, note, *others)


def routes(world: World) -> list[tuple[str, str, Handler]]:
    """Return the route of COQL."""
    _declare(world)

    def page(request: Request) -> Answer:
        user = caller(world, request)
        text = body_of(request).get("select_query")
        if not isinstance(text, str) or not text.strip():
            details = {"api_name": "select_query"}
            raise refuse(400, "MANDATORY_NOT_FOUND", "mandatory key not found", details)
        query = parse(text, flat=bool(world.switches["coql.flat"]))
        require_read(world, request, query.module)
        found = run(world, user, query)
        return Answer.empty() if found is None else Answer.json(found)

    return [("POST", "/crm/v8/coql", page)]


def run(world: World, user: Record, query: Query) -> dict[str, Any] | None:
    """Return the answer to a query of `user`: `data` and `info`, or None when no row is found.

    Raises:
        Refused: The query asks for what there is not, or passes a limit.
    """
    if query.module not in world.modules():
        raise refuse(400, "INVALID_MODULE", "the given module is not supported in api")
    _check_limits(query, int(world.switches["coql.rows"]))
    columns = Columns(world, query.module)
    tree = _bind(columns, query.where)
    selected = {
        item.alias: _selected(columns, item.column) for item in query.items if not item.count
    }
    keys = [(_known(columns, name), descending) for name, descending in query.order]
    rows = select(columns, world.visible(query.module, user), tree)
    if any(item.count for item in query.items):
        return _counted(query, len(rows))
    page = _sorted(columns, rows, keys)[query.offset : query.offset + query.limit]
    if not page:
        return None
    return {
        "data": [_row(columns, record, selected, user) for record in page],
        "info": {"count": len(page), "more_records": len(rows) > query.offset + query.limit},
    }


def _check_limits(query: Query, most: int) -> None:
    if query.limit < 1:
        raise refuse(400, "INVALID_DATA", "limit should be greater than 0")
    if query.limit > most:
        raise refuse(400, "LIMIT_EXCEEDED", "limit exceeded", {"clause": "limit", "limit": most})
    if query.offset + query.limit > MOST_PAGED:
        details = {"clause": "offset", "limit": MOST_PAGED}
        raise refuse(400, "LIMIT_EXCEEDED", "limit exceeded", details)


def _known(columns: Columns, name: str) -> Column:
    if name == "$u_id" and columns.module == "Events" and columns.world.switches["coql.u_id"]:
        return _SERIES
    column = columns.find(name)
    if column is None:
        details = {"column_name": name, "module": columns.module}
        raise refuse(400, "INVALID_QUERY", "column given seems to be invalid", details)
    return column


def _selected(columns: Columns, name: str) -> Column:
    column = _known(columns, name)
    area = column.kind == "area" and not columns.world.switches["coql.textarea"]
    if area or (column.kind == "other" and column.data_type != "RRULE"):
        raise refuse(400, "INVALID_QUERY", "unsupported column", {"column_name": name})
    return column


def _bind(columns: Columns, where: Where) -> Tree:
    if isinstance(where, Pair):
        members = tuple(_bind(columns, member) for member in where.members)
        return Group(joiner=where.joiner, members=members)
    column = _known(columns, where.column)
    details: dict[str, Any] = {"column_name": where.column, "operator": where.sign}
    if not column.filterable:
        details |= {"cv_criteria": False, "value": ",".join(where.values)}
        raise refuse(400, "INVALID_QUERY", "unsupported column in criteria", details)
    if where.operator not in _ALLOWED[column.kind] or not _both_ends(where):
        details["reason"] = "invalid operator found"
        raise refuse(400, "INVALID_QUERY", "Invalid query formed", details)
    try:
        values = tuple(written(column.kind, value) for value in where.values)
    except BadValue as wrong:
        details |= {"expected_data_type": str(wrong), "value": ",".join(where.values)}
        message = "value given seems to be invalid for the column"
        raise refuse(400, "INVALID_QUERY", message, details) from None
    return Leaf(column=column, operator=where.operator, values=values)


def _both_ends(condition: Condition) -> bool:
    """`not like` takes only the form '%text%' (COQL overview)."""
    if condition.operator != "not_like":
        return True
    pattern = condition.values[0]
    return len(pattern) > 1 and pattern.startswith("%") and pattern.endswith("%")


def _sorted(columns: Columns, rows: list[Record], keys: list[tuple[Column, bool]]) -> list[Record]:
    rows = sorted(rows, key=lambda record: int(record["id"]))
    for column, descending in reversed(keys):
        rows.sort(key=lambda record, by=column: _key(columns, record, by), reverse=descending)  # type: ignore[misc]  # a default holds the loop's value
    return rows


def _key(columns: Columns, record: Record, column: Column) -> tuple[Any, ...]:
    have = stored(column.kind, columns.value(record, column)) if column.kind != "other" else None
    return (0,) if have is None else (1, have)


def _counted(query: Query, count: int) -> dict[str, Any]:
    if len(query.items) > 1:
        # Without grouping an aggregate stands alone.
        raise refuse(400, "SYNTAX_ERROR", "given coql query not supported")
    return {
        "data": [{query.items[0].alias: count}],
        "info": {"count": 1, "more_records": False},
    }


def _row(
    columns: Columns, record: Record, selected: Mapping[str, Column], user: Record
) -> dict[str, Any]:
    row = {
        alias: _shown(column, columns.value(record, column), user)
        for alias, column in selected.items()
    }
    return {**row, "id": record["id"]}


def _shown(column: Column, value: Any, user: Record) -> Any:
    """Return a value as COQL answers it: a lookup only by id, times in the user's zone."""
    if value is None:
        return None
    if column.kind == "link":
        return {"id": link_id(value)}
    if column.kind == "moment":
        return in_zone(value, user)
    return value
