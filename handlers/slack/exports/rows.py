"""The conditions of the form: each one's field, comparison and value, as blocks.

Slack keeps what was typed in a block whose block_id stays, so a row whose value no longer
fits gets a new one (Slack, "Updating modal views").
"""

from typing import Any

from bot.domain.export_criteria import MAX_LISTED, MAX_TEXT
from bot.domain.export_fields import Catalogue, Field, Kind
from bot.journeys.export.sheet import Entry, Pick, Row, compared, entry, offered
from handlers.slack import ids
from handlers.slack.message import Block, actions, button, option, plain
from handlers.slack.sentences import export_form as say

MENU = 100
"""Slack, "Select menu": at most so many options."""
VALUE = 150
"""Slack, "Option object": the longest value."""
_ENTER = {"dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]}}


def row_blocks(row: Row, number: int, catalogue: Catalogue) -> list[Block]:
    """Return the blocks of one condition; at most four."""
    field = compared(catalogue, row.field)
    menu: Block = {
        "type": "external_select",
        "action_id": ids.EXPORT_FIELD,
        "min_query_length": 0,
        "placeholder": plain(say.CHOOSE),
    }
    if field is not None:
        menu["initial_option"] = field_option(row.field, field, catalogue)
    label = say.FIELD.format(number=number)
    blocks = [_input(f"field.{row.key}.{row.epoch}", label, menu)]
    out = button(say.REMOVE.format(number=number), f"{ids.EXPORT_REMOVE}:{row.key}")
    if field is None:
        return [*blocks, actions(out, block_id=f"row.{row.key}")]
    blocks.append(
        actions(_comparators(row, field, number), out, block_id=f"row.{row.key}.{row.epoch}")
    )
    return [*blocks, *_values(row, field, number)]


def field_option(path: str, field: Field, catalogue: Catalogue) -> Block:
    """Return a field as an option: its label, and its API name as the description."""
    first, dot, _ = path.partition(".")
    lookup = next((one.label for one in catalogue.fields if one.api_name == first), first)
    label = f"{lookup}: {field.label}" if dot else field.label
    return {**option(label, path), "description": plain(path, 75)}


def _comparators(row: Row, field: Field, number: int) -> Block:
    choices = {name: option(say.comparator(field, name), name) for name in offered(field)}
    return {
        "type": "static_select",
        "action_id": ids.EXPORT_COMPARATOR,
        "placeholder": plain(say.COMPARATOR.format(number=number)),
        "options": list(choices.values()),
        "initial_option": choices[row.comparator],
    }


def _values(row: Row, field: Field, number: int) -> list[Block]:
    wanted = entry(field, row.comparator)
    if wanted is Entry.NOTHING:
        return []
    picks = (*row.values, *(Pick(value="", shown="") for _ in range(2)))
    labels = (say.FIRST, say.LAST) if wanted.pair else (say.VALUE,)
    hint = say.HINTS.get(wanted)
    if wanted is Entry.LINES and field.kind in (Kind.DATE, Kind.DATETIME):
        hint = say.DAYS_HINT
    return [
        _input(
            f"{place}.{row.key}.{row.epoch}",
            label.format(number=number),
            _element(wanted, field, row, pick) | {"action_id": ids.EXPORT_VALUE},
            hint=hint and hint.format(limit=MAX_LISTED),
        )
        for place, label, pick in zip(("value", "last"), labels, picks, strict=False)
    ]


def _element(wanted: Entry, field: Field, row: Row, pick: Pick) -> Block:
    match wanted:
        case Entry.CHOICE | Entry.CHOICES | Entry.TRUTH:
            return _menu(wanted, field, row)
        case Entry.PERSON | Entry.PEOPLE | Entry.RECORD | Entry.RECORDS:
            several = wanted in (Entry.PEOPLE, Entry.RECORDS)
            return _searched(row, several=several, least=2)
        case Entry.DAY | Entry.DAYS:
            return {"type": "datepicker", **_initial("date", pick.value)}
        case Entry.MOMENT | Entry.MOMENTS:
            at = int(pick.value) if pick.value else None
            return {"type": "datetimepicker", **_initial("date_time", at)}
        case Entry.NUMBER | Entry.NUMBERS:
            decimal = {"is_decimal_allowed": field.data_type not in ("integer", "bigint")}
            return {"type": "number_input", **decimal, **_initial("value", pick.value), **_ENTER}
        case Entry.LINES:
            text: Block = {"type": "plain_text_input", "multiline": True, "max_length": 3000}
            return {**text, **_initial("value", pick.value), **_ENTER}
        case _:
            text = {"type": "plain_text_input", "max_length": MAX_TEXT}
            return {**text, **_initial("value", pick.value), **_ENTER}


def _menu(wanted: Entry, field: Field, row: Row) -> Block:
    several = wanted is Entry.CHOICES
    choices = value_options(field)
    if len(choices) > MENU:
        return _searched(row, several=several, least=0)
    known = {one["value"]: one for one in choices}
    picked = [known[pick.value] for pick in row.values if pick.value in known]
    menu: Block = {
        "type": "multi_static_select" if several else "static_select",
        "placeholder": plain(say.CHOOSE),
        "options": choices,
    }
    return _several(menu, picked) if several else {**menu, **_initial("option", _first(picked))}


def _searched(row: Row, *, several: bool, least: int) -> Block:
    picked = [option(pick.shown, pick.value) for pick in row.values if pick.value]
    menu: Block = {
        "type": "multi_external_select" if several else "external_select",
        "placeholder": plain(say.CHOOSE),
        "min_query_length": least,
    }
    return _several(menu, picked) if several else {**menu, **_initial("option", _first(picked))}


def value_options(field: Field) -> list[Block]:
    """Return what a field's value can be chosen from."""
    if field.kind is Kind.BOOLEAN:
        return [option(say.YES, "true"), option(say.NO, "false")]
    return [option(shown, actual) for actual, shown in field.choices if 0 < len(actual) <= VALUE]


def _several(menu: Block, picked: list[Block]) -> Block:
    chosen = {"initial_options": picked[:MAX_LISTED]} if picked else {}
    return {**menu, "max_selected_items": MAX_LISTED, **chosen}


def _first(picked: list[Block]) -> Block | None:
    return picked[0] if picked else None


def _initial(name: str, value: Any) -> Block:
    return {f"initial_{name}": value} if value else {}


def _input(block_id: str, label: str, element: Block, *, hint: str | None = None) -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "dispatch_action": True,
        "label": plain(label),
        "element": element,
    }
    return {**block, "hint": plain(hint)} if hint else block
