"""The form's fields: each one's element, and its options."""

from typing import Any

from bot.domain.meeting import ParentModule, Record
from bot.domain.participants import Kind, Participant
from bot.journeys.meeting.draft import Demanded, Draft
from handlers.slack.message import Block, option
from handlers.slack.sentences import meet as say

FIRST = ("title", "day", "start", "length", "all_day", "repeats", "people")
MORE = ("venue", "reminders", "contact", "module", "record", "invitations", "description")
OPTIONAL = frozenset({*FIRST, *MORE}) - {"title", "day", "length"}
LIVE = ("day", "start", "length", "repeats", "all_day", "people", "module")
"""Fields that update the preview at once."""
NOTHING = "none"
"""The module menu's choice of no module."""
PLACES = {"date": "day", "end": "length", **{name: name for name in (*FIRST, *MORE)}}
"""From an error's field to the form's."""
_ENTER = {"trigger_actions_on": ["on_enter_pressed"]}


def element(draft: Draft, field: str) -> Block:
    """Return the element of a field, without its action id."""
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
            # Slack's client can't empty a static menu once something is chosen in it.
            return {
                "type": "static_select",
                "options": [option(say.NO_MODULE, NOTHING), *choices.values()],
                **_initial("option", sheet.module and choices[sheet.module]),
            }
        case _:
            return _text(field, getattr(sheet, field))


def _text(field: str, value: str) -> Block:
    limits = {"title": 255, "venue": 255, "description": 3000}
    element: Block = {"type": "plain_text_input", **_initial("value", value)}
    # Words may hold more than the CRM takes: then the error says it, not a menu cut short.
    if field in limits and len(value) <= limits[field]:
        element["max_length"] = limits[field]
    if field in LIVE:
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


def demanded_element(field: Demanded, value: str) -> Block:
    """Return the element of a field the organisation's layout demands."""
    match field.kind:
        case "picklist":
            # By number: Slack takes values of at most 150 characters, the CRM longer ones.
            shown = {
                actual: option(label, str(number))
                for number, (actual, label) in enumerate(field.choices[:100])
            }
            return {
                "type": "static_select",
                "options": list(shown.values()),
                **_initial("option", shown.get(value)),
            }
        case "number":
            return {
                "type": "number_input",
                "is_decimal_allowed": True,
                **_initial("value", value),
            }
        case "date":
            return {"type": "datepicker", **_initial("date", value)}
        case "tick":
            choice = option(field.label, "true")
            return {
                "type": "checkboxes",
                "options": [choice],
                **({"initial_options": [choice]} if value == "true" else {}),
            }
        case _:
            return {"type": "plain_text_input", **_initial("value", value)}


def person_label(name: str, kind: Kind | None, email: str | None) -> str:
    """Return how a person is shown: name, what they are, address."""
    address = "" if email == name else email
    known = ", ".join(part for part in (say.KINDS[kind] if kind else "", address) if part)
    return f"{name} ({known})" if known else name


def _person_option(person: Participant) -> Block:
    return option(
        person_label(person.name, person.kind, person.email), f"{person.kind}:{person.ref}"
    )


def people_options(people: tuple[Participant, ...]) -> list[Block]:
    """Return type-ahead options for people, at most a hundred (Slack, options)."""
    return [_person_option(one) for one in people][:100]


def record_options(field: str, records: tuple[Record, ...]) -> list[Block]:
    """Return type-ahead options for records."""
    return [option(one.name, f"{field}:{one.id}") for one in records][:100]
