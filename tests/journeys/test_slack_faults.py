"""When Slack is late, busy or loses an answer: the words are kept, and told exactly once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
import yaml

from handlers.demo import Workplace
from handlers.manifest import manifest
from handlers.sandbox.person import Person
from handlers.sandbox.slack.steering import steer
from handlers.wiring.house import LANES
from handlers.worker import Worker
from tests.journeys.fault_steps import (
    BUTTON,
    NOT_CREATED,
    REQUEST,
    STANDS,
    advance,
    arm,
    disturb,
    open_form,
    order,
    pass_until,
    refusal,
    series,
    shown,
    told,
    wait_told,
)

ACK_MS = 3000
Json = dict[str, Any]


def calls(place: Workplace, method: str) -> list[Json]:
    """Return the bot's calls of one Web API method, oldest first."""
    found: list[Json] = steer(place.control_url, "traffic")["calls"]
    return [one for one in found if one["method"] == method]


def goes_on(place: Workplace, dev: Person) -> None:
    """Press "Open the form": the words are in it, and it creates."""
    dev.press("Open the form")
    dev.wait_for(lambda: "5 meetings" in dev.modal_text())
    assert dev.field("Title") == "Pipeline review"
    dev.press(BUTTON)
    wait_told(dev, STANDS)
    assert series(place) == [5]


# -- forms ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"error": "expired_trigger_id"},
        {"error": "trigger_expired"},
        {"status": 500},
        {"status": 429, "retry_after": 30},
        {"status": 503, "error": "service_unavailable"},
        {"error": "internal_error"},
        {"delay": 2.3},
    ],
    ids=lambda fault: "-".join(f"{key}={value}" for key, value in fault.items()),
)
def test_a_form_that_did_not_open_is_offered(place: Workplace, dev: Person, fault: Json) -> None:
    """Whatever keeps the form from opening: one button, and the words are kept."""
    disturb(place, "views.open", **fault)
    dev.types(REQUEST)
    dev.wait_for(lambda: shown(dev, "Your request is kept"))

    assert shown(dev, "Your request is kept") == 1
    if dev.modal() is not None:
        dev.close()
    goes_on(place, dev)


def test_a_command_that_waited_too_long_is_not_tried(place: Workplace, dev: Person) -> None:
    """A row older than 2.5 seconds is answered with the button; Slack isn't asked in vain."""
    house = place.house
    house.worker.stop()
    dev.types(REQUEST)
    advance(place, 2.6)
    late = Worker(
        inbox=house.memory.inbox,
        lanes=LANES,
        handlers=house.desk.handlers(),
        give_up=house.desk.give_up,
        bells=house.bells,
        clock=house.clock,
    )
    late.start()
    try:
        dev.wait_for(lambda: shown(dev, "Your request is kept"))
        assert calls(place, "views.open") == []
        goes_on(place, dev)
    finally:
        late.stop()


def test_a_button_that_waited_too_long_is_offered_again(place: Workplace, dev: Person) -> None:
    """The button "Open the form" has a trigger of its own, which can be late as well."""
    disturb(place, "views.open", error="expired_trigger_id", times=2)
    dev.types(REQUEST)
    dev.wait_for(lambda: shown(dev, "Your request is kept"))
    dev.press("Open the form")
    dev.wait_for(lambda: shown(dev, "Your request is kept") == 2)

    goes_on(place, dev)


def test_a_stale_view_is_no_fault(place: Workplace, dev: Person) -> None:
    """hash_conflict on an update: the newest dates are shown all the same, and created."""
    filled(place, dev)
    disturb(place, "views.update", error="hash_conflict")
    dev.fill("Repeats", "every other Sunday until Mar 1")
    dev.enter("Repeats")
    dev.wait_for(lambda: "4 meetings" in dev.modal_text())
    assert "hash_conflict" in {one["error"] for one in calls(place, "views.update")}
    dev.press("Create 4 meetings")
    wait_told(dev, STANDS)

    assert series(place) == [4]


def filled(place: Workplace, dev: Person) -> None:
    """Open the form and wait until nothing is looked up any more."""
    open_form(dev)
    dev.wait_for(lambda: all_done(place))


def test_an_update_that_failed_is_made_up_for(place: Workplace, dev: Person) -> None:
    """views.update failing once doesn't leave the old dates standing."""
    filled(place, dev)
    disturb(place, "views.update", status=500)
    dev.fill("Repeats", "every other Sunday until Mar 1")
    dev.enter("Repeats")
    dev.wait_for(lambda: calls(place, "views.update"))
    pass_until(place, dev, lambda: "4 meetings" in dev.modal_text(), step=3)
    dev.press("Create 4 meetings")
    wait_told(dev, STANDS)

    assert series(place) == [4]


def test_a_form_closed_meanwhile_is_no_fault(place: Workplace, dev: Person) -> None:
    """The look-up's answer finds the form closed: nothing is told, nothing is made."""
    arm(place, "delay", "/crm/v8/coql", times=None, seconds=0.3)
    before = len(dev.messages("*"))
    dev.types(f"{REQUEST} with Ben")
    dev.wait_for(lambda: dev.modal() is not None)
    dev.close()
    dev.wait_for(lambda: all_done(place))

    assert len(dev.messages("*")) == before
    assert series(place) == []


def all_done(place: Workplace) -> bool:
    """Say whether no work waits."""
    row = place.house.memory.db.row("SELECT count(*) AS n FROM inbox WHERE state = 'open'")
    return row is not None and row["n"] == 0


def test_an_unknown_profile_is_told_and_the_command_works_again(place: Workplace) -> None:
    """users.info failing: said in words; the next try works."""
    ben = place.person("U0BEN")
    disturb(place, "users.info", status=500)
    ben.types("/meet Standup tomorrow 9am")
    ben.wait_for(lambda: shown(ben, "Slack is busy just now"))
    ben.types("/meet Standup tomorrow 9am")
    ben.wait_for(lambda: shown(ben, "Connect Zoho CRM"))

    assert shown(ben, "Slack is busy just now") == 1


@pytest.mark.parametrize("status", [404, 500])
def test_a_dead_answer_address_falls_back_to_a_message(
    place: Workplace, dev: Person, status: int
) -> None:
    """response_url used up or broken: the button comes as a direct message."""
    disturb(place, "response_url", status=status, error="used_url", times=9)
    disturb(place, "views.open", error="expired_trigger_id")
    dev.types(REQUEST)
    dev.wait_for(lambda: told(dev, "Your request is kept"))

    assert told(dev, "Your request is kept") == 1
    goes_on(place, dev)


def test_an_answer_to_crm_status_falls_back_to_a_message(place: Workplace, dev: Person) -> None:
    """A dead response_url swallows no answer to `/crm` either."""
    disturb(place, "response_url", status=404, error="used_url")
    dev.types("/crm status")
    wait_told(dev, "in use")

    assert told(dev, "in use") == 1


def test_a_lost_answer_to_an_answer_is_no_fault(place: Workplace, dev: Person) -> None:
    """response_url cut after Slack took it: no incident, and the offered form still works."""
    disturb(place, "response_url", cut_after=True)
    disturb(place, "views.open", error="expired_trigger_id")
    dev.types(REQUEST)
    dev.wait_for(lambda: shown(dev, "Your request is kept"))
    pass_until(place, dev, lambda: all_done(place), step=6)

    assert shown(dev, "incident") == 0
    goes_on(place, dev)


def test_a_form_that_cannot_be_reached_gets_a_message(place: Workplace, dev: Person) -> None:
    """The refusal can't be shown in the form: it comes as a message that opens it again."""
    arm(place, "answer", status=400, body=refusal("ODD", "not on a Sunday"))
    filled(place, dev)
    disturb(place, "views.update", status=500)
    dev.press(BUTTON)
    wait_told(dev, NOT_CREATED)
    dev.close()
    dev.press("Open the form again")
    dev.wait_for(lambda: "not on a Sunday" in dev.modal_text())
    dev.press(BUTTON)
    wait_told(dev, STANDS)

    assert series(place) == [5]


# -- messages -------------------------------------------------------------------------------


def test_a_busy_slack_is_waited_for(place: Workplace, dev: Person) -> None:
    """429 with Retry-After: not tried before, and posted once after."""
    disturb(place, "chat.postMessage", status=429, retry_after=40)
    order(dev)
    dev.wait_for(lambda: calls(place, "chat.postMessage")[-1]["error"] == "ratelimited")
    tried = len(calls(place, "chat.postMessage"))
    advance(place, 35)
    time.sleep(0.6)
    assert len(calls(place, "chat.postMessage")) == tried
    advance(place, 6)
    wait_told(dev, STANDS)

    assert told(dev, STANDS) == 1


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"cut_after": True}, {"error": "fatal_error"}, {"status": 503}],
    ids=lambda fault: str(next(iter(fault.items()))),
)
def test_a_notice_with_a_lost_answer_arrives_once(
    place: Workplace, dev: Person, fault: Json
) -> None:
    """Looked for by its key after the quiet time: there it is adopted, else posted."""
    disturb(place, "chat.postMessage", **fault)
    order(dev)
    dev.wait_for(lambda: sending(place))
    tried = len(calls(place, "chat.postMessage"))
    advance(place, 85)
    time.sleep(0.6)
    assert len(calls(place, "conversations.history")) == 0
    assert len(calls(place, "chat.postMessage")) == tried
    pass_until(place, dev, lambda: told(dev, STANDS) and not sending(place), step=10)
    advance(place, 7200)
    time.sleep(0.4)

    assert told(dev, STANDS) == 1
    assert len(calls(place, "conversations.history")) == 1


def sending(place: Workplace) -> bool:
    """Say whether a message's answer was lost, and the quiet time noted."""
    rows = place.house.memory.db.rows(
        "SELECT due, attempt_at FROM outbox WHERE state = 'sending' AND tries > 0"
    )
    return any(
        datetime.fromisoformat(row["due"]) - datetime.fromisoformat(row["attempt_at"])
        >= timedelta(seconds=80)
        for row in rows
    )


@pytest.mark.parametrize("arrived", [True, False])
def test_without_the_right_to_look_a_notice_is_told_at_most_once(
    place: Workplace, dev: Person, arrived: bool
) -> None:
    """No im:history: never twice; the form and the CRM have the truth."""
    app = yaml.safe_load(manifest(place.house.settings.public_url, ""))
    app["oauth_config"]["scopes"]["bot"].remove("im:history")
    url = f"{place.house.settings.public_url}/slack/events"
    place.control("/control/slack/install", {"request_url": url, "manifest": app})
    disturb(place, "chat.postMessage", **({"cut_after": True} if arrived else {"status": 500}))
    order(dev)
    dev.wait_for(lambda: sending(place))
    pass_until(place, dev, lambda: not sending(place), step=31)
    advance(place, 7200)
    time.sleep(0.4)

    assert told(dev, STANDS) == (1 if arrived else 0)
    assert STANDS in dev.modal_text()


@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long"])
def test_a_message_slack_refuses_comes_as_plain_text(
    place: Workplace, dev: Person, error: str
) -> None:
    """Blocks that Slack doesn't take: the same words without them."""
    disturb(place, "chat.postMessage", error=error)
    order(dev)
    wait_told(dev, STANDS)

    assert told(dev, STANDS) == 1
    assert dev.messages()[-1]["buttons"] == []


def test_notices_of_two_people_do_not_hold_each_other_up(place: Workplace, dev: Person) -> None:
    """One person's lost answer delays nobody else."""
    disturb(place, "chat.postMessage", cut_after=True)
    order(dev)
    dev.wait_for(lambda: sending(place))
    ben = place.person("U0BEN")
    ben.types("/crm status")
    ben.wait_for(lambda: shown(ben, "No CRM account is linked"))

    assert shown(ben, "No CRM account is linked") == 1


# -- acknowledgements -----------------------------------------------------------------------


def test_a_stalled_crm_stalls_no_acknowledgement(place: Workplace, dev: Person) -> None:
    """Everything at the CRM hangs: commands, submissions and type-aheads answer in time."""
    open_form(dev)
    place.control(
        "/control/faults",
        {"kind": "delay", "method": "*", "path": "*", "times": None, "seconds": 6},
    )
    began = time.monotonic()
    with ThreadPoolExecutor(24) as pool:
        typing = [pool.submit(dev.options, "People", f"be{'n' * n}") for n in range(12)]
        asking = [pool.submit(dev.types, "/crm status") for _ in range(6)]
        meeting = [
            pool.submit(place.person(user).types, "/meet Lunch tomorrow 1pm")
            for user in ("U0BEN", "U0ADA")
        ]
        sent = pool.submit(dev.submit)
        assert [one.result() for one in typing]
        assert sent.result() == "updated"
        assert all("failed" not in one.result() for one in (*asking, *meeting))
    took = time.monotonic() - began
    made = [
        one
        for one in steer(place.control_url, "traffic")["deliveries"]
        if one["kind"] in {"command", "block_suggestion", "view_submission"}
    ]
    place.sandbox.crm.faults.clear()

    assert {one["verdict"] for one in made} == {"ok"}
    assert max(one["latency_ms"] for one in made) < ACK_MS
    assert took < 6
    dev.wait_for(lambda: series(place) == [5], 15)


def test_type_ahead_offers_what_is_known_while_the_crm_stalls(
    place: Workplace, dev: Person
) -> None:
    """People met before are offered from memory, in time."""
    open_form(dev)
    assert any("Ben" in one for one in dev.options("People", "ben"))
    place.control(
        "/control/faults",
        {"kind": "delay", "method": "*", "path": "*", "times": None, "seconds": 2.5},
    )
    advance(place, 120)
    began = time.monotonic()
    offered = dev.options("People", "be")
    took = time.monotonic() - began
    place.sandbox.crm.faults.clear()

    assert any("Ben" in one for one in offered)
    assert took < 2.5
