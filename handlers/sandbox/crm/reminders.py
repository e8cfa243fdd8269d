"""Reminders of a meeting: `[{"unit", "period", "time"}]`, or the older absolute time.

Source: the insert page (array of unit 0 to 60, period, time) and Kaizen #8 (a date and time).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from handlers.sandbox.crm.api import Wrong
from handlers.sandbox.crm.values import Place, moment
from handlers.sandbox.crm.world import Record, World

# The sample says minutes and days, the text mins and hrs.
_PERIODS = {"mins", "minutes", "hrs", "hours", "days", "weeks"}
_TIME = re.compile(r"([01]\d|2[0-3])[:.][0-5]\d", re.ASCII)
_MOST = 60


def read(world: World, value: Any, start: str, place: Place) -> list[Record] | None:
    """Return the reminders as stored; None clears them. `start` is the meeting's, in UTC.

    Raises:
        Wrong: A reminder is not of either form.
    """
    if value is None or value == []:
        return None
    if isinstance(value, str):
        at = datetime.fromisoformat(moment(world, value, place))
        return [_before(datetime.fromisoformat(start) - at, at)]
    if not isinstance(value, list):
        raise place.invalid(expected_data_type="jsonarray")
    return [_one(item, place, f"[{number}]") for number, item in enumerate(value)]


def _before(gap: timedelta, at: datetime) -> Record:
    minutes = max(0, int(gap.total_seconds() // 60))
    if minutes <= _MOST:
        return {"unit": minutes, "period": "minutes"}
    if minutes % 60 == 0 and minutes // 60 <= _MOST:
        return {"unit": minutes // 60, "period": "hours"}
    return {"unit": minutes // 1440, "period": "days", "time": at.strftime("%H:%M")}


def _one(item: Any, place: Place, at: str) -> Record:
    if not isinstance(item, dict):
        details = {"expected_data_type": "jsonobject", **place.below(at)}
        raise Wrong("INVALID_DATA", "invalid data", details)
    unit, period, time = item.get("unit"), item.get("period"), item.get("time")
    by_day = period in ("days", "weeks")
    timed = by_day and isinstance(time, str) and _TIME.fullmatch(time) is not None
    fine = (
        ("unit", type(unit) is int and 0 <= unit <= _MOST),
        ("period", isinstance(period, str) and period in _PERIODS),
        ("time", time is None or timed),
    )
    for name, is_fine in fine:
        if not is_fine:
            raise Wrong("INVALID_DATA", "invalid data", dict(place.below(f"{at}.{name}")))
    kept = {"unit": unit, "period": period}
    return kept if time is None else {**kept, "time": time}
