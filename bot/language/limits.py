"""Words beside a series that limit it: "bank holidays excluded", "2 weeks apart", "then monthly".

Nobody can list all the ways to limit a series, but they have a shape: a run of unread words
after the time that opens with a limiting word or closes with a stretch of time. A title has a
noun of its own at its end ("plan the week ahead", "month-end close"), or a capital at its start.
"""

from bot.language import lexicon as lex
from bot.language import time_words as words
from bot.language.scanner import Line, Token
from bot.language.sketch import Sketch

_BREAKS = frozenset(",;|()[]\n")


def refuse_limits(line: Line, found: Sketch) -> None:
    """Refuse a series where a run of unread words would leave meetings out, or move them."""
    if not found.series:
        return
    for i, j in _runs(line):
        code = _limit(line, i, j)
        if code:
            found.refuse(code, line, i, j)


def _runs(line: Line) -> list[tuple[int, int]]:
    # Free tokens that stand together, from a word to a word.
    found: list[tuple[int, int]] = []
    start = None
    for i in range(len(line) + 1):
        token = line.at(i)
        parted = token.text == ":" or token.text in lex.DASHES
        ends = not token.text or token.text in _BREAKS or (parted and not token.glued)
        if ends and start is not None:
            found.append((start, i))
            start = None
        elif not ends and start is None:
            start = i
    return found


def _limit(line: Line, i: int, j: int) -> str | None:
    said = [token for token in line.tokens[i:j] if token.kind != "sym" and token.low != "s"]
    lows = [token.low for token in said]
    if any(tuple(lows[k : k + 3]) in words.GIVE_OR_TAKE for k in range(len(lows))):
        return "vague"
    after = "when" in line.owner[:i]
    k = 1 if lows[1:2] and _number(said[0]) else 0  # "12 or 1", "and 4"
    if lows[k : k + 1] in (["and"], ["or"]) and len(lows) > k + 1 and _number(said[k + 1]):
        return "multi_time" if after else None
    if _conditional(line, j, said):
        return "vague"
    said = _without_title(said, after=after)
    if not said or (said[0].low in words.PURPOSE and lows[1:2] != ["be"]):
        return None
    small = said[0].text.islower() or said[0].kind != "word" or line.text.isupper()
    if not _opens(line, i, said, small=small) and not _closes(line, i, said, small=small):
        return None
    if any(one.low in words.LEAVING_OUT | lex.EXCEPT | words.EXCLUDED for one in said):
        return "exdate"
    seasonal = any(one.low in lex.SEASONS or one.low in lex.MONTHS for one in said)
    return "month_filter" if seasonal else "vague"


def _without_title(said: list[Token], *, after: bool) -> list[Token]:
    # "few weeks Pipeline review": a title begins with its capital; joining words fall away.
    if after and said and said[0].text.islower():
        named = next((k for k, token in enumerate(said) if token.text[0].isupper()), len(said))
        if not any(map(_stretch, said[named:])):
            said = said[:named]
    last = len(said)
    while last and said[last - 1].low in words.HANGING_ON:
        last -= 1
    first = 0
    while first + 1 < last and said[first].low in ("and", "but", "so"):
        if said[first + 1].low == "then":
            break
        first += 1
    return said[first:last]


def _conditional(line: Line, j: int, said: list[Token]) -> bool:
    # "review when free on Mondays": tied to something, right before the time.
    for before, token in zip([None, *said], said, strict=False):
        what = before is not None and before.low == "what"
        if token.text in words.TYING and not what:
            return line.owner[j : j + 1] == ["when"]
    return False


def _opens(line: Line, i: int, said: list[Token], *, small: bool) -> bool:
    # "only in ...", "not before 9", "then monthly": after what was read of the time.
    lows = [token.low for token in said]
    first = lows[0]
    if not small or "when" not in line.owner[:i]:
        return False
    if first == "then":
        return any(
            owner == "when" and (one.low in lex.EVERY or one.low in lex.ADVERBS)
            for one, owner in zip(line.tokens[:i], line.owner, strict=False)
        )
    if first == "from":
        return len(said) > 1 and (said[1].low in words.PART_OF or _number(said[1]))
    if _number(said[0]) or first in ("few", "several"):
        return _counts(lows)
    if first in words.LEADING_STRETCH:
        k = 2 if lows[1:2] in (["a"], ["the"]) else 1
        if set(lows[k : k + 1]) & words.SO_LONG:
            return True
    dated = any(_stretch(one) or one.low in lex.ORDINALS for one in said)
    return first in words.LIMITING or (first in words.LEAVING_OUT and dated)


def _counts(lows: list[str]) -> bool:
    # "5 sessions ...", "2 weeks apart", "2 hours after lunch"
    counted, after = [*lows[1:3], "", ""][:2]
    moved = counted in lex.UNITS and after in words.SHIFTING
    return moved or counted in lex.COUNT_NOUNS or counted in words.STRETCHES


def _closes(line: Line, i: int, said: list[Token], *, small: bool) -> bool:
    # "... holidays excluded", "leap years", "2 weeks apart", "for the season"
    last = said[-1].low
    after = "when" in line.owner[:i]
    timed = any(_stretch(one) or one.low in words.ONE_STRETCH for one in said)
    if after and all(_stretch(one) or one.low in words.ONE_STRETCH | words.LISTED for one in said):
        return not _number(said[-1]) or said[0].low in ("q", "h")  # "Oct-Dec", "AM/PM"
    if last in words.EXCLUDED or last in words.LIMITED:
        return after or (timed and "when" in line.owner)
    if last in words.OFF:
        return after and timed
    if not small:
        return False
    led = said[0].low in words.LEADING_STRETCH
    if not after:
        return led and _stretch(said[-1]) and "when" in line.owner
    before = said[-2].low if len(said) > 1 else ""
    if last in words.ONE_STRETCH:
        return led or before in words.WHICH_STRETCH or before in lex.ORDINALS
    if _number(said[-1]):
        return len(said) == 1 or _stretch(said[-2]) or said[-2].low in ("q", "h", "only")
    return _stretch(said[-1]) or (last == "end" and before in words.ONE_STRETCH)


def _stretch(token: Token) -> bool:
    named = token.text == "Day"  # "Memorial Day"
    return _number(token) or token.kind == "ord" or named or token.low in words.STRETCHES


def _number(token: Token) -> bool:
    return token.kind == "num" or token.low in lex.NUMBERS
