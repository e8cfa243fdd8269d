"""From words after the command to a query that the CRM can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.connection import Grant, Owner
from bot.domain.export import Query
from bot.domain.export_criteria import Criteria, Empty, Group, Scalar
from bot.domain.export_fields import Catalogue
from bot.domain.meeting import Record
from bot.errors import NotConnected, NotUnderstood, ParleyError
from bot.journeys.export.catalogues import Catalogues
from bot.journeys.export.prefill import Outline, outline
from bot.journeys.ports import Grants, Voice
from bot.language import (
    ExportRequest,
    Sense,
    module_named,
    parents_named,
    query_of,
    read_export,
    users_named,
    view_named,
)

ME = "me"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was understood.

    Attributes:
        grant: With which account.
        query: What the CRM is asked.
        count: How many records it found just now; None where that isn't known.
    """

    grant: Grant
    query: Query
    count: int | None


class Asking:
    """Understands requests for exports, with the metadata of the person's CRM."""

    def __init__(
        self,
        *,
        catalogues: Catalogues,
        grants: Grants,
        voice: Voice,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; *voice* knows the addresses of people in Slack."""
        self._catalogues = catalogues
        self._grants = grants
        self._voice = voice
        self._now = now

    def understand(self, text: str, owner: Owner, *, zone: str) -> Asked:
        """Return the query that words mean, and how much it finds.

        Args:
            text: What stands after the command.
            owner: Who asks, with the account in use.
            zone: Their zone; days in the words are days there.

        Raises:
            NotUnderstood: With the place in *text*.
            Refused: The CRM couldn't do it.
            NotConnected: ``none``, or as ``CrmAccess.call``.
            ParleyError: The CRM or Slack can't be asked.
        """
        grant = self._grants.in_use(owner)
        if grant is None:
            raise NotConnected("none")
        request = read_export(text)
        module = module_named(request.module, self._catalogues.modules(grant))
        catalogue = Catalogue(fields=self._catalogues.fields(grant, module.api_name))
        parents = {
            one: self._catalogues.fields(grant, one) for one in parents_named(request, catalogue)
        }
        catalogue = Catalogue(fields=catalogue.fields, parents=parents)
        sense = self._sense(request, catalogue, owner, grant, zone)
        view = None
        if request.view is not None:
            view = view_named(request.view, self._catalogues.views(grant, module.api_name))
        query = query_of(request, module.api_name, sense, view)
        if query.criteria is not None:
            query = replace(query, criteria=_addressed(query.criteria, sense.people))
        return Asked(grant=grant, query=query, count=self._count(grant, query))

    def outline(self, text: str, owner: Owner, grant: Grant, *, zone: str) -> Outline:
        """Return what of the words a form can hold, and the first thing that can't be.

        Raises:
            ParleyError: The CRM or Slack can't be asked.
        """
        error: ParleyError | None = None
        try:
            request = read_export(text)
        except NotUnderstood as unread:
            error, first = unread, text.split()[:1]
            if not first:
                return Outline(error=error)
            try:
                # What a sentence can't be made of may begin with a module all the same.
                request = read_export(first[0])
            except NotUnderstood:
                return Outline(error=error)
        try:
            module = module_named(request.module, self._catalogues.modules(grant)).api_name
        except NotUnderstood as unknown:
            return Outline(error=error or unknown)
        catalogue = self._catalogues.whole(grant, module)
        sense = self._sense(request, catalogue, owner, grant, zone)
        views = self._catalogues.views(grant, module) if request.view else None
        found = outline(request, module, sense, views)
        found.error = error or found.error
        return found

    def _sense(
        self, request: ExportRequest, catalogue: Catalogue, owner: Owner, grant: Grant, zone: str
    ) -> Sense:
        return Sense(
            catalogue=catalogue,
            people=self._people(request, catalogue, owner, grant),
            now=self._now(),
            zone=ZoneInfo(zone),
        )

    def _people(
        self, request: ExportRequest, catalogue: Catalogue, owner: Owner, grant: Grant
    ) -> Mapping[str, Record]:
        """Return the CRM users that the words name, by those words in lower case."""
        named = {words.text.casefold(): words.text for words in users_named(request, catalogue)}
        found = {ME: Record(id=grant.account.user_id, name=ME)}
        others = {low: said for low, said in named.items() if low != ME and not said.isdigit()}
        if not others:
            return found
        users = {
            one.email.casefold(): Record(id=one.ref, name=one.email)
            for one in self._catalogues.users(grant)
            if one.email
        }
        for low, said in others.items():
            known = users.get(self._address(said, owner))
            if known is not None:
                found[low] = known
        return found

    def _address(self, said: str, owner: Owner) -> str:
        if not (said.startswith("<@") and said.endswith(">")):
            return said.casefold()
        profile = self._voice.profile(Owner(owner.team, said[2:-1]), now=self._now())
        return (profile.email or "").casefold()

    def _count(self, grant: Grant, query: Query) -> int | None:
        try:
            return self._catalogues.count(grant, query)
        except NotConnected:
            raise
        except ParleyError:
            # It only says how much there may be: the export itself doesn't hang on it.
            return None


def _addressed(criteria: Criteria, people: Mapping[str, Record]) -> Criteria:
    """Return criteria in which who was mentioned goes by their address: it can be read."""

    def named(value: Scalar) -> Scalar:
        if isinstance(value, Record) and value.name.startswith("<@"):
            return people.get(value.name.casefold(), value)
        return value

    if isinstance(criteria, Group):
        members = tuple(_addressed(one, people) for one in criteria.members)
        return replace(criteria, members=members)
    value = criteria.value
    if isinstance(value, tuple):
        return replace(criteria, value=tuple(named(one) for one in value))
    return criteria if isinstance(value, Empty) else replace(criteria, value=named(value))
