"""Slips of the hand: a word one edit away from a word of time, read as that word."""

import re
from functools import cache

from bot.language import lexicon as lex
from bot.language import time_words as words
from bot.language.scanner import Line

_SHORTEST = 5
"""Shorter words are one edit away from too many others: they need a closer neighbour."""
_NEXT_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUND_ALIKE = frozenset({"iy", "yi", "ei", "ie", "ai", "ia", "ae", "ea", "ou", "uo", "oe", "eo"})
_TOMORROW = re.compile(r"to?m+o*r*o*w*")
_STEMS = (("wk", "week"), ("mnth", "month"), ("mth", "month"), ("qtr", "quarter"), ("yr", "year"))
_DATED = frozenset({"num", "ord", "clock", "iso", "slash", "dotted"})
_SHORT_DAYS = frozenset(day for day in lex.WEEKDAYS if len(day) < 5)


def is_tomorrow(word: str) -> bool:
    """Say whether *word* is "tomorrow" with letters left out or doubled: "tmro", "tomorw"."""
    return bool(_TOMORROW.fullmatch(word)) and (
        len(word) > 2 and ("r" in word or "w" in word or word in ("tomm", "tomo"))
    )


def mend(line: Line) -> None:
    """Let the free tokens that are slips be read as what was meant; the text stays as typed."""
    for i, token in enumerate(line.tokens):
        if token.kind != "word" or line.owner[i] is not None:
            continue
        meant = _meant(line, i)
        if meant:
            line.tokens[i] = token.read_as(meant)


def _meant(line: Line, i: int) -> str | None:
    token = line.tokens[i]
    if token.text[0] == "t" and is_tomorrow(token.text):
        return "tomorrow"
    if token.low in words.KNOWN:
        return None
    whole = _written_out(token.low)
    if whole or len(token.low) < 2:
        return whole
    if token.low == "ever":
        return "every" if _speaks_of_time(line, i + 1) else None
    if len(token.low) < _SHORTEST:
        return _short_day(line, i) or _meant_shortly(line, i)
    meant = meant_by(token.low)
    sure = meant in lex.WEEKDAYS or meant in lex.PLURAL_DAYS or meant == "tomorrow"
    return meant if sure or (meant and _beside_time(line, i)) else None


def _written_out(word: str) -> str | None:
    # "wkly", "mthly", "wkdays": the short form of a unit, with an ending.
    for short, stem in _STEMS:
        if word.startswith(short) and word not in lex.UNITS:
            whole = stem + word[len(short) :]
            return whole if whole in words.TIME_WORDS else None
    return None


def _short_day(line: Line, i: int) -> str | None:
    # "mon, wde, fri", "third wd of": a day among days, or one that is counted.
    before = i - 1
    while line.low(before) in lex.AND:
        before -= 1
    after = line.skip(i + 1, *lex.AND)
    named = lex.WEEKDAYS.keys() | lex.PLURAL_DAYS.keys()
    counted = before == i - 1 and (line.at(before).kind == "ord" or line.low(before) in words.NTH)
    counted = counted and line.low(i + 1) in ("of", "in", "every", "each", "monthly", "at")
    joined = before < i - 1 or _speaks_of_time(line, i + 1)
    listed = joined and line.low(before) in named
    listed = listed or (after > i + 1 and line.low(after) in named)
    named_so = line.tokens[i].text.istitle() or line.low(i) in words.NO_SLIPS
    if named_so or not (listed or counted):
        return None
    near = [day for day in sorted(_SHORT_DAYS) if _one_edit(line.low(i), day)]
    return near[0] if len({lex.WEEKDAYS[day] for day in near}) == 1 else None


def _meant_shortly(line: Line, i: int) -> str | None:
    # Three or four letters: right before a word of time, or a unit right after its number.
    low = line.low(i)
    meant = meant_by(low) if len(low) > 2 else None
    if meant is None:
        return None
    if meant in lex.UNITS:
        counted = line.at(i - 1).kind == "num" or line.low(i - 1) in words.COUNTING
        return meant if counted else None
    if meant in lex.MONTHS:
        dated = line.at(i - 1).kind in ("num", "ord") or line.at(i + 1).kind in ("num", "ord")
        return meant if dated and len(low) > 3 else None
    if line.low(i + 1) in words.TIME_WORDS:
        return meant
    opens = meant in lex.UNTIL or meant in lex.ADVERBS or meant in lex.EVERY
    return meant if len(low) > 3 and opens and _beside_time(line, i) else None


def _speaks_of_time(line: Line, i: int) -> bool:
    near = line.at(i)
    if near.kind in _DATED or near.low in words.TIME_WORDS or near.low in lex.START:
        return True
    return len(near.low) >= _SHORTEST and meant_by(near.low) is not None


def like_a_day(word: str) -> bool:
    """Say whether *word* is one edit away from a weekday's short name."""
    return word not in words.NO_SLIPS and any(_one_edit(word, day) for day in _SHORT_DAYS)


def _beside_time(line: Line, i: int) -> bool:
    for step in (-1, 1):
        k = i + step
        while line.low(k) in words.BETWEEN_TIMES:
            k += step
        if _speaks_of_time(line, k):
            return True
    return False


@cache
def _index() -> dict[str, list[str]]:
    # Every word of time under itself with any one letter left out.
    found: dict[str, list[str]] = {}
    for word in sorted(words.MENDABLE):
        for less in _less(word):
            found.setdefault(less, []).append(word)
    return found


def _less(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def meant_by(word: str) -> str | None:
    """Return the word of time that *word* is one edit away from, or None.

    An edit is a letter left out, put in, swapped with its neighbour, or hit beside its key.
    The first letter has to be right, and *word* must not be a word of its own.
    """
    if word in words.KNOWN or word in words.NO_SLIPS or len(word) > 14:
        return None
    index = _index()
    near = {known for less in _less(word) for known in index.get(less, ())}
    meant = [known for known in near if _one_edit(word, known)]
    return min(meant, key=lambda known: (abs(len(known) - len(word)), known), default=None)


def _one_edit(word: str, known: str) -> bool:
    if word[0] != known[0]:
        return False
    if len(word) != len(known):
        short, long = sorted((word, known), key=len)
        return any(long[:at] + long[at + 1 :] == short for at in range(len(long)))
    odd = [at for at in range(len(word)) if word[at] != known[at]]
    if len(odd) == 1:
        return _mistaken(word[odd[0]], known[odd[0]])
    return (
        len(odd) == 2
        and odd[1] == odd[0] + 1
        and word[odd[0]] == known[odd[1]]
        and word[odd[1]] == known[odd[0]]
    )


def _mistaken(typed: str, meant: str) -> bool:
    if typed + meant in _SOUND_ALIKE:
        return True
    places = {key: (row, at) for row, keys in enumerate(_NEXT_KEYS) for at, key in enumerate(keys)}
    if typed not in places or meant not in places:
        return False
    (row, at), (other_row, other_at) = places[typed], places[meant]
    return abs(row - other_row) <= 1 and abs(at - other_at) <= 1
