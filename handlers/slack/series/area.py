"""Meetings that stand, plugged into Slack."""

from collections.abc import Callable, Mapping
from datetime import datetime

from slack_bolt import App

from bot.errors import ParleyError
from handlers.series_wiring import SeriesJourneys
from handlers.slack import ids, payloads
from handlers.slack.areas import Keep
from handlers.slack.message import Message, escape, say
from handlers.slack.sentences import apologies
from handlers.slack.series.listing import in_zone, listed
from handlers.slack.voice import SlackVoice
from handlers.worker import Handle
from store.inbox import Item


class SeriesArea:
    """Does the inbox's work about meetings that stand."""

    def __init__(
        self,
        *,
        journeys: SeriesJourneys,
        voice: SlackVoice,
        commands: ids.Commands,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts."""
        self._journeys = journeys
        self._voice = voice
        self._commands = commands
        self._clock = clock

    def listen(self, app: App, keep: Keep) -> None:
        """Register nothing: ``/meet list`` is the meeting command's."""

    def handlers(self) -> Mapping[str, Handle]:
        """Return who does which kind of the inbox's work."""
        return {"list": self.list}

    def clicks(self) -> Mapping[str, Handle]:
        """Return who does which click."""
        return {}

    def given_up(self) -> Mapping[str, Handle]:
        """Return nobody: what failed is said with its incident."""
        return {}

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
