"""Who did what to whose connection: lines that are added, read, and never changed.

The tables' own triggers refuse UPDATE, REPLACE and every DELETE but that of lines thirty
days older than the newest (``store/schema/audit.py``), so that other programs on the file
can't either. Each line goes to the log as well when it has been kept, with its id: whoever
owns the file can drop a trigger, and the log is the second witness.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.domain.connection import Owner
from store.sqlite.columns import aware, moment, packed, unpacked
from store.sqlite.database import Database
from store.sqlite.transaction import Row

LEAST_KEPT_DAYS = 30
"""What the table's trigger holds to."""
_log = logging.getLogger("parley.audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One line.

    Attributes:
        id: Grows by one; a gap tells of a line that is gone.
        at: Aware, UTC.
        act: What was done, a word.
        owner: To whose connection; both parts empty where it was nobody's.
        actor: A Slack user's id, or ``parley``, ``console``, ``slack``, ``crm``.
        detail: Ids, codes and numbers; never a token, an address or a name.
    """

    id: int
    at: datetime
    act: str
    owner: Owner
    actor: str
    detail: dict[str, object]


class Audit:
    """The lines of one database."""

    def __init__(self, db: Database) -> None:
        """Keep lines in *db*."""
        self._db = db
        self._said: set[int] = set()
        """Ids of lines in the log, of those after the place that is kept."""

    def note(self, act: str, owner: Owner, actor: str, now: datetime, **detail: object) -> None:
        """Add a line; inside a transaction it is kept with it or not at all. One INSERT."""
        with self._db.writing() as transaction:
            (row,) = transaction.rows(
                "INSERT INTO audit (at, act, team, person, actor, detail)"
                " VALUES (?, ?, ?, ?, ?, ?) RETURNING *",
                [moment(now), act, owner.team, owner.user, actor, packed(detail)],
            )
            transaction.after_commit(partial(self._say, _line(row)))

    def say_others(self) -> int:
        """Log what the command line has added beside this server; return how many lines.

        How far it was said is kept with the lines, so that a restart leaves none out; one
        may be said twice. One transaction, where there is something new.
        """
        newest = "SELECT coalesce(max(id), 0) AS id FROM audit"
        said = "SELECT CAST(value AS INTEGER) AS id FROM standing WHERE name = 'audit_said'"
        if self._db.row(newest) == self._db.row(said):
            return 0
        with self._db.writing() as transaction:
            # Of what stood before anybody counted, the server has said its own.
            (place,) = transaction.rows(said) or transaction.rows(newest)
            rows = transaction.rows("SELECT * FROM audit WHERE id > ? ORDER BY id", [place["id"]])
            ids = [place["id"], *(row["id"] for row in rows)]
            transaction.execute(
                "INSERT INTO standing (name, value) VALUES ('audit_said', ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [str(ids[-1])],
            )
        others = [_line(row) for row in rows if row["id"] not in self._said]
        for line in others:
            self._say(line)
        self._said.difference_update(ids)
        return len(others)

    def _say(self, line: AuditLine) -> None:
        self._said.add(line.id)
        _log.info(
            "id=%d act=%s owner=%s actor=%s %s",
            line.id,
            line.act,
            line.owner,
            line.actor,
            packed(line.detail),
        )

    def lines(self, *, limit: int, before: int | None = None) -> tuple[AuditLine, ...]:
        """Return the newest lines, the newest first; those with an id below *before*."""
        rows = self._db.rows(
            "SELECT * FROM audit WHERE id < coalesce(?, id + 1) ORDER BY id DESC LIMIT ?",
            [before, limit],
        )
        return tuple(_line(row) for row in rows)

    def sweep(self, before: datetime, now: datetime) -> int:
        """Delete the lines older than *before* and return how many; a line tells of it.

        Lines of the last thirty days stay whatever *before* is. One transaction.
        """
        with self._db.writing() as transaction:
            old = (
                "FROM audit WHERE at < ? AND"
                " at <= (SELECT strftime('%Y-%m-%dT%H:%M:%f', max(at), '-30 days') FROM audit)"
            )
            if transaction.row(f"SELECT 1 {old} LIMIT 1", [moment(before)]) is None:
                return 0
            count = transaction.execute(f"DELETE {old}", [moment(before)])
            self.note("audit_swept", Owner("", ""), "parley", now, lines=count)
            return count


def _line(row: Row) -> AuditLine:
    return AuditLine(
        id=row["id"],
        at=aware(row["at"]),
        act=row["act"],
        owner=Owner(row["team"], row["person"]),
        actor=row["actor"],
        detail=unpacked(row["detail"]),
    )
