"""What an export's files cost: beside curl plus unzip, cp, a plain csv pass and a plain merge.

Everything runs here, page by page in turns, so that all meet the same weather: a made-up CSV of
500 MB in five pages, zipped as the CRM does it, served by sendfile on loopback.
"""

import csv
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from isal import isal_zlib

from bot.crm.transport import Transport
from bot.domain.export import FileType
from bot.domain.export_job import ExportPage
from store.archives import Archives
from tests.bench.leads import make_page
from tests.bench.receiving import pieces
from tests.processes import running

MB = 1_000_000
PAGES = 5
PAGE_BYTES = 100 * MB
SMALL_BYTES = 10 * MB
MERGES = 3
MOST_ON = 1.0
MOST_SAFE = 5.0
MOST_MERGE = 2.0
MOST_MIB = 64
SAME_MIB = 8
"""Two measurements of the same memory differ by less."""


@dataclass(slots=True, kw_only=True)
class Line:
    """One line of the table.

    Attributes:
        name: What was done.
        size: To how many bytes of CSV.
        took: Seconds, a round each.
        beside: The line to be compared with.
    """

    name: str
    size: int
    took: list[float] = field(default_factory=list)
    beside: "Line | None" = None

    def time(self, act: Callable[[], object]) -> None:
        """Do it once more."""
        began = time.perf_counter()
        act()
        self.took.append(time.perf_counter() - began)

    @property
    def times(self) -> float:
        """How many times the other line's seconds, in the middle one of all rounds."""
        if self.beside is None:
            return math.nan
        return median(a / b for a, b in zip(self.took, self.beside.took, strict=True))

    def __str__(self) -> str:
        """Return the line."""
        usual = median(self.took)
        line = f"{self.name:38} {usual:7.3f} {self.size / MB / usual:8.0f}"
        return line if self.beside is None else f"{line} {self.times:7.2f}  {self.beside.name}"


HEAD = f"{'':38} {'s':>7} {'MB/s':>8} {'times':>7}"


def curl_unzip(url: str, folder: Path) -> None:
    """Do what a person would do by hand."""
    subprocess.run(["curl", "-sS", "-o", folder / "by_hand.zip", url], check=True)
    subprocess.run(["unzip", "-o", "-q", folder / "by_hand.zip", "-d", folder], check=True)


def csv_pass(table: Path, out: Path) -> None:
    """Read and write every cell, no more."""
    with (
        table.open(encoding="utf-8", newline="") as source,
        out.open("w", encoding="utf-8", newline="") as target,
    ):
        csv.writer(target, lineterminator="\n").writerows(csv.reader(source))


def plain_merge(zips: Sequence[Path], out: Path) -> None:
    """Merge with ISA-L at level 2, checking nothing."""
    deflater = isal_zlib.compressobj(2, isal_zlib.DEFLATED, -15)
    with out.open("wb") as target:
        for number, path in enumerate(zips):
            inflater = isal_zlib.decompressobj(-15)
            with path.open("rb") as source:
                with zipfile.ZipFile(source) as archive:
                    name = archive.infolist()[0].filename
                source.seek(30 + len(name))
                skip = number > 0
                while data := source.read(256 * 1024):
                    text = inflater.decompress(data)
                    if skip:
                        text, skip = text[text.index(b"\n") + 1 :], False
                    target.write(deflater.compress(text))
        target.write(deflater.flush())


def memory(urls: Sequence[str], folder: Path) -> tuple[float, float]:
    """Return MiB before and at most, of an export of these pages."""
    arguments = ["tests.bench.export_memory", str(folder / "memory"), *urls]
    with running(*arguments, folder=folder) as process:
        before, most = map(float, process.said.split())
    return before, most


def bench(folder: Path) -> bool:
    """Run everything, print the table and the verdicts; return whether they hold."""
    paths = [folder / f"{name}{n}" for name in ("page", "small") for n in range(PAGES)]
    sizes = [PAGE_BYTES] * PAGES + [SMALL_BYTES] * PAGES
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(make_page, paths, sizes, range(len(paths))))
    os.sync()  # what was written until here is nobody's burden
    with running("tests.bench.file_server", str(folder), folder=folder) as server:
        urls = [f"http://127.0.0.1:{int(server.said)}/{path.name}.zip" for path in paths]
        lines = _pages(folder, paths[:PAGES], urls[:PAGES])
        print(HEAD)
        print(*lines.values(), sep="\n")
        used = {mb: memory(some, folder) for mb, some in ((50, urls[PAGES:]), (500, urls[:PAGES]))}
    for mb, (before, most) in used.items():
        print(f"memory of a {mb} MB export: {before:.0f} MiB before, {most:.0f} MiB at most")
    return _verdicts(lines, *(most - before for before, most in used.values()))


def _pages(folder: Path, paths: Sequence[Path], urls: Sequence[str]) -> dict[str, Line]:
    archives, transport = Archives(folder / "archives"), Transport()
    hand = Line(name="curl plus unzip, a page", size=PAGE_BYTES)
    copy = Line(name="cp, a page", size=PAGE_BYTES, beside=hand)
    on = Line(name="page handed on", size=PAGE_BYTES, beside=hand)
    plain = Line(name="csv read and write, a page", size=PAGE_BYTES, beside=hand)
    safe = Line(name="safe copy of a page", size=PAGE_BYTES, beside=hand)
    safe_plain = Line(name="safe copy of a page", size=PAGE_BYTES, took=safe.took, beside=plain)
    simple = Line(name="ISA-L level 2 merge of five", size=PAGES * PAGE_BYTES)
    merge = Line(name="merge of five", size=PAGES * PAGE_BYTES, beside=simple)
    pages: list[ExportPage] = []

    def hand_on(url: str, job_id: str) -> None:
        page = archives.receive(job_id, 1, pieces(transport, url), file_type=FileType.CSV)
        archives.raw(job_id, [page], name="Leads", file_type=FileType.CSV)
        pages.append(page)

    for number, (path, url) in enumerate(zip(paths, urls, strict=True)):
        table, job_id = path.with_suffix(".csv"), f"one{number}"
        hand.time(partial(curl_unzip, url, folder))
        copy.time(partial(shutil.copyfile, table, folder / "copy"))
        on.time(partial(hand_on, url, job_id))
        safe.time(partial(archives.safe_copy, job_id, pages[-1:], name="Leads"))
        plain.time(partial(csv_pass, table, folder / "copy"))
        archives.remove(job_id)
    received = [
        archives.receive("five", number, pieces(transport, url), file_type=FileType.CSV)
        for number, url in enumerate(urls, 1)
    ]
    zips = [path.with_suffix(".zip") for path in paths]
    for _ in range(MERGES):
        simple.time(partial(plain_merge, zips, folder / "merged"))
        merge.time(partial(archives.raw, "five", received, name="Leads", file_type=FileType.CSV))
    archives.remove("five")
    transport.close()
    names = ("hand", "copy", "on", "plain", "safe", "safe_plain", "simple", "merge")
    return dict(zip(names, (hand, copy, on, plain, safe, safe_plain, simple, merge), strict=True))


def _verdicts(lines: dict[str, Line], small: float, large: float) -> bool:
    held = {
        f"a page is handed on within {MOST_ON} times curl plus unzip": lines["on"].times <= MOST_ON,
        f"its safe copy is made within {MOST_SAFE} times that": lines["safe"].times <= MOST_SAFE,
        f"five pages are merged within {MOST_MERGE} times the plain merge": (
            lines["merge"].times <= MOST_MERGE
        ),
        f"500 MB take less than {MOST_MIB} MiB": large < MOST_MIB,
        f"and no more than 50 MB do (within {SAME_MIB} MiB)": large - small < SAME_MIB,
    }
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
