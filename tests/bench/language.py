"""How well and how fast phrases are read: ours, beside recurrent where it is installed."""

import importlib
import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.language import read
from tests.corpus.corpus_lib import rows
from tests.corpus.score import judge, right_fields

Reader = Callable[[str, datetime, str], Mapping[str, Any]]
_WARM = 25


def ours(text: str, now: datetime, tz: str) -> Mapping[str, Any]:
    """Read with Parley."""
    return read(text, now=now, tz=tz).as_dict()


def recurrent() -> Reader | None:
    """Return a reader by recurrent (PyPI), or None where it isn't installed."""
    try:
        parser = importlib.import_module("recurrent.event_parser").RecurringEvent
    except ModuleNotFoundError:
        return None

    def parse(text: str, now: datetime, tz: str) -> Mapping[str, Any]:
        try:
            answer = parser(now_date=now.replace(tzinfo=None)).parse(text)
        except Exception:  # noqa: BLE001 - a reader that breaks has refused
            return {}
        if answer is None:
            return {}
        if isinstance(answer, datetime):
            start = answer.replace(tzinfo=ZoneInfo(tz))
            return {"start": start.isoformat(), "first_date": start.date().isoformat()}
        lines = [line for line in str(answer).splitlines() if "FREQ=" in line]
        return {"rrule": lines[0].removeprefix("RRULE:")} if lines else {}

    return parse


def timed(
    reader: Reader, cases: list[dict[str, Any]]
) -> tuple[list[Mapping[str, Any]], list[float]]:
    """Return what was read and the milliseconds it took, phrase by phrase."""
    answers: list[Mapping[str, Any]] = []
    took: list[float] = []
    for case in cases[:_WARM] + cases:
        now = datetime.fromisoformat(case["now"]).astimezone(ZoneInfo(case["tz"]))
        begun = time.perf_counter()
        answer = reader(case["text"], now, case["tz"])
        took.append((time.perf_counter() - begun) * 1000)
        answers.append(answer)
    return answers[_WARM:], took[_WARM:]


def p99(values: list[float]) -> float:
    """Return the 99th percentile."""
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]


def phrases(name: str, reader: Reader, *, rule_only: bool = False) -> None:
    """Print the verdicts a class, and the times."""
    cases = rows("dev.jsonl")
    answers, took = timed(reader, cases)
    counts: dict[str, Counter[str]] = {}
    for case, answer in zip(cases, answers, strict=True):
        given = answer
        if rule_only and answer.get("rrule"):
            given = {**answer, **{key: case["expect"].get(key) for key in ("start", "first_date")}}
        counts.setdefault(case["class"], Counter())[judge(case, given)] += 1
    for kind, count in counts.items():
        right = count["exact"] + count["equiv"] + count["ok"]
        print(
            f"{name:10} {kind:12} {count.total():4}  right {right / count.total():6.1%}  "
            f"wrong {count['wrong'] / count.total():6.1%}  "
            f"refused {count['refused'] / count.total():6.1%}"
        )
    print(f"{name:10} median {statistics.median(took):.3f} ms  p99 {p99(took):.3f} ms a phrase")


def requests() -> None:
    """Print how many whole requests are right."""
    cases = rows("requests_dev.jsonl")
    answers, took = timed(ours, cases)
    marks = [
        right_fields(case["expect"], answer) for case, answer in zip(cases, answers, strict=True)
    ]
    wrong = Counter(name for mark in marks for name, right in mark.items() if not right)
    print(f"parley     requests      {len(cases):4}  right {sum(all(m.values()) for m in marks)}")
    if wrong:
        print(f"           wrong fields  {dict(wrong)}")
    print(f"parley     median {statistics.median(took):.3f} ms  p99 {p99(took):.3f} ms a request")


def main() -> None:
    """Print everything."""
    phrases("parley", ours)
    requests()
    peer = recurrent()
    if peer is None:
        print("recurrent  isn't installed (pip install recurrent), so it isn't measured here")
    else:
        print("recurrent gives no start with a rule: its rules alone are judged")
        phrases("recurrent", peer, rule_only=True)


if __name__ == "__main__":
    main()
