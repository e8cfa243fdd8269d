"""The body of a bulk read request, checked and bound (CRM API v8, "Create Bulk Read Job").

Zoho names the error codes; their message texts and the code for a few cases are not published, so
the texts here are plain and each open case is one line.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from handlers.sandbox.crm import catalogue
from handlers.sandbox.crm.api import refuse
from handlers.sandbox.crm.bulk_criteria import echoed, read_criteria, refuse_bulk
from handlers.sandbox.crm.columns import Column, Columns
from handlers.sandbox.crm.criteria import Group, Leaf, Tree, leaves
from handlers.sandbox.crm.world import Record, World
from handlers.sandbox.web import Request

MOST_FIELDS = 200
MOST_CRITERIA = 25
MOST_PAGE = 500
FILE_TYPES = ("ics", "csv")
# What the view "My ..." asks for, as the custom view's page tells it.
_MINE: Record = {
    "field": {"api_name": "Owner"},
    "comparator": "equal",
    "value": "${CURRENTUSER}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one job is to read. `fields` is empty for all; `echo` is the query a status repeats."""

    module: str
    fields: tuple[Column, ...]
    headers: tuple[str, ...]
    tree: Tree | None
    page: int
    file_type: str
    callback: str
    echo: Record


def body_of(request: Request) -> Record:
    """Return the body as an object.

    Raises:
        Refused: 415 without a JSON Content-Type; 400 for a body that is none.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise refuse(415, "MEDIA_TYPE_NOT_SUPPORTED", "the media type is not supported")
    if not request.body.strip():
        raise refuse_bulk("REQUEST_BODY_IS_EMPTY", "the request body is empty")
    try:
        body = json.loads(request.body)
    except ValueError:
        raise refuse_bulk("REQUEST_BODY_NOT_READABLE", "the request body is not JSON") from None
    if not isinstance(body, dict):
        raise refuse_bulk("REQUEST_BODY_NOT_SUPPORTED", "the request body is not an object")
    return body


def read(world: World, user: Record, body: Record) -> Wanted:
    """Check a request body and bind it to the module it reads.

    Raises:
        Refused: One of the codes of "Create Bulk Read Job".
    """
    callback = _callback(body.get("callback"))
    query = body.get("query")
    if not isinstance(query, dict):
        raise refuse_bulk("INVALID_REQUEST", "query is missing", {"api_name": "query"})
    file_type = body.get("file_type", query.get("file_type", "csv"))
    if file_type not in FILE_TYPES:
        details = {"api_name": "file_type", "supported_values": list(FILE_TYPES)}
        raise refuse_bulk("INVALID_DATA", "invalid data", details)
    module = _module(world, query.get("module"))
    if file_type == "ics" and module != "Events":
        # Which code comes here is not published.
        details = {"api_name": module, "reason": "ics is for Events"}
        raise refuse_bulk("MODULE_NOT_SUPPORTED", "the module is not supported", details)
    columns = Columns(world, module)
    headers = _fields(query.get("fields"), file_type)
    fields = tuple(_exportable(columns, name) for name in headers)
    page = _page(query.get("page", 1))
    own = read_criteria(columns, query["criteria"]) if query.get("criteria") is not None else None
    view = _view(columns, user, query["cvid"]) if query.get("cvid") else None
    tree = Group(joiner="and", members=(view, own)) if view and own else view or own
    if leaves(tree) > MOST_CRITERIA:
        limit = {"max_limit": MOST_CRITERIA}
        raise refuse_bulk("CRITERIA_LIMIT_EXCEEDED", "too many criteria", limit)
    named = {"id": catalogue.module_id(module), "api_name": module}
    echo: Record = {"module": named, "page": page}
    if headers:
        echo["fields"] = list(headers)
    if query.get("cvid"):
        echo["cvid"] = str(query["cvid"])
    told = ([_MINE] if view else []) + ([query["criteria"]] if own else [])
    if told:
        both = {"group_operator": "and", "group": told}
        echo["criteria"] = echoed(columns, both if len(told) > 1 else told[0])
    return Wanted(
        module=module, fields=fields, headers=headers, tree=tree, page=page,
        file_type=str(file_type), callback=callback, echo=echo,
    )  # fmt: skip


def _callback(given: Any) -> str:
    if given is None:
        return ""
    callback = given if isinstance(given, dict) else {}
    if str(callback.get("method", "")).lower() != "post":
        details = {"supported_callback_methods": ["post"]}
        raise refuse_bulk("INVALID_CALLBACK_METHOD", "invalid callback method", details)
    url = callback.get("url")
    if not isinstance(url, str) or not _is_url(url):
        raise refuse_bulk("INVALID_CALLBACK_URL", "invalid callback URL")
    return url


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return named and parts.scheme in {"http", "https"} and " " not in text


def _module(world: World, given: Any) -> str:
    name = given.get("api_name") if isinstance(given, dict) else None
    if name not in world.modules():
        details = {"api_name": "module", "module": name}
        raise refuse_bulk("MODULE_NOT_AVAILABLE", "the module is not available", details)
    return str(name)


def _view(columns: Columns, user: Record, given: Any) -> Leaf | None:
    """Return what a view asks for: nothing for "All ...", own records for "My ..."."""
    base = catalogue.module_id(columns.module)[:-1]
    owner = columns.find("Owner")
    if str(given) == f"{base}1":
        return None
    if str(given) != f"{base}2" or owner is None:
        details = {"cvid": str(given)}
        raise refuse_bulk("CVID_NOT_SUPPORTED", "the view is not supported", details)
    return Leaf(column=owner, operator="equal", values=(str(user["id"]),))


def _fields(given: Any, file_type: str) -> tuple[str, ...]:
    if not given:
        return ()
    if file_type == "ics":
        # The page says `fields` is not for ics; which code comes is not published.
        raise refuse_bulk("FIELD_NOT_SUPPORTED", "fields are not for ics", {"api_name": "fields"})
    if not isinstance(given, list) or len(given) > MOST_FIELDS:
        details = {
            "api_name": "fields",
            "expected_data_type": "jsonarray",
            "max_limit": MOST_FIELDS,
        }
        raise refuse_bulk("INVALID_DATA", "invalid data", details)
    return tuple(str(name) for name in given if name != "id")


def _exportable(columns: Columns, name: str) -> Column:
    column = columns.find(name)
    if column is None or "->" in name:
        raise refuse_bulk("FIELD_NOT_AVAILABLE", "the field is not available", {"api_name": name})
    if not exported(column):
        raise refuse_bulk("FIELD_NOT_SUPPORTED", "the field is not supported", {"api_name": name})
    return column


def exported(column: Column) -> bool:
    """Return whether bulk read gives a column out; participants and reminders it does not."""
    return column.kind != "other" or column.data_type == "RRULE"


def _page(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise refuse_bulk("PAGE_NOT_SUPPORTED", "the page is not a number")
    if not 1 <= given <= MOST_PAGE:
        details = {"max_limit": MOST_PAGE}
        raise refuse_bulk("PAGE_RANGE_EXCEEDED", "the page is out of range", details)
    return given
