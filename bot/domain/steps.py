"""Each occurrence of a change, before and after.

A change is carried out by laying three things beside each other, aspect by aspect: how an
occurrence was when the person saw the preview (``base``), how it shall be (``target``), and
how it is now. What is already as wanted is left alone, so every step can be repeated; what
is neither is somebody else's doing, and is shown again before it is written over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from bot.domain.change import Aspect, ChangeSet, Facets
from bot.domain.event import Event
from bot.domain.participants import Participant, merged


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
