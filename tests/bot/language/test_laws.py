"""No word is dropped, no time is invented."""

import random
import re
from datetime import UTC, datetime

import pytest

from bot.language import Reading, read
from tests.conftest import Cases
from tests.corpus.corpus_lib import rows

NOW = datetime(2026, 1, 14, 4, 50, tzinfo=UTC)
WORDS = re.compile(r"\w+")


def unaccounted(reading: Reading) -> list[str]:
    """Return the words of the text that no part of the reading accounts for."""
    rest = list(reading.text)
    for start, end in reading.understood:
        rest[start:end] = " " * (end - start)
    kept = " ".join([reading.title or "", *reading.left_over]).lower()
    words = WORDS.findall("".join(rest).lower().replace("&amp;", "&"))
    return [word for word in words if word not in kept]


@pytest.mark.parametrize(
    "name", ["dev.jsonl", "requests_dev.jsonl", "own.jsonl", "own_requests.jsonl"]
)
def test_every_word_is_understood_or_the_title_or_left_over(name: str) -> None:
    """Over the whole corpus."""
    for row in rows(name):
        now = datetime.fromisoformat(row["now"])
        assert unaccounted(read(row["text"], now=now, tz=row["tz"])) == [], row["text"]


def test_no_word_of_a_shuffled_request_is_dropped(cases: Cases) -> None:
    """Words of the corpus in any order."""
    draw = random.Random(11)
    texts = [row["text"].split() for row in (*rows("dev.jsonl"), *rows("requests_dev.jsonl"))]
    for _ in range(cases(3_000, 100_000)):
        words = [word for text in draw.sample(texts, 2) for word in text]
        draw.shuffle(words)
        text = " ".join(words[:14])[:500]
        assert unaccounted(read(text, now=NOW, tz="UTC")) == [], text


NUMERALS = re.compile(r"\d|noon|midday|midnight|o'clock|past|quarter|half|all|hour|minute")


def test_a_start_is_never_invented(cases: Cases) -> None:
    """Where no word names a time of day, there is no start."""
    timeless = [
        row["text"] for row in rows("dev.jsonl") if not NUMERALS.search(row["text"].lower())
    ]
    assert len(timeless) > 90
    draw = random.Random(3)
    for _ in range(cases(3_000, 100_000)):
        text = " ".join(draw.sample(timeless, 2))
        start = read(text, now=NOW, tz="UTC").start
        assert start is None, (text, start)


@pytest.mark.parametrize(
    "text",
    ["every monday until i say stop at 10am", "every leap day at 10am", "every blue moon 3pm",
     "every other last friday at 9", "mondays at 9 unless i am away", "mondays at 9 or tuesdays",
     "every monday at 10 except when it rains", "every ! 3 days", "every so often at noon",
     "tuesdays at 10 starting whenever", "every tuesday before noon",
     "tuesday after next month at 10am",
     "every tue 9am for 45-60 minutes", "monday fortnight at 10",
     "every 2 to 3 weeks", "week 5 of every year", "8 weekly meetings on mon and wed",
     "last monday of the year every year at 9am"],
)  # fmt: skip
def test_a_rule_with_an_unread_bound_is_refused(text: str) -> None:
    """Words that would change the rule are never passed over."""
    reading = read(text, now=NOW, tz="UTC")
    assert reading.unsupported is not None
    assert (None, None) == (reading.rule, reading.start)


AROUND = (
    "Pipeline review {}", "{} Pipeline review", "{} - pipeline review", "{} pls",
    "pipeline review {} with lead: Ann Lee", "Pipeline review: {} at HQ",
    "hi, can you set up a call {} with Ann?", "Review\nwhen: {}\nwith: lead:Ann Lee",
)  # fmt: skip


@pytest.mark.parametrize("name", ["dev.jsonl", "own.jsonl"])
def test_what_is_refused_alone_is_refused_with_a_request_around_it(name: str) -> None:
    """A title, people or a greeting beside it never make a meeting of it."""
    cases = [row for row in rows(name) if row["class"] == "unsupported"]
    for turn, row in enumerate(cases):
        for around in (AROUND[turn % len(AROUND)], AROUND[(turn + 3) % len(AROUND)]):
            text = around.format(row["text"])
            reading = read(text, now=datetime.fromisoformat(row["now"]), tz=row["tz"])
            assert (None, None) == (reading.rule, reading.start), text


@pytest.mark.parametrize(
    "limit",
    ["holidays excluded", "no later than 5", "then monthly", "this week only", "2 weeks apart",
     "for a while", "leap years", "week on week off", "not this week", "plus one on 15 Oct",
     "2 hours after the standup", "Oct-Dec", "summer break", "3 weeks out of 4", "if poss",
     "for Q4", "until the 5th time", "resume 5 Oct", "give or take", "at varying times",
     "from when she joins", "or the next day", "once Priya is back", "time varies", "w/o 5 Oct",
     "last 3 only", "morning and evening", "month end"],
)  # fmt: skip
def test_a_limit_after_a_series_never_becomes_its_title(limit: str) -> None:
    """However it is set off."""
    for text in (f"every Monday 10am {limit}", f"daily 9am, {limit}", f"weekly on Tue ({limit})"):
        reading = read(text, now=NOW, tz="UTC")
        assert (None, None) == (reading.rule, reading.start), text


@pytest.mark.parametrize(
    "title",
    [
        "coffee break",
        "happy hour",
        "wins of the week review",
        "phase 2",
        "q4 planning",
        "month in review",
        "business development",
        "After work drinks",
        "3 week sprint review",
        "forecast for Acme",
        "random coffee",
        "demo day",
        "1-1",
        "Month-end close",
    ],
)
def test_a_title_after_the_time_is_no_limit(title: str) -> None:
    """It ends with a noun of its own, or begins with a capital."""
    for text in (f"every Tuesday 10am {title}", f"{title} every Tuesday 10am"):
        reading = read(text, now=NOW, tz="UTC")
        assert (title, None) == (reading.title, reading.unsupported), text


@pytest.mark.parametrize(
    ("text", "lacks"),
    [("demo Christmas day 3pm", "date"), ("call mid October at 4", "date"),
     ("demo in 2-3 days 3pm", "date"), ("demo next wk", "date"), ("demo Boxing Day 3pm", "date"),
     ("demo friday 3pmish", "time")],
)  # fmt: skip
def test_words_of_a_day_that_are_not_read_are_asked_for(text: str, lacks: str) -> None:
    """Today is taken only where no word names another day."""
    reading = read(text, now=NOW, tz="UTC")
    assert lacks in reading.missing
    assert reading.start is None


@pytest.mark.parametrize(
    ("text", "title"),
    [("7 Habits workshop every monday 9am", "7 Habits workshop"),
     ("every friday 4pm After hours drinks", "After hours drinks"),
     ("Friday planning every thursday 3pm", "Friday planning"),
     ("Daily Bugle interview tomorrow 2pm", "Daily Bugle interview"),
     ("No agenda chat every friday at 3pm", "No agenda chat"),
     ("Spring cleaning every saturday 10am", "Spring cleaning")],
)  # fmt: skip
def test_a_title_keeps_its_words_of_time(text: str, title: str) -> None:
    """Among words of their own they are no part of the rule."""
    reading = read(text, now=NOW, tz="UTC")
    assert (title, None) == (reading.title, reading.unsupported)


@pytest.mark.parametrize(
    "text",
    ["whole of march every monday", "every monday and every 2 weeks on friday",
     "sync every monday for -5 minutes", "every friday (no meeting on 30 jan)",
     "every monday save for august", "on and off on fridays at 9", "weekly, -4 times",
     "the day after the second tuesday of every month", "every monday at some point"],
)  # fmt: skip
def test_a_word_of_time_that_touches_the_rule_is_never_left_in_the_title(text: str) -> None:
    """It would have made it another rule."""
    reading = read(text, now=NOW, tz="UTC")
    assert reading.unsupported is not None
    assert (None, None) == (reading.rule, reading.start)
