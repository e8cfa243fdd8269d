"""The CRM beside Slack: who is in it, deals, meetings by day, bulk jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from handlers.sandbox.crm.site import CrmSide
from handlers.sandbox.crm.world import Record
from handlers.sandbox.slack.side import SlackSide

Json = dict[str, Any]
_SOME = 40  # contacts, leads and deals shown


class Office:
    """Looks at the CRM with the eyes of someone who may see everything."""

    def __init__(self, slack: SlackSide, crm: CrmSide, admin_token: str) -> None:
        """Look at `crm`; a grant by `admin_token` doesn't count as somebody's connection."""
        self._people = slack.workspace.people
        self._slack = slack
        self._world = crm.world
        self._queue = crm.queue
        self._admin_token = admin_token

    def accounts(self) -> dict[str, str]:
        """Return of each user's address how it stands in the CRM."""
        holders = self._world.grants.holders(beside=self._admin_token)
        return {user["email"]: self._standing(user, holders) for user in self._users()}

    @staticmethod
    def _standing(user: Record, holders: set[str]) -> str:
        if user["status"] != "active":
            return f"CRM account {user['status']}"
        return "CRM account connected" if user["id"] in holders else "CRM account, not connected"

    def _users(self) -> list[Record]:
        with self._world.lock:
            return list(self._world.users.values())

    def panel(self, user: str) -> Json:
        """Return what the CRM page shows; days and times are in `user`'s zone at Slack."""
        zone = ZoneInfo(self._slack.workspace.person(user).tz)
        accounts = self.accounts()
        with self._world.lock:
            people = {
                "Users": [
                    {
                        "name": one["full_name"],
                        "about": f"{one['email']} · {accounts[one['email']]}",
                    }
                    for one in self._world.users.values()
                ],
                "Contacts": self._some("Contacts", "Full_Name", "Email"),
                "Leads": self._some("Leads", "Full_Name", "Company"),
                "Deals": self._some("Deals", "Deal_Name", "Stage"),
            }
            counts = {name: len(self._world.records(name)) for name in ("Contacts", "Leads")}
            events = [dict(record) for record in self._world.records("Events").values()]
        return {
            "zone": zone.key,
            "lists": people,
            "counts": {**counts, "Deals": len(self._world.records("Deals"))},
            "days": _days(events, zone),
            "jobs": self._jobs(zone),
        }

    def _some(self, module: str, name: str, about: str) -> list[Json]:
        rows = list(self._world.records(module).values())[:_SOME]
        return [{"name": row.get(name) or "", "about": row.get(about) or ""} for row in rows]

    def _jobs(self, zone: ZoneInfo) -> list[Json]:
        now = self._world.clock.now()
        return [
            {
                "id": job.id,
                "module": job.wanted.module,
                "page": job.wanted.page,
                "by": job.user["full_name"],
                "state": job.state(now),
                "created": job.created.astimezone(zone).strftime("%H:%M:%S"),
                "callback": bool(job.wanted.callback),
            }
            for job in reversed(self._queue.jobs())
        ]


def _days(events: list[Record], zone: ZoneInfo) -> list[Json]:
    """Return the meetings by day, in order; the members of a series are numbered."""
    series: dict[str, int] = {}
    days: dict[str, list[Json]] = {}
    sizes: dict[str, int] = {}
    for event in events:
        sizes[_series(event)] = sizes.get(_series(event), 0) + 1
    for event in sorted(events, key=lambda one: str(one["Start_DateTime"])):
        key = _series(event)
        series[key] = series.get(key, 0) + 1
        start = _local(event["Start_DateTime"], zone)
        days.setdefault(f"{start:%a} {start.day} {start:%b %Y}", []).append(
            {
                "id": event["id"],
                "title": event.get("Event_Title") or "",
                "time": _time(event, zone),
                "venue": event.get("Venue") or "",
                "owner": event["Owner"]["name"],
                "part": f"{series[key]} of {sizes[key]}" if sizes[key] > 1 else "",
                "rule": (event.get("Recurring_Activity") or {}).get("RRULE", ""),
                "cancelled": bool(event.get("$event_cancelled")),
                "people": [
                    f"{guest.get('name') or guest.get('Email')} ({guest['type']})"
                    for guest in event.get("Participants") or []
                ],
            }
        )
    return [{"day": day, "meetings": meetings} for day, meetings in days.items()]


def _series(event: Record) -> str:
    return str(event.get("$u_id") or event["id"])


def _local(moment: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(moment).astimezone(zone)


def _time(event: Record, zone: ZoneInfo) -> str:
    if event.get("All_day"):
        return "all day"
    start, end = (_local(event[f"{name}_DateTime"], zone) for name in ("Start", "End"))
    return f"{start:%H:%M}-{end:%H:%M}"
