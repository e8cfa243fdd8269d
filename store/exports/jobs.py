"""Export jobs: each known before the CRM is asked, moved by one worker at a time."""

from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime, timedelta

from bot.domain.connection import Owner
from bot.domain.export_job import (
    ENDED,
    LIVE,
    MOVES,
    ExportJob,
    ExportPage,
    ExportState,
)
from bot.errors import Fault, TryLater
from store.exports.rows import ExportRows
from store.sealing.vault import Vault
from store.sqlite.columns import aware, moment
from store.sqlite.database import Database
from store.sqlite.transaction import Transaction

FULL_SECONDS = 60.0
"""A fair wait for somebody whose place is taken."""
# Texts of this file: no value stands in them.
_LIVE = ", ".join(f"'{state}'" for state in sorted(LIVE))
_ENDED = ", ".join(f"'{state}'" for state in sorted(ENDED))


class Exports:
    """Export jobs by id.

    Whoever claimed a job writes with its fence, and each write raises the fence: of two
    who hold the same job one is refused. A job in hand is held until its lease is over;
    callbacks move ``due``, never the hold.
    """

    def __init__(self, db: Database, vault: Vault) -> None:
        """Keep jobs in *db*, query and progress sealed by *vault*."""
        self._db = db
        self._rows = ExportRows(vault)

    def begin(self, job: ExportJob, *, per_person: int, running: int) -> ExportJob:
        """Keep a new job and return it; the same id of the same owner again is the one there is.

        One transaction with the count of what runs: the limits hold against everybody at once.

        Args:
            job: New, as its id names it.
            per_person: The most jobs of one owner that may run.
            running: The most jobs of the owner's team that may run.

        Raises:
            TryLater: ``exports_yours_full`` or ``exports_full``.
            Fault: ``export_id_taken``: somebody else's job has the id.
        """
        with self._db.writing() as transaction:
            known = self._get(transaction, job.id)
            if known is not None:
                if known.owner != job.owner:
                    raise Fault("export_id_taken")
                return known
            of_team = transaction.rows(
                f"SELECT person FROM exports WHERE team = ? AND state IN ({_LIVE})",  # noqa: S608 - a text of this file
                [job.owner.team],
            )
            if sum(row["person"] == job.owner.user for row in of_team) >= per_person:
                raise TryLater("exports_yours_full", seconds=FULL_SECONDS, limit=per_person)
            if len(of_team) >= running:
                raise TryLater("exports_full", seconds=FULL_SECONDS, limit=running)
            transaction.execute(
                "INSERT INTO exports (id, team, person, grant_id, org, crm_user, query, state,"
                " page, progress, due, version, tell_due, created_at, updated_at)"
                " VALUES (:id, :team, :person, :grant_id, :org, :crm_user, :query, :state,"
                " :page, :progress, :due, :version, :now, :now, :now)",
                self._rows.first(job) | self._rows.columns(job) | {"now": moment(job.created_at)},
            )
            return job

    def get(self, export_id: str) -> ExportJob | None:
        """Return the job of that id.

        Raises:
            Fault: ``unreadable``.
        """
        row = self._db.row("SELECT * FROM exports WHERE id = ?", [export_id])
        return None if row is None else self._rows.job(row)

    def of(self, owner: Owner) -> tuple[ExportJob, ...]:
        """Return the owner's jobs that are still known and can be read, the newest first."""
        rows = self._db.rows(
            "SELECT * FROM exports WHERE team = ? AND person = ?"
            " ORDER BY created_at DESC, rowid DESC",
            [owner.team, owner.user],
        )
        found = []
        for row in rows:
            with suppress(Fault):  # it fails when it is claimed, and keeps nobody from the others
                found.append(self._rows.job(row))
        return tuple(found)

    def claim(self, now: datetime, lease_seconds: float) -> ExportJob | None:
        """Return one job whose next step is due, for this worker alone; None when none is.

        One UPDATE .. RETURNING. It comes again, with a higher fence, when it is still held
        after *lease_seconds*. One that can't be opened has failed.
        """
        with self._db.writing() as transaction:
            row = transaction.row(
                "UPDATE exports SET held_until = :until, claimed_at = :now, fence = fence + 1"
                " WHERE id = (SELECT id FROM exports WHERE due <= :now"
                "  AND (held_until IS NULL OR held_until <= :now) ORDER BY due, rowid LIMIT 1)"
                " RETURNING *",
                {"now": moment(now), "until": moment(now + timedelta(seconds=lease_seconds))},
            )
            return None if row is None else self._rows.claimed(transaction, row)

    def hold(self, job: ExportJob, until: datetime) -> bool:
        """Keep a claimed job in hand for longer; False when another has it by now. One UPDATE."""
        return (
            self._db.write(
                "UPDATE exports SET held_until = ? WHERE id = ? AND fence = ?"
                " AND held_until IS NOT NULL",
                [moment(until), job.id, job.fence],
            )
            == 1
        )

    def held(self, job: ExportJob) -> bool:
        """Say whether nobody wrote to the job, or claimed it, since *job* was read."""
        row = self._db.row("SELECT fence FROM exports WHERE id = ?", [job.id])
        return row is not None and row["fence"] == job.fence

    def keep(
        self,
        before: ExportJob,
        after: ExportJob,
        *,
        now: datetime,
        hold: bool = False,
        page: ExportPage | None = None,
    ) -> ExportJob | None:
        """Write *after* in the place of *before* and return it as written. One transaction.

        None, and nothing is changed, when the job was written or claimed since *before*.
        A callback that came while the job was in hand brings the next look forward, and
        the hint of one stays until it is taken out or another creation begins.

        Args:
            before: As it was read or claimed.
            after: As it shall be.
            now: Aware.
            hold: Whether the worker goes on with it; else it is let go.
            page: A page that is kept on disk, noted together with the move.

        Raises:
            ValueError: A move that ``MOVES`` doesn't have.
        """
        if after.state not in MOVES[before.state]:
            raise ValueError(f"no move from {before.state} to {after.state}")
        with self._db.writing() as transaction:
            row = transaction.row(
                "UPDATE exports SET grant_id = :grant_id, state = :state, page = :page,"
                " crm_job = :crm_job, callback_hash = :callback_hash,"
                " hint = CASE WHEN :state = 'creating' AND callback_hash IS :callback_hash"
                "  AND hint IS NOT :refused THEN hint END,"
                " progress = :progress, not_before = :not_before, expires_at = :expires_at,"
                " due = CASE WHEN :state = 'running' AND nudged_at >= claimed_at"
                "  THEN min(:due, :not_before) ELSE :due END,"
                " held_until = CASE WHEN :hold THEN held_until END,"
                " tell_due = CASE WHEN :version > version THEN :now ELSE tell_due END,"
                " version = :version, fence = fence + 1, updated_at = :now"
                " WHERE id = :id AND fence = :fence AND state = :was RETURNING *",
                self._rows.columns(after)
                | {
                    "id": before.id,
                    "fence": before.fence,
                    "was": before.state.value,
                    "hold": hold,
                    "refused": before.hint if after.hint is None else None,
                    "now": moment(now),
                },
            )
            if row is None:
                return None
            if page is not None:
                transaction.execute(
                    "INSERT INTO export_pages (export_id, number, rows, promised, bytes, sha256)"
                    " VALUES (:export_id, :number, :rows, :promised, :bytes, :sha256)",
                    {"export_id": before.id, **asdict(page)},
                )
            return self._rows.job(row)

    def pages(self, export_id: str) -> tuple[ExportPage, ...]:
        """Return the pages kept of a job, the first one first."""
        rows = self._db.rows(
            "SELECT number, rows, promised, bytes, sha256 FROM export_pages"
            " WHERE export_id = ? ORDER BY number",
            [export_id],
        )
        return tuple(ExportPage(**row) for row in rows)

    def nudge(self, callback_hash: str, now: datetime, *, hint: str | None = None) -> bool:
        """Have a job looked at soon, since its callback came; False when none is meant.

        One UPDATE. However many come, a look follows no sooner than ``not_before``. What
        the CRM's answer to the creation would say is kept as a *hint* while it is missing.
        """
        with self._db.writing() as transaction:
            return bool(
                transaction.rows(
                    "UPDATE exports SET nudged_at = :now,"
                    " hint = CASE state WHEN 'creating' THEN coalesce(:hint, hint) END,"
                    " due = CASE WHEN state = 'running' THEN min(due, max(not_before, :now))"
                    "  WHEN state = 'creating' AND coalesce(:hint, hint) IS NOT NULL"
                    "  THEN min(due, :now) ELSE due END"
                    " WHERE callback_hash = :callback_hash RETURNING id",
                    {"now": moment(now), "hint": hint, "callback_hash": callback_hash},
                )
            )

    def next_due(self) -> datetime | None:
        """Return when ``claim`` next has something to give."""
        row = self._db.row(
            "SELECT min(max(due, coalesce(held_until, due))) AS due FROM exports"
            " WHERE due IS NOT NULL"
        )
        return aware(row["due"]) if row and row["due"] else None

    def went_back(self, now: datetime) -> None:
        """End what is under way in a database that is older than what was done from it.

        Its message says so, which may be edited again and again. A notice that isn't owed
        here may have been posted: it is owed no more.
        """
        with self._db.writing() as transaction:
            transaction.execute("UPDATE exports SET noticed = 1 WHERE state IN ('done', 'failed')")
            for row in transaction.rows(f"SELECT * FROM exports WHERE state IN ({_LIVE})"):  # noqa: S608 - a text of this file
                with suppress(Fault):  # one that can't be opened fails when it is claimed
                    job = self._rows.job(row)
                    self.keep(
                        job,
                        replace(
                            job,
                            state=ExportState.CANCELLED,
                            due=now,
                            version=job.version + 1,
                            progress=replace(job.progress, why="older_database", values={}),
                        ),
                        now=now,
                    )

    def known(self) -> frozenset[str]:
        """Return the ids of the jobs whose files may be on disk."""
        rows = self._db.rows(f"SELECT id FROM exports WHERE state IN ({_LIVE}, 'done')")  # noqa: S608 - a text of this file
        return frozenset(row["id"] for row in rows)

    def sweep(self, before: datetime) -> int:
        """Forget jobs that ended, and were told, before; return how many. One statement."""
        return self._db.write(
            f"DELETE FROM exports WHERE state IN ({_ENDED}) AND state != 'done'"  # noqa: S608 - a text of this file
            " AND tell_due IS NULL AND updated_at < ?",
            [moment(before)],
        )

    def _get(self, transaction: Transaction, export_id: str) -> ExportJob | None:
        row = transaction.row("SELECT * FROM exports WHERE id = ?", [export_id])
        return None if row is None else self._rows.job(row)
