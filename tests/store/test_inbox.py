"""The inbox: each piece once, done at least once, by one worker at a time."""

import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.connection import Owner
from store.inbox import Item
from store.memory import Memory

Child = Callable[..., "subprocess.Popen[str]"]
Put = Callable[..., bool]


@pytest.fixture
def put(memory: Memory, ada: Owner, now: datetime) -> Put:
    """``put("key")`` puts one piece of work."""

    def one(key: str, *, lane: str = "work", due: datetime | None = None) -> bool:
        return memory.inbox.put(
            key, lane=lane, kind="meet", owner=ada, payload={"key": key}, now=now, due=due
        )

    return one


def _claim(memory: Memory, now: datetime, limit: int = 100) -> list[Item]:
    return memory.inbox.claim("work", now=now, limit=limit, lease_seconds=30)


def test_a_piece_comes_out_as_it_went_in(
    memory: Memory, put: Put, ada: Owner, now: datetime
) -> None:
    """With its try and its fence counted."""
    put("a")

    expected = Item(
        id=1,
        key="a",
        lane="work",
        kind="meet",
        owner=ada,
        payload={"key": "a"},
        received_at=now,
        tries=1,
        faults=0,
        fence=1,
    )
    assert [expected] == _claim(memory, now)


def test_a_key_is_taken_once_until_its_row_is_swept(
    memory: Memory, put: Put, now: datetime
) -> None:
    """Also after the work is done; an unfinished piece is never swept."""
    assert [True, False] == [put("a"), put("a")]
    (item,) = _claim(memory, now)
    assert memory.inbox.sweep(now + timedelta(days=9)) == 0
    memory.inbox.done(item)

    assert not put("a")
    assert memory.inbox.sweep(now) == 0
    assert memory.inbox.sweep(now + timedelta(seconds=1)) == 1
    assert put("a")


def test_the_oldest_due_come_first_and_no_more_than_asked(
    memory: Memory, put: Put, now: datetime
) -> None:
    """By due time; other lanes and later ones are left."""
    put("late", due=now + timedelta(minutes=1))
    put("second", due=now)
    put("first", due=now - timedelta(minutes=1))
    put("other", lane="forms")

    assert ["first"] == [item.key for item in _claim(memory, now, 1)]
    assert ["second"] == [item.key for item in _claim(memory, now)]
    assert [] == _claim(memory, now)


def test_a_lease_that_ran_out_gives_the_piece_to_another(
    memory: Memory, put: Put, now: datetime
) -> None:
    """And the first worker can't finish, postpone or bury it any more."""
    put("a")
    (slow,) = _claim(memory, now)
    assert [] == _claim(memory, now + timedelta(seconds=29))
    (quick,) = _claim(memory, now + timedelta(seconds=30))

    assert (2, 2) == (quick.tries, quick.fence)
    assert not memory.inbox.done(slow)
    assert not memory.inbox.later(slow, now)
    assert not memory.inbox.dead(slow, "gone")
    assert memory.inbox.done(quick)
    assert not memory.inbox.done(quick)


def test_a_piece_put_back_comes_when_it_is_due(memory: Memory, put: Put, now: datetime) -> None:
    """And the lane says when that is."""
    put("a")
    later = now + timedelta(seconds=5)
    assert now == memory.inbox.next_due("work")
    (item,) = _claim(memory, now)
    assert now + timedelta(seconds=30) == memory.inbox.next_due("work")
    memory.inbox.later(item, later)

    assert later == memory.inbox.next_due("work")
    assert [] == _claim(memory, now)
    (item,) = _claim(memory, later)
    memory.inbox.dead(item, "unknown_kind")
    assert memory.inbox.next_due("work") is None


def test_finished_work_keeps_no_payload(memory: Memory, put: Put, now: datetime) -> None:
    """Done or dead, the sealed words are gone; why it died is kept."""
    put("a")
    put("b")
    first, second = _claim(memory, now)
    memory.inbox.done(first)
    memory.inbox.dead(second, "unknown_kind")

    rows = memory.db.rows("SELECT state, why, payload FROM inbox ORDER BY id")
    assert [("done", None, ""), ("dead", "unknown_kind", "")] == [tuple(r.values()) for r in rows]


def test_an_unreadable_piece_dies_and_stops_no_other(
    memory: Memory, put: Put, now: datetime
) -> None:
    """It is dead, and the rest of the lane is handed out."""
    put("broken")
    put("good")
    with memory.atomically() as transaction:
        transaction.execute("UPDATE inbox SET payload = 'v1.x.y' WHERE key = 'broken'")

    assert ["good"] == [item.key for item in _claim(memory, now)]
    assert [{"why": "unreadable"}] == memory.db.rows("SELECT why FROM inbox WHERE state = 'dead'")


def test_eight_workers_never_get_the_same_piece(memory: Memory, put: Put, now: datetime) -> None:
    """120 pieces, three at a time: each is claimed exactly once."""
    for number in range(120):
        put(f"k{number}")

    def work(_: int) -> list[str]:
        mine: list[str] = []
        while found := _claim(memory, now, 3):
            mine += [item.key for item in found]
        return mine

    with ThreadPoolExecutor(8) as pool:
        claimed = [key for mine in pool.map(work, range(8)) for key in mine]
    assert sorted(f"k{number}" for number in range(120)) == sorted(claimed)


_PUT_FOR_EVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from bot.domain.connection import Owner
from store.sealing.keys import Keyring
from store.memory import open_memory
now, owner = datetime(2026, 3, 1, tzinfo=UTC), Owner("T", "U")
memory = open_memory(Path(sys.argv[1]), Keyring([b"k" * 32]), now)
for number in range(100_000):
    memory.inbox.put(f"k{number}", lane="work", kind="x", owner=owner, payload={}, now=now)
    print(number, flush=True)
"""


def test_nothing_acknowledged_is_lost_to_a_kill(file: Path, memory: Memory, child: Child) -> None:
    """Kill -9 while pieces come in: every one whose put returned is there, whole."""
    process = child(_PUT_FOR_EVER, file)
    assert process.stdout is not None
    last = [process.stdout.readline() for _ in range(50)][-1]
    process.send_signal(signal.SIGKILL)
    acknowledged = int((last + process.stdout.read()).splitlines()[-1])

    found = _claim(memory, datetime(2026, 3, 2, tzinfo=UTC), 200_000)
    assert {f"k{number}" for number in range(acknowledged + 1)} <= {item.key for item in found}
