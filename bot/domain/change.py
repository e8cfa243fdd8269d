"""A change to meetings that stand: what is wanted of them, aspect by aspect."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Self

from bot.domain.event import Event, Related
from bot.domain.meeting import MAX_REMINDERS, MAX_TITLE, MAX_VENUE, Record
from bot.domain.participants import Participant, merged
from bot.domain.reminder import Reminder
from bot.domain.zones import at, zone
from bot.errors import Refused


class Scope(StrEnum):
    """How far a change reaches."""

    ONE = "one"
    """Only this occurrence."""
    FOLLOWING = "following"
    """This one and all after it."""


class Aspect(StrEnum):
    """What of a meeting a change can touch, each for itself."""

    TITLE = "title"
    TIME = "time"
    VENUE = "venue"
    REMINDERS = "reminders"
    CONTACT = "contact"
    RECORD = "record"
    PEOPLE = "people"


SHARED = tuple(one for one in Aspect if one is not Aspect.PEOPLE)
"""What one write may carry to the occurrences after it. People are written one by one: a
participation id belongs to one occurrence, and a list without ids drops everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """One occurrence, as far as a change can touch it.

    Attributes:
        title: Its title.
        start: Aware.
        end: Aware; as the CRM keeps it.
        all_day: True when no time of day is meant.
        venue: Where, or None.
        reminders: None where they can't be read: they are then never laid beside others.
        contact: The contact it is about.
        related: The record it belongs to.
        people: Who takes part.
    """

    title: str
    start: datetime
    end: datetime
    all_day: bool
    venue: str | None
    reminders: tuple[Reminder, ...] | None
    contact: Record | None
    related: Related | None
    people: tuple[Participant, ...]

    @classmethod
    def of(cls, event: Event) -> Self:
        """Return what a change can touch of *event*."""
        return cls(
            title=event.title,
            start=event.start,
            end=event.end,
            all_day=event.all_day,
            venue=event.venue,
            reminders=event.reminders,
            contact=event.contact,
            related=event.related,
            people=event.participants,
        )

    def value(self, aspect: Aspect) -> object:
        """Return what is compared of an aspect: ids, not names; instants, not offsets."""
        match aspect:
            case Aspect.TITLE:
                return self.title
            case Aspect.TIME:
                return self.start.astimezone(UTC), self.end.astimezone(UTC), self.all_day
            case Aspect.VENUE:
                return self.venue or None
            case Aspect.REMINDERS:
                return sorted((one.minutes_before, str(one.at)) for one in self.reminders or ())
            case Aspect.CONTACT:
                return self.contact.id if self.contact else None
            case Aspect.RECORD:
                return (self.related.module, self.related.record.id) if self.related else None
            case Aspect.PEOPLE:
                return frozenset(person.key for person in self.people)

    def same(self, other: "Facets", aspect: Aspect) -> bool:
        """Say whether both are alike in *aspect*; unreadable reminders are like any."""
        if aspect is Aspect.REMINDERS and (self.reminders is None or other.reminders is None):
            return True
        return self.value(aspect) == other.value(aspect)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSet:
    """What a person wants changed; None is left as it is.

    Attributes:
        title: A new title.
        day: The anchor's new day; the others move by as many days.
        clock: The new time of day, the same for all, in the person's zone.
        length: How long each shall last.
        venue: A new venue; empty for none.
        reminders: All of them anew; empty for none.
        contact: The contact it shall be about.
        no_contact: Take the contact away.
        related: The record it shall belong to.
        no_related: Take the record away.
        add: Who shall take part, too.
        remove: Who shall not take part any more; removal wins.
        invitations: Whether the CRM shall mail the participants about the change.
    """

    title: str | None = None
    day: date | None = None
    clock: time | None = None
    length: timedelta | None = None
    venue: str | None = None
    reminders: tuple[Reminder, ...] | None = None
    contact: Record | None = None
    no_contact: bool = False
    related: Related | None = None
    no_related: bool = False
    add: tuple[Participant, ...] = ()
    remove: tuple[Participant, ...] = ()
    invitations: bool = False

    def __post_init__(self) -> None:
        """Refuse what the CRM would refuse.

        Raises:
            Refused: With the field to blame.
        """
        if self.title is not None and not self.title.strip():
            raise Refused("title_missing", field="title")
        for name, text, limit in (
            ("title", self.title or "", MAX_TITLE),
            ("venue", self.venue or "", MAX_VENUE),
        ):
            if len(text.strip()) > limit:
                raise Refused("too_long", field=name, limit=limit, found=len(text.strip()))
        if self.length is not None and self.length <= timedelta(0):
            raise Refused("end_before_start", field="end")
        if len(self.reminders or ()) > MAX_REMINDERS:
            raise Refused("reminders_limit", field="reminders", limit=MAX_REMINDERS)

    def target(self, base: Facets, *, anchor: Facets, where: str) -> Facets:
        """Return what *base* shall become.

        Args:
            base: An occurrence as it is.
            anchor: The occurrence the person chose, as it is.
            where: The zone (IANA) whose wall clock is kept.

        Raises:
            Refused: ``all_day_clock`` for a time of day of an all-day meeting;
                ``beyond_calendar``; ``people_limit``.
        """
        try:
            start, end = self._times(base, anchor, where)
        except OverflowError:
            raise Refused("beyond_calendar", field="day") from None
        reminders = base.reminders if self.reminders is None else self.reminders
        return Facets(
            title=base.title if self.title is None else self.title.strip(),
            start=start,
            end=end,
            all_day=base.all_day,
            venue=base.venue if self.venue is None else self.venue.strip() or None,
            reminders=reminders,
            contact=None if self.no_contact else self.contact or base.contact,
            related=None if self.no_related else self.related or base.related,
            people=merged(base.people, add=self.add, remove=self.remove),
        )

    def _times(self, base: Facets, anchor: Facets, where: str) -> tuple[datetime, datetime]:
        if self.day is None and self.clock is None and self.length is None:
            return base.start, base.end
        if base.all_day and (self.clock is not None or self.length is not None):
            raise Refused("all_day_clock", field="start")
        place = zone(where)
        was = base.start.astimezone(place)
        ahead = (
            timedelta(0) if self.day is None else self.day - anchor.start.astimezone(place).date()
        )
        clock = was.time() if self.clock is None else self.clock
        start = at(was.date() + ahead, clock, place)
        if base.all_day:
            until = base.end.astimezone(place)
            return start, at(until.date() + ahead, until.time(), place)
        length = base.end - base.start if self.length is None else self.length
        return start, (start.astimezone(UTC) + length).astimezone(place)
