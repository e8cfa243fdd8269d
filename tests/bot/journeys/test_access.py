"""A fresh token for every call, renewed by one, lost once."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.connection import Access, GrantState
from bot.errors import Fault, NotConnected, ParleyError, TryLater
from tests.bot.journeys.connecting import ADA, Town, town

Threads = list[threading.Thread]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    """A town in which the time stands still unless a test moves it."""
    with town(tmp_path / "parley.db") as made:
        made.sandbox.clock.freeze(made.now())
        yield made


def who(here: Town, grant_id: str) -> str:
    """Ask the CRM who acts, through the access."""
    return here.access.call(
        grant_id, lambda access: here.accounts.whoami(access).email, now=here.now
    )


def run_together(count: int, work: object) -> None:
    """Run *work* in threads that start at one moment."""
    gate = threading.Barrier(count)

    def one() -> None:
        gate.wait()
        work()  # type: ignore[operator]  # a plain callable

    threads: Threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_token_with_life_left_is_used_as_it_is(here: Town) -> None:
    """No refresh while more than a minute is left."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.pass_time(3600 - 61)
    assert who(here, grant_id) == "ada@example.com"
    assert here.refresh_calls() == 0


def test_a_token_in_its_last_minute_is_renewed_first(here: Town) -> None:
    """At sixty seconds the token is renewed before the call."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.pass_time(3600 - 60)
    assert who(here, grant_id) == "ada@example.com"
    assert here.refresh_calls() == 1
    kept = here.memory.grants.get(grant_id)
    assert kept is not None
    assert kept.generation == 2


def test_many_threads_and_two_processes_renew_once(here: Town) -> None:
    """Eight callers over two holders cause one refresh, and all are answered."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.pass_time(3600)
    # The waiters' sleep is real here: the time stands still, the lease doesn't end.
    pause = threading.Event().wait
    homes = [here.access_of("one", pause), here.access_of("two", pause)]
    here.control("/control/faults", _slow_token(0.3))
    answers: list[str] = []
    turns = iter(homes * 4)
    lock = threading.Lock()

    def call() -> None:
        with lock:
            access = next(turns)
        answers.append(
            access.call(grant_id, lambda got: here.accounts.whoami(got).email, now=here.now)
        )

    run_together(8, call)
    assert ["ada@example.com"] * 8 == answers
    assert here.refresh_calls() == 1


def test_a_token_the_crm_does_not_know_is_renewed_and_the_call_made_again(here: Town) -> None:
    """A 401 of a live token costs one refresh and one more call."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.control("/control/tokens/revoke", {"all": True, "access_only": True})
    calls: list[Access] = []

    def do(access: Access) -> str:
        calls.append(access)
        return here.accounts.whoami(access).email

    assert here.access.call(grant_id, do, now=here.now) == "ada@example.com"
    assert len(calls) == 2
    assert calls[0].token != calls[1].token
    assert here.refresh_calls() == 1


def test_a_fresh_token_that_is_refused_is_a_fault(here: Town) -> None:
    """The call isn't made a third time."""
    grant_id = here.connected(ADA, "ada@example.com")
    calls: list[Access] = []

    def do(access: Access) -> None:
        calls.append(access)
        raise NotConnected("expired")

    with pytest.raises(Fault) as refusal:
        here.access.call(grant_id, do, now=here.now)
    assert refusal.value.code == "token_refused"
    assert len(calls) == 2


@pytest.mark.parametrize("code", ["scope", "none"])
def test_other_refusals_of_the_crm_are_passed_on(here: Town, code: str) -> None:
    """Only an expired token is renewed."""
    grant_id = here.connected(ADA, "ada@example.com")

    def do(_access: Access) -> None:
        raise NotConnected(code)

    with pytest.raises(NotConnected) as refusal:
        here.access.call(grant_id, do, now=here.now)
    assert refusal.value.code == code
    assert here.refresh_calls() == 0


def test_a_refused_refresh_forgets_the_grant_and_tells_once(here: Town) -> None:
    """Eight callers of a revoked grant: one refresh decides, one notice is owed."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.notices()
    here.control("/control/tokens/revoke", {"all": True})
    here.pass_time(3600)
    access = here.access_of("one", threading.Event().wait)
    codes: list[str] = []

    def call() -> None:
        try:
            access.call(grant_id, lambda got: got, now=here.now)
        except ParleyError as error:
            codes.append(error.code)

    run_together(8, call)
    assert len(codes) == 8
    assert codes.count("revoked") == 1
    assert set(codes) <= {"revoked", "none"}
    assert here.memory.grants.get(grant_id) is None
    told = [text for text in here.notices() if "no longer accepts" in text]
    assert len(told) == 1
    assert "ada@example.com" in told[0]


def test_a_grant_connected_anew_meanwhile_is_not_lost(here: Town) -> None:
    """A refusal of the old token leaves the new grant and says nothing."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.notices()
    here.control("/control/tokens/revoke", {"all": True})
    old = here.memory.grants.get(grant_id)
    assert old is not None
    assert here.connected(ADA, "ada@example.com") == grant_id
    here.notices()
    here.access._lose(old, here.now())
    assert here.memory.grants.get(grant_id) is not None
    assert here.notices() == []


def test_a_refusal_that_a_cut_off_caused_tells_nothing(here: Town) -> None:
    """Whoever cut them off tells the owner, and the sweep tells Zoho."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.notices()
    old = here.memory.grants.get(grant_id)
    assert old is not None
    assert here.memory.grants.retire(grant_id)
    here.access._lose(old, here.now())

    assert [grant_id] == [one.id for one in here.memory.grants.to_revoke()]
    assert [] == here.notices()
    assert "refused" not in [line.act for line in here.memory.audit.lines(limit=9)]


def test_the_eleventh_token_waits_for_the_true_seconds(here: Town) -> None:
    """Ten tokens in ten minutes; the next is possible when the first leaves the window."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.pass_time(1800)
    for _ in range(10):
        here.control("/control/tokens/revoke", {"all": True, "access_only": True})
        assert who(here, grant_id) == "ada@example.com"
        here.pass_time(30)
    here.control("/control/tokens/revoke", {"all": True, "access_only": True})
    with pytest.raises(TryLater) as refusal:
        who(here, grant_id)
    assert refusal.value.code == "token_limit"
    # The first was made 300 seconds ago, so its place is free after 300 more.
    assert refusal.value.seconds == pytest.approx(300, abs=1)
    assert here.refresh_calls() == 10
    here.pass_time(refusal.value.seconds)
    assert who(here, grant_id) == "ada@example.com"
    assert here.refresh_calls() == 11


def test_connecting_anew_brings_ten_more(here: Town) -> None:
    """Zoho counts by refresh token, its first access token too; a consent makes a new one."""
    grant_id = here.connected(ADA, "ada@example.com")
    for _ in range(9):
        renewed(here, grant_id)
    here.control("/control/tokens/revoke", {"all": True, "access_only": True})
    with pytest.raises(TryLater):
        who(here, grant_id)
    here.pass_time(30)
    assert here.connected(ADA, "ada@example.com") == grant_id
    for _ in range(9):
        renewed(here, grant_id)
    here.pass_time(21)
    here.control("/control/tokens/revoke", {"all": True, "access_only": True})
    with pytest.raises(TryLater) as refusal:
        who(here, grant_id)
    assert refusal.value.seconds == pytest.approx(570, abs=1)
    assert here.refresh_calls() == 18


def renewed(here: Town, grant_id: str) -> None:
    """Have the grant's token renewed, and a second go by."""
    here.control("/control/tokens/revoke", {"all": True, "access_only": True})
    assert who(here, grant_id) == "ada@example.com"
    here.pass_time(1)


def test_who_comes_while_the_last_token_is_made_gets_it_too(here: Town) -> None:
    """The tenth refresh serves all its waiters; none of them is sent away."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.pass_time(1800)
    for _ in range(9):
        here.control("/control/tokens/revoke", {"all": True, "access_only": True})
        assert who(here, grant_id) == "ada@example.com"
        here.pass_time(30)
    here.control("/control/tokens/revoke", {"all": True, "access_only": True})
    here.control("/control/faults", _slow_token(0.3))
    access = here.access_of("one", threading.Event().wait)
    answers: list[str] = []

    def call() -> None:
        answers.append(
            access.call(grant_id, lambda got: here.accounts.whoami(got).email, now=here.now)
        )

    run_together(8, call)
    assert answers == ["ada@example.com"] * 8
    assert here.refresh_calls() == 10


def test_a_holder_that_died_is_replaced_when_its_lease_ends(here: Town) -> None:
    """The waiter takes over after the lease's seconds, not before."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.pass_time(3600)
    began = here.now()
    assert here.memory.renewals.lease(grant_id, 1, holder="dead", now=began, seconds=20)
    assert who(here, grant_id) == "ada@example.com"
    assert here.now() - began >= timedelta(seconds=20)
    assert here.refresh_calls() == 1


def test_a_lease_that_never_ends_is_not_waited_for_for_ever(here: Town) -> None:
    """After twice a lease's time the caller is told to come back."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.pass_time(3600)
    assert here.memory.renewals.lease(grant_id, 1, holder="stuck", now=here.now(), seconds=9000)
    with pytest.raises(TryLater) as refusal:
        who(here, grant_id)
    assert refusal.value.code == "token_busy"


def test_an_unreachable_accounts_server_gives_the_lease_back(here: Town) -> None:
    """The next call may renew at once; the grant is kept."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.pass_time(3600)
    fault = {"method": "POST", "path": "/oauth/v2/token", "kind": "answer", "status": 503}
    here.control("/control/faults", {**fault, "body": "", "times": 3})
    with pytest.raises(TryLater):
        who(here, grant_id)
    before = here.now()
    assert who(here, grant_id) == "ada@example.com"
    assert here.now() == before


def test_a_pending_grant_and_an_unknown_one_give_no_access(here: Town) -> None:
    """Only an active grant acts."""
    begun = here.begin(ADA)
    here.connect.finish(
        **here.consent(begun.consent_url, "ben@example.com"),
        cookie=begun.cookie.reveal(),
        now=here.now(),
    )
    (pending,) = here.memory.grants.of(ADA)
    assert pending.state is GrantState.PENDING
    with pytest.raises(NotConnected) as refusal:
        who(here, pending.id)
    assert refusal.value.code == "pending"
    with pytest.raises(NotConnected) as refusal:
        who(here, "gr_nobody")
    assert refusal.value.code == "none"


def test_a_grant_that_cannot_be_opened_is_one_to_connect_anew(here: Town) -> None:
    """A row moved to another owner opens for nobody, and says so as something to mend."""
    grant_id = here.connected(ADA, "ada@example.com")
    with here.memory.db.writing() as transaction:
        transaction.execute("UPDATE grants SET person = 'U0BEN'")
    with pytest.raises(NotConnected) as refusal:
        who(here, grant_id)
    assert refusal.value.code == "unreadable"


def test_no_transaction_is_open_while_the_network_is_waited_for(here: Town) -> None:
    """While a refresh hangs, another thread writes at once."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.pass_time(3600)
    here.control("/control/faults", _slow_token(1.0))
    caller = threading.Thread(target=lambda: who(here, grant_id))
    caller.start()
    written = threading.Event()

    def write() -> None:
        here.connect.link(ADA, now=here.now())
        written.set()

    writer = threading.Thread(target=write)
    writer.start()
    assert written.wait(0.8)
    writer.join()
    caller.join()


def _slow_token(seconds: float) -> dict[str, object]:
    return {
        "method": "POST",
        "path": "/oauth/v2/token",
        "kind": "delay",
        "seconds": seconds,
        "times": 1,
    }
