"""What a person typed is kept, and what they decided is done once, whatever comes between."""

from bot.domain.connection import Owner
from bot.journeys.meeting.begin import from_words
from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.fault_steps import (
    STANDS,
    advance,
    created,
    disturb,
    reconnect,
    settled,
    shown,
    wait_told,
)
from tests.journeys.form_steps import create, enters, meet, message, sees, sent
from tests.journeys.steps import later


def test_a_form_older_than_a_day_says_it_is_done(place: Workplace, dev: Person) -> None:
    """When Dev comes back after two days, the form says how to begin anew, and nothing is made."""
    settled(place, dev)
    later(place, minutes=48 * 60)
    place.house.sweeper.sweep()
    dev.submit()

    assert "is from an earlier request and is done" in dev.modal_text()
    assert created(place) == 0


def test_a_change_keeps_a_form_for_another_day(place: Workplace, dev: Person) -> None:
    """When Dev changes the form the next morning, it lasts a day from then."""
    settled(place, dev)
    later(place, minutes=20 * 60)
    enters(dev, "Ends at or lasts", "45 min", "10:45")
    later(place, minutes=20 * 60)
    place.house.sweeper.sweep()
    create(dev)

    assert created(place) == 1


def test_create_without_an_account_keeps_what_was_typed(place: Workplace, dev: Person) -> None:
    """When the CRM took the permission back, the edited form comes back after connecting."""
    meet(dev, "Review tomorrow 11am")
    place.control("/control/tokens/revoke", {"user": "dev@example.com"})
    dev.options("People", "Okafor")
    message(dev, "no longer accepts the link")
    dev.fill("Title", "Another review")
    dev.submit()
    assert "You haven't connected your CRM account yet" in dev.modal_text()
    dev.close()
    reconnect(dev)
    dev.press("Open the form", where="messages")
    sees(dev, "Another review")
    create(dev)

    assert ["Another review"] == [one["Event_Title"] for one in sent(place)]


def test_share_pressed_twice_shares_once(place: Workplace, dev: Person) -> None:
    """When Dev presses Share again, on another device or in haste, the channel sees one message."""
    meet(dev, "Review every Monday at 11am 2 times", channel="C0SALES")
    create(dev)
    wait_told(dev, STANDS)
    for _ in range(2):
        dev.press("Share in the channel", where="messages")
    ben = place.person("U0BEN")
    ben.wait_for(lambda: ben.messages("C0SALES"))
    advance(place, 600)
    dev.press("Share in the channel", where="messages")
    dev.types("/crm status")
    dev.wait_for(lambda: shown(dev, "dev@example.com"))

    assert shown(ben, STANDS, "C0SALES") == 1


def test_a_share_whose_answer_was_lost_is_said_and_not_repeated(
    place: Workplace, dev: Person
) -> None:
    """When Slack's answer is lost, Dev reads that it may be there; nothing is posted again."""
    meet(dev, "Review every Monday at 11am 2 times", channel="C0SALES")
    create(dev)
    wait_told(dev, STANDS)
    disturb(place, "response_url", cut_after=True)
    dev.press("Share in the channel", where="messages")
    message(dev, "it may or may not be in the channel")

    assert shown(place.person("U0BEN"), STANDS, "C0SALES") == 1


def test_a_command_worked_at_twice_keeps_one_draft(place: Workplace, dev: Person) -> None:
    """When the bot dies while the form opens, the second run goes on with the same draft."""
    meet, now = place.house.meetings.meet, place.sandbox.clock.now()
    owner = Owner("T0PARLEY", dev.user)
    words = "Review tomorrow 11am"
    draft = from_words("one", words, zone="Asia/Kolkata", now=now)
    meet.begin(draft, owner, now=now)
    meet.change("one", owner, lambda draft: draft.sets(title="Edited"), now=now)
    again = meet.begin(draft, owner, now=now)

    assert "Edited" == again.draft.sheet.title
    rows = place.house.memory.db.row("SELECT count(*) AS n FROM drafts")
    assert rows is not None
    assert 1 == rows["n"]
