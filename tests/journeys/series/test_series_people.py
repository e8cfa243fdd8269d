"""People come into a meeting and go, and nobody else is dropped."""

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.form_steps import sees
from tests.journeys.series.series_steps import ONCE, asks_for, opens, shows, stands
from tests.journeys.steps import events, guests


@pytest.mark.parametrize("siblings", ["replace", "keep", "copy_unasked"])
def test_before_and_after_are_listed_and_then_true(
    place: Workplace, dev: Person, siblings: str
) -> None:
    """Simon comes in, the guest goes, Ben stays, whatever a CRM makes of the siblings' people."""
    place.control("/control/switches", {"events.update_all_people": siblings})
    stands(place, dev, "Review every Monday 10am with @ben and guest@example.com 3 times")
    opens(dev)
    asks_for(dev, "People", "Which meetings")
    dev.fill("People", None)
    dev.fill("People", ["Ben", "Simon Morasca", "late@example.com"])
    dev.fill("Which meetings", "This and all after it")
    preview = shows(dev, "3 meetings will change")
    assert "Added: Simon Morasca and late@example.com (outside the CRM)" in preview
    assert "Kept: Ben" in preview
    assert "Removed: guest@example.com (outside the CRM)" in preview
    before = guests(events(place)[0])
    dev.press("Change 3 meetings", where="modal")
    sees(dev, "“Review” is changed: 3 meetings.")
    after = [guests(one) for one in events(place)]
    assert 3 == len(after[0])
    assert [after[0]] * 3 == after
    assert ("email", "late@example.com") in after[0]
    assert 1 == len({*before} & {*after[0]})


def test_what_somebody_else_changed_meanwhile_is_merged_and_shown_again(
    place: Workplace, dev: Person
) -> None:
    """Renamed in the CRM between preview and click: shown again, with both, then done."""
    stands(place, dev, ONCE)
    opens(dev)
    asks_for(dev, "Change", "Ends at or lasts")
    dev.fill("Title", "Forecast")
    shows(dev, "1 meeting will change")
    rename(place, "Renamed")
    dev.press("Change it", where="modal")
    again = sees(dev, "Somebody changed the meeting in the CRM meanwhile.")
    assert "Title: “Renamed” → “Forecast”" in again
    assert "singly" not in again
    assert ["Renamed"] == [one["Event_Title"] for one in events(place)]
    dev.press("Change it", where="modal")
    sees(dev, "“Forecast” is changed: 1 meeting.")
    assert ["Forecast"] == [one["Event_Title"] for one in events(place)]


def rename(place: Workplace, title: str) -> None:
    """Rename the only meeting at the CRM, as Ben does it in the CRM's own pages."""
    world = place.sandbox.crm.world
    (record,) = world.records("Events").values()
    record["Event_Title"] = title
    place.sandbox.clock.advance(2)
    ben = world.user_named("ben@example.com")
    assert ben is not None
    world.touch(record, ben)


def test_too_many_people_are_refused_in_the_form(place: Workplace, dev: Person) -> None:
    """The CRM's limit is said before anything is written, with what was chosen kept."""
    stands(place, dev, ONCE)
    opens(dev)
    asks_for(dev, "People", "People")
    dev.fill("People", [f"guest{number}@example.com" for number in range(50)])
    shows(dev, "at most 50 people")
    assert 51 == len(dev.field("People"))
    assert 1 == len(guests(events(place)[0]))
