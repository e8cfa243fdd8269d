"""From words to values: what a condition means, once its field's data type is known."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.export_criteria import (
    EMPTY,
    LISTS,
    MAX_LISTED,
    PAIRS,
    SAME,
    Comparator,
    Comparison,
    Criteria,
    Group,
    Scalar,
    Value,
)
from bot.domain.export_fields import Catalogue, Field, Kind
from bot.domain.meeting import Record
from bot.errors import Refused
from bot.language.criteria.conditions import Condition, Said
from bot.language.criteria.days import PAST_FIELDS, read_days
from bot.language.criteria.words import Words

TRUTH: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "yes", "ticked"), True),
    **dict.fromkeys(("false", "no", "unticked"), False),
}
WHOLE: Final = frozenset({"integer", "bigint"})
_NUMBER = re.compile(r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,40})(?:\.[0-9]{1,40})?")
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?) ?(Z|[+-]\d{2}:\d{2})?", re.IGNORECASE
)
_ID = re.compile(r"[0-9]{5,25}")
_LAST_SECOND = time(23, 59, 59)
NEAR: Final = 3

_Ends = tuple[date, date]
"""The first and the last day, or moment, that a value names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """What words are read against.

    Attributes:
        catalogue: The module's fields, and those of the modules it looks up.
        people: CRM users by the words that name them, in lower case: ``me``, addresses,
            ``<@U1>``.
        now: The moment, aware.
        zone: The person's zone.
    """

    catalogue: Catalogue
    people: Mapping[str, Record]
    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The day it is for the person."""
        return self.now.astimezone(self.zone).date()


def typed(said: Said, sense: Sense) -> Criteria:
    """Return the criteria that the words mean.

    Raises:
        NotUnderstood: With the place of the field, comparison or value that can't be.
    """
    if isinstance(said, Condition):
        return _comparison(said, sense)
    return Group(
        operator=said.operator, members=tuple(typed(member, sense) for member in said.members)
    )


def field_named(words: Words, catalogue: Catalogue) -> tuple[str, Field]:
    """Return a field and the path by which the CRM knows it.

    Raises:
        NotUnderstood: ``export_field_unknown``, with those ``near`` it;
            ``export_field_double`` where two have that label.
    """
    found = catalogue.find(words.text)
    if len(found) == 1:
        return found[0]
    if found:
        raise words.unread("export_field_double", readings=tuple(path for path, _ in found))
    near = nearest(words.text, catalogue.names(words.text))
    raise words.unread("export_field_unknown", near=near)


def people_named(said: Condition, catalogue: Catalogue) -> tuple[Words, ...]:
    """Return the values of a condition that name CRM users; none where its field holds none."""
    found = catalogue.find(said.field.text)
    return said.values if len(found) == 1 and found[0][1].of_users else ()


def nearest(text: str, names: Sequence[str]) -> tuple[str, ...]:
    """Return up to three of *names* that are like *text*."""
    by_low = {name.casefold(): name for name in names}
    close = difflib.get_close_matches(text.casefold(), by_low, n=NEAR, cutoff=0.6)
    return tuple(by_low[one] for one in close)


def _comparison(said: Condition, sense: Sense) -> Criteria:
    path, field = field_named(said.field, sense.catalogue)
    if field.kind is Kind.OTHER:
        raise said.field.unread("criteria_unfilterable")
    if len(said.values) > MAX_LISTED:
        raise said.values[MAX_LISTED].unread(
            "criteria_list_limit", name=path, limit=MAX_LISTED, found=len(said.values)
        )
    try:
        if said.operator.empty and field.kind is not Kind.BOOLEAN:
            return Comparison(field=path, comparator=said.operator.comparator, value=EMPTY)
        return _KINDS[field.kind](_Case(said, path, field, sense))
    except Refused as refused:
        place = said.values[0] if said.values else said.said
        raise place.unread(refused.code, **refused.values) from None


@dataclass(frozen=True, slots=True)
class _Case:
    """One condition, its field found."""

    said: Condition
    path: str
    field: Field
    sense: Sense


def _fitting(case: _Case, *more: Comparator) -> Comparator:
    """Return the comparator, if it fits the field or is one of *more*.

    Raises:
        NotUnderstood: ``criteria_comparator``.
    """
    operator, known = case.said.operator, case.field.comparators
    if operator.comparator in {*known, *more} and not operator.empty:
        return operator.comparator
    fits = tuple(one.value.replace("_", " ") for one in known)
    raise case.said.said.unread("criteria_comparator", name=case.field.label, fits=fits)


def _made(comparator: Comparator, path: str, values: Sequence[Scalar]) -> Comparison:
    value: Value = tuple(dict.fromkeys(values)) if comparator in LISTS else values[0]
    return Comparison(field=path, comparator=comparator, value=value)


# --- one function a kind of field -----------------------------------------------------------


def _of_text(case: _Case) -> Criteria:
    comparator = _fitting(case)
    chosen = case.field.choices if comparator in SAME | LISTS else ()
    return _made(comparator, case.path, [_chosen(words, chosen) for words in case.said.values])


def _chosen(words: Words, choices: tuple[tuple[str, str], ...]) -> str:
    """Return the text, as the list has it; quotes let one through that isn't on the list."""
    low = words.text.casefold()
    for actual, shown in choices:
        if low in (actual.casefold(), shown.casefold()):
            return actual
    if not choices or words.quoted:
        return words.text
    shown_ones = [shown for _, shown in choices]
    near = nearest(words.text, shown_ones) or tuple(shown_ones[:NEAR])
    raise words.unread("criteria_choice", near=near)


def _of_number(case: _Case) -> Criteria:
    comparator = _fitting(case, *PAIRS)
    values = [_number(words, case.field) for words in case.said.values]
    if comparator not in PAIRS:
        return _made(comparator, case.path, values)
    # The CRM has "between" for days and times alone.
    low, high = values
    if low > high:
        raise case.said.values[0].unread("criteria_pair_order", name=case.path)
    inside = comparator is Comparator.BETWEEN
    first, last = (
        (Comparator.GREATER_EQUAL, Comparator.LESS_EQUAL)
        if inside
        else (Comparator.LESS_THAN, Comparator.GREATER_THAN)
    )
    return Group(
        operator="and" if inside else "or",
        members=(_made(first, case.path, [low]), _made(last, case.path, [high])),
    )


def _number(words: Words, field: Field) -> int | float:
    if not _NUMBER.fullmatch(words.text):
        raise words.unread("criteria_number_unread")
    plain = words.text.replace(",", "")
    if "." not in plain:
        return int(plain)
    if field.data_type in WHOLE:
        raise words.unread("criteria_number_whole", name=field.label)
    value = float(plain)
    # A number that would be sent as another one is not sent.
    if len(plain.replace(".", "").strip("-0")) > 15:
        raise words.unread("criteria_number_long")
    return value


def _of_truth(case: _Case) -> Criteria:
    comparator = _fitting(case, Comparator.NOT_EQUAL)
    words = case.said.values[0]
    value = TRUTH.get(words.text.casefold())
    if value is None:
        raise words.unread("criteria_truth")
    # The CRM compares these with "equal" alone; what isn't ticked is unticked.
    meant = value if comparator is Comparator.EQUAL else not value
    return _made(Comparator.EQUAL, case.path, [meant])


def _of_lookup(case: _Case) -> Criteria:
    comparator = _fitting(case)
    return _made(comparator, case.path, [_record(words, case) for words in case.said.values])


def _record(words: Words, case: _Case) -> Record:
    known = case.sense.people.get(words.text.casefold()) if case.field.of_users else None
    if known is not None:
        return Record(id=known.id, name=words.text)
    if _ID.fullmatch(words.text):
        return Record(id=words.text, name=words.text)
    if case.field.of_users:
        raise words.unread("criteria_person", name=case.path)
    raise words.unread("criteria_record", name=case.path)


def _of_time(case: _Case) -> Criteria:
    comparator = _fitting(case)
    past = case.said.operator.past or case.path.rpartition(".")[2] in PAST_FIELDS
    ends = [_ends(words, case, past=past) for words in case.said.values]
    if comparator in LISTS:
        long = next(
            (words for words, (a, b) in zip(case.said.values, ends, strict=True) if a != b), None
        )
        if long is not None:
            raise long.unread("criteria_date_list", name=case.path)
        return _made(comparator, case.path, [first for first, _ in ends])
    (first, _), (_, last) = ends[0], ends[-1]
    if first == last and comparator in SAME:
        return _made(comparator, case.path, [first])
    if comparator in SAME | PAIRS:
        outside = comparator in (Comparator.NOT_EQUAL, Comparator.NOT_BETWEEN)
        return Comparison(
            field=case.path,
            comparator=Comparator.NOT_BETWEEN if outside else Comparator.BETWEEN,
            value=(first, last),
        )
    from_first = comparator in (Comparator.LESS_THAN, Comparator.GREATER_EQUAL)
    return _made(comparator, case.path, [first if from_first else last])


def _ends(words: Words, case: _Case, *, past: bool) -> _Ends:
    exact = _MOMENT.fullmatch(words.text)
    if exact is None:
        first, last = read_days(words, case.sense.today, past=past)
        if case.field.kind is Kind.DATE:
            return first, last
        return _fixed(first, time(), case.sense.zone), _fixed(last, _LAST_SECOND, case.sense.zone)
    if case.field.kind is Kind.DATE:
        raise words.unread("criteria_day", name=case.field.label)
    day, clock, offset = exact.groups()
    try:
        naive = datetime.fromisoformat(f"{day}T{clock}")
        moment = _fixed(naive.date(), naive.time(), case.sense.zone)
        if offset:
            moment = datetime.fromisoformat(f"{naive.isoformat()}{offset.upper()}")
    except ValueError:
        raise words.unread("criteria_date") from None
    return moment, moment


def _fixed(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return a moment with its offset for good: what is kept and read back is the same."""
    offset = datetime.combine(day, clock, zone).utcoffset() or timedelta()
    return datetime.combine(day, clock, timezone(offset))


_KINDS: Final[Mapping[Kind, Callable[[_Case], Criteria]]] = {
    Kind.TEXT: _of_text,
    Kind.NUMBER: _of_number,
    Kind.BOOLEAN: _of_truth,
    Kind.LOOKUP: _of_lookup,
    Kind.DATE: _of_time,
    Kind.DATETIME: _of_time,
}
