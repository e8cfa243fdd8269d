"""A copy of the database while it serves."""

import os
import secrets
from pathlib import Path

from store.epoch import Epoch
from store.sqlite.database import Database


def back_up(db: Database, epoch: Epoch, target: Path) -> None:
    """Write a whole, consistent copy to *target*, for this user alone.

    It is there complete or not at all, also after a power cut. What is written from then
    on counts as newer: a copy put back later is noticed at the start. Values rest sealed
    in it; the keys aren't in it.

    Raises:
        FileExistsError: *target* is there; it is never overwritten.
        OSError: It can't be written there.
    """
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        db.backup(draft)
        _sync(draft)
        # A link, unlike a rename, never replaces what came there meanwhile.
        os.link(draft, target)
        _sync(target.parent)
    finally:
        draft.unlink(missing_ok=True)
    epoch.step()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
