"""One life on a sandbox whose clock stands: an export is carried on step by step, and looked at."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.domain.export import Query
from bot.domain.export_job import ExportJob, ExportState
from handlers.sandbox.person import Person
from handlers.sandbox.run import Sandbox
from tests.journeys.exports.export_killable import OWNER, QUERIES, Life, Points
from tests.journeys.exports.export_killing import prepare

LEADS = QUERIES["csv"]
CREATE = "/crm/bulk/v8/read"
LOOK = "/crm/bulk/v8/read/{id}"
RESULT = "/crm/bulk/v8/read/{id}/result"
HOURS = 3600.0


class Bench:
    """A sandbox whose clock stands, and one life on it."""

    def __init__(self, sandbox: Sandbox, life: Life) -> None:
        """Take both."""
        self.sandbox = sandbox
        self.life = life
        self.control_url = sandbox.announcement()["control_url"]
        self.dev = Person(self.control_url, OWNER.user)

    def starts(self, query: Query = LEADS, seed: str = "first") -> str:
        """Start an export."""
        return self.life.begin(seed, query)

    def job(self, job_id: str) -> ExportJob:
        """Return an export as it stands."""
        found = self.life.memory.exports.get(job_id)
        assert found is not None
        return found

    def ends(self, job_id: str) -> ExportJob:
        """Carry an export to its told end."""
        self.life.carry(job_id)
        return self.job(job_id)

    def reaches(self, job_id: str, state: ExportState) -> ExportJob:
        """Carry an export until it is in this state."""
        self.life.until(lambda: self.job(job_id).state is state)
        return self.job(job_id)

    def leaves(self, job_id: str, state: ExportState) -> None:
        """Carry an export until it isn't in this state any more."""
        self.life.until(lambda: self.job(job_id).state is not state)

    def becomes(self, job_id: str, state: ExportState) -> ExportJob:
        """Carry an export to a state it stays in for a while, until its message shows it."""
        self.reaches(job_id, state)
        self.life.until(lambda: self.life.memory.export_tellings.next_due() is None)
        return self.job(job_id)

    def arm(self, kind: str, method: str, path: str, **more: Any) -> None:
        """Arm a fault at the CRM."""
        self.sandbox.crm.faults.arm({"kind": kind, "method": method, "path": path, **more})

    def turn(self, **switches: Any) -> None:
        """Turn switches of the CRM's bulk read."""
        named = {f"bulk.{name}": value for name, value in switches.items()}
        assert self.sandbox.crm.world.switches.turn(named) == ""

    def asked(self, method: str, path: str) -> int:
        """Return how many requests reached a path of the CRM's bulk read."""
        found = self.sandbox.crm.traffic.listing(method=method)
        prefix, _, rest = path.partition("{id}")
        return sum(
            one["path"].startswith(prefix)
            and one["path"].endswith(rest)
            and one["path"].count("/") == path.count("/")
            for one in found
        )

    def callback(self) -> str:
        """Return the address of the last created job's callback."""
        found = self.sandbox.crm.traffic.listing(method="POST")
        body = next(one["body"] for one in reversed(found) if one["path"] == CREATE)
        told = json.loads(body) if isinstance(body, str) else body
        return str(told["callback"]["url"]).rpartition("/")[2]

    def put_back(self, copy: Path) -> bool:
        """Go on with a copy of the database, as after a start; say whether it counts as older."""
        self.life.close()
        folder = self.life.folder
        for rest in folder.glob("parley.db-*"):
            rest.unlink()
        copy.replace(folder / "parley.db")
        order = {"folder": str(folder), "told": self.sandbox.announcement()}
        self.life = Life(order, Points(0))
        return self.life.memory.epoch.begin(self.life.now())

    def texts(self) -> list[str]:
        """Return what Dev reads in the direct messages."""
        return [str(one["text"]) for one in self.dev.messages()]


@contextmanager
def benched(folder: Path) -> Iterator[Bench]:
    """Two pages of leads in the CRM, and Dev connected as an administrator."""
    sandbox = Sandbox.start()
    prepare(sandbox, folder, pages=2)
    order = {"folder": str(folder), "told": sandbox.announcement()}
    life = Life(order, Points(0))
    bench = Bench(sandbox, life)
    yield bench
    bench.life.close()
    sandbox.stop()
