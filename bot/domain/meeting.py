"""A meeting ready to be written to the CRM, complete and legal."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.domain.participants import Participant, unique
from bot.domain.recurrence import MAX_OCCURRENCES, Recurrence
from bot.domain.reminder import DEFAULT, Reminder
from bot.domain.zones import zone as zone_named
from bot.errors import Refused

MAX_TITLE = 255
MAX_VENUE = 255
"""Kaizen #8: Event_Title and Venue take at most 255 characters."""
MAX_DESCRIPTION = 32_000
"""Zoho CRM field limits: a multi-line field holds 32,000 characters."""
MANY_MEETINGS = 52
MANY_GUESTS = 20
"""More than these need a second click that names the number."""
MAX_REMINDERS = 5


class ParentModule(StrEnum):
    """The ten modules a meeting may belong to (Kaizen #8, What_Id)."""

    ACCOUNTS = "Accounts"
    DEALS = "Deals"
    PRODUCTS = "Products"
    QUOTES = "Quotes"
    INVOICES = "Invoices"
    CAMPAIGNS = "Campaigns"
    VENDORS = "Vendors"
    CASES = "Cases"
    PURCHASE_ORDERS = "Purchase_Orders"
    SALES_ORDERS = "Sales_Orders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A CRM record by id, with the name a person knows it by."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The one record a meeting belongs to."""

    module: ParentModule
    record: Record


FieldValue = str | int | float | bool
"""What a field demanded by the organisation's layout can hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What shall be in the CRM: one meeting, or a series with an end.

    Attributes:
        title: 1-255 characters.
        start: Aware, in ``zone``. All-day: midnight of the first day.
        end: Aware, after ``start``. All-day: midnight after the last day.
        zone: IANA name of the zone whose wall clock the series keeps.
        all_day: True when no time of day is meant.
        recurrence: The rule, with an end; None for a meeting held once.
        participants: At most 50, each once.
        reminders: At most 5; a series always has one.
        venue: At most 255 characters, or None.
        contact: The contact the meeting is about, or None.
        parent: The record it belongs to, or None.
        invitations: Whether the CRM shall mail the participants.
        description: Free text, or None.
        demanded: Values for the fields the organisation's layout demands, by API name.
    """

    title: str
    start: datetime
    end: datetime
    zone: str
    all_day: bool = False
    recurrence: Recurrence | None = None
    participants: tuple[Participant, ...] = ()
    reminders: tuple[Reminder, ...] = ()
    venue: str | None = None
    contact: Record | None = None
    parent: Parent | None = None
    invitations: bool = True
    description: str | None = None
    demanded: Mapping[str, FieldValue] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        """Refuse a meeting the CRM would refuse, or that would surprise its people.

        Raises:
            Refused: With the field to blame.
        """
        self._check_words()
        self._check_times()
        self._check_rule()
        object.__setattr__(self, "participants", unique(self.participants))
        if len(self.reminders) > MAX_REMINDERS:
            raise Refused("reminders_limit", field="reminders", limit=MAX_REMINDERS)
        if self.recurrence is not None and not self.reminders:
            object.__setattr__(self, "reminders", (DEFAULT,))

    def _check_words(self) -> None:
        if not self.title.strip():
            raise Refused("title_missing", field="title")
        for name, text, limit in (
            ("title", self.title, MAX_TITLE),
            ("venue", self.venue or "", MAX_VENUE),
            ("description", self.description or "", MAX_DESCRIPTION),
        ):
            if len(text) > limit:
                raise Refused("too_long", field=name, limit=limit, found=len(text))

    def _check_times(self) -> None:
        where = zone_named(self.zone)
        for moment in (self.start, self.end):
            if not isinstance(moment.tzinfo, ZoneInfo) or moment.tzinfo.key != where.key:
                raise ValueError("a meeting's times carry the meeting's own zone")
        if self.duration <= timedelta(0):
            raise Refused("end_before_start", field="end")

    def _check_rule(self) -> None:
        rule = self.recurrence
        if rule is None:
            return
        if rule.open_ended:
            raise Refused("rule_endless", field="repeats")
        first = self.start.date()
        if rule.until is not None and rule.until < first:
            raise Refused("until_before_start", field="repeats", until=rule.until.isoformat())
        if rule.first_from(first) != first:
            raise Refused("first_date_off", field="date", first=rule.first_from(first).isoformat())
        if len(rule.dates(first)) >= MAX_OCCURRENCES:
            raise Refused("too_many_meetings", field="repeats", limit=MAX_OCCURRENCES - 1)

    @property
    def duration(self) -> timedelta:
        """How long one occurrence lasts, in elapsed time."""
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)

    def occurrences(self) -> tuple[datetime, ...]:
        """Return the true starts, in the meeting's zone; one for a meeting held once."""
        if self.recurrence is None:
            return (self.start,)
        return self.recurrence.occurrences(self.start)

    def fingerprint(self) -> str:
        """Return a digest of everything in it: same digest, same meeting."""
        return _digest(_plain(self))

    def promise(self) -> str:
        """Return a digest of its dates and times alone: what a preview promises."""
        return _digest(_times(self))


def _digest(plain: dict[str, object]) -> str:
    known = json.dumps(plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(known.encode()).hexdigest()


def _times(meeting: Meeting) -> dict[str, object]:
    return {
        "when": [meeting.start.isoformat(), meeting.end.isoformat(), meeting.zone],
        "all_day": meeting.all_day,
        "rule": meeting.recurrence.text() if meeting.recurrence else None,
    }


def _plain(meeting: Meeting) -> dict[str, object]:
    parent = meeting.parent
    return {
        **_times(meeting),
        "title": meeting.title,
        "people": sorted(person.key for person in meeting.participants),
        "reminders": [
            (one.unit, one.period, one.at.isoformat() if one.at else None)
            for one in meeting.reminders
        ],
        "venue": meeting.venue,
        "contact": meeting.contact.id if meeting.contact else None,
        "parent": [parent.module, parent.record.id] if parent else None,
        "invitations": meeting.invitations,
        "description": meeting.description,
        "demanded": dict(meeting.demanded),
    }
