"""The verdict on one reading: exact, equiv, wrong or refused; ok or wrong where none is due.

exact    the rule is the same and the start is right
equiv    the same dates by another rule (bounded rules are expanded), and the start is right
wrong    it answered, and the rule or the start is not right: the dangerous outcome
refused  it declined, or found nothing
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tests.corpus.corpus_lib import FIELDS, WEEK, expand, parts

Row = Mapping[str, Any]
_RANK = {"exact": 0, "equiv": 1, "refused": 2, "wrong": 3}
_NOT_OURS = ("BYWEEKNO", "BYYEARDAY", "BYHOUR", "BYMINUTE", "BYSECOND", "BYEASTER")
_ANSWERS = ("rrule", "start", "first_date", "duration_min")


class OutOfDialectError(Exception):
    """A rule the CRM has no words for."""


def _demand(legal: object, what: str) -> None:
    if not legal:
        raise OutOfDialectError(what)


def to_date(value: object) -> date | None:
    """Return the date of an ISO text, or None."""
    return date.fromisoformat(str(value)[:10]) if value else None


def to_moment(value: object) -> datetime | None:
    """Return the moment of an ISO text, or None."""
    return datetime.fromisoformat(str(value)) if value else None


def normalise(text: str, first: date | None) -> str:
    """Return a rule in the one canonical form.

    Args:
        text: Any RRULE.
        first: Its first date, which fills in what the rule leaves to it.

    Raises:
        OutOfDialectError: When the CRM has no words for it.
    """
    rule = parts(text.strip().upper().removeprefix("RRULE:"))
    for key in ("WKST", "DTSTART"):
        rule.pop(key, None)
    _demand(rule.get("FREQ") in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"), "FREQ")
    _demand(not set(_NOT_OURS) & set(rule), "BY")
    rule.setdefault("INTERVAL", "1")
    _normal_days(rule)
    _normal_month(rule, first)
    _demand(not ("COUNT" in rule and "UNTIL" in rule), "COUNT and UNTIL")
    for key in ("INTERVAL", "COUNT"):
        _demand(key not in rule or 1 <= int(rule[key]) <= 99, key)
    if rule["FREQ"] == "WEEKLY" and "BYDAY" not in rule and first:
        rule["BYDAY"] = WEEK[first.weekday()]
    if rule["FREQ"] == "WEEKLY" and rule["INTERVAL"] == "1" and rule["BYDAY"].count(",") == 6:
        del rule["BYDAY"]
        rule["FREQ"] = "DAILY"
    if rule["FREQ"] == "DAILY" and "BYDAY" in rule:
        _demand(rule["INTERVAL"] == "1", "DAILY;BYDAY")
        rule["FREQ"] = "WEEKLY"
    _demand(set(rule) <= set(FIELDS), "unknown part")
    return ";".join(f"{key}={rule[key]}" for key in FIELDS if key in rule)


def _normal_days(rule: dict[str, str]) -> None:
    counted = re.fullmatch(r"([+-]?\d)([A-Z]{2})", rule.get("BYDAY", ""))
    if counted and "BYSETPOS" not in rule:
        rule["BYDAY"], rule["BYSETPOS"] = counted[2], str(int(counted[1]))
    days = rule["BYDAY"].split(",") if "BYDAY" in rule else []
    _demand(set(days) <= set(WEEK), "BYDAY")
    if days:
        rule["BYDAY"] = ",".join(sorted(set(days), key=WEEK.index))
    if "BYSETPOS" in rule:
        _demand(rule["BYSETPOS"] in ("1", "2", "3", "4", "-1") and len(days) == 1, "BYSETPOS")
    elif rule["FREQ"] in ("MONTHLY", "YEARLY"):
        _demand(not days, "BYDAY without BYSETPOS")


def _normal_month(rule: dict[str, str], first: date | None) -> None:
    if "BYMONTHDAY" in rule:
        _demand(rule["BYMONTHDAY"].isdigit() and 1 <= int(rule["BYMONTHDAY"]) <= 31, "BYMONTHDAY")
    month = rule.pop("BYMONTH", None)
    if month is not None:
        _demand(rule["FREQ"] == "YEARLY" and first and first.month == int(month), "BYMONTH")
    if rule["FREQ"] in ("MONTHLY", "YEARLY") and not {"BYDAY", "BYMONTHDAY"} & set(rule) and first:
        rule["BYMONTHDAY"] = str(first.day)


def same_dates(ours: str, our_first: date, theirs: str, their_first: date) -> bool:
    """Say whether two rules mean the same meetings; endless ones are compared 60 dates deep."""
    bounded = ["UNTIL" in rule or "COUNT" in rule for rule in (ours, theirs)]
    if bounded[0] != bounded[1]:
        return False
    left, right = expand(ours, our_first, 120), expand(theirs, their_first, 120)
    depth = None if bounded[0] else min(len(left), len(right), 60)
    return left[:depth] == right[:depth] and bool(left)


def start_right(expect: Row, got: Row) -> bool:
    """Say whether the start is the expected instant, and no time was invented."""
    start = to_moment(got.get("start"))
    if expect.get("start"):
        return bool(start and start.tzinfo and start == to_moment(expect["start"]))
    if start and (start.hour or start.minute) and not expect.get("time_hint"):
        return False
    if expect.get("anchored") or (expect.get("rrule") is None and expect.get("first_date")):
        day = to_date(got.get("first_date")) or (start.date() if start else None)
        return day == to_date(expect["first_date"])
    return True


def declined(got: Row) -> bool:
    """Say whether the reading declines, or holds neither rule, day nor length."""
    return bool(got.get("unsupported")) or not any(got.get(key) for key in _ANSWERS)


def judge(case: Row, got: Row) -> str:
    """Return the verdict on a reading's JSON for a case of the corpus."""
    if case["class"] in ("unsupported", "nodate"):
        return "ok" if declined(got) else "wrong"
    if declined(got):
        return "refused"
    expect = case["expect"]
    choices = [expect, *({**expect, **other} for other in expect.get("accept", []))]
    return min((_verdict(case, one, got) for one in choices), key=_RANK.__getitem__)


def _verdict(case: Row, expect: Row, got: Row) -> str:
    verdict = _rule_verdict(expect, got)
    if case["class"] == "duration":
        right = not got.get("start") and got.get("duration_min") == expect["duration_min"]
    else:
        right = start_right(expect, got)
    return verdict if right or verdict == "refused" else "wrong"


def _rule_verdict(expect: Row, got: Row) -> str:
    if expect["rrule"] is None:
        return "wrong" if got.get("rrule") else "exact"
    if not got.get("rrule"):
        return "wrong"
    first = to_date(expect["first_date"])
    got_first = to_date(got.get("first_date")) or first
    try:
        ours, theirs = normalise(got["rrule"], got_first), normalise(expect["rrule"], first)
    except OutOfDialectError:
        return "refused"
    if ours == theirs:
        return "exact"
    same = first and got_first and same_dates(theirs, first, ours, got_first)
    return "equiv" if same else "wrong"


def right_fields(expect: Row, got: Row) -> dict[str, bool]:
    """Return, for every field of a request that counts, whether it was read right."""
    titles = [expect["title"], *expect.get("title_accept", [])]
    right = {
        "title": (got.get("title") or "").lower() in [(one or "").lower() for one in titles],
        "participants": _people(got.get("participants")) == _people(expect["participants"]),
        "refusal": bool(got.get("unsupported")) == bool(expect.get("unsupported")),
    }
    if expect.get("unsupported"):
        return right
    return right | {
        "rrule": _rule_verdict(expect, got) in ("exact", "equiv"),
        "start": to_moment(got.get("start")) == to_moment(expect["start"]),
        "end": to_moment(got.get("end")) == to_moment(expect["end"]),
        "all_day": bool(got.get("all_day")) == bool(expect["all_day"]),
        "venue": (got.get("venue") or "").lower() == (expect["venue"] or "").lower(),
        "reminder_min": got.get("reminder_min") == expect["reminder_min"],
        "related": (got.get("related") or None) == expect["related"],
        "missing": sorted(got.get("missing") or []) == sorted(expect.get("missing") or []),
    }


def _people(listed: Any) -> list[tuple[str, str]]:
    return sorted(
        (one["type"], (one.get("slack_id") or one.get("email") or one.get("name") or "").lower())
        for one in listed or []
    )
