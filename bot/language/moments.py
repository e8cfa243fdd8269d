"""Which words are days, lengths and zones: the readers of parts that fill the sketch."""

from datetime import timedelta

from bot.language import lexicon as lex
from bot.language import request_words as asked
from bot.language import zone_words as table
from bot.language.clocks import clock_at
from bot.language.dates import date_at
from bot.language.lengths import length_at
from bot.language.namesakes import also, another_thing, listed
from bot.language.scanner import Line, number, ordinal
from bot.language.settle import LONGEST
from bot.language.sketch import Sketch
from bot.language.when import Day
from bot.language.zone import city_at, somebodys_time, zone_at, zone_words

_A_DAY = timedelta(hours=24)


def days(line: Line, i: int, found: Sketch) -> int:
    """Read "4 Feb - 25 March", "10-12 August", "Aug 10-12" at *i*; the place after, or 0."""
    token = line.at(i)
    if token.kind not in ("num", "ord", "iso", "slash", "dotted") and token.low not in lex.MONTHS:
        return 0
    first = date_at(line, i, found.today, month_first=found.month_first)
    sep = first[1] if first and first[0].month_day else i + 1
    if line.low(sep) not in lex.TO or line.low(sep) in ("until", "till", "til"):
        return 0
    if clock_at(line, sep + 1):
        return 0
    last = date_at(line, sep + 1, found.today, month_first=found.month_first)
    if first and first[0].month_day:
        if last and last[0].month_day:
            begin, end, j = first[0], last[0], last[1]
        else:
            end_day = number(line, sep + 1)
            if token.low not in lex.MONTHS or not end_day or not first[0].day_before(end_day[0]):
                return 0
            begin, j = first[0], end_day[1]
            end = Day(first=begin.first.replace(day=1) + timedelta(days=end_day[0] - 1))
    elif last and last[0].month_day and token.kind in ("num", "ord"):
        start = number(line, i) or ordinal(line, i)
        if start is None or not 0 < start[0] < last[0].first.day:
            return 0
        end, j = last[0], last[1]
        begin = Day(first=end.first.replace(day=start[0]))
    else:
        return 0
    found.anchor, found.until = found.keep(begin, line, i, j), found.keep(end, line, i, j)
    return j


def day(line: Line, i: int, found: Sketch) -> int:
    """Read a day at *i*; return the place after, or 0."""
    low = line.low(i)
    if low == "the" and line.low(i + 1) in lex.MONTHS:
        return 0
    if wrong := _no_day(line, i):
        return found.refuse("invalid", line, i, wrong)
    one = date_at(line, i, found.today, month_first=found.month_first)
    if one is None or low in ("from", "on", "the"):
        return 0
    if another_thing(line, i, one, found):
        return 0
    if one[0].month_day and (listed(line, i) or (found.repeats and also(line, i))):
        return found.refuse("multi_value", line, i, one[1])
    if low in ("tonight", "tonite"):
        found.hint, found.hint_word = "pm", "night"
    found.dates.append(found.keep(one[0], line, i, one[1]))
    return one[1]


def _no_day(line: Line, i: int) -> int:
    # "Jan 32", "0 January": the place after what can't be a date, or 0.
    for month, count in ((i, i + 1), (i + 1, i)):
        token = line.at(count)
        named = line.low(month) in lex.MONTHS and line.low(month) not in ("may", "march")
        short = token.kind == "num" and len(token.text) <= 2 and token.text.isdecimal()
        if named and short and not 1 <= int(token.text) <= 31 and clock_at(line, count) is None:
            return i + 2
    return 0


def part(line: Line, i: int, found: Sketch) -> int:
    """Read "morning", "in the afternoon" beside a day at *i*; return the place after, or 0."""
    j = line.skip(i, "in", "the", "at", "this")
    low = line.low(j)
    if low in ("am", "pm") and j == i > 0 and line.owner[i - 1] == "when" and not found.slots:
        found.hint, found.hint_word = low, "morning" if low == "am" else "afternoon"
        return i + 1  # "Thurs am"
    if low not in lex.DAY_PARTS:
        return 0
    beside = i > 0 and line.owner[i - 1] == "when"
    clock = clock_at(line, j + 1, bare=True)  # "evening 6"
    led = line.low(i) == "this" or line.low(j - 1) == "the"
    after = line.at(clock[1]) if clock else None
    opens = after and (after.kind != "word" or after.low in lex.JOINERS | lex.EVERY)
    if not (beside or led or opens):
        return 0
    if line.low(i) == "this":
        found.dates.append(Day(first=found.today))
    if found.hint is None:
        found.hint, found.hint_word = lex.DAY_PARTS[low], low
    if low in lex.PLURAL_PARTS:
        found.repeats = True
    return j + 1


def end_of_day(line: Line, i: int, found: Sketch) -> int:
    """Read "EOD", "COB", "all day" at *i*; return the place after, or 0."""
    low = line.low(i)
    if low == "end" and line.low(i + 1) == "of" and line.low(line.skip(i + 2, "the")) == "day":
        found.hint_word = "end of day"
        return line.skip(i + 2, "the") + 1
    if low in ("eod", "cob"):
        found.hint_word = low
        return i + 1
    if (low, line.low(i + 1)) == ("same", "time"):
        found.hint_word = "same time"
        return i + 2
    if (low, line.low(i + 1)) == ("first", "thing"):
        found.hint_word = "first thing"
        return i + 2
    k = line.skip(i + 1, "-")
    if low in ("all", "full", "whole", "entire") and line.low(k) == "day":
        found.all_day = True
        found.aside.append(line.span(i, k + 1))
        return line.skip(k + 1, "long")
    return 0


def length(line: Line, i: int, found: Sketch) -> int:
    """Read "for 45 minutes", "1h30", "lasts an hour" at *i*; return the place after, or 0."""
    j = line.skip(
        i,
        "for",
        "lasting",
        "lasts",
        "last",
        "duration",
        ":",
        "will",
        "about",
        "of",
        "takes",
        "runs",
        "(",
    )
    below = j > i and line.low(j) in lex.DASHES and line.at(j + 1).glued
    one = length_at(line, j + below)
    if (
        one
        and one[0] == _A_DAY
        and line.low(one[1] - 1) == "hour"
        and line.at(one[1]).kind == "word"
    ):
        return 0  # "24 hour support"
    if one is None:
        return 0
    if one[0] <= timedelta(0):
        return found.refuse("invalid", line, i, one[1])
    if below:
        return found.refuse("invalid", line, i, one[1])
    if (line.low(one[1]), line.low(one[1] + 1)) == ("from", "now"):
        return 0
    if line.low(one[1]) in ("before", "prior", "ago", "earlier", "ahead", "after"):
        return 0
    if found.length is not None and found.length != one[0]:
        return 0
    if one[0] > LONGEST:
        return found.refuse("length_range", line, i, one[1])
    found.length = one[0]
    if j == i and one[1] == i + 2 and line.low(i + 1) == "h" and _by_a_day(line, i):
        found.or_clock = (clock_at(line, i, bare=True) or (None,))[0]
    found.aside.append(line.span(i, one[1]))
    return one[1]


def _by_a_day(line: Line, i: int) -> bool:
    # "Thursday 9h", "9h Thursday": where a time of day would stand.
    hour = line.at(i).text
    if not hour.isdecimal() or not 7 <= int(hour) <= 12:
        return False
    after = line.low(i + 2) in lex.WEEKDAYS.keys() | lex.TODAY.keys() | lex.EVERY
    return after or (i > 0 and line.owner[i - 1] == "when")


def place_in_time(line: Line, i: int, found: Sketch) -> int:
    """Read a time zone at *i*; return the place after, or 0."""
    k = i
    while k > 0 and line.tokens[k - 1].text in "(,":
        k -= 1
    after_clock = k > 0 and line.owner[k - 1] == "when" and bool(found.slots)
    j = line.skip(i, "in")
    one = zone_at(line, j, after_clock=after_clock)
    if one is None and after_clock and (past := somebodys_time(line, j)):
        return found.refuse("vague", line, i, past)
    if one is None and after_clock and j == i:
        return _city(line, i, found)
    if one is None or (j > i and not after_clock):
        return 0
    if one[1] == "city" and one[0] == found.home:
        return 0  # the place of the meeting, not its clock
    if found.zone not in (None, one[0]):
        return found.refuse("multi_time", line, i, one[2])
    found.zone = one[0]
    others = (found.home,) if one[1] == "city" else table.ZONE_DOUBTS.get(one[1] or "", ())
    if others:
        names = (one[0], *others)
        readings = tuple(zone_words(name) for name in names)
        found.zone = names[found.doubts.choose("tz_abbrev", readings, line.span(i, one[2]))]
    return one[2]


def _city(line: Line, i: int, found: Sketch) -> int:
    # "9am Paris office call": the city is the title's, or the clock's too.
    city = city_at(line, i)
    if city is None or city[0] in (found.home, found.zone) or line.low(city[1]) in asked.SIGHTS:
        return 0
    readings = (zone_words(found.zone or found.home), zone_words(city[0]))
    if not found.doubts.choose("tz_abbrev", readings, line.span(i, city[1])):
        return 0
    found.zone = city[0]
    return city[1]
