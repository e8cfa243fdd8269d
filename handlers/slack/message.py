"""Messages and the small blocks they are built from, within Slack's limits.

Limits: Slack, "Block Kit reference" (text object 3,000 characters, button text 75,
option text 75, option value 150, context 10 elements).
"""

from dataclasses import dataclass, field
from typing import Any

Block = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What the bot says.

    Attributes:
        text: A full sentence: the notification, and what a screen reader reads.
        blocks: How it looks; empty shows the text.
    """

    text: str
    blocks: list[Block] = field(default_factory=list)


def escape(text: str) -> str:
    """Return *text* safe for mrkdwn: data can't become a mention, a link or a broadcast.

    Slack, "Formatting text for app surfaces": exactly ``&``, ``<`` and ``>``.
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def cut(text: str, limit: int) -> str:
    """Return *text* in at most *limit* characters, an ellipsis at the cut."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def plain(text: str, limit: int = 3000) -> Block:
    """Return a plain_text object: nothing in it is markup."""
    return {"type": "plain_text", "text": cut(text, limit) or " ", "emoji": True}


def mrkdwn(text: str) -> Block:
    """Return a mrkdwn object; people's and the CRM's words in it went through ``escape``."""
    # Never cut inside an entity such as &amp; - it would show as rubbish.
    short = cut(text, 3000)
    if short != text and "&" in short[-6:] and ";" not in short[-6:]:
        short = short[: short.rindex("&")] + "…"
    return {"type": "mrkdwn", "text": short, "verbatim": True}


def section(text: str, *, block_id: str | None = None, accessory: Block | None = None) -> Block:
    """Return a section of mrkdwn."""
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if block_id:
        block["block_id"] = block_id
    if accessory:
        block["accessory"] = accessory
    return block


def context(text: str, *, block_id: str | None = None) -> Block:
    """Return one small line of mrkdwn."""
    block: Block = {"type": "context", "elements": [mrkdwn(text)]}
    if block_id:
        block["block_id"] = block_id
    return block


def divider() -> Block:
    """Return a line."""
    return {"type": "divider"}


def option(text: str, value: str) -> Block:
    """Return one choice of a select."""
    return {"text": plain(text, 75), "value": value}


def button(
    text: str,
    action_id: str,
    *,
    value: str | None = None,
    url: str | None = None,
    style: str | None = None,
    confirm: Block | None = None,
) -> Block:
    """Return a button."""
    block: Block = {"type": "button", "text": plain(text, 75), "action_id": action_id}
    extra = {"value": value, "url": url, "style": style, "confirm": confirm}
    return {**block, **{name: one for name, one in extra.items() if one}}


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """Return a question before a button acts."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }


def actions(*elements: Block, block_id: str | None = None) -> Block:
    """Return a row of buttons."""
    block: Block = {"type": "actions", "elements": list(elements)}
    if block_id:
        block["block_id"] = block_id
    return block
