"""One run over a plan: what is known of each occurrence so far, and what that asks for."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.change import Aspect, Facets
from bot.domain.event import Event
from bot.domain.participants import Participant
from bot.domain.steps import Step, Verdict
from bot.errors import ParleyError
from bot.journeys.meeting.draft import objection
from bot.journeys.series.plan import Fate, Plan, Report, Result


@dataclass(slots=True, kw_only=True)
class Run:
    """One run over a plan: what is known of each occurrence so far.

    Attributes:
        plan: What to do.
        grant_id: With whose account.
        begun: Whether an earlier run may have written.
        begin: Called before the first write.
        until: When the run has to end.
        open: The occurrences still to be seen to.
        spread: Whether one write may reach, or have reached, all of them.
        fresh: Those just read, nothing having been sent since: not to be read again.
        ready: Those that can be written, as just read.
        seen: How each was last seen.
        ended: What has become of each.
        written: To which a write was sent, and whether the CRM accepted it.
    """

    plan: Plan
    grant_id: str
    begun: bool
    begin: Callable[[], None]
    until: datetime
    open: dict[str, Step]
    spread: bool
    fresh: dict[str, Event] = field(default_factory=dict)
    ready: dict[str, Event] = field(default_factory=dict)
    seen: dict[str, Facets] = field(default_factory=dict)
    ended: dict[str, Result] = field(default_factory=dict)
    written: dict[str, bool] = field(default_factory=dict)

    def end(self, event_id: str, fate: Fate, error: ParleyError | None = None) -> None:
        """Note what has become of an occurrence; it is open no more."""
        self.open.pop(event_id, None)
        self.ended[event_id] = Result(
            event_id=event_id,
            fate=fate,
            why=objection(error) if error else None,
            now=self.seen.get(event_id),
        )

    def whole(self, event_id: str) -> bool:
        """Whether the write that spread may have changed more of it than it should."""
        return self.spread and event_id != self.plan.anchor

    def verdict(self, step: Step, event: Event) -> Verdict:
        """Say how *event* stands to its step."""
        if not self.lacking(step, event):
            return Verdict.DONE
        found = step.judge(Facets.of(event), whole=self.whole(step.event_id))
        return Verdict.FOREIGN if found is Verdict.DONE else found

    def lacking(self, step: Step, event: Event) -> tuple[Aspect, ...]:
        """Return what is to be written over *event*."""
        return self.repair(step).lacking(Facets.of(event), whole=self.whole(step.event_id))

    def people(self, step: Step, event: Event) -> tuple[Participant, ...]:
        """Return the whole list of people to write over *event*."""
        return self.repair(step).people(Facets.of(event), whole=self.whole(step.event_id))

    def repair(self, step: Step) -> Step:
        """Return the step that also takes out whom the spreading write has brought along."""
        first = self.plan.first
        if first is None or not self.whole(step.event_id):
            return step
        own = {person.key for person in (*step.base.people, *step.target.people)}
        strays = (one for one in first.target.people if one.key not in own)
        return replace(step, base=replace(step.base, people=(*step.base.people, *strays)))

    def strange(self, step: Step, event: Event) -> tuple[Aspect, ...]:
        """Return what of *event* neither this change nor its spreading write explains."""
        first, now = self.plan.first, Facets.of(event)
        if first is None or not self.whole(step.event_id):
            return ()
        return tuple(
            one for one in self.lacking(step, event) if not _explained(step, first, now, one)
        )

    def hopeless(self) -> bool:
        """Whether one was refused before anything was written: so would be all others."""
        if self.begun or self.written:
            return False
        return any(one.fate is Fate.REFUSED for one in self.ended.values())

    def report(self) -> Report:
        """Return what has become of every occurrence; nothing is open any more."""
        for event_id in tuple(self.open):
            # An earlier run may have written what this one hasn't read.
            unseen = Fate.UNKNOWN if self.begun and event_id not in self.seen else Fate.OPEN
            self.end(event_id, Fate.WRITTEN if self.written.get(event_id) else unseen)
        return Report(results=tuple(self.ended[step.event_id] for step in self.plan.steps))


def _explained(step: Step, first: Step, now: Facets, aspect: Aspect) -> bool:
    """Say whether spreading *first* may have made *now* of *step*: left, copied or moved along."""
    if now.same(step.base, aspect) or now.same(step.target, aspect):
        return True
    if aspect is Aspect.PEOPLE:
        here = {person.key for person in now.people}
        return not here or here >= {person.key for person in first.base.people}
    if aspect is Aspect.TIME and aspect in first.aspects:
        moved = (
            (now.start - step.base.start) - (first.target.start - first.base.start),
            (now.end - step.base.end) - (first.target.end - first.base.end),
        )
        # Between the two, the clocks may have changed.
        if all(abs(one) <= timedelta(hours=1) for one in moved):
            return True
    return now.same(first.target, aspect)
