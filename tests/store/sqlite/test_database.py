"""The file: who may read it, what a transaction keeps, what many at once do to it."""

import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from bot.errors import Fault
from store.sqlite.database import Database


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


def _write_and_fail(db: Database, callback: Callable[[], None] = lambda: None) -> None:
    with db.writing() as transaction:
        transaction.execute("INSERT INTO t (a) VALUES (99)")
        transaction.after_commit(callback)
        raise KeyError


def test_only_the_owner_of_the_process_can_read_the_files(db: Database, file: Path) -> None:
    """Folder 0700; database, log and index 0600, whatever the umask lets through."""
    db.rows("SELECT * FROM t")

    modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in file.parent.iterdir()}

    assert {"parley.db": 0o600, "parley.db-wal": 0o600, "parley.db-shm": 0o600} == modes
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_file_others_could_read_is_closed_to_them(file: Path) -> None:
    """An existing file is brought to 0600."""
    file.parent.mkdir()
    file.touch(mode=0o644)

    Database(file).close()

    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_connections_are_set_up_for_safety(db: Database) -> None:
    """WAL, synchronous FULL (2), foreign keys and secure_delete on; readers can't write."""
    names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")

    with db.writing() as transaction:
        found = [next(iter(transaction.rows(f"PRAGMA {one}")[0].values())) for one in names]
    assert ["wal", 2, 1, 1, 15000] == found
    assert [{"query_only": 1}] == db.rows("PRAGMA query_only")


def test_a_transaction_is_kept_whole_or_not_at_all(db: Database) -> None:
    """An error inside undoes every write of the block and is passed on."""
    with pytest.raises(KeyError):
        _write_and_fail(db)

    assert [] == _numbers(db)


def test_a_nested_transaction_joins_the_outer_one(db: Database) -> None:
    """Nothing is seen by others before the outermost block ends."""
    seen: list[list[int]] = []

    with db.writing() as outer:
        outer.execute("INSERT INTO t (a) VALUES (1)")
        with db.writing() as inner:
            inner.execute("INSERT INTO t (a) VALUES (2)")
        thread = threading.Thread(target=lambda: seen.append(_numbers(db)))
        thread.start()
        thread.join()
        assert [1, 2] == _numbers(db)

    assert [[]] == seen
    assert [1, 2] == _numbers(db)


def test_a_failed_nested_transaction_undoes_itself_alone(db: Database) -> None:
    """The outer block that catches the error keeps its own writes and commits."""
    with db.writing() as outer:
        outer.execute("INSERT INTO t (a) VALUES (1)")
        with pytest.raises(KeyError):
            _write_and_fail(db)
        outer.execute("INSERT INTO t (a) VALUES (3)")

    assert [1, 3] == _numbers(db)


def test_listeners_wake_after_a_commit_that_changed_something(db: Database) -> None:
    """Once each, after the row can be seen; not after an undone or an empty transaction."""
    seen: list[list[int]] = []

    def listener() -> None:
        seen.append(_numbers(db))

    db.after_commit(listener)
    db.after_commit(listener)
    with db.writing() as transaction:
        transaction.execute("INSERT INTO t (a) VALUES (1)")
    with db.writing() as transaction:
        transaction.execute("UPDATE t SET a = 5 WHERE a = 4")
    with pytest.raises(KeyError):
        _write_and_fail(db)

    assert [[1]] == seen


def test_a_callback_of_one_transaction_runs_when_that_is_kept(db: Database) -> None:
    """Callbacks of an undone block, outer or nested, never run."""
    seen: list[str] = []

    with db.writing() as outer:
        outer.after_commit(lambda: seen.append("outer"))
        with pytest.raises(KeyError):
            _write_and_fail(db, lambda: seen.append("nested, undone"))
        assert [] == seen
    with pytest.raises(KeyError):
        _write_and_fail(db, lambda: seen.append("undone"))

    assert ["outer"] == seen


def test_a_memory_without_a_file_serves_every_thread() -> None:
    """Path None: one connection, the same rows for all threads."""
    db = Database(None)
    with db.writing() as transaction:
        transaction.execute("CREATE TABLE t (a INTEGER, b TEXT)")

    def add(number: int) -> None:
        with db.writing() as inside:
            inside.execute("INSERT INTO t (a) VALUES (?)", [number])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(100)))
        assert [list(range(100))] * 4 == list(pool.map(lambda _: _numbers(db), range(4)))
    db.close()


def test_a_closed_database_says_so(db: Database) -> None:
    """Reads and writes after close are a Fault; closing twice is not."""
    db.close()
    db.close()

    with pytest.raises(Fault, match="database_closed"):
        db.rows("SELECT 1")
    with pytest.raises(Fault, match="database_closed"), db.writing():
        pass


def test_close_closes_the_connections_of_threads(db: Database) -> None:
    """A reader's connection is open in its thread, and shut after close."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_numbers, db).result()
        (reader,) = db._readers.values()
        db.close()
        with pytest.raises(sqlite3.ProgrammingError):
            reader.conn.execute("SELECT 1")


def test_connections_of_ended_threads_are_let_go(db: Database) -> None:
    """A hundred short-lived threads leave one reader, not a hundred."""
    for _ in range(100):
        thread = threading.Thread(target=_numbers, args=[db])
        thread.start()
        thread.join()

    assert len(db._readers) == 1


def test_a_file_that_is_no_database_is_refused(file: Path) -> None:
    """Somebody else's file is a Fault that names it."""
    file.parent.mkdir()
    file.write_bytes(b"not a database " * 100)

    with pytest.raises(Fault, match="database_unreadable") as caught:
        Database(file)
    assert str(file) == caught.value.values["file"]


def test_a_backup_is_a_whole_copy_for_this_user_alone(db: Database, tmp_path: Path) -> None:
    """The copy opens by itself, has mode 0600, and never overwrites."""
    with db.writing() as transaction:
        transaction.execute("INSERT INTO t (a) VALUES (7)")
    target = tmp_path / "copy.db"

    db.backup(target)

    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        db.backup(target)
    copy = Database(target)
    assert [7] == _numbers(copy)
    copy.close()


def test_one_statement_is_a_write_of_its_own_or_joins(db: Database) -> None:
    """Its callbacks run once, when it changed something; in a block it is undone with it."""
    told: list[str] = []
    with db.writing() as transaction:
        transaction.execute("CREATE TABLE words (word TEXT)")
    db.after_commit(lambda: told.append("changed"))

    assert 1 == db.write("INSERT INTO words VALUES (?)", ["one"])
    assert 0 == db.write("DELETE FROM words WHERE word = 'two'")
    with suppress(ZeroDivisionError), db.writing():
        assert 1 == db.write("INSERT INTO words VALUES ('three')")
        raise ZeroDivisionError
    assert [("one",)] == db.tuples("SELECT word FROM words")
    assert ["changed"] == told


def test_statements_are_prepared_once(db: Database) -> None:
    """However many others came before: SQLite asks the authorizer at each preparation."""
    conn = db._writer.conn
    for number in range(300):
        for _ in range(2):
            conn.execute(f"SELECT a FROM t WHERE a = {number}").fetchall()  # noqa: S608 - a number
    asked: list[int] = []

    def authorize(action: int, *_: str | None) -> int:
        asked.append(action)
        return 0

    conn.set_authorizer(authorize)
    counts = []
    for _ in range(3):
        db.glance("SELECT b FROM t WHERE a = ?", [1])
        db.write("UPDATE t SET b = ? WHERE a = ?", ["x", 1])
        counts.append(len(asked))
    conn.set_authorizer(None)
    assert counts[0] > 0
    assert counts == [counts[0]] * 3


def test_a_glance_never_waits_and_sees_what_is_committed(db: Database) -> None:
    """While another thread writes it sees what was before; inside the block, the block's own."""
    db.write("INSERT INTO t (a) VALUES (1)")
    with ThreadPoolExecutor(1) as other, db.writing() as transaction:
        transaction.execute("INSERT INTO t (a) VALUES (2)")
        seen = other.submit(db.glance, "SELECT a FROM t ORDER BY a").result(20)
        assert [(1,), (2,)] == db.glance("SELECT a FROM t ORDER BY a")
    assert [(1,)] == seen
    assert [(1,), (2,)] == db.glance("SELECT a FROM t ORDER BY a")
