"""What a wish makes of a meeting as it stands: the plan that a person sees. Pure."""

from dataclasses import replace
from datetime import datetime

from bot.domain.change import Aspect, ChangeSet, Scope
from bot.domain.event import Event
from bot.domain.steps import steps
from bot.journeys.meeting.outcomes import account_of
from bot.journeys.series.opened import Opened
from bot.journeys.series.plan import Plan


def planned(
    opened: Opened, change: ChangeSet, scope: Scope, *, person_zone: str, now: datetime
) -> Plan:
    """Return what *change* makes of the opened meeting.

    Args:
        opened: The meeting, with its series where the change reaches further.
        change: What is wanted.
        scope: How far it reaches; behind the chosen one, to none that is cancelled.
        person_zone: The zone (IANA) whose wall clock ``change`` speaks of and keeps.
        now: Aware.

    Raises:
        Refused: What ``ChangeSet.target`` refuses.
    """
    events = _reached(opened, scope)
    where = opened.days(person_zone)
    plan = Plan(
        anchor=opened.event.id,
        scope=scope,
        zone=where,
        title=opened.event.title,
        link=opened.event.link,
        steps=steps(events, change, anchor=opened.event, where=where),
        invitations=change.invitations,
        account=tuple(account_of(opened.grant)),
        whole=len(events) == len(opened.following),
    )
    over = {step.event_id: set(step.aspects) - {Aspect.PEOPLE} for step in plan.changing}
    lost = (one for one in opened.singles if over.get(one.event_id, set()) & set(one.aspects))
    moved = (step for step in plan.changing if step.base.start != step.target.start)
    # A meeting of a whole day is past when the day is.
    past = sum((one.target.end if one.target.all_day else one.target.start) < now for one in moved)
    return replace(plan, singles=tuple(lost), past=past)


def _reached(opened: Opened, scope: Scope) -> tuple[Event, ...]:
    if scope is Scope.ONE:
        return (opened.event,)
    cancelled = opened.series.cancelled - {opened.event.id}
    return tuple(one for one in opened.following if one.id not in cancelled)
