"""The dates of a rule by a brute-force day walk: an independent witness of the expansion."""

import calendar
import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FIELDS = ("FREQ", "INTERVAL", "COUNT", "BYMONTHDAY", "BYDAY", "BYSETPOS", "UNTIL")
_TWELVE_YEARS = 366 * 12


def rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of a corpus file."""
    with (HERE / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def parts(rule: str) -> dict[str, str]:
    """Return a rule's text as keys and values."""
    return dict(part.split("=", 1) for part in rule.split(";"))


def positions(day: date) -> set[int]:
    """Return which of its weekdays in the month *day* is: counted, and -1 for the last."""
    last = calendar.monthrange(day.year, day.month)[1]
    return {(day.day - 1) // 7 + 1} | ({-1} if day.day + 7 > last else set())


def day_matches(rule: Mapping[str, str], day: date) -> bool:
    """Say whether *day* satisfies the BY parts; phase and end aside."""
    if "BYMONTHDAY" in rule and day.day != int(rule["BYMONTHDAY"]):
        return False
    if "BYDAY" in rule and WEEK[day.weekday()] not in rule["BYDAY"].split(","):
        return False
    return not ("BYSETPOS" in rule and int(rule["BYSETPOS"]) not in positions(day))


def _in_phase(rule: Mapping[str, str], first: date, day: date) -> bool:
    every = int(rule.get("INTERVAL", "1"))
    months = (day.year - first.year) * 12 + day.month - first.month
    monday = first - timedelta(days=first.weekday())
    return {
        "DAILY": (day - first).days % every == 0,
        "WEEKLY": ((day - monday).days // 7) % every == 0,
        "MONTHLY": months % every == 0,
        "YEARLY": day.month == first.month and (day.year - first.year) % every == 0,
    }[rule["FREQ"]]


def expand(text: str, first: date, limit: int = 400) -> list[date]:
    """Return the dates of a rule from its first date, at most *limit*, within twelve years."""
    rule = parts(text)
    until = date.fromisoformat(rule["UNTIL"]) if "UNTIL" in rule else None
    most = int(rule.get("COUNT", limit))
    if rule["FREQ"] in ("MONTHLY", "YEARLY") and not {"BYMONTHDAY", "BYDAY"} & set(rule):
        rule["BYMONTHDAY"] = str(first.day)
    if rule["FREQ"] == "WEEKLY":
        rule.setdefault("BYDAY", WEEK[first.weekday()])
    last = until or first + timedelta(days=_TWELVE_YEARS)
    found: list[date] = []
    day = first
    while day <= last and len(found) < most:
        if day_matches(rule, day) and _in_phase(rule, first, day):
            found.append(day)
        day += timedelta(days=1)
    return found
