"""From what a person says they choose to what Slack's client sends: option values and ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from handlers.sandbox.slack.elements import all_options
from handlers.sandbox.slack.reading import JsonObject, best, shown
from handlers.sandbox.slack.values import held

Ask = Callable[..., JsonObject]


def chosen(ask: Ask, element: JsonObject, target: JsonObject, state: JsonObject, value: Any) -> Any:
    """Return what the control route `put` takes for a visible choice; None empties.

    Checkboxes are set to exactly the given texts, menus for several append to what `state` holds.
    `ask` reaches the control routes, `target` names the element.

    Raises:
        AssertionError: Nothing of that name can be chosen; says what can.
    """
    kind = element["type"]
    many = kind == "checkboxes" or kind.startswith("multi_")
    if not many:
        return None if value is None else _choice(ask, element, target, value)
    wanted = value if isinstance(value, list) else [value]
    found = [_choice(ask, element, target, text) for text in wanted if text is not None]
    if kind == "checkboxes" or value is None:
        return found
    before = [_key(item) for item in held(state)]
    return before + [item for item in found if item not in before]


def _key(item: Any) -> Any:
    return item["value"] if isinstance(item, dict) else item


def _choice(ask: Ask, element: JsonObject, target: JsonObject, value: Any) -> Any:
    kind = element["type"]
    if kind.endswith(("static_select", "external_select", "checkboxes", "radio_buttons")):
        return _option(ask, element, target, value)
    if kind.endswith("users_select"):
        return _known(ask, "people", str(value))
    if kind.endswith(("conversations_select", "channels_select")):
        return _known(ask, "channels", str(value))
    return str(value) if kind == "number_input" else value


def _option(ask: Ask, element: JsonObject, target: JsonObject, text: str) -> str:
    if "external" in element["type"]:
        offered = ask("suggest", **target, value=text)["options"]
    else:
        offered = all_options(element)
    texts = [shown(option["text"]) for option in offered]
    match = best(text, texts)
    if match is None:
        raise AssertionError(f"no option {text!r} among {texts}")
    return str(offered[match]["value"])


def _known(ask: Ask, kind: str, name: str) -> str:
    wanted = name.lstrip("@#").lower()
    rows = ask("people")[kind]
    for row in rows:
        if wanted in {str(value).lower() for value in row.values()}:
            return str(row["id"])
    raise AssertionError(f"nobody and nothing is called {name!r} among {rows}")
