"""The hands of a removal: records are cancelled or deleted, and looked for afterwards."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.crm.changes import IDS_A_DELETE, Changes
from bot.crm.listing import Listing, Row
from bot.errors import Ambiguous, Gone, NotConnected, ParleyError, TryLater
from bot.journeys.account.access import CrmAccess
from bot.journeys.meeting.draft import objection
from bot.journeys.series.endings import Ending
from bot.journeys.series.plan import Fate, Report, Result

ROUNDS = 3


class Remover:
    """Takes records away and looks whether they are."""

    def __init__(
        self,
        *,
        access: CrmAccess,
        changes: Changes,
        listing: Listing,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts."""
        self._access = access
        self._changes = changes
        self._listing = listing
        self._now = now

    def away(
        self, grant_id: str, ids: Sequence[str], ending: Ending, *, mail: bool
    ) -> tuple[Report, ParleyError | None]:
        """Cancel or delete *ids*; return what became of each, and what stopped it.

        Repeatable: what is gone, or cancelled, is found so by reading.

        Raises:
            TryLater: The CRM can't be asked; run again later.
        """
        ended: dict[str, Result] = {}
        sent: set[str] = set()
        stopped: ParleyError | None = None
        try:
            for number in range(ROUNDS + 1):
                left = self._left(grant_id, [one for one in ids if one not in ended], ending)
                sent.clear()
                for one in ids:
                    if one not in ended and one not in left:
                        ended[one] = Result(event_id=one, fate=Fate.DONE)
                # After the last try it is only read back.
                if not left or number == ROUNDS:
                    break
                # What one call for many left there is asked for singly: it says why.
                several = ending is Ending.DELETE and not number
                size = IDS_A_DELETE if several else 1
                for first in range(0, len(left), size):
                    some = left[first : first + size]
                    sent.update(some)
                    error = self._send(grant_id, some, ending, mail=mail)
                    if error is not None and error.code == "cancelled_already":
                        # Where lists don't tell that something is cancelled, this does.
                        ended[some[0]] = Result(event_id=some[0], fate=Fate.DONE)
                    elif error is not None and len(some) == 1:
                        ended[some[0]] = Result(
                            event_id=some[0], fate=Fate.REFUSED, why=objection(error)
                        )
        except NotConnected as error:
            stopped = error
        fates = (Fate.OPEN, Fate.UNKNOWN) if stopped else (Fate.NOT_TAKEN, Fate.NOT_TAKEN)
        rest = (ended.get(one) or Result(event_id=one, fate=fates[one in sent]) for one in ids)
        return Report(results=tuple(rest)), stopped

    def standing(self, grant_id: str, ids: Sequence[str]) -> Report:
        """Return which of *ids* are still to be held, ``OPEN``; the others are ``DONE``.

        Raises:
            ParleyError: The CRM can't be asked.
        """
        left = self._left(grant_id, ids, Ending.CANCEL)
        fates = ((one, Fate.OPEN if one in left else Fate.DONE) for one in ids)
        return Report(results=tuple(Result(event_id=one, fate=fate) for one, fate in fates))

    def touched(self, grant_id: str, ids: Sequence[str], since: datetime) -> bool:
        """Say whether any of *ids* is gone, or was changed after *since* (aware).

        Raises:
            ParleyError: The CRM can't be asked.
        """
        rows = self._rows(grant_id, ids)
        changed = (one.modified_at for one in rows if one.modified_at is not None)
        return len(rows) < len(set(ids)) or any(one > since for one in changed)

    def changed(self, grant_id: str, ids: Sequence[str]) -> datetime | None:
        """Return when the last of *ids* that are there was changed; None where not told.

        Raises:
            ParleyError: The CRM can't be asked.
        """
        changed = (one.modified_at for one in self._rows(grant_id, ids))
        return max((one for one in changed if one is not None), default=None)

    def _left(self, grant_id: str, ids: Sequence[str], ending: Ending) -> list[str]:
        rows = self._rows(grant_id, ids)
        there = {one.id for one in rows if ending is Ending.DELETE or not one.cancelled}
        return [one for one in ids if one in there]

    def _rows(self, grant_id: str, ids: Sequence[str]) -> tuple[Row, ...]:
        return self._access.call(
            grant_id, lambda access: self._listing.rows(access, ids), now=self._now
        )

    def _send(
        self, grant_id: str, ids: Sequence[str], ending: Ending, *, mail: bool
    ) -> ParleyError | None:
        """Send one call; return why the CRM refused it, None when reading back decides."""
        try:
            if ending is Ending.DELETE:
                self._access.call(
                    grant_id, lambda access: self._changes.delete(access, ids), now=self._now
                )
            else:
                self._access.call(
                    grant_id,
                    lambda access: self._changes.cancel(access, ids[0], mail=mail),
                    now=self._now,
                )
        except (TryLater, NotConnected):
            raise
        except (Ambiguous, Gone):
            return None
        except ParleyError as error:
            return error
        return None
