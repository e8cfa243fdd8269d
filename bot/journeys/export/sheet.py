"""What a form for an export holds, as picked and typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.domain.export import EVENTS, FileType
from bot.domain.export_criteria import LISTS, PAIRS, SAME, Comparator, Joiner
from bot.domain.export_fields import Catalogue, Field, Kind

IS_EMPTY: Final = "empty"
NOT_EMPTY: Final = "not_empty"
"""What a form offers beside the CRM's comparators."""
MOST_ROWS: Final = 20
MOST_PARTS: Final = 5
"""A Slack form holds a hundred blocks, and a condition takes up to four."""
MOST_FIELDS: Final = 100
"""Slack, "Multi-select menu": at most so many options can be preselected."""


class Entry(StrEnum):
    """What is filled in beside a field and its comparator."""

    NOTHING = "nothing"
    TEXT = "text"
    LINES = "lines"
    """Several values, one a line."""
    NUMBER = "number"
    NUMBERS = "numbers"
    CHOICE = "choice"
    CHOICES = "choices"
    TRUTH = "truth"
    DAY = "day"
    DAYS = "days"
    MOMENT = "moment"
    MOMENTS = "moments"
    PERSON = "person"
    PEOPLE = "people"
    RECORD = "record"
    RECORDS = "records"

    @property
    def pair(self) -> bool:
        """Whether two values are filled in, the first and the last."""
        return self in {Entry.NUMBERS, Entry.DAYS, Entry.MOMENTS}

    @property
    def by_id(self) -> bool:
        """Whether the values are records or users, picked by name."""
        return self in {Entry.PERSON, Entry.PEOPLE, Entry.RECORD, Entry.RECORDS}


_ENTRIES: Final[Mapping[Kind, tuple[Entry, Entry, Entry]]] = MappingProxyType(
    {
        Kind.TEXT: (Entry.TEXT, Entry.LINES, Entry.TEXT),
        Kind.NUMBER: (Entry.NUMBER, Entry.LINES, Entry.NUMBERS),
        Kind.DATE: (Entry.DAY, Entry.LINES, Entry.DAYS),
        Kind.DATETIME: (Entry.MOMENT, Entry.LINES, Entry.MOMENTS),
        Kind.BOOLEAN: (Entry.TRUTH, Entry.TRUTH, Entry.TRUTH),
        Kind.LOOKUP: (Entry.RECORD, Entry.RECORDS, Entry.RECORD),
    }
)
"""By kind of field: for one value, for a list, for a pair."""


def offered(field: Field) -> tuple[str, ...]:
    """Return the comparators a form offers for a field, the most common first."""
    known = tuple(one.value for one in field.comparators)
    if field.kind is Kind.BOOLEAN or not known:
        return known
    # The CRM has no "between" for numbers: it becomes two conditions.
    pairs = tuple(one.value for one in PAIRS) if field.kind is Kind.NUMBER else ()
    return (*known, *sorted(pairs), IS_EMPTY, NOT_EMPTY)


def entry(field: Field, comparator: str) -> Entry:
    """Return what is filled in for a field compared so."""
    if comparator in (IS_EMPTY, NOT_EMPTY):
        return Entry.NOTHING
    known = Comparator(comparator)
    if field.of_users:
        return Entry.PEOPLE if known in LISTS else Entry.PERSON
    if field.choices and known in SAME | LISTS:
        return Entry.CHOICES if known in LISTS else Entry.CHOICE
    one, several, two = _ENTRIES[field.kind]
    return several if known in LISTS else two if known in PAIRS else one


def compared(catalogue: Catalogue, path: str) -> Field | None:
    """Return the field at a path, if there is one and the CRM compares it."""
    found = catalogue.find(path) if path else ()
    return found[0][1] if len(found) == 1 and found[0][1].comparators else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One value: what is sent, or read, and what the person saw."""

    value: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One condition of a form.

    Attributes:
        key: Tells it from others for good.
        field: Its field's path, "" while none is picked.
        comparator: The CRM's, ``IS_EMPTY`` or ``NOT_EMPTY``.
        values: As many as are filled in; of a pair an unfilled one is "".
        epoch: Grows when what was filled in no longer fits.
    """

    key: str
    field: str = ""
    comparator: str = Comparator.EQUAL.value
    values: tuple[Pick, ...] = ()
    epoch: int = 0

    def with_field(self, path: str) -> "Row":
        """Return the row about another field."""
        if path == self.field:
            return self
        return Row(key=self.key, field=path, epoch=self.epoch + 1)

    def with_comparator(self, comparator: str, field: Field) -> "Row":
        """Return the row compared otherwise; the values stay where they fit."""
        if comparator == self.comparator or comparator not in offered(field):
            return self
        if entry(field, comparator) is entry(field, self.comparator):
            return replace(self, comparator=comparator)
        return replace(self, comparator=comparator, values=(), epoch=self.epoch + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Conditions in one pair of parentheses."""

    key: str
    joiner: Joiner = "and"
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands in the form.

    Attributes:
        module: By API name, "" while none is picked.
        fields: The columns; none for all.
        view: The custom view, or None.
        parts: The conditions.
        joiner: What stands between the parts.
        file_type: As picked; None for the usual one.
        epoch: Grows with each other module: then everything else begins anew.
    """

    module: str = ""
    fields: tuple[Pick, ...] = ()
    view: Pick | None = None
    parts: tuple[Part, ...] = ()
    joiner: Joiner = "or"
    file_type: FileType | None = None
    epoch: int = 0

    @property
    def rows(self) -> tuple[Row, ...]:
        """All conditions, in order."""
        return tuple(row for part in self.parts for row in part.rows)

    @property
    def made_as(self) -> FileType:
        """The file type; a calendar for meetings unless fields or another were picked."""
        calendar = self.module == EVENTS and not self.fields
        usual = FileType.ICS if calendar else FileType.CSV
        return self.file_type or usual

    def with_module(self, module: str) -> "Sheet":
        """Return an empty sheet of another module."""
        return self if module == self.module else Sheet(module=module, epoch=self.epoch + 1)

    def with_row(self, part_key: str, key: str) -> "Sheet":
        """Return the sheet with one more condition; one with that key is there once."""
        if len(self.rows) >= MOST_ROWS or any(row.key == key for row in self.rows):
            return self
        parts = tuple(
            replace(part, rows=(*part.rows, Row(key=key))) if part.key == part_key else part
            for part in self.parts
        )
        return replace(self, parts=parts)

    def with_part(self, key: str) -> "Sheet":
        """Return the sheet with one more group of one condition."""
        known = any(key == part.key for part in self.parts)
        if len(self.parts) >= MOST_PARTS or len(self.rows) >= MOST_ROWS or known:
            return self
        return replace(self, parts=(*self.parts, Part(key=key, rows=(Row(key=key),))))

    def without_row(self, key: str) -> "Sheet":
        """Return the sheet without a condition; a group goes with its last one."""
        parts = (
            replace(part, rows=tuple(row for row in part.rows if row.key != key))
            for part in self.parts
        )
        return replace(self, parts=tuple(part for part in parts if part.rows))

    def with_each(self, change: Callable[[Row], Row]) -> "Sheet":
        """Return the sheet with each condition changed."""
        parts = tuple(
            replace(part, rows=tuple(change(row) for row in part.rows)) for part in self.parts
        )
        return replace(self, parts=parts)
