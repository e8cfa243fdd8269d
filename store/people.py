"""People: who somebody is in Slack, and whom a person has met in the CRM."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from bot.domain.connection import Owner
from bot.domain.participants import Kind, Participant
from bot.domain.profile import Profile
from store.sqlite.columns import moment, packed, unpacked
from store.sqlite.database import Database
from store.sqlite.transaction import Row

_MAX_WORDS = 5
_MAX_TEXT = 100


class Profiles:
    """What Slack last said about each person."""

    def __init__(self, db: Database) -> None:
        """Keep profiles in *db*."""
        self._db = db

    def keep(self, owner: Owner, profile: Profile, now: datetime) -> None:
        """Keep what Slack just said, in place of what it said before. One statement."""
        self._db.write(
            "INSERT INTO profiles (team, person, profile, read_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (team, person) DO UPDATE SET profile = excluded.profile,"
            " read_at = excluded.read_at",
            [owner.team, owner.user, packed(asdict(profile)), moment(now)],
        )

    def get(self, owner: Owner, *, not_before: datetime) -> Profile | None:
        """Return what Slack said at or after *not_before*, else None."""
        row = self._db.row(
            "SELECT profile FROM profiles WHERE team = ? AND person = ? AND read_at >= ?",
            [owner.team, owner.user, moment(not_before)],
        )
        return None if row is None else Profile(**unpacked(row["profile"]))

    def sweep(self, before: datetime) -> int:
        """Forget what Slack said before; return how many people that were. One statement."""
        return self._db.write("DELETE FROM profiles WHERE read_at < ?", [moment(before)])


class Directory:
    """The CRM's people met with each grant: users, contacts, leads, addresses."""

    def __init__(self, db: Database) -> None:
        """Keep people in *db*."""
        self._db = db

    def remember(self, grant_id: str, people: Iterable[Participant], now: datetime) -> None:
        """Keep *people* as they are now; somebody known is brought up to date.

        One transaction. Their place in one event (``participation_id``) is not kept.
        """
        values = [
            [
                grant_id,
                one.kind.value,
                one.key[1],
                one.ref,
                one.name,
                one.email,
                _words(one),
                moment(now),
            ]
            for one in people
        ]
        with self._db.writing() as transaction:
            for each in values:
                transaction.execute(
                    "INSERT INTO directory"
                    " (grant_id, kind, ref_key, ref, name, email, words, met_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                    " ON CONFLICT (grant_id, kind, ref_key) DO UPDATE SET ref = excluded.ref,"
                    " name = excluded.name, email = coalesce(excluded.email, email),"
                    " words = excluded.words, met_at = excluded.met_at",
                    each,
                )

    def search(self, grant_id: str, text: str, limit: int) -> tuple[Participant, ...]:
        """Return up to *limit* people for what was typed, users first, then by name.

        Each word of *text* (five at most) must begin a word of the name or the address;
        case and accents don't count. No word finds everybody.
        """
        patterns = [f"% {_escaped(word)}%" for word in _folded(text[:_MAX_TEXT]).split()]
        patterns = (patterns[:_MAX_WORDS] + ["%"] * _MAX_WORDS)[:_MAX_WORDS]
        rows = self._db.rows(
            "SELECT * FROM directory WHERE grant_id = ?"
            r" AND words LIKE ? ESCAPE '\' AND words LIKE ? ESCAPE '\' AND words LIKE ? ESCAPE '\'"
            r" AND words LIKE ? ESCAPE '\' AND words LIKE ? ESCAPE '\'"
            " ORDER BY kind != 'user', words, ref LIMIT ?",
            [grant_id, *patterns, limit],
        )
        return tuple(_participant(row) for row in rows)

    def get(self, grant_id: str, kind: Kind, ref: str) -> Participant | None:
        """Return somebody met before, else None; an address in whatever case."""
        row = self._db.row(
            "SELECT * FROM directory WHERE grant_id = ? AND kind = ? AND ref_key = ?",
            [grant_id, Kind(kind).value, ref.casefold()],
        )
        return None if row is None else _participant(row)

    def forget(self, grant_id: str) -> int:
        """Delete everybody met with the grant and return how many. One statement."""
        return self._db.write("DELETE FROM directory WHERE grant_id = ?", [grant_id])


def _participant(row: Row) -> Participant:
    return Participant(kind=Kind(row["kind"]), ref=row["ref"], name=row["name"], email=row["email"])


def _folded(text: str) -> str:
    """Return *text* without case and accents."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(one for one in apart if not unicodedata.combining(one))
    return unicodedata.normalize("NFKC", bare.casefold())


def _words(person: Participant) -> str:
    """Return what is searched: each word after a blank, as written and at its marks apart."""
    whole = _folded(f"{person.name} {person.email or ''}")
    return " " + " ".join((whole + " " + re.sub(r"[\W_]", " ", whole)).split())


def _escaped(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)
