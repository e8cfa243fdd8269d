"""Imports: every user is kept, whoever they are, and a second time changes nothing."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from bot.domain.connection import Account, DataCenter, GrantState, Owner, Secret, Tokens
from bot.errors import Fault
from store.account.grants import Grants
from store.account.imports import Imported, keep_tokens, read_tokens
from store.account.token_rows import SqliteTokens
from store.memory import Memory
from store.tokens import Clients, Token

API = "https://www.zohoapis.eu"
ENDS = "1772359200000"
HEAD = (
    "id,user_name,client_id,client_secret,refresh_token,access_token,grant_token,expiry_time,"
    "redirect_uri,api_domain"
)
USERS = ["ada@example.com:900", "o'brien@example.com:900", "zoë@example.com:901"]


def _values(number: int, user: str) -> list[str | None]:
    return [
        str(number), user, "1000.C", "hush", f"refresh-{number}", f"access-{number}",
        f"code-{number}" if number == 1 else None, ENDS, "https://app.example/cb", API,
    ]  # fmt: skip


@pytest.fixture(params=["csv", "database"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Twelve users, as each of the two keeps them."""
    users = [*USERS, *(f"user{number}@example.com:902" for number in range(4, 13))]
    rows = [_values(number, user) for number, user in enumerate(users, start=1)]
    if request.param == "csv":
        file = tmp_path / "sdk_tokens.txt"
        lines = [HEAD, *(",".join(value or "" for value in row) for row in rows)]
        file.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")
        return file
    file = tmp_path / "zohooauth.db"
    with closing(sqlite3.connect(str(file))) as conn:
        conn.execute(
            "CREATE TABLE  oauthtoken (id varchar(10) NOT NULL,user_name varchar(255), client_id"
            " varchar(255), client_secret varchar(255), refresh_token varchar(255), access_token"
            " varchar(255), grant_token varchar(255), expiry_time varchar(20), redirect_url"
            " varchar(255), api_domain varchar(255), primary key (id))"
        )
        conn.executemany("INSERT INTO oauthtoken VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        conn.commit()
    return file


@pytest.fixture
def store(memory: Memory) -> SqliteTokens:
    """The store in a file."""
    return SqliteTokens(memory.db, memory.vault, Clients())


def test_every_field_is_read(old: Path) -> None:
    """The same from both, and the file isn't touched."""
    before = old.read_bytes()
    first, *others = read_tokens(old)

    assert (
        Token(
            id="1",
            user=USERS[0],
            client_id="1000.C",
            client_secret=Secret("hush"),
            redirect_url="https://app.example/cb",
            access=Secret("access-1"),
            refresh=Secret("refresh-1"),
            expires_at=datetime(2026, 3, 1, 10, 0, tzinfo=UTC),
            api_domain=API,
            code=Secret("code-1"),
        )
        == first
    )
    assert USERS[1:] == [one.user for one in others[:2]]
    assert 11 == len(others)
    assert before == old.read_bytes()


def test_every_user_is_kept_for_somebody(
    store: SqliteTokens, old: Path, ada: Owner, memory: Memory, now: datetime
) -> None:
    """By address the person in Slack; who is nobody there is kept by their name."""
    people = {"ada@example.com": ada}
    told = keep_tokens(store, read_tokens(old), people.get, now)

    strangers = tuple(str(one.user) for one in read_tokens(old)[1:])
    assert Imported(kept=12, strangers=strangers, refused=(), clients=("1000.C",)) == told
    found = store.find(ada, Token(user=USERS[0]))
    assert found == store.find_by_id(ada, "1")
    assert found is not None
    assert Secret("refresh-1") == found.refresh
    for user in strangers:
        assert [user] == [one.user for one in store.all(Owner("zoho", user))]
    assert memory.grants.in_use(ada) is None
    assert "hush" not in repr(memory.db.rows("SELECT * FROM grants"))


def test_all_can_be_one_applications(
    store: SqliteTokens, old: Path, ada: Owner, now: datetime
) -> None:
    """Its ids, users and used-up codes find what they found before; again changes nothing."""
    tokens = read_tokens(old)
    keep_tokens(store, tokens, lambda _: ada, now)
    before = store.all(ada)
    keep_tokens(store, tokens, lambda _: ada, now)

    assert before == store.all(ada)
    assert {one.id: one.user for one in tokens} == {one.id: one.user for one in before}
    found = store.find(ada, Token(code=Secret("code-1"), client_id="1000.C"))
    assert USERS[0] == (found.user if found else None)


def test_ids_of_two_files_that_are_the_same_keep_both_users(
    store: SqliteTokens, ada: Owner, now: datetime
) -> None:
    """Both count from 1."""
    for user in USERS[:2]:
        token = Token(id="1", user=user, client_id="C", refresh=Secret(user), api_domain=API)
        assert 1 == keep_tokens(store, [token], lambda _: ada, now).kept

    assert set(USERS[:2]) == {one.user for one in store.all(ada)}


def test_connecting_in_slack_takes_an_imported_row_over(
    store: SqliteTokens, memory: Memory, old: Path, ada: Owner, account: Account, now: datetime
) -> None:
    """The same user by the same client: one row, its id as before, and the bot's from now on."""
    keep_tokens(store, read_tokens(old)[:1], lambda _: ada, now)
    grants = Grants(memory.db, memory.vault, {DataCenter.EU: "1000.C"})
    tokens = Tokens(
        access=Secret("new"), refresh=Secret("new"), expires_at=now, api_origin=API, scopes=()
    )
    kept = grants.keep(ada, DataCenter.EU, account, tokens, state=GrantState.ACTIVE, now=now)

    assert kept == grants.in_use(ada)
    (found,) = store.all(ada)
    assert ("1", USERS[0], Secret("new")) == (found.id, found.user, found.refresh)
    assert ["refresh-1"] == [one.tokens.refresh.reveal() for one in grants.to_revoke()]


def test_what_cannot_be_kept_is_named(store: SqliteTokens, ada: Owner, now: datetime) -> None:
    """An API that is none of Zoho's; a row without tokens."""
    hostile = Token(user="a:1", access=Secret("x"), api_domain="https://evil.example")
    told = keep_tokens(store, [hostile, Token(user="b:1")], lambda _: ada, now)

    assert (0, ("a:1", "b:1")) == (told.kept, told.refused)
    assert () == store.all(ada)


@pytest.mark.parametrize(
    "ends", ["9" * 30, "9" * 5000, "-5", "soon", "\u0661\u0662", None, b"\xff"]
)
def test_a_moment_that_is_none_is_left_out(tmp_path: Path, ends: str | bytes | None) -> None:
    """The token is read all the same, bytes as the text they are."""
    file = tmp_path / "zohooauth.db"
    with closing(sqlite3.connect(str(file))) as conn:
        conn.execute(f"CREATE TABLE oauthtoken ({HEAD.replace('redirect_uri', 'redirect_url')})")
        row = (7, "o'brien:1", None, None, b"refresh", "None", None, ends, None, None)
        conn.execute("INSERT INTO oauthtoken VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        conn.commit()

    assert (Token(id="7", user="o'brien:1", refresh=Secret("refresh")),) == read_tokens(file)


def test_an_older_token_file_has_no_api(tmp_path: Path) -> None:
    """Nine columns."""
    file = tmp_path / "tokens.txt"
    file.write_text(f"{HEAD.removesuffix(',api_domain')}\n1,a:1,C,S,R,A,,{ENDS},\n")

    (token,) = read_tokens(file)
    assert (None, Secret("R"), None) == (token.api_domain, token.refresh, token.redirect_url)


@pytest.mark.parametrize("content", [b"", b"hello", b"\xff\xfe\x00", b"SQLite format 3\0rubbish"])
def test_anything_else_is_unreadable(tmp_path: Path, content: bytes) -> None:
    """Told as such, also where no file is."""
    file = tmp_path / "what"
    file.write_bytes(content)

    for path in (file, tmp_path / "nowhere"):
        with pytest.raises(Fault, match="import_unreadable"):
            read_tokens(path)
