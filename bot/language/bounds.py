"""Where a series begins and ends, how often it is held, and what is left out."""

from bot.language import lexicon as lex
from bot.language.calendar_days import festival
from bot.language.clocks import clock_at
from bot.language.dates import date_at, month_at
from bot.language.scanner import Line, number
from bot.language.sketch import Sketch, days_at
from bot.language.when import Day


def _day(line: Line, i: int, found: Sketch) -> tuple[Day, int] | None:
    day = date_at(line, i, found.today, month_first=found.month_first)
    if day is None:
        k = line.skip(i, "on", "the", "in")
        day = month_at(line, k, found.today)
    return (found.keep(day[0], line, i, day[1]), day[1]) if day else None


def until(line: Line, i: int, found: Sketch) -> int:
    """Read "until 15 March", "end after 12 occurrences", "no end date" at *i*."""
    low = line.low(i)
    if low == "no" and line.low(i + 1) == "end":
        return line.skip(i + 2, "date")
    named = line.at(i).text.istitle() and line.at(i + 1).kind == "num"  # "Forever 21"
    if low in ("forever", "indefinitely") and not named:
        return i + 1
    if low in ("through", "thru") and line.low(i - 1) in ("all", "right"):
        return found.refuse("month_filter", line, i - 1, i + 1)
    if low == "to":
        return _to_date(line, i, found)
    if low == "by":
        return _by_date(line, i, found)
    j = _after_until(line, i, repeats=found.repeats)
    if not j:
        return 0
    if line.low(j) == "further" and line.low(j + 1) == "notice":
        return j + 2
    if line.low(j) == "never":
        return j + 1  # "Ends: never"
    if line.low(j) == "after":
        return count(line, j + 1, found) or _alone(line, j + 1, found)
    return _until(line, i, j, found)


def _to_date(line: Line, i: int, found: Sketch) -> int:
    # "every Tuesday to 22 December"
    if not found.repeats or i == 0 or line.owner[i - 1] != "when" or clock_at(line, i + 1):
        return 0
    last = date_at(line, i + 1, found.today, month_first=found.month_first)
    if last is None or not last[0].month_day:
        return 0
    found.until = found.keep(last[0], line, i, last[1])
    return last[1]


def _by_date(line: Line, i: int, found: Sketch) -> int:
    # "every Monday by 30 Jan"
    if not (found.repeats or found.spoken_series) or clock_at(line, i + 1):
        return 0
    last = _festival(line, i + 1, found) or _day(line, i + 1, found)
    if last is None:
        return 0
    if last[0].weekday is not None:  # "by Friday": something is due then, each time or once
        return found.refuse("vague", line, i, last[1]) if found.repeats else 0
    found.until = last[0]
    return last[1]


def _until(line: Line, i: int, j: int, found: Sketch) -> int:
    clock = clock_at(line, j)
    k = line.skip(j, "and", "including")
    day = None if clock else _festival(line, k, found) or _day(line, k, found)
    if day and line.low(day[1]) in lex.COUNT_NOUNS:
        return found.refuse("vague", line, i, day[1] + 1)  # "until the 5th time"
    if day:
        found.until = day[0]
        return line.skip(day[1], "inclusive", "included")
    if clock and line.low(i) != "end" and found.slots and found.slots[-1][1] is None:
        found.slots[-1] = found.slots[-1][0], clock[0]
        return clock[1]
    return 0


def _festival(line: Line, i: int, found: Sketch) -> tuple[Day, int] | None:
    day = festival(line, i, found.today)
    return (found.keep(day[0], line, i, day[1]), day[1]) if day else None


def _after_until(line: Line, i: int, *, repeats: bool) -> int:
    low = line.low(i)
    closing = low == "last" and line.low(i + 1) in lex.COUNT_NOUNS | {"one"}
    if closing and repeats and line.low(i + 2) == "on":
        return i + 2
    if low == "up" and line.low(i + 1) in ("to", "until", "till"):
        return i + 2
    if low == "not" and line.low(i + 1) == "after":
        return i + 2
    if low not in lex.UNTIL:
        return 0
    j = line.skip(i + 1, "by", "on", "at", "in", ":")
    if low in ("end", "stop", "stops") and j == i + 1 and line.low(j) != "after":
        return 0
    return j


def begin(line: Line, i: int, found: Sketch) -> int:
    """Read "starting 3 May", "from X to Y", "between X and Y", "effective 4/15/2027"."""
    low, j = _opening(line, i, repeats=found.repeats)
    if not low:
        return 0
    if low in lex.START and line.low(i - 1) in ("week", "wk"):
        return found.refuse("vague", line, i - 1, j)  # a day of that week, nobody says which
    if low in ("from", "between") and line.low(j) == "now":
        found.anchor = Day(first=found.today)
        last = None
        if line.low(j + 1) == "and":
            last = _festival(line, j + 2, found) or _day(line, j + 2, found)
        found.until = last[0] if last else found.until
        if last is None and line.low(j + 1) == "and":
            return found.refuse("vague", line, i, j + 2)
        return last[1] if last else line.skip(j + 1, "on")
    k = line.skip(j, "on", "from", "with", "the", ":", "date")
    k = k if date_at(line, k, found.today) else line.skip(k, "in", "the")
    listed = days_at(line, k, letters=False) if low == "from" and found.spoken_series else None
    if listed and len(listed.days) > 1:
        found.days.extend(listed.days)
        found.repeats = True
        return listed.after
    if low in ("from", "between") and clock_at(line, k, bare=False):
        return 0
    if low in lex.START and (line.low(k) in ("at", "@") or clock_at(line, k)):
        return k if clock_at(line, k + 1, bare=True) or clock_at(line, k) else 0
    return _anchored(line, k, low, found)


def _opening(line: Line, i: int, *, repeats: bool) -> tuple[str, int]:
    low, after = line.low(i), line.low(i + 1)
    if (
        repeats
        and low == "first"
        and after in lex.COUNT_NOUNS | {"one"}
        and line.low(i + 2) == "on"
    ):
        return low, i + 2
    if low == "as" and after in ("of", "from"):
        return low, i + 2
    if line.text[line.at(i).start : line.at(i).start + 5].lower() == "w.e.f":
        return "effective", line.skip(i + 5, ".")
    if low == "in" and after == "between":
        return after, i + 2
    return (low if low in lex.START or low in ("from", "between", "since") else ""), i + 1


def _anchored(line: Line, k: int, low: str, found: Sketch) -> int:
    day = _day(line, k, found)
    if day is None:
        return 0
    found.anchor = day[0]
    seps = ("and",) if low == "between" else tuple(lex.TO)
    if line.low(day[1]) in seps and (low in ("from", "between") or line.low(day[1]) != "and"):
        last = None if clock_at(line, day[1] + 1) else _day(line, day[1] + 1, found)
        if last:
            found.until = last[0]
            return last[1]
    return day[1] if low != "between" else 0


def count(line: Line, i: int, found: Sketch) -> int:
    """Read "10 times", "x4", "3x", "twice", "12 occurrences", "6 Mondays in a row" at *i*."""
    j = _count(line, i, found)
    in_a_row = [line.low(j + n) for n in range(3)] == ["in", "a", "row"]
    if not j:
        return 0
    return j + 3 if in_a_row else in_total(line, j) or line.skip(j, "running", "consecutively")


def in_total(line: Line, j: int) -> int:
    """Return the place after "in total", "in all", "total" at *j*, or 0."""
    k = line.skip(j, "in")
    low, after = line.low(k), line.at(k + 1)
    plain = after.kind != "word" or after.low in lex.JOINERS | lex.WITH | lex.EVERY
    ends = (k > j) if low == "total" else (k > j and low == "all" and plain)
    return k + 1 if ends or (low == "total" and plain) else 0


def _alone(line: Line, i: int, found: Sketch) -> int:
    # "ending after 10"
    step = number(line, i)
    after = line.at(step[1]) if step else None
    if step is None or after is None or after.low in lex.UNITS:
        return 0
    if after.glued and after.kind == "word":
        return 0
    found.count = step[0]
    return step[1]


def _count(line: Line, i: int, found: Sketch) -> int:
    low, after = line.low(i), line.at(i + 1)
    if (low, after.low) == ("for", "ever"):
        return i + 2
    twice = low in ("twice", "thrice")
    times = low == "x" and after.kind == "num" and "." not in after.text
    if twice or times:
        unit = i + 1 + times
        if line.low(unit) in lex.ADVERBS:
            return found.refuse("no_days", line, i, unit + 1)  # "x2 weekly", "twice daily"
        if twice and after.low in ("a", "per", "each", "every"):
            return 0
        found.count = lex.COUNT_WORDS[low] if twice else int(after.text)
        return unit
    step = number(line, line.skip(i, "just", "only", "another"))
    if step is None:
        return 0
    value, j = step[0], line.skip(step[1], "more", "consecutive", "straight", "successive")
    noun = line.low(j)
    ahead = line.low(j + 1) == "from" and line.low(j + 3) != "on"
    if noun in lex.PLURAL_DAYS and not ahead and value < 100:
        found.days.append(lex.PLURAL_DAYS[noun])
        found.repeats, found.count = True, value
        return j + 1
    if noun == "x" and not line.at(j).glued:
        return 0
    if noun not in lex.COUNT_NOUNS or line.low(j + 1) in ("a", "per", "each"):
        return 0
    after = line.at(j + 1)
    joined = after.kind != "word" or after.low in lex.JOINERS | lex.UNTIL | lex.POLITE
    joined = joined or after.text[0].isupper()
    if noun in ("meetings", "meeting", "events", "sessions") and not joined:
        return 0
    found.count = value
    return j + 1


def exceptions(line: Line, i: int, found: Sketch) -> int:
    """Read "except on weekends", which is a rule, or any other exception, which isn't."""
    low = line.low(i)
    if low in lex.EXCEPT:
        j = i + 1
    elif [line.low(i + n) for n in range(3)] == ["w", "/", "o"]:
        j = i + 3
    elif (low, line.low(i + 1)) in (
        ("other", "than"),
        ("apart", "from"),
        ("but", "not"),
        ("not", "on"),
        ("not", "in"),
        ("never", "on"),
        ("never", "in"),
        ("aside", "from"),
        ("but", "no"),
    ):
        j = i + 2
    elif low in ("but", "not") and found.repeats and days_at(line, i + 1, letters=False):
        j = i + 1
    else:
        return 0
    k = line.skip(j, ".", "for", "on", "every", "each", "the", "in", "not", "no")
    listed = days_at(line, k, letters=False)
    day = date_at(line, k, found.today)
    dated = day is not None and bool(day[0].month_day or day[0].day_only)  # "Friday 14 May"
    if listed and not dated and line.low(line.skip(listed.after, "and", ",")) not in lex.HOLIDAYS:
        if day and not listed.many and line.low(j) in ("next", "this"):
            return found.refuse("exdate", line, i, listed.after)
        if line.low(listed.after) not in ("in", "of", "next"):
            found.without.extend(listed.days)
            return listed.after
    return found.refuse("exdate", line, i, _clause_end(line, k, found))


def _clause_end(line: Line, i: int, found: Sketch) -> int:
    # The excluded dates go with the exception, not into the meeting's own dates.
    j = i
    while j < len(line):
        low = line.low(j)
        day = date_at(line, j, found.today) or month_at(line, j, found.today)
        if day:
            j = day[1]
        elif low in lex.AND or low in (
            "on",
            "in",
            "the",
            "last",
            "first",
            "one",
            "holidays",
            "good",
            "each",
            "second",
            "1st",
            "2nd",
            "3rd",
            "month",
        ):
            j += 1
        else:
            break
    return max(j, i)
