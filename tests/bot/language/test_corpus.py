"""The reader against the corpus: how much is right, how much is refused, and what is wrong."""

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.language import read
from tests.corpus.corpus_lib import rows
from tests.corpus.score import Row, judge, right_fields

RIGHT_AT_LEAST = 0.75
WRONG_AT_MOST = 0.05


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


def test_recurring_and_one_off_phrases_are_read_right_and_hardly_ever_wrong() -> None:
    """At least three in four right, at most one in twenty wrong; a refusal is neither."""
    found = verdicts("recurring", "oneoff")
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
    assert verdicts("duration")["wrong"] == 0


def test_refusals_say_why_and_suggest_only_what_can_be_read() -> None:
    """Every suggestion is itself a phrase that is read into a rule or a start."""
    for case in rows("dev.jsonl"):
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
    assert codes[True] / len(cases) >= 0.9


def test_whole_requests_are_read_right_in_every_field() -> None:
    """At least nine in ten of the requests are right as a whole, and no field is far behind."""
    cases = rows("requests_dev.jsonl")
    marks = [right_fields(case["expect"], reading(case)) for case in cases]
    wrong = Counter(name for mark in marks for name, right in mark.items() if not right)
    print(dict(wrong))  # noqa: T201 - the numbers are the point when it fails
    assert sum(all(mark.values()) for mark in marks) / len(cases) >= 0.9
