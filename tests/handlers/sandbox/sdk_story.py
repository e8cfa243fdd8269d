"""Zoho's own Python client, unmodified, at work on the sandbox.

Run by `test_sdk.py` with the Python of .venv-sdk. Reads one JSON object from stdin (`origin`,
`client_id`, `client_secret`, `refresh_token`, `folder` for the client's files, `user_id`) and
prints one JSON object: what the client saw, chapter by chapter.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = "zohocrmsdk.src.com.zoho"
START = "2026-04-06T10:00:00+02:00"
END = "2026-04-06T10:30:00+02:00"
RULE = "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;DTSTART=2026-04-06;UNTIL=2026-05-18"


def part(path: str) -> Any:
    """Return a class of the client by its path below its root; no other place names it."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(f"{ROOT}.{module}"), name)


def record(**values: Any) -> Any:
    """Return one of the client's records with these values."""
    made = part("crm.api.record.record.Record")()
    for name, value in values.items():
        made.add_key_value(name, value)
    return made


def wrapped(*records: Any) -> Any:
    """Return a request body with these records."""
    body = part("crm.api.record.body_wrapper.BodyWrapper")()
    body.set_data(list(records))
    return body


def operations(module: str) -> Any:
    """Return the client's record calls for a module."""
    return part("crm.api.record.record_operations.RecordOperations")(module)


def plain(value: Any) -> Any:
    """Return a value of the client as JSON can carry it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if type(value).__name__ == "Choice":
        return plain(value.get_value())
    simple = value is None or isinstance(value, bool | int | float | str)
    return value if simple else value.isoformat() if isinstance(value, datetime) else "object"


def outcomes(response: Any) -> list[dict[str, Any]]:
    """Return status, code and details of every entry of a write's answer."""
    answer = response.get_object()
    entries = answer.get_data() if hasattr(answer, "get_data") else [answer]
    return [
        {
            "http": response.get_status_code(),
            "status": plain(entry.get_status()),
            "code": plain(entry.get_code()),
            "message": plain(entry.get_message()),
            "details": plain(entry.get_details()),
        }
        for entry in entries
    ]


def participant(kind: str, who: str, row: int | None = None) -> Any:
    """Return one participant; `row` is the id of a participation that is to stay."""
    made = part("crm.api.record.participants.Participants")()
    made.set_type(kind)
    made.set_participant(who)
    if row is not None:
        made.set_id(row)
    return made


def reminders() -> list[Any]:
    """Return one reminder a quarter of an hour before."""
    made = part("crm.api.record.reminder.Reminder")()
    made.set_unit(15)
    made.set_period("minutes")
    return [made]


def rule(text: str) -> Any:
    """Return the client's recurrence with a rule."""
    made = part("crm.api.record.recurring_activity.RecurringActivity")()
    made.set_rrule(text)
    return made


def times() -> dict[str, datetime]:
    """Return start and end of the story's meeting."""
    return {
        "Start_DateTime": datetime.fromisoformat(START),
        "End_DateTime": datetime.fromisoformat(END),
    }


def sign_in(scene: dict[str, str]) -> dict[str, Any]:
    """Let the client sign in with the refresh token; it asks for user and organisation itself."""
    environment = part("crm.api.dc.data_center.DataCenter").Environment(
        scene["origin"], f"{scene['origin']}/oauth/v2/token", scene["origin"]
    )
    token = part("api.authenticator.oauth_token.OAuthToken")(
        client_id=scene["client_id"],
        client_secret=scene["client_secret"],
        refresh_token=scene["refresh_token"],
    )
    store = part("api.authenticator.store.file_store.FileStore")(
        str(Path(scene["folder"]) / "tokens.txt")
    )
    part("crm.api.initializer.Initializer").initialize(
        environment, token, store=store, resource_path=scene["folder"]
    )
    return {"name": token.get_user_signature().get_name(), "api_domain": token.get_api_domain()}


def people() -> dict[str, Any]:
    """Create two leads in one call, and a contact."""
    first, second = record(Last_Name="Sdkman", Company="Tern"), record(Last_Name="Sdkwoman")
    leads = outcomes(operations("Leads").create_records(wrapped(first, second)))
    contact = outcomes(
        operations("Contacts").create_records(wrapped(record(Last_Name="Sdkperson")))
    )
    return {"leads": leads, "contacts": contact}


def series(lead: str, contact: str, user: str) -> list[dict[str, Any]]:
    """Create a meeting every other Monday with a lead, a contact, a user and an address."""
    meeting = record(
        Event_Title="Pipeline review",
        Venue="Room 4",
        Participants=[
            participant("lead", lead),
            participant("contact", contact),
            participant("user", user),
            participant("email", "guest@example.com"),
        ],
        Recurring_Activity=rule(RULE),
        Remind_At=reminders(),
        **times(),
    )
    return outcomes(operations("Events").create_records(wrapped(meeting)))


def read(event: str) -> dict[str, Any]:
    """Read one meeting as the client understands it."""
    parameters = part("crm.api.parameter_map.ParameterMap")()
    headers = part("crm.api.header_map.HeaderMap")()
    response = operations("Events").get_record(int(event), parameters, headers)
    [found] = response.get_object().get_data()
    guests = found.get_key_value("Participants") or []
    return {
        "title": found.get_key_value("Event_Title"),
        "start": plain(found.get_key_value("Start_DateTime")),
        "rrule": found.get_key_value("Recurring_Activity").get_rrule(),
        "remind_at": [
            {"unit": one.get_unit(), "period": one.get_period()}
            for one in found.get_key_value("Remind_At") or []
        ],
        "guests": [
            {"row": one.get_id(), "type": one.get_type(), "participant": one.get_participant(),
             "status": one.get_status()}
            for one in guests
        ],
    }  # fmt: skip


def add_guest(event: str, guests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add one address, naming the participations that stay by their ids."""
    kept = [participant(one["type"], one["participant"], one["row"]) for one in guests]
    more = [*kept, participant("email", "late@example.com")]
    change = record(Participants=more)
    headers = part("crm.api.header_map.HeaderMap")()
    return outcomes(operations("Events").update_record(int(event), wrapped(change), headers))


def rename_later(event: str) -> list[dict[str, Any]]:
    """Rename a meeting and all later ones of its series."""
    change = record(Event_Title="Forecast review")
    change.add_key_value("update_all_future_events", True)  # noqa: FBT003 - the client's own form
    headers = part("crm.api.header_map.HeaderMap")()
    return outcomes(operations("Events").update_record(int(event), wrapped(change), headers))


def refused(user: str) -> dict[str, Any]:
    """Try what the CRM must refuse."""
    create = operations("Events").create_records
    crowd = [participant("email", f"guest{n}@example.com") for n in range(51)]
    bad = {
        "no_title": record(**times()),
        "crowd": record(Event_Title="Crowd", Participants=crowd, **times()),
        "bad_rule": record(
            Event_Title="Rule", Recurring_Activity=rule("FREQ=HOURLY;INTERVAL=1"), **times()
        ),
        "bad_address": record(
            Event_Title="Address", Participants=[participant("email", "nobody")], **times()
        ),
        "unknown_lead": record(
            Event_Title="Lead", Participants=[participant("lead", user)], **times()
        ),
    }
    return {name: outcomes(create(wrapped(meeting))) for name, meeting in bad.items()}


def criteria() -> Any:
    """Return the condition that finds the story's leads."""
    field = part("crm.api.fields.minified_field.MinifiedField")()
    field.set_api_name("Last_Name")
    made = part("crm.api.bulk_read.criteria.Criteria")()
    made.set_field(field)
    made.set_comparator(part("crm.api.util.choice.Choice")("starts_with"))
    made.set_value("Sdk")
    return made


def export() -> dict[str, Any]:
    """Run a bulk read to its download and unzip it."""
    calls = part("crm.api.bulk_read.bulk_read_operations.BulkReadOperations")()
    module = part("crm.api.modules.minified_module.MinifiedModule")()
    module.set_api_name("Leads")
    query = part("crm.api.bulk_read.query.Query")()
    query.set_module(module)
    query.set_fields(["Last_Name", "Company", "Owner.last_name"])
    query.set_criteria(criteria())
    body = part("crm.api.bulk_read.body_wrapper.BodyWrapper")()
    body.set_query(query)
    [added] = outcomes(calls.create_bulk_read_job(body))
    job = int(added["details"]["id"])
    states: list[str] = []
    deadline = time.monotonic() + 20
    while not states or (states[-1] != "COMPLETED" and time.monotonic() < deadline):
        [detail] = calls.get_bulk_read_job_details(job).get_object().get_data()
        states.append(plain(detail.get_state()))
        time.sleep(0.05)
    file = calls.download_result(job).get_object().get_file()
    content = file.get_stream().content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inner = {name: archive.read(name).decode() for name in archive.namelist()}
    count = detail.get_result().get_count()
    return {"added": added, "states": states, "name": file.get_name(), "files": inner,
            "count": count, "job": str(job)}  # fmt: skip


def query() -> Any:
    """Ask in COQL for the story's leads."""
    body = part("crm.api.coql.body_wrapper.BodyWrapper")()
    body.set_select_query("select Last_Name from Leads where Last_Name like 'Sdk%'")
    found = part("crm.api.coql.coql_operations.CoqlOperations")().get_records(body).get_object()
    return [one.get_key_value("Last_Name") for one in found.get_data()]


def found() -> Any:
    """Search for the story's leads by criteria."""
    parameters = part("crm.api.parameter_map.ParameterMap")()
    criteria_of = part("crm.api.record.record_operations.SearchRecordsParam").criteria
    parameters.add(criteria_of, "(Last_Name:starts_with:Sdk)")
    headers = part("crm.api.header_map.HeaderMap")()
    answer = operations("Leads").search_records(parameters, headers).get_object()
    return [one.get_key_value("Last_Name") for one in answer.get_data()]


def main() -> None:
    """Tell the whole story."""
    scene = json.load(sys.stdin)
    told: dict[str, Any] = {"signed_in": sign_in(scene), "people": people()}
    lead = told["people"]["leads"][0]["details"]["id"]
    contact = told["people"]["contacts"][0]["details"]["id"]
    told["series"] = series(str(lead), str(contact), scene["user_id"])
    events = [str(entry["details"]["id"]) for entry in told["series"]]
    told["first"] = read(events[0])
    told["guest_added"] = add_guest(events[0], told["first"]["guests"])
    told["with_guest"] = read(events[0])
    told["renamed"] = rename_later(events[1])
    told["titles"] = [read(event)["title"] for event in events]
    told["refused"] = refused(scene["user_id"])
    told["export"] = export()
    told["query"] = query()
    told["found"] = found()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
