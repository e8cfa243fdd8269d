"""Who goes: Slack's announcements, and a look every night for those that were missed.

Slack, "app_uninstalled", "tokens_revoked" and "user_change". They come in any order, late
and more than once, when the app may be installed anew and a person be active again: so
Slack is asked what holds now, and where the bot's token works and the person is active
nobody is gone.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from slack_bolt import Ack, App

from bot.domain.connection import Owner
from bot.journeys.account.leaving import Leaving
from bot.journeys.account.leaving_ports import Kept
from bot.journeys.account.unused import take_back_unused
from handlers.slack.voice import SlackVoice
from handlers.worker import Handle
from store.inbox import Inbox, Item

_log = logging.getLogger(__name__)

EVENTS = ("app_uninstalled", "tokens_revoked", "user_change")
LANE = "work"
SPACING = timedelta(seconds=1.5)
SECOND = timedelta(seconds=1)
"""Slack tells an event's time in whole seconds (Slack, "Events API": event_time)."""


def listen(app: App, keep: Callable[[str, str, Mapping[str, Any]], None]) -> None:
    """Have *app* keep what tells that somebody goes; other changes of people are let pass."""

    def announced(ack: Ack, body: dict[str, Any]) -> None:
        if body["event"]["type"] != "user_change" or body["event"]["user"].get("deleted"):
            keep(LANE, "departure", body)
        ack()

    for event in EVENTS:
        app.event(event)(announced)


class Departures:
    """Does the work of Slack's announcements and of the nightly look."""

    def __init__(
        self,
        kept: Kept,
        leaving: Leaving,
        voice: SlackVoice,
        inbox: Inbox,
        *,
        unused_days: int,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; *unused_days* as ``take_back_unused`` has it."""
        self._kept = kept
        self._leaving = leaving
        self._voice = voice
        self._inbox = inbox
        self._unused_days = unused_days
        self._clock = clock

    def handlers(self) -> Mapping[str, Handle]:
        """Return who does which kind of work."""
        return {"departure": self.announced, "reconcile": self.reconcile, "presence": self.present}

    def nightly(self, now: datetime, *, at_once: bool = False) -> bool:
        """Put the look of this day into the inbox; False when it is there already.

        *at_once* it is one more: an older database doesn't know who left since.
        """
        nobody = Owner("", "")
        key = f"reconcile:{now.isoformat()}" if at_once else f"reconcile:{now:%Y-%m-%d}"
        return self._inbox.put(key, lane=LANE, kind="reconcile", owner=nobody, payload={}, now=now)

    def announced(self, item: Item) -> None:
        """Let those go whom an event names.

        Raises:
            TryLater: Slack can't be asked what holds now.
        """
        event, team = item.payload["event"], str(item.payload.get("team_id") or "")
        match event["type"]:
            case "app_uninstalled":
                self._uninstalled(team)
            case "tokens_revoked":
                tokens = event.get("tokens") or {}
                said_at = datetime.fromtimestamp(item.payload["event_time"], UTC)
                for user in tokens.get("oauth") or ():
                    self._revoked(Owner(team, str(user)), said_at)
                if tokens.get("bot"):
                    self._uninstalled(team)
            case _:
                user = event["user"]
                self._deactivated(Owner(str(user.get("team_id") or team), str(user["id"])))

    def reconcile(self, item: Item) -> None:
        """Look for what no event told: the app gone, people gone, connections unused.

        People are asked about one by one, a second and a half apart (Slack, users.info:
        Tier 4), each as work of its own.

        Raises:
            TryLater: Slack can't be asked.
        """
        now, people = self._clock(), self._kept.remains.holders()
        if people and not self._voice.stands():
            for team in {owner.team for owner in people}:
                self._leaving.team(team, now, actor="parley", act="uninstalled")
            return
        with self._kept.memory.atomically():
            for place, owner in enumerate(people):
                self._inbox.put(
                    f"presence:{item.key}:{owner}",
                    lane=LANE,
                    kind="presence",
                    owner=owner,
                    payload={},
                    now=now,
                    due=now + SPACING * place,
                )
        take_back_unused(self._kept, self._leaving, self._voice, self._unused_days, now)

    def present(self, item: Item) -> None:
        """Let the owner go if Slack says that they are deactivated or unknown.

        Raises:
            TryLater: Slack can't be asked.
        """
        self._deactivated(item.owner)

    def _deactivated(self, owner: Owner) -> None:
        if not self._voice.lives_in(owner.team):
            # Unknown there, they would all count as gone: the token may be a wrong one.
            _log.warning("another_workspace team=%s: look at SLACK_BOT_TOKEN", owner.team)
            return
        if self._voice.profile(owner, now=self._clock(), anew=True).deleted:
            self._gone(owner, "deactivated")

    def _revoked(self, owner: Owner, said_at: datetime) -> None:
        """Let *owner* go, unless they have connected since: Slack can't be asked about that."""
        known = self._kept.listing.everything_of(owner)
        if all(one.connected_at < said_at + SECOND for one in known):
            self._gone(owner, "tokens_revoked")

    def _uninstalled(self, team: str) -> None:
        if not self._voice.stands(announced=True):
            self._leaving.team(team, self._clock(), actor="slack", act="uninstalled")

    def _gone(self, owner: Owner, act: str) -> None:
        self._leaving.cut_off(owner, self._clock(), actor="slack", act=act, whole=True)
