"""A new key: everything sealed anew, killed at any row; told where it can't be."""

import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from bot.domain.connection import Owner
from bot.errors import Fault
from store.backup import back_up
from store.memory import Memory, open_memory
from store.sealing.keys import Keyring
from store.sealing.rotation import Rotated, rotate

OLD, NEW = b"o" * 32, b"n" * 32
Child = Callable[..., "subprocess.Popen[str]"]

# Dies like a killed process at the chosen sealing, whatever transaction is open.
_KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from store.sealing.keys import Keyring
from store.memory import open_memory
from store.sealing.rotation import rotate
from store.sealing.vault import Vault

left = int(sys.argv[2])

class Dying(Vault):
    def seal(self, table, owner, plain):
        global left
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        return super().seal(table, owner, plain)

ring = Keyring([b"n" * 32, b"o" * 32])
memory = open_memory(Path(sys.argv[1]), ring, datetime.now(UTC))
print(rotate(memory.db, Dying(ring)).sealed, flush=True)
"""


@pytest.fixture
def old(file: Path, now: datetime) -> Memory:
    """A memory sealed with the old key: 250 drafts of as many people."""
    memory = open_memory(file, Keyring([OLD]), now)
    with memory.atomically():
        for number in range(250):
            memory.drafts.put(f"d{number}", Owner("T1", f"U{number}"), None, {"n": number}, now)
    return memory


@pytest.mark.parametrize("at", [0, 1, 99, 100, 101, 200, 249, 250])
def test_killed_at_any_row_it_goes_on(
    old: Memory, file: Path, now: datetime, child: Child, at: int
) -> None:
    """Every row opens with one of the two keys in between, and with the new one in the end."""
    old.close()
    killed = child(_KILLED, file, at)
    assert ("", "") == killed.communicate(timeout=60)
    assert -9 == killed.returncode
    both = open_memory(file, Keyring([NEW, OLD]), now)
    assert [{"n": n} for n in range(250)] == [
        draft.data
        for n in range(250)
        if (draft := both.drafts.get(f"d{n}", Owner("T1", f"U{n}"))) is not None
    ]
    done = rotate(both.db, both.vault)
    assert Rotated(sealed=250 - at // 100 * 100 if at < 250 else 0, unreadable=0) == done
    both.close()
    new = open_memory(file, Keyring([NEW]), now)
    assert new.drafts.get("d249", Owner("T1", "U249")) is not None
    new.close()


def test_a_server_that_doesnt_know_the_key_keeps_it_from_rotating(
    old: Memory, file: Path, now: datetime
) -> None:
    """It would go on sealing with the old one; after a restart, or stopped, it is well."""
    old.serving.begin(Keyring([OLD]).first)
    both = open_memory(file, Keyring([NEW, OLD]), now)
    with pytest.raises(Fault, match="key_not_served"):
        rotate(both.db, both.vault)
    both.serving.begin(Keyring([NEW]).first)
    assert 250 == rotate(both.db, both.vault).sealed
    both.serving.end()
    assert 0 == rotate(both.db, both.vault).sealed
    both.close()
    old.close()


def test_what_opens_with_no_key_is_left_and_counted(old: Memory, file: Path, now: datetime) -> None:
    """And keeps nothing else from being sealed anew."""
    with old.atomically() as transaction:
        transaction.execute("UPDATE drafts SET data = 'v1.abcdef12.AAAA' WHERE id = 'd7'")
    old.close()
    both = open_memory(file, Keyring([NEW, OLD]), now)
    assert Rotated(sealed=249, unreadable=1) == rotate(both.db, both.vault)
    both.close()


def test_a_copy_made_half_way_opens_with_both_keys(
    old: Memory, file: Path, now: datetime, child: Child
) -> None:
    """A backup while a rotation runs is whole; with one key alone it says so at the start."""
    old.close()
    child(_KILLED, file, 150).communicate(timeout=60)
    both = Keyring([NEW, OLD])
    memory = open_memory(file, both, now)
    copy = file.with_name("copy.db")
    back_up(memory.db, memory.epoch, copy)
    memory.close()
    with pytest.raises(Fault) as refusal:
        open_memory(copy, Keyring([NEW]), now)
    assert "key_wrong" == refusal.value.code
    whole = open_memory(copy, both, now)
    drafts = [whole.drafts.get(f"d{number}", Owner("T1", f"U{number}")) for number in range(250)]
    assert list(range(250)) == [draft.data["n"] for draft in drafts if draft is not None]
    whole.close()
