"""Asking the CRM for a page: once, whatever becomes of the answer.

The job is written before the CRM is asked. A lost answer is never repeated blindly: the
CRM's callback may name the job it made, else the page is asked for again after a while,
and what an older creation makes calls back in vain.
"""

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.export import JobState, Query
from bot.domain.export_job import ExportJob, ExportState, Progress
from bot.errors import Ambiguous, Gone, ParleyError, TryLater
from bot.journeys.export.jobs import digest
from bot.journeys.export.tools import ExportTools
from bot.journeys.export.waits import SOONEST, Waits, got_on

QUIET: Final = timedelta(minutes=15)
"""How long a creation whose answer was lost is left to its callback; then it is repeated."""
CREATIONS: Final = 4
"""So often one page is asked for without an answer."""


class ExportCreation:
    """Takes the steps from a page that is wanted to one the CRM works on."""

    def __init__(self, tools: ExportTools, waits: Waits) -> None:
        """Take the parts."""
        self._tools = tools
        self._waits = waits

    def create(self, job: ExportJob) -> None:
        """Ask for the page in hand."""
        token = f"parley_bk_{secrets.token_urlsafe(32)}"
        now = self._tools.now()
        noted = replace(job.progress, creations=job.progress.creations + 1)
        creating = self._tools.exports.keep(
            job,
            replace(
                job,
                state=ExportState.CREATING,
                crm_job=None,
                callback_hash=digest(token),
                due=now + QUIET,
                progress=noted,
            ),
            now=now,
            hold=True,
        )
        if creating is None:
            return
        self._tools.reached("creating")
        try:
            crm_job = self._tools.ask(
                creating,
                lambda access: self._tools.bulk.create(
                    access,
                    Query.from_json(job.query),
                    page=job.page,
                    page_token=noted.token,
                    callback_url=f"{self._tools.public_url}/bulk/{token}"
                    if noted.callback
                    else None,
                ),
            )
        except Ambiguous:
            self._lost(creating)
        except ParleyError as refusal:
            # The CRM has done nothing: the page is still to be asked for.
            self._undone(creating, job.progress, refusal)
        else:
            self._tools.reached("created")
            self._running(creating, crm_job)

    def _lost(self, creating: ExportJob) -> None:
        now, lost = self._tools.now(), "crm_answer_lost"
        news = creating.progress.why != lost
        self._tools.exports.keep(
            creating,
            replace(
                creating,
                due=now + QUIET,
                progress=replace(creating.progress, why=lost),
                version=creating.version + news,
            ),
            now=now,
        )

    def _undone(self, creating: ExportJob, before: Progress, refusal: ParleyError) -> None:
        now = self._tools.now()
        if refusal.code == "export_callback_refused" and before.callback:
            # It would run without one: looking at it is enough.
            before, refusal = replace(before, callback=False), TryLater(refusal.code, seconds=0)
        elif refusal.code == "export_page_token" and before.token:
            # Pages can be asked for by their number too (Zoho, "Create Bulk Read Job").
            before, refusal = replace(before, token=None), TryLater(refusal.code, seconds=0)
        new = self._tools.exports.keep(
            creating,
            replace(creating, state=ExportState.NEW, due=now, progress=before),
            now=now,
            hold=True,
        )
        if new is not None:
            self._waits.refused(new, refusal)

    def _running(self, job: ExportJob, crm_job: str) -> None:
        now = self._tools.now()
        noted = got_on(replace(job.progress, looks=0, crm_state=JobState.ADDED.value))
        noted = replace(noted, since=now.isoformat())
        self._tools.exports.keep(
            job,
            replace(
                job,
                state=ExportState.RUNNING,
                crm_job=crm_job,
                due=now + SOONEST,
                not_before=now + SOONEST,
                progress=noted,
                version=job.version + 1,
            ),
            now=now,
        )

    def adopt(self, job: ExportJob) -> None:
        """Go on with the job a callback named, if the CRM knows it; else ask once more."""
        if job.hint is None:
            if job.progress.creations >= CREATIONS:
                raise Gone("export_unanswered")
            self.create(job)
            return
        hint = job.hint
        try:
            self._tools.ask(job, lambda access: self._tools.bulk.look(access, hint))
        except Gone:
            now = self._tools.now()
            self._tools.exports.keep(job, replace(job, hint=None, due=now + QUIET), now=now)
        else:
            self._running(job, hint)
