"""Messages owed: each known before it is sent, sent once, one a second and channel."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.connection import Owner
from bot.errors import Fault
from store.sealing.vault import Vault
from store.sqlite.columns import aware, moment
from store.sqlite.database import Database
from store.sqlite.transaction import Row, Transaction

CHANNEL_PAUSE = timedelta(seconds=1)
"""Slack, "Rate limits": one message per second and channel."""
_SEALED = "outbox.message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One message owed, claimed.

    Attributes:
        id: The row's number, growing with time.
        key: What makes it the same message.
        owner: To whom.
        channel: Where.
        message: What, JSON values.
        thread_ts: The message it answers, or None.
        replaces: Channel and ts of the message it takes the place of, or None.
        tries: How often it was handed out to be sent, this time included.
        fence: Grows with each claim.
        unsure: True when an earlier attempt may have arrived: to be looked for, or sent
            again only where sending twice changes nothing.
        attempt_at: When it was handed out to be sent: now, or for an unsure one earlier.
    """

    id: int
    key: str
    owner: Owner
    channel: str
    message: dict[str, Any]
    thread_ts: str | None
    replaces: tuple[str, str] | None
    tries: int
    fence: int
    unsure: bool
    attempt_at: datetime


class Outbox:
    """Messages by key: pending, then sending, then sent or failed."""

    def __init__(self, db: Database, vault: Vault) -> None:
        """Keep messages in *db*, sealed by *vault* until they are sent."""
        self._db = db
        self._vault = vault

    def owe(
        self,
        key: str,
        owner: Owner,
        *,
        channel: str,
        message: dict[str, Any],
        now: datetime,
        thread_ts: str | None = None,
        replaces: tuple[str, str] | None = None,
    ) -> bool:
        """Owe one message; False when its key is owed or sent already. One INSERT.

        Args:
            key: The same for the same message.
            owner: To whom.
            channel: Where.
            message: JSON values.
            now: Due from here on.
            thread_ts: The message it answers.
            replaces: Channel and ts of the message it takes the place of.
        """
        with self._db.writing() as transaction:
            return bool(
                transaction.rows(
                    "INSERT INTO outbox (key, team, person, channel, message, thread_ts,"
                    " replaces_channel, replaces_ts, state, due, owed_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?)"
                    " ON CONFLICT (key) DO NOTHING RETURNING id",
                    [
                        key,
                        owner.team,
                        owner.user,
                        channel,
                        self._vault.seal_values(_SEALED, owner, message),
                        thread_ts,
                        *(replaces or (None, None)),
                        moment(now),
                        moment(now),
                    ],
                )
            )

    def claim(self, now: datetime, limit: int, lease_seconds: float) -> list[Owed]:
        """Return up to *limit* messages to send, one a channel, and unsure ones to look for.

        One transaction, committed before anything is posted. A pending one becomes
        sending, and its channel gives out no other for a second. A sending one whose
        lease is over comes again as *unsure*. One that can't be opened has failed.
        """
        with self._db.writing() as transaction:
            rows = transaction.rows(
                "SELECT * FROM (SELECT outbox.*, row_number() OVER"
                " (PARTITION BY state, CASE state WHEN 'pending' THEN channel ELSE id END"
                "  ORDER BY id) AS place FROM outbox"
                " WHERE state IN ('pending', 'sending') AND due <= :now AND (state = 'sending'"
                "  OR channel NOT IN (SELECT channel FROM channels WHERE free_at > :now)))"
                " WHERE place = 1 ORDER BY due, id LIMIT :limit",
                {"now": moment(now), "limit": limit},
            )
            lease = now + timedelta(seconds=lease_seconds)
            found = [self._take(transaction, row, now, lease) for row in rows]
        return [item for item in found if item is not None]

    def sent(self, item: Owed, channel: str, ts: str) -> bool:
        """Note where the message is and empty it; False if it was noted or given up before.

        One UPDATE. Whoever brings the proof is believed: the fence isn't asked.
        """
        return (
            self._db.write(
                "UPDATE outbox SET state = 'sent', sent_channel = ?, sent_ts = ?, message = ''"
                " WHERE id = ? AND state IN ('pending', 'sending')",
                [channel, ts, item.id],
            )
            == 1
        )

    def retry(self, item: Owed, due: datetime) -> bool:
        """Owe it again from *due*: it surely wasn't posted. False if another has it by now."""
        return self._change(item, "state = 'pending', due = ?", [moment(due)])

    def unsure(self, item: Owed, due: datetime) -> bool:
        """Leave it sending and have it looked for at *due*. False if another has it by now."""
        return self._change(item, "due = ?", [moment(due)])

    def failed(self, item: Owed, why: str) -> bool:
        """Give it up for the code *why* and empty it. False if another has it by now."""
        return self._change(item, "state = 'failed', why = ?, message = ''", [why])

    def find(self, key: str) -> tuple[str, str] | None:
        """Return channel and ts of a message that was sent, else None."""
        row = self._db.row(
            "SELECT sent_channel, sent_ts FROM outbox WHERE key = ? AND state = 'sent'", [key]
        )
        return None if row is None else (row["sent_channel"], row["sent_ts"])

    def state(self, key: str) -> str | None:
        """Return pending, sending, sent or failed; None for a message never owed, or forgotten."""
        row = self._db.row("SELECT state FROM outbox WHERE key = ?", [key])
        return None if row is None else str(row["state"])

    def home(self, owner: Owner) -> str | None:
        """Return the id of the owner's direct messages, learnt from one sent there before."""
        row = self._db.row(
            "SELECT sent_channel FROM outbox WHERE team = ? AND person = ? AND channel = ?"
            " AND state = 'sent' ORDER BY id DESC LIMIT 1",
            [owner.team, owner.user, owner.user],
        )
        return None if row is None else str(row["sent_channel"])

    def next_due(self) -> datetime | None:
        """Return when ``claim`` next has something to give."""
        row = self._db.row(
            "SELECT min(CASE state WHEN 'pending' THEN max(due, coalesce(free_at, due))"
            " ELSE due END) AS due FROM outbox LEFT JOIN channels USING (channel)"
            " WHERE state IN ('pending', 'sending')"
        )
        return aware(row["due"]) if row and row["due"] else None

    def sweep(self, before: datetime) -> int:
        """Forget messages sent or given up that were owed before, keys too; return how many."""
        with self._db.writing() as transaction:
            transaction.execute("DELETE FROM channels WHERE free_at < ?", [moment(before)])
            return transaction.execute(
                "DELETE FROM outbox WHERE state IN ('sent', 'failed') AND owed_at < ?",
                [moment(before)],
            )

    def _change(self, item: Owed, change: str, params: list[object]) -> bool:
        return (
            self._db.write(
                f"UPDATE outbox SET {change} WHERE id = ? AND fence = ? AND state = 'sending'",  # noqa: S608 - texts of this file
                [*params, item.id, item.fence],
            )
            == 1
        )

    def _take(
        self, transaction: Transaction, row: Row, now: datetime, lease: datetime
    ) -> Owed | None:
        owner = Owner(row["team"], row["person"])
        try:
            message = self._vault.open_values(_SEALED, owner, row["message"])
        except Fault:
            transaction.execute(
                "UPDATE outbox SET state = 'failed', why = 'unreadable' WHERE id = ?", [row["id"]]
            )
            return None
        unsure = row["state"] == "sending"
        if not unsure:
            transaction.execute(
                "INSERT INTO channels (channel, free_at) VALUES (?, ?)"
                " ON CONFLICT (channel) DO UPDATE SET free_at = excluded.free_at",
                [row["channel"], moment(now + CHANNEL_PAUSE)],
            )
        taken = transaction.rows(
            "UPDATE outbox SET state = 'sending', due = ?, fence = fence + 1, tries = tries + ?,"
            " attempt_at = ? WHERE id = ? RETURNING tries, fence, attempt_at",
            [
                moment(lease),
                0 if unsure else 1,
                row["attempt_at"] if unsure else moment(now),
                row["id"],
            ],
        )[0]
        return Owed(
            id=row["id"],
            key=row["key"],
            owner=owner,
            channel=row["channel"],
            message=message,
            thread_ts=row["thread_ts"],
            replaces=_pair(row["replaces_channel"], row["replaces_ts"]),
            tries=taken["tries"],
            fence=taken["fence"],
            unsure=unsure,
            attempt_at=aware(taken["attempt_at"]),
        )


def _pair(channel: str | None, ts: str | None) -> tuple[str, str] | None:
    return None if channel is None or ts is None else (channel, ts)
