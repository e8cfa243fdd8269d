"""Makes a CSV safe for spreadsheets: no cell of it runs as a formula, no long number is bent.

Run as a program, it is one of the processes that ``store.archives.workers`` shares a file out
to. It needs nothing but the standard library, so that it starts quickly and stays small.

What gets a leading apostrophe follows OWASP's page "CSV Injection" and ASVS 5.0, 1.2.10: cells
that begin with ``= + - @``, TAB, CR, LF or NUL; so do their full-width forms, and any of them
after blanks, which spreadsheets skip. Every cell is quoted, as that page asks. Where a
spreadsheet takes semicolons or tabs for the separator, quotes after the first cell protect
nothing: so what would begin a cell or a line there gets its apostrophe too. Numbers and phone
numbers stay as they are: they hold no name and no operator that could run. A number of more
than 15 digits gets the apostrophe too: spreadsheets keep only 15 (Microsoft, "Excel
specifications and limits": number precision).
"""

import csv
import io
import os
import re
import struct
import sys
from collections.abc import Iterable
from typing import IO, Final

FRAME: Final = struct.Struct(">L")
"""The length before each piece, on the way in and out."""
_DIGITS: Final = frozenset("0123456789" + "".join(map(chr, range(0xFF10, 0xFF1A))))
"""Full-width ones too: some spreadsheets make numbers of them."""
_BLANKS: Final = " \t\r\n\0\v\f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_SIGNS: Final = "=+-@\uff1d\uff0b\uff0d\uff20"
_LEADS: Final = frozenset(_BLANKS + _SIGNS) | _DIGITS
"""Only a cell that begins with one of these is looked at closer."""
_RUNS: Final = re.compile(rf"[\t\r\n\0]|[{_BLANKS}]*[{re.escape(_SIGNS)}]")
_INNER: Final = {
    part: re.compile(rf"{part}[{_BLANKS}\"]*(?=[{re.escape(_SIGNS)}])") for part in ";\t\r\n"
}
"""One pattern a sign: one that begins with a letter is found many times faster."""
_LONG: Final = re.compile(rf"[{_BLANKS}]*\d{{16,}}(?:[.,]\d*)?[{_BLANKS}]*")
_NUMBER: Final = r"[+-](?:[.,]?[0-9]){1,15}[.,]?(?:[eE][+-]?[0-9]{1,3})?%?"
# A blank comes first: no formula has two numbers side by side, while +1-555 is a subtraction.
_PHONE: Final = r"\+[0-9]{1,3} \(?[0-9]{1,5}\)?(?: ?[0-9]{1,5})?(?:[ -][0-9]{1,6}){0,4}"
_PLAIN: Final = re.compile(f"{_NUMBER}|{_PHONE}")


def safe(cell: str) -> str:
    """Return the cell as a spreadsheet may have it: itself, or with an apostrophe before it."""
    if cell[:1] in _DIGITS:
        return f"'{cell}" if cell[:16].isdecimal() and _LONG.fullmatch(cell) else cell
    if _PLAIN.fullmatch(cell):
        return cell
    return f"'{cell}" if _RUNS.match(cell) or _LONG.fullmatch(cell) else cell


def parted(text: str) -> str:
    """Return text in which nothing after a semicolon, a tab or a line's end runs as a formula."""
    for part, pattern in _INNER.items():
        if part in text and pattern.search(text):
            text = pattern.sub(r"\g<0>'", text)
    return text


def safe_records(piece: bytes) -> bytes:
    """Return whole records of a CSV made safe, in UTF-8; empty lines are left out.

    What isn't UTF-8 comes back as U+FFFD, and what is wrongly quoted is read as well as may
    be: whatever comes in, each cell that comes out is safe.
    """
    csv.field_size_limit(sys.maxsize)  # a cell may be as long as the record it is in
    text = io.StringIO(piece.decode(errors="replace"), newline="")
    lines = [_line(row) for row in csv.reader(text) if row]
    return "".join(lines).encode()


def _line(row: list[str]) -> str:
    for place, cell in enumerate(row):
        if cell[:1] in _LEADS and (len(cell) > 15 or cell[0] not in _DIGITS):
            row[place] = safe(cell)
    line = '","'.join(row)
    if line.count('"') != 2 * len(row) - 2:
        line = '","'.join([cell.replace('"', '""') for cell in row])
    return f'"{parted(line)}"\r\n'


def frames(pieces: Iterable[bytes], out: IO[bytes]) -> None:
    """Write pieces as frames."""
    for piece in pieces:
        out.write(FRAME.pack(len(piece)))
        out.write(piece)
        out.flush()


def frame(source: IO[bytes]) -> bytes | None:
    """Return the next frame's piece, or None where there is none, or not the whole of it."""
    head = source.read(FRAME.size)
    if len(head) < FRAME.size:
        return None
    (size,) = FRAME.unpack(head)
    piece = source.read(size)
    return piece if len(piece) == size else None


def main() -> None:
    """Answer each frame of whole records with one of safe ones, until there are no more."""
    os.nice(5)  # answers to people go first
    frames(map(safe_records, iter(lambda: frame(sys.stdin.buffer), None)), sys.stdout.buffer)


if __name__ == "__main__":
    main()
