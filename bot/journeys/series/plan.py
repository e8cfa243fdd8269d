"""A change as it is confirmed and kept, and what has become of each of its occurrences."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import msgspec

from bot.domain.change import SHARED, Aspect, Facets, Scope
from bot.domain.series import Single
from bot.domain.steps import Step
from bot.errors import ParleyError
from bot.journeys.meeting.draft import Objection


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A change, occurrence by occurrence.

    Attributes:
        anchor: The occurrence the person chose.
        scope: How far it reaches.
        zone: The zone (IANA) whose wall clock the change keeps.
        title: What the meeting is called now.
        link: Opens the anchor in the CRM.
        steps: Every occurrence within the scope, in date order, also those left as they are.
        singles: Changed singly before, and written over by this change.
        invitations: Whether the CRM mails the participants about it.
        account: Whose CRM account: organisation and user.
        undoes: The operation this one undoes.
        whole: Whether no occurrence within the scope was left out of the steps.
        past: How many are moved to a time that was past when it was planned.
    """

    anchor: str
    scope: Scope
    zone: str
    title: str
    link: str
    steps: tuple[Step, ...]
    singles: tuple[Single, ...] = ()
    invitations: bool = False
    account: tuple[str, ...] = ()
    undoes: str | None = None
    whole: bool = True
    past: int = 0

    @property
    def changing(self) -> tuple[Step, ...]:
        """The occurrences that become different."""
        return tuple(step for step in self.steps if step.aspects)

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """Everything that becomes different anywhere."""
        return tuple(one for one in Aspect if any(one in step.aspects for step in self.steps))

    @property
    def first(self) -> Step | None:
        """The anchor's step; None where it is no longer among them."""
        return next((step for step in self.steps if step.event_id == self.anchor), None)

    @property
    def spreads(self) -> bool:
        """Whether one write of the anchor is asked to reach all after it."""
        first = self.first
        return (
            self.scope is Scope.FOLLOWING
            and self.whole
            and len(self.changing) > 1
            and first is not None
            and any(one in SHARED for one in first.aspects)
        )

    @property
    def mailed(self) -> int:
        """How many people the CRM mails about it, each once."""
        people = {one.key for step in self.changing for one in step.target.people}
        return len(people) if self.invitations else 0

    def as_json(self) -> dict[str, object]:
        """Return the plan as plain JSON values."""
        plain: dict[str, object] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Plan":
        """Return the plan that ``as_json`` wrote."""
        return msgspec.convert(dict(data), cls)

    def fingerprint(self) -> str:
        """Return a digest of everything in it."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


class Fate(StrEnum):
    """What has become of one occurrence."""

    DONE = "done"
    """Read back, and as wanted."""
    WRITTEN = "written"
    """Accepted by the CRM, not read back yet."""
    OPEN = "open"
    """Not tried yet."""
    MEANWHILE = "meanwhile"
    """Somebody else changed it meanwhile; left as it is."""
    GONE = "gone"
    """No longer in the CRM."""
    REFUSED = "refused"
    """The CRM refused, see ``why``."""
    UNKNOWN = "unknown"
    """A run was cut off, and the CRM can't be asked."""
    NOT_TAKEN = "not_taken"
    """Accepted, but it doesn't stay as written."""


_DONE = (Fate.DONE, Fate.WRITTEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One occurrence of an operation.

    Attributes:
        event_id: Which.
        fate: What has become of it.
        why: The refusal, for its sentence.
        now: How it was last seen, where it was seen.
    """

    event_id: str
    fate: Fate
    why: Objection | None = None
    now: Facets | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What has become of every occurrence of an operation, in date order."""

    results: tuple[Result, ...]

    @property
    def done(self) -> tuple[Result, ...]:
        """Those that are as wanted, as far as the CRM says."""
        return tuple(one for one in self.results if one.fate in _DONE)

    @property
    def left(self) -> tuple[Result, ...]:
        """Those that are not."""
        return tuple(one for one in self.results if one.fate not in _DONE)

    @property
    def unknown(self) -> bool:
        """Whether it isn't known how far it got."""
        return any(one.fate is Fate.UNKNOWN for one in self.results)

    def as_json(self) -> dict[str, object]:
        """Return the report as plain JSON values."""
        plain: dict[str, object] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Report":
        """Return the report that ``as_json`` wrote."""
        return msgspec.convert(dict(data), cls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A change that waits for its confirmation: everything a preview shows."""

    operation_id: str
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Carried out and read back, wholly or in part (``report.left``).

    Attributes:
        operation_id: Which.
        plan: What was to become of each occurrence.
        report: What has.
        undo_until: Aware; until when it can be undone. None where it can't be.
    """

    operation_id: str
    plan: Plan
    report: Report
    undo_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAgain:
    """Somebody changed it meanwhile: confirm this merged preview instead.

    Attributes:
        prepared: Before and after as they are now; an operation of its own.
        report: What this operation has done already.
    """

    prepared: Prepared
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """Stopped half-way; ``again`` goes on where it stopped.

    Attributes:
        operation_id: Which.
        plan: What is to become of each occurrence.
        report: What has become of them so far.
        error: Why it stopped.
    """

    operation_id: str
    plan: Plan
    report: Report
    error: ParleyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Going:
    """Many occurrences: run it again at once, it goes on where it is.

    Attributes:
        done: How many are as wanted.
        total: Of how many.
    """

    done: int
    total: int


def merged_anew(plan: Plan, report: Report) -> Plan:
    """Return *plan* from how its occurrences were last seen: what is left, to be shown again.

    Of several, what somebody changed meanwhile, and the plan writes over, is among its
    singles; of one alone, its before says that.
    """
    left = {one.event_id: one for one in report.left}
    steps, singles = [], list(plan.singles)
    for step in plan.steps:
        found = left.get(step.event_id)
        if found is None or found.now is None:
            continue
        now = found.now
        over = tuple(one for one in step.aspects if one in SHARED and not now.same(step.base, one))
        if plan.scope is Scope.FOLLOWING and found.fate is Fate.MEANWHILE and over:
            singles = [one for one in singles if one.event_id != step.event_id]
            singles.append(
                Single(event_id=step.event_id, start=now.start, title=now.title, aspects=over)
            )
        steps.append(step.rebased(now))
    whole = plan.whole and len(steps) == len(plan.steps)
    return replace(plan, steps=tuple(steps), singles=tuple(singles), whole=whole)
