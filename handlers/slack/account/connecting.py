"""Connecting in Slack: the command, its buttons and the form for the browser's code."""

from collections.abc import Callable, Mapping
from datetime import datetime

from slack_bolt import App

from bot.errors import Gone, NotAllowed, TryLater
from bot.journeys.account.connect import Connect
from handlers.slack import ids, payloads
from handlers.slack.account import connect as connect_desk
from handlers.slack.account.admin import AdminDesk
from handlers.slack.areas import Keep
from handlers.slack.message import Message, actions, escape, say
from handlers.slack.sentences import apologies
from handlers.slack.sentences import connect as connect_say
from handlers.slack.voice import SlackVoice
from handlers.worker import Handle
from store.inbox import Item


class ConnectArea:
    """Does the inbox's work about CRM accounts."""

    def __init__(
        self,
        *,
        connect: Connect,
        admin: AdminDesk,
        voice: SlackVoice,
        commands: ids.Commands,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts."""
        self._connect = connect
        self._admin = admin
        self._voice = voice
        self._commands = commands
        self._clock = clock

    def listen(self, app: App, keep: Keep) -> None:
        """Register nothing: its command and form are the app's own."""

    def handlers(self) -> Mapping[str, Handle]:
        """Return who does which kind of the inbox's work."""
        return {
            "crm": self._for_people(self.command),
            "code": self._for_people(self.code),
        }

    def clicks(self) -> Mapping[str, Handle]:
        """Return who does which click."""
        return {
            ids.CRM_CODE_OPEN: self._for_people(self.open_code),
            **dict.fromkeys(
                (ids.CRM_DISCONNECT, ids.CRM_USE, ids.CRM_CONNECT),
                self._for_people(self.connection),
            ),
            **dict.fromkeys(
                (ids.ADMIN_CUT_OFF, ids.ADMIN_NEXT, ids.ADMIN_BACK),
                self._for_people(self.administer),
            ),
        }

    def given_up(self) -> Mapping[str, Handle]:
        """Return nobody: what failed is said with its incident."""
        return {}

    def command(self, item: Item) -> None:
        """Answer the command."""
        command = payloads.command(item.payload)
        now = self._clock()
        if command.words.casefold() == "admin":
            message = self._admin.look(command.owner, 1, now)
        else:
            message = connect_desk.crm(
                self._connect, command.owner, command.words, now=now, commands=self._commands
            )
        self._reply(item, command.response_url, message)

    def open_code(self, item: Item) -> None:
        """Open the form for the code."""
        click = payloads.click(item.payload)
        try:
            self._voice.open_form(click.trigger_id, connect_desk.code_modal())
        except (Gone, TryLater):
            # The click came too late for Slack: the button stands, and can be pressed again.
            now = self._clock()
            offer = say(connect_say.CODE_AGAIN, actions(connect_say.code_button()))
            self._voice.owe(item.owner, f"code-again:{item.id}", offer, now=now)

    def code(self, item: Item) -> None:
        """Take a code that was sent."""
        code = connect_desk.typed_code(item.payload["view"])
        now = self._clock()
        message = connect_desk.submit_code(
            self._connect, item.owner, code, now=now, commands=self._commands
        )
        self._voice.owe(item.owner, f"code:{item.id}", message, now=now)

    def connection(self, item: Item) -> None:
        """Do what a button of ``status`` asks."""
        click = payloads.click(item.payload)
        message = connect_desk.clicked(
            self._connect, click, now=self._clock(), commands=self._commands
        )
        self._reply(item, click.response_url, message)

    def administer(self, item: Item) -> None:
        """Do what a button of ``admin`` asks."""
        click = payloads.click(item.payload)
        message = self._admin.clicked(click, self._clock())
        self._reply(item, click.response_url, message)

    def _for_people(self, do: Handle) -> Handle:
        """Return what does the same for those who may use Parley, and tells the others why not."""

        def checked(item: Item) -> None:
            try:
                self._voice.person(item.owner, now=self._clock())
            except (NotAllowed, TryLater) as error:
                sorry = say(escape(apologies.apology(error, self._commands)))
                self._reply(item, item.payload.get("response_url"), sorry)
            else:
                do(item)

        return checked

    def _reply(self, item: Item, response_url: str | None, message: Message) -> None:
        key = f"reply:{item.id}"
        self._voice.reply(item.owner, response_url, key, message, now=self._clock())
