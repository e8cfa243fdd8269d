"""When the CRM refuses, fails or loses its answer: told, kept, and never made twice."""

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.fault_steps import (
    ASKED,
    BUTTON,
    LOST,
    NOT_CREATED,
    STANDS,
    advance,
    arm,
    created,
    looks,
    open_form,
    order,
    pass_until,
    reconnect,
    refusal,
    series,
    settled,
    told,
    wait_told,
)

# -- definite refusals ----------------------------------------------------------------------


def test_a_refused_field_comes_back_filled_with_its_reason(place: Workplace, dev: Person) -> None:
    """The form returns with the words in it and the reason above the field; then it goes on."""
    body = refusal("INVALID_DATA", api_name="Event_Title", maximum_length=10)
    arm(place, "answer", status=400, body=body)
    order(dev)
    dev.wait_for(lambda: "10 characters" in dev.modal_text())
    lines = dev.modal_text().splitlines()
    reason = next(n for n, line in enumerate(lines) if "10 characters" in line)

    assert lines[reason + 1].startswith("Title")
    assert dev.field("Title") == "Pipeline review"
    assert dev.field("Repeats") == "every 2 weeks on Sunday until 15 March 2026"
    assert told(dev, NOT_CREATED) == 0
    dev.fill("Title", "Pipeline")
    creates_what_is_shown(dev)
    assert told(dev, "“Pipeline” is in your CRM") == 1
    assert series(place) == [5]


def test_a_field_behind_more_options_is_shown_with_its_reason(
    place: Workplace, dev: Person
) -> None:
    """A reason for a field that was hidden opens the hidden part."""
    arm(place, "answer", status=400, body=refusal("INVALID_DATA", api_name="Venue"))
    order(dev)
    dev.wait_for(lambda: "⚠" in dev.modal_text())
    lines = dev.modal_text().splitlines()
    reason = next(n for n, line in enumerate(lines) if "⚠" in line)

    assert lines[reason + 1].startswith("Place")


def test_a_field_the_layout_demands_since_is_asked_for(place: Workplace, dev: Person) -> None:
    """A field that became mandatory while the form was open is named and can be filled in."""
    settled(place, dev)
    field = {"api_name": "Cost", "data_type": "text", "required": True, "label": "Cost centre"}
    place.control("/control/layout", {"module": "Events", "fields": [field]})
    dev.press(BUTTON)
    dev.wait_for(lambda: "Cost centre" in dev.modal_text())
    lines = dev.modal_text().splitlines()
    reason = next(n for n, line in enumerate(lines) if "⚠" in line)
    assert lines[reason + 1].startswith("Cost centre")
    assert series(place) == []

    dev.fill("Cost centre", "K-12")
    creates_what_is_shown(dev)
    assert series(place) == [5]
    assert {one["Cost"] for one in place.records("Events")} == {"K-12"}


def creates_what_is_shown(dev: Person) -> None:
    """Press Create; once more where the form first shows what was typed since."""
    dev.submit()
    if "You changed the form" in dev.modal_text():
        dev.submit()
    wait_told(dev, STANDS)


def test_an_unknown_refusal_is_told_in_the_crms_words(place: Workplace, dev: Person) -> None:
    """A code nobody knows is told with its text, and the form goes on."""
    arm(place, "answer", status=400, body=refusal("BRAND_NEW_CODE", "the moon is full"))
    order(dev)
    dev.wait_for(lambda: "the moon is full" in dev.modal_text())

    assert "BRAND_NEW_CODE" in dev.modal_text()
    dev.press(BUTTON)
    wait_told(dev, STANDS)
    assert series(place) == [5]


def test_what_the_crm_says_cannot_ping_a_channel(place: Workplace, dev: Person) -> None:
    """The CRM's text is shown as text: no mention, no link."""
    body = refusal("ODD", "<!channel> <https://evil.example|click>")
    arm(place, "answer", status=400, seconds=0.4, body=body)
    order(dev)
    dev.press("Close")
    wait_told(dev, NOT_CREATED)

    assert "<!channel>" not in str(dev.messages()[-1]["raw"])
    assert "<https://evil" not in str(dev.messages()[-1]["raw"])


def test_a_missing_right_is_told_and_nothing_is_made(place: Workplace, dev: Person) -> None:
    """403: the person hears whom to ask."""
    body = {
        "code": "NO_PERMISSION",
        "details": {"permissions": ["Crm_Implied_Create_Meetings"]},
        "message": "permission denied",
        "status": "error",
    }
    arm(place, "answer", status=403, body=body)
    order(dev)
    dev.wait_for(lambda: "administrator" in dev.modal_text())

    assert series(place) == []
    assert created(place) == 1


@pytest.mark.parametrize("headers", [{"Retry-After": "7"}, {}])
def test_a_busy_crm_is_told_and_create_works_again(
    place: Workplace, dev: Person, headers: dict[str, str]
) -> None:
    """429, with and without a wait named: nothing was written, and the next click creates."""
    arm(place, "throttle", headers=headers)
    order(dev)
    dev.wait_for(lambda: "nothing was written" in dev.modal_text())
    dev.press(BUTTON)
    wait_told(dev, STANDS)

    assert series(place) == [5]


# -- tokens ---------------------------------------------------------------------------------


def test_a_token_refused_once_is_renewed_and_the_write_repeated(
    place: Workplace, dev: Person
) -> None:
    """401 INVALID_TOKEN: nothing was done, so one renewal and the same create again."""
    arm(place, "invalid_token")
    order(dev)
    wait_told(dev, STANDS)

    assert series(place) == [5]
    assert created(place) == 2


def test_a_token_refused_for_ever_is_told(place: Workplace, dev: Person) -> None:
    """A fresh token that isn't taken either ends in words, not in a loop."""
    arm(place, "invalid_token", times=None)
    order(dev)
    dev.wait_for(lambda: "⚠" in dev.modal_text() or told(dev, "“Pipeline review”") > 0)

    assert created(place) == 2
    assert series(place) == []


def test_an_expired_token_is_no_news(place: Workplace, dev: Person) -> None:
    """A form left open for two hours creates like any other."""
    open_form(dev)
    advance(place, 7200)
    dev.press(BUTTON)
    wait_told(dev, STANDS)

    assert series(place) == [5]


def test_a_revoked_grant_is_told_once_and_the_draft_goes_on(place: Workplace, dev: Person) -> None:
    """Revoked at Zoho: told how to connect; after that the same draft is created."""
    settled(place, dev)
    place.control("/control/tokens/revoke", {"user": "dev@example.com"})
    dev.press(BUTTON)
    wait_told(dev, "no longer accepts the link")
    dev.wait_for(lambda: "⚠" in dev.modal_text())
    assert "connect" in dev.modal_text()
    assert dev.field("Title") == "Pipeline review"

    dev.close()
    reconnect(dev)
    dev.press("Open the form again")
    dev.wait_for(lambda: "5 meetings" in dev.modal_text())
    dev.press(BUTTON)
    wait_told(dev, STANDS)
    assert told(dev, "no longer accepts the link") == 1
    assert series(place) == [5]


def test_a_revoked_grant_keeps_a_closed_draft(place: Workplace, dev: Person) -> None:
    """With the form closed, the message opens it again, and it goes on after connecting."""
    settled(place, dev)
    place.control("/control/tokens/revoke", {"user": "dev@example.com"})
    arm(place, "delay", seconds=0.5, path="/oauth/v2/token")
    dev.press(BUTTON)
    dev.press("Close")
    wait_told(dev, NOT_CREATED)
    reconnect(dev)
    dev.press("Open the form again")
    dev.wait_for(lambda: "5 meetings" in dev.modal_text())
    dev.press(BUTTON)
    wait_told(dev, STANDS)

    assert series(place) == [5]


def test_a_grant_revoked_after_the_create_hides_nothing(place: Workplace, dev: Person) -> None:
    """The series stands, but can't be read back: it must not be called "not created"."""
    open_form(dev)
    arm(place, "invalid_token", "/crm/v8/Events", method="GET", times=None)
    dev.press(BUTTON)
    dev.wait_for(lambda: told(dev, "Pipeline review") > 0)

    assert told(dev, NOT_CREATED) == 0
    assert series(place) == [5]


# -- lost answers ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cut_after", "error_after"])
def test_a_series_whose_answer_was_lost_is_found(place: Workplace, dev: Person, kind: str) -> None:
    """Made, but the answer never came: looked up after the quiet time, told once."""
    arm(place, kind)
    order(dev)
    wait_told(dev, LOST)
    assert told(dev, STANDS) == 0
    advance(place, 61)
    wait_told(dev, STANDS)

    assert created(place) == 1
    assert series(place) == [5]
    assert (told(dev, LOST), told(dev, STANDS)) == (1, 1)


@pytest.mark.parametrize("kind", ["cut_before", "answer"])
def test_a_create_that_never_arrived_is_sent_once_more(
    place: Workplace, dev: Person, kind: str
) -> None:
    """Not there after the quiet time and a second look: sent once more, one series."""
    arm(place, kind)
    order(dev)
    wait_told(dev, LOST)
    assert pass_until(place, dev, lambda: looks(place) == 1, step=28) > 56
    assert created(place) == 1
    assert pass_until(place, dev, lambda: told(dev, STANDS), step=14) > 15

    assert created(place) == 2
    assert series(place) == [5]
    assert (told(dev, LOST), told(dev, STANDS)) == (1, 1)


def test_a_late_create_is_found_by_the_second_look(place: Workplace, dev: Person) -> None:
    """A CRM that executes late: not there at the first look, there at the second."""
    settled(place, dev)
    arm(place, "cut_after")
    arm(place, "answer", path="/crm/v8/coql", status=204, body="")
    dev.press(BUTTON)
    wait_told(dev, LOST)
    pass_until(place, dev, lambda: looks(place) == 1)
    pass_until(place, dev, lambda: told(dev, STANDS))

    assert created(place) == 1
    assert series(place) == [5]


def asked(place: Workplace, dev: Person) -> None:
    """Lose the create and its one repetition, so that the person is asked."""
    arm(place, "cut_before", times=2)
    order(dev)
    wait_told(dev, LOST)
    pass_until(place, dev, lambda: told(dev, ASKED), step=61)


def test_after_one_repetition_the_person_is_asked(place: Workplace, dev: Person) -> None:
    """Lost twice: nothing more is sent until the person says so, and then once."""
    asked(place, dev)
    advance(place, 3600)
    assert (created(place), told(dev, ASKED), told(dev, LOST)) == (2, 1, 1)
    dev.press("It isn't there: create it", where="messages")
    wait_told(dev, STANDS)

    assert series(place) == [5]
    assert created(place) == 3


def test_a_resend_that_is_refused_makes_nobody_sure(place: Workplace, dev: Person) -> None:
    """The first may yet stand: the form isn't opened again, the person is asked."""
    arm(place, "cut_before")
    arm(place, "answer", status=400, body=refusal("INVALID_DATA", api_name="Event_Title"), times=1)
    order(dev)
    wait_told(dev, LOST)
    pass_until(place, dev, lambda: told(dev, ASKED), step=61)

    assert (created(place), told(dev, NOT_CREATED)) == (2, 0)
    assert BUTTON not in dev.modal_text()


def test_check_again_finds_what_came_late(place: Workplace, dev: Person) -> None:
    """A click on "Check again" looks and finds; nothing is sent."""
    settled(place, dev)
    arm(place, "cut_after")
    arm(place, "answer", path="/crm/v8/coql", status=204, body="", times=4)
    arm(place, "cut_before")
    dev.press(BUTTON)
    wait_told(dev, LOST)
    pass_until(place, dev, lambda: told(dev, ASKED), step=61)
    dev.press("Check again", where="messages")
    wait_told(dev, STANDS)

    assert created(place) == 2
    assert series(place) == [5]


def test_check_again_may_find_nothing_again(place: Workplace, dev: Person) -> None:
    """A click on "Check again" that finds nothing asks again, and sends nothing."""
    asked(place, dev)
    dev.press("Check again", where="messages")
    dev.wait_for(lambda: told(dev, ASKED) == 2)

    assert created(place) == 2
    assert series(place) == []


def test_a_crm_down_for_an_hour_ends_in_words(place: Workplace, dev: Person) -> None:
    """The look-ups fail too: no loop without an end, no silence, nothing sent again blindly."""
    arm(place, "cut_after")
    arm(place, "answer", path="/crm/v8/coql", status=503, body="", times=None)
    order(dev)
    wait_told(dev, LOST)
    pass_until(place, dev, lambda: told(dev, ASKED) or told(dev, "incident"), step=300)

    assert created(place) == 1


# -- the form is closed ---------------------------------------------------------------------


def test_a_form_closed_while_the_crm_works_misses_nothing(place: Workplace, dev: Person) -> None:
    """Closed while the CRM works: the answer comes as a message."""
    arm(place, "delay", seconds=0.4)
    order(dev)
    dev.press("Close")
    wait_told(dev, STANDS)

    assert series(place) == [5]


def test_open_the_form_again_goes_on_from_a_refusal(place: Workplace, dev: Person) -> None:
    """The message names the reason; its button opens the same form, which then creates."""
    arm(place, "answer", status=400, seconds=0.4, body=refusal("ODD", "not on a Sunday"))
    order(dev)
    dev.press("Close")
    wait_told(dev, NOT_CREATED)
    assert told(dev, "not on a Sunday") == 1
    dev.press("Open the form again")
    dev.wait_for(lambda: "not on a Sunday" in dev.modal_text())
    assert dev.field("Title") == "Pipeline review"
    dev.press(BUTTON)
    wait_told(dev, STANDS)

    assert series(place) == [5]
