"""The fields of a module, and which comparators fit each kind of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.domain.export_criteria import Comparator


class Kind(StrEnum):
    """What a field is to a condition; ``other`` can't be compared."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    DATETIME = "datetime"
    BOOLEAN = "boolean"
    LOOKUP = "lookup"
    OTHER = "other"


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "integer": Kind.NUMBER,
        "bigint": Kind.NUMBER,
        "double": Kind.NUMBER,
        "decimal": Kind.NUMBER,
        "currency": Kind.NUMBER,
        "percent": Kind.NUMBER,
        "text": Kind.TEXT,
        "email": Kind.TEXT,
        "phone": Kind.TEXT,
        "website": Kind.TEXT,
        "picklist": Kind.TEXT,
        "multiselectpicklist": Kind.TEXT,
        "autonumber": Kind.TEXT,
        "date": Kind.DATE,
        "datetime": Kind.DATETIME,
        "boolean": Kind.BOOLEAN,
        "lookup": Kind.LOOKUP,
        "ownerlookup": Kind.LOOKUP,
        "userlookup": Kind.LOOKUP,
        "multimodulelookup": Kind.LOOKUP,
    }
)
"""By Zoho's data types (Zoho CRM, Fields Metadata); those not here are ``other``."""
UNEXPORTED: Final = frozenset(
    {
        "fileupload",
        "imageupload",
        "profileimage",
        "multiselectlookup",
        "multiuserlookup",
        "subform",
        "multireminder",
        "ALARM",
        "participants",
    }
)
"""Data types that bulk read doesn't give out (Zoho CRM, Bulk Read API limitations)."""
USER_TYPES: Final = frozenset({"ownerlookup", "userlookup"})
USERS: Final = "users"
"""What stands for a module where a field looks up a user."""

_SAME: Final = (Comparator.EQUAL, Comparator.NOT_EQUAL, Comparator.IN, Comparator.NOT_IN)
_ORDER: Final = (
    Comparator.LESS_THAN,
    Comparator.LESS_EQUAL,
    Comparator.GREATER_THAN,
    Comparator.GREATER_EQUAL,
)
_SPAN: Final = (Comparator.BETWEEN, Comparator.NOT_BETWEEN)
_PARTS: Final = (
    Comparator.CONTAINS,
    Comparator.NOT_CONTAINS,
    Comparator.STARTS_WITH,
    Comparator.ENDS_WITH,
)
COMPARATORS: Final[Mapping[Kind, tuple[Comparator, ...]]] = MappingProxyType(
    {
        Kind.NUMBER: (*_SAME, *_ORDER),
        Kind.TEXT: (*_SAME, *_PARTS),
        Kind.DATE: (*_SAME, *_ORDER, *_SPAN),
        Kind.DATETIME: (*_SAME, *_ORDER, *_SPAN),
        Kind.BOOLEAN: (Comparator.EQUAL,),
        Kind.LOOKUP: _SAME,
        Kind.OTHER: (),
    }
)
"""By kind (Zoho CRM, Create Bulk Read Job). Only ``equal`` and ``not_equal`` take nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a module, as the CRM describes it.

    Attributes:
        api_name: Its key on the wire.
        label: What the organisation calls it.
        data_type: Zoho's word for its type.
        filterable: Whether the CRM compares it at all (many-line texts it doesn't).
        choices: For picklists: what is sent, and what is shown, in order.
        module: The module a lookup points into, ``USERS`` for users; None where several
            may be, or where it is no lookup.
    """

    api_name: str
    label: str
    data_type: str
    filterable: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    module: str | None = None

    @property
    def kind(self) -> Kind:
        """What it is to a condition."""
        return KINDS.get(self.data_type, Kind.OTHER) if self.filterable else Kind.OTHER

    @property
    def comparators(self) -> tuple[Comparator, ...]:
        """The comparators that fit, the most common first."""
        return COMPARATORS[self.kind]

    @property
    def exportable(self) -> bool:
        """Whether it can be a column of an export."""
        return self.data_type not in UNEXPORTED

    @property
    def of_users(self) -> bool:
        """Whether its value is a user."""
        return self.data_type in USER_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One module of the CRM.

    Attributes:
        api_name: Its name on the wire.
        label: What the organisation calls its records.
        singular: What it calls one of them.
        name: The CRM's own name for it ("Meetings" for Events).
        custom: Whether the organisation made it for itself.
    """

    api_name: str
    label: str
    singular: str
    name: str
    custom: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Everything it goes by, in lower case."""
        found = (self.api_name, self.label, self.singular, self.name)
        return frozenset(one.casefold() for one in found)


USER_FIELDS: Final = tuple(
    Field(api_name=name, label=label, data_type=data_type)
    for name, label, data_type in (
        ("first_name", "First Name", "text"),
        ("last_name", "Last Name", "text"),
        ("full_name", "Full Name", "text"),
        ("email", "Email", "email"),
    )
)
"""What of a user can be asked for by a dot path, as in Kaizen #92's ``owner.last_name``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The fields of a module, and those of the modules its lookups point into.

    Attributes:
        fields: The module's own.
        parents: By module; of users ``USER_FIELDS`` are known without.
    """

    fields: tuple[Field, ...]
    parents: Mapping[str, tuple[Field, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def find(self, said: str) -> tuple[tuple[str, Field], ...]:
        """Return the fields that *said* names, by API name or label, each with its path.

        One as a rule; none where it names none; several that share a label. A dot leads
        through a lookup: ``Owner.last_name``.
        """
        whole = _named(self.fields, said)
        first, dot, second = said.partition(".")
        if whole or not dot:
            return tuple((one.api_name, one) for one in whole)
        return tuple(
            (f"{lookup.api_name}.{one.api_name}", one)
            for lookup in _named(self.fields, first)
            for one in _named(self._behind(lookup), second)
        )

    def names(self, said: str) -> tuple[str, ...]:
        """Return what could have been meant by *said*: labels and API names, after its dot."""
        first, dot, _ = said.partition(".")
        lookups = _named(self.fields, first) if dot else ()
        behind = (
            f"{lookup.api_name}.{one.api_name}"
            for lookup in lookups
            for one in self._behind(lookup)
        )
        own = (name for one in self.fields for name in (one.api_name, one.label))
        return (*behind, *own)

    def missing(self, said: str) -> str | None:
        """Return the module whose fields are needed to read *said*, if they aren't here."""
        first, dot, _ = said.partition(".")
        if not dot or _named(self.fields, said):
            return None
        found = {one.module for one in _named(self.fields, first)} - {None, USERS, *self.parents}
        return next(iter(found), None)

    def _behind(self, lookup: Field) -> tuple[Field, ...]:
        if lookup.module == USERS:
            return USER_FIELDS
        return self.parents.get(lookup.module or "", ())


def _named(fields: tuple[Field, ...], said: str) -> tuple[Field, ...]:
    """Return the field with that API name, else those with that label, whatever the case."""
    low = said.casefold()
    exact = tuple(one for one in fields if one.api_name.casefold() == low)
    return exact or tuple(one for one in fields if one.label.casefold() == low)
