"""Where an owner's rows lie: in one stretch, apart from others that share it, and never beyond."""

from collections.abc import Callable

import pytest

from bot.domain.connection import Grant, Owner
from bot.errors import Fault
from store.account.spots import STRETCH, first_spot, next_spot, of_owner
from store.memory import Memory

Keep = Callable[..., Grant]


def test_where_a_stretch_begins_never_changes() -> None:
    """Files of every version have it so."""
    assert 244111402008576 == first_spot("T1", "UADA")


def test_owners_who_share_a_stretch_are_kept_apart(
    memory: Memory, keep: Keep, ada: Owner, bob: Owner
) -> None:
    """Bob's row in Ada's stretch, as where two digests agree: neither has the other's."""
    keep("1")
    kept = keep("2", owner=bob)
    with memory.db.writing() as transaction:
        transaction.execute("UPDATE grants SET spot = ? WHERE id = ?", [of_owner(ada)[1], kept.id])
    assert ["access-1"] == [one.tokens.access.reveal() for one in memory.grants.of(ada)]


def test_a_full_stretch_is_refused(memory: Memory, keep: Keep, ada: Owner) -> None:
    """A row is never put where its owner wouldn't find it."""
    keep("1")
    first, last, _, _ = of_owner(ada)
    assert STRETCH == last - first + 1
    with memory.db.writing() as transaction:
        assert first + 1 == next_spot(transaction, ada)
        transaction.execute("UPDATE grants SET spot = ?", [last])
        with pytest.raises(Fault, match="owner_full"):
            next_spot(transaction, ada)
