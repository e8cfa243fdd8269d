"""Slips of the hand: one edit away from a word of time, beside words of time."""

from datetime import UTC, datetime

import pytest

from bot.language import read
from bot.language.slips import meant_by

NOW = datetime(2026, 1, 14, 4, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("meant", "typed"),
    [("monday", "mondya"), ("thursday", "thurdsay"), ("weekly", "weekley"), ("until", "utnil"),
     ("tomorrow", "tomorrw"), ("daily", "dayly"), ("february", "febrary"), ("other", "othr")],
)  # fmt: skip
def test_one_edit_is_mended(meant: str, typed: str) -> None:
    """A letter left out, put in, swapped, or one that sounds alike."""
    assert meant == meant_by(typed)


@pytest.mark.parametrize(
    "word", ["monday", "dairy", "marsh", "match", "mother", "sundry", "smart", "house", "pending"]
)
def test_a_word_of_its_own_is_no_slip(word: str) -> None:
    """Nor is a word of time."""
    assert None is meant_by(word)


def test_names_and_titles_keep_their_letters() -> None:
    """The text of a mended word stays as typed, and names aren't mended at all."""
    reading = read("Dairy match with lead:Tueday Marsh evry mondya 3pm", now=NOW, tz="UTC")
    assert "Dairy match" == reading.title
    assert ["Tueday Marsh"] == [one.name for one in reading.people]
    assert "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO" == reading.as_dict()["rrule"]
