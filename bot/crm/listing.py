"""Finding meetings: the occurrences of a series, and everything within a span of time.

Queried with COQL for ids alone, since which columns of Events it takes is written nowhere;
what is shown is then read by ids (Zoho CRM, Get Records), where ``$`` keys can be named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.crm.answers import rows
from bot.crm.dialect import wire_time
from bot.crm.events import IDS_A_CALL, Events
from bot.crm.shapes import Json, identity, moment, optional_text, record_id, text, truth
from bot.crm.transport import Transport
from bot.domain.connection import Access
from bot.domain.event import Event

MADE_TOGETHER: Final = timedelta(minutes=10)
"""Occurrences of one create are made one after the other, within this of each other."""
MOST_ROWS: Final = 10_000
"""Zoho CRM, COQL: older pages stop there; a list this long helps nobody."""
_FIELDS: Final = (
    "Event_Title,Start_DateTime,End_DateTime,All_day,Venue,$u_id,$event_cancelled,Owner,"
    "Modified_Time"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One occurrence as a list shows it: without its people.

    Attributes:
        id: The record's id.
        title: Event_Title.
        start: Aware.
        end: Aware.
        all_day: True when no time of day is meant.
        venue: Where.
        series: The CRM's ``$u_id``; None where not told.
        cancelled: Whether it was cancelled.
        modified_at: Aware, whole seconds; None where not told.
    """

    id: str
    title: str
    start: datetime
    end: datetime
    all_day: bool
    venue: str | None
    series: str | None
    cancelled: bool
    modified_at: datetime | None = None


class Listing:
    """Finds meetings with the rights of whoever asks; all pages are read."""

    def __init__(self, transport: Transport, events: Events) -> None:
        """Keep the wire, and *events* to read one by one what lists leave out."""
        self._transport = transport
        self._events = events

    def between(
        self, access: Access, start: datetime, end: datetime, *, host: str
    ) -> tuple[Row, ...]:
        """Return *host*'s meetings that are on at some time between two aware times.

        Those to which the host is only invited can't be asked for: COQL doesn't know
        participants.

        Raises:
            ParleyError: What the CRM's answers name.
        """
        # Pairs, as COQL's overview demands them.
        where = (
            f"((Start_DateTime < '{_moment(end)}' and End_DateTime > '{_moment(start)}')"
            f" and Owner = '{record_id(host)}')"
        )
        found = self.rows(access, tuple(self._events.ids(access, where, most=MOST_ROWS)))
        return tuple(sorted(found, key=lambda one: (one.start, one.id)))

    def siblings(self, access: Access, event: Event) -> tuple[str, ...]:
        """Return the ids of the series of *event*, itself included, by their starts.

        Whether ``$u_id`` can be queried is written nowhere. Candidates are what was made
        at the same time, or is called the same; ``$u_id`` then decides.

        Raises:
            ParleyError: What the CRM's answers name.
        """
        if event.series is None:
            return (event.id,)
        near: set[str] = {event.id}
        if event.created_at is not None:
            made = event.created_at
            first, last = _moment(made - MADE_TOGETHER), _moment(made + MADE_TOGETHER)
            near.update(
                self._events.ids(
                    access, f"Created_Time between '{first}' and '{last}'", most=MOST_ROWS
                )
            )
        # How a quote is escaped in COQL is written nowhere.
        if not set(event.title) & {"'", '"', "\\"}:
            near.update(self._events.ids(access, f"Event_Title = '{event.title}'", most=MOST_ROWS))
        listed = self.rows(access, sorted(near))
        if all(one.series is None for one in listed):
            # Lists leave out $u_id here: it is read one by one.
            each = (self._events.get(access, one.id) for one in listed)
            found = {one.id: one.start for one in each if one and one.series == event.series}
        else:
            found = {one.id: one.start for one in listed if one.series == event.series}
        starts = {event.id: event.start, **found}
        return tuple(sorted(starts, key=lambda one: (starts[one], one)))

    def rows(self, access: Access, ids: Sequence[str]) -> tuple[Row, ...]:
        """Return these occurrences; one the CRM doesn't know is left out.

        Raises:
            ParleyError: What the CRM's answers name.
        """
        found: list[Row] = []
        for first in range(0, len(ids), IDS_A_CALL):
            some = ",".join(record_id(one) for one in ids[first : first + IDS_A_CALL])
            answer = self._transport.send(
                "GET",
                f"{access.api_origin}/crm/v8/Events",
                token=access.token,
                params={"ids": some, "fields": _FIELDS},
            )
            found.extend(_row(one) for one in rows(answer))
        return tuple(found)


def _row(source: Json) -> Row:
    return Row(
        id=identity(source),
        title=text(source, "Event_Title"),
        start=moment(source, "Start_DateTime"),
        end=moment(source, "End_DateTime"),
        all_day=truth(source, "All_day", missing=False),
        venue=optional_text(source, "Venue"),
        series=optional_text(source, "$u_id"),
        cancelled=truth(source, "$event_cancelled", missing=False),
        modified_at=moment(source, "Modified_Time") if source.get("Modified_Time") else None,
    )


def _moment(when: datetime) -> str:
    return wire_time(when.astimezone(UTC))
