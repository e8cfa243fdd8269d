"""What a person reads before a meeting that stands is changed or ended."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from bot.domain.change import Aspect, Facets, Scope
from bot.domain.event import Event, Related
from bot.domain.participants import Participant
from bot.domain.series import Single
from bot.domain.steps import Step
from bot.errors import ParleyError
from bot.journeys.series.opened import Opened
from bot.journeys.series.plan import Plan
from bot.language import write_reminder
from handlers.slack.ids import Commands
from handlers.slack.meeting.fields import person_label
from handlers.slack.sentences import apologies, meet
from handlers.slack.sentences.words import count, day, names, zone

TITLE = "Meeting"
READING = "Reading the meeting in your CRM…"
PREPARING = "Looking at what that changes in your CRM…"
RUNNING = "Working… You can close this window: the answer also comes as a message."
ANSWERED = "That is answered already. Look at the newest message about it."
OFFER = "Slack's time for opening the meeting ran out. Press the button."
SERIES_READING = "Looking up the rest of its series…"
SERIES_UNREAD = "The rest of its series can't be read. {why}"
CHANGE, PEOPLE, REPEATS = "Change", "People", "How it repeats"
CANCEL, DELETE, LINK = "Cancel…", "Delete…", "Open in the CRM"
MOVE = "Or move it in words"
MOVE_HINT = "Such as “Tuesday 3pm” or “tomorrow”. It wins over the date and time above."
SCOPE = "Which meetings"
SCOPES: Mapping[Scope, str] = {
    Scope.ONE: "Only this one",
    Scope.FOLLOWING: "This and all after it",
}
MAIL = "Mails"
MAIL_CHANGE = "Mail the participants about it"
MAIL_NEW = "Mail invitations to the new series"
RULE_HINT = "In words, such as “every 2 weeks on Tuesday until 30 June” or “every Tuesday 3pm”."
RULE_ENDINGS: Mapping[str, str] = {
    "cancel_mail": "Cancel them, and mail the participants",
    "cancel": "Cancel them, without mails",
    "delete": "Delete them, without mails",
}
RULE_OLD = "The old meetings"
SHOW = "Show what changes"
SHOWN = 12
_ASPECTS: Mapping[Aspect, str] = {
    Aspect.TITLE: "Title",
    Aspect.TIME: "Time",
    Aspect.VENUE: "Place",
    Aspect.REMINDERS: "Reminders",
    Aspect.CONTACT: "About contact",
    Aspect.RECORD: "Belongs to",
    Aspect.PEOPLE: "People",
}
# Said elsewhere of a meeting that is being made.
_OWN: Mapping[str, str] = {
    "crm_unreachable": "Your CRM can't be reached just now; nothing more was written. Try again in a minute.",
    "crm_down": "Your CRM has a fault just now; nothing more was written. Try again in a minute.",
    "crm_slow": "Your CRM is slow to answer; nothing more was written. Try again in a minute.",
    "crm_limit": "Your CRM is busy and asks to wait; nothing more was written. Try again in a minute.",
    "crm_record": "That meeting is no longer in your CRM. List what is there with `{meet} list`.",
    "crm_permission": "Your CRM account may not do that. Ask your CRM administrator for the right to edit meetings.",
    "crm_refused": "Your CRM refused it ({crm_code}): {message}. Change it, and try again.",
    "crm_answer_lost": "The CRM's answer was lost, and looking it up brought no certainty. Look into the CRM, then choose.",
    "invitations_many": "You may mail at most {limit} people within 24 hours. Do it without mails.",
    "invitations_limit": "You may mail {limit} people within 24 hours; {left} more fit now, and all of these from {at}. Do it without mails, or then.",
    "already_modified": "Somebody changed it in the CRM meanwhile. Open the meeting again.",
    "revoked": "Your CRM no longer accepts this connection. Type `{crm} connect` to connect the same account again.",
    "record_locked": "That meeting is locked in your CRM. Unlock it there, and try again.",
    "duplicate": "Your CRM has one like it already ({message}). Change it, and try again.",
}


def sorry(error: ParleyError, commands: Commands) -> str:
    """Return the sentence of *error*, said of a meeting that stands, as plain text."""
    return said(error.code, error.values, type(error), commands)


def said(
    code: str, values: Mapping[str, object], kind: type[ParleyError], commands: Commands
) -> str:
    """Return the sentence of an error's code, said of a meeting that stands."""
    line = _OWN.get(code)
    if line is None:
        return apologies.sentence(code, values, kind, commands=commands)
    named: defaultdict[str, object] = defaultdict(lambda: "?", values)
    return line.format_map(named | {"meet": commands.meet, "crm": commands.crm})


def when(facets: Facets | Event, where: str) -> str:
    """Return when an occurrence is, on the clocks of the zone *where*."""
    start = facets.start.astimezone(ZoneInfo(where))
    return meet.span(start, facets.end - facets.start, all_day=facets.all_day)


def card(opened: Opened, where: str, rest: str | None) -> str:
    """Return a meeting as plain lines: when, its series, what, with whom.

    Args:
        opened: The meeting.
        where: The reader's zone (IANA).
        rest: Said in place of its series, where that isn't read.
    """
    event = opened.event
    lines = [when(event, where), f"Times are {zone(where)}."]
    if event.id in opened.series.cancelled:
        lines.append("It is cancelled.")
    if rest is None:
        lines += _series(opened, where)
    elif event.rule is not None:
        lines.append(rest)
    known = Facets.of(event)
    shown = (Aspect.VENUE, Aspect.REMINDERS, Aspect.CONTACT, Aspect.RECORD)
    lines += [f"{_ASPECTS[one]}: {value(known, one)}" for one in shown if _has(known, one)]
    people = [labelled(one) for one in event.participants]
    lines.append(f"With {names(people)}." if people else "Nobody else takes part.")
    return "\n".join(lines)


def _series(opened: Opened, where: str) -> list[str]:
    events = [one for one in opened.series.events if one.id not in opened.series.cancelled]
    if len(opened.series.events) < 2 or not events:
        return []
    first, last = (one.start.astimezone(ZoneInfo(where)) for one in (events[0], events[-1]))
    lines = [f"{count(len(events), 'meeting')} from {day(first)} to {day(last)}."]
    if opened.series.cancelled:
        lines.append(f"{len(opened.series.cancelled)} more cancelled.")
    if opened.singles:
        lines += ["Changed singly:", *singles(opened.singles, where)]
    return lines


def _has(facets: Facets, aspect: Aspect) -> bool:
    return bool(facets.value(aspect))


def singles(those: Sequence[Single], where: str) -> list[str]:
    """Return occurrences changed singly as lines: which, and in what."""
    return few(
        f"• {day(one.start.astimezone(ZoneInfo(where)))}: "
        + names([_differs(one, aspect) for aspect in one.aspects])
        for one in those
    )


def _differs(one: Single, aspect: Aspect) -> str:
    word = _ASPECTS[aspect].lower()
    return f"{word} “{one.title}”" if aspect is Aspect.TITLE else word


def few(lines: Iterable[str]) -> list[str]:
    """Return the first lines, and how many more there are."""
    every = list(lines)
    more = len(every) - SHOWN
    return [*every[:SHOWN], f"• … and {more} more"] if more > 0 else every


def value(facets: Facets, aspect: Aspect) -> str:
    """Return what an occurrence has of an aspect; not for its time or people."""
    match aspect:
        case Aspect.TITLE:
            text = f"“{facets.title}”"
        case Aspect.VENUE:
            text = facets.venue or ""
        case Aspect.REMINDERS:
            text = ", ".join(write_reminder(one) for one in facets.reminders or ())
        case Aspect.CONTACT:
            text = facets.contact.name if facets.contact else ""
        case _:
            text = related(facets.related)
    return text or "none"


def related(one: Related | None) -> str:
    """Return a record with its module, such as ``Deal Zylker``."""
    if one is None:
        return ""
    return f"{one.module.replace('_', ' ').removesuffix('s')} {one.record.name}"


def labelled(person: Participant) -> str:
    """Return a participant, marked where the CRM doesn't know them."""
    return person_label(person.name, person.kind, None) if person.outside else person.name


def change(plan: Plan) -> str:
    """Return the before and after of a change as plain lines."""
    changing = plan.changing
    lines = [f"“{plan.title}”: {count(len(changing), 'meeting')} will change."]
    lines += common(changing)
    if Aspect.TIME in plan.aspects:
        lines += few(moves(one, plan.zone) for one in changing if Aspect.TIME in one.aspects)
    else:
        lines += few(f"• {when(one.base, plan.zone)}" for one in changing)
    if Aspect.PEOPLE in plan.aspects:
        lines += people(changing, plan.zone)
    if plan.singles:
        lines += ["⚠ Changed singly before, and written over now:"]
        lines += singles(plan.singles, plan.zone)
    if plan.past:
        lines.append(f"⚠ {count(plan.past, 'meeting')} would be in the past.")
    lines.append(f"Times are {zone(plan.zone)}.")
    mails = "mails the participants" if plan.invitations else "mails nobody"
    return "\n".join([*lines, f"Your CRM {mails} about it."])


def moves(step: Step, where: str) -> str:
    """Return one occurrence's old and new time as a line."""
    return f"• {when(step.base, where)} → {when(step.target, where)}"


def common(changing: Sequence[Step]) -> list[str]:
    """Return each aspect's old and new value, once where all are alike."""
    lines = []
    for aspect in Aspect:
        if aspect in (Aspect.TIME, Aspect.PEOPLE):
            continue
        steps = [one for one in changing if aspect in one.aspects]
        befores = dict.fromkeys(value(one.base, aspect) for one in steps)
        afters = dict.fromkeys(value(one.target, aspect) for one in steps)
        if steps:
            lines.append(f"{_ASPECTS[aspect]}: {' / '.join(befores)} → {' / '.join(afters)}")
    return lines


def people(changing: Sequence[Step], where: str) -> list[str]:
    """Return who is added, kept and removed; apart where the occurrences differ."""
    groups: dict[tuple[str, ...], list[Step]] = {}
    for step in changing:
        groups.setdefault(tuple(_lists(step)), []).append(step)
    if len(groups) == 1:
        return list(next(iter(groups)))
    lines = []
    for shown, steps in groups.items():
        dates = [day(one.base.start.astimezone(ZoneInfo(where))) for one in steps]
        lines += [f"On {names(dates)}:", *shown]
    return lines


def _lists(step: Step) -> list[str]:
    said = (("Added", step.added), ("Kept", step.kept), ("Removed", step.removed))
    return [f"{word}: {names([labelled(one) for one in those])}" for word, those in said if those]


def change_button(plan: Plan) -> str:
    """Return the words of the button that confirms a change."""
    number = len(plan.changing)
    return "Change it" if number == 1 else f"Change {number} meetings"


def again(plan: Plan) -> str:
    """Return a merged preview, after somebody else's change."""
    return (
        "Somebody changed the meeting in the CRM meanwhile. This is how it would be now; "
        f"confirm it again.\n{change(plan)}"
    )
