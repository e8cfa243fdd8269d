"""A request on its way to a meeting: what the form holds, and what is still being looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from enum import StrEnum
from typing import Self

import msgspec

from bot.domain.meeting import ParentModule, Record
from bot.domain.participants import Kind, Participant
from bot.errors import ParleyError, Refused

DEFAULT_LENGTH = "30 min"


class Place(StrEnum):
    """Where in the form a looked-up name belongs."""

    PEOPLE = "people"
    CONTACT = "contact"
    RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """A meeting of the person's own at the time of one that is being made; aware times."""

    title: str
    start: datetime
    end: datetime


class Found(StrEnum):
    """How far a look-up is."""

    PENDING = "pending"
    DONE = "done"
    CHOICE = "choice"
    """Several match: a person chooses, Parley never guesses."""
    NOBODY = "nobody"
    UNASKED = "unasked"
    """The CRM or Slack couldn't be asked: asked again when the form is opened again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One answer to a look-up.

    Attributes:
        kind: What the person is; None for a parent record.
        ref: Record id, or the address.
        name: What people call it.
        email: Where known.
    """

    kind: Kind | None
    ref: str
    name: str
    email: str | None = None

    @property
    def value(self) -> str:
        """The option's value on the wire."""
        return f"{self.kind or 'record'}:{self.ref}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """A name from the words that the CRM or Slack must be asked about.

    Attributes:
        key: Stable within the draft; part of block ids.
        place: What it fills.
        name: As typed.
        kinds: Which kinds may answer; empty for any.
        slack_id: For a mention.
        email: For an address.
        state: How far it is.
        candidates: The answers to choose from.
    """

    key: str
    place: Place
    name: str
    kinds: tuple[Kind, ...] = ()
    slack_id: str | None = None
    email: str | None = None
    state: Found = Found.PENDING
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Demanded:
    """A field the organisation's layout demands, asked in the form.

    Attributes:
        api_name: The CRM's name.
        label: What people call it.
        kind: text, picklist, number, date, tick, or other (can't be asked here).
        choices: For a picklist: what is stored, and what is shown.
    """

    api_name: str
    label: str
    kind: str
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The form's contents as the person sees them; words stay words."""

    title: str = ""
    day: date | None = None
    start: time | None = None
    length: str = DEFAULT_LENGTH
    repeats: str = ""
    all_day: bool = False
    people: tuple[Participant, ...] = ()
    venue: str = ""
    reminders: str = ""
    contact: Record | None = None
    module: ParentModule | None = None
    record: Record | None = None
    invitations: bool = True
    description: str = ""
    demanded: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An assumption of the reader: its readings, and the one taken; empty for none yet."""

    code: str
    readings: tuple[str, ...] = ()
    taken: str = ""

    @property
    def open(self) -> bool:
        """Whether another reading can be picked."""
        return len(self.readings) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why the last try failed: shown above the field (``place``) it names."""

    code: str
    place: str | None = None
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Everything known about one request.

    Attributes:
        id: Also the operation's id.
        asked_at: When the words were typed; relative words count from here.
        zone: The meeting's zone: the words', else the Slack profile's.
        home: The zone the words are read in, of the Slack profile; empty: ``zone``.
        words: What was typed; a suggestion that was picked stands in its place.
        choices: How doubts were decided: the reading by code.
        sheet: The form.
        doubts: Shown at the top, as are the words not understood.
        left_over: The words not understood.
        objection: Why the last try failed.
        suggestions: Nearest sayable rules, where the words were refused.
        proposed: The words of the end that Parley proposed in “Repeats”.
        warned: The large number that was named (``Preview.size``).
        lookups: Names still or already looked up.
        demanded: Fields the layout demands; None until known.
        overlaps: The person's own meetings at the dates shown, by the dates' promise.
        epochs: How often a field was set by us; part of its block id, since Slack keeps
            what is typed in a block that keeps its id.
        more: Whether the second half of the form is shown.
        heard: Timestamp of the newest action taken in; older ones are dropped.
        unseen: Slack's hash of the form that was sent with other dates than would be
            created, until something else is filled in; empty when none was.
        view_id: Slack's id of the open form.
        channel: Where the command was typed.
        response_url: Its answer address, good for 30 minutes.
    """

    id: str
    asked_at: datetime
    zone: str
    home: str = ""
    words: str = ""
    choices: dict[str, str] = field(default_factory=dict)
    sheet: Sheet = field(default_factory=Sheet)
    doubts: tuple[Doubt, ...] = ()
    left_over: tuple[str, ...] = ()
    objection: Objection | None = None
    suggestions: tuple[str, ...] = ()
    proposed: str = ""
    warned: str | None = None
    lookups: tuple[Lookup, ...] = ()
    demanded: tuple[Demanded, ...] | None = None
    overlaps: dict[str, tuple[Overlap, ...]] = field(default_factory=dict)
    epochs: dict[str, int] = field(default_factory=dict)
    more: bool = False
    heard: float = 0.0
    unseen: str = ""
    view_id: str | None = None
    channel: str | None = None
    response_url: str | None = None

    @property
    def lacks(self) -> str | None:
        """The layout's field that the last refusal named and the form doesn't have."""
        kind, _, name = ((self.objection and self.objection.place) or "").partition(":")
        asked = {one.api_name for one in self.demanded or ()}
        return name if kind == "field" and name not in asked else None

    def sets(self, **changes: object) -> Self:
        """Return the draft with form fields set by us: their blocks get new ids."""
        epochs = dict(self.epochs)
        for name in changes:
            epochs[name] = epochs.get(name, 0) + 1
        return replace(self, sheet=replace(self.sheet, **changes), epochs=epochs)  # type: ignore[arg-type]  # names checked by replace()

    def unsettled(self) -> tuple[Lookup, ...]:
        """Return the look-ups still to be answered; a record picked by hand answers its own."""
        picked = {Place.CONTACT: self.sheet.contact, Place.RECORD: self.sheet.record}
        return tuple(
            one
            for one in self.lookups
            if one.state is not Found.DONE and picked.get(one.place) is None
        )

    def looked_up(self, lookup: Lookup) -> Self:
        """Return the draft with one look-up answered."""
        return replace(
            self,
            lookups=tuple(lookup if one.key == lookup.key else one for one in self.lookups),
        )

    def as_json(self) -> dict[str, object]:
        """Return the draft as plain JSON values."""
        plain: dict[str, object] = msgspec.to_builtins(self)
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "Draft":
        """Return the draft that ``as_json`` wrote."""
        return msgspec.convert(dict(data), cls)


def objection(error: ParleyError) -> Objection:
    """Return what a draft keeps of a refusal: plain values, for the sentence above its field."""
    return Objection(
        code=error.code,
        place=error.field if isinstance(error, Refused) else None,
        values={name: str(value) for name, value in error.values.items()},
    )
