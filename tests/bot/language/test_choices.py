"""Every doubt can be settled by picking a reading, every refusal by picking a suggestion."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.language import Doubt, Reading, read, replaced
from tests.corpus.corpus_lib import rows
from tests.corpus.score import Row

NOW = datetime(2026, 1, 14, 10, 20, tzinfo=ZoneInfo("Asia/Kolkata"))
CORPUS = ("dev.jsonl", "requests_dev.jsonl", "own.jsonl", "own_requests.jsonl")
NEVER_CHOSEN = {"in_past", "participant_type", "channel", "group", "slack_text", "time_of_day"}
"""A word of warning, or a question that a field of the form asks."""


def corpus(case: Row, text: str | None = None, **choices: str) -> Reading:
    """Read a case of the corpus, or other words in its place, with readings picked."""
    now = datetime.fromisoformat(case["now"]).astimezone(ZoneInfo(case["tz"]))
    return read(case["text"] if text is None else text, now=now, tz=case["tz"], choices=choices)


def gist(reading: Reading) -> object:
    """What the doubts of times are about."""
    refused = reading.unsupported
    return (
        reading.rule, reading.start, reading.end, reading.first_date, reading.zone,
        (refused.code, refused.suggest) if refused else None,
    )  # fmt: skip


def prove(case: Row, doubt: Doubt) -> None:
    """Every reading of *doubt* gives another result, stays listed, and stays picked."""
    results = []
    for one in doubt.readings:
        reading = corpus(case, **{doubt.code: one})
        again = next(other for other in reading.doubts if other.code == doubt.code)
        assert (doubt.readings, one) == (again.readings, again.taken), case["text"]
        assert reading == corpus(case, **{doubt.code: one})
        results.append(gist(reading))
    assert len(results) == len(set(results)), (case["text"], doubt, results)
    if doubt.taken:
        assert doubt.taken == doubt.readings[0]
        assert gist(corpus(case)) == results[0]


@pytest.mark.parametrize("name", CORPUS)
def test_each_reading_of_a_doubt_gives_another_meeting_and_stays_picked(name: str) -> None:
    """Over the whole corpus; what can't be picked has one reading at most."""
    for case in rows(name):
        for doubt in corpus(case).doubts:
            if doubt.code in NEVER_CHOSEN:
                assert len(doubt.readings) <= 1
            else:
                assert len(doubt.readings) >= 2, (case["text"], doubt)
                prove(case, doubt)


DOUBTFUL = [
    ("am_pm_assumed", "sync tomorrow at 4", "16:00", "04:00"),
    ("am_pm_assumed", "sync tomorrow 9-11", "09:00", "21:00"),
    ("am_pm_assumed", "workshop thursday 9h", "09:00", "9h long"),
    ("until_period", "every monday until christmas", "Friday 25 December 2026",
     "Thursday 24 December 2026"),
    ("next_weekday", "next friday 10am", "Friday 23 January 2026", "Friday 16 January 2026"),
    ("ordinal_weekday", "every 3rd friday at 10am", "every month on the third Friday",
     "every 3 weeks on Friday"),
    ("biweekly", "biweekly on monday", "every 2 weeks", "twice a week"),
    ("biweekly", "biweekly tuesdays and thursdays", "every 2 weeks", "twice a week"),
    ("bimonthly", "bimonthly on the 5th", "every 2 months", "twice a month"),
    ("biannual", "biannually on the 5th", "every 6 months", "every 2 years"),
    ("tz_abbrev", "tomorrow 3pm CST", "Chicago time", "Shanghai time", "UTC-6 all year"),
    ("tz_abbrev", "tomorrow 3pm IST", "Kolkata time", "Jerusalem time", "Dublin time"),
    ("day_month_order", "call on 04/05 at 10am", "Monday 4 May 2026", "Sunday 5 April 2026"),
    ("day_month_order", "every friday starting 04/05", "Monday 4 May 2026", "Sunday 5 April 2026"),
    ("day_inferred_from_start", "monthly at noon", "every month on the 14th",
     "every month on the second Wednesday"),
    ("day_inferred_from_start", "sync weekly at 10am", "on Wednesday", "on Monday", "on Tuesday",
     "on Thursday", "on Friday", "on Saturday", "on Sunday"),
    ("day_assumed", "sync 3pm", "Wednesday 14 January 2026", "Thursday 15 January 2026"),
    ("time_past", "sync 9am", "Thursday 15 January 2026", "Wednesday 14 January 2026"),
    ("until_month", "every monday until november", "Monday 30 November 2026",
     "Sunday 1 November 2026", "Saturday 31 October 2026"),
    ("next_weekday", "in two weeks monday 10am", "Monday 26 January 2026",
     "Monday 2 February 2026"),
    ("week_end", "every day this week", "Sunday 18 January 2026", "Friday 16 January 2026",
     "Saturday 17 January 2026"),
    ("uk_friday_week", "friday week 10am", "Friday 23 January 2026", "Friday 16 January 2026"),
    ("weekday_mismatch", "tuesday 22 january 10am", "Thursday 22 January 2026",
     "Tuesday 20 January 2026"),
    ("rule_in_title", "annual review on 15 March 2pm", "held once", "repeats every year"),
    ("end_before_start", "tomorrow 4pm-3pm", "15:00 to 16:00", "16:00 to 15:00 next day"),
    ("two_lengths", "tomorrow 3-4pm for 30 minutes", "1h", "30 min"),
    ("zone_day", "every day 9am Sydney time until friday", "2026-01-14 is today", ""),
]  # fmt: skip
ASKED = {"day_month_order", "weekday_mismatch", "end_before_start"}


@pytest.mark.parametrize(("code", "text", "readings"), [(a, b, c) for a, b, *c in DOUBTFUL[:-1]])
def test_a_doubt_carries_its_readings_in_plain_english(
    code: str, text: str, readings: list[str]
) -> None:
    """The usual one first, and taken, unless it has to be asked."""
    case = {"text": text, "now": NOW.isoformat(), "tz": "Asia/Kolkata"}
    doubt = next(one for one in corpus(case).doubts if one.code == code)
    assert tuple(readings) == doubt.readings
    assert ("" if code in ASKED else readings[0]) == doubt.taken
    prove(case, doubt)


def test_what_fits_no_doubt_changes_nothing() -> None:
    """Unknown codes and readings are passed over."""
    plain = read("next friday at 4", now=NOW, tz="Asia/Kolkata")
    picked = {"next_weekday": "a Tuesday", "no_such_code": "04:00", "biweekly": "twice a week"}
    assert plain == read("next friday at 4", now=NOW, tz="Asia/Kolkata", choices=picked)


@pytest.mark.parametrize("name", CORPUS)
def test_a_suggestion_is_read_alone_and_in_the_place_of_the_refused_words(name: str) -> None:
    """The same rule and start; people, place and record stay as they were."""
    for case in rows(name):
        first = corpus(case)
        if first.unsupported is None:
            continue
        assert len(first.unsupported.suggest) <= 3
        for suggestion in first.unsupported.suggest:
            alone = corpus(case, suggestion)
            assert alone.unsupported is None, suggestion
            assert (alone.title, alone.left_over) == (None, ()), suggestion
            text = replaced(case["text"], first.unsupported, suggestion)
            whole = corpus(case, text)
            assert gist(whole)[:2] == gist(alone)[:2], (text, whole.unsupported)  # type: ignore[index]
            assert [(one.kind, one.name) for one in first.people] == [
                (one.kind, one.name) for one in whole.people
            ], text
            assert (first.venue, first.related) == (whole.venue, whole.related), text
            assert first.title == whole.title, text
