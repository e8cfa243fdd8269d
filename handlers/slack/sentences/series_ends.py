"""What a person reads before a meeting is cancelled or deleted, or repeats anew."""

from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from bot.journeys.meeting.warnings import Note
from bot.journeys.series.endings import Ending, Item, Removal
from bot.journeys.series.rule_plan import RulePlan
from handlers.slack.sentences import meet
from handlers.slack.sentences.series import few, related, singles
from handlers.slack.sentences.words import count, day, zone

CONFIRM_RULE = "Change how it repeats"
AGAIN = "Somebody changed the meeting in the CRM meanwhile. This is what would go now; confirm it again."
IRREVERSIBLE: Mapping[Ending, str] = {
    Ending.CANCEL: "Mails can't be taken back, and a cancelled meeting stays cancelled.",
    Ending.DELETE: "The meetings go from the CRM, and nobody is mailed.",
}

_NOTES: Mapping[str, str] = {
    "end_kept": "You named no end, so it ends like the old series. Name another end in “How it repeats”.",
    "end_proposed": "You named no end, so I proposed this one. Name another end in “How it repeats”.",
    "host_changes": "⚠ You will host the new series. {host}, who hosts this one, takes part in it.",
    "people_left": "⚠ In some of the old ones only, and so not in the new series: {names}. Add them with People.",
    "reminders_unread": "⚠ Its reminders can't be read, so the new series has none. Add them in the CRM.",
}


def removal(one: Removal, where: str) -> str:
    """Return what a removal takes away, as plain lines."""
    number = count(len(one.items), "meeting")
    act = "cancelled" if one.ending is Ending.CANCEL else "deleted"
    lines = [
        f"“{one.title}”: {number} will be {act}.",
        *_items(one.items, where, one.anew),
        *_clock(one.items, where),
    ]
    if one.ending is Ending.CANCEL:
        mails = "mails the participants" if one.mail else "mails nobody"
        lines.append(f"Your CRM {mails}.")
        if any(not item.invited for item in one.items):
            lines.append(
                "⚠ Your CRM cancels only meetings whose people were invited, and some of these "
                "weren't. Delete those instead."
            )
    return "\n".join([*lines, IRREVERSIBLE[one.ending]])


def removal_again(one: Removal, where: str, gone: int) -> str:
    """Return a removal that is shown again, *gone* of those shown before having gone."""
    verb = "is" if gone == 1 else "are"
    already = f" {count(gone, 'meeting')} {verb} gone or cancelled already." if gone else ""
    return f"{AGAIN}{already}\n{removal(one, where)}"


def _items(items: Sequence[Item], where: str, anew: Sequence[str] = ()) -> list[str]:
    place = ZoneInfo(where)
    return few(
        f"• {moment(one, place)}, {count(one.people, 'participant')}"
        f"{' ⚠ changed meanwhile' if one.event_id in anew else ''}"
        for one in items
    )


def _clock(items: Sequence[Item], where: str) -> list[str]:
    return [f"Times are {zone(where)}."] if any(one.day is None for one in items) else []


def moment(one: Item, place: ZoneInfo) -> str:
    """Return when an occurrence is, such as ``Sun 15 Mar 2026, 10:00``."""
    if one.day is not None:
        return f"{day(one.day)}, all day"
    at = one.start.astimezone(place)
    return f"{day(at)}, {at:%H:%M}"


def removal_button(one: Removal) -> str:
    """Return the words of the button that confirms a removal."""
    act = "Cancel" if one.ending is Ending.CANCEL else "Delete"
    number = len(one.items)
    return f"{act} it" if number == 1 else f"{act} {number} meetings"


def rule(plan: RulePlan, where: str) -> str:
    """Return what a change of the rule makes and what it takes away, as plain lines."""
    all_day = bool(plan.draft["sheet"]["all_day"])  # type: ignore[index]  # written by Draft.as_json
    lines = [
        f"“{plan.title}” will repeat {plan.sentence}: {count(len(plan.starts), 'meeting')}."
        if plan.sentence
        else f"“{plan.title}” will be held once.",
        *meet.dates(plan.starts, all_day=all_day),
        *map(_note, plan.notes),
        f"Then {count(len(plan.old), 'old meeting')} {_go(plan)}:",
        *_items(plan.old, where),
        *_clock(plan.old, where),
    ]
    if plan.singles:
        lines += [
            "⚠ Changed singly before; that is lost:",
            *singles(plan.singles, str(plan.draft["zone"])),
        ]
    lines.append(f"Your CRM mails {_mailed(plan)} the new series.")
    if plan.loses is not None:
        lines.append(f"⚠ The new series can't belong to {related(plan.loses)}. Add it in the CRM.")
    return "\n".join([*lines, "First the new series is made and compared, then the old one goes."])


def _note(one: Note) -> str:
    own = _NOTES.get(one.code)
    return own.format_map(dict(one.values)) if own else meet.note(one)


def _mailed(plan: RulePlan) -> str:
    if not plan.mailed:
        return "nobody about"
    return f"{'1 person' if plan.mailed == 1 else f'{plan.mailed} people'} an invitation to"


def _go(plan: RulePlan) -> str:
    verb = "is" if len(plan.old) == 1 else "are"
    if plan.ending is Ending.DELETE:
        return f"{verb} deleted"
    return f"{verb} cancelled, {'with' if plan.mail else 'without'} mails"
