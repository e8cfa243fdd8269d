"""Which records an export shall have: conditions in groups, as the CRM's bulk read takes them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Final, Literal, cast

from bot.domain.meeting import Record
from bot.errors import Refused

MAX_CONDITIONS: Final = 25
"""Zoho CRM, Bulk Read API limitations: at most 25 criteria, those of the view among them."""
MAX_LISTED: Final = 20
"""The same page: at most 20 values for ``in`` and ``not_in``."""
MAX_TEXT: Final = 255
MAX_DIGITS: Final = 19
"""Zoho CRM, Create Bulk Read Job: a text holds 255 characters, a big integer 19 digits."""


class Comparator(StrEnum):
    """How a field is compared with a value (Zoho CRM, Create Bulk Read Job)."""

    EQUAL = "equal"
    NOT_EQUAL = "not_equal"
    IN = "in"
    NOT_IN = "not_in"
    LESS_THAN = "less_than"
    LESS_EQUAL = "less_equal"
    GREATER_THAN = "greater_than"
    GREATER_EQUAL = "greater_equal"
    BETWEEN = "between"
    NOT_BETWEEN = "not_between"
    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"


LISTS: Final = frozenset({Comparator.IN, Comparator.NOT_IN})
PAIRS: Final = frozenset({Comparator.BETWEEN, Comparator.NOT_BETWEEN})
SAME: Final = frozenset({Comparator.EQUAL, Comparator.NOT_EQUAL})


class Empty(Enum):
    """The value of a field in which nothing stands."""

    EMPTY = "${EMPTY}"

    def __repr__(self) -> str:
        """Name it alone."""
        return "EMPTY"


EMPTY: Final = Empty.EMPTY
Scalar = str | int | float | bool | date | datetime | Record
"""One value: text, number, truth value, day, aware time, or a record or user by id."""
Value = Scalar | Empty | tuple[Scalar, ...]
"""What a condition compares with: one value, nothing at all, a list, or a pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One condition.

    Attributes:
        field: An API name, or two joined by a dot: the field of a record looked up.
        comparator: How to compare.
        value: A tuple for lists and pairs, ``EMPTY`` for nothing, else one value.
    """

    field: str
    comparator: Comparator
    value: Value

    def __post_init__(self) -> None:
        """Refuse what the CRM would refuse.

        Raises:
            Refused: With ``where`` to blame, and the field's API name in ``name``.
        """
        if isinstance(self.value, tuple):
            self._check_several(self.value)
        elif self.comparator in LISTS | PAIRS:
            raise ValueError("lists and pairs are tuples")
        elif self.value is EMPTY:
            if self.comparator not in SAME:
                raise Refused("criteria_empty", field="where", name=self.field)
        else:
            _check(self.field, self.value)

    def _check_several(self, values: tuple[Scalar, ...]) -> None:
        if self.comparator in PAIRS:
            first, last = values
            if _rank(first) > _rank(last):
                raise Refused("criteria_pair_order", field="where", name=self.field)
        elif self.comparator not in LISTS:
            raise ValueError("only lists and pairs have several values")
        elif not 0 < len(values) <= MAX_LISTED:
            raise Refused(
                "criteria_list_limit",
                field="where",
                name=self.field,
                limit=MAX_LISTED,
                found=len(values),
            )
        for one in values:
            _check(self.field, one)


Joiner = Literal["and", "or"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Conditions and groups that hold together (``and``) or of which one does (``or``).

    Attributes:
        operator: What joins the members.
        members: Two or more (every sample of Zoho's has so many).
    """

    operator: Joiner
    members: "tuple[Criteria, ...]"

    def __post_init__(self) -> None:
        """Insist on two members.

        Raises:
            ValueError: There are fewer.
        """
        if len(self.members) < 2:
            raise ValueError("a group has two members or more")


Criteria = Comparison | Group


def conditions(criteria: Criteria | None) -> Iterator[Comparison]:
    """Give the single conditions, in order."""
    if isinstance(criteria, Comparison):
        yield criteria
    elif criteria is not None:
        for member in criteria.members:
            yield from conditions(member)


def _check(name: str, value: Scalar) -> None:
    if isinstance(value, str):
        if not value or len(value) > MAX_TEXT:
            raise Refused("criteria_text", field="where", name=name, limit=MAX_TEXT)
    elif isinstance(value, datetime):
        if value.tzinfo is None or value.microsecond:
            raise ValueError("times carry an offset and whole seconds")
    elif isinstance(value, int | float) and abs(value) >= 10**MAX_DIGITS:
        raise Refused("criteria_number", field="where", name=name, limit=MAX_DIGITS)


def _rank(value: Scalar) -> float:
    """Return a number in whose order values of a pair stand."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).timestamp()
    if isinstance(value, date):
        return value.toordinal()
    if isinstance(value, int | float):
        return value
    raise ValueError("pairs are of numbers, days or times")


# --- kept as JSON ---------------------------------------------------------------------------


def criteria_json(criteria: Criteria) -> dict[str, object]:
    """Return plain JSON from which ``criteria_from`` makes the same tree."""
    if isinstance(criteria, Group):
        return {
            "operator": criteria.operator,
            "members": [criteria_json(member) for member in criteria.members],
        }
    value = criteria.value
    kept = [_plain(one) for one in value] if isinstance(value, tuple) else _plain(value)
    return {"field": criteria.field, "comparator": criteria.comparator.value, "value": kept}


def criteria_from(kept: Mapping[str, object]) -> Criteria:
    """Make the tree that ``criteria_json`` wrote.

    Raises:
        KeyError: It isn't one.
        ValueError: It isn't one.
    """
    if "members" in kept:
        members = cast("list[Mapping[str, object]]", kept["members"])
        return Group(
            operator=cast(Joiner, kept["operator"]),
            members=tuple(criteria_from(member) for member in members),
        )
    value = kept["value"]
    return Comparison(
        field=str(kept["field"]),
        comparator=Comparator(str(kept["comparator"])),
        value=tuple(cast(Scalar, _made(one)) for one in value)
        if isinstance(value, list)
        else _made(value),
    )


def _plain(value: Scalar | Empty) -> object:
    """Return text, numbers and truth as they are, all else in an object that names its kind."""
    if value is EMPTY:
        return {"empty": True}
    if isinstance(value, Record):
        return {"id": value.id, "name": value.name}
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def _made(kept: object) -> Scalar | Empty:
    if not isinstance(kept, dict):
        return cast(Scalar, kept)
    if "empty" in kept:
        return EMPTY
    if "id" in kept:
        return Record(id=kept["id"], name=kept["name"])
    if "time" in kept:
        return datetime.fromisoformat(kept["time"])
    return date.fromisoformat(kept["day"])
