"""The Home tab, and lists of meetings."""

from bot.domain.connection import Owner
from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.fault_steps import reconnect
from tests.journeys.form_steps import create, meet, message
from tests.journeys.steps import messages_sent

DEV = Owner("T0PARLEY", "U0DEV")


def test_before_connecting_it_says_how(place: Workplace) -> None:
    """When Ben opens Parley's Home unconnected, one press leads to the connection."""
    ben = place.person("U0BEN")
    ben.home()
    ben.wait_for(lambda: "Connect your CRM account first" in ben.home_text())
    assert "What you can type" in ben.home_text()
    ben.press("Connect", where="home")

    assert "Connect Zoho CRM" in message(ben, "own account")


def test_it_shows_what_lies_ahead_and_follows_each_change(place: Workplace, dev: Person) -> None:
    """When Dev schedules a series, the open tab shows it, once, without being asked."""
    dev.home()
    dev.wait_for(lambda: "You host no meeting" in dev.home_text())
    assert "dev@example.com" in dev.home_text()
    meet(dev, "Review every Monday at 11am 3 times")
    create(dev)
    dev.wait_for(lambda: "Review" in dev.home_text())

    assert "a series, 3 times within 30 days" in dev.home_text()
    assert 1 == dev.home_text().count("Review")


def test_its_button_opens_the_form(place: Workplace, dev: Person) -> None:
    """When Dev presses “Schedule a meeting” on the tab, the form opens."""
    dev.home()
    dev.wait_for(lambda: "Schedule a meeting" in dev.home_text())
    dev.press("Schedule a meeting", where="home")

    dev.wait_for(lambda: "The dates appear here." in dev.modal_text())


def test_a_crm_that_is_down_leaves_the_rest(place: Workplace, dev: Person) -> None:
    """When the CRM can't be asked, the tab says so and shows all the rest."""
    place.control(
        "/control/faults",
        {"kind": "answer", "method": "POST", "path": "/crm/v8/coql", "status": 503, "times": None},
    )
    dev.home()
    dev.wait_for(lambda: "can't be asked just now" in dev.home_text())

    assert "dev@example.com" in dev.home_text()
    assert "What you can type" in dev.home_text()
    assert "/export Leads" in dev.home_text()


def test_disconnecting_changes_the_tab(place: Workplace, dev: Person) -> None:
    """When Dev's account goes, the tab leads to connecting again."""
    dev.home()
    dev.wait_for(lambda: "dev@example.com" in dev.home_text())
    place.control("/control/tokens/revoke", {"user": "dev@example.com"})
    meet_words = "/meet list"
    dev.types(meet_words)
    message(dev, "no longer accepts the link")
    dev.wait_for(lambda: "Connect your CRM account first" in dev.home_text())
    reconnect(dev)
    dev.wait_for(lambda: "dev@example.com" in dev.home_text())


def test_no_change_is_lost_that_comes_in_the_second_of_another(
    place: Workplace, dev: Person
) -> None:
    """When something changes just after the tab was shown, it is shown once more."""
    dev.home()
    dev.wait_for(lambda: "dev@example.com" in dev.home_text())
    home, clock = place.house.meetings.home, place.house.clock
    place.sandbox.clock.advance(1 - clock().microsecond / 1e6)  # a second begins
    before = shown(place)
    home.refresh(DEV, clock())
    dev.wait_for(lambda: shown(place) > before)
    grant = place.house.memory.grants.in_use(DEV)
    assert grant is not None
    place.house.memory.grants.forget(grant.id)
    home.refresh(DEV, clock())

    dev.wait_for(lambda: "Connect your CRM account first" in dev.home_text())


def shown(place: Workplace) -> int:
    """Return how often a tab was published."""
    return sum(one["method"] == "views.publish" for one in messages_sent(place))


def listed(dev: Person, words: str) -> str:
    """Type ``/meet list`` and return the answer."""
    before = len(dev.messages("C0GENERAL"))
    dev.types(f"/meet list {words}".strip())
    dev.wait_for(lambda: len(dev.messages("C0GENERAL")) > before)
    return str(dev.messages("C0GENERAL")[-1]["text"])


def test_meetings_are_listed_by_day_week_and_title(place: Workplace, dev: Person) -> None:
    """When Dev lists meetings, each series stands once, with its time, and others don't."""
    for words in ("Review every Monday at 11am 3 times", "Sync tomorrow 10am"):
        meet(dev, words)
        create(dev)
        dev.close()

    assert "You host no meeting" in listed(dev, "today")
    tomorrow = listed(dev, "tomorrow")
    assert "Sync" in tomorrow
    assert "Review" not in tomorrow
    everything = listed(dev, "")
    assert 1 == everything.count("Review")
    assert "Sync" in everything
    assert "Sync" not in listed(dev, "review")
    assert "I don't understand “every blah of xyz”" in listed(dev, "every blah of xyz")


def test_a_list_without_an_account_says_how_to_connect(place: Workplace) -> None:
    """When Ben isn't connected, he reads how."""
    assert "/crm connect" in listed(place.person("U0BEN"), "week")
