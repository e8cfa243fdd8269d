"""Meetings: create (with repetition), update, delete, cancel.

A series is materialised: every occurrence is a record of its own, tied to the others only by
`$u_id`. Source: Kaizen #8 and Zoho's insert, update, delete and cancel pages.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from handlers.sandbox.crm import guests
from handlers.sandbox.crm.api import (
    Wrong,
    bad_id,
    caller,
    data_of,
    missing_param,
    outcome,
    refuse,
    success,
)
from handlers.sandbox.crm.meeting import MANDATORY, Draft
from handlers.sandbox.crm.records import target
from handlers.sandbox.crm.series import Change
from handlers.sandbox.crm.showing import stamps
from handlers.sandbox.crm.values import Place
from handlers.sandbox.crm.world import Record, World
from handlers.sandbox.web import Answer, Handler, Request

MOST_DELETED = 100


class Events:
    """The pages of the Events module that other modules don't have."""

    def __init__(self, world: World) -> None:
        """Serve the meetings of `world`."""
        self._world = world

    def routes(self) -> list[tuple[str, str, Handler]]:
        """Return (method, pattern, handler) of every page."""
        return [
            ("POST", "/crm/v8/Events", self.create),
            ("PUT", "/crm/v8/Events", self.update),
            ("PUT", "/crm/v8/Events/{id}", self.update),
            ("DELETE", "/crm/v8/Events", self.delete),
            ("DELETE", "/crm/v8/Events/{id}", self.delete),
            ("POST", "/crm/v8/Events/{id}/actions/cancel", self.cancel),
        ]

    def create(self, request: Request) -> Answer:
        """Create meetings; a repeating one answers one entry per occurrence."""
        user = caller(self._world, request)
        entries: list[Record] = []
        repeating = 0
        for index, item in enumerate(data_of(request)):
            try:
                repeating += isinstance(item, dict) and bool(item.get("Recurring_Activity"))
                if repeating > 1 and self._world.switches["events.several_rules"] == "refuse":
                    raise Place(index, "Recurring_Activity").invalid()
                with self._world.lock:
                    made = self._make(user, item, index)
            except Wrong as wrong:
                entries.append(wrong.entry)
                continue
            for record in made:
                details = {**stamps(record, user), "$approval_state": "approved"}
                entries.append(success("record added", details))
        return outcome(entries, int(self._world.switches["api.insert_status"]))

    def _make(self, user: Record, item: Any, index: int) -> list[Record]:
        draft = Draft(self._world, user, item, index)
        demanded = tuple(field["api_name"] for field in self._world.demanded("Events"))
        strict = self._world.switches["events.remind_at_required"]
        draft.require((*MANDATORY, *(("Remind_At",) if strict else ()), *demanded))
        stored = draft.read({})
        repeats = draft.starts()
        pairs = repeats or [(stored["Start_DateTime"], stored["End_DateTime"])]
        series = secrets.token_hex(16)
        rule = {"RRULE": item["Recurring_Activity"]["RRULE"]} if repeats else None
        return [
            self._occurrence(user, stored, pair, {"$u_id": series, "Recurring_Activity": rule}, n)
            for n, pair in enumerate(pairs)
        ]

    def _occurrence(
        self, user: Record, stored: Record, pair: tuple[str, str], shared: Record, number: int
    ) -> Record:
        people = guests.with_ids(self._world, stored.get("Participants") or [])
        values = {
            "All_day": False,
            "$send_notification": False,
            **stored,
            **shared,
            "Start_DateTime": pair[0],
            "End_DateTime": pair[1],
            "Participants": people,
            "$event_cancelled": False,
        }
        if number and self._world.switches["events.series_text"] == "first_only":
            for name in self._free_texts():
                values.pop(name, None)
        record = self._world.add("Events", values, user)
        invite(self._world, record)
        return record

    def _free_texts(self) -> list[str]:
        custom = [
            field["api_name"]
            for field in self._world.fields("Events")
            if field["custom_field"] and field["data_type"] in {"text", "textarea"}
        ]
        return ["Description", *custom]

    def update(self, request: Request) -> Answer:
        """Change meetings: one occurrence each, or all later ones too by `update_all_...`."""
        user = caller(self._world, request)
        if "id" in request.params and not request.params["id"].isdigit():
            raise bad_id()
        entries: list[Record] = []
        for index, item in enumerate(data_of(request)):
            try:
                with self._world.lock:
                    record = target(self._world, user, "Events", request, item, index)
                    changed = Change(self._world, user, record).apply(item, index)
                    for each in changed:
                        invite(self._world, each)
            except Wrong as wrong:
                entries.append(wrong.entry)
                continue
            if self._world.switches["events.update_all_answer"] == "one":
                changed = changed[:1]
            entries += [success("record updated", stamps(each, user)) for each in changed]
        return outcome(entries, 200)

    def delete(self, request: Request) -> Answer:
        """Delete meetings by id: each for itself, never a series."""
        user = caller(self._world, request)
        named = request.params.get("id") or request.query.get("ids", "")
        if not named:
            raise missing_param("ids")
        ids = named.split(",")
        if len(ids) > MOST_DELETED:
            details = {"limit": MOST_DELETED, "param_name": "ids"}
            raise refuse(400, "LIMIT_EXCEEDED", "the number of ids exceeds the limit", details)
        return outcome([self._deleted(user, each.strip()) for each in ids], 200)

    def _deleted(self, user: Record, event_id: str) -> Record:
        with self._world.lock:
            record = self._world.records("Events").get(event_id)
            if record is None or not self._world.may_see(user, "Events", record):
                details = {"id": event_id}
                return Wrong("INVALID_DATA", "record not deleted", details).entry
            del self._world.records("Events")[event_id]
        return success("record deleted", {"id": event_id})

    def cancel(self, request: Request) -> Answer:
        """Cancel a meeting: only one with invited people, before its end, and once."""
        user = caller(self._world, request)
        if not request.params["id"].isdigit():
            raise bad_id()
        item = data_of(request)[0]
        try:
            with self._world.lock:
                self._cancel(user, request, item)
        except Wrong as wrong:
            return outcome([wrong.entry], 200)
        message = "The event is successfully cancelled"
        return outcome([success(message, {"id": request.params["id"]})], 200)

    def _cancel(self, user: Record, request: Request, item: Any) -> None:
        place = Place(0, "send_cancelling_mail")
        mail = item.get("send_cancelling_mail") if isinstance(item, dict) else None
        if mail is None:
            raise place.missing()
        if not isinstance(mail, bool):
            raise place.invalid(expected_data_type="boolean")
        record = target(self._world, user, "Events", request, item, 0)
        people = record["Participants"]
        over = datetime.fromisoformat(record["End_DateTime"]) <= self._world.clock.now()
        reasons = (
            (record["$event_cancelled"], "The event is already cancelled"),
            (
                not any(row["invited"] for row in people),
                "You cannot cancel the event without inviting participants",
            ),
            (over, "You cannot cancel the event after its end time"),
        )
        for holds, message in reasons:
            if holds:
                raise Wrong("NOT_ALLOWED", message, {"id": record["id"]})
        record["$event_cancelled"] = True
        self._world.touch(record, user)
        if mail:
            post(self._world, record, people, "cancellation")


def invite(world: World, record: Record) -> None:
    """Send the invitations a meeting asks for and mark those people as invited."""
    if record.get("$send_notification"):
        post(world, record, record["Participants"], "invitation")
        record["Participants"] = [{**row, "invited": True} for row in record["Participants"]]


def post(world: World, record: Record, people: list[Record], kind: str) -> None:
    """Put one mail per person into the sandbox's mail list, which a test can read."""
    for row in people:
        world.mails.append({"event": record["id"], "to": row["Email"], "kind": kind})
