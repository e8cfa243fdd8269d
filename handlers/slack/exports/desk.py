"""The form for an export at work: opened, filled in, counted, submitted."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.connection import Owner
from bot.domain.export import Query
from bot.domain.export_fields import Catalogue
from bot.errors import Gone, NotConnected, ParleyError, TryLater
from bot.journeys.export.draft import (
    Again,
    Already,
    ExportDraft,
    FormPage,
    Invalid,
    Started,
)
from bot.journeys.export.forms import ExportForms
from bot.journeys.export.reading import Objection
from bot.journeys.export.sheet import Sheet
from handlers.bells import Bell
from handlers.slack import ids, payloads
from handlers.slack.exports import builder, messages
from handlers.slack.exports.state import field_errors, form_id, promise, read_state
from handlers.slack.meeting.desk import TRIGGER_LIFE
from handlers.slack.sentences import export_asking
from handlers.slack.sentences import export_form as say
from handlers.slack.voice import SlackVoice
from store.inbox import Item
from store.memory import Memory

_log = logging.getLogger(__name__)

FILL = "export_fill"
COUNT = "export_count"
LANE = "work"
ACTIONS = (
    ids.EXPORT_MODULE,
    ids.EXPORT_FIELDS,
    ids.EXPORT_VIEW,
    ids.EXPORT_TYPE,
    ids.EXPORT_FIELD,
    ids.EXPORT_COMPARATOR,
    ids.EXPORT_VALUE,
    ids.EXPORT_JOINER,
    ids.EXPORT_ADD,
    ids.EXPORT_REMOVE,
    ids.EXPORT_GROUP,
    ids.EXPORT_RETRY,
)


class ExportFormDesk:
    """Does the inbox's work about the form."""

    def __init__(
        self,
        *,
        forms: ExportForms,
        memory: Memory,
        voice: SlackVoice,
        commands: ids.Commands,
        bell: Bell,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts; *bell* wakes the lane of slower work."""
        self._forms = forms
        self._memory = memory
        self._voice = voice
        self._commands = commands
        self._bell = bell
        self._clock = clock

    def open(
        self, item: Item, owner: Owner, words: str, trigger_id: str, response_url: str | None
    ) -> None:
        """Open the form, filled from *words* as far as they can be read.

        Raises:
            NotConnected: There is no account to ask with.
            NotAllowed: This person may not use the bot.
            TryLater: Slack can't be asked.
        """
        now = self._clock()
        zone = self._voice.person(owner, now=now).zone
        grant = self._memory.grants.in_use(owner)
        if grant is None:
            raise NotConnected("none")
        # One command makes one form, however often it is worked at.
        key = hashlib.sha256(item.key.encode()).hexdigest()[:32]
        page = self._forms.begin(key, owner, grant, zone, words)
        late = now - item.received_at > TRIGGER_LIFE or item.tries > 1
        if not late:
            try:
                view_id = self._voice.open_form(trigger_id, builder.form(page, self._commands))
            except (Gone, TryLater):
                _log.warning("form_not_opened export_form=%s", key)
            else:
                self._put(FILL, page, owner, view_id)
                return
        offer = messages.open_form(words)
        self._voice.reply(owner, response_url, f"reply:{item.id}", offer, now=now)

    def fill(self, item: Item) -> None:
        """Ask the CRM for what the form offers, and show it."""
        self._renewed(item, self._forms.fill)

    def count(self, item: Item) -> None:
        """Count what the form would export, and show it."""
        self._renewed(item, self._forms.count)

    def clicked(self, item: Item) -> None:
        """Take a change in the form in, and show what it comes to."""
        click = payloads.click(item.payload)
        view = click.view or {}
        before = Sheet()

        def alter(draft: ExportDraft, catalogue: Catalogue | None) -> ExportDraft:
            nonlocal before
            before = draft.sheet
            sent = draft.unseen and view.get("hash") == draft.unseen
            if click.at > draft.heard and not sent:
                sheet = read_state(view, draft.sheet, catalogue)
                draft = replace(draft, sheet=sheet, heard=click.at, unseen="").troubled(None)
            # Of two clicks, or of a click and Start, the older may come later: what it adds
            # is added all the same.
            return replace(draft, sheet=_acted(draft.sheet, click))

        try:
            page = self._forms.change(form_id(view), click.owner, alter)
        except ParleyError as error:
            self._gone(str(view["id"]), form_id(view), click.owner, error)
            return
        module = page.draft.sheet.module
        unknown = page.modules is None or (module and page.catalogue is None)
        if module != before.module or unknown:
            self._put(FILL, page, click.owner, str(view["id"]), now=click.at)
        self._show(str(view["id"]), page, click.owner, view_hash=view.get("hash"))

    def submit(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return how to answer a submitted form; its export is durable when it is taken."""
        view = body["view"]
        try:
            return self._submitted(view, payloads.owner_of(body))
        except TryLater as error:
            # The form stays, with all that was picked.
            full = Objection(place="module", error=error)
            errors = field_errors(view, (full,), self._commands)
            return {"response_action": "errors", "errors": errors}
        except ParleyError as error:
            return _shown(builder.notice(export_asking.sorry(error, self._commands)))

    def _submitted(self, view: Mapping[str, Any], owner: Owner) -> dict[str, Any]:
        def alter(draft: ExportDraft, catalogue: Catalogue | None) -> ExportDraft:
            return replace(draft, sheet=read_state(view, draft.sheet, catalogue))

        shown = str(view.get("hash", ""))
        match self._forms.submit(form_id(view), owner, alter, promise(view), shown):
            case Invalid(objections=objections):
                errors = field_errors(view, objections, self._commands)
                return {"response_action": "errors", "errors": errors}
            case Again(page=page):
                self._put(COUNT, page, owner, str(view["id"]))
                return _shown(builder.form(page, self._commands))
            case Started() | Already():
                return _shown(self._sent(form_id(view), owner))

    def _renewed(self, item: Item, renew: Callable[[str, Owner], FormPage]) -> None:
        key, view_id = str(item.payload["form"]), str(item.payload["view"])
        try:
            page = renew(key, item.owner)
        except ParleyError as error:
            self._gone(view_id, key, item.owner, error)
            return
        self._show(view_id, page, item.owner)

    def _show(
        self, view_id: str, page: FormPage, owner: Owner, *, view_hash: str | None = None
    ) -> None:
        while True:
            view = builder.form(page, self._commands)
            shown = self._voice.update_form(view_id, view, view_hash=view_hash)
            try:
                newest = self._forms.open(page.draft.id, owner)
            except ParleyError as error:
                # It may have been sent, and then shown once more by this.
                self._gone(view_id, page.draft.id, owner, error)
                return
            # Another change may have been shown before or after this one: the newest is right.
            if _same(newest, page) and (shown or view_hash is None):
                break
            page, view_hash = newest, None
        if page.countable is not None and not page.counted:
            self._put(COUNT, page, owner, view_id)

    def _gone(self, view_id: str, key: str, owner: Owner, error: ParleyError) -> None:
        """Say in the form why it is over: it was sent, swept, or its account is gone."""
        stored = self._memory.export_forms.get(key, owner)
        if stored is not None and stored.state != "open":
            self._voice.update_form(view_id, self._sent(key, owner))
            return
        text = export_asking.sorry(error, self._commands)
        self._voice.update_form(view_id, builder.notice(text))

    def _sent(self, key: str, owner: Owner) -> builder.View:
        """Return what a form that was sent says from then on."""
        stored = self._memory.export_forms.get(key, owner)
        job = self._memory.exports.get(stored.fingerprint or "") if stored else None
        if job is None:
            return builder.notice(say.ALREADY.format(export=self._commands.export))
        said = export_asking.said(Query.from_json(job.query))
        text = say.STARTED.format(id=job.id, said=said, export=self._commands.export)
        return builder.notice(text)

    def _put(
        self, kind: str, page: FormPage, owner: Owner, view_id: str, *, now: float = 0.0
    ) -> None:
        draft = page.draft
        # The same again after something else is counted again, for only the last is kept.
        what = f"{draft.sheet.module}:{now}" if kind == FILL else f"{page.countable}:{draft.heard}"
        digest = hashlib.sha256(what.encode()).hexdigest()[:16]
        fresh = self._memory.inbox.put(
            f"{kind}:{draft.id}:{digest}",
            lane=LANE,
            kind=kind,
            owner=owner,
            payload={"form": draft.id, "view": view_id},
            now=self._clock(),
        )
        if fresh:
            self._bell.ring()


def _same(one: FormPage, other: FormPage) -> bool:
    """Say whether two pages show the same; what stands against it follows from the rest."""
    return (one.draft, one.modules, one.catalogue) == (other.draft, other.modules, other.catalogue)


def _acted(sheet: Sheet, click: payloads.Click) -> Sheet:
    action, _, key = click.action_id.partition(":")
    # A click worked at twice adds once: what it adds is named by its moment.
    made = f"{click.at:.6f}".replace(".", "-")
    match action:
        case ids.EXPORT_ADD:
            return sheet.with_row(key, made)
        case ids.EXPORT_GROUP:
            return sheet.with_part(made)
        case ids.EXPORT_REMOVE:
            return sheet.without_row(key)
        case _:
            return sheet


def _shown(view: dict[str, Any]) -> dict[str, Any]:
    return {"response_action": "update", "view": view}
