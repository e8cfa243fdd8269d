"""Rules make the meetings Kaizen #8 says they make."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.sandbox.client import Crm
from tests.handlers.sandbox.meetings import create, meeting, read, refusal, starts


def test_every_other_sunday_until_a_sunday_includes_that_sunday(crm: Crm) -> None:
    """Kaizen #8's own sample makes four meetings, the last on the UNTIL day."""
    rule = "FREQ=WEEKLY;BYDAY=SU;INTERVAL=2;UNTIL=2020-03-15"
    found = starts(crm, rule, "2020-02-02T10:00:00+05:30", "2020-02-02T11:00:00+05:30", "dev")
    days = ("02-02", "02-16", "03-01", "03-15")
    assert [f"2020-{day}T10:00:00+05:30" for day in days] == found


def test_second_wednesday_three_times(crm: Crm) -> None:
    """BYSETPOS is the week of the month."""
    rule = "FREQ=MONTHLY;COUNT=3;BYDAY=WE;BYSETPOS=2"
    found = starts(crm, rule, "2026-01-14T09:00:00-05:00", "2026-01-14T10:00:00-05:00")
    assert [each[:10] for each in found] == ["2026-01-14", "2026-02-11", "2026-03-11"]


def test_fourteenth_every_second_month(crm: Crm) -> None:
    """Kaizen #8's third example."""
    rule = "FREQ=MONTHLY;INTERVAL=2;COUNT=3;BYMONTHDAY=14"
    found = starts(crm, rule, "2026-01-14T09:00:00-05:00", "2026-01-14T10:00:00-05:00")
    assert [each[:10] for each in found] == ["2026-01-14", "2026-03-14", "2026-05-14"]


def test_wall_clock_is_kept_in_the_creators_zone_over_a_time_change(crm: Crm) -> None:
    """New York changes on 8 March 2026: ten o'clock stays ten o'clock."""
    rule = "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU;COUNT=2"
    found = starts(crm, rule, "2026-03-01T10:00:00-05:00", "2026-03-01T11:00:00-05:00")
    assert found == ["2026-03-01T10:00:00-05:00", "2026-03-08T10:00:00-04:00"]


def test_wall_clock_may_be_utcs_by_a_switch(crm: Crm) -> None:
    """The other reading: the moment in UTC repeats."""
    crm.switch("events.dst", "utc")
    rule = "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU;COUNT=2"
    found = starts(crm, rule, "2026-03-01T10:00:00-05:00", "2026-03-01T11:00:00-05:00")
    assert found == ["2026-03-01T10:00:00-05:00", "2026-03-08T11:00:00-04:00"]


@pytest.mark.parametrize(
    ("rule", "count", "step"),
    [
        ("FREQ=DAILY", 365, 1),
        ("FREQ=MONTHLY;UNTIL=2026-05-01", 365, 1),
        ("FREQ=WEEKLY;INTERVAL=1", 53, 7),
        ("FREQ=WEEKLY;COUNT=3", 53, 7),
    ],
)
def test_rules_with_a_part_missing_make_a_year_of_meetings(
    crm: Crm, rule: str, count: int, step: int
) -> None:
    """No INTERVAL and no COUNT: daily for 365 days. WEEKLY without BYDAY: weekly for 365 days."""
    made = create(crm, Recurring_Activity={"RRULE": rule})
    first, second = (read(crm, made[n]["id"])["Start_DateTime"][8:10] for n in (0, 1))
    assert (count, step) == (len(made), int(second) - int(first))


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;INTERVAL=0;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=100;BYDAY=MO",
        "FREQ=DAILY;COUNT=100",
        "FREQ=DAILY;INTERVAL=1;UNTIL=20260315",
        "FREQ=DAILY;INTERVAL=1;UNTIL=2026-02-30",
        "FREQ=DAILY;INTERVAL=1;UNTIL=2026-03-15T10:00:00",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=2MO",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,MO",
        "FREQ=WEEKLY;INTERVAL=1;BYMONTHDAY=3;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO;BYSETPOS=2",
        "FREQ=MONTHLY;INTERVAL=1;BYDAY=MO;BYSETPOS=5",
        "FREQ=MONTHLY;INTERVAL=1;BYSETPOS=1",
        "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=32",
        "FREQ=HOURLY;INTERVAL=1",
        "INTERVAL=1;COUNT=2",
        "FREQ=DAILY;INTERVAL=1;INTERVAL=2",
        "FREQ=DAILY;INTERVAL=1;",
        "freq=daily;interval=1",
        "RRULE:FREQ=DAILY;INTERVAL=1",
        "FREQ=DAILY;INTERVAL=1;BYHOUR=9",
        "FREQ=DAILY;INTERVAL=1;EXDATE=2026-03-02",
        "",
    ],
)
def test_rules_outside_the_grammar_are_refused(crm: Crm, rule: str) -> None:
    """INVALID_DATA names the RRULE."""
    entry = refusal(crm, Recurring_Activity={"RRULE": rule})
    assert (entry["code"], entry["details"]["api_name"]) == ("INVALID_DATA", "RRULE")


def test_several_days_are_taken_or_refused_by_a_switch(crm: Crm) -> None:
    """No source shows `BYDAY=MO,WE`."""
    rule = {"RRULE": "FREQ=WEEKLY;INTERVAL=1;BYDAY=SU,WE;COUNT=4"}
    days = [read(crm, each["id"])["Start_DateTime"][8:10] for each in
            create(crm, Recurring_Activity=rule)]  # fmt: skip
    assert ["01", "04", "08", "11"] == days
    crm.switch("events.byday_list", "refuse")
    assert refusal(crm, Recurring_Activity=rule)["code"] == "INVALID_DATA"


def test_a_start_off_the_rule_is_the_first_occurrence(crm: Crm) -> None:
    """Default: Start_DateTime counts as the first; the switches know two other ways."""
    rule = {"RRULE": "FREQ=WEEKLY;INTERVAL=1;BYDAY=WE;COUNT=2"}

    def days() -> list[str]:
        made = create(crm, Recurring_Activity=rule)
        return [read(crm, each["id"])["Start_DateTime"][8:10] for each in made]

    assert days() == ["01", "04"]
    crm.switch("events.start_off_rule", "first_match")
    assert days() == ["04", "11"]
    crm.switch("events.start_off_rule", "refuse")
    assert refusal(crm, Recurring_Activity=rule)["code"] == "INVALID_DATA"


def test_two_rules_in_one_call_are_refused(crm: Crm) -> None:
    """Kaizen #8: one set of recurring events per call; the other record is made (207)."""
    item = meeting(Recurring_Activity={"RRULE": "FREQ=DAILY;INTERVAL=1;COUNT=2"})
    reply = crm.call("POST", "Events", {"data": [item, item]})
    codes = [entry["code"] for entry in reply.json["data"]]
    assert (reply.status, codes) == (207, ["SUCCESS", "SUCCESS", "INVALID_DATA"])


def _days(crm: Crm, rule: str, start: str = "2026-01-31") -> list[str]:
    made = starts(crm, rule, f"{start}T09:00:00-05:00", f"{start}T10:00:00-05:00")
    return [each[:10] for each in made]


@pytest.mark.parametrize(
    ("switch", "value", "rule", "start", "before", "after"),
    [
        (
            "events.short_month", "clip", "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=31", "2026-01-31",
            ["2026-01-31", "2026-03-31", "2026-05-31"], ["2026-01-31", "2026-02-28", "2026-03-31"],
        ),
        (
            "events.week_start", "SU", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;COUNT=3", "2026-01-04",
            ["2026-01-04", "2026-01-12", "2026-01-18"], ["2026-01-04", "2026-01-05", "2026-01-18"],
        ),
        (
            "events.endless_days", 1, "FREQ=DAILY;INTERVAL=1", "2026-01-31",
            [], ["2026-01-31", "2026-02-01"],
        ),
        (
            "events.max_occurrences", 2, "FREQ=DAILY;COUNT=3", "2026-01-31",
            ["2026-01-31", "2026-02-01", "2026-02-02"], ["2026-01-31", "2026-02-01"],
        ),
        (
            "events.setpos_alone", "ignore", "FREQ=MONTHLY;COUNT=2;BYSETPOS=1", "2026-01-30",
            None, ["2026-01-30", "2026-03-30"],
        ),
        (
            "events.count_and_until", "refuse", "FREQ=DAILY;COUNT=9;UNTIL=2026-02-01", "2026-01-31",
            ["2026-01-31", "2026-02-01"], None,
        ),
        (
            "events.dtstart", "must_match", "FREQ=DAILY;COUNT=1;DTSTART=2026-02-01", "2026-01-31",
            ["2026-01-31"], None,
        ),
    ],
)  # fmt: skip
def test_switches_of_the_rules(
    crm: Crm,
    switch: str,
    value: Any,
    rule: str,
    start: str,
    before: list[str] | None,
    after: list[str] | None,
) -> None:
    """What the default makes and what the other value makes; None is a refusal, [] untold."""

    def made() -> list[str] | None:
        times = {f: f"{start}T0{n}:00:00-05:00" for f, n in
                 (("Start_DateTime", 8), ("End_DateTime", 9))}  # fmt: skip
        body = {"data": [meeting(Recurring_Activity={"RRULE": rule}, **times)]}
        reply = crm.call("POST", "Events", body)
        if reply.status == 400:
            return None
        ids = [entry["details"]["id"] for entry in reply.json["data"]]
        return [read(crm, each)["Start_DateTime"][:10] for each in ids]

    if before != []:
        assert before == made()
    crm.switch(switch, value)
    assert after == made()


@pytest.mark.parametrize(
    ("rule", "start", "days"),
    [
        ("FREQ=YEARLY;COUNT=2;BYDAY=SA;BYSETPOS=-1", "2026-01-31", ["2026-01-31", "2027-01-30"]),
        ("FREQ=YEARLY;COUNT=2;BYMONTHDAY=31", "2026-01-31", ["2026-01-31", "2027-01-31"]),
        ("FREQ=MONTHLY;COUNT=2;BYDAY=FR;BYSETPOS=-1", "2026-01-30", ["2026-01-30", "2026-02-27"]),
        ("FREQ=DAILY;INTERVAL=3;UNTIL=2026-02-06", "2026-01-31",
         ["2026-01-31", "2026-02-03", "2026-02-06"]),
        ("FREQ=DAILY;COUNT=3;BYDAY=MO", "2026-02-02", ["2026-02-02", "2026-02-09", "2026-02-16"]),
    ],
)  # fmt: skip
def test_rules_make_these_days(crm: Crm, rule: str, start: str, days: list[str]) -> None:
    """Week of the month, day of the month, every third day."""
    assert days == _days(crm, rule, start)
