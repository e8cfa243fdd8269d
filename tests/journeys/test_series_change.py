"""A meeting that stands is opened, changed and undone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.form_steps import message, opened, sees, starts, tidy
from tests.journeys.series_steps import asks_for, opens, shows, stands
from tests.journeys.steps import events


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """Run one workplace for all tests of this file."""
    with opened(Path(tmp_path_factory.mktemp("series"))) as place:
        yield place


@pytest.fixture
def place(shared: Workplace) -> Workplace:
    """Give the workplace without meetings and open forms."""
    return tidy(shared)


@pytest.fixture
def dev(place: Workplace) -> Person:
    """Dev, in Kolkata, connected."""
    return place.person("U0DEV")


def test_the_created_message_opens_the_meeting(place: Workplace, dev: Person) -> None:
    """When Dev presses Change, the window shows the meeting with its series."""
    stands(place, dev)
    window = opens(dev)

    assert "Mon 19 Jan 2026, 10:00-11:00" in window
    assert "5 meetings from Mon 19 Jan 2026 to Mon 16 Feb 2026." in window
    assert "With guest@example.com (outside the CRM)." in window
    assert "Place: Room 1" in window


def test_this_and_all_after_it_change_as_shown(place: Workplace, dev: Person) -> None:
    """When Dev changes title and time of all, before and after are shown, then true."""
    stands(place, dev)
    opens(dev)
    asks_for(dev, "Change", "Which meetings")
    dev.fill("Title", "Forecast")
    dev.fill("Starts at", "15:00")
    dev.fill("Which meetings", "This and all after it")
    preview = shows(dev, "5 meetings will change")

    assert "Title: “Pipeline review” → “Forecast”" in preview
    assert "• Mon 19 Jan 2026, 10:00-11:00 → Mon 19 Jan 2026, 15:00-16:00" in preview
    assert "Your CRM mails nobody about it." in preview
    assert {"Pipeline review"} == {str(one["Event_Title"]) for one in events(place)}
    dev.press("Change 5 meetings", where="modal")
    said = message(dev, "“Forecast” is changed: 5 meetings.")
    assert "15:00-16:00" in said
    assert {"Forecast"} == {str(one["Event_Title"]) for one in events(place)}
    assert "2026-01-19 15:00" == starts(place)[0]
    sees(dev, "“Forecast” is changed")
    dev.close(whole=True)
    dev.press("Undo", where="messages")
    message(dev, "“Pipeline review” is as before: 5 meetings.")
    assert "2026-01-19 10:00" == starts(place)[0]
