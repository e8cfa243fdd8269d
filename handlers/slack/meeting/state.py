"""What a form brings back: Slack's state as a sheet, and errors at their fields."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time
from typing import Any

from bot.domain.meeting import ParentModule, Record
from bot.domain.participants import Kind, Participant
from bot.errors import Refused
from bot.journeys.meeting.deciding import decide, settle_for
from bot.journeys.meeting.draft import Demanded, Draft, Sheet
from bot.journeys.meeting.lookups import choose
from bot.journeys.meeting.meet import Screen
from handlers.slack import ids
from handlers.slack.ids import Commands
from handlers.slack.meeting.fields import NOTHING, PLACES
from handlers.slack.payloads import Click
from handlers.slack.sentences import apologies
from handlers.slack.sentences import meet as say

Resolve = Callable[[Kind, str, str], Participant]
"""From an option's kind, ref and visible text to the participant behind it."""


def draft_id(view: Mapping[str, Any]) -> str:
    """Return the id of the draft a view belongs to."""
    return str(json.loads(view.get("private_metadata") or "{}").get("draft", ""))


def screen(view: Mapping[str, Any]) -> Screen:
    """Return what a view says it showed."""
    known = json.loads(view.get("private_metadata") or "{}")
    return Screen(
        promise=known.get("shown"), warned=known.get("warned"), hash=str(view.get("hash", ""))
    )


def read_sheet(view: Mapping[str, Any], draft: Draft, resolve: Resolve) -> Sheet:
    """Return what the person has in the form.

    Fields that aren't on the screen keep what the draft holds, as do fields whose block
    is older than the draft's: Parley has set them since.
    """
    changes: dict[str, Any] = {}
    demanded = dict(draft.sheet.demanded)
    asked = {one.api_name: one for one in draft.demanded or ()}
    for block_id, elements in (view.get("state") or {}).get("values", {}).items():
        element = next(iter(elements.values()))
        if block_id.startswith("field:"):
            name = block_id.removeprefix("field:")
            demanded[name] = _raw(element, asked.get(name))
            continue
        field, _, epoch = block_id.partition(".")
        if field in say.LABELS and int(epoch or 0) == draft.epochs.get(field, 0):
            changes[field] = _value(field, element, draft.sheet, resolve)
    return replace(draft.sheet, demanded=demanded, **changes)


def _raw(element: Mapping[str, Any], asked: Demanded | None) -> str:
    match element["type"]:
        case "checkboxes":
            return "true" if element.get("selected_options") else ""
        case "static_select":
            chosen = element.get("selected_option")
            return asked.choices[int(chosen["value"])][0] if chosen and asked else ""
        case _:
            return str(element.get("value") or element.get("selected_date") or "")


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
            return ParentModule(one["value"]) if one and one["value"] != NOTHING else None
        case _:
            return element.get("value") or ""


def _record(chosen: Mapping[str, Any]) -> Record:
    return Record(id=chosen["value"].partition(":")[2], name=chosen["text"]["text"])


def _person(chosen: Mapping[str, Any], sheet: Sheet, resolve: Resolve) -> Participant:
    kind, _, ref = chosen["value"].partition(":")
    known = next((one for one in sheet.people if (one.kind, one.ref) == (kind, ref)), None)
    return known or resolve(Kind(kind), ref, chosen["text"]["text"])


def field_errors(
    view: Mapping[str, Any], errors: tuple[Refused, ...], commands: Commands
) -> dict[str, str]:
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
        place = PLACES.get(error.field or "", error.field or "title")
        shown.setdefault(blocks.get(place, blocks["title"]), apologies.apology(error, commands))
    return shown


def acted(before: Draft, draft: Draft, click: Click) -> Draft:
    """Return the draft after what was clicked beside the fields, or chosen in one."""
    match ids.bare(click.action_id):
        case ids.MEET_MORE:
            return replace(draft, more=not draft.more)
        case ids.MEET_LOOKUP:
            key = click.block_id.partition(":")[2]
            return choose(draft, key, click.value)
        case ids.MEET_DOUBT:
            return decide(draft, click.block_id.partition(":")[2], click.value or "")
        case ids.MEET_SUGGESTION:
            return settle_for(draft, click.value or "")
        case _:
            if draft.sheet.module != before.sheet.module and draft.sheet.record is not None:
                return draft.sets(record=None)
            return draft
