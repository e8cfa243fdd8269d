"""Fields a layout demands of a meeting."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.sandbox.client import Crm
from tests.handlers.sandbox.meetings import create, read, refusal


def test_a_demanded_field_must_be_given(crm: Crm) -> None:
    """Fields metadata doesn't say so; the layout does; a create without it fails."""
    field = {"api_name": "Room", "data_type": "picklist", "values": ["Red", "Blue"]}
    crm.control("layout", {"module": "Events", "fields": [field]})
    entry = refusal(crm)
    assert ("MANDATORY_NOT_FOUND", "Room") == (entry["code"], entry["details"]["api_name"])
    event = create(crm, Room="Red")[0]["id"]
    assert read(crm, event)["Room"] == "Red"
    fields = {
        which: {f["api_name"]: f for f in rows}["Room"]["required"]
        for which, rows in (
            ("fields", crm.call("GET", "settings/fields?module=Events").json["fields"]),
            ("layout", crm.call("GET", "settings/layouts?module=Events").json["layouts"][0]
             ["sections"][0]["fields"]),
        )
    }  # fmt: skip
    assert fields == {"fields": False, "layout": True}


def test_picklists_may_be_strict(crm: Crm) -> None:
    """A switch; by default any text passes."""
    field = {"api_name": "Room", "data_type": "picklist", "values": ["Red"], "required": False}
    crm.control("layout", {"fields": [field]})
    assert len(create(crm, Room="Green")) == 1
    crm.switch("records.picklist", "strict")
    assert refusal(crm, Room="Green")["details"]["api_name"] == "Room"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("text", "x", 1),
        ("integer", 5, 5.5),
        ("currency", 5.5, "5.5"),
        ("boolean", True, "true"),
        ("date", "2026-03-01", "2026-02-30"),
        ("datetime", "2026-03-01T10:00:00Z", "2026-03-01"),
        ("email", "a@example.com", "a@"),
    ],
)
def test_demanded_fields_have_types(crm: Crm, kind: str, good: Any, bad: Any) -> None:
    """The error is INVALID_DATA with the field's name."""
    crm.control("layout", {"fields": [{"api_name": "Extra", "data_type": kind}]})
    assert refusal(crm, Extra=bad)["details"]["api_name"] == "Extra"
    assert len(create(crm, Extra=good)) == 1


def test_a_demanded_lookup_takes_a_record_of_its_module(crm: Crm) -> None:
    """By id, with the name read back."""
    field = {"api_name": "Project", "data_type": "lookup", "module": "Campaigns"}
    crm.control("layout", {"fields": [field]})
    fair = crm.record("Campaigns", Campaign_Name="Spring fair")["id"]
    assert refusal(crm, Project={"id": "1"})["code"] == "INVALID_DATA"
    event = create(crm, Project={"id": fair})[0]["id"]
    assert read(crm, event)["Project"] == {"name": "Spring fair", "id": fair}
