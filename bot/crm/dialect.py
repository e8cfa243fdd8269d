"""Our words in Zoho's: a meeting as a request body (``records`` reads theirs).

What every request takes for granted, each from one source:

=====================================================  ==================================
``All_day``, not ``All_Day``                            Insert Records v8; Kaizen #8 has both
``Remind_At`` as a list of unit, period and time        Insert Records v8, multireminder
periods ``minutes hours days weeks``                    Insert Records v8, its sample
``What_Id`` as an object, beside ``$se_module``         Insert Records v8
``UNTIL`` as ``yyyy-MM-dd``, that day included          Kaizen #8, the sample's four dates
a yearly rule takes its month from the start            Kaizen #8: there is no BYMONTH
``BYSETPOS`` with one ``BYDAY`` is the nth weekday      Kaizen #8, table 1.2
no day of a rule can be left out (``EXDATE``)           named by Zoho's SDK, documented nowhere
=====================================================  ==================================

What is written down nowhere, or in two ways, is a switch of ``Dialect``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from bot.domain.meeting import MAX_DESCRIPTION, Meeting
from bot.domain.participants import Kind, Participant
from bot.domain.recurrence import Frequency, Recurrence, Weekday
from bot.domain.reminder import Reminder
from bot.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """The open questions, each answered in one place.

    Attributes:
        several_days: A weekly rule of several days as one BYDAY list, or as one series a
            weekday. Kaizen #8 shows single days only: a refused list makes nothing, and
            then one series a weekday is what every reading of it allows.
        all_day_end: When an all-day meeting ends: 23:59 of its last day, or the midnight
            after it. Written nowhere; 23:59 is the last day whichever way it is read.
        email_key: Where an outside guest's address stands: Kaizen #8 and Zoho's SDK say
            ``participant``, the text of Insert Records says ``Email``.
        remind_time_format: The time of day of a reminder: ``HH:mm`` by Insert Records'
            text, ``10.30`` in its sample.
        dtstart: Whether the rule repeats its first day as DTSTART: in Insert Records'
            sample, not in Kaizen #8.
    """

    several_days: Literal["list", "series_per_day"] = "list"
    all_day_end: Literal["last_minute", "next_midnight"] = "last_minute"
    email_key: Literal["participant", "Email"] = "participant"
    remind_time_format: str = "%H:%M"
    dtstart: bool = False


STANDARD: Final = Dialect()


# --- the reference line --------------------------------------------------------------------


def reference(marker: str) -> str:
    """Return the line that tells our records apart: the last of the description."""
    return f"ref parley-{marker}"


def operation_of(description: str | None) -> str | None:
    """Return the operation that a record's reference line names; None where it has none."""
    for line in (description or "").splitlines():
        marker = line.strip().removeprefix(reference(""))
        if marker != line.strip() and "-" in marker:
            return marker.rpartition("-")[0]
    return None


def is_marked(description: str | None, marker: str) -> bool:
    """Say whether a record carries the reference line of *marker*."""
    wanted = reference(marker)
    return any(line.strip() == wanted for line in (description or "").splitlines())


def _described(description: str | None, marker: str) -> str:
    line = reference(marker)
    if description is None:
        return line
    room = MAX_DESCRIPTION - len(line) - 1
    if len(description) > room:
        raise Refused("too_long", field="description", limit=room, found=len(description))
    return f"{description}\n{line}"


# --- one meeting, as the series the CRM can hold -------------------------------------------


def series(meeting: Meeting, dialect: Dialect = STANDARD) -> tuple[Meeting, ...]:
    """Return *meeting* as the meetings to create, one request each, in date order.

    One, or one a weekday where the dialect sends no lists. Together they have exactly the
    dates of the whole: each begins on its weekday's first date, so the phase of every
    other week is kept, and a COUNT becomes the number of that weekday's dates.
    """
    rule = meeting.recurrence
    lists = dialect.several_days == "list"
    if rule is None or lists or rule.freq is not Frequency.WEEKLY or len(rule.by_day) == 1:
        return (meeting,)
    dates = rule.dates(meeting.start.date())
    firsts = {Weekday.of(day): day for day in reversed(dates)}
    parts = []
    for weekday, first in sorted(firsts.items(), key=lambda pair: pair[1]):
        single: Recurrence = replace(rule, by_day=(weekday,))
        if rule.count is not None:
            single = single.times(sum(Weekday.of(day) is weekday for day in dates))
        ahead = first - meeting.start.date()
        start, end = _moved(meeting, ahead)
        parts.append(replace(meeting, start=start, end=end, recurrence=single))
    return tuple(parts)


def _moved(meeting: Meeting, ahead: timedelta) -> tuple[datetime, datetime]:
    """Return start and end *ahead* days later: the wall clock of the start is kept.

    An all-day meeting keeps both midnights; any other keeps its length in elapsed time.
    """
    start = meeting.start + ahead
    if meeting.all_day:
        return start, meeting.end + ahead
    end = start.astimezone(UTC) + meeting.duration
    return start, end.astimezone(ZoneInfo(meeting.zone))


# --- requests ------------------------------------------------------------------------------


def event_body(meeting: Meeting, marker: str, dialect: Dialect = STANDARD) -> dict[str, object]:
    """Return the record that creates *meeting* (Kaizen #8, section 1, in its v8 form).

    Args:
        meeting: One of ``series``.
        marker: Ends up in the reference line.
        dialect: The open questions.

    Raises:
        Refused: ``too_long`` when the description leaves no room for the reference line.
    """
    body: dict[str, object] = {
        **meeting.demanded,
        "Event_Title": meeting.title,
        "Start_DateTime": wire_time(meeting.start),
        "End_DateTime": wire_time(_end(meeting, dialect)),
        "All_day": meeting.all_day,
        "Description": _described(meeting.description, marker),
        "$send_notification": meeting.invitations,
    }
    if meeting.participants:
        body["Participants"] = [participant_body(one, dialect) for one in meeting.participants]
    if meeting.recurrence is not None:
        body["Recurring_Activity"] = {"RRULE": _rule(meeting.recurrence, meeting, dialect)}
    if meeting.reminders:
        body["Remind_At"] = reminders_body(meeting.reminders, dialect)
    if meeting.venue is not None:
        body["Venue"] = meeting.venue
    if meeting.contact is not None:
        body["Who_Id"] = {"id": meeting.contact.id, "name": meeting.contact.name}
    if meeting.parent is not None:
        body["$se_module"] = meeting.parent.module.value
        record = meeting.parent.record
        body["What_Id"] = {"id": record.id, "name": record.name}
    return body


def participant_body(person: Participant, dialect: Dialect = STANDARD) -> dict[str, object]:
    """Return one entry of ``Participants``; with ``id`` whoever is there already stays."""
    key = dialect.email_key if person.kind is Kind.EMAIL else "participant"
    body: dict[str, object] = {"type": person.kind.value, key: person.ref}
    if person.participation_id is not None:
        body["id"] = person.participation_id
    return body


def wire_time(when: datetime) -> str:
    """Return ISO 8601 with an offset and whole seconds, as the CRM takes it.

    A time inside a spring gap carries the offset from before the jump: the instant the
    clocks jump to.
    """
    return when.replace(microsecond=0).isoformat()


def _end(meeting: Meeting, dialect: Dialect) -> datetime:
    if meeting.all_day and dialect.all_day_end == "last_minute":
        return meeting.end - timedelta(minutes=1)
    return meeting.end


def _rule(rule: Recurrence, meeting: Meeting, dialect: Dialect) -> str:
    return rule.text() + (f";DTSTART={meeting.start.date()}" if dialect.dtstart else "")


def reminders_body(
    wanted: Sequence[Reminder], dialect: Dialect = STANDARD
) -> list[dict[str, object]] | None:
    """Return ``Remind_At``; null takes all reminders away (seen in a widget's code)."""
    return [_reminder(one, dialect) for one in wanted] or None


def _reminder(reminder: Reminder, dialect: Dialect) -> dict[str, object]:
    body: dict[str, object] = {"unit": reminder.unit, "period": reminder.period.value}
    if reminder.at is not None:
        body["time"] = reminder.at.strftime(dialect.remind_time_format)
    return body
