"""Slips of the hand: a word one edit away from a word of time, read as that word."""

import re
from functools import cache

from bot.language import lexicon as lex
from bot.language import time_words as words
from bot.language.scanner import Line

_SHORTEST = 5
"""Shorter words are one edit away from too many others; one less will do after "every"."""
_NEXT_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUND_ALIKE = frozenset({"iy", "yi", "ei", "ie", "ai", "ia", "ae", "ea", "ou", "uo", "oe", "eo"})


_TOMORROW = re.compile(r"to?m+o*r*o*w*")


def is_tomorrow(word: str) -> bool:
    """Say whether *word* is "tomorrow" with letters left out or doubled: "tmro", "tomorw"."""
    return bool(_TOMORROW.fullmatch(word)) and (
        len(word) > 2 and ("r" in word or "w" in word or word in ("tomm", "tomo"))
    )


_STEMS = (("wk", "week"), ("mnth", "month"), ("mth", "month"), ("qtr", "quarter"), ("yr", "year"))


def _written_out(word: str) -> str | None:
    # "wkly", "mthly", "wkdays": the short form of a unit, with an ending.
    for short, stem in _STEMS:
        if word.startswith(short) and word not in lex.UNITS:
            whole = stem + word[len(short) :]
            return whole if whole in words.TIME_WORDS else None
    return None


def mend(line: Line) -> None:
    """Let the free tokens that are slips be read as what was meant; the text stays as typed."""
    for i, token in enumerate(line.tokens):
        if line.owner[i] is None and token.text[0] == "t" and is_tomorrow(token.text):
            line.tokens[i] = token.read_as("tomorrow")
            continue
        if line.owner[i] is None and (whole := _written_out(token.low)):
            line.tokens[i] = token.read_as(whole)
            continue
        shortest = _SHORTEST - (line.low(i - 1) in lex.EVERY)
        if token.kind != "word" or len(token.low) < shortest or line.owner[i] is not None:
            continue
        meant = meant_by(token.low)
        if meant and (meant in lex.WEEKDAYS or meant == "tomorrow" or _beside_time(line, i)):
            line.tokens[i] = token.read_as(meant)


def _beside_time(line: Line, i: int) -> bool:
    for step in (-1, 1):
        k = i + step
        while line.low(k) in words.BETWEEN_TIMES:
            k += step
        near = line.at(k)
        if near.kind in ("num", "ord", "clock", "iso", "slash", "dotted"):
            return True
        if near.low in words.TIME_WORDS or (len(near.low) >= _SHORTEST and meant_by(near.low)):
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
    return min((known for known in near if _one_edit(word, known)), default=None)


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
