"""What lies ahead of a person: by words, in their zone, each series once; and what overlaps."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.crm.listing import Row
from bot.domain.recurrence import Recurrence, Weekday
from bot.errors import Gone, NotConnected, NotUnderstood
from bot.journeys.series.meetings import fold, span
from tests.bot.journeys.series_stage import ADA, BEN, START, WEEKLY, Stage, stage

KOLKATA = ZoneInfo("Asia/Kolkata")
NOON = datetime(2026, 1, 14, 12, tzinfo=KOLKATA)  # a Wednesday
LATER = START + timedelta(hours=3)
ONCE = replace(WEEKLY, title="Budget", recurrence=None, start=LATER, end=LATER + timedelta(hours=1))


@pytest.fixture
def town() -> Iterator[Stage]:
    """A CRM and a bot."""
    with stage() as found:
        yield found


@pytest.mark.parametrize(
    ("words", "first", "last", "title"),
    [
        ("today", date(2026, 1, 14), date(2026, 1, 14), ""),
        ("Tomorrow", date(2026, 1, 15), date(2026, 1, 15), ""),
        ("week", date(2026, 1, 14), date(2026, 1, 20), ""),
        ("this week", date(2026, 1, 14), date(2026, 1, 18), ""),
        ("next week", date(2026, 1, 19), date(2026, 1, 25), ""),
        ("this month", date(2026, 1, 14), date(2026, 1, 31), ""),
        ("next month", date(2026, 2, 1), date(2026, 2, 28), ""),
        ("next 3 days", date(2026, 1, 14), date(2026, 1, 17), ""),
        ("friday", date(2026, 1, 16), date(2026, 1, 16), ""),
        ("February 3", date(2026, 2, 3), date(2026, 2, 3), ""),
        ("budget on friday", date(2026, 1, 16), date(2026, 1, 16), "budget"),
    ],
)
def test_words_are_a_span_of_days(words: str, first: date, last: date, title: str) -> None:
    """Of the person's days; what is over already is left out."""
    found = span(words, person_zone="Asia/Kolkata", now=NOON)
    begin = max(NOON, datetime.combine(first, time(), KOLKATA))
    end = datetime.combine(last + timedelta(days=1), time(), KOLKATA)
    assert (begin, end, title) == (found.start, found.end, found.title)


def test_no_words_are_a_month_and_a_title_is_looked_for_far_ahead() -> None:
    """From now on."""
    bare = span("", person_zone="Asia/Kolkata", now=NOON)
    assert (NOON, NOON + timedelta(days=30), "") == (bare.start, bare.end, bare.title)
    named = span("Pipeline review", person_zone="Asia/Kolkata", now=NOON)
    assert (NOON, "Pipeline review") == (named.start, named.title)
    assert NOON + timedelta(days=365) == named.end


@pytest.mark.parametrize("words", ["every friday", "from monday to friday", "for 2 hours"])
def test_what_is_no_span_is_said(words: str) -> None:
    """Not guessed."""
    with pytest.raises(NotUnderstood, match="list_unread"):
        span(words, person_zone="Asia/Kolkata", now=NOON)


@pytest.mark.parametrize("told", [True, False])
def test_a_series_is_listed_once(town: Stage, *, told: bool) -> None:
    """By `$u_id`, or where lists don't tell it, by title and length."""
    town.turn({"events.dollar_in_lists": told})
    ids = town.make()
    (once,) = town.make(ONCE)
    town.edit(ids[1], **{"$event_cancelled": True})
    listed = town.meetings.upcoming(ADA, "", person_zone="America/New_York")
    # The month ends before the third Monday.
    assert [("Pipeline review", (ids[0],)), ("Budget", (once,))] == [
        (one.first.title, one.ids) for one in listed.meetings
    ]
    far = town.meetings.upcoming(ADA, "pipeline", person_zone="America/New_York")
    (series,) = far.meetings
    assert (ids[0], *ids[2:]) == series.ids
    assert [START + n * timedelta(days=7) for n in (0, 2, 3, 4)] == list(series.starts)


def test_only_ones_own_meetings_are_listed(town: Stage) -> None:
    """Those the person hosts."""
    town.make()
    assert () == town.meetings.upcoming(BEN, "", person_zone="UTC").meetings
    town.make(ONCE, BEN)
    assert 1 == len(town.meetings.upcoming(BEN, "", person_zone="UTC").meetings)
    town.memory.grants.forget(town.grants[BEN].id)
    with pytest.raises(NotConnected):
        town.meetings.upcoming(BEN, "", person_zone="UTC")


def test_the_days_are_the_persons(town: Stage) -> None:
    """10:00 on Monday in New York is Tuesday in Auckland."""
    town.make()
    for zone, words, found in (
        ("America/New_York", "February 2", 1),
        ("Pacific/Auckland", "February 2", 0),
        ("Pacific/Auckland", "February 3", 1),
    ):
        assert found == len(town.meetings.upcoming(ADA, words, person_zone=zone).meetings)


def test_all_pages_are_read(town: Stage) -> None:
    """More than the CRM answers at once."""
    daily = replace(
        WEEKLY, recurrence=Recurrence.daily().ending(START.date() + timedelta(days=210))
    )
    ids = town.make(daily)
    assert 211 == len(ids)
    (series,) = town.meetings.upcoming(ADA, "pipeline", person_zone="UTC").meetings
    assert list(ids) == list(series.ids)
    assert ids == tuple(one.id for one in town.opening.whole(ADA, ids[100]).series.events)


def test_overlaps_are_found_start_by_start(town: Stage) -> None:
    """Touching isn't overlapping; cancelled, all-day and left out ones don't count."""
    ids = town.make()
    town.make(replace(WEEKLY, title="Theirs"), BEN)
    hour = timedelta(hours=1)
    week = timedelta(days=7)
    starts = [START + hour, START + week + hour / 2, START + 2 * week - hour, START + 3 * week]
    found = town.meetings.conflicts(ADA, starts, hour)
    assert [(starts[1], ids[1]), (starts[3], ids[3])] == [
        (one.start, one.with_row.id) for one in found
    ]
    assert () == town.meetings.conflicts(ADA, [], hour)
    town.edit(ids[1], **{"$event_cancelled": True})
    assert [ids[3]] == [one.with_row.id for one in town.meetings.conflicts(ADA, starts, hour)]
    assert () == town.meetings.conflicts(ADA, starts, hour, but=[ids[3]])
    town.edit(ids[3], All_day=True)
    assert () == town.meetings.conflicts(ADA, starts, hour)


def row(number: int, series: str | None, *, cancelled: bool = False) -> Row:
    """A row on the so-manieth day."""
    start = START + timedelta(days=number)
    return Row(
        id=f"{10_000 + number}",
        title="Sync",
        start=start,
        end=start + timedelta(hours=1),
        all_day=False,
        venue=None,
        series=series,
        cancelled=cancelled,
    )


def test_a_series_with_nothing_left_is_still_listed() -> None:
    """All cancelled: shown as that."""
    (one,) = fold([row(2, "a", cancelled=True), row(1, "a", cancelled=True)])
    assert (True, ("10001", "10002")) == (one.first.cancelled, one.ids)


def test_the_order_is_that_of_the_next_ones() -> None:
    """Whatever the order of the rows."""
    rows = [row(3, "a"), row(1, "b"), row(2, "a"), row(4, "b")]
    assert [("10001", "10004"), ("10002", "10003")] == [one.ids for one in fold(rows)]


def test_what_is_left_of_a_series_is_found_wherever_it_is(town: Stage) -> None:
    """The first six gone one by one, and the tail: the two between are still there."""
    ids = town.make(replace(WEEKLY, recurrence=Recurrence.weekly(Weekday.MO).times(10)))
    for one in (*ids[:6], *ids[8:]):
        del town.side.world.records("Events")[one]
    assert ids[6] == town.opening.standing(ADA, ids)
    with pytest.raises(Gone):
        town.opening.standing(ADA, ids[:6])
