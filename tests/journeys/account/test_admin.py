"""Administrators: who is connected is seen by them alone, and a leaver is cut off by one press."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.connection import DataCenter, GrantState, Owner, Secret
from handlers.demo import Workplace
from handlers.policy import Policy
from handlers.sandbox.person import Person
from tests.journeys.steps import agrees, answer, calls, link_of, messages_sent

REVOKE = "/oauth/v2/token/revoke"
DEV = Owner("T0PARLEY", "U0DEV")
NOT_ADMIN = "Only administrators may see who is connected."


@pytest.fixture
def ada(place: Workplace) -> Person:
    """Ada, an administrator of the Slack workspace."""
    return place.person("U0ADA")


def last(person: Person) -> str:
    """Return what the person read last, wherever."""
    return str(person.messages("*")[-1]["text"])


def acts(place: Workplace) -> list[tuple[str, str, str]]:
    """Return the audit's lines, oldest first: act, whose, by whom."""
    lines = place.house.memory.audit.lines(limit=99)
    return [(line.act, line.owner.user, line.actor) for line in reversed(lines)]


def crowd(place: Workplace, number: int) -> None:
    """Connect colleagues who needn't be there."""
    grants = place.house.memory.grants
    one = grants.in_use(DEV)
    assert one is not None
    for count in range(number):
        grants.keep(
            Owner(DEV.team, f"U0X{count:02}"),
            DataCenter.US,
            replace(one.account, email=f"x{count:02}@example.com"),
            replace(one.tokens, refresh=Secret(f"1000.made.up{count}")),
            state=GrantState.ACTIVE,
            now=place.house.clock(),
        )


def test_an_administrator_sees_who_is_connected(place: Workplace, dev: Person, ada: Person) -> None:
    """When Ada types /crm admin, she reads account, place, times and permissions, for her alone."""
    text = answer(ada, "/crm admin")

    assert "1 connected, page 1 of 1." in text
    assert "dev@example.com* (Dev Raman) in Parley Trading, Zoho's data centre US" in text
    assert "linked since 14 January 2026, last used 14 January 2026." in text
    assert "Allowed: ZohoCRM.modules.events.ALL" in text
    assert ada.messages("C0GENERAL")[-1]["ephemeral"]
    assert ("admin_looked", "U0ADA", "U0ADA") in acts(place)


def test_nobody_else_sees_it(place: Workplace, dev: Person) -> None:
    """When Dev types /crm admin, he reads that he isn't one, and nothing else."""
    text = answer(dev, "/crm admin")

    assert text.startswith(NOT_ADMIN)
    assert "dev@example.com" not in text
    assert "admin_looked" not in [act for act, *_ in acts(place)]


def test_cutting_off_asks_and_acts_at_once(place: Workplace, dev: Person, ada: Person) -> None:
    """When Ada cuts Dev off, his connection is revoked, he is told, and it is in the audit."""
    answer(ada, "/crm admin")
    found = next(
        element
        for block in ada.messages("C0GENERAL")[-1]["raw"]["blocks"]
        for element in block.get("elements", [])
        if element.get("action_id") == "admin_cut_off"
    )
    assert "goes back to Zoho" in found["confirm"]["text"]["text"]
    ada.press("Cut off")
    ada.wait_for(lambda: "is cut off: dev@example.com" in last(ada))
    dev.wait_for(lambda: "An administrator of Parley has taken back the link" in dev.dm_text())

    assert 1 == len(calls(place, REVOKE))
    assert None is place.house.memory.grants.in_use(DEV)
    assert ("cut_off", "U0DEV", "U0ADA") in acts(place)
    assert "Nobody is connected." in answer(ada, "/crm admin")


def test_cutting_off_twice_tells_once(place: Workplace, dev: Person, ada: Person) -> None:
    """When Ada presses an old Cut off again, she reads that there is nothing left."""
    answer(ada, "/crm admin")
    ada.press("Cut off")
    ada.wait_for(lambda: "is cut off" in last(ada))
    ada.press("Cut off")
    ada.wait_for(lambda: "has no connection any more" in last(ada))
    dev.wait_for(lambda: "has taken back the link" in dev.dm_text())

    assert 1 == dev.dm_text().count("has taken back the link")


def test_a_forged_press_cuts_nobody_off(place: Workplace, dev: Person, ada: Person) -> None:
    """When Cut off comes from who is no administrator, or names nobody's, all connections stay."""
    agrees(link_of(ada), "ada@example.com")
    ada.wait_for(lambda: "Connected" in ada.dm_text())
    forged(place, dev, "U0ADA")
    dev.wait_for(lambda: last(dev).startswith(NOT_ADMIN))
    for value in ("U0BEN", "", "T0PARLEY/U0DEV", "U0DEV' OR '1'='1"):
        answer(ada, "/crm status")
        forged(place, ada, value)
        ada.wait_for(lambda: "has no connection any more" in last(ada))

    assert [] == calls(place, REVOKE)
    assert ["ada@example.com", "dev@example.com"] == [
        one.account.email for one in place.house.memory.listing.of_team("T0PARLEY", limit=9)
    ]


def forged(place: Workplace, person: Person, value: str) -> None:
    """Send a signed press of Cut off with this value, made from a press the person has done."""
    courier = place.sandbox.slack.courier
    known = [one for one in courier.deliveries if one.kind == "block_actions"]
    old = next(one.payload for one in reversed(known) if one.user == person.user)
    stamp = f"{place.sandbox.clock.now().timestamp()}{len(known)}"
    changed = {"action_id": "admin_cut_off", "value": value, "action_ts": stamp}
    bent = {"trigger_id": f"1.{stamp}", "actions": [old["actions"][0] | changed]}
    assert courier.payload("block_actions", person.user, old | bent).ok


def now_is(place: Workplace, user: str, **changes: bool) -> None:
    """Change somebody at Slack without a word to the app."""
    people = place.sandbox.slack.workspace.people
    people[user] = replace(people[user], **changes)  # type: ignore[arg-type]  # fields of a member


def test_who_is_no_administrator_any_more_cuts_nobody_off(
    place: Workplace, dev: Person, ada: Person
) -> None:
    """When Ada lost her rights a minute ago, her Cut off does nothing, and she reads why."""
    answer(ada, "/crm admin")
    now_is(place, "U0ADA", admin=False)
    ada.press("Cut off")
    ada.wait_for(lambda: last(ada).startswith(NOT_ADMIN))

    assert [] == calls(place, REVOKE)
    assert answer(ada, "/crm admin").startswith(NOT_ADMIN)


def test_a_new_administrator_may_at_once(place: Workplace, dev: Person) -> None:
    """When Dev becomes an administrator, he needn't wait an hour."""
    assert answer(dev, "/crm admin").startswith(NOT_ADMIN)
    now_is(place, "U0DEV", admin=True)

    assert "1 connected, page 1 of 1." in answer(dev, "/crm admin")


def test_a_deactivated_administrator_cuts_nobody_off(
    place: Workplace, dev: Person, ada: Person
) -> None:
    """When a press of Ada's is done after she was deactivated, all connections stay."""
    crowd(place, 5)
    answer(ada, "/crm admin")
    ada.press("Next page")
    ada.wait_for(lambda: "page 2 of 2" in last(ada))
    now_is(place, "U0ADA", deleted=True)
    forged(place, ada, "U0DEV")
    ada.wait_for(lambda: "This Slack account is deactivated." in last(ada))

    assert [] == calls(place, REVOKE)


def test_while_slack_cant_be_asked_nobody_is_cut_off(
    place: Workplace, dev: Person, ada: Person
) -> None:
    """When Slack doesn't say who Ada is, she reads that nothing was done, and what to type."""
    answer(ada, "/crm admin")
    fault = {"method": "users.info", "error": "fatal_error", "times": 2}
    place.control("/control/slack/faults", fault)
    ada.press("Cut off")
    ada.wait_for(lambda: "nobody was cut off" in last(ada))
    assert "Type `/crm admin` again in a minute." in last(ada)
    assert "nobody was cut off" in answer(ada, "/crm admin")

    assert [] == calls(place, REVOKE)
    assert "1 connected" in answer(ada, "/crm admin")


def test_nobody_else_is_asked_for_anew(place: Workplace, dev: Person) -> None:
    """When Dev types other commands, Slack isn't asked again who he is."""

    def asked() -> int:
        return [one["method"] for one in messages_sent(place)].count("users.info")

    answer(dev, "/crm status")
    before = asked()
    answer(dev, "/crm connect")
    answer(dev, "/crm status")

    assert before == asked()


def test_pages_are_turned(place: Workplace, dev: Person, ada: Person) -> None:
    """When there are many, Ada turns the pages, and everybody is on one of them."""
    crowd(place, 11)
    seen = answer(ada, "/crm admin")
    assert "12 connected, page 1 of 3." in seen
    for page in (2, 3):
        ada.press("Next page")
        ada.wait_for(lambda page=page: f"page {page} of 3" in last(ada))  # type: ignore[misc]  # a default binds it
        seen += last(ada)
    ada.press("Previous page")
    ada.wait_for(lambda: "page 2 of 3" in last(ada))

    assert 12 == seen.count("linked since")
    assert all(f"x{count:02}@example.com" in seen for count in range(11))


def test_a_named_person_is_an_administrator(place: Workplace, dev: Person, tmp_path: Path) -> None:
    """When the settings name Ben, he may look though Slack made him no administrator."""
    house = place.house
    named = type(house.administration)(
        house.departures._kept,
        house.leaving,
        house.voice,
        Policy(admins=frozenset({"U0BEN"})).admins,
    )
    assert 1 == named.look(Owner("T0PARLEY", "U0BEN"), 1, house.clock()).total


def test_another_team_sees_nothing(place: Workplace, dev: Person) -> None:
    """When an administrator of another team looks, the team's people aren't shown."""
    house = place.house
    named = type(house.administration)(
        house.departures._kept, house.leaving, house.voice, frozenset({"U0EVE"})
    )
    assert 0 == named.look(Owner("T0OTHER", "U0EVE"), 1, house.clock()).total


def test_no_token_is_shown(place: Workplace, dev: Person, ada: Person) -> None:
    """When administrators look and cut off, Slack gets no token."""
    found = place.house.memory.grants.in_use(DEV)
    assert found is not None
    answer(ada, "/crm admin")
    agrees(link_of(dev), "dev@example.com")
    sent = str(messages_sent(place)) + str(ada.messages("*"))

    assert found.tokens.access.reveal() not in sent
    assert found.tokens.refresh.reveal() not in sent
