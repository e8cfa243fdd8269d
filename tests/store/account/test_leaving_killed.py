"""Leaving, killed at each statement: done again it ends, and is told once."""

import json
from pathlib import Path

import pytest

from tests.handlers.sandbox.crm_caller import running
from tests.store.conftest import Child

_FORGE = """
import json, os, signal, sys, time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from bot.crm.accounts import Accounts, Client
from bot.crm.places import Places
from bot.crm.transport import Transport
from bot.domain.connection import Account, DataCenter, GrantState, Owner, Secret, Tokens
from bot.errors import NotConnected
from bot.journeys.account.leaving import Leaving
from handlers.wiring.connections import kept
from store.sealing.keys import Keyring
from store.memory import open_memory

file, origin, client, secret, way = sys.argv[1:]
now = datetime.now(UTC)

def opened():
    memory = open_memory(Path(file), Keyring([b"k" * 32]), now)
    hands = Accounts(Transport(total_seconds=20.0, sleep=time.sleep),
                     Places(DataCenter.US, (origin, origin)),
                     {DataCenter.US: Client(id=client, secret=Secret(secret))}, "http://x/cb")
    return memory, Leaving(kept(memory), hands)

def leave(leaving, owner):
    if way == "disconnected":
        leaving.disconnect(owner, now, actor="a")
    else:
        leaving.cut_off(owner, now, actor="a", act=way, whole=True)

def fork_and_die(owner, left):
    memory, leaving = opened()
    def count(_statement):
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    memory.db._writer.conn.set_trace_callback(count)
    leave(leaving, owner)
    os._exit(0)

for at, line in enumerate(sys.stdin):
    owner = Owner("T1", f"U{at}")
    memory, _ = opened()
    account = Account(user_id="1", email="a@example.com", name="A", zone="UTC", org_id="9",
                      org_name="O")
    tokens = Tokens(access=Secret("x"), refresh=Secret(line.strip()), expires_at=now,
                    api_origin=origin)
    memory.grants.keep(owner, DataCenter.US, account, tokens, state=GrantState.ACTIVE, now=now)
    memory.drafts.put(f"d{at}", owner, None, {}, now)
    memory.close()
    pid = os.fork()
    if not pid:
        fork_and_die(owner, at)
    _, status = os.waitpid(pid, 0)
    memory, leaving = opened()
    with suppress(NotConnected):
        leave(leaving, owner)
    leaving.sweep(now)
    told = [one.act for one in memory.audit.lines(limit=9) if one.owner == owner]
    kept_still = len(memory.grants.of(owner)) + (memory.drafts.get(f"d{at}", owner) is not None)
    memory.close()
    print(json.dumps([status, told, kept_still]), flush=True)
"""


@pytest.mark.parametrize(("way", "left"), [("disconnected", 1), ("deactivated", 0)])
def test_killed_at_each_statement_it_is_done_again_once(
    file: Path, child: Child, way: str, left: int
) -> None:
    """The CRM has revoked, the grant is gone, one line tells; a draft of no grant stays or goes."""
    with running() as crm:
        known = crm.credentials()
        forge = child(_FORGE, file, crm.origin, known["client_id"], known["client_secret"], way)
        assert forge.stdin is not None
        assert forge.stdout is not None
        deaths = 0
        status = 9
        while status == 9:
            refresh = str(crm.grant("ada")["refresh_token"])
            forge.stdin.write(f"{refresh}\n")
            forge.stdin.flush()
            status, told, kept = json.loads(forge.stdout.readline())
            assert ([way], left) == (told, kept)
            assert None is crm.side.world.grants.refresh(refresh)
            deaths += 1
        assert (0, True) == (status, deaths > 5)
        assert ("", "") == forge.communicate(timeout=30)
