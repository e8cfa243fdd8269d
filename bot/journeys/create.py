"""Create: one operation becomes the CRM's series, once, and what it made is compared.

The ladder after a lost answer: the operation is ambiguous and nothing is sent; after a
quiet period it is looked up by its marker, once more later, sent once more, looked up
again, and then the person is asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.crm.dialect import Dialect, series
from bot.crm.events import Events
from bot.domain.connection import Grant, Owner
from bot.domain.meeting import Meeting
from bot.errors import Ambiguous, Fault, Gone, NotConnected, ParleyError, Refused
from bot.journeys import ports
from bot.journeys.access import CrmAccess
from bot.journeys.compose import compose
from bot.journeys.draft import Draft
from bot.journeys.notices import Created
from bot.language import write

QUIET = timedelta(seconds=60)
"""A CRM may execute late: nothing is looked up before a minute has passed."""
SECOND_LOOK = timedelta(seconds=30)
LOOKS = 2
SLACK_OF_CLOCKS = timedelta(minutes=5)
SEVERAL_DAYS = "several_days"
"""The switch remembered of an organisation that refuses several days in one rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The CRM definitely made nothing: the form can be opened again."""

    error: ParleyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The answer was lost: looked up again in ``seconds``; ``first`` when just noticed."""

    seconds: float
    first: bool
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Looked up and sent again, and still nothing is known: the person decides."""

    title: str


Outcome = Created | Failed | Waiting | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    # One run over an operation: what it needs at every step.
    operation: ports.Operation
    grant: Grant
    draft: Draft
    meeting: Meeting

    @property
    def id(self) -> str:
        return self.operation.id

    def marker(self, part: int) -> str:
        return f"{self.id}-{part + 1}"


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
            case "sending":
                # Killed in between: nobody knows whether the CRM heard.
                return self._lost(job)
            case "ambiguous":
                return self._look(job)
            case "asked":
                return Unknown(title=job.meeting.title)
            case "failed":
                return Failed(error=Gone("draft"))
            case _:
                return self._verified(job)

    def again(self, operation_id: str, *, anyway: bool) -> None:
        """Follow the person's answer: look once more, or send it again (*anyway*)."""
        note = {"looks": LOOKS if anyway else LOOKS - 1, "resent": not anyway}
        self._operations.move(
            operation_id, ("asked",), "ambiguous", now=self._now(), note=note, due=self._now()
        )

    def _job(self, operation_id: str, owner: Owner) -> _Job:
        operation = self._operations.get(operation_id)
        stored = self._drafts.get(operation_id, owner)
        if operation is None or stored is None or operation.owner != owner:
            raise Gone("draft")
        grant = self._grants.get(operation.grant_id)
        if grant is None:
            raise NotConnected("revoked")
        draft = Draft.from_json(stored.data)
        preview = compose(draft, now=self._now()).preview
        if preview is None:
            raise Gone("draft")
        return _Job(operation=operation, grant=grant, draft=draft, meeting=preview.meeting)

    def _mode(self, job: _Job) -> Dialect:
        noted = job.operation.note.get(SEVERAL_DAYS) or self._organizations.switch(
            job.grant.account.org_id, SEVERAL_DAYS
        )
        return Dialect(several_days="series_per_day" if noted == "series_per_day" else "list")

    def _send(self, job: _Job, dialect: Dialect, **note: object) -> Outcome:
        parts = series(job.meeting, dialect)
        for number in range(len(self._operations.series(job.id)), len(parts)):
            self._operations.move(
                job.id,
                ("new", "sending", "ambiguous"),
                "sending",
                now=self._now(),
                note={SEVERAL_DAYS: dialect.several_days, "since": self._now().isoformat(), **note},
            )
            try:
                ids = self._create(job, parts[number], number, dialect)
            except (Ambiguous, Fault):
                # A success nobody can read is no failure: it is looked up like a lost answer.
                return self._lost(job)
            except Refused as error:
                if len(parts) == 1 and self._may_split(job, dialect, error):
                    return self._split(job)
                return self._refused(job, error)
            except ParleyError as error:
                return self._refused(job, error)
            self._operations.add_series(job.id, ids)
        self._operations.move(job.id, ("sending", "ambiguous"), "confirmed", now=self._now())
        return self._verified(job)

    def _create(self, job: _Job, part: Meeting, number: int, dialect: Dialect) -> tuple[str, ...]:
        return self._access.call(
            job.grant.id,
            lambda access: self._events.create(
                access, part, marker=job.marker(number), dialect=dialect
            ),
            now=self._now,
        )

    @staticmethod
    def _may_split(job: _Job, dialect: Dialect, error: Refused) -> bool:
        rule = job.meeting.recurrence
        several = rule is not None and len(rule.by_day) > 1
        return several and dialect.several_days == "list" and error.field == "repeats"

    def _split(self, job: _Job) -> Outcome:
        # Definitely refused, so nothing exists: the same operation goes on, a series a weekday.
        self._organizations.set_switch(
            job.grant.account.org_id, SEVERAL_DAYS, "series_per_day", self._now()
        )
        return self._send(job, Dialect(several_days="series_per_day"))

    def _refused(self, job: _Job, error: ParleyError) -> Outcome:
        if self._operations.series(job.id):
            # Some of its series stand: told as a difference, never made twice.
            note = {"refused": error.code}
            self._operations.move(job.id, ("sending",), "confirmed", now=self._now(), note=note)
            return self._verified(job)
        self._operations.move(job.id, ("sending",), "failed", now=self._now())
        return Failed(error=error)

    def _lost(self, job: _Job) -> Outcome:
        self._operations.move(
            job.id,
            ("sending",),
            "ambiguous",
            now=self._now(),
            note={"looks": 0},
            due=self._now() + QUIET,
        )
        return Waiting(seconds=QUIET.total_seconds(), first=True, title=job.meeting.title)

    def _look(self, job: _Job) -> Outcome:
        now, note, due = self._now(), job.operation.note, job.operation.due
        if due is not None and now < due:
            return Waiting(
                seconds=(due - now).total_seconds(), first=False, title=job.meeting.title
            )
        dialect = self._mode(job)
        number = len(self._operations.series(job.id))
        part = series(job.meeting, dialect)[number]
        since = datetime.fromisoformat(note["since"]) - SLACK_OF_CLOCKS
        found = self._access.call(
            job.grant.id,
            lambda access: self._events.find_marked(access, part, job.marker(number), since),
            now=self._now,
        )
        if found:
            self._operations.add_series(job.id, found)
            return self._send(job, dialect)
        return self._not_found(job, dialect, int(note.get("looks", 0)) + 1)

    def _not_found(self, job: _Job, dialect: Dialect, looks: int) -> Outcome:
        if looks < LOOKS:
            due = self._now() + SECOND_LOOK
            self._operations.move(
                job.id,
                ("ambiguous",),
                "ambiguous",
                now=self._now(),
                note={"looks": looks},
                due=due,
            )
            return Waiting(
                seconds=SECOND_LOOK.total_seconds(), first=False, title=job.meeting.title
            )
        if not job.operation.note.get("resent"):
            return self._send(job, dialect, resent=True)
        self._operations.move(job.id, ("ambiguous",), "asked", now=self._now())
        return Unknown(title=job.meeting.title)

    def _verified(self, job: _Job) -> Created:
        made = self._operations.series(job.id)
        ids = tuple(one for ids in made for one in ids)
        found = self._access.call(
            job.grant.id, lambda access: self._events.starts(access, ids), now=self._now
        )
        meeting = job.meeting
        where = ZoneInfo(meeting.zone)
        rule = meeting.recurrence
        people = meeting.participants
        self._drafts.finish(job.id)
        return Created(
            operation_id=job.id,
            title=meeting.title,
            sentence=write(rule, meeting.start.date()) if rule else "",
            starts=tuple(sorted(moment.astimezone(where) for moment in found.values())),
            all_day=meeting.all_day,
            people=tuple(one.name for one in people),
            outside=tuple(one.ref for one in people if one.outside),
            link=self._events.link(job.grant.tokens.api_origin, ids[0]) if ids else "",
            promised=meeting.occurrences(),
            series=len(made),
            sharable=job.draft.channel is not None,
        )
