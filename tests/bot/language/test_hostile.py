"""Whatever is typed, reading is quick, linear and never raises."""

import random
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from bot.errors import NotUnderstood, Refused
from bot.language import read, read_length, read_reminders, read_repeats
from tests.conftest import Cases

NOW = datetime(2026, 1, 14, 4, 50, tzinfo=UTC)
MOST_CPU = 0.1  # seconds for one text of 500 characters
FOOD = [
    "every ", "every other ", "1", "a", " ", "-", "(", ")", "'", '"', "@", "<", ">", "<@", "&amp;",
    "1-", "1:", "1/", "1.", "1st ", "and ", "on ", "the ", "of ", "monday ", "mon,", "mon-",
    "monday and ", "1st and ", "until ", "except ", "in 1 ", "at 1, ", "at 1 and ", "1h ",
    "1 hour and a half ", "half past ", "from 1 to ", "to ", "a@", "a@b.", "a.a", "jan ", "jan 1 ",
    "1 jan - ", "next ", "lead:A ", "lead:", "with A and ", "@a", "remind 1h, ", "deal:", "title:",
    "last ", "2nd last ", "twenty ", "week of ", "day 1 and ", "every 1 ", "\n", "é", "日", "😀",
    "٣", "\u202e", "http://a", "<http://a|", "<mailto:a@b.com|", "M/", "x1 ", "3x ", "from now ",
    "every feb 29 ", "feb 29 ", "29th ", "1.31 ", "jan 1.31 ", "31st ",
    "in 9999 years ", "9999-12-31 ", "0001-01-01 ",
    "in 3650 days ", "until 9999-12-31 ", "every 99 years ", "for 999999999 years ", "utc+14 ",
]  # fmt: skip


@pytest.mark.parametrize("morsel", FOOD, ids=repr)
def test_a_full_plate_of_one_morsel_is_read_within_a_tenth_of_a_second(morsel: str) -> None:
    """500 characters of the same, CPU time of this thread."""
    text = (morsel * 500)[:500]
    read("warm up", now=NOW, tz="UTC")
    begun = time.thread_time()
    read(text, now=NOW, tz="UTC").as_dict()
    assert time.thread_time() - begun < MOST_CPU


def test_any_mixture_is_read_and_never_raises(cases: Cases) -> None:
    """Fuzzed from the grammar's own words and from noise; every answer has its JSON."""
    draw = random.Random(20260301)
    noise = [chr(n) for n in (*range(32, 127), 0xA0, 0x2013, 0x2019, 0x1F4CD, 0x0301, 0xD800, 7)]
    slowest = 0.0
    for _ in range(cases(10_000, 1_000_000)):
        pieces = draw.choices(FOOD, k=draw.randint(1, 12)) + draw.choices(
            noise, k=draw.randint(0, 6)
        )
        draw.shuffle(pieces)
        text = "".join(pieces)[:500]
        begun = time.thread_time()
        reading = read(text, now=NOW, tz="America/New_York")
        slowest = max(slowest, time.thread_time() - begun)
        shown = reading.as_dict()
        assert reading.unsupported is None or (shown["rrule"], shown["start"]) == (None, None)
    assert slowest < MOST_CPU


def test_the_fields_readers_only_ever_say_that_they_dont_understand(cases: Cases) -> None:
    """The form's fields take the same food."""
    draw = random.Random(7)
    for _ in range(cases(2_000, 100_000)):
        text = "".join(draw.choices(FOOD, k=draw.randint(1, 8)))
        read_repeats(text, now=NOW, tz="UTC")
        for reader in (read_reminders, lambda words: read_length(words, start=None)):
            with suppress(NotUnderstood, Refused):
                reader(text)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("too_long", "every monday " * 40),
        ("too_long", "x" * 10_000_000),
        ("control", "every monday\x00 10am"),
        ("control", "every monday \x1b[31m"),
        ("control", "every monday \ud800"),
        ("empty", ""),
        ("empty", " \n\t "),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_unreadable_text_is_refused_before_it_is_read(code: str, text: str) -> None:
    """With its own code, at once, whatever its size."""
    begun = time.thread_time()
    refused = read(text, now=NOW, tz="UTC").unsupported
    assert refused is not None
    assert code == refused.code
    assert time.thread_time() - begun < MOST_CPU


@pytest.mark.parametrize(
    "now",
    [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)],
    ids=["first day", "last day"],
)
def test_the_ends_of_the_calendar_are_no_trap(now: datetime) -> None:
    """Relative days at the first and the last moment there is."""
    for text in FOOD:
        read(f"every monday {text} tomorrow next month", now=now, tz="UTC")
        read(f"{text} tomorrow at 3pm in 3 years", now=now, tz="UTC")


def test_a_refusal_without_a_time_has_no_series_to_offer() -> None:
    """Two times of day are needed, and none is named."""
    refused = read("bidaily sync", now=NOW, tz="UTC").unsupported
    assert refused is not None
    assert ("multi_time", ()) == (refused.code, refused.suggest)
