"""Who and what is in the CRM: users, contacts, leads, and the records meetings belong to.

Zoho finds more than was asked for - a text criterion's ``equals`` behaves like
"contains", a word may match any field (Zoho CRM, Search Records) - so what is exact is
decided here.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from bot.crm.answers import more, rows
from bot.crm.shapes import Json, identity, optional_text, record_id
from bot.crm.transport import Transport
from bot.domain.connection import Access
from bot.domain.meeting import ParentModule, Record
from bot.domain.participants import Kind, Participant
from bot.errors import Gone, TryLater

SHORTEST: Final = 2
"""Zoho CRM, Search Records: a word has at least two characters."""
LONGEST: Final = 120
PAGE: Final = 200
MANY_PAGES: Final = 50
MODULES: Final[Mapping[Kind, str]] = MappingProxyType(
    {Kind.CONTACT: "Contacts", Kind.LEAD: "Leads"}
)
NAMES: Final[Mapping[ParentModule, str]] = MappingProxyType(
    {
        ParentModule.ACCOUNTS: "Account_Name",
        ParentModule.DEALS: "Deal_Name",
        ParentModule.PRODUCTS: "Product_Name",
        ParentModule.QUOTES: "Subject",
        ParentModule.INVOICES: "Subject",
        ParentModule.CAMPAIGNS: "Campaign_Name",
        ParentModule.VENDORS: "Vendor_Name",
        ParentModule.CASES: "Subject",
        ParentModule.PURCHASE_ORDERS: "Subject",
        ParentModule.SALES_ORDERS: "Subject",
    }
)
"""The field that holds a record's name."""
_PERSON_FIELDS = "Full_Name,First_Name,Last_Name,Email"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_SPECIAL = re.compile(r"([\\(),])")


class Directory:
    """Looks people and records up, with the rights of whoever asks."""

    def __init__(self, transport: Transport) -> None:
        """Keep the wire."""
        self._transport = transport

    def users(self, access: Access, *, deadline: float | None = None) -> tuple[Participant, ...]:
        """Return all active users of the organisation.

        Raises:
            ParleyError: What the CRM's answers name.
        """
        found: list[Participant] = []
        for page in range(1, MANY_PAGES + 1):
            answer = self._transport.send(
                "GET",
                f"{access.api_origin}/crm/v8/users",
                token=access.token,
                params={"type": "ActiveUsers", "page": str(page), "per_page": str(PAGE)},
                deadline=deadline,
            )
            found.extend(_user(row) for row in rows(answer, "users"))
            if not more(answer):
                break
        return tuple(found)

    def find(
        self, access: Access, text: str, *, deadline: float | None = None, limit: int = 20
    ) -> tuple[Participant, ...]:
        """Return people that match what somebody has typed so far.

        Args:
            access: Whose account.
            text: From two characters on; anything shorter finds nobody.
            deadline: An instant of ``Transport.until``. What was found by then is returned.
            limit: How many at most.

        Raises:
            TryLater: Late or limited, and nothing found yet.
            ParleyError: What the CRM's answers name.
        """
        wanted = _typed(text)
        if not wanted:
            return ()
        found: list[Participant] = []

        def among_users() -> Iterable[Participant]:
            people = self.users(access, deadline=deadline)
            return (one for one in people if _begins(one, wanted))

        searches: tuple[Callable[[], Iterable[Participant]], ...] = (
            lambda: self._people(access, Kind.CONTACT, {"word": wanted}, deadline),
            lambda: self._people(access, Kind.LEAD, {"word": wanted}, deadline),
            among_users,
        )
        for search in searches:
            try:
                found.extend(search())
            except TryLater:
                if not found:
                    raise
                break
        return tuple(sorted(found, key=lambda one: not _begins(one, wanted))[:limit])

    def by_email(self, access: Access, email: str) -> tuple[Participant, ...]:
        """Return everyone with exactly this address: users, then contacts, then leads.

        Raises:
            ParleyError: What the CRM's answers name.
        """
        wanted = _typed(email)
        if not wanted:
            return ()
        people = [*self.users(access)]
        for kind in MODULES:
            people.extend(self._people(access, kind, {"email": wanted}, None))
        return tuple(one for one in people if _same(one.email, wanted))

    def by_name(
        self, access: Access, name: str, kinds: Collection[Kind]
    ) -> tuple[Participant, ...]:
        """Return the people of *kinds* called *name*: the full name if any has it, else alike.

        Raises:
            ParleyError: What the CRM's answers name.
        """
        wanted = _typed(name)
        if not wanted:
            return ()
        people = [*self.users(access)] if Kind.USER in kinds else []
        people = [one for one in people if _alike(one.name, wanted)]
        for kind in MODULES:
            if kind in kinds:
                matches = self._people(access, kind, {"word": wanted}, None)
                people.extend(one for one in matches if _alike(one.name, wanted))
        exact = tuple(one for one in people if _same(one.name, wanted))
        return exact or tuple(people)

    def by_id(self, access: Access, kind: Kind, ref: str) -> Participant | None:
        """Return one user, contact or lead, or None where there is none.

        Raises:
            ParleyError: What the CRM's answer names.
            ValueError: For an address: it isn't in the CRM.
        """
        if kind is Kind.EMAIL:
            raise ValueError("an address has no record")
        module = "users" if kind is Kind.USER else MODULES[kind]
        url = f"{access.api_origin}/crm/v8/{module}/{record_id(ref)}"
        params = None if kind is Kind.USER else {"fields": _PERSON_FIELDS}
        answer = self._transport.send("GET", url, token=access.token, params=params)
        try:
            found = rows(answer, "users" if kind is Kind.USER else "data")
        except Gone:
            return None
        if not found:
            return None
        return _user(found[0]) if kind is Kind.USER else _person(found[0], kind)

    def contacts(
        self, access: Access, text: str, *, deadline: float | None = None
    ) -> tuple[Record, ...]:
        """Return the contacts that match *text*, those of exactly that name first.

        Raises:
            ParleyError: What the CRM's answer names.
        """
        wanted = _typed(text)
        if not wanted:
            return ()
        people = self._people(access, Kind.CONTACT, {"word": wanted}, deadline)
        return _exact_first((Record(id=one.ref, name=one.name) for one in people), wanted)

    def records(
        self, access: Access, module: ParentModule, text: str, *, deadline: float | None = None
    ) -> tuple[Record, ...]:
        """Return the records of *module* whose name contains *text*, exact names first.

        Raises:
            ParleyError: What the CRM's answer names.
        """
        wanted = _typed(text)
        if not wanted:
            return ()
        name, value = NAMES[module], _escaped(wanted)
        # Both, because whether "equals" also finds parts of a name is Zoho's habit, not its word.
        criteria = f"(({name}:equals:{value})or({name}:starts_with:{value}))"
        found = self._search(access, module.value, {"criteria": criteria, "fields": name}, deadline)
        named = ((identity(row), optional_text(row, name) or "") for row in found)
        return _exact_first(
            (Record(id=ref, name=label) for ref, label in named if _contains(label, wanted)),
            wanted,
        )

    def _people(
        self, access: Access, kind: Kind, params: Mapping[str, str], deadline: float | None
    ) -> tuple[Participant, ...]:
        search = {**params, "fields": _PERSON_FIELDS}
        found = self._search(access, MODULES[kind], search, deadline)
        return tuple(_person(row, kind) for row in found)

    def _search(
        self, access: Access, module: str, params: Mapping[str, str], deadline: float | None
    ) -> tuple[Json, ...]:
        answer = self._transport.send(
            "GET",
            f"{access.api_origin}/crm/v8/{module}/search",
            token=access.token,
            params=params,
            deadline=deadline,
        )
        return rows(answer)


def _typed(text: str) -> str:
    """Return what was typed, fit for a query; empty when it is too short to search for."""
    wanted = " ".join(_CONTROL.sub(" ", text).split())[:LONGEST].strip()
    return wanted if len(wanted) >= SHORTEST else ""


def _escaped(value: str) -> str:
    """Return *value* for a criterion: parentheses, comma and backslash behind a backslash."""
    return _SPECIAL.sub(r"\\\1", value)


def _user(row: Json) -> Participant:
    email = optional_text(row, "email")
    ref = identity(row)
    name = optional_text(row, "full_name") or email or ref
    return Participant(kind=Kind.USER, ref=ref, name=name, email=email)


def _person(row: Json, kind: Kind) -> Participant:
    email = optional_text(row, "Email")
    ref = identity(row)
    parts = (optional_text(row, "First_Name"), optional_text(row, "Last_Name"))
    full = optional_text(row, "Full_Name") or " ".join(part for part in parts if part)
    return Participant(kind=kind, ref=ref, name=full or email or ref, email=email)


def _same(text: str | None, wanted: str) -> bool:
    return text is not None and text.casefold() == wanted.casefold()


def _contains(text: str, wanted: str) -> bool:
    return wanted.casefold() in text.casefold()


def _alike(name: str, wanted: str) -> bool:
    """Say whether every word of *wanted* begins a word of *name*."""
    words = name.casefold().split()
    return all(any(word.startswith(part) for word in words) for part in wanted.casefold().split())


def _begins(person: Participant, wanted: str) -> bool:
    by_address = person.email is not None and person.email.casefold().startswith(wanted.casefold())
    return by_address or _alike(person.name, wanted)


def _exact_first(found: Iterable[Record], wanted: str) -> tuple[Record, ...]:
    return tuple(sorted(found, key=lambda one: not _same(one.name, wanted)))
