"""Rules of the dialect as text, read back into their one form.

For rules Parley kept itself, rules the CRM shows, and the seed documents' samples; what
people type goes through ``bot.language``. dateutil never sees such a text: with a
zone-aware start it refuses ``UNTIL=2020-03-15``, with a naive one it drops that day.
"""

from datetime import date

from bot.domain.recurrence import Frequency, Recurrence, Weekday
from bot.errors import Refused


def parse(text: str) -> Recurrence:
    """Read a rule of the dialect, its parts in any order.

    Raises:
        Refused: ``rule_text`` when it is not a rule of the dialect; or the code of the
            limit that was passed.
    """
    parts: dict[str, str] = {}
    for part in text.split(";"):
        key, equals, value = part.partition("=")
        if not equals or not value or key not in _KEYS or key in parts:
            raise Refused("rule_text", field="repeats")
        parts[key] = value
    try:
        return _from_parts(parts)
    except (KeyError, ValueError) as cause:
        raise Refused("rule_text", field="repeats") from cause


_NUMBERS = ("INTERVAL", "COUNT", "BYMONTHDAY", "BYSETPOS")
_KEYS = frozenset({"FREQ", "BYDAY", "UNTIL", *_NUMBERS})


def _number(text: str) -> int:
    # int() alone would also take "+1", " 1", "1_0" and other scripts' digits.
    if not text.removeprefix("-").isascii() or not text.removeprefix("-").isdecimal():
        raise ValueError(text)
    return int(text)


def _from_parts(parts: dict[str, str]) -> Recurrence:
    freq = Frequency(parts["FREQ"])
    by_day = tuple(Weekday(day) for day in parts["BYDAY"].split(",")) if "BYDAY" in parts else ()
    if freq is Frequency.DAILY and by_day and parts.get("INTERVAL", "1") == "1":
        freq = Frequency.WEEKLY
    number = {key: _number(parts[key]) for key in _NUMBERS if key in parts}
    return Recurrence(
        freq=freq,
        interval=number.get("INTERVAL", 1),
        count=number.get("COUNT"),
        until=date.fromisoformat(parts["UNTIL"]) if "UNTIL" in parts else None,
        by_day=by_day,
        by_month_day=number.get("BYMONTHDAY"),
        by_set_pos=number.get("BYSETPOS"),
    )
