"""The main job: words, real dates, Create, and the series stands in the CRM."""

from handlers.demo import Workplace
from handlers.sandbox.person import Person


def test_the_shown_dates_are_the_created_ones(place: Workplace, dev: Person) -> None:
    """When Dev creates a series, the CRM has exactly the dates the form showed."""
    dev.types("/meet Pipeline review every other Sunday 10-11am until Mar 15")
    dev.wait_for(lambda: "5 meetings" in dev.modal_text())
    dev.press("Create 5 meetings")
    dev.wait_for(lambda: "is in your CRM" in dev.dm_text())

    starts = sorted(str(one["Start_DateTime"]) for one in place.records("Events"))
    assert [
        "2026-01-18T04:30:00+00:00",
        "2026-02-01T04:30:00+00:00",
        "2026-02-15T04:30:00+00:00",
        "2026-03-01T04:30:00+00:00",
        "2026-03-15T04:30:00+00:00",
    ] == starts
