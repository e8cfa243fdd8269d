"""Steps about meetings that stand: made, opened, changed, as a person takes them."""

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.fault_steps import advance, pass_until
from tests.journeys.form_steps import meet, sees

FIVE = "Pipeline review every Monday 10-11am with guest@example.com 5 times venue: Room 1"
ONCE = "Sync tomorrow 10am for 30 min with guest@example.com"


def stands(place: Workplace, person: Person, words: str = FIVE) -> None:
    """Make a meeting, long enough ago not to be new any more, told, with no form open."""
    quiet(place, person)
    meet(person, words)
    assert "updated" == person.submit(), person.modal_text()
    # A fault of the test before may have left the CRM a time to wait for.
    pass_until(place, person, lambda: "is in your CRM" in person.modal_text(), step=15)
    person.close(whole=True)
    advance(place, 600)
    quiet(place, person)


def quiet(place: Workplace, person: Person) -> None:
    """Wait until all work is done and every message is told."""
    memory = place.house.memory

    def done() -> bool:
        # One message a second and channel.
        advance(place, 1)
        lanes = (memory.inbox.next_due(lane) for lane in ("form", "quick", "work"))
        return not any((*lanes, memory.outbox.next_due()))

    person.wait_for(done)


def opens(person: Person) -> str:
    """Press Change at the newest message of a creation; return the window, all read."""
    person.press("Change", where="messages")
    sees(person, "Times are")
    person.wait_for(lambda: "Looking up" not in person.modal_text())
    return person.modal_text()


def asks_for(person: Person, what: str, expected: str) -> str:
    """Press a button of the window; wait for its form."""
    person.press(what, where="modal")
    return sees(person, expected)


def shows(person: Person, *expected: str) -> str:
    """Submit the form; return the preview."""
    outcome = person.submit()
    assert "updated" == outcome, f"{outcome}\n{person.modal_text()}"
    return sees(person, *expected)
