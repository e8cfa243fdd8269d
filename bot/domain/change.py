"""A change to meetings that stand: what is wanted, and each occurrence before and after.

A change is carried out by laying three things beside each other, field by field: how an
occurrence was when the person saw the preview (``base``), how it shall be (``target``), and
how it is now. What is already as wanted is left alone, so every step can be repeated; what
is neither is somebody else's doing, and is shown again before it is written over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
                ``people_limit``.
        """
        start, end = self._times(base, anchor, where)
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


class Verdict(StrEnum):
    """How an occurrence stands to its step."""

    DONE = "done"
    """As wanted."""
    READY = "ready"
    """As the person saw it, or partly as wanted already."""
    FOREIGN = "foreign"
    """Somebody else changed what this step changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One occurrence of a change.

    Attributes:
        event_id: Which.
        base: As the person saw it.
        target: As it shall be.
    """

    event_id: str
    base: Facets
    target: Facets

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """What this step changes."""
        return tuple(one for one in Aspect if not self.base.same(self.target, one))

    @property
    def added(self) -> tuple[Participant, ...]:
        """Who comes in."""
        known = {person.key for person in self.base.people}
        return tuple(person for person in self.target.people if person.key not in known)

    @property
    def kept(self) -> tuple[Participant, ...]:
        """Who stays."""
        wanted = {person.key for person in self.target.people}
        return tuple(person for person in self.base.people if person.key in wanted)

    @property
    def removed(self) -> tuple[Participant, ...]:
        """Who goes."""
        wanted = {person.key for person in self.target.people}
        return tuple(person for person in self.base.people if person.key not in wanted)

    def lacking(self, now: Facets, *, whole: bool = False) -> tuple[Aspect, ...]:
        """Return what of *now* isn't yet as wanted; guests that others add don't matter.

        Args:
            now: The occurrence as it is.
            whole: Look at everything, not only at what this step changes: after a write
                that may have reached further than it was meant to.
        """
        looked = tuple(Aspect) if whole else self.aspects
        return tuple(one for one in looked if not self._has(now, one, whole=whole))

    def _has(self, now: Facets, aspect: Aspect, *, whole: bool) -> bool:
        if aspect is not Aspect.PEOPLE:
            return now.same(self.target, aspect)
        here = {person.key for person in now.people}
        wanted = self.target.people if whole else self.added
        gone = not any(person.key in here for person in self.removed)
        return gone and all(person.key in here for person in wanted)

    def judge(self, now: Facets, *, whole: bool = False) -> Verdict:
        """Say how *now* stands to this step."""
        lacking = self.lacking(now, whole=whole)
        if not lacking:
            return Verdict.DONE
        if all(now.same(self.base, one) for one in lacking):
            return Verdict.READY
        return Verdict.FOREIGN

    def people(self, now: Facets, *, whole: bool = False) -> tuple[Participant, ...]:
        """Return the whole list to write over *now*: nobody but ``removed`` goes.

        Raises:
            Refused: ``people_limit``.
        """
        wanted = self.target.people if whole else self.added
        return merged(now.people, add=wanted, remove=self.removed)

    def rebased(self, now: Facets) -> Self:
        """Return the same wish, from how it is *now*: to be shown again.

        Raises:
            Refused: ``people_limit``.
        """
        wish = self.target
        target = Facets(
            title=wish.title if Aspect.TITLE in self.aspects else now.title,
            start=wish.start if Aspect.TIME in self.aspects else now.start,
            end=wish.end if Aspect.TIME in self.aspects else now.end,
            all_day=wish.all_day if Aspect.TIME in self.aspects else now.all_day,
            venue=wish.venue if Aspect.VENUE in self.aspects else now.venue,
            reminders=wish.reminders if Aspect.REMINDERS in self.aspects else now.reminders,
            contact=wish.contact if Aspect.CONTACT in self.aspects else now.contact,
            related=wish.related if Aspect.RECORD in self.aspects else now.related,
            people=self.people(now),
        )
        return replace(self, base=now, target=target)

    def reversed(self) -> Self:
        """Return the step that undoes this one."""
        return replace(self, base=self.target, target=self.base)


def steps(
    events: Sequence[Event], change: ChangeSet, *, anchor: Event, where: str
) -> tuple[Step, ...]:
    """Return what *change* makes of each of *events*, in their order.

    Raises:
        Refused: What ``ChangeSet.target`` refuses.
    """
    first = Facets.of(anchor)
    return tuple(
        Step(
            event_id=event.id,
            base=Facets.of(event),
            target=change.target(Facets.of(event), anchor=first, where=where),
        )
        for event in events
    )
