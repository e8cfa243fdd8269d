"""Counted weekdays and days of the month: "third Friday", "day 15", "the first of each month"."""

from bot.language import lexicon as lex
from bot.language.clocks import clock_at
from bot.language.dates import month_at
from bot.language.scanner import Line, number, ordinal
from bot.language.sketch import Place, Sketch, days_at
from bot.language.when import Day, later, month_end


def places_at(line: Line, j: int, found: Sketch) -> int:
    """Read "2nd and 4th Friday", perhaps "of March 2027"; return the place after, or 0."""
    positions: list[int] = []
    while True:
        one = ordinal(line, j)
        if one is None:
            break
        positions.append(one[0])
        j = line.skip(one[1], "and", ",", "&", "or", "/", "the")
    listed = days_at(line, j, letters=False) if positions else None
    if listed is None or (listed.many and len(listed.days) > 2):
        return 0
    if line.low(j) in lex.PLURAL_DAYS:
        found.repeats = True
    month, year, after = None, None, listed.after
    k = line.skip(after, "of", "in", "every", "each")
    named = month_at(line, k, found.today) if k > after else None
    if k > after and line.low(k) in ("next", "this") and line.low(k + 1) == "month":
        begin = later(found.today.replace(day=1), int(line.low(k) == "next"), "month")
        month, year, after = begin.month, begin.year, k + 2
    if named:
        month, after = named[0].first.month, named[1]
        year = named[0].first.year if named[1] > k + 1 else None
        found.repeats = found.repeats or line.low(k - 1) in lex.EVERY
    for position in positions:
        found.places.extend(Place(position, day, month, year) for day in listed.days)
    return after


def counted(line: Line, i: int, found: Sketch) -> int:
    """Read "third Friday", "first day of", "day 15", "week 12" at *i* without "every"."""
    low = line.low(i)
    if low in ("day", "days"):
        return _day_number(line, i, found)
    if low in ("odd", "even", "week", "wk", "month", "quarter", "year"):
        return _counted_unit(line, i, found)
    if low in ("start", "beginning", "end", "close"):
        return _edge(line, i, found)
    if low in ("of", "in", "a"):
        return _of_month(line, i, found)
    first = ordinal(line, i)
    if first is None:
        return 0
    value, j = first
    workday = 2 if line.low(j) in lex.DAY_KINDS and line.low(j + 1) == "day" else 0
    workday = 1 if line.low(j) in lex.WORKDAY_WORDS else workday
    if workday:
        after = line.low(j + workday)
        follows = after in ("of", "in", "each", "every") or after in lex.ADVERBS
        counts = follows or found.repeats
        return found.refuse("workday_ordinal", line, i, j + workday) if counts else 0
    if value == -1 and line.low(j) == "day" and ("month", 1) in found.steps:
        return found.refuse("last_day", line, i, j + 1)
    if line.low(j) in ("day", "date") and line.low(j + 1) == "of":
        return _first_day(line, i, value, j, found)
    return places_at(line, i, found) or _word_day(line, i, value, j, found)


def _counted_unit(line: Line, i: int, found: Sketch) -> int:
    # "odd weeks", "month end", "in week 12": nothing a series can keep to.
    low = line.low(i)
    if low in ("odd", "even"):
        k = line.skip(i + 1, "-", "numbered")
        unit = lex.UNITS.get(line.low(k))
        code = "week_number" if unit == "week" else "vague"
        return found.refuse(code, line, i, k + 1) if unit else 0
    if low in ("week", "wk"):
        numbered = line.low(i - 1) in ("in", "of") and line.at(i + 1).kind == "num"
        return found.refuse("week_number", line, i, i + 2) if numbered else 0
    k = line.skip(i + 1, "-")
    series = (found.repeats and not found.weekdays()) or line.low(k + 1) in lex.EVERY
    ends = line.low(k) == "end" and line.low(i - 1) not in lex.UNTIL and series
    return found.refuse("last_day", line, i, k + 1) if ends else 0


def _first_day(line: Line, i: int, value: int, j: int, found: Sketch) -> int:
    if value < 0:
        named = _end_of_month(line, j + 2, found) if value == -1 else None
        if named is None:
            return found.refuse("last_day", line, i, j + 1)
        found.dates.append(named[0])
        found.ends_month = True
        return named[1]
    found.month_days.append(value)
    return j + 1


def _end_of_month(line: Line, i: int, found: Sketch) -> tuple[Day, int] | None:
    # "last day of March", "last day of next month": one day, where no series follows.
    k = line.skip(i, "the")
    named = month_at(line, k, found.today)
    if named and named[0].last:
        return Day(first=named[0].last), named[1]
    if line.low(k) not in lex.NEXT | {"this"} or line.low(k + 1) != "month":
        return None
    ahead = int(line.low(k) in lex.NEXT)
    return Day(first=month_end(later(found.today.replace(day=1), ahead, "month"))), k + 2


_CLOSING = frozenset({"at", "from", "starting", "until", "for", "with", "w", "via", "by", "in"})


def _word_day(line: Line, i: int, value: int, j: int, found: Sketch) -> int:
    # "the first of each month", "on the twenty first", "and the last": in words only here.
    if line.at(i).kind == "ord":
        return 0
    before = line.tokens[i - 1].low if i else ""
    follows = line.low(j)
    k = line.skip(j, "of", "the")
    of_month = follows == "of" and (line.low(k) in lex.EVERY or line.low(k) in ("month", "a"))
    closes = line.at(j).kind != "word" or follows in _CLOSING
    closing = before == "the" and found.repeats and closes
    if not (of_month or closing):
        return 0
    if value < 0:
        return found.refuse("last_day", line, i, j)
    found.month_days.append(value)
    return j


def _day_number(line: Line, i: int, found: Sketch) -> int:
    # "day 15 of every month", "on day 20 and 30", "on the day 100"
    token = line.at(i + 1)
    before = line.tokens[i - 1].low if i else ""
    if token.kind != "num" or "." in token.text:
        return 0
    monthly = any(unit == "month" for unit, _ in found.steps)
    if line.low(i + 2) != "of" and before not in ("on", "the", "occurs") and not monthly:
        return 0
    values, j = [int(token.text)], i + 2
    while line.low(j) in lex.AND and line.at(j + 1).kind == "num" and clock_at(line, j + 1) is None:
        if line.low(j + 2) in lex.COUNT_NOUNS:
            break
        values.append(int(float(line.at(j + 1).text)))
        j += 2
    if values[0] > 31 and (found.repeats or line.low(i + 2) == "of"):
        return found.refuse("year_day", line, i, j)
    found.month_days.extend(values)
    return j


def _edge(line: Line, i: int, found: Sketch) -> int:
    # "beginning of each month", "every month at the end"
    k = line.skip(i + 1, "of", "the")
    unit = lex.UNITS.get(line.low(k + 1))
    of_each = (
        k > i + 1 and line.low(k) in lex.EVERY and unit in ("month", "quarter", "year", "week")
    )
    before = line.tokens[i - 1].low if i else ""
    ends = line.low(i) in ("end", "close") and line.low(i + 1) != "of"
    alone = before in ("the", "very") and ("month", 1) in found.steps
    alone = alone and (ends or not line.low(i + 1))
    of_rule = k > i + 1 and line.low(k) == "month" and bool(found.steps) and before != "until"
    if not (of_each or alone or of_rule):
        return 0
    if line.low(i) in ("end", "close"):
        return found.refuse("last_day", line, i, i + 1)
    if unit in ("year", "week"):
        return found.refuse("vague", line, i, i + 1)
    found.month_days.append(1)
    return i + 1


def _of_month(line: Line, i: int, found: Sketch) -> int:
    # "of the month", "in each month" after a counted weekday or a day.
    j = line.skip(i + 1, "the", "a")
    if line.low(i) == "a" or line.low(j) not in ("month", "months", "mth", "mo"):
        return 0
    dated = any(day.day_only for day in found.dates)
    if not (found.places or found.month_days or dated or found.refusals):
        return 0
    found.repeats = True
    found.loose = False
    if not any(unit in ("month", "year") for unit, _ in found.steps):
        found.steps.append(("month", 1))
    return j + 1


def times_a(line: Line, i: int, found: Sketch) -> int:
    """Read "twice a week", "three times per month" at *i*; which days is not said."""
    count = lex.COUNT_WORDS.get(line.low(i))
    j = i + 1
    if count is None:
        several = line.low(i) in ("several", "few", "couple", "multiple", "many", "some")
        counted = (3, line.skip(i + 1, "of")) if several else number(line, i)
        nouns = {"times", "time", "x", "days"} | lex.PLURAL_PARTS if counted else ()
        if counted is None or line.low(counted[1]) not in nouns:
            return 0
        count, j = counted[0], counted[1] + 1
        if line.low(j - 1) == "days" or line.low(j - 1) in lex.PLURAL_PARTS:
            return _days_a_week(line, count, j, found)
    j = line.skip(j, "-") if line.at(j + 1).glued else j
    adverb_unit = {"weekly": "week", "monthly": "month", "daily": "day", "yearly": "year"}
    if count > 1 and line.low(j) in adverb_unit:
        found.times_a = count, adverb_unit[line.low(j)]
        found.repeats = True
        return j + 1
    if count < 2 or line.low(j) not in ("a", "an", "per", "each", "every"):
        return 0
    unit = lex.UNITS.get(line.low(j + 1))
    if unit is None:
        return 0
    if unit in ("hour", "minute"):
        return found.refuse("sub_daily", line, i, j + 2)
    found.times_a = count, unit
    found.repeats = True
    return j + 2


def _days_a_week(line: Line, count: int, j: int, found: Sketch) -> int:
    if line.low(j) not in ("a", "per", "each", "every") or line.low(j + 1) != "week" or count > 7:
        return 0
    found.repeats = True
    if count == 7:
        found.steps.append(("day", 1))
    else:
        found.times_a = count, "week"
    return j + 2
