"""From a link to a grant and back, and every way somebody else might try."""

import random
import string
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.crm.accounts import SCOPES
from bot.domain.connection import GrantState
from bot.errors import Gone, NotAllowed, NotConnected, ParleyError, Refused, TryLater
from bot.journeys.account.connecting import CODE_LENGTH, CODE_LETTERS, Outcome, digest
from tests.bot.journeys.connecting import ADA, BEN, EVA, PAT, PUBLIC, Town, token_of, town

Cases = Callable[[int, int], int]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    """A town in which the time stands still unless a test moves it."""
    with town(tmp_path / "parley.db") as made:
        made.sandbox.clock.freeze(made.now())
        yield made


def finish(here: Town, back: dict[str, Any], cookie: str | None) -> Outcome:
    """Bring the browser back."""
    return here.connect.finish(**back, cookie=cookie, now=here.now())


def went(here: Town, owner: Any, email: str) -> Outcome:
    """Go the whole way in one browser."""
    begun = here.begin(owner)
    return finish(here, here.consent(begun.consent_url, email), begun.cookie.reveal())


def refused(code: str, kind: type[ParleyError], do: Callable[[], object]) -> None:
    """Expect *do* to decline with this class and code."""
    with pytest.raises(kind) as refusal:
        do()
    assert refusal.value.code == code


# Links


def test_looking_at_a_link_names_the_person_and_consumes_nothing(here: Town) -> None:
    """A preview of the page, however often, leaves the link good."""
    link = here.connect.link(ADA, now=here.now())
    assert link.startswith(f"{PUBLIC}/oauth/start?link=parley_cn_")
    for _ in range(3):
        linking = here.connect.look(token_of(link), here.now())
        assert (ADA, "Ada Moreno", "Workspace T0PARLEY") == (
            linking.owner,
            linking.name,
            linking.workspace,
        )
    here.connect.begin(token_of(link), here.now())


def test_a_link_works_once_and_for_ten_minutes(here: Town) -> None:
    """Used, too old, or made up: the link is gone."""
    used = token_of(here.connect.link(ADA, now=here.now()))
    here.connect.begin(used, here.now())
    refused("link", Gone, lambda: here.connect.begin(used, here.now()))
    refused("link", Gone, lambda: here.connect.look(used, here.now()))
    old = token_of(here.connect.link(ADA, now=here.now()))
    here.pass_time(600)
    refused("link", Gone, lambda: here.connect.begin(old, here.now()))
    refused("link", Gone, lambda: here.connect.begin("parley_cn_nothing", here.now()))


def test_a_deactivated_person_is_not_linked(here: Town) -> None:
    """Neither the page nor the button goes on."""
    token = token_of(here.connect.link(EVA, now=here.now()))
    refused("deactivated", NotAllowed, lambda: here.connect.look(token, here.now()))
    refused("deactivated", NotAllowed, lambda: here.connect.begin(token, here.now()))


def test_the_way_to_the_crm_carries_a_state_and_a_challenge_but_no_cookie(here: Town) -> None:
    """PKCE S256; the browser's secret isn't in the URL."""
    begun = here.begin(ADA)
    query = dict(parse_qsl(urlsplit(begun.consent_url).query))
    assert query["code_challenge_method"] == "S256"
    assert len(query["code_challenge"]) == 43
    assert query["state"].startswith("parley_st_")
    assert query["redirect_uri"] == f"{PUBLIC}/oauth/callback"
    assert begun.cookie.reveal() not in begun.consent_url
    assert begun.cookie.reveal() not in repr(begun)


# The same address


def test_the_same_address_makes_the_grant_active_and_tells(here: Town) -> None:
    """Ada signs in as Ada: linked, and told once."""
    outcome = went(here, ADA, "ada@example.com")
    assert outcome.code is None
    assert (outcome.account, outcome.organization) == ("ada@example.com", "Parley Trading")
    (grant,) = here.memory.grants.of(ADA)
    assert grant.state is GrantState.ACTIVE
    assert set(grant.tokens.scopes) == set(SCOPES)
    (told,) = here.notices()
    assert told.startswith("Connected")


def test_case_of_the_address_does_not_matter(here: Town) -> None:
    """The CRM's Ada@Example.COM is Slack's ada@example.com."""
    user = here.sandbox.crm.world.user_named("ada@example.com")
    assert user is not None
    user["email"] = "Ada@Example.COM"
    assert went(here, ADA, "Ada@Example.COM").code is None


def test_the_waiting_meeting_is_named(here: Town) -> None:
    """By the link's draft, else by the newest one begun without a connection."""
    here.memory.drafts.put("dr_link", ADA, None, {}, here.now())
    begun = here.begin(ADA, draft_id="dr_link")
    finish(here, here.consent(begun.consent_url, "ada@example.com"), begun.cookie.reveal())
    (owed,) = here.memory.outbox.claim(here.now(), 10, 60.0)
    assert "dr_link" in str(owed.message["blocks"])


def test_connecting_again_revokes_the_grant_it_replaces(here: Town) -> None:
    """One row stays, the same one; the old refresh token is dead at the CRM."""
    first_id = here.connected(ADA, "ada@example.com")
    first = here.memory.grants.get(first_id)
    assert first is not None
    assert first_id == here.connected(ADA, "ada@example.com")
    (second,) = here.memory.grants.of(ADA)
    assert here.sandbox.crm.world.grants.refresh(first.tokens.refresh.reveal()) is None
    assert here.sandbox.crm.world.grants.refresh(second.tokens.refresh.reveal()) is not None
    assert here.memory.grants.to_revoke() == ()


def test_a_confirmed_code_revokes_the_grant_it_replaces(here: Town) -> None:
    """By way of the code as by way of the address."""
    first = here.memory.grants.get(here.connected(PAT, "grace@example.com"))
    assert first is not None
    outcome = went(here, PAT, "grace@example.com")
    assert outcome.code is not None
    old = first.tokens.refresh.reveal()
    assert here.sandbox.crm.world.grants.refresh(old) is not None
    here.connect.confirm(PAT, outcome.code.reveal(), here.now())
    assert here.sandbox.crm.world.grants.refresh(old) is None
    assert len(here.memory.grants.of(PAT)) == 1


def test_a_replaced_grant_that_cannot_be_revoked_now_is_swept_later(here: Town) -> None:
    """The new link stands; the old token is revoked when the CRM answers again."""
    first_id = here.connected(ADA, "ada@example.com")
    first = here.memory.grants.get(first_id)
    assert first is not None
    here.control("/control/faults", _down("/oauth/v2/token/revoke", None))
    assert here.connected(ADA, "ada@example.com") == first_id
    assert len(here.memory.grants.to_revoke()) == 1
    assert here.leaving.sweep(here.now()) == 0
    here.sandbox.crm.faults.clear()
    assert here.leaving.sweep(here.now()) == 1
    assert here.sandbox.crm.world.grants.refresh(first.tokens.refresh.reveal()) is None


# Another address


def test_another_address_needs_the_code_and_gets_no_access_before(here: Town) -> None:
    """Pat's addresses differ: pending, a code on the page, a notice without it."""
    outcome = went(here, PAT, "grace@example.com")
    assert outcome.code is not None
    code = outcome.code.reveal()
    assert len(code) == CODE_LENGTH
    assert set(code) <= set(CODE_LETTERS)
    assert here.memory.grants.in_use(PAT) is None
    (told,) = here.notices()
    assert code not in told
    assert "grace@example.com" in told
    typed = f" {code[:4].lower()}-{code[4:].lower()} "
    result = here.connect.confirm(PAT, typed, here.now())
    assert result.account == "grace@example.com"
    grant = here.memory.grants.in_use(PAT)
    assert grant is not None
    refused("code", Gone, lambda: here.connect.confirm(PAT, code, here.now()))


def test_a_confirmed_code_names_the_meeting_that_waits(here: Town) -> None:
    """A draft begun without a grant waits, as does one whose grant is lost; no other does."""
    outcome = went(here, PAT, "grace@example.com")
    assert outcome.code is not None
    here.memory.drafts.put("dr_waits", PAT, None, {}, here.now())
    assert here.connect.confirm(PAT, outcome.code.reveal(), here.now()).draft_id == "dr_waits"
    again = went(here, PAT, "grace@example.com")
    assert again.code is not None
    here.pass_time(1)
    used = here.memory.grants.in_use(PAT)
    assert used is not None
    here.memory.drafts.put("dr_goes_on", PAT, used.id, {}, here.now())
    assert here.connect.confirm(PAT, again.code.reveal(), here.now()).draft_id is None
    lost = went(here, PAT, "grace@example.com")
    assert lost.code is not None
    here.pass_time(1)
    here.memory.drafts.put("dr_lost_its_own", PAT, "gr_lost", {}, here.now())
    told = here.connect.confirm(PAT, lost.code.reveal(), here.now())
    assert told.draft_id == "dr_lost_its_own"


def test_a_forwarded_link_gives_the_sender_nothing(here: Town) -> None:
    """Ben opens Ada's link and consents as Ben: Ada has no access without the code Ben sees."""
    begun = here.begin(ADA)
    outcome = finish(
        here, here.consent(begun.consent_url, "ben@example.com"), begun.cookie.reveal()
    )
    assert outcome.code is not None
    assert outcome.name == "Ada Moreno"
    assert here.memory.grants.in_use(ADA) is None
    # Nor is the code of any use to Ben, or to anybody who isn't Ada.
    refused("code", Gone, lambda: here.connect.confirm(BEN, str(outcome.code), here.now()))
    code = outcome.code.reveal()
    refused("code", Gone, lambda: here.connect.confirm(BEN, code, here.now()))
    assert here.memory.grants.in_use(BEN) is None


def test_five_wrong_codes_end_it(here: Town) -> None:
    """The right code comes too late after five tries."""
    outcome = went(here, PAT, "grace@example.com")
    assert outcome.code is not None
    code = outcome.code.reveal()
    for _ in range(4):
        refused("code_wrong", Refused, lambda: here.connect.confirm(PAT, "AAAAAAAA", here.now()))
    refused("code", Gone, lambda: here.connect.confirm(PAT, "AAAAAAAA", here.now()))
    refused("code", Gone, lambda: here.connect.confirm(PAT, code, here.now()))
    assert here.memory.grants.in_use(PAT) is None
    assert here.connect.status(PAT, here.now()).connections == ()


def test_what_cannot_be_a_code_is_no_try(here: Town) -> None:
    """``/crm connect please`` costs nothing."""
    outcome = went(here, PAT, "grace@example.com")
    assert outcome.code is not None
    for typed in ("", "please", "A" * 9, "A" * 5000, "\ud800") * 3:
        with pytest.raises(Refused) as refusal:
            here.connect.confirm(PAT, typed, here.now())
        assert refusal.value.code == "code_wrong"
    here.connect.confirm(PAT, outcome.code.reveal(), here.now())


def test_a_code_is_good_for_ten_minutes_and_then_swept(here: Town) -> None:
    """The pending grant's token is revoked at the CRM, and its row goes."""
    outcome = went(here, PAT, "grace@example.com")
    assert outcome.code is not None
    (pending,) = here.memory.grants.of(PAT)
    assert here.leaving.sweep(here.now()) == 0
    here.pass_time(600)
    code = outcome.code.reveal()
    refused("code", Gone, lambda: here.connect.confirm(PAT, code, here.now()))
    assert here.leaving.sweep(here.now()) == 1
    assert here.memory.grants.of(PAT) == ()
    assert here.sandbox.crm.world.grants.refresh(pending.tokens.refresh.reveal()) is None


def test_a_pending_grant_leaves_the_active_one_alone(here: Town) -> None:
    """Who signs in as another person through Ada's link doesn't end Ada's own connection."""
    grant_id = here.connected(ADA, "ada@example.com")
    outcome = went(here, ADA, "ben@example.com")
    assert outcome.code is not None
    used = here.memory.grants.in_use(ADA)
    assert used is not None
    assert (used.id, used.account.email) == (grant_id, "ada@example.com")


def test_slack_out_of_reach_means_a_code_and_not_a_failure(here: Town) -> None:
    """Without the Slack address the code proves the person."""
    begun = here.begin(ADA)
    back = here.consent(begun.consent_url, "ada@example.com")
    with here.memory.db.writing() as transaction:
        transaction.execute("DELETE FROM profiles")
    here.control("/control/slack/faults", {"method": "users.info", "error": "fatal_error"})
    outcome = finish(here, back, begun.cookie.reveal())
    assert outcome.code is not None
    assert here.memory.grants.in_use(ADA) is None


# Hostile callbacks


def test_a_state_works_once(here: Town) -> None:
    """The second callback of the same state is refused."""
    begun = here.begin(ADA)
    back = here.consent(begun.consent_url, "ada@example.com")
    finish(here, back, begun.cookie.reveal())
    refused("state", Gone, lambda: finish(here, back, begun.cookie.reveal()))


def test_a_raced_state_makes_one_grant(here: Town, cases: Cases) -> None:
    """Eight threads bring the same callback; one gets through."""
    for _ in range(cases(3, 100)):
        begun = here.begin(ADA)
        back = here.consent(begun.consent_url, "ada@example.com")
        gate = threading.Barrier(8)
        results: list[object] = []

        def race(
            gate: threading.Barrier, back: dict[str, Any], cookie: str, results: list[object]
        ) -> None:
            gate.wait()
            results.append(_try(lambda: finish(here, back, cookie)))

        args = (gate, back, begun.cookie.reveal(), results)
        threads = [threading.Thread(target=race, args=args) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(isinstance(one, Outcome) for one in results) == 1
        assert sum(isinstance(one, Gone) for one in results) == 7
    assert len(here.memory.grants.of(ADA)) == 1


@pytest.mark.parametrize("cookie", [None, "", "x", "0" * 43, "\udcff", "é" * 43])
def test_a_foreign_browser_is_refused_and_uses_the_state_up(here: Town, cookie: str | None) -> None:
    """Without the very cookie nothing is exchanged, then or later."""
    begun = here.begin(ADA)
    back = here.consent(begun.consent_url, "ada@example.com")
    before = len(here.sandbox.crm.traffic.listing())
    refused("browser", NotAllowed, lambda: finish(here, back, cookie))
    refused("state", Gone, lambda: finish(here, back, begun.cookie.reveal()))
    assert len(here.sandbox.crm.traffic.listing()) == before
    assert here.memory.grants.of(ADA) == ()


def test_the_code_of_another_sign_in_does_not_fit(here: Town) -> None:
    """PKCE: a code injected into somebody else's browser is refused by the CRM."""
    ours, theirs = here.begin(ADA), here.begin(BEN)
    stolen = here.consent(theirs.consent_url, "ben@example.com")
    back = here.consent(ours.consent_url, "ada@example.com") | {"code": stolen["code"]}
    refused("code_refused", Refused, lambda: finish(here, back, ours.cookie.reveal()))
    assert here.memory.grants.of(ADA) == ()


def test_a_refusal_at_the_crm_is_a_refusal_here(here: Town) -> None:
    """``error=access_denied`` links nothing."""
    begun = here.begin(ADA)
    back = here.consent(begun.consent_url, "ada@example.com", decision="reject")
    assert back["error"] == "access_denied"
    refused("consent_refused", Refused, lambda: finish(here, back, begun.cookie.reveal()))


def test_hostile_callbacks_reach_nobody(here: Town, cases: Cases) -> None:
    """Mutated places, states, codes: no grant, and not one socket to another place."""
    rng = random.Random(20260301)
    good = {"location": "us", "accounts_server": here.told["accounts_url"]}
    begun = here.begin(ADA)
    cookie = begun.cookie.reveal()
    before = len(here.sandbox.crm.traffic.listing())
    states = here.memory.states
    note: dict[str, object] = {
        "browser": digest(cookie),
        "draft_id": None,
        "name": "Ada",
        "workspace": "W",
    }
    for number in range(cases(10_000, 100_000)):
        # Every tenth has a real state and the right cookie, so that the place alone decides.
        real = number % 10 == 0
        state = states.issue("state", ADA, note, now=here.now()) if real else _noise(rng)
        place = _hostile_place(rng, good)
        back = {"state": state, "code": _noise(rng) or "x", "error": None, **place}
        result = _try(lambda back=back: finish(here, back, cookie))  # type: ignore[misc]  # bound now
        assert isinstance(result, ParleyError)
        assert result.code == ("place_unknown" if real else "state"), back
    assert len(here.sandbox.crm.traffic.listing()) == before
    assert here.memory.grants.of(ADA) == ()


def test_tokens_are_given_back_when_the_account_cannot_be_read(here: Town) -> None:
    """Nothing is kept, and the refresh token is dead at the CRM."""
    begun = here.begin(ADA)
    back = here.consent(begun.consent_url, "ada@example.com")
    here.control("/control/faults", _down("/crm/v8/users", None))
    with pytest.raises(TryLater):
        finish(here, back, begun.cookie.reveal())
    assert here.memory.grants.of(ADA) == ()
    admin_only = 1
    assert len(here.sandbox.crm.world.grants._refresh) == admin_only


# Taking it back


def test_disconnecting_revokes_first_and_then_deletes(here: Town) -> None:
    """Active and pending alike."""
    here.connected(ADA, "ada@example.com")
    went(here, ADA, "ben@example.com")
    tokens = [one.tokens.refresh.reveal() for one in here.memory.grants.of(ADA)]
    assert len(tokens) == 2
    assert set(here.connect.disconnect(ADA, here.now())) == {"ada@example.com", "ben@example.com"}
    assert here.memory.grants.of(ADA) == ()
    assert [here.sandbox.crm.world.grants.refresh(one) for one in tokens] == [None, None]
    refused("none", NotConnected, lambda: here.connect.disconnect(ADA, here.now()))


def test_disconnecting_while_the_crm_is_away_deletes_nothing(here: Town) -> None:
    """The person is asked to come back; the grant still works."""
    grant_id = here.connected(ADA, "ada@example.com")
    here.control("/control/faults", _down("/oauth/v2/token/revoke", None))
    with pytest.raises(TryLater):
        here.connect.disconnect(ADA, here.now())
    assert here.memory.grants.get(grant_id) is not None


def test_a_connection_made_while_the_crm_is_told_stays(here: Town) -> None:
    """Disconnecting takes back what was there when it began; nothing is forgotten unrevoked."""
    grant_id = here.connected(ADA, "ada@example.com")
    fault = {"method": "*", "path": "/oauth/v2/token/revoke", "kind": "delay", "seconds": 0.7}
    here.control("/control/faults", fault)
    leaver = threading.Thread(target=lambda: here.connect.disconnect(ADA, here.now()))
    leaver.start()
    while not here.sandbox.crm.faults.listing()[0]["struck"]:
        threading.Event().wait(0.01)
    assert grant_id == here.connected(ADA, "ada@example.com")
    leaver.join()

    used = here.memory.grants.in_use(ADA)
    assert used is not None
    here.leaving.sweep(here.now())
    assert [] == list(here.memory.grants.to_revoke())
    assert here.sandbox.crm.world.grants.refresh(used.tokens.refresh.reveal()) is not None


def test_disconnecting_a_grant_the_crm_does_not_know_deletes_it(here: Town) -> None:
    """An unknown token is answered with a page and status 400."""
    here.connected(ADA, "ada@example.com")
    here.control("/control/tokens/revoke", {"all": True})
    here.connect.disconnect(ADA, here.now())
    assert here.memory.grants.of(ADA) == ()


def test_the_status_tells_account_place_date_scopes_and_state(here: Town) -> None:
    """An active and a pending connection, and what a grant lacks."""
    here.connected(ADA, "ada@example.com")
    here.pass_time(1)
    went(here, ADA, "ben@example.com")
    active, pending = here.connect.status(ADA, here.now()).connections
    assert (pending.state, pending.in_use) == (GrantState.PENDING, False)
    assert (active.state, active.in_use) == (GrantState.ACTIVE, True)
    assert active.organization == "Parley Trading"
    assert active.data_center == "us"
    assert active.missing == ()
    assert set(active.scopes) == set(SCOPES)


def test_a_grant_with_fewer_scopes_says_what_it_lacks(here: Town) -> None:
    """The CRM granted less than was asked for."""
    begun = here.begin(ADA)
    less = begun.consent_url.replace("ZohoCRM.coql.READ%2C", "")
    finish(here, here.consent(less, "ada@example.com"), begun.cookie.reveal())
    (one,) = here.connect.status(ADA, here.now()).connections
    assert one.missing == ("ZohoCRM.coql.READ",)


def _down(path: str, times: int | None) -> dict[str, object]:
    return {
        "method": "*",
        "path": path,
        "kind": "answer",
        "status": 503,
        "body": "",
        "times": times,
    }


def _try(do: Callable[[], object]) -> object:
    try:
        return do()
    except ParleyError as error:
        return error


def _noise(rng: random.Random) -> str:
    letters = string.printable + "é\u202e\x00\ud800"
    return "".join(rng.choices(letters, k=rng.randrange(60)))


def _hostile_place(rng: random.Random, good: dict[str, str]) -> dict[str, str | None]:
    """Return a location and an accounts server that are not both a row of the table."""
    server = good["accounts_server"]
    servers = [
        None,
        "",
        server + "/",
        server + ".example",
        server.replace("http", "https"),
        server.upper(),
        f"{server}@evil.example",
        f"http://evil.example#{server}",
        "https://accounts.zoho.com.evil.example",
        "https://accounts.zoho.com",
        "//evil.example",
        "http://169.254.169.254",
        _noise(rng),
        server,
    ]
    location = rng.choice([None, "", "US", "us ", "eu", "xx", "us\x00", _noise(rng), "us"])
    chosen = rng.choice(servers)
    if (location, chosen) in (("us", server), (None, None)):
        location, chosen = "eu", server
    return {"location": location, "accounts_server": chosen}
