"""From what stands in a form to the query it makes, or what stands against it."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.export import Query
from bot.domain.export_criteria import (
    EMPTY,
    LISTS,
    Comparator,
    Comparison,
    Criteria,
    Group,
    Joiner,
)
from bot.domain.export_fields import Catalogue
from bot.domain.meeting import Record
from bot.errors import NotUnderstood, ParleyError, Refused
from bot.journeys.export.sheet import IS_EMPTY, Entry, Pick, Row, Sheet, compared, entry
from bot.language import Sense, Words, typed
from bot.language.criteria.conditions import Condition
from bot.language.criteria.words import Operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What can't be, and where.

    Attributes:
        place: ``module``, ``fields``, ``view`` or ``file_type``; of a condition
            ``field.<row>`` or ``value.<row>``.
        error: Why.
    """

    place: str
    error: ParleyError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a sheet comes to: a query, or what stands against it."""

    query: Query | None = None
    objections: tuple[Objection, ...] = ()


def read_sheet(sheet: Sheet, catalogue: Catalogue, *, now: datetime, zone: str) -> Reading:
    """Return the query a sheet makes.

    Args:
        sheet: What stands in the form.
        catalogue: The fields of its module and of the modules it looks up.
        now: Aware.
        zone: The person's; picked moments are sent with its offset.
    """
    sense = Sense(catalogue=catalogue, people={}, now=now, zone=ZoneInfo(zone))
    objections: list[Objection] = []
    groups: list[Criteria] = []
    for part in sheet.parts:
        members: list[Criteria] = []
        for row in part.rows:
            try:
                members.append(_criteria(row, sense))
            except (NotUnderstood, Refused) as error:
                place = "value" if row.field else "field"
                objections.append(Objection(place=f"{place}.{row.key}", error=error))
        groups += _joined(part.joiner, members)
    if objections:
        return Reading(objections=tuple(objections))
    try:
        query = Query(
            module=sheet.module,
            fields=tuple(one.value for one in sheet.fields),
            criteria=next(iter(_joined(sheet.joiner, groups)), None),
            view=Record(id=sheet.view.value, name=sheet.view.shown) if sheet.view else None,
            file_type=sheet.made_as,
        )
    except Refused as error:
        whole = error.field or "module"
        place = f"field.{sheet.rows[0].key}" if whole == "where" else whole
        return Reading(objections=(Objection(place=place, error=error),))
    return Reading(query=query)


def _joined(joiner: Joiner, members: list[Criteria]) -> list[Criteria]:
    return [Group(operator=joiner, members=tuple(members))] if members[1:] else members


def _criteria(row: Row, sense: Sense) -> Criteria:
    path, field = row.field, compared(sense.catalogue, row.field)
    if field is None:
        raise Refused("export_row_field", field="where")
    wanted = entry(field, row.comparator)
    if wanted is Entry.NOTHING:
        comparator = Comparator.EQUAL if row.comparator == IS_EMPTY else Comparator.NOT_EQUAL
        return Comparison(field=path, comparator=comparator, value=EMPTY)
    values = [_said(wanted, pick, sense.zone) for pick in row.values if pick.value]
    if wanted is Entry.LINES:
        values = [line.strip() for text in values for line in text.splitlines() if line.strip()]
    if len(values) < (2 if wanted.pair else 1):
        raise Refused("export_row_value", field="where")
    comparator = Comparator(row.comparator)
    if wanted.by_id:
        records = tuple(
            Record(id=pick.value.partition(":")[0], name=_name(pick)) for pick in row.values
        )
        value = records if comparator in LISTS else records[0]
        return Comparison(field=path, comparator=comparator, value=value)
    condition = Condition(
        field=_words(path),
        operator=Operator(comparator),
        said=_words(row.comparator),
        values=tuple(_words(one) for one in values),
    )
    return typed(condition, sense)


def _said(wanted: Entry, pick: Pick, zone: ZoneInfo) -> str:
    if wanted in (Entry.MOMENT, Entry.MOMENTS):
        return datetime.fromtimestamp(int(pick.value), zone).isoformat()
    return pick.value


def _name(pick: Pick) -> str:
    # A user's own words, which can be typed again: their address, or "me".
    return pick.value.partition(":")[2] or pick.shown


def _words(text: str) -> Words:
    return Words(text=text, quoted=True, start=0, end=0)
