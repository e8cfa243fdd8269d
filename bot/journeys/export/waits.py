"""What becomes of an export that can't go on now: it waits, is paused, or fails; never silently."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.connection import Grant, GrantState
from bot.domain.export_job import ENDED, ExportJob, ExportState, Progress, same_account
from bot.errors import Fault, Gone, NotConnected, ParleyError, TryLater
from bot.journeys.export.tools import ExportTools

SOONEST: Final = timedelta(seconds=2)
PATIENCE: Final = timedelta(hours=6)
"""How long a job that doesn't get on is kept up."""
PAUSED: Final = timedelta(days=7)
"""How long a paused job waits for its person."""
RECHECK: Final = timedelta(seconds=15)
LONGEST_WAIT: Final = 300.0
FAULTS: Final = 5
"""So many answers in a row may make no sense."""
TOLD_AFTER: Final = 3
"""From so many waits in a row on the person is told what it waits for."""
FOR_GOOD: Final = frozenset(
    {"archive_refused", "archive_too_large", "archive_pages_differ", "crm_too_large"}
)
"""Faults that no other try mends."""


class Waits:
    """Writes waits, pauses and failures."""

    def __init__(self, tools: ExportTools) -> None:
        """Take the parts."""
        self._tools = tools

    def refused(self, job: ExportJob, refusal: ParleyError) -> None:
        """Write what becomes of a step that *refusal* ended."""
        if isinstance(refusal, NotConnected):
            self.pause(job, refusal.code)
        elif isinstance(refusal, TryLater | Fault) and refusal.code not in FOR_GOOD:
            self.wait(job, refusal)
        else:
            self.fail(job, refusal)

    def patient(self, job: ExportJob) -> bool:
        """Say whether a job that didn't get on may go on waiting."""
        return self._tools.now() - datetime.fromisoformat(job.progress.since) < PATIENCE

    def wait(self, job: ExportJob, late: ParleyError) -> None:
        """Try the step again later; after hours, or several senseless answers, it has failed."""
        tries = job.progress.tries + 1
        if isinstance(late, Fault) and tries > FAULTS:
            self.fail(job, late)
            return
        full = late.code == "archive_no_room"
        if not self.patient(job):
            self.fail(job, Gone("export_no_room") if full else _outlasted(late))
            return
        now = self._tools.now()
        named = late.seconds if isinstance(late, TryLater) else 0.0
        pause = max(named, min(LONGEST_WAIT, 2.0 ** min(tries, 10)))
        # A full disk doesn't mend itself within some tries, nor does who names a long wait.
        told = full or tries >= TOLD_AFTER or pause > LONGEST_WAIT
        why = late.code if told else job.progress.why
        noted = replace(job.progress, tries=tries, why=why)
        self._tools.exports.keep(
            job,
            replace(
                job,
                due=now + timedelta(seconds=pause),
                progress=noted,
                version=job.version + (why != job.progress.why),
            ),
            now=now,
        )

    def pause(self, job: ExportJob, code: str) -> None:
        """Wait for the person to connect the same account again; said once."""
        now = self._tools.now()
        grant = self.grant(job.grant_id)
        noted = replace(
            job.progress,
            why=code,
            since=now.isoformat(),
            resume=job.state.value,
            grant_at=grant.connected_at.isoformat() if grant else "",
        )
        self._tools.exports.keep(
            job,
            replace(
                job,
                state=ExportState.PAUSED,
                due=now + RECHECK,
                progress=noted,
                version=job.version + 1,
            ),
            now=now,
        )

    def resume(self, job: ExportJob) -> None:
        """Go on where it was paused, once the same account is connected anew."""
        now = self._tools.now()
        found = next((one for one in self._grants_of(job) if self._same(job, one)), None)
        if found is None:
            if now - datetime.fromisoformat(job.progress.since) >= PAUSED:
                self.fail(job, Gone("export_not_resumed"))
                return
            self._tools.exports.keep(job, replace(job, due=now + RECHECK), now=now)
            return
        noted = replace(got_on(job.progress), since=now.isoformat(), resume="", grant_at="")
        self._tools.exports.keep(
            job,
            replace(
                job,
                state=ExportState(job.progress.resume),
                grant_id=found.id,
                due=now,
                not_before=now,
                progress=noted,
                version=job.version + 1,
            ),
            now=now,
        )

    def fail(self, job: ExportJob, refusal: ParleyError) -> None:
        """End it with what the person is told; what it has is deleted next."""
        values = {name: str(value) for name, value in refusal.values.items()}
        noted = replace(job.progress, why=refusal.code, values=values, token=None, next_token=None)
        now = self._tools.now()
        self._tools.exports.keep(
            job,
            replace(
                job,
                state=ExportState.FAILED,
                due=now,
                progress=noted,
                version=job.version + 1,
            ),
            now=now,
        )

    def clear(self, job: ExportJob) -> None:
        """Delete the files of a job that has ended, or will never have any."""
        self._tools.archives.remove(job.id)
        self._tools.reached("cleared")
        self._tools.exports.keep(job, replace(job, due=None), now=self._tools.now())

    def unwanted(self, job: ExportJob) -> None:
        """Delete what was written after a job had been cleared."""
        found = self._tools.exports.get(job.id)
        if found is None or (found.state in ENDED and found.state is not ExportState.DONE):
            self._tools.archives.remove(job.id)

    def _same(self, job: ExportJob, grant: Grant) -> bool:
        """Say whether a grant is of the same CRM user, and another one than was lost."""
        lost = grant.id == job.grant_id and grant.connected_at.isoformat() == job.progress.grant_at
        return grant.state is GrantState.ACTIVE and same_account(job, grant) and not lost

    def grant(self, grant_id: str) -> Grant | None:
        """Return a grant; None where it is gone, or can't be opened."""
        with suppress(Fault):
            return self._tools.grants.get(grant_id)
        return None

    def _grants_of(self, job: ExportJob) -> tuple[Grant, ...]:
        with suppress(Fault):
            return self._tools.grants.of(job.owner)
        return ()


def _outlasted(late: ParleyError) -> Gone:
    """Return the end of an export that was kept waiting longer than it is kept up."""
    if isinstance(late, TryLater):
        return Gone("export_waited", late=late.code)
    return Gone("export_stuck")


def got_on(progress: Progress) -> Progress:
    """Return *progress* without what it waited for."""
    return replace(progress, tries=0, why="", values={})
