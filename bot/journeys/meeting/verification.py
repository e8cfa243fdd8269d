"""Verification: what the CRM made is read back and laid beside what was promised."""

from collections.abc import Callable, Iterable
from datetime import datetime

from bot.crm.events import Events
from bot.errors import ParleyError, TryLater
from bot.journeys import ports
from bot.journeys.account.access import CrmAccess
from bot.journeys.meeting.outcomes import Job, created
from bot.journeys.notices import Created


class Verification:
    """Reads back what an operation has made."""

    def __init__(
        self,
        operations: ports.Operations,
        drafts: ports.Drafts,
        access: CrmAccess,
        events: Events,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; *now* gives an aware now for each call."""
        self._operations = operations
        self._drafts = drafts
        self._access = access
        self._events = events
        self._now = now

    def read_back(self, job: Job) -> Created:
        """Return what stands, with the starts the CRM has; its draft is done.

        Raises:
            TryLater: The CRM can't be asked; ask again later.
        """
        ids = tuple(one for ids in self._operations.series(job.id) for one in ids)
        try:
            found = self._access.call(
                job.grant_id, lambda access: self._events.starts(access, ids), now=self._now
            )
        except TryLater:
            raise
        except ParleyError:
            # It stands, whatever keeps us from reading it.
            return self.as_promised(job)
        return self._created(job, found.values())

    def as_promised(self, job: Job) -> Created:
        """Return what stands, as it was promised: it couldn't be read back."""
        return self._created(job, None)

    def _created(self, job: Job, starts: Iterable[datetime] | None) -> Created:
        made = self._operations.series(job.id)
        self._drafts.finish(job.id, self._now())
        link = ""
        if job.grant is not None and made and made[0]:
            link = self._events.link(job.grant.tokens.api_origin, made[0][0])
        return created(job, series=len(made), starts=starts, link=link)
