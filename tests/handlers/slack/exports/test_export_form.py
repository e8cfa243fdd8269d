"""The form for an export at its limits: Slack takes it, and says no more than is so."""

from datetime import UTC, datetime

import pytest

from bot.domain.export import FileType, Query
from bot.domain.export_criteria import Comparator, Comparison
from bot.domain.export_fields import COMPARATORS, KINDS, USERS, Catalogue, Field, Kind, Module
from bot.errors import NotUnderstood, Refused
from bot.journeys.export.draft import ExportDraft, FormPage
from bot.journeys.export.reading import Objection, read_sheet
from bot.journeys.export.sheet import (
    MOST_FIELDS,
    MOST_PARTS,
    MOST_ROWS,
    Part,
    Pick,
    Row,
    Sheet,
    offered,
)
from handlers.sandbox.slack.blocks import check_view
from handlers.slack.exports.builder import form
from handlers.slack.exports.state import field_errors, read_state
from handlers.slack.ids import Commands
from handlers.slack.sentences import export_asking

NOW = datetime(2026, 1, 14, 4, 50, tzinfo=UTC)
CHOICES = tuple((f"choice {number}", f"Choice {number}") for number in range(120))
FIELDS = (
    *(
        Field(
            api_name=f"F_{data_type}",
            label=f"The {data_type} & <its> label",
            data_type=data_type,
            choices=CHOICES
            if data_type == "multiselectpicklist"
            else CHOICES[: 5 * ("list" in data_type)],
            module=USERS if "user" in data_type or "owner" in data_type else None,
        )
        for data_type in KINDS
    ),
    Field(api_name="Notes", label="Notes", data_type="textarea", filterable=False),
)
CATALOGUE = Catalogue(fields=FIELDS)
MODULES = (
    Module(api_name="Events", label="Meetings", singular="Meeting", name="Meetings"),
    Module(api_name="Leads", label="Leads", singular="Lead", name="Leads"),
)


def page(sheet: Sheet, *, problem: str = "", unseen: str = "") -> FormPage:
    """Return a page of a sheet whose fields are known."""
    draft = ExportDraft(id="d", zone="Asia/Kolkata", sheet=sheet, problem=problem, unseen=unseen)
    reading = read_sheet(sheet, CATALOGUE, now=NOW, zone=draft.zone)
    return FormPage(draft=draft, modules=MODULES, catalogue=CATALOGUE, reading=reading)


def filled(rows: list[Row]) -> Sheet:
    """Return a sheet with these conditions in as many groups as there can be."""
    parts = tuple(
        Part(key=f"p{number}", rows=tuple(rows[number::MOST_PARTS])) for number in range(MOST_PARTS)
    )
    return Sheet(
        module="Leads",
        fields=tuple(Pick(value=f"Field_{n}", shown=f"Field {n}") for n in range(MOST_FIELDS)),
        view=Pick(value="1", shown="All “Leads” & <more>"),
        parts=parts,
    )


def test_the_fullest_form_is_one_that_slack_takes() -> None:
    """Twenty conditions of two entries each, five groups, a hundred fields, a problem above."""
    pair = (Pick(value="1700000000", shown=""), Pick(value="1800000000", shown=""))
    rows = [
        Row(key=f"r{n}", field="F_datetime", comparator="between", values=pair)
        for n in range(MOST_ROWS)
    ]
    view = form(page(filled(rows), problem="export_form_nested", unseen="1.h"), Commands())
    assert 100 >= len(view["blocks"])
    assert [] == check_view(view, "modal")


@pytest.mark.parametrize("field", FIELDS, ids=lambda one: str(one.data_type))
def test_every_comparison_of_every_kind_can_be_shown(field: Field) -> None:
    """Slack takes each entry, empty and filled; a field that isn't compared asks for another."""
    for comparator in offered(field) or ("equal",):
        sheet = Sheet(
            module="Leads",
            parts=(
                Part(key="p", rows=(Row(key="r", field=field.api_name, comparator=comparator),)),
            ),
        )
        assert [] == check_view(form(page(sheet), Commands()), "modal"), comparator
    assert (field.kind is Kind.OTHER) == (not offered(field))


def test_a_condition_without_field_or_value_is_objected_to_at_its_place() -> None:
    """What a client let through is refused all the same, and shown where it is missing."""
    rows = (Row(key="a"), Row(key="b", field="F_text"))
    reading = read_sheet(
        Sheet(module="Leads", parts=(Part(key="p", rows=rows),)), CATALOGUE, now=NOW, zone="UTC"
    )
    assert ["field.a", "value.b"] == [one.place for one in reading.objections]
    inputs = [
        {"type": "input", "block_id": name}
        for name in ("module", "field.a.0", "field.b.1", "value.b.1")
    ]
    assert {
        "field.a.0": "Choose a field here, or take the condition out.",
        "value.b.1": "Fill in what to compare with, or take the condition out.",
    } == field_errors({"blocks": inputs}, reading.objections, Commands())


def test_an_objection_without_a_place_stands_at_the_first_field() -> None:
    """Slack shows errors under fields that are there, and nowhere else."""
    nowhere = Objection(place="view", error=Refused("export_ics_module", name="Leads"))
    blocks = [{"type": "section", "block_id": "top"}, {"type": "input", "block_id": "module"}]
    assert ["module"] == list(field_errors({"blocks": blocks}, (nowhere,), Commands()))


def test_a_block_that_is_older_than_the_sheet_changes_nothing() -> None:
    """After another comparison, what was typed for the one before is let go."""
    row = Row(key="r", field="F_text", values=(Pick(value="x", shown="x"),))
    later = row.with_comparator("in", FIELDS[8]).with_field("F_text")
    sheet = Sheet(module="Leads", parts=(Part(key="p", rows=(later,)),))
    typed = {"value.r.0": {"v": {"type": "plain_text_input", "value": "old"}}}
    assert sheet == read_state({"state": {"values": typed}}, sheet, CATALOGUE)


def test_values_stay_where_the_new_comparison_takes_them() -> None:
    """From "is" to "contains" a text stays; from "is" to "is empty" nothing is left to fill in."""
    field = next(one for one in FIELDS if one.data_type == "text")
    row = Row(key="r", field="F_text", values=(Pick(value="x", shown="x"),))
    assert row.values == row.with_comparator("contains", field).values
    assert () == row.with_comparator("empty", field).values
    assert row == row.with_comparator("greater_than", field)


def test_what_is_added_twice_is_there_once_and_never_too_much() -> None:
    """A click worked at twice adds one condition; the limits hold."""
    sheet = (
        Sheet(module="Leads").with_part("p").with_part("p").with_row("p", "r").with_row("p", "r")
    )
    assert ["p", "r"] == [row.key for row in sheet.rows]
    for number in range(MOST_ROWS):
        sheet = sheet.with_row("p", f"r{number}").with_part(f"p{number}")
    assert (MOST_ROWS, MOST_PARTS) == (len(sheet.rows), len(sheet.parts))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (Query(module="Leads"), "All fields of Leads, as CSV."),
        (
            Query(module="Events", file_type=FileType.ICS),
            "All fields of Events, as an ICS calendar.",
        ),
        (
            Query(
                module="Leads",
                fields=("Email", "Phone", "City"),
                criteria=Comparison(field="City", comparator=Comparator.EQUAL, value="A or B"),
            ),
            'Email, Phone and City of Leads where City = "A or B", as CSV.',
        ),
    ],
)
def test_a_query_is_said_in_words(query: Query, said: str) -> None:
    """What it holds, of which module, under which conditions, as which file."""
    assert said == export_asking.said(query)


@pytest.mark.parametrize(
    ("text", "start", "end", "marked"),
    [
        ("Leads wher x", 6, 10, "Leads wher x\n      ^^^^"),
        ("Leads where", 11, 11, "Leads where\n           ^"),
        ("A &amp; B &lt; 3", 15, 16, "A & B < 3\n        ^"),
        ("a\nb```c", 2, 3, "a b'''c\n  ^"),
        (f"{'x' * 60}!{'y' * 60}", 60, 61, f"…{'x' * 39}!{'y' * 39}…\n{' ' * 40}^"),
    ],
)
def test_the_place_that_cannot_be_read_is_pointed_at(
    text: str, start: int, end: int, marked: str
) -> None:
    """As typed, on one line, cut around the place; nothing in it ends the block of code."""
    assert marked == export_asking.marked(
        text, NotUnderstood("criteria_value", start=start, end=end)
    )


def test_all_kinds_are_tried() -> None:
    """The table of fields above has each kind that can be compared."""
    assert set(COMPARATORS) == {one.kind for one in FIELDS}
