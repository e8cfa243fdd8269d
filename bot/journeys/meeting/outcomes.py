"""What can become of an operation, and what one run over it needs to know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.crm.dialect import Dialect
from bot.domain.connection import Grant
from bot.domain.meeting import Meeting
from bot.errors import NotConnected, ParleyError, Refused, TryLater
from bot.journeys.meeting.draft import Draft, objection
from bot.journeys.notices import Created
from bot.journeys.ports import Operation
from bot.language import write


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
class Job:
    """One run over an operation: what it needs at every step.

    Attributes:
        operation: As it was when the run began.
        grant: With whose account; None where that was lost meanwhile.
        draft: What was submitted.
        meeting: What is to be made.
    """

    operation: Operation
    grant: Grant | None
    draft: Draft
    meeting: Meeting

    @property
    def id(self) -> str:
        """The operation's id."""
        return self.operation.id

    @property
    def grant_id(self) -> str:
        """The account to act with.

        Raises:
            NotConnected: ``revoked``.
        """
        if self.grant is None:
            raise NotConnected("revoked")
        return self.grant.id

    def marker(self, part: int) -> str:
        """Return what one of the operation's series is found by."""
        return f"{self.id}-{part + 1}"


def created(job: Job, *, series: int, starts: Iterable[datetime] | None, link: str) -> Created:
    """Return what is told of a meeting that stands.

    Args:
        job: The run.
        series: How many CRM series hold it.
        starts: As the CRM has them; None where it couldn't be asked.
        link: The CRM's page of the first one.
    """
    meeting = job.meeting
    rule = meeting.recurrence
    where = ZoneInfo(meeting.zone)
    promised = meeting.occurrences()
    read = promised if starts is None else tuple(sorted(one.astimezone(where) for one in starts))
    return Created(
        operation_id=job.id,
        title=meeting.title,
        sentence=write(rule, meeting.start.date()) if rule else "",
        starts=read,
        all_day=meeting.all_day,
        people=tuple(one.name for one in meeting.participants),
        outside=tuple(one.ref for one in meeting.participants if one.outside),
        link=link,
        promised=promised,
        series=series,
        sharable=job.draft.channel is not None,
        read_back=starts is not None,
    )


def failure(error: ParleyError) -> dict[str, object]:
    """Return what an operation notes of a refusal, so that a run after a kill says why."""
    why = objection(error)
    return {"failed": {"code": why.code, "field": why.place, "values": why.values}}


def why_failed(operation: Operation) -> ParleyError:
    """Return the refusal an operation noted."""
    kept = operation.note.get("failed")
    if kept is None:
        return TryLater("storage_busy")
    return Refused(kept["code"], field=kept["field"], **kept["values"])


def may_split(job: Job, dialect: Dialect, error: Refused) -> bool:
    """Say whether a refused list of weekdays can be made as one series a weekday."""
    rule = job.meeting.recurrence
    several = rule is not None and len(rule.by_day) > 1
    return several and dialect.several_days == "list" and error.field == "repeats"


def account_of(grant: Grant) -> list[str]:
    """Return whose CRM account a grant is for, to be noted."""
    return [grant.account.org_id, grant.account.user_id]
