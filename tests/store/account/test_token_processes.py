"""Tokens under many hands: one renewal for a hundred callers, no write lost, nobody mixed up."""

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from bot.domain.connection import Account, DataCenter, GrantState, Owner, Secret, Tokens
from store.account.token_list import ListTokens
from store.account.token_rows import SqliteTokens
from store.memory import Memory
from store.schema.migrations import migrate
from store.sealing.keys import Keyring
from store.sealing.vault import Vault
from store.sqlite.database import Database
from store.tokens import Clients, Token, TokenStore
from tests.conftest import Cases
from tests.handlers.sandbox.crm_caller import running

Child = Callable[..., "subprocess.Popen[str]"]

_CALLERS = """
import json, random, sys, threading, time
from datetime import UTC, datetime
from pathlib import Path
from bot.crm.accounts import Accounts, Client
from bot.crm.places import Places
from bot.crm.transport import Transport
from bot.domain.connection import DataCenter, Secret
from bot.journeys.account.access import CrmAccess
from handlers.bells import Bell
from handlers.slack.voice import SlackVoice
from store.sealing.keys import Keyring
from store.memory import open_memory

file, origin, client, secret, holder = sys.argv[1:]
now = lambda: datetime.now(UTC)
memory = open_memory(Path(file), Keyring([b"k" * 32]), now())
access = CrmAccess(
    grants=memory.grants,
    renewals=memory.renewals,
    accounts=Accounts(
        Transport(total_seconds=20.0, sleep=time.sleep),
        Places(DataCenter.US, (origin, origin)),
        {DataCenter.US: Client(id=client, secret=Secret(secret))},
        "http://127.0.0.1:9/oauth/callback",
    ),
    # Nobody is told anything: a lost grant would be an error of the test.
    voice=SlackVoice(token=Secret("x"), api_url="http://127.0.0.1:9/api/", outbox=memory.outbox,
                     profiles=memory.profiles, render=None, bell=Bell()),
    audit=memory.audit, memory=memory, holder=holder, sleep=time.sleep, random=random.random,
)
print("ready", flush=True)
for line in sys.stdin:
    got, gate = [], threading.Barrier(25)
    def call():
        gate.wait()
        got.append(access.call(line.strip(), lambda one: one.token.reveal(), now=now))
    threads = [threading.Thread(target=call) for _ in range(25)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    print(json.dumps(got), flush=True)
memory.close()
"""


def test_a_hundred_callers_in_four_processes_renew_once(
    memory: Memory, file: Path, child: Child, ada: Owner, account: Account, cases: Cases
) -> None:
    """All are served, with the one new token."""
    with running() as crm:
        known = crm.credentials()
        processes = [
            child(_CALLERS, file, crm.origin, known["client_id"], known["client_secret"], f"h{n}")
            for n in range(4)
        ]
        for one in processes:
            assert one.stdout is not None
            assert "ready\n" == one.stdout.readline()
        for _ in range(cases(2, 50)):
            refresh = Secret(str(crm.grant("ada")["refresh_token"]))
            crm.control("traffic", method="DELETE")
            now = datetime.now(UTC)
            tokens = Tokens(
                access=Secret("over"), refresh=refresh, expires_at=now, api_origin=crm.origin
            )
            grant = memory.grants.keep(
                ada, DataCenter.US, account, tokens, state=GrantState.ACTIVE, now=now
            )
            got = _ask(processes, grant.id)

            assert 1 == len(crm.control("traffic?path=/oauth/v2/token")["traffic"])
            kept = memory.grants.get(grant.id)
            assert kept is not None
            assert [kept.tokens.access.reveal()] * 100 == got
            assert crm.user_id("ada") == crm.side.world.grants.holder(got[0])
            # The eleventh renewal of one grant within ten minutes would be held back.
            assert memory.grants.forget(grant.id)
        for one in processes:
            assert ("", "") == one.communicate(timeout=30)


def _ask(processes: list["subprocess.Popen[str]"], grant_id: str) -> list[str]:
    """Let the callers of every process call by the grant; return the tokens they were given."""
    for one in processes:
        assert one.stdin is not None
        one.stdin.write(f"{grant_id}\n")
        one.stdin.flush()
    got: list[str] = []
    for one in processes:
        assert one.stdout is not None
        got += json.loads(one.stdout.readline())
    return got


_WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from bot.domain.connection import Owner, Secret
from store.sealing.keys import Keyring
from store.memory import open_memory
from store.account.token_rows import SqliteTokens
from store.tokens import Clients, Token

file, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
now = datetime.now(UTC)
memory = open_memory(Path(file), Keyring([b"k" * 32]), now)
store = SqliteTokens(memory.db, memory.vault, Clients())
print("ready", flush=True)
sys.stdin.readline()
for number in range(count):
    token = Token(user="a:1", access=Secret(f"{name}-{number}"),
                  expires_at=now + timedelta(seconds=number))
    store.save(Owner("T1", name), token, now)
memory.close()
"""


def test_eight_processes_write_without_one_being_locked_out(
    memory: Memory, file: Path, child: Child, cases: Cases
) -> None:
    """Every save of everybody is there: as many generations as saves."""
    count = cases(20, 1000)
    processes = [child(_WRITER, file, f"U{number}", count) for number in range(8)]
    for one in processes:
        assert one.stdout is not None
        assert one.stdin is not None
        assert "ready\n" == one.stdout.readline()
    for one in processes:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    assert [("", "")] * 8 == [one.communicate(timeout=300) for one in processes]

    rows = memory.db.rows("SELECT person, generation FROM grants ORDER BY person")
    assert [(f"U{number}", count) for number in range(8)] == [tuple(row.values()) for row in rows]
    store = SqliteTokens(memory.db, memory.vault, Clients())
    for number in range(8):
        (kept,) = store.all(Owner("T1", f"U{number}"))
        assert Secret(f"U{number}-{count - 1}") == kept.access


USERS = 50
THREADS = 4
_NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
_ACTS = st.sampled_from(["save", "late", "find", "others", "all", "clear"])
_STEPS = st.lists(st.tuples(st.integers(0, USERS - 1), _ACTS), min_size=1, max_size=40)


class _Crowd(RuleBasedStateMachine):
    """Fifty users in four threads; each is held to a model of their own.

    All have the same CRM user, client and words: only the owner tells them apart.
    """

    @initialize()
    def begin(self) -> None:
        """Begin with nothing."""
        self.model: dict[int, Token] = {}
        self.count = 0
        self.pool = ThreadPoolExecutor(THREADS)
        self.store = self.made()

    def made(self) -> TokenStore:
        """Return a fresh store."""
        return ListTokens(Clients())

    @rule(steps=_STEPS)
    def together(self, steps: list[tuple[int, str]]) -> None:
        """Let every user do their steps in order, all users at once."""
        lanes: dict[int, list[tuple[str, int]]] = {}
        for user, act in steps:
            self.count += 1
            lanes.setdefault(user, []).append((act, self.count))
        ids = [str(token.id) for token in self.model.values()]
        list(self.pool.map(lambda user: self.live(user, lanes[user], ids), lanes))

    def live(self, user: int, acts: list[tuple[str, int]], ids: list[str]) -> None:
        """Do one user's acts; what they see is theirs, whatever the others do."""
        owner, mine = Owner("T1", f"U{user:02}"), self.model.get(user)
        for act, count in acts:
            if act in {"save", "late"}:
                mine = self.saved(owner, mine, count if act == "save" else -count)
            elif act == "find":
                assert mine == self.store.find(owner, Token(user="same:1"))
            elif act == "others":
                found = {self.store.find_by_id(owner, token_id) for token_id in ids}
                assert found <= {mine, None}
            elif act == "all":
                assert ((mine,) if mine else ()) == self.store.all(owner)
            else:
                assert bool(mine) == self.store.delete_all(owner)
                mine = None
        self.model.pop(user, None)
        if mine:
            self.model[user] = mine

    def saved(self, owner: Owner, mine: Token | None, order: int) -> Token:
        """Save what expires earlier or later than all before; return what must be kept."""
        token = Token(
            user="same:1",
            client_id="C",
            access=Secret(f"{owner} {order}"),
            refresh=Secret(str(owner)),
            expires_at=_NOW + timedelta(seconds=order),
        )
        kept = self.store.save(owner, token, _NOW)
        assert (mine.access if mine and order < 0 else token.access) == kept.access
        assert mine is None or mine.id == kept.id
        return kept

    def teardown(self) -> None:
        """End the threads."""
        if hasattr(self, "pool"):
            self.pool.shutdown()


class _CrowdInFile(_Crowd):
    """The same on SQLite, each time in a new file."""

    folder: Path
    files = 0

    def made(self) -> TokenStore:
        """Return a fresh store."""
        type(self).files += 1
        self.db = Database(self.folder / f"{self.files}.db")
        migrate(self.db)
        return SqliteTokens(self.db, Vault(Keyring([b"k" * 32])), Clients())

    def teardown(self) -> None:
        """End the threads, close the file."""
        super().teardown()
        if hasattr(self, "db"):
            self.db.close()


@pytest.mark.parametrize("machine", [_Crowd, _CrowdInFile])
def test_fifty_users_in_four_threads_never_cross(
    machine: type[_Crowd], tmp_path: Path, cases: Cases
) -> None:
    """Each finds, keeps and deletes their own alone, and nothing stale."""
    _CrowdInFile.folder = tmp_path
    run_state_machine_as_test(
        machine, settings=settings(max_examples=cases(10, 300), stateful_step_count=8)
    )
