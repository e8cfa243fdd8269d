"""Meetings begun without a command: from anywhere, and from a message."""

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.form_steps import create, message, sees, sent, starts
from tests.journeys.steps import guests


def test_the_form_opens_from_anywhere(place: Workplace, dev: Person) -> None:
    """When Dev uses “Schedule a meeting”, an empty form opens, and makes a meeting."""
    dev.shortcut("schedule_meeting")
    sees(dev, "Schedule a meeting", "The dates appear here.")
    dev.fill("Title", "Review")
    dev.fill("Date", "2026-01-20")
    dev.fill("Starts at", "14:00")
    dev.submit()
    create(dev)

    assert ["2026-01-20 14:00"] == starts(place)


def test_a_message_gives_title_people_and_time(place: Workplace, dev: Person) -> None:
    """When Dev meets about Ben's message, its words are the title, and Ben is invited."""
    ben = place.person("U0BEN")
    ts = ben.says(
        "Zylker renewal: can we talk on Thursday 3pm with <@U0ADA>?\nThe rest is long.",
        "C0GENERAL",
    )
    dev.message_shortcut("meet_about", "C0GENERAL", ts)
    sees(dev, "• Thu 15 Jan 2026, 15:00")
    dev.wait_for(lambda: "Looking up" not in dev.modal_text())

    assert "Zylker renewal: can we talk on Thursday 3pm with ?" == dev.field("Title")
    dev.fill("Title", "Zylker renewal")
    create(dev)
    (made,) = sent(place)
    assert 2 == len(guests(made)), made


def test_a_message_without_a_time_asks_for_it(place: Workplace, dev: Person) -> None:
    """When the message says no time, the form holds its first line and asks for the date."""
    ts = dev.says("Please look at the *pipeline* &amp; the numbers\nThanks", "C0GENERAL")
    dev.message_shortcut("meet_about", "C0GENERAL", ts)
    form = sees(dev, "Schedule a meeting", "The dates appear here.")

    assert "I didn't understand" not in form
    assert dev.field("Title") == "Please look at the *pipeline* & the numbers"


def test_a_shortcut_without_an_account_says_how_to_connect(place: Workplace) -> None:
    """When Ben isn't connected, he is told in his messages, and his form waits."""
    ben = place.person("U0BEN")
    ben.shortcut("schedule_meeting")

    assert "Connect" in message(ben, "CRM")
