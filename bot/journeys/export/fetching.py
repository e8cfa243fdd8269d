"""Bringing the CRM's results to our disk, and making the files of them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.export import MAX_PAGES, FileType
from bot.domain.export_job import ExportFile, ExportJob, ExportPage, ExportState
from bot.domain.export_link import new_link_key
from bot.errors import Fault, Gone, TryLater
from bot.journeys.export.jobs import digest
from bot.journeys.export.tools import ExportTools
from bot.journeys.export.waits import Waits, got_on

DOWNLOADS: Final = 10
DOWNLOADS_SECONDS: Final = 60.0
"""Zoho, "Download Bulk Read Result": ten downloads a minute."""
BROKEN: Final = 3
"""So often one result is downloaded again before it is made anew."""
BROKEN_WAIT: Final = timedelta(seconds=30)
_BROKEN: Final = frozenset({"archive_broken", "crm_wrong_kind", "crm_not_json"})
"""A damaged archive, or a page or JSON in its place: a gateway's, say, that passes."""
CHECKED: Final = timedelta(seconds=5)
"""How often a download under way looks whether it is still wanted."""


class Unwanted(Exception):
    """Somebody else has the job by now, or its person cancelled it."""


class ExportFetching:
    """Takes the steps from a page the CRM has to files, and to their end."""

    def __init__(self, tools: ExportTools, waits: Waits) -> None:
        """Take the parts."""
        self._tools = tools
        self._waits = waits

    def fetch(self, job: ExportJob) -> None:
        """Bring the page in hand to disk; it may take several downloads."""
        if job.progress.promised == 0:
            self._kept(job, None)
            return
        now = self._tools.now()
        room = self._tools.downloads.slot(job.org, now, limit=DOWNLOADS, seconds=DOWNLOADS_SECONDS)
        if room is not None:
            self._tools.exports.keep(job, replace(job, due=room), now=now)
            return
        self._tools.reached("slot")
        crm_job = job.crm_job or ""
        try:
            page = self._tools.ask(
                job,
                lambda access: self._tools.archives.receive(
                    job.id,
                    job.page,
                    self._watched(job, self._tools.bulk.download(access, crm_job)),
                    file_type=_kind(job),
                    promised=job.progress.promised,
                ),
            )
        except Gone:
            self.renew(job)
            return
        except (TryLater, Fault) as late:
            if late.code not in _BROKEN:
                raise
            self._broken(job)
            return
        self._tools.reached("received")
        self._kept(job, page)

    def _watched(self, job: ExportJob, chunks: Iterable[bytes]) -> Iterator[bytes]:
        checked = self._tools.now()
        for chunk in chunks:
            self._tools.reached("chunk")
            if self._tools.now() - checked >= CHECKED:
                checked = self._tools.now()
                if not self._tools.exports.held(job):
                    raise Unwanted
            yield chunk

    def _kept(self, job: ExportJob, page: ExportPage | None) -> None:
        """Note a page that is on disk for good, and what comes next, in one write."""
        now = self._tools.now()
        noted = job.progress
        following = noted.next_token
        mark = digest(following) if following else ""
        # A token that comes twice would give the same page for ever.
        more = noted.more and mark not in noted.tokens and job.page < MAX_PAGES
        # A calendar has a series as one event (Zoho, "Bulk Read API Limitations"), where the
        # CRM counts each meeting: there is nothing to compare.
        counted = page is not None and _kind(job) is FileType.CSV
        rows = page.rows if page and counted else noted.promised
        after = replace(
            got_on(noted),
            since=now.isoformat(),
            rows=noted.rows + rows,
            told_rows=noted.told_rows + noted.promised,
            token=following if more else None,
            next_token=None,
            tokens=(*noted.tokens, mark) if mark else noted.tokens,
            # What the CRM has beyond this, and no way to it, is said and not hidden.
            short=noted.more and not more,
            more=False,
            promised=0,
            creations=0,
            renewed=False,
            broken=0,
            looks=0,
        )
        kept = self._tools.exports.keep(
            job,
            replace(
                job,
                state=ExportState.NEW if more else ExportState.FINISHING,
                page=job.page + 1 if more else job.page,
                crm_job=None,
                due=now,
                progress=after,
                version=job.version + 1,
            ),
            now=now,
            page=page,
        )
        if kept is None:
            raise Unwanted

    def _broken(self, job: ExportJob) -> None:
        broken = job.progress.broken + 1
        if broken > BROKEN:
            self.renew(job)
            return
        now = self._tools.now()
        noted = replace(job.progress, broken=broken)
        self._tools.exports.keep(job, replace(job, due=now + BROKEN_WAIT, progress=noted), now=now)

    def renew(self, job: ExportJob) -> None:
        """Have a page made anew whose result is gone or broken, once."""
        if job.progress.renewed:
            broken = job.progress.broken
            self._waits.fail(job, Gone("export_broken") if broken else Gone("export_gone"))
            return
        now = self._tools.now()
        noted = replace(job.progress, renewed=True, broken=0, promised=0, next_token=None)
        self._tools.exports.keep(
            job, replace(job, state=ExportState.NEW, crm_job=None, due=now, progress=noted), now=now
        )

    def finish(self, job: ExportJob) -> None:
        """Make the files of all pages."""
        pages = self._tools.exports.pages(job.id)
        now = self._tools.now()
        files: tuple[ExportFile, ...] = ()
        if pages:
            name = f"{job.query['module']} {self._today(job).isoformat()}"
            try:
                files = self._tools.archives.finish(job.id, pages, name=name, file_type=_kind(job))
            except TryLater as late:
                if late.code != "archive_broken":
                    raise
                # It was whole when it was kept: the disk has damaged it since.
                raise Gone("archive_gone") from None
        self._tools.reached("finished")
        noted = replace(
            got_on(job.progress),
            files=files,
            link_key=new_link_key(),
            short=job.progress.short or job.progress.rows < job.progress.told_rows,
        )
        done = self._tools.exports.keep(
            job,
            replace(
                job,
                state=ExportState.DONE,
                due=now,
                expires_at=now + self._tools.link_life,
                progress=noted,
                version=job.version + 1,
            ),
            now=now,
        )
        if done is None:
            raise Unwanted

    def _today(self, job: ExportJob) -> date:
        """Return the day it is for the person: a file is looked for by their calendar."""
        now, grant = self._tools.now(), self._waits.grant(job.grant_id)
        return now.astimezone(ZoneInfo(grant.account.zone)).date() if grant else now.date()

    def keep_or_end(self, job: ExportJob) -> None:
        """Let a done job's pages go, and at its time the job: its files are deleted next."""
        now = self._tools.now()
        if job.expires_at is None or job.expires_at <= now:
            ended = replace(job, state=ExportState.EXPIRED, due=now, version=job.version + 1)
            self._tools.exports.keep(job, ended, now=now)
            return
        self._tools.archives.settle(job.id)
        self._tools.reached("settled")
        self._tools.exports.keep(job, replace(job, due=job.expires_at), now=now)


def _kind(job: ExportJob) -> FileType:
    return FileType(job.query["file_type"])
