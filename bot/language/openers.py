"""What opens a rule: "every", "once a", "alternate", "all Mondays", "3 times a week"."""

from bot.domain.recurrence import Weekday
from bot.language import lexicon as lex
from bot.language.counted import times_a
from bot.language.repeats import what
from bot.language.scanner import Line, number
from bot.language.sketch import Sketch, Step, days_at


def every(line: Line, i: int, found: Sketch) -> int:
    """Read "every ..." at *i*; return the place after it, or 0."""
    if line.low(i) not in lex.EVERY:
        return _other_opener(line, i, found) or times_a(line, i, found)
    if line.low(i + 1) == "!":
        return found.refuse("completion", line, i, i + 2)
    of_some = i > 1 and line.low(i - 1) in ("of", "in") and number(line, i - 2)
    if of_some and number(line, i + 1):
        return found.refuse("vague", line, i - 2, i + 2)  # "3 of every 4 weeks"
    if line.low(i + 1) in lex.AND and line.low(i + 2) in lex.EVERY:
        return what(line, i, i + 3, found)
    steps, days = list(found.steps), len(found.days)
    short = line.low(i) in ("ea", "ev")
    j = what(line, i, line.skip(i + 1, ".") if short else i + 1, found)
    return found.refuse("multi_value", line, i, j) if another(line, i, steps, days, found) else j


def _other_opener(line: Line, i: int, found: Sketch) -> int:
    low, after = line.low(i), line.low(i + 1)
    if low in ("once", "one") and after in ("a", "an", "per", "in", "every", "each"):
        step = number(line, i + 2)
        unit = line.low(step[1] if step else i + 2)
        return what(line, i, i + 2, found) if unit in lex.UNITS else 0
    adverb = line.skip(i + 1, "-")
    if low == "once" and line.low(adverb) in lex.ADVERBS:
        return adverb
    if low == "one" and (days := _one_in_many(line, i, found)):
        return days
    stepped = lex.UNITS.get(after) in lex.LONG_UNITS
    if low == "per" and stepped:
        return what(line, i, i + 1, found)
    listed = days_at(line, i + 1, letters=False) if low == "all" or low in lex.OTHER else None
    if low in lex.OTHER and low != "other":
        return what(line, i, i, found) if listed or stepped else 0
    if low == "all" and after == "days" and ("week", 1) in found.steps:
        found.days.extend(Weekday)  # "weekly on all days"
        return i + 2
    if low == "all" and (after == "days" or (listed and listed.many)):
        return what(line, i, i + 1, found)
    return 0


def _one_in_many(line: Line, i: int, found: Sketch) -> int:
    # "one Monday in two", "one week in three"; "one Monday in two weeks" is held once.
    listed = days_at(line, i + 1, letters=False)
    j = listed.after if listed else i + 2
    step = number(line, j + 1) if line.low(j) in ("in", "out") else None
    step = number(line, j + 2) if line.low(j + 1) == "of" else step
    if step is None or step[0] < 2 or line.low(step[1]) in lex.UNITS:
        return 0
    if listed is None and line.low(i + 1) != "week":
        return 0
    found.steps.append(("week", step[0]))
    found.repeats = True
    found.days.extend(listed.days if listed else ())
    return step[1]


def another(line: Line, i: int, steps: list[Step], days: int, found: Sketch) -> bool:
    """Say whether a second rule was read at *i*: "every Monday and every 2 weeks on Friday".

    In "every other Monday and every Wednesday" the second step isn't noted.
    """
    k = i - 1
    while k > 0 and line.low(k) in lex.AND:
        k -= 1
    if k == i - 1 or k < 0 or line.owner[k] != "when" or not steps:
        return False
    new = found.steps[len(steps) :]
    if not new:
        return days > 0 and any(count > 1 for _, count in steps)
    return line.tokens[i - 1].text != "," and bool(set(new) - set(steps))
