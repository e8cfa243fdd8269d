"""The payloads Slack sends (docs.slack.dev `reference/interaction-payloads`, `apis/events-api`)."""

from __future__ import annotations

import re
from typing import Any

from handlers.sandbox.slack import people
from handlers.sandbox.slack.values import as_state
from handlers.sandbox.slack.views import View, Views
from handlers.sandbox.slack.workspace import Channel, JsonObject, Message, Workspace

_PRIVATE = {"im": "directmessage", "private": "privategroup"}
_WORD_START = r"(?<![\w@#/.-])"


def channel_name(channel: Channel) -> str:
    """Return the name Slack puts in payloads; direct and private channels have a stock one."""
    return _PRIVATE.get(channel.kind, channel.name)


def common(workspace: Workspace, kind: str, user: str) -> JsonObject:
    """Return what every interaction payload carries."""
    member = workspace.people[user]
    return {
        "type": kind,
        "user": {
            "id": member.id,
            "username": member.name,
            "name": member.name,
            "team_id": member.team,
        },
        "api_app_id": people.APP,
        "token": "sandbox-verification-token",
        "team": {"id": people.TEAM, "domain": people.TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_place(channel: Channel, message: Message) -> JsonObject:
    """Return the parts that say an interaction happened on a message.

    For an ephemeral message Slack leaves the message itself out.
    """
    place: JsonObject = {
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.to is not None,
        },
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "state": as_state(message.values),
    }
    if message.to is None:
        place["message"] = public(message.body)
    return place


def view_place(views: Views, view: View) -> JsonObject:
    """Return the parts that say an interaction happened in a view."""
    return {
        "container": {"type": "view", "view_id": view.id},
        "view": views.payload(view),
    }


def public(body: JsonObject) -> JsonObject:
    """Return a message's body without the sandbox's own notes."""
    return {key: value for key, value in body.items() if not key.startswith("sandbox_")}


def action(block: JsonObject, element: JsonObject, held: JsonObject, ts: str) -> JsonObject:
    """Return one entry of `actions`: the element's value, its ids, and what it shows."""
    kept = ("text", "value", "style", "url", "placeholder", "confirm")
    shown = {key: element[key] for key in kept if key in element and key not in held}
    return {
        **shown,
        **held,
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": ts,
    }


def command(
    workspace: Workspace, channel: Channel, user: str, name: str, text: str
) -> dict[str, str]:
    """Return the form fields of a slash command, without response_url and trigger_id."""
    return {
        "token": "sandbox-verification-token",
        "team_id": people.TEAM,
        "team_domain": people.TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": user,
        "user_name": workspace.people[user].name,
        "command": name,
        "text": text,
        "api_app_id": people.APP,
        "is_enterprise_install": "false",
    }


def event(workspace: Workspace, inner: JsonObject) -> JsonObject:
    """Return the envelope of an event."""
    return {
        "token": "sandbox-verification-token",
        "team_id": people.TEAM,
        "context_team_id": people.TEAM,
        "context_enterprise_id": None,
        "api_app_id": people.APP,
        "event": inner,
        "type": "event_callback",
        "event_id": workspace.make_id("Ev"),
        "event_time": int(workspace.now().timestamp()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": people.TEAM,
                "user_id": people.BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": workspace.make_id("4-"),
    }


def escaped(workspace: Workspace, text: str, *, mentions: bool) -> str:
    """Return typed slash text as Slack sends it.

    With `mentions` (the manifest's should_escape) names of people and channels become ids, and
    addresses are wrapped in angle brackets (docs.slack.dev
    `interactivity/implementing-slash-commands`).
    """
    if workspace.switches.escape_command_text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _with_ids(workspace, text) if mentions else text


def _with_ids(workspace: Workspace, text: str) -> str:
    text = re.sub(r"https?://[^\s<>]+", lambda m: f"<{m[0]}>", text)
    text = re.sub(
        r"(?<![\w.+@-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", lambda m: f"<mailto:{m[0]}|{m[0]}>", text
    )
    for name, shown in _names(workspace):
        pattern = rf"{_WORD_START}{re.escape(name)}(?![\w@-])"
        text = re.sub(pattern, shown, text, flags=re.IGNORECASE)
    return text


def _names(workspace: Workspace) -> list[tuple[str, str]]:
    """Return typed names with their escaped form, longest first so that "@ben" can't cut one."""
    found: list[tuple[str, str]] = []
    for member in workspace.people.values():
        label = f"|{member.name}" if workspace.switches.name_in_mentions else ""
        shown = f"<@{member.id}{label}>"
        found += [(f"@{member.name}", shown), (f"@{member.real_name}", shown)]
    for channel in workspace.channels.values():
        if channel.kind != "im":
            label = channel.name if channel.kind == "public" else ""
            found.append((f"#{channel.name}", f"<#{channel.id}|{label}>"))
    return sorted(found, key=lambda pair: -len(pair[0]))


def options_from(answer: Any) -> list[JsonObject]:
    """Return the options of a suggestion's answer, those of groups flattened."""
    if "option_groups" in answer:
        return [option for group in answer["option_groups"] for option in group["options"]]
    options: list[JsonObject] = answer["options"]
    return options
