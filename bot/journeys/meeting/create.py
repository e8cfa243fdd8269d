"""Create: one operation becomes the CRM's series, once, and what it made is compared.

The ladder after a lost answer: the operation is ambiguous and nothing is sent; after a
quiet period it is looked up by its marker, once more later, sent once more, looked up
again, and then the person is asked. Each send is preceded by a move that only one of
several runs can win.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.crm.dialect import Dialect, series
from bot.crm.events import Events
from bot.domain.connection import Grant, Owner
from bot.domain.meeting import Meeting
from bot.errors import Ambiguous, Fault, Gone, ParleyError, Refused, TryLater
from bot.journeys import ports
from bot.journeys.account.access import CrmAccess
from bot.journeys.meeting.compose import compose
from bot.journeys.meeting.draft import Draft
from bot.journeys.meeting.outcomes import (
    Failed,
    Job,
    Outcome,
    Unknown,
    Waiting,
    account_of,
    failure,
    may_split,
    why_failed,
)
from bot.journeys.meeting.verification import Verification
from bot.journeys.notices import Created

QUIET = timedelta(seconds=60)
"""A CRM may execute late: nothing is looked up before a minute has passed."""
SECOND_LOOK = timedelta(seconds=30)
LOOKS = 2
SLACK_OF_CLOCKS = timedelta(minutes=5)
_SENT = ("sending", "ambiguous")
SEVERAL_DAYS = "several_days"
"""The switch remembered of an organisation that refuses several days in one rule."""


class Creation:
    """Carries operations to the CRM; every step can be killed and run again."""

    def __init__(
        self,
        *,
        operations: ports.Operations,
        drafts: ports.Drafts,
        grants: ports.Grants,
        organizations: ports.Organizations,
        access: CrmAccess,
        events: Events,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; *now* gives an aware now for each step of a run."""
        self._operations = operations
        self._drafts = drafts
        self._grants = grants
        self._organizations = organizations
        self._access = access
        self._events = events
        self._now = now
        self._verification = Verification(operations, drafts, access, events, now)

    def run(self, operation_id: str, owner: Owner) -> Outcome:
        """Take the operation as far as it gets now.

        Raises:
            Gone: There is no such operation, or its draft was swept.
            TryLater: The CRM can't be asked what it made; run again later.
        """
        job = self._job(operation_id, owner)
        match job.operation.state:
            case "new":
                return self._send(job, self._mode(job))
            case "sending" | "ambiguous" if self._complete(job):
                # Killed after the last answer was noted: only the confirming is left.
                return self._send(job, self._mode(job))
            case "sending":
                # Killed in between: nobody knows whether the CRM heard.
                return self._lost(job)
            case "ambiguous":
                return self._look(job)
            case "asked":
                return Unknown(title=job.meeting.title)
            case "failed":
                return Failed(error=why_failed(job.operation))
            case _:
                return self._verification.read_back(job)

    def settle(self, operation_id: str, owner: Owner) -> Outcome:
        """Return what there is to say when the CRM can't be asked any more.

        What nobody could look up is the person's to decide; what stands and can't be read
        back is told as it was promised.

        Raises:
            Gone: There is no such operation, or its draft was swept.
        """
        job = self._job(operation_id, owner)
        match job.operation.state:
            case "confirmed":
                return self._verification.as_promised(job)
            case "failed":
                return Failed(error=why_failed(job.operation))
            case "new":
                # Nothing was sent yet.
                self._operations.move(job.id, ("new",), "failed", now=self._now())
                return Failed(error=TryLater("storage_busy"))
            case _:
                return self._asked(self._ambiguous(job))

    def made(self, operation_id: str, owner: Owner) -> Created:
        """Return what an operation of *owner* has made, as the CRM has it now.

        Raises:
            Gone: ``shared_gone``: it has made nothing, or is forgotten.
            TryLater: The CRM can't be asked.
        """
        try:
            job = self._job(operation_id, owner)
        except Gone as gone:
            raise Gone("shared_gone") from gone
        if job.operation.state != "confirmed":
            raise Gone("shared_gone")
        return self._verification.read_back(job)

    def again(self, operation_id: str, owner: Owner, *, anyway: bool) -> bool:
        """Follow the person's answer: look once more, or send it again (*anyway*).

        False when the question was answered before, or isn't *owner*'s: then nothing
        follows from this answer.
        """
        operation = self._operations.get(operation_id)
        if operation is None or operation.owner != owner:
            return False
        note = {"looks": LOOKS if anyway else LOOKS - 1, "resent": not anyway}
        return self._operations.move(
            operation_id, ("asked",), "ambiguous", now=self._now(), note=note, due=self._now()
        )

    def _complete(self, job: Job) -> bool:
        parts = series(job.meeting, self._mode(job))
        return len(self._operations.series(job.id)) == len(parts)

    def _job(self, operation_id: str, owner: Owner) -> Job:
        operation = self._operations.get(operation_id)
        stored = self._drafts.get(operation_id, owner)
        if operation is None or stored is None or operation.owner != owner:
            raise Gone("draft")
        draft = Draft.from_json(stored.data)
        preview = compose(draft, now=self._now()).preview
        if preview is None:
            raise Gone("draft")
        grant = self._grant(operation)
        return Job(operation=operation, grant=grant, draft=draft, meeting=preview.meeting)

    def _grant(self, operation: ports.Operation) -> Grant | None:
        """Return the operation's grant, or a newer one of the very same account."""
        grant = self._grants.get(operation.grant_id)
        if grant is not None:
            return grant
        newer = self._grants.in_use(operation.owner)
        same = newer is not None and account_of(newer) == operation.note.get("account")
        return newer if same else None

    def _mode(self, job: Job) -> Dialect:
        noted = job.operation.note.get(SEVERAL_DAYS)
        if noted is None and job.grant is not None:
            noted = self._organizations.switch(job.grant.account.org_id, SEVERAL_DAYS)
        return Dialect(several_days="series_per_day" if noted == "series_per_day" else "list")

    def _send(self, job: Job, dialect: Dialect, **note: object) -> Outcome:
        parts = series(job.meeting, dialect)
        fence = job.operation.fence
        noted = {SEVERAL_DAYS: dialect.several_days, **note}
        if job.grant is not None:
            noted["account"] = account_of(job.grant)
        for number in range(len(self._operations.series(job.id)), len(parts)):
            if not self._operations.move(
                job.id,
                ("new", "sending", "ambiguous"),
                "sending",
                now=self._now(),
                note={**noted, "since": self._now().isoformat()},
                fence=fence,
            ):
                return self._later(job)
            fence += 1
            try:
                ids = self._create(job, parts[number], number, dialect)
            except (Ambiguous, Fault):
                # A success nobody can read is no failure: it is looked up like a lost answer.
                return self._lost(job)
            except Refused as error:
                if len(parts) == 1 and may_split(job, dialect, error):
                    return self._split(job)
                return self._refused(job, error)
            except ParleyError as error:
                return self._refused(job, error)
            self._operations.add_series(job.id, ids)
        self._operations.move(job.id, ("sending", "ambiguous"), "confirmed", now=self._now())
        return self._verification.read_back(job)

    def _create(self, job: Job, part: Meeting, number: int, dialect: Dialect) -> tuple[str, ...]:
        return self._access.call(
            job.grant_id,
            lambda access: self._events.create(
                access, part, marker=job.marker(number), dialect=dialect
            ),
            now=self._now,
        )

    def _split(self, job: Job) -> Outcome:
        # Definitely refused, so nothing exists: the same operation goes on, a series a weekday.
        operation = self._operations.get(job.id)
        if operation is None or job.grant is None:
            raise Gone("draft")
        self._organizations.set_switch(
            job.grant.account.org_id, SEVERAL_DAYS, "series_per_day", self._now()
        )
        job = replace(job, operation=operation)
        return self._send(job, Dialect(several_days="series_per_day"))

    def _refused(self, job: Job, error: ParleyError) -> Outcome:
        if self._operations.series(job.id):
            # Some of its series stand: told as a difference, never made twice.
            self._operations.move(job.id, _SENT, "confirmed", now=self._now())
            return self._verification.read_back(job)
        if job.operation.state == "ambiguous":
            # This one was refused, but an earlier one's answer was lost: that may yet stand.
            return self._asked(self._ambiguous(job))
        note = failure(error)
        failed = self._operations.move(job.id, _SENT, "failed", now=self._now(), note=note)
        return Failed(error=error) if failed else self._later(job)

    def _lost(self, job: Job) -> Outcome:
        self._ambiguous(job)
        return Waiting(seconds=QUIET.total_seconds(), first=True, title=job.meeting.title)

    def _ambiguous(self, job: Job) -> Job:
        self._operations.move(
            job.id,
            ("sending",),
            "ambiguous",
            now=self._now(),
            note={"looks": 0},
            due=self._now() + QUIET,
        )
        operation = self._operations.get(job.id)
        return replace(job, operation=operation) if operation is not None else job

    def _later(self, job: Job) -> Waiting:
        # Looked at again later: by the second look, or since another run has moved it.
        seconds = SECOND_LOOK.total_seconds()
        return Waiting(seconds=seconds, first=False, title=job.meeting.title)

    def _asked(self, job: Job) -> Outcome:
        moved = self._operations.move(
            job.id, ("ambiguous",), "asked", now=self._now(), fence=job.operation.fence
        )
        asked = moved or job.operation.state == "asked"
        return Unknown(title=job.meeting.title) if asked else self._later(job)

    def _look(self, job: Job) -> Outcome:
        now, note, due = self._now(), job.operation.note, job.operation.due
        if due is not None and now < due:
            left = (due - now).total_seconds()
            return Waiting(seconds=left, first=False, title=job.meeting.title)
        dialect = self._mode(job)
        number = len(self._operations.series(job.id))
        part = series(job.meeting, dialect)[number]
        since = datetime.fromisoformat(note["since"]) - SLACK_OF_CLOCKS
        try:
            found = self._access.call(
                job.grant_id,
                lambda access: self._events.find_marked(access, part, job.marker(number), since),
                now=self._now,
            )
        except TryLater:
            raise
        except ParleyError:
            # Time doesn't mend that, and nobody knows what stands: the person can look.
            return self._asked(job)
        if found:
            self._operations.add_series(job.id, found)
            return self._send(job, dialect)
        return self._not_found(job, dialect, int(note.get("looks", 0)) + 1)

    def _not_found(self, job: Job, dialect: Dialect, looks: int) -> Outcome:
        if looks < LOOKS:
            due = self._now() + SECOND_LOOK
            self._operations.move(
                job.id,
                ("ambiguous",),
                "ambiguous",
                now=self._now(),
                note={"looks": looks},
                due=due,
                fence=job.operation.fence,
            )
            return self._later(job)
        if not job.operation.note.get("resent"):
            return self._send(job, dialect, resent=True)
        return self._asked(job)
