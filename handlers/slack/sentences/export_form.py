"""What a person reads in the form for an export."""

from collections.abc import Mapping
from typing import Final

from bot.domain.export import FileType
from bot.domain.export_criteria import Comparator
from bot.domain.export_fields import Field, Kind
from bot.journeys.export.sheet import IS_EMPTY, NOT_EMPTY, Entry

TITLE: Final = "Export from the CRM"
SUBMIT: Final = "Start"
MODULE: Final = "What to export"
FIELDS: Final = "Fields"
FIELDS_HINT: Final = (
    "Leave it empty for all fields. For more than {most}, type them after {export}."
)
FIELDS_ICS: Final = "A calendar file holds all of a meeting. For chosen fields, choose CSV below."
VIEW: Final = "Only the records of a view"
TYPE: Final = "File"
TYPES: Final[Mapping[FileType, str]] = {
    FileType.ICS: "ICS, for calendars",
    FileType.CSV: "CSV, for spreadsheets",
}
PART: Final = "Group {number}: records that fit"
ONE_PART: Final = "Records that fit"
JOIN_ALL: Final = "all of these"
JOIN_ANY: Final = "any of these"
BETWEEN: Final = "Records that fit, of the groups,"
ALL_PARTS: Final = "all"
ANY_PART: Final = "any"
FIELD: Final = "Condition {number}"
COMPARATOR: Final = "Comparison {number}"
VALUE: Final = "Value {number}"
FIRST: Final = "From {number}"
LAST: Final = "To {number}"
LINES_HINT: Final = "One value a line, at most {limit}."
DAYS_HINT: Final = "One day a line, such as 2026-04-15; at most {limit}."
RECORD_HINT: Final = "Type two letters of its name."
PERSON_HINT: Final = "Type two letters of the name, or “me”."
ADD: Final = "Add a condition"
REMOVE: Final = "Take out {number}"
GROUP: Final = "Add a group"
RETRY: Final = "Try again"
CHOOSE: Final = "Choose"
YES: Final = "ticked"
NO: Final = "not ticked"
ME: Final = "Me"
READING: Final = "Reading what your CRM has. It takes a moment."
CHOOSE_FIRST: Final = "Choose what to export, and what you will get stands here."
UNFINISHED: Final = "What you will get stands here when every condition has its field and value."
WANTED: Final = "You will get: {said}"
CHANGED: Final = "This is what you will get now. Read it, and press “Start” again."
COUNTED: Final = "That is {rows} now."
COUNTING: Final = "Counting the records, which takes one credit of your CRM."
UNCOUNTED: Final = "The CRM can't count these beforehand. Press “Start” all the same."
STARTED: Final = (
    "Export {id} has started. {said} It comes by itself, as a message in your direct messages "
    "with Parley. To stop it, type {export} cancel {id}."
)
ALREADY: Final = "This form was sent before, and its export started. Type {export} list to see it."

_USUAL: Final[Mapping[str, str]] = {
    Comparator.EQUAL: "is",
    Comparator.NOT_EQUAL: "is not",
    Comparator.IN: "is one of",
    Comparator.NOT_IN: "is none of",
    Comparator.LESS_THAN: "is less than",
    Comparator.LESS_EQUAL: "is at most",
    Comparator.GREATER_THAN: "is more than",
    Comparator.GREATER_EQUAL: "is at least",
    Comparator.BETWEEN: "is between",
    Comparator.NOT_BETWEEN: "is not between",
    Comparator.CONTAINS: "contains",
    Comparator.NOT_CONTAINS: "doesn't contain",
    Comparator.STARTS_WITH: "starts with",
    Comparator.ENDS_WITH: "ends with",
    IS_EMPTY: "is empty",
    NOT_EMPTY: "is not empty",
}
_OF_TIME: Final[Mapping[str, str]] = {
    Comparator.LESS_THAN: "is before",
    Comparator.LESS_EQUAL: "is not after",
    Comparator.GREATER_THAN: "is after",
    Comparator.GREATER_EQUAL: "is not before",
}
HINTS: Final[Mapping[Entry, str]] = {
    Entry.LINES: LINES_HINT,
    Entry.PERSON: PERSON_HINT,
    Entry.PEOPLE: PERSON_HINT,
    Entry.RECORD: RECORD_HINT,
    Entry.RECORDS: RECORD_HINT,
}


def comparator(field: Field, name: str) -> str:
    """Return what a comparator is called beside a field."""
    timely = field.kind in (Kind.DATE, Kind.DATETIME)
    return _OF_TIME.get(name, _USUAL[name]) if timely else _USUAL[name]
