"""Rerule: how a series repeats is changed, though the CRM can't (Kaizen #8, Points to Note).

A new series is created and verified first, then the old occurrences still to come are
cancelled or deleted. Killed or refused anywhere, the old or the new series is whole; where
both are there, that is said, with a way on and a way back.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from bot.domain.connection import Owner
from bot.errors import Ambiguous, ParleyError, Refused, TryLater
from bot.journeys import ports
from bot.journeys.meeting.allowance import Allowance
from bot.journeys.meeting.create import Creation
from bot.journeys.meeting.outcomes import Failed, Outcome, Unknown, Waiting, failure
from bot.journeys.notices import Created
from bot.journeys.series.endings import Ending
from bot.journeys.series.keeping import ENDED, Keeping
from bot.journeys.series.opened import Opening
from bot.journeys.series.remover import Remover
from bot.journeys.series.rule_draft import planned_rule
from bot.journeys.series.rule_plan import (
    RuleOutcome,
    RulePlan,
    RulePrepared,
    Stage,
    old_is_whole,
    told,
)
from bot.journeys.series.rule_sides import Sides, new_id

KIND = "rerule"


class Rerule:
    """Prepares and carries out changes of the rule."""

    def __init__(
        self,
        *,
        keeping: Keeping,
        allowance: Allowance,
        opening: Opening,
        creation: Creation,
        remover: Remover,
        drafts: ports.Drafts,
        operations: ports.Operations,
        memory: ports.Atomic,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; *keeping* keeps operations of ``KIND``."""
        self._keeping = keeping
        self._allowance = allowance
        self._opening = opening
        self._creation = creation
        self._sides = Sides(keeping=keeping, remover=remover, operations=operations)
        self._drafts = drafts
        self._operations = operations
        self._memory = memory
        self._now = now

    def prepare(
        self,
        operation_id: str,
        owner: Owner,
        event_id: str,
        repeats: str,
        *,
        ending: Ending,
        mail: bool,
        person_zone: str,
        invitations: bool = True,
    ) -> RulePrepared:
        """Return what will happen; nothing is written. Kept until ``run``.

        Args:
            operation_id: Ours, fresh.
            owner: Who asks.
            event_id: The occurrence from which on the new rule holds.
            repeats: How it shall repeat, in words.
            ending: How the old occurrences go.
            mail: Whether the CRM mails about cancelled ones.
            person_zone: The zone (IANA) whose wall clock the new series keeps.
            invitations: Whether the CRM mails invitations to the new series.

        Raises:
            Refused: The words can't be read as a rule, or the series is over
                (``rule_over``).
            Gone: ``crm_record``.
            ParleyError: The CRM can't be asked.
        """
        if self._keeping.has(operation_id):
            return self.prepared(operation_id, owner)
        opened = self._opening.whole(owner, event_id, person_zone=person_zone)
        plan = planned_rule(
            new_id(operation_id),
            opened,
            repeats,
            ending,
            person_zone=person_zone,
            invitations=invitations,
            mail=mail,
            now=self._now(),
        )
        self._keeping.begin(operation_id, owner, opened.grant.id, event_id, plan.as_json())
        return self.prepared(operation_id, owner)

    def prepared(self, operation_id: str, owner: Owner) -> RulePrepared:
        """Return a prepared change of the rule, to show it again.

        Raises:
            Gone: ``change``.
        """
        kept = self._keeping.get(operation_id, owner)
        return RulePrepared(operation_id=operation_id, plan=RulePlan.from_json(kept.body))

    def run(self, operation_id: str, owner: Owner) -> RuleOutcome:
        """Take a confirmed change of the rule as far as it gets now.

        Nothing is made where the old series was changed since it was shown: the new one
        would be without that change.

        Raises:
            Gone: ``change``.
            TryLater: The CRM can't be asked; run again later.
        """
        kept = self._keeping.get(operation_id, owner)
        if self._sides.touched(kept):
            return self._fail(operation_id, owner, Refused("already_modified"))
        return self._run(operation_id, owner, self._creation.run)

    def settle(self, operation_id: str, owner: Owner) -> RuleOutcome:
        """Return where it stands when the CRM can't be asked any more.

        Raises:
            Gone: ``change``.
        """
        kept = self._keeping.get(operation_id, owner)
        if kept.state not in ENDED and not self._sides.begun(operation_id):
            return self._fail(operation_id, owner, TryLater("crm_down"))
        try:
            return self._run(operation_id, owner, self._creation.settle)
        except ParleyError as error:
            # Whatever it is: both may stand now, and that is never left unsaid.
            return self._stop(operation_id, owner, error)

    def go_on(
        self,
        operation_id: str,
        owner: Owner,
        *,
        anyway: bool = False,
        ending: Ending | None = None,
    ) -> bool:
        """Let a stopped one go on with the next ``run``; False when it isn't stopped.

        Args:
            operation_id: Which.
            owner: Who asks.
            anyway: Make the new series though an earlier one may be there.
            ending: Another end for the old occurrences, where the CRM refused the first.
        """
        kept = self._operations.get(operation_id)
        if kept is None or kept.owner != owner or kept.state != "asked":
            return False
        self._creation.again(new_id(operation_id), owner, anyway=anyway)
        note = {"ending": ending.value} if ending else {}
        return self._keeping.again(operation_id, owner, note)

    def go_back(self, operation_id: str, owner: Owner) -> bool:
        """Let the next ``run`` take the new series away again; False where it can't be.

        It can while the old series is whole.
        """
        kept = self._keeping.get(operation_id, owner)
        if kept.state != "asked" or not old_is_whole(kept.note):
            return False
        self._creation.again(new_id(operation_id), owner, anyway=False)
        return self._keeping.again(operation_id, owner, {"stage": Stage.BACK.value})

    def _run(
        self, operation_id: str, owner: Owner, create: Callable[[str, Owner], Outcome]
    ) -> RuleOutcome:
        kept = self._keeping.get(operation_id, owner)
        if kept.state in ENDED or not self._keeping.take(operation_id):
            return self._told(operation_id, owner)
        stage = Stage(kept.note.get("stage", Stage.CREATING))
        if stage is Stage.CREATING:
            many = self._begin(operation_id, owner)
            if many is not None:
                return self._fail(operation_id, owner, many)
        if stage is Stage.BACK and self._sides.known(operation_id):
            return self._back(operation_id, owner)
        if stage is not Stage.REMOVING:
            outcome = create(new_id(operation_id), owner)
            if isinstance(outcome, Waiting):
                return outcome
            if stage is Stage.BACK:
                return self._back(operation_id, owner)
            if isinstance(outcome, Failed):
                return self._fail(operation_id, owner, outcome.error)
            if isinstance(outcome, Unknown):
                lost = Ambiguous("crm_answer_lost")
                return self._stop(operation_id, owner, lost, {"unknown": True})
            return self._made(operation_id, owner, outcome)
        return self._remove(operation_id, owner)

    def _begin(self, operation_id: str, owner: Owner) -> Refused | None:
        """Hand the new series to creating, once; return why it would invite too many."""
        kept = self._keeping.get(operation_id, owner)
        plan, new = RulePlan.from_json(kept.body), new_id(operation_id)
        grant = self._keeping.grant(kept, plan.account)
        grant_id, now = grant.id if grant else kept.grant_id, self._now()
        zone = str(plan.draft["zone"])
        with self._memory.atomically():
            if self._drafts.get(new, owner) is not None:
                return None
            many = self._allowance.take_number(new, owner, plan.mailed, zone, now)
            if many is None:
                self._drafts.put(new, owner, kept.grant_id, plan.draft, now)
                self._drafts.claim(new, operation_id, now)
                self._operations.begin(new, owner, grant_id, "create", operation_id, {}, now)
        return many

    def _made(self, operation_id: str, owner: Owner, created: Created) -> RuleOutcome:
        note = {
            "stage": Stage.REMOVING.value,
            "unknown": False,
            "created": msgspec.to_builtins(created),
        }
        if created.differs or not created.read_back:
            # Both are whole now: which one stays is the person's to say.
            why = Refused("dates_differ") if created.differs else Refused("dates_unread")
            return self._stop(operation_id, owner, why, note)
        self._keeping.note(operation_id, note)
        return self._remove(operation_id, owner)

    def _remove(self, operation_id: str, owner: Owner) -> RuleOutcome:
        kept = self._keeping.get(operation_id, owner)
        plan = RulePlan.from_json(kept.body)
        changed = self._sides.changed(kept, plan)
        if changed is not None:
            last = {"seen": changed.isoformat()}
            return self._stop(operation_id, owner, Refused("old_modified"), last)
        note, error = self._sides.end_old(kept, plan)
        if error is not None:
            return self._stop(operation_id, owner, error, note)
        self._keeping.end(operation_id, "confirmed", note)
        return self._told(operation_id, owner)

    def _back(self, operation_id: str, owner: Owner) -> RuleOutcome:
        kept = self._keeping.get(operation_id, owner)
        plan = RulePlan.from_json(kept.body)
        gone, error = self._sides.missed(kept, plan)
        if gone is not None:
            note = {"stage": Stage.REMOVING.value, "report": gone.as_json()}
            return self._stop(operation_id, owner, Refused("already_modified"), note)
        if error is None:
            self._keeping.note(operation_id, {"back": True})
            error = self._sides.delete_new(kept, plan)
        if error is not None:
            return self._stop(operation_id, owner, error)
        self._keeping.end(operation_id, "failed", {"went_back": True})
        return self._told(operation_id, owner)

    def _fail(self, operation_id: str, owner: Owner, error: ParleyError) -> RuleOutcome:
        """End one of which nothing was made, unless another run has ended it."""
        if self._keeping.take(operation_id):
            self._keeping.end(operation_id, "failed", failure(error))
        return self._told(operation_id, owner)

    def _stop(
        self,
        operation_id: str,
        owner: Owner,
        error: ParleyError,
        note: Mapping[str, object] | None = None,
    ) -> RuleOutcome:
        self._keeping.end(operation_id, "asked", {**(note or {}), **failure(error)})
        return self._told(operation_id, owner)

    def _told(self, operation_id: str, owner: Owner) -> RuleOutcome:
        return told(self._keeping.get(operation_id, owner))
