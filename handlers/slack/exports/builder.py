"""The form for an export, as a view."""

import json
from typing import Any

from bot.domain.export import EVENTS, FileType
from bot.domain.export_fields import Catalogue
from bot.journeys.export.draft import FormPage
from bot.journeys.export.sheet import MOST_FIELDS, MOST_PARTS, MOST_ROWS, Part, Sheet
from handlers.slack import ids
from handlers.slack.exports.rows import field_option, row_blocks
from handlers.slack.message import (
    TITLE,
    Block,
    actions,
    button,
    context,
    divider,
    escape,
    option,
    plain,
)
from handlers.slack.sentences import export, export_asking
from handlers.slack.sentences import export_form as say

View = dict[str, Any]
ALL = "and"
ANY = "or"
_MISSING = frozenset({"export_row_field", "export_row_value"})
"""What is still to be filled in is no mistake yet."""


def form(page: FormPage, commands: ids.Commands) -> View:
    """Return the form's view: at most a hundred blocks."""
    return _view(
        page.draft.id,
        [*_top(page, commands), *_what(page, commands), *_conditions(page), *_end(page, commands)],
        promise=page.promise,
        submit=page.modules is not None,
    )


def notice(text: str) -> View:
    """Return a view that only says something."""
    return _view("", [{"type": "section", "text": plain(text)}], promise=None, submit=False)


def _view(draft_id: str, blocks: list[Block], *, promise: str | None, submit: bool) -> View:
    view: View = {
        "type": "modal",
        "callback_id": ids.EXPORT_FORM,
        # The screen says itself what it shows: an update that never arrived can't be
        # mistaken for one that did.
        "private_metadata": json.dumps({"form": draft_id, "shown": promise}),
        "title": plain(say.TITLE, TITLE),
        "close": plain("Close"),
        "blocks": blocks,
    }
    return {**view, "submit": plain(say.SUBMIT)} if submit else view


def _top(page: FormPage, commands: ids.Commands) -> list[Block]:
    draft = page.draft
    lines = [say.CHANGED] if draft.unseen else []
    if draft.problem:
        lines.append(export_asking.sentence(draft.problem, draft.values, commands))
    top = [context(escape("\n".join(f"⚠ {line}" for line in lines)), block_id="top")]
    missing = page.modules is None or (page.catalogue is None and draft.sheet.module)
    if draft.problem and missing:
        top.append(actions(button(say.RETRY, ids.EXPORT_RETRY), block_id="retry"))
    return top if lines else []


def _what(page: FormPage, commands: ids.Commands) -> list[Block]:
    if page.modules is None:
        return [] if page.draft.problem else [_plain(say.READING, "reading")]
    sheet, choices = page.draft.sheet, {}
    for module in page.modules[:100]:
        choices[module.api_name] = option(module.label, module.api_name)
    menu: Block = {
        "type": "static_select",
        "action_id": ids.EXPORT_MODULE,
        "placeholder": plain(say.CHOOSE),
        "options": list(choices.values()),
    }
    if sheet.module in choices:
        menu["initial_option"] = choices[sheet.module]
    blocks = [_input("module", say.MODULE, menu)]
    if page.catalogue is None:
        waits = sheet.module and not page.draft.problem
        return [*blocks, _plain(say.READING, "reading")] if waits else blocks
    return [*blocks, *_columns(sheet, page.catalogue, commands), _named_view(sheet)]


def _columns(sheet: Sheet, catalogue: Catalogue, commands: ids.Commands) -> list[Block]:
    if sheet.made_as is FileType.ICS and not sheet.fields:
        return [_type(sheet), context(escape(say.FIELDS_ICS), block_id="columns")]
    menu: Block = {
        "type": "multi_external_select",
        "action_id": ids.EXPORT_FIELDS,
        "placeholder": plain(export_asking.ALL),
        "min_query_length": 0,
        "max_selected_items": MOST_FIELDS,
    }
    found = [(pick, catalogue.find(pick.value)) for pick in sheet.fields]
    picked = [
        field_option(*fields[0], catalogue) if len(fields) == 1 else option(pick.shown, pick.value)
        for pick, fields in found
    ]
    if picked:
        menu["initial_options"] = picked
    hint = say.FIELDS_HINT.format(most=MOST_FIELDS, export=commands.export)
    columns = _input(f"fields.{sheet.epoch}", say.FIELDS, menu, optional=True, hint=hint)
    return [_type(sheet), columns] if sheet.module == EVENTS else [columns]


def _type(sheet: Sheet) -> Block:
    choices = {kind: option(text, kind.value) for kind, text in say.TYPES.items()}
    return _input(
        f"file_type.{sheet.epoch}",
        say.TYPE,
        {
            "type": "static_select",
            "action_id": ids.EXPORT_TYPE,
            "options": list(choices.values()),
            "initial_option": choices[sheet.made_as],
        },
    )


def _named_view(sheet: Sheet) -> Block:
    menu: Block = {
        "type": "external_select",
        "action_id": ids.EXPORT_VIEW,
        "placeholder": plain(say.CHOOSE),
        "min_query_length": 0,
    }
    if sheet.view is not None:
        menu["initial_option"] = option(sheet.view.shown, sheet.view.value)
    return _input(f"view.{sheet.epoch}", say.VIEW, menu, optional=True)


def _conditions(page: FormPage) -> list[Block]:
    sheet, catalogue = page.draft.sheet, page.catalogue
    if catalogue is None:
        return []
    blocks: list[Block] = []
    number = 0
    for place, part in enumerate(sheet.parts, 1):
        if len(part.rows) > 1 or len(sheet.parts) > 1:
            blocks.append(_part(part, place, alone=len(sheet.parts) == 1))
        for row in part.rows:
            number += 1
            blocks += row_blocks(row, number, catalogue)
        if len(sheet.rows) < MOST_ROWS:
            more = button(say.ADD, f"{ids.EXPORT_ADD}:{part.key}")
            blocks.append(actions(more, block_id=f"more.{part.key}"))
    if len(sheet.parts) > 1:
        text = {"type": "section", "block_id": "joiner", "text": plain(say.BETWEEN)}
        blocks.append(text | {"accessory": _joiner(sheet.joiner, say.ALL_PARTS, say.ANY_PART)})
    if len(sheet.rows) < MOST_ROWS and len(sheet.parts) < MOST_PARTS:
        label = say.GROUP if sheet.parts else say.ADD
        blocks.append(actions(button(label, ids.EXPORT_GROUP), block_id="group"))
    return blocks


def _part(part: Part, place: int, *, alone: bool) -> Block:
    title = say.ONE_PART if alone else say.PART.format(number=place)
    return {
        "type": "section",
        "block_id": f"part.{part.key}",
        "text": plain(title),
        "accessory": _joiner(part.joiner, say.JOIN_ALL, say.JOIN_ANY),
    }


def _joiner(joiner: str, all_of: str, any_of: str) -> Block:
    choices = {ALL: option(all_of, ALL), ANY: option(any_of, ANY)}
    return {
        "type": "static_select",
        "action_id": ids.EXPORT_JOINER,
        "options": list(choices.values()),
        "initial_option": choices[joiner],
    }


def _end(page: FormPage, commands: ids.Commands) -> list[Block]:
    if page.query is not None:
        text = say.WANTED.format(said=export_asking.said(page.query))
    elif page.reading is not None:
        errors = [one.error for one in page.reading.objections if one.error.code not in _MISSING]
        wrong = dict.fromkeys(export_asking.sorry(error, commands) for error in errors)
        text = "\n".join([say.UNFINISHED, *wrong])
    else:
        text = say.CHOOSE_FIRST
    blocks = [divider(), _plain(text, "wanted")]
    if page.query is not None:
        blocks.append(context(escape(_estimate(page)), block_id="estimate"))
    return blocks


def _estimate(page: FormPage) -> str:
    if page.countable is None:
        return say.UNCOUNTED
    if not page.counted:
        return say.COUNTING
    if page.draft.count is None:
        return say.UNCOUNTED
    return say.COUNTED.format(rows=export.rows(page.draft.count))


def _plain(text: str, block_id: str) -> Block:
    return {"type": "section", "block_id": block_id, "text": plain(text)}


def _input(
    block_id: str, label: str, element: Block, *, optional: bool = False, hint: str = ""
) -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "dispatch_action": True,
        "optional": optional,
        "label": plain(label),
        "element": element,
    }
    return {**block, "hint": plain(hint)} if hint else block
