"""Exports, plugged into Slack: the command, its buttons, and the form."""

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App

from bot.domain.connection import Owner
from bot.errors import NotConnected, ParleyError
from bot.journeys.account.connect import Connect
from bot.journeys.export.asking import Asking
from bot.journeys.export.jobs import Export
from handlers.slack import ids, payloads
from handlers.slack.app import answer_command, answered
from handlers.slack.areas import Keep
from handlers.slack.exports import messages
from handlers.slack.exports.desk import ACTIONS, COUNT, FILL, ExportFormDesk
from handlers.slack.exports.menus import ExportMenus
from handlers.slack.exports.messages import LinkFor
from handlers.slack.message import Message, say
from handlers.slack.sentences import export_asking as words_of
from handlers.slack.voice import SlackVoice
from handlers.worker import Handle
from store.inbox import Item

_log = logging.getLogger(__name__)

KIND = "export"
_LANES = {"": "form", "list": "quick", "cancel": "quick"}
"""By the command's first word: opening a form can't wait, and some need no CRM."""


class ExportArea:
    """Does the inbox's work about exports."""

    def __init__(
        self,
        *,
        journey: Export,
        asking: Asking,
        desk: ExportFormDesk,
        menus: ExportMenus,
        connect: Connect,
        link_for: LinkFor,
        voice: SlackVoice,
        commands: ids.Commands,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; *link_for* gives the address of an export's download page."""
        self._journey = journey
        self._asking = asking
        self._desk = desk
        self._menus = menus
        self._connect = connect
        self._link_for = link_for
        self._voice = voice
        self._commands = commands
        self._clock = clock

    def listen(self, app: App, keep: Keep) -> None:
        """Register the command, the form and its menus."""
        help_text = say(words_of.HELP.format(export=self._commands.export))

        def export(ack: Ack, body: dict[str, Any]) -> None:
            first = str(body.get("text", "")).split()[:1]
            lane = _LANES.get("".join(first).casefold(), "work")
            answer_command(ack, body, help_text, lambda: keep(lane, KIND, body))

        def submitted(ack: Ack, body: dict[str, Any]) -> None:
            ack(**answered(body, self.submit, self._commands))

        def typed(ack: Ack, body: dict[str, Any]) -> None:
            try:
                found = self._menus.options(body)
            except Exception:  # noqa: BLE001 - an empty menu, not a time-out
                _log.exception("listener_failed what=export_options")
                found = []
            ack(options=found)

        app.command(self._commands.export)(export)
        app.view(ids.EXPORT_FORM)(submitted)
        app.options(re.compile(r"^export_"))(typed)

    def submit(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return how to answer the submitted form."""
        return self._desk.submit(body)

    def handlers(self) -> Mapping[str, Handle]:
        """Return who does which kind of the inbox's work."""
        return {KIND: self.command, FILL: self._desk.fill, COUNT: self._desk.count}

    def clicks(self) -> Mapping[str, Handle]:
        """Return who does which click."""
        return {
            ids.EXPORT_GO_ON: self.go_on,
            ids.EXPORT_CANCEL: self.stop,
            ids.EXPORT_AGAIN: self.again,
            ids.EXPORT_LINK: lambda _: None,
            ids.EXPORT_OPEN: self.reopen,
            **dict.fromkeys(ACTIONS, self._desk.clicked),
        }

    def given_up(self) -> Mapping[str, Handle]:
        """Return who says nothing: a form that couldn't be shown anew stays as it was."""
        return dict.fromkeys((FILL, COUNT), lambda _: None)

    def command(self, item: Item) -> None:
        """Answer the command."""
        command = payloads.command(item.payload)
        owner, response_url = command.owner, command.response_url
        verb, *rest = command.words.split(maxsplit=1) or [""]
        match verb.casefold():
            case "":
                self._open(item, owner, "", command.trigger_id, response_url)
            case "list":
                self._answer(item, response_url, lambda: self._list(owner))
            case "cancel":
                self._answer(item, response_url, lambda: self._cancel(owner, "".join(rest)))
            case _:
                self._start(item, owner, command.words, response_url)

    def go_on(self, item: Item) -> None:
        """Start what was asked for before the account was connected."""
        click = payloads.click(item.payload)
        self._start(item, click.owner, click.value or "", click.response_url)

    def reopen(self, item: Item) -> None:
        """Open the form, with the words that the button keeps."""
        click = payloads.click(item.payload)
        words = click.value or ""
        self._open(item, click.owner, words, click.trigger_id, click.response_url)

    def stop(self, item: Item) -> None:
        """Cancel the export whose button was pressed."""
        click = payloads.click(item.payload)
        wanted = click.value or ""
        self._answer(item, click.response_url, lambda: self._cancel(click.owner, wanted))

    def again(self, item: Item) -> None:
        """Start once more what an export asked for."""
        click = payloads.click(item.payload)
        wanted = click.value or ""

        def do() -> Message:
            self._voice.person(click.owner, now=self._clock())
            job = self._journey.again(click.owner, wanted, seed=item.key, now=self._clock())
            return messages.started(job, None, self._commands)

        self._answer(item, click.response_url, do, again=wanted)

    def _start(self, item: Item, owner: Owner, words: str, response_url: str | None) -> None:
        def do() -> Message:
            zone = self._voice.person(owner, now=self._clock()).zone
            asked = self._asking.understand(words, owner, zone=zone)
            job = self._journey.start(
                owner,
                asked.grant,
                asked.query,
                seed=item.key,
                now=self._clock(),
                expected=asked.count,
            )
            return messages.started(job, asked.count, self._commands)

        self._answer(item, response_url, do, words)

    def _open(
        self, item: Item, owner: Owner, words: str, trigger_id: str, response_url: str | None
    ) -> None:
        try:
            self._desk.open(item, owner, words, trigger_id, response_url)
        except ParleyError as error:
            message = self._declined(owner, words, error)
            self._reply(item, response_url, message)

    def _list(self, owner: Owner) -> Message:
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
        *,
        again: str = "",
    ) -> None:
        """Say what *do* returns, or why it can't be; *words* or *again* are kept meanwhile."""
        try:
            message = do()
        except ParleyError as error:
            message = self._declined(item.owner, words, error, again=again)
        self._reply(item, response_url, message)

    def _declined(
        self, owner: Owner, words: str, error: ParleyError, *, again: str = ""
    ) -> Message:
        if isinstance(error, NotConnected) and error.code != "scope":
            link = self._connect.link(owner, now=self._clock())
            return messages.connect_first(words, link, again=again)
        return messages.refused(words, error, self._commands)

    def _reply(self, item: Item, response_url: str | None, message: Message) -> None:
        key = f"reply:{item.id}"
        self._voice.reply(item.owner, response_url, key, message, now=self._clock())
