"""Exports, plugged into Slack: the command, its buttons, and the form."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App

from bot.domain.connection import Owner
from bot.errors import NotConnected, ParleyError
from bot.journeys.connect import Connect
from bot.journeys.export import Export
from bot.journeys.export_asking import Asking
from handlers.slack import ids, payloads
from handlers.slack.app import answer_command
from handlers.slack.areas import Keep
from handlers.slack.exports import messages
from handlers.slack.exports.messages import LinkFor
from handlers.slack.message import Message, escape, say
from handlers.slack.sentences import export_asking as words_of
from handlers.slack.voice import SlackVoice
from handlers.worker import Handle
from store.inbox import Item
from store.memory import Memory

KIND = "export"
_QUICK = (["list"], ["cancel"])
"""What needs no CRM."""


class ExportArea:
    """Does the inbox's work about exports."""

    def __init__(
        self,
        *,
        journey: Export,
        asking: Asking,
        connect: Connect,
        link_for: LinkFor,
        memory: Memory,
        voice: SlackVoice,
        commands: ids.Commands,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; *link_for* gives the address of an export's download page."""
        self._journey = journey
        self._asking = asking
        self._connect = connect
        self._link_for = link_for
        self._memory = memory
        self._voice = voice
        self._commands = commands
        self._clock = clock

    def listen(self, app: App, keep: Keep) -> None:
        """Register the command."""
        help_text = say(words_of.HELP.format(export=self._commands.export))

        def export(ack: Ack, body: dict[str, Any]) -> None:
            first = str(body.get("text", "")).split()[:1]
            lane = "quick" if [one.casefold() for one in first] in _QUICK else "work"
            answer_command(ack, body, help_text, lambda: keep(lane, KIND, body))

        app.command(self._commands.export)(export)

    def handlers(self) -> Mapping[str, Handle]:
        """Return who does which kind of the inbox's work."""
        return {KIND: self.command}

    def clicks(self) -> Mapping[str, Handle]:
        """Return who does which click."""
        return {
            ids.EXPORT_GO_ON: self.go_on,
            ids.EXPORT_CANCEL: self.stop,
            ids.EXPORT_AGAIN: self.again,
            ids.EXPORT_LINK: lambda _: None,
        }

    def given_up(self) -> Mapping[str, Handle]:
        """Return nobody: what failed is said with its incident."""
        return {}

    def command(self, item: Item) -> None:
        """Answer the command."""
        command = payloads.command(item.payload)
        verb, _, rest = command.words.partition(" ")
        known = {"list": self._list, "cancel": self._cancel}.get(verb.casefold())
        if known is None:
            self._start(item, command.owner, command.words, command.response_url)
        else:
            self._answer(item, command.response_url, lambda: known(command.owner, rest.strip()))

    def go_on(self, item: Item) -> None:
        """Start what was asked for before the account was connected."""
        click = payloads.click(item.payload)
        self._start(item, click.owner, click.value or "", click.response_url)

    def stop(self, item: Item) -> None:
        """Cancel the export whose button was pressed."""
        click = payloads.click(item.payload)
        wanted = click.value or ""
        self._answer(item, click.response_url, lambda: self._cancel(click.owner, wanted))

    def again(self, item: Item) -> None:
        """Start once more what an export asked for."""
        click = payloads.click(item.payload)

        def do() -> Message:
            self._voice.person(click.owner, now=self._clock())
            job = self._journey.again(
                click.owner, click.value or "", seed=item.key, now=self._clock()
            )
            return messages.started(job, None, self._commands)

        self._answer(item, click.response_url, do)

    def _start(self, item: Item, owner: Owner, words: str, response_url: str | None) -> None:
        def do() -> Message:
            zone = self._voice.person(owner, now=self._clock()).zone
            grant = self._memory.grants.in_use(owner)
            if grant is None:
                raise NotConnected("none")
            asked = self._asking.understand(words, owner, grant, zone=zone)
            job = self._journey.start(
                owner,
                grant,
                asked.query,
                seed=item.key,
                now=self._clock(),
                expected=asked.count,
            )
            return messages.started(job, asked.count, self._commands)

        self._answer(item, response_url, do, words)

    def _list(self, owner: Owner, _rest: str) -> Message:
        return messages.listed(self._journey.jobs(owner), self._link_for, self._commands)

    def _cancel(self, owner: Owner, wanted: str) -> Message:
        if not wanted:
            return say(words_of.CANCEL_WHICH.format(export=self._commands.export))
        job = self._journey.cancel(owner, wanted, self._clock())
        return say(words_of.CANCELLED.format(id=job.id, export=self._commands.export))

    def _answer(
        self,
        item: Item,
        response_url: str | None,
        do: Callable[[], Message],
        words: str = "",
    ) -> None:
        """Say what *do* returns, or why it can't be."""
        now = self._clock()
        try:
            message = do()
        except NotConnected as error:
            message = self._unconnected(item.owner, error, words, now)
        except ParleyError as error:
            message = messages.refused(words, error, self._commands)
        self._voice.reply(item.owner, response_url, f"reply:{item.id}", message, now=now)

    def _unconnected(self, owner: Owner, error: NotConnected, words: str, now: datetime) -> Message:
        if error.code == "scope":
            return say(escape(words_of.sorry(error, self._commands)))
        return messages.connect_first(words, self._connect.link(owner, now=now))
