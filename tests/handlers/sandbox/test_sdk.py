"""Zoho's official Python client, unmodified, does its work on the sandbox.

It is the witness that the sandbox speaks as the CRM does: what it sends is taken, and what it gets
it understands. It lives in an environment of its own and runs in a process of its own.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.handlers.sandbox.crm_caller import running

HOUSE = Path(__file__).parents[3]
PYTHON = HOUSE / ".venv-sdk" / "bin" / "python"
STORY = Path(__file__).with_name("sdk_story.py")
TIMEOUT = 60


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the client saw, `ben`'s id, and the `starts` of its meetings as the CRM holds them."""
    if not PYTHON.exists():
        pytest.fail("Zoho's client is not installed: run `make sdk`")
    folder = tmp_path_factory.mktemp("sdk")
    with running() as crm:
        crm.turn(bulk_job_seconds=0.5)
        ben = crm.user_id("ben")
        scene = {
            "origin": crm.origin,
            **crm.credentials(),
            "refresh_token": crm.side.admin_refresh_token(),
            "folder": str(folder),
            "user_id": ben,
        }
        done = subprocess.run(
            [PYTHON, STORY], input=json.dumps(scene), capture_output=True, text=True,
            cwd=folder, timeout=TIMEOUT, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        story: dict[str, Any] = json.loads(done.stdout)
        starts = [
            row["Start_DateTime"]
            for row in crm.side.world.records("Events").values()
            if row["Event_Title"] in {"Pipeline review", "Forecast review"}
        ]
        return {**story, "ben": ben, "starts": sorted(starts)}


def test_it_signs_in_with_a_refresh_token(told: dict[str, Any]) -> None:
    """It names its token by the user's address and the organisation's id, which it asked for."""
    assert "ada@example.com:823711904" == told["signed_in"]["name"]
    assert told["signed_in"]["api_domain"].startswith("http://127.0.0.1:")


def test_it_creates_leads_and_a_contact(told: dict[str, Any]) -> None:
    """Two leads in one call, one contact in another."""
    leads, contacts = told["people"]["leads"], told["people"]["contacts"]

    assert ["SUCCESS"] * 3 == [one["code"] for one in [*leads, *contacts]]
    assert [201] * 3 == [one["http"] for one in [*leads, *contacts]]
    assert 3 == len({one["details"]["id"] for one in [*leads, *contacts]})


def test_it_creates_a_series(told: dict[str, Any]) -> None:
    """One input object gives one entry per occurrence, UNTIL included, over no clock change."""
    assert ["SUCCESS"] * 4 == [one["code"] for one in told["series"]]
    assert [
        "2026-04-06T08:00:00+00:00",
        "2026-04-20T08:00:00+00:00",
        "2026-05-04T08:00:00+00:00",
        "2026-05-18T08:00:00+00:00",
    ] == told["starts"]


def test_it_reads_the_meeting_back(told: dict[str, Any]) -> None:
    """With the rule as sent, the reminder, and everybody in the order given."""
    first = told["first"]

    assert "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;DTSTART=2026-04-06;UNTIL=2026-05-18" == first["rrule"]
    assert [{"unit": 15, "period": "minutes"}] == first["remind_at"]
    assert [
        ("lead", told["people"]["leads"][0]["details"]["id"]),
        ("contact", told["people"]["contacts"][0]["details"]["id"]),
        ("user", told["ben"]),
        ("email", "guest@example.com"),
    ] == [(one["type"], one["participant"]) for one in first["guests"]]
    assert {"not_known"} == {one["status"] for one in first["guests"]}


def test_it_adds_a_participant_and_keeps_the_others(told: dict[str, Any]) -> None:
    """Those named by their participation's id keep it; the new one gets its own."""
    before, after = told["first"]["guests"], told["with_guest"]["guests"]

    assert ["SUCCESS"] == [one["code"] for one in told["guest_added"]]
    assert before == after[:-1]
    assert "late@example.com" == after[-1]["participant"]
    assert after[-1]["row"] not in {one["row"] for one in before}


def test_it_changes_all_later_ones(told: dict[str, Any]) -> None:
    """`update_all_future_events` reaches the named meeting and later ones, not earlier ones."""
    assert ["SUCCESS"] == [one["code"] for one in told["renamed"]]
    assert ["Pipeline review", *["Forecast review"] * 3] == told["titles"]


@pytest.mark.parametrize(
    ("attempt", "code", "place"),
    [
        ("no_title", "MANDATORY_NOT_FOUND", "$.data[0].Event_Title"),
        ("crowd", "LIMIT_EXCEEDED", None),
        ("bad_rule", "INVALID_DATA", "$.data[0].Recurring_Activity.RRULE"),
        ("bad_address", "INVALID_DATA", "$.data[0].Participants[0].participant"),
        ("unknown_lead", "INVALID_DATA", "$.data[0].Participants[0].participant"),
    ],
)
def test_it_understands_what_is_refused(
    told: dict[str, Any], attempt: str, code: str, place: str | None
) -> None:
    """Missing title, 51 participants, a rule Zoho has not, a wrong address, an unknown lead."""
    [entry] = told["refused"][attempt]

    assert (400, "error", code) == (entry["http"], entry["status"], entry["code"])
    assert place == entry["details"].get("json_path")


def test_it_runs_a_bulk_read_to_its_file(told: dict[str, Any]) -> None:
    """Created, followed to COMPLETED, downloaded under its name, unzipped."""
    export = told["export"]

    assert "ADDED_SUCCESSFULLY" == export["added"]["code"]
    assert "COMPLETED" == export["states"][-1]
    assert set(export["states"]) <= {"ADDED", "QUEUED", "IN PROGRESS", "COMPLETED"}
    assert (2, f"{export['job']}.zip", [f"{export['job']}.csv"]) == (
        export["count"],
        export["name"],
        list(export["files"]),
    )
    [text] = export["files"].values()
    ids = [one["details"]["id"] for one in told["people"]["leads"]]
    assert [
        {"Id": ids[0], "Last_Name": "Sdkman", "Company": "Tern", "Owner.last_name": "Moreno"},
        {"Id": ids[1], "Last_Name": "Sdkwoman", "Company": "", "Owner.last_name": "Moreno"},
    ] == list(csv.DictReader(io.StringIO(text, newline="")))


def test_it_queries_and_searches(told: dict[str, Any]) -> None:
    """COQL by id upwards, search by id downwards."""
    assert ["Sdkman", "Sdkwoman"] == told["query"]
    assert ["Sdkwoman", "Sdkman"] == told["found"]
