"""A meeting that stands, opened in Slack: what it is, and the forms that change it.

A form is opened at once and empty; the CRM is asked by slower work that then fills it.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.change import Facets
from bot.domain.connection import Owner
from bot.domain.participants import Kind, Participant
from bot.errors import Gone, ParleyError, Refused, TryLater
from bot.journeys.series.endings import Ending
from bot.journeys.series.opened import Opened
from handlers.bells import Bell
from handlers.slack import ids, payloads
from handlers.slack.areas import Keep
from handlers.slack.meeting.desk import TRIGGER_LIFE
from handlers.slack.meeting.form import View
from handlers.slack.message import Message, actions, button, escape
from handlers.slack.message import say as paragraph
from handlers.slack.sentences import series as say
from handlers.slack.series.forms import Typed, card, form, saying, window
from handlers.slack.series.overlaps import beside
from handlers.slack.series.place import (
    Ask,
    Place,
    chosen_module,
    opener,
    place_of,
    sheet_of,
)
from handlers.slack.series.previews import AnyPrepared, Ref, preview
from handlers.slack.series.stands import of_operation
from handlers.slack.series.typed import blamed, change, check, read, wanted
from handlers.slack.series.windows import show
from handlers.slack.voice import SlackVoice
from handlers.wiring.series import SeriesJourneys
from store.inbox import Item
from store.memory import Memory


class SeriesDesk:
    """Does the inbox's work about opened meetings, one method a kind."""

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
        self._memory = memory
        self._voice = voice
        self._commands = commands
        self._bell = bell
        self._clock = clock

    # -- opening ------------------------------------------------------------------------

    def open(self, item: Item) -> None:
        """Open the window of a meeting, and have it filled."""
        click = payloads.click(item.payload)
        suffix = click.action_id.partition(":")[2]
        self._open(item, suffix, click.value or "", click.trigger_id, click.response_url)

    def shortcut(self, item: Item) -> None:
        """Open the meeting of Parley's own message that a shortcut was used on."""
        found = opener(item.payload)
        if found is not None:
            used = payloads.shortcut(item.payload)
            suffix = found["action_id"].partition(":")[2]
            self._open(item, suffix, found["value"], used.trigger_id, used.response_url)

    def _open(
        self, item: Item, suffix: str, value: str, trigger_id: str, response_url: str | None
    ) -> None:
        try:
            self._voice.person(item.owner, now=self._clock())
            view_id = self._window(item, trigger_id)
        except (Gone, TryLater):
            name = f"{ids.SERIES_OPEN}:{suffix}" if suffix else ids.SERIES_OPEN
            press = button("Open the meeting", name, value=value, style="primary")
            self._reply(item, response_url, paragraph(say.OFFER, actions(press)))
            return
        except ParleyError as error:
            self._reply(item, response_url, paragraph(escape(say.sorry(error, self._commands))))
            return
        self._memory.inbox.put(
            f"series:{item.key}",
            lane="work",
            kind="series_show",
            owner=item.owner,
            payload={"view": view_id, "value": value, "what": suffix},
            now=self._clock(),
        )
        self._bell.ring()

    def _window(self, item: Item, trigger_id: str) -> str:
        if self._clock() - item.received_at > TRIGGER_LIFE or item.tries > 1:
            raise Gone("form_expired")
        return self._voice.open_form(trigger_id, saying(say.READING))

    def show(self, item: Item) -> None:
        """Fill an opened window: the meeting first, then its series, which may take long."""
        view_id, value = str(item.payload["view"]), str(item.payload["value"])
        try:
            zone = self._zone(item.owner)
            match item.payload["what"]:
                case ids.MADE:
                    found = self._made(item.owner, value, zone)
                    show(self._voice, view_id, card(found, zone))
                case ids.RETRY:
                    show(self._voice, view_id, self.retry(item.owner, Ref.of(value), ""))
                case _:
                    self._show(item.owner, view_id, value, zone)
        except ParleyError as error:
            show(self._voice, view_id, self._sorry(error))

    def _show(self, owner: Owner, view_id: str, event_id: str, zone: str) -> None:
        alone = self._journeys.opening.alone(owner, event_id)
        shown = show(self._voice, view_id, card(alone, zone, rest=say.SERIES_READING))
        try:
            whole = card(self._journeys.opening.whole(owner, event_id, person_zone=zone), zone)
        except ParleyError as error:
            why = say.sorry(error, self._commands)
            whole = card(alone, zone, rest=say.SERIES_UNREAD.format(why=why))
        # Somebody who asked for more meanwhile keeps the form that came.
        show(self._voice, view_id, whole, view_hash=shown or None)

    def _made(self, owner: Owner, operation_id: str, zone: str) -> Opened:
        """Return what an operation of *owner*'s made, at its next occurrence."""
        kept = self._memory.operations.get(operation_id)
        if kept is None or kept.owner != owner:
            raise Gone("change")
        found = of_operation(self._memory, self._journeys.opening, owner, operation_id, zone)
        held = [one for one in found.series.events if one.id not in found.series.cancelled]
        ahead = [one for one in held if one.end > self._clock()]
        return replace(found, event=next(iter(ahead or held), found.event))

    # -- forms --------------------------------------------------------------------------

    def ask(self, item: Item) -> None:
        """Show the form for what was asked of the meeting in the window."""
        click = payloads.click(item.payload)
        view = click.view or {}
        here = Place.of(view)
        if here is None:
            return
        try:
            asked = Ask(click.action_id.partition(":")[2])
            opened = self._journeys.opening.alone(item.owner, here.event)
            event, zone = opened.event, opened.days(self._zone(item.owner))
            place = place_of(event, asked, zone)
            typed = Typed(sheet=sheet_of(Facets.of(event), zone), mail=asked is Ask.REPEATS)
            if asked is Ask.DELETE and not place.series:
                self._prepare(item, str(view["id"]), place, typed, zone)
                return
            shown = form(place, typed, zone)
        except ParleyError as error:
            shown = self._sorry(error, here)
        show(self._voice, str(view["id"]), shown)

    def module(self, item: Item) -> None:
        """Show an empty record field for another module."""
        click = payloads.click(item.payload)
        view = click.view or {}
        place = Place.of(view)
        if place is None:
            return
        zone = self._zone(item.owner)
        typed = self._read(view, place, zone, item.owner)
        chosen = typed.sheet.module
        if chosen == chosen_module(view):
            return
        place = replace(place, module=chosen, turn=place.turn + 1)
        typed = replace(typed, sheet=replace(typed.sheet, record=None))
        # What was typed since the click stays: the newer view wins.
        hashed = view.get("hash")
        self._voice.update_form(str(view["id"]), form(place, typed, zone), view_hash=hashed)

    def submit(self, body: Mapping[str, Any], keep: Keep) -> dict[str, Any]:
        """Return how to answer a submitted form; durable when it is taken. No network."""
        view = body["view"]
        place = Place.of(view)
        if place is None:
            raise Gone("form_expired")
        owner = payloads.owner_of(body)
        try:
            # Its words are read again, in the person's own zone, when it is prepared.
            check(place, self._read(view, place, "UTC", owner))
        except Refused as error:
            why = say.sorry(error, self._commands)
            return {"response_action": "errors", "errors": {blamed(view, error): why}}
        keep("work", "series_prepare", body)
        return {"response_action": "update", "view": saying(say.PREPARING)}

    def prepare(self, item: Item) -> None:
        """Show what a submitted form changes, to be confirmed; nothing is written."""
        view = item.payload["view"]
        place = Place.of(view)
        if place is None:
            return
        try:
            zone = self._zone(item.owner)
            typed = self._read(view, place, zone, item.owner)
        except ParleyError as error:
            show(self._voice, str(view["id"]), self._sorry(error, place))
            return
        self._prepare(item, str(view["id"]), place, typed, zone)

    def _prepare(self, item: Item, view_id: str, place: Place, typed: Typed, zone: str) -> None:
        # One submission makes one operation, however often it is worked at.
        operation_id = hashlib.sha256(item.key.encode()).hexdigest()[:32]
        try:
            prepared = self._prepared(operation_id, item.owner, place, typed, zone)
        except ParleyError as error:
            why = say.sorry(error, self._commands)
            view = form(place, typed, zone, objection=why)
            press = button("Open the meeting", ids.SERIES_OPEN, value=place.event)
            message = paragraph(escape(why), actions(press))
        else:
            there = beside(prepared, item.owner, self._journeys.meetings)
            message = preview(prepared, place.made, zone, there)
            view = window(None, message.blocks)
        if not show(self._voice, view_id, view):
            # Closed meanwhile: the message brings it.
            self._voice.owe(item.owner, f"preview:{operation_id}", message, now=self._clock())

    def _prepared(
        self, operation_id: str, owner: Owner, place: Place, typed: Typed, zone: str
    ) -> AnyPrepared:
        journeys, event_id = self._journeys, place.event
        match place.ask:
            case Ask.CHANGE | Ask.PEOPLE:
                opened = journeys.opening.alone(owner, event_id)
                wish = change(place, typed, opened.event, opened.days(zone), self._clock())
                return journeys.changing.prepare(
                    operation_id, owner, event_id, wish, typed.scope, person_zone=zone
                )
            case Ask.REPEATS:
                ending = Ending.DELETE if typed.ending == "delete" else Ending.CANCEL
                return journeys.rerule.prepare(
                    operation_id,
                    owner,
                    event_id,
                    typed.sheet.repeats,
                    ending=ending,
                    mail=typed.ending == "cancel_mail",
                    person_zone=zone,
                    invitations=typed.mail,
                )
            case _:
                ending = Ending.CANCEL if place.ask is Ask.CANCEL else Ending.DELETE
                return journeys.removing.prepare(
                    operation_id, owner, event_id, typed.scope, ending, mail=typed.mail
                )

    def retry(self, owner: Owner, ref: Ref, why: str) -> View:
        """Return the form of a change that failed, with what was wanted in it.

        Raises:
            Gone: ``change``.
        """
        plan = self._journeys.changing.prepared(ref.id, owner).plan
        place, typed = wanted(plan, ref.made)
        return form(place, typed, plan.zone, objection=why)

    # -- what all of them need ----------------------------------------------------------

    def _zone(self, owner: Owner) -> str:
        return self._voice.person(owner, now=self._clock()).zone

    def _read(self, view: Mapping[str, Any], place: Place, zone: str, owner: Owner) -> Typed:
        grant = self._memory.grants.in_use(owner)

        def resolve(kind: Kind, ref: str, shown: str) -> Participant:
            if kind is Kind.EMAIL:
                return Participant.by_email(ref)
            known = self._memory.directory.get(grant.id, kind, ref) if grant else None
            return known or Participant(kind=kind, ref=ref, name=shown)

        return read(view, place, zone, resolve)

    def _sorry(self, error: ParleyError, place: Place | None = None) -> View:
        return saying(say.sorry(error, self._commands), place=place)

    def _reply(self, item: Item, response_url: str | None, message: Message) -> None:
        key = f"reply:{item.id}"
        self._voice.reply(item.owner, response_url, key, message, now=self._clock())
