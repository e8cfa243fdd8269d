"""Participants of a meeting: what may be sent, what is kept, what survives an update.

Source: Kaizen #8 (types, and that a participant not sent with the participation id is deleted) and
the insert page (at most 50).
"""

from __future__ import annotations

from typing import Any

from handlers.sandbox.crm.api import Wrong
from handlers.sandbox.crm.values import Place, identity, is_address, name_of
from handlers.sandbox.crm.world import Record, World

MOST = 50
_MODULES = {"contact": "Contacts", "lead": "Leads"}


def read(
    world: World, value: Any, place: Place, *, user: Record, present: list[Record]
) -> list[Record]:
    """Return the new list of participants; those of `present` named by id keep their row.

    Entries without `id` come back without one: `with_ids` gives them theirs.

    Raises:
        Wrong: One entry is bad; the whole record is then refused.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise place.invalid(expected_data_type="jsonarray")
    if len(value) > MOST:
        raise Wrong(
            "LIMIT_EXCEEDED", f"Only {MOST} participants can be added to an event.", {"limit": MOST}
        )
    rows = {row["id"]: row for row in present}
    people: list[Record] = []
    for number, item in enumerate(value):
        entry = _entry(world, item, place, f"[{number}]", user, rows)
        double = any(_same(entry, other) for other in people)
        if not double or world.switches["events.duplicates"] == "keep":
            people.append(entry)
    return people


def _same(one: Record, other: Record) -> bool:
    return (one["type"], one["participant"].lower()) == (
        other["type"],
        other["participant"].lower(),
    )


def _entry(
    world: World, item: Any, place: Place, at: str, user: Record, rows: dict[str, Record]
) -> Record:
    if not isinstance(item, dict):
        details = {"expected_data_type": "jsonobject", **place.below(at)}
        raise Wrong("INVALID_DATA", "invalid data", details)
    if item.get("id") is not None:
        row = rows.get(identity(item["id"]) or "")
        if row is None:
            raise Wrong("INVALID_DATA", "the id given seems to be invalid", place.below(f"{at}.id"))
        return dict(row)
    kind = item.get("type")
    if kind is None:
        raise Wrong("MANDATORY_NOT_FOUND", "required field not found", place.below(f"{at}.type"))
    if kind == "email":
        return _by_address(world, item, place, at)
    if kind not in ("user", *_MODULES):
        raise Wrong("INVALID_DATA", "invalid data", place.below(f"{at}.type"))
    if item.get("participant") is None:
        details = place.below(f"{at}.participant")
        raise Wrong("MANDATORY_NOT_FOUND", "required field not found", details)
    found = _person(world, kind, identity(item["participant"]) or "", user)
    if found is None:
        details = place.below(f"{at}.participant")
        raise Wrong("INVALID_DATA", "the id given seems to be invalid", details)
    return found


def _by_address(world: World, item: Record, place: Place, at: str) -> Record:
    how = world.switches["events.email_key"]
    keys = ("participant", "Email") if how == "both" else (how,)
    given = next((key for key in keys if item.get(key)), None)
    if given is None:
        details = place.below(f"{at}.{keys[0]}")
        raise Wrong("MANDATORY_NOT_FOUND", "required field not found", details)
    address = item[given]
    if not is_address(address):
        details = {"expected_data_type": "email", **place.below(f"{at}.{given}")}
        raise Wrong("INVALID_DATA", "invalid data", details)
    return _row("email", address, item.get("name"), address)


def _person(world: World, kind: str, found: str, user: Record) -> Record | None:
    if kind == "user":
        person = world.users.get(found)
        if person is None or person["status"] != "active":
            return None
        return _row("user", found, person["full_name"], person["email"])
    module = _MODULES[kind]
    record = world.records(module).get(found)
    if record is None or not world.may_see(user, module, record):
        return None
    return _row(kind, found, name_of(module, record), record.get("Email"))


def _row(kind: str, participant: str, name: Any, address: Any) -> Record:
    return {
        "name": name,
        "Email": address,
        "invited": False,
        "type": kind,
        "participant": participant,
        "status": "not_known",
    }


def with_ids(world: World, people: list[Record]) -> list[Record]:
    """Return copies of the rows, each with a participation id of its own."""
    return [row if "id" in row else {**row, "id": world.new_id()} for row in map(dict, people)]


def spread(world: World, people: list[Record], present: list[Record]) -> list[Record]:
    """Return `people` as rows of another occurrence: who is there already keeps the row."""
    rows = []
    for person in people:
        own = next((row for row in present if _same(row, person)), None)
        fresh = {key: value for key, value in person.items() if key != "id"}
        rows.append({**fresh, "id": own["id"]} if own else fresh)
    return with_ids(world, rows)
