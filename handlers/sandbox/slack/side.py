"""The Slack half of the sandbox, put together."""

from __future__ import annotations

from handlers.sandbox.clock import Clock
from handlers.sandbox.slack import methods_chat, methods_people
from handlers.sandbox.slack.control import Control, Route
from handlers.sandbox.slack.delivery import SIGNING_SECRET, Courier
from handlers.sandbox.slack.refusals import SlackRefusal
from handlers.sandbox.slack.talk import Talk
from handlers.sandbox.slack.views import Views
from handlers.sandbox.slack.webapi import BOT_TOKEN, Method, WebApi
from handlers.sandbox.slack.workspace import JsonObject, Workspace
from handlers.sandbox.web import Answer, Cut, Request, Site

METHODS: dict[str, Method] = methods_people.METHODS | methods_chat.METHODS
URL_KINDS = ("commands", "actions", "app")


class SlackSide:
    """One Slack workspace with one app: serve `site`, mount `control_routes()`.

    Response URLs point to the origin given to `serve_at`; without it, to the host the app's first
    Web API call was addressed to.
    """

    def __init__(self, clock: Clock) -> None:
        """Make a workspace whose time is `clock`; nothing is installed or said yet."""
        self.workspace = Workspace(clock)
        self.views = Views(self.workspace)
        self.talk = Talk(self.workspace)
        self.courier = Courier(self.workspace)
        self._control = Control(self.workspace, self.views, self.talk, self.courier)
        api = WebApi(self.workspace, self.views, self.talk, METHODS)
        self.site = Site("slack")
        for verb in ("POST", "GET"):
            self.site.route(verb, "/api/{method}", api.handle)
        for kind in URL_KINDS:
            self.site.route("POST", f"/{kind}/{{team}}/{{key}}/{{secret}}", self._respond)

    def serve_at(self, origin: str) -> None:
        """Tell under which origin (no path) the site is served."""
        self.workspace.origin = origin.rstrip("/")

    def install(self, manifest: JsonObject, request_url: str) -> None:
        """Install the app of this manifest, served at an address of this machine.

        Raises:
            PersonRefusal: The address is elsewhere.
        """
        self._control.install({"manifest": manifest, "request_url": request_url})

    def control_routes(self) -> list[Route]:
        """Return the (method, pattern, handler) of every control route."""
        return self._control.routes()

    def credentials(self) -> dict[str, str]:
        """Return the made-up bot token and signing secret."""
        return {"slack_bot_token": BOT_TOKEN, "slack_signing_secret": SIGNING_SECRET}

    def stop(self) -> None:
        """Forget everything; the side runs no threads of its own."""
        self.views.reset()
        self.talk.reset()
        self.courier.deliveries.clear()

    def _respond(self, request: Request) -> Answer:
        """Answer a post to a response URL."""
        fault = self.workspace.take_fault("response_url")
        if fault is not None and not fault.cut_after:
            return Answer.json({"ok": False, "error": fault.error}, fault.status or 500)
        try:
            said = request.json()
        except ValueError:
            return Answer.json({"ok": False, "error": "invalid_payload"}, 400)
        try:
            self.talk.respond(request.params["key"], said)
        except SlackRefusal as refusal:
            gone = refusal.code in {"used_url", "expired_url", "no_active_hooks"}
            return Answer.json(refusal.body(), 404 if gone else 400)
        if fault is not None:
            raise Cut
        return Answer(200, b"ok", (("Content-Type", "text/html"),))
