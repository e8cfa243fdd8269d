"""Modals and Home tabs: triggers, the stack of three, hashes, and what people typed into them.

Sources: docs.slack.dev `surfaces/modals`, `reference/methods/views.open`, `views.push`,
`views.update`, `views.publish`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from handlers.sandbox.slack import people
from handlers.sandbox.slack.blocks import check_view, too_large
from handlers.sandbox.slack.refusals import PersonRefusal, SlackRefusal
from handlers.sandbox.slack.values import Values, as_state, carried, fresh
from handlers.sandbox.slack.workspace import JsonObject, Workspace

TRIGGER_LIFE = timedelta(seconds=3)
STACK = 3
_PLAIN_KEYS = ("private_metadata", "callback_id", "external_id")


@dataclass(slots=True, kw_only=True)
class View:
    """One modal view or Home tab in front of one person."""

    id: str
    user: str
    kind: str
    content: JsonObject
    hash: str
    root: str
    previous: str | None = None
    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[JsonObject]:
        """The blocks with all ids filled in."""
        blocks: list[JsonObject] = self.content["blocks"]
        return blocks


@dataclass(slots=True, kw_only=True)
class Trigger:
    """A short-lived permission to open or push one view."""

    user: str
    made: datetime
    view: str | None = None
    used: bool = False


class Views:
    """All open views of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        """Start with nothing open."""
        self._workspace = workspace
        self.reset()

    def reset(self) -> None:
        """Close everything without a word."""
        self._views: dict[str, View] = {}
        self._stacks: dict[str, list[str]] = {}
        self._homes: dict[str, str] = {}
        self._triggers: dict[str, Trigger] = {}

    def trigger(self, user: str, view: str | None = None) -> str:
        """Return a new trigger_id for what a person does now, inside `view` when given."""
        with self._workspace.lock:
            key = f"{self._workspace.make_id('13')}.{people.TEAM[2:]}.sandbox"
            self._triggers[key] = Trigger(user=user, made=self._workspace.now(), view=view)
            return key

    def open(self, trigger_id: Any, content: Any) -> View:
        """Show a root view to the person behind the trigger.

        Raises:
            SlackRefusal: The view or the trigger is no good.
        """
        with self._workspace.lock:
            self._judge(content, "modal")
            trigger = self._take(trigger_id)
            self.clear(trigger.user)
            return self._add(trigger.user, content)

    def push(self, trigger_id: Any, content: Any) -> View:
        """Lay a view over the one the trigger came from.

        Raises:
            SlackRefusal: The view or the trigger is no good, or three views are open already.
        """
        with self._workspace.lock:
            self._judge(content, "modal")
            trigger = self._take(trigger_id)
            if trigger.view is None or trigger.view not in self._stacks.get(trigger.user, []):
                raise SlackRefusal("not_found")
            return self.lay(trigger.user, content)

    def lay(self, user: str, content: Any) -> View:
        """Lay a view over the person's topmost one.

        Raises:
            SlackRefusal: The view is no good, or three views are open already.
        """
        with self._workspace.lock:
            self._judge(content, "modal")
            if len(self._stacks.get(user, [])) >= STACK:
                raise SlackRefusal("push_limit_reached")
            return self._add(user, content)

    def update(self, view: View, content: Any, expected_hash: Any = None) -> View:
        """Replace a view's content; typed values stay where block_id and action_id stay.

        Raises:
            SlackRefusal: The content is no good or the hash is stale.
        """
        with self._workspace.lock:
            self._judge(content, view.kind, beside=view)
            if expected_hash and expected_hash != view.hash:
                raise SlackRefusal("hash_conflict")
            view.content = self._kept(content)
            view.values = carried(view.values, view.blocks)
            view.errors = {}
            view.hash = self._hash()
            return view

    def publish(self, user: str, content: Any, expected_hash: Any = None) -> View:
        """Set a person's Home tab.

        Raises:
            SlackRefusal: The content is no good or the hash is stale.
        """
        with self._workspace.lock:
            current = self.home(user)
            if current is not None:
                return self.update(current, content, expected_hash)
            self._judge(content, "home")
            view = self._make(user, "home", content)
            self._homes[user] = view.id
            return view

    def find(self, view_id: Any, external_id: Any = None) -> View:
        """Return an open view.

        Raises:
            SlackRefusal: It isn't open.
        """
        with self._workspace.lock:
            for view in self._views.values():
                if view.id == view_id or (
                    external_id and view.content["external_id"] == external_id
                ):
                    return view
        raise SlackRefusal("not_found")

    def of(self, user: str, view_id: str | None) -> View:
        """Return a person's topmost modal, or the view they name.

        Raises:
            PersonRefusal: They see no such view.
        """
        with self._workspace.lock:
            view = self._views.get(view_id) if view_id else self.top(user)
            if view is None or view.user != user:
                raise PersonRefusal("no_open_view", view_id or user)
            return view

    def top(self, user: str) -> View | None:
        """Return the modal view a person sees."""
        stack = self._stacks.get(user)
        return self._views[stack[-1]] if stack else None

    def depth(self, user: str) -> int:
        """Return how many modal views lie on one another in front of a person."""
        return len(self._stacks.get(user, []))

    def home(self, user: str) -> View | None:
        """Return a person's Home tab, if it was ever published."""
        return self._views.get(self._homes.get(user, ""))

    def pop(self, view: View) -> None:
        """Close one modal view and whatever lies over it."""
        with self._workspace.lock:
            stack = self._stacks.get(view.user, [])
            if view.id in stack:
                at = stack.index(view.id)
                for gone in stack[at:]:
                    del self._views[gone]
                del stack[at:]

    def clear(self, user: str) -> None:
        """Close all modal views of a person."""
        with self._workspace.lock:
            for gone in self._stacks.pop(user, []):
                del self._views[gone]

    def payload(self, view: View) -> JsonObject:
        """Return a view as Slack sends it (docs.slack.dev `reference/views`)."""
        content = view.content
        payload: JsonObject = {
            "id": view.id,
            "team_id": people.TEAM,
            "type": view.kind,
            "blocks": content["blocks"],
            "private_metadata": content["private_metadata"],
            "callback_id": content["callback_id"],
            "state": as_state(view.values),
            "hash": view.hash,
            "title": content.get("title", {"type": "plain_text", "text": "View Title"}),
            "clear_on_close": content.get("clear_on_close", False),
            "notify_on_close": content.get("notify_on_close", False),
            "close": content.get("close"),
            "submit": content.get("submit"),
            "previous_view_id": view.previous,
            "root_view_id": view.root,
            "app_id": people.APP,
            "external_id": content["external_id"],
            "app_installed_team_id": people.TEAM,
            "bot_id": people.BOT,
        }
        return payload

    def _judge(self, content: Any, kind: str, beside: View | None = None) -> None:
        if too_large(content):
            raise SlackRefusal("view_too_large")
        messages = check_view(content, kind)
        if messages:
            raise SlackRefusal("invalid_arguments", messages=messages)
        wanted = content.get("external_id")
        for other in self._views.values():
            if wanted and other is not beside and other.content["external_id"] == wanted:
                raise SlackRefusal("duplicate_external_id")

    def _take(self, trigger_id: Any) -> Trigger:
        trigger = self._triggers.get(trigger_id) if isinstance(trigger_id, str) else None
        if trigger is None:
            raise SlackRefusal("invalid_trigger_id")
        if trigger.used:
            raise SlackRefusal("exchanged_trigger_id")
        if self._workspace.now() - trigger.made > TRIGGER_LIFE:
            raise SlackRefusal("expired_trigger_id")
        trigger.used = True
        return trigger

    def _add(self, user: str, content: JsonObject) -> View:
        view = self._make(user, "modal", content)
        stack = self._stacks.setdefault(user, [])
        if stack:
            view.root, view.previous = stack[0], stack[-1]
        stack.append(view.id)
        return view

    def _make(self, user: str, kind: str, content: JsonObject) -> View:
        view_id = self._workspace.make_id("V")
        kept = self._kept(content)
        view = View(id=view_id, user=user, kind=kind, content=kept, hash=self._hash(), root=view_id)
        view.values = fresh(view.blocks)
        self._views[view_id] = view
        return view

    def _kept(self, content: JsonObject) -> JsonObject:
        kept = dict(content, blocks=self._workspace.named(content["blocks"]))
        for key in _PLAIN_KEYS:
            kept.setdefault(key, "")
        return kept

    def _hash(self) -> str:
        seconds = int(self._workspace.now().timestamp())
        return f"{seconds}.{self._workspace.make_id('h')}"
