"""How it repeats: "every ...", adverbs, counted weekdays, days of the month."""

from bot.domain.recurrence import WORKDAYS
from bot.language import lexicon as lex
from bot.language.clocks import clock_at
from bot.language.scanner import Line, number, ordinal
from bot.language.sketch import Days, Place, Sketch, days_at
from bot.language.when import date_at, month_at


def every(line: Line, i: int, found: Sketch) -> int:
    """Read "every ..." at *i*; return the place after it, or 0."""
    low = line.low(i)
    if low in ("once", "one") and line.low(i + 1) in ("a", "an", "per", "in", "every", "each"):
        step = number(line, i + 2)
        unit = line.low(step[1] if step else i + 2)
        return _what(line, i, i + 2, found) if unit in lex.UNITS else 0
    if low == "once" and line.low(i + 1) in lex.ADVERBS:
        return i + 1
    if low == "per" and lex.UNITS.get(line.low(i + 1)) in lex.LONG_UNITS:
        return _what(line, i, i + 1, found)
    if low in lex.OTHER and low != "other":
        listed = days_at(line, i + 1, letters=False)
        unit = lex.UNITS.get(line.low(i + 1))
        return _what(line, i, i, found) if listed or unit in lex.LONG_UNITS else 0
    if low not in lex.EVERY:
        return _times_a(line, i, found)
    if line.low(i + 1) == "!":
        return found.refuse("completion", line, i, i + 2)
    return _what(line, i, i + 1, found)


def _times_a(line: Line, i: int, found: Sketch) -> int:
    # "twice a week", "three times per month": which days is not said.
    count = lex.COUNT_WORDS.get(line.low(i))
    j = i + 1
    if count is None:
        counted = number(line, i)
        if counted is None or line.low(line.skip(counted[1], "x")) not in ("times", "time", "x"):
            return 0
        count, j = counted[0], counted[1] + 1
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
    found.times_a = count, unit
    found.repeats = True
    return j + 2


def _what(line: Line, i: int, j: int, found: Sketch) -> int:
    # What stands after "every": a step, then what is stepped over.
    if line.low(j) == "single":
        j += 1
    if line.low(j) in lex.OTHER:
        return _stepped(line, i, j + 1, 2, found)
    if line.low(j) in ("few", "several", "so", "now", "some"):
        return found.refuse("vague", line, i, j + 2)
    counted = ordinal(line, j)
    if (counted and line.low(j) != "second") or _second_of(line, j):
        return _every_nth(line, i, j, found)
    if line.low(j) == "second":
        return found.refuse("sub_daily", line, i, j + 1)
    if lex.MONTHS.get(line.low(j)) or _dated(line, j, found):
        return _every_date(line, i, j, found)
    clock = clock_at(line, j)
    if clock and not number_of_units(line, j):
        found.steps.append(("day", 1))
        found.repeats = True
        return j
    step = number(line, j)
    if step:
        return _numbered(line, i, step[0], step[1], found)
    return _stepped(line, i, j, 1, found)


def number_of_units(line: Line, j: int) -> bool:
    """Say whether a number with a unit stands at *j*: "2 weeks"."""
    step = number(line, j)
    return bool(step and line.low(line.skip(step[1], "-")) in lex.UNITS)


def _second_of(line: Line, j: int) -> bool:
    if line.low(j) != "second":
        return False
    after = line.low(j + 1)
    return bool(
        after in lex.UNITS
        or after in lex.DAY_KINDS
        or after in ("of", "and", "last", "to")
        or after in lex.WEEKEND_WORDS
        or after in lex.WORKDAY_WORDS
        or after in lex.WEEKDAYS
        or after in lex.PLURAL_DAYS
    )


def _dated(line: Line, j: int, found: Sketch) -> bool:
    day = date_at(line, j, found.today)
    return bool(day and day[0].month_day and not day[0].bare and line.low(j) not in lex.WEEKDAYS)


def _every_date(line: Line, i: int, j: int, found: Sketch) -> int:
    # "every April 4", "every 1 jan", "every 23rd of June".
    day = date_at(line, j, found.today)
    found.repeats = True
    found.steps.append(("year", 1))
    if day is None or day[0].month_day is None:
        month = month_at(line, j, found.today)
        if month is None:
            return 0
        found.months.append(month[0].first.month)
        return month[1]
    found.keep(day[0], line, i, day[1])
    found.dates.append(day[0])
    return day[1]


def _numbered(line: Line, i: int, step: int, j: int, found: Sketch) -> int:
    j = line.skip(j, "-") if line.low(j + 1) in lex.UNITS else j
    if line.low(j) in lex.UNITS or days_at(line, j, letters=False):
        return _stepped(line, i, j, step, found)
    if 1 <= step <= 31 and not line.at(j).glued:
        found.repeats = True
        found.steps.append(("month", 1))
        found.month_days.append(step)
        return j
    return 0


def _stepped(line: Line, i: int, j: int, step: int, found: Sketch) -> int:
    listed = days_at(line, j)
    if listed:
        return _stepped_days(line, i, step, listed, found)
    unit = lex.UNITS.get(line.low(j))
    if len(line.low(j)) == 1 and not line.at(j).glued:
        unit = None
    if unit in ("second", "minute", "hour"):
        return found.refuse("sub_daily", line, i, j + 1)
    if unit:
        return _units(line, i, j, (unit, step), found)
    if line.low(j) in lex.DAY_PARTS:
        found.steps.append(("day", step))
        found.repeats = True
        _hint(line, j, found)
        return j + 1
    if line.low(j) == "half" and lex.UNITS.get(line.low(line.skip(j + 1, "a", "-"))) == "year":
        found.steps.append(("month", 6 * step))
        found.repeats = True
        return line.skip(j + 1, "a", "-") + 1
    return _holiday(line, i, j, found)


def _holiday(line: Line, i: int, j: int, found: Sketch) -> int:
    known = line.low(j) in lex.HOLIDAYS or (
        line.low(j) in ("good", "new", "christmas")
        and line.low(j + 1) in ("friday", "year's", "eve", "year")
    )
    if not known:
        return 0
    j += 1
    while line.low(j) in lex.HOLIDAYS or line.low(j) in ("eve", "day", "friday", "and", "monday"):
        j += 1
    return found.refuse("holiday", line, i, j)


def _units(line: Line, i: int, j: int, step: tuple[str, int], found: Sketch) -> int:
    base, factor = lex.STEPS[step[0]]
    found.repeats = True
    found.steps.append((base, factor * step[1]))
    after = line.skip(j + 1, "of", "the", "in")
    if after > j + 1 and base in ("day", "week") and line.low(after) in ("month", "week", "year"):
        return found.refuse("week_number" if base == "week" else "vague", line, i, after + 1)
    return j + 1


def _stepped_days(line: Line, i: int, step: int, listed: Days, found: Sketch) -> int:
    found.repeats = True
    if listed.choice:
        found.refuse("vague", line, i, listed.after)
    if step > 1 and set(listed.days) == set(WORKDAYS):
        found.refuse("workday_interval", line, i, listed.after)
    if step > 1 or not found.steps:
        found.steps.append(("week", step))
    found.days.extend(listed.days)
    return _part(line, listed.after, found)


def _part(line: Line, j: int, found: Sketch) -> int:
    # "tuesday afternoons", "every Monday morning"
    if line.low(j) in lex.DAY_PARTS:
        _hint(line, j, found)
        return j + 1
    return j


def _hint(line: Line, j: int, found: Sketch) -> None:
    found.hint = lex.DAY_PARTS[line.low(j)]
    found.hint_word = line.low(j)


def _every_nth(line: Line, i: int, j: int, found: Sketch) -> int:
    # "every 3rd Friday", "every 4th day", "every 27th", "every first business day".
    first = ordinal(line, j)
    if first is None:
        return 0
    value, k = first
    unit = lex.UNITS.get(line.low(k))
    if line.low(k) in lex.WORKDAY_WORDS or (
        line.low(k) in lex.DAY_KINDS and line.low(k + 1) == "day"
    ):
        return found.refuse("workday_ordinal", line, i, k + 1)
    of_month = line.skip(k + 1, "of", "the", "in", "each", "every")
    if unit == "day" and of_month > k + 1 and line.low(of_month) in ("month", "months"):
        return _month_day(line, i, value, k + 1, found)
    if unit in ("second", "minute", "hour"):
        return found.refuse("sub_daily", line, i, k + 1)
    if unit and value > 0:
        return _units(line, i, k, (unit, value), found)
    if unit:
        return found.refuse("last_day" if unit == "day" else "vague", line, i, k + 1)
    if line.low(k) in lex.WEEKEND_WORDS and value > 0:
        return _stepped(line, i, k, value, found)
    placed = _places(line, i, j, found)
    if placed:
        found.repeats = True
        found.loose = not _month_follows(line, placed) and found.places[-1].position > 1
        if found.places[-1].month:
            found.loose = False
            found.steps.append(("year", 1))
        return placed
    dated = date_at(line, j, found.today)
    if dated and dated[0].month_day:
        return _every_date(line, i, j, found)
    return _month_day(line, i, value, k, found)


def _month_follows(line: Line, j: int) -> bool:
    k = line.skip(j, "of", "in", "the", "each", "every", "a", ",")
    return line.low(k) in ("month", "months", "mth", "quarter")


def _month_day(line: Line, i: int, value: int, j: int, found: Sketch) -> int:
    found.repeats = True
    found.steps.append(("month", 1))
    if value < 0:
        return found.refuse("last_day", line, i, j)
    found.month_days.append(value)
    while line.low(j) in lex.AND:
        more = ordinal(line, j + 1)
        if more is None or lex.WEEKDAYS.get(line.low(more[1])):
            break
        found.month_days.append(more[0])
        j = more[1]
    k = line.skip(j, "day")
    month = lex.MONTHS.get(line.low(k + 1)) if line.low(k) in ("of", "in") else None
    if month:
        found.months.append(month)
        found.steps[-1] = ("year", 1)
        return k + 2
    return j


def _places(line: Line, i: int, j: int, found: Sketch) -> int:
    # "2nd and 4th Friday [of March [2027]]"
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
    month, year, after = None, None, listed.after
    k = line.skip(after, "of", "in", "every", "each")
    named = month_at(line, k, found.today) if k > after else None
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
    if low in ("week", "wk") and line.low(i - 1) in ("in", "of") and line.at(i + 1).kind == "num":
        return found.refuse("week_number", line, i, i + 2)
    if low in ("start", "beginning", "end"):
        return _edge(line, i, found)
    if low in ("of", "in", "a"):
        return _of_month(line, i, found)
    first = ordinal(line, i)
    if first is None:
        return 0
    value, j = first
    if (
        (line.low(j) in lex.DAY_KINDS
        and line.low(j + 1) == "day")
        or line.low(j) in lex.WORKDAY_WORDS
    ):
        if line.low(line.skip(j, "business", "working", "work", "day")) in ("of", "in", "each"):
            return found.refuse("workday_ordinal", line, i, j + 1)
        return found.refuse("workday_ordinal", line, i, j + 1) if found.repeats else 0
    if line.low(j) == "day" and line.low(j + 1) == "of":
        return _first_day(line, i, value, j, found)
    placed = _places(line, i, i, found)
    if placed:
        return placed
    return _word_day(line, i, value, j, found)


def _first_day(line: Line, i: int, value: int, j: int, found: Sketch) -> int:
    if value < 0:
        return found.refuse("last_day", line, i, j + 1)
    found.month_days.append(value)
    return j + 1


def _word_day(line: Line, i: int, value: int, j: int, found: Sketch) -> int:
    # "the first of each month", "on the twenty first", "and the last": in words only here.
    if line.at(i).kind == "ord":
        return 0
    before = line.tokens[i - 1].low if i else ""
    follows = line.low(j)
    k = line.skip(j, "of", "the")
    of_month = follows == "of" and (line.low(k) in lex.EVERY or line.low(k) in ("month", "a"))
    closing = before == "the" and found.repeats and (not follows or line.at(j).kind != "word")
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
    if line.low(i + 2) != "of" and before not in ("on", "the", "occurs"):
        return 0
    values, j = [int(token.text)], i + 2
    while line.low(j) in lex.AND and line.at(j + 1).kind == "num":
        values.append(int(float(line.at(j + 1).text)))
        j += 2
    if values[0] > 31 and (found.repeats or line.low(i + 2) == "of"):
        return found.refuse("year_day", line, i, j)
    found.month_days.extend(values)
    return j


def _edge(line: Line, i: int, found: Sketch) -> int:
    # "beginning of each month", "every month at the end"
    k = line.skip(i + 1, "of", "the")
    of_each = k > i + 1 and line.low(k) in lex.EVERY and line.low(k + 1) in ("month", "months")
    before = line.tokens[i - 1].low if i else ""
    alone = before == "the" and ("month", 1) in found.steps and not line.low(i + 1)
    of_rule = k > i + 1 and line.low(k) == "month" and bool(found.steps) and before != "until"
    if not (of_each or alone or of_rule):
        return 0
    if line.low(i) == "end":
        return found.refuse("last_day", line, i, i + 1)
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


def adverb(line: Line, i: int, found: Sketch) -> int:
    """Read "weekly", "bi-weekly", "every other" in one word at *i*; place after, or 0."""
    low, j = line.low(i), i + 1
    if low in lex.PREFIXES:
        k = line.skip(i + 1, "-")
        if low + line.low(k) in lex.ADVERBS or low + line.low(k) in lex.REFUSED_ADVERBS:
            low, j = low + line.low(k), k + 1
    if low in lex.REFUSED_ADVERBS:
        return _refused_adverb(line, i, j, low, found)
    step = lex.ADVERBS.get(low)
    if step is None:
        return 0
    if low == "nightly":
        found.hint, found.hint_word = "pm", "night"
    if low in lex.DOUBTFUL_ADVERBS:
        found.doubt(*lex.DOUBTFUL_ADVERBS[low], line.span(i, j))
    if _adjective(line, j):
        found.weak.append((step, i))
        return j
    found.steps.append(step)
    found.repeats = True
    return j


def _refused_adverb(line: Line, i: int, j: int, low: str, found: Sketch) -> int:
    if lex.REFUSED_ADVERBS[low] != "no_days":
        return found.refuse(lex.REFUSED_ADVERBS[low], line, i, j)
    found.times_a = 2, "month" if low == "semimonthly" else "week"
    found.repeats = True
    return j


_AFTER_ADVERBS = (
    lex.EVERY
    | lex.UNTIL
    | lex.START
    | lex.EXCEPT
    | frozenset(lex.NOON)
    | frozenset(lex.WEEKDAYS)
    | frozenset(lex.PLURAL_DAYS)
    | lex.WORKDAY_WORDS
    | lex.WEEKEND_WORDS
    | frozenset(lex.MONTHS)
    | frozenset(["on", "at", "in", "from", "for", "the", "by", "with", "w", "between", "via", "to", "and", "or", "but", "x", "no", "not", "up"])
    | frozenset(lex.COUNT_WORDS)
    | frozenset(lex.NUMBERS)
    | frozenset(lex.TODAY)
    | frozenset(lex.ORDINALS)
    | frozenset(lex.ZONE_ABBREVIATIONS)
    | frozenset({"half", "remind", "next", "last"})
)


def _adjective(line: Line, j: int) -> bool:
    token = line.at(j)
    return token.kind == "word" and token.low not in _AFTER_ADVERBS


def weekdays(line: Line, i: int, found: Sketch) -> int:
    """Read several weekdays, or a plural, at *i*; one weekday alone is a date."""
    low = line.low(i)
    if low in ("week", "work", "working", "business") and line.low(i - 1) == "in":
        return 0
    listed = days_at(line, i)
    if listed is None:
        return 0
    if len(listed.days) == 1 and not listed.many and line.low(listed.after) not in lex.PLURAL_PARTS:
        return 0
    if low in lex.WEEKEND_WORDS and line.low(i - 1) in ("the", "this", "next"):
        return 0
    if listed.choice:
        return found.refuse("vague", line, i, listed.after)
    if low in lex.WEEKDAYS and _begins_date(line, listed.after, found):
        return 0
    found.days.extend(listed.days)
    found.repeats = True
    return _part(line, listed.after, found)


def _begins_date(line: Line, j: int, found: Sketch) -> bool:
    after = line.low(j) in ("next",) and line.low(j + 1) in ("week",)
    return after
