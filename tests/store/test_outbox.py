"""The outbox: each message known before it is sent, one a second and channel."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from bot.domain.connection import Owner
from store.memory import Memory
from store.outbox import Owed

Owe = Callable[..., bool]
SECOND = timedelta(seconds=1)


@pytest.fixture
def owe(memory: Memory, ada: Owner, now: datetime) -> Owe:
    """``owe("key")`` owes one message in channel D1."""

    def one(key: str, *, channel: str = "D1", at: datetime = now) -> bool:
        return memory.outbox.owe(key, ada, channel=channel, message={"text": key}, now=at)

    return one


def _keys(memory: Memory, now: datetime, limit: int = 100) -> list[str]:
    return [owed.key for owed in memory.outbox.claim(now, limit, 60)]


def _state(memory: Memory, key: str) -> str:
    return str(memory.db.rows("SELECT state FROM outbox WHERE key = ?", [key])[0]["state"])


def test_a_message_comes_out_as_it_went_in(memory: Memory, ada: Owner, now: datetime) -> None:
    """With its try and its fence counted."""
    memory.outbox.owe(
        "m", ada, channel="D1", message={"n": 1}, now=now, thread_ts="1.2", replaces=("D1", "3.4")
    )

    expected = Owed(
        id=1,
        key="m",
        owner=ada,
        channel="D1",
        message={"n": 1},
        thread_ts="1.2",
        replaces=("D1", "3.4"),
        tries=1,
        fence=1,
        unsure=False,
        attempt_at=now,
    )
    assert [expected] == memory.outbox.claim(now, 9, 60)


def test_a_message_is_owed_once(memory: Memory, owe: Owe, now: datetime) -> None:
    """Also after it was sent, until it is swept."""
    assert [True, False] == [owe("m"), owe("m")]
    (item,) = memory.outbox.claim(now, 9, 60)
    memory.outbox.sent(item, "D1", "1.2")

    assert not owe("m")
    assert memory.outbox.sweep(now) == 0
    assert memory.outbox.sweep(now + SECOND) == 1
    assert owe("m")


def test_a_claimed_message_is_sending_before_anybody_can_post_it(
    memory: Memory, owe: Owe, now: datetime
) -> None:
    """Committed: a crash right after leaves a row that says so."""
    owe("m")
    memory.outbox.claim(now, 9, 60)

    assert _state(memory, "m") == "sending"


def test_a_channel_gets_one_message_a_second(memory: Memory, owe: Owe, now: datetime) -> None:
    """In the order owed; other channels don't wait."""
    for key in ("a", "b", "c"):
        owe(key)
    owe("other", channel="D2")

    assert ["a", "other"] == _keys(memory, now)
    assert now + SECOND == memory.outbox.next_due()
    owe("d", at=now)
    assert [] == _keys(memory, now + timedelta(milliseconds=999))
    assert ["b"] == _keys(memory, now + SECOND)
    assert [] == _keys(memory, now + SECOND)
    assert ["c"] == _keys(memory, now + 2 * SECOND)
    assert ["d"] == _keys(memory, now + 3 * SECOND)


def test_eight_workers_keep_to_the_pace_together(memory: Memory, owe: Owe, now: datetime) -> None:
    """At one moment each channel gives out one message, whoever asks."""
    for number in range(40):
        owe(f"m{number}", channel=f"D{number % 4}")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: memory.outbox.claim(now, 9, 60), range(16)))
    assert ["D0", "D1", "D2", "D3"] == sorted(owed.channel for mine in found for owed in mine)


def test_a_sent_message_is_found_and_empty(memory: Memory, owe: Owe, now: datetime) -> None:
    """By key, with where it is; before that it isn't found."""
    owe("m")
    (item,) = memory.outbox.claim(now, 9, 60)
    assert memory.outbox.find("m") is None

    assert [True, False] == [memory.outbox.sent(item, "D9", "1.2") for _ in range(2)]
    assert ("D9", "1.2") == memory.outbox.find("m")
    assert [{"message": ""}] == memory.db.rows("SELECT message FROM outbox")
    assert memory.outbox.next_due() is None


def test_an_attempt_without_an_end_comes_again_as_unsure(
    memory: Memory, owe: Owe, now: datetime
) -> None:
    """After the lease, with the time of the attempt, and without counting a try."""
    owe("m")
    (first,) = memory.outbox.claim(now, 9, 60)
    later = now + timedelta(seconds=60)

    assert [] == _keys(memory, later - SECOND)
    (again,) = memory.outbox.claim(later, 9, 60)
    assert (True, now, 1, 2) == (again.unsure, again.attempt_at, again.tries, again.fence)
    assert not memory.outbox.retry(first, later)
    assert not memory.outbox.failed(first, "x")
    assert not memory.outbox.unsure(first, later)


def test_an_unsure_message_is_looked_for_when_told(memory: Memory, owe: Owe, now: datetime) -> None:
    """Not found, it is owed again and then a second try."""
    owe("m")
    (item,) = memory.outbox.claim(now, 9, 60)
    quiet = now + timedelta(seconds=90)
    assert memory.outbox.unsure(item, quiet)

    assert quiet == memory.outbox.next_due()
    assert [] == _keys(memory, quiet - SECOND)
    (item,) = memory.outbox.claim(quiet, 9, 60)
    assert item.unsure
    assert memory.outbox.retry(item, quiet)
    (item,) = memory.outbox.claim(quiet, 9, 60)
    assert (False, 2, quiet) == (item.unsure, item.tries, item.attempt_at)


def test_looking_does_not_slow_the_channel(memory: Memory, owe: Owe, now: datetime) -> None:
    """A message of the channel goes out beside a look for another."""
    owe("m")
    memory.outbox.claim(now, 9, 60)
    later = now + timedelta(seconds=60)
    owe("n", at=later)

    assert ["m", "n"] == sorted(_keys(memory, later))


def test_proof_of_sending_counts_whoever_brings_it(memory: Memory, owe: Owe, now: datetime) -> None:
    """A slow worker's answer keeps the message from being sent a second time."""
    owe("m")
    (slow,) = memory.outbox.claim(now, 9, 60)
    later = now + timedelta(seconds=60)
    (quick,) = memory.outbox.claim(later, 9, 60)
    memory.outbox.retry(quick, later)

    assert memory.outbox.sent(slow, "D1", "1.2")
    assert [] == _keys(memory, later + timedelta(hours=1))


def test_a_message_put_back_comes_when_it_is_due(memory: Memory, owe: Owe, now: datetime) -> None:
    """Retry-After honoured; given up it is gone for good, its words too."""
    owe("m")
    (item,) = memory.outbox.claim(now, 9, 60)
    later = now + timedelta(seconds=30)
    memory.outbox.retry(item, later)

    assert later == memory.outbox.next_due()
    assert [] == _keys(memory, later - SECOND)
    (item,) = memory.outbox.claim(later, 9, 60)
    assert memory.outbox.failed(item, "channel_not_found")
    assert memory.outbox.find("m") is None
    assert [{"why": "channel_not_found", "message": ""}] == memory.db.rows(
        "SELECT why, message FROM outbox"
    )
    assert not memory.outbox.sent(item, "D1", "1.2")


def test_no_more_than_asked_are_handed_out(memory: Memory, owe: Owe, now: datetime) -> None:
    """The oldest first."""
    for number in range(5):
        owe(f"m{number}", channel=f"D{number}")

    assert ["m0", "m1"] == _keys(memory, now, 2)


def test_an_unreadable_message_fails_and_stops_no_other(
    memory: Memory, owe: Owe, now: datetime
) -> None:
    """It has failed, and its channel goes on at once."""
    owe("broken")
    owe("good")
    with memory.atomically() as transaction:
        transaction.execute("UPDATE outbox SET message = 'v1.x.y' WHERE key = 'broken'")

    assert [] == _keys(memory, now)
    assert ["good"] == _keys(memory, now)
    assert _state(memory, "broken") == "failed"


def test_a_message_owed_in_an_undone_transaction_is_not_owed(
    memory: Memory, owe: Owe, now: datetime
) -> None:
    """With the work it belongs to, or not at all."""

    def fail() -> None:
        with memory.atomically():
            owe("m")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [] == _keys(memory, now)
