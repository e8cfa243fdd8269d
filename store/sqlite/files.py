"""The database's files: readable by this user alone, and by one process where they must be."""

import fcntl
import os
from pathlib import Path

from bot.errors import Fault

SAFE_SQLITE = (3, 51, 3)
"""Older libraries can corrupt a file in WAL mode that several processes use (SQLite, "The
WAL-reset bug", fixed in 3.51.3 of March 2026)."""


def make_private(path: Path) -> None:
    """Make folder (0700) and file (0600) before SQLite does; log files take the file's mode."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def claim_alone(path: Path, version: tuple[int, ...]) -> int:
    """Return the handle of a lock held until this process ends, or say who is too old."""
    handle = os.open(f"{path}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise Fault(
            "database_in_use",
            file=str(path),
            sqlite=".".join(map(str, version)),
            needs=".".join(map(str, SAFE_SQLITE)),
        ) from error
    return handle
