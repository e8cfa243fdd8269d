"""What every step of an export needs at hand."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.connection import Access
from bot.domain.export_job import ExportJob, same_account
from bot.errors import Fault, NotConnected
from bot.journeys.account.access import CrmAccess
from bot.journeys.export.ports import Archives, Bulk, Downloads, Exports, Reached, nothing
from bot.journeys.ports import Grants

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTools:
    """The parts.

    Attributes:
        exports: The jobs.
        downloads: Counts them by organisation.
        archives: The files.
        bulk: The CRM's bulk read.
        grants: The people's grants.
        access: Fresh tokens for them.
        public_url: Our origin, where the CRM calls back, without a trailing slash.
        link_life: How long files are kept.
        now: The clock.
        reached: Told where a step is.
    """

    exports: Exports
    downloads: Downloads
    archives: Archives
    bulk: Bulk
    grants: Grants
    access: CrmAccess
    public_url: str
    link_life: timedelta
    now: Callable[[], datetime]
    reached: Reached = nothing

    def ask(self, job: ExportJob, do: Callable[[Access], T]) -> T:
        """Return what *do* returns, with the grant of the very person who asked.

        Raises:
            NotConnected: ``other_account``: the grant is another CRM account's by now.
            ParleyError: As ``CrmAccess.call``, and whatever *do* raises.
        """
        grant = None
        with suppress(Fault):  # one that can't be opened is said by the access
            grant = self.grants.get(job.grant_id)
        if grant is not None and not same_account(job, grant):
            raise NotConnected("other_account")
        return self.access.call(job.grant_id, do, now=self.now)
