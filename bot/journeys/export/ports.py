"""What exporting asks of memory, of the disk and of the CRM's bulk read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.connection import Access, Owner
from bot.domain.export import FileType, Look, Query
from bot.domain.export_job import ExportFile, ExportJob, ExportPage

Reached = Callable[[str], object]
"""Told each step's name as it is reached; the tests' way to stop a process there."""


def nothing(_name: str) -> None:
    """Go on."""


class Exports(Protocol):
    """Export jobs, as kept."""

    def begin(self, job: ExportJob, *, per_person: int, running: int) -> ExportJob:
        """Keep a new job within the limits; the same id again is the one there is.

        Raises:
            TryLater: ``exports_yours_full`` or ``exports_full``.
        """

    def get(self, export_id: str) -> ExportJob | None:
        """Return one."""

    def of(self, owner: Owner) -> tuple[ExportJob, ...]:
        """Return the owner's, the newest first."""

    def held(self, job: ExportJob) -> bool:
        """Say whether nobody wrote to it, or claimed it, since it was read."""

    def keep(
        self,
        before: ExportJob,
        after: ExportJob,
        *,
        now: datetime,
        hold: bool = False,
        page: ExportPage | None = None,
    ) -> ExportJob | None:
        """Write *after* in the place of *before*; None when somebody else wrote meanwhile."""

    def pages(self, export_id: str) -> tuple[ExportPage, ...]:
        """Return the pages kept, the first one first."""

    def nudge(self, callback_hash: str, now: datetime, *, hint: str | None = None) -> bool:
        """Have a job looked at soon; False when none has this callback."""


class Downloads(Protocol):
    """The CRM's limit on downloads."""

    def slot(self, org: str, now: datetime, *, limit: int, seconds: float) -> datetime | None:
        """Count one download; where it is one too many, return from when there is room."""


class Archives(Protocol):
    """Downloaded results on disk. Each call may be made again after a kill."""

    def receive(
        self,
        job_id: str,
        number: int,
        content: Iterable[bytes],
        *,
        file_type: FileType,
        promised: int = 0,
    ) -> ExportPage:
        """Keep one page durably, checked and counted, in the place of an older one.

        Raises:
            TryLater: ``archive_broken``: a download may mend it.
        """

    def finish(
        self, job_id: str, pages: Sequence[ExportPage], *, name: str, file_type: FileType
    ) -> tuple[ExportFile, ...]:
        """Make the files that can be fetched of the pages kept, the best first."""

    def settle(self, job_id: str) -> None:
        """Let go of the pages of an export whose files are made and noted."""

    def remove(self, job_id: str) -> None:
        """Let go of everything of one export; nothing there is as good."""

    def full(self) -> bool:
        """Say whether there is no room for anything new."""


class Bulk(Protocol):
    """The CRM's bulk read."""

    def create(
        self,
        access: Access,
        query: Query,
        *,
        page: int = 1,
        page_token: str | None = None,
        callback_url: str | None = None,
    ) -> str:
        """Ask for a page, by its token or number; return the CRM's id of the job."""

    def look(self, access: Access, job_id: str) -> Look:
        """Ask how far a job is."""

    def download(self, access: Access, job_id: str) -> Iterator[bytes]:
        """Give the archive of a completed job."""
