"""What a person reads while scheduling: labels, doubts, notes, dates, results."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.meeting import ParentModule
from bot.domain.participants import Kind
from bot.journeys.compose import SHOWN_DATES, Note, Preview
from bot.journeys.draft import Doubt

FORM_TITLE = "Schedule a meeting"
WORKING = "Working… I am asking your CRM to make this. You can close this window: the answer also comes as a message."
LOADING = "One moment…"

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

DOUBTS: Mapping[str, str] = {
    "am_pm_assumed": "I took the time as {0}, not {1}.",
    "next_weekday": "I took “next” as {0}, not {1}.",
    "ordinal_weekday": "I took it as {0}, not {1}.",
    "biweekly": "I took “biweekly” as every two weeks, not twice a week.",
    "bimonthly": "I took “bimonthly” as every two months, not twice a month.",
    "biannual": "I took it as {0}, not {1}.",
    "tz_abbrev": "I took the time zone as {0}.",
    "day_month_order": "I took the date as {0}, not {1}.",
    "day_inferred_from_start": "You named no day, so I took {0}.",
}
NOTES: Mapping[str, str] = {
    "first_moved": "The first date that fits is {to}, so it starts there instead of {from}.",
    "end_proposed": "You named no end, so I proposed this one. Change it in “Repeats”.",
    "past": "This starts in the past.",
    "maybe_split": "If your CRM can't keep several days in one series, I make {series} series, one a weekday.",
    "zone_differs": "Your CRM account is in {crm}, this meeting in {zone}, and their clocks change on different dates: "
    "after creating I compare the real times and tell you of any difference.",
}
LEFT_OUT = "Leave out"
HELP = (
    "*Schedule a meeting in your own words*\n"
    "• `{meet} Pipeline review every other Sunday 10-11am with @colleague and lead: Carissa Kidman until Mar 15`\n"
    "• `{meet} QBR 2nd Tuesday of every month 2pm-4pm contact: Sam Okafor venue: Board Room 2`\n"
    "• `{meet} Renewal check-in on the 14th of every 2 months at 11:00 for 30m with jane@example.com account: Zylker`\n"
    "Nothing is written before you have seen the real dates and pressed Create. "
    "Type `{meet}` alone for an empty form, or `{crm} connect` to link your CRM account first."
)


def doubt(one: Doubt) -> str:
    """Return the sentence for an assumption of the reader."""
    line = DOUBTS.get(one.code)
    readings = one.readings
    if line is None or line.count("{") > len(readings):
        return "I assumed: " + (" rather than ".join(readings) or one.code.replace("_", " ")) + "."
    return line.format(*readings)


def note(one: Note) -> str:
    """Return the sentence for something to see beside the dates."""
    return NOTES[one.code].format(**dict(one.values))


def day(moment: datetime) -> str:
    """Return a date as people say it, such as ``Sun 15 Mar 2026``."""
    return f"{moment:%a} {moment.day} {moment:%b %Y}"


def span(start: datetime, length: timedelta, *, all_day: bool) -> str:
    """Return one occurrence, such as ``Sun 15 Mar 2026, 10:00-11:00``."""
    if all_day:
        return f"{day(start)}, all day"
    end = start + length
    return f"{day(start)}, {start:%H:%M}-{end:%H:%M}"


def count(number: int, noun: str) -> str:
    """Return a number and its noun, such as ``1 meeting`` or ``4 meetings``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


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
    lines.append(f"Times are {meeting.zone}.")
    return "\n".join([*lines, *(note(two) for two in one.notes)])


def warning(one: Preview) -> str:
    """Return what to read before the second click."""
    guests = len(one.meeting.participants)
    return (
        f"This writes {count(one.count, 'meeting')} for {count(guests, 'guest')} into the CRM"
        f"{' and mails them' if one.meeting.invitations and guests else ''}. "
        "Press Create once more if that is right."
    )


def names(people: Sequence[str]) -> str:
    """Return names as a list, such as ``Ada, Ben and Carissa``."""
    if len(people) < 2:
        return "".join(people)
    return f"{', '.join(people[:-1])} and {people[-1]}"
