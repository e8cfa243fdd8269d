"""Meet in Slack: from the inbox's rows to the journey, and back to forms and messages."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.connection import Owner
from bot.domain.meeting import ParentModule
from bot.domain.participants import Kind, Participant
from bot.errors import Gone, NotAllowed, NotConnected, ParleyError, TryLater
from bot.journeys.account.connect import Connect
from bot.journeys.meeting.about import from_message
from bot.journeys.meeting.begin import from_words
from bot.journeys.meeting.draft import Draft, Sheet
from bot.journeys.meeting.lookups import Lookups, asked_again, unanswered
from bot.journeys.meeting.meet import Again, Already, Invalid, Meet, Page, Taken
from handlers.bells import Bell
from handlers.slack import ids, payloads
from handlers.slack.meeting.form import form, notice_view
from handlers.slack.meeting.state import acted, draft_id, field_errors, read_sheet, screen
from handlers.slack.message import Message, escape
from handlers.slack.message import say as paragraph
from handlers.slack.notices import open_form
from handlers.slack.sentences import apologies
from handlers.slack.sentences import connect as connect_say
from handlers.slack.sentences import meet as say
from handlers.slack.series import overlaps
from handlers.slack.voice import SlackVoice
from store.inbox import Item
from store.memory import Memory

_log = logging.getLogger(__name__)

TRIGGER_LIFE = timedelta(seconds=2.5)
"""Slack gives a trigger three seconds from the click; a row older than this isn't tried."""


class MeetDesk:
    """Does the inbox's meet work, one method a kind."""

    def __init__(
        self,
        *,
        meet: Meet,
        lookups: Lookups,
        connect: Connect,
        memory: Memory,
        voice: SlackVoice,
        commands: ids.Commands,
        bell: Bell,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; *bell* wakes the lane of the worker's slower work."""
        self._meet = meet
        self._lookups = lookups
        self._connect = connect
        self._memory = memory
        self._voice = voice
        self._commands = commands
        self._bell = bell
        self._clock = clock

    # -- from words to a form ---------------------------------------------------------

    def command(self, item: Item) -> None:
        """Open the form for ``/meet <words>``, or say what comes first."""
        command = payloads.command(item.payload)

        def make(draft_key: str, zone: str, now: datetime) -> Draft:
            return from_words(
                draft_key,
                command.words,
                zone=zone,
                now=now,
                channel=command.channel,
                response_url=command.response_url,
            )

        self._begin(item, make, command.trigger_id, command.response_url)

    def shortcut(self, item: Item) -> None:
        """Open the form for a shortcut: an empty one, or one about a message."""
        used = payloads.shortcut(item.payload)

        def make(draft_key: str, zone: str, now: datetime) -> Draft:
            if used.text is None:
                return from_words(draft_key, "", zone=zone, now=now)
            return from_message(
                draft_key, used.text, owner=used.owner, author=used.author, zone=zone, now=now
            )

        self._begin(item, make, used.trigger_id, used.response_url)

    def _begin(
        self,
        item: Item,
        make: Callable[[str, str, datetime], Draft],
        trigger_id: str,
        response_url: str | None,
    ) -> None:
        now = self._clock()
        # One command makes one draft, however often it is worked at.
        key = hashlib.sha256(item.key.encode()).hexdigest()[:32]
        try:
            person = self._voice.person(item.owner, now=now)
            page = self._meet.begin(make(key, person.zone, now), item.owner, now=now)
        except (NotAllowed, TryLater) as error:
            self._say(item, response_url, error)
            return
        except Gone:
            # Its form was opened, and submitted, before this was done.
            return
        if not page.connected:
            link = self._connect.link(item.owner, now=now, draft_id=page.draft.id)
            self._reply(item, response_url, connect_say.connect_first(link))
            return
        self._open_or_offer(item, page, trigger_id, response_url)

    def reopen(self, item: Item) -> None:
        """Open the form of a draft after a click on "Open the form" or "Continue"."""
        click = payloads.click(item.payload)
        try:
            page = self._meet.change(click.value or "", click.owner, asked_again, now=self._clock())
            if not page.connected:
                raise NotConnected("none")
            self._open_or_offer(item, page, click.trigger_id, click.response_url)
        except ParleyError as error:
            self._say(item, click.response_url, error)

    def _open_or_offer(
        self, item: Item, page: Page, trigger_id: str, response_url: str | None
    ) -> None:
        if not self._late(item):
            try:
                self._open(item.owner, page, trigger_id)
            except Gone as error:
                if error.code != "form_expired":
                    raise
            except TryLater:
                _log.warning("form_not_opened draft=%s", page.draft.id)
            else:
                return
        self._reply(item, response_url, open_form(page.draft.id))

    def _open(self, owner: Owner, page: Page, trigger_id: str) -> None:
        view_id = self._voice.open_form(trigger_id, form(page, self._commands))
        now = self._clock()
        self._meet.change(
            page.draft.id, owner, lambda draft: replace(draft, view_id=view_id), now=now
        )
        if self._meet.look_up(page, owner, view_id, now=now):
            self._bell.ring()
        self._overlapping(page, owner, view_id)

    def _overlapping(self, page: Page, owner: Owner, view_id: str) -> None:
        inbox, now = self._memory.inbox, self._clock()
        overlaps.ask(page, owner, view_id, inbox=inbox, bell=self._bell, now=now)

    def _late(self, item: Item) -> bool:
        return self._clock() - item.received_at > TRIGGER_LIFE or item.tries > 1

    def _say(self, item: Item, response_url: str | None, error: ParleyError) -> None:
        sorry = paragraph(escape(apologies.apology(error, self._commands)))
        self._reply(item, response_url, sorry)

    def _reply(self, item: Item, response_url: str | None, message: Message) -> None:
        key = f"reply:{item.id}"
        self._voice.reply(item.owner, response_url, key, message, now=self._clock())

    # -- names, after the form is open ------------------------------------------------

    def fill(self, item: Item) -> None:
        """Look the words' names up in the CRM and put them into the open form."""
        draft_key = str(item.payload["draft"])
        try:
            page = self._meet.open(draft_key, item.owner, now=self._clock())
        except Gone:
            # Submitted or swept meanwhile: the form shows something else by now.
            return
        grant = self._meet.grant(draft_key, item.owner)
        if grant is None:
            change = _gave_up(NotConnected("none"))
        else:
            try:
                change = self._lookups.answer(page.draft, item.owner, grant, now=self._clock)
            except ParleyError as error:
                _log.warning("fill_failed draft=%s why=%s", draft_key, error)
                change = _gave_up(error)
        try:
            page = self._meet.change(draft_key, item.owner, change, now=self._clock())
        except Gone:
            # Submitted while the names were looked up.
            return
        self.show(str(item.payload["view"]), page, item.owner)

    # -- clicks in the form -----------------------------------------------------------

    def clicked(self, item: Item) -> None:
        """Take a change in the form into the draft and show the new dates."""
        click = payloads.click(item.payload)
        view = click.view or {}

        def alter(draft: Draft) -> Draft:
            if click.at <= draft.heard:
                return draft
            after = replace(draft, heard=click.at)
            if not draft.unseen or view.get("hash") != draft.unseen:
                # Else the form was sent since, with all that stands in this one.
                sheet = self._sheet(view, draft, click.owner)
                after = replace(after, sheet=sheet, objection=None, unseen="")
            return acted(draft, after, click)

        try:
            page = self._meet.change(draft_id(view), click.owner, alter, now=self._clock())
        except Gone as error:
            if self._memory.drafts.get(draft_id(view), click.owner) is not None:
                # Submitted meanwhile: the form shows how that goes.
                return
            self._voice.update_form(
                str(view["id"]), notice_view(apologies.apology(error, self._commands))
            )
            return
        self.show(str(view["id"]), page, click.owner, view_hash=view.get("hash"))

    def show(self, view_id: str, page: Page, owner: Owner, *, view_hash: str | None = None) -> None:
        """Show *page*, or what has become of its draft since, in its form."""
        while True:
            shown = self._voice.update_form(
                view_id, form(page, self._commands), view_hash=view_hash
            )
            try:
                newest = self._meet.open(page.draft.id, owner, now=self._clock())
            except Gone:
                if shown:
                    # Submitted meanwhile, and the form put back over how that goes.
                    self._voice.update_form(view_id, notice_view(say.ALREADY))
                return
            # Another change may have been shown before or after this one: the newest is right.
            if newest.draft == page.draft and (shown or view_hash is None):
                self._overlapping(page, owner, view_id)
                return
            page, view_hash = newest, None

    def _sheet(self, view: Mapping[str, Any], draft: Draft, owner: Owner) -> Sheet:
        grant = self._meet.grant(draft.id, owner)

        def resolve(kind: Kind, ref: str, shown: str) -> Participant:
            if kind is Kind.EMAIL:
                return Participant.by_email(ref)
            known = self._memory.directory.get(grant.id, kind, ref) if grant else None
            return known or Participant(kind=kind, ref=ref, name=shown)

        return read_sheet(view, draft, resolve)

    # -- submission: answered in the response, no network -----------------------------

    def submit(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return how to answer a submitted form; durable when it is taken."""
        view = body["view"]
        owner = payloads.owner_of(body)
        outcome = self._meet.submit(
            draft_id(view),
            owner,
            lambda draft: self._sheet(view, draft, owner),
            screen(view),
            now=self._clock(),
        )
        match outcome:
            case Invalid(errors=errors):
                return {
                    "response_action": "errors",
                    "errors": field_errors(view, errors, self._commands),
                }
            case Again(page=page):
                return {"response_action": "update", "view": form(page, self._commands)}
            case Taken(page=page):
                self._bell.ring()
                return _shown(notice_view(say.WORKING, draft=page.draft.id))
            case Already():
                return _shown(notice_view(say.ALREADY))

    # -- type-ahead -------------------------------------------------------------------------

    def module_of(self, view: Mapping[str, Any], owner: Owner) -> ParentModule | None:
        """Return the parent module chosen in a form."""
        stored = self._memory.drafts.get(draft_id(view), owner)
        return Draft.from_json(stored.data).sheet.module if stored else None


def _gave_up(error: ParleyError) -> Callable[[Draft], Draft]:
    return lambda draft: unanswered(draft, error)


def _shown(view: dict[str, Any]) -> dict[str, Any]:
    return {"response_action": "update", "view": view}
