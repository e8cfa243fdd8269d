"""Series: every rule of the dialect becomes exactly the dates that stood in the form."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from handlers.demo import Workplace, connect
from handlers.sandbox.person import Person
from tests.journeys.form_steps import (
    KOLKATA,
    create,
    local,
    meet,
    message,
    opened,
    rules,
    sees,
    starts,
)
from tests.journeys.steps import events


def days(text: str) -> list[str]:
    """Return whole dates: ``2026-01-30 02-13`` is both in 2026."""
    found: list[str] = []
    for one in text.split():
        found.append(one if len(one) > 5 else f"{found[-1][:4]}-{one}")
    return found


def said(day: str) -> str:
    """Return a date as the form says it."""
    found = date.fromisoformat(day)
    return f"• {found:%a} {found.day} {found:%b %Y}"


RULES = {
    "daily, by number": (
        "every day at 10am for 5 times",
        "FREQ=DAILY;INTERVAL=1;COUNT=5",
        "2026-01-15 01-16 01-17 01-18 01-19",
    ),
    "every third day": (
        "every 3 days at 10am until Jan 31",
        "FREQ=DAILY;INTERVAL=3;UNTIL=2026-01-31",
        "2026-01-15 01-18 01-21 01-24 01-27 01-30",
    ),
    "weekdays": (
        "every weekday at 10am until Jan 23",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR;UNTIL=2026-01-23",
        "2026-01-15 01-16 01-19 01-20 01-21 01-22 01-23",
    ),
    "weekends": (
        "every weekend at 10am until Feb 1",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=SA,SU;UNTIL=2026-02-01",
        "2026-01-17 01-18 01-24 01-25 01-31 02-01",
    ),
    "weekly, by number": (
        "every Monday at 10am 4 times",
        "FREQ=WEEKLY;INTERVAL=1;COUNT=4;BYDAY=MO",
        "2026-01-19 01-26 02-02 02-09",
    ),
    "two days a week": (
        "every Tuesday and Thursday at 10am until Feb 5",
        "FREQ=WEEKLY;INTERVAL=1;BYDAY=TU,TH;UNTIL=2026-02-05",
        "2026-01-15 01-20 01-22 01-27 01-29 02-03 02-05",
    ),
    "three days a week, by number": (
        "every Mon, Wed and Fri at 10am 7 times",
        "FREQ=WEEKLY;INTERVAL=1;COUNT=7;BYDAY=MO,WE,FR",
        "2026-01-16 01-19 01-21 01-23 01-26 01-28 01-30",
    ),
    "every other Sunday, the last one on the last day": (
        "every other Sunday 10-11am until Mar 15",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=2026-03-15",
        "2026-01-18 02-01 02-15 03-01 03-15",
    ),
    "two days every other week": (
        "every 2 weeks on Monday and Friday at 10am until Feb 28",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=2026-02-28",
        "2026-01-16 01-26 01-30 02-09 02-13 02-23 02-27",
    ),
    "every third week, from a day on": (
        "every 3 weeks on Wednesday at 10am starting Feb 4 for 3 times",
        "FREQ=WEEKLY;INTERVAL=3;COUNT=3;BYDAY=WE",
        "2026-02-04 02-25 03-18",
    ),
    "monthly on a day": (
        "on the 14th of every month at 10am 4 times",
        "FREQ=MONTHLY;INTERVAL=1;COUNT=4;BYMONTHDAY=14",
        "2026-02-14 03-14 04-14 05-14",
    ),
    "monthly on the 31st, short months left out": (
        "on the 31st of every month at 10am 4 times",
        "FREQ=MONTHLY;INTERVAL=1;COUNT=4;BYMONTHDAY=31",
        "2026-01-31 03-31 05-31 07-31",
    ),
    "every second month on a day": (
        "on the 14th of every 2 months at 10am 3 times",
        "FREQ=MONTHLY;INTERVAL=2;COUNT=3;BYMONTHDAY=14",
        "2026-02-14 04-14 06-14",
    ),
    "monthly on the second Wednesday": (
        "every second Wednesday of the month at 10am 3 times",
        "FREQ=MONTHLY;INTERVAL=1;COUNT=3;BYDAY=WE;BYSETPOS=2",
        "2026-02-11 03-11 04-08",
    ),
    "monthly on the last Friday": (
        "last Friday of every month at 10am until June 30",
        "FREQ=MONTHLY;INTERVAL=1;BYDAY=FR;BYSETPOS=-1;UNTIL=2026-06-30",
        "2026-01-30 02-27 03-27 04-24 05-29 06-26",
    ),
    "quarterly on the first Monday": (
        "every 3 months on the first Monday at 10am 4 times",
        "FREQ=MONTHLY;INTERVAL=3;COUNT=4;BYDAY=MO;BYSETPOS=1",
        "2026-02-02 05-04 08-03 11-02",
    ),
    "yearly on a day": (
        "every year on 15 March at 10am 3 times",
        "FREQ=YEARLY;INTERVAL=1;COUNT=3;BYMONTHDAY=15",
        "2026-03-15 2027-03-15 2028-03-15",
    ),
    "yearly on the second Tuesday of May": (
        "every year on the 2nd Tuesday of May at 10am 3 times",
        "FREQ=YEARLY;INTERVAL=1;COUNT=3;BYDAY=TU;BYSETPOS=2",
        "2026-05-12 2027-05-11 2028-05-09",
    ),
    "yearly on the last Friday of November": (
        "every year on the last Friday of November at 10am until 2028-12-31",
        "FREQ=YEARLY;INTERVAL=1;BYDAY=FR;BYSETPOS=-1;UNTIL=2028-12-31",
        "2026-11-27 2027-11-26 2028-11-24",
    ),
    "every second year": (
        "every 2 years on 1 July at 10am 3 times",
        "FREQ=YEARLY;INTERVAL=2;COUNT=3;BYMONTHDAY=1",
        "2026-07-01 2028-07-01 2030-07-01",
    ),
}


@pytest.mark.parametrize(("words", "rule", "dates"), RULES.values(), ids=RULES.keys())
def test_a_rule_makes_the_dates_it_was_previewed_with(
    place: Workplace, dev: Person, words: str, rule: str, dates: str
) -> None:
    """When Dev types the words, form, message and CRM have the same dates, no more, no less."""
    form = meet(dev, f"Review {words}")
    shown = [line.split(",")[0] for line in form.splitlines() if line.startswith("• ")][:5]
    create(dev)

    promised = days(dates)
    assert f"Create {len(promised)} meetings" in form
    assert [said(day) for day in promised[:5]] == shown
    assert f"{len(promised)} meetings, the last on {said(promised[-1])[2:]}." in form
    assert [f"{day} 10:00" for day in promised] == starts(place)
    assert [rule] == rules(place)
    assert {rule} == {one["Recurring_Activity"]["RRULE"] for one in events(place)}


def test_a_rule_begun_within_its_period_keeps_its_phase(place: Workplace, dev: Person) -> None:
    """When the first date is picked in the form, every other week counts from it."""
    meet(dev, "Review every other Monday at 10am until Feb 28")
    dev.fill("Date", "2026-01-26")
    sees(dev, "3 meetings, the last on Mon 23 Feb 2026.")
    create(dev)

    assert ["2026-01-26 10:00", "2026-02-09 10:00", "2026-02-23 10:00"] == starts(place)


# -- a CRM that takes no lists of weekdays ------------------------------------------------------


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Workplace]:
    """Run a workplace for one test: what is remembered there is seen by nobody else."""
    with opened(tmp_path) as place:
        yield place


def test_several_days_become_a_series_a_weekday_where_lists_are_refused(alone: Workplace) -> None:
    """When the CRM refuses a list of days, the same dates come as series; the next asks none."""
    dev = alone.person("U0DEV")
    alone.control("/control/switches", {"events.byday_list": "refuse"})
    meet(dev, "Review every 2 weeks on Monday and Friday at 10am until Feb 28")
    told = create(dev)
    dates = days("2026-01-16 01-26 01-30 02-09 02-13 02-23 02-27")

    assert "“Review” is in your CRM: 7 meetings in 2 series." in told
    assert "other dates" not in told
    assert [f"{day} 10:00" for day in dates] == starts(alone)
    assert [
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;UNTIL=2026-02-28",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;UNTIL=2026-02-28",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;UNTIL=2026-02-28",
    ] == rules(alone)

    dev.close()
    meet(dev, "Sync every Mon, Wed and Fri at 11am 7 times")
    told = create(dev)

    assert "“Sync” is in your CRM: 7 meetings in 3 series." in told
    assert [
        "FREQ=WEEKLY;INTERVAL=1;COUNT=3;BYDAY=WE",
        "FREQ=WEEKLY;INTERVAL=1;COUNT=2;BYDAY=FR",
        "FREQ=WEEKLY;INTERVAL=1;COUNT=2;BYDAY=MO",
    ] == rules(alone)[3:]
    assert [f"{day} 11:00" for day in days("2026-01-14 01-16 01-19 01-21 01-23 01-26 01-28")] == [
        local(str(one["Start_DateTime"]), KOLKATA)
        for one in events(alone)
        if one["Event_Title"] == "Sync"
    ]


def test_what_a_crm_refuses_is_remembered_for_all_its_people(alone: Workplace) -> None:
    """When Dev met the refusal, Ben's first series with several days goes without a list."""
    dev, ben = alone.person("U0DEV"), alone.person("U0BEN")
    connect(ben, "ben@example.com")
    alone.control("/control/switches", {"events.byday_list": "refuse"})
    meet(dev, "Review every Monday and Friday at 10am 2 times")
    create(dev)
    meet(ben, "Sync every Tuesday and Thursday at 10am 2 times")
    told = create(ben)

    assert "2 meetings in 2 series" in told
    assert [
        "FREQ=WEEKLY;INTERVAL=1;COUNT=1;BYDAY=TU",
        "FREQ=WEEKLY;INTERVAL=1;COUNT=1;BYDAY=TH",
    ] == sorted(rules(alone)[3:], reverse=True)


def test_the_form_says_that_several_days_may_become_several_series(
    place: Workplace, dev: Person
) -> None:
    """When a rule names several days, the form says before what the CRM may make of it."""
    assert "I make 2 series, one a weekday" in meet(dev, "Review Mon and Fri weekly 10am 4 times")
    dev.close()
    assert "one a weekday" not in meet(dev, "Review every Monday 10am 4 times")


# -- what the CRM made is not what was promised -------------------------------------------------


def test_a_shorter_series_is_told_in_form_and_message(alone: Workplace) -> None:
    """When the CRM makes fewer meetings than promised, Dev reads which are missing."""
    dev = alone.person("U0DEV")
    alone.control("/control/switches", {"events.max_occurrences": 3})
    meet(dev, "Cutoff every Monday at 10am 5 times")
    told = create(dev)

    for text in (told, message(dev, "“Cutoff”")):
        assert "“Cutoff” is in your CRM: 3 meetings." in text
        assert "⚠ Your CRM made other dates than you were shown." in text
        assert "Missing:\n• Mon 9 Feb 2026, 10:00\n• Mon 16 Feb 2026, 10:00\n" in text
        assert "Added by the CRM" not in text


def test_a_week_that_begins_on_sunday_is_told(place: Workplace, dev: Person) -> None:
    """When the CRM counts every other week from Sunday, the moved dates are told as such."""
    place.control("/control/switches", {"events.week_start": "SU"})
    meet(dev, "Review every other Monday and Sunday at 10am 3 times")
    told = create(dev)

    # Promised from Monday-first weeks: Sun 18, Mon 26, Sun 1 February.
    assert ["2026-01-18 10:00", "2026-01-19 10:00", "2026-02-01 10:00"] == starts(place)
    assert "Missing:\n• Mon 26 Jan 2026, 10:00" in told
    assert "Added by the CRM:\n• Mon 19 Jan 2026, 10:00" in told


def test_a_clipped_month_is_told(place: Workplace, dev: Person) -> None:
    """When the CRM puts the 31st on shorter months' last days, that is told as a difference."""
    place.control("/control/switches", {"events.short_month": "clip"})
    meet(dev, "Close on the 31st of every month at 10am 3 times")
    told = create(dev)

    assert ["2026-01-31 10:00", "2026-02-28 10:00", "2026-03-31 10:00"] == starts(place)
    assert "Missing:\n• Sun 31 May 2026, 10:00" in told
    assert "Added by the CRM:\n• Sat 28 Feb 2026, 10:00" in told


def test_a_series_kept_in_utc_is_told_where_the_clocks_change(alone: Workplace) -> None:
    """When the CRM keeps UTC over Berlin's change of clocks, the shifted meetings are told."""
    ada = alone.person("U0ADA")
    connect(ada, "ada@example.com")
    alone.control("/control/switches", {"events.dst": "utc"})
    form = meet(ada, "Review every Sunday at 10am starting Mar 22 2 times")
    told = create(ada)

    assert "Sun 29 Mar 2026, 10:00" in form
    assert "Missing:\n• Sun 29 Mar 2026, 10:00" in told
    assert "Added by the CRM:\n• Sun 29 Mar 2026, 11:00" in told


def test_zones_whose_clocks_change_apart_are_named_before_creation(alone: Workplace) -> None:
    """When Ada plans in Berlin with an account in New York, she reads it before and after."""
    ada = alone.person("U0ADA")
    connect(ada, "ada@example.com")
    form = meet(ada, "Review every Sunday at 10am starting Mar 1 5 times")
    told = create(ada)

    # New York's clocks change on 8 March, Berlin's on 29 March.
    assert "Your CRM account is in America/New_York, this meeting in Europe/Berlin" in form
    assert [f"2026-03-{day:02} 09:00" for day in (8, 15, 22)] == [
        one for one in starts(alone, "Europe/Berlin") if one.endswith("09:00")
    ]
    assert "Missing:\n• Sun 8 Mar 2026, 10:00" in told
    assert "Added by the CRM:\n• Sun 8 Mar 2026, 09:00" in told


def test_zones_are_not_named_where_they_agree(alone: Workplace) -> None:
    """When the series ends before any clock changes, the form says nothing about zones."""
    ada = alone.person("U0ADA")
    connect(ada, "ada@example.com")
    form = meet(ada, "Review every Sunday at 10am 5 times")

    assert "America/New_York" not in form
    assert "other dates" not in create(ada)


def test_a_meeting_on_another_day_in_the_crms_zone_is_named_before_creation(
    alone: Workplace,
) -> None:
    """When a Sunday in Berlin is still Saturday in New York, Ada reads it before and after."""
    ada = alone.person("U0ADA")
    connect(ada, "ada@example.com")
    form = meet(ada, "Deploy every Sunday at 2am 3 times")
    told = create(ada)

    assert "In America/New_York, where your CRM account is, this falls on another day" in form
    assert "other dates" in told
