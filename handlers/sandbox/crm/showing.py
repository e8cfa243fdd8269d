"""How a stored record is shown to a user: fields asked for, times in that person's zone."""

from __future__ import annotations

from typing import Any

from handlers.sandbox.crm.api import missing_param, refuse
from handlers.sandbox.crm.world import Record, World, in_zone
from handlers.sandbox.web import Request

MOST_FIELDS = 50


def asked_fields(request: Request, *, mandatory: bool) -> list[str] | None:
    """Return the names in `fields`, or None when it is not given and need not be.

    Raises:
        Refused: It is missing where a list demands it, or names more than 50.
    """
    text = request.query.get("fields", "")
    if not text:
        if mandatory:
            raise missing_param("fields")
        return None
    names = text.split(",")
    if len(names) > MOST_FIELDS:
        details = {"limit": MOST_FIELDS, "param_name": "fields"}
        raise refuse(400, "LIMIT_EXCEEDED", "the number of fields given exceeds the limit", details)
    return names


class Showing:
    """Shows records of one module to one user."""

    def __init__(self, world: World, user: Record, module: str) -> None:
        """Look the module's fields up once for many records."""
        self._user = user
        self._module = module
        fields = world.fields(module)
        self._names = [field["api_name"] for field in fields]
        self._times = {field["api_name"] for field in fields if field["data_type"] == "datetime"}
        self._people_in_lists = bool(world.switches["events.people_in_lists"])
        self._series_in_lists = bool(world.switches["events.dollar_in_lists"])

    def whole(self, record: Record, names: list[str] | None = None) -> Record:
        """Return the record as Get Record answers it, or only the fields in `names`."""
        if names is not None:
            return self._some(record, names)
        shown = {name: self._value(name, record.get(name)) for name in self._names}
        hidden = {"$event_cancelled"}
        shown |= {
            key: value for key, value in record.items() if key.startswith("$") and key not in hidden
        }
        return {**shown, "$approval_state": "approved", "$editable": True}

    def row(self, record: Record, names: list[str]) -> Record:
        """Return the record as a list answers it; switches say what stays out."""
        if not self._people_in_lists:
            names = [name for name in names if name != "Participants"]
        if not self._series_in_lists:
            names = [name for name in names if name != "$u_id"]
        return self._some(record, names)

    def _some(self, record: Record, names: list[str]) -> Record:
        known = {name for name in names if name in self._names or name in record}
        if "What_Id" in known and self._module == "Events":
            known.add("$se_module")
        shown = {name: self._value(name, record.get(name)) for name in sorted(known)}
        if "$event_cancelled" in names and self._module == "Events":
            shown["$event_cancelled"] = bool(record.get("$event_cancelled"))
        return {**shown, "id": record["id"]}

    def _value(self, name: str, value: Any) -> Any:
        if name in self._times and isinstance(value, str):
            return in_zone(value, self._user)
        return value


def stamps(record: Record, user: Record) -> Record:
    """Return what a write's answer says of a record: id, times, people."""
    return {
        "Modified_Time": in_zone(record["Modified_Time"], user),
        "Modified_By": record["Modified_By"],
        "Created_Time": in_zone(record["Created_Time"], user),
        "id": record["id"],
        "Created_By": record["Created_By"],
    }
