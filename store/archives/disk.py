"""Files that stand under their name whole or not at all, in a folder of this user alone."""

import errno
import fcntl
import hashlib
import io
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bot.errors import TryLater
from store.archives.limits import MIB, Limits

PART: Final = ".part"
FULL_SECONDS: Final = 600.0
_LOOK_EVERY: Final = 16 * MIB
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Part:
    """A file on its way: written under a name of its own, which no other writer has.

    Its lock tells a sweeper that its writer lives: a killed one's is let go by the kernel.

    Attributes:
        size: Bytes written so far.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        """Open an empty file in *folder*."""
        self._folder = folder
        self._limits = limits
        self._digest = hashlib.sha256()
        self.size = 0
        while True:
            self.path = folder / f"{secrets.token_hex(8)}{PART}"
            self.file = io.FileIO(self.path, "x+", opener=_private)
            fcntl.flock(self.file, fcntl.LOCK_EX)
            if os.fstat(self.file.fileno()).st_nlink:
                break
            self.file.close()  # a sweeper came between the two lines

    def write(self, data: bytes) -> None:
        """Append *data*; from time to time see whether there still is room.

        Raises:
            TryLater: ``archive_no_room``.
        """
        if self.size // _LOOK_EVERY != (self.size + len(data)) // _LOOK_EVERY:
            need_room(self._folder, self._limits, 0)
        view = memoryview(data)
        while view:
            view = view[self.file.write(view) :]
        self._digest.update(data)
        self.size += len(data)

    def keep(self, name: str) -> str:
        """Put it in place, for good and replacing what was there; return its SHA-256 in hex."""
        os.fsync(self.file.fileno())
        self.path.replace(self._folder / name)
        sync(self._folder)
        return self._digest.hexdigest()


@contextmanager
def part(folder: Path, limits: Limits) -> Iterator[Part]:
    """Give a file on its way; what isn't kept is gone after.

    Raises:
        TryLater: ``archive_no_room``: the disk is full.
    """
    try:
        one = Part(folder, limits)
        try:
            yield one
        finally:
            one.path.unlink(missing_ok=True)
            one.file.close()
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise TryLater("archive_no_room", seconds=FULL_SECONDS) from error


def need_room(folder: Path, limits: Limits, more: int) -> None:
    """See that *more* bytes fit, beside what must stay free.

    Raises:
        TryLater: ``archive_no_room``.
    """
    if not roomy(folder, limits, more):
        raise TryLater("archive_no_room", seconds=FULL_SECONDS)


def roomy(folder: Path, limits: Limits, more: int) -> bool:
    """Say whether *more* bytes fit, beside what must stay free."""
    free = shutil.disk_usage(folder).free - more
    return free >= limits.free and used(folder) + more <= limits.total


def used(folder: Path) -> int:
    """Return how many bytes the files of *folder* take, one with two names once."""
    files = {}
    for path in folder.iterdir():
        try:
            found = path.lstat()
        except FileNotFoundError:
            continue  # another thread's, gone meanwhile
        files[found.st_ino] = found.st_size
    return sum(files.values())


def abandoned(path: Path) -> bool:
    """Say whether the writer of a file on its way is dead."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # locked, or gone already
        return False
    return True


def sync(folder: Path) -> None:
    """Make the names in *folder* last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_CLOEXEC, 0o600)
