"""Exports built in the form: what is picked is said in words, counted, and sent as it is."""

from datetime import datetime

import pytest

from bot.domain.connection import Owner
from handlers.demo import Workplace, connect
from handlers.sandbox.person import Person
from handlers.slack.exports.area import ExportArea
from tests.journeys.exports.export_steps import (
    DEV,
    SAID,
    adds,
    builds,
    condition,
    known,
    running,
    starts,
    wanted,
)
from tests.journeys.form_steps import clicked_late, hash_of, message, sees
from tests.journeys.steps import answer, crm_id, later


def test_the_compound_sample_is_built_by_picking(place: Workplace, dev: Person) -> None:
    """((1 and 2) or (3 or 4)) of Kaizen #92: fields, a view, two groups of two."""
    builds(dev, "Leads")
    dev.fill("Fields", ["Last Name"])
    dev.fill("Only the records of a view", "All Leads")
    sees(dev, f"{SAID}Last_Name of Leads, from the view “All Leads”, as CSV.", "can't count")
    adds(dev, 1, "Last Name", press="Add a condition")
    dev.fill("Value 1", "Boyle")
    adds(dev, 2, "Owner", "is one of", press="Add a condition")
    dev.fill("Value 2", ["Ada Moreno", "Ben Okoro"])
    adds(dev, 3, "Company", press="Add a group")
    dev.fill("Value 3", "Morlong Associates")
    sees(dev, "Group 2")
    _second_of(dev, "Add a condition")
    adds(dev, 4, "Created Time", "is between")
    span = ["2023-04-15T17:58:47+05:30", "2023-06-01T17:58:47+05:30"]
    for label, at in zip(("From 4", "To 4"), span, strict=True):
        dev.fill(label, int(datetime.fromisoformat(at).timestamp()))
    dev.fill("Group 2", "any of these")
    asked = starts(place, dev, "any of these")["query"]
    users = [crm_id(place, "users", f"{name}@example.com") for name in ("ada", "ben")]
    first = [condition("Last_Name", "equal", "Boyle"), condition("Owner", "in", users)]
    second = [
        condition("Company", "equal", "Morlong Associates"),
        condition("Created_Time", "between", span),
    ]
    groups = [
        {"group_operator": "and", "group": first},
        {"group_operator": "or", "group": second},
    ]
    assert {"group_operator": "or", "group": groups} == asked["criteria"]
    assert (["Last_Name"], 1) == (asked["fields"], asked["page"])
    assert asked["cvid"].isdigit()


def _second_of(person: Person, text: str) -> None:
    """Press the second button with this text."""
    view = person.modal()
    assert view is not None
    _, block = [
        (one, block)
        for block in view["blocks"]
        if block["type"] == "actions"
        for one in block["elements"]
        if one.get("text", {}).get("text") == text
    ][1]
    action = block["elements"][0]["action_id"]
    person.ask("click", view=view["id"], block_id=block["block_id"], action_id=action, value=None)


@pytest.mark.parametrize(
    ("module", "field", "how", "values", "wire"),
    [
        ("Leads", "No of Employees", "is at least", {"Value 1": "12"}, ("greater_equal", 12)),
        ("Deals", "Amount", "is more than", {"Value 1": "10000.5"}, ("greater_than", 10000.5)),
        (
            "Leads",
            "Company",
            "contains",
            {"Value 1": "Marlow & Sons"},
            ("contains", "Marlow & Sons"),
        ),
        (
            "Leads",
            "Company",
            "is none of",
            {"Value 1": "Zylker\nTern"},
            ("not_in", ["Zylker", "Tern"]),
        ),
        ("Leads", "Lead Source", "is", {"Value 1": "Partner"}, ("equal", "Partner")),
        (
            "Leads",
            "Lead Source",
            "is one of",
            {"Value 1": ["Partner", "Trade Show"]},
            ("in", ["Partner", "Trade Show"]),
        ),
        ("Leads", "Email Opt Out", "is", {"Value 1": "not ticked"}, ("equal", False)),
        (
            "Deals",
            "Closing Date",
            "is before",
            {"Value 1": "2026-04-01"},
            ("less_than", "2026-04-01"),
        ),
        (
            "Deals",
            "Closing Date",
            "is between",
            {"From 1": "2026-04-01", "To 1": "2026-04-30"},
            ("between", ["2026-04-01", "2026-04-30"]),
        ),
        ("Deals", "Closing Date", "is one of", {"Value 1": "2026-04-01"}, ("in", ["2026-04-01"])),
        ("Leads", "Website", "is empty", {}, ("equal", "${EMPTY}")),
        ("Leads", "Owner: Last Name", "is", {"Value 1": "Boyle"}, ("equal", "Boyle")),
    ],
)
def test_each_family_of_comparisons_is_sent_as_the_crm_has_it(
    place: Workplace,
    dev: Person,
    module: str,
    field: str,
    how: str,
    values: dict[str, str],
    wire: tuple[str, object],
) -> None:
    """A field, how it is compared, and an entry that fits both."""
    builds(dev, module)
    adds(dev, 1, field, how, press="Add a condition")
    for label, value in values.items():
        dev.fill(label, value)
    criteria = starts(place, dev)["query"]["criteria"]
    assert wire == (criteria["comparator"], criteria["value"])


def test_a_module_the_organisation_made_is_picked_like_any(place: Workplace, dev: Person) -> None:
    """By its label; its fields and its views are there."""
    builds(dev, "Site Visits")
    dev.fill("Fields", ["Visit Date"])
    adds(dev, 1, "Kind", press="Add a condition")
    dev.fill("Value 1", "Survey")
    asked = starts(place, dev, "Kind = Survey")["query"]
    assert ("Site_Visits", ["Visit_Date"]) == (asked["module"]["api_name"], asked["fields"])


def test_numbers_between_become_two_conditions(place: Workplace, dev: Person) -> None:
    """The CRM has "between" for days and times alone."""
    builds(dev, "Deals")
    adds(dev, 1, "Amount", "is between", press="Add a condition")
    dev.fill("From 1", "10")
    dev.fill("To 1", "20")
    criteria = starts(place, dev)["query"]["criteria"]
    assert [
        condition("Amount", "greater_equal", 10),
        condition("Amount", "less_equal", 20),
    ] == criteria["group"]


def test_people_and_records_are_picked_by_name(place: Workplace, dev: Person) -> None:
    """The owner is “Me”, the account is found by two letters of its name."""
    builds(dev, "Deals")
    adds(dev, 1, "Owner", press="Add a condition")
    dev.fill("Value 1", "Me")
    adds(dev, 2, "Account Name", press="Add a condition")
    dev.fill("Value 2", "Zylker")
    account = next(one for one in place.records("Accounts") if one["Account_Name"] == "Zylker")
    criteria = starts(place, dev, "Owner = me and Account_Name = Zylker")["query"]["criteria"]
    assert [
        condition("Owner", "equal", crm_id(place, "users", "dev@example.com")),
        condition("Account_Name", "equal", account["id"]),
    ] == criteria["group"]


def test_meetings_are_a_calendar_until_csv_is_picked(place: Workplace, dev: Person) -> None:
    """ICS has no fields to choose; with CSV they can be."""
    builds(dev, "Meetings")
    assert "ICS, for calendars" == dev.field("File")
    assert "A calendar file holds all of a meeting." in dev.modal_text()
    dev.fill("File", "CSV, for spreadsheets")
    sees(dev, f"{SAID}All fields of Events, as CSV.")
    dev.fill("File", "ICS, for calendars")
    asked = starts(place, dev, "an ICS calendar")
    assert "ics" == asked["file_type"]
    assert {"module": {"api_name": "Events"}, "page": 1} == asked["query"]


def test_what_is_wrong_is_said_at_its_field(dev: Person) -> None:
    """Days the wrong way round, and words that are no day."""
    builds(dev, "Deals")
    adds(dev, 1, "Closing Date", "is between", press="Add a condition")
    dev.fill("From 1", "2026-05-01")
    dev.fill("To 1", "2026-04-01")
    assert "The first of the two values" in str(_errors(dev, "From 1"))
    dev.fill("Comparison 1", "is one of")
    sees(dev, "One day a line")
    dev.fill("Value 1", "the day before")
    assert "isn't a day I know" in str(_errors(dev, "Value 1"))


def _errors(person: Person, label: str) -> str:
    """Press Start; return what is said under a field."""
    outcome = person.submit()
    assert isinstance(outcome, dict), outcome
    errors: dict[str, str] = outcome["errors"]
    return errors[label]


def test_what_wasnt_on_the_screen_is_shown_before_it_starts(place: Workplace, dev: Person) -> None:
    """A value typed without Enter is read back first; Start then starts it, once."""
    builds(dev, "Leads")
    sees(dev, "That is 254 rows now.")
    adds(dev, 1, "Last Name", press="Add a condition")
    dev.fill("Value 1", "Butt")
    before, asked = len(known(place)), len(wanted(place))
    assert "updated" == dev.submit()
    sees(dev, "press “Start” again", "where Last_Name = Butt", " rows now.")
    assert (before, asked) == (len(known(place)), len(wanted(place)))
    starts(place, dev)
    assert 1 == len(known(place)) - before


def test_a_change_worked_at_after_start_hides_nothing(place: Workplace, dev: Person) -> None:
    """A click that Start overtook neither takes the note away nor what was typed since."""
    builds(dev, "Leads")
    adds(dev, 1, "Last Name", press="Add a condition")
    sees(dev, "What you will get stands here")
    before = hash_of(dev)
    dev.fill("Value 1", "Butt")
    dev.submit()
    sees(dev, "press “Start” again", "where Last_Name = Butt")
    clicked_late(place, dev, before)

    sees(dev, "press “Start” again", "where Last_Name = Butt")
    starts(place, dev)


def test_hurried_clicks_lose_nothing(place: Workplace, dev: Person) -> None:
    """Module, conditions and groups pressed before the form has answered once."""
    builds(dev, "Leads")
    dev.press("Add a condition")
    sees(dev, "Add a group")
    for _ in range(3):
        dev.press("Add a condition")
    dev.press("Add a group")
    sees(dev, "Condition 5", "Group 2")
    dev.press("Take out 1")
    dev.press("Take out 2")
    dev.press("Take out 3")
    dev.wait_for(lambda: "Condition 3" not in dev.modal_text())
    assert "Condition 2" in dev.modal_text()


def test_another_module_begins_anew(dev: Person) -> None:
    """Fields, view and conditions of leads mean nothing for contacts."""
    builds(dev, "Leads")
    dev.fill("Fields", ["Company"])
    adds(dev, 1, "Company", press="Add a condition")
    dev.fill("What to export", "Contacts")
    shown = sees(dev, f"{SAID}All fields of Contacts, as CSV.")
    assert "Condition 1" not in shown
    assert [] == dev.field("Fields")


def test_a_full_house_is_said_and_the_form_stays(place: Workplace, dev: Person) -> None:
    """With two exports running Start explains; what was picked stands."""
    place.control("/control/switches", {"bulk.job_seconds": 30.0})
    for words in ("Leads", "Contacts"):
        assert "has started" in answer(dev, f"/export {words}")
    builds(dev, "Deals")
    assert "You have 2 exports running." in str(_errors(dev, "What to export"))
    place.control("/control/switches", {"bulk.job_seconds": 0.1})
    later(place, minutes=2)
    for job in running(place):
        answer(dev, f"/export cancel {job.id}")
    starts(place, dev)


def test_running_and_finished_exports_stand_on_the_home_tab(place: Workplace, dev: Person) -> None:
    """It is shown anew by itself, with the way to the page when the file is there."""
    dev.home()
    answer(dev, "/export Deals Deal_Name")
    dev.wait_for(lambda: "Your exports" in dev.home_text())
    dev.wait_for(lambda: "Export of Deals" in dev.home_text(), 10)
    dev.wait_for(lambda: "Open the download page" in dev.home_text(), 20)


def test_a_form_of_a_lost_account_says_so(place: Workplace) -> None:
    """When Ben disconnects while his form is open, nothing starts."""
    ben = place.person("U0BEN")
    connect(ben, "ben@example.com")
    message(ben, "Connected")
    builds(ben, "Leads")
    # What the form still asks the CRM would notice the loss before Ben does.
    inbox = place.house.memory.inbox
    ben.wait_for(lambda: {inbox.next_due(lane) for lane in ("quick", "work")} == {None})
    place.control("/control/tokens/revoke", {"user": "ben@example.com"})
    before = len(wanted(place))
    grant = place.house.memory.grants.in_use(Owner("T0PARLEY", "U0BEN"))
    assert grant is not None
    place.house.memory.grants.forget(grant.id)
    assert "updated" == ben.submit()
    assert "Type `/crm connect`." in ben.modal_text()
    assert before == len(wanted(place))


def test_what_was_counted_before_is_counted_again(dev: Person) -> None:
    """From all leads to some and back: the count follows each time."""
    builds(dev, "Leads")
    sees(dev, "That is 254 rows now.")
    adds(dev, 1, "Last Name", press="Add a condition")
    dev.fill("Value 1", "Butt")
    dev.enter("Value 1")
    sees(dev, "That is 14 rows now.")
    dev.press("Take out 1")
    sees(dev, f"{SAID}All fields of Leads, as CSV.", "That is 254 rows now.")


def test_a_form_sent_twice_starts_one_export(place: Workplace, dev: Person) -> None:
    """When two devices press Start on the same form, both are told of the same export."""
    builds(dev, "Leads")
    view = dev.modal()
    assert view is not None
    desk = next(one for one in place.house.areas if isinstance(one, ExportArea))
    body = {"view": view, "user": {"id": DEV.user, "team_id": DEV.team}}
    before = len(known(place))
    first, second = (desk.submit(body)["view"]["blocks"][0]["text"]["text"] for _ in range(2))
    (only,) = known(place)[: len(known(place)) - before]
    assert f"Export {only.id} has started." in first
    assert first == second
