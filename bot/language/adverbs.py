"""How it repeats, in one word ("weekly") or by weekdays alone ("Mondays and Fridays")."""

from bot.domain.recurrence import Weekday
from bot.language import lexicon as lex
from bot.language import time_words as words
from bot.language import zone_words as table
from bot.language.openers import another
from bot.language.repeats import after_days
from bot.language.scanner import Line, number
from bot.language.sketch import Sketch, days_at


def adverb(line: Line, i: int, found: Sketch) -> int:
    """Read "weekly", "bi-weekly", "every other" in one word at *i*; place after, or 0."""
    low, j = line.low(i), i + 1
    if low in lex.PREFIXES:
        k = line.skip(i + 1, "-")
        if low + line.low(k) in lex.ADVERBS or low + line.low(k) in lex.REFUSED_ADVERBS:
            low, j = low + line.low(k), k + 1
    if counted := _every_so_many(line, i):
        found.steps.append(counted[0])
        found.repeats = True
        return counted[1]
    if low in lex.REFUSED_ADVERBS:
        return _refused_adverb(line, i, j, low, found)
    step = lex.ADVERBS.get(low)
    if step is None:
        return 0
    if low == "nightly":
        found.hint, found.hint_word = "pm", "night"
    if low in lex.DOUBTFUL_ADVERBS:
        found.double = low, line.span(i, j)
    if low not in _NO_ADJECTIVES and _adjective(line, j) and line.low(i - 1) != "then":
        found.weak.append((step, i))
        capitals = line.at(i).text.istitle() and line.at(j).text.istitle()
        found.named = capitals and line.at(j + 1).text.islower()
        return j
    before = list(found.steps)
    found.steps.append(step)
    found.repeats = True
    if another(line, i, before, len(found.days), found):
        return found.refuse("multi_value", line, i, j)
    return j


def _every_so_many(line: Line, i: int) -> tuple[tuple[str, int], int] | None:
    # "six-monthly", "3-weekly"
    step = number(line, i)
    if step is None or line.low(step[1]) != "-" or not line.at(step[1] + 1).glued:
        return None
    base, factor = lex.ADVERBS.get(line.low(step[1] + 1), ("", 0))
    return ((base, factor * step[0]), step[1] + 2) if factor == 1 else None


def _refused_adverb(line: Line, i: int, j: int, low: str, found: Sketch) -> int:
    if lex.REFUSED_ADVERBS[low] != "no_days":
        return found.refuse(lex.REFUSED_ADVERBS[low], line, i, j)
    found.times_a = 2, "month" if low == "semimonthly" else "week"
    found.repeats = True
    return j


_NO_ADJECTIVES = frozenset({"annually", "semiannually", "biannually", "biennially"})
_AFTER_ADVERBS = (
    lex.EVERY
    | lex.UNTIL
    | lex.START
    | lex.EXCEPT
    | frozenset(lex.NOON)
    | frozenset(lex.WEEKDAYS)
    | frozenset(lex.PLURAL_DAYS)
    | lex.WORKDAY_WORDS
    | lex.WEEKEND_WORDS
    | frozenset(lex.MONTHS)
    | frozenset(
        [
            "on",
            "at",
            "in",
            "from",
            "for",
            "the",
            "by",
            "with",
            "w",
            "between",
            "via",
            "to",
            "and",
            "or",
            "but",
            "x",
            "no",
            "not",
            "up",
        ]
    )
    | frozenset(lex.COUNT_WORDS)
    | frozenset(lex.NUMBERS)
    | frozenset(lex.TODAY)
    | frozenset(lex.ORDINALS)
    | frozenset(table.ZONE_ABBREVIATIONS)
    | frozenset({"half", "remind", "next", "last"})
)


def _adjective(line: Line, j: int) -> bool:
    token = line.at(j)
    known = _AFTER_ADVERBS | lex.PLURAL_PARTS | lex.POLITE
    return token.kind == "word" and token.low not in known


def again(line: Line, i: int, found: Sketch) -> int:
    """Note "recurring", "repeat" at *i*, which say that it repeats and not how; place after, or 0.

    Right beside the time they surely speak of the meeting; before another word that may be a
    title of its own ("recurring revenue review").
    """
    low, after = line.low(i), line.at(i + 1)
    held = after.low in lex.COUNT_NOUNS | words.MEETINGS
    if low in words.STANDING:
        found.again = found.again or (False if held else None)
        return 0
    if low not in words.AGAIN:
        return 0
    beside = after.kind != "word" or after.low in lex.JOINERS | words.TIME_WORDS
    if low not in ("repeat", "repeated") or beside or held:
        found.again = found.again or beside or held
    return i + 1 if beside else 0


def weekdays(line: Line, i: int, found: Sketch) -> int:
    """Read several weekdays, or a plural, at *i*; one weekday alone is a date."""
    low = line.low(i)
    if low in ("week", "work", "working", "business") and line.low(i - 1) == "in":
        return 0
    listed = days_at(line, i)
    if listed is None:
        return 0
    if len(listed.days) == 1 and not listed.many and line.low(listed.after) not in lex.PLURAL_PARTS:
        return 0
    if low == "weekend" and line.low(i - 1) in ("the", "this", "next"):
        return 0
    if listed.choice:
        return found.refuse("vague", line, i, listed.after)
    if low in lex.ONE_WORKDAY | {"weekend"} and _adjective(line, listed.after):
        return 0
    spanned = line.low(line.skip(i + 1, ".")) in lex.TO
    if low in lex.WEEKDAYS and _begins_date(line, listed.after):
        if not spanned:
            return 0
        if list(listed.days) != sorted(listed.days, key=list(Weekday).index):
            return found.refuse("vague", line, i, listed.after)  # "Thu-Mon next week"
    found.days.extend(listed.days)
    found.repeats = True
    return after_days(line, listed.after, found)


def _begins_date(line: Line, j: int) -> bool:
    return line.low(j) == "next" and line.low(j + 1) == "week"
