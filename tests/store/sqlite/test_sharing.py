"""The file between processes and threads: nothing lost, nothing locked, nothing half."""

import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from bot.errors import Fault
from store.sqlite.database import Database

Child = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def db(file: Path) -> Iterator[Database]:
    """A file with one empty table."""
    made = Database(file)
    with made.writing() as transaction:
        transaction.execute("CREATE TABLE t (a INTEGER, b TEXT)")
    yield made
    made.close()


def _numbers(db: Database) -> list[int]:
    return [row["a"] for row in db.rows("SELECT a FROM t ORDER BY a")]


def test_opening_waits_for_a_file_that_is_busy(file: Path) -> None:
    """The switch to the log fails at once while somebody writes; it is tried again."""
    file.parent.mkdir()
    other = sqlite3.connect(str(file), isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE t (a INTEGER, b TEXT)")
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.3, other.execute, ["COMMIT"])
    timer.start()

    db = Database(file)

    timer.join()
    assert [{"journal_mode": "wal"}] == db.rows("PRAGMA journal_mode")
    db.close()
    other.close()


def test_an_old_sqlite_lets_one_process_alone_open_the_file(file: Path) -> None:
    """Before 3.51.3 a second opening is refused with both versions, until the first closes."""
    first = Database(file, sqlite_version=(3, 40, 1))

    with pytest.raises(Fault, match="database_in_use") as caught:
        Database(file, sqlite_version=(3, 51, 2))
    assert {"file": str(file), "sqlite": "3.51.2", "needs": "3.51.3"} == caught.value.values
    first.close()
    Database(file, sqlite_version=(3, 51, 2)).close()


def test_a_safe_sqlite_lets_several_open_the_file(file: Path) -> None:
    """From 3.51.3 on there is no lock file."""
    with_two = [Database(file, sqlite_version=(3, 51, 3)) for _ in range(2)]

    assert not file.with_name("parley.db.lock").exists()
    for one in with_two:
        one.close()


def test_the_library_in_use_is_a_safe_one() -> None:
    """The pinned wheel brings a SQLite without the WAL-reset bug."""
    assert sqlite3.sqlite_version_info >= (3, 51, 3)


_WRITE_200 = """
import sys
from pathlib import Path
from store.sqlite.database import Database
db = Database(Path(sys.argv[1]))
for number in range(200):
    with db.writing() as transaction:
        (row,) = transaction.rows("SELECT max(a) AS top FROM t")
        transaction.execute("INSERT INTO t (a, b) VALUES (?, ?)", [row["top"] + 1, sys.argv[2]])
db.close()
"""


def test_eight_processes_write_without_one_lost_or_locked(
    db: Database, file: Path, child: Child
) -> None:
    """8 x 200 read-then-write transactions: every number once, no error anywhere."""
    with db.writing() as transaction:
        transaction.execute("INSERT INTO t (a) VALUES (0)")

    running = [child(_WRITE_200, file, name) for name in range(8)]
    errors = [process.communicate(timeout=60)[1] for process in running]

    assert [""] * 8 == errors
    assert list(range(1601)) == _numbers(db)


def test_eight_threads_write_without_one_lost(db: Database) -> None:
    """8 x 50 read-then-write transactions on one Database: every number once."""
    with db.writing() as transaction:
        transaction.execute("INSERT INTO t (a) VALUES (0)")

    def add(_: int) -> None:
        for _ in range(50):
            with db.writing() as inside:
                (row,) = inside.rows("SELECT max(a) AS top FROM t")
                inside.execute("INSERT INTO t (a) VALUES (?)", [row["top"] + 1])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))
    assert list(range(401)) == _numbers(db)


_DIE_INSIDE = """
import sys, time
from pathlib import Path
from store.sqlite.database import Database
db = Database(Path(sys.argv[1]))
with db.writing() as transaction:
    transaction.execute("INSERT INTO t (a) VALUES (1)")
with db.writing() as transaction:
    for number in range(2, 2000):
        transaction.execute("INSERT INTO t (a, b) VALUES (?, ?)", [number, "x" * 5000])
    print("inside", flush=True)
    time.sleep(60)
"""


def test_a_killed_writer_leaves_all_of_a_transaction_or_nothing(
    db: Database, file: Path, child: Child
) -> None:
    """Kill -9 inside the second transaction: the first is whole, of the second nothing."""
    process = child(_DIE_INSIDE, file)
    assert process.stdout is not None
    assert process.stdout.readline() == "inside\n"

    process.send_signal(signal.SIGKILL)
    process.wait()

    assert [1] == _numbers(db)
    with db.writing() as transaction:
        transaction.execute("INSERT INTO t (a) VALUES (2)")
    assert [{"integrity_check": "ok"}] == db.rows("PRAGMA integrity_check")
