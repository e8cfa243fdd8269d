"""The test's side of the CRM: set the scene, arm faults, read what happened. All JSON, no token."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from handlers.sandbox.crm.faults import BadFault, Faults
from handlers.sandbox.crm.gate import Gate
from handlers.sandbox.crm.grants import Code
from handlers.sandbox.crm.traffic import Traffic
from handlers.sandbox.crm.world import Record, World
from handlers.sandbox.web import Answer, Handler, Request

_STATUSES = {"active", "disabled", "deleted"}
_LEVELS = {"all", "own", "none"}


class Misuse(Exception):
    """A control call that makes no sense; the text says why."""


def guarded(page: Callable[[Request], Any]) -> Handler:
    """Return a handler that answers what `page` returns as JSON, and 400 for a misuse."""

    def handler(request: Request) -> Answer:
        try:
            return Answer.json(page(request))
        except (Misuse, BadFault, ValueError, KeyError, TypeError) as error:
            return Answer.json({"error": f"{type(error).__name__}: {error}"}, 400)

    return handler


def told(request: Request) -> dict[str, Any]:
    """Return the body as a JSON object; an empty body is an empty one.

    Raises:
        Misuse: The body is something else.
    """
    value = request.json() if request.body else {}
    if not isinstance(value, dict):
        raise Misuse("the body must be a JSON object")
    return value


class Control:
    """The pages under `/control/`."""

    def __init__(self, world: World, gate: Gate, faults: Faults, traffic: Traffic) -> None:
        """Control these parts of the CRM."""
        self._world = world
        self._gate = gate
        self._faults = faults
        self._traffic = traffic
        self.all_routes: Callable[[], tuple[tuple[str, str], ...]] = tuple

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, pattern, handler) of every page."""
        pages: list[tuple[str, str, Callable[[Request], Any]]] = [
            ("POST", "/control/reset", self.reset),
            ("GET", "/control/clock", self.clock),
            ("POST", "/control/clock", self.clock),
            ("GET", "/control/switches", self.switches),
            ("POST", "/control/switches", self.switches),
            ("GET", "/control/faults", self.faults),
            ("POST", "/control/faults", self.faults),
            ("DELETE", "/control/faults", self.faults),
            ("GET", "/control/crm/{module}", self.records),
            ("POST", "/control/crm/users/{id}", self.user),
            ("POST", "/control/crm/{module}", self.add),
            ("DELETE", "/control/crm/{module}/{id}", self.remove),
            ("POST", "/control/layout", self.layout),
            ("POST", "/control/oauth/client", self.client),
            ("POST", "/control/oauth/code", self.code),
            ("POST", "/control/tokens/revoke", self.revoke),
            ("GET", "/control/mails", self.mails),
            ("GET", "/control/traffic", self.traffic),
            ("DELETE", "/control/traffic", self.traffic),
            ("GET", "/control/routes", self.route_list),
        ]
        return [(method, pattern, guarded(page)) for method, pattern, page in pages]

    def reset(self, _request: Request) -> Any:
        """Go back to the seed: data, switches, faults, traffic, clock, credits. Tokens live on."""
        self._world.reset()
        self._faults.clear()
        self._traffic.clear()
        self._gate.reset()
        self._world.clock.thaw()
        return {"ok": True}

    def clock(self, request: Request) -> Any:
        """Read the clock, or `{"advance": seconds}`, `{"freeze": ISO}`, `{"thaw": true}`."""
        body, clock = told(request), self._world.clock
        if body.get("thaw"):
            clock.thaw()
        if "freeze" in body:
            clock.freeze(datetime.fromisoformat(body["freeze"]))
        if "advance" in body:
            clock.advance(float(body["advance"]))
        return {"now": clock.now().isoformat()}

    def switches(self, request: Request) -> Any:
        """Read all switches, or set `{name: value, ...}`."""
        wrong = self._world.switches.turn(told(request))
        if wrong:
            raise Misuse(wrong)
        return self._world.switches.listing()

    def faults(self, request: Request) -> Any:
        """List, arm (see `Faults.arm`) or clear the faults."""
        if request.method == "POST":
            return self._faults.arm(told(request)).shown()
        if request.method == "DELETE":
            self._faults.clear()
        return {"faults": self._faults.listing()}

    def _module(self, request: Request) -> str:
        module = request.params["module"]
        if module not in self._world.modules():
            raise Misuse(f"no module {module}")
        return module

    def records(self, request: Request) -> Any:
        """Answer all records of a module as they are stored: times in UTC. Or the `users`."""
        if request.params["module"] == "users":
            return {"users": list(self._world.users.values())}
        with self._world.lock:
            return {"records": list(self._world.records(self._module(request)).values())}

    def add(self, request: Request) -> Any:
        """Add or change records, unchecked, in the name of `user` (Ada).

        `{"record": {...}, "count": 1}` or `{"records": [{...}]}`; a record whose `id` exists is
        changed instead, with its Modified_Time. With `count`, `{n}` in a text becomes 0, 1, 2 ...
        The answer has the `count` and the first thousand.
        """
        module, body = self._module(request), told(request)
        user = self._user_named(body.get("user", "ada@example.com"))
        sent = body.get("records") or _copies(body["record"], int(body.get("count", 1)))
        with self._world.lock:
            made = [self._put(module, dict(values), user) for values in sent]
        return {"count": len(made), "records": made[:1000]}

    def _put(self, module: str, values: Record, user: Record) -> Record:
        present = self._world.records(module).get(str(values.get("id")))
        if present is None:
            return self._world.add(module, values, user)
        self._world.touch(present, user)
        present.update(values)
        return present

    def remove(self, request: Request) -> Any:
        """Delete a record."""
        with self._world.lock:
            gone = self._world.records(self._module(request)).pop(request.params["id"], None)
        return {"deleted": gone is not None}

    def _user_named(self, text: str) -> Record:
        user = self._world.user_named(text)
        if user is None:
            raise Misuse(f"no user {text}")
        return user

    def user(self, request: Request) -> Any:
        """Change a user, named by id or address: `status`, `scopes`, `visibility`, `time_zone`.

        `scopes` (list) replaces those of all the user's tokens. `visibility` is "all", "own" or
        "none", or an object of these by module ("*" for the others).
        """
        user, body = self._user_named(request.params["id"]), told(request)
        if "status" in body:
            if body["status"] not in _STATUSES:
                raise Misuse(f"status is one of {sorted(_STATUSES)}")
            user["status"] = body["status"]
        if "time_zone" in body:
            user["time_zone"] = str(body["time_zone"])
        if "scopes" in body:
            self._world.grants.rescope(user["id"], " ".join(body["scopes"]))
        if "visibility" in body:
            levels = body["visibility"]
            rule = {"*": levels} if isinstance(levels, str) else dict(levels)
            if not set(rule.values()) <= _LEVELS:
                raise Misuse(f"visibility is one of {sorted(_LEVELS)}")
            self._world.visibility[user["id"]] = rule
        return {"user": user, "visibility": self._world.visibility.get(user["id"], {})}

    def layout(self, request: Request) -> Any:
        """Give a module's layout extra fields: `{"module", "fields": [...]}`, [] to drop them.

        A field is `{"api_name", "data_type", "required", "length", "values", "module", "label"}`.
        """
        body = told(request)
        module = body.get("module", "Events")
        if module not in self._world.modules():
            raise Misuse(f"no module {module}")
        self._world.demand(module, list(body["fields"]))
        return {"fields": [field for field in self._world.fields(module) if field["custom_field"]]}

    def client(self, request: Request) -> Any:
        """Register exact `redirect_uris`; [] lets any address of this machine pass again."""
        self._world.grants.redirect_uris = [str(uri) for uri in told(request)["redirect_uris"]]
        return {"client_id": self._world.grants.client_id}

    def code(self, request: Request) -> Any:
        """Make a self-client code for `user` with `scope` (comma-separated), good `minutes` (3)."""
        body = told(request)
        user = self._user_named(body["user"])
        until = self._world.clock.now() + timedelta(minutes=float(body.get("minutes", 3)))
        scope = str(body["scope"]).replace(",", " ")
        code = Code(user_id=user["id"], scope=scope, redirect_uri="", until=until, refresh=True)
        return {"code": self._world.grants.code(code)}

    def revoke(self, request: Request) -> Any:
        """End tokens: `{"user": id or address}` or `{"all": true}`; `access_only` spares grants."""
        body = told(request)
        if not body.get("all") and "user" not in body:
            raise Misuse("say a user, or all")
        user_id = None if body.get("all") else self._user_named(body["user"])["id"]
        only = bool(body.get("access_only"))
        return {"revoked": self._world.grants.revoke_user(user_id, access_only=only)}

    def mails(self, _request: Request) -> Any:
        """Answer the mails the CRM would have sent: event, to, kind."""
        return {"mails": list(self._world.mails)}

    def traffic(self, request: Request) -> Any:
        """Answer (or forget) the traffic; query: `after`, `method`, `path`."""
        if request.method == "DELETE":
            self._traffic.clear()
        query = request.query
        kept = self._traffic.listing(
            after=int(query.get("after", 0)),
            method=query.get("method", ""),
            path=query.get("path", ""),
        )
        return {"traffic": kept}

    def route_list(self, _request: Request) -> Any:
        """Answer every (method, pattern) of this site."""
        return {"routes": [list(pair) for pair in self.all_routes()]}


def _copies(record: Record, count: int) -> list[Record]:
    if count == 1:
        return [record]
    return [
        {key: v.replace("{n}", str(n)) if isinstance(v, str) else v for key, v in record.items()}
        for n in range(count)
    ]
