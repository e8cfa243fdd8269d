"""A copy of the database while it serves."""

import errno
import os
import secrets
from pathlib import Path

from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from store.epoch import Epoch
from store.sqlite.database import Database


def back_up(db: Database, epoch: Epoch, target: Path) -> None:
    """Write a whole, consistent copy to *target*, for this user alone.

    It is there complete or not at all, also after a power cut. What is written from then
    on counts as newer: a copy put back later is noticed at the start. Values rest sealed
    in it; the keys aren't in it.

    Raises:
        FileExistsError: *target* is there; it is never overwritten.
        OSError: It can't be written there; its ``filename`` is *target*.
    """
    if os.path.lexists(target):
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        db.backup(draft)
        _sync(draft)
        # A link, unlike a rename, never replaces what came there meanwhile.
        os.link(draft, target)
        _sync(target.parent)
    except OSError as error:
        # The draft's name would mean nothing to anybody.
        raise OSError(error.errno, error.strerror, str(target)) from error
    except sqlite3.DatabaseError as error:  # a full disk, as SQLite tells it
        raise OSError(errno.EIO, str(error), str(target)) from error
    finally:
        draft.unlink(missing_ok=True)
    epoch.step()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
