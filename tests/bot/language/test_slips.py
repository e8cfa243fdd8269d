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


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("every 6 weks 3pm", "every 6 weeks 3pm"), ("mon, wde and fri 9am", "mon, wed and fri 9am"),
     ("third wd of every month 6pm", "third wed of every month 6pm"),
     ("wkly thu 2pm", "weekly thu 2pm"),
     ("every monday untl the 15th of june", "every monday until the 15th of june"),
     ("ever friday 4pm", "every friday 4pm"),
     ("las friday of march 5pm", "last friday of march 5pm"),
     ("demo tmro 4pm", "demo tomorrow 4pm"), ("mondasy 2pm", "mondays 2pm"),
     ("fri wkly 4pm", "fri weekly 4pm"), ("9 mrch 2pm", "9 march 2pm")],
)  # fmt: skip
def test_short_slips_are_mended_in_their_place(typed: str, meant: str) -> None:
    """Right before a word of time, after a number, or in a list of days."""
    slip, plain = (read(text, now=NOW, tz="UTC") for text in (typed, meant))
    assert (plain.rule, plain.start) == (slip.rule, slip.start)
    assert plain.start is not None or plain.rule is not None


@pytest.mark.parametrize(
    "text",
    ["call jane friday 3pm", "list review monday 9am", "text wes tomorrow 2pm",
     "net 30 terms friday 1pm",
     "las vegas trip friday 3pm", "true cost demo every tuesday 10am", "form a team friday 3pm"],
)  # fmt: skip
def test_short_words_of_their_own_stay_as_they_are(text: str) -> None:
    """They begin the title."""
    title = read(text, now=NOW, tz="UTC").title or ""
    assert title.startswith(text.split(maxsplit=1)[0])


def test_names_and_titles_keep_their_letters() -> None:
    """The text of a mended word stays as typed, and names aren't mended at all."""
    reading = read("Dairy match with lead:Tueday Marsh evry mondya 3pm", now=NOW, tz="UTC")
    assert "Dairy match" == reading.title
    assert ["Tueday Marsh"] == [one.name for one in reading.people]
    assert "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO" == reading.as_dict()["rrule"]
