"""Exporting: what a person asks for, stops and asks for again; the steps are taken elsewhere.

An export is kept before the CRM is asked, and from then on carried by ``export_steps``.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Final

from bot.domain.connection import Grant, Owner
from bot.domain.export import Query
from bot.domain.export_job import ENDED, LIVE, ExportJob, ExportState, Progress, org_of
from bot.errors import Gone, NotConnected, TryLater
from bot.journeys.export.ports import Archives, Exports
from bot.journeys.ports import Atomic, Grants

_LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"
_ID_LENGTH: Final = 8
_CRM_ID: Final = re.compile(r"[0-9]{1,30}")
_FULL_SECONDS: Final = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLimits:
    """How much may be exported at once.

    Attributes:
        per_person: Running exports of one person.
        running: Running exports of a workspace.
    """

    per_person: int = 2
    running: int = 10


class Export:
    """The journey, as far as people take part in it. No call waits for the network."""

    def __init__(
        self,
        *,
        exports: Exports,
        archives: Archives,
        grants: Grants,
        memory: Atomic,
        limits: ExportLimits,
        wake: Callable[[], object],
    ) -> None:
        """Take the parts; *wake* is called when there is something to do."""
        self._exports = exports
        self._archives = archives
        self._grants = grants
        self._memory = memory
        self._limits = limits
        self._wake = wake

    def start(
        self,
        owner: Owner,
        grant: Grant,
        query: Query,
        *,
        seed: str,
        now: datetime,
        expected: int | None = None,
    ) -> ExportJob:
        """Keep a new export and return it; it goes on by itself and tells its owner.

        Args:
            owner: Whose.
            grant: With whose account; theirs.
            query: What for.
            seed: What makes it the same export when the same request is done twice.
            now: Aware.
            expected: How many rows there may be, where they were counted before.

        Raises:
            TryLater: ``exports_yours_full``, ``exports_full`` or ``exports_storage_full``.
        """
        job_id = _id(owner, seed)
        if self._exports.get(job_id) is None and self._archives.full():
            raise TryLater("exports_storage_full", seconds=_FULL_SECONDS)
        begun = self._exports.begin(
            ExportJob(
                id=job_id,
                owner=owner,
                grant_id=grant.id,
                org=org_of(grant),
                crm_user=grant.account.user_id,
                query=query.as_json(),
                state=ExportState.NEW,
                progress=Progress(
                    since=now.isoformat(),
                    account=grant.account.email,
                    pages=ceil((expected or 0) / query.file_type.page_rows),
                ),
                due=now,
                created_at=now,
                updated_at=now,
            ),
            per_person=self._limits.per_person,
            running=self._limits.running,
        )
        self._wake()
        return begun

    def jobs(self, owner: Owner) -> tuple[ExportJob, ...]:
        """Return the owner's exports that are still known, the newest first."""
        return self._exports.of(owner)

    def find(self, owner: Owner, export_id: str) -> ExportJob:
        """Return one of the owner's exports; case and dashes of its id don't matter.

        Raises:
            Gone: ``export``: there is none, or it is somebody else's.
        """
        job = self._exports.get(export_id.strip().casefold().replace("-", ""))
        if job is None or job.owner != owner:
            raise Gone("export")
        return job

    def cancel(self, owner: Owner, export_id: str, now: datetime) -> ExportJob:
        """End a running export; what it has is deleted next. Return it as it is then.

        Raises:
            Gone: ``export``; ``export_ended``: it had ended before.
        """
        with self._memory.atomically():
            job = self.find(owner, export_id)
            if job.state in ENDED:
                raise Gone("export_ended")
            cancelled = self._end(job, ExportState.CANCELLED, now)
        self._wake()
        return cancelled

    def again(self, owner: Owner, export_id: str, *, seed: str, now: datetime) -> ExportJob:
        """Start what an export asked for once more, with the account in use now.

        While just that runs, a second press has the one that runs.

        Raises:
            Gone: ``export``.
            NotConnected: ``none``.
            TryLater: As `start`.
        """
        job = self.find(owner, export_id)
        grant = self._grants.in_use(owner)
        if grant is None:
            raise NotConnected("none")
        for one in self.jobs(owner):
            if one.state in LIVE and (one.grant_id, one.query) == (grant.id, job.query):
                return one
        return self.start(owner, grant, Query.from_json(job.query), seed=seed, now=now)

    def called_back(self, token: str, body: bytes, now: datetime) -> bool:
        """Have the export with this callback looked at soon; False when there is none.

        The body is believed in nothing: an id in it is asked about at the CRM, and only
        while the answer to the creation is missing.
        """
        known = self._exports.nudge(digest(token), now, hint=_job_named(body))
        if known:
            self._wake()
        return known

    def disconnected(self, owner: Owner, grant_id: str, now: datetime) -> None:
        """End every export done with a grant; their files are deleted next.

        Inside the transaction in which the grant goes: both happen, or neither.
        """
        with self._memory.atomically():
            for job in self._exports.of(owner):
                if job.grant_id != grant_id:
                    continue
                if job.state in LIVE:
                    self._end(job, ExportState.CANCELLED, now, why="disconnected")
                elif job.state is ExportState.DONE:
                    self._end(job, ExportState.EXPIRED, now, why="disconnected")
        self._wake()

    def _end(self, job: ExportJob, state: ExportState, now: datetime, why: str = "") -> ExportJob:
        """Write an end inside the caller's transaction, in which *job* was read."""
        after = replace(
            job,
            state=state,
            due=now,
            version=job.version + 1,
            progress=replace(job.progress, why=why, values={}, token=None, next_token=None),
        )
        return self._exports.keep(job, after, now=now) or after


def digest(token: str) -> str:
    """Return what is kept of a callback's secret."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _id(owner: Owner, seed: str) -> str:
    number = int.from_bytes(hashlib.sha256(f"{owner}\n{seed}".encode()).digest())
    letters = []
    for _ in range(_ID_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return "".join(letters)


def _job_named(body: bytes) -> str | None:
    """Return the CRM job a callback says it is about (Zoho, "Create Bulk Read Job")."""
    try:
        named = json.loads(body)["data"][0]["id"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None
    text = str(named)
    return text if _CRM_ID.fullmatch(text) else None
