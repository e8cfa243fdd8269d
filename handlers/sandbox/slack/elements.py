"""What each interactive element must look like.

Source: docs.slack.dev `reference/block-kit/block-elements` and `composition-objects`.
"""

from __future__ import annotations

from typing import Any

from handlers.sandbox.slack.rules import (
    Findings,
    Rule,
    anything,
    boolean,
    choice,
    integer,
    items,
    plain,
    shape,
    string,
    text,
)

DATE = r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
NUMBER = r"-?\d+(?:\.\d+)?"

_ID: dict[str, Rule] = {"action_id": string(255)}
_FOCUS: dict[str, Rule] = {"focus_on_load": boolean}
_PLACEHOLDER: dict[str, Rule] = {"placeholder": plain(150)}
_CONFIRM: dict[str, Rule] = {
    "confirm": shape(
        {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
        {"style": choice("primary", "danger")},
    )
}
_DISPATCH: dict[str, Rule] = {
    "dispatch_action_config": shape(
        {},
        {"trigger_actions_on": items(choice("on_enter_pressed", "on_character_entered"), most=2)},
    )
}
_MENU = _ID | _FOCUS | _PLACEHOLDER | _CONFIRM
_TYPED = _ID | _FOCUS | _PLACEHOLDER | _DISPATCH

OPTION = shape({"text": plain(75), "value": string(150)}, {"description": plain(75)})
_RICH_OPTION = shape({"text": text(75), "value": string(150)}, {"description": text(75)})
_OVERFLOW_OPTION = shape(
    {"text": plain(75), "value": string(150)},
    {"description": plain(75), "url": string(3000)},
)
OPTIONS = items(OPTION, most=100)
GROUPS = items(
    shape({"label": plain(75), "options": items(OPTION, most=100)}),
    most=100,
)


def all_options(element: dict[str, Any]) -> list[dict[str, Any]]:
    """Return an element's own options, those of its groups included."""
    options = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options += group["options"]
    return options


def _bare(option: dict[str, Any]) -> tuple[Any, ...]:
    """Return what makes two options the same; Slack itself adds `emoji` to what it sends back."""
    description = option.get("description") or {}
    return option["value"], option["text"]["type"], option["text"]["text"], description.get("text")


def _one_source(value: Any, pointer: str, findings: Findings) -> None:
    if ("options" in value) == ("option_groups" in value):
        findings.add(pointer, "must define exactly one of: options, option_groups")


def _initial_is_offered(value: Any, pointer: str, findings: Findings) -> None:
    offered = {_bare(option) for option in all_options(value)}
    for key in ("initial_option", "initial_options"):
        if key not in value:
            continue
        chosen = value[key] if key == "initial_options" else [value[key]]
        if any(_bare(option) not in offered for option in chosen):
            findings.add(f"{pointer}/{key}", f"{key} must exactly match one of the options")


def _length_order(value: Any, pointer: str, findings: Findings) -> None:
    if value.get("min_length", 0) > value.get("max_length", 3000):
        findings.add(pointer, "min_length must not be greater than max_length")


def _static(*, many: bool) -> Rule:
    initial: dict[str, Rule] = (
        {"initial_options": items(OPTION, most=100), "max_selected_items": integer(1, 1000)}
        if many
        else {"initial_option": OPTION}
    )
    sources: dict[str, Rule] = {"options": OPTIONS, "option_groups": GROUPS}
    return shape({"type": anything}, _MENU | sources | initial, _one_source, _initial_is_offered)


def _menu(initial: dict[str, Rule], *, many: bool) -> Rule:
    count: dict[str, Rule] = {"max_selected_items": integer(1, 1000)} if many else {}
    return shape({"type": anything}, _MENU | initial | count)


def _buttons(extra: dict[str, Rule]) -> Rule:
    return shape(
        {"type": anything, "options": items(_RICH_OPTION, most=10)},
        _ID | _FOCUS | _CONFIRM | extra,
        _initial_is_offered,
    )


_CONVERSATIONS: dict[str, Rule] = {
    "response_url_enabled": boolean,
    "default_to_current_conversation": boolean,
    "filter": shape(
        {},
        {
            "include": items(choice("im", "mpim", "private", "public"), most=4),
            "exclude_external_shared_channels": boolean,
            "exclude_bot_users": boolean,
        },
    ),
}
_WORDS = string(255)
_LEAST: dict[str, Rule] = {"min_query_length": integer(0, 1000)}

ELEMENTS: dict[str, Rule] = {
    "button": shape(
        {"type": anything, "text": plain(75)},
        _ID
        | _CONFIRM
        | {
            "url": string(3000),
            "value": string(2000),
            "style": choice("primary", "danger"),
            "accessibility_label": string(75),
        },
    ),
    "overflow": shape(
        {"type": anything, "options": items(_OVERFLOW_OPTION, most=5)}, _ID | _CONFIRM
    ),
    "image": shape(
        {"type": anything, "alt_text": string(2000)},
        {"image_url": string(3000), "slack_file": anything},
    ),
    "static_select": _static(many=False),
    "multi_static_select": _static(many=True),
    "external_select": _menu({"initial_option": OPTION} | _LEAST, many=False),
    "multi_external_select": _menu(
        {"initial_options": items(OPTION, most=100)} | _LEAST, many=True
    ),
    "users_select": _menu({"initial_user": _WORDS}, many=False),
    "multi_users_select": _menu({"initial_users": items(_WORDS, most=100)}, many=True),
    "conversations_select": _menu({"initial_conversation": _WORDS} | _CONVERSATIONS, many=False),
    "multi_conversations_select": _menu(
        {"initial_conversations": items(_WORDS, most=100)} | _CONVERSATIONS, many=True
    ),
    "channels_select": _menu(
        {"initial_channel": _WORDS, "response_url_enabled": boolean}, many=False
    ),
    "multi_channels_select": _menu({"initial_channels": items(_WORDS, most=100)}, many=True),
    "datepicker": _menu({"initial_date": string(10, pattern=DATE, like="YYYY-MM-DD")}, many=False),
    "timepicker": _menu(
        {"initial_time": string(5, pattern=TIME, like="HH:mm"), "timezone": string(255)},
        many=False,
    ),
    "datetimepicker": shape(
        {"type": anything},
        _ID | _FOCUS | _CONFIRM | {"initial_date_time": integer(10**9, 10**10 - 1)},
    ),
    "checkboxes": _buttons({"initial_options": items(_RICH_OPTION, most=10)}),
    "radio_buttons": _buttons({"initial_option": _RICH_OPTION}),
    "plain_text_input": shape(
        {"type": anything},
        _TYPED
        | {
            "initial_value": string(3000, least=0),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
        _length_order,
    ),
    "email_text_input": shape({"type": anything}, _TYPED | {"initial_value": string(3000)}),
    "url_text_input": shape({"type": anything}, _TYPED | {"initial_value": string(3000)}),
    "number_input": shape(
        {"type": anything, "is_decimal_allowed": boolean},
        _TYPED
        | {
            key: string(255, pattern=NUMBER, like="a number as a string")
            for key in ("initial_value", "min_value", "max_value")
        },
    ),
    "rich_text_input": shape(
        {"type": anything},
        _TYPED
        | {
            "initial_value": anything,
            "min_lines": integer(1, 100),
            "max_lines": integer(1, 100),
        },
    ),
    "file_input": shape(
        {"type": anything},
        _ID | {"filetypes": items(_WORDS, most=100), "max_files": integer(1, 10)},
    ),
}

_SINGLE_MENUS = frozenset(
    {
        "static_select",
        "external_select",
        "users_select",
        "conversations_select",
        "channels_select",
    }
)
_MULTI_MENUS = frozenset(f"multi_{name}" for name in _SINGLE_MENUS)
_PICKERS = frozenset({"datepicker", "timepicker", "checkboxes", "radio_buttons"})

# Which element may stand where: the "Works with block types" line of each element's page.
IN_ACTIONS = _SINGLE_MENUS | _PICKERS | {"button", "overflow", "datetimepicker"}
IN_SECTION = _SINGLE_MENUS | _MULTI_MENUS | _PICKERS | {"button", "overflow", "image"}
IN_INPUT = (
    _SINGLE_MENUS
    | _MULTI_MENUS
    | _PICKERS
    | {
        "datetimepicker",
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "rich_text_input",
        "file_input",
    }
)
TYPED = frozenset(
    {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
)


def only(names: frozenset[str]) -> dict[str, Rule]:
    """Return the rows of the element table for these types."""
    return {name: ELEMENTS[name] for name in names}
