"""The CRM's data: people, records, ids, and who may see what.

Records are plain dicts keyed by API names. Times in them are ISO text in UTC with whole seconds
(`2026-03-01T09:00:00+00:00`), so they sort as text; the pages render them in the user's zone.
Lookups are `{"id", "name"}`.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.sandbox.clock import Clock
from handlers.sandbox.crm import catalogue, people, seed
from handlers.sandbox.crm.grants import Grants
from handlers.sandbox.crm.switches import Switches

Record = dict[str, Any]


class World:
    """Everything one sandbox organisation holds. Hold `lock` while reading and then writing."""

    def __init__(self, clock: Clock) -> None:
        """Make a world with the seed people and records."""
        self.clock = clock
        self.lock = threading.RLock()
        self.switches = Switches()
        self.grants = Grants(clock, self.switches)
        self.origin = ""
        self.signed_in = ""  # the address that the consent page offers first
        self.users: dict[str, Record] = {}
        self.org: Record = {}
        self.mails: list[Record] = []
        self.on_reset: list[Callable[[], None]] = []
        self._last = people.FIRST_FREE
        self._records: dict[str, dict[str, Record]] = {}
        self._extra_fields: dict[str, list[Record]] = {}
        self.visibility: dict[str, dict[str, str]] = {}
        self.reset()

    def reset(self) -> None:
        """Go back to the seed, and call all of `on_reset`. Ids are not given out again."""
        with self.lock:
            self.switches.reset()
            self.users = people.users()
            self.org = people.organisation()
            self._records = seed.records(self.users)
            self._extra_fields = {}
            self.visibility = {}
            self.mails = []
        for act in self.on_reset:
            act()

    def modules(self) -> tuple[str, ...]:
        """Return the API names of all modules."""
        return tuple(catalogue.MODULES)

    def records(self, module: str) -> dict[str, Record]:
        """Return the live records of `module` by id; an unknown module has none."""
        return self._records.get(module, {})

    def fields(self, module: str) -> list[Record]:
        """Return field metadata of `module` as `/settings/fields` answers it."""
        return [*catalogue.fields(module), *self._extra_fields.get(module, [])]

    def demand(self, module: str, fields: list[Record]) -> None:
        """Let the layout of `module` have these extra fields (see `catalogue.extra_field`)."""
        with self.lock:
            self._extra_fields[module] = [catalogue.extra_field(module, item) for item in fields]

    def demanded(self, module: str) -> list[Record]:
        """Return the extra fields the layout of `module` requires."""
        return [item for item in self._extra_fields.get(module, []) if item["required"]]

    def new_id(self) -> str:
        """Return an id never given before: 19 digits, higher than the last by 2 or more."""
        with self.lock:
            self._last += 2 + secrets.randbelow(40)
            return str(self._last)

    def stamp(self) -> str:
        """Return the present time as records keep it: UTC, whole seconds."""
        return self.clock.now().astimezone(UTC).replace(microsecond=0).isoformat()

    def add(self, module: str, values: Record, user: Record) -> Record:
        """Add a record made by `user`; the common fields are filled in unless given."""
        with self.lock:
            now, who = self.stamp(), reference(user)
            record: Record = {
                "id": self.new_id(),
                "Owner": {**who, "email": user["email"]},
                "Created_By": who,
                "Modified_By": who,
                "Created_Time": now,
                "Modified_Time": now,
            }
            record.update(values)
            seed.complete(module, record)
            self._records.setdefault(module, {})[str(record["id"])] = record
            return record

    def touch(self, record: Record, user: Record) -> None:
        """Mark `record` as changed now by `user`."""
        record["Modified_Time"] = self.stamp()
        record["Modified_By"] = reference(user)

    def user(self, access_token: str) -> Record | None:
        """Return the active user an access token speaks for, or None."""
        user_id = self.grants.holder(access_token)
        found = self.users.get(user_id or "")
        return found if found and found["status"] == "active" else None

    def user_named(self, text: str) -> Record | None:
        """Return the user with this id or e-mail address, or None."""
        for user in self.users.values():
            if text in {user["id"], user["email"]}:
                return user
        return None

    def may_see(self, user: Record, module: str, record: Record) -> bool:
        """Return whether `user` may see `record`: all, own (and invited to), or none."""
        rule = self.visibility.get(user["id"], {})
        level = rule.get(module, rule.get("*", "all"))
        if level == "own":
            guests = record.get("Participants") or []
            mine = any(
                guest["type"] == "user" and guest["participant"] == user["id"] for guest in guests
            )
            return mine or str(record["Owner"]["id"]) == user["id"]
        return level == "all"

    def visible(self, module: str, user: Record) -> list[Record]:
        """Return the records of `module` that `user` may see, in order of creation."""
        with self.lock:
            return [
                record
                for record in self.records(module).values()
                if self.may_see(user, module, record)
            ]


def reference(user: Record) -> Record:
    """Return a user as records name one: `{"name", "id"}`."""
    return {"name": user["full_name"], "id": user["id"]}


def in_zone(moment: str, user: Record) -> str:
    """Return a stored UTC time as the CRM shows it to `user`: in that person's zone."""
    zone = ZoneInfo(user["time_zone"])
    return datetime.fromisoformat(moment).astimezone(zone).isoformat()
