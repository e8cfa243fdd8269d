"""Several connections of one person: seen, chosen between, taken back one by one."""

from dataclasses import replace

import pytest

from bot.crm.accounts import SCOPES
from bot.domain.connection import DataCenter, Grant, GrantState, Owner, Secret
from bot.errors import NotConnected
from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.steps import agrees, answer, asks, calls, creates, later, link_of

REVOKE = "/oauth/v2/token/revoke"
DEV = Owner("T0PARLEY", "U0DEV")


def elsewhere(place: Workplace, *, tokens: str = "1000.elsewhere.token") -> Grant:
    """Give Dev a second connection, at another organisation; it is the last connected."""
    grants = place.house.memory.grants
    first = grants.in_use(DEV)
    assert first is not None
    return grants.keep(
        DEV,
        DataCenter.US,
        replace(first.account, org_id="77", org_name="Second Trading", email="dev@second.example"),
        replace(first.tokens, refresh=Secret(tokens)),
        state=GrantState.ACTIVE,
        now=place.house.clock(),
    )


def spoil(place: Workplace, grant: Grant) -> None:
    """Change what is kept of a grant's tokens, as a lost key would."""
    with place.house.memory.atomically() as transaction:
        transaction.execute("UPDATE grants SET tokens = 'v1.gone.gone' WHERE id = ?", [grant.id])


def test_every_organisation_is_listed_and_can_be_used(place: Workplace, dev: Person) -> None:
    """When Dev is connected twice, /crm status shows both, and Use goes back to the first."""
    elsewhere(place)
    text = answer(dev, "/crm status")

    assert text.index("dev@second.example") < text.index("*dev@example.com*")
    assert ["Disconnect", "Use", "Disconnect"] == dev.messages("C0GENERAL")[-1]["buttons"]
    dev.press("Use")
    dev.wait_for(lambda: "acts in the CRM as dev@example.com" in _last(dev))
    text = answer(dev, "/crm status")
    assert text.index("*dev@example.com*") < text.index("dev@second.example")
    assert 1 == text.count(", in use")


def test_a_form_goes_by_the_connection_it_began_with(place: Workplace, dev: Person) -> None:
    """When Dev connects another organisation while a form is open, its meeting isn't made there."""
    memory = place.house.memory
    first = memory.grants.in_use(DEV)
    assert first is not None
    asks(dev, "Review tomorrow 10am")
    second = elsewhere(place)
    creates(dev)
    dev.close()
    asks(dev, "Retro tomorrow 11am")
    creates(dev)

    made = memory.db.rows("SELECT grant_id FROM operations ORDER BY created_at")
    assert [first.id, second.id] == [row["grant_id"] for row in made]


def test_what_cant_be_taken_back_is_named(place: Workplace, dev: Person) -> None:
    """When Zoho answers for one of two alone, Dev reads which is gone and which is still linked."""
    elsewhere(place)
    fault = {"method": "*", "path": REVOKE, "kind": "answer", "status": 503, "body": "", "skip": 1}
    place.control("/control/faults", fault | {"times": None})
    answer(dev, "/crm disconnect")
    dev.press("Disconnect")
    dev.wait_for(lambda: "Disconnected: " in _last(dev))

    assert "Type `/crm disconnect` again in a minute." in _last(dev)
    told = {one for one in ("dev@example.com", "dev@second.example") if one in _last(dev)}
    assert 2 == len(told)
    assert 1 == answer(dev, "/crm status").count("linked since")


def test_one_of_several_is_taken_back_alone(place: Workplace, dev: Person) -> None:
    """When Dev presses Disconnect under one of two, the other stays."""
    elsewhere(place)
    answer(dev, "/crm status")
    dev.press("Disconnect")
    dev.wait_for(lambda: "Disconnected: " in _last(dev))

    assert 1 == len(calls(place, REVOKE))
    text = answer(dev, "/crm status")
    assert 1 == text.count("linked since")
    assert _last(dev, 1).count("@") == 1


def test_anothers_connection_cant_be_used(place: Workplace, dev: Person) -> None:
    """When a button names a connection that isn't Dev's, nothing changes."""
    found = place.house.memory.grants.in_use(DEV)
    assert found is not None
    ben = Owner("T0PARLEY", "U0BEN")

    with pytest.raises(NotConnected, match="none"):
        place.house.connect.use(ben, found.id, place.house.clock())
    with pytest.raises(NotConnected, match="none"):
        place.house.connect.disconnect(ben, place.house.clock(), found.id)
    assert [] == calls(place, REVOKE)


def test_a_connection_that_cant_be_read_can_be_forgotten(place: Workplace, dev: Person) -> None:
    """When the key of one is lost, status and Forget work, and the other stays."""
    spoil(place, elsewhere(place))
    text = answer(dev, "/crm status")

    assert "in Second Trading can't be read any more" in text
    dev.press("Forget")
    dev.wait_for(lambda: "Disconnected: dev@second.example" in _last(dev))
    assert "Second Trading" not in answer(dev, "/crm status")
    assert [] == calls(place, REVOKE)


def test_disconnect_takes_unreadable_ones_too(place: Workplace, dev: Person) -> None:
    """When Dev types /crm disconnect, one that can't be read keeps no other from going."""
    spoil(place, elsewhere(place))
    answer(dev, "/crm disconnect")
    dev.press("Disconnect")
    dev.wait_for(lambda: "Disconnected: " in _last(dev))

    assert "No CRM account is linked to you" in answer(dev, "/crm status")
    assert 1 == len(calls(place, REVOKE))


def test_connecting_mends_what_cant_be_read(place: Workplace, dev: Person) -> None:
    """When all that Dev has is unreadable, connecting again is offered, and works."""
    found = place.house.memory.grants.in_use(DEV)
    assert found is not None
    spoil(place, found)
    agrees(link_of(dev), "dev@example.com")
    dev.wait_for(lambda: dev.dm_text().count("Connected:") == 2)

    assert "can't be read" not in answer(dev, "/crm status")
    assert "Review" in asks(dev, "Review tomorrow 10am")


def test_a_missing_scope_is_explained_with_a_way_to_it(place: Workplace, dev: Person) -> None:
    """When Zoho granted less than a request needs, Dev reads what, once, and can grant it."""
    found = place.house.memory.grants.in_use(DEV)
    assert found is not None
    for _ in range(2):
        with pytest.raises(NotConnected, match="scope") as refusal:
            place.house.access.call(
                found.id, lambda _: None, now=place.house.clock, needs=("ZohoCRM.bulk.DELETE",)
            )
    assert ("ZohoCRM.bulk.DELETE",) == refusal.value.values["scopes"]
    dev.wait_for(lambda: "lacks a permission" in dev.dm_text())
    assert "needs: ZohoCRM.bulk.DELETE." in dev.dm_text()
    assert 1 == dev.dm_text().count("lacks a permission")
    dev.press("Connect Zoho CRM")
    dev.wait_for(lambda: "You are connected as dev@example.com" in dev.messages()[-1]["text"])
    agrees(str(dev.press("Connect Zoho CRM")), "dev@example.com")
    dev.wait_for(lambda: dev.dm_text().count("Connected:") == 2)
    assert place.house.access.call(found.id, lambda _: True, now=place.house.clock, needs=SCOPES)


def test_a_scope_that_zoho_alone_misses_is_explained_too(place: Workplace, dev: Person) -> None:
    """When Zoho answers OAUTH_SCOPE_MISMATCH, Dev reads that a permission is missing."""
    less = [scope for scope in SCOPES if "users" not in scope]
    place.control("/control/crm/users/dev@example.com", {"scopes": less})
    later(place, minutes=61)
    dev.types("/meet Review tomorrow 10am with @ben")

    dev.wait_for(lambda: "lacks a permission" in dev.dm_text())
    assert "needs: ZohoCRM.users.READ." in dev.dm_text()


def _last(person: Person, back: int = 1) -> str:
    return str(person.messages("*")[-back]["text"])


def test_held_back_sign_ins_are_told_with_the_time(place: Workplace, dev: Person) -> None:
    """When Zoho would give no token for a while, Dev reads how long, and then goes on as he was."""
    later(place, minutes=11)
    grant = place.house.memory.grants.in_use(DEV)
    assert grant is not None
    lost: dict[str, object] = {"all": True, "access_only": True}
    for _ in range(10):
        place.control("/control/tokens/revoke", lost)
        place.house.access.call(
            grant.id, place.house.connect._accounts.whoami, now=place.house.clock
        )
        later(place, seconds=30)
    place.control("/control/tokens/revoke", lost)
    asks(dev, "Review tomorrow 10am")
    dev.submit()
    held = "Your CRM gave out too many sign-ins in ten minutes. Try again in 5 min."
    dev.wait_for(lambda: held in dev.modal_text())
    assert [] == place.records("Events")
    assert held == answer(dev, "/export Leads where Last_Name = Boyle")
    assert "linked since" in answer(dev, "/crm status")

    later(place, minutes=5)
    assert "Review" in creates(dev)
    assert 1 == len(place.records("Events"))
