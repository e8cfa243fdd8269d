"""The audit: lines are added and read; nothing changes them, and they go by age alone."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from bot.domain.connection import Owner
from store.memory import Memory, open_memory
from store.sealing.keys import Keyring

DAY = timedelta(days=1)


def note(memory: Memory, ada: Owner, now: datetime, act: str = "connected") -> None:
    """Add one line about Ada."""
    memory.audit.note(act, ada, ada.user, now, grant="gr_1")


def test_lines_come_newest_first_and_page_on(memory: Memory, ada: Owner, now: datetime) -> None:
    """Each with what it tells."""
    for number in range(5):
        note(memory, ada, now + number * DAY, f"act_{number}")
    first = memory.audit.lines(limit=2)
    rest = memory.audit.lines(limit=9, before=first[-1].id)
    assert [f"act_{number}" for number in (4, 3)] == [line.act for line in first]
    assert [f"act_{number}" for number in (2, 1, 0)] == [line.act for line in rest]
    last = rest[-1]
    assert (ada, ada.user, now, {"grant": "gr_1"}) == (
        last.owner,
        last.actor,
        last.at,
        last.detail,
    )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 1",
        "REPLACE INTO audit VALUES (1, '', '', '', '', '', '')",
        "UPDATE audit SET id = 9 WHERE id = 1",
        "UPDATE OR REPLACE audit SET id = 9",
        "INSERT INTO audit VALUES (1, '', '', '', '', '', '') ON CONFLICT DO UPDATE SET act = ''",
    ],
)
def test_no_line_is_changed_or_taken_out(
    memory: Memory, ada: Owner, now: datetime, statement: str
) -> None:
    """By no statement, whoever sends it."""
    note(memory, ada, now)
    with (
        pytest.raises(sqlite3.IntegrityError, match="append-only"),
        memory.db.writing() as transaction,
    ):
        transaction.execute(statement)
    assert ["connected"] == [line.act for line in memory.audit.lines(limit=9)]


def test_old_lines_go_and_a_line_tells(memory: Memory, ada: Owner, now: datetime) -> None:
    """What is younger than asked for stays; nothing old means no line."""
    for days in (0, 50, 100):
        note(memory, ada, now + days * DAY, f"day_{days}")
    late = now + 120 * DAY
    assert 1 == memory.audit.sweep(late - 90 * DAY, late)
    assert 0 == memory.audit.sweep(late - 90 * DAY, late)
    assert ["audit_swept", "day_100", "day_50"] == [
        line.act for line in memory.audit.lines(limit=9)
    ]


def test_thirty_days_are_kept_whoever_asks(memory: Memory, ada: Owner, now: datetime) -> None:
    """A sweep of everything leaves them."""
    for days in (0, 20, 40):
        note(memory, ada, now + days * DAY, f"day_{days}")
    assert 1 == memory.audit.sweep(now + 400 * DAY, now + 40 * DAY)
    assert {"day_20", "day_40", "audit_swept"} == {line.act for line in memory.audit.lines(limit=9)}


def test_a_line_is_kept_with_its_deed_and_logged_then(
    memory: Memory, ada: Owner, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    """What is undone is neither kept nor logged."""
    caplog.set_level(logging.INFO, "parley.audit")
    with pytest.raises(ZeroDivisionError), memory.atomically():  # noqa: PT012 - both in one block
        note(memory, ada, now, "undone")
        1 / 0  # noqa: B018 - what fails doesn't matter
    note(memory, ada, now, "done")
    assert ["done"] == [line.act for line in memory.audit.lines(limit=9)]
    assert ['id=1 act=done owner=T1/UADA actor=UADA {"grant":"gr_1"}'] == caplog.messages


def test_what_the_command_line_did_is_in_the_servers_log(
    memory: Memory,
    file: Path,
    keyring: Keyring,
    ada: Owner,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Once, with the ids of the table; the server's own lines aren't said again."""
    memory.audit.say_others()
    caplog.set_level(logging.INFO, "parley.audit")
    note(memory, ada, now, "own")
    beside = open_memory(file, keyring, now)
    beside.audit.note("cut_off", ada, "console", now)
    beside.close()
    caplog.clear()
    note(memory, ada, now, "own_too")
    assert 1 == memory.audit.say_others()
    assert 0 == memory.audit.say_others()
    note(memory, ada, now, "own_again")
    assert 0 == memory.audit.say_others()
    assert ["id=3 act=own_too", "id=2 act=cut_off", "id=4 act=own_again"] == [
        " ".join(line.split()[:2]) for line in caplog.messages
    ]


def test_what_was_done_while_no_server_ran_is_said_by_the_next(
    memory: Memory, file: Path, keyring: Keyring, ada: Owner, now: datetime
) -> None:
    """And what stood before anybody counted isn't said anew."""
    note(memory, ada, now, "before")
    assert 0 == memory.audit.say_others()
    beside = open_memory(file, keyring, now)
    beside.audit.note("cut_off", ada, "console", now)
    beside.close()
    after = open_memory(file, keyring, now)
    assert 1 == after.audit.say_others()
    after.close()


def test_the_listing_leaves_nobody_out(
    memory: Memory, keep: Callable[..., object], ada: Owner, bob: Owner, now: datetime
) -> None:
    """A grant that can't be opened is listed as such; when it was used is told."""
    keep("one")
    keep("two", owner=bob, at=now + DAY)
    with memory.db.writing() as transaction:
        transaction.execute("UPDATE grants SET tokens = 'v1.x.y' WHERE person = ?", [bob.user])
    mine, broken = memory.listing.of_team("T1", limit=9)
    assert (ada, True, now) == (mine.owner, mine.readable, mine.used_at)
    assert (bob, False, ()) == (broken.owner, broken.readable, broken.scopes)
    assert (2, 0) == (memory.listing.count("T1"), memory.listing.count("T2"))
    assert [broken] == list(memory.listing.of_team(None, limit=1, skip=1))
    assert [mine.id] == [one.id for one in memory.listing.unused(now + DAY)]


def test_a_renewal_counts_as_a_use(
    memory: Memory, keep: Callable[..., object], ada: Owner, tokens: Callable[..., object]
) -> None:
    """And connecting again does."""
    keep("one")
    (listed,) = memory.listing.of(ada, datetime.fromisoformat("2026-03-01T10:00+00:00"))
    later = listed.connected_at + DAY
    memory.renewals.lease(listed.id, 1, holder="h", now=later, seconds=9)
    memory.renewals.keep(listed.id, 1, tokens("new"), later)  # type: ignore[arg-type]  # the fixture's own type
    assert [later] == [one.used_at for one in memory.listing.everything_of(ada)]
    keep("two", at=later + DAY)
    assert [later + DAY] == [one.used_at for one in memory.listing.of(ada, later)]
