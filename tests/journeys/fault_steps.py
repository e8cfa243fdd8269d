"""Steps of the conversations about faults: arm one, move the clock, count what came of it."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from handlers.sandbox.slack.steering import steer
from tests.journeys.steps import agrees, link_of

REQUEST = "/meet Pipeline review every other Sunday 10-11am until Mar 15"
BUTTON = "Create 5 meetings"
STANDS = "is in your CRM"
LOST = "answer to “Pipeline review” was lost"
ASKED = "I couldn't find out whether your CRM made “Pipeline review”"
NOT_CREATED = "was not created"
LEASE = 200.0
"""Seconds after which a killed worker's row and message are anybody's."""


def arm(place: Workplace, kind: str, path: str = "/crm/v8/Events", **more: Any) -> None:
    """Arm a fault at the CRM, by default at the next create."""
    place.control("/control/faults", {"kind": kind, "method": "POST", "path": path, **more})


def disturb(place: Workplace, method: str, **more: Any) -> None:
    """Arm a fault at a method of Slack's Web API, or at `response_url`."""
    steer(place.control_url, "faults", method=method, **more)


def refusal(code: str, message: str = "no", **details: Any) -> dict[str, Any]:
    """Return Zoho's body for one refused record."""
    return {"data": [{"code": code, "details": details, "message": message, "status": "error"}]}


def advance(place: Workplace, seconds: float) -> None:
    """Move the clock of the sandbox and of the bot on it."""
    place.sandbox.clock.advance(seconds)


def series(place: Workplace) -> list[int]:
    """Return the number of meetings of each series in the CRM."""
    return sorted(Counter(str(one["$u_id"]) for one in place.records("Events")).values())


def created(place: Workplace) -> int:
    """Return how many creates reached the CRM, answered or not."""
    calls = place.sandbox.crm.traffic.listing(method="POST", path="/crm/v8/Events")
    return len(calls)


def told(person: Person, words: str) -> int:
    """Return how many direct messages say these words."""
    return sum(words in message["text"] for message in person.messages())


def shown(person: Person, words: str, channel: str = "C0GENERAL") -> int:
    """Return how many messages in a channel show these words to the person."""
    return sum(words in message["text"] for message in person.messages(channel))


def open_form(person: Person, request: str = REQUEST, expect: str = "5 meetings") -> None:
    """Type a request and wait until its form shows the dates."""
    person.types(request)
    person.wait_for(lambda: expect in person.modal_text())


def settled(place: Workplace, person: Person) -> None:
    """Open the form, and wait until it has asked the CRM all it asks."""
    asked = place.sandbox.crm.traffic
    before = len(asked.listing(method="POST", path="/crm/v8/coql"))
    open_form(person)
    person.wait_for(lambda: len(asked.listing(method="POST", path="/crm/v8/coql")) > before)
    person.wait_for(lambda: place.house.memory.inbox.next_due("work") is None)


def order(person: Person) -> None:
    """Ask for the five meetings and press Create."""
    open_form(person)
    person.press(BUTTON)


def reconnect(person: Person, account: str = "dev@example.com") -> None:
    """Connect again after the grant was lost; true when the person was told of it."""
    before = told(person, "Connected: ")
    agrees(link_of(person), account)
    person.wait_for(lambda: told(person, "Connected: ") > before)


def looks(place: Workplace) -> int:
    """Return how often the CRM was asked for the series; what a form asks of a host aside."""
    asked = place.sandbox.crm.traffic.listing(method="POST", path="/crm/v8/coql")
    return sum("Owner" not in str(one["body"]) for one in asked)


def pass_until(
    place: Workplace, person: Person, true: Callable[[], object], *, step: float = 31
) -> float:
    """Let time pass, `step` seconds at a time, until it is true; return how much passed."""
    passed = 0.0
    while passed < 20 * step:
        advance(place, step)
        passed += step
        with suppress(AssertionError):
            person.wait_for(true, 0.5)
            return passed
    person.wait_for(true, 0.1)
    return passed


def wait_told(person: Person, words: str) -> None:
    """Wait until a direct message says these words."""
    person.wait_for(lambda: told(person, words))
