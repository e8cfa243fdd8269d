"""What a new rule makes of a series as it stands: the plan that a person sees. Pure."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.event import Event, Related
from bot.domain.meeting import ParentModule
from bot.domain.participants import Kind, Participant
from bot.errors import Refused
from bot.journeys.meeting.compose import Preview, compose
from bot.journeys.meeting.draft import Draft, Sheet
from bot.journeys.meeting.outcomes import account_of
from bot.journeys.meeting.warnings import Note
from bot.journeys.series.endings import Ending, Item
from bot.journeys.series.opened import Opened
from bot.journeys.series.rule_plan import RulePlan
from bot.language import read, write, write_length, write_reminder

_REFERENCE = "ref parley-"


def planned_rule(
    draft_id: str,
    opened: Opened,
    repeats: str,
    ending: Ending,
    *,
    person_zone: str,
    invitations: bool,
    mail: bool,
    now: datetime,
) -> RulePlan:
    """Return what will happen: a new series made, and the old one ended.

    Where *repeats* names no end, it ends like the old one, if any date fits before that.

    Args:
        draft_id: Ours, of the draft of the new series.
        opened: The old series, and the occurrence whose title, people and so on are taken.
        repeats: How the new series repeats, in words.
        ending: How the old occurrences go.
        person_zone: The zone (IANA) whose wall clock the new series keeps.
        invitations: Whether the CRM mails invitations to the new series.
        mail: Whether it mails about cancelled old ones.
        now: Aware; relative words count from here.

    Raises:
        Refused: ``rule_over``, ``all_day_clock``, or why the words make no series.
    """
    event, old = opened.event, _coming(opened, now)
    zone = opened.days(person_zone)
    first = _draft(draft_id, opened, repeats, zone=zone, invitations=invitations, now=now)
    draft, preview, notes = _with_end(first, opened, old[-1], now)
    host = _host(opened)
    if host is not None:
        notes = (*notes, Note(code="host_changes", values=(("host", host.name),)))
    left = _left(opened, old)
    if left:
        notes = (*notes, Note(code="people_left", values=(("names", left),)))
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


def _coming(opened: Opened, now: datetime) -> tuple[Event, ...]:
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


def _draft(
    draft_id: str, opened: Opened, repeats: str, *, zone: str, invitations: bool, now: datetime
) -> Draft:
    """Return the draft of the new series: everything of the old one but how it repeats."""
    event, where = opened.event, ZoneInfo(zone)
    repeats, clock, length = _said(repeats, zone, now)
    if event.all_day and clock is not None:
        raise Refused("all_day_clock", field="repeats")
    lines = (event.description or "").splitlines()
    module = parent_module(event.related)
    return Draft(
        id=draft_id,
        asked_at=now,
        zone=zone,
        home=zone,
        sheet=Sheet(
            title=event.title,
            day=_coming(opened, now)[0].start.astimezone(where).date(),
            start=None if event.all_day else clock or event.start.astimezone(where).time(),
            length=write_length(length) if length else _length(event),
            repeats=repeats,
            all_day=event.all_day,
            people=_people(opened),
            venue=event.venue or "",
            reminders=", ".join(write_reminder(one) for one in event.reminders or ()),
            contact=event.contact,
            module=module,
            record=event.related.record if event.related and module else None,
            invitations=invitations,
            description="\n".join(one for one in lines if not one.startswith(_REFERENCE)),
        ),
    )


def _said(repeats: str, zone: str, now: datetime) -> tuple[str, time | None, timedelta | None]:
    """Return the rule in words, and the time of day and length where they were said beside it.

    Where anything else was said, the words are returned as they are, to be refused.
    """
    reading = read(repeats, now=now, tz=zone)
    beside = (
        reading.unsupported,
        # Which half of the day was taken is seen in the dates.
        [one for one in reading.doubts if one.code != "am_pm_assumed"],
        reading.title,
        reading.left_over,
        reading.people,
        reading.venue,
        reading.related,
        reading.reminders,
        reading.all_day,
    )
    if reading.rule is None or reading.start is None or reading.zone != zone or any(beside):
        return repeats, None, None
    day = reading.first_date or reading.start.date()
    rule = write(reading.rule, day)
    # A first date that rule and time alone don't give was said, too.
    if read(f"{reading.start:%H:%M} {rule}", now=now, tz=zone).first_date != day:
        return repeats, None, None
    return rule, reading.start.time(), reading.duration


def _people(opened: Opened) -> tuple[Participant, ...]:
    """Return whom the new series takes over: who makes it hosts it, so the old host takes part."""
    host, there = _host(opened), opened.event.participants
    if host is None or host.key in {one.key for one in there}:
        host = None
    # A participation id belongs to one occurrence of the old series.
    people = tuple(replace(one, participation_id=None) for one in there)
    return people if host is None else (*people, host)


def _left(opened: Opened, old: tuple[Event, ...]) -> str:
    """Return who takes part in some of the old ones, and not in the new series."""
    taken = {one.key for one in _people(opened)}
    each = (one for event in old for one in event.participants if one.key not in taken)
    return ", ".join({one.key: one.name for one in each}.values())


def _host(opened: Opened) -> Participant | None:
    """Return who hosts the old series; None where that is whoever asks, or isn't told."""
    host = opened.event.host
    if host is None or host.id == opened.grant.account.user_id:
        return None
    return Participant(kind=Kind.USER, ref=host.id, name=host.name)


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
