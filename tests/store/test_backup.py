"""Copies while others write, put back, and noticed at the start."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.connection import Grant, Owner
from store.backup import back_up
from store.epoch import SIDE
from store.memory import Memory, open_memory
from store.sealing.keys import Keyring

Keep = Callable[..., Grant]


def reopened(file: Path, keyring: Keyring, now: datetime) -> Memory:
    """Open what is at *file*."""
    return open_memory(file, keyring, now)


def put_back(backup: Path, file: Path) -> None:
    """Do what the README says: the copy in the database's place, its log files gone."""
    for name in ("-wal", "-shm"):
        file.with_name(file.name + name).unlink(missing_ok=True)
    file.write_bytes(backup.read_bytes())


def test_a_copy_made_while_others_write_is_whole(
    memory: Memory, keep: Keep, keyring: Keyring, ada: Owner, now: datetime, tmp_path: Path
) -> None:
    """For this user alone, with nothing half-written, and it opens with the same key."""
    grant = keep("one")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            key = f"{threading.get_ident()}:{number}"
            with memory.atomically():
                for half in "ab":
                    memory.inbox.put(key + half, lane="l", kind="k", owner=ada, payload={}, now=now)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    copy = tmp_path / "copy.db"
    back_up(memory.db, memory.epoch, copy)
    stop.set()
    for writer in writers:
        writer.join()
    assert 0o600 == copy.stat().st_mode & 0o777
    assert [copy.name] == [one.name for one in tmp_path.iterdir() if one.is_file()]
    other = reopened(copy, keyring, now)
    assert [{"integrity_check": "ok"}] == other.db.rows("PRAGMA integrity_check")
    assert grant.tokens == other.grants.of(ada)[0].tokens
    count = other.db.row("SELECT count(*) AS n FROM inbox")
    assert count is not None
    assert 0 == count["n"] % 2
    other.close()


def test_a_copy_never_replaces_anything(memory: Memory, tmp_path: Path) -> None:
    """A file that is there stays as it is, and nothing is left beside it."""
    copy = tmp_path / "copy.db"
    copy.write_text("mine")
    with pytest.raises(FileExistsError):
        back_up(memory.db, memory.epoch, copy)
    assert "mine" == copy.read_text()
    assert [copy.name] == [one.name for one in tmp_path.iterdir() if one.is_file()]


def test_a_copy_put_back_is_noticed_and_sends_nothing_blindly(
    memory: Memory, keep: Keep, file: Path, keyring: Keyring, ada: Owner, now: datetime
) -> None:
    """What may be done already is looked for first; an open form is closed, a used link gone."""
    grant = keep("one")
    assert not memory.epoch.begin(now)
    for name in ("new", "open"):
        memory.drafts.put(name, ada, grant.id, {}, now)
    memory.operations.begin("new", ada, grant.id, "create", "f", {}, now)
    memory.outbox.owe("m", ada, channel="D1", message={"text": "x"}, now=now)
    link = memory.states.issue("connect", ada, {}, now=now, seconds=9000)
    copy = file.with_name("copy.db")
    back_up(memory.db, memory.epoch, copy)
    memory.close()
    put_back(copy, file)

    older = reopened(file, keyring, now)
    assert older.epoch.older()
    assert older.epoch.begin(now + timedelta(hours=1))
    operation = older.operations.get("new")
    assert operation is not None
    assert ("sending", now.isoformat(timespec="microseconds")) == (
        operation.state,
        operation.note["since"],
    )
    assert {"done"} == {row["state"] for row in older.db.rows("SELECT state FROM drafts")}
    assert None is older.states.look("connect", link, now)
    (owed,) = older.outbox.claim(now + timedelta(hours=2), 9, 1)
    assert owed.unsure
    assert "older_database" == older.audit.lines(limit=1)[0].act
    assert not older.epoch.begin(now)
    older.close()


def test_a_lost_log_is_noticed(
    memory: Memory, keep: Keep, file: Path, keyring: Keyring, now: datetime
) -> None:
    """When the write-ahead log is deleted after a crash, what it held is known to be missing."""
    keep("one")
    memory.epoch.begin(now)
    memory.db.checkpoint()
    crashed = file.with_name("crashed")
    crashed.mkdir()
    before = file.read_bytes()
    memory.epoch.step()
    (crashed / file.name).write_bytes(before)
    (crashed / SIDE).write_bytes(file.with_name(SIDE).read_bytes())

    found = reopened(crashed / file.name, keyring, now)
    assert found.epoch.older()
    found.close()


def test_a_database_alone_on_a_new_machine_counts_as_older(
    memory: Memory, keep: Keep, file: Path, keyring: Keyring, now: datetime
) -> None:
    """Nobody knows what was done since; with the file beside it, it is known."""
    keep("one")
    memory.epoch.begin(now)
    memory.close()
    same = reopened(file, keyring, now)
    assert not same.epoch.begin(now)
    same.close()
    file.with_name(SIDE).unlink()
    alone = reopened(file, keyring, now)
    assert alone.epoch.begin(now)
    alone.close()


def test_a_first_start_and_one_after_an_older_version_are_not_older(
    memory: Memory, keep: Keep, now: datetime
) -> None:
    """Nothing was counted yet; what is under way goes on."""
    assert not memory.epoch.begin(now)
    keep("one")
    assert not memory.epoch.begin(now)


def test_killed_between_the_two_numbers_nothing_is_older(
    memory: Memory, keep: Keep, file: Path, now: datetime
) -> None:
    """The database is ahead of the file, never behind."""
    keep("one")
    memory.epoch.begin(now)
    beside = file.with_name(SIDE).read_bytes()
    memory.epoch.step()
    file.with_name(SIDE).write_bytes(beside)
    assert not memory.epoch.older()
