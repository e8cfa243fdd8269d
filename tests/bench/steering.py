"""The sandbox as a bench steers it, and the commands that its people type beforehand."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import yaml

from handlers.manifest import manifest

AHEAD = 600
"""Seconds by which the sandbox's clock is put forward while triggers are made beforehand."""


class Steering:
    """The sandbox's control routes, on one connection."""

    def __init__(self, announced: dict[str, str]) -> None:
        """Connect."""
        self.url = announced["control_url"]
        self._wire = HTTPConnection(urlsplit(self.url).netloc, timeout=30)

    def __call__(self, path: str, **body: object) -> dict[str, Any]:
        """Post *body* and return the answer."""
        self._wire.request("POST", f"/control/{path}", json.dumps(body).encode())
        with self._wire.getresponse() as answer:
            found: dict[str, Any] = json.loads(answer.read())
            assert answer.status == 200, found
        return found

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()

    def install(self, origin: str) -> None:
        """Have Slack send to *origin* from now on."""
        self(
            "slack/install",
            request_url=f"{origin}/slack/events",
            manifest=yaml.safe_load(manifest(origin, "")),
        )

    def commands(self, people: Sequence[str], text: str, count: int) -> list[bytes]:
        """Return *count* commands of *people* as Slack writes them, good for minutes."""
        with _catcher() as (origin, caught):
            self.install(origin)
            self("clock", advance=AHEAD)
            for number in range(count):
                user = people[number % len(people)]
                self("slack/command", user=user, channel="C0GENERAL", text=text)
            self("clock", thaw=True)
        return caught


@contextmanager
def _catcher() -> Iterator[tuple[str, list[bytes]]]:
    """Listen where Slack sends; give the address and the bodies that came."""
    caught: list[bytes] = []

    class Catch(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            caught.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Write nothing to stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Catch) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", caught
        server.shutdown()
        thread.join()
