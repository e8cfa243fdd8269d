"""A transaction of the writer's, and how rows are read."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlite_utils
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

Values = Sequence[object] | Mapping[str, object]
"""What is bound to a statement: by position or by name."""
Row = dict[str, Any]
"""One row by column name; it never leaves ``store``."""
Callback = Callable[[], None]


class Transaction:
    """The writer's connection between BEGIN IMMEDIATE and COMMIT."""

    def __init__(self, library: sqlite_utils.Database) -> None:
        """Write through *library*, the writer's connection."""
        self.library = library
        self.callbacks: list[Callback] = []

    def execute(self, sql: str, params: Values = ()) -> int:
        """Run one statement and return how many rows it changed."""
        cursor = self.library.conn.execute(sql, params)
        return int(cursor.rowcount)

    def rows(self, sql: str, params: Values = ()) -> list[Row]:
        """Run one statement and return all it answers; RETURNING is read to its end."""
        return read(self.library.conn, sql, params)

    def tuples(self, sql: str, params: Values = ()) -> list[tuple[Any, ...]]:
        """Return what ``rows`` does without the columns' names, in half the time."""
        return self.library.conn.execute(sql, params).fetchall()

    def row(self, sql: str, params: Values = ()) -> Row | None:
        """Run one statement and return its first row, if any; the answer is read to its end."""
        return next(iter(self.rows(sql, params)), None)

    def after_commit(self, callback: Callback) -> None:
        """Have *callback* called once when this has been committed; never when it is undone."""
        self.callbacks.append(callback)


def read(conn: sqlite3.Connection, sql: str, params: Values) -> list[Row]:
    """Run one statement and return all it answers, by the columns' names."""
    cursor = conn.execute(sql, params)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
