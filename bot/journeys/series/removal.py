"""Removal: one occurrence, or it and all after it, cancelled or deleted; asked before.

Neither can be taken back: mails are out, and an id never comes again.
"""

from collections.abc import Callable
from datetime import datetime

from bot.domain.change import Scope
from bot.domain.connection import Grant, Owner
from bot.errors import Gone, NotConnected, ParleyError, Refused, TryLater
from bot.journeys.meeting.outcomes import Failed, account_of, failure, why_failed
from bot.journeys.series.endings import (
    Ending,
    Item,
    Removal,
    RemovalOutcome,
    RemovalPrepared,
    RemovalShownAgain,
    RemovalStopped,
    Removed,
    as_now,
    doomed,
)
from bot.journeys.series.keeping import ENDED, Keeping
from bot.journeys.series.opened import Opening
from bot.journeys.series.plan import Fate, Report, Result
from bot.journeys.series.ports import KeptOperation
from bot.journeys.series.remover import Remover

KIND = "remove"


class Removing:
    """Prepares and carries out removals."""

    def __init__(
        self, *, keeping: Keeping, opening: Opening, remover: Remover, now: Callable[[], datetime]
    ) -> None:
        """Take the parts; *keeping* keeps operations of ``KIND``."""
        self._keeping = keeping
        self._opening = opening
        self._remover = remover
        self._now = now

    def prepare(
        self,
        operation_id: str,
        owner: Owner,
        event_id: str,
        scope: Scope,
        ending: Ending,
        *,
        mail: bool,
    ) -> RemovalPrepared:
        """Return what will happen; nothing is written. Kept until ``run``.

        Raises:
            Refused: ``cancel_over`` or ``cancelled_already`` where nothing is left to do.
            Gone: ``crm_record``.
            ParleyError: The CRM can't be asked.
        """
        if self._keeping.has(operation_id):
            return self.prepared(operation_id, owner)
        opened = self._opening.whole(owner, event_id)
        events = opened.following if scope is Scope.FOLLOWING else (opened.event,)
        removal = Removal(
            anchor=event_id,
            scope=scope,
            ending=ending,
            mail=mail and ending is Ending.CANCEL,
            title=opened.event.title,
            items=tuple(
                Item.of(one, crm_zone=opened.grant.account.zone)
                for one in doomed(opened, events, ending, self._now())
            ),
            account=tuple(account_of(opened.grant)),
        )
        self._keeping.begin(operation_id, owner, opened.grant.id, event_id, removal.as_json())
        return self.prepared(operation_id, owner)

    def prepared(self, operation_id: str, owner: Owner) -> RemovalPrepared:
        """Return a prepared removal, to show it again.

        Raises:
            Gone: ``change``.
        """
        kept = self._keeping.get(operation_id, owner)
        return RemovalPrepared(operation_id=operation_id, removal=Removal.from_json(kept.body))

    def run(self, operation_id: str, owner: Owner) -> RemovalOutcome:
        """Take a confirmed removal as far as it gets now.

        Nothing goes where anything of it was changed since it was shown: it is shown again.

        Raises:
            Gone: ``change``.
            TryLater: The CRM can't be asked; run again later.
        """
        kept = self._keeping.get(operation_id, owner)
        removal = Removal.from_json(kept.body)
        if kept.state in ENDED or not self._keeping.take(operation_id):
            return self._told(operation_id, owner)
        grant = self._keeping.grant(kept, removal.account)
        if grant is None:
            return self._stop(operation_id, removal, _known(kept), NotConnected("revoked"))
        try:
            again = self._shown_again(kept, removal, grant)
        except TryLater:
            raise
        except ParleyError as error:
            return self._stop(operation_id, removal, _known(kept), error)
        if again is not None:
            return again
        self._keeping.note(operation_id, {"begun": True})
        return self._away(operation_id, removal, grant)

    def _away(self, operation_id: str, removal: Removal, grant: Grant) -> RemovalOutcome:
        ids = [one.event_id for one in removal.items]
        report, error = self._remover.away(grant.id, ids, removal.ending, mail=removal.mail)
        if error is not None:
            return self._stop(operation_id, removal, report, error)
        note: dict[str, object] = {"report": report.as_json()}
        why = next((one.why for one in report.left if one.why is not None), None)
        if not report.done and why is not None:
            refusal = Refused(why.code, field=why.place, **why.values)
            self._keeping.end(operation_id, "failed", {**note, **failure(refusal)})
            return Failed(error=refusal)
        self._keeping.end(operation_id, "confirmed", note)
        return Removed(operation_id=operation_id, removal=removal, report=report)

    def settle(self, operation_id: str, owner: Owner) -> RemovalOutcome:
        """Return where it stands when the CRM can't be asked any more.

        Raises:
            Gone: ``change``.
        """
        kept = self._keeping.get(operation_id, owner)
        removal = Removal.from_json(kept.body)
        if kept.state in ENDED or not self._keeping.take(operation_id):
            return self._told(operation_id, owner)
        return self._stop(operation_id, removal, _known(kept), TryLater("crm_down"))

    def again(self, operation_id: str, owner: Owner) -> bool:
        """Let a stopped removal go on with the next ``run``; False when it isn't stopped."""
        return self._keeping.again(operation_id, owner)

    def _shown_again(
        self, kept: KeptOperation, removal: Removal, grant: Grant
    ) -> RemovalShownAgain | Failed | None:
        """Return what to confirm instead, where somebody changed what is still to go.

        Where nothing of it is left within its reach, that is refused.

        Raises:
            ParleyError: The CRM can't be asked.
        """
        report = self._remover.standing(grant.id, [one.event_id for one in removal.items])
        if not report.left:
            return None
        owner, first = kept.owner, report.left[0].event_id
        read = self._opening.whole if removal.scope is Scope.FOLLOWING else self._opening.alone
        try:
            opened = read(owner, first, grant=grant)
        except Gone:
            return None
        now = as_now(removal, opened, self._now())
        if now == removal:
            return None
        modified = Refused("already_modified")
        if not now.items:
            self._keeping.end(kept.id, "failed", failure(modified))
            return Failed(error=modified)
        following = f"{kept.id}+"
        self._keeping.begin(following, owner, kept.grant_id, removal.anchor, now.as_json())
        note = {"report": report.as_json(), "following": following, **failure(modified)}
        self._keeping.end(kept.id, "failed", note)
        return RemovalShownAgain(prepared=self.prepared(following, owner), report=report)

    def _stop(
        self, operation_id: str, removal: Removal, report: Report, error: ParleyError
    ) -> RemovalStopped:
        note = {"report": report.as_json(), **failure(error)}
        self._keeping.end(operation_id, "asked", note)
        return RemovalStopped(
            operation_id=operation_id, removal=removal, report=report, error=error
        )

    def _told(self, operation_id: str, owner: Owner) -> RemovalOutcome:
        kept = self._keeping.get(operation_id, owner)
        removal, note = Removal.from_json(kept.body), kept.note
        if "following" in note:
            prepared = self.prepared(note["following"], owner)
            return RemovalShownAgain(prepared=prepared, report=Report.from_json(note["report"]))
        if kept.state == "failed":
            return Failed(error=why_failed(kept))
        report = Report.from_json(note["report"])
        if kept.state == "asked":
            return RemovalStopped(
                operation_id=operation_id, removal=removal, report=report, error=why_failed(kept)
            )
        return Removed(operation_id=operation_id, removal=removal, report=report)


def _known(kept: KeptOperation) -> Report:
    """Return what is known of each occurrence without asking the CRM."""
    fate = Fate.UNKNOWN if kept.note.get("begun") else Fate.OPEN
    items = Removal.from_json(kept.body).items
    return Report(results=tuple(Result(event_id=one.event_id, fate=fate) for one in items))
