"""From the form to a meeting: what can be checked without a network, and the preview."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar

from bot.domain.meeting import MANY_GUESTS, MANY_MEETINGS, FieldValue, Meeting, Parent
from bot.domain.recurrence import Recurrence
from bot.domain.reminder import DEFAULT, Reminder
from bot.domain.zones import at, zone
from bot.errors import NotUnderstood, Refused
from bot.journeys.meeting.draft import Demanded, Doubt, Draft, Found
from bot.journeys.meeting.warnings import Note, warnings
from bot.language import read_length, read_reminders, read_repeats, write

FIRST_YEAR = 1970
LAST_YEAR = 2999
"""What lies outside is a slip of the finger, and nothing within runs off the calendar."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What stands in the form under the fields: the real dates.

    Attributes:
        meeting: The meeting that Create makes.
        fingerprint: Of exactly this meeting.
        sentence: How it repeats, in words; empty for a meeting held once.
        starts: Every start.
        notes: What else to see.
    """

    meeting: Meeting
    fingerprint: str
    sentence: str
    starts: tuple[datetime, ...]
    notes: tuple[Note, ...] = ()

    @property
    def count(self) -> int:
        """How many meetings Create makes."""
        return len(self.starts)

    @property
    def promise(self) -> str:
        """What the dates on the screen stand for."""
        return self.meeting.promise()

    @property
    def size(self) -> str:
        """The numbers that a second click must name: meetings and guests."""
        return f"{self.count}/{len(self.meeting.participants)}"

    @property
    def many(self) -> bool:
        """Whether a second click must name the number."""
        return self.count > MANY_MEETINGS or len(self.meeting.participants) > MANY_GUESTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """Either a preview, or what keeps the form from being one; and the doubts of “Repeats”."""

    preview: Preview | None = None
    errors: tuple[Refused, ...] = ()
    doubts: tuple[Doubt, ...] = ()


def compose(draft: Draft, *, now: datetime, crm_zone: str | None = None) -> Composed:
    """Return the meeting the form stands for, or everything that is wrong with it.

    Pure: the same draft gives the same meeting. Words are read as of ``draft.asked_at``;
    *now* only tells whether the start has passed.

    Args:
        draft: The draft, its sheet as the person has it.
        now: Aware.
        crm_zone: The CRM user's zone, to warn where clocks change differently.
    """
    work = _Composer(draft)
    meeting = work.meeting()
    if meeting is None:
        return Composed(errors=tuple(work.errors), doubts=work.doubts)
    rule = meeting.recurrence
    starts = meeting.occurrences()
    return Composed(
        preview=Preview(
            meeting=meeting,
            fingerprint=meeting.fingerprint(),
            sentence=write(rule, meeting.start.date()) if rule else "",
            starts=starts,
            notes=(*work.notes, *warnings(meeting, starts, now, crm_zone)),
        ),
        doubts=work.doubts,
    )


class _Composer:
    """One pass over a draft; collects errors field by field instead of stopping at the first."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.sheet = draft.sheet
        self.errors: list[Refused] = []
        self.notes: list[Note] = []
        self.doubts: tuple[Doubt, ...] = ()

    def meeting(self) -> Meeting | None:
        self._presence()
        rule = self._attempt("repeats", self._rule)
        length = self._attempt("end", self._length)
        reminders = self._attempt("reminders", self._reminders)
        demanded = self._attempt("demanded", self._demanded)
        day = self.sheet.day
        if self.errors or day is None or length is None:
            return None
        return self._attempt(
            "date", lambda: self._build(day, rule, length, reminders or (), demanded or {})
        )

    def _attempt(self, field: str, read: Callable[[], _T]) -> _T | None:
        try:
            return read()
        except NotUnderstood as error:
            self.errors.append(Refused(error.code, field=field, **error.values))
        except Refused as error:
            self.errors.append(Refused(error.code, field=error.field or field, **error.values))
        except OverflowError:
            self.errors.append(Refused("beyond_calendar", field=field))
        return None

    def _presence(self) -> None:
        sheet = self.sheet
        if not sheet.title.strip():
            self.errors.append(Refused("title_missing", field="title"))
        if sheet.day is None:
            self.errors.append(Refused("date_missing", field="date"))
        elif not FIRST_YEAR <= sheet.day.year <= LAST_YEAR:
            self.errors.append(Refused("beyond_calendar", field="date"))
        if sheet.start is None and not sheet.all_day:
            self.errors.append(Refused("start_missing", field="start"))
        if sheet.record is None and sheet.module is not None:
            self.errors.append(Refused("record_missing", field="record"))
        for lookup in self.draft.unsettled():
            if lookup.state is Found.PENDING:
                self.errors.append(
                    Refused("lookup_pending", field=lookup.place.value, name=lookup.name)
                )
            else:
                self.errors.append(
                    Refused("lookup_open", field=f"lookup:{lookup.key}", name=lookup.name)
                )

    def _rule(self) -> Recurrence | None:
        words = self.sheet.repeats.strip()
        if not words or self.sheet.day is None:
            return None
        draft = self.draft
        reading = read_repeats(
            words,
            now=draft.asked_at,
            tz=draft.zone,
            first=self.sheet.day,
            choices=draft.choices,
        )
        self.doubts = tuple(
            Doubt(code=one.code, readings=one.readings, taken=one.taken)
            for one in reading.doubts
            if len(one.readings) > 1
        )
        if reading.unsupported is not None:
            raise Refused(
                "repeats_unsayable",
                field="repeats",
                why=reading.unsupported.why,
                suggest=reading.unsupported.suggest,
            )
        if reading.rule is None or reading.left_over:
            raise Refused(
                "repeats_unread", field="repeats", left=" ".join(reading.left_over) or words
            )
        return reading.rule

    def _length(self) -> timedelta:
        if self.sheet.all_day:
            return self._whole_days()
        return read_length(self.sheet.length, start=self.sheet.start)

    def _whole_days(self) -> timedelta:
        try:
            length = read_length(self.sheet.length, start=None)
        except NotUnderstood:
            # Left from before the box was ticked.
            return timedelta(days=1)
        return timedelta(days=max(1, length.days))

    def _reminders(self) -> tuple[Reminder, ...]:
        words = self.sheet.reminders.strip()
        return read_reminders(words) if words else ()

    def _demanded(self) -> dict[str, FieldValue]:
        values: dict[str, FieldValue] = {}
        for one in self.draft.demanded or ():
            if one.kind != "other":
                values[one.api_name] = _demanded_value(
                    one, self.sheet.demanded.get(one.api_name, "").strip()
                )
        return values

    def _build(
        self,
        day: date,
        rule: Recurrence | None,
        length: timedelta,
        reminders: tuple[Reminder, ...],
        demanded: dict[str, FieldValue],
    ) -> Meeting:
        sheet = self.sheet
        where = zone(self.draft.zone)
        if rule is not None:
            day, rule = self._begin(day, rule)
        clock = time() if sheet.all_day else (sheet.start or time())
        start = datetime.combine(day, clock, where)
        if sheet.all_day:
            end = datetime.combine(day + length, time(), where)
        else:
            end = (at(day, clock, where).astimezone(UTC) + length).astimezone(where)
        if not reminders and rule is not None:
            reminders = (DEFAULT,)
        return Meeting(
            title=sheet.title.strip(),
            start=start,
            end=end,
            zone=self.draft.zone,
            all_day=sheet.all_day,
            recurrence=rule,
            participants=sheet.people,
            reminders=reminders,
            venue=sheet.venue.strip() or None,
            contact=sheet.contact,
            parent=Parent(module=sheet.module, record=sheet.record)
            if sheet.module and sheet.record
            else None,
            invitations=sheet.invitations,
            description=sheet.description.strip() or None,
            demanded=demanded,
        )

    def _begin(self, day: date, rule: Recurrence) -> tuple[date, Recurrence]:
        first = rule.first_from(day)
        if first != day:
            self.notes.append(
                Note(code="first_moved", values=(("from", str(day)), ("to", str(first))))
            )
        if rule.open_ended:
            rule = rule.proposed(first)
            self.notes.append(Note(code="end_proposed"))
        elif self.draft.proposed == self.sheet.repeats:
            self.notes.append(Note(code="end_proposed"))
        return first, rule


def with_end(draft: Draft) -> Draft:
    """Return the draft with a proposed end and the true first date written into its fields.

    For a form about to open: what a person has typed themselves is never rewritten, the
    preview says it instead. A draft that makes no meeting yet comes back as it is.
    """
    work = _Composer(draft)
    meeting = work.meeting()
    if meeting is None or meeting.recurrence is None:
        return draft
    changes: dict[str, object] = {}
    first = meeting.start.date()
    if any(note.code == "end_proposed" for note in work.notes):
        changes["repeats"] = proposed = write(meeting.recurrence, first)
        draft = replace(draft, proposed=proposed)
    if first != draft.sheet.day:
        changes["day"] = first
    return draft.sets(**changes) if changes else draft


def _demanded_value(field: Demanded, text: str) -> FieldValue:
    place = f"field:{field.api_name}"
    if field.kind == "tick":
        return text == "true"
    if not text:
        raise Refused("field_missing", field=place, label=field.label)
    if field.kind == "number":
        try:
            return float(text) if "." in text else int(text)
        except ValueError:
            raise Refused("field_number", field=place, label=field.label) from None
    return text
