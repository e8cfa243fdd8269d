"""The Home tab: the connection, the next meetings, and what can be done."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from slack_bolt import Ack, App

from bot.domain.connection import GrantState, Owner
from bot.errors import NotAllowed, ParleyError
from bot.journeys.account.connect import Connect
from bot.journeys.account.connecting import Connection
from bot.journeys.series.meetings import Meetings
from handlers.slack import ids
from handlers.slack.areas import Keep
from handlers.slack.message import Block, actions, button, divider, escape, header, section
from handlers.slack.sentences import apologies
from handlers.slack.sentences import meetings as words
from handlers.slack.series.listing import in_zone, rows
from handlers.slack.voice import SlackVoice
from handlers.worker import Handle
from store.inbox import Item
from store.memory import Memory

_log = logging.getLogger(__name__)

EVENT = "app_home_opened"
LANE = "work"
SHOWN = 8
Sections = Callable[[Owner], list[Block]]
"""What another part of the product shows a person on the Home tab."""


class Home:
    """Shows each person their Home tab, and shows it anew after every change."""

    def __init__(
        self,
        *,
        connect: Connect,
        meetings: Meetings,
        sections: tuple[Sections, ...],
        voice: SlackVoice,
        commands: ids.Commands,
        memory: Memory,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts."""
        self._connect = connect
        self._meetings = meetings
        self._sections = sections
        self._voice = voice
        self._commands = commands
        self._memory = memory
        self._clock = clock

    def listen(self, app: App, keep: Keep) -> None:
        """Register the event of somebody opening the tab (Slack, "app_home_opened")."""

        def opened(ack: Ack, body: dict[str, Any]) -> None:
            if body["event"].get("tab") == "home":
                keep(LANE, "home", body)
            ack()

        app.event(EVENT)(opened)

    def handlers(self) -> Mapping[str, Handle]:
        """Return who does which kind of the inbox's work."""
        return {"home": self.show}

    def clicks(self) -> Mapping[str, Handle]:
        """Return nobody: its buttons are those of other parts."""
        return {}

    def given_up(self) -> Mapping[str, Handle]:
        """Return who says nothing: the tab stays as it was."""
        return {"home": lambda _: None}

    def refresh(self, owner: Owner, now: datetime) -> None:
        """Have the tab shown anew soon, if *owner* has ever opened it.

        Several changes within a second make one showing, when the second is over: whatever
        changes in it is shown by that.
        """
        if not self._memory.homes.known(owner):
            return
        second = now.replace(microsecond=0)
        self._memory.inbox.put(
            f"home:{owner}:{second:%Y-%m-%dT%H:%M:%S}",
            lane=LANE,
            kind="home",
            owner=owner,
            payload={},
            now=now,
            due=second + timedelta(seconds=1),
        )

    def show(self, item: Item) -> None:
        """Publish the tab as things stand.

        Raises:
            TryLater: Slack can't be reached.
        """
        owner = item.owner
        try:
            person = self._voice.person(owner, now=self._clock())
        except NotAllowed:
            return
        self._memory.homes.note(owner)
        known = self._connect.status(owner, self._clock()).connections
        used = next((one for one in known if one.in_use and one.state is GrantState.ACTIVE), None)
        blocks = [*self._connection(used), *self._next(owner, used, person.zone)]
        for part in self._sections:
            blocks += part(owner)
        help_text = words.HOME_HELP.format(
            meet=self._commands.meet, export=self._commands.export, crm=self._commands.crm
        )
        blocks += [divider(), header(words.HOME_HELP_TITLE), section(help_text)]
        self._voice.publish_home(owner, {"type": "home", "blocks": blocks})

    def _connection(self, used: Connection | None) -> list[Block]:
        schedule = button(words.HOME_SCHEDULE, ids.HOME_SCHEDULE, style="primary")
        if used is None:
            connect = button(words.HOME_CONNECT, ids.CRM_CONNECT, style="primary")
            return [section(words.HOME_UNCONNECTED), actions(connect)]
        account = words.HOME_CONNECTED.format(
            account=escape(used.account), organization=escape(used.organization)
        )
        return [section(account), actions(schedule)]

    def _next(self, owner: Owner, used: Connection | None, zone: str) -> list[Block]:
        if used is None:
            return []
        title = header(words.HOME_NEXT)
        try:
            found = self._meetings.upcoming(owner, "", person_zone=zone)
        except ParleyError as error:
            _log.warning("home_unread why=%s", error)
            why = apologies.apology(error, self._commands)
            return [title, section(escape(words.HOME_UNREAD.format(why=why)))]
        if not found.meetings:
            return [title, section(words.HOME_NONE)]
        return [title, *rows(in_zone(found, zone), self._commands, limit=SHOWN)]
