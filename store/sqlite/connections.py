"""One connection to SQLite, set up for safety: full sync, a write-ahead log, no bytes left."""

import time
from pathlib import Path

import sqlite_utils
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

BUSY_SECONDS = 15.0
_PRAGMAS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    # 8 MiB: the inner pages of a million grants. A small file never fills it.
    "PRAGMA cache_size = -8192",
)


def connect(path: Path | None) -> sqlite_utils.Database:
    """Return a new connection to the file, or to a memory of its own where *path* is None.

    Raises:
        sqlite3.DatabaseError: The file is no database or stays locked.
    """
    conn = sqlite3.connect(
        ":memory:" if path is None else str(path),
        timeout=BUSY_SECONDS,
        isolation_level=None,  # BEGIN and COMMIT are ours alone
        # More than there are: a full cache keeps what was used most, the tables' making say, and
        # two new statements in turn would put each other out for ever.
        cached_statements=1024,
        check_same_thread=False,  # the writer is behind a lock; close() comes from any thread
    )
    try:
        for pragma in _PRAGMAS:
            conn.execute(pragma).fetchall()
        if path is not None:
            _switch_to_wal(conn)
    except sqlite3.DatabaseError:
        conn.close()
        raise
    return sqlite_utils.Database(conn, execute_plugins=False)


def waited_in_vain(error: BaseException) -> bool:
    """Say whether SQLite gave up waiting for another process."""
    return isinstance(error, sqlite3.OperationalError) and (
        "locked" in str(error) or "busy" in str(error)
    )


def _switch_to_wal(conn: sqlite3.Connection) -> None:
    """Make sure the file has a write-ahead log; the switch doesn't wait for a busy file."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            conn.execute("PRAGMA journal_mode = WAL").fetchall()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
