"""The signature in an export's link: the job's own, so it outlives every key things rest under."""

import base64
import hmac
import secrets

from bot.domain.export_job import ExportJob


def new_link_key() -> str:
    """Return a secret for one job's link, made when there is something to fetch."""
    return secrets.token_urlsafe(32)


def signature(job: ExportJob) -> str:
    """Return what signs the link of a job that is done, 43 letters; the same each time.

    It holds for this job, its owner and the moment its files go.
    """
    until = int(job.expires_at.timestamp()) if job.expires_at else 0
    said = f"{job.id}\n{job.owner}\n{until}"
    signed = hmac.digest(job.progress.link_key.encode(), said.encode(), "sha256")
    return base64.urlsafe_b64encode(signed).decode()[:43]


def signed(job: ExportJob, given: str) -> bool:
    """Say whether *given* is the job's signature; never for one without a secret."""
    right = signature(job).encode()
    same = hmac.compare_digest(given.encode("utf-8", "replace"), right)
    return same and bool(job.progress.link_key)
