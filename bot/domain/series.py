"""A series as it stands: its occurrences, and which of them were changed singly.

The CRM keeps no master record and no mark on an edited occurrence (Kaizen #8: every
occurrence is a record of its own), so what is common is what most of them say.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.change import Aspect, Facets
from bot.domain.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """An occurrence that differs from the rest of its series.

    Attributes:
        event_id: Which.
        start: When it is, as the CRM answered.
        title: What it is called.
        aspects: In what it differs.
    """

    event_id: str
    start: datetime
    title: str
    aspects: tuple[Aspect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """All occurrences that the CRM joins, or one meeting held once.

    Attributes:
        events: Everybody's, in the order of their starts; at least one.
        cancelled: The ids of those that are cancelled.
    """

    events: tuple[Event, ...]
    cancelled: frozenset[str] = frozenset()

    def following(self, event_id: str) -> tuple[Event, ...]:
        """Return the occurrence and all after it; the occurrence comes first."""
        anchor = next(one for one in self.events if one.id == event_id)
        return tuple(one for one in self.events if (one.start, one.id) >= (anchor.start, anchor.id))

    def singles(self, zones: Sequence[ZoneInfo]) -> tuple[Single, ...]:
        """Return the occurrences changed singly, in date order.

        Args:
            zones: Whose wall clock the series may keep; the one in which the fewest differ
                is taken, since the CRM doesn't say.
        """
        # Of two nobody can say which one differs.
        if len(self.events) < 3:
            return ()
        clock = min((_clock(where) for where in zones), key=self._spread)
        compared: dict[Aspect, Callable[[Event], Hashable]] = {
            one: clock if one is Aspect.TIME else _said(one) for one in Aspect
        }
        common = {one: _most(map(say, self.events)) for one, say in compared.items()}
        found = (
            Single(
                event_id=event.id,
                start=event.start,
                title=event.title,
                aspects=tuple(one for one, say in compared.items() if say(event) != common[one]),
            )
            for event in self.events
        )
        return tuple(one for one in found if one.aspects)

    def _spread(self, say: Callable[[Event], Hashable]) -> int:
        return len(self.events) - Counter(map(say, self.events)).most_common(1)[0][1]


def _clock(where: ZoneInfo) -> Callable[[Event], Hashable]:
    def say(event: Event) -> Hashable:
        return event.start.astimezone(where).time(), event.end - event.start, event.all_day

    return say


def _said(aspect: Aspect) -> Callable[[Event], Hashable]:
    def say(event: Event) -> Hashable:
        value = Facets.of(event).value(aspect)
        return tuple(value) if isinstance(value, list) else value

    return say


def _most(said: Iterable[Hashable]) -> Hashable:
    return Counter(said).most_common(1)[0][0]
