"""The web front's end: soon, whoever holds a connection, and not in the middle of an answer."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from handlers.demo import workplace
from tests.journeys.steps import agrees, asks, link_of

SOON = 1.0


def test_a_kept_connection_doesnt_keep_the_server(tmp_path: Path) -> None:
    """A client that keeps its connection open doesn't hold up the end."""
    with workplace(tmp_path) as place:
        kept = socket.create_connection(("127.0.0.1", place.server.port))
        kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n")
        assert kept.recv(4096).startswith(b"HTTP/1.1 200")
        # So that this test ends even where the server waits for the client.
        give_up = threading.Timer(3, kept.shutdown, [socket.SHUT_RDWR])
        give_up.start()
        began = time.monotonic()
    took = time.monotonic() - began
    give_up.cancel()
    give_up.join()
    kept.close()

    assert took < SOON


def test_a_request_under_way_is_answered(tmp_path: Path) -> None:
    """Whoever waits for an answer when the end begins still gets it."""
    with ThreadPoolExecutor(1) as pool, workplace(tmp_path) as place:
        dev = place.person("U0DEV")
        agrees(link_of(dev), "dev@example.com")
        asks(dev, "Sync tomorrow 10am")
        place.control(
            "/control/faults",
            {"kind": "delay", "path": "/crm/v8/Contacts/search", "seconds": 0.5},
        )
        offered = pool.submit(dev.options, "People", "simon mo")
        time.sleep(0.2)

    assert ["Simon Morasca (contact, simon.morasca@example.com)"] == offered.result()
