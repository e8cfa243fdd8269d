"""Carrying a plan out: read, write what lacks, read back, until every occurrence is as wanted.

Nothing here remembers: a run that was killed, or whose answer was lost, begins with reading
and finds what is done already. An update may be sent again, since it says what it has seen.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.crm.changes import Changes, change_body
from bot.crm.events import Events
from bot.domain.change import SHARED, Aspect, Facets
from bot.domain.event import Event
from bot.domain.steps import Step, Verdict
from bot.errors import Ambiguous, Gone, NotConnected, ParleyError, Refused, TryLater
from bot.journeys.account.access import CrmAccess
from bot.journeys.series.plan import Fate, Plan, Report
from bot.journeys.series.progress import Run

ROUNDS = 5
"""How often an occurrence is read and, where it lacks something, written in one run."""
BUDGET = timedelta(seconds=150)
"""A run ends after this and is run again: shorter than a worker's lease."""
RECENT = timedelta(minutes=5)
"""More than the clocks of this machine and the CRM may differ."""
PAUSE_SECONDS = 1.1


class Carrier:
    """Writes plans into the CRM."""

    def __init__(
        self,
        *,
        access: CrmAccess,
        events: Events,
        changes: Changes,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        """Take the parts; *sleep* waits, in seconds."""
        self._access = access
        self._events = events
        self._changes = changes
        self._now = now
        self._sleep = sleep

    def carry(
        self, plan: Plan, grant_id: str, *, begun: bool, begin: Callable[[], None]
    ) -> tuple[Report, ParleyError | None]:
        """Take *plan* as far as it gets; return what has become of it, and what stopped it.

        Nothing is written when anything differs from what the person saw, unless an
        earlier run has *begun* to write: then only that occurrence is left as it is.

        Args:
            plan: What to do.
            grant_id: With whose account.
            begun: Whether an earlier run may have written.
            begin: Notes, durably, that this one will; called before the first write.

        Raises:
            TryLater: The CRM can't be asked; run again later.
        """
        run = Run(
            plan=plan,
            grant_id=grant_id,
            begun=begun,
            begin=begin,
            until=self._now() + BUDGET,
            open={step.event_id: step for step in plan.steps},
            spread=plan.spreads,
        )
        try:
            if begun or self._as_shown(run):
                self._carry(run)
        except NotConnected as error:
            return run.report(), error
        return run.report(), None

    def _as_shown(self, run: Run) -> bool:
        """Say whether every occurrence is as the person saw it; end those that aren't."""
        events = self._read_all(run)
        foreign = [
            event_id
            for event_id, event in events.items()
            if run.verdict(run.open[event_id], event) is Verdict.FOREIGN
        ]
        for event_id in foreign:
            run.end(event_id, Fate.MEANWHILE)
        if not run.spread:
            run.fresh = events
        return not foreign and not run.hopeless()

    def _carry(self, run: Run) -> None:
        first = run.plan.first
        # Once others may have written in between, it isn't spread over them unseen.
        if run.spread and not run.begun and first is not None and first.event_id in run.open:
            self._spread(run, first)
        for _ in range(ROUNDS):
            self._settle(run)
            for event_id, event in run.ready.items():
                # However slowly the CRM reads, each run gets a step further.
                if run.hopeless() or (run.written and self._now() > run.until):
                    return
                self._write(run, run.open[event_id], event)
            if not run.open:
                return
        self._settle(run)
        for event_id in tuple(run.open):
            run.end(event_id, Fate.NOT_TAKEN)

    def _read(self, run: Run, step: Step) -> Event | None:
        """Return the occurrence as it is; None, and ended, where it can't be read."""
        try:
            event = self._access.call(
                run.grant_id,
                lambda access: self._events.get(access, step.event_id),
                now=self._now,
            )
        except (TryLater, NotConnected):
            raise
        except ParleyError as error:
            run.end(step.event_id, Fate.REFUSED, error)
            return None
        if event is None:
            run.end(step.event_id, Fate.GONE)
            return None
        run.seen[step.event_id] = Facets.of(event)
        return event

    def _read_all(self, run: Run) -> dict[str, Event]:
        """Return all that is open and can be read, by id."""
        read = ((step, self._read(run, step)) for step in tuple(run.open.values()))
        return {step.event_id: event for step, event in read if event is not None}

    def _settle(self, run: Run) -> None:
        """Read all that is open: end what is done, make ready what can be written safely.

        The CRM tells changes apart by whole seconds. A list of people read within the
        second of its last change could be replaced by one that misses a later change of
        the same second; so it is read once more when that second has surely passed.
        """
        events, run.fresh = run.fresh or self._read_all(run), {}
        run.ready = {
            event_id: event
            for event_id, event in events.items()
            if not self._ended(run, run.open[event_id], event)
        }
        young = [
            event
            for event in run.ready.values()
            if event.modified_at > self._now() - RECENT
            and Aspect.PEOPLE in run.lacking(run.open[event.id], event)
        ]
        if not young:
            return
        self._sleep(PAUSE_SECONDS)
        for before in young:
            step = run.open[before.id]
            event = self._read(run, step)
            del run.ready[before.id]
            if event is None or self._ended(run, step, event):
                continue
            if event.modified_at == before.modified_at:
                run.ready[before.id] = event

    def _ended(self, run: Run, step: Step, event: Event) -> bool:
        verdict = run.verdict(step, event)
        if verdict is Verdict.DONE:
            run.end(step.event_id, Fate.DONE)
            return True
        if verdict is Verdict.FOREIGN and not run.whole(step.event_id):
            # Our own list of people that somebody wrote over is merged again.
            ours = step.event_id in run.written
            if not (ours and run.lacking(step, event) == (Aspect.PEOPLE,)):
                run.end(step.event_id, Fate.MEANWHILE)
                return True
        strange = run.strange(step, event)
        if strange and set(strange) == set(run.lacking(step, event)):
            run.end(step.event_id, Fate.MEANWHILE)
            return True
        return False

    def _spread(self, run: Run, first: Step) -> None:
        event = self._read(run, first)
        if event is None or self._ended(run, first, event):
            return
        shared = [one for one in run.lacking(first, event) if one in SHARED]
        if shared:
            body = change_body(first.target, shared)
            mail = run.plan.invitations
            self._put(run, event, body, following=True, mail=mail)

    def _write(self, run: Run, step: Step, event: Event) -> None:
        try:
            people = run.people(step, event)
        except Refused as error:
            run.end(step.event_id, Fate.REFUSED, error)
            return
        strange = run.strange(step, event)
        aspects = [one for one in run.lacking(step, event) if one not in strange]
        body = change_body(replace(step.target, people=people), aspects)
        # What a write that was accepted has mailed about isn't mailed about again.
        mailed = run.written.get(event.id) or run.verdict(step, event) is not Verdict.READY
        mail = run.plan.invitations and not mailed
        self._put(run, event, body, following=False, mail=mail)

    def _put(
        self, run: Run, event: Event, body: dict[str, object], *, following: bool, mail: bool
    ) -> None:
        if not run.written:
            run.begin()
        try:
            self._access.call(
                run.grant_id,
                lambda access: self._changes.update(
                    access,
                    event.id,
                    body,
                    seen=event.modified_at,
                    following=following,
                    invitations=mail,
                ),
                now=self._now,
            )
        except (TryLater, NotConnected):
            raise
        except Ambiguous:
            run.written[event.id] = False
        except Gone as error:
            run.end(event.id, Fate.GONE, error)
        except ParleyError as error:
            # Changed since it was read: the next round reads it again.
            if error.code != "already_modified":
                run.end(event.id, Fate.REFUSED, error)
        else:
            run.written[event.id] = True
