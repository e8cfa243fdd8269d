"""Whoever acknowledges writes before the workers do."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from store.memory import Memory
from store.sqlite.turns import WriterLock

WORKERS = 20


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Enough threads for all that wait."""
    with ThreadPoolExecutor(WORKERS + 1) as pool:
        yield pool


def until(true: Callable[[], bool]) -> None:
    """Wait until something is true, for ten seconds at most."""
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_the_impatient_wait_for_two_writes_at_most(threads: ThreadPoolExecutor) -> None:
    """However many workers came before: the write under way, and one of theirs."""
    lock, order, waiting = WriterLock(), list[str](), list[str]()

    def write(name: str) -> None:
        waiting.append(name)
        with lock:
            order.append(name)
            time.sleep(0.01)

    def work() -> None:
        with lock.patiently():
            write("worker")

    with lock:
        for _ in range(WORKERS):
            threads.submit(work)
        until(lambda: len(waiting) == WORKERS)
        time.sleep(0.05)  # from saying so to waiting
        acknowledged = threads.submit(write, "listener")
        until(lambda: len(waiting) == WORKERS + 1)
        time.sleep(0.05)
    acknowledged.result(10)
    # One more than promised: a thread that has just been woken may be overtaken.
    assert order.index("listener") <= 2
    threads.shutdown()
    assert WORKERS + 1 == len(order)


def test_one_holds_it_at_a_time(threads: ThreadPoolExecutor) -> None:
    """Patient or not, taken once or twice over: no two are inside together."""
    lock, inside, worst = WriterLock(), list[int](), list[int]()

    def enter(number: int) -> None:
        with lock, lock:
            inside.append(number)
            worst.append(len(inside))
            time.sleep(0.0005)
            inside.pop()

    def work(number: int) -> None:
        for turn in range(20):
            if (number + turn) % 2:
                with lock.patiently():
                    enter(number)
            else:
                enter(number)

    list(threads.map(work, range(8)))
    assert {1} == set(worst)
    assert 160 == len(worst)


def test_patience_begun_inside_leaves_nothing_locked(threads: ThreadPoolExecutor) -> None:
    """A holder that becomes patient, and one whose block raises, give all of it back."""
    lock = WriterLock()
    with lock, lock.patiently(), lock:
        pass
    with pytest.raises(KeyError), lock.patiently(), lock:
        raise KeyError

    def both() -> bool:
        with lock:
            pass
        with lock.patiently(), lock:
            return True

    assert threads.submit(both).result(10)


def test_patient_threads_stop_at_the_door_of_the_file(memory: Memory) -> None:
    """The inbox's patience holds for every room of the same file."""
    done = threading.Event()

    def work() -> None:
        with memory.inbox.patiently(), memory.atomically():
            done.set()

    with memory.atomically():
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        until(memory.db._writer.lock._door.locked)
        assert not done.is_set()
    for thread in threads:
        thread.join(10)
    assert done.is_set()
