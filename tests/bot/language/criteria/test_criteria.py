"""An export in words: read, typed, written back; what can't be is told at its place."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.domain.export import FileType, Query
from bot.domain.export_criteria import EMPTY, Comparator, Comparison, Criteria, Group, Value
from bot.domain.export_fields import USERS, Catalogue, Field, Module
from bot.domain.meeting import Record
from bot.errors import NotUnderstood, Refused
from bot.language import (
    Sense,
    module_named,
    parents_named,
    query_of,
    read_criteria,
    read_export,
    typed,
    users_named,
    view_named,
    write_criteria,
    write_export,
)
from bot.language.criteria.conditions import MAX_DEPTH
from bot.language.criteria.words import MAX_TEXT

INDIA = timezone(timedelta(hours=5, minutes=30))
SUMMER = timezone(timedelta(hours=-4))
WINTER = timezone(timedelta(hours=-5))


def field(name: str, data_type: str, label: str = "", **more: Any) -> Field:
    """A field as the CRM describes it."""
    label = label or name.replace("_", " ")
    return Field(api_name=name, label=label, data_type=data_type, **more)


CATALOGUE = Catalogue(
    fields=(
        field("Last_Name", "text"),
        field("Company", "text"),
        field("Amount", "currency"),
        field("No_of_Employees", "integer"),
        field("Owner", "ownerlookup", "Lead Owner", module=USERS),
        field("Created_Time", "datetime"),
        field("Next_Call", "datetime"),
        field("Closing_Date", "date"),
        field("Email_Opt_Out", "boolean"),
        field(
            "Lead_Source",
            "picklist",
            choices=(("Web", "Web site"), ("Cold Call", "Cold Call"), ("Chat", "Chat")),
        ),
        field("Account_Name", "lookup", module="Accounts"),
        field("Description", "textarea", filterable=False),
        field("Photo", "profileimage"),
        field("Twin_1", "text", "Twin"),
        field("Twin_2", "text", "Twin"),
    ),
    parents={"Accounts": (field("Phone", "phone"),)},
)
ADA = Record(id="5545974000000393001", name="Ada")
BEN = Record(id="5545974000000393011", name="Ben")
SENSE = Sense(
    catalogue=CATALOGUE,
    people={"me": ADA, "a@example.com": BEN, "<@u1>": BEN},
    now=datetime(2026, 6, 10, 12, tzinfo=UTC),  # a Wednesday
    zone=ZoneInfo("America/New_York"),
)


def mean(text: str) -> Criteria:
    """What criteria mean."""
    return typed(read_criteria(text), SENSE)


def one(name: str, comparator: str, value: Value) -> Comparison:
    """One condition."""
    return Comparison(field=name, comparator=Comparator(comparator), value=value)


def both(*members: Criteria) -> Group:
    """All of them."""
    return Group(operator="and", members=members)


def either(*members: Criteria) -> Group:
    """One of them."""
    return Group(operator="or", members=members)


ME = Record(id=ADA.id, name="me")
HIM = Record(id=BEN.id, name="a@example.com")
SPRING = (
    datetime(2026, 4, 15, tzinfo=SUMMER),
    datetime(2026, 6, 1, 23, 59, 59, tzinfo=SUMMER),
)


def test_the_promised_example_is_read_as_it_stands() -> None:
    """Every value with its field's type, both days whole."""
    text = (
        "Last_Name = Boyle and (Owner in (me, a@example.com)"
        " or Created_Time between 2026-04-15 and 2026-06-01)"
    )
    expected = both(
        one("Last_Name", "equal", "Boyle"),
        either(one("Owner", "in", (ME, HIM)), one("Created_Time", "between", SPRING)),
    )
    assert expected == mean(text)
    assert expected == mean(write_criteria(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Amount > 10000", one("Amount", "greater_than", 10000), id="number"),
        pytest.param(
            "owner in (5545974393001, 5545974393011)",
            one(
                "Owner",
                "in",
                (
                    Record(id="5545974393001", name="5545974393001"),
                    Record(id="5545974393011", name="5545974393011"),
                ),
            ),
            id="multi-select",
        ),
        pytest.param(
            "Created_Time between 2023-05-01T17:58:47+05:30 and 2023-06-01T17:58:47+05:30",
            one(
                "Created_Time",
                "between",
                (
                    datetime(2023, 5, 1, 17, 58, 47, tzinfo=INDIA),
                    datetime(2023, 6, 1, 17, 58, 47, tzinfo=INDIA),
                ),
            ),
            id="date-time",
        ),
        pytest.param(
            "Email_Opt_Out = false", one("Email_Opt_Out", "equal", value=False), id="boolean"
        ),
        pytest.param(
            "owner.last_name = Boyle", one("Owner.last_name", "equal", "Boyle"), id="lookup"
        ),
        pytest.param(
            "(Last_Name = Boyle and Owner in (me, a@example.com)) or (Company = Morlong Associates"
            " or Created_Time between 2023-04-15T17:58:47+05:30 and 2023-06-01T17:58:47+05:30)",
            either(
                both(one("Last_Name", "equal", "Boyle"), one("Owner", "in", (ME, HIM))),
                either(
                    one("Company", "equal", "Morlong Associates"),
                    one(
                        "Created_Time",
                        "between",
                        (
                            datetime(2023, 4, 15, 17, 58, 47, tzinfo=INDIA),
                            datetime(2023, 6, 1, 17, 58, 47, tzinfo=INDIA),
                        ),
                    ),
                ),
            ),
            id="compound",
        ),
    ],
)
def test_the_examples_of_kaizen_92_can_be_typed(text: str, expected: Criteria) -> None:
    """One a data type, and the compound sample ((1 and 2) or (3 or 4)); there and back."""
    assert expected == mean(text)
    assert expected == mean(write_criteria(expected))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Last_Name=Boyle", one("Last_Name", "equal", "Boyle")),
        ("last name is “Mc Donald”", one("Last_Name", "equal", "Mc Donald")),
        ("Last_Name != O'Brien", one("Last_Name", "not_equal", "O'Brien")),
        ("Last_Name <> 'x and y'", one("Last_Name", "not_equal", "x and y")),
        ('Last_Name = "say \\"and\\""', one("Last_Name", "equal", 'say "and"')),
        ("Company = Yahoo!", one("Company", "equal", "Yahoo!")),
        ("Company = R&amp;D", one("Company", "equal", "R&D")),
        ("Amount &gt;= 10,000.50", one("Amount", "greater_equal", 10000.5)),
        ("Amount at most -3", one("Amount", "less_equal", -3)),
        ("Amount in (1, 2,2)", one("Amount", "in", (1, 2))),
        ("Amount &lt;&gt; 5", one("Amount", "not_equal", 5)),
        (
            "Amount between 5 and 10",
            both(one("Amount", "greater_equal", 5), one("Amount", "less_equal", 10)),
        ),
        (
            "Amount not between 5 and 10",
            either(one("Amount", "less_than", 5), one("Amount", "greater_than", 10)),
        ),
        ("Company contains ab", one("Company", "contains", "ab")),
        ("Company not contains ab", one("Company", "not_contains", "ab")),
        ("Company does not contain ab", one("Company", "not_contains", "ab")),
        ("Company starts with ab", one("Company", "starts_with", "ab")),
        ("Company ends with ab", one("Company", "ends_with", "ab")),
        ("Company is empty", one("Company", "equal", EMPTY)),
        ("Company is not empty", one("Company", "not_equal", EMPTY)),
        ("Company = empty", one("Company", "equal", "empty")),
        ("Owner is empty", one("Owner", "equal", EMPTY)),
        ("Email_Opt_Out is not yes", one("Email_Opt_Out", "equal", value=False)),
        ("Lead Source = web SITE", one("Lead_Source", "equal", "Web")),
        ('Lead_Source = "Fair"', one("Lead_Source", "equal", "Fair")),
        ("Lead_Source contains Fai", one("Lead_Source", "contains", "Fai")),
        ("Owner in me", one("Owner", "equal", ME)),
        ("Owner not in me", one("Owner", "not_equal", ME)),
        ("Lead Owner = <@U1|ben>", one("Owner", "equal", Record(id=BEN.id, name="<@U1>"))),
        ("Owner = <mailto:a@example.com|a@example.com>", one("Owner", "equal", HIM)),
        ("Account_Name.Phone starts with +1", one("Account_Name.Phone", "starts_with", "+1")),
        ("((Amount = 1))", one("Amount", "equal", 1)),
        (
            "Amount = 1 or Amount = 2 and Amount = 3",
            either(
                one("Amount", "equal", 1),
                both(one("Amount", "equal", 2), one("Amount", "equal", 3)),
            ),
        ),
        (
            "(Amount = 1 or Amount = 2) and Amount = 3",
            both(
                either(one("Amount", "equal", 1), one("Amount", "equal", 2)),
                one("Amount", "equal", 3),
            ),
        ),
    ],
)
def test_each_form_means_what_it_says(text: str, expected: Criteria) -> None:
    """And binds tighter; names in any case; Slack's own forms of signs and people."""
    assert expected == mean(text)


def span(first: date, last: date) -> Comparison:
    """A stretch of days in New York's summer."""
    return one(
        "Created_Time",
        "between",
        (
            datetime.combine(first, datetime.min.time(), SUMMER),
            datetime.combine(
                last, datetime.min.time().replace(hour=23, minute=59, second=59), SUMMER
            ),
        ),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Created_Time = this month", span(date(2026, 6, 1), date(2026, 6, 30))),
        ("Created_Time during last month", span(date(2026, 5, 1), date(2026, 5, 31))),
        ("Created_Time in last 30 days", span(date(2026, 5, 11), date(2026, 6, 10))),
        ("Created_Time in last week", span(date(2026, 6, 1), date(2026, 6, 7))),
        ("Created_Time on yesterday", span(date(2026, 6, 9), date(2026, 6, 9))),
        ("Created_Time = Monday", span(date(2026, 6, 8), date(2026, 6, 8))),
        ("Created_Time between May and yesterday", span(date(2026, 5, 1), date(2026, 6, 9))),
        (
            "Created_Time since 1 May",
            one("Created_Time", "greater_equal", datetime(2026, 5, 1, tzinfo=SUMMER)),
        ),
        (
            "Next_Call since 1 December",
            one("Next_Call", "greater_equal", datetime(2025, 12, 1, tzinfo=WINTER)),
        ),
        (
            "Created_Time <= 3 weeks ago",
            one("Created_Time", "less_equal", datetime(2026, 5, 20, 23, 59, 59, tzinfo=SUMMER)),
        ),
        (
            "Created_Time = 2026-04-15 10:00",
            one("Created_Time", "equal", datetime(2026, 4, 15, 10, tzinfo=SUMMER)),
        ),
        ("Closing_Date = 2026-04-15", one("Closing_Date", "equal", date(2026, 4, 15))),
        ("Closing_Date > this year", one("Closing_Date", "greater_than", date(2026, 12, 31))),
        ("Closing_Date before tomorrow", one("Closing_Date", "less_than", date(2026, 6, 11))),
        (
            "Closing_Date != 2025",
            one("Closing_Date", "not_between", (date(2025, 1, 1), date(2025, 12, 31))),
        ),
        (
            "Closing_Date = last quarter",
            one("Closing_Date", "between", (date(2026, 1, 1), date(2026, 3, 31))),
        ),
        (
            "Closing_Date in (2026-04-15, 1 May 2026)",
            one("Closing_Date", "in", (date(2026, 4, 15), date(2026, 5, 1))),
        ),
    ],
)
def test_days_in_words_are_whole_days_in_the_persons_zone(text: str, expected: Criteria) -> None:
    """Without a year they have been, where the words or the field say so."""
    assert expected == mean(text)
    assert expected == mean(write_criteria(expected))


def whine(text: str) -> tuple[str, str, Mapping[str, object]]:
    """The error of an export in words: its code, the words it points at, its values."""
    with pytest.raises(NotUnderstood) as caught:
        query_of(read_export(text), "Leads", SENSE, None)
    error = caught.value
    assert 0 <= error.start <= error.end <= len(text)
    return error.code, text[error.start : error.end], error.values


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "export_nothing", ""),
        ("= 5", "export_nothing", "="),
        ("x" * (MAX_TEXT + 2), "export_long", "xx"),
        ("Leads Last_Name Company", "export_field_unknown", "Last_Name Company"),
        ("Leads Lst_Name", "export_field_unknown", "Lst_Name"),
        ("Leads Owner.lst_name", "export_field_unknown", "Owner.lst_name"),
        ("Leads Twin", "export_field_double", "Twin"),
        ("Leads Photo", "export_field_unread", "Photo"),
        ("Leads , Last_Name", "export_unexpected", ","),
        ("Leads Last_Name = 5", "export_unexpected", "="),
        ("Leads as pdf", "export_file_type", "pdf"),
        ("Leads view", "export_view_missing", ""),
        ("Leads where", "criteria_condition", ""),
        ("Leads where Last_Name", "criteria_operator", ""),
        ("Leads where Last_Name ~ x", "criteria_operator", ""),
        ("Leads where Last_Name =", "criteria_value", ""),
        ("Leads where Last_Name = x and", "criteria_condition", ""),
        ("Leads where Last_Name = R and Development", "criteria_operator", ""),
        ("Leads where (Last_Name = x", "criteria_close", ""),
        ("Leads where Last_Name = x)", "criteria_joiner", ")"),
        ("Leads where Last_Name = a = b", "criteria_joiner", "="),
        ('Leads where Last_Name = "x', "export_quote", '"x'),
        ('Leads where Last_Name = x "y"', "export_mixed", 'x "y"'),
        ("Leads where Amount in (10,500)", "criteria_list_comma", "10,500"),
        ("Leads where Amount in (10", "criteria_list_end", ""),
        ("Leads where Amount in (10,)", "criteria_value", ")"),
        ("Leads where Last_Name in a, b", "criteria_list", "a"),
        ("Leads where Amount between 1", "criteria_pair", ""),
        ("Leads where Amount between 2 and 1", "criteria_pair_order", "2"),
        ("Leads where Amount = ten", "criteria_number_unread", "ten"),
        ("Leads where Amount = 1.2345678901234567", "criteria_number_long", "1.2345678901234567"),
        ("Leads where No_of_Employees > 1.5", "criteria_number_whole", "1.5"),
        ("Leads where Amount = " + "9" * 20, "criteria_number", "9" * 20),
        ("Leads where Last_Name = " + "x" * 256, "criteria_text", "x" * 256),
        ("Leads where Last_Name > 5", "criteria_comparator", ">"),
        ("Leads where Owner contains x", "criteria_comparator", "contains"),
        ("Leads where Email_Opt_Out is empty", "criteria_comparator", "is empty"),
        ("Leads where Email_Opt_Out = perhaps", "criteria_truth", "perhaps"),
        ("Leads where Description = x", "criteria_unfilterable", "Description"),
        ("Leads where Lead_Source = Webb", "criteria_choice", "Webb"),
        ("Leads where Owner = bob@example.com", "criteria_person", "bob@example.com"),
        ("Leads where Account_Name = Acme", "criteria_record", "Acme"),
        ("Leads where Closing_Date = 31 June", "criteria_date", "31 June"),
        ("Leads where Closing_Date = soon", "criteria_date", "soon"),
        ("Leads where Created_Time = 2026-02-30T10:00", "criteria_date", "2026-02-30T10:00"),
        ("Leads where Closing_Date = 2026-04-15T10:00", "criteria_day", "2026-04-15T10:00"),
        ("Leads where Created_Time in (2026-04-15)", "criteria_date_list", "2026-04-15"),
        (
            "Leads where Closing_Date between 2026-05-02 and 2026-05-01",
            "criteria_pair_order",
            "2026-05-02",
        ),
    ],
)
def test_what_cant_be_read_is_told_at_its_place(text: str, code: str, place: str) -> None:
    """The words to blame, or the place where something is missing."""
    assert (code, place) == whine(text)[:2]


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("Closing_Date < 1 December", ("Monday 1 December 2025", "Tuesday 1 December 2026")),
        ("Closing_Date = Monday", ("Monday 8 June 2026", "Monday 15 June 2026")),
        ("Created_Time > 4/5", ("Monday 4 May 2026", "Sunday 5 April 2026")),
        ("Next_Call > 4/5", ("Tuesday 4 May 2027", "Monday 5 April 2027")),
        ("Closing_Date = next Friday", ("Friday 19 June 2026", "Friday 12 June 2026")),
    ],
)
def test_a_day_that_can_be_two_is_asked_back(text: str, readings: tuple[str, ...]) -> None:
    """Never silently one of them."""
    code, _, values = whine(f"Leads where {text}")
    assert ("criteria_date_doubt", readings) == (code, values["readings"])


def test_errors_name_what_is_near() -> None:
    """Labels as people see them."""
    assert ("Last_Name", "Last Name") == whine("Leads Lst_Name")[2]["near"][:2]  # type: ignore[index] # values are plain objects
    assert ("Owner.last_name", "Owner.first_name") == whine("Leads Owner.lst_name")[2]["near"][:2]  # type: ignore[index] # as above
    assert ("Web site",) == whine("Leads where Lead_Source = Web sit")[2]["near"]


def test_a_list_has_at_most_twenty_values() -> None:
    """The twenty-first is pointed at."""
    text = f"Leads where Amount in ({', '.join(str(n) for n in range(1, 22))})"
    code, place, values = whine(text)
    assert ("criteria_list_limit", "21", 20, 21) == (
        code,
        place,
        values["limit"],
        values["found"],
    )


def test_nesting_has_an_end() -> None:
    """Text of any depth is refused, not followed."""
    deep = "(" * (MAX_DEPTH + 1)
    assert "criteria_depth" == whine(f"Leads where {deep}Amount = 1{')' * len(deep)}")[0]
    assert "criteria_depth" == whine("Leads where " + "(" * 3000)[0]


def test_more_conditions_than_the_crm_takes_are_refused() -> None:
    """Zoho CRM: 25."""
    many = " and ".join("Amount = 1" for _ in range(26))
    with pytest.raises(Refused) as caught:
        query_of(read_export(f"Leads where {many}"), "Leads", SENSE, None)
    assert ("criteria_limit", "where") == (caught.value.code, caught.value.field)


MINE = Record(id="5545974000000087501", name="My view")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Leads", Query(module="Leads")),
        (
            "leads Last_Name, Lead Owner, Owner.last_name as csv",
            Query(module="Leads", fields=("Last_Name", "Owner", "Owner.last_name")),
        ),
        ("Leads [Last_Name, Company]", Query(module="Leads", fields=("Last_Name", "Company"))),
        (
            "Leads view My view where Amount = 1",
            Query(module="Leads", view=MINE, criteria=one("Amount", "equal", 1)),
        ),
        (
            'Leads where Company = "our view" view "my VIEW" as csv',
            Query(module="Leads", view=MINE, criteria=one("Company", "equal", "our view")),
        ),
        (
            "Leads where Company = sold as new",
            Query(module="Leads", criteria=one("Company", "equal", "sold as new")),
        ),
        ("Meetings", Query(module="Events", file_type=FileType.ICS)),
        ("Events as csv", Query(module="Events")),
        ("Events Company", Query(module="Events", fields=("Company",))),
    ],
)
def test_a_whole_command_is_read_and_written_back(text: str, expected: Query) -> None:
    """Module by any of its names; meetings as a calendar, unless said otherwise."""
    modules = (
        Module(api_name="Leads", label="Leads", singular="Lead", name="Leads"),
        Module(api_name="Events", label="Meetings", singular="Meeting", name="Meetings"),
    )

    def whole(words: str) -> Query:
        request = read_export(words)
        view = view_named(request.view, (MINE,)) if request.view else None
        return query_of(request, module_named(request.module, modules).api_name, SENSE, view)

    assert expected == whole(text)
    assert expected == whole(write_export(expected))
    assert expected == Query.from_json(expected.as_json())


def test_modules_and_views_that_arent_there_are_told() -> None:
    """With those that are."""
    request = read_export("Leadz view Mine where Amount = 1")
    modules = (Module(api_name="Leads", label="Leads", singular="Lead", name="Leads"),)
    with pytest.raises(NotUnderstood) as module:
        module_named(request.module, modules)
    assert request.view is not None
    with pytest.raises(NotUnderstood) as view:
        view_named(request.view, (MINE,))
    with pytest.raises(NotUnderstood) as double:
        view_named(read_export('Leads view "my view"').view or request.view, (MINE, MINE))
    assert ("export_module_unknown", ("Leads",)) == (module.value.code, module.value.values["near"])
    assert ("export_view_unknown", ("My view",)) == (view.value.code, view.value.values["near"])
    assert "export_view_double" == double.value.code


def test_what_has_to_be_looked_up_first_is_named() -> None:
    """Modules behind dots, and the people of criteria, each once."""
    request = read_export(
        "Leads Account_Name.Phone, Owner.email where Account_Name.Fax is empty"
        " and (Owner in (me, b@example.com) or Owner = ME) and Company = c@example.com"
    )
    bare = Catalogue(fields=CATALOGUE.fields)
    assert ("Accounts",) == parents_named(request, bare)
    assert () == parents_named(request, CATALOGUE)
    assert ["ME", "b@example.com"] == [words.text for words in users_named(request, bare)]
