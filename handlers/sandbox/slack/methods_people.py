"""Web API: auth.test, users.* and conversations.* (docs.slack.dev `reference/methods`)."""

from __future__ import annotations

from typing import Any

from handlers.sandbox.slack import people
from handlers.sandbox.slack.people import Member, user_json
from handlers.sandbox.slack.refusals import SlackRefusal
from handlers.sandbox.slack.webapi import Call, Method
from handlers.sandbox.slack.workspace import Channel, JsonObject, Message

_READ_SCOPE = {"public": "channels", "private": "groups", "im": "im"}


def auth_test(call: Call) -> JsonObject:
    """Say whose token this is."""
    return {
        "url": f"https://{people.TEAM_DOMAIN}.slack.example/",
        "team": "Parley Sandbox",
        "user": "parley",
        "team_id": people.TEAM,
        "user_id": people.BOT_USER,
        "bot_id": people.BOT,
        "is_enterprise_install": False,
        "app_id": people.APP,
        "response_metadata": {"scopes": list(call.installation.scopes)},
    }


def users_info(call: Call) -> JsonObject:
    """Return one account, also a deactivated one or one of another organisation."""
    call.need("user")
    member = call.workspace.people.get(call.args["user"])
    if member is None:
        raise SlackRefusal("user_not_found")
    return {"user": _user(call, member)}


def users_lookup_by_email(call: Call) -> JsonObject:
    """Return the active account of this workspace with an address."""
    call.need("email")
    wanted = str(call.args["email"]).strip().lower()
    for member in call.workspace.people.values():
        if (
            member.email is not None
            and member.email.lower() == wanted
            and not member.deleted
            and member.team == people.TEAM
        ):
            return {"user": _user(call, member)}
    raise SlackRefusal("users_not_found")


def users_list(call: Call) -> JsonObject:
    """Return the workspace's accounts, page by page when a limit is given."""
    everybody = [m for m in call.workspace.people.values() if m.team == people.TEAM]
    limit = call.count("limit", 0) or len(everybody)
    page, cursor = _page(everybody, limit, call.args.get("cursor"))
    return {
        "members": [_user(call, member) for member in page],
        "cache_ts": int(call.workspace.now().timestamp()),
        "response_metadata": {"next_cursor": cursor},
    }


def conversations_open(call: Call) -> JsonObject:
    """Open the direct channel with one person."""
    if call.args.get("channel"):
        channel = find_channel(call, call.args["channel"])
        return {"channel": {"id": channel.id}}
    users = [user for user in str(call.args.get("users") or "").split(",") if user]
    if not users:
        raise SlackRefusal("users_list_not_supplied")
    if len(users) > 1:
        call.demand_scope("mpim:write")
        raise SlackRefusal("method_not_supported_for_channel_type")
    channel = direct_channel(call, users[0])
    body: JsonObject = {"id": channel.id}
    if call.flag("return_im"):
        body |= {"is_im": True, "user": users[0], "is_open": True}
    return {"channel": body}


def conversations_info(call: Call) -> JsonObject:
    """Return one channel."""
    call.need("channel")
    channel = find_channel(call, call.args["channel"])
    call.demand_scope(f"{_READ_SCOPE[channel.kind]}:read")
    inside = people.BOT_USER in channel.members
    body: JsonObject = {
        "id": channel.id,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_im": channel.kind == "im",
        "is_mpim": False,
        "is_private": channel.kind != "public",
        "is_archived": False,
        "is_ext_shared": any(
            call.workspace.people[user].team != people.TEAM for user in channel.members
        ),
        "context_team_id": people.TEAM,
    }
    if channel.kind == "im":
        body["user"] = next(user for user in channel.members if user != people.BOT_USER)
    else:
        body |= {"name": channel.name, "name_normalized": channel.name, "is_member": inside}
    return {"channel": body}


def conversations_history(call: Call) -> JsonObject:
    """Return a channel's messages, newest first, without replies in threads."""
    call.need("channel")
    channel = _readable(call)
    said = [
        message
        for message in reversed(channel.messages)
        if message.to is None
        and message.body.get("thread_ts", message.ts) == message.ts
        and _inside(call, message)
    ]
    page, cursor = _page(said, call.count("limit", 100), call.args.get("cursor"))
    return {
        "messages": [_shown(call, message) for message in page],
        "has_more": bool(cursor),
        "pin_count": 0,
        "response_metadata": {"next_cursor": cursor},
    }


def conversations_replies(call: Call) -> JsonObject:
    """Return a message and the replies in its thread, oldest first."""
    call.need("channel", "ts")
    channel = _readable(call)
    ts = call.args["ts"]
    thread = [
        message
        for message in channel.messages
        if message.to is None and ts in {message.ts, message.body.get("thread_ts")}
    ]
    if not any(message.ts == ts for message in thread):
        raise SlackRefusal("thread_not_found")
    shown = [message for message in thread if message.ts == ts or _inside(call, message)]
    page, cursor = _page(shown, call.count("limit", 1000), call.args.get("cursor"))
    return {
        "messages": [_shown(call, message) for message in page],
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def find_channel(call: Call, name: Any) -> Channel:
    """Return the channel an argument means: an id, or a public channel's name.

    Raises:
        SlackRefusal: There is none the bot may know of.
    """
    wanted = str(name).removeprefix("#")
    for channel in call.workspace.channels.values():
        hidden = channel.kind != "public" and people.BOT_USER not in channel.members
        named = channel.kind == "public" and channel.name == wanted
        if (channel.id == name or named) and not hidden:
            return channel
    raise SlackRefusal("channel_not_found")


def direct_channel(call: Call, user: str) -> Channel:
    """Return the direct channel with a person.

    Raises:
        SlackRefusal: The bot can't write to that account.
    """
    member = call.workspace.people.get(user)
    if member is None:
        raise SlackRefusal("user_not_found")
    if member.deleted:
        raise SlackRefusal("user_disabled")
    if member.bot or member.id == people.SLACKBOT:
        raise SlackRefusal("cannot_dm_bot")
    return call.workspace.direct(user)


def _user(call: Call, member: Member) -> JsonObject:
    return user_json(
        member,
        call.workspace.now(),
        email="users:read.email" in call.installation.scopes,
        locale=call.flag("include_locale"),
    )


def _readable(call: Call) -> Channel:
    channel = find_channel(call, call.args["channel"])
    call.demand_scope(f"{_READ_SCOPE[channel.kind]}:history")
    if people.BOT_USER not in channel.members:
        raise SlackRefusal("not_in_channel")
    return channel


def _inside(call: Call, message: Message) -> bool:
    """Say whether a message lies between `oldest` and `latest` (each exclusive by default)."""
    at = _micros(message.ts)
    oldest = _micros(call.args.get("oldest") or "0")
    latest = _micros(call.args.get("latest") or "99999999999")
    if call.flag("inclusive"):
        return oldest <= at <= latest
    return oldest < at < latest


def _micros(ts: Any) -> int:
    try:
        whole, _, part = str(ts).partition(".")
        return int(whole) * 1_000_000 + int(part.ljust(6, "0")[:6] or 0)
    except ValueError:
        raise SlackRefusal("invalid_arguments") from None


def _shown(call: Call, message: Message) -> JsonObject:
    body = dict(message.body)
    if not call.flag("include_all_metadata"):
        body.pop("metadata", None)
    return body


def _page(rows: list[Any], limit: int, cursor: Any) -> tuple[list[Any], str]:
    """Return one page and the cursor of the next; cursors are offsets in disguise."""
    try:
        start = int(str(cursor).removeprefix("next:")) if cursor else 0
    except ValueError:
        raise SlackRefusal("invalid_cursor") from None
    if not 1 <= limit <= 1000:
        raise SlackRefusal("invalid_limit")
    rest = start + limit
    return rows[start:rest], f"next:{rest}" if rest < len(rows) else ""


METHODS: dict[str, Method] = {
    "auth.test": Method(run=auth_test),
    "users.info": Method(run=users_info, scope="users:read", form_only=True),
    "users.lookupByEmail": Method(
        run=users_lookup_by_email, scope="users:read.email", form_only=True
    ),
    "users.list": Method(run=users_list, scope="users:read", form_only=True),
    "conversations.open": Method(run=conversations_open, scope="im:write"),
    "conversations.info": Method(run=conversations_info, form_only=True),
    "conversations.history": Method(run=conversations_history, form_only=True),
    "conversations.replies": Method(run=conversations_replies, form_only=True),
}
