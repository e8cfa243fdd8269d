"""What the words leave open is shown as choices, and a click decides it."""

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.form_steps import create, enters, meet, rules, sees, sent, starts


@pytest.mark.parametrize(
    ("words", "other", "shown", "expected"),
    [
        ("Review tomorrow at 5", "05:00", "05:00-05:30", "2026-01-15 05:00"),
        ("Review next Friday 11am", "Friday 16 January", "• Fri 16 Jan", "2026-01-16 11:00"),
        ("Review 03/02/2026 11am", "3 February 2026", "• Tue 3 Feb", "2026-02-03 11:00"),
        ("Review tomorrow 11am EST", "UTC-5 all year", "Times are UTC-5", "2026-01-14 21:30"),
    ],
)
def test_a_picked_reading_becomes_the_meeting(
    place: Workplace, dev: Person, words: str, other: str, shown: str, expected: str
) -> None:
    """When Dev picks the other reading, the form shows it, and that is what the CRM gets."""
    assert shown not in meet(dev, words)
    dev.fill("Pick", other)
    sees(dev, shown)
    create(dev)

    assert [expected] == starts(place)


def test_a_pick_leaves_what_the_person_typed(place: Workplace, dev: Person) -> None:
    """When Dev has changed title and length, picking another day changes the day alone."""
    meet(dev, "Review next Friday 11am")
    dev.fill("Title", "Another review")
    enters(dev, "Ends at or lasts", "1h", "11:00-12:00")
    dev.fill("Pick", "Friday 16 January 2026")
    sees(dev, "Fri 16 Jan 2026, 11:00-12:00")
    create(dev)

    assert ["Another review"] == [one["Event_Title"] for one in sent(place)]
    assert ["2026-01-16 11:00"] == starts(place)


def test_a_pick_can_be_taken_back(place: Workplace, dev: Person) -> None:
    """When Dev picks one reading and then the first again, the first one counts."""
    meet(dev, "Review tomorrow at 5")
    dev.fill("Pick", "05:00")
    sees(dev, "05:00-05:30")
    dev.fill("Pick", "17:00")
    sees(dev, "17:00-17:30")


def test_a_pick_that_the_crm_cannot_do_says_why(place: Workplace, dev: Person) -> None:
    """When “biweekly” is picked as twice a week, the form asks for the days."""
    meet(dev, "Review biweekly on Friday 11am")
    dev.fill("Pick", "twice a week")
    form = sees(dev, "⚠")

    assert "Say how it repeats in “Repeats”." in form
    assert not sent(place)


def test_the_nearest_rule_is_one_click_away(place: Workplace, dev: Person) -> None:
    """When the words ask for a month's last day, one click on the 28th makes that the meeting."""
    meet(dev, "Close last day of each month at 11am for 1h until June 2026")
    dev.press("every month on the 28th")
    sees(dev, "Wed 28 Jan 2026, 11:00-12:00")
    form = dev.modal_text()
    assert "A series can't" not in form
    create(dev)

    assert ["Close"] == [one["Event_Title"] for one in sent(place)]
    assert "BYMONTHDAY=28" in rules(place)[0]


def test_of_two_clock_times_each_is_a_series_to_pick(place: Workplace, dev: Person) -> None:
    """When the words name two times a day, both series are offered, one click each."""
    form = meet(dev, "Standup every Monday at 9am and 3pm until June 2026")
    assert "09:00" in form
    assert "15:00" in form
    dev.press("every week on Monday until 30 June 2026 at 15:00")
    sees(dev, "Mon 19 Jan 2026, 15:00")
    create(dev)

    assert 1 == len(sent(place))


def test_a_doubt_in_repeats_is_a_choice_too(place: Workplace, dev: Person) -> None:
    """When Dev types “biweekly” into “Repeats”, the form says how it took that."""
    meet(dev, "Review Friday 16 January 2026 11am")
    form = enters(dev, "Repeats", "biweekly on Friday, 3 times", "I took it as every 2 weeks")

    assert "Fri 30 Jan 2026" in form
