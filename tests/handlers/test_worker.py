"""The worker: durable work is done, tried again, given up with a word, and never in two places."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.connection import Owner
from bot.errors import Refused, TryLater
from handlers.bells import Bell
from handlers.worker import MAX_FAULTS, MAX_TRIES, Handle, Lane, Worker
from store.inbox import Item
from store.memory import Memory, open_memory
from store.sealing.keys import Keyring

ADA = Owner("T1", "UADA")
BEGINS = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
LEASE = 30.0
LANES = (
    Lane(name="quick", threads=1, lease_seconds=LEASE),
    Lane(name="slow", threads=2, lease_seconds=LEASE),
)


class Watch:
    """A clock that a test moves, from several threads at once."""

    def __init__(self) -> None:
        """Stand still at a Sunday morning."""
        self._now = BEGINS

    def __call__(self) -> datetime:
        """Return the time."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on, or back."""
        self._now += timedelta(seconds=seconds)


@pytest.fixture
def watch() -> Watch:
    """The clock of a test."""
    return Watch()


@pytest.fixture
def memory(tmp_path: Path, watch: Watch) -> Iterator[Memory]:
    """An open memory on a real file."""
    opened = open_memory(tmp_path / "data" / "parley.db", Keyring([b"k" * 32]), watch())
    yield opened
    opened.close()


class Floor:
    """A worker with its inbox, and what came of the work."""

    def __init__(self, memory: Memory, watch: Watch, give_up_with: Exception | None = None) -> None:
        """Set up; *give_up_with* is raised whenever work is given up."""
        self.memory = memory
        self.watch = watch
        self.given_up: list[tuple[str, str]] = []
        self._give_up_with = give_up_with

    @contextmanager
    def working(self, do: Handle) -> Iterator[Worker]:
        """Run a worker that does everything with *do*."""
        worker = Worker(
            inbox=self.memory.inbox,
            lanes=LANES,
            handlers={"thing": do},
            give_up=self._give_up,
            bells={lane.name: Bell() for lane in LANES},
            clock=self.watch,
        )
        with ExitStack() as stack:
            worker.start()
            stack.callback(worker.stop)
            yield worker

    def put(self, key: str, lane: str = "slow") -> None:
        """Keep one piece of work."""
        self.memory.inbox.put(key, lane=lane, kind="thing", owner=ADA, payload={}, now=self.watch())

    def states(self) -> dict[str, str]:
        """Return the state of each piece of work."""
        return {str(r["key"]): str(r["state"]) for r in self.memory.db.rows("SELECT * FROM inbox")}

    def _give_up(self, item: Item, incident: str) -> None:
        self.given_up.append((item.key, incident))
        if self._give_up_with is not None:
            raise self._give_up_with


@pytest.fixture
def floor(memory: Memory, watch: Watch) -> Floor:
    """A worker's floor."""
    return Floor(memory, watch)


def wait_for(true: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until it is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def stays(true: Callable[[], object], seconds: float = 0.6) -> None:
    """Watch it stay true for longer than an idle thread sleeps."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert true()
        time.sleep(0.02)


def test_work_is_done_once(floor: Floor) -> None:
    """Each piece is done by one thread and stays done."""
    done: list[str] = []
    with floor.working(lambda item: done.append(item.key)):
        for number in range(30):
            floor.put(f"k{number}")
        wait_for(lambda: set(floor.states().values()) == {"done"})
        floor.watch.advance(86400)
        stays(lambda: len(done) == 30)

    assert sorted(done) == sorted(f"k{number}" for number in range(30))


def test_slow_work_does_not_hold_up_quick_work(floor: Floor) -> None:
    """With every thread of a lane busy, the other lane goes on."""
    free = threading.Event()

    def do(item: Item) -> None:
        if item.lane == "slow":
            free.wait(5)

    with floor.working(do):
        floor.put("a")
        floor.put("b")
        floor.put("c", lane="quick")
        wait_for(lambda: floor.states()["c"] == "done")
        assert {floor.states()["a"], floor.states()["b"]} == {"open"}
        free.set()


def test_work_to_be_tried_later_waits_as_long_as_it_said(floor: Floor) -> None:
    """TryLater names the seconds: not before, and soon after."""
    tried: list[datetime] = []

    def do(_item: Item) -> None:
        tried.append(floor.watch())
        if len(tried) == 1:
            raise TryLater("slack_busy", seconds=40)

    with floor.working(do):
        floor.put("a")
        wait_for(lambda: tried)
        floor.watch.advance(39)
        stays(lambda: len(tried) == 1)
        floor.watch.advance(2)
        wait_for(lambda: floor.states()["a"] == "done")

    assert tried == [BEGINS, BEGINS + timedelta(seconds=41)]
    assert floor.given_up == []


def test_work_that_is_never_ready_is_given_up_with_a_word(floor: Floor) -> None:
    """After the last try the person is told, once."""
    tried: list[str] = []

    def do(item: Item) -> None:
        tried.append(item.key)
        raise TryLater("slack_busy", seconds=10)

    with floor.working(do):
        floor.put("a")
        for number in range(1, MAX_TRIES + 1):
            wait_for(lambda number=number: len(tried) == number)  # type: ignore[misc]  # bound now
            time.sleep(0.05)
            floor.watch.advance(11)
        wait_for(lambda: floor.states()["a"] == "dead")

    assert [key for key, _ in floor.given_up] == ["a"]
    assert len(tried) == MAX_TRIES


def test_refused_work_is_not_tried_again(floor: Floor) -> None:
    """An error that time doesn't mend is given up at once."""
    tried: list[str] = []

    def do(item: Item) -> None:
        tried.append(item.key)
        raise Refused("crm_refused")

    with floor.working(do):
        floor.put("a")
        wait_for(lambda: floor.states()["a"] == "dead")
        floor.watch.advance(86400)
        stays(lambda: len(tried) == 1)

    assert len(floor.given_up) == 1


def test_a_fault_of_ours_is_tried_three_times(floor: Floor) -> None:
    """A bug is tried after two and four seconds, then given up; the thread lives on."""
    tried: list[str] = []

    def do(item: Item) -> None:
        tried.append(item.key)
        if item.key == "a":
            raise ZeroDivisionError

    with floor.working(do) as worker:
        floor.put("a")
        for number, seconds in ((1, 2), (2, 4)):
            wait_for(lambda number=number: len(tried) == number)  # type: ignore[misc]  # bound now
            time.sleep(0.05)
            floor.watch.advance(seconds + 0.1)
        wait_for(lambda: floor.states()["a"] == "dead")
        floor.put("b")
        wait_for(lambda: floor.states()["b"] == "done")
        assert worker.alive

    assert tried == ["a"] * MAX_FAULTS + ["b"]
    assert len(floor.given_up) == 1


def test_waiting_is_no_fault(floor: Floor) -> None:
    """Work that had to wait three times and then meets a bug is tried again all the same."""
    tried: list[str] = []

    def do(item: Item) -> None:
        tried.append(item.key)
        if len(tried) <= MAX_FAULTS:
            raise TryLater("crm_slow", seconds=5)
        if len(tried) == MAX_FAULTS + 1:
            raise ZeroDivisionError

    with floor.working(do):
        floor.put("a")
        for number in range(1, MAX_FAULTS + 2):
            wait_for(lambda number=number: len(tried) == number)  # type: ignore[misc]  # bound now
            time.sleep(0.05)
            floor.watch.advance(6)
        wait_for(lambda: floor.states()["a"] == "done")


@pytest.mark.parametrize("failure", [TryLater("slack_busy"), ZeroDivisionError()])
def test_a_word_that_cannot_be_said_ends_no_thread(
    memory: Memory, watch: Watch, failure: Exception
) -> None:
    """Giving up fails too, as with Slack down: the work is dead and the threads go on."""
    floor = Floor(memory, watch, give_up_with=failure)
    done: list[str] = []

    def do(item: Item) -> None:
        if item.key.startswith("bad"):
            raise Refused("crm_refused")
        done.append(item.key)

    with floor.working(do) as worker:
        for number in range(4):
            floor.put(f"bad{number}")
        wait_for(lambda: list(floor.states().values()) == ["dead"] * 4)
        floor.put("good")
        wait_for(lambda: done == ["good"])
        assert worker.alive


def test_work_of_a_killed_worker_is_done_after_its_lease(floor: Floor) -> None:
    """A row claimed and left is nobody's until the lease is over."""
    done: list[int] = []
    floor.put("a")
    floor.memory.inbox.claim("slow", now=floor.watch(), limit=1, lease_seconds=LEASE)
    with floor.working(lambda item: done.append(item.tries)):
        floor.watch.advance(LEASE - 1)
        stays(lambda: not done)
        floor.watch.advance(2)
        wait_for(lambda: floor.states()["a"] == "done")

    assert done == [2]


def test_a_clock_jump_gives_running_work_to_another_once(floor: Floor) -> None:
    """A lease that ran out under a running handler: done again, and finished by one of them."""
    free = threading.Event()
    began: list[int] = []
    ended: list[int] = []

    def do(item: Item) -> None:
        began.append(item.fence)
        free.wait(5)
        ended.append(item.fence)

    with floor.working(do):
        floor.put("a")
        wait_for(lambda: len(began) == 1)
        floor.watch.advance(LEASE + 1)
        wait_for(lambda: len(began) == 2)
        free.set()
        wait_for(lambda: len(ended) == 2)
        wait_for(lambda: floor.states()["a"] == "done")
        floor.watch.advance(LEASE + 1)
        stays(lambda: len(began) == 2)

    assert sorted(began) == [1, 2]


def test_a_clock_set_back_stops_no_work(floor: Floor) -> None:
    """Work that comes after the clock was set back is done."""
    done: list[str] = []
    with floor.working(lambda item: done.append(item.key)):
        floor.watch.advance(-3600)
        floor.put("a")
        wait_for(lambda: done == ["a"])


def test_stop_finishes_what_is_under_way_and_claims_nothing_more(floor: Floor) -> None:
    """After stop the running piece is done, the waiting one is open, no thread is left."""
    began, done = threading.Event(), threading.Event()

    def do(_item: Item) -> None:
        began.set()
        time.sleep(0.3)
        done.set()

    before = threading.active_count()
    with floor.working(do) as worker:
        floor.put("a", lane="quick")
        assert began.wait(3)
        floor.put("b", lane="quick")
        worker.stop()
        assert done.is_set()
        assert not worker.alive

    assert floor.states() == {"a": "done", "b": "open"}
    assert threading.active_count() == before


def test_stop_does_not_wait_for_ever(floor: Floor) -> None:
    """A piece that doesn't end is left as a killed worker leaves it."""
    began, free = threading.Event(), threading.Event()

    def do(_item: Item) -> None:
        began.set()
        free.wait(5)

    with floor.working(do) as worker:
        floor.put("a")
        assert began.wait(3)
        started = time.monotonic()
        worker.stop(seconds=0.2)
        assert time.monotonic() - started < 2
        assert floor.states() == {"a": "open"}
        free.set()
