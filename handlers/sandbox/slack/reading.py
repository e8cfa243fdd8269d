"""What a person reads: the visible text of messages, modals and Home tabs, in reading order."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from handlers.sandbox.slack.blocks import interactive
from handlers.sandbox.slack.elements import all_options
from handlers.sandbox.slack.values import held

JsonObject = dict[str, Any]

_MENTION = re.compile(r"<([@#!])([^>|]*)(?:\|([^>]*))?>")
_LINK = re.compile(r"<((?:https?|mailto)[^>|]*)(?:\|([^>]*))?>")


def shown(text: JsonObject | str | None) -> str:
    """Return a text object, or message text, as a client shows it.

    Mentions show their label or id, links their label, dates their fallback.
    """
    if text is None:
        return ""
    if isinstance(text, dict) and text.get("type") in {"plain_text", "raw_text"}:
        return html.unescape(str(text["text"]))
    raw = str(text["text"]) if isinstance(text, dict) else text
    return html.unescape(_LINK.sub(lambda m: m[2] or m[1], _MENTION.sub(_mention, raw)))


def _mention(match: re.Match[str]) -> str:
    sign, what, label = match.groups()
    if sign == "!":
        return str(label) if what.startswith("date^") else f"@{what}"
    return f"{sign}{label or what}"


def message_lines(body: JsonObject) -> list[str]:
    """Return the lines a person reads in a message: its blocks, else its text."""
    blocks = body.get("blocks")
    state = body.get("state", {}).get("values", {})
    return block_lines(blocks, state, {}) if blocks else [shown(body.get("text"))]


def view_lines(view: JsonObject) -> list[str]:
    """Return the lines of a modal or Home tab: title, blocks with values and errors, buttons."""
    lines = [shown(view["title"])] if view["type"] == "modal" else []
    lines += block_lines(view["blocks"], view["state"]["values"], view.get("errors", {}))
    lines += [shown(view[key]) for key in ("submit", "close") if view.get(key)]
    return [line for line in lines if line]


def block_lines(blocks: list[JsonObject], state: JsonObject, errors: dict[str, str]) -> list[str]:
    """Return the lines of some blocks."""
    lines: list[str] = []
    for block in blocks:
        lines += _own_lines(block)
        for _, element in interactive(block):
            value = state.get(block["block_id"], {}).get(element["action_id"])
            lines += _element_lines(element, value)
        if block.get("hint"):
            lines.append(shown(block["hint"]))
        if block["block_id"] in errors:
            lines.append(errors[block["block_id"]])
    return [line for line in lines if line]


def _section(block: JsonObject) -> list[str]:
    return [shown(block.get("text")), *(shown(field) for field in block.get("fields", ()))]


def _context(block: JsonObject) -> list[str]:
    return [e["alt_text"] if e["type"] == "image" else shown(e) for e in block["elements"]]


_OWN_LINES: dict[str, Callable[[JsonObject], list[str]]] = {
    "section": _section,
    "context": _context,
    "header": lambda block: [shown(block["text"])],
    "markdown": lambda block: [shown(block["text"])],
    "input": lambda block: [shown(block["label"])],
    "image": lambda block: [shown(block.get("title")), block["alt_text"]],
    "rich_text": lambda block: ["".join(_inline(block))],
    "table": lambda block: [" | ".join(_cell(cell) for cell in row) for row in block["rows"]],
}


def _own_lines(block: JsonObject) -> list[str]:
    lines = _OWN_LINES.get(block["type"])
    return lines(block) if lines is not None else []


def _cell(cell: JsonObject) -> str:
    return shown(cell) if cell["type"] == "raw_text" else "".join(_inline(cell))


def _inline(part: JsonObject) -> list[str]:
    """Return the text of rich text, depth first."""
    if "elements" in part:
        return [text for element in part["elements"] for text in _inline(element)]
    named = {"user": "user_id", "channel": "channel_id", "emoji": "name", "broadcast": "range"}
    kind = part["type"]
    if kind in named:
        return [f"@{part[named[kind]]}"]
    return [str(part.get("text") or part.get("url") or part.get("fallback") or "")]


def _element_lines(element: JsonObject, value: JsonObject | None) -> list[str]:
    kind = element["type"]
    if kind == "button":
        return [shown(element["text"])]
    if kind in {"checkboxes", "radio_buttons"}:
        return [choice_line(option, value) for option in element["options"]]
    entered = _entered(value) if value is not None else ""
    return [entered or shown(element.get("placeholder"))]


def choice_line(option: JsonObject, value: JsonObject | None) -> str:
    """Return one box or radio button: "[x] text (description)"."""
    now = held(value) if value is not None else None
    chosen = now if isinstance(now, list) else [now]
    mark = "[x]" if any(c and c["value"] == option["value"] for c in chosen) else "[ ]"
    about = f" ({shown(option['description'])})" if option.get("description") else ""
    return f"{mark} {shown(option['text'])}{about}"


def _entered(value: JsonObject) -> str:
    now = held(value)
    items = now if isinstance(now, list) else [now]
    return ", ".join(
        shown(item["text"]) if isinstance(item, dict) and "text" in item else str(item)
        for item in items
        if item is not None
    )


def pressables(blocks: list[JsonObject]) -> list[tuple[str, JsonObject, JsonObject, str | None]]:
    """Return what can be pressed: (visible text, block, element, option value or None)."""
    found: list[tuple[str, JsonObject, JsonObject, str | None]] = []
    for block in blocks:
        for _, element in interactive(block):
            if element["type"] == "button":
                found.append((shown(element["text"]), block, element, None))
            elif element["type"] == "overflow":
                found += [
                    (shown(option["text"]), block, element, option["value"])
                    for option in all_options(element)
                ]
    return found


def fields(blocks: list[JsonObject]) -> list[tuple[str, JsonObject, JsonObject]]:
    """Return what can be filled in: (label, block, element).

    A field outside an input block is called by its section's text, else by its placeholder.
    """
    found: list[tuple[str, JsonObject, JsonObject]] = []
    for block in blocks:
        for _, element in interactive(block):
            if element["type"] in {"button", "overflow"}:
                continue
            label = block.get("label") or block.get("text") or element.get("placeholder")
            found.append((shown(label), block, element))
    return found


def best(wanted: str, texts: list[str]) -> int | None:
    """Return the index of the exact text, else of the first containing it, ignoring case."""
    if wanted in texts:
        return texts.index(wanted)
    for index, text in enumerate(texts):
        if wanted.lower() in text.lower():
            return index
    return None
