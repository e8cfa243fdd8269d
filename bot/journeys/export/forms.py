"""The form for an export: kept while it is filled in, started once when it is submitted."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.domain.connection import Grant, GrantState, Owner
from bot.domain.export_fields import Catalogue
from bot.errors import Gone, NotConnected, ParleyError, Refused
from bot.journeys.export.asking import Asking
from bot.journeys.export.catalogues import Catalogues
from bot.journeys.export.draft import (
    Again,
    Already,
    Alter,
    ExportDraft,
    FormPage,
    Invalid,
    Started,
    Submitted,
)
from bot.journeys.export.jobs import Export
from bot.journeys.export.prefill import Outline
from bot.journeys.export.reading import Objection, read_sheet
from bot.journeys.ports import Atomic, Drafts, Grants, StoredDraft


class ExportForms:
    """The forms. Only `fill` and `count` wait for the network."""

    def __init__(
        self,
        *,
        drafts: Drafts,
        journey: Export,
        asking: Asking,
        catalogues: Catalogues,
        grants: Grants,
        memory: Atomic,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; *drafts* are those of exports."""
        self._drafts = drafts
        self._journey = journey
        self._asking = asking
        self._catalogues = catalogues
        self._grants = grants
        self._memory = memory
        self._now = now

    def begin(
        self, draft_id: str, owner: Owner, grant: Grant, zone: str, words: str = ""
    ) -> FormPage:
        """Keep a new form and return its page; begun again it is the one kept before.

        What can be read of *words* is filled in by `fill`.

        Raises:
            Gone: It was begun before, and submitted meanwhile.
        """
        if self._drafts.get(draft_id, owner) is None:
            draft = ExportDraft(id=draft_id, zone=zone, words=words)
            self._drafts.put(draft_id, owner, grant.id, draft.as_json(), self._now())
        return self.open(draft_id, owner)

    def open(self, draft_id: str, owner: Owner) -> FormPage:
        """Return the page of a form.

        Raises:
            Gone: ``export_form``: it was submitted, or swept.
            NotConnected: Its account isn't connected any more.
        """
        stored = self._open(draft_id, owner)
        return self._page(ExportDraft.from_json(stored.data), self._grant(stored))

    def grant(self, draft_id: str, owner: Owner) -> Grant:
        """Return the account a form asks with.

        Raises:
            Gone: As `open`.
            NotConnected: As `open`.
        """
        return self._grant(self._open(draft_id, owner))

    def change(self, draft_id: str, owner: Owner, alter: Alter) -> FormPage:
        """Change a form and return its page, keeping what others changed meanwhile.

        Raises:
            Gone: As `open`.
            NotConnected: As `open`.
        """
        while True:
            stored = self._open(draft_id, owner)
            grant = self._grant(stored)
            draft = ExportDraft.from_json(stored.data)
            draft = alter(draft, self._known(draft, grant))
            if self._drafts.save(draft_id, draft.as_json(), stored.version, self._now()):
                return self._page(draft, grant)

    def fill(self, draft_id: str, owner: Owner) -> FormPage:
        """Ask the CRM what the form needs to be filled in; return its page then.

        Raises:
            Gone: As `open`.
            NotConnected: As `open`.
        """
        page = self.open(draft_id, owner)
        grant = self.grant(draft_id, owner)
        outline, failed = Outline(), False
        try:
            self._catalogues.modules(grant)
            if page.draft.words:
                outline = self._asking.outline(page.draft.words, owner, grant, zone=page.draft.zone)
            module = page.draft.sheet.module or outline.sheet.module
            if module:
                self._catalogues.whole(grant, module)
                self._catalogues.meet_users(grant)
                self._catalogues.views(grant, module)
        except ParleyError as error:
            failed = True
            outline.objects(error)

        def alter(draft: ExportDraft, _: Catalogue | None) -> ExportDraft:
            if draft.words and not draft.sheet.module and not failed:
                draft = replace(draft, sheet=outline.sheet)
            words = draft.words if failed else ""
            return replace(draft, words=words).troubled(outline.error)

        return self.change(draft_id, owner, alter)

    def count(self, draft_id: str, owner: Owner) -> FormPage:
        """Count what the form would export, where it can be and wasn't; return its page then.

        Raises:
            Gone: As `open`.
            NotConnected: As `open`.
        """
        page = self.open(draft_id, owner)
        countable, query = page.countable, page.query
        if countable is None or query is None or page.counted:
            return page
        try:
            found = self._catalogues.count(self.grant(draft_id, owner), query)
        except ParleyError:
            # It only says how much there may be: nothing hangs on it.
            found = None
        return self.change(
            draft_id, owner, lambda draft, _: replace(draft, counted=countable, count=found)
        )

    def submit(
        self, draft_id: str, owner: Owner, alter: Alter, promise: str | None, shown: str
    ) -> Submitted:
        """Start what the form says, exactly once, or say what must happen first. No network.

        Args:
            draft_id: Which.
            owner: Who submits; somebody else's form is gone.
            alter: Takes in what the submitted form holds.
            promise: What the submitted form showed.
            shown: Slack's hash of it.

        Raises:
            Gone: ``export_form``: it was swept.
            NotConnected: Its account isn't connected any more.
            TryLater: There are too many exports; the form stays.
        """
        stored = self._drafts.get(draft_id, owner)
        if stored is not None and stored.state != "open":
            return Already()
        page = self.change(draft_id, owner, alter)
        if page.reading is None:
            early = Objection(place="module", error=Refused("export_module_missing"))
            return Invalid(objections=(early,))
        if page.query is None:
            return Invalid(objections=page.reading.objections)
        if page.promise != promise:
            unseen = self.change(draft_id, owner, lambda draft, _: replace(draft, unseen=shown))
            return Again(page=unseen)
        grant = self.grant(draft_id, owner)
        with self._memory.atomically():
            job = self._journey.start(
                owner,
                grant,
                page.query,
                seed=f"form:{draft_id}",
                now=self._now(),
                expected=page.draft.count if page.counted else None,
            )
            # Another device may have sent it meanwhile: then the job is that one's.
            if not self._drafts.claim(draft_id, job.id, self._now()):
                return Already()
            self._drafts.finish(draft_id, self._now())
        return Started(job=job)

    def _open(self, draft_id: str, owner: Owner) -> StoredDraft:
        stored = self._drafts.get(draft_id, owner)
        if stored is None or stored.state != "open":
            raise Gone("export_form")
        return stored

    def _grant(self, stored: StoredDraft) -> Grant:
        grant = self._grants.get(stored.grant_id or "")
        if grant is None or grant.state is not GrantState.ACTIVE:
            raise NotConnected("none")
        return grant

    def _known(self, draft: ExportDraft, grant: Grant) -> Catalogue | None:
        module = draft.sheet.module
        return self._catalogues.known(grant, module) if module else None

    def _page(self, draft: ExportDraft, grant: Grant) -> FormPage:
        catalogue = self._known(draft, grant)
        reading = None
        if catalogue is not None:
            reading = read_sheet(draft.sheet, catalogue, now=self._now(), zone=draft.zone)
        return FormPage(
            draft=draft,
            modules=self._catalogues.known_modules(grant),
            catalogue=catalogue,
            reading=reading,
        )
