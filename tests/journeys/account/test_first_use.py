"""First use: what a newcomer types, sees and presses, until the CRM is linked and unlinked."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.demo import Workplace, workplace
from handlers.sandbox.person import Person
from tests.journeys.steps import agrees, answer, asks, calls, code_on, creates, link_of, the_form

WORDS = (
    "/meet Pipeline review every other Sunday 10-11am with @ben and lead: Carissa Kidman "
    "until Mar 15"
)
REVOKE = "/oauth/v2/token/revoke"


@pytest.fixture
def newcomer(place: Workplace) -> Person:
    """Dev on his first day: nothing connected."""
    return place.person("U0DEV")


@pytest.fixture
def renamed(tmp_path: Path) -> Iterator[Workplace]:
    """A workplace whose commands begin with ``acme-``."""
    with workplace(tmp_path, prefix="acme-") as found:
        yield found


def connected(person: Person) -> bool:
    """Whether the bot has told the person that they are connected."""
    return "Connected" in person.dm_text()


def test_words_before_connecting_get_a_button(newcomer: Person) -> None:
    """When Dev types /meet unconnected, he reads that it is kept, and sees one button."""
    text = answer(newcomer, WORDS)

    assert text.startswith("Your meeting is kept.")
    assert ["Connect Zoho CRM"] == newcomer.messages("C0GENERAL")[-1]["buttons"]
    assert newcomer.modal() is None


def test_only_dev_sees_his_link(place: Workplace, newcomer: Person) -> None:
    """When Dev types /meet in a channel, nobody else there sees the link."""
    answer(newcomer, WORDS)

    assert newcomer.messages("C0GENERAL")[-1]["ephemeral"]
    assert [] == place.person("U0BEN").messages("C0GENERAL")


def test_the_form_goes_on_with_everything_said(place: Workplace, newcomer: Person) -> None:
    """When Dev connects and presses "Open the form", all his words are in it."""
    agrees(link_of(newcomer, WORDS), "dev@example.com")
    newcomer.wait_for(lambda: "Your meeting is still here" in newcomer.dm_text())
    newcomer.press("Open the form")
    the_form(newcomer)

    assert newcomer.field("Title") == "Pipeline review"
    assert newcomer.field("Date") == "2026-01-18"
    assert newcomer.field("Starts at") == "10:00"
    assert newcomer.field("Ends at or lasts") == "1h"
    assert newcomer.field("Repeats") == "every 2 weeks on Sunday until 15 March 2026"
    assert newcomer.field("People") == [
        "Ben Okoro (CRM user, ben@example.com)",
        "Carissa Kidman (lead, carissa.kidman@example.com)",
    ]
    assert [] == place.records("Events")


def test_the_kept_meeting_can_be_created(place: Workplace, newcomer: Person) -> None:
    """When Dev goes on with the kept request and presses Create, the series stands."""
    agrees(link_of(newcomer, WORDS), "dev@example.com")
    newcomer.wait_for(lambda: connected(newcomer))
    newcomer.press("Open the form")
    the_form(newcomer)

    assert "5 meetings" in creates(newcomer)
    assert 5 == len(place.records("Events"))


def test_a_done_form_says_so(newcomer: Person) -> None:
    """When Dev presses "Open the form" again after creating, he is told it is done."""
    agrees(link_of(newcomer, WORDS), "dev@example.com")
    newcomer.wait_for(lambda: connected(newcomer))
    newcomer.press("Open the form")
    the_form(newcomer)
    creates(newcomer)
    newcomer.close()
    newcomer.press("Open the form")

    newcomer.wait_for(lambda: "is done. Type /meet" in newcomer.dm_text().replace("`", ""))
    assert newcomer.modal() is None


def test_the_last_of_two_kept_requests_is_offered_by_another_link(newcomer: Person) -> None:
    """When Dev types /meet, then connects by /crm connect, his meeting is still offered."""
    answer(newcomer, WORDS)
    agrees(link_of(newcomer), "dev@example.com")
    newcomer.wait_for(lambda: connected(newcomer))
    newcomer.press("Open the form")
    the_form(newcomer)

    assert newcomer.field("Title") == "Pipeline review"


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("/meet help", "Schedule a meeting in your own words"),
        ("/meet HELP ", "Schedule a meeting in your own words"),
        ("/crm help", "*/crm connect* links your Zoho CRM account"),
    ],
)
def test_help_is_answered_at_once(newcomer: Person, command: str, line: str) -> None:
    """When Dev types help, the answer is in the acknowledgement, and opens nothing."""
    assert line in newcomer.types(command)
    assert newcomer.modal() is None


@pytest.mark.parametrize("words", ["", "dance", "status please", "disconnect everything"])
def test_other_words_after_crm_get_the_help(newcomer: Person, words: str) -> None:
    """When Dev types /crm and words it doesn't know, he sees what it knows."""
    assert "Type one of them" in answer(newcomer, f"/crm {words}")


def test_status_before_connecting(newcomer: Person) -> None:
    """When Dev types /crm status on his first day, he reads how to connect."""
    assert "No CRM account is linked to you. Type `/crm connect` to link yours." == answer(
        newcomer, "/crm status"
    )


def test_status_after_connecting(dev: Person) -> None:
    """When Dev types /crm status connected, he reads account, organisation, place and rights."""
    text = answer(dev, "/crm status")

    assert text.startswith(
        "*dev@example.com* (Dev Raman) in Parley Trading, Zoho's data centre US, "
        "linked since 14 January 2026, in use."
    )
    assert "ZohoCRM.modules.events.ALL" in text
    assert "Not allowed" not in text


def test_disconnecting_asks_first(place: Workplace, dev: Person) -> None:
    """When Dev types /crm disconnect, nothing is taken back before he presses the button."""
    text = answer(dev, "/crm disconnect")

    assert "takes back Parley's permission at Zoho" in text
    assert "dev@example.com" in text
    assert [] == calls(place, REVOKE)
    assert "Pipeline" in asks(dev, "Pipeline tomorrow 10am")


def test_disconnecting_revokes_at_the_crm(place: Workplace, dev: Person) -> None:
    """When Dev presses Disconnect, Zoho takes the token back and nothing is linked any more."""
    answer(dev, "/crm disconnect")
    dev.press("Disconnect")
    dev.wait_for(lambda: "Disconnected: dev@example.com" in dev.messages("C0GENERAL")[-1]["text"])

    assert [200] == [one["status"] for one in calls(place, REVOKE)]
    assert "No CRM account is linked" in answer(dev, "/crm status")
    assert "Your meeting is kept" in answer(dev, "/meet Review tomorrow 10am")


def test_disconnecting_twice_says_that_nothing_is_linked(dev: Person) -> None:
    """When Dev presses an old Disconnect button again, he reads that nothing is linked."""
    answer(dev, "/crm disconnect")
    dev.press("Disconnect")
    dev.wait_for(lambda: "Disconnected" in dev.messages("C0GENERAL")[-1]["text"])
    dev.press("Disconnect")

    dev.wait_for(lambda: "No CRM account" in dev.messages("C0GENERAL")[-1]["text"])


def test_disconnecting_while_zoho_is_away_keeps_the_link(place: Workplace, dev: Person) -> None:
    """When Zoho can't be told, Dev reads that nothing was taken back, and it wasn't."""
    place.control("/control/faults", {"kind": "answer", "path": REVOKE, "times": None})
    answer(dev, "/crm disconnect")
    dev.press("Disconnect")

    dev.wait_for(lambda: "nothing was taken back" in dev.messages("C0GENERAL")[-1]["text"])
    assert "in use" in answer(dev, "/crm status")


def test_connecting_when_connected_names_the_account(dev: Person) -> None:
    """When Dev types /crm connect again, he reads as whom he is connected."""
    text = answer(dev, "/crm connect")

    assert "You are connected as dev@example.com (Parley Trading)" in text


def test_connecting_again_revokes_the_old_permission(place: Workplace, dev: Person) -> None:
    """When Dev connects a second time, the first permission is taken back, the new one works."""
    agrees(link_of(dev), "dev@example.com")
    dev.wait_for(lambda: dev.dm_text().count("Connected") == 2)

    assert [200] == [one["status"] for one in calls(place, REVOKE)]
    assert 1 == answer(dev, "/crm status").count("dev@example.com")
    asks(dev, "Review tomorrow 10am")
    assert "is in your CRM" in creates(dev)


def test_renamed_commands_work_and_name_themselves(renamed: Workplace) -> None:
    """When the commands begin with acme-, they do the whole job."""
    dev = renamed.person("U0DEV")
    agrees(
        link_of(dev, "/acme-meet Review tomorrow 10am with lead: Carissa Kidman"),
        "dev@example.com",
    )
    dev.wait_for(lambda: connected(dev))
    dev.press("Open the form")
    the_form(dev)

    assert "is in your CRM" in creates(dev)


def test_every_text_names_the_renamed_commands(renamed: Workplace) -> None:
    """When the commands begin with acme-, no sentence sends Dev to one that isn't there."""
    dev = renamed.person("U0DEV")
    page = agrees(link_of(dev, "/acme-crm connect"), "ben@example.com")
    said = [
        page.text,
        dev.types("/acme-meet help"),
        dev.types("/acme-crm help"),
        answer(dev, "/acme-crm status"),
        answer(dev, "/acme-crm connect ABCD-EFGH"),
        answer(dev, f"/acme-crm connect {code_on(page)}"),
        answer(dev, "/acme-crm connect ABCD-EFGH"),
        answer(dev, "/acme-crm status"),
        answer(dev, "/acme-crm"),
    ]
    answer(dev, "/acme-crm disconnect")
    dev.press("Disconnect")
    dev.wait_for(lambda: "Disconnected" in dev.messages("C0GENERAL")[-1]["text"])
    said += [one["text"] for one in dev.messages("*")]
    everything = "\n".join(said)

    assert "/acme-crm connect" in page.text
    assert "/acme-meet" in said[1]
    assert "/meet" not in everything
    assert "/crm" not in everything
