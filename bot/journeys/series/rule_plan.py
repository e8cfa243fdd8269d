"""A change of how a series repeats, as it is confirmed and kept, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from bot.domain.event import Event, Related
from bot.domain.meeting import ParentModule
from bot.domain.series import Single
from bot.errors import ParleyError, Refused
from bot.journeys.meeting.compose import Preview, compose
from bot.journeys.meeting.draft import Draft, Sheet
from bot.journeys.meeting.outcomes import Failed, Waiting, account_of
from bot.journeys.meeting.warnings import Note
from bot.journeys.notices import Created
from bot.journeys.series.endings import Ending, Item
from bot.journeys.series.opened import Opened
from bot.journeys.series.plan import Fate, Report, Result
from bot.language import write_length, write_reminder

_REFERENCE = "ref parley-"


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
    told = {one.event_id: one for one in known if not begun or one.fate is Fate.DONE}
    fate = Fate.UNKNOWN if begun else Fate.OPEN
    each = (told.get(one.event_id) or Result(event_id=one.event_id, fate=fate) for one in plan.old)
    return Report(results=tuple(each))


def old_is_whole(note: Mapping[str, object]) -> bool:
    """Say whether no old occurrence is known to be gone."""
    kept = note.get("report")
    return not (isinstance(kept, Mapping) and Report.from_json(kept).done)


def coming(opened: Opened, now: datetime) -> tuple[Event, ...]:
    """Return the occurrences that a new rule replaces: from the anchor on, not yet begun.

    Raises:
        Refused: ``rule_over`` where there are none.
    """
    found = tuple(
        one for one in opened.following if one.start > now and one.id not in opened.series.cancelled
    )
    if not found:
        raise Refused("rule_over")
    return found


def draft_of(
    draft_id: str, opened: Opened, repeats: str, *, zone: str, invitations: bool, now: datetime
) -> Draft:
    """Return the draft of the new series: everything of the old one but how it repeats.

    Args:
        draft_id: Ours.
        opened: The old series, and the occurrence whose title, people and so on are taken.
        repeats: How the new series repeats, in words.
        zone: The zone (IANA) whose wall clock it keeps.
        invitations: Whether the CRM mails invitations.
        now: Aware; relative words count from here.

    Raises:
        Refused: ``rule_over``.
    """
    event, where = opened.event, ZoneInfo(zone)
    start = event.start.astimezone(where)
    lines = (event.description or "").splitlines()
    module = parent_module(event.related)
    return Draft(
        id=draft_id,
        asked_at=now,
        zone=zone,
        home=zone,
        sheet=Sheet(
            title=event.title,
            day=coming(opened, now)[0].start.astimezone(where).date(),
            start=None if event.all_day else start.time(),
            length=_length(event),
            repeats=repeats,
            all_day=event.all_day,
            # A participation id belongs to one occurrence of the old series.
            people=tuple(replace(one, participation_id=None) for one in event.participants),
            venue=event.venue or "",
            reminders=", ".join(write_reminder(one) for one in event.reminders or ()),
            contact=event.contact,
            module=module,
            record=event.related.record if event.related and module else None,
            invitations=invitations,
            description="\n".join(one for one in lines if not one.startswith(_REFERENCE)),
        ),
    )


def rule_plan(
    draft: Draft, opened: Opened, ending: Ending, *, mail: bool, now: datetime
) -> RulePlan:
    """Return what will happen: the new series of *draft* made, the old one ended.

    Where *draft* names no end, it ends like the old one, if any date fits before that.

    Raises:
        Refused: Why *draft* makes no series.
    """
    event, old = opened.event, coming(opened, now)
    draft, preview, notes = _with_end(draft, opened, old[-1], now)
    if event.reminders is None:
        notes = (*notes, Note(code="reminders_unread"))
    gone = {one.id for one in old}
    return RulePlan(
        anchor=event.id,
        title=event.title,
        link=event.link,
        ending=ending,
        mail=mail and ending is Ending.CANCEL,
        old=tuple(Item.of(one, crm_zone=opened.grant.account.zone) for one in old),
        singles=tuple(one for one in opened.singles if one.event_id in gone),
        loses=event.related if parent_module(event.related) is None else None,
        sentence=preview.sentence,
        starts=preview.starts,
        notes=notes,
        draft=draft.as_json(),
        mailed=len(preview.meeting.participants) if preview.meeting.invitations else 0,
        account=tuple(account_of(opened.grant)),
        length=preview.meeting.duration,
        seen=max(one.modified_at for one in (event, *old)),
    )


def _with_end(
    draft: Draft, opened: Opened, last: Event, now: datetime
) -> tuple[Draft, Preview, tuple[Note, ...]]:
    crm_zone = opened.grant.account.zone
    composed = compose(draft, now=now, crm_zone=crm_zone)
    preview = composed.preview
    if preview is None:
        raise composed.errors[0]
    if all(one.code != "end_proposed" for one in preview.notes):
        return draft, preview, preview.notes
    until = last.start.astimezone(ZoneInfo(draft.zone)).date()
    repeats = f"{draft.sheet.repeats} until {until.isoformat()}"
    ended = replace(draft, sheet=replace(draft.sheet, repeats=repeats))
    kept = compose(ended, now=now, crm_zone=crm_zone).preview
    if kept is None:
        return draft, preview, preview.notes
    return ended, kept, (*kept.notes, Note(code="end_kept"))


def parent_module(related: Related | None) -> ParentModule | None:
    """Return the module a new meeting may belong to; None for any other."""
    known = {one.value: one for one in ParentModule}
    return known.get(related.module) if related else None


def _length(event: Event) -> str:
    if event.all_day:
        days = max(1, round((event.end - event.start).total_seconds() / 86_400))
        return "1 day" if days == 1 else f"{days} days"
    return write_length(event.end - event.start)
