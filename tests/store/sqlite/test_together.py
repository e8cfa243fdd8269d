"""Statements of several threads: one commit for all, each kept or refused alone."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from bot.errors import Fault
from store.sqlite.database import Database

ADD = "INSERT INTO words VALUES (?)"


@pytest.fixture
def db(file: Path) -> Iterator[Database]:
    """A file with one table of words, each of them once."""
    made = Database(file)
    made.write("CREATE TABLE words (word TEXT UNIQUE CHECK (word != 'never')) STRICT")
    yield made
    made.close()


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Eight threads."""
    with ThreadPoolExecutor(8) as pool:
        yield pool


def words(db: Database) -> list[str]:
    """Return the words that another connection sees."""
    return [one for (one,) in db.tuples("SELECT word FROM words ORDER BY word")]


def queued(db: Database, pool: ThreadPoolExecutor, given: list[str]) -> list[Future[int]]:
    """Have a thread add each word; return when all wait for the writer, who is held meanwhile."""
    futures = [pool.submit(db.write, ADD, [word]) for word in given]
    end = time.monotonic() + 20
    while db._writer.waiting < len(given):
        assert time.monotonic() < end, "not all of them came to wait"
        time.sleep(0.001)
    return futures


def test_what_waits_is_committed_at_once(db: Database, threads: ThreadPoolExecutor) -> None:
    """Eight statements that waited are told as one commit, and every thread knows of its own."""
    told: list[list[str]] = []
    given = [f"w{number}" for number in range(8)]
    with db.writing():
        futures = queued(db, threads, given)
        db.after_commit(lambda: told.append(words(db)))
    assert [1] * 8 == [one.result() for one in futures]
    assert [given] == told


def test_what_is_refused_is_refused_alone(db: Database, threads: ThreadPoolExecutor) -> None:
    """Each of two refusals is told to its own thread; the other words are kept."""
    db.write(ADD, ["one"])
    with db.writing():
        futures = queued(db, threads, ["one", "two", "never", "three"])
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        futures[0].result()
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        futures[2].result()
    assert [1, 1] == [futures[1].result(), futures[3].result()]
    assert ["one", "three", "two"] == words(db)


def test_on_a_full_disk_what_is_told_is_kept_and_nothing_else(
    db: Database, threads: ThreadPoolExecutor
) -> None:
    """A word for which there is no room is refused; whoever was told 1 finds theirs."""
    (pages,) = db.tuples("PRAGMA page_count")[0]
    given = ["one", "x" * 9000, "two"]
    with db.writing() as transaction:
        futures = queued(db, threads, given)
        transaction.rows(f"PRAGMA max_page_count = {pages}")
    told = [word for word, one in zip(given, futures, strict=True) if one.exception() is None]
    assert given[1] not in told
    assert sorted(told) == words(db)


def test_after_closing_all_are_refused(db: Database, threads: ThreadPoolExecutor) -> None:
    """Those who waited, and those who come later."""
    with db._writer.lock:
        futures = queued(db, threads, ["one", "two"])
        db.close()
    for one in futures:
        with pytest.raises(Fault, match="database_closed"):
            one.result()
    with pytest.raises(Fault, match="database_closed"):
        db.write(ADD, ["three"])


def test_of_many_threads_every_word_is_there(db: Database, threads: ThreadPoolExecutor) -> None:
    """Eight threads with a hundred words each, as they come."""
    given = [f"{who}-{number}" for who in range(8) for number in range(100)]
    assert 800 == sum(threads.map(lambda word: db.write(ADD, [word]), given))
    assert sorted(given) == words(db)
