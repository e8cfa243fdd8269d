"""Change: a previewed change of one occurrence, or of it and all after it, carried out once.

Prepared, it waits as an operation of its own for the person's confirmation; run, it may be
killed and run again anywhere. Where somebody else changed the meeting meanwhile, a new
operation with the merged before and after waits instead.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.change import ChangeSet, Scope
from bot.domain.connection import Owner
from bot.errors import Gone, NotConnected, ParleyError, Refused, TryLater
from bot.journeys.meeting.allowance import Allowance
from bot.journeys.meeting.outcomes import Failed, failure, why_failed
from bot.journeys.series.carry import Carrier
from bot.journeys.series.keeping import ENDED, Keeping
from bot.journeys.series.opened import Opened, Opening
from bot.journeys.series.plan import (
    Changed,
    Fate,
    Going,
    Plan,
    Prepared,
    Report,
    Result,
    ShownAgain,
    Stopped,
    merged_anew,
)
from bot.journeys.series.planning import planned
from bot.journeys.series.ports import KeptOperation

KIND = "change"
UNDO_FOR = timedelta(minutes=10)

AGAIN = "+"
"""Behind an operation's id: the one that is shown again in its place."""

Outcome = Changed | ShownAgain | Stopped | Going | Failed


class Changing:
    """Prepares, carries out and undoes changes."""

    def __init__(
        self,
        *,
        keeping: Keeping,
        allowance: Allowance,
        opening: Opening,
        carrier: Carrier,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; *keeping* keeps operations of ``KIND``."""
        self._keeping = keeping
        self._allowance = allowance
        self._opening = opening
        self._carrier = carrier
        self._now = now

    def prepare(
        self,
        operation_id: str,
        owner: Owner,
        event_id: str,
        change: ChangeSet,
        scope: Scope,
        *,
        person_zone: str,
    ) -> Prepared:
        """Return what *change* would make of the meeting as it is now; nothing is written.

        Kept as an operation that waits for ``run``. Prepared again with the same id, it is
        the one kept before.

        Args:
            operation_id: Ours, fresh.
            owner: Who asks.
            event_id: The occurrence the person chose.
            change: What they want.
            scope: How far it reaches.
            person_zone: The zone (IANA) whose wall clock ``change`` speaks of and keeps.

        Raises:
            Refused: The change can't be: ``people_limit``, ``all_day_clock``, or
                ``nothing_changes`` where all is so already.
            Gone: ``crm_record``.
            ParleyError: The CRM can't be asked.
        """
        if self._keeping.has(operation_id):
            return self.prepared(operation_id, owner)
        opened = self._open(owner, event_id, scope, person_zone)
        plan = planned(opened, change, scope, person_zone=person_zone, now=self._now())
        if not plan.changing:
            raise Refused("nothing_changes")
        return self._keep(operation_id, owner, opened.grant.id, plan)

    def prepared(self, operation_id: str, owner: Owner) -> Prepared:
        """Return a prepared change, to show it again.

        Raises:
            Gone: ``change``: it isn't *owner*'s, or was swept.
        """
        return Prepared(operation_id=operation_id, plan=self._kept(operation_id, owner)[1])

    def run(self, operation_id: str, owner: Owner) -> Outcome:
        """Take a confirmed change as far as it gets now.

        Raises:
            Gone: ``change``: there is no such operation, or it was swept.
            TryLater: The CRM can't be asked; run again later.
        """
        operation, plan = self._kept(operation_id, owner)
        if operation.state in ENDED or not self._keeping.take(operation_id):
            return self._told(operation_id, owner)
        begun = bool(operation.note.get("begun"))
        number = 0 if begun else plan.mailed
        # Shown again, it still mails the same people.
        counted = operation_id.rstrip(AGAIN)
        many = self._allowance.take_number(counted, owner, number, plan.zone, self._now())
        if many is not None:
            self._keeping.end(operation_id, "failed", failure(many))
            return Failed(error=many)
        grant = self._keeping.grant(operation, plan.account)
        if grant is None:
            return self._stop(operation, plan, _known(operation, plan), NotConnected("revoked"))
        report, error = self._carrier.carry(
            plan,
            grant.id,
            begun=begun,
            begin=lambda: self._keeping.note(operation_id, {"begun": True}),
        )
        if error is not None:
            return self._stop(operation, plan, report, error)
        return self._ended(operation, plan, report)

    def settle(self, operation_id: str, owner: Owner) -> Outcome:
        """Return what there is to say when the CRM can't be asked any more: where it stands.

        Raises:
            Gone: ``change``.
        """
        operation, plan = self._kept(operation_id, owner)
        if operation.state in ENDED or not self._keeping.take(operation_id):
            return self._told(operation_id, owner)
        return self._stop(operation, plan, _known(operation, plan), TryLater("crm_down"))

    def again(self, operation_id: str, owner: Owner) -> bool:
        """Let a stopped change go on with the next ``run``; False when it isn't stopped."""
        return self._keeping.again(operation_id, owner)

    def undo(self, operation_id: str, new_id: str, owner: Owner) -> Prepared:
        """Return the prepared change that writes the old values back; to be run at once.

        Of the occurrences that the change reached. What somebody changed since is shown
        before it is written over, like in any change.

        Args:
            operation_id: The change to undo.
            new_id: For the operation that undoes it: the same for a repeated click.
            owner: Who asks.

        Raises:
            Gone: ``undo_late`` after ten minutes, ``change`` for what isn't there.
        """
        if self._keeping.has(new_id):
            return self.prepared(new_id, owner)
        operation, plan = self._kept(operation_id, owner)
        told = self._told(operation_id, owner) if operation.state == "confirmed" else None
        if not isinstance(told, Changed) or told.undo_until is None:
            raise Gone("change")
        if self._now() > told.undo_until:
            raise Gone("undo_late")
        done = {one.event_id for one in told.report.done}
        back = Plan(
            anchor=plan.anchor,
            scope=plan.scope,
            zone=plan.zone,
            title=plan.first.target.title if plan.first else plan.title,
            link=plan.link,
            steps=tuple(one.reversed() for one in plan.steps if one.event_id in done),
            invitations=plan.invitations,
            account=plan.account,
            undoes=operation_id,
            whole=plan.whole and len(done) == len(plan.steps),
        )
        return self._keep(new_id, owner, operation.grant_id, back)

    def _open(self, owner: Owner, event_id: str, scope: Scope, person_zone: str) -> Opened:
        if scope is Scope.FOLLOWING:
            return self._opening.whole(owner, event_id, person_zone=person_zone)
        return self._opening.alone(owner, event_id)

    def _keep(self, operation_id: str, owner: Owner, grant_id: str, plan: Plan) -> Prepared:
        # Begun before by a run that was killed: that one is what was shown.
        self._keeping.begin(operation_id, owner, grant_id, plan.fingerprint(), plan.as_json())
        return self.prepared(operation_id, owner)

    def _kept(self, operation_id: str, owner: Owner) -> tuple[KeptOperation, Plan]:
        operation = self._keeping.get(operation_id, owner)
        return operation, Plan.from_json(operation.body)

    def _stop(
        self, operation: KeptOperation, plan: Plan, report: Report, error: ParleyError
    ) -> Outcome:
        note = {"report": report.as_json(), **failure(error)}
        self._keeping.end(operation.id, "asked", note)
        return Stopped(operation_id=operation.id, plan=plan, report=report, error=error)

    def _ended(self, operation: KeptOperation, plan: Plan, report: Report) -> Outcome:
        fates = {one.fate for one in report.results}
        if Fate.MEANWHILE in fates:
            return self._shown_again(operation, plan, report)
        hopeless = Fate.REFUSED in fates and not report.done
        if fates & {Fate.OPEN, Fate.UNKNOWN, Fate.WRITTEN} and not hopeless:
            return Going(done=len(report.done), total=len(report.results))
        return self._settled(operation, plan, report, _why(report))

    def _settled(
        self, operation: KeptOperation, plan: Plan, report: Report, error: ParleyError
    ) -> Outcome:
        """End it with what was done; with *error* where that is nothing."""
        touched = {step.event_id for step in plan.changing}
        if not any(one.event_id in touched for one in report.done):
            self._keeping.end(operation.id, "failed", failure(error))
            return Failed(error=error)
        note = {"report": report.as_json(), "ended": self._now().isoformat()}
        self._keeping.end(operation.id, "confirmed", note)
        return self._changed(operation.id, plan, report, self._now())

    def _shown_again(self, operation: KeptOperation, plan: Plan, report: Report) -> Outcome:
        following = f"{operation.id}{AGAIN}"
        try:
            merged = merged_anew(plan, report)
        except Refused as full:
            # With whom others added meanwhile there are too many: nothing to be shown.
            return self._settled(operation, plan, report, full)
        prepared = self._keep(following, operation.owner, operation.grant_id, merged)
        note = {
            "report": report.as_json(),
            "following": following,
            "ended": self._now().isoformat(),
            **failure(Refused("already_modified")),
        }
        self._keeping.end(operation.id, "confirmed" if report.done else "failed", note)
        return ShownAgain(prepared=prepared, report=report)

    def _told(self, operation_id: str, owner: Owner) -> Outcome:
        operation, plan = self._kept(operation_id, owner)
        note = operation.note
        report = Report.from_json(note["report"]) if "report" in note else _known(operation, plan)
        if "following" in note:
            prepared = self.prepared(note["following"], operation.owner)
            return ShownAgain(prepared=prepared, report=report)
        if operation.state == "asked":
            error = why_failed(operation)
            return Stopped(operation_id=operation.id, plan=plan, report=report, error=error)
        if operation.state == "failed":
            return Failed(error=why_failed(operation))
        return self._changed(operation.id, plan, report, datetime.fromisoformat(note["ended"]))

    def _changed(self, operation_id: str, plan: Plan, report: Report, ended: datetime) -> Changed:
        until = ended + UNDO_FOR if plan.undoes is None else None
        return Changed(operation_id=operation_id, plan=plan, report=report, undo_until=until)


def _why(report: Report) -> ParleyError:
    why = next((one.why for one in report.results if one.why is not None), None)
    if why is not None:
        return Refused(why.code, field=why.place, **why.values)
    if any(one.fate is Fate.NOT_TAKEN for one in report.results):
        return Refused("change_not_taken")
    return Gone("crm_record")


def _known(operation: KeptOperation, plan: Plan) -> Report:
    """Return what is known of each occurrence without asking the CRM."""
    fate = Fate.UNKNOWN if operation.note.get("begun") else Fate.OPEN
    return Report(results=tuple(Result(event_id=step.event_id, fate=fate) for step in plan.steps))
