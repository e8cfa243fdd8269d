"""One process of the store's bench: fills stores and uses them for a while, as it is told.

Reads one JSON object a line (`Task`) and answers each with one: how often a second. Slack's
store and ours are never in one process, for they bring two SQLite libraries.
"""

import json
import random
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

TEAM = "T0BENCH"
CLIENT = "1000.BENCHBENCHBENCHBENCHBENCHBENCH"
API = "https://www.zohoapis.com"
REDIRECT = "https://parley.example.com/oauth/callback"
BATCH = 5000
THREADS = 8
"""The most."""
Use = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What to do.

    Attributes:
        store: `parley`, `raw` or `slack`.
        users: How many are in the file.
        act: `fill`, `save` or `find`.
        threads: How many at once.
        seconds: For how long.
    """

    store: str
    users: int
    act: str
    threads: int = 1
    seconds: float = 0.0


def person(number: int) -> str:
    """Return a Slack user's id."""
    return f"U{number:010d}"


def user(number: int) -> str:
    """Return a CRM user's name."""
    return f"person{number}@example.com:823711904"


def access(number: int) -> str:
    """Return an access token that was not there before, of the length of Zoho's."""
    return f"1000.{time.time_ns():032x}.{number:032x}"


def refresh(number: int) -> str:
    """Return a person's refresh token."""
    return f"1000.{'f' * 32}.{number:032x}"


def batches(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    """Return all numbers, a few thousand at a time."""
    return (numbers[start : start + BATCH] for start in range(0, len(numbers), BATCH))


class Store(ABC):
    """A store of one contender with a number of users."""

    @abstractmethod
    def fill(self, users: int) -> None:
        """Put them there."""

    @abstractmethod
    def thread(self) -> tuple[Use, Use]:
        """Return how the calling thread saves and finds a user by number."""

    @abstractmethod
    def close(self) -> None:
        """Close it."""


def fill(conn: Any, sql: str, row: Callable[[int], Any], numbers: Sequence[int]) -> None:
    """Insert every user's row; only here the disk isn't waited for."""
    conn.execute("PRAGMA synchronous = OFF").fetchall()
    for some in batches(numbers):
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany(sql, map(row, some))
        conn.execute("COMMIT")
    conn.execute("PRAGMA synchronous = FULL").fetchall()


class Parley(Store):
    """The token port over SQLite, encrypted."""

    def __init__(self, file: Path) -> None:
        """Open the file."""
        from bot.domain.connection import DataCenter, Secret
        from store.account.token_rows import SqliteTokens
        from store.memory import open_memory
        from store.sealing.keys import Keyring
        from store.tokens import Client, Clients

        client = Client(id=CLIENT, secret=Secret("s" * 42), data_center=DataCenter.US)
        self.memory = open_memory(file, Keyring([b"k" * 32]), datetime.now(UTC))
        self.tokens = SqliteTokens(self.memory.db, self.memory.vault, Clients([client]))

    def fill(self, users: int) -> None:
        """Insert what saving each would, sealed for its owner, without waiting for the disk."""
        from bot.domain.connection import Owner
        from store.account.grant_rows import GrantRows, Sealed, account_of
        from store.account.spots import first_spot
        from store.account.token_rows import _INSERT

        rows, now = GrantRows(self.memory.vault), datetime.now(UTC)
        account = json.dumps(asdict(account_of(user(0))))

        def row(number: int) -> dict[str, object]:
            values = Sealed(
                access=access(number),
                refresh=refresh(number),
                expires_at=now.isoformat(timespec="microseconds"),
                api_origin=API,
                scopes="",
            )
            return {
                "spot": first_spot(TEAM, person(number)),
                "id": f"gr_{number:024x}",
                "alias": None,
                "team": TEAM,
                "person": person(number),
                "data_center": "us",
                "client_id": CLIENT,
                "crm_user": user(number),
                "org_id": "823711904",
                "account": account,
                "tokens": rows.seal_values(Owner(TEAM, person(number)), values),
                "redirect_url": REDIRECT,
                "spent_code": None,
                "now": now.isoformat(timespec="microseconds"),
            }

        # In the order of the file, which spares the disk; they are used in any order.
        numbers = sorted(range(users), key=lambda number: first_spot(TEAM, person(number)))
        fill(self.memory.db._writer.conn, _INSERT, row, numbers)

    def thread(self) -> tuple[Use, Use]:
        """Use the one store: it has a reader a thread."""
        from bot.domain.connection import Owner, Secret
        from store.tokens import Token

        tokens = self.tokens

        def save(number: int) -> object:
            now = datetime.now(UTC)
            token = Token(
                user=user(number),
                client_id=CLIENT,
                access=Secret(access(number)),
                refresh=Secret(refresh(number)),
                expires_at=now + timedelta(hours=1),
                redirect_url=REDIRECT,
                api_domain=API,
            )
            return tokens.save(Owner(TEAM, person(number)), token, now)

        def find(number: int) -> object:
            return tokens.find(Owner(TEAM, person(number)), Token(user=user(number)))

        return save, find

    def close(self) -> None:
        """Close the file."""
        self.memory.close()


class Raw(Store):
    """Nothing but SQLite: one table, one statement, the same safety, no encryption."""

    TABLE = (
        "CREATE TABLE IF NOT EXISTS tokens (team TEXT, person TEXT, name TEXT, id TEXT,"
        " client_id TEXT, refresh TEXT, access TEXT, expires TEXT, redirect TEXT, api TEXT,"
        " PRIMARY KEY (team, person)) STRICT"
    )
    SAVE = (
        "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (team, person)"
        " DO UPDATE SET access = excluded.access, refresh = excluded.refresh,"
        " expires = excluded.expires"
    )
    FIND = "SELECT * FROM tokens WHERE team = ? AND person = ?"

    def __init__(self, file: Path) -> None:
        """Open the file."""
        self.file = file
        self.opened: list[Any] = []
        self.connect().execute(self.TABLE)

    def connect(self) -> Any:
        """Return a connection."""
        from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # picked, unlisted

        made = sqlite3.connect(
            str(self.file), isolation_level=None, timeout=15, check_same_thread=False
        )
        made.execute("PRAGMA journal_mode = WAL").fetchall()
        made.execute("PRAGMA synchronous = FULL").fetchall()
        self.opened.append(made)
        return made

    @staticmethod
    def row(number: int) -> tuple[str, ...]:
        """Return a user's row."""
        expires = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        return (
            TEAM, person(number), user(number), f"gr_{number:024x}", CLIENT, refresh(number),
            access(number), expires, REDIRECT, API,
        )  # fmt: skip

    def fill(self, users: int) -> None:
        """Insert them."""
        fill(self.opened[0], self.SAVE, self.row, range(users))

    def thread(self) -> tuple[Use, Use]:
        """Open a connection for the thread."""
        conn = self.connect()
        save, find = self.SAVE, self.FIND
        return (
            lambda number: conn.execute(save, self.row(number)),
            lambda number: conn.execute(find, (TEAM, person(number))).fetchone(),
        )

    def close(self) -> None:
        """Close every connection."""
        for one in self.opened:
            one.close()


class Slack(Store):
    """slack_sdk's store of installations in SQLite."""

    def __init__(self, file: Path) -> None:
        """Open the file."""
        from slack_sdk.oauth.installation_store.sqlite3 import SQLite3InstallationStore

        self.store = SQLite3InstallationStore(database=str(file), client_id=CLIENT)
        self.store.init()  # type: ignore[no-untyped-call]  # the library left its types out

    def fill(self, users: int) -> None:
        """Insert them by one statement each, for its own way would take an hour."""
        conn = self.store.connect()
        for some in batches(range(users)):
            conn.executemany(
                "INSERT INTO slack_installations (client_id, app_id, team_id, bot_token, bot_id,"
                " bot_user_id, user_id, user_token, user_refresh_token)"
                " VALUES (?, 'A1', ?, 'xoxb-1', 'B1', 'UB', ?, ?, ?)",
                [(CLIENT, TEAM, person(one), access(one), refresh(one)) for one in some],
            )
            conn.commit()
        conn.close()

    def thread(self) -> tuple[Use, Use]:
        """Use the one store: it opens a connection a call."""
        from slack_sdk.oauth.installation_store import Installation

        def save(number: int) -> object:
            installation = Installation(
                app_id="A1", team_id=TEAM, bot_token="xoxb-1", bot_id="B1", bot_user_id="UB",
                user_id=person(number), user_token=access(number),
                user_refresh_token=refresh(number),
            )  # fmt: skip
            self.store.save(installation)
            return True

        def find(number: int) -> object:
            return self.store.find_installation(
                enterprise_id=None, team_id=TEAM, user_id=person(number)
            )

        return save, find

    def close(self) -> None:
        """Leave it: no connection is open."""


KINDS: dict[str, Callable[[Path], Store]] = {"parley": Parley, "raw": Raw, "slack": Slack}


class Team:
    """Threads that stay, with what each has open in one store."""

    def __init__(self, store: Store) -> None:
        """Use *store*."""
        self.store = store
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(THREADS)

    def rate(self, task: Task) -> float:
        """Return how often a second the task's threads did it, all together."""
        together = threading.Barrier(task.threads)
        return sum(self._pool.map(lambda _: self._work(task, together), range(task.threads)))

    def _work(self, task: Task, together: threading.Barrier) -> float:
        if not hasattr(self._own, "uses"):
            self._own.uses = self.store.thread()
        use = self._own.uses[task.act == "find"]
        draw = random.Random(time.time_ns()).randrange
        together.wait()
        began = time.perf_counter()
        end, done = began + task.seconds, 0
        while time.perf_counter() < end:
            if use(draw(task.users)) is None:
                raise LookupError("a user is missing")
            done += 1
        return done / (time.perf_counter() - began)

    def close(self) -> None:
        """End the threads and close the store."""
        self._pool.shutdown()
        self.store.close()


def serve(folder: Path, lines: Iterable[str]) -> None:
    """Do what each line says and answer it."""
    teams: dict[tuple[str, int], Team] = {}
    for line in lines:
        task = Task(**json.loads(line))
        key = task.store, task.users
        if key not in teams:
            teams[key] = Team(KINDS[task.store](folder / f"{task.store}-{task.users}.db"))
        if task.act == "fill":
            teams[key].store.fill(task.users)
        rate = 0.0 if task.act == "fill" else teams[key].rate(task)
        print(json.dumps({**asdict(task), "rate": rate}), flush=True)
    for team in teams.values():
        team.close()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), sys.stdin)
