"""How long a series goes on: "for 6 weeks", "the next 4 Saturdays", "the rest of the year"."""

from datetime import date

from bot.domain.recurrence import WEEKEND, WORKDAYS, Weekday
from bot.language import lexicon as lex
from bot.language.bounds import count, in_total
from bot.language.scanner import Line, number, ordinal
from bot.language.sketch import Sketch, days_at
from bot.language.when import Day, month_end

_ON_END = frozenset({"running", "straight", "consecutively", "solid"})
_UNBROKEN = frozenset({"consecutive", "straight", "successive"})


def window(line: Line, i: int, found: Sketch) -> int:
    """Read "for 6 weeks", "for the next 3 months", "the next 4 Saturdays", "for 10 times"."""
    low = line.low(i)
    if low not in ("for", "over", "during", "the", *lex.NEXT):
        return 0
    j = line.skip(i + 1, "up", "to", "the", "a", "total", "of", "another", "about", "whole")
    after_next = line.low(j) in lex.NEXT or low in lex.NEXT
    j = j + 1 if line.low(j) in lex.NEXT else j
    if line.low(j) == "rest" and line.low(line.skip(j + 1, "of", "the", "this")) in lex.UNITS:
        return _rest(line, j, found)
    half = line.skip(j + 1, "a", "an", "-") if line.low(j) == "half" else 0
    if half and low == "for" and line.low(half) == "year":
        found.window = 6, "month"
        return half + 1
    step = number(line, j)
    value, k = step or (1, j)
    k = line.skip(k, "consecutive", "straight", "successive")
    counted = _days_counted(line, i, k, value, found) if step and after_next else 0
    if counted:
        return counted
    if step and line.low(k) in lex.COUNT_NOUNS and low == "for":
        return count(line, j, found)
    unit = lex.UNITS.get(line.low(line.skip(k, "-")))
    if unit not in lex.LONG_UNITS or (len(line.low(k)) == 1 and not line.at(k).glued):
        return 0
    if unit == "quarter" and line.low(line.skip(k + 1, "of", "an")) == "hour":
        return 0
    if (low == "the" and not after_next) or (low in lex.NEXT and step is None):
        return 0
    if not after_next and step is None and line.low(j - 1) not in ("a", "another", "whole"):
        return 0
    found.window = value, unit
    k = line.skip(k, "-") + 1
    return _unbroken(line, k, broken=True) or k


def _rest(line: Line, j: int, found: Sketch) -> int:
    k = line.skip(j + 1, "of", "the", "this")
    unit = lex.UNITS.get(line.low(k))
    if unit == "month":
        found.until = Day(first=month_end(found.today))
    elif unit == "year":
        found.until = Day(first=date(found.today.year, 12, 31))
    else:
        return 0
    return k + 1


def _days_counted(line: Line, i: int, k: int, value: int, found: Sketch) -> int:
    # "the next 3 weekdays", "the next two Mondays and Tuesdays": so many of each.
    listed = days_at(line, k, letters=False)
    if listed is None or not listed.many or listed.choice:
        return 0
    if set(listed.days) == set(WEEKEND) and found.today.weekday() == Weekday.SU.number:
        return found.refuse("vague", line, i, listed.after)  # is this one counted?
    each = 1 if set(listed.days) == set(WORKDAYS) else len(listed.days)
    found.days.extend(listed.days)
    found.repeats, found.count = True, value * each
    return listed.after


def in_all(line: Line, i: int, found: Sketch) -> int:
    """Read "10 in total" at *i* in a text that speaks of a series; return the place after, or 0."""
    step = number(line, i)
    j = in_total(line, step[1]) if step and (found.repeats or found.spoken_series) else 0
    if step and j:
        found.count = step[0]
    return j


def weekly_ones(line: Line, i: int, found: Sketch) -> int:
    """Read the count of "8 weekly sessions on Thursdays" at *i*; return the place after, or 0.

    On one day they are so many in all; "3 weekly calls on Mon, Wed and Fri" are three a week.
    """
    step = number(line, i)
    if step is None or line.low(step[1]) not in lex.ADVERBS or line.at(step[1]).glued:
        return 0
    j = step[1] + 1
    ones = line.low(j + 2 if line.low(j + 1) == "-" else j)  # "check-ins"
    k = j + 3 if line.low(j + 1) == "-" else j + 1
    k = line.skip(k, "on", "every", "each", "the", "at", ",")
    listed = days_at(line, k, letters=False)
    dated = listed or ordinal(line, k)
    days = len(listed.days) if listed else 1
    unit = lex.ADVERBS[line.low(step[1])]
    each_week = unit == ("week", 1) and days == step[0] > 1
    if not ones.endswith("s") or not dated or not (each_week or days == 1 < step[0] < 100):
        return 0
    found.count = found.count if each_week else step[0]
    found.repeats = True
    found.steps.append(unit)
    return j + 1 if ones in lex.COUNT_NOUNS else j


def running(line: Line, i: int, found: Sketch) -> int:
    """Read "(6 weeks)", "six weeks running", "6 weeks of Thursdays" at *i*; place after, or 0."""
    opened = line.low(i) == "("
    step = number(line, i + opened)
    if step is None or not 0 < step[0] < 100:
        return 0
    j = line.skip(step[1], *_UNBROKEN)
    unit = lex.UNITS.get(line.low(j))
    if unit not in lex.LONG_UNITS or len(line.low(j)) == 1:
        return 0
    if opened:
        whole = line.low(j + 1) == ")" and found.repeats
        after = j + 2 if whole else 0
    else:
        after = _unbroken(line, j + 1, broken=j == step[1])
    if after:
        found.window = step[0], unit
        found.repeats = True
    return after


def _unbroken(line: Line, j: int, *, broken: bool) -> int:
    # The place after what says that so many follow each other, or 0.
    if [line.low(j + n) for n in range(3)] == ["in", "a", "row"]:
        return j + 3
    if line.low(j) in _ON_END:
        return j + 1
    if line.low(j) == "of":
        listed = days_at(line, j + 1, letters=False)
        return j + 1 if listed and listed.many else 0
    return 0 if broken else j
