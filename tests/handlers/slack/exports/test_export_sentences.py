"""What is said of exports: never of meetings, never with a gap, and by the button's own words."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.connection import Owner
from bot.domain.export import Query
from bot.domain.export_job import ExportFile, ExportJob, ExportState, Progress
from bot.errors import Fault, Refused
from handlers.slack.exports import messages
from handlers.slack.ids import Commands
from handlers.slack.sentences import apologies, export, export_asking, exporting

NOW = datetime(2026, 1, 14, 4, 50, tzinfo=UTC)
COMMANDS = Commands()
OF_MEETINGS = re.compile(r"/meet|meeting|Create|“People”|nothing was written")


def failed(code: str, **values: str) -> Progress:
    """Return how far an export has come that failed of this."""
    return Progress(since=NOW.isoformat(), why=code, values=values)


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("export_failed", {"reason": ""}),
        ("crm_refused", {"crm_code": "NOT_SUPPORTED_FEATURE", "message": ""}),
        ("export_field_refused", {"name": "", "crm_code": "FIELD_NOT_SUPPORTED"}),
        ("export_where_refused", {"name": "", "crm_code": "FIELD_NOT_SUPPORTED"}),
    ],
)
def test_what_the_crm_leaves_out_leaves_no_gap(code: str, values: dict[str, str]) -> None:
    """No empty quotes, no blank before a full stop; the next step all the same."""
    for said in (
        export.why(failed(code, **values), COMMANDS),
        export_asking.sentence(code, values, COMMANDS, Refused),
    ):
        assert not re.search(r"“”|\(\)| [.)]|: \.", said), said
        assert re.fullmatch(r"[A-Z].*\.", said)


def test_what_the_crm_says_is_passed_on() -> None:
    """Its reason of a failure, and its code and words of a refusal."""
    reason = export.why(failed("export_failed", reason="Quota of bulk jobs reached."), COMMANDS)
    assert "“Quota of bulk jobs reached.”" in reason
    refused = export.why(failed("crm_refused", crm_code="NO_SUCH", message="Not here"), COMMANDS)
    assert "NO_SUCH" in refused
    assert "Not here" in refused


@pytest.mark.parametrize("code", ["crm_refused", "crm_too_large"])
def test_what_befalls_meetings_too_is_told_of_exports(code: str) -> None:
    """No “Create” to press, no people to name."""
    values = {"crm_code": "SOME", "message": "words"}
    for said in (
        export.why(failed(code, **values), COMMANDS),
        export_asking.sentence(code, values, COMMANDS, Fault),
    ):
        assert not OF_MEETINGS.search(said), said
        assert "`/export`" in said


def test_no_list_of_an_export_error_ends_in_a_meeting() -> None:
    """Where there is nothing to name, no rule of a series stands in."""
    (example,) = apologies.EXAMPLES.values()
    empty: dict[str, object] = dict.fromkeys(("readings", "fits", "near"), ())
    for code in exporting.ASKING:
        for said in (
            export_asking.sentence(code, {"said": "x", "name": "y", **empty}, COMMANDS),
            apologies.sentence(code, {"said": "x", "name": "y", **empty}, commands=COMMANDS),
        ):
            assert example not in said, code


def ready() -> ExportJob:
    """Return an export whose file is there."""
    file = ExportFile(kind="safe", name="Leads.csv", bytes=10, sha256="0" * 64)
    return ExportJob(
        id="abcd2345",
        owner=Owner("T1", "U1"),
        grant_id="g",
        org="us/1",
        crm_user="1",
        query={"module": "Leads"},
        state=ExportState.DONE,
        progress=Progress(since=NOW.isoformat(), rows=1, files=(file,)),
        created_at=NOW,
        updated_at=NOW,
        expires_at=NOW,
    )


def test_the_button_to_press_is_named_as_it_is() -> None:
    """What is ready says which button leads to it, in the words on the button."""
    for said in (
        export.status(ready(), COMMANDS, "then"),
        export.notice(ready(), COMMANDS, "then"),
    ):
        assert f"“{export.OPEN}”" in said


def test_what_was_started_ends_with_the_way_to_stop_it() -> None:
    """However long the list of fields is: Slack cuts a text after 3000 characters."""
    fields = tuple(f"A_Field_With_A_Name_Of_Forty_Letters_{number:03d}" for number in range(200))
    job = replace(ready(), query=Query(module="Leads", fields=fields).as_json())
    (block,) = messages.started(job, 2_000_000, COMMANDS).blocks
    said = block["text"]["text"]
    assert "A_Field_With_A_Name_Of_Forty_Letters_000" in said
    assert "That is 2,000,000 rows now." in said
    assert said.endswith("To stop it, type `/export cancel abcd2345`.")


def test_every_line_for_a_gap_is_a_sentence() -> None:
    """As those it stands in for."""
    for _, line in export.UNSAID.values():
        assert re.fullmatch(r"[A-Z].*\.", line)
