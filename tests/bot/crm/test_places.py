"""The table of places: exact rows, and no byte to anywhere else."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.crm.accounts import Accounts, Client
from bot.crm.places import TABLE, Environment, Places, web_origin
from bot.crm.transport import Transport
from bot.domain.connection import DataCenter, Secret
from bot.errors import Refused
from handlers.sandbox.web import Answer, Site

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTILE = [
    "http://accounts.zoho.com",
    "https://accounts.zoho.com/",
    "https://accounts.zoho.com:443",
    "https://accounts.zoho.com.evil.example",
    "https://accounts.zoho.com@evil.example",
    "https://evil.example/https://accounts.zoho.com",
    "https://evil.example#https://accounts.zoho.com",
    "https://evil.example?https://accounts.zoho.com",
    "https://user:pass@accounts.zoho.com",
    "https://ACCOUNTS.zoho.com",
    "HTTPS://accounts.zoho.com",
    "https://accounts.zoho.com.",
    " https://accounts.zoho.com",
    "https://accounts.zoho.com\n",
    "https://accounts.zoho.com\x00",
    "https://accounts.zoho.com%00",
    "https://accounts.zoho.com%2eevil.example",
    "https://accounts.zoho.com\\@evil.example",
    "//accounts.zoho.com",
    "accounts.zoho.com",
    "https://accounts.zоho.com",  # noqa: RUF001 - a Cyrillic letter is the point
    "https://accounts。zoho。com",
    "https://xn--accounts-zoho-com.example",
    "https://127.0.0.1",
    "http://169.254.169.254/latest/meta-data",
    "https://[::1]",
    "https://2130706433",
    "https://localhost",
    "file:///etc/passwd",
    "https://accounts.zoho.eu",
    "https://www.zohoapis.com",
    "",
]


def accounts(transport: Transport) -> Accounts:
    """The accounts of the real table."""
    clients = {one: Client(id="1000.X", secret=Secret("s")) for one in DataCenter}
    return Accounts(transport, Places(DataCenter.US), clients, "https://bot.example/oauth")


def refused(made: Accounts, location: str | None, server: str | None) -> str:
    """The code with which an exchange is refused."""
    with pytest.raises(Refused) as caught:
        made.exchange(
            Secret("1000.code"), location=location, accounts_server=server, verifier=None, now=NOW
        )
    return caught.value.code


def test_the_list_of_hostile_servers_is_long_enough() -> None:
    """At least twenty-two, each once."""
    assert 22 <= len(HOSTILE) == len(set(HOSTILE))


@pytest.mark.parametrize("server", HOSTILE)
def test_a_hostile_accounts_server_gets_nothing(
    transport: Transport, connects: list[object], server: str
) -> None:
    """The code and the client's secret stay here; no host is even looked up."""
    assert "place_unknown" == refused(accounts(transport), "us", server)
    assert [] == connects


@pytest.mark.parametrize("location", ["US", "", "us ", "eu", "xx", "https://accounts.zoho.com"])
def test_a_location_that_isnt_the_servers_row_gets_nothing(
    transport: Transport, connects: list[object], location: str
) -> None:
    """Both texts must name the same row."""
    made = accounts(transport)
    assert "place_unknown" == refused(made, location, "https://accounts.zoho.com")
    assert "place_unknown" == refused(made, None, "https://accounts.zoho.com")
    assert "place_unknown" == refused(made, "us", None)
    assert [] == connects


@pytest.mark.slow
def test_ten_thousand_mutations_reach_nobody(
    transport: Transport, connects: list[object], cases: Callable[[int, int], int]
) -> None:
    """One to three changed characters, anywhere, in either text."""
    made = accounts(transport)
    rows = [(one.value, row.accounts) for one, row in TABLE.items()]
    tried = 0

    @settings(max_examples=cases(10_000, 100_000))
    @given(st.integers(0, 2**64))
    def mutate(seed: int) -> None:
        nonlocal tried
        draw = Random(seed)
        texts = [*draw.choice(rows)]
        which = draw.randrange(2)
        for _ in range(draw.randint(1, 3)):
            texts[which] = changed(texts[which], draw)
        if (texts[0], texts[1]) not in rows:
            tried += 1
            assert "place_unknown" == refused(made, texts[0], texts[1])

    mutate()
    assert tried > 9_000
    assert [] == connects


LETTERS = "./:@#?%\\ \n\t\x00-aeiouz0159ßо。\u202e"  # noqa: RUF001 - look-alikes are the point


def changed(text: str, draw: Random) -> str:
    """The text with one letter put in, replaced or dropped."""
    where = draw.randint(0, len(text))
    how = draw.choice(["put", "swap", "drop"])
    letter = "" if how == "drop" else draw.choice(LETTERS)
    return text[:where] + letter + text[where + (how != "put") :]


def test_the_counter_counts(
    transport: Transport, connects: list[object], serve: Callable[[Site], str]
) -> None:
    """A call that is made is heard: the zeros above mean something."""
    made = Site("accounts")
    made.route("POST", "/oauth/v2/token", lambda _: Answer.json({"error": "invalid_code"}))
    origin = serve(made)
    clients = {DataCenter.US: Client(id="1000.X", secret=Secret("s"))}
    local = Accounts(transport, Places(DataCenter.US, (origin, origin)), clients, "http://x")
    assert "code_refused" == refused(local, "us", origin)
    assert connects
    assert all("127.0.0.1" in str(one) for one in connects)


@pytest.mark.parametrize("data_center", list(DataCenter))
def test_every_data_centre_has_an_exact_row(data_center: DataCenter) -> None:
    """Its own texts find it; its API is taken when told, and known when not."""
    places = Places(DataCenter.US)
    row = TABLE[data_center]
    assert (data_center, row) == places.place(data_center.value, row.accounts)
    assert row.api == places.api_origin(data_center, row.api)
    assert row.api == places.api_origin(data_center, None)
    assert row.web == web_origin(row.api)
    for origin in (row.accounts, row.api, row.web, row.sandbox, row.developer):
        assert origin is None or origin.startswith("https://")
    assert len(TABLE) == len({one.accounts for one in TABLE.values()})


def test_a_callback_that_names_no_place_belongs_home() -> None:
    """A client of one data centre gets neither text."""
    assert DataCenter.EU is Places(DataCenter.EU).place(None, None)[0]


@pytest.mark.parametrize(
    "told", [*HOSTILE, "https://www.zohoapis.com/", "https://www.zohoapis.com.evil.example"]
)
def test_a_foreign_api_domain_is_refused(told: str) -> None:
    """The answer's api_domain must equal the row."""
    places = Places(DataCenter.EU)
    with pytest.raises(Refused, match="place_unknown"):
        places.api_origin(DataCenter.EU, told)


LOCAL = "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    "origin",
    [
        "https://127.0.0.1:8000",
        "http://127.0.0.1:8000/",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "http://127.0.0.1:8000\n",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "http://0.0.0.0",
        "http://accounts.zoho.com",
        "",
    ],
)
def test_only_this_machine_is_a_loopback(origin: str) -> None:
    """The override can't become a way out."""
    for pair in ((origin, LOCAL), (LOCAL, origin)):
        with pytest.raises(Refused, match="not_loopback"):
            Places(DataCenter.US, pair)


@pytest.mark.parametrize("origin", [LOCAL, "http://localhost:1", "http://[::1]:65535"])
def test_a_loopback_is_the_only_row(origin: str) -> None:
    """With a sandbox, no real place is reachable at all."""
    places = Places(DataCenter.EU, (origin, origin))
    assert DataCenter.US is places.home
    assert origin == places.place("us", origin)[1].api
    assert origin == places.api_origin(DataCenter.US, origin)
    for data_center, row in TABLE.items():
        with pytest.raises(Refused, match="place_unknown"):
            places.place(data_center.value, row.accounts)
        with pytest.raises(Refused, match="place_unknown"):
            places.api_origin(data_center, row.api)


@pytest.mark.parametrize(
    ("environment", "host"),
    [(Environment.SANDBOX, "sandbox"), (Environment.DEVELOPER, "developer")],
)
@pytest.mark.parametrize("data_center", [one for one in DataCenter if one is not DataCenter.UK])
def test_an_environment_has_its_own_api(
    environment: Environment, host: str, data_center: DataCenter
) -> None:
    """Whether the token answer names it, names production, or nothing; and no other."""
    places, row = Places(data_center, environment=environment), TABLE[data_center]
    own = row.api.replace("www", host)
    assert {own} == {places.api_origin(data_center, told) for told in (None, own, row.api)}
    other = row.api.replace("www", "developer" if host == "sandbox" else "sandbox")
    for told in (other, f"{own}.evil.example", "https://sandbox.zohoapis.example"):
        with pytest.raises(Refused, match="place_unknown"):
            places.api_origin(data_center, told)
    with pytest.raises(Refused, match="place_unknown"):
        Places(data_center).api_origin(data_center, own)


def test_an_environment_zoho_doesnt_name_is_refused() -> None:
    """Nothing is guessed for the United Kingdom."""
    with pytest.raises(Refused, match="place_unknown"):
        Places(DataCenter.UK, environment=Environment.SANDBOX).api_origin(DataCenter.UK, None)
