"""What a person does outside forms: commands, shortcuts, the Home tab; and what Slack announces.

Sources: docs.slack.dev `interactivity/implementing-slash-commands`,
`interactivity/implementing-shortcuts`, `apis/events-api`, `reference/events`.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from handlers.sandbox.slack import payloads, people
from handlers.sandbox.slack.delivery import Courier, Delivery, answered
from handlers.sandbox.slack.people import Member, user_json
from handlers.sandbox.slack.refusals import PersonRefusal, SlackRefusal
from handlers.sandbox.slack.talk import Talk
from handlers.sandbox.slack.views import Views
from handlers.sandbox.slack.workspace import Channel, JsonObject, Message, Workspace

_CHANGEABLE = frozenset(field.name for field in fields(Member)) - {"id"}


class Acts:
    """People's doings in channels, and Slack's own announcements."""

    def __init__(self, workspace: Workspace, views: Views, talk: Talk, courier: Courier) -> None:
        """Act in the given workspace."""
        self._workspace = workspace
        self._views = views
        self._talk = talk
        self._courier = courier

    def command(self, user: str, channel_id: str | None, text: str, *, raw: bool) -> JsonObject:
        """Type a slash command; `raw` leaves its text as it is.

        Returns what the acknowledgement showed and the error the person sees, if any.

        Raises:
            PersonRefusal: The command isn't the app's, or the person can't type there.
        """
        self._ready(user)
        channel = self._channel(user, channel_id)
        name, _, words = text.partition(" ")
        row = self._workspace.installation.command(name)
        if row is None:
            raise PersonRefusal("unknown_command", f"{name} is not a valid command")
        if not raw:
            mentions = bool(row.get("should_escape"))
            words = payloads.escaped(self._workspace, words, mentions=mentions)
        form = payloads.command(self._workspace, channel, user, name, words)
        form["response_url"] = self._talk.response_url("commands", channel, user)
        form["trigger_id"] = self._views.trigger(user)
        delivery = self._courier.form("command", user, form)
        shown, error = self._command_answer(channel, user, text, delivery)
        if shown and shown[-1].body.get("bot_id") == people.BOT:
            self._talk.remember(form["response_url"], shown[-1])
        return {
            "delivery": delivery.id,
            "error": error,
            "messages": [message.body for message in shown],
        }

    def shortcut(self, user: str, callback_id: str) -> JsonObject:
        """Use a global shortcut.

        Raises:
            PersonRefusal: The manifest has no such shortcut.
        """
        self._ready(user)
        if self._workspace.installation.shortcut(callback_id, "global") is None:
            raise PersonRefusal("unknown_shortcut", callback_id)
        payload = self._shortcut_payload("shortcut", user, callback_id)
        return _told(self._courier.payload("shortcut", user, payload))

    def message_shortcut(self, user: str, callback_id: str, channel_id: str, ts: str) -> JsonObject:
        """Use a shortcut on a message.

        Raises:
            PersonRefusal: The manifest has no such shortcut, or the message isn't seen.
        """
        self._ready(user)
        if self._workspace.installation.shortcut(callback_id, "message") is None:
            raise PersonRefusal("unknown_shortcut", callback_id)
        channel = self._channel(user, channel_id)
        message = next((m for m in self._talk.seen(user, channel) if m.ts == ts), None)
        if message is None:
            raise PersonRefusal("no_such_message", ts)
        payload = {
            **self._shortcut_payload("message_action", user, callback_id),
            "message_ts": ts,
            "channel": {"id": channel.id, "name": payloads.channel_name(channel)},
            "message": payloads.public(message.body),
            "response_url": self._talk.response_url("app", channel, user, ts),
        }
        return _told(self._courier.payload("message_action", user, payload))

    def home(self, user: str) -> JsonObject:
        """Open the app's Home tab; the app is told when it subscribed to that.

        Raises:
            PersonRefusal: The app has no Home tab.
        """
        self._ready(user)
        if not self._workspace.installation.home_tab:
            raise PersonRefusal("no_home_tab")
        if "app_home_opened" in self._workspace.installation.events:
            inner: JsonObject = {
                "type": "app_home_opened",
                "user": user,
                "channel": self._workspace.direct(user).id,
                "tab": "home",
                "event_ts": self._workspace.make_ts(),
            }
            view = self._views.home(user)
            if view is not None:
                inner["view"] = self._views.payload(view)
            envelope = payloads.event(self._workspace, inner)
            self._courier.event("app_home_opened", envelope)
        shown = self._views.home(user)
        return {"view": self._views.payload(shown) if shown is not None else None}

    def say(
        self,
        user: str,
        channel_id: str | None,
        text: str,
        *,
        thread_ts: str | None = None,
        typed: bool = False,
    ) -> JsonObject:
        """Write an ordinary message, or an answer in a thread (no event is sent for it).

        A text that was `typed` is kept as Slack keeps one: escaped, names turned into ids.

        Raises:
            PersonRefusal: The person isn't in the channel.
        """
        self._workspace.person(user)
        channel = self._channel(user, channel_id)
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        if typed:
            text = payloads.escaped(self._workspace, text, mentions=True)
        said = self._talk.say(channel, user, text, **thread)
        return {"message": said.body, "channel": channel.id}

    def event(self, inner: JsonObject) -> JsonObject:
        """Let Slack announce something: the workspace changes accordingly, the app is told.

        `user_change` takes {"user": id, "changes": {...}}; `app_uninstalled` and `tokens_revoked`
        make the token useless; `url_verification` checks the challenge; others go as given.

        Raises:
            PersonRefusal: The app isn't subscribed to it, or it names nobody.
        """
        kind = inner.get("type", "")
        if kind == "url_verification":
            return self._verify_url()
        if kind not in self._workspace.installation.events:
            raise PersonRefusal("not_subscribed", kind)
        body = {**inner, "event_ts": self._workspace.make_ts()}
        if kind == "user_change":
            body = self._change_user(body)
        elif kind == "app_uninstalled":
            self._revoke("account_inactive")
        elif kind == "tokens_revoked":
            body.setdefault("tokens", {"oauth": [], "bot": [people.BOT_USER]})
            if body["tokens"].get("bot"):
                self._revoke("token_revoked")
        envelope = payloads.event(self._workspace, body)
        return _told(self._courier.event(kind, envelope))

    def _ready(self, user: str) -> None:
        self._workspace.person(user)
        if self._workspace.installation.revoked:
            raise PersonRefusal("app_not_installed")

    def _channel(self, user: str, channel_id: str | None) -> Channel:
        if channel_id is None:
            return self._workspace.direct(user)
        channel = self._workspace.channels.get(channel_id)
        if channel is None or user not in channel.members:
            raise PersonRefusal("not_in_that_channel", channel_id)
        return channel

    def _command_answer(
        self, channel: Channel, user: str, typed: str, delivery: Delivery
    ) -> tuple[list[Message], str | None]:
        error = None if delivery.ok else delivery.verdict
        answer = answered(delivery) if delivery.ok else None
        said = {"text": answer} if isinstance(answer, str) else answer
        shown: list[Message] = []
        if isinstance(said, dict) and said:
            try:
                shown = self._show(channel, user, typed, said)
            except SlackRefusal as refusal:
                error = refusal.code
        if error is not None:
            name = typed.split(" ", 1)[0]
            text = f'{name} failed with the error "{error}"'
            shown = [self._talk.say(channel, people.SLACKBOT, text, to=user)]
        return shown, error

    def _show(self, channel: Channel, user: str, typed: str, said: JsonObject) -> list[Message]:
        """Show the answer; in_channel shows the typed command too, and alone only that."""
        public = said.get("response_type") == "in_channel"
        bare = public and set(said) == {"response_type"}
        content = None if bare else self._talk.content(said)
        shown = [self._talk.say(channel, user, typed, sandbox_echo=True)] if public else []
        if content is not None:
            shown.append(self._talk.answer(channel, user, said, content))
        return shown

    def _shortcut_payload(self, kind: str, user: str, callback_id: str) -> JsonObject:
        return {
            **payloads.common(self._workspace, kind, user),
            "callback_id": callback_id,
            "trigger_id": self._views.trigger(user),
            "action_ts": self._workspace.make_ts(),
        }

    def _verify_url(self) -> JsonObject:
        challenge = self._workspace.make_id("challenge")
        payload = {
            "token": "sandbox-verification-token",
            "challenge": challenge,
            "type": "url_verification",
        }
        delivery = self._courier.event("url_verification", payload)
        answer = answered(delivery)
        echoed = answer.get("challenge") if isinstance(answer, dict) else answer
        if delivery.ok and echoed != challenge:
            return {"delivery": delivery.id, "error": "challenge_failed"}
        return _told(delivery)

    def _change_user(self, body: JsonObject) -> JsonObject:
        changes: dict[str, Any] = body.pop("changes", {})
        unknown = set(changes) - _CHANGEABLE
        with self._workspace.lock:
            member = self._workspace.people.get(body.get("user", ""))
            if member is None or unknown:
                raise PersonRefusal("bad_user_change", ", ".join(unknown) or str(body.get("user")))
            member = replace(member, **changes)
            self._workspace.people[member.id] = member
            scopes = self._workspace.installation.scopes
            user = user_json(member, self._workspace.now(), email="users:read.email" in scopes)
            return {**body, "user": user, "cache_ts": int(self._workspace.now().timestamp())}

    def _revoke(self, code: str) -> None:
        with self._workspace.lock:
            installation = self._workspace.installation
            self._workspace.installation = replace(installation, revoked=code)


def _told(delivery: Delivery) -> JsonObject:
    return {"delivery": delivery.id, "error": None if delivery.ok else delivery.verdict}
