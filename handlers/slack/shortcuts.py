"""Shortcuts: the meeting form from anywhere in Slack, and from a message."""

from collections.abc import Mapping
from typing import Any

from slack_bolt import Ack, App

from handlers.slack import ids
from handlers.slack.areas import Keep
from handlers.slack.meeting.desk import MeetDesk
from handlers.worker import Handle


class Shortcuts:
    """Plugs the shortcuts of the meeting form into Slack."""

    def __init__(self, meet: MeetDesk) -> None:
        """Take who opens the form."""
        self._meet = meet

    def listen(self, app: App, keep: Keep) -> None:
        """Register both shortcuts."""

        def used(ack: Ack, body: dict[str, Any]) -> None:
            keep("form", "shortcut", body)
            ack()

        app.shortcut(ids.MEET_SHORTCUT)(used)
        app.shortcut(ids.MEET_ABOUT)(used)

    def handlers(self) -> Mapping[str, Handle]:
        """Return who does which kind of the inbox's work."""
        return {"shortcut": self._meet.shortcut}

    def clicks(self) -> Mapping[str, Handle]:
        """Return who opens an empty form from the Home tab."""
        return {ids.HOME_SCHEDULE: self._meet.shortcut}

    def given_up(self) -> Mapping[str, Handle]:
        """Return nobody: what failed is said with its incident."""
        return {}
