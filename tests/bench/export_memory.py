"""What an export of several pages costs in memory, in a process of its own.

Prints one line: the memory before, and the most at any time, its workers' included, in MiB.
"""

import sys
import threading
from pathlib import Path

from bot.crm.transport import Transport
from bot.domain.export import FileType
from store.archives import Archives
from tests.bench.receiving import pieces


def _kib(pid: str, name: str) -> int:
    """Return one line of a process's status, 0 where it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if name in line), 0)


class _Watch:
    """Notes the most that each worker ever had, and the most that all had at once."""

    def __init__(self) -> None:
        self.workers = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(0.02):
            children = Path("/proc/self/task").glob("*/children")
            pids = [pid for one in children for pid in _text(one).split()]
            self.workers = max(self.workers, sum(_kib(pid, "VmHWM") for pid in pids))

    def end(self) -> int:
        """Stop watching; return the most, in KiB: that of this process, and of its workers."""
        self._over.set()
        self._thread.join()
        return _kib("self", "VmHWM") + self.workers


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # a thread that has ended
        return ""


def main() -> None:
    """Receive every page and make all files of them."""
    folder, *urls = sys.argv[1:]
    archives, transport = Archives(Path(folder)), Transport()
    idle = _kib("self", "VmRSS")
    watch = _Watch()
    pages = [
        archives.receive("m", number, pieces(transport, url), file_type=FileType.CSV)
        for number, url in enumerate(urls, 1)
    ]
    archives.finish("m", pages, name="Leads", file_type=FileType.CSV)
    most = watch.end()
    archives.remove("m")
    transport.close()
    print(idle / 1024, most / 1024)


if __name__ == "__main__":
    main()
