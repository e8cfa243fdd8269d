"""What a person should know of a meeting before creating it, beside its dates."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.meeting import Meeting
from bot.domain.zones import zone
from bot.errors import Refused

SHORTEST_MONTH = 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something the person should see beside the dates, by code."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


def warnings(
    meeting: Meeting, starts: tuple[datetime, ...], now: datetime, crm_zone: str | None
) -> list[Note]:
    """Return the notes on a meeting.

    Args:
        meeting: The meeting.
        starts: Its true starts.
        now: Aware.
        crm_zone: The CRM user's zone, where known.
    """
    notes = []
    if meeting.start < now and not (meeting.all_day and meeting.end > now):
        notes.append(Note(code="past"))
    rule = meeting.recurrence
    if rule is not None and len(rule.by_day) > 1:
        notes.append(Note(code="maybe_split", values=(("series", str(len(rule.by_day))),)))
    if rule is not None and (rule.by_month_day or 0) > SHORTEST_MONTH:
        notes.append(Note(code="short_months", values=(("day", str(rule.by_month_day)),)))
    if crm_zone and rule is not None:
        code = _apart(starts, crm_zone)
        if code is not None:
            notes.append(Note(code=code, values=(("zone", meeting.zone), ("crm", crm_zone))))
    return notes


def _apart(starts: tuple[datetime, ...], crm_zone: str) -> str | None:
    # Who expands the rule is unknown: if the CRM does it in its own zone, a rule's weekday
    # is another day where the date differs, and later meetings shift where the two zones'
    # clocks don't change alike.
    try:
        there = zone(crm_zone)
    except Refused:
        return None
    if any(start.date() != start.astimezone(there).date() for start in starts):
        return "day_differs"
    apart = {
        (start.utcoffset() or timedelta()) - (start.astimezone(there).utcoffset() or timedelta())
        for start in starts
    }
    return "zone_differs" if len(apart) > 1 else None
