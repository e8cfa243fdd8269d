"""What a text was read as: values only, complete, with every doubt and every leftover."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from bot.domain.meeting import ParentModule
from bot.domain.recurrence import Recurrence
from bot.domain.reminder import Reminder

Span = tuple[int, int]
"""Where in the text: first character, and one past the last."""

GuestKind = Literal["user", "contact", "lead", "email", "unresolved"]
DATES_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody the words name.

    Attributes:
        kind: What the words say they are; ``unresolved`` when they don't.
        slack_id: A Slack user id, from a mention.
        email: An address.
        name: The name as typed.
        span: Where it stands.
    """

    kind: GuestKind
    slack_id: str | None = None
    email: str | None = None
    name: str | None = None
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A CRM record the words name: its module where they say it, and its name."""

    module: ParentModule | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A place that can be read in several ways, or that needs a word of warning.

    Attributes:
        code: What kind of doubt, stable.
        readings: In plain English, the usual one first; the same texts whichever is taken.
            Two or more can be picked: ``read(..., choices={code: reading})``.
        taken: The reading that was taken; empty where nothing is until somebody picks.
        span: Where it stands.
    """

    code: str
    readings: tuple[str, ...] = ()
    taken: str = ""
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """Why the words were refused.

    Attributes:
        code: Stable, for programs.
        why: One plain sentence.
        span: The words to blame.
        suggest: The nearest sentences that can be read, at most three; each says all that the
            words of ``instead_of`` said of days, times and zone.
        instead_of: The words a suggestion stands for, in order; lengths aren't among them.
    """

    code: str
    why: str
    span: Span = (0, 0)
    suggest: tuple[str, ...] = ()
    instead_of: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A text, read. Nothing is invented: what isn't said is None or empty.

    Attributes:
        text: The text that was read.
        rule: How it repeats, or None.
        start: The first start, aware, in ``zone``; None without a time of day.
        end: The first end, aware; None where no length is said.
        first_date: The first day; None where none is said or meant.
        duration: How long one meeting lasts.
        all_day: True when the words say so.
        zone: The words' time zone, else the one the reader was given.
        title: What is left as the title.
        people: Everybody named.
        venue: Where, or None; may be the link.
        link: The meeting link, when one is typed.
        reminders: As typed, in order.
        unsayable_reminders: The words of those the CRM has no form for; also left over.
        related: The record the meeting belongs to.
        about: The contact the meeting is about.
        invitations: False after "no invites", True when asked for, None when not said.
        description: Always None: a text has no separate description.
        doubts: Places with more than one reading.
        left_over: Words that mean nothing to the reader and aren't the title.
        missing: Of ``date``, ``time``, ``title``: what has to be asked.
        unsupported: Why the words were refused, or None.
        sentence: What was understood of the time, in plain English; None if nothing.
        understood: The places that were understood.
    """

    text: str
    zone: str
    rule: Recurrence | None = None
    start: datetime | None = None
    end: datetime | None = None
    first_date: date | None = None
    duration: timedelta | None = None
    all_day: bool = False
    title: str | None = None
    people: tuple[Guest, ...] = ()
    venue: str | None = None
    link: str | None = None
    reminders: tuple[Reminder, ...] = ()
    unsayable_reminders: tuple[str, ...] = ()
    related: Named | None = None
    about: str | None = None
    invitations: bool | None = None
    description: str | None = None
    doubts: tuple[Doubt, ...] = ()
    left_over: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unsupported: Unsupported | None = None
    sentence: str | None = None
    understood: tuple[Span, ...] = ()

    def dates(self) -> tuple[date, ...]:
        """Return the first dates, at most five."""
        if self.first_date is None:
            return ()
        if self.rule is None:
            return (self.first_date,)
        return self.rule.dates(self.first_date, limit=DATES_SHOWN)

    def as_dict(self) -> dict[str, object]:
        """Return the reading as plain JSON values; unknown is null."""
        refused = self.unsupported
        return {
            "rrule": self.rule.text() if self.rule else None,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "first_date": self.first_date.isoformat() if self.first_date else None,
            "duration_min": _minutes(self.duration),
            "all_day": self.all_day,
            "title": self.title,
            "participants": [
                {
                    "type": one.kind,
                    "slack_id": one.slack_id,
                    "email": one.email,
                    "name": one.name,
                }
                for one in self.people
            ],
            "venue": self.venue,
            "reminder_min": self.reminders[0].minutes_before if self.reminders else None,
            "reminders": [
                {
                    "unit": one.unit,
                    "period": one.period.value,
                    "time": one.at.strftime("%H:%M") if one.at else None,
                }
                for one in self.reminders
            ],
            "related": _record(self.related),
            "ambiguous": [one.code for one in self.doubts],
            "doubts": [{"code": one.code, "readings": list(one.readings)} for one in self.doubts],
            "left_over": list(self.left_over),
            "missing": list(self.missing),
            "unsupported": (
                {"code": refused.code, "why": refused.why, "suggest": list(refused.suggest)}
                if refused
                else None
            ),
            "sentence": self.sentence,
            "dates": [day.isoformat() for day in self.dates()],
        }


def _minutes(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds() // 60)


def _record(named: Named | None) -> dict[str, object] | None:
    if named is None:
        return None
    return {"module": named.module.value if named.module else None, "name": named.name}
