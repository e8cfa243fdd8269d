"""Exports asked for by words: what was understood starts at once, what wasn't is shown."""

import pytest

from bot.crm.accounts import SCOPES
from handlers.demo import Workplace, connect
from handlers.sandbox.person import Person
from tests.journeys.exports.export_steps import (
    SAID,
    asks,
    condition,
    id_in,
    known,
    next_wanted,
    of_words,
    ready,
    running,
    wanted,
)
from tests.journeys.fault_steps import arm, disturb
from tests.journeys.form_steps import message, sees
from tests.journeys.steps import crm_id, later


def test_words_start_an_export_that_comes_as_a_message(place: Workplace, dev: Person) -> None:
    """The answer says what was understood; the message and its file come by themselves."""
    said = asks(dev, "Leads [Last_Name, Email] where Last_Name = Butt as csv")
    assert "Last_Name and Email of Leads where Last_Name = Butt, as CSV." in said
    assert " rows now." in said
    assert "Ready: " in ready(dev, id_in(said))
    assert {
        "query": {
            "module": {"api_name": "Leads"},
            "fields": ["Last_Name", "Email"],
            "criteria": condition("Last_Name", "equal", "Butt"),
            "page": 1,
        }
    } == wanted(place)[-1]


def test_the_compound_sample_goes_out_as_kaizen_92_has_it(place: Workplace, dev: Person) -> None:
    """((1 and 2) or (3 or 4)), a list of users by id, and a pair of moments."""
    asked = of_words(
        place,
        dev,
        "Leads [Last_Name] where (Last_Name = Boyle and Owner in (5545974000000393001, "
        '5545974000000393011)) or (Company = "Morlong Associates" or Created_Time between '
        "2023-04-15T17:58:47+05:30 and 2023-06-01T17:58:47+05:30) view “All Leads”",
    )
    users = ["5545974000000393001", "5545974000000393011"]
    span = ["2023-04-15T17:58:47+05:30", "2023-06-01T17:58:47+05:30"]
    first = [condition("Last_Name", "equal", "Boyle"), condition("Owner", "in", users)]
    second = [
        condition("Company", "equal", "Morlong Associates"),
        condition("Created_Time", "between", span),
    ]
    groups = [
        {"group_operator": "and", "group": first},
        {"group_operator": "or", "group": second},
    ]
    assert {"group_operator": "or", "group": groups} == asked["query"]["criteria"]
    assert ["Last_Name"] == asked["query"]["fields"]
    assert asked["query"]["cvid"].isdigit()


def test_a_module_the_organisation_made_is_exported_as_any(place: Workplace, dev: Person) -> None:
    """By its label, with its own fields, and a lookup followed; its rows are counted before."""
    said = asks(dev, "“Site Visits” Name where Visit_Date >= 2026-01-01 and Account_Name.Phone = 1")
    assert "Name of Site_Visits where Visit_Date >= 2026-01-01" in said
    assert "That is 0 rows now." in said
    said = asks(dev, "site_visits where Kind = Installation")
    assert "That is 2 rows now." in said
    assert "Ready: 2 rows" in ready(dev, id_in(said))


def test_modules_of_two_words_are_exported(place: Workplace, dev: Person) -> None:
    """Their permission is called without the underscore."""
    assert "Ready: 2 rows" in ready(dev, id_in(asks(dev, "“Sales Orders”")))


def test_people_are_me_an_address_or_a_mention(place: Workplace, dev: Person) -> None:
    """Each becomes the id of a CRM user."""
    asked = of_words(place, dev, "Leads where Owner in (me, ada@example.com, @ben)")
    said = "All fields of Leads where Owner in (me, ada@example.com, ben@example.com), as CSV."
    assert said in dev.messages("C0GENERAL")[-1]["text"]
    users = [crm_id(place, "users", f"{name}@example.com") for name in ("dev", "ada", "ben")]
    assert condition("Owner", "in", users) == asked["query"]["criteria"]


def test_a_field_of_a_record_looked_up_is_named_with_a_dot(place: Workplace, dev: Person) -> None:
    """The owner's name, as in Kaizen #92, and the account's of a deal."""
    words = "Deals where Owner.last_name = Boyle and Account_Name.Phone = 1"
    asked = of_words(place, dev, words)
    assert [
        condition("Owner.last_name", "equal", "Boyle"),
        condition("Account_Name.Phone", "equal", "1"),
    ] == asked["query"]["criteria"]["group"]


def test_meetings_come_as_a_calendar(place: Workplace, dev: Person) -> None:
    """Events are ICS unless said otherwise; their label names them too."""
    asked = of_words(place, dev, "Meetings")
    assert "ics" == asked["file_type"]
    assert {"module": {"api_name": "Events"}, "page": 1} == asked["query"]


def test_a_word_that_cannot_be_read_is_pointed_at(dev: Person) -> None:
    """When Dev misspells a field, a line marks the place, and the form has all the rest."""
    said = asks(dev, "Leads Email where Last_Nam = Boyle and Company = Zylker")
    lines = said.splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip().startswith("^"))
    assert "Last_Nam" == lines[at - 1][lines[at].index("^") : len(lines[at])]
    assert "There is no field “Last_Nam”." in said
    dev.press("Open the form")
    shown = sees(dev, "Condition 2")
    assert "There is no field “Last_Nam”." in shown
    assert ["Email"] == dev.field("Fields")
    assert "Zylker" == dev.field("Value 2")
    dev.fill("Condition 1", "Last Name")
    sees(dev, "Value 1")
    dev.fill("Value 1", "Boyle")
    dev.enter("Value 1")
    sees(dev, f"{SAID}Email of Leads where Last_Name = Boyle and Company = Zylker, as CSV.")


def test_a_form_that_came_too_late_is_offered_with_its_words(place: Workplace, dev: Person) -> None:
    """When Slack's trigger has run out, twice even, the next press has all that was typed."""
    asks(dev, "Leads Email where Last_Nam = Boyle and Company = Zylker")
    for late in ("pressed", "pressed again"):
        disturb(place, "views.open", error="expired_trigger_id")
        before = len(dev.messages("C0GENERAL"))
        dev.press("Open the form")
        dev.wait_for(lambda before=before: len(dev.messages("C0GENERAL")) > before)  # type: ignore[misc]  # bound now
        offer = dev.messages("C0GENERAL")[-1]
        assert "longer than Slack keeps a form open" in offer["text"], late
        assert ["Open the form"] == offer["buttons"], late
        assert dev.modal() is None, late
    dev.press("Open the form")
    shown = sees(dev, "Condition 2")
    assert "There is no field “Last_Nam”." in shown
    assert ["Email"] == dev.field("Fields")
    assert "Zylker" == dev.field("Value 2")


def test_an_empty_form_that_came_too_late_is_offered_too(place: Workplace, dev: Person) -> None:
    """When Dev types the command alone and Slack was slow, one press opens the empty form."""
    disturb(place, "views.open", error="expired_trigger_id")
    assert "longer than Slack keeps a form open" in asks(dev, "")
    dev.press("Open the form")
    assert "Condition 1" not in sees(dev, "What to export")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Lead where Amount", "After Amount a comparison is missing"),
        ("Goats", "There is no “Goats” to export, or Parley may not read it."),
        ("Leads where Qzx = 3", "There is no “Qzx” there, nor anything like it."),
        ("Leads where Emial = x", "There is no field “Emial”. Write one such as “Email”"),
        ("Leads where No_of_Employees = many", "“many” isn't a number."),
        ("Leads where Owner = eva@example.com", "isn't a user of your CRM"),
        ("Leads view “Nobody's”", "There is no view “Nobody's”."),
        ("Leads as ics", "Only meetings come as ICS."),
        ("cancel", "Say which: /export cancel ID."),
        ("cancel nobodys", "There is no such export of yours."),
        ("help", "Type one of them"),
    ],
)
def test_what_cannot_be_done_is_explained(dev: Person, words: str, said: str) -> None:
    """Nothing starts, and the next step is named."""
    assert said in asks(dev, words).replace("`", "")


def test_exports_are_listed_cancelled_and_asked_for_again(place: Workplace, dev: Person) -> None:
    """Dev stops one by its button and one by its id, and starts one once more."""
    place.control("/control/switches", {"bulk.job_seconds": 30.0})
    first = id_in(asks(dev, "Leads Email"))
    second = id_in(asks(dev, "Contacts Email"))
    listed = asks(dev, "list")
    assert listed.index(second) < listed.index(first)
    assert "2 exports running" in asks(dev, "Deals")
    assert f"Export {second} is cancelled" in asks(dev, f"cancel {second}").replace("`", "")
    asks(dev, "list")
    dev.press("Cancel")
    stopped = f"Export `{first}` is cancelled"
    dev.wait_for(lambda: stopped in dev.messages("C0GENERAL")[-1]["text"])
    assert [] == running(place)
    assert "That export has ended already." in asks(dev, f"cancel {first}")
    place.control("/control/switches", {"bulk.job_seconds": 0.1})
    later(place, minutes=2)
    before = len(wanted(place))
    asks(dev, "list")
    dev.press("Again")
    assert ["Email"] == next_wanted(place, dev, before)["query"]["fields"]
    assert "Ready: " in ready(dev, known(place)[0].id)
    assert "Open the download page" in asks(dev, "list")


def test_two_exports_of_one_module_are_told_apart(place: Workplace, dev: Person) -> None:
    """In the list and in the messages that follow them stands what each holds."""
    place.control("/control/switches", {"bulk.job_seconds": 30.0})
    wanted_ones = ("Last_Name = Butt", "Company = Zylker")
    known_ids = [id_in(asks(dev, f"Leads Email where {one}")) for one in wanted_ones]
    listed = asks(dev, "list")
    for job_id, one in zip(known_ids, wanted_ones, strict=True):
        assert f"({job_id})*\nEmail of Leads where {one}, as CSV.\n" in listed
        message(dev, f"({job_id})*\nEmail of Leads where {one}, as CSV.\n")
    place.control("/control/switches", {"bulk.job_seconds": 0.1})
    later(place, minutes=2)


def test_a_crm_that_cannot_be_reached_is_said(place: Workplace, dev: Person) -> None:
    """Nothing is started in the dark."""
    later(place, minutes=61)
    arm(place, "cut_before", "/crm/v8/settings/modules", method="GET", times=3)
    said = asks(dev, "Leads")
    assert "Nothing was started: try again in a minute." in said
    assert [] == running(place)


def test_without_an_account_the_words_wait_on_a_button(place: Workplace) -> None:
    """When Ben has connected, he presses “Export now”, and it is done as him."""
    ben = place.person("U0BEN")
    assert "isn't linked yet" in asks(ben, "Leads where Owner = me")
    connect(ben, "ben@example.com")
    message(ben, "Connected")
    before = len(wanted(place))
    ben.press("Export now")
    mine = condition("Owner", "equal", crm_id(place, "users", "ben@example.com"))
    assert mine == next_wanted(place, ben, before)["query"]["criteria"]


def test_a_missing_permission_is_said_with_the_way_to_it(place: Workplace) -> None:
    """Chloe may not read what fields there are: nothing starts, and she is told the way."""
    chloe = place.person("U0CHLOE")
    less = [scope for scope in SCOPES if "settings.fields" not in scope]
    connect(chloe, "chloe@example.com")
    message(chloe, "Connected")
    place.control("/control/crm/users/chloe@example.com", {"scopes": less})
    later(place, minutes=61)
    before = len(wanted(place))
    assert "lacks the permission to export" in asks(chloe, "Leads")
    assert "ZohoCRM.settings.fields.READ" in message(chloe, "lacks a permission")
    assert before == len(wanted(place))


def test_a_connection_the_crm_took_back_leads_to_a_new_one(place: Workplace) -> None:
    """When Ada's grant is revoked, her words wait as if she had never connected."""
    ada = place.person("U0ADA")
    connect(ada, "ada@example.com")
    message(ada, "Connected")
    place.control("/control/tokens/revoke", {"user": "ada@example.com"})
    assert "isn't linked yet" in asks(ada, "Leads where Owner = me")
    message(ada, "no longer accepts the link")
