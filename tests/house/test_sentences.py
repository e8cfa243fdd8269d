"""Every error that can reach a person has a sentence, and every sentence can be said."""

import ast
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import errors
from bot.domain.connection import GrantState
from bot.errors import Fault, NotConnected, ParleyError, Refused
from bot.language import advice
from handlers import faults
from handlers.slack.ids import Commands
from handlers.slack.sentences import admin, apologies, connect, export
from handlers.web import oauth

TOP = Path(__file__).resolve().parents[2]
CLASSES = {name for name, one in vars(errors).items() if isinstance(one, type)}
# Small makers of errors: their first text is the code.
MAKERS = {"_refused", "lost", "odd", "unread", "unexpected", "_at"}
# Codes that aren't written where their error is made, but come there as a value.
MADE = {
    *("bot_user", "deactivated", "foreign"),
    *("not_in_channel", "channel_not_found"),
    "words_refused",
    *(state.value for state in GrantState if state is not GrantState.ACTIVE),
}
# Nobody can do anything about these but read the log: they are told with their class's sentence.
OURS = {
    "archive_id": "an id of ours that is none",
    "crm_id": "an id of ours that is none",
    "crm_request_shape": "a request of ours that can't be sent",
    "crm_request_wrong": "a request of ours that the CRM can't read",
    "database_closed": "work that outlived the house",
    "draft_taken": "two requests with one id",
    "export_id_taken": "two exports with one id",
    "looking_up": "tells the worker when to come again",
}
# What the administrator alone can meet: told on the command line.
TOLD = {
    **apologies.BY_CODE,
    **connect.ERRORS,
    **export.ERRORS,
    **admin.ERRORS,
    **oauth._WHY,
    **faults.FAULTS,
}
COMMANDS = {"meet", "crm"}


@dataclass(frozen=True)
class Raised:
    """One place that makes an error."""

    kind: str
    code: str
    where: str
    values: frozenset[str] | None  # None where they can't be read from the source


def sources() -> dict[str, str]:
    """Return the house's own code by path; the sandbox plays other parts."""
    return {
        name: path.read_text("utf-8")
        for package in ("bot", "store", "handlers")
        for path in sorted((TOP / package).rglob("*.py"))
        if not (name := str(path.relative_to(TOP))).startswith("handlers/sandbox/")
    }


def raised() -> Iterator[Raised]:
    """Find every error made in the house, with its code and the names of its values."""
    for name, text in sources().items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                func = node.func
                yield from _made(node, func.id if isinstance(func, ast.Name) else func.attr, name)


def _made(node: ast.Call, kind: str, name: str) -> Iterator[Raised]:
    if kind not in CLASSES | MAKERS:
        return
    texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
    where = f"{name}:{node.lineno}"
    names = {one.arg for one in node.keywords}
    plain = kind in CLASSES and None not in names
    values = frozenset(filter(None, names)) if plain else None
    for code in texts[:1]:
        if isinstance(code, str) and re.fullmatch(r"[a-z_]+", code):
            yield Raised(kind, code, where, values)


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_the_search_finds_the_errors_of_every_room() -> None:
    """A search that finds nothing would hold nothing."""
    found = {(one.kind, one.code) for one in raised()}
    assert {
        ("Refused", "title_missing"),
        ("Gone", "draft"),
        ("Fault", "key_wrong"),
        ("_refused", "interval_range"),
        ("_refused", "record_locked"),
        ("lost", "crm_down"),
    } <= found
    assert len(found) > 60


def test_every_error_has_a_sentence() -> None:
    """No person reads a bare code, or a sentence that says nothing of what happened."""
    silent = [f"{one.where}: {one.code}" for one in raised() if one.code not in {*TOLD, *OURS}]
    assert [] == silent
    assert set() == MADE - set(TOLD)


def test_no_sentence_waits_for_an_error_that_cannot_come() -> None:
    """A line in a table belongs to an error that is made somewhere."""
    house = "".join(text for name, text in sources().items() if "/sentences/" not in name)
    assert [] == [code for code in MADE if f'"{code}"' not in house]
    made = {one.code for one in raised()} | MADE
    assert set() == (set(apologies.BY_CODE) | set(OURS)) - made


def test_every_sentence_gets_what_it_names() -> None:
    """The values a sentence shows are given wherever its error is made."""
    short = [
        f"{one.where}: {one.code} lacks {sorted(lacks)}"
        for one in raised()
        if one.values is not None
        and (lacks := placeholders(apologies.BY_CODE.get(one.code, "")) - one.values - COMMANDS)
    ]
    assert [] == short


@pytest.mark.parametrize(
    "table",
    [
        pytest.param(apologies.BY_CODE, id="apologies"),
        pytest.param(
            {kind.__name__: text for kind, text in apologies.BY_CLASS.items()}, id="classes"
        ),
        pytest.param(connect.ERRORS, id="connect"),
        pytest.param(export.ERRORS, id="export"),
        pytest.param(admin.ERRORS, id="administrators"),
        pytest.param(oauth._WHY, id="browser"),
        pytest.param(faults.FAULTS, id="command line"),
        pytest.param(advice._WHY, id="why a rule is refused"),
    ],
)
def test_every_sentence_is_a_sentence(table: Mapping[str, str]) -> None:
    """It begins with a capital (or what it was given) and ends with a full stop."""
    wrong = [
        code
        for code, text in table.items()
        if not re.fullmatch(r"[A-Z{“].*\.”?", text) or "  " in text or "!" in text
    ]
    assert [] == wrong


def test_every_class_of_error_has_a_sentence() -> None:
    """A code without a line of its own is still answered."""
    assert set(ParleyError.__subclasses__()) == set(apologies.BY_CLASS)
    for kind, text in apologies.BY_CLASS.items():
        said = apologies.apology(kind("no_such_code"), Commands())
        assert text.format(meet="/meet", crm="/crm") == said


def test_commands_are_named_as_they_are_here() -> None:
    """A renamed command is told by its new name."""
    said = apologies.apology(NotConnected("none"), Commands("acme-"))
    assert "You haven't connected your CRM account yet. Type `/acme-crm connect`." == said


def test_a_refusal_with_no_rule_near_it_still_gives_an_example() -> None:
    """What the reader can't mend is answered with words that can be read."""
    bare = Refused("repeats_unsayable", why="A series can't follow a holiday.", suggest=())
    near = Refused("repeats_unsayable", why="A series can't.", suggest=("every Friday", "daily"))
    assert (
        "A series can't follow a holiday. Say it differently, such as “every Monday until 30 June”."
        == apologies.apology(bare, Commands())
    )
    assert "such as “every Friday” or “daily”." in apologies.apology(near, Commands())


def test_a_fault_of_ours_names_no_code() -> None:
    """A person reads a sentence; the code is for the log."""
    assert "crm_id" not in apologies.apology(Fault("crm_id"), Commands())
