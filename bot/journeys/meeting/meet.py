"""Meet: plain words become a draft, a preview of real dates, and one operation.

What the CRM is asked happens in ``bot.journeys.meeting.lookups`` (names) and
``bot.journeys.meeting.create`` (the write); nothing here uses the network.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.connection import Grant, GrantState, Owner
from bot.errors import Gone, NotConnected, ParleyError, Refused
from bot.journeys.meeting.allowance import Allowance
from bot.journeys.meeting.compose import Composed, Preview, compose, with_end
from bot.journeys.meeting.draft import Draft, Found, Sheet, objection
from bot.journeys.ports import Atomic, Drafts, Grants, Operations, StoredDraft, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A draft and the preview of it: everything the form shows.

    Attributes:
        draft: What it is made from.
        composed: The preview, or what keeps it from being one.
        connected: Whether there is a CRM account to make it with.
        warn: Whether the large number is named.
    """

    draft: Draft
    composed: Composed
    connected: bool = True
    warn: bool = False

    @property
    def preview(self) -> Preview | None:
        """The real dates, where the form makes a meeting."""
        return self.composed.preview


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """What a form says it showed: only that is created.

    Attributes:
        promise: Of the dates that stood there; None where none did.
        warned: The large number that was named there, as ``Preview.size`` says it.
        hash: Slack's, of the form as it was sent.
    """

    promise: str | None = None
    warned: str | None = None
    hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """The form can't be created; each error belongs to a field."""

    errors: tuple[Refused, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """What Create would make isn't what stood on the screen: look at this page first."""

    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The operation is durable; the CRM is asked next."""

    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Already:
    """This draft was submitted before: a second click, a second device."""


Submitted = Invalid | Again | Taken | Already


class Meet:
    """The journey up to the durable operation."""

    def __init__(
        self,
        *,
        drafts: Drafts,
        operations: Operations,
        grants: Grants,
        work: Work,
        memory: Atomic,
        allowance: Allowance,
    ) -> None:
        """Take the parts."""
        self._drafts = drafts
        self._operations = operations
        self._grants = grants
        self._work = work
        self._memory = memory
        self._allowance = allowance

    def begin(self, draft: Draft, owner: Owner, *, now: datetime) -> Page:
        """Keep a new draft and return its page.

        Begun again with the same id, the draft is the one kept before. Without a
        connected CRM account it is kept all the same (``page.connected`` is False), so
        that it can go on after connecting.

        Raises:
            Gone: It was begun before, and submitted meanwhile.
        """
        if self._drafts.get(draft.id, owner) is not None:
            return self.open(draft.id, owner, now=now)
        grant = self._grants.in_use(owner)
        page = self._page(with_end(draft), owner, now)
        self._drafts.put(
            page.draft.id, owner, grant.id if grant else None, page.draft.as_json(), now
        )
        return page

    def open(self, draft_id: str, owner: Owner, *, now: datetime) -> Page:
        """Return the page of a draft, to show it again.

        Raises:
            Gone: The draft is done, or was swept.
        """
        return self._page(self._draft(draft_id, owner), owner, now)

    def grant(self, draft_id: str, owner: Owner) -> Grant | None:
        """Return the grant a draft acts with: the one it began with, while that is good.

        After that one was lost and the person has connected again, the one in use.
        """
        stored = self._drafts.get(draft_id, owner)
        return self._grant(stored, owner) if stored else None

    def change(
        self, draft_id: str, owner: Owner, alter: Callable[[Draft], Draft], *, now: datetime
    ) -> Page:
        """Change a draft and return its new page, keeping what others changed meanwhile.

        Args:
            draft_id: Whose.
            owner: Who asks; somebody else's draft is gone.
            alter: Draft in, draft out; may run more than once.
            now: Aware.

        Raises:
            Gone: The draft is done, or was swept.
        """
        while True:
            stored = self._drafts.get(draft_id, owner)
            if stored is None or stored.state != "open":
                raise Gone("draft")
            page = self._page(alter(Draft.from_json(stored.data)), owner, now)
            if self._drafts.save(draft_id, page.draft.as_json(), stored.version, now) is not None:
                return page

    def submit(
        self,
        draft_id: str,
        owner: Owner,
        fill: Callable[[Draft], Sheet],
        screen: Screen,
        *,
        now: datetime,
    ) -> Submitted:
        """Take a form for creation, exactly once, or say what must happen first.

        Only dates that stood on the screen are created; a large number must be named.
        One durable transaction: the draft is claimed, the operation begun, the work
        queued. No network.

        Args:
            draft_id: Which draft.
            owner: Who submits; somebody else's draft is gone.
            fill: From the draft to the sheet the form holds.
            screen: What the submitted form itself says it showed.
            now: Aware.

        Raises:
            Gone: The draft was swept.
            NotConnected: The CRM account was disconnected meanwhile; the draft is kept as
                it was submitted.
        """
        while True:
            stored = self._drafts.get(draft_id, owner)
            if stored is None:
                raise Gone("draft")
            if stored.state != "open":
                return Already()
            draft = Draft.from_json(stored.data)
            draft = replace(draft, sheet=fill(draft), objection=None, unseen="")
            page = self._page(draft, owner, now)
            preview = page.preview
            if preview is None:
                return Invalid(errors=page.composed.errors)
            changed = preview.promise != screen.promise
            if changed or (preview.many and screen.warned != preview.size):
                warned = preview.size if preview.many else None
                draft = replace(draft, warned=warned, unseen=screen.hash if changed else "")
                if self._drafts.save(draft_id, draft.as_json(), stored.version, now) is None:
                    continue
                return Again(page=self._page(draft, owner, now))
            taken = self._take(page, preview, owner, stored, now)
            if taken is not None:
                return taken

    def _take(
        self, page: Page, preview: Preview, owner: Owner, stored: StoredDraft, now: datetime
    ) -> Taken | Already | Invalid | None:
        draft, grant = page.draft, self._grant(stored, owner)
        with self._memory.atomically():
            many = self._allowance.take(draft.id, owner, preview.meeting, draft.zone, now)
            if many is not None:
                return Invalid(errors=(many,))
            version = self._drafts.save(draft.id, draft.as_json(), stored.version, now)
            if version is None:
                return None
            if grant is not None:
                if not self._operations.begin(
                    draft.id, owner, grant.id, "create", preview.fingerprint, {}, now
                ):
                    # Its operation is still under way: nothing may be begun beside it.
                    return Already()
                self._drafts.claim(draft.id, preview.fingerprint, now)
                self._work.put(
                    f"create:{draft.id}:{version}",
                    lane="work",
                    kind="create",
                    owner=owner,
                    payload={"draft": draft.id},
                    now=now,
                )
        if grant is None:
            raise NotConnected("none")
        return Taken(page=page)

    def look_up(self, page: Page, owner: Owner, view_id: str, *, now: datetime) -> bool:
        """Queue what the form in *view_id* still needs from the CRM; False for nothing."""
        draft = page.draft
        pending = any(one.state is Found.PENDING for one in draft.lookups)
        if draft.demanded is not None and draft.lacks is None and not pending:
            return False
        return self._work.put(
            f"fill:{view_id}:{now.isoformat()}",
            lane="work",
            kind="fill",
            owner=owner,
            payload={"draft": draft.id, "view": view_id},
            now=now,
        )

    def objected(self, draft_id: str, owner: Owner, error: ParleyError, *, now: datetime) -> Page:
        """Open a claimed draft again after a definite refusal, with the reason in it.

        Raises:
            Gone: The draft was swept.
        """
        draft = replace(self._draft(draft_id, owner, claimed=True), objection=objection(error))
        if draft.objection and draft.objection.place in _BEHIND_MORE:
            draft = replace(draft, more=True)
        self._drafts.reopen(draft_id, draft.as_json(), now)
        return self._page(draft, owner, now)

    def _grant(self, stored: StoredDraft, owner: Owner) -> Grant | None:
        kept = self._grants.get(stored.grant_id) if stored.grant_id else None
        if kept is not None and kept.state is GrantState.ACTIVE:
            return kept
        return self._grants.in_use(owner)

    def _draft(self, draft_id: str, owner: Owner, *, claimed: bool = False) -> Draft:
        stored = self._drafts.get(draft_id, owner)
        if stored is None or (stored.state != "open" and not claimed):
            raise Gone("draft")
        return Draft.from_json(stored.data)

    def _page(self, draft: Draft, owner: Owner, now: datetime) -> Page:
        grant = self._grants.in_use(owner)
        composed = compose(draft, now=now, crm_zone=grant.account.zone if grant else None)
        preview = composed.preview
        return Page(
            draft=draft,
            composed=composed,
            connected=grant is not None,
            warn=preview is not None and preview.size == draft.warned,
        )


_BEHIND_MORE = frozenset({"venue", "reminders", "contact", "record", "description"})
