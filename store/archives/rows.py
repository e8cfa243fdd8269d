"""Counting what a result holds, and parting it between records, a piece at a time.

Records of a CSV end at line ends outside of quotes (RFC 4180, section 2). A quoted cell has an
even number of quotes, doubled ones included: a line end is outside when the quotes before it
are even in number.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, Protocol

from bot.errors import Fault
from store.archives.limits import KIB, MIB
from store.archives.zips import broken

PIECE: Final = 256 * KIB
LONGEST: Final = 8 * MIB
"""A record that is longer isn't one: quotes that don't match make the rest of a file one."""
MARK: Final = b"\xef\xbb\xbf"
"""The byte order mark of UTF-8."""
_NEITHER: Final = bytes(set(range(256)) - set(b'"\n'))
_EVENT: Final = b"\nBEGIN:VEVENT"


class Counter(Protocol):
    """Counts the rows of a result as it passes by."""

    def feed(self, piece: bytes) -> None:
        """Take the next piece in."""

    @property
    def rows(self) -> int:
        """How many there were."""


class CsvRows:
    """Counts the records of a CSV, but not its header nor the empty lines at its end."""

    def __init__(self) -> None:
        """Start before the header."""
        self._open = False
        self._ends = 0
        self._ends_last = 0
        self._any = False

    def feed(self, piece: bytes) -> None:
        """Take the next piece in."""
        self._ends += self._outside(piece)
        last = len(piece.rstrip(b"\r\n"))
        if last:
            self._any = True
            self._ends_last = 0
        if not self._open:
            self._ends_last += piece.count(b"\n", last)

    def _outside(self, piece: bytes) -> int:
        """Return how many line ends are outside of quotes."""
        if b'"' not in piece:
            return 0 if self._open else piece.count(b"\n")
        # Two quotes side by side don't change what is outside; few are left without them.
        left = piece.translate(None, _NEITHER)
        if self._open:
            left = b'"' + left
        parts = left.replace(b'""', b"").split(b'"')
        self._open = len(parts) % 2 == 0
        return sum(part.count(b"\n") for part in parts[::2])

    @property
    def rows(self) -> int:
        """How many records there were after the header."""
        return self._ends - self._ends_last if self._any else 0


class EventRows:
    """Counts the events of a calendar (RFC 5545, 3.6.1): a series is one, an exception another."""

    def __init__(self) -> None:
        """Start before the calendar."""
        self.rows = 0
        self._tail = b""

    def feed(self, piece: bytes) -> None:
        """Take the next piece in."""
        text = self._tail + piece
        self.rows += text.count(_EVENT)
        self._tail = text[1 - len(_EVENT) :]


def whole_records(content: Iterable[bytes], size: int = PIECE) -> Iterator[bytes]:
    """Give a CSV in pieces of about *size* bytes that end where a record ends.

    Where quotes don't match, no end is to be found: a piece then ends at some line's end.

    Raises:
        TryLater: ``archive_broken``: a line that doesn't end.
    """
    held = b""
    wanted = size
    for piece in content:
        held += piece
        if len(held) < wanted:
            continue
        end = _last_end(held) or (len(held) > LONGEST and held.rfind(b"\n") + 1)
        if end:
            yield held[:end]
            held = held[end:]
        elif len(held) > LONGEST:
            raise broken("record_too_long")
        # Where a record is long, looking again at each piece would take its length squared.
        wanted = max(size, min(2 * len(held), LONGEST + 1))
    if held:
        yield held


def _last_end(text: bytes) -> int:
    """Return where the last whole record in *text* ends, which begins with one; 0 for none."""
    end = text.rfind(b"\n") + 1
    quotes = text.count(b'"', 0, end)
    while quotes % 2:
        shorter = text.rfind(b"\n", 0, end - 1) + 1
        quotes -= text.count(b'"', shorter, end)
        end = shorter
    return end


def joined(contents: Iterable[Iterator[bytes]]) -> Iterator[bytes]:
    """Give one CSV of several: the first one's header, and the records of all.

    Raises:
        Fault: ``archive_pages_differ``: another header than the first.
        TryLater: ``archive_broken``: a header that doesn't end.
    """
    first, last = b"", b"\n"
    for content in contents:
        head, rest = _header(content)
        if not _bare(head):
            continue  # a page without anything in it
        if not first:
            first = last = head
            yield head
        elif _bare(head) != _bare(first):
            raise Fault("archive_pages_differ")
        elif not last.endswith(b"\n"):
            yield b"\n"
        for piece in filter(None, rest):
            last = piece
            yield piece


def _header(content: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return a CSV's first record as it is, and what comes after it."""
    held = b""
    for piece in content:
        held += piece
        end = 0
        while (end := held.find(b"\n", end) + 1) and held.count(b'"', 0, end) % 2:
            pass
        if end:
            return held[:end], chain((held[end:],), content)
        if len(held) > MIB:
            raise broken("header_too_long")
    return held, iter(())


def _bare(header: bytes) -> bytes:
    return header.removeprefix(MARK).rstrip(b"\r\n")
