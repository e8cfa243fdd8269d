"""Renewing: one asks the CRM, and only what is still wanted is written."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.connection import Grant, Owner, Tokens
from store.account.renewals import Renewals
from store.memory import Memory
from store.sqlite.database import Database

Made = Callable[[str], Tokens]
Keep = Callable[..., Grant]


def _used(memory: Memory, owner: Owner) -> str | None:
    grant = memory.grants.in_use(owner)
    return None if grant is None else grant.tokens.refresh.reveal().removeprefix("refresh-")


def _to_revoke(memory: Memory) -> list[str]:
    return [one.tokens.refresh.reveal() for one in memory.grants.to_revoke()]


def test_of_a_hundred_callers_one_gets_the_lease(memory: Memory, keep: Keep, now: datetime) -> None:
    """The others are refused, and one refresh is counted."""
    grant = keep("1")

    def lease(number: int) -> bool:
        return memory.renewals.lease(grant.id, 1, holder=f"h{number}", now=now, seconds=3)

    with ThreadPoolExecutor(16) as pool:
        taken = list(pool.map(lease, range(100)))
    assert (1, 99) == (taken.count(True), taken.count(False))
    assert memory.renewals.since(grant.id, now) == 1


def test_a_lease_is_for_its_generation_and_its_time(
    memory: Memory, keep: Keep, tokens: Made, now: datetime
) -> None:
    """Refused for another generation; free when it has run out or was given back."""
    grant, renewals = keep("1"), memory.renewals
    end = now + timedelta(seconds=3)

    assert not renewals.lease(grant.id, 2, holder="a", now=now, seconds=3)
    assert renewals.lease(grant.id, 1, holder="a", now=now, seconds=3)
    assert not renewals.lease(grant.id, 1, holder="b", now=end - timedelta(seconds=1), seconds=3)
    assert renewals.lease(grant.id, 1, holder="b", now=end, seconds=3)
    renewals.unlease(grant.id, 1, holder="a")
    assert not renewals.lease(grant.id, 1, holder="c", now=end, seconds=3)
    renewals.unlease(grant.id, 1, holder="b")
    assert renewals.lease(grant.id, 1, holder="c", now=end, seconds=3)
    assert renewals.keep(grant.id, 1, tokens("2"), now)
    assert not renewals.lease(grant.id, 1, holder="d", now=end, seconds=3)
    assert renewals.lease(grant.id, 2, holder="d", now=end, seconds=3)


def test_renewed_tokens_are_written_for_the_leased_generation_alone(
    memory: Memory, keep: Keep, ada: Owner, tokens: Made, now: datetime
) -> None:
    """Not without a lease, not for another holder, not twice."""
    grant, renewals = keep("1"), memory.renewals

    assert not renewals.keep(grant.id, 1, tokens("x"), now)
    assert renewals.lease(grant.id, 1, holder="a", now=now, seconds=3)
    assert not renewals.keep(grant.id, 1, tokens("x"), now, holder="b")
    assert not renewals.keep(grant.id, 2, tokens("x"), now)
    assert _used(memory, ada) == "1"
    assert renewals.keep(grant.id, 1, tokens("2"), now, holder="a")
    assert not renewals.keep(grant.id, 1, tokens("x"), now)
    assert replace(grant, tokens=tokens("2"), generation=2) == memory.grants.in_use(ada)
    assert [] == _to_revoke(memory)


def test_a_late_answer_never_overwrites_a_new_connection(
    memory: Memory, keep: Keep, ada: Owner, tokens: Made, now: datetime
) -> None:
    """The person connected again while a refresh was on its way."""
    grant = keep("1")
    memory.renewals.lease(grant.id, 1, holder="a", now=now, seconds=3)
    keep("2")

    assert not memory.renewals.keep(grant.id, 1, tokens("late"), now)
    assert not memory.grants.forget(grant.id, generation=1)
    assert _used(memory, ada) == "2"


def test_renewals_go_with_their_grant(memory: Memory, keep: Keep, now: datetime) -> None:
    """Nothing of a grant that was forgotten stays; another's renewals do."""
    gone, stays = keep("1"), keep("2", org="2")
    for one in (gone, stays):
        assert memory.renewals.lease(one.id, 1, holder="a", now=now, seconds=3)
    memory.grants.forget(gone.id)

    assert [(stays.id,)] == memory.db.tuples("SELECT grant_id FROM refreshes")


def test_refreshes_are_counted_from_a_moment_on(memory: Memory, keep: Keep, now: datetime) -> None:
    """Those before it, and those of other grants, don't count."""
    grant, other = keep("1"), keep("2", org="901")
    for minute in (0, 4, 8):
        at = now + timedelta(minutes=minute)
        assert memory.renewals.lease(grant.id, 1, holder="a", now=at, seconds=3)

    counts = [memory.renewals.since(grant.id, now + timedelta(minutes=m)) for m in (0, 1, 9)]
    assert [3, 2, 0] == counts
    assert memory.renewals.since(other.id, now) == 0


def test_two_processes_share_leases(memory: Memory, keep: Keep, file: Path, now: datetime) -> None:
    """A second connection to the file sees the lease of the first."""
    grant = keep("1")
    other = Database(file)
    elsewhere = Renewals(other, memory.vault)

    assert memory.renewals.lease(grant.id, 1, holder="a", now=now, seconds=3)
    assert not elsewhere.lease(grant.id, 1, holder="b", now=now, seconds=3)
    other.close()
