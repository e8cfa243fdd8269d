"""Operations: begun once, moved along the allowed ways by one, looked at when due."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.connection import Owner
from store.memory import Memory
from store.operations import MOVES, Operation, OperationState

PATHS: dict[str, tuple[str, ...]] = {
    "new": (),
    "sending": ("sending",),
    "confirmed": ("sending", "confirmed"),
    "ambiguous": ("sending", "ambiguous"),
    "failed": ("sending", "failed"),
    "asked": ("sending", "ambiguous", "asked"),
}


def _begin(memory: Memory, owner: Owner, now: datetime, *, number: int = 1) -> bool:
    return memory.operations.begin("d", owner, "g", "create", "f", {"n": number}, now)


def _bring(memory: Memory, now: datetime, state: str) -> None:
    at = "new"
    for to in PATHS[state]:
        assert memory.operations.move("d", (at,), to, now=now)
        at = to


def _get(memory: Memory) -> Operation:
    found = memory.operations.get("d")
    assert found is not None
    return found


def test_an_operation_comes_out_as_it_went_in(memory: Memory, ada: Owner, now: datetime) -> None:
    """New, without attempts, notes or a time to look again."""
    _begin(memory, ada, now)

    expected = Operation(
        id="d",
        owner=ada,
        grant_id="g",
        kind="create",
        fingerprint="f",
        body={"n": 1},
        note={},
        state=OperationState.NEW,
        attempts=0,
        fence=0,
        due=None,
        created_at=now,
        updated_at=now,
    )
    assert expected == memory.operations.get("d")
    assert memory.operations.get("unknown") is None


@pytest.mark.parametrize("state", PATHS)
def test_an_operation_begins_once_unless_it_failed(
    memory: Memory, ada: Owner, bob: Owner, now: datetime, state: str
) -> None:
    """A failed one begins anew with what is wanted now, for its owner alone."""
    _begin(memory, ada, now)
    _bring(memory, now, state)
    before = _get(memory)

    assert not _begin(memory, bob, now, number=3)
    assert (state == "failed") is _begin(memory, ada, now, number=2)
    after = _get(memory)
    if state == "failed":
        assert ({"n": 2}, "new", 1) == (after.body, after.state, after.attempts)
    else:
        assert before == after


def test_of_many_who_begin_one_hears_true(memory: Memory, ada: Owner, now: datetime) -> None:
    """Eight at once."""
    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(lambda _: _begin(memory, ada, now), range(8)))
    assert (1, 7) == (begun.count(True), begun.count(False))


@pytest.mark.parametrize("state", PATHS)
@pytest.mark.parametrize("to", list(OperationState))
def test_only_the_allowed_moves_are_made(
    memory: Memory, ada: Owner, now: datetime, state: str, to: OperationState
) -> None:
    """Any other is our own mistake and changes nothing."""
    _begin(memory, ada, now)
    _bring(memory, now, state)

    if to in MOVES[OperationState(state)]:
        assert memory.operations.move("d", (state,), to, now=now)
        assert to == _get(memory).state
    else:
        with pytest.raises(ValueError, match="no move"):
            memory.operations.move("d", (state,), to, now=now)
        assert state == _get(memory).state


def test_a_confirmed_operation_never_moves() -> None:
    """What the CRM made is made."""
    assert frozenset() == MOVES[OperationState.CONFIRMED]
    assert set(OperationState) == set(MOVES)


def test_a_move_counts_and_notes(memory: Memory, ada: Owner, now: datetime) -> None:
    """Attempts by sending, the fence by every move; notes add up; due is as told."""
    _begin(memory, ada, now)
    due, later = now + timedelta(seconds=60), now + timedelta(seconds=1)

    memory.operations.move("d", ("new",), "sending", now=now, note={"a": 1, "b": 1}, due=due)
    sending = _get(memory)
    assert (1, 1, due, {"a": 1, "b": 1}) == (
        sending.attempts,
        sending.fence,
        sending.due,
        sending.note,
    )
    memory.operations.move("d", ("asked", "sending"), "ambiguous", now=later, note={"b": 2})
    expected = replace(sending, state=OperationState.AMBIGUOUS, fence=2, due=None, updated_at=later)
    assert replace(expected, note={"a": 1, "b": 2}) == _get(memory)


def test_a_move_from_elsewhere_or_with_an_old_fence_changes_nothing(
    memory: Memory, ada: Owner, now: datetime
) -> None:
    """And says False."""
    _begin(memory, ada, now)
    _bring(memory, now, "ambiguous")
    before = _get(memory)

    assert not memory.operations.move("d", ("sending",), "confirmed", now=now, note={"x": 1})
    assert not memory.operations.move("d", ("ambiguous",), "confirmed", now=now, fence=1)
    assert not memory.operations.move("unknown", ("new",), "sending", now=now)
    assert before == _get(memory)
    assert memory.operations.move("d", ("ambiguous",), "confirmed", now=now, fence=2)


def test_of_many_who_move_one_hears_true(memory: Memory, ada: Owner, now: datetime) -> None:
    """Eight want to send: one does."""
    _begin(memory, ada, now)

    def send(_: int) -> bool:
        return memory.operations.move("d", ("new",), "sending", now=now)

    with ThreadPoolExecutor(8) as pool:
        sent = list(pool.map(send, range(8)))
    assert (1, 7) == (sent.count(True), sent.count(False))


def test_series_are_noted_once_and_in_order(memory: Memory, ada: Owner, now: datetime) -> None:
    """A rule that becomes two series keeps both; noting again changes nothing."""
    _begin(memory, ada, now)
    for ids in (("9", "8"), ("1",), ("9", "8")):
        memory.operations.add_series("d", ids)

    assert (("9", "8"), ("1",)) == memory.operations.series("d")
    assert () == memory.operations.series("unknown")


def test_a_swept_operation_is_empty_and_still_known(
    memory: Memory, ada: Owner, now: datetime
) -> None:
    """Its words go; that it was done, and as which records, stays."""
    _begin(memory, ada, now)
    _bring(memory, now, "confirmed")
    memory.operations.add_series("d", ("1",))

    assert [0, 1, 0] == [
        memory.operations.sweep(now),
        memory.operations.sweep(now + timedelta(seconds=1)),
        memory.operations.sweep(now + timedelta(seconds=1)),
    ]
    assert ({}, "confirmed") == (_get(memory).body, _get(memory).state)
    assert not _begin(memory, ada, now)
    assert (("1",),) == memory.operations.series("d")


@pytest.mark.parametrize(("state", "swept"), [("new", 1), ("asked", 1), ("ambiguous", 0)])
def test_what_waits_for_a_person_who_never_came_is_emptied_too(
    memory: Memory, ada: Owner, now: datetime, state: str, swept: int
) -> None:
    """What is still being looked up is not."""
    _begin(memory, ada, now)
    _bring(memory, now, state)
    assert swept == memory.operations.sweep(now + timedelta(seconds=1))


def test_a_write_under_way_may_stop_to_ask(memory: Memory, ada: Owner, now: datetime) -> None:
    """And goes on with the person's answer."""
    _begin(memory, ada, now)
    _bring(memory, now, "sending")
    assert memory.operations.move("d", ("sending",), "asked", now=now)
    assert memory.operations.move("d", ("asked",), "sending", now=now)
