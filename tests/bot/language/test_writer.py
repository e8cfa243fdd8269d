"""What is written can be read back: the same rule, the same first day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.recurrence import (
    MAX_INTERVAL,
    SET_POSITIONS,
    WORKDAYS,
    Frequency,
    Recurrence,
    Weekday,
)
from bot.domain.reminder import Period, Reminder
from bot.language import (
    read,
    read_length,
    read_reminders,
    write,
    write_length,
    write_reminder,
)
from tests.conftest import Cases

NOW = datetime(2026, 1, 14, 4, 50, tzinfo=UTC)


def read_back(sentence: str) -> tuple[Recurrence | None, date | None]:
    """Read *sentence* as if it were typed on 14 January 2026."""
    found = read(sentence, now=NOW, tz="Asia/Kolkata")
    assert found.unsupported is None, (sentence, found.unsupported)
    assert found.left_over == (), sentence
    assert found.title is None, sentence
    return found.rule, found.first_date


def week_sets() -> Iterator[tuple[Weekday, ...]]:
    """Every set of weekdays but the empty one and the full one."""
    week = list(Weekday)
    for bits in range(1, 127):
        yield tuple(day for place, day in enumerate(week) if bits >> place & 1)


def grid(intervals: range) -> Iterator[Recurrence]:
    """Every rule of the dialect without an end, for some intervals."""
    for every in intervals:
        yield Recurrence.daily(every=every)
        for days in week_sets():
            yield Recurrence.weekly(*days, every=every)
        for freq in (Frequency.MONTHLY, Frequency.YEARLY):
            for day in range(1, 32):
                yield Recurrence(freq=freq, interval=every, by_month_day=day)
            for position in SET_POSITIONS:
                for weekday in Weekday:
                    yield Recurrence(
                        freq=freq, interval=every, by_day=(weekday,), by_set_pos=position
                    )


def test_every_rule_of_the_dialect_is_read_back_from_its_sentence(cases: Cases) -> None:
    """The whole grid: each frequency, weekday set, day of the month and counted weekday."""
    for rule in grid(range(1, cases(4, MAX_INTERVAL + 1))):
        first = rule.first_from(date(2026, 2, 3))
        assert (rule, first) == read_back(write(rule, first, starting=True))


def test_every_interval_is_read_back() -> None:
    """1 to 99, for each frequency."""
    for every in range(1, MAX_INTERVAL + 1):
        for rule in (
            Recurrence.daily(every=every),
            Recurrence.weekly(Weekday.TU, Weekday.SU, every=every),
            Recurrence.monthly_on_day(31, every=every),
            Recurrence.yearly_on(-1, Weekday.MO, every=every),
        ):
            first = rule.first_from(date(2027, 3, 1))
            assert (rule, first) == read_back(write(rule, first, starting=True))


RULES = st.sampled_from(list(grid(range(1, 3))))
DAYS = st.dates(date(2026, 1, 14), date(2035, 12, 31))


@settings(max_examples=1500)
@given(rule=RULES, day=DAYS, count=st.integers(1, 99))
def test_a_counted_rule_is_read_back_with_its_count(
    rule: Recurrence, day: date, count: int
) -> None:
    """COUNT survives the sentence, from any first day."""
    first = rule.first_from(day)
    counted = rule.times(count)
    assert (counted, first) == read_back(write(counted, first, starting=True))


@settings(max_examples=1500)
@given(rule=RULES, day=DAYS, more=st.integers(0, 800))
def test_an_ended_rule_is_read_back_with_its_last_day(
    rule: Recurrence, day: date, more: int
) -> None:
    """UNTIL survives the sentence, from any first day; the number of meetings may follow."""
    first = rule.first_from(day)
    ended = rule.ending(first + timedelta(days=more))
    assert (ended, first) == read_back(write(ended, first, starting=True))
    if len(ended.dates(first)) < 100:
        assert (ended, first) == read_back(write(ended, first, starting=True, meetings=True))


def test_a_rule_is_said_in_plain_english() -> None:
    """Ordinals, weekdays by name, the end in words."""
    first = date(2020, 2, 2)
    rule = Recurrence.weekly(Weekday.SU, every=2).ending(date(2020, 3, 15))
    assert "every 2 weeks on Sunday until 15 March 2020" == write(rule, first)
    assert "every 2 weeks on Sunday until 15 March 2020, 4 meetings" == write(
        rule, first, meetings=True
    )
    assert "every weekday, 10 times" == write(Recurrence.weekly(*WORKDAYS).times(10), first)
    assert "every month on the 22nd" == write(Recurrence.monthly_on_day(22), first)
    assert "every month on the last Friday" == write(Recurrence.monthly_on(-1, Weekday.FR), first)
    assert "every year on the first Sunday of February" == write(
        Recurrence.yearly_on(1, Weekday.SU), first
    )
    assert "every week on Monday, Wednesday and Friday" == write(
        Recurrence.weekly(Weekday.FR, Weekday.MO, Weekday.WE), first
    )


@pytest.mark.parametrize("minutes", [1, 15, 45, 60, 61, 75, 90, 120, 600, 1439])
def test_a_length_is_read_back(minutes: int) -> None:
    """Hours and minutes survive the words."""
    length = timedelta(minutes=minutes)
    assert length == read_length(write_length(length), start=time(10))


@given(unit=st.integers(0, 60), period=st.sampled_from(Period), hour=st.integers(0, 23))
def test_a_reminder_is_read_back(unit: int, period: Period, hour: int) -> None:
    """Every reminder the CRM knows survives the words."""
    daily = period in (Period.DAYS, Period.WEEKS)
    reminder = Reminder(unit=unit, period=period, at=time(hour, 30) if daily else None)
    assert (reminder,) == read_reminders(write_reminder(reminder))
