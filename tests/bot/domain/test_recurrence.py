"""The rule: its true dates, its one form, and the states it cannot be in."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.recurrence import (
    MAX_OCCURRENCES,
    SET_POSITIONS,
    WORKDAYS,
    Frequency,
    Recurrence,
    Weekday,
)
from bot.domain.rules import parse
from bot.errors import Refused
from tests.corpus.corpus_lib import expand, rows


@pytest.mark.parametrize("row", rows("dst.jsonl"), ids=lambda row: str(row["id"]))
def test_a_series_keeps_its_wall_clock_over_clock_changes(row: dict[str, Any]) -> None:
    """Starts and ends are the true instants; the end is counted in elapsed time."""
    where = ZoneInfo(row["tz"])
    start = datetime.fromisoformat(row["start"]).astimezone(where)
    length = timedelta(minutes=row["duration_min"])
    starts = parse(row["rrule"]).occurrences(start)
    utc = ZoneInfo("UTC")
    ends = [(one.astimezone(utc) + length).astimezone(where) for one in starts]
    shown = [[a.isoformat(), b.isoformat()] for a, b in zip(starts, ends, strict=True)]
    assert row["occurrences"] == shown


def test_the_published_example_has_its_four_sundays() -> None:
    """Kaizen #8: every other Sunday until 15 March 2020, that day included."""
    rule = parse("FREQ=WEEKLY;BYDAY=SU;INTERVAL=2;UNTIL=2020-03-15")
    assert ["2020-02-02", "2020-02-16", "2020-03-01", "2020-03-15"] == [
        day.isoformat() for day in rule.dates(date(2020, 2, 2))
    ]


def test_the_published_second_wednesdays_are_three() -> None:
    """Kaizen #8: FREQ=MONTHLY;COUNT=3;BYDAY=WE;BYSETPOS=2, without an interval."""
    rule = parse("FREQ=MONTHLY;COUNT=3;BYDAY=WE;BYSETPOS=2")
    assert Recurrence.monthly_on(2, Weekday.WE).times(3) == rule
    assert (date(2020, 2, 12), date(2020, 3, 11), date(2020, 4, 8)) == rule.dates(date(2020, 2, 1))


def test_the_published_fourteenths_are_three() -> None:
    """Kaizen #8: FREQ=MONTHLY;INTERVAL=2;COUNT=3;BYMONTHDAY=14."""
    rule = parse("FREQ=MONTHLY;INTERVAL=2;COUNT=3;BYMONTHDAY=14")
    assert (date(2020, 2, 14), date(2020, 4, 14), date(2020, 6, 14)) == rule.dates(
        date(2020, 2, 14)
    )


ILLEGAL: list[tuple[str, dict[str, Any]]] = [
    ("interval_range", {"freq": "DAILY", "interval": 0}),
    ("interval_range", {"freq": "DAILY", "interval": 100}),
    ("interval_range", {"freq": "DAILY", "interval": -1}),
    ("count_range", {"freq": "DAILY", "count": 0}),
    ("count_range", {"freq": "DAILY", "count": 100}),
    ("count_and_until", {"freq": "DAILY", "count": 2, "until": date(2026, 1, 1)}),
    ("rule_shape", {"freq": "DAILY", "by_day": (Weekday.MO,)}),
    ("rule_shape", {"freq": "DAILY", "by_month_day": 3}),
    ("rule_shape", {"freq": "DAILY", "by_set_pos": 1}),
    ("rule_shape", {"freq": "WEEKLY"}),
    ("rule_shape", {"freq": "WEEKLY", "by_day": (Weekday.MO,), "by_month_day": 3}),
    ("rule_shape", {"freq": "WEEKLY", "by_day": (Weekday.MO,), "by_set_pos": 1}),
    ("rule_shape", {"freq": "MONTHLY"}),
    ("rule_shape", {"freq": "YEARLY"}),
    ("rule_shape", {"freq": "MONTHLY", "by_day": (Weekday.MO, Weekday.TU), "by_set_pos": 1}),
    ("rule_shape", {"freq": "MONTHLY", "by_day": (Weekday.MO,), "by_month_day": 1}),
    ("rule_shape", {"freq": "MONTHLY", "by_month_day": 1, "by_set_pos": 1}),
    ("set_pos_range", {"freq": "MONTHLY", "by_day": (Weekday.MO,)}),
    ("set_pos_range", {"freq": "MONTHLY", "by_day": (Weekday.MO,), "by_set_pos": 5}),
    ("set_pos_range", {"freq": "YEARLY", "by_day": (Weekday.MO,), "by_set_pos": -2}),
    ("month_day_range", {"freq": "MONTHLY", "by_month_day": 0}),
    ("month_day_range", {"freq": "YEARLY", "by_month_day": 32}),
]


@pytest.mark.parametrize(("code", "fields"), ILLEGAL, ids=str)
def test_an_illegal_rule_cannot_be_made(code: str, fields: dict[str, Any]) -> None:
    """Each limit has its code, and names the field to blame."""
    with pytest.raises(Refused) as refused:
        Recurrence(**{**fields, "freq": Frequency(fields["freq"])})
    assert (code, "repeats") == (refused.value.code, refused.value.field)


@pytest.mark.parametrize(
    "text",
    ["", "FREQ", "FREQ=", "FREQ=HOURLY", "INTERVAL=1", "FREQ=DAILY;INTERVAL=+1",
     "FREQ=DAILY;INTERVAL=1_0", "FREQ=DAILY;INTERVAL=\u0661", "FREQ=DAILY;FREQ=DAILY",
     "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=", "FREQ=DAILY;BYHOUR=3",
     "FREQ=DAILY;UNTIL=2020-02-30", "FREQ=DAILY;UNTIL=tomorrow", "freq=daily"],
)  # fmt: skip
def test_a_text_that_is_no_rule_of_the_dialect_is_refused(text: str) -> None:
    """Only the dialect's own words, in ASCII digits, each once."""
    with pytest.raises(Refused, match="rule_text"):
        parse(text)


@pytest.mark.parametrize(
    ("canonical", "text"),
    [
        ("FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,FR", "FREQ=WEEKLY;BYDAY=FR,MO"),
        ("FREQ=WEEKLY;INTERVAL=1;BYDAY=SU", "BYDAY=SU;FREQ=DAILY"),
        ("FREQ=DAILY;INTERVAL=1;COUNT=3", "COUNT=3;FREQ=DAILY"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=2020-03-15",
         "FREQ=WEEKLY;BYDAY=SU;INTERVAL=2;UNTIL=2020-03-15"),
        ("FREQ=YEARLY;INTERVAL=1;BYDAY=MO;BYSETPOS=-1", "FREQ=YEARLY;BYSETPOS=-1;BYDAY=MO"),
    ],
)  # fmt: skip
def test_one_rule_has_one_form(canonical: str, text: str) -> None:
    """Order doesn't matter, INTERVAL is always written, DAILY with BYDAY is the weekly rule."""
    assert canonical == parse(text).text()
    assert canonical == parse(canonical).text()


def test_nothing_is_expanded_without_bound() -> None:
    """An endless rule, a far end and a greedy limit all stop at the same place."""
    day = date(2026, 1, 1)
    daily = Recurrence.daily()
    for rule in (daily, daily.ending(date(9999, 12, 31))):
        assert MAX_OCCURRENCES == len(rule.dates(day, limit=10**9))
    assert (date(9999, 12, 31),) == daily.dates(date(9999, 12, 31))


def test_a_rule_without_days_is_refused_and_not_searched_for_ever() -> None:
    """30 February never comes."""
    with pytest.raises(Refused, match="rule_empty"):
        Recurrence.yearly_on_day(30).first_from(date(2026, 1, 1), month=2)


def test_short_months_are_skipped() -> None:
    """The 31st comes in seven months a year (RFC 5545)."""
    dates = Recurrence.monthly_on_day(31).dates(date(2026, 1, 1), limit=4)
    assert [1, 3, 5, 7] == [day.month for day in dates]


def test_an_end_is_proposed_only_where_there_is_none() -> None:
    """Daily 30 meetings; else a year or 52 meetings; at least two."""
    first = date(2026, 1, 14)
    assert 30 == Recurrence.daily().proposed(first).count
    assert 52 == Recurrence.weekly(*WORKDAYS).proposed(first).count
    assert date(2027, 1, 14) == Recurrence.monthly_on_day(14).proposed(first).until
    assert 2 == Recurrence.yearly_on_day(14, every=3).proposed(first).count
    bounded = Recurrence.daily().times(3)
    assert bounded == bounded.proposed(first)


def rules() -> st.SearchStrategy[Recurrence]:
    """Every shape of rule, small intervals."""
    every = st.integers(1, 7)
    weekly = st.builds(
        lambda days, n: Recurrence.weekly(*days, every=n),
        st.sets(st.sampled_from(Weekday), min_size=1),
        every,
    )
    day = st.integers(1, 31)
    place = st.sampled_from(SET_POSITIONS)
    weekday = st.sampled_from(Weekday)
    return st.one_of(
        st.builds(lambda n: Recurrence.daily(every=n), every),
        weekly,
        st.builds(lambda d, n: Recurrence.monthly_on_day(d, every=n), day, every),
        st.builds(lambda p, w, n: Recurrence.monthly_on(p, w, every=n), place, weekday, every),
        st.builds(lambda d, n: Recurrence.yearly_on_day(d, every=n), day, every),
        st.builds(lambda p, w, n: Recurrence.yearly_on(p, w, every=n), place, weekday, every),
    )


@settings(max_examples=400)
@given(rule=rules(), day=st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_the_dates_are_those_of_a_walk_through_the_calendar(rule: Recurrence, day: date) -> None:
    """Two independent ways to the same dates, endless and counted and ended."""
    first = rule.first_from(day)
    walked = expand(rule.text(), first, limit=40)
    assert walked == list(rule.dates(day, limit=len(walked)))
    few = min(3, len(walked))
    assert walked[:few] == list(rule.times(few).dates(first))
    last = walked[len(walked) // 2]
    assert walked[: len(walked) // 2 + 1] == list(rule.ending(last).dates(first))


@given(rule=rules(), count=st.none() | st.integers(1, 99))
def test_a_rule_survives_its_text(rule: Recurrence, count: int | None) -> None:
    """Written and parsed, it is the same rule."""
    whole = rule if count is None else rule.times(count)
    assert whole == parse(whole.text())
