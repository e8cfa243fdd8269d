"""A change of how a series repeats, as it is confirmed and kept, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from bot.domain.event import Related
from bot.domain.series import Single
from bot.errors import ParleyError
from bot.journeys.meeting.outcomes import Failed, Waiting, why_failed
from bot.journeys.meeting.warnings import Note
from bot.journeys.notices import Created
from bot.journeys.series.endings import Ending, Item
from bot.journeys.series.plan import Fate, Report, Result
from bot.journeys.series.ports import KeptOperation


class Stage(StrEnum):
    """What a change of the rule is at; at each stage one of the two series is whole."""

    CREATING = "creating"
    """The old series is whole; the new one is being made, or nobody knows."""
    REMOVING = "removing"
    """The new series is whole; the old one is being taken away."""
    BACK = "back"
    """The old series is whole; the new one is being taken away again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePlan:
    """What will happen once it is confirmed: first the new series, then the old one's end.

    Attributes:
        anchor: The occurrence the person chose.
        title: What the meeting is called.
        link: Opens the anchor in the CRM.
        ending: How the old occurrences go.
        mail: Whether the CRM mails the participants of cancelled ones.
        old: The occurrences that go: from the anchor on, those not yet begun.
        singles: Those among them that were changed singly: their changes are lost.
        loses: The record the new series can't belong to; None where nothing is lost.
        sentence: How the new series repeats, in words.
        starts: Every start of the new series.
        notes: What else to see in the new series.
        draft: The new series, as it is handed to creating.
        mailed: How many people the CRM mails an invitation to it.
        account: Whose CRM account: organisation and user.
        length: How long each of the new series lasts.
        seen: Aware; when the last of the old series was changed, as the person saw it.
    """

    anchor: str
    title: str
    link: str
    ending: Ending
    mail: bool
    old: tuple[Item, ...]
    singles: tuple[Single, ...]
    loses: Related | None
    sentence: str
    starts: tuple[datetime, ...]
    notes: tuple[Note, ...]
    draft: dict[str, object]
    mailed: int
    account: tuple[str, ...]
    seen: datetime
    length: timedelta = timedelta(0)

    def as_json(self) -> dict[str, object]:
        """Return the plan as plain JSON values."""
        plain: dict[str, object] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "RulePlan":
        """Return the plan that ``as_json`` wrote."""
        return msgspec.convert(dict(data), cls)


@dataclass(frozen=True, slots=True, kw_only=True)
class RulePrepared:
    """A change of the rule that waits for its confirmation."""

    operation_id: str
    plan: RulePlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Reruled:
    """The new series stands, the old occurrences are gone."""

    operation_id: str
    plan: RulePlan
    created: Created
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Stopped between the two series; the person says how it goes on.

    Attributes:
        operation_id: Which.
        plan: What was confirmed.
        stage: What it was at.
        created: The new series; None where it isn't, or isn't known to be, there.
        report: What has become of the old occurrences.
        error: Why it stopped.
        unknown: The new series may or may not be there: look again, or make it anyway.
        can_go_back: Whether the old series is still whole.
    """

    operation_id: str
    plan: RulePlan
    stage: Stage
    created: Created | None
    report: Report
    error: ParleyError
    unknown: bool
    can_go_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WentBack:
    """The old series is as it was, the new one is gone."""

    operation_id: str
    plan: RulePlan


RuleOutcome = Reruled | Standing | WentBack | Waiting | Failed


def created_from(note: Mapping[str, object]) -> Created | None:
    """Return the new series an operation noted."""
    kept = note.get("created")
    return None if kept is None else msgspec.convert(kept, Created)


def old_report(note: Mapping[str, object], plan: RulePlan) -> Report:
    """Return what an operation noted of the old occurrences."""
    kept, begun = note.get("report"), bool(note.get("begun"))
    known = Report.from_json(kept).results if isinstance(kept, Mapping) else ()
    # Of a run that was cut off, only what had gone before is known.
    sure = {one.event_id: one for one in known if not begun or one.fate is Fate.DONE}
    fate = Fate.UNKNOWN if begun else Fate.OPEN
    each = (sure.get(one.event_id) or Result(event_id=one.event_id, fate=fate) for one in plan.old)
    return Report(results=tuple(each))


def old_is_whole(note: Mapping[str, object]) -> bool:
    """Say whether no old occurrence is known to be gone."""
    kept = note.get("report")
    return not (isinstance(kept, Mapping) and Report.from_json(kept).done)


def told(kept: KeptOperation) -> RuleOutcome:
    """Return what an operation that has ended, or waits for the person, tells."""
    plan, note = RulePlan.from_json(kept.body), kept.note
    if kept.state == "failed":
        if note.get("went_back"):
            return WentBack(operation_id=kept.id, plan=plan)
        return Failed(error=why_failed(kept))
    created, report = created_from(note), old_report(note, plan)
    if kept.state == "confirmed" and created is not None:
        return Reruled(operation_id=kept.id, plan=plan, created=created, report=report)
    return Standing(
        operation_id=kept.id,
        plan=plan,
        stage=Stage(note.get("stage", Stage.CREATING)),
        created=created,
        report=report,
        error=why_failed(kept),
        unknown=bool(note.get("unknown")),
        can_go_back=old_is_whole(note),
    )
