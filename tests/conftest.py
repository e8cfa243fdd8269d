"""What every test stands on: repeatable cases, no thread left behind, no way to the world."""

import ipaddress
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

Cases = Callable[[int, int], int]

_refused: list[str] = []
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of ours is made in it
_THREAD_GRACE = 2.0  # seconds a stopped server or pool has to let its threads end


def pytest_configure() -> None:
    """Make property cases repeatable and keep sockets on this machine, in every worker."""
    settings.register_profile("parley", derandomize=True, deadline=None, database=None)
    settings.load_profile("parley")
    sys.addaudithook(_refuse_the_world)


@pytest.fixture(scope="session")
def soak() -> bool:
    """Whether the large counts are asked for (``make soak``)."""
    return os.environ.get("PARLEY_SOAK") == "1"


@pytest.fixture(scope="session")
def cases(soak: bool) -> Cases:
    """``cases(default, soak)`` is the number of cases to run now."""
    return lambda default, large: large if soak else default


@pytest.fixture
def memory_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one: processes are killed in it, no power is cut."""
    if not _SHARED_MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=_SHARED_MEMORY, prefix="parley-") as made:
        yield Path(made)


@pytest.fixture
def refused_connections() -> list[str]:
    """The addresses this test was kept from; one left in the list at the end fails the test."""
    return _refused


@pytest.fixture(autouse=True)
def _leaves_no_thread() -> Iterator[None]:
    """A thread that a test starts, and that would keep the process alive, ends with the test."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + _THREAD_GRACE
    while (left := _new_threads(before)) and time.monotonic() < deadline:
        left[0].join(0.05)
    if left:
        pytest.fail(f"left running: {', '.join(thread.name for thread in left)}")


@pytest.fixture(autouse=True)
def _stays_on_this_machine(_leaves_no_thread: None) -> Iterator[None]:
    """A refused connection fails the test, also where the code under test swallowed the error."""
    _refused.clear()
    yield
    tried = list(_refused)
    _refused.clear()
    if tried:
        pytest.fail(f"tried to reach {', '.join(tried)}")


def _new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    return [t for t in threading.enumerate() if t not in before and t.is_alive() and not t.daemon]


def _refuse_the_world(event: str, args: tuple[object, ...]) -> None:
    """Refuse what would leave this machine: a connection, a datagram, the look-up of a name."""
    if event in {"socket.connect", "socket.sendto"} and isinstance(args[1], tuple):
        host, port = args[1][:2]
        allowed = _is_loopback(str(host))
    elif event == "socket.getaddrinfo":
        host, port = args[:2]
        allowed = not host or _is_number(str(host)) or _is_loopback(str(host))
    else:
        return
    if not allowed:
        _refused.append(f"{host}:{port}")
        # An OSError, so that the code under test closes its socket; the record fails the test.
        message = f"a test tried to reach {host}:{port}"
        raise PermissionError(message)


def _is_loopback(host: str) -> bool:
    if not _is_number(host):
        return host == "localhost"
    found = ipaddress.ip_address(host.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return found.is_loopback or (mapped is not None and mapped.is_loopback)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
