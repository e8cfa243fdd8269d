"""Export jobs: kept before they are worked on, one worker each, nothing said twice."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest

from bot.domain.connection import Owner
from bot.domain.export_job import (
    ENDED,
    LIVE,
    MOVES,
    ExportFile,
    ExportJob,
    ExportPage,
    ExportState,
    Progress,
)
from bot.errors import Fault, TryLater
from store.memory import Memory

LEASE = 60.0
Made = Callable[..., ExportJob]


@pytest.fixture
def begun(memory: Memory, ada: Owner, now: datetime) -> Made:
    """``begun("A")``: a job that has begun, without limits."""

    def make(export_id: str = "A", owner: Owner = ada, **changes: object) -> ExportJob:
        job = ExportJob(
            id=export_id,
            owner=owner,
            grant_id="gr_1",
            org="us/900",
            crm_user="11",
            query={"module": "Leads"},
            state=ExportState.NEW,
            progress=Progress(since=now.isoformat()),
            due=now,
            created_at=now,
            updated_at=now,
        )
        return memory.exports.begin(replace(job, **changes), per_person=99, running=99)  # type: ignore[arg-type]  # by name

    return make


def claimed(memory: Memory, now: datetime) -> ExportJob:
    """Claim the one job that is due."""
    job = memory.exports.claim(now, LEASE)
    assert job is not None
    return job


def running(memory: Memory, now: datetime) -> ExportJob:
    """Claim the one job that is due and bring it to where the CRM works on it."""
    job = claimed(memory, now)
    creating = replace(job, state=ExportState.CREATING, callback_hash="hash")
    kept = memory.exports.keep(job, creating, now=now, hold=True)
    assert kept is not None
    looked = replace(
        kept,
        state=ExportState.RUNNING,
        crm_job="77",
        due=now + timedelta(seconds=40),
        not_before=now + timedelta(seconds=2),
    )
    found = memory.exports.keep(kept, looked, now=now)
    assert found is not None
    return found


def test_a_job_comes_back_as_it_was_written(memory: Memory, begun: Made, now: datetime) -> None:
    """Query, progress and files included; what is sealed can't be read in the file."""
    job = begun()
    files = (ExportFile(kind="safe", name="Leads.csv", bytes=3, sha256="ab"),)
    noted = replace(
        job.progress, token="canary-token", tokens=("x",), values={"a": "b"}, files=files
    )
    moved = memory.exports.keep(job, replace(job, progress=noted), now=now)

    assert moved == memory.exports.get("A")
    assert moved == replace(job, progress=noted, fence=1)
    assert (moved,) == memory.exports.of(job.owner)
    memory.db.checkpoint()
    assert memory.db.path is not None
    assert b"canary-token" not in memory.db.path.read_bytes()


def test_the_same_id_is_one_job(memory: Memory, begun: Made, bob: Owner) -> None:
    """Begun again it is what it has become; somebody else's id is refused."""
    begun()
    cancelled = memory.exports.get("A")
    assert cancelled is not None
    memory.exports.keep(
        cancelled, replace(cancelled, state=ExportState.CANCELLED), now=cancelled.created_at
    )

    assert ExportState.CANCELLED == begun().state
    with pytest.raises(Fault, match="export_id_taken"):
        begun("A", bob)


def test_a_person_and_a_team_run_as_many_as_allowed(
    memory: Memory, begun: Made, ada: Owner, bob: Owner, now: datetime
) -> None:
    """The second of one person is refused, the third of a team; ended ones don't count."""
    job = begun("A")
    fresh = replace(job, id="B")
    with pytest.raises(TryLater, match="exports_yours_full"):
        memory.exports.begin(fresh, per_person=1, running=9)
    begun("C", bob)
    with pytest.raises(TryLater, match="exports_full"):
        memory.exports.begin(fresh, per_person=9, running=2)
    begun("D", Owner("T2", "UADA"))
    memory.exports.keep(job, replace(job, state=ExportState.FAILED), now=now)

    assert "B" == memory.exports.begin(fresh, per_person=1, running=2).id


def test_limits_hold_against_everybody_at_once(memory: Memory, begun: Made, now: datetime) -> None:
    """Of twelve who start at once, two may."""
    job = begun("Z", Owner("T1", "UELSE"))
    outcomes: list[str] = []

    def start(number: int) -> None:
        mine = replace(job, id=f"N{number}", owner=Owner("T1", "UADA"))
        try:
            outcomes.append(memory.exports.begin(mine, per_person=2, running=99).id)
        except TryLater as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=start, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 10 == outcomes.count("exports_yours_full")


def test_a_job_is_claimed_by_one_until_its_lease_is_over(
    memory: Memory, begun: Made, now: datetime
) -> None:
    """Then by another, and the first can write no more."""
    begun()
    first = claimed(memory, now)
    assert memory.exports.claim(now, LEASE) is None
    assert now + timedelta(seconds=LEASE) == memory.exports.next_due()
    later = now + timedelta(seconds=LEASE)
    second = claimed(memory, later)

    assert memory.exports.keep(first, replace(first, page=2), now=later) is None
    assert not memory.exports.held(first)
    assert not memory.exports.hold(first, later)
    assert memory.exports.held(second)
    assert memory.exports.hold(second, later + timedelta(minutes=5))
    assert memory.exports.claim(later + timedelta(minutes=4), LEASE) is None


def test_of_two_writes_with_one_fence_one_counts(
    memory: Memory, begun: Made, now: datetime
) -> None:
    """Each write raises the fence."""
    job = begun()
    assert memory.exports.keep(job, replace(job, page=2), now=now) is not None
    assert memory.exports.keep(job, replace(job, page=3), now=now) is None
    found = memory.exports.get("A")
    assert found is not None
    assert 2 == found.page


@pytest.mark.parametrize(("was", "to"), [*product(ExportState, repeat=2)])
def test_only_the_moves_of_the_table_are_made(
    memory: Memory, begun: Made, now: datetime, was: ExportState, to: ExportState
) -> None:
    """Every other is a fault of the caller, and nothing changes; ended states have no way back."""
    job = begun("A", state=was)
    if to in MOVES[was]:
        assert memory.exports.keep(job, replace(job, state=to), now=now) is not None
    else:
        with pytest.raises(ValueError, match="no move"):
            memory.exports.keep(job, replace(job, state=to), now=now)
        assert job == memory.exports.get("A")
    assert not (was in ENDED and to in LIVE and to in MOVES[was])


def test_a_page_is_kept_with_its_move_or_not_at_all(
    memory: Memory, begun: Made, now: datetime
) -> None:
    """An older fence leaves no page behind."""
    begun()
    old = running(memory, now)
    job = claimed(memory, now + timedelta(minutes=1))
    page = ExportPage(number=1, rows=3, promised=3, bytes=9, sha256="ab")
    assert memory.exports.keep(old, replace(old, page=2), now=now, page=page) is None
    assert () == memory.exports.pages("A")
    assert memory.exports.keep(job, replace(job, page=2), now=now, page=page) is not None
    assert (page,) == memory.exports.pages("A")


def test_a_hundred_callbacks_bring_one_look_forward(
    memory: Memory, begun: Made, now: datetime
) -> None:
    """No sooner than two seconds after the last look, and not while one is under way."""
    begun()
    running(memory, now)
    for _ in range(100):
        assert memory.exports.nudge("hash", now)
    assert now + timedelta(seconds=2) == memory.exports.next_due()
    look = claimed(memory, now + timedelta(seconds=2))
    for _ in range(100):
        assert memory.exports.nudge("hash", now + timedelta(seconds=3))
    assert memory.exports.claim(now + timedelta(seconds=3), LEASE) is None
    assert memory.exports.held(look)


def test_a_callback_during_a_look_is_not_forgotten(
    memory: Memory, begun: Made, now: datetime
) -> None:
    """The next look comes at once, where a quiet one would have waited."""
    begun()
    running(memory, now)
    at = now + timedelta(seconds=40)
    look = claimed(memory, at)
    memory.exports.nudge("hash", at)
    soon = at + timedelta(seconds=2)
    again = replace(look, due=at + timedelta(seconds=60), not_before=soon)
    moved = memory.exports.keep(look, again, now=at)
    assert moved is not None
    assert soon == moved.due
    look = claimed(memory, soon)
    quiet = memory.exports.keep(look, replace(look, due=soon + timedelta(minutes=1)), now=soon)
    assert quiet is not None
    assert soon + timedelta(minutes=1) == quiet.due


def test_a_hint_counts_while_the_answer_is_missing(
    memory: Memory, begun: Made, now: datetime
) -> None:
    """It wakes the job when its lease is over; a newer creation or a known id drops it."""
    begun()
    job = claimed(memory, now)
    creating = replace(
        job,
        state=ExportState.CREATING,
        callback_hash="hash",
        due=now + timedelta(minutes=15),
    )
    kept = memory.exports.keep(job, creating, now=now, hold=True)
    assert kept is not None
    assert memory.exports.nudge("hash", now)
    assert kept.due == (memory.exports.get("A") or kept).due
    assert memory.exports.nudge("hash", now, hint="77")
    assert memory.exports.claim(now, LEASE) is None
    found = claimed(memory, now + timedelta(seconds=LEASE))

    assert "77" == found.hint
    anew = memory.exports.keep(found, replace(found, callback_hash="other"), now=now)
    assert anew is not None
    assert anew.hint is None
    assert not memory.exports.nudge("hash", now, hint="77")


def test_what_is_said_while_something_new_happens_stays_owed(
    memory: Memory, begun: Made, now: datetime
) -> None:
    """A telling that ends behind a newer version leaves it due."""
    tellings = memory.export_tellings
    begun()
    telling = tellings.claim(now, LEASE)
    assert telling is not None
    assert tellings.claim(now, LEASE) is None
    job = claimed(memory, now)
    memory.exports.keep(job, replace(job, version=2), now=now)
    tellings.said(replace(telling, told=1, channel="D1", ts="1.2"), None)
    again = tellings.claim(now, LEASE)

    assert again is not None
    assert (2, 1, "D1", "1.2") == (again.version, again.told, again.channel, again.ts)
    tellings.said(replace(again, told=2, noticed=True), None)
    assert tellings.next_due() is None
    assert tellings.claim(now + timedelta(days=1), LEASE) is None


def test_ten_downloads_a_minute_and_organisation(memory: Memory, now: datetime) -> None:
    """The eleventh is told when there is room; another organisation has its own ten."""
    for second in range(10):
        at = now + timedelta(seconds=second)
        assert memory.downloads.slot("us/900", at, limit=10, seconds=60) is None
    late = now + timedelta(seconds=30)
    assert now + timedelta(seconds=60) == memory.downloads.slot(
        "us/900", late, limit=10, seconds=60
    )
    assert memory.downloads.slot("us/901", late, limit=10, seconds=60) is None
    assert (
        memory.downloads.slot("us/900", now + timedelta(seconds=60), limit=10, seconds=60) is None
    )


def test_an_unreadable_job_fails_and_stops_nobody(
    memory: Memory, begun: Made, bob: Owner, now: datetime
) -> None:
    """As one that was moved to another owner; the next one is worked on."""
    begun("A")
    begun("B")
    with memory.db.writing() as transaction:
        transaction.execute("UPDATE exports SET person = ? WHERE id = 'A'", [bob.user])

    assert memory.exports.claim(now, LEASE) is None
    assert "B" == claimed(memory, now).id
    assert frozenset({"B"}) == memory.exports.known()
    assert () == memory.exports.of(bob)
    with pytest.raises(Fault, match="unreadable"):
        memory.exports.get("A")


def test_only_what_ended_and_was_told_is_swept(memory: Memory, begun: Made, now: datetime) -> None:
    """Running, done and untold ones stay; pages go with their job."""
    week = now + timedelta(days=7)
    for number, state in enumerate(ExportState):
        job = begun(f"J{number}", state=state)
        if state is not ExportState.FAILED:
            memory.export_tellings.said(job, None)
    with memory.db.writing() as transaction:
        transaction.execute(
            "INSERT INTO export_pages SELECT id, 1, 1, 1, 1, '' FROM exports"
            " WHERE state = 'expired'"
        )

    assert 2 == memory.exports.sweep(week)
    assert 0 == memory.exports.sweep(week)
    left = {row["state"] for row in memory.db.rows("SELECT state FROM exports")}
    assert set(ExportState) - {ExportState.CANCELLED, ExportState.EXPIRED} == left
    assert [] == memory.db.rows("SELECT * FROM export_pages")
