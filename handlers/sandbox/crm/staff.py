"""The users and the organisation. Source: the Get Users and Get Organization pages."""

from __future__ import annotations

from collections.abc import Callable

from handlers.sandbox.crm.api import bad_id, caller, refuse
from handlers.sandbox.crm.listing import header_time
from handlers.sandbox.crm.world import Record, World
from handlers.sandbox.web import Answer, Handler, Request

_KINDS: dict[str, Callable[[Record], bool]] = {
    "AllUsers": lambda user: user["status"] != "deleted",
    "ActiveUsers": lambda user: user["status"] == "active",
    "DeactiveUsers": lambda user: user["status"] == "disabled",
    "ConfirmedUsers": lambda user: user["confirm"],
    "NotConfirmedUsers": lambda user: not user["confirm"],
    "DeletedUsers": lambda user: user["status"] == "deleted",
    "ActiveConfirmedUsers": lambda user: user["status"] == "active" and user["confirm"],
    "AdminUsers": lambda user: user["profile"]["name"] == "Administrator",
    "ActiveConfirmedAdmins": lambda user: (
        user["status"] == "active"
        and user["confirm"]
        and user["profile"]["name"] == "Administrator"
    ),
}
_MOST = 200


class Staff:
    """Answers `/users` and `/org`."""

    def __init__(self, world: World) -> None:
        """Serve the people of `world`."""
        self._world = world

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, pattern, handler) of every page."""
        return [
            ("GET", "/crm/v8/users", self.many),
            ("GET", "/crm/v8/users/{id}", self.one),
            ("GET", "/crm/v8/org", self.org),
        ]

    def many(self, request: Request) -> Answer:
        """Answer users of a type, by pages; 204 when there is none."""
        me = caller(self._world, request)
        kind = request.query.get("type", "AllUsers")
        if kind == "CurrentUser":
            found = [me]
        elif kind in _KINDS:
            found = [user for user in self._world.users.values() if _KINDS[kind](user)]
        else:
            raise refuse(400, "INVALID_DATA", "invalid data", {"param_name": "type"})
        if "ids" in request.query:
            wanted = request.query["ids"].split(",")
            found = [user for user in found if user["id"] in wanted]
        return self._page(request, found)

    def _page(self, request: Request, found: list[Record]) -> Answer:
        size, page = _number(request, "per_page", _MOST), _number(request, "page", 1)
        if size > _MOST:
            raise refuse(400, "INVALID_DATA", "invalid data", {"param_name": "per_page"})
        part = found[(page - 1) * size : page * size]
        since = request.headers.get("if-modified-since")
        if since and not any(
            header_time(user["Modified_Time"]) > header_time(since) for user in part
        ):
            return Answer.empty(304)
        if not part:
            return Answer.empty()
        more = len(found) > page * size
        info = {"per_page": size, "count": len(part), "page": page, "more_records": more}
        return Answer.json({"users": part, "info": info})

    def one(self, request: Request) -> Answer:
        """Answer one user by id."""
        user = self._world.users.get(request.params["id"])
        if user is None:
            raise bad_id()
        return Answer.json({"users": [user]})

    def org(self, _request: Request) -> Answer:
        """Answer the organisation."""
        return Answer.json({"org": [self._world.org]})


def _number(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdigit()) or int(text) < 1:
        raise refuse(400, "INVALID_DATA", "invalid data", {"param_name": name})
    return int(text)
