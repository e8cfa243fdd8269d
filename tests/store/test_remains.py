"""What goes with a person: everything that names them, in whatever table it is."""

from collections.abc import Callable
from datetime import datetime

from bot.domain.connection import Grant, Owner, Tokens
from store.memory import Memory
from store.remains import OF_PERSON


def test_no_table_is_forgotten(memory: Memory) -> None:
    """A new table that names its owner goes with the person, or this test says so."""
    tables = {
        str(row["name"])
        for row in memory.db.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if " person TEXT" in row["sql"]
    }
    assert tables == {*OF_PERSON, "grants", "audit"}


def test_everything_of_one_person_goes_and_nothing_of_another(
    memory: Memory, keep: Callable[..., Grant], ada: Owner, bob: Owner, now: datetime
) -> None:
    """Both had the same."""
    for owner in (ada, bob):
        grant = keep("x", owner=owner)
        key = owner.user
        memory.states.issue("connect", owner, {}, now=now)
        memory.inbox.put(key, lane="l", kind="k", owner=owner, payload={}, now=now)
        memory.drafts.put(key, owner, grant.id, {}, now)
        memory.operations.begin(key, owner, grant.id, "create", "f", {}, now)
        memory.operations.add_series(key, ("1",))
        memory.outbox.owe(key, owner, channel=key, message={"text": "x"}, now=now)
        memory.invitations.count(key, owner, 1, now)
    assert (ada, bob) == memory.remains.people("T1") == memory.remains.holders()
    memory.remains.of_person(ada)
    memory.grants.forget(memory.grants.of(ada)[0].id)
    assert (bob,) == memory.remains.people("T1")
    assert () == memory.remains.people("T2")
    assert (("1",),) == memory.operations.series(bob.user)
    assert () == memory.operations.series(ada.user)


def test_what_is_under_way_outlives_a_grant(
    memory: Memory, keep: Callable[..., Grant], ada: Owner, now: datetime
) -> None:
    """A claimed draft and its operation stay, so that nothing is done twice; open ones go."""
    grant = keep("x")
    for name in ("open", "claimed"):
        memory.drafts.put(name, ada, grant.id, {}, now)
    memory.drafts.claim("claimed", "f", now)
    memory.operations.begin("claimed", ada, grant.id, "create", "f", {}, now)
    link = memory.states.issue("connect", ada, {}, now=now)
    memory.remains.of_grant(ada, grant.id)
    assert None is memory.drafts.get("open", ada)
    assert memory.drafts.get("claimed", ada) is not None
    assert memory.operations.get("claimed") is not None
    assert None is memory.states.look("connect", link, now)


def test_a_renewal_begun_before_a_cut_off_is_dropped(
    memory: Memory,
    keep: Callable[..., Grant],
    tokens: Callable[[str], Tokens],
    ada: Owner,
    now: datetime,
) -> None:
    """What comes back from Zoho then is not kept, and the grant stays useless."""
    grant = keep("x")
    assert memory.renewals.lease(grant.id, grant.generation, holder="h", now=now, seconds=20)
    assert memory.grants.retire(grant.id)
    late = tokens("late")
    assert not memory.renewals.keep(grant.id, grant.generation, late, now, holder="h")
    assert None is memory.grants.in_use(ada)
    assert [grant.tokens] == [one.tokens for one in memory.grants.to_revoke()]
