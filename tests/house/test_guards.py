"""The suite's own guards do hold."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

LEAKY = """
import socket, threading

def test_thread():
    threading.Thread(target=threading.Event().wait, args=(6,), name="lingerer").start()

def test_swallowed():
    try:
        socket.create_connection(("192.0.2.1", 9), timeout=1)
    except OSError:
        pass
"""


@pytest.mark.parametrize("host", ["192.0.2.1", "example.com", "2001:db8::1"])
def test_a_connection_to_the_world_is_refused(refused_connections: list[str], host: str) -> None:
    """Only loopback is reached; no name is looked up (the numbers are RFC 5737's and 3849's)."""
    with pytest.raises(PermissionError, match="tried to reach"):
        socket.create_connection((host, 80), timeout=1)
    assert [f"{host}:80"] == refused_connections
    refused_connections.clear()


def test_a_connection_to_loopback_is_free() -> None:
    """A local server can be reached by its number and by its name."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        for host in ("127.0.0.1", "localhost"):
            with socket.create_connection((host, server.getsockname()[1]), timeout=5) as wire:
                assert wire.getpeername() == server.getsockname()


def test_a_thread_that_ends_is_no_leak() -> None:
    """A thread may outlive the test's last line by a moment."""
    threading.Timer(0.2, lambda: None).start()


def test_a_leaked_thread_and_a_swallowed_refusal_fail_their_test(tmp_path: Path) -> None:
    """Both guards turn a passing test red, seen in a run of its own."""
    (tmp_path / "test_leaky.py").write_text(LEAKY)
    (tmp_path / "conftest.py").write_text(Path(__file__, "../../conftest.py").resolve().read_text())
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:randomly",
            "--rootdir",
            tmp_path,
            tmp_path,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.returncode == 1, done.stdout
    assert "left running: lingerer" in done.stdout
    assert "tried to reach 192.0.2.1:9" in done.stdout


def test_the_large_counts_are_only_for_soaking(
    soak: bool, cases: Callable[[int, int], int]
) -> None:
    """``cases`` gives the first number by default and the second when soaking."""
    assert (2 if soak else 1) == cases(1, 2)
