"""Drafts: changed by version, created once, seen by their owner alone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from bot.domain.connection import Owner
from bot.errors import Fault
from store.drafts import DraftState, StoredDraft
from store.memory import Memory


def test_a_draft_is_seen_by_its_owner_alone(
    memory: Memory, ada: Owner, bob: Owner, now: datetime
) -> None:
    """It comes out as it went in; for anybody else it isn't there."""
    memory.drafts.put("d", ada, "g", {"title": "Über"}, now)

    expected = StoredDraft(
        id="d",
        owner=ada,
        grant_id="g",
        data={"title": "Über"},
        version=1,
        state=DraftState.OPEN,
        fingerprint=None,
        updated_at=now,
    )
    assert expected == memory.drafts.get("d", ada)
    assert memory.drafts.get("d", bob) is None
    assert memory.drafts.get("d", Owner("T2", ada.user)) is None


def test_nobody_overwrites_anothers_draft_or_an_ended_one(
    memory: Memory, ada: Owner, bob: Owner, now: datetime
) -> None:
    """Putting it again works for the owner while it is open, one version on."""
    memory.drafts.put("d", ada, None, {"n": 1}, now)
    memory.drafts.put("d", ada, None, {"n": 2}, now)
    with pytest.raises(Fault, match="draft_taken"):
        memory.drafts.put("d", bob, None, {"n": 3}, now)
    memory.drafts.finish("d", now)
    with pytest.raises(Fault, match="draft_taken"):
        memory.drafts.put("d", ada, None, {"n": 4}, now)

    stored = memory.drafts.get("d", ada)
    assert stored is not None
    assert ({"n": 2}, 2, "done") == (stored.data, stored.version, stored.state)


def test_of_many_changes_of_one_version_one_is_kept(
    memory: Memory, ada: Owner, now: datetime
) -> None:
    """The others hear None and change nothing."""
    memory.drafts.put("d", ada, None, {}, now)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: memory.drafts.save("d", {"n": n}, 1, now), range(8)))
    assert [2] == [version for version in found if version is not None]
    stored = memory.drafts.get("d", ada)
    assert stored is not None
    assert {"n": found.index(2)} == stored.data
    assert memory.drafts.save("unknown", {}, 1, now) is None


def test_of_many_clicks_one_claims_the_draft(memory: Memory, ada: Owner, now: datetime) -> None:
    """Afterwards it isn't open: it can't be changed or claimed until it is reopened."""
    memory.drafts.put("d", ada, None, {"n": 1}, now)

    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda n: memory.drafts.claim("d", f"f{n}", now), range(8)))
    assert (1, 7) == (claims.count(True), claims.count(False))
    assert memory.drafts.save("d", {"n": 2}, 1, now) is None
    stored = memory.drafts.get("d", ada)
    assert stored is not None
    assert ("claimed", f"f{claims.index(True)}") == (stored.state, stored.fingerprint)

    memory.drafts.reopen("d", {"n": 3}, now + timedelta(seconds=1))
    stored = memory.drafts.get("d", ada)
    assert stored is not None
    assert ("open", {"n": 3}, 2) == (stored.state, stored.data, stored.version)
    assert (None, now + timedelta(seconds=1)) == (stored.fingerprint, stored.updated_at)
    assert memory.drafts.claim("d", "f", now)


def test_only_a_claimed_draft_is_reopened(memory: Memory, ada: Owner, now: datetime) -> None:
    """An open one keeps what the person typed; a finished one stays finished."""
    memory.drafts.put("d", ada, None, {"n": 1}, now)
    memory.drafts.reopen("d", {"n": 2}, now)
    memory.drafts.finish("d", now)
    memory.drafts.reopen("d", {"n": 3}, now)

    stored = memory.drafts.get("d", ada)
    assert stored is not None
    assert ({"n": 1}, "done") == (stored.data, stored.state)
    assert not memory.drafts.claim("d", "f", now)


def test_the_open_draft_changed_last_is_the_latest(
    memory: Memory, ada: Owner, bob: Owner, now: datetime
) -> None:
    """Not an ended one, not somebody else's."""
    assert memory.drafts.latest_open(ada) is None
    for number, name in enumerate(("a", "b", "c")):
        memory.drafts.put(name, ada, None, {}, now + timedelta(seconds=number))
    memory.drafts.put("d", bob, None, {}, now + timedelta(hours=1))
    memory.drafts.finish("c", now)
    memory.drafts.save("a", {}, 1, now + timedelta(minutes=1))

    found = memory.drafts.latest_open(ada)
    assert found is not None
    assert found.id == "a"


def test_old_drafts_go_and_submitted_ones_a_week_later(
    memory: Memory, ada: Owner, now: datetime
) -> None:
    """A submitted one is still needed by its operation; a change counts as new."""
    for name in ("old", "sent", "new"):
        memory.drafts.put(name, ada, None, {"n": 1}, now)
    memory.drafts.claim("sent", "f", now)
    memory.drafts.save("new", {"n": 2}, 1, now + timedelta(hours=1))

    def kept() -> list[str]:
        return [name for name in ("old", "sent", "new") if memory.drafts.get(name, ada)]

    assert memory.drafts.sweep(now + timedelta(seconds=1)) == 1
    assert ["sent", "new"] == kept()
    assert memory.drafts.sweep(now + timedelta(hours=2)) == 1
    assert ["sent"] == kept()
    memory.drafts.sweep(now + timedelta(days=7, seconds=1))
    assert [] == kept()


def test_kinds_of_drafts_know_nothing_of_each_other(
    memory: Memory, ada: Owner, now: datetime
) -> None:
    """A form for an export is never taken for a meeting that waits."""
    memory.export_forms.put("e1", ada, None, {"module": "Leads"}, now)
    assert memory.drafts.get("e1", ada) is None
    assert memory.drafts.latest_open(ada) is None
    with pytest.raises(Fault, match="draft_taken"):
        memory.drafts.put("e1", ada, None, {"title": "Review"}, now)
    found = memory.export_forms.latest_open(ada)
    assert found is not None
    assert {"module": "Leads"} == found.data
