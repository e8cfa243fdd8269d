"""What a person reads while scheduling: every doubt and note has its sentence."""

import ast
from pathlib import Path

import pytest

from bot.journeys.meeting.draft import Doubt
from handlers.slack.sentences import doubts, words

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
            if (
                name in ("doubt", "Doubt", "choose", "either")
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
            ):
                codes.add(str(first.value))
    return codes


def test_every_doubt_of_the_reader_has_a_sentence() -> None:
    """A doubt without a sentence would keep the form from opening."""
    found = doubt_codes()

    assert len(found) >= 10
    assert set() == found - {*doubts.TAKEN, *doubts.SAID}


@pytest.mark.parametrize("code", sorted({*doubts.TAKEN, *doubts.SAID}))
def test_a_doubt_is_said_with_whatever_readings_it_has(code: str) -> None:
    """The sentence stands, however many readings came and whether one is taken."""
    for readings in ((), ("2026-03-15",), ("2026-03-15", "15:00", "more")):
        for taken in ("", *readings[:1]):
            one = Doubt(code=code, readings=readings, taken=taken)
            assert doubts.doubt(one).endswith(".")


def test_a_doubt_says_dates_as_people_do() -> None:
    """ISO dates are for machines."""
    one = Doubt(code="in_past", readings=("2026-01-13",))

    assert doubts.doubt(one).startswith("Tue 13 Jan 2026 has passed.")


def test_a_fixed_zone_is_said_by_its_hours() -> None:
    """The tz database's own names for fixed zones have the sign turned round."""
    assert ["UTC-5", "UTC+3", "Asia/Kolkata"] == [
        words.zone(name) for name in ("Etc/GMT+5", "Etc/GMT-3", "Asia/Kolkata")
    ]


def test_slacks_tokens_are_shown_as_people_see_them() -> None:
    """Angle brackets are Slack's, not the person's."""
    assert "fay and general" == words.readable("<@X0FAY|fay> and <#C123|general>")
    assert "U012" == words.readable("<@U012>")
