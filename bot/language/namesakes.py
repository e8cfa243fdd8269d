"""Words of a day that are something else: a title's, a thing that is counted, another reader's."""

from bot.language import lexicon as lex
from bot.language import time_words as words
from bot.language.clocks import clock_at
from bot.language.scanner import Line
from bot.language.sketch import Sketch
from bot.language.when import Day


def another_thing(line: Line, i: int, one: tuple[Day, int], found: Sketch) -> bool:
    """Say whether the words of a day at *i* belong to the title, or to another reader.

    Args:
        line: The tokens.
        i: Where.
        one: The day they would be, and the place after.
        found: The parts so far.
    """
    low = line.low(i)
    day, after = one
    beside = any(line.owner[k] == "when" for k in range(max(0, _led(line, i) - 1), i))
    if day.last and found.repeats and not beside:
        return True  # "... what we do this week" belongs to the title of a series
    if day.bare and (not _company(line, i, after) or _in_title(line, i, after, found)):
        return True
    named = (line.tokens[i - 1].low if i else "", low)
    if named in lex.NAMED_DAYS or (line.at(i).text in lex.NEVER_DATES and named[0] != "on"):
        return True
    if day.month and low != "in":
        return True
    if day.day_only and _counts_a_thing(line, i, after):
        return True
    if low in ("end", "eom", "eoy") or line.low(i + 1) == "end":
        return (
            found.repeats
            or found.spoken_series
            or bool(found.weak)
            or not _beside_clock(line, after)
        )
    return False


def _beside_clock(line: Line, j: int) -> bool:
    # "end of the month at 5pm" is a day.
    return bool(clock_at(line, line.skip(j, "at", "@", ","), bare=line.low(j) in ("at", "@")))


def _in_title(line: Line, i: int, j: int, found: Sketch) -> bool:
    # "Friday planning every Thursday": the series names its days itself.
    before = line.tokens[i - 1] if i else None
    after = line.at(j)
    joined = before is not None and (
        before.low in _LEADS if before.kind == "word" else before.text != ":"
    )
    if found.days_said and line.low(i - 1) in ("for", "about") and line.low(i - 2):
        return True  # "prep for monday"
    named = after.kind == "word" and after.low not in lex.JOINERS | words.TIME_WORDS | lex.UNTIL
    return named and not joined and (found.days_said or _timed_elsewhere(line, i))


def _timed_elsewhere(line: Line, i: int) -> bool:
    # "Friday pizza social Thu 5pm": the time stands by another day.
    for k in range(i + 1, len(line)):
        if line.low(k) in lex.AND or line.low(k) == "or":
            return False
        if line.low(k) in lex.WEEKDAYS or line.low(k) in lex.TODAY:
            return clock_at(line, k + 1, bare=True) is not None
    return False


_LEADS = lex.JOINERS | lex.EVERY | lex.OTHER | lex.NEXT | lex.THIS | lex.START | lex.UNTIL


def _led(line: Line, i: int) -> int:
    # The place of the words that lead to a stretch of days: "of", "during the".
    while i > 0 and line.tokens[i - 1].low in ("of", "during", "over", "for", "the"):
        i -= 1
    return i


def also(line: Line, i: int) -> bool:
    """Say whether the date at *i* is joined to the time before it: "every Monday and Jan 20"."""
    joined = i > 1 and line.tokens[i - 1].low in ("and", "plus", "&", "+")
    return joined and line.owner[i - 2] == "when"


def listed(line: Line, i: int) -> bool:
    """Say whether the date at *i* is the second of two: "18 or 19 Sept"."""
    one = line.at(i - 2)
    return line.low(i - 1) in ("or", "and", "&") and (
        one.kind == "ord" or (one.kind == "num" and len(one.text) < 3 and line.plain_number(i - 2))
    )


def _counts_a_thing(line: Line, i: int, j: int) -> bool:
    # "2nd interview", "the 3rd floor"
    after = line.at(j)
    if after.low in lex.THINGS:
        return True
    before = line.tokens[i - 1].low if i else ""
    led = before in ("the", "on", "of", "for", "by") or (i > 0 and line.owner[i - 1] == "when")
    named = after.kind == "word" and after.low not in lex.JOINERS and after.low not in _TIMES
    return named and not led and line.at(i).kind == "ord"


_TIMES = (
    frozenset(lex.NOON)
    | frozenset(lex.DAY_PARTS)
    | frozenset(lex.MONTHS)
    | lex.EVERY
    | lex.UNTIL
    | frozenset(lex.ADVERBS)
)


def _company(line: Line, i: int, j: int) -> bool:
    # "sun", "wed", "sat" alone are other words; a preposition, a time or an edge makes them days.
    if line.low(j - 1) not in lex.SHAKY_DAYS:
        return True
    if i and line.owner[i - 1] == "when":
        return True
    if i and line.tokens[i - 1].low == "the" and line.low(j - 1) != "sun":
        return True
    if i and line.tokens[i - 1].low in ("on", "this", "next", "by", "for", "of", "to"):
        return True
    after = line.at(j)
    if after.text == "," and i == 0 and line.at(j + 1).kind == "word":
        return (
            line.low(j + 1) in lex.MONTHS
            or line.low(j + 1) in words.BETWEEN_TIMES | lex.NOON.keys()
        )
    if after.low in lex.ADVERBS:
        return True
    if after.kind in ("clock", "num", "ord", "slash", "iso") or after.low in lex.NOON:
        return True
    return after.low in (
        "for",
        "every",
        "each",
        "until",
        "at",
        "@",
        "from",
        "between",
        "morning",
        "afternoon",
        "evening",
        "",
        ",",
        "|",
        ";",
        ")",
        "eod",
        "half",
        "quarter",
    ) or bool(clock_at(line, j))
