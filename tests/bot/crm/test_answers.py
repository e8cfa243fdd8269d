"""Zoho's errors become ours; what is shaped otherwise is a fault."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crm.answers import ERRORS, error_of, form_field, more, opened, rows, written
from bot.crm.call import Answer
from bot.crm.shapes import identity, mapping, moment, objects, optional_text, record_id, text, truth
from bot.errors import Fault, Gone, NotAllowed, NotConnected, ParleyError, Refused, TryLater

DOCUMENTED = {
    # Insert, Update and Delete Records (v8), the record-level list.
    "INVALID_MODULE": Refused("module_unavailable"),
    "INVALID_DATA": Fault("crm_request_wrong"),
    "MANDATORY_NOT_FOUND": Refused("field_missing"),
    "MULTIPLE_OR_MULTI_ERRORS": Refused("crm_refused"),
    "DEPENDENT_FIELD_MISSING": Refused("field_missing"),
    "DEPENDENT_MISMATCH": Refused("field_mismatch"),
    "DEPENDENT_SERVICE_ERROR": TryLater("crm_down"),
    "DUPLICATE_DATA": Refused("duplicate"),
    "DUPLICATE_LINKING_DATA": Refused("duplicate"),
    "EXPECTED_FIELD_MISSING": Refused("field_missing"),
    "AMBIGUITY_DURING_PROCESSING": Refused("field_ambiguous"),
    "LIMIT_EXCEEDED": Refused("crm_limit_exceeded"),
    "RECORD_LOCKED": Refused("record_locked"),
    "NOT_APPROVED": Refused("not_approved"),
    "ALREADY_MODIFIED": Refused("already_modified"),
    "INVALID_REQUEST_METHOD": Fault("crm_request_wrong"),
    "INVALID_URL_PATTERN": Fault("crm_request_wrong"),
    "AUTHORIZATION_FAILED": NotAllowed("crm_permission"),
    "NO_PERMISSION": NotAllowed("crm_permission"),
    "OAUTH_SCOPE_MISMATCH": NotConnected("scope"),
    "REQUIRED_PARAM_MISSING": Fault("crm_request_wrong"),
    "UNABLE_TO_PARSE_DATA_TYPE": Fault("crm_request_wrong"),
    "INTERNAL_ERROR": TryLater("crm_down"),
    # HTTP status codes, common bodies.
    "AUTHENTICATION_FAILURE": NotConnected("expired"),
    "INVALID_TOKEN": NotConnected("expired"),
    "INVALID_HOST": Fault("crm_request_wrong"),
    "MEDIA_TYPE_NOT_SUPPORTED": Fault("crm_request_wrong"),
    "INTERNAL_SERVER_ERROR": TryLater("crm_down"),
    "TOO_MANY_REQUESTS": TryLater("crm_limit"),
    # Search Records and COQL.
    "EXPECTED_PARAM_MISSING": Fault("crm_request_wrong"),
    "INVALID_QUERY": Fault("crm_request_wrong"),
    "SYNTAX_ERROR": Fault("crm_request_wrong"),
    # Cancel a Meeting; without its message nothing tells what isn't allowed.
    "NOT_ALLOWED": Refused("crm_refused"),
    "DAILY_LIMIT_EXCEEDED": Refused("mail_limit"),
}


def said(code: str, message: str = "", **details: object) -> ParleyError:
    """What an error object becomes."""
    return error_of({"code": code, "details": details, "message": message, "status": "error"})


def answer(data: object, status: int = 200) -> Answer:
    """An answer with this body."""
    return Answer(status=status, headers={}, data=data)


@pytest.mark.parametrize("code", sorted(DOCUMENTED))
def test_every_documented_code_has_its_error(code: str) -> None:
    """Bare: without details."""
    wanted, found = DOCUMENTED[code], said(code)
    assert (type(wanted), wanted.code) == (type(found), found.code)


def test_the_table_holds_the_documented_codes_and_no_others() -> None:
    """A code that isn't written here isn't known there."""
    assert set(DOCUMENTED) == set(ERRORS)


@pytest.mark.parametrize(
    ("api_name", "field"),
    [
        ("Event_Title", "title"),
        ("Start_DateTime", "start"),
        ("End_DateTime", "end"),
        ("Participants", "people"),
        ("Recurring_Activity", "repeats"),
        ("RRULE", "repeats"),
        ("Venue", "venue"),
        ("Remind_At", "reminders"),
        ("What_Id", "record"),
        ("$se_module", "record"),
        ("Who_Id", "contact"),
        ("Description", "description"),
        ("Meeting_Venue__s", "field:Meeting_Venue__s"),
    ],
)
def test_an_error_names_the_forms_field(api_name: str, field: str) -> None:
    """Whichever way the CRM names its own."""
    assert field == form_field(api_name)
    for found in (
        said("MANDATORY_NOT_FOUND", api_name=api_name),
        said("INVALID_DATA", api_name=api_name, expected_data_type="datetime"),
        said("EXPECTED_FIELD_MISSING", expected_fields=[{"api_name": api_name}]),
        said("AMBIGUITY_DURING_PROCESSING", ambiguity_due_to=[{"api_name": api_name}]),
        said("NEVER_HEARD_OF", api_name=api_name),
    ):
        assert isinstance(found, Refused)
        assert field == found.field


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("$.data[0].Recurring_Activity.RRULE", "repeats"),
        ("$.data[0].Participants[2].participant", "people"),
        ("$.data[0].Who_Id.id", "contact"),
        ("$.data[0].$se_module", "record"),
        ("$.data[0].Region__c", "field:Region__c"),
        ("odd", "field:x"),
    ],
)
def test_a_part_is_told_by_its_field(path: str, field: str) -> None:
    """The path begins with the field, whatever the part is called."""
    found = said("INVALID_DATA", api_name="x", json_path=path)
    assert isinstance(found, Refused)
    assert field == found.field


def test_a_length_is_named_with_its_limit() -> None:
    """The person sees how long it may be."""
    found = said("INVALID_DATA", api_name="Event_Title", maximum_length=255)
    assert isinstance(found, Refused)
    assert ("too_long", "title", 255) == (found.code, found.field, found.values["limit"])


def test_too_many_participants_are_the_people_field() -> None:
    """Zoho says it in its message alone."""
    found = said("LIMIT_EXCEEDED", "Only 50 participants can be added to an event.")
    assert isinstance(found, Refused)
    assert ("people_limit", "people", 50) == (found.code, found.field, found.values["limit"])


@pytest.mark.parametrize("details", [{"resource_path_index": 1}, {"id": "12345678"}])
def test_an_id_the_crm_doesnt_know_is_gone(details: dict[str, object]) -> None:
    """By URL, and by a delete's list."""
    found = said("INVALID_DATA", "the id given seems to be invalid", **details)
    assert (Gone, "crm_record") == (type(found), found.code)


def test_a_missing_right_is_named() -> None:
    """So that the person can ask for it."""
    found = said("NO_PERMISSION", permissions=["Crm_Implied_Create_Events"])
    assert ("Crm_Implied_Create_Events",) == found.values["permissions"]


def test_several_errors_are_told_by_the_first() -> None:
    """One thing to mend at a time."""
    inner = [{"code": "MANDATORY_NOT_FOUND", "details": {"api_name": "Venue"}, "message": ""}]
    found = said("MULTIPLE_OR_MULTI_ERRORS", errors=inner)
    assert isinstance(found, Refused)
    assert ("field_missing", "venue") == (found.code, found.field)


def test_an_unknown_code_is_refused_with_its_words_cut() -> None:
    """200 characters of the message, 80 of the code."""
    found = said("X" * 500, "y" * 5000)
    assert (Refused, "crm_refused") == (type(found), found.code)
    assert ("X" * 80, "y" * 200) == (found.values["crm_code"], found.values["message"])


DONE: dict[str, Any] = {"code": "SUCCESS", "details": {"id": "3652397000010183179"}}
BAD: dict[str, Any] = {"code": "MANDATORY_NOT_FOUND", "details": {"api_name": "Venue"}}


def test_written_returns_the_ids_in_order() -> None:
    """One per occurrence of a series."""
    other = {"code": "SUCCESS", "details": {"id": "3652397000010183181"}}
    ids = ("3652397000010183179", "3652397000010183181")
    assert ids == written(answer({"data": [DONE, other]}, 201))
    assert ids[:1] == written(answer({"data": [BAD, DONE]}, 207))


@pytest.mark.parametrize(
    ("body", "status"),
    [({"data": [BAD]}, 400), ({"data": [BAD, BAD]}, 207), ({"data": [BAD]}, 202), (BAD, 400)],
)
def test_a_write_of_which_nothing_succeeded_is_its_first_error(body: object, status: int) -> None:
    """Top level or in the list, whatever the status."""
    with pytest.raises(Refused, match="field_missing"):
        written(answer(body, status))


def test_a_refused_list_is_told_by_what_failed() -> None:
    """A 400 that has successes in it too."""
    with pytest.raises(Refused, match="field_missing"):
        opened(answer({"data": [DONE, BAD]}, 400))


def test_rows_are_the_records_and_none_without_a_body() -> None:
    """204: nothing found."""
    assert ({"id": "1"},) == rows(answer({"data": [{"id": "1"}]}))
    assert () == rows(answer(None, 204))
    assert more(answer({"info": {"more_records": True}}))
    assert not more(answer({"data": []}))
    assert not more(answer(None, 204))


@pytest.mark.parametrize(
    "body",
    [None, 7, "x", [], {}, {"data": None}, {"data": {}}, {"data": [7]}, {"data": []}],
)
@pytest.mark.parametrize("status", [200, 207, 400, 401, 403, 404, 412])
def test_a_write_of_another_shape_is_a_fault(body: object, status: int) -> None:
    """Never a KeyError or a TypeError."""
    with pytest.raises(Fault, match="crm_shape"):
        written(answer(body, status))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["code", "details", "data", "id", "message", "api_name", "errors", "info",
                 "expected_fields", "permissions", "maximum_length", "more_records"]
            ),
            inner | st.sampled_from([*ERRORS, "SUCCESS", "12345678"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON, st.sampled_from([200, 201, 204, 207, 400, 401, 403, 404, 412]))
def test_no_body_breaks_the_reader(body: object, status: int) -> None:
    """Whatever comes: a result, or one of our errors."""
    for read in (written, rows, more):
        with suppress(ParleyError):
            read(answer(body, status))


@pytest.mark.parametrize("value", [None, 7, True, [], {}, "x"])
def test_parts_of_another_type_are_faults(value: object) -> None:
    """Each reader takes its own type and no other."""
    source = {"k": value}
    readers: list[tuple[Any, type]] = [(text, str), (truth, bool), (objects, list)]
    for reader, kind in readers:
        if isinstance(value, kind):
            reader(source, "k")
        else:
            with pytest.raises(Fault, match="crm_shape"):
                reader(source, "k")
    with pytest.raises(Fault, match="crm_shape"):
        text({}, "k")
    if not isinstance(value, dict):
        with pytest.raises(Fault, match="crm_shape"):
            mapping(value)


def test_missing_and_empty_texts_are_none() -> None:
    """Where a text may be missing."""
    assert [None, None, None, "x"] == [
        optional_text(one, "k") for one in ({}, {"k": None}, {"k": ""}, {"k": "x"})
    ]


@pytest.mark.parametrize(
    "value",
    ["2026-03-01T10:00:00", "2026-03-01", "soon", "2026-13-01T10:00:00+01:00", 7, None],
)
def test_a_time_without_an_offset_is_a_fault(value: object) -> None:
    """Whose ten o'clock would it be?"""
    with pytest.raises(Fault, match="crm_shape"):
        moment({"at": value}, "at")
    assert 10 == moment({"at": "2026-03-01T10:00:00+01:00"}, "at").hour


@pytest.mark.parametrize(
    "value",
    ["", "1234", "1" * 26, "12345/../x", "../12345", "//evil.example", "12345?x", "12345\n",
     "١٢٣٤٥٦", "169.254.169.254"],
)  # fmt: skip
def test_an_id_is_digits_and_nothing_else(value: str) -> None:
    """It stands in a URL."""
    with pytest.raises(Fault, match="crm_id"):
        record_id(value)
    with pytest.raises(Fault, match="crm_shape"):
        identity({"id": value})
    assert "3652397000010183179" == record_id("3652397000010183179")
