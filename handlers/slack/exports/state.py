"""What the form brings back: Slack's state as a sheet, and errors at their fields."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.domain.export import FileType
from bot.domain.export_criteria import Joiner
from bot.domain.export_fields import Catalogue
from bot.journeys.export.reading import Objection
from bot.journeys.export.sheet import Pick, Row, Sheet, compared
from handlers.slack.ids import Commands
from handlers.slack.sentences import export_asking

State = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""By block and action: what stands in each element (Slack, "View state")."""


def form_id(view: Mapping[str, Any]) -> str:
    """Return the id of the form that a view shows; "" for another view."""
    return str(_metadata(view).get("form") or "")


def promise(view: Mapping[str, Any]) -> str | None:
    """Return what a view says it showed."""
    shown = _metadata(view).get("shown")
    return None if shown is None else str(shown)


def _metadata(view: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(view.get("private_metadata") or "{}")
    return found


def read_state(view: Mapping[str, Any], sheet: Sheet, catalogue: Catalogue | None) -> Sheet:
    """Return the sheet with what the person has in the form.

    A block that is older than the sheet, or isn't on it any more, changes nothing.
    """
    state = (view.get("state") or {}).get("values") or {}
    module = _chosen(state, "module")
    if module is not None and module.value != sheet.module:
        return sheet.with_module(module.value)
    epoch = sheet.epoch
    if f"fields.{epoch}" in state:
        sheet = replace(sheet, fields=_picks(state, f"fields.{epoch}"))
    if f"view.{epoch}" in state:
        sheet = replace(sheet, view=_chosen(state, f"view.{epoch}"))
    kind = _chosen(state, f"file_type.{epoch}")
    if kind is not None:
        sheet = replace(sheet, file_type=FileType(kind.value))
    sheet = replace(sheet, joiner=_joiner(state, "joiner", sheet.joiner))
    parts = tuple(
        replace(part, joiner=_joiner(state, f"part.{part.key}", part.joiner))
        for part in sheet.parts
    )
    return replace(sheet, parts=parts).with_each(lambda row: _row(state, row, catalogue))


def _row(state: State, row: Row, catalogue: Catalogue | None) -> Row:
    name = f"{row.key}.{row.epoch}"
    field = _chosen(state, f"field.{name}")
    if field is not None and field.value != row.field:
        return row.with_field(field.value)
    if f"value.{name}" in state:
        values = (*_picks(state, f"value.{name}"), *_picks(state, f"last.{name}"))
        row = replace(row, values=values)
    comparator = _chosen(state, f"row.{name}")
    compares = compared(catalogue, row.field) if catalogue else None
    if comparator is None or compares is None:
        return row
    return row.with_comparator(comparator.value, compares)


def _joiner(state: State, block_id: str, before: Joiner) -> Joiner:
    chosen = _chosen(state, block_id)
    if chosen is None:
        return before
    return "or" if chosen.value == "or" else "and"


def _chosen(state: State, block_id: str) -> Pick | None:
    return next((pick for pick in _picks(state, block_id) if pick.value), None)


def _picks(state: State, block_id: str) -> tuple[Pick, ...]:
    """Return what stands in the block's element; of text and pickers one, "" where empty."""
    for element in state.get(block_id, {}).values():
        match element["type"]:
            case "static_select" | "external_select":
                chosen = element.get("selected_option")
                return (_option(chosen),) if chosen else ()
            case "multi_static_select" | "multi_external_select":
                return tuple(_option(one) for one in element.get("selected_options") or ())
            case "datepicker":
                text = element.get("selected_date")
            case "datetimepicker":
                text = element.get("selected_date_time")
            case _:
                text = element.get("value")
        said = str(text or "")
        return (Pick(value=said, shown=said),)
    return ()


def _option(chosen: Mapping[str, Any]) -> Pick:
    return Pick(value=str(chosen["value"]), shown=str(chosen["text"]["text"]))


def field_errors(
    view: Mapping[str, Any], objections: tuple[Objection, ...], commands: Commands
) -> dict[str, str]:
    """Return Slack's errors by block id; what has no field on the screen stands at the first.

    Slack shows errors only under input blocks that are in the view.
    """
    inputs = [block["block_id"] for block in view.get("blocks", ()) if block["type"] == "input"]
    shown: dict[str, str] = {}
    for one in objections:
        at = next((name for name in inputs if f"{name}.".startswith(f"{one.place}.")), inputs[0])
        shown.setdefault(at, export_asking.sorry(one.error, commands))
    return shown
