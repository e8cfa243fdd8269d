"""Killing a bot at a chosen request: what the sandbox sees is when it dies."""

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from fnmatch import fnmatchcase
from json import dumps
from pathlib import Path

import yaml

from handlers.demo import BEGINS
from handlers.manifest import manifest
from handlers.sandbox.person import Person
from handlers.sandbox.run import Sandbox
from handlers.sandbox.slack.steering import steer
from handlers.sandbox.web import Answer, Cut, Handler, Request, Site
from tests.processes import ROOT, settings_for

_PROGRAM = Path(__file__).with_name("killable.py")


class Stage:
    """A sandbox, and a bot on it that dies and comes back."""

    def __init__(
        self, folder: Path, forge: subprocess.Popen[str], sandbox: Sandbox, port: int
    ) -> None:
        """Take the forking process, the sandbox and the bots' port; no bot runs yet."""
        self.sandbox = sandbox
        self.data = folder / "data"
        self._offset = folder / "offset"
        self._forge = forge
        self._settings = settings_for(sandbox.announcement(), self.data, port)
        self._lock = threading.Lock()
        self._pid = 0
        self._left: int | None = None
        self._counted = ""
        self._after = False
        self.killed_at = ""
        for site in (sandbox.crm.site, sandbox.slack.site):
            self._watch(site)

    @property
    def control_url(self) -> str:
        """Where the sandbox is controlled."""
        return self.sandbox.announcement()["control_url"]

    @property
    def alive(self) -> bool:
        """Whether a bot runs."""
        return self._pid != 0

    def person(self, user: str) -> Person:
        """Sit somebody down at Slack; what a dead bot can't show isn't waited for long."""
        return Person(self.control_url, user, patience=0.3)

    def install(self) -> None:
        """Tell Slack where the bot is."""
        url = self._settings["PARLEY_PUBLIC_URL"]
        app = yaml.safe_load(manifest(url, ""))
        steer(self.control_url, "install", request_url=f"{url}/slack/events", manifest=app)

    def start(self) -> None:
        """Start a bot on what the last one left; true when it answers."""
        assert self._forge.stdin is not None
        assert self._forge.stdout is not None
        self._forge.stdin.write(dumps(self._settings) + "\n")
        self._forge.stdin.flush()
        self._pid = int(self._forge.stdout.readline())
        assert self._pid, "the bot couldn't start: see bots.log"

    def kill(self) -> None:
        """End the bot with SIGKILL; true when it is gone."""
        pid = self._pid
        if pid:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                while True:
                    os.kill(pid, 0)
                    time.sleep(0.001)
        # Only now: whoever sees that none is alive may start the next one on its port.
        if self._pid == pid:
            self._pid = 0

    def kill_at(self, number: int, *, after: bool, path: str = "*", method: str = "*") -> None:
        """Let the bot die at its so-manieth request from now, before or after it has effect.

        Only requests of `method` to `path` count; a `*` stands for anything.
        """
        with self._lock:
            self._left, self._after, self.killed_at = number, after, ""
            self._counted = f"{method} {path}"

    def spare(self) -> None:
        """Kill no more."""
        with self._lock:
            self._left = None

    def advance(self, seconds: float) -> None:
        """Move the clock of the sandbox and of every bot."""
        self.sandbox.clock.advance(seconds)
        self._tell_clock()

    def set_clock(self, at: datetime) -> None:
        """Begin at this moment."""
        self.advance((at - self.sandbox.clock.now()).total_seconds())

    def _tell_clock(self) -> None:
        ahead = self.sandbox.clock.now().timestamp() - time.time()
        with self._offset.open("r+b") as file:
            file.write(struct.pack("d", ahead))

    def _watch(self, site: Site) -> None:
        around = site.around

        def answered(request: Request, page: Handler) -> Answer:
            return page(request) if around is None else around(request, page)

        def watched(request: Request, page: Handler) -> Answer:
            if request.path.startswith("/control/") or not self._hit(request):
                return answered(request, page)
            if self._after:
                answered(request, page)
            self.kill()
            raise Cut

        site.around = watched

    def _hit(self, request: Request) -> bool:
        with self._lock:
            found = f"{request.method} {request.path}"
            if self._left is None or not fnmatchcase(found, self._counted):
                return False
            self._left -= 1
            if self._left:
                return False
            self._left = None
            self.killed_at = found
            return True


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Run a sandbox and what forks bots; everything is stopped at the end."""
    (folder / "offset").write_bytes(struct.pack("d", 0.0))
    with (folder / "bots.log").open("w") as log:
        forge = subprocess.Popen(
            [sys.executable, str(_PROGRAM), str(folder / "offset")],
            env={"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    sandbox = Sandbox.start()
    # Bound, never listening: while no bot runs, nobody else is given the port.
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))
    found = Stage(folder, forge, sandbox, held.getsockname()[1])
    try:
        found.set_clock(BEGINS)
        found.install()
        found.start()
        yield found
    finally:
        found.kill()
        with forge:
            forge.kill()
        sandbox.stop()
        held.close()
