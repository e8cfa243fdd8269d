"""What of a person's CRM can be exported: modules, fields, views, asked once an hour."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import msgspec

from bot.crm.bulk import Bulk
from bot.crm.directory import Directory
from bot.crm.fields import READ, Fields
from bot.domain.connection import Access, Grant
from bot.domain.export import Query
from bot.domain.export_fields import USERS, Catalogue, Field, Module
from bot.domain.meeting import Record
from bot.domain.participants import Participant
from bot.journeys import ports
from bot.journeys.account.access import CrmAccess

LIFE: Final = timedelta(hours=1)
"""A field that was made or renamed is known after this long at most."""
NEEDS: Final = (
    "ZohoCRM.bulk.READ",
    "ZohoCRM.settings.modules.READ",
    "ZohoCRM.settings.fields.READ",
)
"""Without these scopes nothing can be asked for."""
VIEWS_NEED: Final = (*NEEDS, "ZohoCRM.settings.custom_views.READ")
COUNT_NEEDS: Final = (*NEEDS, "ZohoCRM.coql.READ")
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)

T = TypeVar("T")


class Catalogues:
    """Asks with a person's own rights, and keeps the answers with their grant.

    Two people of an organisation may see different fields: nothing is shared.
    """

    def __init__(
        self,
        *,
        access: CrmAccess,
        fields: Fields,
        bulk: Bulk,
        crm: Directory,
        met: ports.Directory,
        organizations: ports.Organizations,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; *met* keeps the CRM's users, *organizations* all else."""
        self._access = access
        self._fields = fields
        self._bulk = bulk
        self._crm = crm
        self._met = met
        self._organizations = organizations
        self._now = now

    def modules(self, grant: Grant) -> tuple[Module, ...]:
        """Return the modules that can be exported.

        Raises:
            ParleyError: As ``CrmAccess.call``, and what the CRM's answer names.
        """
        return self._asked(grant, "modules", self._fields.modules, tuple[Module, ...])

    def fields(self, grant: Grant, module: str) -> tuple[Field, ...]:
        """Return the fields of a module.

        Raises:
            ParleyError: As `modules`.
        """

        def ask(access: Access) -> tuple[Field, ...]:
            return self._fields.of(access, module)

        return self._asked(grant, f"fields:{module}", ask, tuple[Field, ...], _needs(module))

    def views(self, grant: Grant, module: str) -> tuple[Record, ...]:
        """Return the custom views of a module.

        Raises:
            ParleyError: As `modules`.
        """

        def ask(access: Access) -> tuple[Record, ...]:
            return self._bulk.views(access, module)

        return self._asked(grant, f"views:{module}", ask, tuple[Record, ...], VIEWS_NEED)

    def users(self, grant: Grant) -> tuple[Participant, ...]:
        """Return the CRM's users, asked each time.

        Raises:
            ParleyError: As `modules`.
        """
        return self._access.call(grant.id, self._crm.users, now=self._now, needs=NEEDS)

    def meet_users(self, grant: Grant) -> None:
        """Keep the CRM's users for type-ahead, asked at most once an hour.

        Raises:
            ParleyError: As `modules`.
        """

        def ask(access: Access) -> int:
            users = self._crm.users(access)
            self._met.remember(grant.id, users, self._now())
            return len(users)

        self._asked(grant, "users", ask, int)

    def whole(self, grant: Grant, module: str) -> Catalogue:
        """Return the fields of a module and of every module that its lookups point into.

        Raises:
            ParleyError: As `modules`.
        """
        own = self.fields(grant, module)
        return Catalogue(
            fields=own, parents={one: self.fields(grant, one) for one in _parents(own)}
        )

    def count(self, grant: Grant, query: Query) -> int | None:
        """Return how many records a query finds, or None where that can't be asked.

        Raises:
            ParleyError: As `modules`.
        """

        def ask(access: Access) -> int | None:
            return self._bulk.estimate(access, query)

        return self._access.call(grant.id, ask, now=self._now, needs=COUNT_NEEDS)

    # -- without asking ---------------------------------------------------------------

    def known_modules(self, grant: Grant) -> tuple[Module, ...] | None:
        """Return the modules as they were last told, however long ago; None when never."""
        return self._kept(grant, "modules", _EVER, tuple[Module, ...])

    def known_views(self, grant: Grant, module: str) -> tuple[Record, ...] | None:
        """Return a module's views as they were last told; None when never."""
        return self._kept(grant, f"views:{module}", _EVER, tuple[Record, ...])

    def known(self, grant: Grant, module: str) -> Catalogue | None:
        """Return what `whole` did, as it was last told; None when it wasn't all."""
        own = self._kept(grant, f"fields:{module}", _EVER, tuple[Field, ...])
        if own is None:
            return None
        parents = {
            one: self._kept(grant, f"fields:{one}", _EVER, tuple[Field, ...])
            for one in _parents(own)
        }
        told = {name: fields for name, fields in parents.items() if fields is not None}
        return Catalogue(fields=own, parents=told) if len(told) == len(parents) else None

    def _asked(
        self,
        grant: Grant,
        name: str,
        ask: Callable[[Access], T],
        kind: type[T],
        needs: tuple[str, ...] = NEEDS,
    ) -> T:
        kept = self._kept(grant, name, self._now() - LIFE, kind)
        if kept is not None:
            return kept
        found = self._access.call(grant.id, ask, now=self._now, needs=needs)
        told: dict[str, object] = {"all": msgspec.to_builtins(found)}
        self._organizations.cache(grant.account.org_id, _key(grant, name), told, self._now())
        return found

    def _kept(self, grant: Grant, name: str, since: datetime, kind: type[T]) -> T | None:
        kept = self._organizations.cached(grant.account.org_id, _key(grant, name), since)
        return None if kept is None else msgspec.convert(kept["all"], kind)


def _needs(module: str) -> tuple[str, ...]:
    """Return what the fields of a module are asked for with: they are for reading its records."""
    return NEEDS if module in READ else (*NEEDS, "ZohoCRM.modules.custom.READ")


def _key(grant: Grant, name: str) -> str:
    return f"export:{grant.id}:{name}"


def _parents(fields: tuple[Field, ...]) -> tuple[str, ...]:
    """Return the modules that lookups among *fields* point into, as far as they can be read."""
    found = (one.module for one in fields if one.module != USERS)
    return tuple(dict.fromkeys(one for one in found if one in READ))
