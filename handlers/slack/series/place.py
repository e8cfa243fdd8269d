"""Where a window about a meeting stands: kept in the view itself, and read from it again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from bot.crm.dialect import operation_of
from bot.domain.change import Facets
from bot.domain.event import Event
from bot.domain.meeting import ParentModule
from bot.domain.participants import Participant
from bot.journeys.meeting.draft import Sheet
from bot.journeys.series.rule_draft import parent_module
from bot.language import write_length, write_reminder
from handlers.slack import ids

CHANGED = ("title", "day", "start", "length", "venue", "reminders", "contact", "record")
"""The fields of the form that changes a meeting, in its order; people have their own."""


class Ask(StrEnum):
    """What a window asks about a meeting."""

    CHANGE = "change"
    PEOPLE = "people"
    REPEATS = "repeats"
    CANCEL = "cancel"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a view about a meeting carries with it.

    Attributes:
        event: The occurrence.
        made: The operation that made it, where Parley did.
        ask: What the window asks; None where it only shows.
        series: Whether the meeting is one of several.
        all_day: Whether it has no time of day.
        module: The chosen parent module.
        turn: How often another module was chosen: a new record field each time.
        was: Digests of what the fields showed first, by field: only what differs is wanted.
    """

    event: str
    made: str | None = None
    ask: Ask | None = None
    series: bool = False
    all_day: bool = False
    module: str | None = None
    turn: int = 0
    was: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Return it for a view's ``private_metadata``."""
        return json.dumps({"place": asdict(self)}, separators=(",", ":"))

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> Self | None:
        """Return what *view* carries; None for a view of another kind."""
        kept = json.loads(view.get("private_metadata") or "{}").get("place")
        if kept is None:
            return None
        ask = Ask(kept.pop("ask")) if kept.get("ask") else kept.pop("ask")
        return cls(ask=ask, **kept)


def chosen_module(view: Mapping[str, Any]) -> ParentModule | None:
    """Return the parent module chosen in a form about a meeting; None in any other view."""
    place = Place.of(view)
    return ParentModule(place.module) if place and place.module else None


def place_of(event: Event, ask: Ask | None, zone: str) -> Place:
    """Return where a window that asks something about *event* stands."""
    facets = Facets.of(event)
    sheet = sheet_of(facets, zone)
    return Place(
        event=event.id,
        made=operation_of(event.description),
        ask=ask,
        series=event.rule is not None,
        all_day=event.all_day,
        module=sheet.module,
        was=digests(sheet, ask),
    )


def sheet_of(facets: Facets, zone: str) -> Sheet:
    """Return the fields of a form that shows an occurrence in *zone*."""
    where = ZoneInfo(zone)
    start: datetime = facets.start.astimezone(where)
    module = parent_module(facets.related)
    return Sheet(
        title=facets.title,
        day=start.date(),
        start=None if facets.all_day else start.time(),
        length="" if facets.all_day else write_length(facets.end - facets.start),
        all_day=facets.all_day,
        people=facets.people,
        venue=facets.venue or "",
        reminders=", ".join(write_reminder(one) for one in facets.reminders or ()),
        contact=facets.contact,
        module=module,
        record=facets.related.record if facets.related and module else None,
    )


def digests(sheet: Sheet, ask: Ask | None) -> dict[str, str]:
    """Return the digests of what a form about *ask* shows."""
    if ask is Ask.PEOPLE:
        return {"people": " ".join(person_digest(one) for one in sheet.people)}
    clocks = {"start", "length"} if sheet.all_day else set()
    known = [name for name in CHANGED if name not in clocks]
    return {name: digest(shown(sheet, name)) for name in known} if ask is Ask.CHANGE else {}


def shown(sheet: Sheet, name: str) -> str:
    """Return what a field holds, to be compared."""
    match name:
        case "contact":
            return sheet.contact.id if sheet.contact else ""
        case "record":
            return f"{sheet.module or ''}:{sheet.record.id if sheet.record else ''}"
        case _:
            found = getattr(sheet, name)
            return "" if found is None else str(found).strip()


def person_digest(person: Participant) -> str:
    """Return the digest of who somebody is."""
    return digest(":".join(person.key))


def digest(text: str) -> str:
    """Return a short digest: a view carries at most 3,000 characters (Slack, views)."""
    return hashlib.blake2s(text.encode(), digest_size=5).hexdigest()


def opener(body: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the button in a message that opens its meeting; None where there is none."""
    message = body.get("message") or {}
    for block in message.get("blocks") or ():
        for element in (*(block.get("elements") or ()), block.get("accessory") or {}):
            if ids.bare(str(element.get("action_id", ""))) == ids.SERIES_OPEN:
                return dict(element)
    return None
