"""The two sides of a change of the rule: what stands of the old series, and what of the new."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.connection import Grant
from bot.errors import NotConnected, ParleyError, Refused
from bot.journeys import ports
from bot.journeys.series.endings import Ending
from bot.journeys.series.keeping import ENDED, Keeping
from bot.journeys.series.plan import Report
from bot.journeys.series.ports import KeptOperation
from bot.journeys.series.remover import Remover
from bot.journeys.series.rule_plan import RulePlan, created_from, old_is_whole


class Sides:
    """Looks at both series, and takes one of them away."""

    def __init__(self, *, keeping: Keeping, remover: Remover, operations: ports.Operations) -> None:
        """Take the parts."""
        self._keeping = keeping
        self._remover = remover
        self._operations = operations

    def touched(self, kept: KeptOperation) -> bool:
        """Say whether the old series was changed since it was shown, and nothing is made yet.

        Raises:
            TryLater: The CRM can't be asked.
        """
        plan = RulePlan.from_json(kept.body)
        grant = self._keeping.grant(kept, plan.account)
        if grant is None or kept.state in ENDED or self.begun(kept.id):
            return False
        ids = {plan.anchor, *(one.event_id for one in plan.old)}
        try:
            touched = self._remover.touched(grant.id, sorted(ids), plan.seen)
        except NotConnected:
            # Said by creating, which needs the grant as well.
            return False
        # Another run may have got that far meanwhile: then it is its own doing.
        return touched and not self.begun(kept.id)

    def begun(self, operation_id: str) -> bool:
        """Say whether the new series was handed to creating."""
        return self._operations.get(new_id(operation_id)) is not None

    def known(self, operation_id: str) -> bool:
        """Say whether it is known what the create made."""
        made = self._operations.get(new_id(operation_id))
        return made is not None and made.state in ("confirmed", "failed")

    def _made(self, operation_id: str) -> tuple[str, ...]:
        """Return the ids of the new series, as far as they were noted."""
        series = self._operations.series(new_id(operation_id))
        return tuple(one for ids in series for one in ids)

    def missed(
        self, kept: KeptOperation, plan: RulePlan
    ) -> tuple[Report | None, ParleyError | None]:
        """Return what is gone of the old series, if any is, or why that can't be told.

        Old ones go only after the new series was noted; and once the new one is being
        taken away, nothing is asked any more.

        Raises:
            TryLater: The CRM can't be asked; run again later.
        """
        if created_from(kept.note) is None or kept.note.get("back"):
            return None, None
        grant = self._keeping.grant(kept, plan.account)
        if grant is None:
            return None, NotConnected("revoked")
        try:
            old = self._remover.standing(grant.id, [one.event_id for one in plan.old])
        except NotConnected as error:
            return None, error
        return (old if old.done else None), None

    def changed(self, kept: KeptOperation, plan: RulePlan) -> datetime | None:
        """Return when somebody last changed the old series, unless the person was told of it.

        None, too, once some of it may have gone: that would be our own doing.

        Raises:
            TryLater: The CRM can't be asked; run again later.
        """
        grant = self._keeping.grant(kept, plan.account)
        if grant is None or kept.note.get("begun") or not old_is_whole(kept.note):
            return None
        told = kept.note.get("seen")
        seen = datetime.fromisoformat(told) if told else plan.seen
        try:
            last = self._remover.changed(grant.id, [one.event_id for one in plan.old])
        except NotConnected:
            # Said by ending it, which needs the grant as well.
            return None
        return last if last is not None and last > seen else None

    def end_old(
        self, kept: KeptOperation, plan: RulePlan
    ) -> tuple[dict[str, object], ParleyError | None]:
        """End the old occurrences; return what to note of it, and why some are left.

        Noted beforehand, durably, that it has begun: cut off, nobody says that none is gone.

        Raises:
            TryLater: The CRM can't be asked; run again later.
        """
        grant = self._keeping.grant(kept, plan.account)
        if grant is None:
            return {}, NotConnected("revoked")
        self._keeping.note(kept.id, {"begun": True})
        ending = Ending(kept.note.get("ending", plan.ending))
        report, error = self._away(grant, plan, [one.event_id for one in plan.old], ending)
        return {"report": report.as_json(), "begun": False}, error

    def delete_new(self, kept: KeptOperation, plan: RulePlan) -> ParleyError | None:
        """Delete the new series; return why some of it is left.

        Raises:
            TryLater: The CRM can't be asked; run again later.
        """
        grant = self._keeping.grant(kept, plan.account)
        if grant is None:
            return NotConnected("revoked")
        return self._away(grant, plan, self._made(kept.id), Ending.DELETE)[1]

    def _away(
        self, grant: Grant, plan: RulePlan, ids: Sequence[str], ending: Ending
    ) -> tuple[Report, ParleyError | None]:
        report, error = self._remover.away(grant.id, ids, ending, mail=plan.mail)
        if error is None and report.left:
            error = _why(report)
        return report, error


def new_id(operation_id: str) -> str:
    """Return the id of the operation that creates the new series."""
    return f"{operation_id}-new"


def _why(report: Report) -> ParleyError:
    why = next((one.why for one in report.left if one.why is not None), None)
    if why is None:
        return Refused("change_not_taken")
    return Refused(why.code, field=why.place, **why.values)
