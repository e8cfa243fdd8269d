"""The form for an export: kept while it is filled in, started once when it is submitted."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import msgspec

from bot.crm.coql import count_query
from bot.domain.connection import Grant, GrantState, Owner
from bot.domain.export import Query
from bot.domain.export_fields import Catalogue, Module
from bot.domain.export_job import ExportJob
from bot.errors import Gone, NotConnected, ParleyError, Refused
from bot.journeys.export import Export
from bot.journeys.export_catalogues import Catalogues
from bot.journeys.export_reading import Objection, Reading, read_sheet
from bot.journeys.export_sheet import Sheet
from bot.journeys.ports import Atomic, Drafts, Grants, StoredDraft


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDraft:
    """A form for an export, as kept.

    Attributes:
        id: Tells it from others.
        zone: The person's.
        sheet: What stands in it.
        words: What is still to be read into it.
        heard: When the newest click was made that was taken in, in seconds.
        counted: What was counted last, as the CRM was asked; "" when nothing was.
        count: How many records that found; None when it couldn't be counted.
        problem: The code of what is wrong beyond a field, "" when nothing is.
        values: What the sentence of ``problem`` needs.
    """

    id: str
    zone: str
    sheet: Sheet = field(default_factory=Sheet)
    words: str = ""
    heard: float = 0.0
    counted: str = ""
    count: int | None = None
    problem: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        plain: dict[str, object] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "ExportDraft":
        """Return what ``as_json`` gave."""
        return msgspec.convert(dict(data), cls)

    def troubled(self, error: ParleyError | None) -> "ExportDraft":
        """Return it with what is wrong by now."""
        if error is None:
            return replace(self, problem="", values={})
        values = {name: str(value) for name, value in error.values.items()}
        return replace(self, problem=error.code, values=values)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPage:
    """A form to be shown.

    Attributes:
        draft: What was filled in.
        modules: What can be chosen; None while the CRM is asked.
        catalogue: The fields of the chosen module; None while the CRM is asked.
        reading: What it comes to; None without a catalogue.
        changed: True when something else was on the screen when it was submitted.
    """

    draft: ExportDraft
    modules: tuple[Module, ...] | None
    catalogue: Catalogue | None
    reading: Reading | None
    changed: bool = False

    @property
    def query(self) -> Query | None:
        """What would be asked; None while something stands against it."""
        return self.reading.query if self.reading else None

    @property
    def promise(self) -> str | None:
        """What stands on the screen, in short; None while nothing does."""
        return None if self.query is None else _digest(json.dumps(self.query.as_json()))

    @property
    def countable(self) -> str | None:
        """What the CRM would be asked to count; None where it can't be."""
        return None if self.query is None else count_query(self.query)

    @property
    def counted(self) -> bool:
        """Whether just this was counted."""
        return self.countable is not None and self.draft.counted == self.countable


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """It can't be started: each place with what stands against it."""

    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What would start isn't what stood on the screen: look at this page first."""

    page: FormPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """It runs, and is durable."""

    job: ExportJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Already:
    """This form was submitted before."""


Submitted = Invalid | Again | Started | Already
Alter = Callable[[ExportDraft, Catalogue | None], ExportDraft]
"""From a form to the next; may run more than once."""


class ExportForms:
    """The forms. Only `fill` and `count` wait for the network."""

    def __init__(
        self,
        *,
        drafts: Drafts,
        journey: Export,
        catalogues: Catalogues,
        grants: Grants,
        memory: Atomic,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; *drafts* are those of exports."""
        self._drafts = drafts
        self._journey = journey
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
        problem: ParleyError | None = None
        try:
            self._catalogues.modules(grant)
            if page.draft.sheet.module:
                self._catalogues.whole(grant, page.draft.sheet.module)
                self._catalogues.meet_users(grant)
                self._catalogues.views(grant, page.draft.sheet.module)
        except ParleyError as error:
            problem = error
        return self.change(draft_id, owner, lambda draft, _: draft.troubled(problem))

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

    def submit(self, draft_id: str, owner: Owner, alter: Alter, promise: str | None) -> Submitted:
        """Start what the form says, exactly once, or say what must happen first. No network.

        Args:
            draft_id: Which.
            owner: Who submits; somebody else's form is gone.
            alter: Takes in what the submitted form holds.
            promise: What the submitted form showed.

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
            return Again(page=replace(page, changed=True))
        grant = self.grant(draft_id, owner)
        with self._memory.atomically():
            if not self._drafts.claim(draft_id, page.promise or "", self._now()):
                return Already()
            job = self._journey.start(
                owner,
                grant,
                page.query,
                seed=f"form:{draft_id}",
                now=self._now(),
                expected=page.draft.count if page.counted else None,
            )
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


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
