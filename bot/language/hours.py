"""Which words are times of day: the readers of parts that fill the sketch."""

from datetime import datetime, timedelta

from bot.language import lexicon as lex
from bot.language import time_words as words
from bot.language.clocks import clock_at, hour_or_minutes, no_clock, range_at
from bot.language.dates import date_at
from bot.language.lengths import length_at
from bot.language.scanner import Line
from bot.language.sketch import Sketch
from bot.language.slots import Clock
from bot.language.slots import settle as settle_clocks

_FARTHEST = timedelta(days=366)
"""A moment counted in hours or minutes lies within a year."""
_DATED = frozenset({"iso", "slash", "dotted", "ord", "clock"})
_AFTER_DIGITS = frozenset({*lex.AM_PM, "h", "hrs", "hr", "hours", "for"})
_LONGEST_BARE = timedelta(hours=5)


def instant(line: Line, i: int, found: Sketch, now: datetime) -> int:
    """Read "in 30 minutes", "2 hours from now" at *i*; return the place after, or 0."""
    inside = line.low(i) == "in"
    length = length_at(line, i + 1 if inside else i)
    if length is None:
        return 0
    j = length[1]
    if not inside:
        if line.low(j) != "from" or line.low(j + 1) != "now":
            return 0
        j += 2
    if line.at(j).kind == "word" and line.low(j) in ("increments", "blocks", "slots"):
        return 0
    if length[0] > _FARTHEST:
        return found.refuse("invalid", line, i, j)
    found.instant = (now + length[0]).replace(second=0, microsecond=0)
    return j


def clock(line: Line, i: int, found: Sketch) -> int:
    """Read a time of day or a range of them at *i*; return the place after, or 0."""
    low = line.low(i)
    opened = low in ("at", "@", "from", "between", "in", "to", "by")
    near = _after_time(line, i)
    about = low.removesuffix("ish") if low.endswith("ish") else ""
    if about in lex.NOON or about in lex.NUMBERS or about[:-1] in lex.NUMBERS:
        return found.refuse("vague", line, i, i + 1)
    if not (opened or near) and _lone_digits(line, i):
        return 0
    wrong = no_clock(line, i + 1 if opened else i)
    if wrong:
        return found.refuse("invalid", line, i, wrong)
    counted = line.at(i).kind == "clock" and line.low(i + 1) in ("hours", "hour", "hrs", "hr")
    if counted and line.low(i + 2) not in lex.TO:
        return 0
    both = _over_days(line, i, found) if low == "from" else 0
    if both:
        return both
    ranged = (
        None if low in ("in", "to", "by") and line.low(i + 1) != "between" else range_at(line, i)
    )
    if ranged and hour_or_minutes(line, i):
        return found.refuse("vague", line, i, ranged[2])
    if ranged and (_sure(ranged[0], ranged[1]) or opened or near or _closed(line, i, ranged)):
        found.add_slot(ranged[0], ranged[1])
        return _more(line, ranged[2], found)
    if low in ("between", "in", "to"):
        return 0
    j = i + 1 if opened else i
    day_part = line.low(j + 1) in lex.TODAY and line.low(j + 2) in lex.DAY_PARTS
    near = near or day_part
    ends = day_part or line.low(j) == "half" or _ends(line, j + 1) or _hour_and_minutes(line, j)
    one = clock_at(line, j, bare=low in ("at", "@") or (near and ends))
    if one is None or (one[0].bare and low in ("from", "by")):
        return 0
    found.add_slot(one[0], None)
    after = line.skip(one[1], "hrs", "hours") if opened else one[1]
    return _more(line, after, found, bare=low in ("at", "@"))


def _lone_digits(line: Line, i: int) -> bool:
    # "room 1400 is locked", "call 555-0142": digits are a time where the text speaks of time.
    token = line.at(i)
    if i == 0 or token.kind != "num" or len(token.text) < 3 or not token.text.isdecimal():
        return False
    if line.low(i + 1) in _AFTER_DIGITS:
        return False
    others = line.tokens[:i] + line.tokens[i + 1 :]
    return not any(one.low in words.TIME_WORDS or one.kind in _DATED for one in others)


def _after_time(line: Line, i: int) -> bool:
    # Right after a part of the time, or with a comma between where only a clock has "14.30".
    if i > 1 and line.tokens[i - 1].text == "," and "." in line.tokens[i].text:
        i -= 1
    return i > 0 and line.owner[i - 1] == "when"


def _hour_and_minutes(line: Line, i: int) -> bool:
    # "Mon 10h30", "Mon 10h" are times of day, "Mon 1h30", "Mon 8h" say how long.
    text = line.at(i).text
    if line.low(i + 1) != "h" or not line.at(i + 1).glued or not text.isdecimal():
        return False
    minutes = line.at(i + 2).glued and line.at(i + 2).kind == "num"
    return (7 if minutes else 10) <= int(text) <= 23


def _sure(start: Clock, end: Clock) -> bool:
    return not (start.bare and end.bare)


def _closed(line: Line, i: int, ranged: tuple[Clock, Clock, int]) -> bool:
    # A bare "10-11" counts as a time where nothing else touches it; "won 4-1" doesn't.
    length = settle_clocks(ranged[0], ranged[1], None).length
    if length is None or (length > _LONGEST_BARE and "when" not in line.owner):
        return False
    return i == 0 or line.tokens[i - 1].text in ",;|(\n" or not line.low(ranged[2])


def _ends(line: Line, j: int) -> bool:
    token = line.at(j)
    return token.kind != "word" or token.low in lex.JOINERS | lex.UNTIL | lex.EVERY | lex.POLITE


def _more(line: Line, j: int, found: Sketch, *, bare: bool = True) -> int:
    # More times of day joined to one: two in a series need two series.
    k = j
    while line.low(k) in lex.AND or line.low(k) in ("or", "also", "at"):
        k += 1
    if k == j or line.low(k - 1) == "/":
        return j
    ranged = range_at(line, k)
    if ranged and (_sure(ranged[0], ranged[1]) or ranged[0].hour > 12 or _ends(line, ranged[2])):
        found.add_slot(ranged[0], ranged[1])
        return ranged[2]
    after = clock_at(line, k, bare=bare)
    if after is None or (after[0].bare and not _ends(line, after[1])):
        return j
    if after[0].bare and line.low(after[1]) in ("/", "-", ":"):
        return j
    if date_at(line, k, found.today):
        return j
    found.add_slot(after[0], None)
    return _more(line, after[1], found, bare=bare)


def _over_days(line: Line, i: int, found: Sketch) -> int:
    # "from 4pm today to 5pm tomorrow"
    first = clock_at(line, i + 1, bare=True)
    begins = date_at(line, first[1], found.today) if first else None
    if first is None or begins is None or line.low(begins[1]) not in lex.TO:
        return 0
    second = clock_at(line, begins[1] + 1, bare=True)
    ends = date_at(line, second[1], found.today) if second else None
    if second is None or ends is None:
        return 0
    found.add_slot(first[0], second[0])
    found.dates.append(begins[0])
    found.last_day = ends[0]
    return ends[1]
