"""Changes of meetings while the CRM and Slack fail: one effect, and always told."""

from typing import Any

import pytest

from bot.domain.connection import Owner
from bot.errors import Gone
from handlers.demo import Workplace
from handlers.sandbox.person import Person
from handlers.sandbox.slack.people import TEAM
from handlers.slack.series.previews import Ref
from tests.journeys.fault_steps import arm, disturb, pass_until, reconnect, refusal, told
from tests.journeys.form_steps import sees, tell
from tests.journeys.series.series_steps import ONCE, asks_for, opens, quiet, shows, stands
from tests.journeys.steps import answer, calls, events, guests, look

ONE = "/crm/v8/Events/{id}"


def renames(place: Workplace, dev: Person, words: str, button: str) -> None:
    """Make a meeting and prepare renaming all of it to Forecast, up to the preview."""
    stands(place, dev, words)
    opens(dev)
    form = asks_for(dev, "Change", "Ends at or lasts")
    dev.fill("Title", "Forecast")
    if "Which meetings" in form:
        dev.fill("Which meetings", "This and all after it")
    assert button in shows(dev, "will change")


def titles(place: Workplace) -> list[str]:
    """Return what the CRM's meetings are called, each once."""
    return sorted({str(one["Event_Title"]) for one in events(place)})


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "cut_after"},
        {"kind": "error_after"},
        {"kind": "answer", "status": 412, "body": refusal("ALREADY_MODIFIED", "modified")},
        {"kind": "throttle"},
    ],
    ids=lambda one: str(one["kind"]),
)
def test_a_write_that_is_not_answered_is_read_back_and_done_once(
    place: Workplace, dev: Person, fault: dict[str, Any]
) -> None:
    """Whatever becomes of the first write, the change is there, told once."""
    renames(place, dev, ONCE, "Change it")
    arm(place, method="PUT", path=ONE, **fault)
    before = told(dev, "is changed")
    dev.press("Change it", where="modal")
    pass_until(place, dev, lambda: "“Forecast” is changed: 1 meeting." in dev.modal_text(), step=15)
    quiet(place, dev)
    assert ["Forecast"] == titles(place)
    assert before + 1 == told(dev, "is changed")
    assert [1] == [one["struck"] for one in look(place, "/control/faults")["faults"]]


def test_a_refusal_half_way_is_told_by_its_meeting(place: Workplace, dev: Person) -> None:
    """One of three refused: two are changed, the third is named with the CRM's reason."""
    place.control("/control/switches", {"events.update_all": "ignored"})
    renames(place, dev, "Review every Monday 10am 3 times", "Change 3 meetings")
    arm(
        place,
        "answer",
        method="PUT",
        path=f"/crm/v8/Events/{events(place)[2]['id']}",
        status=400,
        body=refusal("RECORD_LOCKED", "locked"),
        times=None,
    )
    dev.press("Change 3 meetings", where="modal")
    said = sees(dev, "“Forecast” is changed: 2 meetings.")
    assert "⚠ Not done:\n• Mon 2 Feb 2026, 10:00-10:30" in said
    assert ["Forecast", "Review"] == titles(place)


def test_a_refused_change_brings_its_form_back(place: Workplace, dev: Person) -> None:
    """When the CRM refuses, the form is there again with what was wanted; nothing changed."""
    renames(place, dev, ONCE, "Change it")
    arm(
        place,
        "answer",
        method="PUT",
        path=ONE,
        status=400,
        body=refusal("INVALID_DATA", "no", api_name="Event_Title"),
    )
    dev.press("Change it", where="modal")
    sees(dev, "⚠", "Ends at or lasts")
    assert "Forecast" == dev.field("Title")
    assert ["Sync"] == titles(place)
    shows(dev, "Title: “Sync” → “Forecast”")
    dev.press("Change it", where="modal")
    sees(dev, "is changed")
    assert ["Forecast"] == titles(place)


def test_a_token_revoked_mid_way_stops_and_goes_on(place: Workplace, dev: Person) -> None:
    """Connected again, one press on Go on does the rest, and nothing twice."""
    place.control("/control/switches", {"events.update_all": "ignored"})
    renames(place, dev, "Review every Monday 10am 3 times", "Change 3 meetings")
    second = f"/crm/v8/Events/{events(place)[1]['id']}"
    arm(place, "invalid_token", method="PUT", path=second, times=None)
    arm(place, "answer", path="/oauth/v2/token", status=200, body={"error": "invalid_code"})
    dev.press("Change 3 meetings", where="modal")
    stopped = sees(dev, "The change of “Review” stopped: 1 of 3 meetings done.")
    assert "connect the same account again" in stopped
    tell(place, "/control/faults", method="DELETE")
    quiet(place, dev)
    dev.close(whole=True)
    reconnect(dev)
    quiet(place, dev)
    before = told(dev, "“Forecast” is changed: 3 meetings.")
    dev.press("Go on", where="messages")
    dev.press("Go on", where="messages")
    dev.wait_for(lambda: titles(place) == ["Forecast"])
    quiet(place, dev)
    assert before + 1 == told(dev, "“Forecast” is changed: 3 meetings.")
    answered = told(dev, "That is answered already")
    dev.press("Go on", where="messages")
    dev.wait_for(lambda: told(dev, "That is answered already") > answered)


def test_a_closed_window_gets_its_preview_as_a_message_and_two_presses_make_one_change(
    place: Workplace, dev: Person
) -> None:
    """Closed while the CRM is slow; a double click, or two devices: one write, one message."""
    stands(place, dev, ONCE)
    opens(dev)
    asks_for(dev, "Change", "Ends at or lasts")
    dev.fill("Title", "Forecast")
    arm(place, "delay", method="GET", path=ONE, seconds=0.5)
    before = told(dev, "is changed")
    assert "updated" == dev.submit()
    dev.close(whole=True)
    dev.wait_for(lambda: dev.messages()[-1]["buttons"] == ["Change it"])
    dev.press("Change it", where="messages")
    dev.press("Change it", where="messages")
    dev.wait_for(lambda: titles(place) == ["Forecast"])
    quiet(place, dev)
    assert before + 1 == told(dev, "is changed")
    answered = told(dev, "That is answered already")
    dev.press("Change it", where="messages")
    dev.wait_for(lambda: told(dev, "That is answered already") > answered)
    path = f"/crm/v8/Events/{events(place)[0]['id']}"
    assert 1 == len([one for one in calls(place, path) if one["method"] == "PUT"])


def test_a_second_press_that_comes_late_leaves_the_answer(place: Workplace, dev: Person) -> None:
    """The double click's second half arrives when all is done: the window still says so."""
    renames(place, dev, ONCE, "Change it")
    dev.press("Change it", where="modal")
    sees(dev, "“Forecast” is changed")
    courier = place.sandbox.slack.courier
    clicks = (one.payload for one in reversed(courier.deliveries) if one.kind == "block_actions")
    first = next(
        one for one in clicks if one["actions"][0]["action_id"].startswith("series_confirm")
    )
    late = first["actions"][0] | {"action_ts": f"{place.sandbox.clock.now().timestamp()}"}
    assert courier.payload("block_actions", dev.user, first | {"actions": [late]}).ok
    quiet(place, dev)
    assert "“Forecast” is changed" in dev.modal_text()


def test_a_window_that_slack_will_not_open_is_offered(place: Workplace, dev: Person) -> None:
    """When the trigger is used up, a button opens the same meeting."""
    stands(place, dev, ONCE)
    disturb(place, "views.open", error="expired_trigger_id")
    dev.press("Change", where="messages")
    dev.press("Open the meeting", where="messages")
    sees(dev, "Thu 15 Jan 2026, 10:00-10:30")


def test_a_crm_that_is_down_is_said_in_the_window(place: Workplace, dev: Person) -> None:
    """Opening asks nobody twice: the window says that the CRM can't be asked."""
    stands(place, dev, ONCE)
    arm(place, "answer", method="GET", path=ONE, status=503, times=None)
    dev.press("Change", where="messages")
    assert "Try again in a minute" in sees(dev, "nothing more was written")


def test_a_meeting_gone_meanwhile_is_said(place: Workplace, dev: Person) -> None:
    """Deleted in the CRM: the window says so, and where to look."""
    stands(place, dev, ONCE)
    (one,) = events(place)
    tell(place, f"/control/crm/Events/{one['id']}", method="DELETE")
    dev.press("Change", where="messages")
    assert "/meet list" in sees(dev, "That meeting is no longer in your CRM.")


def test_who_is_not_connected_is_told_how(place: Workplace, dev: Person) -> None:
    """When Dev has disconnected, the window says how to connect, and nothing of the meeting."""
    stands(place, dev, ONCE)
    place.house.memory.grants.forget(in_use(place, dev))
    dev.press("Change", where="messages")
    assert "Sync" not in sees(dev, "/crm connect")
    dev.close(whole=True)
    reconnect(dev)


def in_use(place: Workplace, person: Person) -> str:
    """Return the id of a person's grant."""
    grant = place.house.memory.grants.in_use(Owner(TEAM, person.user))
    assert grant is not None
    return grant.id


def test_another_persons_button_does_nothing(place: Workplace, dev: Person) -> None:
    """An operation is its owner's alone: whoever else names it is told that it isn't there."""
    renames(place, dev, ONCE, "Change it")
    view = dev.modal()
    assert view is not None
    row = next(one for one in view["blocks"] if one["type"] == "actions")
    ref = Ref.of(str(row["elements"][0]["value"]))
    with pytest.raises(Gone):
        place.house.meetings.series.changing.run(ref.id, Owner(TEAM, "U0BEN"))
    assert ["Sync"] == titles(place)


def test_work_done_once_more_tells_nothing_twice(place: Workplace, dev: Person) -> None:
    """A run that comes again after its end, as after a kill, writes and tells nothing more."""
    renames(place, dev, ONCE, "Change it")
    row = next(one for one in (dev.modal() or {})["blocks"] if one["type"] == "actions")
    dev.press("Change it", where="modal")
    sees(dev, "is changed")
    quiet(place, dev)
    told_before = len(dev.messages())
    written = len(calls(place, f"/crm/v8/Events/{events(place)[0]['id']}"))
    place.house.memory.inbox.put(
        f"again:{row['elements'][0]['value']}",
        lane="work",
        kind="series_run",
        owner=Owner(TEAM, "U0DEV"),
        payload={"ref": row["elements"][0]["value"], "view": None},
        now=place.house.clock(),
    )
    quiet(place, dev)
    assert told_before == len(dev.messages())
    assert written == len(calls(place, f"/crm/v8/Events/{events(place)[0]['id']}"))


def test_a_mixed_answer_is_not_believed(place: Workplace, dev: Person) -> None:
    """207, one taken and one refused, and nothing was done: read back, and then done."""
    renames(place, dev, "Review every Monday 10am 3 times", "Change 3 meetings")
    mixed = [
        {"code": "SUCCESS", "details": {}, "message": "updated", "status": "success"},
        *refusal("INVALID_DATA", "no", api_name="Event_Title")["data"],
    ]
    arm(place, "answer", method="PUT", path=ONE, status=207, body={"data": mixed})
    dev.press("Change 3 meetings", where="modal")
    sees(dev, "“Forecast” is changed: 3 meetings.")
    assert ["Forecast"] == titles(place)


def test_an_address_the_crm_refuses_leaves_everybody(place: Workplace, dev: Person) -> None:
    """One address rejects the whole list: the form is back with it, and nobody is lost."""
    stands(place, dev, ONCE)
    opens(dev)
    asks_for(dev, "People", "People")
    dev.fill("People", "odd@example.com")
    shows(dev, "Added: odd@example.com (outside the CRM)", "Kept: guest@example.com")
    refused = refusal("INVALID_DATA", "invalid e-mail", api_name="Participants")
    arm(place, "answer", method="PUT", path=ONE, status=400, body=refused)
    dev.press("Change it", where="modal")
    sees(dev, "⚠", "People")
    assert 2 == len(dev.field("People"))
    assert [("email", "guest@example.com")] == guests(events(place)[0])


def test_a_series_that_cannot_be_read_leaves_its_window(place: Workplace, dev: Person) -> None:
    """When only the rest of the series can't be read, the meeting can be changed all the same."""
    stands(place, dev, "Review every Monday 10am 3 times")
    answer(dev, "/meet list")
    arm(place, "answer", path="/crm/v8/coql", status=503, times=None)
    dev.press("Open", where="messages")
    assert "Mon 19 Jan 2026, 10:00-10:30" in sees(dev, "The rest of its series can't be read.")
    asks_for(dev, "Change", "Which meetings")


def test_the_home_tab_opens_a_meeting(place: Workplace, dev: Person) -> None:
    """Its button opens the same window."""
    stands(place, dev, ONCE)
    dev.home()
    dev.wait_for(lambda: "Sync" in dev.home_text())
    dev.press("Open", where="home")
    sees(dev, "Thu 15 Jan 2026, 10:00-10:30")


def test_a_form_asked_for_early_stays(place: Workplace, dev: Person) -> None:
    """While the series is still being read Dev asks for the form: what comes late leaves it."""
    stands(place, dev, "Review every Monday 10am 3 times")
    answer(dev, "/meet list")
    arm(place, "delay", path="/crm/v8/coql", times=None, seconds=0.4)
    dev.press("Open", where="messages")
    sees(dev, "Looking up the rest of its series…")
    asks_for(dev, "Change", "Which meetings")
    quiet(place, dev)
    assert "Which meetings" in dev.modal_text()
