"""People in meetings: who they are to the CRM, who is asked about, what names can't do."""

import time
from typing import Any

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.steps import (
    agrees,
    answer,
    asks,
    creates,
    crm_id,
    events,
    fills,
    guests,
    link_of,
    messages_sent,
    texts,
)

BOYLE = "Who or what is “Patricia Boyle”?"
FIRST_BOYLE = "Patricia Boyle (contact, patricia.boyle@example.com)"
SECOND_BOYLE = "Patricia Boyle (contact, pat.boyle.zylker@example.com)"
CARISSA = "Carissa Kidman (lead, carissa.kidman@example.com)"
BEN = "Ben Okoro (CRM user, ben@example.com)"
LOUD = "<!channel> Ltd (lead, hello@example.com)"


def add(place: Workplace, module: str, first: str, last: str, email: str) -> str:
    """Put somebody into the CRM; return the record's id."""
    record = {"First_Name": first, "Last_Name": last, "Email": email}
    if module == "Leads":
        record["Company"] = "Halden Optics"
    made = place.control(f"/control/crm/{module}", {"record": record})["records"]
    assert isinstance(made, list)
    return str(made[0]["id"])


def chooses(person: Person, name: str, choice: str) -> None:
    """Answer the question who *name* is; wait until the question is gone."""
    label = f"Who or what is “{name}”?"
    person.fill(label, choice)
    person.wait_for(lambda: label not in person.modal_text())


def invites(person: Person, number: int) -> None:
    """Pick so many addresses outside the CRM under "People"."""
    fills(person, "People", [f"p{n:02}@partner.example" for n in range(1, number + 1)])


# -- the four kinds --------------------------------------------------------------------


def test_each_kind_lands_as_what_it_is(place: Workplace, dev: Person) -> None:
    """When Dev names a user, a contact, a lead and an address, the CRM has four types and ids."""
    asks(
        dev,
        "Sync tomorrow 10am with @ben and contact: Simon Morasca and lead: Carissa Kidman "
        "and guest@partner.example",
    )
    creates(dev)

    assert guests(events(place)[0]) == [
        ("contact", crm_id(place, "Contacts", "simon.morasca@example.com")),
        ("email", "guest@partner.example"),
        ("lead", crm_id(place, "Leads", "carissa.kidman@example.com")),
        ("user", crm_id(place, "users", "ben@example.com")),
    ]


def test_each_date_of_a_series_has_everybody(place: Workplace, dev: Person) -> None:
    """When Dev creates a series, every meeting of it has all its people."""
    asks(dev, "Sync every Monday 10am for 3 weeks with @ben and lead: Carissa Kidman")
    creates(dev)

    everybody = [
        ("lead", crm_id(place, "Leads", "carissa.kidman@example.com")),
        ("user", crm_id(place, "users", "ben@example.com")),
    ]
    assert [everybody] * 3 == [guests(one) for one in events(place)]


def test_a_mention_of_a_crm_user_is_that_user(dev: Person) -> None:
    """When Dev mentions Chloe, the form shows her as the CRM user she is."""
    asks(dev, "Sync tomorrow 10am with @chloe")

    assert ["Chloe Tan (CRM user, chloe@example.com)"] == dev.field("People")


def test_a_mention_of_a_contact_is_that_contact(place: Workplace, dev: Person) -> None:
    """When Dev mentions Gil, whom the CRM knows only as a contact, Gil comes as the contact."""
    gil = add(place, "Contacts", "Gil", "Stone", "gil@example.com")
    asks(dev, "Sync tomorrow 10am with @gil")
    creates(dev)

    assert [("contact", gil)] == guests(events(place)[0])


def test_a_user_goes_before_a_contact_of_the_same_address(place: Workplace, dev: Person) -> None:
    """When Ben is a CRM user and also kept as a contact, the mention means the user."""
    add(place, "Contacts", "Ben", "Okoro", "ben@example.com")
    asks(dev, "Sync tomorrow 10am with @ben")

    assert [BEN] == dev.field("People")


def test_a_mention_of_nobody_is_marked_in_form_and_message(place: Workplace, dev: Person) -> None:
    """When Dev mentions Gil, whom the CRM doesn't know, form and message say so."""
    asks(dev, "Sync tomorrow 10am with @gil")

    assert ["gil@example.com (outside the CRM)"] == dev.field("People")
    assert "Outside the CRM: gil@example.com." in creates(dev)
    assert [("email", "gil@example.com")] == guests(events(place)[0])


def test_the_same_person_named_twice_comes_once(place: Workplace, dev: Person) -> None:
    """When Dev mentions Ben and also writes his address, Ben is invited once."""
    asks(dev, "Sync tomorrow 10am with @ben and ben@example.com")
    creates(dev)

    assert [("user", crm_id(place, "users", "ben@example.com"))] == guests(events(place)[0])


def test_a_name_and_its_address_are_one_person(place: Workplace, dev: Person) -> None:
    """When Dev writes a contact's name and also his address, the contact comes once."""
    asks(dev, "Sync tomorrow 10am with contact: Simon Morasca and simon.morasca@example.com")

    assert ["Simon Morasca (contact, simon.morasca@example.com)"] == dev.field("People")


@pytest.mark.parametrize("words", ["carissa.kidman@example.com", "CARISSA.Kidman@example.com"])
def test_a_typed_address_of_a_lead_is_that_lead(place: Workplace, dev: Person, words: str) -> None:
    """When Dev types the address of a known lead, the lead comes, not the bare address."""
    asks(dev, f"Sync tomorrow 10am with {words}")

    assert [CARISSA] == dev.field("People")


def test_an_address_slack_made_a_link_is_an_address(dev: Person) -> None:
    """When Slack turned the address into a mail link, the lead behind it still comes."""
    link = "<mailto:carissa.kidman@example.com|carissa.kidman@example.com>"
    asks(dev, f"Sync tomorrow 10am with {link}", raw=True)

    assert [CARISSA] == dev.field("People")


def test_a_bare_name_is_looked_up_among_all(dev: Person) -> None:
    """When Dev writes "with Carissa Kidman" and no label, the one lead of that name comes."""
    asks(dev, "Sync tomorrow 10am with Carissa Kidman")

    assert [CARISSA] == dev.field("People")


def test_a_name_is_found_whatever_its_letters(dev: Person) -> None:
    """When a contact's name has accents and a hyphen, the words still find him."""
    asks(dev, "Sync tomorrow 10am with contact: José Muñoz-Álvarez")

    assert ["José Muñoz-Álvarez (contact, jose.munoz@example.com)"] == dev.field("People")


# -- questions -------------------------------------------------------------------------


def test_two_of_the_same_name_are_a_choice(dev: Person) -> None:
    """When two contacts are called Patricia Boyle, the form asks which, and takes neither."""
    asks(dev, "Sync tomorrow 10am with contact: Patricia Boyle")

    assert sorted([FIRST_BOYLE, SECOND_BOYLE]) == sorted(dev.options(BOYLE))[1:]
    assert "Leave out" in dev.options(BOYLE)
    assert [] == dev.field("People")


def test_the_chosen_one_comes(place: Workplace, dev: Person) -> None:
    """When Dev chooses the second Patricia Boyle, the CRM has that one."""
    asks(dev, "Sync tomorrow 10am with contact: Patricia Boyle")
    chooses(dev, "Patricia Boyle", SECOND_BOYLE)

    assert [SECOND_BOYLE] == dev.field("People")
    creates(dev)
    boyle = crm_id(place, "Contacts", "pat.boyle.zylker@example.com")
    assert [("contact", boyle)] == guests(events(place)[0])


def test_leaving_out_leaves_out(place: Workplace, dev: Person) -> None:
    """When Dev leaves Patricia Boyle out, the meeting is made without her."""
    asks(dev, "Sync tomorrow 10am with @ben and contact: Patricia Boyle")
    chooses(dev, "Patricia Boyle", "Leave out")
    creates(dev)

    assert [("user", crm_id(place, "users", "ben@example.com"))] == guests(events(place)[0])


def test_creating_without_choosing_is_an_error_at_the_question(
    place: Workplace, dev: Person
) -> None:
    """When Dev presses Create without choosing, that question says so; nothing is written."""
    asks(dev, "Sync tomorrow 10am with contact: Patricia Boyle")

    said = "Choose who Patricia Boyle is, or “Leave out”."
    assert {"errors": {BOYLE: said}} == dev.submit()
    assert said == dev.error(BOYLE)
    assert [] == place.records("Events")


def test_one_similar_name_is_asked_about(dev: Person) -> None:
    """When only "Ann-Marie Boyle" is like "Ann-Marie", the form asks instead of guessing."""
    asks(dev, "Sync tomorrow 10am with lead: Ann-Marie")

    label = "Who or what is “Ann-Marie”?"
    assert "Ann-Marie Boyle (lead, annmarie.boyle@example.com)" in dev.options(label)
    assert [] == dev.field("People")


def test_an_unknown_name_can_only_be_left_out(place: Workplace, dev: Person) -> None:
    """When the CRM knows nobody of that name, the form says so and waits for an answer."""
    text = asks(dev, "Sync tomorrow 10am with lead: Zebulon Quark")

    label = "Who or what is “Zebulon Quark”?"
    assert "I found nobody of that name in the CRM." in text
    assert ["Leave out"] == dev.options(label)
    assert label in dev.submit()["errors"]
    chooses(dev, "Zebulon Quark", "Leave out")
    creates(dev)
    assert 1 == len(place.records("Events"))


def test_two_records_of_one_address_are_a_choice(place: Workplace, dev: Person) -> None:
    """When a contact and a lead share the typed address, the form asks which."""
    contact = add(place, "Contacts", "Carissa", "Kidman", "carissa.kidman@example.com")
    asks(dev, "Sync tomorrow 10am with carissa.kidman@example.com")
    chooses(
        dev, "carissa.kidman@example.com", "Carissa Kidman (contact, carissa.kidman@example.com)"
    )
    creates(dev)

    assert [("contact", contact)] == guests(events(place)[0])


def test_leaving_out_an_address_takes_it_out(place: Workplace, dev: Person) -> None:
    """When Dev leaves out an address that two records share, it isn't invited either."""
    add(place, "Contacts", "Carissa", "Kidman", "carissa.kidman@example.com")
    asks(dev, "Sync tomorrow 10am with carissa.kidman@example.com")
    chooses(dev, "carissa.kidman@example.com", "Leave out")

    assert [] == dev.field("People")


@pytest.mark.parametrize("who", ["@robot", "@eva"])
def test_bots_and_gone_colleagues_arent_invited(dev: Person, who: str) -> None:
    """When Dev mentions a bot or a deactivated colleague, the form asks and takes nobody."""
    asks(dev, f"Sync tomorrow 10am with {who}")

    assert [] == dev.field("People")
    assert "errors" in dev.submit()


# -- typing into People ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("be", BEN),
        ("okoro", BEN),
        ("ben@ex", BEN),
        ("Simon M", "Simon Morasca (contact, simon.morasca@example.com)"),
        ("kidm", CARISSA),
        ("carissa.kid", CARISSA),
        ("new@partner.example", "new@partner.example (outside the CRM)"),
        ("李伟", "Li Wei 李伟 (lead, li.wei@example.com)"),
    ],
)
def test_typing_offers_everybody(dev: Person, typed: str, offered: str) -> None:
    """When Dev types two letters or more, CRM users, contacts, leads and free addresses come."""
    asks(dev, "Sync tomorrow 10am")

    assert offered in dev.options("People", typed)


@pytest.mark.parametrize("typed", ["", "b", " b ", "zzzz", "(", "a,b)"])
def test_typing_too_little_or_nonsense_offers_nobody(dev: Person, typed: str) -> None:
    """When Dev typed less than two letters, or nobody matches, nothing is offered."""
    asks(dev, "Sync tomorrow 10am")

    assert [] == dev.options("People", typed)


def test_a_typed_address_of_a_lead_offers_the_lead_alone(dev: Person) -> None:
    """When Dev types a known lead's whole address into People, the bare address isn't offered."""
    asks(dev, "Sync tomorrow 10am")

    assert [CARISSA] == dev.options("People", "Carissa.Kidman@example.com")


def test_picked_people_land_as_what_they_are(place: Workplace, dev: Person) -> None:
    """When Dev picks a user, a contact, a lead and an address, the CRM has those four."""
    asks(dev, "Sync tomorrow 10am")
    for typed in ("ben@", "simon.mor", "carissa.kid", "guest@partner.example"):
        fills(dev, "People", typed)
    creates(dev)

    assert guests(events(place)[0]) == [
        ("contact", crm_id(place, "Contacts", "simon.morasca@example.com")),
        ("email", "guest@partner.example"),
        ("lead", crm_id(place, "Leads", "carissa.kidman@example.com")),
        ("user", crm_id(place, "users", "ben@example.com")),
    ]


@pytest.mark.slow
def test_a_stalled_crm_leaves_those_met_before(place: Workplace, dev: Person) -> None:
    """When the CRM hangs, typing still answers within three seconds, with whom Dev has met."""
    asks(dev, "Sync tomorrow 10am with lead: Carissa Kidman")
    place.control(
        "/control/faults",
        {"kind": "delay", "path": "/crm/v8/Contacts/search", "seconds": 2.2, "times": None},
    )
    began = time.monotonic()
    offered = dev.options("People", "caris")

    assert [CARISSA] == offered
    assert time.monotonic() - began < 3


def test_a_broken_crm_still_offers_a_free_address(place: Workplace, dev: Person) -> None:
    """When the CRM answers with faults, a whole address can still be picked."""
    asks(dev, "Sync tomorrow 10am")
    place.control("/control/faults", {"kind": "answer", "path": "*", "times": None})

    assert ["new@partner.example (outside the CRM)"] == dev.options("People", "new@partner.example")


def test_a_dozen_typed_addresses_are_read(place: Workplace, dev: Person) -> None:
    """When Dev types twelve addresses, which Slack sends doubled as links, all of them come."""
    typed = [f"person{n:02}@partner.example" for n in range(1, 13)]
    asks(dev, f"Sync tomorrow 10am with {', '.join(typed)}")
    creates(dev)

    assert [("email", one) for one in typed] == guests(events(place)[0])


# -- many ------------------------------------------------------------------------------


def test_fifty_one_people_are_refused_at_the_field(place: Workplace, dev: Person) -> None:
    """When Dev names 51 people, People says that the CRM takes 50; nothing is written."""
    asks(dev, "Sync tomorrow 10am")
    invites(dev, 51)

    said = "The CRM takes at most 50 people in a meeting. Take some out."
    assert {"errors": {"People": said}} == dev.submit()
    assert [] == place.records("Events")


def test_fifty_people_are_taken(place: Workplace, dev: Person) -> None:
    """When Dev names 50 people and says twice that he means it, all of them come."""
    asks(dev, "Sync tomorrow 10am")
    invites(dev, 50)
    dev.submit()
    creates(dev)

    assert 50 == len(guests(events(place)[0]))


def test_many_guests_need_a_second_click(place: Workplace, dev: Person) -> None:
    """When Dev creates 2 meetings for 21 guests, the form names the numbers first."""
    asks(dev, "Sync every Monday 10am for 2 weeks")
    invites(dev, 21)
    first = dev.submit()

    assert "updated" == first
    assert (
        "This writes 2 meetings for 21 guests into the CRM and mails them. "
        "Press Create once more if that is right."
    ) in dev.modal_text()
    assert [] == place.records("Events")
    assert "2 meetings" in creates(dev)


def test_twenty_guests_need_no_second_click(place: Workplace, dev: Person) -> None:
    """When Dev invites 20, one click is enough."""
    asks(dev, "Sync tomorrow 10am")
    invites(dev, 20)
    creates(dev)

    assert 20 == len(guests(events(place)[0]))


# -- names and words are only text -----------------------------------------------------


def test_a_loud_name_never_becomes_a_broadcast(place: Workplace, dev: Person) -> None:
    """When a lead is called "<!channel> Ltd", no form, message or shared message calls anybody."""
    asks(dev, "Sync <!channel> tomorrow 10am")
    fills(dev, "People", "hello@example.com")
    assert [LOUD] == dev.field("People")
    creates(dev)
    dev.close()
    dev.press("Share in the channel")
    dev.wait_for(lambda: "Scheduled by" in dev.messages("C0GENERAL")[-1]["text"])

    assert "With <!channel> Ltd." in dev.messages("C0GENERAL")[-1]["text"]
    assert [] == loud(place, dev)


def test_a_loud_name_asks_quietly(place: Workplace, dev: Person) -> None:
    """When the words and the candidates are loud, the questions about them call nobody."""
    asks(dev, "Sync tomorrow 10am lead: Ltd and <!here> with <!channel> <@U0GIL>", raw=True)
    dev.submit()

    assert LOUD in dev.options("Who or what is “Ltd”?")
    assert [] == loud(place, dev)


def loud(place: Workplace, person: Person) -> list[str]:
    """Return every text the bot sent or shows in which a broadcast or foreign link is live."""
    sent = [call["args"] for call in messages_sent(place)]
    seen: list[dict[str, Any]] = [one["raw"] for one in person.messages("*") if one["from_bot"]]
    seen.append(person.modal() or {})
    live = [one["text"] for one in texts([*sent, *seen]) if one["type"] == "mrkdwn"]
    live += [one["text"] for one in [*sent, *seen] if isinstance(one.get("text"), str)]
    assert live
    # A date token calls nobody.
    return [text for text in live if "<!" in text.replace("<!date^", "") or "<http" in text]


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("payload review tomorrow 10am", "payload review"),
        ("“Q1 & Q2 <plan> 🎉” tomorrow 10am", "Q1 & Q2 <plan> 🎉"),
        ("\u2018Tea & cake\u2019 tomorrow 10am", "Tea & cake"),
        ('"R&amp;D, 1 < 2 > 0" tomorrow 10am', "R&amp;D, 1 < 2 > 0"),
        ("Müller & Söhne 👩‍💻 Übergabe tomorrow 10am", "Müller & Söhne 👩‍💻 Übergabe"),
        ("“payload=%7B&text=x” tomorrow 10am", "payload=%7B&text=x"),
    ],
)
def test_titles_arrive_intact(place: Workplace, dev: Person, words: str, title: str) -> None:
    """When a title has quotes, signs, emoji or "payload" in it, the CRM has it as typed."""
    asks(dev, words)

    assert title == dev.field("Title")
    assert f"“{title}” is in your CRM" in creates(dev)
    assert title == events(place)[0]["Event_Title"]


def test_a_fields_text_arrives_intact(place: Workplace, dev: Person) -> None:
    """When Dev rewrites the title in the form, the CRM has exactly that."""
    asks(dev, "Sync tomorrow 10am")
    dev.fill("Title", "payload=“A & B” <i>x</i> 🎉 *bold* &lt;")
    fills(dev, "People", "ben@")
    creates(dev)

    assert "payload=“A & B” <i>x</i> 🎉 *bold* &lt;" == events(place)[0]["Event_Title"]


def test_a_changed_form_says_why_it_asks_again(place: Workplace, dev: Person) -> None:
    """When Dev rewrites the length and presses Create at once, he reads why it isn't made yet."""
    asks(dev, "Sync tomorrow 10am")
    dev.fill("Ends at or lasts", "2h")
    assert "updated" == dev.submit()

    assert "You changed the form after its dates were shown." in dev.modal_text()
    assert [] == place.records("Events")
    assert "“Sync” is in your CRM" in creates(dev)


def test_a_person_of_another_organisation_is_not_invited_by_mention(dev: Person) -> None:
    """When Dev mentions Fay of another organisation, nobody is guessed and he reads so."""
    text = asks(dev, "Sync tomorrow 10am with @fay")

    assert "assumed" not in text
    assert [] == dev.field("People")
    assert "fay" in text.casefold()


def test_somebody_elses_form_is_not_disturbed(place: Workplace, dev: Person) -> None:
    """When Ben types a name Dev has met, he sees what his own account may, which is nothing."""
    asks(dev, "Sync tomorrow 10am with lead: Carissa Kidman")
    ben = place.person("U0BEN")

    assert "Your meeting is kept" in answer(ben, "/meet Sync tomorrow 10am with Carissa Kidman")
    assert ben.modal() is None


def test_a_name_nobody_could_be_asked_about_is_asked_again(place: Workplace) -> None:
    """When the CRM is down, no name is said to be unknown; the form opened anew asks again."""
    dev = place.person("U0DEV")
    agrees(link_of(dev, "/meet Review tomorrow 11am with lead: Carissa Kidman"), "dev@example.com")
    path = "/crm/v8/Leads/search"
    place.control("/control/faults", {"kind": "answer", "status": 500, "path": path, "times": 3})
    dev.press("Open the form")
    dev.wait_for(lambda: "I couldn't ask about it just now." in dev.modal_text())
    assert "I found nobody" not in dev.modal_text()
    dev.close()

    dev.press("Open the form")
    dev.wait_for(lambda: "Carissa Kidman (lead" in dev.modal_text())
