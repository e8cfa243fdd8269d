"""Links: unguessable, for one purpose, for a while, once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.connection import Owner
from store.memory import Memory
from store.states import State


@pytest.mark.parametrize(
    ("purpose", "prefix"),
    [("state", "parley_st_"), ("connect", "parley_cn_"), ("ticket", "parley_ticket_")],
)
def test_a_link_names_its_purpose_and_is_random(
    memory: Memory, ada: Owner, now: datetime, purpose: str, prefix: str
) -> None:
    """43 digits of base 62 after the prefix; two are never the same."""
    first, second = (memory.states.issue(purpose, ada, {}, now=now) for _ in range(2))

    assert prefix == first[: len(prefix)]
    assert first[len(prefix) :].isalnum()
    assert len(first[len(prefix) :]) == 43
    assert first != second


def test_looking_consumes_nothing_and_taking_does(
    memory: Memory, ada: Owner, now: datetime
) -> None:
    """What was noted comes out, with whose it is and until when."""
    link = memory.states.issue("connect", ada, {"team": "Ü", "n": [1]}, now=now, seconds=60)

    expected = State(
        owner=ada, note={"team": "Ü", "n": [1]}, expires_at=now + timedelta(seconds=60)
    )
    assert [expected] * 2 == [memory.states.look("connect", link, now) for _ in range(2)]
    assert expected == memory.states.take("connect", link, now)
    assert memory.states.take("connect", link, now) is None
    assert memory.states.look("connect", link, now) is None


def test_a_link_works_for_its_purpose_alone(memory: Memory, ada: Owner, now: datetime) -> None:
    """Tried for another it is neither valid nor used up."""
    link = memory.states.issue("connect", ada, {}, now=now)

    assert memory.states.look("state", link, now) is None
    assert memory.states.take("state", link, now) is None
    assert memory.states.take("connect", link, now) is not None


@pytest.mark.parametrize("text", ["", "parley_cn_", "\ud800", "x" * 10_000, "parley_cn_é"])
def test_any_other_text_is_no_link(memory: Memory, now: datetime, text: str) -> None:
    """None, not an error."""
    assert memory.states.take("connect", text, now) is None


def test_a_link_ends_and_is_swept(memory: Memory, ada: Owner, now: datetime) -> None:
    """At its end it isn't valid; the sweep deletes it and no other."""
    link = memory.states.issue("connect", ada, {}, now=now)
    memory.states.issue("connect", ada, {}, now=now, seconds=3600)
    end = now + timedelta(seconds=600)

    assert memory.states.look("connect", link, end - timedelta(microseconds=1)) is not None
    assert memory.states.look("connect", link, end) is None
    assert memory.states.take("connect", link, end) is None
    assert [1, 0] == [memory.states.sweep(end) for _ in range(2)]


def test_of_eight_who_take_a_link_one_gets_it(memory: Memory, ada: Owner, now: datetime) -> None:
    """Fifty rounds."""
    with ThreadPoolExecutor(8) as pool:
        for _ in range(50):
            link = memory.states.issue("connect", ada, {}, now=now)
            found = list(
                pool.map(lambda text: memory.states.take("connect", text, now), [link] * 8)
            )
            assert 1 == sum(one is not None for one in found)


def test_the_file_never_holds_the_link(
    memory: Memory, ada: Owner, now: datetime, file: Path
) -> None:
    """Its SHA-256 alone, and the note sealed."""
    link = memory.states.issue("connect", ada, {"secret": "note-42"}, now=now)

    kept = b"".join(one.read_bytes() for one in file.parent.glob("parley.db*"))
    assert link.rsplit("_", 1)[1].encode() not in kept
    assert b"note-42" not in kept


@pytest.mark.parametrize("purpose", ["", "Connect", "a b", "x_y"])
def test_a_purpose_is_a_word(memory: Memory, ada: Owner, now: datetime, purpose: str) -> None:
    """Anything else is our own mistake."""
    with pytest.raises(ValueError, match="purpose"):
        memory.states.issue(purpose, ada, {}, now=now)


def test_a_made_up_link_waits_for_no_writer(memory: Memory, now: datetime) -> None:
    """Anybody may send them, as many as they like: nobody's write is held up by one."""
    found: list[object] = []
    stranger = threading.Thread(
        target=lambda: found.append(memory.states.take("state", "parley_st_nothing", now))
    )
    with memory.db.writing():
        stranger.start()
        stranger.join(5)
        assert [None] == found
    stranger.join()
