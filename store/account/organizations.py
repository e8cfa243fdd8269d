"""What is known about each CRM organisation: its dialect's switches and its layouts."""

from datetime import datetime
from typing import Any

from store.sqlite.columns import moment, packed, unpacked
from store.sqlite.database import Database


class Organizations:
    """By the organisation's id (zgid)."""

    def __init__(self, db: Database) -> None:
        """Keep what is known in *db*."""
        self._db = db

    def switch(self, org_id: str, name: str) -> str | None:
        """Return a switch's remembered value, or None."""
        row = self._db.row(
            "SELECT value FROM switches WHERE org_id = ? AND name = ?", [org_id, name]
        )
        return None if row is None else str(row["value"])

    def set_switch(self, org_id: str, name: str, value: str, now: datetime) -> None:
        """Remember a switch's value until another is set. One statement."""
        self._db.write(
            "INSERT INTO switches (org_id, name, value, set_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (org_id, name) DO UPDATE SET value = excluded.value,"
            " set_at = excluded.set_at",
            [org_id, name, value, moment(now)],
        )

    def cached(self, org_id: str, name: str, not_before: datetime) -> dict[str, Any] | None:
        """Return what was read at or after *not_before*, else None."""
        row = self._db.row(
            "SELECT value FROM cache WHERE org_id = ? AND name = ? AND read_at >= ?",
            [org_id, name, moment(not_before)],
        )
        return None if row is None else unpacked(row["value"])

    def cache(self, org_id: str, name: str, value: dict[str, Any], now: datetime) -> None:
        """Keep what was just read, in place of what was read before. One statement."""
        self._db.write(
            "INSERT INTO cache (org_id, name, value, read_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (org_id, name) DO UPDATE SET value = excluded.value,"
            " read_at = excluded.read_at",
            [org_id, name, packed(value), moment(now)],
        )
