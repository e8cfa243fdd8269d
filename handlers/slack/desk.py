"""The desk: what Slack sent goes into the inbox, and from there to who does it."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.errors import ParleyError
from handlers.bells import Bell
from handlers.slack import ids, payloads
from handlers.slack.areas import Area
from handlers.slack.meeting.creating import CreationDesk
from handlers.slack.meeting.desk import MeetDesk
from handlers.slack.message import Message, say
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
        voice: SlackVoice,
        commands: ids.Commands,
        inbox: Inbox,
        clock: Callable[[], datetime],
        bells: Mapping[str, Bell],
        areas: tuple[Area, ...] = (),
    ) -> None:
        """Take the parts; *bells* wake the worker's lanes."""
        self._meet = meet
        self._creation = creation
        self._voice = voice
        self._commands = commands
        self._inbox = inbox
        self._clock = clock
        self._bells = bells
        self._areas = areas
        self._clicks = {name: do for area in areas for name, do in area.clicks().items()}
        self._given_up = {name: do for area in areas for name, do in area.given_up().items()}

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
            "click": self._click,
            **{name: do for area in self._areas for name, do in area.handlers().items()},
        }

    def give_up(self, item: Item, incident: str) -> None:
        """Tell the person that their request failed for good; what Slack announced is nobody's."""
        if not item.owner.user:
            return
        given_up = {"create": self._creation.given_up, **self._given_up}.get(item.kind)
        if given_up is not None:
            try:
                given_up(item)
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
        known = self._clicks.get(ids.bare(click.action_id))
        if known is not None:
            known(item)
            return
        match click.action_id:
            case ids.MEET_OPEN:
                self._meet.reopen(item)
            case ids.MEET_SHARE:
                self._creation.share(item)
            case ids.MEET_CHECK | ids.MEET_ANYWAY:
                self._creation.answer_asked(item)
            case ids.CRM_LINK | ids.MEET_LINK:
                # A link opens in the browser; Slack tells of the click all the same.
                return
            case _:
                if click.view is not None:
                    self._meet.clicked(item)
