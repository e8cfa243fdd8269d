"""Several calendars made one (RFC 5545, 3.4 and 3.6)."""

from collections.abc import Iterable, Iterator
from typing import Final

from store.archives.limits import MIB
from store.archives.zips import broken

_END: Final = b"END:VCALENDAR"
_ZONE: Final = b"BEGIN:VTIMEZONE"
_ZONE_END: Final = b"END:VTIMEZONE"


def merged(calendars: Iterable[Iterable[bytes]]) -> Iterator[bytes]:
    """Give one calendar: the first one's head, each time zone once, and everything else.

    Raises:
        TryLater: ``archive_broken``: a line or a time zone that doesn't end.
    """
    zones: set[bytes] = set()
    first = True
    for calendar in calendars:
        yield from _body(_lines(calendar), zones, head=first)
        first = False
    if not first:
        yield _END + b"\r\n"


def _body(lines: Iterator[bytes], zones: set[bytes], *, head: bool) -> Iterator[bytes]:
    """Give a calendar's lines but its last, and its head where that is wanted."""
    for line in lines:
        word = line.strip().upper()
        if word == _END:
            continue
        head = head or (word.startswith(b"BEGIN:") and word != b"BEGIN:VCALENDAR")
        if word == _ZONE:
            yield _zone(line, lines, zones)
        elif head:
            yield line if line.endswith(b"\n") else line + b"\r\n"


def _zone(begin: bytes, lines: Iterator[bytes], zones: set[bytes]) -> bytes:
    """Return a time zone that wasn't there yet, or nothing."""
    block, name = bytearray(begin), b""
    for line in lines:
        block += line
        if line.upper().startswith(b"TZID"):
            name = line.strip()
        if line.strip().upper() == _ZONE_END:
            break
        if len(block) > MIB:
            raise broken("zone_too_long")
    if name in zones:
        return b""
    zones.add(name)
    return bytes(block)


def _lines(content: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for piece in content:
        *lines, held = (held + piece).split(b"\n")
        for line in lines:
            yield line + b"\n"
        if len(held) > MIB:
            raise broken("line_too_long")
    if held:
        yield held
