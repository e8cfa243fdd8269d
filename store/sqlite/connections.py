"""One connection to SQLite, set up for safety: full sync, a write-ahead log, no bytes left."""

import time
from pathlib import Path
from types import TracebackType

import sqlite_utils
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from bot.errors import TryLater

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


class patience:  # noqa: N801 - used as a verb; a class, for a generator costs more than a statement
    """Say ``storage_busy`` where SQLite gave up waiting.

    Raises:
        TryLater: ``storage_busy``.
    """

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Turn the library's error into ours."""
        if isinstance(error, sqlite3.OperationalError) and (
            "locked" in str(error) or "busy" in str(error)
        ):
            raise TryLater("storage_busy", seconds=5) from error


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
