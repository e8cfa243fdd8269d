"""Slack's payloads as typed values: who, what, and the form's state.

Source of the shapes: Slack, "Interaction payloads" and "Slash commands".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.connection import Owner

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A slash command."""

    owner: Owner
    name: str
    words: str
    channel: str
    trigger_id: str
    response_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A shortcut, used anywhere or on a message.

    Attributes:
        owner: Who used it.
        trigger_id: Good for three seconds.
        text: The message it was used on, or None.
        author: The Slack id of who wrote that message; None for an app's.
        response_url: The message's answer address, or None.
    """

    owner: Owner
    trigger_id: str
    text: str | None = None
    author: str | None = None
    response_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """A block action, from a message or a form.

    Attributes:
        owner: Who clicked.
        action_id: What.
        block_id: Where.
        value: The button's value, or the chosen option's.
        at: Slack's timestamp of the action, in seconds.
        trigger_id: Good for three seconds.
        view: The form with its state, if it was a form.
        channel: The message's channel, if it was a message.
        message_ts: The message's timestamp.
        response_url: The message's answer address.
    """

    owner: Owner
    action_id: str
    block_id: str
    value: str | None
    at: float
    trigger_id: str
    view: Payload | None
    channel: str | None
    message_ts: str | None
    response_url: str | None


def owner_of(body: Payload) -> Owner:
    """Return who sent *body*.

    The team is the person's own: on a shared channel it isn't the one the app lives in.
    """
    user = body.get("user")
    if isinstance(user, Mapping):
        team = user.get("team_id") or (body.get("team") or {}).get("id") or ""
        return Owner(str(team), str(user.get("id", "")))
    event = body.get("event") or {}
    if isinstance(event.get("user"), str):
        return Owner(str(body.get("team_id", "")), event["user"])
    return Owner(str(body.get("team_id", "")), str(body.get("user_id", "")))


def command(body: Payload) -> Command:
    """Return the slash command in *body*."""
    return Command(
        owner=owner_of(body),
        name=str(body.get("command", "")),
        words=str(body.get("text", "")).strip(),
        channel=str(body.get("channel_id", "")),
        trigger_id=str(body.get("trigger_id", "")),
        response_url=str(body.get("response_url", "")),
    )


def click(body: Payload) -> Click:
    """Return the first (Slack sends one) action in *body*."""
    action = body["actions"][0]
    chosen = action.get("selected_option") or {}
    container = body.get("container") or {}
    return Click(
        owner=owner_of(body),
        action_id=str(action["action_id"]),
        block_id=str(action.get("block_id", "")),
        value=action.get("value", chosen.get("value")),
        at=float(action.get("action_ts", 0)),
        trigger_id=str(body.get("trigger_id", "")),
        view=body.get("view"),
        channel=(body.get("channel") or {}).get("id") or container.get("channel_id"),
        message_ts=(body.get("message") or {}).get("ts") or container.get("message_ts"),
        response_url=body.get("response_url"),
    )


def shortcut(body: Payload) -> Shortcut:
    """Return the shortcut in *body* (Slack, "Shortcuts payload")."""
    message = body.get("message")
    return Shortcut(
        owner=owner_of(body),
        trigger_id=str(body["trigger_id"]),
        text=None if message is None else str(message.get("text") or ""),
        author=(message or {}).get("user"),
        response_url=body.get("response_url"),
    )


def dedupe_key(body: Payload) -> str:
    """Return what is the same for two deliveries of one thing, and for nothing else."""
    kind = str(body.get("type", "command"))
    if kind == "event_callback":
        return f"event:{body.get('event_id')}"
    if kind == "view_submission":
        view = body["view"]
        return f"submit:{view['id']}:{view.get('hash')}"
    if kind == "block_actions":
        action = body["actions"][0]
        return f"action:{owner_of(body)}:{action.get('action_ts')}:{action['action_id']}"
    return f"{kind}:{body.get('trigger_id')}"
