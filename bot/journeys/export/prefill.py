"""From words to a form: what can be read of them is filled in, the rest is for the person."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from bot.domain.export_criteria import (
    EMPTY,
    Comparator,
    Comparison,
    Criteria,
    Group,
    Joiner,
    Scalar,
)
from bot.domain.export_fields import Catalogue
from bot.domain.meeting import Record
from bot.errors import NotUnderstood, ParleyError, Refused
from bot.journeys.export.sheet import (
    IS_EMPTY,
    MOST_FIELDS,
    MOST_PARTS,
    MOST_ROWS,
    NOT_EMPTY,
    Entry,
    Part,
    Pick,
    Row,
    Sheet,
    entry,
)
from bot.language import ExportRequest, Said, Sense, Words, typed, view_named
from bot.language.criteria.conditions import Condition, Joined
from bot.language.criteria.typed import field_named

LONGEST: Final = 150
"""Slack, "Option object": a longer value isn't taken."""


@dataclass(slots=True, kw_only=True)
class Outline:
    """What could be read, and the first thing that couldn't.

    Attributes:
        sheet: For the form.
        error: None when everything could be read.
    """

    sheet: Sheet = field(default_factory=Sheet)
    error: ParleyError | None = None

    def objects(self, error: ParleyError) -> None:
        """Note what is wrong, if it is the first."""
        self.error = self.error or error


def outline(
    request: ExportRequest, module: str, sense: Sense, views: Sequence[Record] | None
) -> Outline:
    """Return as much of a request as a form can hold.

    Args:
        request: As read.
        module: The module's API name.
        sense: Its fields, the people named, and the day.
        views: Its views, where one is named.
    """
    found = Outline()
    fields = tuple(
        pick for words in request.fields if (pick := _column(words, sense.catalogue, found))
    )
    if len(fields) > MOST_FIELDS:
        found.objects(Refused("export_form_fields", field="fields", limit=MOST_FIELDS))
        fields = ()
    view = None
    if request.view is not None:
        try:
            named = view_named(request.view, views or ())
            view = Pick(value=named.id, shown=named.name)
        except NotUnderstood as error:
            found.objects(error)
    joiner, parts = _parts(request.where, sense, found)
    found.sheet = Sheet(
        module=module,
        fields=fields,
        view=view,
        parts=parts,
        joiner=joiner,
        file_type=request.file_type,
    )
    return found


def _column(words: Words, catalogue: Catalogue, found: Outline) -> Pick | None:
    try:
        path, field_ = field_named(words, catalogue)
        if not field_.exportable or len(path) > LONGEST:
            raise words.unread("export_field_unread")
    except NotUnderstood as error:
        found.objects(error)
        return None
    return Pick(value=path, shown=field_.label)


def _parts(where: Said | None, sense: Sense, found: Outline) -> tuple[Joiner, tuple[Part, ...]]:
    """Return the groups of conditions; none where they don't fit two levels."""
    if where is None:
        return "or", ()
    joiner: Joiner = "or"
    groups: tuple[Said, ...] = (where,)
    if isinstance(where, Joined) and any(isinstance(one, Joined) for one in where.members):
        joiner, groups = where.operator, where.members
    flat = [one.members if isinstance(one, Joined) else (one,) for one in groups]
    nested = any(isinstance(one, Joined) for members in flat for one in members)
    if nested or len(flat) > MOST_PARTS or sum(map(len, flat)) > MOST_ROWS:
        found.objects(Refused("export_form_nested", field="where"))
        return "or", ()
    parts = tuple(
        Part(
            key=f"p{place}",
            joiner=group.operator if isinstance(group, Joined) else "and",
            rows=tuple(
                _row(f"p{place}-{number}", one, sense, found)
                for number, one in enumerate(members)
                if isinstance(one, Condition)
            ),
        )
        for place, (group, members) in enumerate(zip(groups, flat, strict=True))
    )
    return joiner, parts


def _row(key: str, said: Condition, sense: Sense, found: Outline) -> Row:
    row = Row(key=key)
    try:
        path, field_ = field_named(said.field, sense.catalogue)
        if len(path) > LONGEST:
            raise said.field.unread("export_field_unread")
        if field_.comparators:
            row = Row(key=key, field=path)
        criteria = typed(said, sense)
        comparator, values = _compared(criteria)
        wanted = entry(field_, comparator)
        picks = _picks(wanted, values, dict(field_.choices))
        return Row(key=key, field=path, comparator=comparator, values=picks)
    except (NotUnderstood, Refused) as error:
        found.objects(error)
        return row


def _compared(criteria: Criteria) -> tuple[str, tuple[Scalar, ...]]:
    """Return how a form names a comparison, and with what."""
    if isinstance(criteria, Group):
        # "between" of numbers, which the CRM has as two conditions.
        low, high = (one for one in criteria.members if isinstance(one, Comparison))
        inside = criteria.operator == "and"
        pair = Comparator.BETWEEN if inside else Comparator.NOT_BETWEEN
        return pair.value, (_scalar(low), _scalar(high))
    if criteria.value is EMPTY:
        return (IS_EMPTY if criteria.comparator is Comparator.EQUAL else NOT_EMPTY), ()
    if isinstance(criteria.value, tuple):
        return criteria.comparator.value, criteria.value
    return criteria.comparator.value, (_scalar(criteria),)


def _scalar(one: Comparison) -> Scalar:
    if isinstance(one.value, tuple) or one.value is EMPTY:
        raise TypeError("one value was compared with")
    return one.value


def _picks(wanted: Entry, values: tuple[Scalar, ...], choices: dict[str, str]) -> tuple[Pick, ...]:
    if wanted is Entry.LINES:
        text = "\n".join(_text(one) for one in values)
        return (Pick(value=text, shown=text),)
    return tuple(_PICKS.get(wanted, _plain)(one, choices) for one in values)


def _plain(value: Scalar, choices: dict[str, str]) -> Pick:
    text = _text(value)
    return Pick(value=text, shown=choices.get(text, text))


def _moment(value: Scalar, _choices: dict[str, str]) -> Pick:
    if not isinstance(value, datetime):
        raise TypeError("a moment was compared with")
    text = str(int(value.timestamp()))
    return Pick(value=text, shown=text)


def _by_id(value: Scalar, _choices: dict[str, str]) -> Pick:
    if not isinstance(value, Record):
        raise TypeError("a record was compared with")
    return Pick(value=f"{value.id}:{value.name}", shown=value.name)


_PICKS: Final[dict[Entry, Callable[[Scalar, dict[str, str]], Pick]]] = {
    Entry.MOMENT: _moment,
    Entry.MOMENTS: _moment,
    Entry.PERSON: _by_id,
    Entry.PEOPLE: _by_id,
    Entry.RECORD: _by_id,
    Entry.RECORDS: _by_id,
}


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
