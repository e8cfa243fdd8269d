"""The whole sandbox: both sites started, announced and stopped together."""

from __future__ import annotations

import re
from typing import Any

from handlers.sandbox.clock import Clock
from handlers.sandbox.crm.site import CrmSide
from handlers.sandbox.slack.refusals import PersonRefusal
from handlers.sandbox.slack.side import SlackSide
from handlers.sandbox.web import LOOPBACK, Server
from handlers.sandbox.workspace.page import Page

_CLIENT = re.compile(r"1000\.SANDBOX[0-9A-Z]+")


class NotOurs(Exception):
    """The sandbox was asked to leave this machine or to stand in for a real client."""


class Sandbox:
    """A running sandbox. Make one with `start`, end it with `stop`."""

    def __init__(self, port: int, slack_port: int) -> None:
        """Start both sites; see `start`."""
        self.clock = Clock()
        self.crm = CrmSide(self.clock)
        self.slack = SlackSide(self.clock)
        self._refresh_token = self.crm.admin_refresh_token()
        page = Page(self.slack, self.crm, self._refresh_token)
        for method, pattern, handler in (*self.slack.control_routes(), *page.routes()):
            self.crm.site.route(method, pattern, handler)
        self._server = self.crm.start(port)
        try:
            self._slack_server = Server.start(self.slack.site, slack_port)
        except OSError:
            self._server.stop()
            self.slack.stop()
            raise
        self.slack.serve_at(self._slack_server.origin)

    @classmethod
    def start(
        cls, port: int = 0, slack_port: int = 0, *, host: str = LOOPBACK, client_id: str = ""
    ) -> Sandbox:
        """Start the sandbox on 127.0.0.1; port 0 takes a free one.

        Raises:
            NotOurs: `host` is not this machine's loopback, or `client_id` a real client's.
            OSError: A port is taken.
        """
        if host != LOOPBACK:
            raise NotOurs("the sandbox listens on 127.0.0.1 only")
        if client_id and _CLIENT.fullmatch(client_id) is None:
            raise NotOurs("the sandbox takes no real client id")
        sandbox = cls(port, slack_port)
        if client_id:
            sandbox.crm.world.grants.client_id = client_id
        return sandbox

    def announcement(self) -> dict[str, str]:
        """Return the addresses and made-up credentials a bot needs, as printed at the start."""
        origin = self._server.origin
        return {
            "accounts_url": origin,
            "api_url": origin,
            "control_url": origin,
            "workspace_url": origin,
            "slack_api_url": f"{self._slack_server.origin}/api/",
            "client_id": self.crm.world.grants.client_id,
            "client_secret": self.crm.world.grants.client_secret,
            "refresh_token": self._refresh_token,
            **self.slack.credentials(),
        }

    def install(self, manifest: dict[str, Any], request_url: str) -> None:
        """Install the app of this manifest in the workspace, served at `request_url`.

        Raises:
            NotOurs: The address isn't of this machine.
        """
        try:
            self.slack.install(manifest, request_url)
        except PersonRefusal as refusal:
            raise NotOurs(
                f"the sandbox sends to this machine only, not to {request_url}"
            ) from refusal

    def stop(self) -> None:
        """Stop both sites and wait for their threads."""
        self._server.stop()
        self._slack_server.stop()
        self.slack.stop()
