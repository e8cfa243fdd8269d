"""Finding the thing a person acts on: an element in a modal, a Home tab or a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handlers.sandbox.slack.blocks import interactive
from handlers.sandbox.slack.payloads import message_place, view_place
from handlers.sandbox.slack.refusals import PersonRefusal
from handlers.sandbox.slack.talk import Talk
from handlers.sandbox.slack.values import Key, Values
from handlers.sandbox.slack.views import View, Views
from handlers.sandbox.slack.workspace import Channel, JsonObject, Message, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Surface:
    """A view or a message, seen alike."""

    blocks: list[JsonObject]
    values: Values
    view: View | None = None
    channel: Channel | None = None
    message: Message | None = None

    def find(self, action_id: str, block_id: str | None) -> tuple[JsonObject, JsonObject]:
        """Return the block and the element with these ids; the block's id may be left out.

        Raises:
            PersonRefusal: There is none, or more than one.
        """
        found = [
            (block, element)
            for block in self.blocks
            for _, element in interactive(block)
            if element["action_id"] == action_id and block_id in {None, block["block_id"]}
        ]
        if len(found) != 1:
            code = "no_such_element" if not found else "element_not_unique"
            raise PersonRefusal(code, f"{action_id} in {block_id}")
        return found[0]

    def place(self, views: Views) -> JsonObject:
        """Return the parts of a payload that say where it happened.

        Raises:
            PersonRefusal: The surface is nothing at all.
        """
        if self.view is not None:
            return view_place(views, self.view)
        if self.channel is None or self.message is None:
            raise PersonRefusal("no_surface")
        return message_place(self.channel, self.message)


class Offers:
    """The options external menus have shown, by surface and element."""

    def __init__(self) -> None:
        """Start with none."""
        self._offers: dict[tuple[str, Key], list[JsonObject]] = {}

    def add(self, surface: Surface, key: Key, options: list[JsonObject]) -> None:
        """Remember options a person was shown."""
        self._offers.setdefault((_name(surface), key), []).extend(options)

    def of(self, surface: Surface, key: Key, element: JsonObject) -> list[JsonObject]:
        """Return all options a person may choose: those shown, those chosen, those initial."""
        state = surface.values.get(key, {})
        held: list[Any] = [state.get("selected_option"), element.get("initial_option")]
        held += state.get("selected_options") or []
        held += element.get("initial_options") or []
        shown = self._offers.get((_name(surface), key), [])
        # The newest offer wins where a value was shown twice.
        return [*reversed(shown), *(option for option in held if option)]


def locate(workspace: Workspace, views: Views, talk: Talk, user: str, where: JsonObject) -> Surface:
    """Return the surface named by {"channel", "ts"}, {"home": true}, {"view"} or nothing.

    Nothing means the person's topmost modal.

    Raises:
        PersonRefusal: The person doesn't see it.
    """
    if where.get("ts"):
        channel = workspace.channels.get(where.get("channel", ""))
        seen = talk.seen(user, channel) if channel is not None else []
        message = next((m for m in seen if m.ts == where["ts"]), None)
        if message is None or channel is None:
            raise PersonRefusal("no_such_message", where["ts"])
        blocks = message.body.get("blocks") or []
        return Surface(blocks=blocks, values=message.values, channel=channel, message=message)
    home = views.home(user) if where.get("home") else None
    view = home if home is not None else views.of(user, where.get("view"))
    return Surface(blocks=view.blocks, values=view.values, view=view)


def _name(surface: Surface) -> str:
    if surface.view is not None:
        return surface.view.id
    return surface.message.ts if surface.message is not None else ""
