"""Where it is held, and what is left as the title."""

from bot.language import lexicon as lex
from bot.language import request_words as asked
from bot.language.labels import Parts
from bot.language.scanner import Line
from bot.language.zone import city_zone

_PREPOSITIONS = frozenset({"at", "@", "via", "over", "in", "on", "📍"})


def read_venue(line: Line, parts: Parts) -> None:
    """Take "at Taj Chennai", "@ Cafe Noir", "via Teams", "in Room 4" out of *line*."""
    small = line.text == line.text.lower()
    for i in range(len(line)):
        if parts.venue is not None:
            return
        low = line.low(i)
        j = line.skip(i, "google", "microsoft", "ms")
        named = line.low(j) in asked.ONLINE or (line.low(j) == "meet" and j > i)
        room = low in asked.ROOMS and line.at(i + 1).kind in ("num", "word")
        j += 1 + room
        if (named or room) and (_alone(line, i, j) or (named and _between_parts(line, i, j))):
            parts.venue = line.words(i, j)
            line.take(i, j, "venue")
        elif low in _PREPOSITIONS:
            j = _venue_end(line, i, small=small)
            if j > i + 1:
                parts.venue = line.words(i + 1, j).strip(" .")
                line.take(i, j, "venue")


def _alone(line: Line, i: int, j: int) -> bool:
    before = line.tokens[i - 1].text if i else "|"
    after = line.tokens[j].text if j < len(line) else "|"
    parted = before in "|,;(\n" or (before in lex.DASHES and not line.at(i).glued)
    return parted and after in "|,;)\n" and i > 0


def _between_parts(line: Line, i: int, j: int) -> bool:
    # "sync fri 2pm zoom": right after the time, and nothing of a title behind it.
    ends = j == len(line) or line.owner[j] is not None or line.tokens[j].text in "|,;)\n"
    ends = ends or line.low(j) in lex.WITH
    return i > 0 and line.owner[i - 1] == "when" and ends


def _venue_end(line: Line, i: int, *, small: bool) -> int:
    low, first = line.low(i), line.at(i + 1)
    k = line.skip(i + 1, "the", "our", "my", "google", "microsoft", "ms")
    online = line.low(k) in asked.ONLINE or (line.low(k) == "meet" and k > i + 1)
    if low in ("via", "over", "on") or (low == "at" and online):
        return k + 1 if online else 0
    if not first.text or first.kind not in ("word", "num"):
        return 0
    j = i + 1
    while line.at(j).text and line.at(j).kind in ("word", "num", "sym", "ord", "amp", "clock"):
        if line.low(j) in asked.PLACE_ENDS or (
            line.at(j).kind == "sym" and line.low(j) not in "-'&./#"
        ):
            break
        if line.low(j + 1) == ":" and line.at(j + 1).glued:
            break
        j += 1
    if all(line.low(n) in asked.HOLLOW or line.low(n) in lex.JOINERS for n in range(i + 1, j)):
        return 0
    if {line.low(j - 1), line.low(line.skip(i + 1, "the", "very", "some"))} & asked.NO_PLACES:
        return 0
    room = any(line.low(n) in asked.ROOMS for n in range(i + 1, j))
    if low == "in":
        if room and j - i <= 6:
            return j
        return _city_end(line, i + 1)
    named = first.text[0].isupper() or first.kind == "num" or low in ("@", "📍")
    return j if named or room or small or first.low == "the" else 0


def _city_end(line: Line, i: int) -> int:
    # "in Chennai": a known city, written as a name.
    for words in (2, 1):
        name = " ".join(line.low(k) for k in range(i, i + words))
        if name in asked.CITIES or city_zone(name):
            j = i + words + (line.low(i + words) in asked.SIGHTS)  # "Central Park"
            return j if line.at(i).text[0].isupper() or line.text.islower() else 0
    return 0


def read_title(line: Line, parts: Parts) -> None:
    """Note the title, and the words that are left over besides."""
    after_call = _call_it(line) if parts.title is None else 0
    runs = _runs(line)
    chosen: tuple[int, int] | None = None
    if parts.title is None:
        named = next((_trimmed(line, *run) for run in runs if run[0] == after_call > 0), None)
        chosen = named or _called(line, runs) or _first(line, runs)
        if chosen:
            parts.title = line.words(*chosen).strip() or None
    for i, j in runs:
        if chosen and i <= chosen[0] < j:
            line.take(chosen[0], chosen[1], "title")
            rest = [(i, chosen[0]), (chosen[1], j)]
        else:
            rest = [(i, j)]
        for a, b in rest:
            _leave(line, a, b, parts.left)


def _leave(line: Line, i: int, j: int, left: list[str]) -> None:
    a, b = _trimmed(line, i, j)
    noise = all(
        line.tokens[k].low in asked.OPENERS or line.tokens[k].low in lex.JOINERS
        for k in range(a, b)
    )
    line.take(i, a, "joiner")
    line.take(b, j, "joiner")
    if a < b and noise:
        line.take(a, b, "opener")
    elif a < b:
        left.append(line.words(a, b))


def _runs(line: Line) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    start = None
    for i in range(len(line) + 1):
        token = line.at(i)
        ends = (
            not token.text or token.text in ";|\n" or (token.text in ",:" and not _inside(line, i))
        )
        if ends and start is not None:
            found.append((start, i))
            start = None
        elif not ends and start is None:
            start = i
        if ends and token.text:
            line.take(i, i + 1, "joiner")
    return found


def _inside(line: Line, i: int) -> bool:
    # "1:1" keeps its colon.
    return line.at(i).glued and line.at(i + 1).glued


def _trimmed(line: Line, i: int, j: int) -> tuple[int, int]:
    idle = lex.JOINERS | asked.RE
    while i < j and line.tokens[i].low in idle and not _named(line, i):
        i += 1
    while j > i and line.tokens[j - 1].low in idle and not _kept(line, i, j - 1):
        j -= 1
    return i, j


def _named(line: Line, i: int) -> bool:
    # "Day 2 review", "Around the world demo"
    named = line.tokens[i].low in ("around", "about", "between", "day", "up")
    return named and (line.tokens[i].text.istitle() or line.at(i + 1).kind == "num")


def _kept(line: Line, first: int, i: int) -> bool:
    # "check-in", "wrap-up", "check in" and a closing "!" belong to the title.
    token = line.tokens[i]
    if token.glued and (token.text in "!?" or line.tokens[i - 1].kind == "num"):
        return True
    if token.text == ")":
        return any(line.tokens[k].text == "(" for k in range(first, i))
    before = line.tokens[i - 1] if i > first else None
    if before is None:
        return False
    if token.low in ("up", "in", "on", "by", "to", "a") and token.glued and before.text in "-&":
        return True
    if token.low == "day" and before.kind == "word" and before.low not in lex.JOINERS:
        return True  # "demo day"
    return token.low == "up" or (token.low == "in" and before.low in asked.PHRASAL)


def _call_it(line: Line) -> int:
    # "..., call it Pilot recap": the place after, or 0.
    for i in range(len(line) - 2):
        if line.low(i) in asked.CALL and line.low(i + 1) == "it" and line.at(i + 2).text:
            line.take(i, i + 2, "opener")
            return i + 2
    return 0


def _called(line: Line, runs: list[tuple[int, int]]) -> tuple[int, int] | None:
    for i, j in runs:
        for k in range(i, j):
            if line.tokens[k].low in asked.CALLED and k + 1 < j:
                return _trimmed(line, k + 1, j)
    return None


def _first(line: Line, runs: list[tuple[int, int]]) -> tuple[int, int] | None:
    later = None
    for run in runs:
        i, j = _opened(line, *_trimmed(line, *run))
        if j == i + 1 and line.tokens[i].text in ("meet", "meeting"):
            later = later or (i, j)  # the title, unless another one follows
            continue
        if all(line.tokens[k].low in asked.HOLLOW for k in range(i, j)):
            continue
        if i < j and any(
            line.tokens[k].kind in ("word", "num", "version", "code") for k in range(i, j)
        ):
            return i, j
    return later


def _opened(line: Line, i: int, j: int) -> tuple[int, int]:
    low = line.tokens[i].low if i < j else ""
    after = line.tokens[i + 1].low if i + 1 < j else ""
    if (
        low == "remind"
        or low in asked.ASKING_ALONE
        or (low in asked.ASKING and (not after or after in asked.OPENERS))
        or (low in asked.ASKING and _then_a_name(line, i, j))
    ):
        k = i
        while k < j and line.tokens[k].low in asked.OPENERS:
            k += 1
        return _trimmed(line, k, j)
    return i, j


def _then_a_name(line: Line, i: int, j: int) -> bool:
    # "book Demo for Acme": a small word that asks, then the title.
    return i + 1 < j and line.tokens[i].text.islower() and line.tokens[i + 1].text[0].isupper()
