"""Bulk read: create a job, look at it, download its result (CRM API v8, `/crm/bulk/v8/read`).

Not pretended: views beside "All" and "My", external fields, and that only administrators may read
fields of parents.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.sandbox.crm.api import caller, refuse
from handlers.sandbox.crm.bulk_criteria import refuse_bulk
from handlers.sandbox.crm.bulk_files import spoiled
from handlers.sandbox.crm.bulk_jobs import Queue
from handlers.sandbox.crm.bulk_query import Wanted, body_of, read
from handlers.sandbox.crm.columns import require_read
from handlers.sandbox.crm.world import Record, World, in_zone, reference
from handlers.sandbox.web import Answer, Handler, Request

PATH = "/crm/bulk/v8/read"


SWITCHES: tuple[tuple[Any, ...], ...] = (
    ("bulk.job_seconds", 3.5, "seen: jobs run one after another, about 3.5 s each"),
    ("bulk.csv_rows", 200_000, "rows of one page, limitations page"),
    ("bulk.ics_rows", 20_000, "meetings of one page, limitations page"),
    ("bulk.in_values", 200, "limitations page: 20; published API description: 200", 20),
    ("bulk.id_header", "Id", "docs: id; real files: Id", "id"),
    ("bulk.byte_order_mark", False, "whether the CSV begins with one: unknown"),
    ("bulk.download_type", "application/x-download", "sources name both", "application/zip"),
    (
        "bulk.download",
        "whole",
        "how a download goes",
        "slow",
        "broken",
        "truncated",
        "flipped",
        "page",
    ),
    ("bulk.download_pause", 1.0, "seconds a slow download halts half-way"),
    ("bulk.kept_seconds", 86_400.0, "a result is kept for a day after completion"),
    ("bulk.fails", False, "jobs end as FAILURE"),
    ("bulk.callbacks", "once", "delivery is undocumented", "never", "twice", "early", "late"),
)


def _declare(world: World) -> None:
    for name, default, note, *others in SWITCHES:
        world.switches.declare(name, default, note, *others)


def routes(world: World, queue: Queue) -> list[tuple[str, str, Handler]]:
    """Return the routes of bulk read over `queue`, which a reset of the world empties."""
    _declare(world)
    pages = _Pages(world, queue)
    world.on_reset.append(queue.reset)
    return [
        ("POST", PATH, pages.create),
        ("GET", f"{PATH}/{{id}}", pages.status),
        ("GET", f"{PATH}/{{id}}/result", pages.result),
    ]


class _Pages:
    def __init__(self, world: World, queue: Queue) -> None:
        self.world = world
        self.queue = queue

    def create(self, request: Request) -> Answer:
        """Answer POST: 201 with the new job's id, or what is wrong with it."""
        user = caller(self.world, request)
        body = body_of(request)
        query = body.get("query")
        token = query.get("page_token") if isinstance(query, dict) else None
        wanted = read(self.world, user, body) if token is None else self._continued(user, token)
        require_read(self.world, request, wanted.module)
        job = self.queue.add(wanted, user)
        details = {
            "id": job.id,
            "operation": "read",
            "state": "ADDED",
            "created_by": reference(user),
            "created_time": in_zone(job.created.replace(microsecond=0).isoformat(), user),
        }
        added = {
            "status": "success",
            "code": "ADDED_SUCCESSFULLY",
            "message": "Added successfully.",
            "details": details,
        }
        return Answer.json({"data": [added], "info": {}}, 201)

    def _continued(self, user: Record, token: Any) -> Wanted:
        with self.queue.lock:
            found = self.queue.tokens.get(str(token))
        if found is None or found.user_id != user["id"]:
            raise refuse_bulk("INVALID_DATA", "invalid data", {"api_name": "page_token"})
        if self.world.clock.now() >= found.expires:
            details = {"api_name": "page_token"}
            raise refuse_bulk("EXPIRED_VALUE", "The token given is expired", details)
        page = found.wanted.page + 1
        return replace(found.wanted, page=page, echo={**found.wanted.echo, "page": page})

    def status(self, request: Request) -> Answer:
        """Answer GET of a job."""
        caller(self.world, request)
        job = self.queue.find(request.params["id"])
        if job is None:
            raise _unknown(request)
        return Answer.json(self.queue.status(job))

    def result(self, request: Request) -> Answer:
        """Answer GET of a job's result with the zip, at most ten times a minute."""
        caller(self.world, request)
        job = self.queue.find(request.params["id"])
        if job is None or job.state(self.world.clock.now()) != "COMPLETED":
            raise _unknown(request)
        require_read(self.world, request, job.wanted.module)
        if not self.queue.may_download():
            raise refuse(429, "TOO_MANY_REQUESTS", "too many downloads in a minute")
        headers = (
            ("Content-Type", str(self.world.switches["bulk.download_type"])),
            ("Content-Disposition", f'attachment;filename="{job.id}.zip"'),
        )
        how = str(self.world.switches["bulk.download"])
        return Answer(
            200,
            spoiled(self.queue.outcome(job).archive, how),
            headers,
            pause=float(self.world.switches["bulk.download_pause"]) if how == "slow" else 0.0,
            broken=how == "broken",
        )


def _unknown(request: Request) -> Exception:
    details = {"resource": request.params["id"]}
    return refuse(404, "RESOURCE_NOT_FOUND", "the resource does not exist", details)
