"""What one person sees of Slack: people, channels, forms, the app's commands, and refusals."""

from __future__ import annotations

from typing import Any

from handlers.sandbox.slack import people
from handlers.sandbox.slack.control import seen_message, seen_view
from handlers.sandbox.slack.people import Member
from handlers.sandbox.slack.side import SlackSide
from handlers.sandbox.slack.workspace import Channel, JsonObject

NEWEST = 200  # messages of a channel and refusals shown


class Showing:
    """The Slack half of the page's state."""

    def __init__(self, slack: SlackSide) -> None:
        """Look at this workspace."""
        self._slack = slack
        self._workspace = slack.workspace

    def seen(self, user: str, accounts: dict[str, str]) -> JsonObject:
        """Return what `user` sees; `accounts` says of each address how it stands in the CRM.

        Raises:
            PersonRefusal: Nobody can act as `user`.
        """
        with self._workspace.lock:
            self._workspace.person(user)
            direct = self._workspace.direct(user)
            view, home = self._slack.views.top(user), self._slack.views.home(user)
            channels = [
                channel
                for channel in self._workspace.channels.values()
                if channel.kind != "im" and (user in channel.members or channel.kind == "public")
            ]
            return {
                "me": user,
                # Whole minutes: a state that changes every moment would never be unchanged.
                "now": int(self._workspace.now().timestamp()) // 60 * 60,
                "people": [self._member(m, accounts) for m in self._workspace.people.values()],
                "channels": [self._channel(user, one) for one in [*channels, direct]],
                "modal": None if view is None else seen_view(self._slack.views, view),
                "depth": self._slack.views.depth(user),
                "home": None if home is None else seen_view(self._slack.views, home),
                "app": self._app(),
                "refusals": self._refusals(),
            }

    def _member(self, member: Member, accounts: dict[str, str]) -> JsonObject:
        return {
            "id": member.id,
            "name": member.name,
            "real_name": member.real_name,
            "tz": member.tz,
            "bot": member.bot or member.id == people.SLACKBOT,
            "acts": not (member.bot or member.deleted or member.id == people.SLACKBOT),
            "account": accounts.get(member.email or "", "no CRM account of this address"),
        }

    def _channel(self, user: str, channel: Channel) -> JsonObject:
        messages = self._slack.talk.seen(user, channel)
        return {
            "id": channel.id,
            "name": channel.name,
            "kind": channel.kind,
            "member": user in channel.members,
            "messages": [seen_message(channel, message) for message in messages[-NEWEST:]],
        }

    def _app(self) -> JsonObject:
        installed = self._workspace.installation
        features = installed.manifest.get("features", {})
        shown_as = installed.manifest.get("display_information", {})
        shortcuts = features.get("shortcuts") or []
        return {
            "user": people.BOT_USER,
            "installed": bool(installed.request_url) and not installed.revoked,
            "name": shown_as.get("name", "The app"),
            "commands": features.get("slash_commands") or [],
            "shortcuts": [one for one in shortcuts if one["type"] == "global"],
            "message_shortcuts": [one for one in shortcuts if one["type"] == "message"],
            "home_tab": installed.home_tab,
            "read_only": bool(
                features.get("app_home", {}).get("messages_tab_read_only_enabled", False)
            ),
        }

    def _refusals(self) -> list[JsonObject]:
        """Return what Slack refused of the app, and what the app failed to acknowledge."""
        calls: list[Any] = self._workspace.calls
        refused = [
            {
                "key": f"call-{number}",
                "at": call["at"],
                "what": call["method"],
                "error": call["error"],
                "messages": call["messages"],
            }
            for number, call in enumerate(calls)
            if not call["ok"]
        ]
        failed = [
            {
                "key": f"delivery-{delivery.id}",
                "at": delivery.at,
                "what": delivery.kind,
                "error": delivery.verdict,
                "messages": [],
            }
            for delivery in self._slack.courier.deliveries
            if delivery.verdict not in {"", "ok"}
        ]
        return sorted(refused + failed, key=lambda one: str(one["at"]))[-NEWEST:]
