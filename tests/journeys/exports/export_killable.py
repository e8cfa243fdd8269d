"""An export's life in a process to be killed, forked from one that has everything imported.

Started by `tests/journeys/exports/export_killing.py`. Each line on stdin is the JSON of one order:
carry an export to its end, and die by SIGKILL at the so-manieth point; at none by the
first order. Points are every request to the CRM and to Slack, before and after it, every
commit, and every step. The answer is one line: `done` and how many points there were,
`killed`, or `failed`.
"""

import gc
import http.client
import json
import mmap
import os
import signal
import struct
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from slack_sdk import WebClient
from slack_sdk.web.slack_response import SlackResponse

from bot.crm.accounts import Accounts, Client
from bot.crm.bulk import Bulk
from bot.crm.call import Answer
from bot.crm.places import Places
from bot.crm.transport import Transport
from bot.domain.connection import Access, DataCenter, Owner, Secret
from bot.domain.export import FileType, Query
from bot.domain.export_job import ENDED
from bot.journeys.account.access import CrmAccess
from bot.journeys.export.jobs import Export, ExportLimits
from bot.journeys.export.steps import ExportSteps
from bot.journeys.export.tools import ExportTools
from handlers.bells import Bell
from handlers.sender import LEASE_SECONDS as SENDER_LEASE
from handlers.sender import Sender
from handlers.slack.exports.telling import ExportTeller
from handlers.slack.ids import Commands
from handlers.slack.notices import Notices
from handlers.slack.voice import SlackVoice
from store.archives import Archives, Limits
from store.memory import open_memory
from store.sealing.keys import Keyring

KEY = b"k" * 32
OWNER = Owner("T0PARLEY", "U0DEV")
QUERIES = {
    "csv": Query(module="Leads", fields=("Last_Name", "Email")),
    "ics": Query(module="Events", file_type=FileType.ICS),
}
LEASE = 60.0
ROUNDS = 2000
"""More than any life takes."""


class Points:
    """Counts the points a process passes, and ends it at one of them."""

    def __init__(self, at: int, *, steps_alone: bool = False) -> None:
        """Die at the point of this number; 0 for never.

        Where *steps_alone*, requests and commits don't count.
        """
        self.passed = 0
        self._at = at
        self._steps_alone = steps_alone

    def __call__(self) -> None:
        """Pass a request or a commit."""
        if not self._steps_alone:
            self._pass()

    def step(self, _name: str) -> None:
        """Pass a step."""
        self._pass()

    def _pass(self) -> None:
        self.passed += 1
        if self.passed == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


class SharedClock:
    """A moment in a file, seen at once by every process; it moves only when it is set."""

    def __init__(self, file: Path) -> None:
        """Share the moment in *file*, which is there."""
        with file.open("r+b") as opened:
            self._seen = mmap.mmap(opened.fileno(), 8)

    def now(self) -> datetime:
        """Return the moment."""
        return datetime.fromtimestamp(struct.unpack("d", self._seen[:8])[0], UTC)

    def set(self, at: datetime) -> None:
        """Move on to a moment."""
        self._seen[:8] = struct.pack("d", at.timestamp())


class Wire(Transport):
    """The wire, with a point before and after each call."""

    def __init__(self, points: Points) -> None:
        """Wait for nothing between tries."""
        super().__init__(sleep=lambda _: None)
        self._points = points

    def send(self, *arguments: Any, **named: Any) -> Answer:
        """Send, between two points."""
        self._points()
        answer = super().send(*arguments, **named)
        self._points()
        return answer


class Sliced(Bulk):
    """The bulk read; a result comes in slices, so that it can be cut anywhere."""

    def download(self, access: Access, job_id: str, **named: Any) -> Iterator[bytes]:
        """Give the result in about four slices."""
        for piece in super().download(access, job_id, **named):
            size = len(piece) // 4 + 1
            yield from (piece[at : at + size] for at in range(0, len(piece), size))


class Slack(WebClient):
    """Slack's Web API, with a point before and after each call."""

    points = Points(0)

    def api_call(self, *arguments: Any, **named: Any) -> SlackResponse:
        """Call, between two points."""
        self.points()
        answer = super().api_call(*arguments, **named)
        self.points()
        return answer


class Life:
    """One process's parts."""

    def __init__(self, order: Mapping[str, Any], points: Points) -> None:
        """Open what an earlier one left."""
        self._told = order["told"]
        self._points = points
        self.folder = Path(order["folder"])
        self._clock = SharedClock(self.folder / "clock")
        self.memory = open_memory(self.folder / "parley.db", Keyring([KEY]), self.now())
        self.memory.db.after_commit(points)
        self._make(self.folder / "exports")

    def close(self) -> None:
        """Let go of everything."""
        self._wire.close()
        self.memory.close()

    def now(self) -> datetime:
        """Tell the time, which stands still while we work."""
        return self._clock.now()

    def _make(self, folder: Path) -> None:
        told, memory, bell = self._told, self.memory, Bell()
        Slack.points = self._points
        self._wire = wire = Wire(self._points)
        client = Client(id=told["client_id"], secret=Secret(told["client_secret"]))
        loopback = (told["accounts_url"], told["api_url"])
        accounts = Accounts(
            wire, Places(DataCenter.US, loopback), {DataCenter.US: client}, "http://127.0.0.1:9/"
        )
        voice = SlackVoice(
            token=Secret(told["slack_bot_token"]),
            api_url=told["slack_api_url"],
            outbox=memory.outbox,
            profiles=memory.profiles,
            render=Notices(Commands()).render,
            bell=bell,
        )
        access = CrmAccess(
            grants=memory.grants,
            renewals=memory.renewals,
            accounts=accounts,
            voice=voice,
            audit=memory.audit,
            memory=memory,
            holder="rig",
            sleep=lambda _: None,
            random=lambda: 0.5,
        )
        self.archives = Archives(folder, Limits(free=0))
        self.export = Export(
            exports=memory.exports,
            archives=self.archives,
            grants=memory.grants,
            memory=memory,
            limits=ExportLimits(per_person=9999, running=9999),
            wake=bell.ring,
        )
        tools = ExportTools(
            exports=memory.exports,
            downloads=memory.downloads,
            archives=self.archives,
            bulk=Sliced(wire),
            grants=memory.grants,
            access=access,
            public_url="http://127.0.0.1:9",
            link_life=timedelta(days=30),
            now=self.now,
            reached=self._points.step,
        )
        self.steps = ExportSteps(tools)
        self.teller = ExportTeller(
            tellings=memory.export_tellings,
            outbox=memory.outbox,
            memory=memory,
            link_for=lambda job: f"http://127.0.0.1:9/exports/{job.id}",
            commands=Commands(),
            bell=bell,
            clock=self.now,
        )
        slack = Slack(
            token=told["slack_bot_token"],
            base_url=told["slack_api_url"],
            timeout=10,
            retry_handlers=[],
        )
        self.sender = Sender(outbox=memory.outbox, client=lambda: slack, bell=bell, clock=self.now)

    def begin(self, seed: str, query: Query) -> str:
        """Start an export, or find it started; return its id."""
        grant = self.memory.grants.in_use(OWNER)
        assert grant is not None
        return self.export.start(OWNER, grant, query, seed=seed, now=self.now()).id

    def carry(self, job_id: str) -> None:
        """Carry an export to its end, and to the end of what is said of it."""
        for _ in range(ROUNDS):
            if not self.work() and not self._wait(job_id):
                return
        raise AssertionError(f"{job_id} has no end")

    def until(self, true: Callable[[], object]) -> None:
        """Work, and let time pass, until it is true."""
        for _ in range(ROUNDS):
            if true():
                return
            if not self.work():
                self._go_on()
        raise AssertionError("waited in vain")

    def advance(self, seconds: float) -> None:
        """Let time pass for us and for the sandbox."""
        self._clock.set(self.now() + timedelta(seconds=seconds))

    def work(self) -> bool:
        """Do one thing of each kind that is due; False when nothing was."""
        memory, worked = self.memory, self.teller.round()
        if self._due(memory.exports.next_due()):
            job = memory.exports.claim(self.now(), LEASE)
            if job is not None:
                self.steps.step(job)
                worked = True
        if self._due(memory.outbox.next_due()):
            for item in memory.outbox.claim(self.now(), 1, SENDER_LEASE):
                self.sender.send(item)
                worked = True
        return worked

    def _due(self, at: datetime | None) -> bool:
        return at is not None and at <= self.now()

    def _wait(self, job_id: str) -> bool:
        """Go on to the next moment at which something is due; False at the end."""
        job = self.memory.exports.get(job_id)
        assert job is not None
        over = job.state in ENDED and job.due == job.expires_at
        return self._go_on(over=over)

    def _go_on(self, *, over: bool = False) -> bool:
        dues = [
            None if over else self.memory.exports.next_due(),
            self.memory.export_tellings.next_due(),
            self.memory.outbox.next_due(),
        ]
        due = min((one for one in dues if one is not None), default=None)
        if due is not None:
            self.advance(max(0.0, (due - self.now()).total_seconds()) + 0.01)
        return due is not None


def control(url: str, path: str, body: Mapping[str, Any]) -> None:
    """Tell the sandbox something."""
    line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    line.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    line.getresponse().read()
    line.close()


def live(order: Mapping[str, Any]) -> None:
    """Be one process."""
    points = Points(order["die_at"], steps_alone=order["steps_alone"])
    life = Life(order, points)
    job_id = life.begin(order["seed"], QUERIES[order["kind"]])
    points.step("begun")
    life.carry(job_id)
    life.close()
    os.write(1, f"done {points.passed}\n".encode())


def warm() -> None:
    """Live one life here, so that whoever is forked finds every path run through once."""
    order = json.loads(sys.stdin.readline())
    assert not order["die_at"], "the first life is not to be killed"
    live(order)
    gc.collect()
    gc.freeze()
    gc.disable()


def main() -> None:
    """Fork a process for every one that died; ended by the end of stdin."""
    warm()
    while line := sys.stdin.readline():
        pid = os.fork()
        if pid == 0:
            be_killed(line)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            return
        os.write(1, b"killed\n")


def be_killed(line: str) -> NoReturn:
    """Carry out this order and all that follow, for as long as nobody dies."""
    try:
        while line:
            live(json.loads(line))
            # The next order is written when this one is answered: nobody reads ahead.
            line = sys.stdin.readline()
    except BaseException:  # noqa: BLE001 - told by the line, shown in the log
        traceback.print_exc()
        os.write(1, b"failed\n")
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
