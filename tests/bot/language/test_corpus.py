"""The reader against the corpus: how much is right, how much is refused, and what is wrong."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.language import read
from tests.corpus.corpus_lib import rows
from tests.corpus.score import Row, judge, right_fields

RIGHT_AT_LEAST = 0.97
WRONG_AT_MOST = 0.005


def reading(case: Row) -> dict[str, object]:
    """Read a case as the person in it would have it read."""
    now = datetime.fromisoformat(case["now"]).astimezone(ZoneInfo(case["tz"]))
    return read(case["text"], now=now, tz=case["tz"]).as_dict()


def verdicts(*classes: str) -> Counter[str]:
    """Count the verdicts over the phrases of some classes."""
    cases = [case for case in rows("dev.jsonl") if case["class"] in classes]
    found = Counter(judge(case, reading(case)) for case in cases)
    assert found.total() == len(cases)
    return found


@pytest.mark.parametrize("kind", ["recurring", "oneoff"])
def test_recurring_and_one_off_phrases_are_read_right_and_hardly_ever_wrong(kind: str) -> None:
    """At least 97 in a hundred right, at most one in two hundred wrong; a refusal is neither."""
    found = verdicts(kind)
    print(dict(found))  # noqa: T201 - the numbers are the point when it fails
    assert (found["exact"] + found["equiv"]) / found.total() >= RIGHT_AT_LEAST
    assert found["wrong"] / found.total() <= WRONG_AT_MOST


def test_what_the_dialect_cannot_say_never_becomes_a_meeting() -> None:
    """No unsupported phrase is silently turned into something else."""
    assert verdicts("unsupported")["wrong"] == 0


def test_text_without_a_date_never_becomes_a_meeting() -> None:
    """Nothing is invented where nothing is said."""
    assert verdicts("nodate")["wrong"] == 0


def test_lengths_alone_are_read_as_lengths() -> None:
    """A length without a day is a length and no start."""
    assert set(verdicts("duration")) == {"exact"}


def test_every_phrase_of_our_own_corpus_is_read_right() -> None:
    """Each one: a row that is added goes red until the reader has it."""
    bad = []
    for case in rows("own.jsonl"):
        given = reading(case)
        right = judge(case, given) in ("exact", "equiv", "ok")
        if case["class"] in ("recurring", "oneoff", "duration"):
            right = right and case["expect"]["duration_min"] == given["duration_min"]
        if not right:
            bad.append((case["id"], case["text"], given))
    assert [] == bad


def test_every_request_of_our_own_corpus_is_read_right() -> None:
    """In every field."""
    bad = []
    for case in rows("own_requests.jsonl"):
        marks = right_fields(case["expect"], reading(case))
        bad += [(case["id"], case["text"], name) for name, right in marks.items() if not right]
    assert [] == bad


@pytest.mark.parametrize("name", ["dev.jsonl", "own.jsonl"])
def test_refusals_say_why_and_suggest_only_what_can_be_read(name: str) -> None:
    """Every suggestion is itself a phrase that is read into a rule or a start."""
    for case in rows(name):
        refused = reading(case)["unsupported"]
        if not isinstance(refused, dict):
            continue
        assert refused["why"].endswith(".")
        for sentence in refused["suggest"]:
            again = reading({**case, "text": sentence})
            assert again["unsupported"] is None, sentence
            assert again["rrule"], sentence


def test_refusals_carry_the_code_of_their_kind() -> None:
    """At least nine in ten of the refused phrases name the kind the corpus expects."""
    cases = [case for case in rows("dev.jsonl") if case["class"] == "unsupported"]
    codes = Counter()  # type: Counter[bool]
    for case in cases:
        refused = reading(case)["unsupported"]
        codes[isinstance(refused, dict) and refused["code"] == case["expect"]["code"]] += 1
    assert codes[True] / len(cases) >= 0.92


def test_whole_requests_are_read_right_in_every_field() -> None:
    """At least 92 in a hundred are right as a whole."""
    cases = rows("requests_dev.jsonl")
    marks = [right_fields(case["expect"], reading(case)) for case in cases]
    wrong = Counter(name for mark in marks for name, right in mark.items() if not right)
    print(dict(wrong))  # noqa: T201 - the numbers are the point when it fails
    assert sum(all(mark.values()) for mark in marks) / len(cases) >= 0.92
