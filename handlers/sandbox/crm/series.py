"""Changing a meeting, alone or with the later ones of its series.

Source: Kaizen #8 for `update_all_future_events`, the participants' rule and what can't be updated.
A public client reports that the change overwrites occurrences edited by hand; so it does here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.sandbox.crm import guests
from handlers.sandbox.crm.meeting import CHECK_IN, Draft, to_utc
from handlers.sandbox.crm.world import Record, World

_TIMES = ("Start_DateTime", "End_DateTime")


class Change:
    """One update of one meeting. The world's lock must be held."""

    def __init__(self, world: World, user: Record, record: Record) -> None:
        """Change `record` in the name of `user`."""
        self._world = world
        self._user = user
        self._record = record

    def apply(self, sent: Any, index: int) -> list[Record]:
        """Store what was sent; return the changed records, the named one first.

        Raises:
            Wrong: A value cannot be taken; nothing is changed then.
        """
        draft = Draft(self._world, self._user, sent, index)
        self._refuse(draft)
        stored = draft.read(self._record)
        before = dict(self._record)
        later = self._later() if self._reaches_on(draft) else []
        own = dict(stored)
        if "Participants" in own:
            own["Participants"] = guests.with_ids(self._world, own["Participants"])
        self._record.update(own)
        self._world.touch(self._record, self._user)
        for sibling in later:
            self._carry_over(stored, before, sibling)
        return [self._record, *later]

    def _refuse(self, draft: Draft) -> None:
        for name in draft.sent:
            if name.startswith(CHECK_IN):
                raise draft.place(name).invalid()
        refused = self._world.switches["events.rrule_on_update"] == "refused"
        if refused and draft.sent.get("Recurring_Activity") is not None:
            raise draft.place("Recurring_Activity").invalid()

    def _reaches_on(self, draft: Draft) -> bool:
        known = self._world.switches["events.update_all"] == "known"
        return known and draft.sent.get("update_all_future_events") is True

    def _later(self) -> list[Record]:
        return sorted(
            (
                other
                for other in self._world.records("Events").values()
                if other["$u_id"] == self._record["$u_id"]
                and other["Start_DateTime"] > self._record["Start_DateTime"]
            ),
            key=lambda other: str(other["Start_DateTime"]),
        )

    def _carry_over(self, stored: Record, before: Record, sibling: Record) -> None:
        carried = {name: value for name, value in stored.items() if name not in _TIMES}
        how = self._world.switches["events.update_all_people"]
        carried.pop("Participants", None)
        if how == "copy_unasked" or (how == "replace" and "Participants" in stored):
            people = self._record["Participants"]
            present = sibling["Participants"]
            carried["Participants"] = guests.spread(self._world, people, present)
        times = self._world.switches["events.update_all_times"]
        for name in _TIMES:
            if name in stored and times == "shift":
                carried[name] = self._moved(sibling[name], before[name], stored[name])
            elif name in stored and times == "copy":
                carried[name] = stored[name]
        sibling.update(carried)
        self._world.touch(sibling, self._user)

    def _moved(self, moment: str, old: str, new: str) -> str:
        """Return `moment` moved by the wall-clock distance from `old` to `new`."""
        zone = ZoneInfo(self._user["time_zone"])
        at, was, now = (
            datetime.fromisoformat(text).astimezone(zone).replace(tzinfo=None)
            for text in (moment, old, new)
        )
        return to_utc(at + (now - was), zone)
