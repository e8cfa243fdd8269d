"""However often it is sent: one series, one message."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from bot.domain.connection import Owner
from bot.journeys.notices import Created
from handlers.demo import Workplace
from handlers.sandbox.person import Person
from handlers.sandbox.slack.steering import steer
from tests.journeys.fault_steps import (
    ASKED,
    BUTTON,
    LOST,
    REQUEST,
    STANDS,
    advance,
    arm,
    created,
    disturb,
    open_form,
    order,
    pass_until,
    series,
    shown,
    told,
    wait_told,
)


def deliveries(place: Workplace, kind: str) -> list[dict[str, Any]]:
    """Return what Slack delivered of one kind, oldest first."""
    found = steer(place.control_url, "traffic")["deliveries"]
    return [one for one in found if one["kind"] == kind]


def at_once(number: int, deed: Any) -> list[Any]:
    """Do the same thing in so many threads at the same moment; return the results."""
    ready = Barrier(number)

    def go() -> Any:
        ready.wait()
        return deed()

    with ThreadPoolExecutor(number) as pool:
        return [one.result() for one in [pool.submit(go) for _ in range(number)]]


def settled(place: Workplace, dev: Person) -> None:
    """Wait for the answer and let two hours pass: whatever would come twice has come."""
    wait_told(dev, STANDS)
    for _ in range(4):
        advance(place, 1800)
        dev.wait_for(lambda: open_rows(place) == 0)


def open_rows(place: Workplace) -> int:
    """Return how much work and how many messages wait."""
    db = place.house.memory.db
    inbox = db.row("SELECT count(*) AS n FROM inbox WHERE state = 'open'")
    outbox = db.row("SELECT count(*) AS n FROM outbox WHERE state IN ('pending', 'sending')")
    return int((inbox or {"n": 0})["n"]) + int((outbox or {"n": 0})["n"])


def test_a_double_click_on_create_creates_once(place: Workplace, dev: Person) -> None:
    """Eight submissions of the same view at the same moment."""
    open_form(dev)
    view = dev.modal()
    assert view is not None

    def click() -> str:
        try:
            return str(
                steer(place.control_url, "submit", user=dev.user, view=view["id"])["outcome"]
            )
        except AssertionError as late:
            # The first answer has taken the button away.
            return "too late" if "no_submit_button" in str(late) else str(late)

    outcomes = at_once(8, click)
    settled(place, dev)

    assert outcomes.count("updated") > 1
    assert set(outcomes) <= {"updated", "too late"}
    assert series(place) == [5]
    assert created(place) == 1
    assert told(dev, STANDS) == 1


def test_two_forms_of_one_request_create_once(place: Workplace, dev: Person) -> None:
    """The form opened on two devices: the second one is told that it was sent already."""
    disturb(place, "views.open", error="expired_trigger_id")
    dev.types(REQUEST)
    dev.press("Open the form")
    dev.wait_for(lambda: "5 meetings" in dev.modal_text())
    first = deliveries(place, "block_actions")[-1]["id"]
    dev.press(BUTTON)
    submission = deliveries(place, "view_submission")[-1]["id"]
    dev.close()
    dev.press("Open the form")
    settled(place, dev)
    steer(place.control_url, "replay", delivery=first)
    again = steer(place.control_url, "replay", delivery=submission)

    assert series(place) == [5]
    assert told(dev, STANDS) == 1
    assert again["status"] in {200, 401}


def test_both_forms_open_at_once_create_once(place: Workplace, dev: Person) -> None:
    """Two views of one draft, each submitted in the same moment."""
    disturb(place, "views.open", error="expired_trigger_id")
    dev.types(REQUEST)
    dev.press("Open the form")
    dev.wait_for(lambda: "5 meetings" in dev.modal_text())
    one = deliveries(place, "block_actions")
    dev.submit()
    first = deliveries(place, "view_submission")[-1]["payload"]
    settled(place, dev)

    assert one
    assert first["view"]["id"]
    assert series(place) == [5]


def test_the_same_bytes_twenty_times_create_once(place: Workplace, dev: Person) -> None:
    """A captured submission, sent again twenty times at once within its five minutes."""
    order(dev)
    captured = deliveries(place, "view_submission")[-1]["id"]
    answers = at_once(20, lambda: steer(place.control_url, "replay", delivery=captured))
    settled(place, dev)

    assert {one["status"] for one in answers} == {200}
    assert series(place) == [5]
    assert created(place) == 1
    assert told(dev, STANDS) == 1


def test_the_same_command_twenty_times_opens_one_form(place: Workplace, dev: Person) -> None:
    """A captured command, sent again: no second form, no second draft, no message."""
    open_form(dev)
    captured = deliveries(place, "command")[-1]["id"]
    answers = at_once(20, lambda: steer(place.control_url, "replay", delivery=captured))
    dev.wait_for(lambda: open_rows(place) == 0)
    opened = [
        one for one in steer(place.control_url, "traffic")["calls"] if one["method"] == "views.open"
    ]

    assert {one["status"] for one in answers} == {200}
    assert len(opened) == 1
    assert shown(dev, "Open the form") == 0


def test_the_same_click_twenty_times_shares_once(place: Workplace, dev: Person) -> None:
    """A captured click on Share, sent again: one message in the channel."""
    order(dev)
    wait_told(dev, STANDS)
    dev.press("Share in the channel", where="messages")
    dev.wait_for(lambda: shown(dev, STANDS))
    captured = deliveries(place, "block_actions")[-1]["id"]
    at_once(20, lambda: steer(place.control_url, "replay", delivery=captured))
    dev.wait_for(lambda: open_rows(place) == 0)

    assert shown(dev, STANDS) == 1


@pytest.mark.parametrize("kind", ["create it", "Check again"])
def test_an_answer_clicked_on_two_devices_sends_once(
    place: Workplace, dev: Person, kind: str
) -> None:
    """The question after a lost answer, answered eight times at once: one series at most."""
    arm(place, "cut_before", times=2)
    order(dev)
    wait_told(dev, LOST)
    pass_until(place, dev, lambda: told(dev, ASKED), step=61)
    label = "It isn't there: create it" if kind == "create it" else kind
    at_once(8, lambda: dev.press(label, where="messages"))
    if kind == "create it":
        wait_told(dev, STANDS)
    dev.wait_for(lambda: open_rows(place) == 0)

    assert series(place) == ([5] if kind == "create it" else [])
    assert created(place) == (3 if kind == "create it" else 2)


def test_both_answers_at_once_send_once(place: Workplace, dev: Person) -> None:
    """A click on "Check again" here and on "create it" there."""
    arm(place, "cut_before", times=2)
    order(dev)
    wait_told(dev, LOST)
    pass_until(place, dev, lambda: told(dev, ASKED), step=61)
    labels = iter(["Check again", "It isn't there: create it"] * 4)
    at_once(8, lambda: dev.press(next(labels), where="messages"))
    dev.wait_for(lambda: open_rows(place) == 0)

    assert len(series(place)) <= 1
    assert created(place) <= 3


def test_a_form_sent_again_after_it_stands_says_so(place: Workplace, dev: Person) -> None:
    """The button "Open the form" of a request that was created already opens nothing new."""
    disturb(place, "views.open", error="expired_trigger_id")
    dev.types(REQUEST)
    dev.press("Open the form")
    dev.wait_for(lambda: "5 meetings" in dev.modal_text())
    dev.press(BUTTON)
    wait_told(dev, STANDS)
    dev.close()
    dev.press("Open the form")
    dev.wait_for(lambda: shown(dev, "is from an earlier request"))

    assert dev.modal() is None
    assert series(place) == [5]


def test_a_clock_jump_during_the_create_creates_once(place: Workplace, dev: Person) -> None:
    """The lease runs out while the CRM works: another worker takes the row, nothing doubles."""
    arm(place, "delay", seconds=1.0)
    order(dev)
    dev.wait_for(lambda: created_or_running(place))
    advance(place, 400)
    settled(place, dev)

    assert series(place) == [5]
    assert created(place) == 1
    assert told(dev, STANDS) == 1


def created_or_running(place: Workplace) -> bool:
    """Say whether the create is on its way."""
    row = place.house.memory.db.row("SELECT state FROM operations")
    return row is not None and row["state"] != "new"


def test_a_run_after_the_last_answer_was_noted_only_confirms(place: Workplace, dev: Person) -> None:
    """When the bot dies between noting the CRM's answer and confirming, nothing is sent again."""
    order(dev)
    dev.wait_for(lambda: STANDS in dev.dm_text())
    memory = place.house.memory
    draft = str((memory.db.row("SELECT id FROM operations") or {})["id"])
    with memory.atomically() as transaction:
        transaction.execute("UPDATE operations SET state = 'sending' WHERE id = ?", [draft])

    outcome = place.house.meetings.creation.run(draft, Owner("T0PARLEY", "U0DEV"))

    kept = memory.operations.get(draft)
    assert isinstance(outcome, Created)
    assert kept is not None
    assert "confirmed" == kept.state
    assert 5 == len(place.records("Events"))


def test_nobody_answers_for_somebody_else(place: Workplace, dev: Person) -> None:
    """When Ben sends the value of Dev's button, nothing follows."""
    order(dev)
    dev.wait_for(lambda: STANDS in dev.dm_text())
    memory = place.house.memory
    draft = str((memory.db.row("SELECT id FROM operations") or {})["id"])
    with memory.atomically() as transaction:
        transaction.execute("UPDATE operations SET state = 'asked' WHERE id = ?", [draft])

    ben = Owner("T0PARLEY", "U0BEN")
    assert not place.house.meetings.creation.again(draft, ben, anyway=True)
    kept = memory.operations.get(draft)
    assert kept is not None
    assert "asked" == kept.state
