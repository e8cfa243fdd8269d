"""Words beside a time that nobody has read, and that would change it: refused, never dropped."""

from bot.language import lexicon as lex
from bot.language.scanner import Line
from bot.language.sketch import Sketch

_HANGING_CODES = {"week": "week_number"} | dict.fromkeys(lex.HOLIDAYS, "holiday")
_CONDITIONS = frozenset(
    {
        *("when", "if", "while", "during", "once", "provided", "whenever", "as", "before"),
        *("after", "assuming", "pending", "given", "contingent", "based", "according"),
    }
)
"""Right after a time they tie it to something."""


def refuse_unread(line: Line, found: Sketch) -> None:
    """Refuse where unread words would make the rule or the time another one."""
    for i in range(len(line)):
        low = line.low(i)
        if not low:
            continue
        series = found.series or found.spoken_series
        code = "last_day" if series and low in lex.ENDS else _changes(line, i, low)
        code = code or (_bounds(line, i, low, found) if found.series else None)
        if code:
            found.refuse(code, line, i, _clause(line, i, low))
        elif found.repeats and low == "in" and _month(line, i + 1):
            found.months.append(lex.MONTHS[line.low(i + 1)])
            line.take(i, i + 2, "when")


def _clause(line: Line, i: int, low: str) -> int:
    # What goes with the word: "Q1", "during Lent".
    j = i + 1
    if low == "q":
        return j + 1
    while low == "during" and line.at(j).kind == "word":
        j += 1
    return j


def _changes(line: Line, i: int, low: str) -> str | None:
    # Words that change any time, that of a series or of one meeting.
    either = low == "or" and line.owner[max(0, i - 1) : i + 2 : 2] == ["when", "when"]
    every = low in lex.EVERY and low not in ("ea", "ev")
    if low == "ish" and i and line.owner[i - 1 - line.at(i).glued] == "when":
        return "vague"
    return "vague" if either or every or _changes_time(line, i, low) else None


def _past(line: Line, i: int) -> int:
    return line.skip(i, "on", "of", "the", "every")


def _bounds(line: Line, i: int, low: str, found: Sketch) -> str | None:
    # Words that change a series.
    k = i - 1 - (i > 1 and line.tokens[i - 1].text == ",")
    after_time = k >= 0 and line.owner[k] == "when"
    tied = low in _CONDITIONS and after_time and not line.at(i).text.istitle()
    if tied or _leaves_open(line, i, low):
        return "vague"
    if low in lex.EXCEPT or (low == "but" and after_time):
        return "exdate"
    return _season(line, i, low, found) or (
        _HANGING_CODES.get(low, "vague") if _hangs_on(line, i, low) else None
    )


def _leaves_open(line: Line, i: int, low: str) -> bool:
    k = line.skip(i + 1, "on", "of", "the", "every")
    if low in lex.SOME and line.owner[k : k + 1] == ["when"]:
        return True
    vague = low in lex.BOUNDING or low in lex.VAGUE or low == "during"
    return vague or (low == "or" and _beside_time(line, i))


def _season(line: Line, i: int, low: str, found: Sketch) -> str | None:
    # "in summer", "in Q1", "in Advent", "Christmas Eve every year"
    before = line.low(i - 1)
    quarter = low == "q" and line.at(i + 1).glued and line.at(i + 1).kind == "num"
    if (quarter or low in lex.SEASONS) and before in ("in", "over", "of", "the", "each"):
        return "month_filter"
    yearly = any(unit == "year" for unit, _ in found.steps)
    if low in lex.HOLIDAYS and (yearly or before in ("in", "over", "of")):
        return "holiday"
    return None


def _month(line: Line, i: int) -> bool:
    return line.low(i) in lex.MONTHS and line.low(i) != "may"


def _beside_time(line: Line, i: int) -> bool:
    return "when" in (*line.owner[max(0, i - 1) : i], *line.owner[i + 1 : i + 2])


def _changes_time(line: Line, i: int, low: str) -> bool:
    # "before noon", "Tuesday after next", and words of time that stand alone.
    if low in ("before", "after", "past"):
        k = line.skip(i + 1, "the")
        return line.low(k) in lex.NEXT | lex.HOLIDAYS or line.owner[i + 1 : i + 2] == ["when"]
    return _timelike(line, i) and "when" in line.owner and _all_timelike(line, i)


def _timelike(line: Line, i: int) -> bool:
    low = line.low(i)
    return line.at(i).kind in ("num", "ord") or low in lex.TIMELIKE or low in lex.HOLIDAYS


def _all_timelike(line: Line, i: int) -> bool:
    # "for 15", "end of month", "week 5": unread words of time with no other word beside them.
    for step in (-1, 1):
        k = i + step
        while 0 <= k < len(line) and line.at(k).text:
            token = line.at(k)
            if token.text == ":" and token.glued and line.at(k + 1).glued:
                return False  # "1:1"
            words = token.kind != "sym" and token.low not in lex.JOINERS | {"or"}
            if words and not _timelike(line, k):
                return False
            k += step
    return True


def _hangs_on(line: Line, i: int, low: str) -> bool:
    # "... of the year", "... after Christmas", "first week of ...": a part of the rule unread.
    if low not in lex.HOLIDAYS and not (low in lex.UNITS and len(low) > 2):
        return False
    after = line.at(i + 1)
    if after.kind == "word" and after.low not in lex.JOINERS:
        return False
    k = i - 1
    while k >= 0 and line.low(k) in lex.HANGING:
        k -= 1
    if k >= 0 and line.owner[k] == "when" and (k < i - 1 or low not in lex.UNITS):
        return True
    counted = i > 0 and (line.low(i - 1) in lex.ORDINALS or line.low(i - 1) == "last")
    return counted and after.low in ("of", "in")
