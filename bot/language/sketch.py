"""What the readers of parts have found so far, before it is put together."""

from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from bot.domain.recurrence import WEEKEND, WORKDAYS, Weekday
from bot.language import lexicon as lex
from bot.language.doubts import ASKED, Doubts
from bot.language.reading import Span
from bot.language.scanner import Line
from bot.language.slots import Clock
from bot.language.when import Day

Step = tuple[str, int]
"""A unit (day, week, month, year) and how many of them."""


@dataclass(slots=True)
class Place:
    """A counted weekday: which, and in which month where one is named."""

    position: int
    weekday: Weekday
    month: int | None = None
    year: int | None = None


@dataclass(slots=True)
class Sketch:
    """The parts found in one text. Filled by the readers of parts, settled once at the end.

    Attributes:
        today: The day it is for the person.
        home: The person's own zone.
        steps: Frequencies said outright.
        weak: Frequencies said as an adjective ("annual report").
        named: True where that is part of a name ("Daily Bugle interview").
        repeats: Whether anything says that it repeats.
        again: Whether "recurring" or its like does, which doesn't say how; False where it may be
            a word of the title.
        days: Weekdays of the rule.
        without: Weekdays taken away.
        places: Counted weekdays of a month.
        loose: True when "every 3rd Friday" may also mean every 3 weeks.
        month_days: Days of the month.
        months: Months named with the rule.
        day_unread: Whether unread words may name the day.
        dates: Days named on their own.
        anchor: The day it begins.
        until: The last day.
        window: How long it goes on.
        count: How many times.
        times_a: "3 times a week": how many, and of what.
        slots: Times of day and ranges of them.
        slot_days: How many weekdays had been named when each of the slots was.
        length: How long one meeting lasts.
        or_clock: The time of day that a length may be instead: "Thursday 9h".
        instant: A moment counted from now.
        hint: ``am`` or ``pm`` from "morning" and its like.
        hint_word: That word.
        last_day: The second day of "from 4pm today to 5pm tomorrow".
        all_day: Said to last all day.
        zone: A zone named in the text.
        aside: Places of words of time that a suggestion leaves standing: the length.
        refusals: Codes and places of what cannot be said in the dialect.
        doubts: Places with several readings.
        double: "biweekly" and its like: the word, and where.
        ends_month: True for "the last day of March", which no series can keep to.
        month_first: True for text pasted from Outlook, which writes month/day.
        days_said: True when "every" stands right before a weekday anywhere in the text.
        spoken_series: True when "every" or its like stands anywhere in the text.
    """

    today: date
    doubts: Doubts
    home: str
    steps: list[Step] = field(default_factory=list)
    weak: list[tuple[Step, int]] = field(default_factory=list)
    named: bool = False
    repeats: bool = False
    again: bool | None = None
    days: list[Weekday] = field(default_factory=list)
    without: list[Weekday] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    loose: bool = False
    month_days: list[int] = field(default_factory=list)
    months: list[int] = field(default_factory=list)
    day_unread: bool = False
    dates: list[Day] = field(default_factory=list)
    anchor: Day | None = None
    until: Day | None = None
    window: tuple[float, str] | None = None
    count: int | None = None
    times_a: tuple[int, str] | None = None
    slots: list[tuple[Clock, Clock | None]] = field(default_factory=list)
    slot_days: list[int] = field(default_factory=list)
    length: timedelta | None = None
    or_clock: Clock | None = None
    instant: datetime | None = None
    hint: str | None = None
    hint_word: str | None = None
    last_day: Day | None = None
    all_day: bool = False
    zone: str | None = None
    aside: list[Span] = field(default_factory=list)
    refusals: list[tuple[str, Span]] = field(default_factory=list)
    double: tuple[str, Span] | None = None
    ends_month: bool = False
    month_first: bool = False
    spoken_series: bool = False
    days_said: bool = False

    def copied(self) -> "Sketch":
        """Return a copy with lists of its own, and its doubts not yet met."""
        lists: dict[str, Any] = {
            one.name: list(getattr(self, one.name))
            for one in fields(self)
            if isinstance(getattr(self, one.name), list)
        }
        return replace(self, **lists, doubts=self.doubts.afresh())

    @property
    def series(self) -> bool:
        """Whether it repeats, so far as is known before it is settled."""
        dated = any(day.month_day for day in self.dates)
        return self.repeats or bool(self.steps) or (bool(self.weak) and not dated)

    def add_slot(self, start: Clock, end: Clock | None) -> None:
        """Note a time of day, or a range."""
        self.slots.append((start, end))
        self.slot_days.append(len(self.weekdays()))

    def weekdays(self) -> list[Weekday]:
        """Return the weekdays named so far, those of the rule and those alone."""
        return [*self.days, *(day.weekday for day in self.dates if day.bare and day.weekday)]

    def refuse(self, code: str, line: Line, i: int, j: int) -> int:
        """Note that the tokens from *i* to *j* can't be said, and return *j*."""
        self.refusals.append((code, line.span(i, j)))
        return j

    def keep(self, day: Day, line: Line, i: int, j: int) -> Day:
        """Note what is in doubt about *day*, or wrong with it; return the day that is taken."""
        if day.doubt:
            code, readings = day.doubt
            ask = day.problem is not None
            taken = self.doubts.choose(code, readings, line.span(i, j), ask=ask)
            if taken != ASKED:
                return day.choices[taken]
        if day.problem in ("invalid", "vague"):
            self.refuse(day.problem, line, i, j)
        return day


@dataclass(frozen=True, slots=True)
class Days:
    """Weekdays as listed.

    Attributes:
        days: Which.
        many: True for a plural, a range or a list: it repeats even without "every".
        choice: True when they are offered with "or".
        after: The place after them.
    """

    days: tuple[Weekday, ...]
    many: bool
    choice: bool
    after: int


def days_at(line: Line, i: int, *, letters: bool = True) -> Days | None:
    """Read a weekday, a list or a range of them, or a word for several."""
    first = _one(line, i) or (_letters(line, i) if letters else None)
    if first is None:
        return None
    found, many, j = list(first[0]), first[1], first[2]
    choice = False
    while j < len(line):
        sep = line.low(j)
        span = _range(line, found, j) if sep in lex.TO and sep not in ("until", "till") else None
        if span:
            found, j, many = [*found, *span[0]], span[1], True
            continue
        k = j + 3 if [line.low(j + n) for n in range(3)] == ["as", "well", "as"] else j
        while (
            line.low(k) in lex.AND
            or line.low(k) in ("or", "on", ";")
            or (line.low(k) == "|" and line.at(k).glued)
        ):
            choice = choice or (line.low(k) == "or" and _one(line, k + 1) is not None)
            k += 1
        after = _one(line, k)
        if after is None:
            break
        found, many, j = [*found, *after[0]], True, after[2]
    return Days(tuple(dict.fromkeys(found)), many, choice, j)


def _one(line: Line, i: int) -> tuple[tuple[Weekday, ...], bool, int] | None:
    low = line.low(i)
    if low in lex.WEEKDAYS:
        dotted = len(low) < 6 and line.low(i + 1) == "." and line.at(i + 1).glued
        return (lex.WEEKDAYS[low],), False, i + 2 if dotted else i + 1
    if low in lex.PLURAL_DAYS:
        return (lex.PLURAL_DAYS[low],), True, i + 1
    if low in lex.WEEKEND_WORDS:
        return WEEKEND, True, i + 1
    if low in lex.WORKDAY_WORDS:
        return WORKDAYS, True, i + 1
    if low in lex.DAY_KINDS:
        j = line.skip(i + 1, "-")
        if line.low(j) in ("day", "days", "end", "ends"):
            week_end = line.low(j).startswith("end")
            if week_end and low != "week":
                return None
            return (WEEKEND if week_end else WORKDAYS), True, j + 1
    return None


def _letters(line: Line, i: int) -> tuple[tuple[Weekday, ...], bool, int] | None:
    # "M/W/F", "T/Th": two or more, joined by slashes.
    low = line.low(i)
    if low == "mwf":
        return (Weekday.MO, Weekday.WE, Weekday.FR), True, i + 1
    if low in ("tth", "tuth"):
        return (Weekday.TU, Weekday.TH), True, i + 1
    if low == "m" and line.low(i + 1) in lex.DASHES and line.at(i + 1).glued:
        last = lex.DAY_LETTERS.get(line.low(i + 2)) if line.at(i + 2).glued else None
        return (tuple(Weekday)[: last.number + 1], True, i + 3) if last else None
    found: list[Weekday] = []
    j = i
    while line.low(j) in lex.DAY_LETTERS:
        found.append(lex.DAY_LETTERS[line.low(j)])
        j += 1
        if line.low(j) != "/" or not line.at(j).glued:
            break
        j += 1
    if len(found) == 1:
        return _spaced_letters(line, i)
    if not found or line.low(j - 1) == "/":
        return None
    return tuple(found), True, j


def _spaced_letters(line: Line, i: int) -> tuple[tuple[Weekday, ...], bool, int] | None:
    # "M W F 9am", "tu th": capitals, or two letters each, in the order of the week.
    j = i
    while line.low(j) in lex.DAY_LETTERS and len(line.low(j)) < 3:
        if len(line.low(j)) == 1 and not line.at(j).text.isupper():
            return None
        j += 1
    found = [lex.DAY_LETTERS[line.low(k)] for k in range(i, j)]
    ends = line.at(j).kind != "word" or line.low(j) in ("at", "from")
    if len(found) < 2 or not ends or found != sorted(set(found), key=list(Weekday).index):
        return None
    return tuple(found), True, j


def _range(line: Line, found: list[Weekday], j: int) -> tuple[list[Weekday], int] | None:
    after = line.low(line.skip(j + 1, "and", "including"))
    end = lex.WEEKDAYS.get(after) or lex.PLURAL_DAYS.get(after)
    if end is None:
        return None
    week = list(Weekday)
    start = found[-1].number
    length = (end.number - start) % 7 or 7
    return [week[(start + k) % 7] for k in range(length + 1)], line.skip(
        j + 1, "and", "including"
    ) + 1
