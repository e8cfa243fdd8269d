"""Meetings that stand, plugged into Slack."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from slack_bolt import Ack, App

from bot.errors import ParleyError
from handlers.bells import Bell
from handlers.slack import ids, payloads
from handlers.slack.app import answered
from handlers.slack.areas import Keep
from handlers.slack.message import Message, escape, say
from handlers.slack.sentences import apologies
from handlers.slack.series import runs, stands
from handlers.slack.series.desk import SeriesDesk
from handlers.slack.series.listing import in_zone, listed
from handlers.slack.series.place import opener
from handlers.slack.voice import SlackVoice
from handlers.wiring.series import SeriesJourneys
from handlers.worker import Handle
from store.inbox import Item
from store.memory import Memory

_LANES = {ids.SERIES_OPEN: "form", ids.SERIES_ASK: "work"}
"""Where a click goes: what opens a form and what asks the CRM apart from the rest."""


class SeriesArea:
    """Does the inbox's work about meetings that stand."""

    def __init__(
        self,
        *,
        journeys: SeriesJourneys,
        memory: Memory,
        voice: SlackVoice,
        commands: ids.Commands,
        bell: Bell,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; *bell* wakes the lane of slower work."""
        self._journeys = journeys
        self._voice = voice
        self._commands = commands
        self._clock = clock
        self._desk = SeriesDesk(
            journeys=journeys,
            memory=memory,
            voice=voice,
            commands=commands,
            bell=bell,
            clock=clock,
        )
        self._runs = runs.Runs(
            journeys=journeys,
            desk=self._desk,
            memory=memory,
            voice=voice,
            commands=commands,
            bell=bell,
            clock=clock,
        )
        self._stands = stands.Stands(
            opening=journeys.opening, memory=memory, voice=voice, clock=clock
        )

    def listen(self, app: App, keep: Keep) -> None:
        """Register its buttons, its form, and the shortcut on Parley's own messages."""

        def clicked(ack: Ack, body: dict[str, Any]) -> None:
            action = ids.bare(body["actions"][0]["action_id"])
            keep(_LANES.get(action, "quick"), "click", body)
            ack()

        def submitted(ack: Ack, body: dict[str, Any]) -> None:
            ack(**answered(body, lambda sent: self._desk.submit(sent, keep), self._commands))

        def used(ack: Ack, body: dict[str, Any]) -> None:
            keep("form", "series_shortcut", body)
            ack()

        def ours(body: dict[str, Any]) -> bool:
            return opener(body) is not None

        app.action(re.compile("^series_"))(clicked)
        app.view(ids.SERIES_FORM)(submitted)
        app.shortcut(ids.MEET_ABOUT, matchers=[ours])(used)

    def handlers(self) -> Mapping[str, Handle]:
        """Return who does which kind of the inbox's work."""
        return {
            "list": self.list,
            "series_shortcut": self._desk.shortcut,
            "series_show": self._desk.show,
            "series_prepare": self._desk.prepare,
            runs.KIND: self._runs.run,
            stands.KIND: self._stands.show,
        }

    def clicks(self) -> Mapping[str, Handle]:
        """Return who does which click."""
        return {
            ids.SERIES_OPEN: self._desk.open,
            ids.SERIES_ASK: self._desk.ask,
            ids.SERIES_MODULE: self._desk.module,
            ids.SERIES_CONFIRM: self._runs.confirm,
            ids.SERIES_GO_ON: self._runs.go_on,
            ids.SERIES_UNDO: self._runs.undo,
            # A link opens in the browser; Slack tells of the click all the same.
            ids.SERIES_LINK: lambda _: None,
        }

    def given_up(self) -> Mapping[str, Handle]:
        """Return who says how things stand when work failed for good."""
        return {runs.KIND: self._runs.given_up, stands.KIND: lambda _: None}

    def list(self, item: Item) -> None:
        """Answer ``/meet list <words>``."""
        command = payloads.command(item.payload)
        now = self._clock()
        words = command.words.partition(" ")[2].strip()
        try:
            zone = self._voice.person(command.owner, now=now).zone
            found = self._journeys.meetings.upcoming(command.owner, words, person_zone=zone)
            message = listed(in_zone(found, zone), self._commands)
        except ParleyError as error:
            message = say(escape(apologies.apology(error, self._commands)))
        self._reply(item, command.response_url, message)

    def _reply(self, item: Item, response_url: str | None, message: Message) -> None:
        key = f"reply:{item.id}"
        self._voice.reply(item.owner, response_url, key, message, now=self._clock())
