"""The form: what it proposes and says, what it checks, and that only what was shown is made."""

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.fault_steps import disturb
from tests.journeys.form_steps import (
    clicked_late,
    create,
    enters,
    event,
    hash_of,
    meet,
    sees,
    sent,
    starts,
    updates,
)
from tests.journeys.steps import events

# -- an end where the words named none ----------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "repeats", "number", "last"),
    [
        ("every day at 11am", "every day, 30 times", 30, "Thu 12 Feb 2026"),
        ("every Monday at 11am", "every week on Monday, 52 times", 52, "Mon 11 Jan 2027"),
        (
            "every other Monday at 11am",
            "every 2 weeks on Monday until 19 January 2027",
            27,
            "Mon 18 Jan 2027",
        ),
        (
            "on the 20th of every month at 11am",
            "every month on the 20th until 20 January 2027",
            13,
            "Wed 20 Jan 2027",
        ),
        (
            "every year on 3 March at 11am",
            "every year on 3 March until 3 March 2027",
            2,
            "Wed 3 Mar 2027",
        ),
    ],
)
def test_words_without_an_end_are_given_one_in_words(
    place: Workplace, dev: Person, words: str, repeats: str, number: int, last: str
) -> None:
    """When Dev names no end, the form says which one it proposes, and that it is a proposal."""
    form = meet(dev, f"Review {words}")

    assert repeats == dev.field("Repeats")
    assert f"{number} meetings, the last on {last}." in form
    assert "You named no end, so I proposed this one. Change it in “Repeats”." in form
    assert f"Create {number} meetings" in form


def test_a_proposed_end_is_changed_by_the_person(place: Workplace, dev: Person) -> None:
    """When Dev writes another end, the proposal and its note are gone."""
    meet(dev, "Review every day at 11am")
    form = enters(dev, "Repeats", "every day, 3 times", "Create 3 meetings")
    create(dev)

    assert "You named no end" not in form
    assert [f"2026-01-{day} 11:00" for day in (14, 15, 16)] == starts(place)


def test_words_with_an_end_get_no_proposal(place: Workplace, dev: Person) -> None:
    """When the words have an end, nothing is said of one."""
    assert "You named no end" not in meet(dev, "Review every day at 11am until Friday")


def test_an_end_is_proposed_for_a_rule_typed_into_the_form(place: Workplace, dev: Person) -> None:
    """When Dev types a rule without an end, his words stay and the end stands beside the dates."""
    meet(dev, "Review tomorrow 11am")
    form = enters(dev, "Repeats", "every Thursday", "Create 52 meetings")

    assert "every Thursday" == dev.field("Repeats")
    assert "You named no end, so I proposed this one." in form


# -- large numbers ------------------------------------------------------------------------------


def test_more_than_a_year_of_weeks_is_named_and_clicked_twice(
    place: Workplace, dev: Person
) -> None:
    """When Create would make 60 meetings, the first click names the number and makes nothing."""
    meet(dev, "Review every Thursday at 11am 60 times")
    assert "updated" == dev.submit()
    form = sees(dev, "This writes 60 meetings")
    assert "Press Create once more if that is right." in form
    assert not sent(place)
    create(dev)

    assert 60 == len(events(place))


def test_a_number_changed_after_the_warning_is_named_again(place: Workplace, dev: Person) -> None:
    """When Dev raises the number after the warning, the new number is named before it is made."""
    meet(dev, "Review every Thursday at 11am 60 times")
    dev.submit()
    sees(dev, "This writes 60 meetings")
    dev.fill("Repeats", "every Thursday 70 times")
    dev.submit()
    sees(dev, "This writes 70 meetings")
    assert not sent(place)
    create(dev)

    assert 70 == len(events(place))


def test_a_warning_stays_with_its_number(place: Workplace, dev: Person) -> None:
    """When Dev looks at more options after the warning, it stays and counts."""
    meet(dev, "Review every Thursday at 11am 60 times")
    dev.submit()
    sees(dev, "This writes 60 meetings")
    dev.press("More options")
    sees(dev, "Description", "This writes 60 meetings")
    create(dev)

    assert 60 == len(events(place))


def test_a_warning_goes_with_the_number(place: Workplace, dev: Person) -> None:
    """When Dev lowers the number after the warning, the dates are shown and one click makes it."""
    meet(dev, "Review every Thursday at 11am 60 times")
    dev.submit()
    sees(dev, "This writes 60 meetings")
    form = enters(dev, "Repeats", "every Thursday 3 times", "Create 3 meetings")
    assert "This writes" not in form
    create(dev)

    assert 3 == len(events(place))


def test_four_hundred_meetings_are_refused(place: Workplace, dev: Person) -> None:
    """When a rule makes more than 399 meetings, the form refuses it at its field."""
    meet(dev, "Review tomorrow 11am")
    dev.fill("Repeats", "every day until 31 December 2027")
    errors = dev.submit()

    assert {
        "errors": {"Repeats": "That makes more than 399 meetings. Write an earlier end."}
    } == errors
    assert not sent(place)


# -- dates that move, and times -----------------------------------------------------------------


def test_a_first_date_off_the_rule_is_moved_and_said(place: Workplace, dev: Person) -> None:
    """When Dev picks a Wednesday for a rule of Mondays, it begins on the Monday after."""
    meet(dev, "Review every Monday at 11am 2 times")
    dev.fill("Date", "2026-01-21")
    form = sees(dev, "The first date that fits is Mon 26 Jan 2026")
    assert "so it starts there instead of Wed 21 Jan 2026." in form
    create(dev)

    assert ["2026-01-26 11:00", "2026-02-02 11:00"] == starts(place)


def test_a_start_that_has_passed_is_said(place: Workplace, dev: Person) -> None:
    """When the date lies behind, the form says so and still does as told."""
    form = meet(dev, "Retro Jan 5 2026 11am")
    assert "This starts in the past." in form
    create(dev)

    assert ["2026-01-05 11:00"] == starts(place)


def test_a_time_is_taken_in_the_zone_of_the_words(place: Workplace, dev: Person) -> None:
    """When Dev says New York time, the form's times are New York's, and so is the meeting."""
    form = meet(dev, "Sync Jan 16 10am New York time")
    assert "Time zone: America/New_York." in form
    assert "Times are America/New_York." in form
    create(dev)

    assert ["2026-01-16 10:00"] == starts(place, "America/New_York")
    assert ["2026-01-16 20:30"] == starts(place)


def test_a_day_counted_elsewhere_is_said(place: Workplace, dev: Person) -> None:
    """When it is still yesterday in the words' zone, the form says from where days count."""
    form = meet(dev, "Sync tomorrow 10am New York time")

    assert "2026-01-14" == dev.field("Date")
    assert "It is another day there just now, and I took it that 2026-01-13 is today" in form


# -- only what was shown is made ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "value", "shown", "made"),
    [
        ("Repeats", "every Monday 3 times", "Create 3 meetings", None),
        ("Ends at or lasts", "45 min", "11:00-11:45", ["2026-01-19 11:00", "2026-01-26 11:00"]),
    ],
)
def test_what_was_not_shown_is_shown_before_it_is_made(
    place: Workplace, dev: Person, label: str, value: str, shown: str, made: list[str] | None
) -> None:
    """When Dev types and submits without Enter, the same form answers first; then it is made."""
    meet(dev, "Review every Monday at 11am 2 times")
    dev.fill(label, value)
    assert "updated" == dev.submit()
    form = sees(dev, shown)
    assert "Schedule a meeting" in form
    assert value == dev.field(label)
    assert not sent(place)
    create(dev)

    assert 1 == len(sent(place))
    assert (made or ["2026-01-19 11:00", "2026-01-26 11:00", "2026-02-02 11:00"]) == starts(place)


def test_a_new_title_needs_no_second_look(place: Workplace, dev: Person) -> None:
    """When only the title is typed anew, the dates on the screen are still the promised ones."""
    meet(dev, "Review every Monday at 11am 2 times")
    dev.fill("Title", "Weekly review")
    create(dev)

    assert ["2026-01-19 11:00", "2026-01-26 11:00"] == starts(place)
    assert {"Weekly review"} == {str(one["Event_Title"]) for one in place.records("Events")}


def test_several_changes_without_enter_are_shown_together(place: Workplace, dev: Person) -> None:
    """When title and rule change at once, the form answers with the new dates."""
    meet(dev, "Review every Monday at 11am 2 times")
    dev.fill("Date", "2026-02-02")
    sees(dev, "the last on Mon 9 Feb 2026")
    dev.fill("Title", "Check-in")
    dev.fill("Repeats", "every Tuesday 3 times")
    dev.submit()
    form = sees(dev, "Create 3 meetings")
    assert "• Tue 3 Feb 2026, 11:00-11:30" in form
    assert not sent(place)
    told = create(dev)

    assert "“Check-in” is in your CRM: 3 meetings." in told
    assert ["2026-02-03 11:00", "2026-02-10 11:00", "2026-02-17 11:00"] == starts(place)


def test_enter_shows_the_dates(place: Workplace, dev: Person) -> None:
    """When Dev presses Enter in “Repeats”, the dates appear and one click makes them."""
    meet(dev, "Review tomorrow 11am")
    form = enters(dev, "Repeats", "every Thursday 3 times", "Create 3 meetings")
    assert "• Thu 29 Jan 2026, 11:00-11:30" in form
    create(dev)

    assert ["2026-01-15 11:00", "2026-01-22 11:00", "2026-01-29 11:00"] == starts(place)


def test_a_button_shows_the_dates(place: Workplace, dev: Person) -> None:
    """When Dev presses “Show the dates” instead, he sees the same."""
    meet(dev, "Review tomorrow 11am")
    dev.fill("Repeats", "every Thursday 3 times")
    dev.press("Show the dates")

    assert "• Thu 29 Jan 2026, 11:00-11:30" in sees(dev, "Create 3 meetings")


def test_an_end_on_the_next_day_shows_that_day(place: Workplace, dev: Person) -> None:
    """When the end comes before the start on the clock, the form shows on which day it ends."""
    meet(dev, "Deploy tomorrow 10pm")
    dev.fill("Ends at or lasts", "until 2:00")
    dev.enter("Ends at or lasts")

    assert sees(dev, "• Thu 15 Jan 2026, 22:00 to Fri 16 Jan 2026, 02:00")


def test_a_picked_date_and_time_show_at_once(place: Workplace, dev: Person) -> None:
    """When Dev picks another day and time, the dates follow without a button."""
    meet(dev, "Review tomorrow 11am")
    dev.fill("Date", "2026-02-02")
    sees(dev, "• Mon 2 Feb 2026, 11:00-11:30")
    dev.fill("Starts at", "16:15")
    sees(dev, "• Mon 2 Feb 2026, 16:15-16:45")
    create(dev)

    assert ["2026-02-02 16:15"] == starts(place)


# -- what was typed stays -----------------------------------------------------------------------


def test_more_and_fewer_options_keep_what_was_typed(place: Workplace, dev: Person) -> None:
    """When Dev opens and closes the second half, nothing he typed is lost."""
    meet(dev, "Review tomorrow 11am")
    dev.fill("Title", "Budget")
    dev.press("More options")
    sees(dev, "Place", "Description")
    dev.fill("Place", "Room 4")
    dev.press("Fewer options")
    dev.wait_for(lambda: "Description" not in dev.modal_text())
    dev.press("More options")
    sees(dev, "Description", "Room 4")
    assert "Budget" == dev.field("Title")
    create(dev)

    assert ("Budget", "Room 4") == tuple(event(place)[key] for key in ("Event_Title", "Venue"))


def test_people_found_meanwhile_leave_what_was_typed(place: Workplace, dev: Person) -> None:
    """When names are found while Dev types a title, his title stays and the people come."""
    place.control(
        "/control/faults",
        {"kind": "delay", "seconds": 0.4, "path": "/crm/v8/Leads/search", "times": 1},
    )
    dev.types("/meet Review tomorrow 11am with lead: Carissa Kidman")
    sees(dev, "Looking up Carissa Kidman…")
    dev.fill("Title", "Typed meanwhile")
    dev.wait_for(lambda: "Looking up" not in dev.modal_text())
    assert "Typed meanwhile" == dev.field("Title")
    assert "Carissa Kidman" in dev.modal_text()
    create(dev)

    made = event(place)
    assert "Typed meanwhile" == made["Event_Title"]
    assert ["Carissa Kidman"] == [one["name"] for one in made["Participants"]]


def test_an_update_that_comes_late_does_not_stay(place: Workplace, dev: Person) -> None:
    """When Slack applies an older update after a newer page, the newer page is shown again."""
    before = updates(place)
    disturb(place, "views.update", delay=0.4)
    dev.types("/meet Review tomorrow 11am")
    sees(dev, "11:00-11:30")
    dev.fill("Ends at or lasts", "45 min")
    dev.submit()
    sees(dev, "11:00-11:45")
    dev.wait_for(lambda: updates(place) > before)

    assert sees(dev, "11:00-11:45")


def test_a_change_worked_at_after_create_hides_nothing(place: Workplace, dev: Person) -> None:
    """When a click overtaken by Create is worked at late, what Create said stays in sight."""
    meet(dev, "Review tomorrow 11am")
    enters(dev, "Ends at or lasts", "40 min", "11:00-11:40")
    before = hash_of(dev)
    dev.fill("Ends at or lasts", "45 min")
    dev.submit()
    sees(dev, "press Create again", "11:00-11:45")
    clicked_late(place, dev, before)

    sees(dev, "press Create again", "11:00-11:45")
    create(dev)


def test_create_waits_for_the_names(place: Workplace, dev: Person) -> None:
    """When Dev presses Create while names are looked up, he is told so; nothing is written."""
    place.control(
        "/control/faults",
        {"kind": "delay", "seconds": 0.4, "path": "/crm/v8/Leads/search", "times": 1},
    )
    dev.types("/meet Review tomorrow 11am with lead: Carissa Kidman")
    sees(dev, "Looking up Carissa Kidman…")
    told = dev.submit()

    assert {
        "errors": {
            "People": "I am still looking up Carissa Kidman. Press Create again in a moment."
        }
    } == told
    assert not sent(place)
    dev.wait_for(lambda: "Looking up" not in dev.modal_text())


def test_months_too_short_for_the_day_are_named(place: Workplace, dev: Person) -> None:
    """When a series is on the 31st, the form says that shorter months are left out."""
    meet(dev, "Close on the 31st of every month 11am until June 2026")
    form = sees(dev, "Months without a day 31 are left out.")

    assert "• Tue 31 Mar 2026" in form
    assert "Feb 2026" not in form


def test_words_about_a_meeting_that_stands_are_shown_the_way(place: Workplace, dev: Person) -> None:
    """When Dev types “cancel my 3pm”, the form says where meetings are cancelled."""
    assert "close this and type `/meet list`" in meet(dev, "cancel my 3pm")
