"""One meeting's values: what a call sent, checked and turned into what is stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.sandbox.crm import guests, reminders, rules, values
from handlers.sandbox.crm.api import Wrong
from handlers.sandbox.crm.values import Place
from handlers.sandbox.crm.world import Record, World

# The insert page's list of parents, and Leads as Zoho's own SDK sample sends it.
PARENTS = frozenset({
    "Accounts", "Deals", "Products", "Quotes", "Sales_Orders", "Purchase_Orders", "Invoices",
    "Campaigns", "Vendors", "Cases", "Leads",
})  # fmt: skip
CHECK_IN = ("Check_In_", "Latitude", "Longitude", "ZIP_Code")
MANDATORY = ("Event_Title", "Start_DateTime", "End_DateTime")
_TEXTS = {"Event_Title": 255, "Venue": 255, "Description": 32_000}


class Draft:
    """The checked values of one record of a call, and the errors found on the way."""

    def __init__(self, world: World, user: Record, sent: Any, index: int) -> None:
        """Take one item of `data[]` as it was sent.

        Raises:
            Wrong: The item is not an object.
        """
        if not isinstance(sent, dict):
            details = {"expected_data_type": "jsonobject", "json_path": f"$.data[{index}]"}
            raise Wrong("INVALID_DATA", "invalid data", details)
        self.world = world
        self.user = user
        self.sent = dict(sent)
        self.index = index
        self.stored: Record = {}
        if "All_Day" in self.sent:
            self.sent["All_day"] = self.sent.pop("All_Day")

    def place(self, field: str) -> Place:
        """Return where `field` stands in the call."""
        return Place(self.index, field)

    def read(self, before: Record) -> Record:
        """Return the stored form of all that was sent; `before` is the record as it was.

        Raises:
            Wrong: A value cannot be taken.
        """
        self._texts()
        self._times(before)
        self._truths()
        self._relations()
        self._extras()
        if "Participants" in self.sent:
            self.stored["Participants"] = guests.read(
                self.world,
                self.sent["Participants"],
                self.place("Participants"),
                user=self.user,
                present=before.get("Participants") or [],
            )
        if "Remind_At" in self.sent:
            start = self.stored.get("Start_DateTime") or before["Start_DateTime"]
            self.stored["Remind_At"] = reminders.read(
                self.world, self.sent["Remind_At"], start, self.place("Remind_At")
            )
        return self.stored

    def require(self, fields: tuple[str, ...]) -> None:
        """Check that every one of `fields` is given and not empty.

        Raises:
            Wrong: One is missing.
        """
        for field in fields:
            if self.sent.get(field) in (None, "", []):
                raise self.place(field).missing()

    def _texts(self) -> None:
        for field, length in _TEXTS.items():
            if field in self.sent:
                value = values.text(self.sent[field], length, self.place(field))
                if field in MANDATORY and not (value or "").strip():
                    raise self.place(field).missing()
                self.stored[field] = value

    def _times(self, before: Record) -> None:
        for field in ("Start_DateTime", "End_DateTime"):
            if field in self.sent:
                place = self.place(field)
                self.stored[field] = values.moment(self.world, self.sent[field], place)
        now = {**before, **self.stored}
        backwards = now["End_DateTime"] < now["Start_DateTime"]
        if backwards and self.world.switches["events.end_before_start"] == "refuse":
            raise self.place("End_DateTime").invalid()

    def _truths(self) -> None:
        for field in ("All_day", "$send_notification", "update_all_future_events"):
            value = self.sent.get(field)
            if value is not None and not isinstance(value, bool):
                raise self.place(field).invalid(expected_data_type="boolean")
        for field in ("All_day", "$send_notification"):
            if field in self.sent:
                self.stored[field] = bool(self.sent[field])

    def _relations(self) -> None:
        if self.sent.get("Owner") is not None:
            self.stored["Owner"] = values.owner(self.world, self.sent["Owner"], self.place("Owner"))
        if "Who_Id" in self.sent:
            self.stored["Who_Id"] = self._related("Who_Id", "Contacts")
        if "What_Id" not in self.sent:
            return
        if self.sent["What_Id"] is None:
            self.stored |= {"What_Id": None, "$se_module": None}
            return
        module = self.sent.get("$se_module")
        if module is None:
            raise self.place("$se_module").missing()
        if not isinstance(module, str) or module not in PARENTS:
            raise self.place("$se_module").invalid()
        self.stored |= {"What_Id": self._related("What_Id", module), "$se_module": module}

    def _related(self, field: str, module: str) -> Record | None:
        if self.sent[field] is None:
            return None
        found = values.identity(self.sent[field]) or ""
        record = self.world.records(module).get(found)
        if record is None or not self.world.may_see(self.user, module, record):
            details = dict(self.place(field).below(".id"))
            raise Wrong("INVALID_DATA", "the id given seems to be invalid", details)
        return {"name": values.name_of(module, record), "id": found}

    def _extras(self) -> None:
        for field in self.world.fields("Events"):
            name = field["api_name"]
            if field["custom_field"] and name in self.sent:
                value = values.check(self.world, field, self.sent[name], self.place(name))
                self.stored[name] = value

    def starts(self) -> list[tuple[str, str]] | None:
        """Return (start, end) in UTC of every occurrence, or None for a single meeting.

        The wall clock is kept in the creating user's zone, or in UTC by a switch.

        Raises:
            Wrong: The rule is not one the CRM takes.
        """
        recurring = self.sent.get("Recurring_Activity")
        if recurring is None:
            return None
        place = self.place("Recurring_Activity")
        if not isinstance(recurring, dict):
            raise place.invalid(expected_data_type="jsonobject")
        text = recurring.get("RRULE")
        if text is None:
            details = dict(place.below(".RRULE"))
            raise Wrong("MANDATORY_NOT_FOUND", "required field not found", details)
        try:
            return self._occurrences(text)
        except (rules.BadRule, OverflowError) as error:
            details = {"expected_data_type": "RRULE", **place.below(".RRULE")}
            raise Wrong("INVALID_DATA", "invalid data", details) from error

    def _occurrences(self, text: Any) -> list[tuple[str, str]]:
        switches = self.world.switches
        if not isinstance(text, str):
            raise rules.BadRule("RRULE")
        rule = rules.parse(text, switches)
        zone = ZoneInfo(self.user["time_zone"] if switches["events.dst"] == "user_wall" else "UTC")
        start, end = (
            datetime.fromisoformat(self.stored[field]).astimezone(zone).replace(tzinfo=None)
            for field in ("Start_DateTime", "End_DateTime")
        )
        length = end - start
        return [
            (to_utc(begin, zone), to_utc(begin + length, zone))
            for begin in rules.expand(rule, start, switches)
        ]


def to_utc(wall: datetime, zone: ZoneInfo) -> str:
    """Return a naive wall-clock time of `zone` as stored: in UTC."""
    return wall.replace(tzinfo=zone).astimezone(UTC).isoformat()
