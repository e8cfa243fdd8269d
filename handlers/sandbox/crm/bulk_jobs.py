"""Bulk read jobs: one serial worker, moved by the sandbox's clock alone.

A job's state is a function of the clock, so a test that moves the clock moves the jobs. Its file
holds the records as they are when the finished job is first looked at.
"""

from __future__ import annotations

import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from handlers.sandbox.crm.bulk_files import as_csv, as_ics, zipped
from handlers.sandbox.crm.bulk_query import Wanted
from handlers.sandbox.crm.columns import Columns
from handlers.sandbox.crm.criteria import select
from handlers.sandbox.crm.world import Record, World, in_zone, reference
from handlers.sandbox.web import LOOPBACK

KEPT = timedelta(days=1)
DOWNLOADS = 10
DOWNLOAD_WINDOW = timedelta(seconds=60)
# When a callback is sent, in seconds after the job's end; far before it means at once.
DELIVERIES: Mapping[str, tuple[float, ...]] = {
    "once": (0.0,),
    "never": (),
    "twice": (0.0, 1.0),
    "early": (-86_400.0, 0.0),
    "late": (90.0,),
}
_TICK = 0.05
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished job has: the zip, its rows, and the token of the next page ("" if none)."""

    archive: bytes
    count: int
    next_token: str


@dataclass(slots=True, kw_only=True)
class Job:
    """One job. It waits, is worked on from `begins`, and ends at `ends`."""

    id: str
    user: Record
    wanted: Wanted
    created: datetime
    begins: datetime
    ends: datetime
    fails: bool
    owed: list[datetime] = field(default_factory=list)
    outcome: Outcome | None = None

    def state(self, now: datetime) -> str:
        """Return the job's state at `now`: ADDED, QUEUED, IN PROGRESS, COMPLETED or FAILURE."""
        if now >= self.ends:
            return "FAILURE" if self.fails else "COMPLETED"
        if now >= self.begins:
            return "IN PROGRESS"
        soon = self.created + (self.begins - self.created) / 2
        return "QUEUED" if now >= soon else "ADDED"


@dataclass(frozen=True, slots=True)
class NextPage:
    """What a page token stands for; it is its user's own and ends after a day."""

    user_id: str
    wanted: Wanted
    expires: datetime


Deliver = Callable[[str, bytes], None]


def post(url: str, body: bytes) -> None:
    """POST a callback to a server on this machine; nothing is sent anywhere else.

    Raises:
        OSError: Nobody answers.
        http.client.HTTPException: The answer is not HTTP.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname not in {LOOPBACK, "localhost"}:
        return
    line = http.client.HTTPConnection(LOOPBACK, parts.port or 80, timeout=_PATIENCE)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        line.request("POST", target, body, {"Content-Type": "application/json;charset=UTF-8"})
        line.getresponse().read()
    finally:
        line.close()


class Queue:
    """All jobs of the organisation, in order, and the courier that sends their callbacks."""

    def __init__(self, world: World, deliver: Deliver = post) -> None:
        """Start empty; `deliver` sends one callback."""
        self.world = world
        self.lock = threading.RLock()
        self.tokens: dict[str, NextPage] = {}
        self._jobs: dict[str, Job] = {}
        self._downloads: list[datetime] = []
        self._deliver = deliver
        self._courier: threading.Thread | None = None

    def add(self, wanted: Wanted, user: Record) -> Job:
        """Queue a job behind the others and return it."""
        switches, now = self.world.switches, self.world.clock.now()
        with self.lock:
            last = max((job.ends for job in self._jobs.values()), default=now)
            length = timedelta(seconds=float(switches["bulk.job_seconds"]))
            turn = max(now, last)
            job = Job(
                id=self.world.new_id(), user=user, wanted=wanted, created=now,
                begins=turn + length * 0.3, ends=turn + length, fails=switches["bulk.fails"],
            )  # fmt: skip
            if wanted.callback:
                plan = DELIVERIES[switches["bulk.callbacks"]]
                job.owed = [job.ends + timedelta(seconds=after) for after in plan]
            self._jobs[job.id] = job
            self._send_courier()
            return job

    def jobs(self) -> list[Job]:
        """Return every job, the oldest first."""
        with self.lock:
            return list(self._jobs.values())

    def find(self, job_id: str) -> Job | None:
        """Return a job until a day after its end, then None."""
        with self.lock:
            job = self._jobs.get(job_id)
            kept = timedelta(seconds=float(self.world.switches["bulk.kept_seconds"]))
            if job is None or self.world.clock.now() < job.ends + kept:
                return job
            job.outcome = None
            return None

    def may_download(self) -> bool:
        """Count a download and return whether it is within ten a minute."""
        now = self.world.clock.now()
        with self.lock:
            self._downloads = [at for at in self._downloads if at > now - DOWNLOAD_WINDOW]
            if len(self._downloads) >= DOWNLOADS:
                return False
            self._downloads.append(now)
            return True

    def outcome(self, job: Job) -> Outcome:
        """Return what a completed job has read, reading it the first time."""
        with self.lock:
            if job.outcome is None:
                job.outcome = self._read(job)
            return job.outcome

    def _read(self, job: Job) -> Outcome:
        wanted, world = job.wanted, self.world
        size = int(world.switches[f"bulk.{wanted.file_type}_rows"])
        with world.lock:
            columns = Columns(world, wanted.module)
            rows = select(columns, world.visible(wanted.module, job.user), wanted.tree)
            page = rows[(wanted.page - 1) * size : wanted.page * size]
            calendar = wanted.file_type == "ics"
            content = as_ics(world, page) if calendar else as_csv(world, wanted, page, job.user)
        token = ""
        if len(rows) > wanted.page * size:
            token = secrets.token_hex(24)
            self.tokens[token] = NextPage(str(job.user["id"]), wanted, world.clock.now() + KEPT)
        return Outcome(zipped(f"{job.id}.{wanted.file_type}", content), len(page), token)

    def status(self, job: Job) -> Record:
        """Return the job as the status page and the callback tell it."""
        wanted, state = job.wanted, job.state(self.world.clock.now())
        told: dict[str, Any] = {"id": job.id, "operation": "read", "state": state}
        if state == "COMPLETED":
            told["result"] = self._result(job)
        elif state == "FAILURE":
            told["result"] = {
                "error_message": {
                    "status": "error",
                    "code": "INTERNAL_SERVER_ERROR",
                    "message": "Internal server error occurred.",
                    "details": {},
                }
            }
        created = in_zone(job.created.replace(microsecond=0).isoformat(), job.user)
        told |= {"query": wanted.echo, "created_by": reference(job.user), "created_time": created}
        return {"data": [{**told, "file_type": wanted.file_type}]}

    def _result(self, job: Job) -> Record:
        outcome, wanted = self.outcome(job), job.wanted
        result: Record = {
            "page": wanted.page,
            "per_page": int(self.world.switches[f"bulk.{wanted.file_type}_rows"]),
            "count": outcome.count,
            "download_url": f"/crm/bulk/v8/read/{job.id}/result",
            "more_records": bool(outcome.next_token),
        }
        if outcome.next_token:
            result["next_page_token"] = outcome.next_token
        return result

    def _send_courier(self) -> None:
        """Start the courier's thread when callbacks are owed and none is under way."""
        if any(job.owed for job in self._jobs.values()) and self._courier is None:
            self._courier = threading.Thread(
                target=self._carry, name="sandbox-bulk-courier", daemon=True
            )
            self._courier.start()

    def _carry(self) -> None:
        while (due := self._due()) is not None:
            for job in due:
                body = json.dumps(self.status(job)).encode()
                try:
                    self._deliver(job.wanted.callback, body)
                except (OSError, http.client.HTTPException):
                    # Whether the CRM tries again is not documented; it does not here.
                    continue
            time.sleep(_TICK)

    def _due(self) -> list[Job] | None:
        """Return the jobs whose callback is due, once for each; None when none is owed at all."""
        now = self.world.clock.now()
        with self.lock:
            if not any(job.owed for job in self._jobs.values()):
                self._courier = None
                return None
            due: list[Job] = []
            for job in self._jobs.values():
                due += [job for at in job.owed if at <= now]
                job.owed = [at for at in job.owed if at > now]
            return due

    def reset(self) -> None:
        """Forget all jobs, tokens and downloads; owed callbacks are not sent."""
        with self.lock:
            self._jobs.clear()
            self.tokens.clear()
            self._downloads.clear()
