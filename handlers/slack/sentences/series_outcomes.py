"""What a person reads after a meeting that stands was changed or ended, or was to be."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.domain.change import Aspect
from bot.domain.event import Event
from bot.errors import Refused
from bot.journeys.series.endings import Ending, Item, Removed
from bot.journeys.series.opened import Opened
from bot.journeys.series.plan import Changed, Fate, Plan, Report, Result
from bot.journeys.series.rule_plan import Reruled, RulePlan, Stage, Standing
from handlers.slack.ids import Commands
from handlers.slack.sentences import meet
from handlers.slack.sentences.series import (
    common,
    few,
    labelled,
    moves,
    people,
    said,
    singles,
    sorry,
    when,
)
from handlers.slack.sentences.series_ends import moment
from handlers.slack.sentences.words import count, names

UNDO, GO_ON, GO_BACK, OPEN = "Undo", "Go on", "Go back", "Open"
LOOK_AGAIN, ANYWAY = "Look again", "Create anyway"
DELETE_INSTEAD = "Delete instead"
GOING = "Working… {done} of {total} meetings are done."
FAILED = "“{title}” wasn't changed. {why}"
NOT_ENDED: Mapping[Ending, str] = {
    Ending.CANCEL: "“{title}” wasn't cancelled. {why}",
    Ending.DELETE: "“{title}” wasn't deleted. {why}",
}
WAITING = (
    "The CRM's answer to the new series of “{title}” was lost. I am looking up whether it was "
    "made; nothing is sent twice. I tell you in a few minutes."
)
NONE_LEFT = "“{title}” is no longer in your CRM."
BY = "Changed by <@{user}>, {at}."
WENT_BACK = "“{title}” is as it was: the new series is gone, the old one stays."
_FATES: Mapping[Fate, str] = {
    Fate.WRITTEN: "written, not compared yet",
    Fate.OPEN: "not done",
    Fate.MEANWHILE: "changed by somebody else meanwhile",
    Fate.GONE: "no longer in the CRM",
    Fate.REFUSED: "refused",
    Fate.UNKNOWN: "not known",
    Fate.NOT_TAKEN: "taken by your CRM, but not kept",
}
_STAGES: Mapping[Stage, str] = {
    Stage.CREATING: "The old series of “{title}” is untouched. The new one isn't known to be there.",
    Stage.REMOVING: "The new series of “{title}” is in your CRM. Of the old one, {left} still there.",
    Stage.BACK: "The old series of “{title}” is untouched. The new one isn't wholly gone yet.",
}


def changed(one: Changed, commands: Commands) -> str:
    """Return what a change has changed, occurrence by occurrence, and what it couldn't."""
    plan, place = one.plan, one.plan.zone
    done = {result.event_id for result in one.report.done}
    steps = [step for step in plan.changing if step.event_id in done]
    word = "as before" if plan.undoes else "changed"
    title = steps[0].target.title if steps else plan.title
    lines = [f"“{title}” is {word}: {count(len(steps), 'meeting')}.", *common(steps)]
    if Aspect.TIME in plan.aspects:
        lines += few(moves(step, place) for step in steps if Aspect.TIME in step.aspects)
    else:
        lines += few(f"• {when(step.target, place)}" for step in steps)
    if Aspect.PEOPLE in plan.aspects:
        lines += people(steps, place)
    return "\n".join([*lines, *_left_of(plan, one.report, commands)])


def _left_of(plan: Plan, report: Report, commands: Commands) -> list[str]:
    starts = {step.event_id: when(step.base, plan.zone) for step in plan.steps}
    return left(report, starts, commands)


def left(report: Report, starts: Mapping[str, str], commands: Commands) -> list[str]:
    """Return the occurrences that aren't as wanted, each with its reason; none for none."""
    if not report.left:
        return []
    return [
        "⚠ Not done:",
        *few(f"• {starts.get(one.event_id, '?')}: {_why(one, commands)}" for one in report.left),
    ]


def _why(one: Result, commands: Commands) -> str:
    if one.why is None:
        return _FATES[one.fate]
    return said(one.why.code, one.why.values, Refused, commands)


def stopped(plan: Plan, report: Report, why: str, commands: Commands) -> str:
    """Return where a change stands that stopped half-way."""
    lines = [f"The change of “{plan.title}” stopped: {_progress(report)}. {why}"]
    if not report.unknown:
        lines += _left_of(plan, report, commands)
    return "\n".join([*lines, "Press Go on to do the rest."])


def _progress(report: Report) -> str:
    all_of_them = count(len(report.results), "meeting")
    if report.unknown and len(report.results) == 1:
        return "whether it is done isn't known"
    if report.unknown and report.done:
        return f"at least {len(report.done)} of {all_of_them} done"
    if report.unknown:
        return f"how many of its {all_of_them} are done isn't known"
    return f"{len(report.done)} of {all_of_them} done"


def removed(one: Removed, where: str, commands: Commands) -> str:
    """Return what has gone, and what couldn't."""
    act = "cancelled" if one.removal.ending is Ending.CANCEL else "deleted"
    lines = [f"“{one.removal.title}”: {count(len(one.report.done), 'meeting')} {act}."]
    return "\n".join([*lines, *left(one.report, starts_of(one.removal.items, where), commands)])


def starts_of(items: tuple[Item, ...], where: str) -> dict[str, str]:
    """Return the occurrences' starts by their ids, on the clocks of *where*."""
    return {one.event_id: moment(one, ZoneInfo(where)) for one in items}


def removal_stopped(title: str, report: Report, why: str) -> str:
    """Return where a removal stands that stopped half-way."""
    return f"Ending “{title}” stopped: {_progress(report)}. {why}\nPress Go on to do the rest."


def reruled(one: Reruled) -> str:
    """Return the new series, and that the old one is gone."""
    number = len(one.plan.old)
    old = f"{count(number, 'old meeting')} {'is' if number == 1 else 'are'} gone"
    return f"{meet.created(one.created)}\nIts {old}."


def standing(one: Standing, where: str, commands: Commands) -> str:
    """Return which of the two series is whole, and why it stopped."""
    remaining = len(one.report.left)
    those = f"{count(remaining, 'meeting')} {'is' if remaining == 1 else 'are'}"
    if one.report.unknown:
        those = f"at most {those}"
    lines = [
        _STAGES[one.stage].format(title=one.plan.title, left=those),
        sorry(one.error, commands),
    ]
    if one.stage is Stage.REMOVING and one.report.done and not one.report.unknown:
        lines += left(one.report, starts_of(one.plan.old, where), commands)
    if one.created is not None and one.created.differs:
        lines += meet.difference(one.created)
    return "\n".join([*lines, _choice(one)])


def only_delete(one: Standing) -> bool:
    """Say whether the old meetings can go only by being deleted."""
    return one.error.code in {"cancel_uninvited", "cancel_over", "cancelled_already"}


def _choice(one: Standing) -> str:
    if one.unknown:
        return "Look again, or create it anyway if you don't find it in the CRM."
    if only_delete(one):
        return "Delete them instead, or go back to keep the old series."
    if one.can_go_back and one.stage is not Stage.BACK:
        return "Press Go on to end the old series, or Go back to keep it."
    return "Press Go on to do the rest."


def rule_failed(plan: RulePlan, why: str) -> str:
    """Return that the old series stays as it is."""
    return f"How “{plan.title}” repeats wasn't changed; its meetings stay. {why}"


def stands(opened: Opened, where: str) -> str:
    """Return the present state of a meeting that Parley made, in the zone *where*."""
    held = [one for one in opened.series.events if one.id not in opened.series.cancelled]
    if not held:
        return f"“{opened.event.title}” is cancelled."
    zone = opened.days(where)
    titles = list(dict.fromkeys(f"“{one.title}”" for one in _usual(opened, held, Aspect.TITLE)))
    verb = "is" if len(titles) == 1 else "are"
    place, all_day = ZoneInfo(zone), held[0].all_day
    lines = [
        f"{names(titles)} {verb} in your CRM: {count(len(held), 'meeting')}.",
        *meet.dates([one.start.astimezone(place) for one in held], all_day=all_day),
    ]
    people = _usual(opened, held, Aspect.PEOPLE)[0].participants
    venue = _usual(opened, held, Aspect.VENUE)[0].venue
    if people:
        lines.append(f"With {names([labelled(one) for one in people])}.")
    if venue:
        lines.append(f"Place: {venue}")
    ahead = {one.id for one in held}
    different = [one for one in opened.singles if one.event_id in ahead]
    if different:
        lines += ["Changed singly:", *singles(different, zone)]
    return "\n".join(lines)


def _usual(opened: Opened, held: list[Event], aspect: Aspect) -> list[Event]:
    """Return those of *held* that are like most of their series in *aspect*; else all."""
    odd = {one.event_id for one in opened.singles if aspect in one.aspects}
    return [one for one in held if one.id not in odd] or held
