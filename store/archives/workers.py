"""Shares records out to processes that make them safe, and gathers them in order.

Python computes on one core a process. What is one piece alone is made safe here: a process
takes longer to start than that. The processes are our own program with nothing of ours
in it: no keys in the environment, no open files, and they end when we do, however we end.
"""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain, islice
from typing import Final

from bot.errors import TryLater
from store.archives import safe_cells

CORES: Final = 2
LOST_SECONDS: Final = 60.0


class _Worker:
    """One process; it has at most one piece at a time, so neither side waits for the other."""

    def __init__(self, stack: ExitStack) -> None:
        self._process = stack.enter_context(
            subprocess.Popen(  # noqa: S603 - our own file, without a shell
                [sys.executable, "-I", "-S", safe_cells.__file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={},
            )
        )
        stack.callback(self._process.kill)  # it has nothing to finish

    def give(self, piece: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it was asked for
        safe_cells.frames((piece,), self._process.stdin)

    def take(self) -> bytes:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        piece = safe_cells.frame(self._process.stdout)
        if piece is None:
            raise BrokenPipeError
        return piece


def made_safe(records: Iterable[bytes]) -> Iterator[bytes]:
    """Give pieces of whole records made safe, in their order.

    Raises:
        TryLater: ``archive_worker_lost``: a process was killed, by the machine for instance.
    """
    pieces = iter(records)
    first = list(islice(pieces, 2))
    if len(first) < 2:
        yield from map(safe_cells.safe_records, first)
        return
    try:
        yield from _shared(chain(first, pieces), min(CORES, os.cpu_count() or 1))
    except BrokenPipeError:
        raise TryLater("archive_worker_lost", seconds=LOST_SECONDS) from None


def _shared(records: Iterable[bytes], cores: int) -> Iterator[bytes]:
    with ExitStack() as stack:
        busy: deque[_Worker] = deque()
        for piece in records:
            if len(busy) < cores:
                worker = _Worker(stack)
            else:
                worker = busy.popleft()
                yield worker.take()
            worker.give(piece)
            busy.append(worker)
        while busy:
            yield busy.popleft().take()
