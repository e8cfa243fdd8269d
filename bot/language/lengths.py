"""How long: "45 min", "1h30", "an hour and a half"."""

from datetime import timedelta

from bot.language import lexicon as lex
from bot.language.clocks import clock_at
from bot.language.scanner import Line, number

_PARTS = {"1/2": 0.5, "1/4": 0.25, "3/4": 0.75, "\u00bd": 0.5, "\u00bc": 0.25, "\u00be": 0.75}


def length_at(line: Line, i: int) -> tuple[timedelta, int] | None:
    """Read a length: "45 min", "1h30", "an hour and a half", "1/2 hour"."""
    token = line.at(i)
    if part := _PARTS.get(token.text):
        j = line.skip(i + 1, "of", "an", "a")
        return (_minutes(60 * part), j + 1) if _unit(line, j) == "hour" else None
    if token.kind == "clock" and lex.UNITS.get(line.low(i + 1)) == "hour":
        hours, minutes = (int(part) for part in token.text.split(":")[:2])
        return timedelta(hours=hours, minutes=minutes), i + 2
    if token.low == "half":
        j = line.skip(i + 1, "an", "a", "-")
        return (timedelta(minutes=30), j + 1) if _unit(line, j) == "hour" else None
    if (token.low, line.low(i + 1)) == ("three", "quarters"):
        j = line.skip(i + 2, "of", "an")
        return (timedelta(minutes=45), j + 1) if _unit(line, j) == "hour" else None
    if token.low == "quarter" and line.low(line.skip(i + 1, "of", "an")) == "hour":
        return timedelta(minutes=15), line.skip(i + 1, "of", "an") + 1
    if token.kind == "num" and "." in token.text:
        whole: tuple[float, int] | None = (float(token.text), i + 1)
    elif token.low in ("a", "an"):
        whole = (1, i + 1)
    else:
        whole = number(line, i)
    if whole is None or (token.kind == "num" and not line.plain_number(i)):
        return None
    value, j = whole
    k = line.skip(j, "and", "&")
    if part := _PARTS.get(line.at(k).text):
        value, j = value + part, k + 1  # "1 1/2 hours"
    return _with_unit(line, value, j, spoken=token.low in ("a", "an"))


def _unit(line: Line, i: int) -> str | None:
    token = line.at(i)
    if len(token.low) == 1 and not (token.glued and _small(line, i)):
        return None
    return lex.UNITS.get(token.low)


def _spaced(line: Line, i: int) -> bool:
    # "3 h 20 m"
    return (line.low(i), line.at(i + 1).kind, line.low(i + 2)) == ("h", "num", "m")


def _small(line: Line, i: int) -> bool:
    # "7H" is a name, but "for 2H" and "CALL 1H" are lengths.
    led = line.low(i - 2) in ("for", "lasting", "lasts", ",", "(", "duration")
    company = line.at(i).text == "M" and len(line.at(i - 1).text) == 1  # "3M"
    return line.at(i).text.islower() or line.text.isupper() or (led and not company)


def _with_unit(line: Line, value: float, j: int, *, spoken: bool) -> tuple[timedelta, int] | None:
    halves = _and_half(line, j)
    if halves and not spoken:
        value, j = value + 0.5, halves
    if line.low(j) == "-" and _unit(line, j + 1):
        j += 1
    unit = "hour" if _spaced(line, j) else _unit(line, j)
    if unit == "minute":
        return (_minutes(value), j + 1)
    if unit != "hour":
        return None
    j += 1
    minutes = value * 60
    tail = _and_half(line, j)
    if tail:
        return _minutes(minutes + 30), tail
    quarter = line.skip(j, "and", "a")
    if quarter > j + 1 and line.low(quarter) == "quarter":
        return _minutes(minutes + 15), quarter + 1
    k = line.skip(j, "and", "&", ",", ".")
    rest = number(line, k)
    if rest and rest[0] < 60:
        if _unit(line, rest[1]) == "minute" or _spaced(line, j - 1):
            return _minutes(minutes + rest[0]), rest[1] + 1
        after = line.low(rest[1])
        free = k == j and rest[0] >= 5 and not after.startswith(("am", "pm")) and after != ":"
        if free and (rest[0] >= 10 or line.at(k).glued) and clock_at(line, k) is None:
            return _minutes(minutes + rest[0]), rest[1]
    return _minutes(minutes), j


def _minutes(value: float) -> timedelta:
    # Anything longer than this is as much too long.
    return timedelta(minutes=min(value, 10**8))


def _and_half(line: Line, j: int) -> int | None:
    k = line.skip(j, "and", "&", "a", "an")
    if k > j and line.low(k) == "half":
        return k + 1
    return None
