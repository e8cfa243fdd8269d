"""Connecting and leaving when something else happens meanwhile, or nothing works."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from bot.domain.connection import DataCenter, GrantState, Owner, Secret
from bot.errors import NotAllowed, Refused, TryLater
from bot.journeys.account.connecting import same_address
from bot.journeys.account.leaving import Leaving
from handlers.wiring.connections import kept
from tests.bot.journeys.connecting import ADA, BEN, PAT, Town, town

REVOKE = "/oauth/v2/token/revoke"
_BUSY = '{"error_description":"You have made too many requests","error":"Access Denied"}'


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    """A town in which the time stands still unless a test moves it."""
    with town(tmp_path / "parley.db") as made:
        made.sandbox.clock.freeze(made.now())
        yield made


def refuse(here: Town, what: str) -> None:
    """Let the database refuse a kind of write, as where there is no room for it."""
    with here.memory.db.writing() as transaction:
        transaction.execute(
            f"CREATE TRIGGER no_room BEFORE {what} BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )


def alive(here: Town) -> int:
    """Return how many refresh tokens are good at Zoho."""
    return len(here.sandbox.crm.world.grants._refresh)


def revocations(here: Town) -> int:
    """Return how often Zoho was asked to take a token back."""
    return sum(one["path"] == REVOKE for one in here.sandbox.crm.traffic.listing())


def two_grants(here: Town, owner: Owner) -> tuple[str, str]:
    """Connect *owner*, and once more at another organisation; return their grants' ids."""
    first = here.memory.grants.get(here.connected(owner, "ada@example.com"))
    assert first is not None
    second = here.memory.grants.keep(
        owner,
        DataCenter.US,
        replace(first.account, org_id="77", email="ada@second.example"),
        replace(first.tokens, refresh=Secret("1000.elsewhere.token")),
        state=GrantState.ACTIVE,
        now=here.now(),
    )
    return first.id, second.id


def test_tokens_that_cant_be_kept_are_given_back(here: Town) -> None:
    """A full disk leaves no permission at Zoho that nobody knows of."""
    before = alive(here)
    begun = here.begin(ADA)
    back = here.consent(begun.consent_url, "ada@example.com")
    refuse(here, "INSERT ON grants")
    with pytest.raises(sqlite3.IntegrityError):
        here.connect.finish(**back, cookie=begun.cookie.reveal(), now=here.now())
    assert before == alive(here)


@pytest.mark.parametrize(("owner", "email"), [(ADA, "ada@example.com"), (PAT, "grace@example.com")])
def test_a_connection_that_stands_is_told_though_the_old_one_cant_go(
    here: Town, owner: Owner, email: str
) -> None:
    """What is left over is the sweep's; the person isn't told that nothing was linked."""
    here.connected(owner, email)
    refuse(here, "DELETE ON grants WHEN OLD.state = 'revoked'")
    grant_id = here.connected(owner, email)
    assert here.memory.grants.in_use(owner) is not None
    assert 1 == len(here.memory.grants.to_revoke())
    with here.memory.db.writing() as transaction:
        transaction.execute("DROP TRIGGER no_room")
    assert 1 == here.leaving.sweep(here.now())
    assert [grant_id] == [one.id for one in here.memory.grants.of(owner)]


def test_who_left_while_signing_in_is_not_connected(here: Town) -> None:
    """Slack is asked when the tokens are there; they are given back."""
    begun = here.begin(ADA)
    back = here.consent(begun.consent_url, "ada@example.com")
    before = alive(here)
    people = here.sandbox.slack.workspace.people
    people["U0ADA"] = replace(people["U0ADA"], deleted=True)
    with pytest.raises(NotAllowed) as refusal:
        here.connect.finish(**back, cookie=begun.cookie.reveal(), now=here.now())
    assert "deactivated" == refusal.value.code
    assert () == here.memory.grants.of(ADA)
    assert before == alive(here)


def test_an_address_is_the_one_slack_has_now(here: Town) -> None:
    """Somebody given another address a minute ago isn't linked by the old one."""
    begun = here.begin(ADA)
    back = here.consent(begun.consent_url, "ada@example.com")
    people = here.sandbox.slack.workspace.people
    people["U0ADA"] = replace(people["U0ADA"], email="ada.moreno@example.com")
    outcome = here.connect.finish(**back, cookie=begun.cookie.reveal(), now=here.now())
    assert outcome.code is not None


@pytest.mark.parametrize(
    ("slack", "crm", "same"),
    [
        ("Ada@Example.COM ", "ada@example.com", True),
        (None, "ada@example.com", False),
        ("", "", False),
        ("strau\u00df@example.com", "strauss@example.com", False),
        ("\u212aay@example.com", "kay@example.com", False),
        ("\uff41da@example.com", "ada@example.com", False),
        ("j\u00fcrgen@example.com", "j\u00fcrgen@example.com", True),
    ],
)
def test_addresses_are_the_same_but_for_plain_case_alone(
    slack: str | None, crm: str, same: bool
) -> None:
    """Letters that only fold to one another are another person's address."""
    assert same == same_address(slack, crm)


def test_while_zoho_is_away_the_sweep_asks_once(here: Town) -> None:
    """Not once for everybody who left: the rest of the sweep must not wait for that."""
    for owner, email in ((ADA, "ada@example.com"), (BEN, "ben@example.com")):
        here.connected(owner, email)
    here.control("/control/faults", _away())
    for owner in (ADA, BEN):
        here.leaving.cut_off(owner, here.now(), actor="slack", act="deactivated")
    before = revocations(here)
    assert 0 == here.leaving.sweep(here.now())
    once = revocations(here) - before
    here.leaving.give_back(Secret("1000.one.more"), DataCenter.US)
    assert once == revocations(here) - before - once
    here.sandbox.crm.faults.clear()
    assert 2 == here.leaving.sweep(here.now())


@pytest.mark.parametrize("status", [200, 400])
def test_zoho_too_busy_to_revoke_is_asked_again(here: Town, status: int) -> None:
    """Its "Access Denied" means too many requests: the permission still stands."""
    before = alive(here)
    here.connected(ADA, "ada@example.com")
    here.control("/control/faults", {**_away(), "status": status, "body": _BUSY})
    with pytest.raises(TryLater):
        here.connect.disconnect(ADA, here.now())
    here.leaving.cut_off(ADA, here.now(), actor="slack", act="deactivated")
    assert 1 == len(here.memory.grants.to_revoke())
    here.sandbox.crm.faults.clear()
    assert 1 == here.leaving.sweep(here.now())
    assert before == alive(here)


def test_all_of_a_team_are_useless_before_zoho_is_asked(here: Town) -> None:
    """Nobody's connection works on while Zoho is being told of another's."""
    for owner, email in ((ADA, "ada@example.com"), (BEN, "ben@example.com")):
        here.connected(owner, email)
    asked: list[int] = []
    leaving = Leaving(
        kept(here.memory),
        here.accounts,
        ends=[lambda _owner, _grant, _now: asked.append(revocations(here))],
    )
    assert 2 == leaving.team("T0PARLEY", here.now(), actor="slack", act="uninstalled")
    assert [0, 0] == asked
    assert 2 == revocations(here)
    assert () == here.memory.remains.people("T0PARLEY")


def test_who_comes_back_keeps_what_they_connect_then(here: Town) -> None:
    """The permission of before goes when Zoho answers; the new one isn't taken for it."""
    old = here.memory.grants.get(here.connected(ADA, "ada@example.com"))
    assert old is not None
    here.control("/control/faults", _away())
    here.leaving.cut_off(ADA, here.now(), actor="slack", act="deactivated", whole=True)
    new = here.memory.grants.get(here.connected(ADA, "ada@example.com"))
    assert new is not None
    here.sandbox.crm.faults.clear()
    assert 1 == here.leaving.sweep(here.now())
    assert [new.id] == [one.id for one in here.memory.grants.of(ADA)]
    known = here.sandbox.crm.world.grants
    assert None is known.refresh(old.tokens.refresh.reveal())
    assert known.refresh(new.tokens.refresh.reveal()) is not None


def test_one_of_two_places_away_keeps_that_one_alone(here: Town) -> None:
    """What Zoho took back is gone here too, and is said."""
    two_grants(here, ADA)
    here.control("/control/faults", {**_away(), "skip": 1})
    assert 1 == len(here.connect.disconnect(ADA, here.now()))
    assert 1 == len(here.memory.grants.of(ADA))
    with pytest.raises(TryLater):
        here.connect.disconnect(ADA, here.now())
    here.sandbox.crm.faults.clear()
    assert 1 == len(here.connect.disconnect(ADA, here.now()))


def test_what_looks_like_an_attack_is_in_the_audit(here: Town) -> None:
    """A sign-in that comes back in another browser, and a code that is guessed at."""
    begun = here.begin(PAT)
    back = here.consent(begun.consent_url, "grace@example.com")
    with pytest.raises(NotAllowed):
        here.connect.finish(**back, cookie="another", now=here.now())
    begun = here.begin(PAT)
    back = here.consent(begun.consent_url, "grace@example.com")
    here.connect.finish(**back, cookie=begun.cookie.reveal(), now=here.now())
    for typed in ("AAAAAAAA", "short"):
        with pytest.raises(Refused):
            here.connect.confirm(PAT, typed, here.now())
    assert [
        ("sign_in_refused", PAT, "web"),
        ("code_asked", PAT, PAT.user),
        ("code_refused", PAT, PAT.user),
    ] == [(one.act, one.owner, one.actor) for one in reversed(here.memory.audit.lines(limit=9))]


def _away() -> dict[str, object]:
    fault = {"method": "*", "path": REVOKE, "kind": "answer", "status": 503, "body": ""}
    return {**fault, "times": None}
