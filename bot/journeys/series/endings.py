"""How meetings end: what a removal says before, and what has become of it after."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

import msgspec

from bot.domain.change import SHARED, Facets, Scope
from bot.domain.event import Event
from bot.domain.zones import zone
from bot.errors import ParleyError, Refused
from bot.journeys.meeting.outcomes import Failed
from bot.journeys.series.opened import Opened
from bot.journeys.series.plan import Report


class Ending(StrEnum):
    """How a meeting ends."""

    CANCEL = "cancel"
    """The record stays, marked as cancelled; the participants can be mailed."""
    DELETE = "delete"
    """The record goes; nobody is mailed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One occurrence to be removed.

    Attributes:
        event_id: Which.
        title: What it is called.
        start: Aware.
        people: How many take part.
        invited: Whether anybody was mailed an invitation: else the CRM cancels nothing.
        day: Its day in the CRM's zone, where no time of day is meant; None for any other.
        digest: Of all that people can write into it: other text, another digest.
    """

    event_id: str
    title: str
    start: datetime
    people: int
    invited: bool
    day: date | None = None
    digest: str = ""

    @classmethod
    def of(cls, event: Event, *, crm_zone: str) -> "Item":
        """Return what is told of *event*; *crm_zone* (IANA) is the account's."""
        return cls(
            event_id=event.id,
            title=event.title,
            start=event.start,
            people=len(event.participants),
            invited=event.invited,
            day=event.start.astimezone(zone(crm_zone)).date() if event.all_day else None,
            digest=_digest(event),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """What will happen once it is confirmed.

    Attributes:
        anchor: The occurrence the person chose.
        scope: How far it reaches.
        ending: Cancelled or deleted.
        mail: Whether the CRM mails the participants of a cancelled meeting.
        title: What the meeting is called.
        items: Every occurrence that goes, in date order.
        account: Whose CRM account: organisation and user.
        anew: Those of the items that were changed, or came in, since they were shown before.
    """

    anchor: str
    scope: Scope
    ending: Ending
    mail: bool
    title: str
    items: tuple[Item, ...]
    account: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        plain: dict[str, object] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Removal":
        """Return what ``as_json`` wrote."""
        return msgspec.convert(dict(data), cls)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalPrepared:
    """A removal that waits for its confirmation."""

    operation_id: str
    removal: Removal


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """Carried out, wholly or in part (``report.left``, each with the CRM's reason)."""

    operation_id: str
    removal: Removal
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalStopped:
    """Stopped half-way; ``again`` goes on where it stopped."""

    operation_id: str
    removal: Removal
    report: Report
    error: ParleyError


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalShownAgain:
    """Somebody changed what goes since it was shown: confirm this preview instead.

    Attributes:
        prepared: What would go now; an operation of its own.
        report: What of the first preview has gone already.
    """

    prepared: RemovalPrepared
    report: Report


RemovalOutcome = Removed | RemovalShownAgain | RemovalStopped | Failed


def doomed(
    opened: Opened, events: tuple[Event, ...], ending: Ending, now: datetime
) -> tuple[Event, ...]:
    """Return those of *events*, of the meeting *opened*, that go.

    Of those to be cancelled, what is cancelled or over is left out: the CRM cancels once,
    and before the end (Zoho CRM, Cancel a Meeting).

    Raises:
        Refused: ``cancel_over`` or ``cancelled_already`` where none is left.
    """
    if ending is Ending.DELETE:
        return events
    ahead = tuple(one for one in events if one.end > now)
    if not ahead:
        raise Refused("cancel_over")
    left = tuple(one for one in ahead if one.id not in opened.series.cancelled)
    if not left:
        raise Refused("cancelled_already")
    return left


def as_now(shown: Removal, opened: Opened, now: datetime) -> Removal:
    """Return *shown* as its meeting stands now; the same where nothing of it was changed.

    What is gone or cancelled already is as it was wanted. What was moved to before the
    first that was shown is not of the rest any more.

    Args:
        shown: As the person saw it.
        opened: The meeting, and its series where the removal reaches further.
        now: Aware.
    """
    first, crm_zone = shown.items[0], opened.grant.account.zone
    since = (first.start, first.event_id)
    events = tuple(
        one
        for one in opened.series.events
        if (one.start, one.id) >= since or one.id == first.event_id
    )
    try:
        going = doomed(opened, events, shown.ending, now)
    except Refused:
        going = ()
    before = {one.event_id: one for one in shown.items}
    items = tuple(Item.of(one, crm_zone=crm_zone) for one in going)
    anew = tuple(one.event_id for one in items if before.get(one.event_id) != one)
    away = {one.id for one in opened.series.events if one not in events}
    if not anew and not away & before.keys():
        return shown
    return replace(shown, items=items, anew=anew, title=opened.event.title)


def _digest(event: Event) -> str:
    facets = Facets.of(event)
    people = sorted(":".join(one.key) for one in event.participants)
    said = [*(facets.value(one) for one in SHARED), people, event.description]
    return hashlib.blake2s(repr(said).encode(), digest_size=10).hexdigest()
