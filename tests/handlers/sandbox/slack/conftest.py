"""A workspace, a small app of the test's own, and people at the keyboard."""

from __future__ import annotations

import json
import threading
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError

import pytest

from handlers.sandbox.clock import Clock
from handlers.sandbox.person import Person
from handlers.sandbox.slack.side import SlackSide
from handlers.sandbox.slack.steering import steer
from handlers.sandbox.web import Answer, Request, Server, Site

Json = dict[str, Any]
Reply = Callable[[Json], Answer]

MANIFEST: Json = {
    "features": {
        "bot_user": {"display_name": "parley"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {"command": "/meet", "description": "Plan", "should_escape": True},
            {"command": "/plain", "description": "As typed"},
        ],
        "shortcuts": [
            {"name": "Plan", "type": "global", "callback_id": "plan", "description": "Plan"},
            {"name": "From", "type": "message", "callback_id": "from", "description": "Plan"},
        ],
    },
    "oauth_config": {
        "scopes": {"bot": ["commands", "chat:write", "users:read", "users:read.email"]}
    },
    "settings": {
        "event_subscriptions": {
            "bot_events": ["app_home_opened", "app_uninstalled", "tokens_revoked", "user_change"]
        },
        "interactivity": {"is_enabled": True, "message_menu_options_url": "https://app.example"},
    },
}


class App:
    """The test's own app: records what arrives and answers as told, kind by kind."""

    def __init__(self) -> None:
        """Acknowledge everything with an empty 200."""
        self.requests: list[Request] = []
        self.payloads: list[Json] = []
        self.replies: dict[str, Reply] = {}
        self.site = Site("app")
        self.site.route("POST", "/slack/events", self._receive)

    def _receive(self, request: Request) -> Answer:
        payload = self._payload(request)
        self.requests.append(request)
        self.payloads.append(payload)
        reply = self.replies.get(payload.get("type", "command"))
        return reply(payload) if reply is not None else Answer()

    @staticmethod
    def _payload(request: Request) -> Json:
        if request.headers["content-type"] == "application/json":
            value: Json = request.json()
            return value
        form = request.form()
        read: Json = json.loads(form["payload"]) if "payload" in form else form
        return read


class Stage:
    """A sandbox workspace with the test's app installed."""

    def __init__(self) -> None:
        """Serve the workspace, its control routes and the app, each on a free port."""
        self.clock = Clock()
        self.side = SlackSide(self.clock)
        control = Site("control")
        for method, pattern, handler in self.side.control_routes():
            control.route(method, pattern, handler)
        self.app = App()
        self.slack = Server.start(self.side.site)
        self.control = Server.start(control)
        self.bot = Server.start(self.app.site)
        self.side.serve_at(self.slack.origin)
        self.token = self.side.credentials()["slack_bot_token"]
        self.install()

    def install(self, **scopes: list[str]) -> None:
        """Install the app; `bot` replaces the manifest's scopes."""
        manifest = json.loads(json.dumps(MANIFEST))
        manifest["oauth_config"]["scopes"] |= scopes
        self.install_manifest(manifest)

    def install_manifest(self, manifest: Json) -> None:
        """Install the app with a manifest."""
        self.steer("install", request_url=f"{self.bot.origin}/slack/events", manifest=manifest)

    def install_at(self, url: str) -> None:
        """Install the app at another address."""
        self.steer("install", request_url=url, manifest=MANIFEST)

    def steer(self, deed: str, **arguments: Any) -> Json:
        """Use a control route."""
        return steer(self.control.origin, deed, **arguments)

    def person(self, user: str) -> Person:
        """Return somebody at the keyboard, with little patience."""
        return Person(self.control.origin, user, patience=0.3)

    def api(self, method: str, **args: Any) -> Json:
        """Call the Web API with a JSON body as the app."""
        return self.post(f"/api/{method}", args)[1]

    def read(self, method: str, **args: str) -> Json:
        """Call a reading method of the Web API with a form body."""
        body = urllib.parse.urlencode(args).encode()
        kind = "application/x-www-form-urlencoded"
        return send(f"{self.slack.origin}/api/{method}", body, kind, self.token)[1]

    def raw(self, method: str, body: bytes, kind: str) -> Json:
        """Call the Web API with these very bytes."""
        return send(f"{self.slack.origin}/api/{method}", body, kind, self.token)[1]

    def post(self, path: str, value: Any, token: str | None = None) -> tuple[int, Json]:
        """Post JSON to the Slack site; returns the status and the answer."""
        body = json.dumps(value).encode()
        kind = "application/json; charset=utf-8"
        return send(self.slack.origin + path, body, kind, self.token if token is None else token)

    def stop(self) -> None:
        """Stop all servers."""
        for server in (self.slack, self.control, self.bot):
            server.stop()
        self.side.stop()


def send(url: str, body: bytes, kind: str, token: str) -> tuple[int, Json]:
    """Post bytes; returns the status and the JSON (or {"text": ...}) that came back."""
    headers = {"Content-Type": kind, "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - loopback
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as response:
            status, text = response.status, response.read().decode()
    except HTTPError as refused:
        with refused:
            status, text = refused.code, refused.read().decode()
    try:
        value: Json = json.loads(text)
    except ValueError:
        value = {"text": text}
    return status, value


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A workspace of the test's own."""
    made = Stage()
    yield made
    made.stop()
    assert not [t for t in threading.enumerate() if "sandbox-" in t.name]


@pytest.fixture
def ada(stage: Stage) -> Person:
    """Ada at the keyboard."""
    return stage.person("U0ADA")
