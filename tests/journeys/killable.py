"""A bot to be killed: a process of its own, forked from one that has everything imported.

Started by `tests/journeys/killing.py`. Each line on stdin is the JSON of the settings of one
bot; its answer is one line with the bot's process id, once it answers requests. The clock is
this machine's plus the seconds that stand, as a double, in the file named first.
"""

import json
import mmap
import os
import signal
import struct
import sys
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from handlers.server import Server
from handlers.settings import load
from handlers.wiring.house import House


def clock_of(file: Path) -> Callable[[], datetime]:
    """Return the clock that the file steers."""
    with file.open("rb") as opened:
        seen = mmap.mmap(opened.fileno(), 8, access=mmap.ACCESS_READ)
    return lambda: datetime.now(UTC) + timedelta(seconds=struct.unpack("d", seen[:8])[0])


def serve(told: Mapping[str, str], clock: Callable[[], datetime]) -> None:
    """Run a bot until it is killed."""
    house = House(load(told), clock=clock)
    server = Server(house)
    house.start()
    server.start()
    os.write(1, f"{os.getpid()}\n".encode())
    threading.Event().wait()


def main() -> None:
    """Fork a bot for every line; ended by the end of stdin."""
    clock = clock_of(Path(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                serve(json.loads(line), clock)
            finally:
                # Only a bot that couldn't start comes here: whoever waits for it hears so.
                os.write(1, b"0\n")


if __name__ == "__main__":
    main()
