"""Lists of records: pages, page tokens, sorting, ids. Source: the Get Records page."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.sandbox.crm.api import Refused, caller, refuse
from handlers.sandbox.crm.showing import Showing, asked_fields
from handlers.sandbox.crm.world import Record, World, in_zone
from handlers.sandbox.web import Answer, Request

MOST_ROWS = 200
BY_PAGE = 2_000
BY_TOKEN = 100_000
TOKEN_LIFE = timedelta(hours=24)
_KEYS = ("id", "Created_Time", "Modified_Time")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmark:
    """Where a page token goes on; it is good for one user and the same parameters."""

    user_id: str
    module: str
    params: tuple[tuple[str, str], ...]
    offset: int
    until: datetime


class Listing:
    """Answers `GET /crm/v8/{module}`."""

    def __init__(self, world: World) -> None:
        """Start without page tokens."""
        self._world = world
        self._lock = threading.Lock()
        self._tokens: dict[str, Bookmark] = {}

    def answer(self, request: Request, module: str) -> Answer:
        """Return one page of the records the caller may see; 204 when there is none.

        Raises:
            Refused: A parameter is missing or wrong.
        """
        user = caller(self._world, request)
        names = asked_fields(request, mandatory=True) or []
        rows = self._sorted(request, self._chosen(request, module, user))
        size = _count(request, "per_page", MOST_ROWS)
        offset = self._offset(request, module, user, size)
        part = rows[offset : offset + size]
        since = request.headers.get("if-modified-since")
        if since and not newer(part, since):
            return Answer.empty(304)
        if not part:
            return Answer.empty()
        showing = Showing(self._world, user, module)
        more = len(rows) > offset + size
        info = self._info(request, module, user, size=size, offset=offset, more=more)
        data = [showing.row(record, names) for record in part]
        return Answer.json({"data": data, "info": {**info, "count": len(part)}})

    def _chosen(self, request: Request, module: str, user: Record) -> list[Record]:
        rows = self._world.visible(module, user)
        if "ids" in request.query:
            wanted = request.query["ids"].split(",")
            if len(wanted) > 100:
                details = {"limit": 100, "param_name": "ids"}
                raise refuse(400, "LIMIT_EXCEEDED", "the number of ids exceeds the limit", details)
            rows = [record for record in rows if record["id"] in wanted]
        view = request.query.get("cvid")
        if view and view.endswith("2"):
            # The second view of every module is "My ..." (see the custom views page).
            rows = [record for record in rows if record["Owner"]["id"] == user["id"]]
        return rows

    def _sorted(self, request: Request, rows: list[Record]) -> list[Record]:
        key = request.query.get("sort_by", "id")
        order = request.query.get("sort_order", "desc")
        if key not in _KEYS or order not in {"asc", "desc"}:
            param = "sort_by" if key not in _KEYS else "sort_order"
            raise refuse(400, "INVALID_DATA", "invalid data", {"param_name": param})
        return sorted(rows, key=lambda row: (row[key], row["id"]), reverse=order == "desc")

    def _offset(self, request: Request, module: str, user: Record, size: int) -> int:
        text = request.query.get("page_token")
        if text is None:
            page = _count(request, "page", BY_TOKEN)
            if page * size > BY_PAGE:
                message = "You can only get the first 2000 records without using page_token param"
                code = "DISCRETE_PAGINATION_LIMIT_EXCEEDED"
                raise refuse(400, code, message, {"limit": BY_PAGE})
            return (page - 1) * size
        if "page" in request.query:
            details: Record = {
                "ambiguity_due_to": [{"param_name": "page"}, {"param_name": "page_token"}]
            }
            raise refuse(400, "AMBIGUITY_DURING_PROCESSING", "ambiguity while processing", details)
        with self._lock:
            mark = self._tokens.get(text)
        if mark is None:
            raise refuse(400, "INVALID_DATA", "invalid data", {"param_name": "page_token"})
        if (mark.user_id, mark.module, mark.params) != (user["id"], module, _bound(request)):
            message = "the parameters differ from those the token was made for"
            raise refuse(400, "TOKEN_BOUND_DATA_MISMATCH", message, {"param_name": "page_token"})
        if self._world.clock.now() >= mark.until:
            details = {"param_name": "page_token"}
            raise refuse(400, "EXPIRED_VALUE", "The token given is expired", details)
        if mark.offset + size > BY_TOKEN:
            raise _too_far()
        return mark.offset

    def _info(
        self, request: Request, module: str, user: Record, *, size: int, offset: int, more: bool
    ) -> Record:
        until = self._world.clock.now().replace(microsecond=0) + TOKEN_LIFE
        token = secrets.token_hex(32) if more else None
        if token:
            mark = Bookmark(
                user_id=user["id"],
                module=module,
                params=_bound(request),
                offset=offset + size,
                until=until,
            )
            with self._lock:
                self._tokens[token] = mark
        return {
            "call": False,
            "per_page": size,
            "next_page_token": token,
            "sort_by": request.query.get("sort_by", "id"),
            "page": offset // size + 1,
            "previous_page_token": None,
            "page_token_expiry": in_zone(until.isoformat(), user) if token else None,
            "sort_order": request.query.get("sort_order", "desc"),
            "email": False,
            "more_records": more,
        }


def _too_far() -> Refused:
    message = "You can only get the first 100000 records"
    return refuse(400, "PAGINATION_LIMIT_EXCEEDED", message, {"limit": BY_TOKEN})


def _bound(request: Request) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(pair for pair in request.queries if pair[0] not in {"page", "page_token"}))


def _count(request: Request, name: str, most: int) -> int:
    text = request.query.get(name, "200" if name == "per_page" else "1")
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text) <= most:
        raise refuse(400, "INVALID_DATA", "invalid data", {"param_name": name})
    return int(text)


def newer(records: list[Record], since: str) -> bool:
    """Return whether one of `records` changed after `since`, an ISO time with offset.

    Raises:
        Refused: The header is not such a time.
    """
    return any(datetime.fromisoformat(row["Modified_Time"]) > header_time(since) for row in records)


def header_time(text: str) -> datetime:
    """Return the aware time in an If-Modified-Since or If-Unmodified-Since header.

    Raises:
        Refused: The text is not an ISO time with an offset.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise refuse(400, "INVALID_DATA", "invalid data", {"header": "If-Unmodified-Since"})
    return moment
