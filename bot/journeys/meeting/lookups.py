"""Names from the words become CRM people and records; where several match, a person chooses."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from bot.crm.directory import Directory
from bot.crm.metadata import Metadata
from bot.domain.connection import Access, Grant, Owner
from bot.domain.meeting import ParentModule, Record
from bot.domain.participants import Kind, Participant
from bot.errors import NotAllowed, ParleyError
from bot.journeys import ports
from bot.journeys.account.access import CrmAccess
from bot.journeys.meeting.draft import (
    Candidate,
    Demanded,
    Draft,
    Found,
    Lookup,
    Place,
    objection,
)

_log = logging.getLogger(__name__)

LAYOUT_LIFE = timedelta(days=1)
ENOUGH = 20
"""More candidates than this don't help a choice."""


class Lookups:
    """Asks the CRM and Slack what a draft's names mean."""

    def __init__(
        self,
        *,
        access: CrmAccess,
        crm: Directory,
        metadata: Metadata,
        met: ports.Directory,
        organizations: ports.Organizations,
        voice: ports.Voice,
    ) -> None:
        """Take the parts; *met* is the memory of people met before."""
        self._access = access
        self._crm = crm
        self._metadata = metadata
        self._met = met
        self._organizations = organizations
        self._voice = voice

    def answer(
        self, draft: Draft, owner: Owner, grant: Grant, *, now: Callable[[], datetime]
    ) -> Callable[[Draft], Draft]:
        """Ask about every pending name of *draft*; return the change to make.

        The change is made on the draft as it is then: what the person did meanwhile stays.

        Raises:
            ParleyError: The CRM or Slack can't be asked; the names stay pending.
        """
        answers = [
            self._ask(lookup, draft, owner, grant, now)
            for lookup in draft.lookups
            if lookup.state is Found.PENDING
        ]
        people = [_participant(one) for answer in answers for one in answer.candidates]
        self._met.remember(grant.id, [one for one in people if one], now())
        demanded = self._background(grant, now, draft.lacks)

        def change(current: Draft) -> Draft:
            for lookup in answers:
                current = settle(current, lookup)
            return current if demanded is None else replace(current, demanded=demanded)

        return change

    def _background(
        self, grant: Grant, now: Callable[[], datetime], named: str | None
    ) -> tuple[Demanded, ...] | None:
        try:
            self.meet_colleagues(grant, now=now)
            return self.demanded(grant, named=named, now=now)
        except ParleyError as error:
            # The names are found; what the layout demands the CRM says on create, too.
            _log.warning("background_failed why=%s", error)
            return None

    def meet_colleagues(self, grant: Grant, *, now: Callable[[], datetime]) -> None:
        """Keep the organisation's CRM users for the type-ahead, asked at most once a day."""
        name = f"colleagues:{grant.id}"
        if self._organizations.cached(grant.account.org_id, name, now() - LAYOUT_LIFE):
            return
        users = self._access.call(grant.id, self._crm.users, now=now)
        self._met.remember(grant.id, users, now())
        self._organizations.cache(grant.account.org_id, name, {"users": len(users)}, now())

    def demanded(
        self, grant: Grant, *, named: str | None = None, now: Callable[[], datetime]
    ) -> tuple[Demanded, ...]:
        """Return what the organisation's layout demands, asked at most once a day.

        Asked anew where the CRM has *named* a field that wasn't among them.
        An account that may not read layouts demands nothing here: the CRM says so on create.
        """
        org = grant.account.org_id
        kept = self._organizations.cached(org, "demanded", now() - LAYOUT_LIFE)
        if kept is not None:
            known = msgspec.convert(kept["fields"], tuple[Demanded, ...])
            if named is None or named in {one.api_name for one in known}:
                return known
        try:
            found = self._access.call(grant.id, self._metadata.demanded, now=now)
        except NotAllowed:
            return ()
        fields = tuple(
            Demanded(
                api_name=one.api_name, label=one.label, kind=one.kind, choices=tuple(one.choices)
            )
            for one in found
        )
        self._organizations.cache(org, "demanded", {"fields": msgspec.to_builtins(fields)}, now())
        return fields

    def _ask(
        self,
        lookup: Lookup,
        draft: Draft,
        owner: Owner,
        grant: Grant,
        now: Callable[[], datetime],
    ) -> Lookup:
        def crm(ask: Callable[[Access], Sequence[Candidate]]) -> tuple[Candidate, ...]:
            return tuple(self._access.call(grant.id, ask, now=now))[:ENOUGH]

        if lookup.place is Place.CONTACT:
            found = crm(lambda access: _records(self._crm.contacts(access, lookup.name)))
        elif lookup.place is Place.RECORD:
            module = draft.sheet.module or ParentModule.DEALS
            found = crm(lambda access: _records(self._crm.records(access, module, lookup.name)))
        elif lookup.slack_id is not None:
            profile = self._voice.profile(Owner(owner.team, lookup.slack_id), now=now())
            lookup = replace(lookup, name=profile.name)
            if profile.is_bot or profile.deleted or not profile.email:
                return replace(lookup, state=Found.NOBODY)
            lookup = replace(lookup, email=profile.email)
            found = crm(lambda access: _people(self._crm.by_email(access, profile.email or "")))
        elif lookup.email is not None:
            address = lookup.email
            found = crm(lambda access: _people(self._crm.by_email(access, address)))
        else:
            kinds = set(lookup.kinds) or {Kind.USER, Kind.CONTACT, Kind.LEAD}
            found = crm(lambda access: _people(self._crm.by_name(access, lookup.name, kinds)))
        return _judge(lookup, found)


def _judge(lookup: Lookup, found: tuple[Candidate, ...]) -> Lookup:
    users = tuple(one for one in found if one.kind is Kind.USER)
    if lookup.email is not None and users:
        found = users[:1]
    if not found and lookup.email is not None:
        outside = Candidate(
            kind=Kind.EMAIL, ref=lookup.email, name=lookup.email, email=lookup.email
        )
        return replace(lookup, state=Found.DONE, candidates=(outside,))
    if not found:
        return replace(lookup, state=Found.NOBODY)
    sure = len(found) == 1 and (
        lookup.email is not None or found[0].name.casefold() == lookup.name.casefold()
    )
    return replace(lookup, state=Found.DONE if sure else Found.CHOICE, candidates=found)


def settle(draft: Draft, lookup: Lookup, chosen: Candidate | None = None) -> Draft:
    """Return *draft* with a look-up's answer taken in, the form's field filled where it is sure.

    Args:
        draft: As it is now.
        lookup: With its state and candidates.
        chosen: The person's choice; None takes the single sure candidate.
    """
    draft = draft.looked_up(lookup)
    if lookup.state is not Found.DONE:
        return draft
    pick = chosen or (lookup.candidates[0] if lookup.candidates else None)
    if pick is None:
        return draft
    if lookup.place is Place.PEOPLE:
        return _with_person(draft, lookup, pick)
    record = Record(id=pick.ref, name=pick.name)
    if lookup.place is Place.CONTACT:
        return draft if draft.sheet.contact else draft.sets(contact=record)
    return draft if draft.sheet.record else draft.sets(record=record)


def _with_person(draft: Draft, lookup: Lookup, pick: Candidate) -> Draft:
    person = _participant(pick)
    if person is None:
        return draft
    draft = _without_stand_in(draft, lookup)
    people = draft.sheet.people
    if any(one.key == person.key for one in people):
        return draft
    return draft.sets(people=(*people, person))


def _without_stand_in(draft: Draft, lookup: Lookup) -> Draft:
    # A bare address stands in for whoever has it in the CRM, until that is known.
    address = (lookup.email or "").casefold()
    people = draft.sheet.people
    rest = tuple(one for one in people if not (one.outside and one.ref.casefold() == address))
    return draft if len(rest) == len(people) else draft.sets(people=rest)


_OPEN = (Found.CHOICE, Found.NOBODY, Found.UNASKED)


def asked_again(draft: Draft) -> Draft:
    """Return *draft* with the names nobody could be asked about pending anew."""
    return replace(
        draft,
        lookups=tuple(
            replace(one, state=Found.PENDING) if one.state is Found.UNASKED else one
            for one in draft.lookups
        ),
    )


def choose(draft: Draft, key: str, value: str | None) -> Draft:
    """Return *draft* with the person's answer to an open look-up; None leaves the name out."""
    for lookup in draft.lookups:
        if lookup.key == key and lookup.state in _OPEN:
            pick = next((one for one in lookup.candidates if one.value == value), None)
            done = replace(lookup, state=Found.DONE)
            if pick is None:
                left = _without_stand_in(draft, lookup).looked_up(replace(done, candidates=()))
                # A module without its record is no parent: it goes with the name.
                return left.sets(module=None) if lookup.place is Place.RECORD else left
            return settle(draft, replace(done, candidates=(pick,)), pick)
    return draft


def _people(people: Sequence[Participant]) -> list[Candidate]:
    return [Candidate(kind=one.kind, ref=one.ref, name=one.name, email=one.email) for one in people]


def _records(records: Sequence[Record]) -> list[Candidate]:
    return [Candidate(kind=None, ref=one.id, name=one.name) for one in records]


def _participant(candidate: Candidate) -> Participant | None:
    if candidate.kind is None:
        return None
    return Participant(
        kind=candidate.kind, ref=candidate.ref, name=candidate.name, email=candidate.email
    )


def unanswered(draft: Draft, error: ParleyError) -> Draft:
    """Return *draft* with its pending names given up for now: asked again, or chosen by hand."""
    waiting = tuple(
        replace(one, state=Found.UNASKED) if one.state is Found.PENDING else one
        for one in draft.lookups
    )
    return replace(draft, lookups=waiting, objection=objection(error))
