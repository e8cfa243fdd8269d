"""What a person reads while scheduling: labels, doubts, notes, dates, results."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.meeting import ParentModule
from bot.domain.participants import Kind
from bot.journeys.meeting.compose import Preview
from bot.journeys.meeting.draft import Place
from bot.journeys.meeting.warnings import Note
from bot.journeys.notices import Created
from handlers.slack.sentences.doubts import reading
from handlers.slack.sentences.words import count, day, names, zone

SHOWN_DATES = 5
FORM_TITLE = "Schedule a meeting"
WORKING = "Working… I am asking your CRM to make this. You can close this window: the answer also comes as a message."

LABELS: Mapping[str, str] = {
    "title": "Title",
    "day": "Date",
    "start": "Starts at",
    "length": "Ends at or lasts",
    "repeats": "Repeats",
    "all_day": "All day",
    "people": "People",
    "venue": "Place",
    "reminders": "Reminders",
    "contact": "About contact",
    "module": "Belongs to",
    "record": "Record",
    "invitations": "Invitations",
    "description": "Description",
}
HINTS: Mapping[str, str] = {
    "length": "Such as 45 min, 1h30 or until 11:30.",
    "repeats": "In words, such as “every other Sunday until 15 March”. Empty: held once. Press Enter to see the dates.",
    "reminders": "Such as “15 min before, 1 day before at 9:00”. A series reminds 15 minutes before if you leave this empty.",
    "people": "Type two letters of a name, or a whole e-mail address.",
}
KINDS: Mapping[Kind, str] = {
    Kind.USER: "CRM user",
    Kind.CONTACT: "contact",
    Kind.LEAD: "lead",
    Kind.EMAIL: "outside the CRM",
}
MODULES: Mapping[ParentModule, str] = {
    module: module.value.replace("_", " ").removesuffix("s") for module in ParentModule
}

NOTES: Mapping[str, str] = {
    "first_moved": "The first date that fits is {to}, so it starts there instead of {from}.",
    "end_proposed": "You named no end, so I proposed this one. Change it in “Repeats”.",
    "past": "This starts in the past.",
    "short_months": "Months without a day {day} are left out. Write “on the 28th” or “on the last Friday” to meet in every month.",
    "maybe_split": "If your CRM can't keep several days in one series, I make {series} series, one a weekday.",
    "zone_differs": "Your CRM account is in {crm}, this meeting in {zone}, and their clocks change on different dates: "
    "after creating I compare the real times and tell you of any difference.",
    "day_differs": "In {crm}, where your CRM account is, this falls on another day, and your CRM may count the days there: "
    "after creating I compare the real dates and tell you of any difference.",
}
LEFT_OUT = "Leave out"
LEFT_OVER = "I didn't understand {words}, so it isn't in the meeting. Add it where it belongs."
CHANGING = "To change, move or cancel a meeting that stands, close this and type `{meet} list`."
CHANGES = frozenset({"cancel", "reschedule", "move", "postpone", "delete", "change"})
"""Words that begin a request about a meeting that stands, or a title."""
NEAREST = "The CRM can do one of these. Pick one, or say it differently in “Repeats”."
DOUBT_CHOICE = "Choose"
LOOKING_UP = "Looking up {names}…"
WHO = "Who or what is “{name}”?"
SEVERAL = "Choose the one you mean."
UNASKED = "I couldn't ask about it just now. Leave it out, or pick it in its field by hand."
NOBODY: Mapping[Place, str] = {
    Place.PEOPLE: "I found nobody of that name in the CRM. Leave it out, or pick somebody under “People”.",
    Place.CONTACT: "I found no contact of that name in the CRM. Leave it out, or pick one under “About contact”.",
    Place.RECORD: "I found nothing of that name in the CRM. Leave it out, or pick it under “Record”.",
}
ZONE_HINT = "Time zone: {zone}."
CLOCKS = "Times are {zone}. On your own clock: {dates}"
DEMANDED_ELSEWHERE = (
    "Your CRM also demands “{label}”, which can't be asked here. Add it in the CRM."
)
SHOW_DATES = "Show the dates"
MORE = "More options"
FEWER = "Fewer options"
NO_MODULE = "Nothing"
NO_DATES = "The dates appear here."
CHANGED = (
    "You changed the form after its dates were shown. Look at them below, then press Create again."
)
ALREADY = "This form was already sent. The answer comes as a message from Parley."
UNSURE = (
    "The CRM's answer was lost. I am looking up whether it made the meeting, and send nothing "
    "twice. You can close this window: the answer comes as a message in a few minutes."
)
OPEN_FORM = "Your request is kept, but Slack's time for opening its form ran out. Press the button."
ASKED = (
    "I couldn't find out whether your CRM made “{title}”: its answer was lost, and looking it up "
    "brought no certainty. Look into the CRM, then choose."
)
UNSURE_NOTICE = (
    "The CRM's answer to “{title}” was lost. I am looking up whether it was made; nothing is sent "
    "twice. I tell you in a few minutes."
)
NOT_READ_BACK = "⚠ These are the dates you were shown: your CRM made it, but doesn't let me read them back. Look at them there."
NOT_CREATED = "“{title}” was not created. {why}"
HELP = (
    "*Schedule a meeting in your own words*\n"
    "• `{meet} Pipeline review every other Sunday 10-11am with @colleague and lead: Carissa Kidman until Mar 15`\n"
    "• `{meet} QBR 2nd Tuesday of every month 2pm-4pm contact: Sam Okafor venue: Board Room 2`\n"
    "• `{meet} Renewal check-in on the 14th of every 2 months at 11:00 for 30m with jane@example.com account: Zylker`\n"
    "• `{meet} list next week`: your meetings, to change, move or cancel\n"
    "Nothing is written before you have seen the real dates and pressed Create. "
    "Type `{meet}` alone for an empty form, or `{crm} connect` to link your CRM account first."
)


def note(one: Note) -> str:
    """Return the sentence for something to see beside the dates."""
    return NOTES[one.code].format(**{name: reading(value) for name, value in one.values})


def span(start: datetime, length: timedelta, *, all_day: bool) -> str:
    """Return one occurrence, such as ``Sun 15 Mar 2026, 10:00-11:00``."""
    if all_day:
        # In whole days: one with a change of clocks has 23 or 25 hours.
        last = start + timedelta(days=round(length / timedelta(days=1)) - 1)
        return f"{day(start)}{f' to {day(last)}' if last > start else ''}, all day"
    end = start + length
    if end.date() != start.date():
        return f"{day(start)}, {start:%H:%M} to {day(end)}, {end:%H:%M}"
    return f"{day(start)}, {start:%H:%M}-{end:%H:%M}"


def create_button(number: int) -> str:
    """Return the submit button's words; at most 24 characters (Slack, views)."""
    return "Create" if number == 1 else f"Create {number} meetings"


def preview(one: Preview) -> str:
    """Return the preview as plain lines: sentence, first dates, how many, the end, notes."""
    meeting = one.meeting
    lines = [f"{one.sentence[0].upper()}{one.sentence[1:]}"] if one.sentence else []
    lines += [
        f"• {span(start, meeting.duration, all_day=meeting.all_day)}"
        for start in one.starts[:SHOWN_DATES]
    ]
    if one.count > SHOWN_DATES:
        lines.append(f"• … and {one.count - SHOWN_DATES} more")
    if one.count > 1:
        lines.append(f"{count(one.count, 'meeting')}, the last on {day(one.starts[-1])}.")
    lines.append(f"Times are {zone(meeting.zone)}.")
    return "\n".join([*lines, *(note(two) for two in one.notes)])


def warning(one: Preview) -> str:
    """Return what to read before the second click."""
    guests = len(one.meeting.participants)
    people = f" for {count(guests, 'guest')}" if guests else ""
    return (
        f"This writes {count(one.count, 'meeting')}{people} into the CRM"
        f"{' and mails them' if one.meeting.invitations and guests else ''}. "
        "Press Create once more if that is right."
    )


def dates(starts: Sequence[datetime], *, all_day: bool) -> list[str]:
    """Return the first dates as lines, and how many more there are."""
    shown = [
        f"• {day(start)}" if all_day else f"• {day(start)}, {start:%H:%M}"
        for start in starts[:SHOWN_DATES]
    ]
    more = len(starts) - SHOWN_DATES
    return [*shown, f"• … and {more} more"] if more > 0 else shown


def created(one: Created) -> str:
    """Return what was made, as plain lines."""
    rule = f" {one.sentence[0].upper()}{one.sentence[1:]}." if one.sentence else ""
    split = f" in {one.series} series" if one.series > 1 else ""
    made = count(len(one.starts), "meeting")
    lines = [
        f"“{one.title}” is in your CRM: {made}{split}.{rule}",
        *dates(one.starts, all_day=one.all_day),
    ]
    if one.people:
        lines.append(f"With {names(one.people)}.")
    if one.outside:
        lines.append(f"Outside the CRM: {names(one.outside)}.")
    if not one.read_back:
        lines += ["", NOT_READ_BACK]
    if one.differs:
        lines += ["", *difference(one)]
    return "\n".join(lines)


def difference(one: Created) -> list[str]:
    """Return how what the CRM made differs from what was promised."""
    missing = [start for start in one.promised if start not in one.starts]
    extra = [start for start in one.starts if start not in one.promised]
    lines = ["⚠ Your CRM made other dates than you were shown."]
    if missing:
        lines += ["Missing:", *dates(missing, all_day=one.all_day)]
    if extra:
        lines += ["Added by the CRM:", *dates(extra, all_day=one.all_day)]
    return [*lines, "Open it in the CRM and put it right there."]


def created_view(one: Created) -> str:
    """Return what the form says when the meeting stands."""
    return f"{created(one)}\n\nThe same is in your messages with Parley, with the link to the CRM."
