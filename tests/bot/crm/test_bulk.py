"""Bulk read: bodies letter by letter, jobs and downloads against the sandbox."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.crm.bulk import Bulk
from bot.crm.bulk_body import criteria_body, job_body
from bot.crm.transport import Transport
from bot.domain.connection import Access
from bot.domain.export import FileType, JobState, Query
from bot.domain.export_criteria import EMPTY, Comparator, Comparison, Criteria, Group, Value
from bot.domain.meeting import Record
from bot.errors import Ambiguous, Fault, Gone, NotConnected, ParleyError, Refused, TryLater

if TYPE_CHECKING:
    from tests.bot.crm.conftest import Crm

JOB = "/crm/bulk/v8/read/{id}"
DAY = 86_400.0
CREATE = "/crm/bulk/v8/read"


@pytest.fixture
def bulk(transport: Transport) -> Bulk:
    """Our hands."""
    return Bulk(transport)


def where(field: str, comparator: str, value: Value) -> Comparison:
    """One condition."""
    return Comparison(field=field, comparator=Comparator(comparator), value=value)


def moment(text: str) -> datetime:
    """A time with its offset."""
    return datetime.fromisoformat(text)


BETWEEN = where(
    "Created_Time",
    "between",
    (moment("2023-04-15T17:58:47+05:30"), moment("2023-06-01T17:58:47+05:30")),
)
OWNERS = where(
    "Owner",
    "in",
    (
        Record(id="5545974000000393001", name="me"),
        Record(id="5545974000000393011", name="a@example.com"),
    ),
)
COMPOUND = Group(
    operator="or",
    members=(
        Group(operator="and", members=(where("Last_Name", "equal", "Boyle"), OWNERS)),
        Group(operator="or", members=(where("Company", "equal", "Morlong Associates"), BETWEEN)),
    ),
)


@pytest.mark.parametrize(
    ("condition", "wire"),
    [
        pytest.param(
            where("Amount", "greater_than", 10000),
            '{"field": {"api_name": "Amount"}, "comparator": "greater_than", "value": 10000}',
            id="number",
        ),
        pytest.param(
            where(
                "owner",
                "in",
                (Record(id="5545974393001", name="a"), Record(id="5545974393011", name="b")),
            ),
            '{"field": {"api_name": "owner"}, "comparator": "in",'
            ' "value": ["5545974393001", "5545974393011"]}',
            id="multi-select",
        ),
        pytest.param(
            where(
                "Created_Time",
                "between",
                (moment("2023-05-01T17:58:47+05:30"), moment("2023-06-01T17:58:47+05:30")),
            ),
            '{"field": {"api_name": "Created_Time"}, "comparator": "between",'
            ' "value": ["2023-05-01T17:58:47+05:30", "2023-06-01T17:58:47+05:30"]}',
            id="date-time",
        ),
        pytest.param(
            where("Email_Opt_Out", "equal", value=False),
            '{"field": {"api_name": "Email_Opt_Out"}, "comparator": "equal", "value": false}',
            id="boolean",
        ),
        pytest.param(
            where("owner.last_name", "equal", "Boyle"),
            '{"field": {"api_name": "owner.last_name"}, "comparator": "equal", "value": "Boyle"}',
            id="lookup",
        ),
        pytest.param(
            where("Closing_Date", "less_equal", date(2026, 3, 31)),
            '{"field": {"api_name": "Closing_Date"}, "comparator": "less_equal",'
            ' "value": "2026-03-31"}',
            id="date",
        ),
        pytest.param(
            where("Venue", "not_equal", EMPTY),
            '{"field": {"api_name": "Venue"}, "comparator": "not_equal", "value": "${EMPTY}"}',
            id="not empty",
        ),
    ],
)
def test_a_condition_is_sent_letter_by_letter(condition: Comparison, wire: str) -> None:
    """Kaizen #92: one example a data type."""
    assert wire == json.dumps(criteria_body(condition))


def test_the_compound_sample_is_sent_letter_by_letter() -> None:
    """Kaizen #92: ((1 and 2) or (3 or 4)), a view, a field, a page and a callback."""
    query = Query(
        module="Leads",
        fields=("Last_Name",),
        view=Record(id="34770610087501", name="My leads"),
        criteria=COMPOUND,
    )
    body = job_body(query, callback_url="https://www.callback.com/example")
    assert (
        '{"callback": {"url": "https://www.callback.com/example", "method": "post"},'
        ' "query": {"module": {"api_name": "Leads"}, "cvid": "34770610087501",'
        ' "fields": ["Last_Name"], "page": 1,'
        ' "criteria": {"group_operator": "or", "group": ['
        '{"group_operator": "and", "group": ['
        '{"field": {"api_name": "Last_Name"}, "comparator": "equal", "value": "Boyle"},'
        ' {"field": {"api_name": "Owner"}, "comparator": "in",'
        ' "value": ["5545974000000393001", "5545974000000393011"]}]},'
        ' {"group_operator": "or", "group": ['
        '{"field": {"api_name": "Company"}, "comparator": "equal",'
        ' "value": "Morlong Associates"},'
        ' {"field": {"api_name": "Created_Time"}, "comparator": "between",'
        ' "value": ["2023-04-15T17:58:47+05:30", "2023-06-01T17:58:47+05:30"]}]}]}}}'
    ) == json.dumps(body)


def test_meetings_are_asked_for_as_a_calendar_at_the_top_level() -> None:
    """Kaizen #92: ``file_type`` is the request's, not the query's."""
    body = job_body(Query(module="Events", file_type=FileType.ICS))
    assert (
        '{"query": {"module": {"api_name": "Events"}, "page": 1}, "file_type": "ics"}'
    ) == json.dumps(body)


def test_a_page_token_stands_alone() -> None:
    """Zoho CRM, Create Bulk Read Job: it says by itself what is read."""
    body = job_body(Query(module="Leads", criteria=COMPOUND), page=2, page_token="bca6")
    assert {"query": {"page_token": "bca6"}} == body


def test_pages_end_where_the_crm_ends_them() -> None:
    """Zoho CRM, Bulk Read API limitations: 500."""
    assert {"page": 500} == _page(500)
    with pytest.raises(Refused) as caught:
        _page(501)
    assert "export_page_limit" == caught.value.code


def _page(page: int) -> dict[str, Any]:
    query: Any = job_body(Query(module="Leads"), page=page)["query"]
    return {"page": query["page"]}


def finish(crm: "Crm", seconds: float = 3.6) -> None:
    """Let the CRM's clock run on."""
    crm.clock.advance(seconds)


def made(crm: "Crm", bulk: Bulk, query: Query) -> bytes:
    """The archive of a query, from start to end."""
    job = bulk.create(crm.access, query)
    finish(crm)
    assert bulk.look(crm.access, job).state is JobState.COMPLETED
    return archive(crm, bulk, job)


def archive(crm: "Crm", bulk: Bulk, job: str) -> bytes:
    """The archive of a finished job."""
    return b"".join(bulk.download(crm.access, job))


def lines(content: bytes) -> list[str]:
    """The lines of the one file in an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        (name,) = opened.namelist()
        return opened.read(name).decode().splitlines()


def test_a_job_goes_from_added_to_its_rows(crm: "Crm", bulk: Bulk) -> None:
    """Every state in the CRM's words, then the page and its rows."""
    query = Query(
        module="Leads",
        fields=("Last_Name", "Email"),
        criteria=where("Last_Name", "equal", "Kidman"),
    )
    job = bulk.create(crm.access, query)
    seen = []
    for _ in range(4):
        seen.append(bulk.look(crm.access, job).state)
        finish(crm, 0.9)
    look = bulk.look(crm.access, job)
    assert [JobState.ADDED, JobState.QUEUED, JobState.IN_PROGRESS] == sorted(
        set(seen), key=list(JobState).index
    )
    assert (JobState.COMPLETED, 1, 1, False, None) == (
        look.state,
        look.page,
        look.count,
        look.more,
        look.next_page_token,
    )
    head, row = lines(archive(crm, bulk, job))
    assert "Id,Last_Name,Email" == head
    assert row.endswith("Kidman,carissa.kidman@example.com")


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (where("Last_Name", "starts_with", "Kid"), ["Kidman"]),
        (where("Email", "in", ("carissa.kidman@example.com", "x@example.com")), ["Kidman"]),
        (
            Group(
                operator="and",
                members=(
                    where("Last_Name", "equal", "Kidman"),
                    where("Created_Time", "greater_than", moment("2100-01-01T00:00:00+00:00")),
                ),
            ),
            [],
        ),
        (
            Group(
                operator="and",
                members=(
                    where("Last_Name", "equal", "Kidman"),
                    Group(
                        operator="or",
                        members=(
                            where("Email", "equal", EMPTY),
                            where(
                                "Created_Time", "greater_than", moment("2000-01-01T00:00:00+00:00")
                            ),
                        ),
                    ),
                ),
            ),
            ["Kidman"],
        ),
    ],
)
def test_criteria_choose_the_rows_and_the_estimate_counts_them(
    crm: "Crm", bulk: Bulk, criteria: Criteria, found: list[str]
) -> None:
    """What the file holds is what COQL counted before."""
    query = Query(module="Leads", fields=("Last_Name",), criteria=criteria)
    assert len(found) == bulk.estimate(crm.access, query)
    assert found == [line.split(",")[1] for line in lines(made(crm, bulk, query))[1:]]


def test_all_records_can_be_counted(crm: "Crm", bulk: Bulk) -> None:
    """Without criteria."""
    assert len(crm.records("Leads")) == bulk.estimate(crm.access, Query(module="Leads"))


@pytest.mark.parametrize(
    "query",
    [
        Query(module="Leads", view=Record(id="5725767000000087501", name="My Leads")),
        Query(module="Leads", criteria=where("Last_Name", "equal", "O'Brien")),
        Query(module="Leads", criteria=where("Last_Name", "contains", "100%")),
    ],
)
def test_what_has_no_sure_form_isnt_counted(
    query: Query, bulk: Bulk, connects: list[object], access_to: Callable[[str], Access]
) -> None:
    """Nothing is sent for it."""
    assert bulk.estimate(access_to("http://127.0.0.1:9"), query) is None
    assert [] == connects


def test_pages_follow_by_token(crm: "Crm", bulk: Bulk) -> None:
    """Each row once, and the last page says that it is the last."""
    crm.turn(bulk_csv_rows=20)
    total = len(crm.records("Leads"))
    query, token, rows, page = Query(module="Leads", fields=("Email",)), None, [], 0
    while page == 0 or token:
        job = bulk.create(crm.access, query, page_token=token)
        finish(crm, 7.0)  # the CRM gives ten downloads a minute
        look = bulk.look(crm.access, job)
        page += 1
        assert (page, look.more) == (look.page, look.next_page_token is not None)
        rows += lines(archive(crm, bulk, job))[1:]
        assert look.count <= 20
        token = look.next_page_token
    assert total == len(set(rows)) == len(rows)


def test_an_old_page_token_is_gone(crm: "Crm", bulk: Bulk) -> None:
    """After a day the pages start anew."""
    crm.turn(bulk_csv_rows=2)
    job = bulk.create(crm.access, Query(module="Leads"))
    finish(crm)
    token = bulk.look(crm.access, job).next_page_token
    crm.clock.advance(DAY)
    fresh = crm.access_of("ada@example.com")
    with pytest.raises(Gone) as caught:
        bulk.create(fresh, Query(module="Leads"), page_token=token)
    assert "export_page_token" == caught.value.code


def test_meetings_come_as_a_calendar(crm: "Crm", bulk: Bulk) -> None:
    """One VCALENDAR."""
    found = lines(made(crm, bulk, Query(module="Events", file_type=FileType.ICS)))
    assert ("BEGIN:VCALENDAR", "END:VCALENDAR") == (found[0], found[-1])


def test_a_failure_tells_why(crm: "Crm", bulk: Bulk) -> None:
    """The SDK drops the reason; the CRM gives it."""
    crm.turn(bulk_fails=True)
    job = bulk.create(crm.access, Query(module="Leads"))
    finish(crm)
    look = bulk.look(crm.access, job)
    assert (JobState.FAILURE, "Internal server error occurred.") == (look.state, look.reason)


def test_the_views_of_a_module_are_listed_and_used(crm: "Crm", bulk: Bulk) -> None:
    """By id and name; a view narrows an export."""
    everything, mine = bulk.views(crm.access, "Leads")
    assert ("All Leads", "My Leads") == (everything.name, mine.name)
    all_rows = lines(made(crm, bulk, Query(module="Leads", view=everything)))
    own_rows = lines(made(crm, bulk, Query(module="Leads", view=mine)))
    assert 0 < len(own_rows) < len(all_rows)


@pytest.mark.parametrize(
    ("query", "code", "field", "name"),
    [
        (Query(module="Nowhere"), "export_module_refused", "module", "module"),
        (Query(module="Leads", fields=("Nose",)), "export_field_refused", "fields", "Nose"),
        (
            Query(module="Leads", criteria=where("Nose", "equal", "x")),
            "export_where_refused",
            "where",
            "Nose",
        ),
        (
            Query(module="Leads", criteria=where("Last_Name", "greater_than", 5)),
            "export_where_refused",
            "where",
            "Last_Name",
        ),
        (
            Query(module="Leads", view=Record(id="5545974000000999999", name="Shared")),
            "export_view_refused",
            "view",
            "5545974000000999999",
        ),
    ],
)
def test_the_crms_refusals_name_the_field(
    crm: "Crm", bulk: Bulk, query: Query, code: str, field: str, name: str
) -> None:
    """Each stands at the field it is about."""
    with pytest.raises(Refused) as caught:
        bulk.create(crm.access, query)
    assert (code, field, name) == (
        caught.value.code,
        caught.value.field,
        caught.value.values["name"],
    )


def test_a_callback_the_crm_wont_call_is_told_apart(crm: "Crm", bulk: Bulk) -> None:
    """The job can be made without one."""
    with pytest.raises(Refused) as caught:
        bulk.create(crm.access, Query(module="Leads"), callback_url="nowhere")
    assert "export_callback_refused" == caught.value.code


@pytest.mark.parametrize("kind", ["cut_after", "error_after", "cut_before"])
def test_a_lost_answer_is_never_asked_for_again(crm: "Crm", bulk: Bulk, kind: str) -> None:
    """One POST; whether the job runs isn't known."""
    crm.fault(kind=kind, method="POST", path=CREATE, times=None)
    with pytest.raises(Ambiguous) as caught:
        bulk.create(crm.access, Query(module="Leads"))
    assert ("crm_answer_lost", 1) == (
        caught.value.code,
        crm.side.faults.listing()[0]["struck"],
    )


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (201, {"data": []}, Ambiguous),
        (201, {"data": [{"status": "success", "details": {"id": 5}}]}, Ambiguous),
        (201, {"jobs": 1}, Ambiguous),
        (201, "<html>", Ambiguous),
        (429, {"code": "TOO_MANY_REQUESTS"}, TryLater),
        (
            207,
            {"data": [{"status": "error", "code": "MODULE_NOT_AVAILABLE", "details": {}}]},
            Refused,
        ),
    ],
)
def test_what_a_create_answers_oddly(
    crm: "Crm", bulk: Bulk, status: int, body: Any, error: type[ParleyError]
) -> None:
    """A success that can't be read may have made a job; a refusal hasn't."""
    crm.fault(kind="answer", method="POST", path=CREATE, status=status, body=body)
    with pytest.raises(error):
        bulk.create(crm.access, Query(module="Leads"))


def test_without_the_scope_the_account_is_to_be_connected_again(crm: "Crm", bulk: Bulk) -> None:
    """Whoever connected before exports were there."""
    access = crm.access_of("ada@example.com", ("ZohoCRM.modules.leads.READ",))
    with pytest.raises(NotConnected) as caught:
        bulk.create(access, Query(module="Leads"))
    assert "scope" == caught.value.code


def looked(crm: "Crm", bulk: Bulk, **changes: Any) -> Any:
    """Look at a job whose answer the CRM changed."""
    one = {"id": "5545974000000000123", "state": "COMPLETED", **changes}
    crm.fault(kind="answer", method="GET", path=JOB, status=200, body={"data": [one]})
    return bulk.look(crm.access, "5545974000000000123")


RESULT_OF: dict[str, Any] = {"page": 1, "count": 3, "more_records": False}


@pytest.mark.parametrize("state", ["IN PROGRESS", "IN_PROGRESS", "In Progress"])
def test_a_state_is_known_however_it_is_spelt(crm: "Crm", bulk: Bulk, state: str) -> None:
    """The CRM's pages themselves vary; a result before completion isn't read."""
    assert JobState.IN_PROGRESS is looked(crm, bulk, state=state, result={"page": None}).state


def test_a_token_counts_only_where_there_is_more(crm: "Crm", bulk: Bulk) -> None:
    """The samples show one on every page."""
    last = looked(crm, bulk, result={**RESULT_OF, "next_page_token": "abc"})
    far = looked(crm, bulk, result={**RESULT_OF, "more_records": True, "next_page_token": "abc"})
    bare = looked(crm, bulk, result={**RESULT_OF, "more_records": True})
    assert [None, "abc", None] == [one.next_page_token for one in (last, far, bare)]
    assert "abc" not in repr(far)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "PONDERING"},
        {"state": 3},
        {"result": None},
        {"result": {}},
        {"result": {**RESULT_OF, "count": "3"}},
        {"result": {**RESULT_OF, "count": -1}},
        {"result": {**RESULT_OF, "more_records": "no"}},
        {"id": "5545974000000000999", "result": RESULT_OF},
    ],
)
def test_a_look_that_cant_be_read_is_a_fault(
    crm: "Crm", bulk: Bulk, changes: dict[str, Any]
) -> None:
    """Nothing is guessed from it."""
    with pytest.raises(Fault) as caught:
        looked(crm, bulk, **changes)
    assert "crm_shape" == caught.value.code


@pytest.mark.parametrize("result", [None, {}, {"error_message": None}, {"error_message": {}}])
def test_a_failure_without_a_reason_is_a_failure(
    crm: "Crm", bulk: Bulk, result: dict[str, Any] | None
) -> None:
    """The reason is optional, the state isn't."""
    look = looked(crm, bulk, state="FAILURE", result=result)
    assert (JobState.FAILURE, "") == (look.state, look.reason)


def test_an_unknown_job_is_gone(crm: "Crm", bulk: Bulk) -> None:
    """For a look and for a download, each by its name."""
    with pytest.raises(Gone) as look:
        bulk.look(crm.access, "5545974000000000001")
    with pytest.raises(Gone) as download:
        list(bulk.download(crm.access, "5545974000000000001"))
    assert ("export_job", "export_result") == (look.value.code, download.value.code)


def test_a_result_is_gone_after_a_day(crm: "Crm", bulk: Bulk) -> None:
    """Zoho CRM, Download Bulk Read Result."""
    job = bulk.create(crm.access, Query(module="Leads"))
    crm.clock.advance(DAY + 5)
    with pytest.raises(Gone) as caught:
        list(bulk.download(crm.access_of("ada@example.com"), job))
    assert "export_result" == caught.value.code


def test_the_eleventh_download_of_a_minute_waits(crm: "Crm", bulk: Bulk) -> None:
    """Zoho CRM: ten a minute."""
    job = bulk.create(crm.access, Query(module="Leads"))
    finish(crm)
    for _ in range(10):
        archive(crm, bulk, job)
    with pytest.raises(TryLater) as caught:
        archive(crm, bulk, job)
    assert ("crm_limit", 60.0) == (caught.value.code, caught.value.seconds)
