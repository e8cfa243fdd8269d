"""What a person has typed or chosen in a form, in the shapes of Slack's `state.values`.

Source: docs.slack.dev `reference/interaction-payloads/view-interactions-payload`: empty multi
selects arrive as empty lists, empty single values as null.
"""

from __future__ import annotations

import re
from typing import Any

from handlers.sandbox.slack.blocks import interactive
from handlers.sandbox.slack.elements import DATE, NUMBER, TIME, all_options
from handlers.sandbox.slack.refusals import PersonRefusal

Key = tuple[str, str]
Values = dict[Key, dict[str, Any]]

# Element type -> (key in the state, key of the initial value, whether it holds a list).
_SHAPES: dict[str, tuple[str, str, bool]] = {
    "plain_text_input": ("value", "initial_value", False),
    "email_text_input": ("value", "initial_value", False),
    "url_text_input": ("value", "initial_value", False),
    "number_input": ("value", "initial_value", False),
    "rich_text_input": ("rich_text_value", "initial_value", False),
    "datepicker": ("selected_date", "initial_date", False),
    "timepicker": ("selected_time", "initial_time", False),
    "datetimepicker": ("selected_date_time", "initial_date_time", False),
    "radio_buttons": ("selected_option", "initial_option", False),
    "checkboxes": ("selected_options", "initial_options", True),
    "static_select": ("selected_option", "initial_option", False),
    "external_select": ("selected_option", "initial_option", False),
    "users_select": ("selected_user", "initial_user", False),
    "conversations_select": ("selected_conversation", "initial_conversation", False),
    "channels_select": ("selected_channel", "initial_channel", False),
    "multi_static_select": ("selected_options", "initial_options", True),
    "multi_external_select": ("selected_options", "initial_options", True),
    "multi_users_select": ("selected_users", "initial_users", True),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", True),
    "multi_channels_select": ("selected_channels", "initial_channels", True),
    "file_input": ("files", "initial_files", True),
}
_FORMATS = {
    "datepicker": (DATE, "a date as YYYY-MM-DD"),
    "timepicker": (TIME, "a time as HH:MM"),
}
_CLIENT_FORMATS = {
    "number_input": (NUMBER, "Please enter a valid number."),
    "email_text_input": (r"[^@\s]+@[^@\s]+\.[^@\s]+", "Please enter a valid email address."),
    "url_text_input": (r"https?://\S+", "Please enter a valid URL."),
}


def stateful(element: dict[str, Any]) -> bool:
    """Say whether an element holds a value (buttons and overflow menus don't)."""
    return element["type"] in _SHAPES


def initial(element: dict[str, Any]) -> dict[str, Any]:
    """Return the state of an element nobody has touched."""
    key, source, many = _SHAPES[element["type"]]
    value = element.get(source)
    if value is None and many:
        value = []
    state = {"type": element["type"], key: value}
    if element["type"] == "timepicker" and "timezone" in element:
        state["timezone"] = element["timezone"]
    return state


def held(state: dict[str, Any]) -> Any:
    """Return the bare value in a state."""
    return state[_SHAPES[state["type"]][0]]


def fresh(blocks: list[dict[str, Any]]) -> Values:
    """Return the state of blocks shown for the first time."""
    return {
        (block["block_id"], element["action_id"]): initial(element)
        for block in blocks
        for _, element in interactive(block)
        if stateful(element)
    }


def carried(old: Values, blocks: list[dict[str, Any]]) -> Values:
    """Return the state after an update: kept where block_id and action_id stay, else initial.

    docs.slack.dev `surfaces/modals`: "preserving input entry data" on update.
    """
    new = fresh(blocks)
    for key, state in new.items():
        before = old.get(key)
        if before is not None and before["type"] == state["type"]:
            new[key] = before
    return new


def as_state(values: Values) -> dict[str, Any]:
    """Return the values as Slack's `state` object."""
    nested: dict[str, dict[str, Any]] = {}
    for (block_id, action_id), state in values.items():
        nested.setdefault(block_id, {})[action_id] = state
    return {"values": nested}


def changed(element: dict[str, Any], value: Any, offered: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the state after a person enters `value`.

    `value` is the text, date, time or id; for menus the option's `value` (a list where several may
    be chosen); None empties. `offered` are the options an external menu has shown.

    Raises:
        PersonRefusal: Slack's client would not let a person enter this.
    """
    kind = element["type"]
    state = initial(element)
    key, _, many = _SHAPES[kind]
    if many and not isinstance(value, list):
        raise PersonRefusal("list_needed", f"{kind} takes a list")
    most = element.get("max_selected_items")
    if many and most is not None and len(value) > most:
        raise PersonRefusal("too_many_selected", f"at most {most}")
    if key in {"selected_option", "selected_options"}:
        options = offered if "external" in kind else all_options(element)
        value = [_pick(options, v) for v in value] if many else _pick(options, value)
    elif kind in _FORMATS and value is not None:
        pattern, like = _FORMATS[kind]
        if not re.fullmatch(pattern, value):
            raise PersonRefusal("bad_value", f"{kind} takes {like}")
    elif value == "":
        value = None
    state[key] = value
    return state


def _pick(options: list[dict[str, Any]], value: Any) -> dict[str, Any] | None:
    if value is None:
        return None
    for option in options:
        if option["value"] == value:
            return option
    raise PersonRefusal("option_not_offered", f"{value!r} is not among {len(options)} options")


def complaints(blocks: list[dict[str, Any]], values: Values) -> dict[str, str]:
    """Return what Slack's client itself objects to on submit: block_id -> text."""
    found: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = held(values[(block["block_id"], element["action_id"])])
        text = _complaint(element, value, optional=block.get("optional", False))
        if text:
            found[block["block_id"]] = text
    return found


def _complaint(element: dict[str, Any], value: Any, *, optional: bool) -> str | None:
    if value is None or value == []:
        return None if optional else "Please complete this required field."
    kind = element["type"]
    if kind == "plain_text_input":
        return _length_complaint(element, value)
    if kind in _CLIENT_FORMATS:
        pattern, text = _CLIENT_FORMATS[kind]
        if not re.fullmatch(pattern, value):
            return text
    return _number_complaint(element, value) if kind == "number_input" else None


def _length_complaint(element: dict[str, Any], value: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if len(value) < least:
        return f"Must be at least {least} characters."
    return f"Must be at most {most} characters." if len(value) > most else None


def _number_complaint(element: dict[str, Any], value: str) -> str | None:
    if "." in value and not element["is_decimal_allowed"]:
        return "Must be a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and float(value) < float(low):
        return f"Must be {low} or more."
    if high is not None and float(value) > float(high):
        return f"Must be {high} or less."
    return None
