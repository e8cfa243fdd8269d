"""The signature in an export's link: of one job, its owner and its end, under its own secret."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.connection import Owner
from bot.domain.export_job import ExportJob, ExportState, Progress
from bot.domain.export_link import new_link_key, signature, signed

NOW = datetime(2026, 1, 14, 4, 50, tzinfo=UTC)
JOB = ExportJob(
    id="abcd2345",
    owner=Owner("T1", "U1"),
    grant_id="g",
    org="us/1",
    crm_user="1",
    query={"module": "Leads"},
    state=ExportState.DONE,
    progress=Progress(since=NOW.isoformat(), link_key="a secret"),
    created_at=NOW,
    updated_at=NOW,
    expires_at=NOW,
)


def test_it_is_the_same_each_time_and_another_for_all_else() -> None:
    """Another job, owner, end or secret has another one, which doesn't open this."""
    assert signed(JOB, signature(JOB))
    assert 43 == len(signature(JOB))
    others = (
        replace(JOB, id="abcd2346"),
        replace(JOB, owner=Owner("T1", "U2")),
        replace(JOB, expires_at=NOW + timedelta(seconds=1)),
        replace(JOB, progress=replace(JOB.progress, link_key=new_link_key())),
    )
    assert not any(signed(JOB, signature(other)) for other in others)


def test_a_job_without_a_secret_opens_to_nobody() -> None:
    """What anybody could sign is no signature."""
    bare = replace(JOB, progress=replace(JOB.progress, link_key=""))
    assert not signed(bare, signature(bare))


def test_its_secret_stands_in_no_log() -> None:
    """Neither a job's repr nor its progress's shows it."""
    assert "a secret" not in repr(JOB)


def test_secrets_differ() -> None:
    """Each job has one of its own, of 256 bits."""
    assert 100 == len({new_link_key() for _ in range(100)})
    assert len(new_link_key()) >= 43
