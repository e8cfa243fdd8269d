"""What keeping tokens safely costs, beside SQLite alone and slack_sdk's SQLite store.

Raw SQLite is one prepared statement a use on one plain table, as durable as ours (write-ahead
log, full sync), without encryption, rules or locks. The contenders and the sizes take turns of
a fraction of a second, and what is compared are the turns of one round: noise hits all alike.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tests.bench.store_worker import Task

SIZES = (100, 10_000, 1_000_000)
MODES = {"1 thread": (1, 1), "8 threads": (8, 1), "2 processes": (1, 2)}
"""Threads and processes."""
ACTS = ("save", "find")
STORES = ("parley", "raw", "slack")
ROUNDS = 7
TURN = 0.3
"""Seconds."""
LEAST_SAVE = 0.7
LEAST_FIND = 0.3
LEAST_SLACK = 8.0
MOST_SLOPE = 1.6
TOP = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Key:
    """Which figures: of one store, size, mode and act."""

    store: str
    users: int
    mode: str
    act: str


Rates = dict[Key, list[float]]
Worker = subprocess.Popen[str]


@contextmanager
def worker(folder: Path) -> Iterator[Worker]:
    """Run a process that does as it is told."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.store_worker", str(folder)],
        cwd=TOP, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.communicate()


def do(workers: Sequence[Worker], task: Task) -> float:
    """Have all workers do it at once and return how often a second they did, together."""
    for one in workers:
        assert one.stdin is not None
        one.stdin.write(json.dumps(asdict(task)) + "\n")
        one.stdin.flush()
    total = 0.0
    for one in workers:
        assert one.stdout is not None
        total += json.loads(one.stdout.readline())["rate"]
    return total


def bench(folder: Path, sizes: Sequence[int]) -> Rates:
    """Fill every store and let them take turns; return the rates of every round."""
    rates: Rates = {}
    with ExitStack() as stack:
        ours, slacks = ([stack.enter_context(worker(folder)) for _ in range(2)] for _ in range(2))
        for users in sizes:
            for store in STORES:
                do(
                    (slacks if store == "slack" else ours)[:1],
                    Task(store=store, users=users, act="fill"),
                )
        print(f"Filled after {time.monotonic() - BEGAN:.0f} s.", flush=True)
        for mode, (threads, processes) in MODES.items():
            for act in ACTS:
                for _ in range(ROUNDS):
                    for users in sizes:
                        for store in STORES:
                            task = Task(
                                store=store, users=users, act=act, threads=threads, seconds=TURN
                            )
                            team = (slacks if store == "slack" else ours)[:processes]
                            rates.setdefault(Key(store, users, mode, act), []).append(
                                do(team, task)
                            )
    return rates


BEGAN = time.monotonic()


def ratio(rates: Rates, one: Key, other: Key) -> float:
    """Return how many times the other's rate one's is, in the middle one of all rounds."""
    return median(a / b for a, b in zip(rates[one], rates[other], strict=True))


def verdicts(rates: Rates, sizes: Sequence[int]) -> bool:
    """Print the table and what was promised, and whether it held."""
    promises: dict[str, list[bool]] = {}

    def promise(text: str, kept: bool) -> None:
        promises.setdefault(text, []).append(kept)

    print(
        f"{'a second':12} {'users':>9} {'act':5} {'parley':>8} {'raw':>8} {'slack':>8}  {'p/raw':>6} {'p/slack':>7} {'slope':>6}"
    )
    for mode in MODES:
        for act in ACTS:
            for users in sizes:
                keys = [Key(store, users, mode, act) for store in STORES]
                ours, raw, slack = keys
                to_raw, to_slack = ratio(rates, ours, raw), ratio(rates, ours, slack)
                slope = ratio(rates, Key("parley", sizes[0], mode, act), ours)
                shown = " ".join(f"{median(rates[key]):8.0f}" for key in keys)
                print(
                    f"{mode:12} {users:9} {act:5} {shown}  {to_raw:6.2f} {to_slack:7.1f} {slope:6.2f}"
                )
                if act == "save":
                    promise(
                        f"durable save at least {LEAST_SAVE:.0%} of raw SQLite's",
                        to_raw >= LEAST_SAVE,
                    )
                else:
                    promise(f"find at least {LEAST_FIND:.0%} of raw SQLite's", to_raw >= LEAST_FIND)
                    promise(
                        f"find at least {LEAST_SLACK:.0f} times slack_sdk's",
                        to_slack >= LEAST_SLACK,
                    )
                promise(
                    f"flat: with {sizes[0]} users at most {MOST_SLOPE} times as fast",
                    slope <= MOST_SLOPE,
                )
    for text, kept in promises.items():
        print(f"{'ok  ' if all(kept) else 'BAD '} {text}")
    return all(all(kept) for kept in promises.values())


def main() -> int:
    """Run the bench; return 0 when every promise held."""
    sizes = [int(one) for one in sys.argv[1:]] or SIZES
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        held = verdicts(bench(Path(folder), sizes), sizes)
    print(f"That took {time.monotonic() - BEGAN:.0f} s.")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
