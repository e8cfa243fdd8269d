"""How soon Parley acknowledges while the CRM stands still, beside a bare Bolt app.

Parley is ``parley serve`` in a process of its own, on a sandbox whose CRM answers each call
thirty seconds late. Times run from when a request was due to leave, not from when it left.
"""

import asyncio
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

from handlers.demo import connect
from handlers.sandbox.person import Person
from handlers.sandbox.slack.people import TEAM
from tests.bench.load import PATIENCE, Load, Shot
from tests.bench.steering import Steering
from tests.bench.table import HEAD, TURN, Row, line, row
from tests.processes import free_port, running, settings_for

SECONDS = 8
PEOPLE = {
    "U0ADA": "ada@example.com",
    "U0BEN": "ben@example.com",
    "U0CHLOE": "chloe@example.com",
    "U0DEV": "dev@example.com",
}
MEET = "/meet Pipeline review every other Sunday 10-11am with @ben and lead: Carissa Kidman"
STALL = {"kind": "delay", "seconds": 30, "times": None}
IDLE = 150
LETTERS_RATE = 10
"""Type-aheads a second, each of which would ask the CRM."""
MOST_MS = 300
MOST_TIMES = 3


def forms(steering: Steering, bodies: Sequence[bytes], shots: Sequence[Shot]) -> Row:
    """Return the line of the forms: from when its command was due until Slack had opened it."""
    triggers = [parse_qs(body.decode())["trigger_id"][0] for body in bodies]
    due = dict(zip(triggers, (shot.due for shot in shots), strict=True))
    end = time.monotonic() + PATIENCE
    took = _opened(steering, due)
    while len(took) < len(due) and time.monotonic() < end:
        time.sleep(0.2)
        took = _opened(steering, due)
    rate = round(len(bodies) / SECONDS)
    return line("  form open (views.open)", rate, took, len(due) - len(took))


def _opened(steering: Steering, due: dict[str, float]) -> list[float]:
    return [
        datetime.fromisoformat(call["at"]).timestamp() - due[call["args"]["trigger_id"]]
        for call in steering("slack/traffic")["calls"]
        if call["method"] == "views.open" and call["ok"] and call["args"]["trigger_id"] in due
    ]


@contextmanager
def idlers(port: int) -> Iterator[None]:
    """Hold idle connections to the server."""
    with ExitStack() as stack:
        for _ in range(IDLE):
            stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        yield


def letters() -> list[bytes]:
    """Return what Slack sends while people type names; no text comes twice."""
    return [
        urlencode({"payload": json.dumps(_suggestion(user, f"carissa {number} {user}"))}).encode()
        for number in range(LETTERS_RATE * SECONDS // len(PEOPLE))
        for user in PEOPLE
    ]


def _suggestion(user: str, typed: str) -> dict[str, Any]:
    # Slack, "Interaction payloads": block_suggestion.
    return {
        "type": "block_suggestion",
        "user": {"id": user, "team_id": TEAM},
        "team": {"id": TEAM},
        "action_id": "meet_people",
        "block_id": "people",
        "value": typed,
        "view": {},
    }


def pin(pid: int, core: int) -> bool:
    """Keep a process, with all its threads, on one core; False where that can't be done."""
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(task.name), {core})
    except (AttributeError, OSError):
        return False
    return True


def bench(folder: Path) -> bool:
    """Run everything, print the table and the verdicts; return whether they hold."""
    pinned = [pin(os.getpid(), 1)]
    with ExitStack() as stack:
        box = stack.enter_context(running("handlers.cli", "sandbox", folder=folder))
        announced: dict[str, str] = json.loads(box.said)
        steering = Steering(announced)
        stack.callback(steering.close)
        secret = announced["slack_signing_secret"]
        bare = stack.enter_context(running("tests.bench.bare_bolt", secret, folder=folder))
        port = free_port()
        settings = settings_for(announced, folder / "data", port)
        serve = running("handlers.cli", "serve", folder=folder, settings=settings)
        parley = stack.enter_context(serve)
        # The sandbox goes first, at once: the calls that hang would keep it and Parley waiting.
        stack.callback(box.process.kill)
        pinned += [pin(one.process.pid, 0) for one in (bare, parley)]
        print(
            "Servers on core 0, client and sandbox on core 1."
            if all(pinned)
            else "Processes can't be pinned to cores here: the figures carry more noise."
        )
        steering.install(f"http://127.0.0.1:{port}")
        for user, account in PEOPLE.items():
            connect(Person(steering.url, user), account)
        rows = asyncio.run(_rows(steering, Load(int(bare.said), secret), Load(port, secret), port))
    return verdicts(rows)


async def _rows(steering: Steering, bolt: Load, parley: Load, port: int) -> dict[str, Row]:
    meets = steering.commands(list(PEOPLE), MEET, 50 * SECONDS)
    status = iter(steering.commands(list(PEOPLE), "/crm status", (3 * 50 + 200) * SECONDS))
    steering("faults", **STALL)
    rows: dict[str, Row] = {}

    def tell(key: str, one: Row) -> None:
        rows[key] = one
        print(one, flush=True)

    print(HEAD)
    # Meetings first: their look-ups then hang in the CRM during all that follows.
    shots = await parley.send(meets, 50)
    tell("meet", row("Parley, /meet <words>", 50, shots))
    tell("form", forms(steering, meets, shots))
    for rate in (50, 200):
        bodies = list(islice(status, rate * SECONDS))
        bare, ours = await _in_turns(bolt, parley, bodies, rate)
        tell(f"bare {rate}", row("bare Bolt, /crm", rate, bare))
        tell(f"status {rate}", row("Parley, /crm status", rate, ours, rows[f"bare {rate}"]))
    with idlers(port):
        shots = await parley.send(list(islice(status, 50 * SECONDS)), 50)
    tell("idle", row(f"  with {IDLE} idle connections", 50, shots, rows["bare 50"]))
    typing = Load(port, parley.secret)
    shots, answers = await asyncio.gather(
        parley.send(list(status), 50), typing.send(letters(), LETTERS_RATE)
    )
    tell("typing", row("  while names are typed", 50, shots, rows["bare 50"]))
    tell("letters", row("Parley, type-ahead", LETTERS_RATE, answers))
    for load in (bolt, parley, typing):
        await load.close()
    return rows


async def _in_turns(
    one: Load, other: Load, bodies: Sequence[bytes], rate: int
) -> tuple[list[Shot], list[Shot]]:
    first: list[Shot] = []
    second: list[Shot] = []
    for start in range(0, len(bodies), rate * TURN):
        turn = bodies[start : start + rate * TURN]
        first += await one.send(turn, rate)
        second += await other.send(turn, rate)
    return first, second


def verdicts(rows: dict[str, Row]) -> bool:
    """Print what was promised, and whether it held."""
    ours = [rows[key] for key in ("meet", "status 50", "status 200", "idle", "typing")]
    status, idle = rows["status 50"], rows["idle"]
    held = {
        f"every command acknowledged, p99 within {MOST_MS} ms": all(
            not one.lost and one.p99 <= MOST_MS for one in ours
        ),
        f"usual p99 of /crm status at 50/s within {MOST_TIMES} times bare Bolt's": (
            status.times <= MOST_TIMES
        ),
        f"{IDLE} idle connections stop no acknowledgement": not idle.lost and idle.p99 <= MOST_MS,
        "every type-ahead answered in time": not rows["letters"].lost,
    }
    print(f"p99/b compares the p99 of each one's middle second ({TURN} s turns).")
    for promise, kept in held.items():
        print(f"{'ok  ' if kept else 'BAD '} {promise}")
    return all(held.values())


def main() -> int:
    """Run the bench; return 0 when every promise held."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        held = bench(Path(folder))
    print(f"That took {time.monotonic() - began:.0f} s.")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
