"""One range of bytes of a file (RFC 9110, "Range Requests")."""

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=(?:([0-9]{1,18})-([0-9]{0,18})|-([0-9]{1,18}))")


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from *start* to before *end*."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many."""
        return self.end - self.start


class Unsatisfiable(Exception):
    """No byte of the file is asked for."""


def span(asked: str, size: int) -> Span | None:
    """Return what a Range header asks of *size* bytes; None where all of it is to be sent.

    Several ranges, or what isn't a range of bytes, may be ignored: then all is sent.

    Raises:
        Unsatisfiable: It lies behind the end.
    """
    found = _RANGE.fullmatch(asked.strip())
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        start, end = max(0, size - int(suffix)), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= end:
        raise Unsatisfiable
    return Span(start, end)
