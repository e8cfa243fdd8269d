"""Web API: chat.* and views.* (docs.slack.dev `reference/methods`)."""

from __future__ import annotations

from handlers.sandbox.slack import people
from handlers.sandbox.slack.methods_people import direct_channel, find_channel
from handlers.sandbox.slack.refusals import SlackRefusal
from handlers.sandbox.slack.talk import UPDATE_TEXT
from handlers.sandbox.slack.webapi import Call, Method
from handlers.sandbox.slack.workspace import Channel, JsonObject, Message

_UNFURL = ("unfurl_links", "unfurl_media")


def post_message(call: Call) -> JsonObject:
    """Post into a channel or, by user id, into the direct channel with that person."""
    call.need("channel")
    channel = _target(call)
    content = call.talk.content(call.args)
    thread = call.args.get("thread_ts")
    if thread and channel.find(thread) is None:
        raise SlackRefusal("thread_not_found")
    # Not a part of Slack's message: kept so that a test can see what was asked for.
    content |= {f"sandbox_{key}": call.flag(key) for key in _UNFURL if key in call.args}
    message = call.talk.post(channel, content, thread_ts=thread)
    return {"channel": channel.id, "ts": message.ts, "message": message.body}


def post_ephemeral(call: Call) -> JsonObject:
    """Show a message to one member of a channel only."""
    call.need("channel", "user")
    channel = _target(call, direct=False)
    if call.args["user"] not in channel.members:
        raise SlackRefusal("user_not_in_channel")
    content = call.talk.content(call.args)
    message = call.talk.post(channel, content, to=call.args["user"])
    return {"message_ts": message.ts}


def update(call: Call) -> JsonObject:
    """Change one of the app's messages; text without blocks removes the blocks."""
    call.need("channel", "ts")
    channel, message = _own(call, "cant_update_message")
    if len(str(call.args.get("text") or "")) > UPDATE_TEXT:
        raise SlackRefusal("msg_too_long")
    content = call.talk.content(call.args)
    # Metadata stays unless an empty object is sent.
    call.talk.change(message, content, keep_metadata=call.args.get("metadata") != {})
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.body["text"],
        "message": message.body,
    }


def delete(call: Call) -> JsonObject:
    """Take one of the app's messages away."""
    call.need("channel", "ts")
    channel, message = _own(call, "cant_delete_message")
    call.talk.remove(channel, message)
    return {"channel": channel.id, "ts": message.ts}


def get_permalink(call: Call) -> JsonObject:
    """Return a message's address."""
    call.need("channel", "message_ts")
    channel = find_channel(call, call.args["channel"])
    message = channel.find(call.args["message_ts"])
    if message is None or message.to is not None:
        raise SlackRefusal("message_not_found")
    path = f"archives/{channel.id}/p{message.ts.replace('.', '')}"
    link = f"https://{people.TEAM_DOMAIN}.slack.example/{path}"
    return {"channel": channel.id, "permalink": link}


def views_open(call: Call) -> JsonObject:
    """Open a modal."""
    call.need("trigger_id", "view")
    view = call.views.open(call.args["trigger_id"], call.args["view"])
    return {"view": call.views.payload(view)}


def views_push(call: Call) -> JsonObject:
    """Lay a view over an open modal."""
    call.need("trigger_id", "view")
    view = call.views.push(call.args["trigger_id"], call.args["view"])
    return {"view": call.views.payload(view)}


def views_update(call: Call) -> JsonObject:
    """Change an open view, found by its id or by the app's own id for it."""
    call.need("view")
    if not (call.args.get("view_id") or call.args.get("external_id")):
        call.need("view_id")
    view = call.views.find(call.args.get("view_id"), call.args.get("external_id"))
    call.views.update(view, call.args["view"], call.args.get("hash"))
    return {"view": call.views.payload(view)}


def views_publish(call: Call) -> JsonObject:
    """Set a person's Home tab."""
    call.need("user_id", "view")
    if not call.installation.home_tab:
        raise SlackRefusal("not_enabled")
    if call.args["user_id"] not in call.workspace.people:
        raise SlackRefusal("user_not_found")
    view = call.views.publish(call.args["user_id"], call.args["view"], call.args.get("hash"))
    return {"view": call.views.payload(view)}


def _target(call: Call, *, direct: bool = True) -> Channel:
    name = str(call.args["channel"])
    if direct and name in call.workspace.people:
        try:
            channel = direct_channel(call, name)
        except SlackRefusal as refusal:
            # Posting by user id reports accounts it can't reach as channels that aren't there.
            code = "channel_not_found" if refusal.code == "user_disabled" else refusal.code
            raise SlackRefusal(code) from refusal
    else:
        channel = find_channel(call, name)
    if channel.kind == "im" and not call.installation.messages_tab:
        raise SlackRefusal("messages_tab_disabled")
    outside = people.BOT_USER not in channel.members
    if outside and "chat:write.public" not in call.installation.scopes:
        raise SlackRefusal("not_in_channel")
    return channel


def _own(call: Call, otherwise: str) -> tuple[Channel, Message]:
    channel = call.workspace.channels.get(str(call.args["channel"]))
    if channel is None or (people.BOT_USER not in channel.members and channel.kind != "public"):
        raise SlackRefusal("channel_not_found")
    message = channel.find(call.args["ts"])
    if message is None or message.to is not None:
        raise SlackRefusal("message_not_found")
    if message.body.get("bot_id") != people.BOT:
        raise SlackRefusal(otherwise)
    return channel, message


METHODS: dict[str, Method] = {
    "chat.postMessage": Method(run=post_message, scope="chat:write"),
    "chat.postEphemeral": Method(run=post_ephemeral, scope="chat:write"),
    "chat.update": Method(run=update, scope="chat:write"),
    "chat.delete": Method(run=delete, scope="chat:write"),
    "chat.getPermalink": Method(run=get_permalink, form_only=True),
    "views.open": Method(run=views_open),
    "views.push": Method(run=views_push),
    "views.update": Method(run=views_update),
    "views.publish": Method(run=views_publish),
}
