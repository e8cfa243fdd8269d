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
from itertools import product
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


def do(*tasks: tuple[Worker, Task]) -> float:
    """Have each worker do its task, all at once; return how often a second they did, together."""
    for one, task in tasks:
        assert one.stdin is not None
        one.stdin.write(json.dumps(asdict(task)) + "\n")
        one.stdin.flush()
    total = 0.0
    for one, _ in tasks:
        assert one.stdout is not None
        total += json.loads(one.stdout.readline())["rate"]
    return total


def bench(folder: Path, sizes: Sequence[int]) -> Rates:
    """Fill every store and let them take turns; return the rates of every round."""
    rates: Rates = {}
    with ExitStack() as stack:
        ours, slacks = ([stack.enter_context(worker(folder)) for _ in range(2)] for _ in range(2))
        fillers = dict(zip(STORES, (*ours, slacks[0]), strict=True))
        for users in sizes:
            do(*((one, Task(store=name, users=users, act="fill")) for name, one in fillers.items()))
        print(f"Filled after {time.monotonic() - BEGAN:.0f} s.", flush=True)
        for mode, act, _, users, store in product(MODES, ACTS, range(ROUNDS), sizes, STORES):
            threads, processes = MODES[mode]
            task = Task(store=store, users=users, act=act, threads=threads, seconds=TURN)
            team = (slacks if store == "slack" else ours)[:processes]
            rate = do(*((one, task) for one in team))
            rates.setdefault(Key(store, users, mode, act), []).append(rate)
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
        f"{'a second':12} {'users':>9} {'act':5} {'parley':>8} {'raw':>8} {'slack':>8}"
        f"  {'p/raw':>6} {'p/slack':>7} {'slope':>6} {'raw':>6}"
    )
    for mode, act, users in product(MODES, ACTS, sizes):
        keys = [Key(store, users, mode, act) for store in STORES]
        ours, raw, slack = keys
        to_raw, to_slack = ratio(rates, ours, raw), ratio(rates, ours, slack)
        slope, raws = (
            ratio(rates, Key(one.store, sizes[0], mode, act), one) for one in (ours, raw)
        )
        shown = " ".join(f"{median(rates[key]):8.0f}" for key in keys)
        print(
            f"{mode:12} {users:9} {act:5} {shown}"
            f"  {to_raw:6.2f} {to_slack:7.1f} {slope:6.2f} {raws:6.2f}"
        )
        promise(f"with {sizes[0]} users at most {MOST_SLOPE} times as fast", slope <= MOST_SLOPE)
        if act == "find":
            promise(f"find at least {LEAST_SLACK:.0f} times slack_sdk's", to_slack >= LEAST_SLACK)
    for (act, least), mode in product((("save", LEAST_SAVE), ("find", LEAST_FIND)), MODES):
        # Over all sizes: one turn of another program on the disk is not a finding.
        found = median(
            a / b
            for users in sizes
            for a, b in zip(
                rates[Key("parley", users, mode, act)],
                rates[Key("raw", users, mode, act)],
                strict=True,
            )
        )
        print(f"{mode}: {act} {found:.0%} of raw SQLite's.")
        promise(f"{act} at least {least:.0%} of raw SQLite's", found >= least)
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
