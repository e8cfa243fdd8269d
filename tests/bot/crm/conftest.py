"""What the tests of the CRM's hands share: small servers, a wire that doesn't wait."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from bot.crm.accounts import SCOPES, Accounts, Client
from bot.crm.places import Places
from bot.crm.transport import Transport
from bot.domain.connection import Access, DataCenter, Secret
from handlers.sandbox.run import Sandbox
from handlers.sandbox.web import Server, Site

TOKEN = "1000.aaaa1111bbbb2222.cccc3333dddd4444"
_connects: list[object] = []
_listening = threading.Event()


def _heard(event: str, arguments: tuple[object, ...]) -> None:
    if not _listening.is_set():
        return
    if event == "socket.getaddrinfo":
        _connects.append(arguments[0])
    elif event == "socket.connect":
        _connects.append(arguments[1])


@pytest.fixture(scope="session")
def _audit() -> None:
    """Hear every look-up and connection of this process; an audit hook stays for good."""
    sys.addaudithook(_heard)


@pytest.fixture
def connects(_audit: None) -> Iterator[list[object]]:
    """Every host looked up and every address connected to during the test."""
    _connects.clear()
    _listening.set()
    yield _connects
    _listening.clear()


@pytest.fixture
def transport() -> Iterator[Transport]:
    """A wire whose waits between tries take no time."""
    wire = Transport(total_seconds=5.0, sleep=lambda _: None)
    yield wire
    wire.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Site], str]]:
    """Serve a site; returns its origin."""
    servers: list[Server] = []

    def start(site: Site) -> str:
        servers.append(Server.start(site))
        return servers[-1].origin

    yield start
    for server in servers:
        server.stop()


Talk = Callable[[socket.socket], None]


@pytest.fixture
def raw() -> Iterator[Callable[..., str]]:
    """Serve bytes: the function gets each connection once its request's head was read.

    With ``at_once`` it gets it before anything was read.
    """
    stops: list[Callable[[], None]] = []

    def start(talk: Talk, *, at_once: bool = False) -> str:
        listener = socket.create_server(("127.0.0.1", 0))

        def one(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                head = b""
                while not at_once and b"\r\n\r\n" not in head:
                    got = connection.recv(65536)
                    if not got:
                        return
                    head += got
                talk(connection)

        def loop() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                one(connection)

        thread = threading.Thread(target=loop)
        thread.start()

        def stop() -> None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join(timeout=10)

        stops.append(stop)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for stop in stops:
        stop()


@pytest.fixture
def access_to() -> Callable[[str], Access]:
    """Make the access to an API at an origin."""
    return lambda origin: Access(api_origin=origin, token=Secret(TOKEN))


class Crm:
    """A running sandbox, and the bot's way into it with exactly the scopes it asks for."""

    def __init__(self, sandbox: Sandbox, transport: Transport) -> None:
        """Act as Ada, an administrator in New York."""
        told = sandbox.announcement()
        self.side = sandbox.crm
        self.clock = sandbox.clock
        self.origin = told["api_url"]
        self.redirect = "http://127.0.0.1:9/oauth/callback"
        self.accounts = Accounts(
            transport,
            Places(DataCenter.US, (told["accounts_url"], told["api_url"])),
            {DataCenter.US: Client(id=told["client_id"], secret=Secret(told["client_secret"]))},
            self.redirect,
        )
        self.access = self.access_of("ada@example.com")

    def access_of(self, email: str, scopes: tuple[str, ...] = SCOPES) -> Access:
        """The access of somebody who agreed to *scopes*."""
        user = self.user(email)
        refresh = Secret(self.side.world.grants.add_refresh(user["id"], " ".join(scopes)))
        tokens = self.accounts.refresh(refresh, DataCenter.US, self.clock.now())
        return Access(api_origin=tokens.api_origin, token=tokens.access)

    def user(self, email: str) -> dict[str, Any]:
        """The CRM user with this address."""
        found: dict[str, Any] | None = self.side.world.user_named(email)
        assert found is not None
        return found

    def turn(self, **switches: Any) -> None:
        """Turn switches; the first `_` of a name is its dot."""
        named = {name.replace("_", ".", 1): value for name, value in switches.items()}
        assert "" == self.side.world.switches.turn(named)

    def fault(self, **told: Any) -> None:
        """Arm a fault."""
        self.side.faults.arm(told)

    def records(self, module: str) -> dict[str, dict[str, Any]]:
        """What the CRM holds, by id."""
        found: dict[str, dict[str, Any]] = self.side.world.records(module)
        return found

    def one(self, module: str, **values: Any) -> dict[str, Any]:
        """The first record with these values."""
        return next(
            row
            for row in self.records(module).values()
            if all(row.get(key) == value for key, value in values.items())
        )


@pytest.fixture
def crm(transport: Transport) -> Iterator[Crm]:
    """A sandbox of this test's own."""
    sandbox = Sandbox.start()
    try:
        yield Crm(sandbox, transport)
    finally:
        sandbox.stop()
