"""Overlaps: a preview says which meetings a person has at its dates already.

For the form that makes meetings, asked of the CRM after it is open, once for each set of
dates, by slower work: a CRM that is slow or down holds no form up, and only leaves the note
out.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from slack_bolt import App

from bot.domain.change import Aspect
from bot.domain.connection import Owner
from bot.errors import Gone, ParleyError
from bot.journeys.meeting.draft import Draft, Overlap
from bot.journeys.meeting.meet import Meet, Page
from bot.journeys.series.meetings import Conflict, Meetings
from bot.journeys.series.plan import Prepared
from bot.journeys.series.rule_plan import RulePrepared
from handlers.bells import Bell
from handlers.slack.areas import Keep
from handlers.slack.sentences.meetings import CONFLICTS_NAMED
from handlers.slack.series.previews import AnyPrepared
from handlers.worker import Handle
from store.inbox import Inbox, Item

_log = logging.getLogger(__name__)

KIND = "overlaps"
MOST = CONFLICTS_NAMED + 1
"""One more than a form names tells that there are others."""


class Shows(Protocol):
    """Who shows a page in its form, whatever else was shown meanwhile."""

    def __call__(self, view_id: str, page: Page, owner: Owner) -> None:
        """Show the newest page of the draft."""


def ask(page: Page, owner: Owner, view_id: str, *, inbox: Inbox, bell: Bell, now: datetime) -> None:
    """Have the dates that a form shows laid beside the person's own meetings."""
    preview = page.preview
    if preview is None or preview.meeting.all_day or preview.promise in page.draft.overlaps:
        return
    fresh = inbox.put(
        f"overlaps:{page.draft.id}:{preview.promise}",
        lane="work",
        kind=KIND,
        owner=owner,
        payload={"draft": page.draft.id, "view": view_id},
        now=now,
    )
    if fresh:
        bell.ring()


def beside(prepared: AnyPrepared, owner: Owner, meetings: Meetings) -> tuple[Overlap, ...]:
    """Return the person's own meetings at the new dates of a preview.

    None where there are no new times of day, or the CRM doesn't say.
    """
    match prepared:
        case Prepared(plan=plan):
            new = [one.target for one in plan.changing if Aspect.TIME in one.aspects]
            timed = [one for one in new if not one.all_day]
            starts = [one.start for one in timed]
            length = timed[0].end - timed[0].start if timed else timedelta(0)
            but = [one.event_id for one in plan.steps]
        case RulePrepared(plan=rule) if rule.length < timedelta(days=1):
            starts, length = list(rule.starts), rule.length
            but = [one.event_id for one in rule.old]
        case _:
            return ()
    try:
        found = meetings.conflicts(owner, starts, length, but=but)
    except ParleyError as error:
        _log.info("overlaps_unknown why=%s", error.code)
        return ()
    return _first(found)


def _first(found: Sequence[Conflict]) -> tuple[Overlap, ...]:
    those = dict.fromkeys(one.with_row for one in found)
    named = (Overlap(title=one.title, start=one.start, end=one.end) for one in those)
    return tuple(named)[:MOST]


class Overlaps:
    """Asks, and has the form say what was found."""

    def __init__(
        self,
        *,
        meet: Meet,
        meetings: Meetings,
        shows: Shows,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts."""
        self._meet = meet
        self._meetings = meetings
        self._shows = shows
        self._clock = clock

    def listen(self, app: App, keep: Keep) -> None:
        """Register nothing: it is the form that asks."""

    def handlers(self) -> Mapping[str, Handle]:
        """Return who does which kind of the inbox's work."""
        return {KIND: self.look}

    def clicks(self) -> Mapping[str, Handle]:
        """Return nobody."""
        return {}

    def given_up(self) -> Mapping[str, Handle]:
        """Return who says nothing: the form stands without the note."""
        return {KIND: lambda _: None}

    def look(self, item: Item) -> None:
        """Find the overlaps of the dates a form shows now, and have it say them."""
        draft_id = str(item.payload["draft"])
        try:
            page = self._meet.open(draft_id, item.owner, now=self._clock())
            preview = page.preview
            if preview is None or preview.promise in page.draft.overlaps:
                return
            found = self._meetings.conflicts(item.owner, preview.starts, preview.meeting.duration)
            overlaps = _first(found)

            def noted(draft: Draft) -> Draft:
                return replace(draft, overlaps={**draft.overlaps, preview.promise: overlaps})

            page = self._meet.change(draft_id, item.owner, noted, now=self._clock())
        except Gone:
            # Submitted meanwhile.
            return
        except ParleyError as error:
            _log.info("overlaps_unknown draft=%s why=%s", draft_id, error.code)
            return
        if overlaps:
            self._shows(str(item.payload["view"]), page, item.owner)
