"""The Web API's door: token, scopes, arguments, faults; then one method.

Sources: docs.slack.dev `apis/web-api` (content types, errors), `apis/web-api/rate-limits`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from handlers.sandbox.slack.refusals import SlackRefusal
from handlers.sandbox.slack.talk import Talk
from handlers.sandbox.slack.views import Views
from handlers.sandbox.slack.workspace import Fault, Installation, JsonObject, Workspace
from handlers.sandbox.web import Answer, Cut, Request

BOT_TOKEN = "xoxb-sandbox-parley"
_JSON_ARGUMENTS = ("blocks", "view", "metadata", "attachments")
_FORMAT_ERRORS = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authorised call: its arguments and the workspace it acts in."""

    args: JsonObject
    workspace: Workspace
    views: Views
    talk: Talk

    @property
    def installation(self) -> Installation:
        """The app that calls."""
        return self.workspace.installation

    def need(self, *names: str) -> None:
        """Demand arguments.

        Raises:
            SlackRefusal: One is absent or empty.
        """
        missing = [name for name in names if self.args.get(name) is None or self.args[name] == ""]
        if missing:
            lines = [f"[ERROR] missing required field: {name}" for name in missing]
            raise SlackRefusal("invalid_arguments", messages=lines)

    def flag(self, name: str) -> bool:
        """Return a truth value, however it was written."""
        return str(self.args.get(name)).lower() in {"true", "1"}

    def count(self, name: str, default: int) -> int:
        """Return a whole number.

        Raises:
            SlackRefusal: It isn't one.
        """
        try:
            return int(self.args.get(name) or default)
        except (TypeError, ValueError):
            raise SlackRefusal("invalid_arguments") from None

    def demand_scope(self, scope: str) -> None:
        """Demand a scope the method needs for these arguments.

        Raises:
            SlackRefusal: The app hasn't got it.
        """
        scopes = self.installation.scopes
        if scope not in scopes:
            raise SlackRefusal("missing_scope", needed=scope, provided=",".join(scopes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One Web API method. `form_only` methods don't read JSON bodies, as at Slack."""

    run: Callable[[Call], JsonObject]
    scope: str | None = None
    form_only: bool = False


class WebApi:
    """Answers `POST /api/<method>`."""

    def __init__(
        self, workspace: Workspace, views: Views, talk: Talk, methods: dict[str, Method]
    ) -> None:
        """Serve `methods` on the given state."""
        self._workspace = workspace
        self._views = views
        self._talk = talk
        self._methods = methods

    def handle(self, request: Request) -> Answer:
        """Answer one call; every call is kept in the traffic."""
        name = request.params["method"]
        self._learn_origin(request)
        fault = self._workspace.take_fault(name)
        if fault is not None:
            time.sleep(fault.delay)
            if fault.status is not None or fault.error is not None:
                return self._fail(name, fault)
        status_args: JsonObject = {}
        try:
            status_args = self._arguments(name, request)
            body = {"ok": True, **self._run(name, request, status_args)}
        except SlackRefusal as refusal:
            body = refusal.body()
        self._note(name, status_args, body)
        if fault is not None and fault.cut_after:
            raise Cut
        return Answer.json(body, headers=self._scope_headers(name))

    def _run(self, name: str, request: Request, args: JsonObject) -> JsonObject:
        method = self._methods.get(name)
        if method is None:
            raise SlackRefusal("unknown_method", req_method=name)
        self._authorise(request, args)
        call = Call(args=args, workspace=self._workspace, views=self._views, talk=self._talk)
        if method.scope is not None:
            call.demand_scope(method.scope)
        with self._workspace.lock:
            return method.run(call)

    def _authorise(self, request: Request, args: JsonObject) -> None:
        header = request.headers.get("authorization", "")
        token = header[7:] if header.startswith("Bearer ") else args.pop("token", "")
        args.pop("token", None)
        if not token:
            raise SlackRefusal("not_authed")
        if token != BOT_TOKEN:
            raise SlackRefusal("invalid_auth")
        if self._workspace.installation.revoked:
            raise SlackRefusal(self._workspace.installation.revoked)

    def _arguments(self, name: str, request: Request) -> JsonObject:
        method = self._methods.get(name)
        kind = request.headers.get("content-type", "")
        args: JsonObject = dict(request.query)
        if kind.startswith("application/json"):
            if method is None or not method.form_only:
                args |= _json_body(request)
        elif kind.startswith("application/x-www-form-urlencoded"):
            args |= request.form()
        elif request.body:
            raise SlackRefusal("invalid_post_type")
        for key in _JSON_ARGUMENTS:
            if isinstance(args.get(key), str) and args[key]:
                args[key] = _decoded(key, args[key])
        return args

    def _fail(self, name: str, fault: Fault) -> Answer:
        body: JsonObject = {"ok": False, "error": fault.error or "internal_error"}
        headers: tuple[tuple[str, str], ...] = ()
        status = fault.status or 200
        if status == 429:
            body["error"] = "ratelimited"
            headers = (("Retry-After", str(fault.retry_after)),)
        self._note(name, {}, body)
        return Answer.json(body, status, headers)

    def _note(self, name: str, args: JsonObject, body: JsonObject) -> None:
        with self._workspace.lock:
            self._workspace.calls.append(
                {
                    "method": name,
                    "args": {key: value for key, value in args.items() if key != "token"},
                    "ok": body["ok"],
                    "error": body.get("error"),
                    "messages": body.get("response_metadata", {}).get("messages", []),
                    "at": self._workspace.now().isoformat(),
                }
            )

    def _scope_headers(self, name: str) -> tuple[tuple[str, str], ...]:
        method = self._methods.get(name)
        accepted = method.scope if method is not None and method.scope else ""
        scopes = ",".join(self._workspace.installation.scopes)
        return (("X-OAuth-Scopes", scopes), ("X-Accepted-OAuth-Scopes", accepted))

    def _learn_origin(self, request: Request) -> None:
        if not self._workspace.origin:
            self._workspace.origin = f"http://{request.headers.get('host', '')}"


def _json_body(request: Request) -> JsonObject:
    if not request.body:
        return {}
    try:
        value = request.json()
    except ValueError:
        raise SlackRefusal("invalid_json") from None
    if not isinstance(value, dict):
        raise SlackRefusal("json_not_object")
    return value


def _decoded(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise SlackRefusal(_FORMAT_ERRORS.get(key, "invalid_arguments")) from None
