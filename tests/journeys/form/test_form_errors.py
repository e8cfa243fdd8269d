"""What is wrong in the form or the words is said where it can be put right; nothing is written."""

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.form_steps import create, enters, meet, rules, sees, sent, starts

# -- every error at its field -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [
        ("Starts at", None, "Pick the time it starts, or tick “All day”."),
        (
            "Ends at or lasts",
            "soonish",
            "I can't read that length. Write it like “45 min”, “1h30” or “until 11:30”.",
        ),
        (
            "Ends at or lasts",
            "0 min",
            "I can't read that length. Write it like “45 min”, “1h30” or “until 11:30”.",
        ),
        (
            "Repeats",
            "whenever",
            (
                "I don't understand “whenever”. "
                "Write it like “every 2 weeks on Tuesday until 30 June”."
            ),
        ),
        (
            "Repeats",
            "every Thursday until 1 January 2026",
            (
                "There is no such date, or it ends before it begins. "
                "Say it differently, such as “every Monday until 30 June”."
            ),
        ),
        ("Title", " ", "A meeting needs a title. Write one here."),
        (
            "Date",
            "9999-12-31",
            "That is beyond the calendar. Write a nearer date, or a shorter length.",
        ),
        (
            "Date",
            "0001-01-01",
            "That is beyond the calendar. Write a nearer date, or a shorter length.",
        ),
        (
            "Ends at or lasts",
            "99999999 hours",
            "I can't read that length. Write it like “45 min”, “1h30” or “until 11:30”.",
        ),
    ],
)
def test_an_error_stands_at_its_field(
    place: Workplace, dev: Person, label: str, value: str | None, told: str
) -> None:
    """When one field is wrong, Create says so there, and nothing is written."""
    meet(dev, "Review tomorrow 11am")
    dev.fill(label, value)

    assert {"errors": {label: told}} == dev.submit()
    assert not sent(place)


@pytest.mark.parametrize(
    ("label", "value", "told"),
    [
        (
            "Reminders",
            "somewhen",
            "I can't read that reminder. Write it like “15 min before” or “1 day before at 9:00”.",
        ),
        (
            "Reminders",
            "90 minutes before",
            (
                "The CRM can't remind 90 minutes before. "
                "The nearest are “1 hour” or “2 hours”: write one of them."
            ),
        ),
        (
            "Reminders",
            "61 days before",
            (
                "The CRM can't remind 61 days before. "
                "The nearest are “8 weeks” or “9 weeks”: write one of them."
            ),
        ),
    ],
)
def test_an_error_behind_more_options_stands_at_its_field(
    place: Workplace, dev: Person, label: str, value: str, told: str
) -> None:
    """When a field of the second half is wrong, Create says so there, and nothing is written."""
    meet(dev, "Review tomorrow 11am")
    dev.press("More options")
    sees(dev, label)
    dev.fill(label, value)

    assert {"errors": {label: told}} == dev.submit()
    assert not sent(place)


def test_an_error_in_a_hidden_field_is_not_hidden(place: Workplace, dev: Person) -> None:
    """When the wrong field is folded away again, Create still says what is wrong."""
    meet(dev, "Review tomorrow 11am")
    dev.press("More options")
    sees(dev, "Reminders")
    dev.fill("Reminders", "somewhen")
    dev.press("Fewer options")
    dev.wait_for(lambda: "Description" not in dev.modal_text())
    told = dev.submit()

    assert "I can't read that reminder." in str(told)
    assert not sent(place)


def test_all_errors_are_said_at_once(place: Workplace, dev: Person) -> None:
    """When several fields are wrong, each has its error after one click."""
    meet(dev, "Review tomorrow 11am")
    dev.fill("Title", " ")
    dev.fill("Starts at", None)
    dev.fill("Repeats", "whenever")

    assert {"Title", "Starts at", "Repeats"} == set(dev.submit()["errors"])
    assert not sent(place)


def test_an_unsayable_rule_names_the_nearest(place: Workplace, dev: Person) -> None:
    """When the CRM has no words for a rule, the error says why and what comes near."""
    meet(dev, "Review tomorrow 11am")
    dev.fill("Repeats", "last day of each month")

    assert {
        "errors": {
            "Repeats": "A series can't be on the last day of each month. Say it differently, such "
            "as “every month on the 28th” or “every month on the last Friday”."
        }
    } == dev.submit()
    assert not sent(place)


def test_an_address_that_is_none_is_asked_about(place: Workplace, dev: Person) -> None:
    """When an address isn't one, it isn't sent: one bad address refuses the whole meeting."""
    form = meet(dev, "Review tomorrow 11am with jane@example..com")
    assert "Who or what is “jane@example..com”?" in form
    assert "Choose who jane@example..com is" in str(dev.submit())
    assert not sent(place)


def test_a_title_too_long_in_the_words_is_said_at_its_field(place: Workplace, dev: Person) -> None:
    """When the words' title is longer than the CRM takes, all of it comes back with the error."""
    meet(dev, f"{'x' * 256} tomorrow 11am")
    assert 256 == len(dev.field("Title"))

    told = "That is longer than the CRM's 255 characters. Shorten it."
    assert {"errors": {"Title": told}} == dev.submit()
    assert not sent(place)


@pytest.mark.parametrize("label", ["Title", "Place"])
def test_a_text_longer_than_the_crm_takes_cannot_be_sent(
    place: Workplace, dev: Person, label: str
) -> None:
    """When a text is too long, the form doesn't take it; nothing is written."""
    meet(dev, "Review tomorrow 11am")
    dev.press("More options")
    sees(dev, "Place")
    dev.fill(label, "x" * 256)
    told = dev.submit()

    assert [label] == list(told["errors"])
    assert not sent(place)


# -- what was not understood --------------------------------------------------------------------


def test_bare_meet_opens_an_empty_form(place: Workplace, dev: Person) -> None:
    """When Dev types only /meet, the form is empty, and what is filled in becomes the meeting."""
    form = meet(dev)
    assert "The dates appear here." in form
    assert (None, None) == (dev.field("Title"), dev.field("Date"))
    dev.fill("Title", "Review")
    dev.fill("Date", "2026-01-20")
    dev.fill("Starts at", "14:00")
    dev.fill("Ends at or lasts", "until 15:30")
    dev.submit()
    sees(dev, "• Tue 20 Jan 2026, 14:00-15:30")
    create(dev)

    assert ["2026-01-20 14:00"] == starts(place)


def test_doubts_stand_at_the_top(place: Workplace, dev: Person) -> None:
    """When a time can be meant in two ways, the form's first line says which was taken."""
    form = meet(dev, "Review tomorrow at 5")

    assert "I took the time as 17:00. Pick another here if that is wrong." == form.splitlines()[1]


def test_words_not_understood_stand_at_the_top(place: Workplace, dev: Person) -> None:
    """When a part of the words isn't understood, it is named, so that nothing is lost silently."""
    form = meet(dev, "Review tomorrow 11am remind me on a blue moon")

    assert "Review" in str(dev.field("Title")), form
    assert "blue moon" in form


@pytest.mark.parametrize(
    ("words", "why", "nearest"),
    [
        (
            "every 5 minutes",
            "Meetings repeat by days, weeks, months or years, not by hours or minutes.",
            "every day",
        ),
        (
            "last day of each month",
            "A series can't be on the last day of each month.",
            "every month on the 28th",
        ),
        (
            "every weekday except Jan 20 at 11am",
            "A series can't leave out single dates: book all of them, then cancel that one.",
            "every weekday at 11:00",
        ),
    ],
)
def test_words_the_crm_cannot_do_say_why_and_what_comes_near(
    place: Workplace, dev: Person, words: str, why: str, nearest: str
) -> None:
    """When the CRM can't repeat like that, the form says why and names the nearest rules."""
    form = meet(dev, f"Review {words}")

    assert f"⚠ {why} Say how it repeats in “Repeats”." in form
    assert "The CRM can do one of these." in form
    assert nearest in form
    assert not sent(place)


def test_the_nearest_rule_can_be_typed_as_it_stands(place: Workplace, dev: Person) -> None:
    """When Dev copies the nearest rule into “Repeats”, it is understood; the time is kept."""
    form = meet(dev, "Close last day of each month at 11am")
    assert "every month on the 28th" in form
    assert "11:00" == dev.field("Starts at")
    dev.fill("Date", "2026-01-28")
    form = enters(dev, "Repeats", "every month on the 28th", "13 meetings")
    assert "A series can't" not in form
    enters(dev, "Repeats", "every month on the 28th, 3 times", "the last on Sat 28 Mar 2026")
    create(dev)

    assert ["FREQ=MONTHLY;INTERVAL=1;COUNT=3;BYMONTHDAY=28"] == rules(place)


def test_an_unsayable_reminder_of_the_words_stands_in_its_field(
    place: Workplace, dev: Person
) -> None:
    """When the words ask for 90 minutes, the form holds them and names the nearest."""
    meet(dev, "Review tomorrow 11am remind me 90 minutes before")

    assert "90 minutes before" == dev.field("Reminders")
    assert "I didn't understand" not in dev.modal_text()
    assert "The nearest are “1 hour” or “2 hours”" in str(dev.submit())
    assert not sent(place)
