"""The port's contract, on every store: in a file, in SQLite's memory, in a plain list."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from msgspec.structs import replace

from bot.crm.places import Places
from bot.domain.connection import DataCenter, Owner, Secret
from bot.errors import Fault, Refused
from store.account.token_list import ListTokens
from store.account.token_rows import SqliteTokens
from store.memory import open_memory
from store.sealing.keys import Keyring
from store.tokens import Client, Clients, Token, TokenStore

API = "https://www.zohoapis.eu"
ADA = "ada@example.com:900"
BEN = "ben@example.com:900"


@pytest.fixture
def clients() -> Clients:
    """One client that is known at two data centres."""
    return Clients(
        [
            Client(id="1000.C", secret=Secret("secret-eu"), data_center=DataCenter.EU),
            Client(id="1000.C", secret=Secret("secret-in"), data_center=DataCenter.IN),
        ]
    )


@pytest.fixture(params=["file", "memory", "list"])
def store(
    request: pytest.FixtureRequest, file: Path, keyring: Keyring, now: datetime, clients: Clients
) -> Iterator[TokenStore]:
    """Each of the three."""
    if request.param == "list":
        yield ListTokens(clients)
        return
    memory = open_memory(file if request.param == "file" else None, keyring, now)
    yield SqliteTokens(memory.db, memory.vault, clients)
    memory.close()


Made = Callable[..., Token]


@pytest.fixture
def token(now: datetime) -> Made:
    """``token("x")``: a whole token told apart by a word, good for an hour."""

    def made(word: str, *, user: str | None = ADA, hours: float = 1, **parts: object) -> Token:
        values: dict[str, object] = {
            "user": user,
            "client_id": "1000.C",
            "redirect_url": "https://app.example/callback",
            "access": Secret(f"access-{word}"),
            "refresh": Secret(f"refresh-{word}"),
            "expires_at": now + timedelta(hours=hours),
            "api_domain": API,
        }
        return Token(**{**values, **parts})  # type: ignore[arg-type]  # parts by name

    return made


def test_all_nine_fields_come_out_as_they_went_in(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """With an id, and the client's secret by what the store was given for its data centre."""
    kept = store.save(ada, token("1"), now)

    assert kept.id
    assert replace(token("1"), id=kept.id, client_secret=Secret("secret-eu")) == kept
    assert [kept] * 3 == [
        store.find(ada, Token(user=ADA)),
        store.find_by_id(ada, kept.id),
        *store.all(ada),
    ]


@pytest.mark.parametrize(
    "part",
    [
        {"user": ADA},
        {"user": ADA, "client_id": "1000.C"},
        {"access": Secret("access-1")},
        {"refresh": Secret("refresh-1"), "client_id": "1000.C"},
        {"code": Secret("code-1"), "client_id": "1000.C"},
        {"code": Secret("other"), "refresh": Secret("refresh-1"), "client_id": "1000.C"},
    ],
)
def test_a_token_is_found_by_whatever_part_is_known(
    store: TokenStore, ada: Owner, token: Made, now: datetime, part: dict[str, object]
) -> None:
    """User; access token; refresh or grant token with their client."""
    store.save(ada, token("2", user=BEN), now)
    kept = store.save(ada, token("1", code=Secret("code-1")), now)
    store.save(ada, token("3", user="carl@example.com:900"), now)

    found = store.find(ada, Token(**part))  # type: ignore[arg-type]  # parts by name
    assert kept == found
    assert found is not None
    assert found.code is None


@pytest.mark.parametrize(
    "part",
    [
        {},
        {"user": ""},
        {"id": ""},
        {"id": "1 or 1=1"},
        {"user": "x' or '1'='1"},
        {"access": Secret("")},
        {"access": Secret("access-1"), "client_id": "1000.C"},
        {"refresh": Secret("refresh-1")},
        {"refresh": Secret("refresh-1"), "client_id": "1000.OTHER"},
        {"refresh": Secret(""), "client_id": "1000.C"},
        {"code": Secret(""), "client_id": "1000.C"},
        {"user": ADA, "client_id": "1000.OTHER"},
        {"user": ADA, "id": "gr_of_another"},
        {"client_id": "1000.C"},
        {"user": BEN, "access": Secret("access-1"), "refresh": Secret("refresh-1")},
    ],
)
def test_any_other_question_finds_nothing(
    store: TokenStore, ada: Owner, token: Made, now: datetime, part: dict[str, object]
) -> None:
    """Not the first of anybody: empty, crafted, of another client, or of another user."""
    store.save(ada, token("1"), now)

    assert store.find(ada, Token(**part)) is None  # type: ignore[arg-type]  # parts by name


def test_users_are_kept_apart(
    store: TokenStore, ada: Owner, bob: Owner, token: Made, now: datetime
) -> None:
    """Two owners with the very same words: neither finds, changes or deletes the other's."""
    of_ada, of_bob = (store.save(owner, token("1"), now) for owner in (ada, bob))
    assert of_ada.id
    assert of_bob.id
    assert of_ada.id != of_bob.id

    assert store.find_by_id(bob, of_ada.id) is None
    assert store.find(bob, Token(id=of_ada.id)) is None
    assert not store.delete(bob, of_ada.id)
    with pytest.raises(Fault, match="token_gone"):
        store.save(bob, token("2", id=of_ada.id, user=BEN), now)
    store.save(bob, token("2", hours=2), now)
    assert (of_ada,) == store.all(ada)
    assert 1 == store.delete_all(bob)
    assert (of_ada,) == store.all(ada)
    assert () == store.all(bob)


def test_saving_again_updates_and_never_doubles(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """By id, by user, by refresh token, by access token, by code."""
    first = store.save(ada, token("1", code=Secret("code-1")), now)

    for hours, again in enumerate(
        (
            token("2", id=first.id),
            token("3", api_domain=None),
            token("4", user=None, refresh=Secret("refresh-3")),
            token("4", user=None, client_id=None, refresh=None),
            token("5", user=None, code=Secret("code-1")),
        ),
        start=2,
    ):
        ends = now + timedelta(hours=hours)
        kept = store.save(ada, replace(again, expires_at=ends), now)
        assert (first.id, ADA, again.access, ends) == (
            kept.id,
            kept.user,
            kept.access,
            kept.expires_at,
        )
        assert (kept,) == store.all(ada)


def test_one_user_with_two_clients_has_two_tokens(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """The second client's save leaves the first one's alone."""
    first = store.save(ada, token("1"), now)
    second = store.save(ada, token("2", client_id="1000.OTHER"), now)

    assert (second, first) == store.all(ada)
    assert first == store.find(ada, Token(user=ADA, client_id="1000.C"))
    assert second == store.find(ada, Token(user=ADA))
    assert second.client_secret is None


def test_a_stale_token_never_wins(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """What expires earlier, or doesn't say when, changes nothing; what it adds is taken."""
    kept = store.save(ada, token("new", hours=2, redirect_url=None), now)

    for stale in (
        token("old", hours=1),
        token("old", expires_at=None),
        token("old", access=None, refresh=None),
    ):
        assert replace(kept, redirect_url=stale.redirect_url) == store.save(ada, stale, now)
    assert 1 == len(store.all(ada))


def test_a_new_connection_wins_and_a_late_renewal_of_the_old_one_loses(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """Refresh token and access token go together."""
    store.save(ada, token("old"), now)
    new = store.save(ada, token("new", hours=2), now)

    assert Secret("refresh-new") == new.refresh
    assert new == store.save(ada, token("old", access=Secret("late"), hours=1.5), now)


def test_a_user_that_becomes_known_is_noted(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """The refresh token is the same: it is one token, found by its user from now on."""
    first = store.save(ada, token("1", user=None), now)
    kept = store.save(ada, token("1"), now)

    assert (first.id, ADA) == (kept.id, kept.user)
    assert (kept,) == store.all(ada)
    assert kept == store.find(ada, Token(user=ADA))


def test_two_tokens_that_turn_out_to_be_one_become_one(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """The user connected anew, at first without saying who it is."""
    first = store.save(ada, token("1"), now)
    assert first.id != store.save(ada, token("2", user=None, hours=2), now).id

    kept = store.save(ada, token("2", hours=3), now)
    assert (first.id, Secret("refresh-2")) == (kept.id, kept.refresh)
    assert (kept,) == store.all(ada)


def test_an_application_may_choose_an_id(
    store: TokenStore, ada: Owner, bob: Owner, token: Made, now: datetime
) -> None:
    """It is the owner's: another owner may choose the same."""
    kept = store.save(ada, token("1", id="7"), now)
    other = store.save(bob, token("2", id="7"), now)

    assert ("7", "7") == (kept.id, other.id)
    assert kept == store.find_by_id(ada, "7") == store.find(ada, Token(id="7"))
    assert store.delete(ada, "7")
    assert not store.delete(ada, "7")
    assert other == store.find_by_id(bob, "7")


def test_a_deleted_token_is_not_brought_back_by_who_still_held_it(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """A renewal that began before the token was cut off is refused, and nothing is there."""
    kept = store.save(ada, token("1"), now)
    assert kept.id
    assert store.delete(ada, kept.id)

    with pytest.raises(Fault, match="token_gone"):
        store.save(ada, replace(kept, access=Secret("late")), now)
    assert () == store.all(ada)
    assert store.find(ada, Token(user=ADA)) is None


def test_what_has_no_token_is_refused(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """Neither access nor refresh token: a save that keeps nothing is an error."""
    for empty in (Token(user=ADA), Token(id="7"), Token(code=Secret("c"), client_id="1000.C")):
        with pytest.raises(Fault, match="token_incomplete"):
            store.save(ada, empty, now)
    assert () == store.all(ada)


@pytest.mark.parametrize("domain", ["https://evil.example", "https://www.zohoapis.eu.evil.example"])
def test_an_api_off_the_table_is_refused(
    store: TokenStore, ada: Owner, token: Made, now: datetime, domain: str
) -> None:
    """Nothing is kept that would send a secret there."""
    with pytest.raises(Refused, match="place_unknown"):
        store.save(ada, token("1", api_domain=domain), now)
    assert () == store.all(ada)


def test_the_place_is_told_by_the_api_or_the_client(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """A client of one data centre alone tells it; else it is the home's."""
    by_api = store.save(ada, token("1", api_domain="https://sandbox.zohoapis.in"), now)
    assert Secret("secret-in") == by_api.client_secret
    by_home = store.save(ada, token("2", api_domain=None, user=BEN), now)
    assert "https://www.zohoapis.com" == by_home.api_domain


def test_names_of_every_kind_are_kept(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """Apostrophes, percent signs, other scripts, no colon."""
    names = ["o'brien@example.com:9", "a%_b:9", "名前@例え.example:9", "just a name", "a:b:c"]
    for name in names:
        store.save(ada, token(name, user=name), now)

    assert names == [one.user for one in reversed(store.all(ada))]
    assert [name for name in names if store.find(ada, Token(user=name)) is None] == []


def test_of_many_at_once_the_latest_stays_in_one_row(
    store: TokenStore, ada: Owner, token: Made, now: datetime
) -> None:
    """Eight threads renew one token, the latest first, again and again."""
    gate = Barrier(8)

    def save(number: int) -> None:
        renewed = token(str(number), hours=number, refresh=Secret("the same"))
        gate.wait()
        store.save(ada, renewed, now)

    with ThreadPoolExecutor(8) as pool:
        for start in range(0, 400, 8):
            list(pool.map(save, range(start + 7, start - 1, -1)))
            (kept,) = store.all(ada)
            assert Secret(f"access-{start + 7}") == kept.access


def test_a_sandbox_of_this_machine_is_a_place_of_its_own(ada: Owner, now: datetime) -> None:
    """Its origin is taken where it is the table's one row, and Zoho's are not."""
    origins = ("http://127.0.0.1:8000", "http://127.0.0.1:8001")
    store = ListTokens(Clients(places=Places(DataCenter.US, origins)))

    store.save(ada, Token(access=Secret("a"), api_domain=origins[1]), now)
    with pytest.raises(Refused, match="place_unknown"):
        store.save(ada, Token(access=Secret("a"), api_domain=API), now)
