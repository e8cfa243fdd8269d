"""Everything the sandbox remembers about one workspace, behind one lock.

The lock is never held while a request travels to the app: the app calls back meanwhile.
"""

from __future__ import annotations

import copy
import itertools
import threading
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from handlers.sandbox.clock import Clock
from handlers.sandbox.slack import people
from handlers.sandbox.slack.blocks import interactive
from handlers.sandbox.slack.people import Member
from handlers.sandbox.slack.refusals import PersonRefusal

JsonObject = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Message:
    """A message in a channel; `to` names the only reader of an ephemeral one."""

    body: JsonObject
    to: str | None = None
    values: dict[tuple[str, str], JsonObject] = field(default_factory=dict)

    @property
    def ts(self) -> str:
        """The message's id within its channel."""
        return str(self.body["ts"])


@dataclass(slots=True, kw_only=True)
class Channel:
    """A channel or direct message with what was said in it, oldest first."""

    id: str
    name: str
    kind: str
    members: set[str]
    messages: list[Message] = field(default_factory=list)

    def find(self, ts: str) -> Message | None:
        """Return the message with this timestamp."""
        return next((message for message in self.messages if message.ts == ts), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The app as the workspace has installed it: its manifest, its address, its standing."""

    manifest: JsonObject = field(default_factory=dict)
    request_url: str = ""
    revoked: str | None = None

    def _part(self, *path: str) -> Any:
        part: Any = self.manifest
        for key in path:
            part = (part or {}).get(key)
        return part

    @property
    def scopes(self) -> tuple[str, ...]:
        """The bot token's scopes."""
        return tuple(self._part("oauth_config", "scopes", "bot") or ())

    @property
    def events(self) -> tuple[str, ...]:
        """The events the app is subscribed to."""
        return tuple(self._part("settings", "event_subscriptions", "bot_events") or ())

    @property
    def interactive(self) -> bool:
        """Whether clicks and submissions reach the app."""
        return bool(self._part("settings", "interactivity", "is_enabled"))

    @property
    def has_options_url(self) -> bool:
        """Whether external menus can ask the app for options."""
        return bool(self._part("settings", "interactivity", "message_menu_options_url"))

    @property
    def home_tab(self) -> bool:
        """Whether the app has a Home tab."""
        return bool(self._part("features", "app_home", "home_tab_enabled"))

    @property
    def messages_tab(self) -> bool:
        """Whether the app can write to people directly; only an explicit false forbids it."""
        return self._part("features", "app_home", "messages_tab_enabled") is not False

    def command(self, name: str) -> JsonObject | None:
        """Return the manifest's entry for a slash command."""
        rows: list[JsonObject] = self._part("features", "slash_commands") or []
        return next((row for row in rows if row["command"] == name), None)

    def shortcut(self, callback_id: str, kind: str) -> JsonObject | None:
        """Return the manifest's entry for a shortcut of kind "global" or "message"."""
        rows: list[JsonObject] = self._part("features", "shortcuts") or []
        return next(
            (row for row in rows if (row["callback_id"], row["type"]) == (callback_id, kind)), None
        )


@dataclass(slots=True, kw_only=True)
class Fault:
    """One thing that will go wrong in a Web API method, `times` times."""

    method: str
    times: int = 1
    error: str | None = None
    status: int | None = None
    delay: float = 0.0
    cut_after: bool = False
    retry_after: int = 1


@dataclass(slots=True, kw_only=True)
class Switches:
    """What Slack's pages leave open, one line each."""

    # Slash text is taken to be entity-escaped like message text; no page says so.
    escape_command_text: bool = True
    # Both `<@U012|bob>` and `<@U012>` are documented for an escaped mention.
    name_in_mentions: bool = True


class Workspace:
    """People, channels, messages, the installed app, faults and counters."""

    def __init__(self, clock: Clock) -> None:
        """Start with the people and channels of `people`, and no app installed."""
        self.clock = clock
        self.lock = threading.RLock()
        self.origin = ""
        self.installation = Installation()
        self._serial = itertools.count(1)
        self._last_ts = 0
        self.reset()

    def reset(self) -> None:
        """Forget messages, people's changes, faults and switches; the app stays installed."""
        with self.lock:
            self.people: dict[str, Member] = {member.id: member for member in people.members()}
            self.channels: dict[str, Channel] = {
                place.id: Channel(
                    id=place.id, name=place.name, kind=place.kind, members=set(place.members)
                )
                for place in people.places()
            }
            self.faults: list[Fault] = []
            self.calls: list[JsonObject] = []
            self.switches = Switches()
            self.installation = replace(self.installation, revoked=None)

    def now(self) -> datetime:
        """Return the sandbox's time."""
        return self.clock.now()

    def make_id(self, prefix: str) -> str:
        """Return an id that was never given before."""
        return f"{prefix}0{next(self._serial):06d}"

    def make_ts(self) -> str:
        """Return a message timestamp: now, but later than every one before."""
        with self.lock:
            micros = int(self.now().timestamp() * 1_000_000)
            self._last_ts = max(micros, self._last_ts + 1)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def person(self, user: str) -> Member:
        """Return somebody who can act in the client.

        Raises:
            PersonRefusal: No such account, or it is a bot or deactivated.
        """
        member = self.people.get(user)
        if member is None:
            raise PersonRefusal("unknown_user", user)
        if member.deleted or member.bot or member.id == people.SLACKBOT:
            raise PersonRefusal("user_cannot_act", user)
        return member

    def direct(self, user: str) -> Channel:
        """Return the direct channel between the bot and a user, opening it when needed."""
        with self.lock:
            for channel in self.channels.values():
                if channel.kind == "im" and user in channel.members:
                    return channel
            channel = Channel(
                id=f"D0{user[2:]}",
                name="directmessage",
                kind="im",
                members={user, people.BOT_USER},
            )
            self.channels[channel.id] = channel
            return channel

    def take_fault(self, method: str) -> Fault | None:
        """Use up and return one fault waiting for a method."""
        with self.lock:
            for fault in self.faults:
                if fault.method in {method, "*"} and fault.times > 0:
                    fault.times -= 1
                    return fault
            return None

    def named(self, blocks: list[JsonObject]) -> list[JsonObject]:
        """Return a copy of blocks as Slack keeps them: missing ids made, `emoji` filled in."""
        kept: list[JsonObject] = copy.deepcopy(blocks)
        for block in kept:
            block.setdefault("block_id", self.make_id("b"))
            for _, element in interactive(block):
                element.setdefault("action_id", self.make_id("a"))
        _fill_emoji(kept)
        return kept


def _fill_emoji(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _fill_emoji(item)
    elif isinstance(value, dict):
        if value.get("type") == "plain_text":
            value.setdefault("emoji", True)
        for item in value.values():
            _fill_emoji(item)
