"""Slack's own judgement of Block Kit: every limit and every structural rule we know of.

Sources: docs.slack.dev `reference/block-kit/blocks`, `reference/views` and
`reference/methods/views.open`.
Block types the sandbox doesn't know are refused, also those Slack has added lately.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from handlers.sandbox.slack.elements import IN_ACTIONS, IN_INPUT, IN_SECTION, only
from handlers.sandbox.slack.rules import (
    Findings,
    Rule,
    anything,
    boolean,
    by_type,
    choice,
    integer,
    items,
    plain,
    shape,
    string,
    text,
)

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
VIEW_BYTES = 250 * 1024
MARKDOWN_TOTAL = 12_000

_ID: dict[str, Rule] = {"block_id": string(255)}

_INLINE = by_type(
    {
        "text": shape({"type": anything, "text": string(3000)}, {"style": anything}),
        "link": shape(
            {"type": anything, "url": string(3000)},
            {"text": string(3000), "style": anything, "unsafe": boolean},
        ),
        "user": shape({"type": anything, "user_id": string(255)}, {"style": anything}),
        "channel": shape({"type": anything, "channel_id": string(255)}, {"style": anything}),
        "usergroup": shape({"type": anything, "usergroup_id": string(255)}, {"style": anything}),
        "emoji": shape(
            {"type": anything, "name": string(255)}, {"unicode": anything, "style": anything}
        ),
        "date": shape(
            {"type": anything, "timestamp": integer(0, 10**11), "format": string(255)},
            {"url": string(3000), "fallback": string(255), "style": anything},
        ),
        "broadcast": shape({"type": anything, "range": choice("here", "channel", "everyone")}),
        "color": shape({"type": anything, "value": string(255)}),
    }
)
_LINES = items(_INLINE, most=1000, least=0)
_RICH_SECTION = shape({"type": anything, "elements": _LINES})
_BORDERED = {"border": integer(0, 1)}
_RICH = by_type(
    {
        "rich_text_section": _RICH_SECTION,
        "rich_text_preformatted": shape({"type": anything, "elements": _LINES}, _BORDERED),
        "rich_text_quote": shape({"type": anything, "elements": _LINES}, _BORDERED),
        "rich_text_list": shape(
            {
                "type": anything,
                "style": choice("bullet", "ordered"),
                "elements": items(by_type({"rich_text_section": _RICH_SECTION}), most=1000),
            },
            {"indent": integer(0, 8), "offset": integer(0, 10**6)} | _BORDERED,
        ),
    }
)
_RICH_BLOCK = shape({"type": anything, "elements": items(_RICH, most=1000)}, _ID)


def _text_or_fields(value: Any, pointer: str, findings: Findings) -> None:
    if "text" not in value and "fields" not in value:
        findings.add(pointer, "must define either text or fields")


def _one_image_source(value: Any, pointer: str, findings: Findings) -> None:
    if ("image_url" in value) == ("slack_file" in value):
        findings.add(pointer, "must define exactly one of: image_url, slack_file")


_SECTION = shape(
    {"type": anything},
    _ID
    | {
        "text": text(3000),
        "fields": items(text(2000), most=10),
        "accessory": by_type(only(IN_SECTION)),
        "expand": boolean,
    },
    _text_or_fields,
)
_COMMON: dict[str, Rule] = {
    "section": _SECTION,
    "divider": shape({"type": anything}, _ID),
    "header": shape({"type": anything, "text": plain(150)}, _ID),
    "context": shape(
        {
            "type": anything,
            "elements": items(
                by_type(
                    only(frozenset({"image"})) | {"plain_text": text(3000), "mrkdwn": text(3000)}
                ),
                most=10,
            ),
        },
        _ID,
    ),
    "actions": shape(
        {"type": anything, "elements": items(by_type(only(IN_ACTIONS)), most=25)}, _ID
    ),
    "input": shape(
        {"type": anything, "label": plain(2000), "element": by_type(only(IN_INPUT))},
        _ID | {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "image": shape(
        {"type": anything, "alt_text": string(2000)},
        _ID | {"image_url": string(3000), "slack_file": anything, "title": plain(2000)},
        _one_image_source,
    ),
    "rich_text": _RICH_BLOCK,
}
_CELL = by_type(
    {
        "raw_text": shape({"type": anything, "text": string(3000)}),
        "rich_text": _RICH_BLOCK,
    }
)
_MESSAGE_ONLY: dict[str, Rule] = {
    "markdown": shape({"type": anything, "text": string(MARKDOWN_TOTAL)}, _ID),
    "table": shape(
        {"type": anything, "rows": items(items(_CELL, most=20), most=100)},
        _ID | {"column_settings": items(anything, most=20)},
    ),
}

_MODAL_TEXT = plain(24)
_VIEW_COMMON: dict[str, Rule] = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_VIEW_BLOCKS = items(by_type(_COMMON), most=VIEW_BLOCKS, least=0)
_VIEWS: dict[str, Rule] = {
    "modal": shape(
        {"type": anything, "title": _MODAL_TEXT, "blocks": _VIEW_BLOCKS},
        _VIEW_COMMON
        | {
            "submit": _MODAL_TEXT,
            "close": _MODAL_TEXT,
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": shape({"type": anything, "blocks": _VIEW_BLOCKS}, _VIEW_COMMON),
}
_MESSAGE = items(by_type(_COMMON | _MESSAGE_ONLY), most=MESSAGE_BLOCKS, least=0)


def interactive(block: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each element of a block that a person can act on, with its pointer in the block."""
    if block["type"] == "input":
        yield "element", block["element"]
    elif block["type"] == "section" and block.get("accessory", {}).get("type", "image") != "image":
        yield "accessory", block["accessory"]
    elif block["type"] == "actions":
        for index, element in enumerate(block["elements"]):
            yield f"elements/{index}", element


def _structure(blocks: list[dict[str, Any]], pointer: str, findings: Findings) -> None:
    seen: set[str] = set()
    focused = 0
    for index, block in enumerate(blocks):
        here = f"{pointer}/{index}"
        block_id = block.get("block_id")
        if block_id in seen:
            findings.add(f"{here}/block_id", f"`block_id` `{block_id}` already exists")
        if block_id is not None:
            seen.add(block_id)
        actions: set[str] = set()
        for where, element in interactive(block):
            action = element.get("action_id")
            if action in actions:
                findings.add(f"{here}/{where}/action_id", f"`action_id` `{action}` already exists")
            if action is not None:
                actions.add(action)
            focused += bool(element.get("focus_on_load"))
            if focused > 1:
                findings.add(f"{here}/{where}", "only one element can have focus_on_load")


def check_message(blocks: Any) -> list[str]:
    """Return what Slack would find wrong with the blocks of a message; empty when all is well."""
    findings = Findings()
    _MESSAGE(blocks, "/blocks", findings)
    if not findings.messages:
        _structure(blocks, "/blocks", findings)
        _message_totals(blocks, findings)
        _modal_only(blocks, "/blocks", findings)
    return findings.messages


def _message_totals(blocks: list[dict[str, Any]], findings: Findings) -> None:
    total = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if total > MARKDOWN_TOTAL:
        findings.add("/blocks", f"markdown must be less than {MARKDOWN_TOTAL + 1} characters")
    if sum(block["type"] == "table" for block in blocks) > 1:
        findings.add("/blocks", "only one table allowed")


def _modal_only(blocks: list[dict[str, Any]], pointer: str, findings: Findings) -> None:
    for index, block in enumerate(blocks):
        for where, element in interactive(block):
            if element.get("response_url_enabled"):
                findings.add(
                    f"{pointer}/{index}/{where}/response_url_enabled", "only allowed in modals"
                )


def check_view(view: Any, kind: str) -> list[str]:
    """Return what Slack would find wrong with a view that must be a `kind` ("modal", "home").

    The size of the whole view is judged apart, by `too_large`.
    """
    findings = Findings()
    by_type({kind: _VIEWS[kind]})(view, "/view", findings)
    if findings.messages:
        return findings.messages
    blocks = view["blocks"]
    _structure(blocks, "/view/blocks", findings)
    has_input = any(block["type"] == "input" for block in blocks)
    if kind == "modal" and has_input and "submit" not in view:
        findings.add("/view", "must define `submit` to use an `input` block in modals")
    if kind == "home":
        _modal_only(blocks, "/view/blocks", findings)
    for index, block in enumerate(blocks):
        for where, element in interactive(block):
            if element.get("response_url_enabled") and block["type"] != "input":
                findings.add(
                    f"/view/blocks/{index}/{where}", "response_url_enabled needs an input block"
                )
    return findings.messages


def too_large(view: Any) -> bool:
    """Say whether a view is above 250 KB as JSON."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES
