"""The desk: what Slack sent goes into the inbox, and from there to who does it."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.errors import Gone, NotAllowed, ParleyError, TryLater
from bot.journeys.connect import Connect
from handlers.bells import Bell
from handlers.slack import connect as connect_desk
from handlers.slack import ids, payloads
from handlers.slack.admin import AdminDesk
from handlers.slack.creating import CreationDesk
from handlers.slack.meet import MeetDesk
from handlers.slack.message import Message, actions, escape, say
from handlers.slack.sentences import apologies
from handlers.slack.sentences import connect as connect_say
from handlers.slack.sentences import meet as meet_say
from handlers.slack.voice import SlackVoice
from handlers.worker import Handle
from store.inbox import Inbox, Item

_log = logging.getLogger(__name__)


class Desk:
    """Sorts the work by kind."""

    def __init__(
        self,
        *,
        meet: MeetDesk,
        creation: CreationDesk,
        connect: Connect,
        admin: AdminDesk,
        voice: SlackVoice,
        commands: ids.Commands,
        inbox: Inbox,
        clock: Callable[[], datetime],
        bells: Mapping[str, Bell],
    ) -> None:
        """Take the parts; *bells* wake the worker's lanes."""
        self._meet = meet
        self._creation = creation
        self._connect = connect
        self._admin = admin
        self._voice = voice
        self._commands = commands
        self._inbox = inbox
        self._clock = clock
        self._bells = bells

    def keep(self, lane: str, kind: str, body: Mapping[str, Any]) -> None:
        """Keep one delivery durably; a second delivery of the same thing is dropped."""
        # The verification token is Slack's old proof of origin: never kept.
        payload = {name: value for name, value in body.items() if name != "token"}
        fresh = self._inbox.put(
            payloads.dedupe_key(body),
            lane=lane,
            kind=kind,
            owner=payloads.owner_of(body),
            payload=payload,
            now=self._clock(),
        )
        if fresh:
            self._bells[lane].ring()

    def helps(self) -> Mapping[str, Message]:
        """Return each command's help."""
        names = {"meet": self._commands.meet, "crm": self._commands.crm}
        return {
            self._commands.meet: say(meet_say.HELP.format(**names)),
            self._commands.crm: say(connect_say.HELP.format(**names)),
        }

    def handlers(self) -> Mapping[str, Handle]:
        """Return who does which kind of work."""
        return {
            "meet": self._meet.command,
            "fill": self._meet.fill,
            "create": self._creation.create,
            "crm": self._crm,
            "code": self._code,
            "click": self._click,
        }

    def give_up(self, item: Item, incident: str) -> None:
        """Tell the person that their request failed for good."""
        if item.kind == "create":
            try:
                self._creation.given_up(item)
            except ParleyError:
                _log.warning("operation_unknown item=%s incident=%s", item.id, incident)
            else:
                return
        sorry = say(apologies.incident(incident))
        self._reply(item, item.payload.get("response_url"), sorry)

    def _reply(self, item: Item, response_url: str | None, message: Message) -> None:
        key = f"reply:{item.id}"
        self._voice.reply(item.owner, response_url, key, message, now=self._clock())

    def _click(self, item: Item) -> None:
        click = payloads.click(item.payload)
        match click.action_id:
            case ids.MEET_OPEN:
                self._meet.reopen(item)
            case ids.MEET_SHARE:
                self._creation.share(item)
            case ids.MEET_CHECK | ids.MEET_ANYWAY:
                self._creation.answer_asked(item)
            case ids.CRM_CODE_OPEN:
                self._open_code(item, click)
            case ids.CRM_DISCONNECT | ids.CRM_USE | ids.CRM_CONNECT:
                self._connection(item, click)
            case ids.ADMIN_CUT_OFF | ids.ADMIN_NEXT | ids.ADMIN_BACK:
                message = self._admin.clicked(click, self._clock())
                self._reply(item, click.response_url, message)
            case ids.CRM_LINK | ids.MEET_LINK:
                # A link opens in the browser; Slack tells of the click all the same.
                return
            case _:
                if click.view is not None:
                    self._meet.clicked(item)

    def _crm(self, item: Item) -> None:
        command = payloads.command(item.payload)
        now = self._clock()
        try:
            self._voice.person(command.owner, now=now)
        except (NotAllowed, TryLater) as error:
            sorry = say(escape(apologies.apology(error, self._commands)))
            self._reply(item, command.response_url, sorry)
            return
        if command.words.casefold() == "admin":
            message = self._admin.look(command.owner, 1, now)
        else:
            message = connect_desk.crm(
                self._connect, command.owner, command.words, now=now, commands=self._commands
            )
        self._reply(item, command.response_url, message)

    def _open_code(self, item: Item, click: payloads.Click) -> None:
        try:
            self._voice.open_form(click.trigger_id, connect_desk.code_modal())
        except (Gone, TryLater):
            # The click came too late for Slack: the button stands, and can be pressed again.
            now = self._clock()
            offer = say(connect_say.CODE_AGAIN, actions(connect_say.code_button()))
            self._voice.owe(item.owner, f"code-again:{item.id}", offer, now=now)

    def _code(self, item: Item) -> None:
        code = connect_desk.typed_code(item.payload["view"])
        now = self._clock()
        message = connect_desk.submit_code(
            self._connect, item.owner, code, now=now, commands=self._commands
        )
        self._voice.owe(item.owner, f"code:{item.id}", message, now=now)

    def _connection(self, item: Item, click: payloads.Click) -> None:
        message = connect_desk.clicked(
            self._connect, click, now=self._clock(), commands=self._commands
        )
        self._reply(item, click.response_url, message)
