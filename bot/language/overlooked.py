"""The last net under a series: an unread word that would make it another one refuses it.

A word belongs to the time, and not to the title, by its place. Titles hold words of time among
words of their own ("7 Habits workshop every Monday"); a word that touches what was read of the
time, with nothing but joining words between, or that leads to one more date, was meant for it.
"""

from bot.language import lexicon as lex
from bot.language import time_words as words
from bot.language.scanner import Line
from bot.language.sketch import Sketch
from bot.language.slips import like_a_day

_DATE_KINDS = frozenset({"iso", "slash", "dotted", "ord"})


def refuse_overlooked(line: Line, found: Sketch) -> None:
    """Refuse a series where a word of time, or one that leaves dates out, wasn't read."""
    if not (found.repeats or found.steps or found.weak):
        for i in range(len(line)):
            _overlooked_once(line, i, found)
        return
    for i in range(len(line)):
        low = line.low(i)
        if low in lex.DASHES and _negative(line, i):
            found.refuse("invalid", line, i, i + 2)
        code = _code(line, i, low, found) if low in words.WATCHED else None
        if code:
            named = (low, line.low(i + 1)) in lex.NAMED_DAYS
            found.refuse(code, line, i, i + 1 + named)


def _overlooked_once(line: Line, i: int, found: Sketch) -> None:
    # The same for one meeting: "most Fridays", "the week of 5 Oct", "in Oct at 3pm".
    low = line.low(i)
    if low in words.UNSURE | lex.SOME | {"not"} and _open(line, i + 1):
        found.refuse("vague", line, i, i + 1)
    elif low in lex.MONTHS and _listed(line, i):
        found.refuse("multi_value", line, i, i + 1)
    elif _week_of(line, i) and line.owner[i + 1 : i + 2] == ["when"]:
        found.refuse("vague", line, i, i + 1)
    elif low in words.NAMES_A_DAY and not (low in ("may", "march") and line.at(i).text.islower()):
        found.day_unread = True
    elif 1 < len(low) < 5 and line.owner[i + 1 : i + 2] == ["when"]:
        slip = line.at(i).text.islower() and low not in lex.JOINERS and like_a_day(low)
        found.day_unread = found.day_unread or slip  # "fir 2pm"


def _week_of(line: Line, i: int) -> bool:
    # "week of", "w/c"
    if line.low(i) in ("of", "ending") and line.low(i - 1) in ("week", "wk"):
        return True
    return line.low(i) in ("c", "e") and line.text[: line.at(i).start].lower().endswith("w/")


def time_left(line: Line, left: list[str]) -> bool:
    """Say whether words beside a series are neither its title nor read, but meant for its time.

    Args:
        line: The tokens, with the title taken.
        left: Pieces of text that are left over.
    """
    title = [token.low for i, token in enumerate(line.tokens) if line.owner[i] == "title"]
    named = [low for low in title if low not in lex.JOINERS and low.isalpha()]
    if named and (all(low in words.LITTLE for low in named) or _hung_on(line)):
        return True
    found = {word for text in left for word in text.lower().replace("-", " ").split()}
    return bool(found & words.NEVER_LEFT)


def _hung_on(line: Line) -> bool:
    # "every Monday at some point", "every day that ends in y": no title, but more of the time.
    first = line.owner.index("title")
    k = first - 1
    if line.tokens[first].low in words.OWNED:
        return False
    led = line.tokens[first].low in words.RELATIVE
    while k >= 0 and line.owner[k] == "joiner":
        led = led or line.tokens[k].text in words.LEADING
        k -= 1
    return led and k >= 0 and line.owner[k] == "when"


def _code(line: Line, i: int, low: str, found: Sketch) -> str | None:
    code, applies = _beside(line, i, low)
    if code:
        return code if applies else None
    if (low, line.low(i + 1), line.low(i + 2)) in words.NOW_AND_THEN:
        return "vague"
    if low in lex.SOME:
        return "vague" if _open(line, i + 1) else None
    if (low, line.low(i + 1)) in lex.NAMED_DAYS:
        return "holiday" if ("year", 1) in found.steps else None
    if low == "end" and line.low(i + 1) == "of" and _undated(found):
        return "last_day"
    if low == "end" and line.low(i - 1 - (line.low(i - 1) == "-")) in lex.UNITS:
        return "last_day" if _touches(line, i, 1) or _undated(found) else None
    if low in ("last", "final") and line.low(line.skip(i + 1, "calendar")) in ("day", "date"):
        return "last_day" if _undated(found) else None
    if low == "eve":
        return "holiday" if _undated(found) else None
    if low == "day" and ("year", 1) in found.steps and not (found.months or found.dates):
        named = line.low(i - 1).endswith("'s") or line.at(i).text == "Day"
        return "holiday" if named else None
    return _unit_of_time(line, i, low) if low in lex.UNITS and len(low) > 1 else None


def _undated(found: Sketch) -> bool:
    # A rule by months whose day would be inferred, though words of a day stand there.
    steps = found.steps + [step for step, _ in found.weak]
    said = found.month_days or found.places or found.dates or found.anchor
    return not (said or found.refusals) and any(unit in ("month", "year") for unit, _ in steps)


def _beside(line: Line, i: int, low: str) -> tuple[str, bool]:
    # What the word would be refused for, and whether it stands where it counts.
    if low in words.LEAVING_OUT:
        return "exdate", _leads_to_date(line, i)
    if low in words.UNSURE:
        return "vague", _touches(line, i, 1) or _ends_after_time(line, i)
    if low in words.SHIFTING:
        return "vague", _touches(line, i, 1) and line.tokens[i - 1].low != "the"
    if low in words.CONDITIONAL:
        return "vague", _condition(line, i, low)
    back = low in lex.NEXT and line.low(line.skip(i + 1, "-")) == "to"
    if back or low in words.COUNTED_BACK:
        return "bysetpos_range", _touches(line, i, 1)
    if low in lex.MONTHS or low in lex.SEASONS:
        return "month_filter", _names_season(line, i)
    return "", False


def _condition(line: Line, i: int, low: str) -> bool:
    # "when free on Mondays", "every Monday subject to approval"
    if low == "subject":
        return line.low(i + 1) == "to" and _touches(line, i, -1)
    opens = i == 0 or line.tokens[i - 1].text in ",;(\n"
    k = i + 1
    while line.at(k).kind == "word":
        k += 1
    return opens and line.low(i + 1) != ":" and k < len(line) and line.owner[k] == "when"


def _negative(line: Line, i: int) -> bool:
    # "weekly, -4 times", "monthly on the -1st"
    token = line.at(i)
    if token.glued or i + 1 >= len(line) or not line.tokens[i + 1].glued:
        return False
    count = line.tokens[i + 1]
    unit = line.tokens[i + 2].low if i + 2 < len(line) else ""
    counts = (
        unit in lex.COUNT_NOUNS or unit in lex.PLURAL_DAYS or (unit in lex.UNITS and len(unit) > 2)
    )
    return count.kind == "ord" or (count.kind == "num" and counts)


def _open(line: Line, i: int) -> bool:
    # "on the odd Friday", "most days at 9"
    if line.low(i) in words.SEVERAL:
        return _touches(line, i, 1) or _touches(line, i, -1)
    return i < len(line) and line.owner[i] == "when" and line.tokens[i].low in lex.WEEKDAYS


def _listed(line: Line, i: int) -> bool:
    # "the first Monday of June, July and August"
    k = i - 1
    while line.low(k) in lex.AND:
        k -= 1
    return 0 <= k < i - 1 and line.owner[k] == "when"


def _touches(line: Line, i: int, step: int) -> bool:
    """Say whether what was read of the time comes next, past joining words."""
    k = i + step
    while line.low(k) in words.BETWEEN_TIMES | {"each", "every", "to"} and line.low(k) != ",":
        k += step
    return 0 <= k < len(line) and line.owner[k] == "when"


def _ends_after_time(line: Line, i: int) -> bool:
    # "every Monday or thereabouts": the time, the word, and nothing more.
    after = line.at(i + 1)
    ends = not after.text or after.kind in ("sym", "line")
    return ends and _touches(line, i, -1)


def _leads_to_date(line: Line, i: int) -> bool:
    # "(no meeting on 30 Jan)", "with the exception of 1 Feb", "save for August": up to three
    # unread words, then a day; the words after the rule, not a title before it.
    if "when" not in line.owner[:i]:
        return False
    for k in range(i + 1, min(i + 7, len(line))):
        token = line.tokens[k]
        if k > i + 1 and token.low in words.ONE_OF_THEM and line.owner[k] is None:
            after = line.at(k + 1)
            return after.kind != "word" or after.low in words.ONE_OF_THEM | {"of", "in", "week"}
        if line.owner[k] == "when" or token.low in lex.MONTHS or token.low in lex.HOLIDAYS:
            return token.kind in _DATE_KINDS or _names_date(line, k)
        if line.owner[k] is not None or token.text in ",;|\n":
            return False
    return False


def _names_date(line: Line, k: int) -> bool:
    near = {line.tokens[n].low for n in range(k, min(k + 4, len(line)))}
    dated = near & (lex.MONTHS.keys() | lex.HOLIDAYS | lex.TODAY.keys() | lex.NEXT | lex.THIS)
    return (
        bool(dated) or line.tokens[k].low in lex.WEEKDAYS or line.tokens[k].low in lex.PLURAL_DAYS
    )


def _names_season(line: Line, i: int) -> bool:
    # "whole of March every Monday", "every Monday, not for August"
    after = line.at(i + 1)
    if after.kind == "word" and after.low not in lex.JOINERS | {"only"}:
        return False
    led = line.low(i - 1) in words.OF_A_SEASON
    counted = i > 0 and line.owner[i - 1] == "when" and line.tokens[i - 1].kind in ("num", "ord")
    if counted or line.low(i + 1) == "only":
        return True  # "every 31 June", "summer only"
    return led and (_touches(line, i, 1) or "when" in line.owner[:i])


def _unit_of_time(line: Line, i: int, low: str) -> str | None:
    # "first full week of each month", "calendar day of the month", "ISO week 40"
    counted = lex.UNITS[low] == "week" and line.at(i + 1).kind == "num"
    k = line.skip(i + 2, "of", "in", "the")
    if counted and k < len(line) and line.owner[k] == "when":
        return "week_number"
    if counted and i > 2 and line.low(i - 2) in ("of", "in") and line.owner[i - 3] == "when":
        return "week_number"  # "every Thursday of ISO week 20"
    if line.low(i + 1) not in ("of", "in"):
        return None
    k = line.skip(i + 2, "the", "each", "every", "a")
    if _touches(line, i + 1, 1) or line.low(k) in ("month", "year", "quarter"):
        after = line.at(k + 1)
        if line.low(k) in lex.UNITS and after.kind == "word" and after.low not in lex.JOINERS:
            return None
        return {"week": "week_number", "day": "last_day"}.get(lex.UNITS[low], "vague")
    return None
