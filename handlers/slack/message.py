"""Messages and the small blocks they are built from, within Slack's limits.

Limits: Slack, "Block Kit reference". They count characters after escaping, so texts are
escaped first and cut second.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Block = dict[str, Any]

TEXT = 3000
HEADER = 150
LABEL = 2000
BUTTON = 75
OPTION = 75
TITLE = 24
MESSAGE = 4000

# Control characters, and those that turn the direction of the text around what follows them.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}$")
_CUT = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What the bot says.

    Attributes:
        text: A full sentence: the notification, and what a screen reader reads.
        blocks: How it looks; empty shows the text.
    """

    text: str
    blocks: list[Block] = field(default_factory=list)


def clean(text: str) -> str:
    """Return *text* without control characters and direction overrides."""
    return _UNSEEN.sub("", text)


def escape(text: str) -> str:
    """Return *text* safe for mrkdwn: data can't become a mention, a link or a broadcast.

    Slack, "Formatting text for app surfaces": exactly ``&``, ``<`` and ``>``.
    """
    return clean(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """Return *text* in at most *limit* characters, an ellipsis at the cut."""
    return text if len(text) <= limit else f"{text[: limit - 1]}{_CUT}"


def cut_escaped(text: str, limit: int) -> str:
    """Return escaped *text* like `cut`; an entity such as ``&amp;`` is kept whole or left out."""
    if len(text) <= limit:
        return text
    return _HALF_ENTITY.sub("", text[: limit - 1]) + _CUT


def plain(text: str, limit: int = TEXT) -> Block:
    """Return a plain_text object: nothing in it is markup. Slack refuses an empty one.

    Slack counts ``&``, ``<`` and ``>`` as long as they are escaped, in plain text too.
    """
    shown = cut(clean(text), limit)
    while (over := len(escape(shown)) - limit) > 0:
        # Each step takes at least one character, and never more than is over.
        shown = cut(shown, len(shown) - max(1, over // 5))
    return {"type": "plain_text", "text": shown or "-", "emoji": True}


def mrkdwn(text: str) -> Block:
    """Return a mrkdwn object; people's and the CRM's words in it went through ``escape``."""
    # verbatim: Slack makes no links, channels or mentions of its own.
    return {"type": "mrkdwn", "text": cut_escaped(text, TEXT) or "-", "verbatim": True}


def moment(at: datetime) -> str:
    """Return a moment that each reader sees on their own clock, as mrkdwn.

    Slack, "Formatting text for app surfaces", date tokens; the fallback is what *at* says.
    """
    shown = f"{at:%a} {at.day} {at:%b %Y, %H:%M}"
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|{shown}>"


def section(text: str, *, block_id: str | None = None, accessory: Block | None = None) -> Block:
    """Return a section of mrkdwn."""
    block: Block = {"type": "section", "text": mrkdwn(text), **_id(block_id)}
    if accessory:
        block["accessory"] = accessory
    return block


def context(*texts: str, block_id: str | None = None) -> Block:
    """Return small lines of mrkdwn, at most ten."""
    return {"type": "context", "elements": [mrkdwn(one) for one in texts[:10]], **_id(block_id)}


def header(text: str) -> Block:
    """Return a headline of plain text."""
    return {"type": "header", "text": plain(text, HEADER)}


def divider() -> Block:
    """Return a line."""
    return {"type": "divider"}


def option(text: str, value: str) -> Block:
    """Return one choice of a select; *value* is at most 150 characters and never cut."""
    return {"text": plain(text, OPTION), "value": value}


def button(
    text: str,
    action_id: str,
    *,
    value: str | None = None,
    url: str | None = None,
    style: str | None = None,
    confirm: Block | None = None,
) -> Block:
    """Return a button; *style* is ``primary`` or ``danger``."""
    block: Block = {"type": "button", "text": plain(text, BUTTON), "action_id": action_id}
    extra = {"value": value, "url": url, "style": style, "confirm": confirm}
    return {**block, **{name: one for name, one in extra.items() if one}}


def confirmation(title: str, text: str, *, yes: str, no: str) -> Block:
    """Return a question before a button acts."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }


def actions(*elements: Block, block_id: str | None = None) -> Block:
    """Return a row of buttons, at most twenty-five."""
    return {"type": "actions", "elements": list(elements[:25]), **_id(block_id)}


def text_input(
    label: str,
    action_id: str,
    *,
    block_id: str,
    hint: str | None = None,
    max_length: int = 3000,
) -> Block:
    """Return a field for one line of text."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, LABEL),
        "element": {
            "type": "plain_text_input",
            "action_id": action_id,
            "max_length": max_length,
        },
    }
    if hint is not None:
        block["hint"] = plain(hint, LABEL)
    return block


def modal(title: str, blocks: list[Block], *, callback_id: str, submit: str) -> Block:
    """Return a form's view."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, TITLE),
        "submit": plain(submit, TITLE),
        "close": plain("Cancel", TITLE),
        "blocks": blocks,
    }


def say(text: str, *more: Block) -> Message:
    """Return a message of one paragraph of mrkdwn and the blocks below it."""
    return Message(text=cut_escaped(text, MESSAGE), blocks=[section(text), *more])


def _id(block_id: str | None) -> Block:
    return {"block_id": block_id} if block_id else {}
