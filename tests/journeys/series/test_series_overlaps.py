"""The form that makes a meeting says what a person has at its dates already."""

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.fault_steps import arm
from tests.journeys.form_steps import create, enters, meet, sees
from tests.journeys.series.series_steps import ONCE, asks_for, opens, quiet, shows, stands
from tests.journeys.steps import calls, fills

HAS = "You already have “Sync” on Thu 15 Jan 2026, 10:00-10:30."


def test_an_overlap_is_named_and_goes_with_the_date(place: Workplace, dev: Person) -> None:
    """It stands in the preview of its own dates alone: moved away it is gone, back it is there."""
    stands(place, dev, ONCE)
    meet(dev, "Review tomorrow 10:15am")
    sees(dev, HAS)
    fills(dev, "Starts at", "12:00")
    assert HAS not in sees(dev, "12:00-12:30")
    fills(dev, "Starts at", "10:15")
    sees(dev, HAS)
    create(dev)


def test_what_only_touches_does_not_overlap(place: Workplace, dev: Person) -> None:
    """A meeting that begins when the other ends is none of it."""
    stands(place, dev, ONCE)
    meet(dev, "Review tomorrow 10:30am")
    quiet(place, dev)
    assert "You already have" not in dev.modal_text()


def test_a_series_names_four_and_that_there_are_more(place: Workplace, dev: Person) -> None:
    """Of five overlaps four are named."""
    stands(place, dev)
    meet(dev, "Review every Monday 10:30am 5 times")
    assert 4 == sees(dev, "… and more of your meetings overlap.").count("You already have")


def test_a_crm_that_is_down_holds_no_form_up(place: Workplace, dev: Person) -> None:
    """Without an answer the note is left out; the form works, and asks once for its dates."""
    arm(place, "answer", path="/crm/v8/coql", status=503, times=None)
    meet(dev, "Review tomorrow 10am")
    quiet(place, dev)
    asked = len(calls(place, "/crm/v8/coql"))
    enters(dev, "Ends at or lasts", "1h", "10:00-11:00")
    enters(dev, "Ends at or lasts", "30 min", "10:00-10:30")
    quiet(place, dev)
    assert asked < len(calls(place, "/crm/v8/coql")) <= 2 * asked
    create(dev)


def test_a_move_names_what_is_there_already(place: Workplace, dev: Person) -> None:
    """Moved onto another meeting, the preview says which; onto its own old time, nothing."""
    stands(place, dev, ONCE)
    stands(place, dev, "Review tomorrow 3pm")
    opens(dev)
    asks_for(dev, "Change", "Ends at or lasts")
    dev.fill("Or move it in words", "10:15am")
    assert f"⚠ {HAS}" in shows(dev, "1 meeting will change")
    dev.close(whole=True)
    opens(dev)
    asks_for(dev, "Change", "Ends at or lasts")
    dev.fill("Ends at or lasts", "1 hour")
    assert "You already have" not in shows(dev, "1 meeting will change")


def test_a_new_rule_names_what_is_there_already(place: Workplace, dev: Person) -> None:
    """Its own old meetings don't count; they go."""
    stands(place, dev, ONCE)
    stands(place, dev, "Review every day 10am 3 times")
    opens(dev)
    asks_for(dev, "How it repeats", "The old meetings")
    dev.fill("How it repeats", "every day 2 times")
    preview = shows(dev, "2 meetings.")
    assert f"⚠ {HAS}" in preview
    assert "You already have “Review”" not in preview


def test_a_preview_comes_without_its_overlaps_when_they_cannot_be_read(
    place: Workplace, dev: Person
) -> None:
    """The CRM doesn't answer that question: the rest is shown all the same."""
    stands(place, dev, ONCE)
    opens(dev)
    asks_for(dev, "Change", "Ends at or lasts")
    dev.fill("Or move it in words", "4pm")
    arm(place, "answer", path="/crm/v8/coql", status=503, times=None)
    shows(dev, "1 meeting will change")
