"""Killing exports: a sandbox, a process that forks lives, and the ledger of what they did."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from math import ceil
from pathlib import Path
from typing import Any

import yaml

from bot.crm.accounts import Accounts, Client
from bot.crm.places import Places
from bot.crm.transport import Transport
from bot.domain.connection import Access, DataCenter, GrantState, Secret
from bot.domain.export_job import ENDED, ExportState
from handlers.demo import BEGINS
from handlers.manifest import manifest
from handlers.sandbox.person import Person
from handlers.sandbox.run import Sandbox
from handlers.sandbox.slack.steering import steer
from handlers.sandbox.web import Answer, Handler, Request, Site
from store.archives import Archives, Limits
from store.memory import Memory, open_memory
from store.sealing.keys import Keyring
from tests.journeys.exports.export_killable import KEY, OWNER, SharedClock, control
from tests.processes import ROOT

_PROGRAM = Path(__file__).with_name("export_killable.py")
DEATHS = 40
"""More than any plan has."""


@dataclass(slots=True)
class Rig:
    """A sandbox, and lives on it that die and come back.

    Attributes:
        sandbox: The CRM and Slack.
        folder: Where the lives keep what they remember.
        forge: Forks them.
        seeds: One for each export.
        kills: How many lives were killed.
        killed: How many of the last export's.
    """

    sandbox: Sandbox
    folder: Path
    forge: "subprocess.Popen[str]"
    seeds: list[str] = field(default_factory=list)
    kills: int = 0
    killed: int = 0

    def live(self, *die_at: int, kind: str = "ics", steps_alone: bool = False) -> int:
        """Carry one more export to its end; return how many points the last life passed.

        Args:
            die_at: At which point each life dies, one after the other.
            kind: What is exported.
            steps_alone: Whether only steps are points, and no requests and commits.
        """
        seed = f"scenario {len(self.seeds)}"
        self.seeds.append(seed)
        self.killed = 0
        for number in range(DEATHS):
            order = {
                "folder": str(self.folder),
                "told": self.sandbox.announcement(),
                "seed": seed,
                "kind": kind,
                "steps_alone": steps_alone,
                "die_at": die_at[number] if number < len(die_at) else 0,
            }
            answer = self._order(order)
            if answer[0] == "done":
                return int(answer[1])
            assert answer[0] == "killed", (self.folder / "lives.log").read_text()
            self.killed += 1
            self.kills += 1
        raise AssertionError(f"{seed} died too often")

    def _order(self, order: dict[str, Any]) -> list[str]:
        assert self.forge.stdin is not None
        assert self.forge.stdout is not None
        self.forge.stdin.write(json.dumps(order) + "\n")
        self.forge.stdin.flush()
        return self.forge.stdout.readline().split()

    def judge(self) -> None:
        """Hold what was done and said to: each export once, whole, and told of once."""
        dev = Person(self.sandbox.announcement()["control_url"], OWNER.user)
        keys = Counter(
            str(one["raw"]["metadata"]["event_payload"]["key"]) for one in dev.messages()
        )
        with memory_of(self.folder, self.sandbox.clock.now()) as memory:
            jobs = memory.exports.of(OWNER)
            archives = Archives(self.folder / "exports", Limits(free=0))
            archives.sweep(memory.exports.known)
            files = {path.name for path in (self.folder / "exports").iterdir()}
            assert len(jobs) == len(self.seeds)
            assert {ExportState.DONE} == {job.state for job in jobs}
            assert all(job.state in ENDED and job.noticed for job in jobs)
            messages = Counter({f"export:{job.id}": 1 for job in jobs})
            assert keys == messages + Counter({f"export:{job.id}:end": 1 for job in jobs})
            for job in jobs:
                found = self.records(str(job.query["module"]))
                assert (job.progress.rows, job.progress.told_rows) == (found, found)
            for job in jobs:
                for file in job.progress.files:
                    content = archives.path(job.id, file.kind).read_bytes()
                    assert (file.bytes, file.sha256) == (
                        len(content),
                        sha256(content).hexdigest(),
                    )
                    files.discard(archives.path(job.id, file.kind).name)
            assert files == set()
            assert memory.outbox.next_due() is None
            assert memory.export_tellings.next_due() is None
        self._judge_texts(dev, len(jobs))

    def _judge_texts(self, dev: Person, jobs: int) -> None:
        """Every message that follows an export shows its end, though it was edited in between."""
        texts = [one["text"] for one in dev.messages() if one["text"].startswith("*Export of")]
        assert jobs == len([text for text in texts if "Ready: " in text])

    def records(self, module: str) -> int:
        """Return how many records the CRM has."""
        return len(self.sandbox.crm.world.records(module))


@contextmanager
def memory_of(folder: Path, now: datetime) -> Iterator[Memory]:
    """Open what lives left in a folder."""
    memory = open_memory(folder / "parley.db", Keyring([KEY]), now)
    try:
        yield memory
    finally:
        memory.close()


@contextmanager
def rig(folder: Path, *, pages: int) -> Iterator[Rig]:
    """Run a sandbox whose clock stands, connect a person, and start what forks lives."""
    with (folder / "lives.log").open("w") as log:
        forge = subprocess.Popen(
            [sys.executable, str(_PROGRAM)],
            env={"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    sandbox = Sandbox.start()
    try:
        found = Rig(sandbox=sandbox, folder=folder, forge=forge)
        prepare(sandbox, folder, pages, job_seconds=1.0)
        yield found
    finally:
        with forge:
            forge.kill()
        sandbox.stop()


def share_clock(sandbox: Sandbox, folder: Path) -> SharedClock:
    """Let the sandbox follow a clock that lives move; it begins at ``BEGINS``."""
    (folder / "clock").write_bytes(bytes(8))
    clock = SharedClock(folder / "clock")
    clock.set(BEGINS)
    for site in (sandbox.crm.site, sandbox.slack.site):
        _follow(sandbox, clock, site)
    return clock


def _follow(sandbox: Sandbox, clock: SharedClock, site: Site) -> None:
    around = site.around

    def timed(request: Request, page: Handler) -> Answer:
        sandbox.clock.freeze(clock.now())
        return page(request) if around is None else around(request, page)

    site.around = timed


def prepare(sandbox: Sandbox, folder: Path, pages: int, *, job_seconds: float = 3.5) -> None:
    """Install the app, connect a person, and give the CRM meetings; results have *pages*."""
    told = sandbox.announcement()
    app = yaml.safe_load(manifest("http://127.0.0.1:9", ""))
    steer(told["control_url"], "install", request_url="http://127.0.0.1:9", manifest=app)
    client = Client(id=told["client_id"], secret=Secret(told["client_secret"]))
    wire = Transport()
    places = Places(DataCenter.US, (told["accounts_url"], told["api_url"]))
    accounts = Accounts(wire, places, {DataCenter.US: client}, "http://127.0.0.1:9/")
    now = share_clock(sandbox, folder).now()
    tokens = accounts.refresh(Secret(told["refresh_token"]), DataCenter.US, now)
    access = Access(api_origin=tokens.api_origin, token=tokens.access)
    account = accounts.whoami(access)
    meetings = [
        {
            "Event_Title": f"Review {number}",
            "Start_DateTime": f"2026-02-0{number}T10:00:00+00:00",
            "End_DateTime": f"2026-02-0{number}T11:00:00+00:00",
        }
        for number in range(1, 5)
    ]
    url = f"{access.api_origin}/crm/v8/Events"
    assert wire.send("POST", url, token=access.token, json={"data": meetings}).status == 201
    wire.close()
    with memory_of(folder, now) as memory:
        memory.grants.keep(OWNER, DataCenter.US, account, tokens, state=GrantState.ACTIVE, now=now)
    switches = {
        "bulk.csv_rows": ceil(len(sandbox.crm.world.records("Leads")) / pages),
        "bulk.ics_rows": ceil(len(sandbox.crm.world.records("Events")) / pages),
        "bulk.callbacks": "never",
        "bulk.job_seconds": job_seconds,
        "api.credits": 100_000_000,
    }
    control(told["control_url"], "/control/switches", switches)
