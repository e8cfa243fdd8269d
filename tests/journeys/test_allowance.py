"""How many people one person may invite within a day, and what the form says beyond it."""

from bot.domain.connection import Owner
from handlers.demo import BEGINS, Workplace
from handlers.sandbox.person import Person
from tests.journeys.steps import asks, creates, events, later

DEV = Owner("T0PARLEY", "U0DEV")
FULL = (
    "You may invite 200 people within 24 hours; 1 more fit now, and all of these from 10:31 on 15"
)


def invited(place: Workplace, number: int, *, operation: str = "earlier") -> None:
    """Note that Dev has invited people just now."""
    place.house.memory.invitations.count(operation, DEV, number, place.house.clock())


def test_beyond_the_allowance_the_field_says_when_it_is_free(place: Workplace, dev: Person) -> None:
    """When Dev has 199 behind him and invites two, the form names the time; then it works."""
    later(place, minutes=10)
    invited(place, 199)
    asks(dev, "Review tomorrow 10am with @ben and @chloe")
    said = dev.submit()

    assert isinstance(said, dict)
    assert FULL in str(said["errors"])
    assert "January. Take some out, or press Create then." in str(said["errors"])
    assert [] == events(place)
    later(place, minutes=24 * 60 + 1)
    assert "updated" == dev.submit()
    dev.wait_for(lambda: "is in your CRM" in dev.dm_text() or "Create" in dev.modal_text())


def test_what_fits_is_counted_once(place: Workplace, dev: Person) -> None:
    """When Dev invites one with 199 behind him, it goes through, and counts."""
    invited(place, 199)
    asks(dev, "Review tomorrow 10am with @ben")
    creates(dev)

    made = place.house.memory.invitations.since(DEV, BEGINS, but="")
    assert [199, 1] == [count for _, count in made]


def test_nobody_invited_nothing_counted(place: Workplace, dev: Person) -> None:
    """When a meeting has no people, the allowance isn't asked."""
    invited(place, 200)
    asks(dev, "Review tomorrow 10am")

    assert "is in your CRM" in creates(dev)
