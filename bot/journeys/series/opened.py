"""Open: a meeting that stands in the CRM, alone or with its whole series, as it is now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.crm.dialect import operation_of
from bot.crm.events import Events
from bot.crm.listing import Listing
from bot.domain.connection import Access, Grant, Owner
from bot.domain.event import Event
from bot.domain.series import Series, Single
from bot.domain.zones import zone
from bot.errors import Gone, NotConnected
from bot.journeys.account.access import CrmAccess
from bot.journeys.ports import Grants, Operations


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A meeting and its series.

    Attributes:
        event: The occurrence that was asked for.
        series: All occurrences, this one among them: of every CRM series of its operation.
        singles: Those that differ from the rest.
        grant: With whose account it was read.
    """

    event: Event
    series: Series
    singles: tuple[Single, ...]
    grant: Grant

    @property
    def following(self) -> tuple[Event, ...]:
        """This one and all after it."""
        return self.series.following(self.event.id)

    def days(self, person_zone: str) -> str:
        """Return the zone (IANA) whose days and clock it keeps: all-day, the CRM's."""
        return self.grant.account.zone if self.event.all_day else person_zone


class Opening:
    """Reads meetings with the account a person has in use."""

    def __init__(
        self,
        *,
        grants: Grants,
        operations: Operations,
        access: CrmAccess,
        events: Events,
        listing: Listing,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; *now* gives an aware now for each step."""
        self._grants = grants
        self._operations = operations
        self._access = access
        self._events = events
        self._listing = listing
        self._now = now

    def grant(self, owner: Owner) -> Grant:
        """Return the grant in use.

        Raises:
            NotConnected: ``none``.
        """
        grant = self._grants.in_use(owner)
        if grant is None:
            raise NotConnected("none")
        return grant

    def alone(self, owner: Owner, event_id: str, *, grant: Grant | None = None) -> Opened:
        """Return the occurrence as if it were held once: a single call.

        Args:
            owner: Who asks.
            event_id: Which occurrence.
            grant: With whose account; None for the one in use.

        Raises:
            Gone: ``crm_record``.
            ParleyError: The CRM can't be asked.
        """
        grant = grant or self.grant(owner)
        event = self._event(grant, event_id)
        return Opened(event=event, series=Series(events=(event,)), singles=(), grant=grant)

    def whole(
        self,
        owner: Owner,
        event_id: str,
        *,
        person_zone: str | None = None,
        grant: Grant | None = None,
    ) -> Opened:
        """Return the occurrence with its whole series: one call for each occurrence.

        Args:
            owner: Who asks.
            event_id: Which occurrence.
            person_zone: The person's zone (IANA): the series may keep its wall clock.
            grant: With whose account; None for the one in use.

        Raises:
            Gone: ``crm_record``.
            ParleyError: The CRM can't be asked.
        """
        grant = grant or self.grant(owner)
        event = self._event(grant, event_id)

        series = self._access.call(
            grant.id, lambda access: self._series(access, event), now=self._now
        )
        zones = [zone(grant.account.zone), *([zone(person_zone)] if person_zone else [])]
        return Opened(
            event=event,
            series=series,
            singles=series.singles([*zones, ZoneInfo("UTC")]),
            grant=grant,
        )

    def standing(self, owner: Owner, ids: Sequence[str]) -> str:
        """Return the first of *ids* that is there, not cancelled where there is such a one.

        Raises:
            Gone: ``crm_record``: none is.
            ParleyError: The CRM can't be asked.
        """
        rows = self._access.call(
            self.grant(owner).id, lambda access: self._listing.rows(access, ids), now=self._now
        )
        order = sorted(rows, key=lambda one: (one.cancelled, ids.index(one.id)))
        if not order:
            raise Gone("crm_record")
        return order[0].id

    def _series(self, access: Access, event: Event) -> Series:
        events = self._joined(access, event)
        made = {operation_of(one.description) for one in events.values()} - {None}
        # A rule of several weekdays may be held as one CRM series a weekday.
        for operation in made:
            parts = self._operations.series(operation or "")
            # A meeting copied in the CRM names the operation too, and isn't of it.
            if any(events.keys() & set(ids) for ids in parts):
                for ids in parts:
                    events |= self._part(access, ids) if not events.keys() & set(ids) else {}
        rows = self._listing.rows(access, tuple(events))
        return Series(
            events=tuple(sorted(events.values(), key=lambda one: (one.start, one.id))),
            cancelled=frozenset(one.id for one in rows if one.cancelled),
        )

    def _part(self, access: Access, ids: Sequence[str]) -> dict[str, Event]:
        """Return the CRM series of which *ids* are known, by whichever is still there."""
        each = (self._events.get(access, one) for one in ids)
        found = next((one for one in each if one is not None), None)
        return {} if found is None else self._joined(access, found)

    def _joined(self, access: Access, event: Event) -> dict[str, Event]:
        """Return the occurrences that the CRM joins with *event*, itself included, by id."""
        ids = self._listing.siblings(access, event)
        others = (self._events.get(access, one) for one in ids if one != event.id)
        return {event.id: event} | {one.id: one for one in others if one is not None}

    def _event(self, grant: Grant, event_id: str) -> Event:
        found = self._access.call(
            grant.id, lambda access: self._events.get(access, event_id), now=self._now
        )
        if found is None:
            raise Gone("crm_record")
        return found
