"""A small vocabulary for saying what a JSON value must look like, with Slack's words for faults.

A rule takes a value, its JSON pointer and the list of findings, and adds what is wrong. The wording
follows the messages Slack puts in `response_metadata.messages`; only the pointers and the kind of
fault should be relied on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any


class Findings:
    """What is wrong with a payload, in the order it was found."""

    def __init__(self) -> None:
        """Start with nothing wrong."""
        self.messages: list[str] = []

    def add(self, pointer: str, text: str) -> None:
        """Record a fault at a JSON pointer."""
        self.messages.append(f"[ERROR] {text} [json-pointer:{pointer}]")


Rule = Callable[[Any, str, Findings], None]

_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")


def escaped_length(text: str, *, brackets: bool) -> int:
    """Return the characters Slack counts: `&` weighs 5; `<`, `>` weigh 4 with `brackets`."""
    length = len(_ENTITY.sub("&amp;", text))
    return length + 3 * (text.count("<") + text.count(">")) if brackets else length


def string(most: int, *, least: int = 1, pattern: str = "", like: str = "") -> Rule:
    """Demand a string of `least` to `most` characters that fully matches `pattern`, if given."""

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, str):
            findings.add(pointer, "must provide a string")
        elif len(value) > most:
            findings.add(pointer, f"must be less than {most + 1} characters")
        elif len(value) < least:
            findings.add(pointer, f"must be more than {least - 1} characters")
        elif pattern and not re.fullmatch(pattern, value):
            findings.add(pointer, f"invalid value, expected {like or pattern}")

    return rule


def boolean(value: Any, pointer: str, findings: Findings) -> None:
    """Demand true or false."""
    if not isinstance(value, bool):
        findings.add(pointer, "must provide a boolean")


def anything(value: Any, pointer: str, findings: Findings) -> None:
    """Accept any value."""
    del value, pointer, findings


def integer(low: int, high: int) -> Rule:
    """Demand a whole number from `low` to `high`."""

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            findings.add(pointer, "must provide an integer")
        elif value > high:
            findings.add(pointer, f"must be less than {high + 1}")
        elif value < low:
            findings.add(pointer, f"must be more than {low - 1}")

    return rule


def choice(*allowed: str) -> Rule:
    """Demand one of some strings."""

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if value not in allowed:
            findings.add(pointer, f"must be one of: {', '.join(allowed)}")

    return rule


def items(each: Rule, *, most: int, least: int = 1) -> Rule:
    """Demand a list of `least` to `most` values that each satisfy a rule."""

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, list):
            findings.add(pointer, "must provide an array")
            return
        if len(value) > most:
            findings.add(pointer, f"no more than {most} items allowed")
        if len(value) < least:
            findings.add(pointer, f"no less than {least} items allowed")
        for index, item in enumerate(value):
            each(item, f"{pointer}/{index}", findings)

    return rule


def shape(
    required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None, *also: Rule
) -> Rule:
    """Demand an object with these keys and no others; `also` looks at the object as a whole."""
    known = {**required, **(optional or {})}

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.add(pointer, "must provide an object")
            return
        for key in required:
            if key not in value:
                findings.add(pointer, f"missing required field: {key}")
        before = len(findings.messages)
        for key, item in value.items():
            if key in known:
                known[key](item, f"{pointer}/{key}", findings)
            else:
                findings.add(pointer, f"invalid additional property: {key}")
        if len(findings.messages) == before:
            for extra in also:
                extra(value, pointer, findings)

    return rule


def by_type(table: Mapping[str, Rule]) -> Rule:
    """Demand an object whose `type` is in the table, and hold it against that row."""

    def rule(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.add(pointer, "must provide an object")
            return
        kind = value.get("type")
        if not isinstance(kind, str):
            findings.add(pointer, "missing required field: type")
        elif kind not in table:
            findings.add(f"{pointer}/type", f"unsupported type: {kind}")
        else:
            table[kind](value, pointer, findings)

    return rule


def plain(most: int, *, least: int = 1) -> Rule:
    """Demand a plain_text object of at most `most` characters, counted after escaping."""
    return by_type({"plain_text": _text_object(most, least=least, brackets=True)})


def text(most: int, *, least: int = 1) -> Rule:
    """Demand a plain_text or mrkdwn object of at most `most` characters."""
    return by_type(
        {
            "plain_text": _text_object(most, least=least, brackets=True),
            "mrkdwn": _text_object(most, least=least, brackets=False),
        }
    )


def _text_object(most: int, *, least: int, brackets: bool) -> Rule:
    def measured(value: Any, pointer: str, findings: Findings) -> None:
        if not isinstance(value, str):
            findings.add(pointer, "must provide a string")
        elif escaped_length(value, brackets=brackets) > most:
            findings.add(pointer, f"must be less than {most + 1} characters")
        elif len(value) < least:
            findings.add(pointer, f"must be more than {least - 1} characters")

    extra: dict[str, Rule] = {"emoji": boolean} if brackets else {"verbatim": boolean}
    return shape({"type": anything, "text": measured}, extra)
