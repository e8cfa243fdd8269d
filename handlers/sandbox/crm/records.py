"""Records of every module: read all of them; create and update leads and contacts."""

from __future__ import annotations

from typing import Any

from handlers.sandbox.crm import values
from handlers.sandbox.crm.api import (
    Wrong,
    bad_id,
    bad_module,
    caller,
    data_of,
    outcome,
    problem,
    refuse,
    success,
)
from handlers.sandbox.crm.listing import Listing, header_time, newer
from handlers.sandbox.crm.seed import complete
from handlers.sandbox.crm.showing import Showing, asked_fields, stamps
from handlers.sandbox.crm.values import Place
from handlers.sandbox.crm.world import Record, World
from handlers.sandbox.web import Answer, Handler, Request

WRITABLE = ("Leads", "Contacts")


class Records:
    """The record pages that are the same for every module."""

    def __init__(self, world: World) -> None:
        """Serve the records of `world`."""
        self._world = world
        self._listing = Listing(world)

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, pattern, handler) of every page."""
        return [
            ("GET", "/crm/v8/{module}", self.many),
            ("GET", "/crm/v8/{module}/{id}", self.get),
            ("POST", "/crm/v8/{module}", self.create),
            ("PUT", "/crm/v8/{module}", self.update),
            ("PUT", "/crm/v8/{module}/{id}", self.update),
        ]

    def _module(self, request: Request) -> str:
        module = request.params["module"]
        if module not in self._world.modules():
            raise bad_module()
        return module

    def many(self, request: Request) -> Answer:
        """Answer a list of records."""
        return self._listing.answer(request, self._module(request))

    def get(self, request: Request) -> Answer:
        """Answer one record; 204 for an id that does not exist or may not be seen."""
        module, user = self._module(request), caller(self._world, request)
        found = request.params["id"]
        if not found.isdigit():
            raise bad_id()
        names = asked_fields(request, mandatory=False)
        record = self._world.records(module).get(found)
        if record is None:
            return Answer.empty()
        if not self._world.may_see(user, module, record):
            return hidden(self._world)
        since = request.headers.get("if-modified-since")
        if since and not newer([record], since):
            return Answer.empty(304)
        return Answer.json({"data": [Showing(self._world, user, module).whole(record, names)]})

    def create(self, request: Request) -> Answer:
        """Create leads or contacts; the mandatory fields must be there."""
        module, user = self._writable(request), caller(self._world, request)
        entries = []
        for index, item in enumerate(data_of(request)):
            try:
                with self._world.lock:
                    stored = self._checked(module, item, index)
                    self._demand(module, stored, index)
                    record = self._world.add(module, stored, user)
                details = {**stamps(record, user), "$approval_state": "approved"}
                entries.append(success("record added", details))
            except Wrong as wrong:
                entries.append(wrong.entry)
        return outcome(entries, int(self._world.switches["api.insert_status"]))

    def update(self, request: Request) -> Answer:
        """Change leads or contacts: the fields that are sent, nothing else."""
        module, user = self._writable(request), caller(self._world, request)
        data = data_of(request)
        entries = []
        for index, item in enumerate(data):
            try:
                with self._world.lock:
                    record = target(self._world, user, module, request, item, index)
                    record.update(self._checked(module, item, index))
                    complete(module, record)
                    self._world.touch(record, user)
                entries.append(success("record updated", stamps(record, user)))
            except Wrong as wrong:
                entries.append(wrong.entry)
        return outcome(entries, 200)

    def _writable(self, request: Request) -> str:
        module = self._module(request)
        if module not in WRITABLE:
            # The sandbox only pretends to write leads, contacts and meetings.
            raise refuse(400, "NOT_SUPPORTED", "the sandbox does not write this module")
        return module

    def _checked(self, module: str, item: Any, index: int) -> Record:
        if not isinstance(item, dict):
            details = {"expected_data_type": "jsonobject", "json_path": f"$.data[{index}]"}
            raise Wrong("INVALID_DATA", "invalid data", details)
        stored: Record = {}
        for field in self._world.fields(module):
            name = field["api_name"]
            if name in item and not field["read_only"]:
                stored[name] = values.check(self._world, field, item[name], Place(index, name))
        return stored

    def _demand(self, module: str, stored: Record, index: int) -> None:
        for field in self._world.fields(module):
            if field["required"] and stored.get(field["api_name"]) in (None, "", []):
                raise Place(index, field["api_name"]).missing()


def hidden(world: World) -> Answer:
    """Return the answer for a record that exists but may not be seen."""
    if world.switches["records.hidden"] == 403:
        return problem(403, "NO_PERMISSION", "permission denied", {"permissions": ["View"]})
    return Answer.empty()


def target(
    world: World, user: Record, module: str, request: Request, item: Any, index: int
) -> Record:
    """Return the record an update is for: by the id in the path, or in the item.

    Raises:
        Wrong: There is none the user may see, or it changed after If-Unmodified-Since.
        Refused: The header is no time.
    """
    named = request.params.get("id") or (item.get("id") if isinstance(item, dict) else None)
    place = Place(index, "id")
    if named is None:
        raise place.missing()
    record = world.records(module).get(values.identity(named) or "")
    if record is None or not world.may_see(user, module, record):
        raise Wrong("INVALID_DATA", "the id given seems to be invalid", dict(place.below("")))
    since = request.headers.get("if-unmodified-since")
    if since and newer([record], header_time(since).isoformat()):
        message = "Record updated time has already passed if-unmodified-since time"
        raise Wrong("ALREADY_MODIFIED", message, stamps(record, user))
    return record
