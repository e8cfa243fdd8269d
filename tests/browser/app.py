"""A small app of the tests' own behind the workspace, to show what the bot itself doesn't use."""

import json
from collections.abc import Callable
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from handlers.sandbox import web
from handlers.sandbox.run import Sandbox
from handlers.sandbox.slack.steering import steer

Json = dict[str, Any]
MANIFEST: Json = {
    "display_information": {"name": "Tester"},
    "features": {
        "bot_user": {"display_name": "tester"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/try", "description": "Try", "should_escape": True}],
        "shortcuts": [
            {"name": "Plan", "type": "global", "callback_id": "plan", "description": "Plan it"},
            {
                "name": "Plan from this",
                "type": "message",
                "callback_id": "from",
                "description": "-",
            },
        ],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened"]},
        "interactivity": {"is_enabled": True, "message_menu_options_url": "https://app.example"},
    },
}


class App:
    """Records what Slack sends; answers kinds as `replies` says, else with an empty 200."""

    def __init__(self) -> None:
        """Start a sandbox with this app installed."""
        self.payloads: list[Json] = []
        self.replies: dict[str, Callable[[Json], web.Answer]] = {}
        self.sandbox = Sandbox.start()
        self.told = self.sandbox.announcement()
        site = web.Site("app")
        site.route("POST", "/slack/events", self._receive)
        self._server = web.Server.start(site)
        url = f"{self._server.origin}/slack/events"
        steer(self.told["control_url"], "install", manifest=MANIFEST, request_url=url)

    def _receive(self, request: web.Request) -> web.Answer:
        if request.headers["content-type"] == "application/json":
            payload = request.json()
        else:
            form = request.form()
            payload = (
                json.loads(form["payload"]) if "payload" in form else {**form, "type": "command"}
            )
        self.payloads.append(payload)
        reply = self.replies.get(payload["type"])
        return reply(payload) if reply is not None else web.Answer()

    def calls(self, method: str, **arguments: Any) -> Json:
        """Call a Web API method; return the answer, also a refusal."""
        request = Request(  # noqa: S310 - http on loopback
            f"{self.told['slack_api_url']}{method}",
            data=json.dumps(arguments).encode(),
            headers={
                "Authorization": f"Bearer {self.told['slack_bot_token']}",
                "Content-Type": "application/json",
            },
        )
        with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
            found: Json = json.load(answer)
        return found

    def posts(self, text: str, *blocks: Json, channel: str = "C0GENERAL", **more: Any) -> str:
        """Post a message; return its ts."""
        answer = self.calls("chat.postMessage", channel=channel, text=text, blocks=blocks, **more)
        assert answer["ok"], answer
        return str(answer["ts"])

    def opens(self, *blocks: Json, **more: Any) -> None:
        """Answer the next command by opening a modal with these blocks."""
        view = {"type": "modal", "title": plain("Form"), "submit": plain("Send"), **more}

        def reply(payload: Json) -> web.Answer:
            trigger = payload["trigger_id"]
            answer = self.calls("views.open", trigger_id=trigger, view={**view, "blocks": blocks})
            assert answer["ok"], answer
            return web.Answer()

        self.replies["command"] = reply

    def stop(self) -> None:
        """Stop the sandbox and the app."""
        self.sandbox.stop()
        self._server.stop()


def plain(text: str) -> Json:
    """Return a plain_text object."""
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    """Return a section of mrkdwn."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def options(*texts: str) -> list[Json]:
    """Return options whose values are their texts."""
    return [{"text": plain(text), "value": text} for text in texts]


def field(label: str, kind: str, **element: Any) -> Json:
    """Return an input block called by its label; its element has no other name than that."""
    name = label.lower()
    return {
        "type": "input",
        "block_id": name,
        "optional": True,
        "label": plain(label),
        "element": {"type": kind, "action_id": name, **element},
    }
