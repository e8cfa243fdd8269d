"""Moving by words: a day, a time, a length, alone or together; nothing else."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.change import ChangeSet
from bot.domain.event import Event
from bot.errors import NotUnderstood
from bot.journeys.series.moving import moved

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 1, 14, 9, tzinfo=KOLKATA)  # a Wednesday
START = datetime(2026, 3, 5, 10, tzinfo=KOLKATA)  # a Thursday
EVENT = Event(
    id="10001",
    title="Sync",
    start=START.astimezone(UTC),
    end=(START + timedelta(hours=1)).astimezone(UTC),
    all_day=False,
    participants=(),
    series=None,
    rule=None,
    modified_at=NOW,
    description=None,
    venue=None,
    link="",
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("to Tuesday 3pm", ChangeSet(day=date(2026, 1, 20), clock=time(15))),
        ("tuesday", ChangeSet(day=date(2026, 1, 20))),
        ("tomorrow", ChangeSet(day=date(2026, 1, 15))),
        ("today at 15:30", ChangeSet(day=date(2026, 1, 14), clock=time(15, 30))),
        ("3pm", ChangeSet(clock=time(15))),
        ("to noon", ChangeSet(clock=time(12))),
        ("15:00-16:30", ChangeSet(clock=time(15), length=timedelta(minutes=90))),
        ("for 2 hours", ChangeSet(length=timedelta(hours=2))),
        ("March 12 at 9am", ChangeSet(day=date(2026, 3, 12), clock=time(9))),
        ("thursday 3pm", ChangeSet(clock=time(15))),  # it is a Thursday: the day stays
        # 10:00 in Kolkata is the night before in New York; 15:00 of that day is 1:30 in Kolkata.
        ("3pm New York time", ChangeSet(clock=time(1, 30))),
    ],
)
def test_words_move(words: str, expected: ChangeSet) -> None:
    """What isn't said stays."""
    assert expected == moved(words, EVENT, person_zone="Asia/Kolkata", now=NOW)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "an hour later",
        "next week",
        "the roof",
        "3pm with @ben",
        "all day friday",
    ],
)
def test_what_is_no_time_is_said(words: str) -> None:
    """Not guessed, and not half done."""
    with pytest.raises(NotUnderstood, match="move_unread"):
        moved(words, EVENT, person_zone="Asia/Kolkata", now=NOW)


@pytest.mark.parametrize("words", ["every tuesday", "every other monday 3pm"])
def test_how_it_repeats_is_no_move(words: str) -> None:
    """Said as that, since there is another form for it."""
    with pytest.raises(NotUnderstood, match="move_repeats"):
        moved(words, EVENT, person_zone="Asia/Kolkata", now=NOW)
