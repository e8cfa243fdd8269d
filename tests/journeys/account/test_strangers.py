"""People of another organisation, met in a shared channel: told so, whatever they press."""

import pytest

from bot.domain.connection import Owner
from handlers.demo import Workplace
from handlers.sandbox.browser import Browser
from handlers.sandbox.person import Person
from tests.journeys.steps import answer

FAY = "X0FAY"
THEIRS = "Parley belongs to the other organisation in this shared channel."


@pytest.fixture
def fay(place: Workplace) -> Person:
    """Fay, of another organisation, who has typed a command before."""
    person = place.person(FAY)
    assert THEIRS in answer(person, "/crm status", "C0SALES")
    return person


def pressed(place: Workplace, person: Person, action_id: str, value: str | None = None) -> None:
    """Send a signed press of a button by this person, as Slack sends one from a shared channel."""
    slack = place.sandbox.slack
    member = slack.workspace.people[person.user]
    stamp = str(place.sandbox.clock.now().timestamp())
    action = {"type": "button", "action_id": action_id, "block_id": "b", "action_ts": stamp}
    body = {
        "type": "block_actions",
        "user": {"id": member.id, "name": member.name, "team_id": member.team},
        "team": {"id": "T0PARLEY", "domain": "parley-sandbox"},
        "api_app_id": "A0PARLEY",
        "trigger_id": f"1.{stamp}",
        "container": {"type": "message", "channel_id": "C0SALES", "message_ts": "1.1"},
        "channel": {"id": "C0SALES", "name": "sales"},
        "actions": [action | ({} if value is None else {"value": value})],
    }
    assert slack.courier.payload("block_actions", person.user, body).ok


@pytest.mark.parametrize("button", ["crm_connect", "crm_code_open", "admin_next", "admin_cut_off"])
def test_a_press_of_theirs_brings_no_link(place: Workplace, fay: Person, button: str) -> None:
    """When Fay presses a button of Parley's in a shared channel, she gets nothing but the word."""
    pressed(place, fay, button, "U0DEV")
    fay.wait_for(lambda: len(fay.messages("*")) > 1)

    assert None is place.house.memory.db.row("SELECT 1 FROM links")
    assert [True, True] == [THEIRS in one["text"] for one in fay.messages("*")]


def test_a_link_in_their_name_leads_nowhere(place: Workplace) -> None:
    """When a link was made for Fay all the same, or for Dev's namesake in another workspace."""
    house = place.house
    for owner in (Owner("T0PARTNER", FAY), Owner("T0PARLEY", FAY), Owner("T0OTHER", "U0DEV")):
        page = Browser().open(house.connect.link(owner, now=house.clock()))
        assert 403 == page.status
        assert "This Slack account belongs to another organisation." in page.text
