"""The meeting form: a page of the journey as blocks, and Slack's state back as a sheet.

Slack keeps what was typed in a block whose block_id stays, so a field that Parley sets
gets a new one: ``title.0`` becomes ``title.1`` (Slack, "Updating modal views").
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

from bot.domain.meeting import ParentModule, Record
from bot.domain.participants import Kind, Participant
from bot.errors import Refused
from bot.journeys.draft import Demanded, Draft, Found, Lookup, Sheet
from bot.journeys.meet import Page, Screen
from handlers.slack import ids
from handlers.slack.message import Block, actions, button, context, divider, escape, option, plain
from handlers.slack.sentences import apologies
from handlers.slack.sentences import meet as say

View = dict[str, Any]
Resolve = Callable[[Kind, str, str], Participant]
"""From an option's kind, ref and visible text to the participant behind it."""

_ENTER = {"trigger_actions_on": ["on_enter_pressed"]}
_LIVE = ("day", "start", "length", "repeats", "all_day", "people", "module")
"""Fields that update the preview at once."""
_FIRST = ("title", "day", "start", "length", "all_day", "repeats", "people")
_MORE = ("venue", "reminders", "contact", "module", "record", "invitations", "description")
_OPTIONAL = frozenset({*_FIRST, *_MORE}) - {"title", "day", "length"}


def form(page: Page) -> View:
    """Return the form's view."""
    draft = page.draft
    preview = page.preview
    blocks: list[Block] = [*_top(page)]
    for field in _FIRST:
        blocks += _field(draft, field)
    for demanded in draft.demanded or ():
        blocks += _demanded(draft, demanded)
    blocks.append(_buttons(draft))
    if draft.more:
        for field in _MORE:
            if field != "record" or draft.sheet.module is not None:
                blocks += _field(draft, field)
    blocks += [divider(), *_preview(page)]
    return {
        "type": "modal",
        "callback_id": ids.MEET_FORM,
        "private_metadata": _metadata(page),
        "title": plain(say.FORM_TITLE),
        "submit": plain(say.create_button(preview.count if preview else 1)),
        "close": plain("Cancel"),
        "blocks": blocks,
    }


def _metadata(page: Page) -> str:
    # The screen says itself what it shows: an update that never arrived can't be mistaken
    # for one that did.
    shown = page.preview.fingerprint if page.preview else None
    return json.dumps({"draft": page.draft.id, "shown": shown, "warned": page.warn})


def draft_id(view: Mapping[str, Any]) -> str:
    """Return the id of the draft a view belongs to."""
    return str(json.loads(view.get("private_metadata") or "{}").get("draft", ""))


def screen(view: Mapping[str, Any]) -> Screen:
    """Return what a view says it showed."""
    known = json.loads(view.get("private_metadata") or "{}")
    return Screen(fingerprint=known.get("shown"), warned=bool(known.get("warned")))


def notice_view(text: str, *, draft: str = "", title: str = say.FORM_TITLE) -> View:
    """Return a view that only says something: working, done, or gone."""
    return {
        "type": "modal",
        "callback_id": ids.MEET_FORM,
        "private_metadata": json.dumps({"draft": draft}),
        "title": plain(title),
        "close": plain("Close"),
        "blocks": [{"type": "section", "text": plain(text)}],
    }


def _top(page: Page) -> list[Block]:
    draft = page.draft
    lines = []
    objection = draft.objection
    if objection is not None and (objection.place is None or not _has_place(draft, objection.place)):
        lines.append(f"⚠ {apologies.sentence(objection.code, objection.values)}")
    if page.warn and page.preview is not None:
        lines.append(f"⚠ {say.warning(page.preview)}")
    lines += [say.doubt(one) for one in draft.doubts]
    if draft.left_over:
        words = ", ".join(f"“{word}”" for word in draft.left_over)
        lines.append(f"I didn't understand {words}, so it isn't in the meeting.")
    if draft.suggestions:
        nearest = " or ".join(f"“{one}”" for one in draft.suggestions)
        lines.append(f"The CRM can do {nearest}: write it in “Repeats”.")
    pending = [one.name for one in draft.lookups if one.state is Found.PENDING]
    if pending:
        lines.append(f"Looking up {say.names(pending)}…")
    blocks = [context(escape("\n".join(lines)), block_id="top")] if lines else []
    return [*blocks, *(block for one in draft.lookups for block in _lookup(one))]


def _has_place(draft: Draft, place: str) -> bool:
    demanded = {f"field:{one.api_name}" for one in draft.demanded or ()}
    return place in _PLACES or place in demanded


_PLACES = {"date": "day", "end": "length", **{name: name for name in (*_FIRST, *_MORE)}}


def _lookup(lookup: Lookup) -> list[Block]:
    if lookup.state not in (Found.CHOICE, Found.NOBODY):
        return []
    choices = [
        option(_person_label(one.name, one.kind, one.email), one.value)
        for one in lookup.candidates
    ]
    hint = (
        "Several match: choose one."
        if choices
        else "Nobody in the CRM has that name. Leave it out, or pick somebody under “People”."
    )
    return [
        {
            "type": "input",
            "block_id": f"lookup:{lookup.key}",
            "dispatch_action": True,
            "optional": True,
            "label": plain(f"Who or what is “{lookup.name}”?"),
            "hint": plain(hint),
            "element": {
                "type": "static_select",
                "action_id": ids.MEET_LOOKUP,
                "placeholder": plain("Choose"),
                "options": [*choices, option(say.LEFT_OUT, "none")],
            },
        }
    ]


def _field(draft: Draft, field: str) -> list[Block]:
    block: Block = {
        "type": "input",
        "block_id": f"{field}.{draft.epochs.get(field, 0)}",
        "optional": field in _OPTIONAL,
        "label": plain(say.LABELS[field]),
        "element": {"action_id": ids.action(field), **_element(draft, field)},
    }
    if field in _LIVE:
        block["dispatch_action"] = True
    if field in say.HINTS:
        block["hint"] = plain(say.HINTS[field])
    if field in ("day", "start") and not draft.sheet.all_day:
        block["hint"] = plain(f"Time zone: {draft.zone}.") if field == "start" else None
    return _with_objection(draft, field, {key: one for key, one in block.items() if one is not None})


def _with_objection(draft: Draft, field: str, block: Block) -> list[Block]:
    objection = draft.objection
    if objection is None or _PLACES.get(objection.place or "", objection.place) != field:
        return [block]
    text = apologies.sentence(objection.code, objection.values)
    return [context(escape(f"⚠ {text}"), block_id="objection"), block]


def _element(draft: Draft, field: str) -> Block:
    sheet = draft.sheet
    match field:
        case "day":
            return {"type": "datepicker", **_initial("date", sheet.day and sheet.day.isoformat())}
        case "start":
            return {
                "type": "timepicker",
                **_initial("time", sheet.start and sheet.start.strftime("%H:%M")),
            }
        case "all_day" | "invitations":
            return _tick(field, ticked=getattr(sheet, field))
        case "people":
            people = [_person_option(one) for one in sheet.people]
            return {
                "type": "multi_external_select",
                "min_query_length": 2,
                **({"initial_options": people} if people else {}),
            }
        case "contact" | "record":
            record: Record | None = getattr(sheet, field)
            return {
                "type": "external_select",
                "min_query_length": 2,
                **_initial("option", record and option(record.name, f"{field}:{record.id}")),
            }
        case "module":
            choices = {module: option(say.MODULES[module], module) for module in ParentModule}
            return {
                "type": "static_select",
                "options": list(choices.values()),
                **_initial("option", sheet.module and choices[sheet.module]),
            }
        case _:
            return _text(field, getattr(sheet, field))


def _text(field: str, value: str) -> Block:
    limits = {"title": 255, "venue": 255, "description": 3000}
    element: Block = {"type": "plain_text_input", **_initial("value", value)}
    if field in limits:
        element["max_length"] = limits[field]
    if field in _LIVE:
        element["dispatch_action_config"] = _ENTER
    if field == "description":
        element["multiline"] = True
    return element


def _tick(field: str, *, ticked: bool) -> Block:
    words = {"all_day": "The whole day", "invitations": "Mail the participants an invitation"}
    choice = option(words[field], "yes")
    return {
        "type": "checkboxes",
        "options": [choice],
        **({"initial_options": [choice]} if ticked else {}),
    }


def _initial(kind: str, value: Any) -> Block:
    return {f"initial_{kind}": value} if value else {}


def _demanded(draft: Draft, field: Demanded) -> list[Block]:
    name = f"field:{field.api_name}"
    value = draft.sheet.demanded.get(field.api_name, "")
    if field.kind == "other":
        text = f"Your CRM also demands “{field.label}”, which I can't ask for. Add it in the CRM after creating."
        return [context(escape(text), block_id=name)]
    element: Block
    match field.kind:
        case "picklist":
            choices = {actual: option(shown, actual) for actual, shown in field.choices[:100]}
            element = {
                "type": "static_select",
                "options": list(choices.values()),
                **_initial("option", choices.get(value)),
            }
        case "number":
            element = {
                "type": "number_input",
                "is_decimal_allowed": True,
                **_initial("value", value),
            }
        case "date":
            element = {"type": "datepicker", **_initial("date", value)}
        case "tick":
            choice = option(field.label, "true")
            element = {
                "type": "checkboxes",
                "options": [choice],
                **({"initial_options": [choice]} if value == "true" else {}),
            }
        case _:
            element = {"type": "plain_text_input", **_initial("value", value)}
    block: Block = {
        "type": "input",
        "block_id": name,
        "optional": field.kind == "tick",
        "label": plain(field.label),
        "element": {"action_id": "meet_demanded", **element},
    }
    return _with_objection(draft, name, block)


def _buttons(draft: Draft) -> Block:
    more = "Fewer options" if draft.more else "More options"
    return actions(
        button("Show the dates", ids.MEET_PREVIEW),
        button(more, ids.MEET_MORE),
        block_id="buttons",
    )


def _preview(page: Page) -> list[Block]:
    if page.preview is not None:
        text = say.preview(page.preview)
    else:
        missing = " ".join(apologies.apology(error) for error in page.composed.errors)
        text = f"The dates appear here. {missing}"
    return [{"type": "section", "block_id": "preview", "text": plain(text)}]


def _person_label(name: str, kind: Kind | None, email: str | None) -> str:
    known = ", ".join(part for part in (say.KINDS[kind] if kind else "", email or "") if part)
    return f"{name} ({known})" if known and name != email else name


def _person_option(person: Participant) -> Block:
    return option(
        _person_label(person.name, person.kind, person.email), f"{person.kind}:{person.ref}"
    )


def people_options(people: tuple[Participant, ...]) -> list[Block]:
    """Return type-ahead options for people, at most a hundred (Slack, options)."""
    return [_person_option(one) for one in people][:100]


def record_options(field: str, records: tuple[Record, ...]) -> list[Block]:
    """Return type-ahead options for records."""
    return [option(one.name, f"{field}:{one.id}") for one in records][:100]


def read_sheet(view: Mapping[str, Any], draft: Draft, resolve: Resolve) -> Sheet:
    """Return what the person has in the form.

    Fields that aren't on the screen keep what the draft holds, as do fields whose block
    is older than the draft's: Parley has set them since.
    """
    changes: dict[str, Any] = {}
    demanded = dict(draft.sheet.demanded)
    for block_id, elements in (view.get("state") or {}).get("values", {}).items():
        element = next(iter(elements.values()))
        if block_id.startswith("field:"):
            demanded[block_id.removeprefix("field:")] = _raw(element)
            continue
        field, _, epoch = block_id.partition(".")
        if field in say.LABELS and int(epoch or 0) == draft.epochs.get(field, 0):
            changes[field] = _value(field, element, draft.sheet, resolve)
    return replace(draft.sheet, demanded=demanded, **changes)


def _raw(element: Mapping[str, Any]) -> str:
    if element["type"] == "checkboxes":
        return "true" if element.get("selected_options") else ""
    chosen = element.get("selected_option") or {}
    return str(
        element.get("value") or element.get("selected_date") or chosen.get("value") or ""
    )


def _value(field: str, element: Mapping[str, Any], sheet: Sheet, resolve: Resolve) -> Any:
    match field:
        case "day":
            chosen = element.get("selected_date")
            return date.fromisoformat(chosen) if chosen else None
        case "start":
            chosen = element.get("selected_time")
            return time.fromisoformat(chosen) if chosen else None
        case "all_day" | "invitations":
            return bool(element.get("selected_options"))
        case "people":
            return tuple(
                _person(one, sheet, resolve) for one in element.get("selected_options") or ()
            )
        case "contact" | "record":
            one = element.get("selected_option")
            return _record(one) if one else None
        case "module":
            one = element.get("selected_option")
            return ParentModule(one["value"]) if one else None
        case _:
            return element.get("value") or ""


def _record(chosen: Mapping[str, Any]) -> Record:
    return Record(id=chosen["value"].partition(":")[2], name=chosen["text"]["text"])


def _person(chosen: Mapping[str, Any], sheet: Sheet, resolve: Resolve) -> Participant:
    kind, _, ref = chosen["value"].partition(":")
    known = next((one for one in sheet.people if (one.kind, one.ref) == (kind, ref)), None)
    return known or resolve(Kind(kind), ref, chosen["text"]["text"])


def field_errors(view: Mapping[str, Any], errors: tuple[Refused, ...]) -> dict[str, str]:
    """Return Slack's errors by block id; what has no field on the screen stands at the title.

    Slack shows errors only under input blocks that are in the view.
    """
    blocks = {
        block["block_id"].partition(".")[0]: block["block_id"]
        for block in view.get("blocks", ())
        if block["type"] == "input"
    }
    shown: dict[str, str] = {}
    for error in errors:
        place = _PLACES.get(error.field or "", error.field or "title")
        shown.setdefault(blocks.get(place, blocks["title"]), apologies.apology(error))
    return shown
