"""People, records, links, quotes and labelled fields: what marks itself, read before dates."""

import re

from bot.language.labels import Parts, about_contact, labelled, with_names
from bot.language.reading import Guest
from bot.language.scanner import Line, unescaped

_MENTION = re.compile(r"<@([UW][A-Z0-9]{1,20})(?:\|([^<>]{0,80}))?>")
_MAILTO = re.compile(r"<mailto:([^|<>]{3,254})(?:\|[^<>]*)?>")
_LINK = re.compile(r"<(https?://[^|<>]{1,400})(?:\|([^<>]*))?>")


def read_marked(line: Line) -> Parts:
    """Take everything that marks itself out of *line* and return it."""
    parts = Parts()
    _command(line)
    i = 0
    while i < len(line):
        i = max(i + 1, _marked(line, i, parts))
    return parts


def _command(line: Line) -> None:
    if line.low(0) == "/" and line.at(1).kind == "word" and line.at(1).glued:
        line.take(0, 2, "command")


def _marked(line: Line, i: int, parts: Parts) -> int:
    token = line.at(i)
    if token.kind == "slack":
        return _slack(line, i, parts)
    if token.kind == "email":
        parts.add(Guest(kind="email", email=token.text, span=line.span(i, i + 1)))
        line.take(i, i + 1, "people")
    elif token.kind == "url":
        parts.link = parts.link or token.text.rstrip(".,;)")
        line.take(i, i + 1, "link")
    elif token.text in ("'", '"'):
        return _quoted(line, i, parts)
    elif token.text == "@" and line.at(i + 1).glued:
        return _at_name(line, i, parts)
    elif token.kind == "word":
        return labelled(line, i, parts) or _said(line, i, parts)
    return 0


def _slack(line: Line, i: int, parts: Parts) -> int:
    text = line.at(i).text
    span = line.span(i, i + 1)
    mention = _MENTION.fullmatch(text)
    mail = _MAILTO.fullmatch(text)
    link = _LINK.fullmatch(text)
    owner = "people"
    if mention:
        name = unescaped(mention[2]) if mention[2] else None
        parts.add(Guest(kind="user", slack_id=mention[1], name=name, span=span))
    elif mail:
        parts.add(Guest(kind="email", email=unescaped(mail[1]), span=span))
    elif link:
        parts.link = parts.link or unescaped(link[1])
        owner = "link"
    else:
        owner = "strange"
        parts.strange.append(text)
        kinds = {"<#": "channel", "<!": "group"}
        parts.doubt(kinds.get(text[:2], "slack_text"), text)
    line.take(i, i + 1, owner)
    return i + 1


def _quoted(line: Line, i: int, parts: Parts) -> int:
    quote = line.at(i).text
    if parts.title is not None or (quote == "'" and line.at(i).glued):
        return 0
    for j in range(i + 2, len(line)):
        if line.at(j).text == quote:
            start, end = line.tokens[i].end, line.tokens[j].start
            parts.title = unescaped(line.text[start:end]).strip() or None
            line.take(i, j + 1, "title")
            return j + 1
    return 0


def _at_name(line: Line, i: int, parts: Parts) -> int:
    before = line.tokens[i - 1] if i else None
    if before and line.tokens[i].glued and before.text not in "/+,;(&|":
        return 0
    if line.at(i + 1).kind != "word":
        return 0
    j = i + 2
    while line.at(j).glued and (
        line.at(j).kind in ("word", "num")
        or (
            line.low(j) in "._-" and line.at(j + 1).glued and line.at(j + 1).kind in ("word", "num")
        )
    ):
        j += 1
    name = line.words(i + 1, j)
    parts.add(Guest(kind="user", name=name, span=line.span(i, j)))
    line.take(i, j, "people")
    return j


def _said(line: Line, i: int, parts: Parts) -> int:
    low = line.low(i)
    broken = _broken_address(line, i, parts)
    if broken:
        return broken
    if low in ("about", "regarding", "re") and line.low(i + 1) in ("contact", "the"):
        return about_contact(line, i, parts)
    if low in ("with", "w"):
        j = i + 2 if low == "w" and line.low(i + 1) == "/" else i + 1
        if low == "w" and (j == i + 1 or line.at(i).glued):
            return 0
        return with_names(line, j, parts)
    if low in ("no", "without", "don't", "dont", "do", "send"):
        return _invitations(line, i, parts)
    return 0


def _broken_address(line: Line, i: int, parts: Parts) -> int:
    # "jane@nowhere" is no address and no name; it has to be typed again.
    if line.low(i + 1) != "@" or not line.at(i + 1).glued or not line.at(i + 2).glued:
        return 0
    words = line.words(i, i + 3)
    parts.strange.append(words)
    parts.doubt("slack_text", words)
    line.take(i, i + 3, "strange")
    return i + 3


def _invitations(line: Line, i: int, parts: Parts) -> int:
    j = line.skip(i, "no", "without", "don't", "dont", "do", "not", "send", "any", "out", "the")
    if line.low(j) not in ("invites", "invitations", "invite", "invitation", "notifications"):
        return 0
    parts.invitations = line.low(i) == "send"
    line.take(i, j + 1, "invitations")
    return j + 1
