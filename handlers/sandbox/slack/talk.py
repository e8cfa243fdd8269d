"""Messages in channels, ephemeral ones, and the response URLs that lead back to them.

Sources: docs.slack.dev `reference/methods/chat.postMessage`, `chat.update`, `chat.postEphemeral`
and `interactivity/handling-user-interaction` (response_url).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from handlers.sandbox.slack import people
from handlers.sandbox.slack.blocks import check_message
from handlers.sandbox.slack.refusals import SlackRefusal
from handlers.sandbox.slack.values import fresh
from handlers.sandbox.slack.workspace import Channel, JsonObject, Message, Workspace

TEXT_CUT = 40_000
UPDATE_TEXT = 4_000
URL_LIFE = timedelta(minutes=30)
URL_USES = 5


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """A way back to where an interaction came from; `original` is the message it may replace."""

    channel: Channel
    user: str
    made: datetime
    original: str | None = None
    uses: int = 0


class Talk:
    """All that is said in the workspace."""

    def __init__(self, workspace: Workspace) -> None:
        """Start with no response URL given out."""
        self._workspace = workspace
        self.reset()

    def reset(self) -> None:
        """Forget every response URL."""
        self._urls: dict[str, ResponseUrl] = {}

    def content(self, said: JsonObject) -> JsonObject:
        """Return the checked text, blocks, attachments and metadata of a message to be posted.

        Raises:
            SlackRefusal: There is nothing to show, or a part is no good.
        """
        blocks = said.get("blocks") or []
        text = said.get("text") or ""
        attachments = said.get("attachments") or []
        if not isinstance(text, str):
            raise SlackRefusal("invalid_arguments", messages=["[ERROR] text must be a string"])
        if not (text or blocks or attachments):
            raise SlackRefusal("no_text")
        messages = check_message(blocks)
        if messages:
            raise SlackRefusal("invalid_blocks", messages=messages)
        if not isinstance(attachments, list) or len(attachments) > 100:
            raise SlackRefusal("too_many_attachments")
        body: JsonObject = {"text": text[:TEXT_CUT]}
        if blocks:
            body["blocks"] = self._workspace.named(blocks)
        if attachments:
            body["attachments"] = attachments
        if said.get("metadata"):
            body["metadata"] = _metadata(said["metadata"])
        return body

    def post(
        self,
        channel: Channel,
        content: JsonObject,
        *,
        to: str | None = None,
        thread_ts: str | None = None,
    ) -> Message:
        """Put the bot's message into a channel, for `to` alone when given."""
        with self._workspace.lock:
            body: JsonObject = {
                "type": "message",
                "user": people.BOT_USER,
                "bot_id": people.BOT,
                "app_id": people.APP,
                "team": people.TEAM,
                "ts": self._workspace.make_ts(),
                "bot_profile": {
                    "id": people.BOT,
                    "app_id": people.APP,
                    "name": "Parley",
                    "deleted": False,
                    "team_id": people.TEAM,
                },
                **content,
            }
            if thread_ts:
                body["thread_ts"] = thread_ts
            return self._append(channel, Message(body=body, to=to))

    def say(
        self, channel: Channel, user: str, text: str, *, to: str | None = None, **extra: Any
    ) -> Message:
        """Put a message of a person (or of Slackbot) into a channel."""
        with self._workspace.lock:
            ts = self._workspace.make_ts()
            body = {"type": "message", "user": user, "text": text, "ts": ts, **extra}
            body["team"] = people.TEAM
            return self._append(channel, Message(body=body, to=to))

    def change(self, message: Message, content: JsonObject, *, keep_metadata: bool) -> None:
        """Give a message new content; metadata stays only with `keep_metadata`."""
        with self._workspace.lock:
            kept = ("text", "blocks", "attachments", "metadata")
            old = message.body.get("metadata") if keep_metadata else None
            for key in kept:
                message.body.pop(key, None)
            message.body |= content
            if old and "metadata" not in content:
                message.body["metadata"] = old
            ts = self._workspace.make_ts()
            message.body["edited"] = {"user": people.BOT, "ts": ts}
            message.values = fresh(message.body.get("blocks") or [])

    def remove(self, channel: Channel, message: Message) -> None:
        """Take a message away."""
        with self._workspace.lock:
            channel.messages.remove(message)

    def seen(self, user: str, channel: Channel) -> list[Message]:
        """Return what a person sees in a channel, oldest first, ephemeral ones included."""
        with self._workspace.lock:
            if user not in channel.members and channel.kind != "public":
                return []
            return [message for message in channel.messages if message.to in {None, user}]

    def response_url(
        self, kind: str, channel: Channel, user: str, original: str | None = None
    ) -> str:
        """Return a new response URL of a kind ("commands", "actions")."""
        with self._workspace.lock:
            key = self._workspace.make_id("r")
            self._urls[key] = ResponseUrl(
                channel=channel, user=user, made=self._workspace.now(), original=original
            )
            return f"{self._workspace.origin}/{kind}/{people.TEAM}/{key}/sandbox"

    def respond(self, key: str, said: Any) -> None:
        """Do what was posted to a response URL.

        Raises:
            SlackRefusal: The URL is unknown, used up or too old, or the message is no good.
        """
        with self._workspace.lock:
            url = self._urls.get(key)
            if url is None:
                raise SlackRefusal("no_active_hooks")
            if self._workspace.now() - url.made > URL_LIFE:
                raise SlackRefusal("expired_url")
            if url.uses >= URL_USES:
                raise SlackRefusal("used_url")
            if not isinstance(said, dict):
                raise SlackRefusal("invalid_payload")
            original = url.channel.find(url.original) if url.original else None
            ours = original is not None and original.body.get("bot_id") == people.BOT
            if said.get("delete_original"):
                url.uses += 1
                if original is not None and ours:
                    self.remove(url.channel, original)
                return
            content = self.content(said)
            url.uses += 1
            if said.get("replace_original") and original is not None and ours:
                self.change(original, content, keep_metadata=False)
                return
            message = self.answer(url.channel, url.user, said, content)
            if url.original is None:
                url.original = message.ts

    def remember(self, url: str, message: Message) -> None:
        """Let a response URL replace the message its interaction was acknowledged with."""
        with self._workspace.lock:
            self._urls[url.rsplit("/", 2)[1]].original = message.ts

    def answer(self, channel: Channel, user: str, said: JsonObject, content: JsonObject) -> Message:
        """Post the answer to an interaction: ephemeral unless it says `in_channel`.

        Raises:
            SlackRefusal: The response type is unknown.
        """
        kind = said.get("response_type", "ephemeral")
        if kind not in {"ephemeral", "in_channel"}:
            raise SlackRefusal("invalid_response_type")
        to = user if kind == "ephemeral" else None
        thread = said.get("thread_ts") if to is None else None
        return self.post(channel, content, to=to, thread_ts=thread)

    def _append(self, channel: Channel, message: Message) -> Message:
        message.values = fresh(message.body.get("blocks") or [])
        channel.messages.append(message)
        return message


def _metadata(value: Any) -> JsonObject:
    if not isinstance(value, dict):
        raise SlackRefusal("invalid_metadata_format")
    known = {"event_type", "event_payload", "entities"}
    if (
        not isinstance(value.get("event_type"), str)
        or not isinstance(value.get("event_payload"), dict)
        or set(value) - known
    ):
        raise SlackRefusal("invalid_metadata_schema")
    return value
