"""What a person reads while scheduling: every doubt and note has its sentence."""

import ast
from pathlib import Path

import pytest

from bot.journeys.draft import Doubt
from handlers.slack.sentences import meet as say

LANGUAGE = Path(__file__).parents[3] / "bot" / "language"


def doubt_codes() -> set[str]:
    """Return every code the reader can doubt with: the literals it doubts with."""
    codes = set()
    for path in LANGUAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            first = next(
                (one.value for one in node.keywords if one.arg == "code"),
                node.args[0] if node.args else None,
            )
            if name in ("doubt", "Doubt", "choose", "either") and isinstance(first, ast.Constant):
                codes.add(str(first.value))
    return codes


def test_every_doubt_of_the_reader_has_a_sentence() -> None:
    """A doubt without a sentence would keep the form from opening."""
    found = doubt_codes()

    assert len(found) >= 10
    assert set() == found - set(say.DOUBTS)


@pytest.mark.parametrize("code", sorted(say.DOUBTS))
def test_a_doubt_is_said_with_whatever_readings_it_has(code: str) -> None:
    """The sentence stands, however many readings came."""
    for readings in ((), ("2026-03-15",), ("2026-03-15", "15:00", "more")):
        assert say.doubt(Doubt(code=code, readings=readings)).endswith(".")


def test_a_doubt_says_dates_as_people_do() -> None:
    """ISO dates are for machines."""
    doubt = Doubt(code="next_weekday", readings=("2026-01-23", "2026-01-16"))

    assert "I took “next” as Fri 23 Jan 2026, not Fri 16 Jan 2026." in say.doubt(doubt)


def test_slacks_tokens_are_shown_as_people_see_them() -> None:
    """Angle brackets are Slack's, not the person's."""
    assert "fay and general" == say.readable("<@X0FAY|fay> and <#C123|general>")
    assert "U012" == say.readable("<@U012>")
