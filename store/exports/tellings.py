"""What is owed to people about their exports, and the CRM's limit on downloads."""

from datetime import datetime, timedelta

from bot.domain.export_job import ExportJob
from store.exports.rows import ExportRows
from store.sealing.vault import Vault
from store.sqlite.columns import aware, maybe_moment, moment
from store.sqlite.database import Database


class ExportTellings:
    """Jobs of which something is to be said.

    A job's own row says so, in the transaction that made it new: nothing said can be lost.
    """

    def __init__(self, db: Database, vault: Vault) -> None:
        """Read the jobs in *db*, opened by *vault*."""
        self._db = db
        self._rows = ExportRows(vault)

    def claim(self, now: datetime, lease_seconds: float) -> ExportJob | None:
        """Return one job of which something is to be said; it comes again after the lease."""
        with self._db.writing() as transaction:
            row = transaction.row(
                "UPDATE exports SET tell_due = :until WHERE id = (SELECT id FROM exports"
                " WHERE tell_due <= :now ORDER BY tell_due, rowid LIMIT 1) RETURNING *",
                {"now": moment(now), "until": moment(now + timedelta(seconds=lease_seconds))},
            )
            return None if row is None else self._rows.claimed(transaction, row)

    def said(self, job: ExportJob, due: datetime | None) -> None:
        """Note what of *job* was said, and when to go on telling. One UPDATE.

        What became new meanwhile stays due.
        """
        self._db.write(
            "UPDATE exports SET told = :told, noticed = :noticed, channel = :channel,"
            " ts = :ts, tell_due = CASE WHEN version > :version THEN tell_due ELSE :due END"
            " WHERE id = :id",
            {
                "id": job.id,
                "told": job.told,
                "noticed": job.noticed,
                "channel": job.channel,
                "ts": job.ts,
                "version": job.version,
                "due": maybe_moment(due),
            },
        )

    def next_due(self) -> datetime | None:
        """Return when ``claim`` next has something to give."""
        row = self._db.row("SELECT min(tell_due) AS due FROM exports WHERE tell_due IS NOT NULL")
        return aware(row["due"]) if row and row["due"] else None


class Downloads:
    """Downloads made lately, by organisation."""

    def __init__(self, db: Database) -> None:
        """Count in *db*."""
        self._db = db

    def slot(self, org: str, now: datetime, *, limit: int, seconds: float) -> datetime | None:
        """Count one download of an organisation; where it is one too many, return from when.

        One transaction. Zoho, "Download Bulk Read Result": ten downloads a minute.
        """
        with self._db.writing() as transaction:
            transaction.execute(
                "DELETE FROM export_downloads WHERE at <= ?",
                [moment(now - timedelta(seconds=seconds))],
            )
            made = transaction.rows(
                "SELECT at FROM export_downloads WHERE org = ? ORDER BY at DESC LIMIT ?",
                [org, limit],
            )
            if len(made) >= limit:
                return aware(made[-1]["at"]) + timedelta(seconds=seconds)
            transaction.execute(
                "INSERT INTO export_downloads (org, at) VALUES (?, ?)", [org, moment(now)]
            )
            return None
