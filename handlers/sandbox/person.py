"""A person at the sandbox's Slack: types, reads, fills in and presses, over HTTP.

Everything is named as the person sees it: labels, button texts, option texts. What isn't in front
of them raises `AssertionError` with a list of what is; so does a click the bot doesn't acknowledge.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from handlers.sandbox.slack.choosing import chosen
from handlers.sandbox.slack.reading import (
    JsonObject,
    best,
    fields,
    message_lines,
    pressables,
    shown,
    view_lines,
)
from handlers.sandbox.slack.steering import steer
from handlers.sandbox.slack.values import held

T = TypeVar("T")
Found = tuple[str, JsonObject, JsonObject, JsonObject]

_STEP_SECONDS = 0.02


class Person:
    """One person of the sandbox workspace.

    A person waits `patience` seconds for a thing to appear before saying that it isn't there.
    """

    def __init__(self, control_url: str, user: str, *, patience: float = 10.0) -> None:
        """Sit down as `user` (a Slack user id) at the sandbox whose control origin is given."""
        self.user = user
        self.patience = patience
        self._origin = control_url

    def types(self, text: str, channel: str | None = "C0GENERAL", *, raw: bool = False) -> str:
        """Type a slash command; returns what the acknowledgement showed, "" for nothing.

        `channel` None is the direct messages with the bot; `raw` sends the text unescaped.
        """
        answer = self.ask("command", channel=channel, text=text, raw=raw)
        return "\n".join(line for body in answer["messages"] for line in message_lines(body))

    def modal(self) -> JsonObject | None:
        """Return the modal view in front of the person, with `state` and `errors`."""
        view: JsonObject | None = self.ask("view")["view"]
        return view

    def modal_text(self) -> str:
        """Return all visible text of the open modal in reading order, "" when none is open."""
        view = self.modal()
        return "\n".join(view_lines(view)) if view is not None else ""

    def field(self, label: str) -> Any:
        """Return what stands in a field: text, date, time, id or option text; lists for many."""
        _, block, element, where = self._field(label)
        now = held(self._state(where)[block["block_id"]][element["action_id"]])
        return [_bare(item) for item in now] if isinstance(now, list) else _bare(now)

    def error(self, label: str) -> str | None:
        """Return the error under a field of the modal."""
        _, block, _, _ = self._field(label)
        view = self.modal()
        text: str | None = view["errors"].get(block["block_id"]) if view is not None else None
        return text

    def fill(self, label: str, value: Any) -> JsonObject:
        """Enter a value into the field with this label.

        Text, "YYYY-MM-DD", "HH:MM" as they are; menus and boxes by option text; people by name or
        id, channels by name or id. Menus for several append one value or take a list of them;
        checkboxes are set to exactly the given texts. None empties a field.
        """
        _, block, element, where = self._field(label)
        target = _target(where, block, element)
        state = self._state(where)[block["block_id"]][element["action_id"]]
        picked = chosen(self.ask, element, target, state, value)
        return self._do("put", **target, value=picked)

    def enter(self, label: str) -> JsonObject:
        """Press Enter in a text field."""
        _, block, element, where = self._field(label)
        return self._do("enter", **_target(where, block, element))

    def options(self, label: str, query: str = "") -> list[str]:
        """Type into a menu and return the texts offered; the bot is asked for external menus."""
        _, block, element, where = self._field(label)
        answer = self.ask("suggest", **_target(where, block, element), value=query)
        if answer.get("error"):
            raise AssertionError(f"the menu {label!r} shows an error: {answer['error']}")
        return [shown(option["text"]) for option in answer["options"]]

    def press(self, text: str, *, where: str | None = None) -> Any:
        """Press a button or overflow option by its visible text; returns the link it opens, if any.

        Looks in the open modal, else in the newest message with such a button, else on the Home
        tab; `where` ("modal", "messages", "home") looks only there. A modal's submit and close
        buttons count; they return what `submit` and `close` return.
        """

        def look() -> Callable[[], Any] | None:
            return self._press(text, where)

        go = self._await(look)
        if go is None:
            raise AssertionError(f"no button {text!r}; in sight:\n{self._in_sight()}")
        return go()

    def submit(self) -> Any:
        """Submit the open modal.

        Returns "closed", "updated", "pushed", "cleared", {"errors": {label: text}} or
        {"failed": code} when the bot's answer was late, absent or refused.
        """
        view = self._modal()
        labels = {block["block_id"]: label for label, block, _ in fields(view["blocks"])}
        answer = self.ask("submit", view=view["id"])
        if answer["outcome"] == "errors":
            return {"errors": {labels[key]: text for key, text in answer["errors"].items()}}
        if answer["outcome"] == "failed":
            return {"failed": answer["error"]}
        return answer["outcome"]

    def close(self, *, whole: bool = False) -> JsonObject:
        """Press Cancel, or with `whole` the cross that closes all stacked views."""
        return self._do("close", view=self._modal()["id"], whole=whole)

    def says(self, text: str, channel: str | None = None) -> str:
        """Write an ordinary message; returns its ts."""
        return str(self.ask("say", channel=channel, text=text)["message"]["ts"])

    def shortcut(self, callback_id: str) -> JsonObject:
        """Use a global shortcut of the bot."""
        return self._do("shortcut", callback_id=callback_id)

    def message_shortcut(self, callback_id: str, channel: str, ts: str) -> JsonObject:
        """Use a shortcut of the bot on a message."""
        return self._do("message_shortcut", callback_id=callback_id, channel=channel, ts=ts)

    def messages(self, channel: str | None = None) -> list[JsonObject]:
        """Return what the person sees, oldest first: None direct messages, "*" everywhere.

        Each has `ts`, `channel`, `user`, `ephemeral`, `from_bot`, `text` (visible), `buttons`
        (texts) and `raw` (as Slack keeps it).
        """
        return [
            {
                **{key: body[key] for key in ("ts", "channel", "user", "ephemeral", "from_bot")},
                "text": "\n".join(message_lines(body)),
                "buttons": [found[0] for found in pressables(body.get("blocks") or [])],
                "raw": body,
            }
            for body in self.ask("messages", channel=channel)["messages"]
        ]

    def dm_text(self) -> str:
        """Return the visible text of all direct messages with the bot."""
        return "\n".join(message["text"] for message in self.messages())

    def home(self) -> str:
        """Open the bot's Home tab; returns its visible text at that moment."""
        self.ask("home")
        return self.home_text()

    def home_text(self) -> str:
        """Return the visible text of the Home tab, "" when nothing was published."""
        view = self.ask("home_view")["view"]
        return "\n".join(view_lines(view)) if view is not None else ""

    def wait_for(self, predicate: Callable[[], T], seconds: float = 20.0) -> T:
        """Ask `predicate` again and again until it returns something true; returns that.

        Raises:
            AssertionError: It didn't within `seconds`; says what the person sees.
        """
        end = time.monotonic() + seconds
        while True:
            found = predicate()
            if found:
                return found
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s in vain; in sight:\n{self._in_sight()}")
            time.sleep(_STEP_SECONDS)

    def ask(self, deed: str, **arguments: Any) -> JsonObject:
        """Use a control route as this person; returns its answer.

        Raises:
            AssertionError: The workspace doesn't let the person do that.
        """
        return steer(self._origin, deed, user=self.user, **arguments)

    def _do(self, deed: str, **arguments: Any) -> JsonObject:
        """Do something that shows a warning sign when the bot doesn't acknowledge it."""
        answer = self.ask(deed, **arguments)
        if answer.get("error"):
            raise AssertionError(f"{self.user}'s {deed} shows a warning: {answer['error']}")
        return answer

    def _press(self, text: str, where: str | None) -> Callable[[], Any] | None:
        view = self.modal() if where in {None, "modal"} else None
        if view is not None:
            return self._press_in_view(view, text, {"view": view["id"]}) or self._press_foot(
                view, text
            )
        if where in {None, "messages"}:
            for body in reversed(self.ask("messages", channel="*")["messages"]):
                place = {"channel": body["channel"], "ts": body["ts"]}
                go = self._press_in_view(body, text, place)
                if go is not None:
                    return go
        if where in {None, "home"}:
            home = self.ask("home_view")["view"]
            return self._press_in_view(home, text, {"home": True}) if home is not None else None
        return None

    def _press_in_view(
        self, holder: JsonObject, text: str, place: JsonObject
    ) -> Callable[[], Any] | None:
        found = pressables(holder.get("blocks") or [])
        match = best(text, [label for label, *_ in found])
        if match is None:
            return None
        _, block, element, value = found[match]
        target = _target(place, block, element)

        def go() -> Any:
            return self._do("click", **target, value=value)["url"]

        return go

    def _press_foot(self, view: JsonObject, text: str) -> Callable[[], Any] | None:
        if view.get("submit") and shown(view["submit"]) == text:
            return self.submit
        return self.close if view.get("close") and shown(view["close"]) == text else None

    def _modal(self) -> JsonObject:
        view = self._await(self.modal)
        if view is None:
            raise AssertionError(f"no modal is open; in sight:\n{self._in_sight()}")
        return view

    def _field(self, label: str) -> Found:
        found = self._await(lambda: self._find_field(label))
        if found is None:
            raise AssertionError(f"no field {label!r}; in sight:\n{self._in_sight()}")
        return found

    def _find_field(self, label: str) -> Found | None:
        view = self.modal()
        holders: list[tuple[JsonObject, JsonObject]] = []
        if view is not None:
            holders.append((view, {"view": view["id"]}))
        else:
            holders += [
                (body, {"channel": body["channel"], "ts": body["ts"]})
                for body in reversed(self.ask("messages", channel="*")["messages"])
            ]
        for holder, place in holders:
            known = fields(holder.get("blocks") or [])
            match = best(label, [name for name, *_ in known])
            if match is not None:
                return (*known[match], place)
        return None

    def _state(self, where: JsonObject) -> JsonObject:
        view = self.modal() if "view" in where else None
        holder = view or next(
            body
            for body in self.ask("messages", channel="*")["messages"]
            if body["ts"] == where.get("ts")
        )
        values: JsonObject = holder["state"]["values"]
        return values

    def _await(self, look: Callable[[], T | None]) -> T | None:
        end = time.monotonic() + self.patience
        while True:
            found = look()
            if found is not None or time.monotonic() > end:
                return found
            time.sleep(_STEP_SECONDS)

    def _in_sight(self) -> str:
        modal = self.modal_text()
        said = [f"{m['channel']}: {m['text']} {m['buttons']}" for m in self.messages("*")[-6:]]
        return "\n".join([f"modal: {modal or 'none'}", *said])


def _target(where: JsonObject, block: JsonObject, element: JsonObject) -> JsonObject:
    return {**where, "block_id": block["block_id"], "action_id": element["action_id"]}


def _bare(item: Any) -> Any:
    return shown(item["text"]) if isinstance(item, dict) and "text" in item else item
