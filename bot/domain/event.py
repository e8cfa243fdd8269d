"""A meeting as it stands in the CRM: one occurrence, read back."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.meeting import Record
from bot.domain.participants import Participant
from bot.domain.reminder import Reminder


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """The record a meeting belongs to, in whatever module the CRM has it.

    Attributes:
        module: The module's API name; wider than the ten a new meeting may belong to.
        record: The record.
    """

    module: str
    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One Events record. A series is as many of them, joined by ``series`` alone.

    Attributes:
        id: The record's id.
        title: Event_Title.
        start: Aware, in the offset the CRM answered with (the CRM user's zone).
        end: Aware. All-day: as the CRM keeps it.
        all_day: True when no time of day is meant.
        participants: With their participation ids.
        series: The CRM's ``$u_id``, the same on all occurrences; None where not told.
        rule: The RRULE as the CRM wrote it; None for a meeting held once.
        modified_at: Aware, whole seconds.
        description: With the bot's reference line, if it has one.
        venue: Where.
        link: Opens the record in the CRM.
        reminders: In the CRM's order; None where they stand in a form we can't read.
        contact: The contact the meeting is about.
        related: The record it belongs to.
        host: The CRM user whose meeting it is.
        created_at: Aware; all occurrences of one create are made together.
        invited: Whether any participant has been mailed an invitation.
    """

    id: str
    title: str
    start: datetime
    end: datetime
    all_day: bool
    participants: tuple[Participant, ...]
    series: str | None
    rule: str | None
    modified_at: datetime
    description: str | None
    venue: str | None
    link: str
    reminders: tuple[Reminder, ...] | None = ()
    contact: Record | None = None
    related: Related | None = None
    host: Record | None = None
    created_at: datetime | None = None
    invited: bool = False
