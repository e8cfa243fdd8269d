"""A safe copy runs nothing in a spreadsheet and bends no number, and is else what it was."""

import csv
import io
import os
import random
import re
import signal
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import TryLater
from store.archives import safe_cells, workers
from store.archives.safe_cells import parted, safe, safe_records

STAY = (
    *("", "Ada", "-12.50", "+12.5", "-.5", "+5.", "-1,234.50", "-1.5e-10", "-7%", "12.50", "0"),
    *("+44 20 7946 0958", "+442079460958", "+44 (0)20 7946 0958", "+1 (555) 010-9999"),
    *("123456789012345", "4111 1111 1111 1111", "2026-03-01T10:00:00+01:00", "'=1+1", "a=1"),
    *("1234567890123456 Main Street", "x\n=1+1", "<@U1>", "(=1)", " Ada", "0.12345678901234567"),
)
_CHANGE = (
    *(
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        '=HYPERLINK("http://x.example","y")',
        "=cmd|' /C calc'!A0",
    ),
    *("\tx", "\rx", "\nx", "\0x", " =1", "\u00a0=1", "\u3000@x", "\ufeff=1", "\v-x", " \t +x"),
    *(
        "+",
        "-",
        "--1",
        "-None-",
        "-A1",
        "+cmd",
        "-1-2",
        "+1-555-0100",
    ),
    *("+44 20 7946 0958+cmd", "+1 2*3", "-1e10e10", "- 5", "+-5", "-1..2", "-5%%", "+44\n20"),
    *(
        "1234567890123456",
        "4150868000000000001",
        " 1234567890123456",
        "1234567890123456 ",
    ),
    *("1234567890123456.0", "1234567890123456,0", "-1234567890123456", "+44207946095800001"),
)
_WIDE = [chr(ord(one) + 0xFEE0) for one in "=+-@"]
_WIDE_DIGITS = "".join(chr(ord(one) + 0xFEE0) for one in "1234567890123456")
CHANGE = (*_CHANGE, *(f"{one}1" for one in _WIDE), f" {_WIDE[0]}1", _WIDE_DIGITS)
_BITS = (
    *"=+-@\t\r\n\0 \"',;|!()%.0123456789eEAx",
    *(_WIDE[0], _WIDE_DIGITS[3], "\u00a0", "12", "12345678", "ö"),
)


@pytest.mark.parametrize("cell", STAY)
def test_a_harmless_cell_stays(cell: str) -> None:
    """Text, plain numbers of up to 15 digits, and phone numbers."""
    assert cell == safe(cell)


@pytest.mark.parametrize("cell", CHANGE)
def test_a_formula_or_long_number_gets_an_apostrophe(cell: str) -> None:
    """Also after blanks, in full-width forms, and where arithmetic looks like a phone number."""
    assert f"'{cell}" == safe(cell)


@pytest.mark.parametrize(
    ("cell", "made"),
    [
        ("x;=cmd|' /C calc'!A0;y", "x;'=cmd|' /C calc'!A0;y"),
        ("x\n=1+1", "x\n'=1+1"),
        ("x\t +1", "x\t '+1"),
        ('x;"=1', "x;\"'=1"),
        ("a;b", "a;b"),
        ("2026-01-01;a-b", "2026-01-01;a-b"),
    ],
)
def test_where_semicolons_part_cells_none_runs_either(cell: str, made: str) -> None:
    """A spreadsheet of many countries takes them for the separator, and commas for text."""
    assert made == parted(cell)
    quoted = io.StringIO(newline="")
    csv.writer(quoted).writerow(["Ada", cell])
    assert [["Ada", made]] == _table(safe_records(quoted.getvalue().encode()))


def _cells(rng: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        yield "".join(rng.choices(_BITS, k=rng.randrange(9)))


def _bare(cell: str) -> str:
    return unicodedata.normalize("NFKC", cell).strip(" \t\r\n\0\v\f\ufeff")


def _runs(cell: str) -> bool:
    """Judge by the outside rules, slowly: could a spreadsheet compute this, or bend it?"""
    bare = _bare(cell)
    if cell[:1] in {"\t", "\r", "\n", "\0"}:
        return True
    if bare[:1] in {"=", "@"}:
        return True
    if bare[:1] in {"+", "-"}:
        operators = re.sub(r"[eE][+-]", "", bare[1:])
        computed = re.search(r"[-+*/^&=<>]", operators) and " " not in bare
        return bool(computed or re.search(r"[^-0-9.,eE%() +]", bare[1:]))
    return bool(re.fullmatch(r"[0-9]{16,}", bare))


def test_no_cell_runs_and_none_is_more_than_quoted(soak: bool) -> None:
    """Whatever cells there are: each is itself, or itself after an apostrophe."""
    rng = random.Random(9)
    for cell in _cells(rng, 1_000_000 if soak else 20_000):
        made = safe(cell)
        assert made in {cell, f"'{cell}"}
        assert made != cell or not _runs(cell), repr(cell)


def _table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(errors="replace"), newline="")))


def test_a_table_is_the_same_table_with_safe_cells(soak: bool) -> None:
    """However it was quoted; every cell comes out quoted."""
    rng = random.Random(10)
    for _ in range(50_000 if soak else 4_000):
        table = [list(_cells(rng, 3)) for _ in range(rng.randrange(1, 5))]
        out = io.StringIO(newline="")
        everything = rng.random() < 0.5
        writer = csv.writer(out, quoting=csv.QUOTE_ALL) if everything else csv.writer(out)
        writer.writerows(table)
        made = safe_records(out.getvalue().encode())
        wanted = [[parted(safe(cell)) for cell in row] for row in table]
        assert wanted == _table(made)
        for other in ";\t":
            for row in csv.reader(io.StringIO(made.decode(), newline=""), delimiter=other):
                signed = [one for one in map(_bare, row) if one[:1] in {*"=+-@"}]
                # A record may begin with a plain number: what follows its quote is text.
                assert not [one for one in signed if _runs(one.partition('"')[0])], made
        assert made.startswith(b'"')
        assert made.endswith(b'"\r\n')


def test_whatever_comes_in_only_safe_cells_come_out(soak: bool) -> None:
    """Wrong quotes, no UTF-8, half a record: what comes out is a proper CSV, and safe."""
    rng = random.Random(11)
    bits = [*(bit.encode() for bit in _BITS), b'"', b'"', b",", b",", b"\n", b"\xff", b"\xe2\x82"]
    for _ in range(100_000 if soak else 10_000):
        made = safe_records(b"".join(rng.choices(bits, k=rng.randrange(20))))
        for row in csv.reader(io.StringIO(made.decode(), newline=""), strict=True):
            for cell in row:
                assert not _runs(cell), (made, cell)


def test_pieces_come_back_in_order_from_several_processes() -> None:
    """More pieces than processes; long cells too, which the csv module refuses by default."""
    pieces = [b"%d,=x\n" % number * 50 for number in range(20)] + [b"a" * 300_000 + b",-1\n"]
    made = list(workers.made_safe(pieces))
    assert [safe_records(piece) for piece in pieces[:-1]] == made[:-1]
    assert b'"%s","-1"\r\n' % (b"a" * 300_000) == made[-1]


def test_one_piece_alone_needs_no_process() -> None:
    """Most exports are small: a process takes longer to start than they do."""
    before = _children()
    made = workers.made_safe([b"a" * 200_000 + b",=x\n"])
    assert b'"%s","\'=x"\r\n' % (b"a" * 200_000) == next(made)
    assert before == _children()
    assert [] == list(made)
    assert [] == list(workers.made_safe([]))


def _children() -> set[int]:
    lists = (one.read_text() for one in Path("/proc/self/task").glob("*/children"))
    return {int(pid) for text in lists for pid in text.split()}


def test_a_killed_process_is_said_and_knew_nothing_of_ours() -> None:
    """Its environment is empty; the copy is made again later, and no process stays behind."""
    before = _children()
    knew: list[bytes] = []

    def pieces() -> Iterator[bytes]:
        yield b"1,2\n"
        yield b"3,4\n"
        process = min(_children() - before)
        knew.append(Path(f"/proc/{process}/environ").read_bytes())
        os.kill(process, signal.SIGKILL)
        yield from [b"5,6\n"] * 9

    with pytest.raises(TryLater, match="archive_worker_lost"):
        list(workers.made_safe(pieces()))
    assert [b""] == knew
    assert before == _children()


def test_half_a_frame_is_none() -> None:
    """A process whose parent was killed in the middle of a piece answers nothing to it."""
    out = io.BytesIO()
    safe_cells.frames([b"whole"], out)
    whole = out.getvalue()
    assert b"whole" == safe_cells.frame(io.BytesIO(whole))
    for end in range(len(whole)):
        assert safe_cells.frame(io.BytesIO(whole[:end])) is None
