"""One step of an export at a time: each can be killed anywhere, and taken again.

A job goes through its pages: a page is asked for, looked at until the CRM has it, fetched
and kept on disk; then the next one, by the token the CRM named for it; at the end the files
are made. What a step did outside is noted in one write with what comes next, under the
fence the step was claimed with.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.export import JobState, Look
from bot.domain.export_job import ExportJob, ExportState
from bot.errors import Fault, Gone, ParleyError
from bot.journeys.export.creation import ExportCreation
from bot.journeys.export.fetching import ExportFetching, Unwanted
from bot.journeys.export.tools import ExportTools
from bot.journeys.export.waits import SOONEST, Waits, got_on

LONGEST_LOOK: Final = timedelta(seconds=60)
LOOKS_GROW: Final = 1.5


class ExportSteps:
    """Takes steps of claimed jobs."""

    def __init__(self, tools: ExportTools) -> None:
        """Take the parts."""
        self._tools = tools
        self._waits = Waits(tools)
        self._creation = ExportCreation(tools, self._waits)
        self._fetching = ExportFetching(tools, self._waits)

    def step(self, job: ExportJob) -> None:
        """Take the next step of a claimed job, and note when the one after it is due.

        Whatever the CRM says is noted too: a wait, a pause, or a failure told to the person.
        """
        self._tools.reached(f"{job.state}:claimed")
        take = {
            ExportState.NEW: self._creation.create,
            ExportState.CREATING: self._creation.adopt,
            ExportState.RUNNING: self._look,
            ExportState.FETCHING: self._fetching.fetch,
            ExportState.FINISHING: self._fetching.finish,
            ExportState.PAUSED: self._waits.resume,
            ExportState.DONE: self._fetching.keep_or_end,
            ExportState.FAILED: self._waits.clear,
            ExportState.CANCELLED: self._waits.clear,
            ExportState.EXPIRED: self._waits.clear,
        }[job.state]
        try:
            take(job)
        except Unwanted:
            self._waits.unwanted(job)
        except ParleyError as refusal:
            self._waits.refused(job, refusal)
        self._tools.reached("stepped")

    def failed(self, job: ExportJob, incident: str) -> None:
        """Note a fault of ours: tried again, and after some tries told."""
        self._waits.wait(job, Fault("incident", incident=incident))

    def _look(self, job: ExportJob) -> None:
        crm_job = job.crm_job or ""
        try:
            look = self._tools.ask(job, lambda access: self._tools.bulk.look(access, crm_job))
        except Gone:
            self._fetching.renew(job)
            return
        self._tools.reached("looked")
        if look.state is JobState.COMPLETED and look.page != job.page and not job.progress.token:
            # Asked for by number, and given another page: nobody may take it for this one.
            self._waits.fail(job, Gone("export_pages"))
        elif look.state is JobState.COMPLETED:
            self._completed(job, look)
        elif look.state is JobState.FAILURE:
            self._failed(job, look)
        elif self._waits.patient(job):
            self._look_again(job, look)
        else:
            self._waits.fail(job, Gone("export_stuck"))

    def _completed(self, job: ExportJob, look: Look) -> None:
        now = self._tools.now()
        noted = replace(
            got_on(job.progress),
            since=now.isoformat(),
            promised=look.count,
            more=look.more,
            next_token=look.next_page_token,
            crm_state=look.state.value,
        )
        self._tools.exports.keep(
            job,
            replace(
                job,
                state=ExportState.FETCHING,
                due=now,
                progress=noted,
                version=job.version + 1,
            ),
            now=now,
        )

    def _failed(self, job: ExportJob, look: Look) -> None:
        if job.page > 1 and not job.progress.renewed:
            # Pages are kept already: one fault of the CRM shall not cost them.
            self._fetching.renew(job)
        else:
            self._waits.fail(job, Gone("export_failed", reason=look.reason or ""))

    def _look_again(self, job: ExportJob, look: Look) -> None:
        now = self._tools.now()
        looks = job.progress.looks + 1
        grown = SOONEST * LOOKS_GROW ** min(looks, 20)
        news = look.state.value != job.progress.crm_state
        noted = got_on(replace(job.progress, looks=looks, crm_state=look.state.value))
        self._tools.exports.keep(
            job,
            replace(
                job,
                due=now + min(grown, LONGEST_LOOK),
                not_before=now + SOONEST,
                progress=noted,
                version=job.version + news,
            ),
            now=now,
        )
