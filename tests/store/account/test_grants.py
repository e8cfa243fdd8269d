"""Grants: one each, sealed for their owner, renewed by one, forgotten once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.connection import Account, DataCenter, Grant, GrantState, Owner, Tokens
from bot.domain.participants import Kind, Participant
from bot.errors import Fault
from store.account.grants import CODE_LIFE
from store.memory import Memory

Made = Callable[[str], Tokens]
Keep = Callable[..., Grant]


def _used(memory: Memory, owner: Owner) -> str | None:
    grant = memory.grants.in_use(owner)
    return None if grant is None else grant.tokens.refresh.reveal().removeprefix("refresh-")


def _to_revoke(memory: Memory) -> list[str]:
    return [one.tokens.refresh.reveal() for one in memory.grants.to_revoke()]


def test_a_grant_comes_out_as_it_went_in(
    memory: Memory, keep: Keep, ada: Owner, account: Account, tokens: Made, now: datetime
) -> None:
    """Every value of it, by id, by owner, and after keep itself."""
    kept = keep("1")

    expected = Grant(
        id=kept.id,
        owner=ada,
        data_center=DataCenter.EU,
        account=account,
        tokens=tokens("1"),
        state=GrantState.ACTIVE,
        generation=1,
        connected_at=now,
    )
    assert [expected] * 3 == [kept, memory.grants.get(kept.id), memory.grants.in_use(ada)]
    assert (expected,) == memory.grants.of(ada)
    assert memory.grants.get("gr_unknown") is None


def test_connecting_again_keeps_the_row_and_lists_the_old_tokens(
    memory: Memory, keep: Keep, ada: Owner
) -> None:
    """Same id, a generation on; what was replaced is to be revoked until it is forgotten."""
    first, second = keep("1"), keep("2")

    assert (first.id, 2) == (second.id, second.generation)
    assert _used(memory, ada) == "2"
    assert ["refresh-1"] == _to_revoke(memory)
    (old,) = memory.grants.to_revoke()
    assert memory.grants.forget(old.id)
    assert [] == _to_revoke(memory)
    assert _used(memory, ada) == "2"


def test_the_same_refresh_token_again_is_not_revoked(memory: Memory, keep: Keep) -> None:
    """The CRM may hand out the token it gave before: revoking it would end the new grant."""
    keep("1")
    keep("1")

    assert [] == _to_revoke(memory)


def test_the_last_connected_of_several_organisations_is_in_use(
    memory: Memory, keep: Keep, ada: Owner, bob: Owner, now: datetime
) -> None:
    """Each organisation has its row; other people have theirs; a clock set back is no matter."""
    keep("2", org="901")
    keep("1", org="900", at=now - timedelta(hours=1))
    keep("3", owner=bob)

    assert _used(memory, ada) == "1"
    assert _used(memory, bob) == "3"
    assert ["900", "901"] == [grant.account.org_id for grant in memory.grants.of(ada)]


def test_the_one_in_use_can_be_switched(
    memory: Memory, keep: Keep, ada: Owner, now: datetime
) -> None:
    """Back and forth, until another is connected; renewing or forgetting others changes nothing."""
    first, second = keep("1", org="900"), keep("2", org="901")

    for chosen in (first, second, first):
        assert memory.grants.use(ada, chosen.id, now)
        assert chosen == memory.grants.in_use(ada) == memory.grants.of(ada)[0]
    third = keep("3", org="902")
    assert third == memory.grants.in_use(ada)
    memory.grants.forget(third.id)
    assert first == memory.grants.in_use(ada)


def test_only_an_active_grant_of_ones_own_can_be_used(
    memory: Memory, keep: Keep, ada: Owner, bob: Owner, now: datetime
) -> None:
    """Neither somebody else's, nor a pending, retired or unknown one."""
    used, foreign = keep("1"), keep("2", owner=bob)
    pending, retired = keep("3", org="901", code="4711"), keep("4", org="902")
    memory.grants.retire(retired.id)

    for other in (foreign.id, pending.id, retired.id, "gr_unknown"):
        assert not memory.grants.use(ada, other, now)
    assert used == memory.grants.in_use(ada)


def test_a_pending_grant_leaves_the_active_one_alone_until_confirmed(
    memory: Memory, keep: Keep, ada: Owner, now: datetime
) -> None:
    """Then the active row goes on with its tokens, and the old ones are to be revoked."""
    active = keep("1")
    keep("2", code="4711")

    assert _used(memory, ada) == "1"
    confirmed = memory.grants.confirm(ada, "4711", now)
    assert confirmed is not None
    assert (active.id, 2, GrantState.ACTIVE) == (
        confirmed.id,
        confirmed.generation,
        confirmed.state,
    )
    assert _used(memory, ada) == "2"
    assert ["refresh-1"] == _to_revoke(memory)
    assert [GrantState.ACTIVE, GrantState.REVOKED] == [one.state for one in memory.grants.of(ada)]


def test_a_pending_grant_alone_becomes_the_active_one(
    memory: Memory, keep: Keep, ada: Owner, now: datetime
) -> None:
    """It keeps its id; not used before."""
    pending = keep("1", code="4711")

    assert memory.grants.in_use(ada) is None
    confirmed = memory.grants.confirm(ada, "4711", now)
    assert confirmed is not None
    assert pending.id == confirmed.id
    assert memory.grants.confirm(ada, "4711", now) is None


def test_an_active_grant_ends_a_pending_one_of_the_same_account(
    memory: Memory, keep: Keep, ada: Owner, now: datetime
) -> None:
    """The code is worth nothing any more; the pending tokens are to be revoked."""
    keep("1", code="4711")
    keep("2")

    assert memory.grants.confirm(ada, "4711", now) is None
    assert ["refresh-1"] == _to_revoke(memory)
    assert _used(memory, ada) == "2"


@pytest.mark.parametrize(("minutes", "good"), [(9.99, True), (10, False)])
def test_a_code_lives_ten_minutes(
    memory: Memory, keep: Keep, ada: Owner, now: datetime, minutes: float, good: bool
) -> None:
    """Then the grant is listed as expired, and not before."""
    pending = keep("1", code="4711")
    later = now + timedelta(minutes=minutes)

    listed = [one.id for one in memory.grants.expired_pending(later)]
    assert listed == ([] if good else [pending.id])
    assert good is (memory.grants.confirm(ada, "4711", later) is not None)


@pytest.mark.parametrize(("wrong", "good"), [(4, True), (5, False)])
def test_a_code_has_five_tries(
    memory: Memory, keep: Keep, ada: Owner, now: datetime, wrong: int, good: bool
) -> None:
    """After five wrong ones the right one is worth nothing, and the grant is listed."""
    pending = keep("1", code="4711")
    for _ in range(wrong):
        assert memory.grants.confirm(ada, "0000", now) is None

    listed = [one.id for one in memory.grants.expired_pending(now)]
    assert listed == ([] if good else [pending.id])
    assert good is (memory.grants.confirm(ada, "4711", now) is not None)


def test_a_code_works_for_its_owner_alone(
    memory: Memory, keep: Keep, bob: Owner, ada: Owner, now: datetime
) -> None:
    """Somebody else with the right code gets nothing and costs no try."""
    keep("1", code="4711")

    for _ in range(6):
        assert memory.grants.confirm(bob, "4711", now) is None
    assert memory.grants.confirm(ada, "4711", now) is not None


def test_of_many_who_confirm_one_gets_the_grant(
    memory: Memory, keep: Keep, ada: Owner, now: datetime
) -> None:
    """Five at once."""
    keep("1", code="4711")

    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(lambda _: memory.grants.confirm(ada, "4711", now), range(5)))
    assert [True] == [one is not None for one in found if one]


def test_a_grant_is_forgotten_exactly_once(
    memory: Memory, keep: Keep, ada: Owner, now: datetime
) -> None:
    """Of eight callers one hears True; the people met with it go too."""
    grant = keep("1")
    memory.renewals.lease(grant.id, 1, holder="a", now=now, seconds=3)
    memory.directory.remember(grant.id, [Participant(kind=Kind.LEAD, ref="7", name="Lee")], now)

    with ThreadPoolExecutor(8) as pool:
        gone = list(pool.map(lambda _: memory.grants.forget(grant.id), range(8)))
    assert (1, 7) == (gone.count(True), gone.count(False))
    assert () == memory.grants.of(ada)
    assert () == memory.directory.search(grant.id, "", 9)
    assert memory.renewals.since(grant.id, now) == 0


def test_a_retired_grant_is_unusable_and_to_be_revoked(
    memory: Memory, keep: Keep, ada: Owner, tokens: Made, now: datetime
) -> None:
    """Neither used, leased nor renewed; True once."""
    grant = keep("1")
    memory.renewals.lease(grant.id, 1, holder="a", now=now, seconds=3)

    assert [True, False] == [memory.grants.retire(grant.id) for _ in range(2)]
    assert memory.grants.in_use(ada) is None
    assert ["refresh-1"] == _to_revoke(memory)
    assert not memory.renewals.keep(grant.id, 1, tokens("2"), now)
    later = now + timedelta(seconds=9)
    assert not memory.renewals.lease(grant.id, 1, holder="b", now=later, seconds=3)


@pytest.mark.parametrize(
    "theft",
    [
        """UPDATE grants SET tokens = (SELECT tokens FROM grants WHERE person = 'UADA')
            WHERE person = 'UBOB'""",
        """UPDATE grants SET person = 'UBOB', data_center = 'us',
            spot = (SELECT max(spot) + 1 FROM grants WHERE person = 'UBOB')
            WHERE person = 'UADA'""",
    ],
)
def test_tokens_moved_to_another_owner_do_not_open(
    memory: Memory, keep: Keep, bob: Owner, theft: str
) -> None:
    """Neither the sealed text in another row nor the row under another name."""
    keep("1")
    keep("2", owner=bob)
    with memory.atomically() as transaction:
        assert transaction.execute(theft) == 1

    with pytest.raises(Fault, match="unreadable"):
        memory.grants.of(bob)


def test_one_unreadable_grant_keeps_no_other_from_being_revoked(
    memory: Memory, keep: Keep, bob: Owner, now: datetime
) -> None:
    """Lists of work leave it out, and it goes: nobody can take it back any more."""
    broken, good = keep("1"), keep("2", owner=bob)
    memory.grants.retire(broken.id)
    memory.grants.retire(good.id)
    with memory.atomically() as transaction:
        transaction.execute("UPDATE grants SET tokens = 'v1.x.y' WHERE id = ?", [broken.id])

    assert ["refresh-2"] == _to_revoke(memory)
    assert 1 == memory.grants.drop_unreadable(now)
    assert [(good.id,)] == memory.db.tuples("SELECT id FROM grants")


def test_an_unreadable_grant_in_use_is_left_to_its_owner(
    memory: Memory, keep: Keep, now: datetime
) -> None:
    """So are those whose code is still good: they are shown as unreadable."""
    keep("1")
    keep("2", org="2", code="4711")
    with memory.atomically() as transaction:
        transaction.execute("UPDATE grants SET tokens = 'v1.x.y'")

    assert 0 == memory.grants.drop_unreadable(now)
    assert 1 == memory.grants.drop_unreadable(now + CODE_LIFE)


def test_connecting_again_heals_an_unreadable_grant(memory: Memory, keep: Keep, ada: Owner) -> None:
    """Damaged tokens are replaced like any others."""
    grant = keep("1")
    with memory.atomically() as transaction:
        transaction.execute("UPDATE grants SET tokens = 'v1.x.y' WHERE id = ?", [grant.id])

    keep("2")
    assert _used(memory, ada) == "2"
    assert [] == _to_revoke(memory)


def test_neither_tokens_nor_codes_are_in_the_file(memory: Memory, keep: Keep, file: Path) -> None:
    """Not in the database, not in its log."""
    keep("1", code="code-4711")

    kept = b"".join(one.read_bytes() for one in file.parent.glob("parley.db*"))
    assert b"UADA" in kept
    for secret in (b"access-1", b"refresh-1", b"code-4711"):
        assert secret not in kept


def test_a_forgotten_grant_leaves_no_byte_on_disk(memory: Memory, keep: Keep, file: Path) -> None:
    """After a checkpoint even its sealed text is in neither file nor log."""
    grant = keep("1")
    (row,) = memory.db.rows("SELECT tokens FROM grants")
    sealed = row["tokens"].encode()
    memory.db.checkpoint()
    assert sealed in file.read_bytes()

    memory.grants.forget(grant.id)
    memory.db.checkpoint()

    assert sealed not in b"".join(one.read_bytes() for one in file.parent.glob("parley.db*"))


def test_a_revoked_grant_is_never_kept(
    memory: Memory, ada: Owner, account: Account, tokens: Made, now: datetime
) -> None:
    """That state is reached by retiring alone."""
    with pytest.raises(ValueError, match="revoked"):
        memory.grants.keep(
            ada, DataCenter.EU, account, tokens("1"), state=GrantState.REVOKED, now=now
        )
