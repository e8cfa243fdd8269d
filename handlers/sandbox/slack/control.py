"""The sandbox's own routes under /control/slack/: hands and eyes of its people, faults, traffic.

Every route takes a JSON object and answers one with `ok`. What a person can't do is answered 409
with `error` and `detail`; a malformed request 400.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any
from urllib.parse import urlsplit

from handlers.sandbox.slack import payloads, people
from handlers.sandbox.slack.acts import Acts
from handlers.sandbox.slack.delivery import Courier
from handlers.sandbox.slack.forms import Forms
from handlers.sandbox.slack.refusals import PersonRefusal
from handlers.sandbox.slack.talk import Talk
from handlers.sandbox.slack.values import as_state
from handlers.sandbox.slack.views import View, Views
from handlers.sandbox.slack.workspace import (
    Channel,
    Fault,
    Installation,
    JsonObject,
    Message,
    Switches,
    Workspace,
)
from handlers.sandbox.web import Answer, Request

PREFIX = "/control/slack"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
Route = tuple[str, str, Callable[[Request], Answer]]
Deed = Callable[[JsonObject], JsonObject]


class Control:
    """The control routes of one workspace."""

    def __init__(self, workspace: Workspace, views: Views, talk: Talk, courier: Courier) -> None:
        """Steer the given workspace."""
        self._workspace = workspace
        self._views = views
        self._talk = talk
        self._courier = courier
        self._acts = Acts(workspace, views, talk, courier)
        self._forms = Forms(workspace, views, talk, courier)

    def routes(self) -> list[Route]:
        """Return every (method, pattern, handler)."""
        deeds: dict[str, Deed] = {
            "install": self.install,
            "command": self._command,
            "click": lambda body: self._forms.click(body["user"], body, body.get("value")),
            "put": lambda body: self._forms.put(body["user"], body, body["value"]),
            "enter": lambda body: self._forms.enter(body["user"], body),
            "suggest": lambda body: self._forms.suggest(body["user"], body, body["value"]),
            "submit": lambda body: self._forms.submit(body["user"], body.get("view")),
            "close": lambda body: self._forms.close(
                body["user"], body.get("view"), whole=body.get("whole", False)
            ),
            "shortcut": lambda body: self._acts.shortcut(body["user"], body["callback_id"]),
            "message_shortcut": lambda body: self._acts.message_shortcut(
                body["user"], body["callback_id"], body["channel"], body["ts"]
            ),
            "home": lambda body: self._acts.home(body["user"]),
            "say": lambda body: self._acts.say(
                body["user"],
                body.get("channel"),
                body["text"],
                thread_ts=body.get("thread_ts"),
                typed=body.get("typed", False),
            ),
            "event": self._acts.event,
            "redeliver": self._redeliver,
            "replay": self._replay,
            "view": self._view,
            "home_view": self._home_view,
            "messages": self._messages,
            "people": self._people,
            "faults": self._faults,
            "switches": self._switches,
            "traffic": self._traffic,
            "reset": self._reset,
        }
        return [("POST", f"{PREFIX}/{name}", _handler(deed)) for name, deed in deeds.items()]

    def install(self, body: JsonObject) -> JsonObject:
        """Install the app: its `manifest` and `request_url`.

        Raises:
            PersonRefusal: The address isn't of this machine, or the manifest no object.
        """
        url = body["request_url"]
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
            raise PersonRefusal("request_url_not_local", url)
        if not isinstance(body["manifest"], dict):
            raise PersonRefusal("manifest_not_an_object")
        with self._workspace.lock:
            self._workspace.installation = Installation(manifest=body["manifest"], request_url=url)
            self._workspace.origin = body.get("slack_origin") or self._workspace.origin
            return {"scopes": list(self._workspace.installation.scopes)}

    def _command(self, body: JsonObject) -> JsonObject:
        return self._acts.command(
            body["user"], body.get("channel"), body["text"], raw=body.get("raw", False)
        )

    def _redeliver(self, body: JsonObject) -> JsonObject:
        delivery = self._courier.again(
            body["delivery"], body.get("number", 1), body.get("reason", "http_timeout")
        )
        return delivery.brief()

    def _replay(self, body: JsonObject) -> JsonObject:
        delivery = self._courier.replay(body["delivery"], tamper=body.get("tamper", False))
        return delivery.brief()

    def _view(self, body: JsonObject) -> JsonObject:
        with self._workspace.lock:
            view = self._views.top(body["user"])
            return {"view": seen_view(self._views, view) if view is not None else None}

    def _home_view(self, body: JsonObject) -> JsonObject:
        with self._workspace.lock:
            view = self._views.home(body["user"])
            return {"view": seen_view(self._views, view) if view is not None else None}

    def _messages(self, body: JsonObject) -> JsonObject:
        """Return what a person sees: one channel, the bot's direct messages, or all ("*")."""
        user, wanted = body["user"], body.get("channel")
        with self._workspace.lock:
            if wanted == "*":
                channels = list(self._workspace.channels.values())
            elif wanted is None:
                channels = [self._workspace.direct(user)]
            elif wanted in self._workspace.channels:
                channels = [self._workspace.channels[wanted]]
            else:
                raise PersonRefusal("no_such_channel", wanted)
            seen = [
                seen_message(channel, message)
                for channel in channels
                for message in self._talk.seen(user, channel)
            ]
        return {"messages": sorted(seen, key=lambda message: str(message["ts"]))}

    def _people(self, body: JsonObject) -> JsonObject:
        del body
        with self._workspace.lock:
            return {
                "people": [
                    {"id": member.id, "name": member.name, "real_name": member.real_name}
                    for member in self._workspace.people.values()
                ],
                "channels": [
                    {"id": channel.id, "name": channel.name, "kind": channel.kind}
                    for channel in self._workspace.channels.values()
                ],
            }

    def _faults(self, body: JsonObject) -> JsonObject:
        known = {field.name for field in fields(Fault)}
        if set(body) - known:
            raise PersonRefusal("unknown_fault", ", ".join(sorted(set(body) - known)))
        with self._workspace.lock:
            self._workspace.faults.append(Fault(**body))
        return {}

    def _switches(self, body: JsonObject) -> JsonObject:
        known = {field.name for field in fields(Switches)}
        if set(body) - known:
            raise PersonRefusal("unknown_switch", ", ".join(sorted(set(body) - known)))
        with self._workspace.lock:
            for name, value in body.items():
                setattr(self._workspace.switches, name, bool(value))
        return {}

    def _traffic(self, body: JsonObject) -> JsonObject:
        del body
        with self._workspace.lock:
            return {
                "deliveries": [delivery.brief() for delivery in self._courier.deliveries],
                "calls": list(self._workspace.calls),
            }

    def _reset(self, body: JsonObject) -> JsonObject:
        del body
        with self._workspace.lock:
            self._workspace.reset()
            self._views.reset()
            self._talk.reset()
            self._courier.deliveries.clear()
        return {}


def _handler(deed: Deed) -> Callable[[Request], Answer]:
    def handle(request: Request) -> Answer:
        try:
            body: Any = request.json() if request.body else {}
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return Answer.json({"ok": False, "error": "json_object_needed"}, 400)
        try:
            return Answer.json({"ok": True, **deed(body)})
        except KeyError as missing:
            return Answer.json(
                {"ok": False, "error": "missing_argument", "detail": str(missing)}, 400
            )
        except PersonRefusal as refusal:
            answer = {"ok": False, "error": refusal.code, "detail": refusal.detail}
            return Answer.json(answer, 409)

    return handle


def seen_view(views: Views, view: View) -> JsonObject:
    """Return a view as a person sees it: with the errors under its fields."""
    return {**views.payload(view), "errors": dict(view.errors)}


def seen_message(channel: Channel, message: Message) -> JsonObject:
    """Return a message as a person sees it: with its state, and the sandbox's notes on it."""
    return {
        **payloads.public(message.body),
        "channel": channel.id,
        "ephemeral": message.to is not None,
        "from_bot": message.body.get("bot_id") == people.BOT,
        "state": as_state(message.values),
        "unfurl_links": message.body.get("sandbox_unfurl_links"),
        "unfurl_media": message.body.get("sandbox_unfurl_media"),
    }
