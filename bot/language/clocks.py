"""Times of day, ranges of them, and lengths."""

from dataclasses import replace

from bot.language import lexicon as lex
from bot.language import request_words as asked
from bot.language.scanner import Line, number
from bot.language.slots import Clock


def _half(line: Line, i: int, *, glued: bool) -> tuple[str, int] | None:
    token = line.at(i)
    low = token.low
    if low in ("am", "pm") or (low in ("a", "p") and token.glued):
        if line.low(i + 1) == "." and line.low(i + 2) == "m" and line.at(i + 2).glued:
            return lex.AM_PM[low], i + 4 if line.low(i + 3) == "." else i + 3
        if low in ("am", "pm") or glued:
            return lex.AM_PM[low], i + 1
    if low in ("a", "p") and line.low(i + 1) == "." and line.low(i + 2) == "m":
        j = i + 4 if line.low(i + 3) == "." and line.at(i + 3).glued else i + 3
        return lex.AM_PM[low], j
    return None


def _about(line: Line, j: int) -> int:
    # "4ish", "4pm-ish"
    k = j + 1 if line.low(j) == "-" and line.at(j + 1).glued else j
    return k + 1 if line.low(k) == "ish" else j


def _finish(line: Line, clock: Clock, j: int) -> tuple[Clock, int]:
    # What may follow a time of day: o'clock, am/pm, "in the afternoon".
    if line.low(j) in ("o'clock", "oclock"):
        clock, j = replace(clock, bare=False), j + 1
    half = None if clock.half else _half(line, j, glued=line.at(j).glued)
    if half and 1 <= clock.hour <= 12:
        return replace(clock, half=half[0], fixed=True, bare=False), _about(line, half[1])
    k = line.skip(_about(line, j), "sharp")
    part = line.skip(k, "in", "the", "at")
    said = lex.DAY_PARTS.get(line.low(part)) if part > k else None
    if said and 1 <= clock.hour <= 12 and not clock.half:
        if line.low(part) == "night" and clock.hour == 12:
            said = "am"
        return replace(clock, half=said, fixed=True, bare=False), part + 1
    return clock, k


def clock_at(line: Line, i: int, *, bare: bool = False) -> tuple[Clock, int] | None:
    """Read a time of day at *i*.

    Args:
        line: The tokens.
        i: Where.
        bare: Whether a number alone may be one ("at 4").

    Returns:
        The clock and the place after it, or None.
    """
    token = line.at(i)
    low = token.low
    if low in lex.NOON:
        return Clock(*lex.NOON[low], fixed=True), i + 1
    if token.kind == "clock":
        return _colon(line, i)
    if token.kind == "num" and line.plain_number(i):
        return _minutes_past(line, i) or _digits(line, i, bare=bare)
    return _spoken(line, i, bare=bare) if token.kind == "word" else None


def _colon(line: Line, i: int) -> tuple[Clock, int] | None:
    text = line.at(i).text
    hour, minute = (int(part) for part in text.split(":")[:2])
    if hour > 23 or minute > 59:
        return None
    fixed = hour > 12 or hour == 0 or text[0] == "0"
    j = line.skip(i + 1, "hrs", "hours", "h")
    return _finish(line, Clock(hour, minute, fixed=fixed), j if line.low(j) in lex.TO else i + 1)


def _digits(line: Line, i: int, *, bare: bool) -> tuple[Clock, int] | None:
    text = line.at(i).text
    whole, dot, part = text.partition(".")
    if dot:
        return _dotted(line, i, whole, part, bare=bare)
    value = int(text)
    after = line.at(i + 1)
    if after.low in ("a", "p") and line.tokens[i - 1].low in asked.NUMBERED and i:
        return None  # "Room 3A"
    if half := _half(line, i + 1, glued=after.glued):
        return (
            _halved(value, half)
            if half[1] > i + 2 or after.low in ("am", "pm") or after.glued
            else None
        )
    if value == 12 and line.low(i + 1) in lex.NOON:
        return Clock(*lex.NOON[line.low(i + 1)], fixed=True), i + 2
    if after.glued and after.low == "h" and len(text) < 4:
        return _with_h(line, i, value, bare=bare)
    if line.low(i + 1) in ("o'clock", "oclock") and value <= 24:
        return _finish(line, Clock(value, 0, fixed=value > 12), i + 1)
    if len(text) == 4 or (len(text) == 3 and bare):
        return _military(line, i, bare=bare)
    glued_word = after.glued and after.kind in ("word", "ord") and after.low != "ish"
    if not bare or value > 23 or len(text) > 2 or glued_word:
        return None
    if _counts_something(line, i + 1) or _names_something(line, i + 1) or _street(line, i + 1):
        return None
    return _finish(line, Clock(value, 0, fixed=value > 12 or value == 0, bare=True), i + 1)


def _halved(value: int, half: tuple[str, int]) -> tuple[Clock, int] | None:
    # "10am", and "445pm" as people type it in a hurry.
    if 100 <= value <= 1259 and value % 100 < 60:
        return Clock(value // 100, value % 100, half[0], fixed=True), half[1]
    return (Clock(value, 0, half[0], fixed=True), half[1]) if 1 <= value <= 12 else None


def _dotted(line: Line, i: int, whole: str, part: str, *, bare: bool) -> tuple[Clock, int] | None:
    half = _half(line, i + 1, glued=line.at(i + 1).glued)
    hour, minute = int(whole), int(part)
    if len(part) != 2 or hour > 23 or minute > 59 or not (half or bare):
        return None
    clock = Clock(hour, minute, fixed=hour > 12 or whole[0] == "0")
    if line.low(i + 1) in ("h", "hrs") and hour > 6:
        return replace(clock, fixed=True), i + 2  # "15.30h"
    return None if line.low(i + 1) in lex.UNITS else _finish(line, clock, i + 1)


def _with_h(line: Line, i: int, value: int, *, bare: bool) -> tuple[Clock, int] | None:
    if value > 24 or not (bare or value >= 13):
        return None
    after = line.at(i + 2)
    if after.kind == "num" and after.glued and len(after.text) == 2 and int(after.text) < 60:
        return Clock(value, int(after.text), fixed=True), i + 3
    return Clock(value, 0, fixed=True), i + 2


def _military(line: Line, i: int, *, bare: bool) -> tuple[Clock, int] | None:
    text = line.at(i).text
    hour, minute = int(text[:-2]), int(text[-2:])
    if text.startswith("000"):
        return None  # a year, or a slip
    if hour > 23 or minute > 59 or (1900 <= int(text) < 2100 and not bare):
        return None
    if _street(line, i + 1):
        return None  # "at 1400 Main Street"
    return Clock(hour, minute, fixed=len(text) == 4), line.skip(i + 1, "h", "hrs", "hours", "hr")


def no_clock(line: Line, i: int) -> int:
    """Return the place after what looks like a time of day and can't be one, or 0."""
    token = line.at(i)
    if token.kind == "clock":
        hour, minute = (int(part) for part in token.text.split(":")[:2])
        return i + 1 if hour > 23 or minute > 59 else 0
    if token.kind != "num" or len(token.text) > 2 or not line.plain_number(i):
        return 0
    after = line.low(i + 1)
    return i + 2 if after in ("am", "pm") and not 1 <= int(token.text) <= 12 else 0


def _street(line: Line, i: int) -> bool:
    # "12 Oak Avenue"
    return line.at(i).text[:1].isupper() and any(
        line.low(k) in asked.STREETS for k in range(i, i + 4)
    )


def _names_something(line: Line, i: int) -> bool:
    # "15 December" is a date, "7-Eleven" a name.
    if line.low(line.skip(i, "of")) in lex.MONTHS:
        return True
    if line.low(i) == ":" and line.at(i).glued:
        return True  # "1:1"
    dashed = line.low(i) == "-" and line.at(i).glued and line.at(i + 1).glued
    return dashed and line.at(i + 1).kind == "word" and line.low(i + 1) not in lex.NOON


def _counts_something(line: Line, i: int) -> bool:
    low = line.low(line.skip(i, "-"))
    return (
        (low in lex.UNITS and (low != "w" or line.at(i).glued))  # "at 3 w/ Raj"
        or line.at(i).kind == "frac"
        or low in lex.COUNT_NOUNS
        or low in lex.PLURAL_DAYS
        or low in lex.WEEKEND_WORDS
        or low in ("%", "other")
    )


def _minutes_past(line: Line, i: int) -> tuple[Clock, int] | None:
    # "10 past 4", "20 to 4"; "5 to 10" is a range.
    text = line.at(i).text
    j = line.skip(i + 1, "minutes", "mins", "min")
    after = line.low(j) == "after" and (j > i + 1 or text in ("5", "10", "15", "20", "25"))
    past = line.low(j) == "past" or after
    to = line.low(i + 1) == "to" and text in ("20", "25")
    if not (past or to) or not text.isdecimal() or int(text) > 59:
        return None
    k = line.skip(i + 1, "minutes", "mins", "min", "past", "after", "to")
    whole = clock_at(line, k, bare=True)
    if whole is None or whole[0].minute or line.at(k).kind == "clock":
        return None
    return _shifted(whole[0], int(text) * (1 if past else -1)), whole[1]


def _past_the_hour(line: Line, i: int, *, bare: bool) -> tuple[Clock, int] | None:
    # "half past four", "a quarter to 9", "ten minutes past five"; in Britain "half 3" too.
    low = line.low(i)
    past: tuple[int, int] | None = None
    if low in ("half", "quarter"):
        past = 30 if low == "half" else 15, i + 1
    elif low == "a" and line.low(i + 1) == "quarter":
        past = 15, i + 2
    else:
        found = number(line, i)
        if found and found[0] < 60:
            past = found[0], line.skip(found[1], "minutes", "minute", "mins", "min")
    if past and line.low(past[1]) in ("past", "after", "to", "before", "till"):
        sign = 1 if line.low(past[1]) in ("past", "after") else -1
        whole = clock_at(line, past[1] + 1, bare=True)
        if whole and whole[0].minute == 0 and (sign > 0 or _to_the_hour(line, i, *past)):
            return _shifted(whole[0], sign * past[0]), whole[1]
    if low == "half" and bare and (whole := clock_at(line, i + 1, bare=True)):
        fits = whole[0].minute == 0 and line.at(i + 1).kind in ("num", "word")
        return (_shifted(whole[0], 30), whole[1]) if fits else None
    return None


def _spoken(line: Line, i: int, *, bare: bool) -> tuple[Clock, int] | None:
    if past := _past_the_hour(line, i, bare=bare):
        return past
    found = number(line, i)
    if not found or not 1 <= found[0] <= 12 or found[1] != i + 1:
        return None
    k = i + 2 if line.low(i + 1) == "-" and line.at(i + 1).glued else i + 1
    part = number(line, k)
    if bare and part and part[0] in range(10, 60) and line.at(k).kind == "word":
        return _finish(line, Clock(found[0], part[0]), part[1])  # "nine thirty"
    ending = _half(line, i + 1, glued=False)
    if bare or ending or line.low(i + 1) in ("o'clock", "oclock"):
        if _counts_something(line, i + 1):
            return None
        return _finish(line, Clock(found[0], 0, bare=not ending), i + 1)
    return None


def _to_the_hour(line: Line, i: int, minutes: int, j: int) -> bool:
    # "quarter to 4", "twenty to 4", "at ten to four"; "from ten to four" is a range.
    if minutes in (15, 20, 25) or line.low(j - 1).startswith("min"):
        return True
    return minutes in (5, 10) and i > 0 and line.tokens[i - 1].low in ("at", "@")


def hour_or_minutes(line: Line, i: int) -> bool:
    """Say whether "ten to four" at *i* may be 10:00 to 16:00, or 15:50."""
    said = line.low(i) in ("five", "ten") and line.low(i + 1) == "to"
    return said and (i == 0 or line.tokens[i - 1].low not in ("from", "at", "@"))


def _shifted(whole: Clock, minutes: int) -> Clock:
    hour, minute = divmod(whole.hour * 60 + minutes, 60)
    if whole.half is None and hour == 0:
        hour = 12
    return replace(whole, hour=hour, minute=minute, bare=False)


def range_at(line: Line, i: int) -> tuple[Clock, Clock, int] | None:
    """Read "9-10am", "from 9 to 11", "between 1 and 2:30" at *i*."""
    j = line.skip(i, "in") if line.low(i + 1) == "between" else i
    opened = line.low(j) if line.low(j) in ("from", "between", "at", "@") else ""
    first = clock_at(line, j + 1 if opened else j, bare=True)
    if first is None:
        return None
    sep = line.at(first[1])
    if not (sep.low in lex.TO or (opened == "between" and sep.low == "and")):
        return None
    second = clock_at(line, first[1] + 1, bare=True)
    if second is None:
        return None
    return first[0], second[0], line.skip(second[1], "hrs", "hours", "h")
