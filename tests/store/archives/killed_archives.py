"""Kills children that receive and finish an export at random moments; says what they left.

A program of its own: it has one thread, so it may fork, and a child starts in no time.
"""

import hashlib
import io
import os
import random
import signal
import sys
import time
import zipfile
from pathlib import Path

from bot.domain.export import FileType
from store.archives import Archives, Limits

PAGES = 2


def _zip(number: int) -> bytes:
    rng = random.Random(number)
    rows = b"".join(b"%d,=%x\n" % (n, rng.getrandbits(64)) for n in range(1500))
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(f"{number}.csv", b"Id,Name\n" + rows)
    return held.getvalue()


def _export(archives: Archives, zips: list[bytes]) -> None:
    pages = [
        archives.receive("X1", n, [one[:5000], one[5000:]], file_type=FileType.CSV)
        for n, one in enumerate(zips, 1)
    ]
    archives.finish("X1", pages, name="Leads", file_type=FileType.CSV)


def _whole(folder: Path) -> dict[str, str]:
    """Return the checksum of each file that stands under a name of its own."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.suffix != ".part"
    }


def _killed(archives: Archives, zips: list[bytes], delay: float) -> None:
    child = os.fork()
    if not child:
        _export(archives, zips)
        os._exit(0)
    time.sleep(delay)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def main() -> None:
    """Print how many were killed with how much of the work done, or fail."""
    folder, times = Path(sys.argv[1]), int(sys.argv[2])
    archives, rng = Archives(folder, Limits(free=0)), random.Random(14)
    zips = [_zip(number) for number in range(PAGES)]
    began = time.perf_counter()
    _export(archives, zips)
    took, wanted = time.perf_counter() - began, _whole(folder)
    assert len(wanted) == PAGES + 2
    left: dict[int, int] = {}
    for _ in range(times):
        archives.remove("X1")
        _killed(archives, zips, rng.uniform(0, took))
        found = _whole(folder)
        assert found.items() <= wanted.items(), found
        left[len(found)] = left.get(len(found), 0) + 1
        if rng.random() < 0.05:
            _export(archives, zips)
            assert wanted == _whole(folder)
    archives.sweep(lambda: {"X1"})
    _export(archives, zips)
    assert wanted == _whole(folder)
    assert len(wanted) == len(list(folder.iterdir())), "what was killed is swept"
    sys.stdout.write(f"{sum(left.values())} {len(left)}\n")


if __name__ == "__main__":
    main()
