"""Fields: what stands in the form is what the CRM's record holds, once, all-day or in a series."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.form_steps import (
    create,
    ends,
    enters,
    event,
    mails,
    meet,
    opened,
    sees,
    sent,
    starts,
)
from tests.journeys.steps import Json, events

# -- when ---------------------------------------------------------------------------------------


def test_a_meeting_held_once_has_its_start_and_end(place: Workplace, dev: Person) -> None:
    """When Dev names a day and two times, the CRM has one meeting from the one to the other."""
    form = meet(dev, "Lunch tomorrow 12:30pm-1:15pm")
    told = create(dev)

    assert "• Thu 15 Jan 2026, 12:30-13:15" in form
    assert "“Lunch” is in your CRM: 1 meeting." in told
    assert (["2026-01-15 12:30"], ["2026-01-15 13:15"]) == (starts(place), ends(place))
    assert "Recurring_Activity" not in sent(place)[0]
    assert "Remind_At" not in sent(place)[0]


def test_every_meeting_of_a_series_has_its_length(place: Workplace, dev: Person) -> None:
    """When Dev says how long, each meeting of the series lasts that long."""
    meet(dev, "Review every Monday 10am for 1h30 2 times")
    create(dev)

    assert ["2026-01-19 11:30", "2026-01-26 11:30"] == ends(place)


def test_a_whole_day_is_the_crms_whole_day(place: Workplace, dev: Person) -> None:
    """When the meeting lasts all day, the CRM's record says so and begins at midnight."""
    form = meet(dev, "Training tomorrow all day")
    told = create(dev)

    assert "• Thu 15 Jan 2026, all day" in form
    assert "• Thu 15 Jan 2026\n" in told
    assert event(place)["All_day"] is True
    assert ["2026-01-15 00:00"] == starts(place)
    assert ["2026-01-15 23:59"] == ends(place)


def test_several_whole_days_are_one_meeting(place: Workplace, dev: Person) -> None:
    """When Dev says for three days, form and CRM have the last of them too."""
    form = meet(dev, "Offsite all day Jan 20 for 3 days")
    assert "• Tue 20 Jan 2026 to Thu 22 Jan 2026, all day" in form
    create(dev)

    assert (["2026-01-20 00:00"], ["2026-01-22 23:59"]) == (starts(place), ends(place))


def test_whole_days_are_counted_in_the_form(place: Workplace, dev: Person) -> None:
    """When Dev writes two days under a ticked box, the meeting ends on the second."""
    meet(dev, "Training tomorrow all day")
    enters(dev, "Ends at or lasts", "2 days", "• Thu 15 Jan 2026 to Fri 16 Jan 2026, all day")
    create(dev)

    assert ["2026-01-16 23:59"] == ends(place)


def test_a_series_of_whole_days_has_its_dates(place: Workplace, dev: Person) -> None:
    """When whole days repeat, each of them is a whole day on its date."""
    meet(dev, "Retreat all day every Friday until Feb 6")
    create(dev)

    assert [f"2026-{day} 00:00" for day in ("01-16", "01-23", "01-30", "02-06")] == starts(place)
    assert [True] * 4 == [one["All_day"] for one in events(place)]


def test_ticking_all_day_in_the_form_makes_it_one(place: Workplace, dev: Person) -> None:
    """When Dev ticks the box, the start of day isn't needed any more."""
    meet(dev, "Training tomorrow 10am")
    dev.fill("All day", ["The whole day"])
    sees(dev, "• Thu 15 Jan 2026, all day")
    create(dev)

    assert event(place)["All_day"] is True


# -- reminders ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("remind me 15 min before", [{"unit": 15, "period": "minutes"}]),
        ("remind me 2 hours before", [{"unit": 2, "period": "hours"}]),
        ("remind me 1 day before at 9:00", [{"unit": 1, "period": "days", "time": "09:00"}]),
        ("remind me 1 week before", [{"unit": 1, "period": "weeks", "time": "09:00"}]),
    ],
)
def test_a_reminder_is_kept_by_the_crm(
    place: Workplace, dev: Person, words: str, kept: list[dict[str, object]]
) -> None:
    """When Dev asks to be reminded, the record says when."""
    meet(dev, f"Sync tomorrow 10am {words}")
    create(dev)

    assert kept == event(place)["Remind_At"]


def test_several_reminders_are_typed_in_the_form(place: Workplace, dev: Person) -> None:
    """When Dev writes two reminders into the field, both are kept."""
    meet(dev, "Sync tomorrow 10am")
    dev.press("More options")
    dev.fill("Reminders", "15 min before, 1 day before at 17:30")
    sees(dev, "Fewer options")
    create(dev)

    assert [
        {"unit": 15, "period": "minutes"},
        {"unit": 1, "period": "days", "time": "17:30"},
    ] == event(place)["Remind_At"]


def test_a_series_reminds_a_quarter_of_an_hour_before(place: Workplace, dev: Person) -> None:
    """When a series names no reminder, it has one: the CRM demands it of a series."""
    meet(dev, "Sync every Monday 10am 2 times")
    create(dev)

    assert [[{"unit": 15, "period": "minutes"}]] * 2 == [one["Remind_At"] for one in events(place)]


# -- what it is about ---------------------------------------------------------------------------


def test_a_deal_that_is_found_is_the_meetings_deal(place: Workplace, dev: Person) -> None:
    """When the words name one deal, the meeting belongs to it."""
    meet(dev, "Sync tomorrow 10am deal: Zylker renewal")
    assert ("Deal", "Zylker renewal") == (dev.field("Belongs to"), dev.field("Record"))
    create(dev)

    made = event(place)
    assert ("Deals", "Zylker renewal") == (made["$se_module"], made["What_Id"]["name"])


def test_an_account_is_found_in_its_module(place: Workplace, dev: Person) -> None:
    """When the words name an account, it isn't looked for among the deals."""
    meet(dev, "Sync tomorrow 10am account: Zylker")
    create(dev)

    made = event(place)
    assert ("Accounts", "Zylker") == (made["$se_module"], made["What_Id"]["name"])


def test_of_several_deals_the_person_chooses(place: Workplace, dev: Person) -> None:
    """When several deals match, none is guessed: Dev chooses, then it is stored."""
    meet(dev, "Sync tomorrow 10am deal: renewal")
    assert dev.field("Record") is None
    refused = dev.submit()
    assert "Choose who renewal is" in str(refused)
    dev.fill("Who or what is “renewal”?", "Tern Energy renewal")
    dev.wait_for(lambda: "Who or what" not in dev.modal_text())
    assert "Tern Energy renewal" == dev.field("Record")
    create(dev)

    assert "Tern Energy renewal" == event(place)["What_Id"]["name"]


def test_a_deal_that_is_not_there_is_said_and_left_out(place: Workplace, dev: Person) -> None:
    """When no deal has that name, the form says where to pick one; left out, none is stored."""
    form = meet(dev, "Sync tomorrow 10am deal: Nosuch")
    assert (
        "I found nothing of that name in the CRM. Leave it out, or pick it under “Record”." in form
    )
    dev.fill("Who or what is “Nosuch”?", "Leave out")
    dev.wait_for(lambda: "Who or what" not in dev.modal_text())
    sees(dev, "• Thu 15 Jan 2026, 10:00")
    create(dev)

    assert event(place).get("What_Id") is None


def test_a_name_not_found_is_answered_by_picking_the_record(place: Workplace, dev: Person) -> None:
    """When no deal has that name, picking one under “Record” is answer enough."""
    meet(dev, "Sync tomorrow 10am deal: Nosuch")
    dev.fill("Record", "Tern Energy renewal")
    dev.press("Show the dates")
    dev.wait_for(lambda: "Who or what" not in dev.modal_text())
    create(dev)

    assert "Tern Energy renewal" == event(place)["What_Id"]["name"]


def test_a_contact_that_is_not_there_is_said_at_its_own_field(
    place: Workplace, dev: Person
) -> None:
    """When nobody has the name it is about, the form says where to pick the contact."""
    form = meet(dev, "Sync tomorrow 10am about: Nosuch Person")
    assert "I found no contact of that name in the CRM." in form
    dev.fill("Who or what is “Nosuch Person”?", "Leave out")
    dev.wait_for(lambda: "Who or what" not in dev.modal_text())
    create(dev)

    assert event(place).get("Who_Id") is None


def test_a_module_without_a_record_is_said_and_taken_back(place: Workplace, dev: Person) -> None:
    """When Dev chooses a module and no record, he is told at the record; “Nothing” undoes it."""
    meet(dev, "Sync tomorrow 10am")
    dev.press("More options")
    sees(dev, "Belongs to")
    dev.fill("Belongs to", "Deal")
    dev.wait_for(lambda: "Record" in dev.modal_text().splitlines())
    told = dev.submit()
    assert {"errors": {"Record": "Pick the record here, or choose “Nothing” above."}} == told
    assert not sent(place)
    dev.fill("Belongs to", "Nothing")
    dev.wait_for(lambda: "Record" not in dev.modal_text().splitlines())
    create(dev)

    assert event(place).get("What_Id") is None


def test_a_record_is_picked_in_the_form(place: Workplace, dev: Person) -> None:
    """When Dev chooses a module, the record field offers that module's records."""
    meet(dev, "Sync tomorrow 10am")
    dev.press("More options")
    dev.fill("Belongs to", "Campaign")
    sees(dev, "Record")
    dev.fill("Record", "Spring fair")
    dev.submit()
    create(dev)

    made = event(place)
    assert ("Campaigns", "Spring fair") == (made["$se_module"], made["What_Id"]["name"])


def test_another_module_empties_the_record(place: Workplace, dev: Person) -> None:
    """When Dev changes the module, the record of the old one doesn't stay behind."""
    meet(dev, "Sync tomorrow 10am deal: Zylker renewal")
    dev.fill("Belongs to", "Vendor")
    dev.wait_for(lambda: "Zylker renewal" not in dev.modal_text())
    dev.fill("Record", "Lumen")
    dev.submit()
    create(dev)

    assert "Lumen Supply" == event(place)["What_Id"]["name"]


def test_the_contact_it_is_about_is_stored(place: Workplace, dev: Person) -> None:
    """When the words say whom it is about, the record has that contact, who isn't invited."""
    meet(dev, "Sync tomorrow 10am about: Simon Morasca")
    assert "Simon Morasca" == dev.field("About contact")
    create(dev)

    made = event(place)
    assert "Simon Morasca" == made["Who_Id"]["name"]
    assert not made["Participants"]


def test_a_contact_is_picked_in_the_form(place: Workplace, dev: Person) -> None:
    """When Dev types two letters under “About contact”, he can pick whom it is about."""
    meet(dev, "Sync tomorrow 10am")
    dev.press("More options")
    sees(dev, "About contact")
    dev.fill("About contact", "Simon Morasca")
    create(dev)

    assert "Simon Morasca" == event(place)["Who_Id"]["name"]


# -- where and what -----------------------------------------------------------------------------


def test_the_place_and_the_description_are_stored(place: Workplace, dev: Person) -> None:
    """When Dev names a place and describes it, each meeting has both."""
    meet(dev, "Sync every Monday 10am 2 times venue: Board Room 2")
    assert "Board Room 2" == dev.field("Place")
    dev.fill("Description", "Bring the <numbers> & *charts*")
    create(dev)

    assert ["Board Room 2"] * 2 == [one["Venue"] for one in events(place)]
    for one in events(place):
        assert "Bring the <numbers> & *charts*" == one["Description"].splitlines()[0]


def test_a_link_in_the_words_is_the_place_and_in_the_description(
    place: Workplace, dev: Person
) -> None:
    """When the words hold a meeting's link, people find it in the CRM."""
    meet(dev, "Sync tomorrow 10am https://meet.example.com/j/123")
    create(dev)

    made = event(place)
    assert "https://meet.example.com/j/123" == made["Venue"]
    assert "https://meet.example.com/j/123" == made["Description"].splitlines()[0]


def test_people_are_invited_unless_told_otherwise(place: Workplace, dev: Person) -> None:
    """When Dev says nothing of invitations, the CRM mails the participants."""
    meet(dev, "Sync tomorrow 10am with lead: Carissa Kidman")
    create(dev)

    assert sent(place)[0]["$send_notification"] is True
    assert ["carissa.kidman@example.com"] == [one["to"] for one in mails(place)][-1:]


def test_no_invites_means_no_mails(place: Workplace, dev: Person) -> None:
    """When the words say no invites, nobody is mailed."""
    before = len(mails(place))
    meet(dev, "Sync tomorrow 10am with lead: Carissa Kidman no invites")
    create(dev)

    assert ["Carissa Kidman"] == [one["name"] for one in event(place)["Participants"]]
    assert sent(place)[0]["$send_notification"] is False
    assert before == len(mails(place))


def test_invitations_are_unticked_in_the_form(place: Workplace, dev: Person) -> None:
    """When Dev unticks the box, nobody is mailed."""
    before = len(mails(place))
    meet(dev, "Sync tomorrow 10am with lead: Carissa Kidman")
    dev.press("More options")
    sees(dev, "[x] Mail the participants an invitation")
    dev.fill("Invitations", [])
    create(dev)

    assert before == len(mails(place))


# -- fields the organisation demands ------------------------------------------------------------

REMOTE = "Remote, " + "and then some more about how exactly it is held, " * 4 + "in full"
"""Longer than the 150 characters an option's value may have in Slack."""
DEMANDED: list[Json] = [
    {"api_name": "Purpose", "data_type": "text", "label": "Purpose"},
    {"api_name": "Kind", "data_type": "picklist", "values": ["On site", REMOTE], "label": "Kind"},
    {"api_name": "Budget", "data_type": "currency", "label": "Budget"},
    {"api_name": "Due", "data_type": "date", "label": "Due on"},
    {"api_name": "Billable", "data_type": "boolean", "label": "Billable"},
]


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Workplace]:
    """Run a workplace whose layout demands fields of its own."""
    with opened(tmp_path) as place:
        place.control("/control/layout", {"module": "Events", "fields": DEMANDED})
        yield place


def test_what_the_layout_demands_is_asked_and_stored(strict: Workplace) -> None:
    """When the organisation demands fields, the form asks for them and the CRM has them."""
    dev = strict.person("U0DEV")
    meet(dev, "Visit tomorrow 10am")
    sees(dev, "Purpose", "Billable")
    dev.fill("Purpose", "Renewal")
    dev.fill("Kind", "Remote, and")
    dev.fill("Budget", "12.5")
    dev.fill("Due on", "2026-02-01")
    dev.fill("Billable", ["Billable"])
    dev.submit()
    create(dev)

    made = event(strict)
    assert ["Renewal", REMOTE, 12.5, "2026-02-01", True] == [
        made[field["api_name"]] for field in DEMANDED
    ]


def test_what_is_demanded_and_missing_is_said_at_its_field(strict: Workplace) -> None:
    """When Dev leaves demanded fields empty or wrong, nothing is written until he fills them."""
    dev = strict.person("U0DEV")
    meet(dev, "Visit tomorrow 10am")
    sees(dev, "Purpose", "Billable")
    dev.fill("Kind", "On site")
    missing = dev.submit()
    assert {"Purpose", "Budget", "Due on"} == set(missing["errors"])
    dev.fill("Purpose", "Renewal")
    dev.fill("Due on", "2026-02-01")
    dev.fill("Budget", "100")
    dev.submit()
    create(dev)

    assert [100, False] == [event(strict)[name] for name in ("Budget", "Billable")]
    assert 1 == len(sent(strict))


def test_a_demanded_field_that_slack_cannot_ask_is_named(strict: Workplace) -> None:
    """When a lookup is demanded, the form says that it has to be added in the CRM."""
    dev = strict.person("U0DEV")
    field = {"api_name": "Site", "data_type": "lookup", "module": "Accounts", "label": "Site"}
    strict.control("/control/layout", {"module": "Events", "fields": [field]})
    form = meet(dev, "Visit tomorrow 10am")

    assert "Your CRM also demands “Site”, which can't be asked here." in sees(dev, "Site"), form
    assert not events(strict)
