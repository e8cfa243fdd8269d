"""How an export job rests in a row: query and progress sealed for its owner."""

from datetime import datetime
from typing import Any

from bot.domain.connection import Owner
from bot.domain.export_job import ExportJob, ExportState, Progress
from bot.errors import Fault
from store.sealing.vault import Vault
from store.sqlite.columns import aware, maybe_moment
from store.sqlite.transaction import Row, Transaction

_QUERY = "exports.query"
_PROGRESS = "exports.progress"


class ExportRows:
    """Turns jobs into rows and rows into jobs."""

    def __init__(self, vault: Vault) -> None:
        """Seal with *vault*."""
        self._vault = vault

    def first(self, job: ExportJob) -> dict[str, Any]:
        """Return the columns that are written once, when a job begins."""
        return {
            "id": job.id,
            "team": job.owner.team,
            "person": job.owner.user,
            "org": job.org,
            "crm_user": job.crm_user,
            "query": self._vault.seal_values(_QUERY, job.owner, job.query),
        }

    def claimed(self, transaction: Transaction, row: Row) -> ExportJob | None:
        """Return a claimed row as a job; one that can't be opened has failed, and is None."""
        try:
            return self.job(row)
        except Fault:
            transaction.execute(
                "UPDATE exports SET state = 'failed', due = NULL, tell_due = NULL WHERE id = ?",
                [row["id"]],
            )
            return None

    def columns(self, job: ExportJob) -> dict[str, Any]:
        """Return the columns that change as a job goes on."""
        return {
            "grant_id": job.grant_id,
            "state": job.state.value,
            "page": job.page,
            "crm_job": job.crm_job,
            "callback_hash": job.callback_hash,
            "progress": self._vault.seal_values(_PROGRESS, job.owner, job.progress.as_json()),
            "due": maybe_moment(job.due),
            "not_before": maybe_moment(job.not_before),
            "expires_at": maybe_moment(job.expires_at),
            "version": job.version,
        }

    def job(self, row: Row) -> ExportJob:
        """Return the row as a job.

        Raises:
            Fault: ``unreadable``.
        """
        owner = Owner(row["team"], row["person"])
        return ExportJob(
            id=row["id"],
            owner=owner,
            grant_id=row["grant_id"],
            org=row["org"],
            crm_user=row["crm_user"],
            query=self._vault.open_values(_QUERY, owner, row["query"]),
            state=ExportState(row["state"]),
            page=row["page"],
            crm_job=row["crm_job"],
            callback_hash=row["callback_hash"],
            hint=row["hint"],
            progress=Progress.from_json(self._vault.open_values(_PROGRESS, owner, row["progress"])),
            due=_maybe(row["due"]),
            not_before=_maybe(row["not_before"]),
            fence=row["fence"],
            version=row["version"],
            told=row["told"],
            noticed=bool(row["noticed"]),
            channel=row["channel"],
            ts=row["ts"],
            created_at=aware(row["created_at"]),
            updated_at=aware(row["updated_at"]),
            expires_at=_maybe(row["expires_at"]),
        )


def _maybe(text: str | None) -> datetime | None:
    return None if text is None else aware(text)
