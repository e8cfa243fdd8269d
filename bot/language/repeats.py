"""How it repeats: "every ...", adverbs, counted weekdays, days of the month."""

from bot.domain.recurrence import WORKDAYS
from bot.language import lexicon as lex
from bot.language.clocks import clock_at
from bot.language.counted import places_at
from bot.language.dates import date_at, month_at
from bot.language.scanner import Line, number, ordinal
from bot.language.sketch import Days, Sketch, days_at


def what(line: Line, i: int, j: int, found: Sketch) -> int:
    """Read what stands after "every" at *j*: a step, then what is stepped over.

    Args:
        line: The tokens.
        i: Where its first word stands.
        j: The place after that word.
        found: The parts.

    Returns:
        The place after it, or 0.
    """
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
        j = month[1]
        while line.low(j) in lex.AND and (more := lex.MONTHS.get(line.low(j + 1))):
            found.months.append(more)
            j += 2
        return j
    found.dates.append(found.keep(day[0], line, i, day[1]))
    return day[1]


def _numbered(line: Line, i: int, step: int, j: int, found: Sketch) -> int:
    j = line.skip(j, "-") if line.low(j + 1) in lex.UNITS else j
    if line.low(j) in lex.UNITS or days_at(line, j, letters=False):
        return _stepped(line, i, j, step, found)
    if line.low(j) in lex.TO | {"or"} and number(line, j + 1):
        return found.refuse("vague", line, i, j + 2)  # "every 2 to 3 weeks"
    if line.low(j) in lex.MONTHS and line.low(j) != "may":
        return found.refuse("invalid", line, i, j + 1)
    if 1 <= step <= 31 and not line.at(j).glued:
        found.repeats = True
        found.steps.append(("month", 1))
        found.month_days.append(step)
        return j
    return 0


def _stepped(line: Line, i: int, j: int, step: int, found: Sketch) -> int:
    listed = days_at(line, j)
    if line.at(j).text in lex.SHORT_DAYS and not listed:
        listed = Days((lex.DAY_LETTERS[line.low(j)],), many=False, choice=False, after=j + 1)
    if listed:
        return _stepped_days(line, i, step, listed, found)
    unit = lex.UNITS.get(line.low(j))
    if len(line.low(j)) == 1 and not line.at(j).glued:
        unit = None
    if unit in ("second", "minute", "hour"):
        return found.refuse("sub_daily", line, i, j + 1)
    if unit:
        return _units(line, i, j, (unit, step), found)
    if line.low(j) in lex.ENDS:
        return found.refuse("last_day", line, i, j + 1)
    if line.low(j) in lex.DAY_PARTS:
        found.steps.append(("day", step))
        found.repeats = True
        _hint(line, j, found)
        return j + 1
    if line.low(j) == "half" and lex.UNITS.get(line.low(line.skip(j + 1, "an", "a"))) == "hour":
        return found.refuse("sub_daily", line, i, line.skip(j + 1, "an", "a") + 1)
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
    if (line.low(j + 1), line.low(j + 2), line.low(j + 3)) == ("(", "s", ")"):
        j += 3  # Outlook writes "every 2 week(s)"
    found.repeats = True
    found.steps.append((base, factor * step[1]))
    if base == "week" and line.at(j + 1).kind == "num" and clock_at(line, j + 1) is None:
        return found.refuse("week_number", line, i, j + 2)
    if line.low(line.skip(j + 1, "-")) == "end":
        return found.refuse("last_day", line, i, line.skip(j + 1, "-") + 1)
    if step[0] == "quarter" and lex.UNITS.get(line.low(line.skip(j + 1, "of", "an"))) == "hour":
        return found.refuse("sub_daily", line, i, line.skip(j + 1, "of", "an") + 1)
    after = line.skip(j + 1, "of", "the", "in", "a")
    if after > j + 1 and base in ("day", "week") and line.low(after) in ("month", "week", "year"):
        if step == ("day", 1) and line.low(after) == "week":
            return after + 1
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
    return after_days(line, listed.after, found)


def after_days(line: Line, j: int, found: Sketch) -> int:
    """Read the part of the day after weekdays ("Monday morning"); return the place after it."""
    if line.tokens[j - 1].low in ("weeknight", "weeknights"):
        found.hint, found.hint_word = "pm", "night"
    if line.low(j) in lex.DAY_PARTS:
        _hint(line, j, found)
        return j + 1
    return j


def _hint(line: Line, j: int, found: Sketch) -> None:
    found.hint = lex.DAY_PARTS[line.low(j)]
    found.hint_word = line.low(j)


def _nth_unit(line: Line, i: int, k: int, step: tuple[str, int], found: Sketch) -> int:
    # "every 4th day", "every 3rd year", "every last day", "every 1st day of the month".
    unit, value = step
    of_month = line.skip(k + 1, "of", "the", "in", "each", "every")
    if unit == "day" and of_month > k + 1 and line.low(of_month) in ("month", "months"):
        return _month_day(line, i, value, k + 1, found)
    if unit in ("second", "minute", "hour"):
        return found.refuse("sub_daily", line, i, k + 1)
    if value > 0:
        return _units(line, i, k, step, found)
    return found.refuse("last_day" if unit == "day" else "vague", line, i, k + 1)


def _every_nth(line: Line, i: int, j: int, found: Sketch) -> int:
    # "every 3rd Friday", "every 4th day", "every 27th", "every first business day".
    first = ordinal(line, j)
    if first is None:
        return 0
    value, k = first
    if line.low(k) in lex.WORKDAY_WORDS or (
        line.low(k) in lex.DAY_KINDS and line.low(k + 1) == "day"
    ):
        return found.refuse("workday_ordinal", line, i, k + 1)
    unit = lex.UNITS.get(line.low(k))
    if unit:
        return _nth_unit(line, i, k, (unit, value), found)
    if line.low(k) in lex.WEEKEND_WORDS and value > 0:
        return _stepped(line, i, k, value, found)
    placed = places_at(line, j, found)
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
