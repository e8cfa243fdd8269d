"""What an export may ask for; each limit of the CRM's is refused at its field."""

from datetime import UTC, date, datetime

import pytest

from bot.domain.export import FileType, JobState, Query
from bot.domain.export_criteria import (
    EMPTY,
    Comparator,
    Comparison,
    Criteria,
    Group,
    Value,
    conditions,
)
from bot.domain.meeting import Record
from bot.errors import Refused


def one(comparator: str, value: Value, field: str = "Amount") -> Comparison:
    """One condition."""
    return Comparison(field=field, comparator=Comparator(comparator), value=value)


def many(count: int) -> Criteria:
    """So many conditions, nested."""
    half = Group(operator="or", members=(one("equal", 0), one("equal", 0)))
    return Group(operator="and", members=(half, *(one("equal", n) for n in range(count - 2))))


def fields(count: int) -> tuple[str, ...]:
    """So many fields."""
    return tuple(f"Field_{n}" for n in range(count))


@pytest.mark.parametrize(
    ("parts", "code", "field"),
    [
        ({"module": "Leads; drop"}, "export_module", "module"),
        ({"module": ""}, "export_module", "module"),
        ({"module": "Leads", "fields": fields(201)}, "export_fields_limit", "fields"),
        ({"module": "Leads", "fields": ("a b",)}, "export_field", "fields"),
        ({"module": "Leads", "fields": ("a.b.c",)}, "export_field", "fields"),
        ({"module": "Leads", "criteria": many(26)}, "criteria_limit", "where"),
        ({"module": "Leads", "criteria": one("equal", 1, "a'b")}, "export_field", "where"),
        ({"module": "Leads", "file_type": FileType.ICS}, "export_ics_module", "file_type"),
        (
            {"module": "Events", "file_type": FileType.ICS, "fields": ("Venue",)},
            "export_ics_fields",
            "fields",
        ),
    ],
)
def test_a_query_the_crm_would_refuse_isnt_made(
    parts: dict[str, object], code: str, field: str
) -> None:
    """Zoho CRM, Bulk Read API limitations."""
    with pytest.raises(Refused) as caught:
        Query(**parts)  # type: ignore[arg-type] # the parts are those of a query
    assert (code, field) == (caught.value.code, caught.value.field)


def test_a_query_at_the_limits_is_made() -> None:
    """200 fields, each once, and 25 conditions."""
    query = Query(module="Leads", fields=(*fields(199), "Owner.email"), criteria=many(25))
    assert (200, 25) == (len(query.fields), len(list(conditions(query.criteria))))
    assert ("A", "B") == Query(module="Leads", fields=("A", "B", "A")).fields
    assert (200_000, 20_000) == (FileType.CSV.page_rows, FileType.ICS.page_rows)


@pytest.mark.parametrize(
    ("comparator", "value", "code"),
    [
        ("in", (), "criteria_list_limit"),
        ("in", tuple(range(21)), "criteria_list_limit"),
        ("greater_than", EMPTY, "criteria_empty"),
        ("equal", "", "criteria_text"),
        ("equal", "x" * 256, "criteria_text"),
        ("in", ("a", "x" * 256), "criteria_text"),
        ("equal", 10**19, "criteria_number"),
        ("between", (date(2026, 1, 2), date(2026, 1, 1)), "criteria_pair_order"),
    ],
)
def test_a_condition_the_crm_would_refuse_isnt_made(
    comparator: str, value: Value, code: str
) -> None:
    """With the field's name, where the criteria are."""
    with pytest.raises(Refused) as caught:
        one(comparator, value)
    assert (code, "where", "Amount") == (
        caught.value.code,
        caught.value.field,
        caught.value.values["name"],
    )


@pytest.mark.parametrize(
    ("comparator", "value"),
    [
        ("in", 5),
        ("between", 5),
        ("between", (1, 2, 3)),
        ("between", ("a", "b")),
        ("equal", (1, 2)),
        ("equal", datetime(2026, 1, 1)),  # noqa: DTZ001 - what is refused
        ("equal", datetime(2026, 1, 1, microsecond=1, tzinfo=UTC)),
    ],
)
def test_a_condition_of_another_shape_is_a_mistake_of_ours(comparator: str, value: Value) -> None:
    """No person can cause it."""
    with pytest.raises(ValueError, match=r"tuples|unpack|pairs|several|offset"):
        one(comparator, value)


def test_a_group_has_two_members() -> None:
    """Every sample of Zoho's has."""
    with pytest.raises(ValueError, match="two members"):
        Group(operator="and", members=(one("equal", 1),))


def test_a_query_is_kept_as_plain_json() -> None:
    """In the job's row; every kind of value comes back as what it was."""
    values: tuple[Comparison, ...] = (
        one("equal", "2026-01-01"),
        one("equal", date(2026, 1, 1)),
        one("equal", datetime(2026, 1, 1, tzinfo=UTC)),
        one("equal", value=True),
        one("equal", 1),
        one("equal", 1.5),
        one("not_equal", EMPTY),
        one("in", (Record(id="12345", name="me"),)),
    )
    query = Query(
        module="Leads",
        fields=("A",),
        criteria=Group(operator="or", members=values),
        view=Record(id="12345", name="Mine"),
    )
    again = Query.from_json(query.as_json())
    assert query == again
    kinds = [type(each.value) for each in conditions(query.criteria)]
    assert kinds == [type(each.value) for each in conditions(again.criteria)]


def test_a_job_is_over_when_it_is_done_or_has_failed() -> None:
    """And only then."""
    assert {JobState.COMPLETED, JobState.FAILURE} == {one for one in JobState if one.over}
