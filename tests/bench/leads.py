"""A made-up result of the CRM, as large as asked: leads with ids, phones, amounts and notes."""

import csv
import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

HEADER = (
    *("Id", "First_Name", "Last_Name", "Email", "Phone", "Amount", "Owner", "Created_Time"),
    *("Converted", "Lead_Status", "Description", "Employees"),
)
_FIRST = ("Ada", "Ben", "Carissa", "Chloé", "Dev", "Li", "Mercedes", "Zoë")
_LAST = ("Boyle", "Christopher", "Kidman", "Ngũgĩ", "Ostrowski", "Patel", "Reilly", "Tamm")
_NOTE = (
    "asked for a quote about the second delivery and wants to hear from us next week please "
    "call the office before noon or write a note to the whole team"
)


def _rows(rng: random.Random) -> Iterator[tuple[str, ...]]:
    words = _NOTE.split()
    number = 4150868000000000000
    while True:
        number += rng.randrange(1, 40)
        first, last = rng.choice(_FIRST), rng.choice(_LAST)
        note = " ".join(rng.choices(words, k=rng.randrange(24)))
        kind = rng.randrange(20)
        if kind < 2:
            note = f'{note}, said "yes"\n- and more'
        elif kind < 6:
            note = f"{note}, {rng.choice(words)}"
        elif kind == 6:
            note = f"={note}"
        yield (
            str(number),
            first,
            last,
            f"{first}.{last}.{number % 100_000}@example.com",
            f"+44 20 {rng.randrange(7000, 8000)} {rng.randrange(10_000):04}",
            f"{rng.randrange(-100_000, 1_000_000) / 100:.2f}",
            f"41508680000002250{rng.randrange(10, 99)}",
            f"2026-0{rng.randrange(1, 9)}-{rng.randrange(10, 28)}T10:00:00+01:00",
            rng.choice(("true", "false")),
            rng.choice(("Contacted", "Qualified", "")),
            note,
            str(rng.randrange(100_000)),
        )


def make_page(path: Path, size: int, seed: int) -> None:
    """Write a page: *path* with ``.csv``, about *size* bytes, and its archive with ``.zip``."""
    rng = random.Random(seed)
    rows = _rows(rng)
    table = path.with_suffix(".csv")
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        block = io.StringIO(newline="")
        own = csv.writer(block, lineterminator="\n")
        for _ in range(20_000):
            own.writerow(next(rows))
        while file.tell() < size:
            # One block again and again, with other ids: made in a tenth of the time.
            file.write(block.getvalue().replace("4150868", str(rng.randrange(10**6, 10**7))))
            file.flush()
    with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(table, table.name)
