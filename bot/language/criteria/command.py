"""The words after ``/export``: module, fields, criteria, view and file type."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.export import FileType
from bot.errors import NotUnderstood
from bot.language.criteria.conditions import Said, parse
from bot.language.criteria.words import JOINERS, Token, Words, tokens, words_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What a person asked to be exported, in their words.

    Attributes:
        text: The whole of it.
        module: What names the module.
        fields: What names the fields; none for all.
        where: The criteria, or None.
        view: What names a custom view, or None.
        file_type: As said, or None.
    """

    text: str
    module: Words
    fields: tuple[Words, ...] = ()
    where: Said | None = None
    view: Words | None = None
    file_type: FileType | None = None


def read_export(text: str) -> ExportRequest:
    """Read ``Leads Last_Name, Email where Last_Name = Boyle view "My leads" as csv``.

    Raises:
        NotUnderstood: With the place of what can't be read.
    """
    found = tokens(text)
    if not found:
        raise NotUnderstood("export_nothing", end=len(text))
    if found[0].kind not in ("word", "quoted"):
        raise _at(text, found[0], "export_nothing")
    file_type = None
    if len(found) > 2 and found[-2].low == "as":
        if found[-1].low in set(FileType):
            file_type = FileType(found[-1].low)
            found = found[:-2]
        elif all(token.low != "where" for token in found):
            raise _at(text, found[-1], "export_file_type")
    parts = dict(_parts(found[1:]))
    view, where = parts.get("view"), parts.get("where")
    if view == []:
        raise NotUnderstood("export_view_missing", start=found[-1].end, end=len(text))
    return ExportRequest(
        text=text,
        module=words_of(text, found[:1]),
        fields=_fields(text, parts.get("", [])),
        where=parse(text, where) if where is not None else None,
        view=words_of(text, view) if view else None,
        file_type=file_type,
    )


def _parts(found: list[Token]) -> Iterator[tuple[str, list[Token]]]:
    """Give the fields, the criteria and the view, each clause by the word it begins with."""
    name, some, seen, depth = "", list[Token](), {""}, 0
    before = ""
    for token in found:
        depth += {"(": 1, ")": -1}.get(token.low, 0) if token.kind == "paren" else 0
        # Where a condition or a value is to come, the word is a part of that.
        due = name == "where" and (not some or depth > 0 or before in JOINERS or before == "sign")
        opens = token.kind == "word" and token.low in ("where", "view") and token.low not in seen
        if opens and not due:
            yield name, some
            name, some, before = token.low, [], ""
            seen.add(name)
            continue
        some.append(token)
        before = token.low if token.kind == "word" else token.kind
    yield name, some


def _fields(text: str, found: list[Token]) -> tuple[Words, ...]:
    """Read a list with commas; brackets around it are read over."""
    fields: list[Words] = []
    some: list[Token] = []
    for token in [*found, None]:
        if token is not None and token.kind == "bracket":
            continue
        if token is not None and token.kind in ("word", "quoted"):
            some.append(token)
            continue
        if token is not None and token.kind != "comma":
            raise _at(text, token, "export_unexpected")
        if some:
            fields.append(words_of(text, some))
            some = []
        elif token is not None:
            raise _at(text, token, "export_unexpected")
    return tuple(fields)


def _at(text: str, token: Token, code: str) -> NotUnderstood:
    said = text[token.start : token.end][:100]
    return NotUnderstood(code, start=token.start, end=token.end, said=said)
