"""People and records: what is exact is decided here; against the sandbox."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from bot.crm.accounts import SCOPES
from bot.crm.directory import NAMES, Directory
from bot.crm.transport import Transport
from bot.domain.connection import Access
from bot.domain.meeting import ParentModule
from bot.domain.participants import Kind
from bot.errors import Fault, TryLater
from handlers.sandbox.web import Answer, Request, Site

if TYPE_CHECKING:
    from tests.bot.crm.conftest import Crm


@pytest.fixture
def directory(transport: Transport) -> Directory:
    """Our hands."""
    return Directory(transport)


def test_users_are_the_active_ones(crm: "Crm", directory: Directory) -> None:
    """Eva is disabled."""
    found = directory.users(crm.access)
    assert {"Ada Moreno", "Ben Okoro", "Chloe Tan", "Dev Raman", "Grace Hill"} == {
        one.name for one in found
    }
    assert {Kind.USER} == {one.kind for one in found}
    assert "ada@example.com" in {one.email for one in found}


def test_users_are_read_page_by_page(
    transport: Transport,
    serve: Callable[[Site], str],
    access_to: Callable[[str], Access],
) -> None:
    """Until there are no more."""

    def answer(request: Request) -> Answer:
        page = int(request.query["page"])
        user = {"id": f"{page:08d}", "full_name": f"U{page}", "email": None}
        return Answer.json({"users": [user], "info": {"more_records": page < 3}})

    site = Site("api")
    site.unknown = answer
    found = Directory(transport).users(access_to(serve(site)))
    assert ["U1", "U2", "U3"] == [one.name for one in found]


@pytest.mark.parametrize("text", ["", "a", " a ", "\n", "\x00b"])
def test_less_than_two_letters_find_nobody(
    transport: Transport,
    connects: list[object],
    access_to: Callable[[str], Access],
    text: str,
) -> None:
    """And nothing is asked."""
    directory, access = Directory(transport), access_to("http://127.0.0.1:9")
    assert () == directory.find(access, text)
    assert () == directory.by_email(access, text)
    assert () == directory.by_name(access, text, set(Kind))
    assert () == directory.contacts(access, text)
    assert () == directory.records(access, ParentModule.DEALS, text)
    assert [] == connects


def test_find_offers_users_contacts_and_leads(crm: "Crm", directory: Directory) -> None:
    """Whoever's name begins so."""
    found = directory.find(crm.access, "boyle")
    assert {
        (Kind.CONTACT, "patricia.boyle@example.com"),
        (Kind.CONTACT, "pat.boyle.zylker@example.com"),
        (Kind.LEAD, "annmarie.boyle@example.com"),
    } == {(one.kind, one.email) for one in found if "Boyle" in one.name}
    assert ["Ada Moreno"] == [one.name for one in directory.find(crm.access, "ada m")]
    assert 3 == len(directory.find(crm.access, "ca", limit=3))


def test_find_returns_what_it_has_when_a_part_is_late(crm: "Crm", directory: Directory) -> None:
    """And is late itself only when nobody was found."""
    crm.fault(kind="throttle", path="/crm/v8/users", times=None)
    assert directory.find(crm.access, "boyle")
    crm.fault(kind="throttle", path="/crm/v8/Contacts/search", times=None)
    with pytest.raises(TryLater, match="crm_limit"):
        directory.find(crm.access, "boyle")


def test_find_keeps_the_callers_deadline(
    crm: "Crm", directory: Directory, transport: Transport
) -> None:
    """Type-ahead waits a second and a half, not fifteen."""
    crm.fault(kind="delay", path="/crm/v8/Contacts/search", seconds=1.0, times=None)
    with pytest.raises(TryLater, match="crm_slow"):
        directory.find(crm.access, "boyle", deadline=transport.until(0.2))


def test_by_email_is_exact_and_users_come_first(crm: "Crm", directory: Directory) -> None:
    """Whatever its case; never somebody whose address merely contains it."""
    ben = crm.user("ben@example.com")
    crm.side.world.add("Contacts", {"Last_Name": "Ben", "Email": "Ben@Example.com"}, ben)
    crm.side.world.add("Leads", {"Last_Name": "Rueben", "Email": "rueben@example.com"}, ben)
    found = directory.by_email(crm.access, "BEN@example.com")
    assert [(Kind.USER, "ben@example.com"), (Kind.CONTACT, "Ben@Example.com")] == [
        (one.kind, one.email) for one in found
    ]
    assert () == directory.by_email(crm.access, "nobody@example.com")


def test_by_name_prefers_the_full_name(crm: "Crm", directory: Directory) -> None:
    """Two of the same name are both returned: a choice, never a guess."""
    everybody = {Kind.USER, Kind.CONTACT, Kind.LEAD}
    longer = {"First_Name": "Patricia", "Last_Name": "Boyleson", "Full_Name": "Patricia Boyleson"}
    crm.side.world.add("Leads", longer, crm.user("ada@example.com"))
    assert "Patricia Boyleson" in {one.name for one in directory.find(crm.access, "patricia boyle")}
    found = directory.by_name(crm.access, "patricia BOYLE", everybody)
    assert ["Patricia Boyle"] * 2 == [one.name for one in found]
    alike = directory.by_name(crm.access, "boyle", everybody)
    assert {"Patricia Boyle", "Patricia Boyleson", "Ann-Marie Boyle"} == {one.name for one in alike}
    assert {Kind.CONTACT} == {
        one.kind for one in directory.by_name(crm.access, "boyle", {Kind.CONTACT})
    }
    assert ["Dev Raman"] == [
        one.name for one in directory.by_name(crm.access, "dev raman", everybody)
    ]
    assert () == directory.by_name(crm.access, "nobody at all", everybody)


@pytest.mark.parametrize("name", ["O'Neil", "José Muñoz-Álvarez", "<!channel> Ltd", "Wei 李伟"])
def test_names_of_any_letters_are_found(crm: "Crm", directory: Directory, name: str) -> None:
    """Apostrophes, accents, marks and other scripts."""
    found = directory.by_name(crm.access, name, {Kind.CONTACT, Kind.LEAD})
    assert [name] == [one.name.removeprefix("Li ") for one in found]


@pytest.mark.parametrize(
    ("kind", "module"), [(Kind.CONTACT, "Contacts"), (Kind.LEAD, "Leads"), (Kind.USER, "users")]
)
def test_by_id_finds_the_one_or_nobody(
    crm: "Crm", directory: Directory, kind: Kind, module: str
) -> None:
    """Each kind in its own module."""
    known = (
        crm.user("dev@example.com")
        if kind is Kind.USER
        else next(row for row in crm.records(module).values() if row.get("Email"))
    )
    found = directory.by_id(crm.access, kind, known["id"])
    assert found is not None
    assert (kind, known["id"]) == (found.kind, found.ref)
    assert (known.get("full_name") or known.get("Full_Name")) == found.name
    assert directory.by_id(crm.access, kind, "554500000000001") is None


def test_by_id_takes_only_ids_of_records(crm: "Crm", directory: Directory) -> None:
    """An address has none, and a path isn't one."""
    with pytest.raises(ValueError, match="record"):
        directory.by_id(crm.access, Kind.EMAIL, "a@example.com")
    with pytest.raises(Fault, match="crm_id"):
        directory.by_id(crm.access, Kind.LEAD, "../users/12345")


def test_contacts_are_offered_by_name(crm: "Crm", directory: Directory) -> None:
    """The exact one first."""
    found = directory.contacts(crm.access, "simon morasca")
    assert "Simon Morasca" == found[0].name


@pytest.mark.parametrize("module", list(ParentModule))
def test_records_of_every_module_are_found_by_their_name(
    crm: "Crm", directory: Directory, module: ParentModule
) -> None:
    """Ten modules, seven ways of calling the name."""
    access = crm.access_of("ada@example.com", (*SCOPES, "ZohoCRM.modules.ALL"))
    row = next(iter(crm.records(module.value).values()))
    name = row[NAMES[module]]
    found = directory.records(access, module, name.upper())
    assert (row["id"], name) == (found[0].id, found[0].name)
    assert found[0] in directory.records(access, module, name[:4])


@pytest.mark.parametrize(
    "name", ["Acme (North), Ltd", "a\\b", "x)or(Amount:greater_than:0", "Tom: Jerry", "50% & more"]
)
def test_a_name_of_any_letters_is_one_value(crm: "Crm", directory: Directory, name: str) -> None:
    """It can't close its bracket and begin a criterion of its own."""
    ada = crm.user("ada@example.com")
    made = crm.side.world.add("Deals", {"Deal_Name": name}, ada)
    found = directory.records(crm.access, ParentModule.DEALS, name)
    assert [(made["id"], name)] == [(one.id, one.name) for one in found]
