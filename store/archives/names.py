"""What files are called: on disk by us alone, and for the person."""

import re
import unicodedata
from typing import Final

from bot.errors import Fault

_JOB: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_MOST: Final = 80
_MEANT: Final = frozenset(" -_()+,")
"""What may stand in a name beside letters, marks and digits."""
_LETTERS: Final = ("L", "M", "N")


def file_name(job_id: str, rest: str) -> str:
    """Return ``<job>.<rest>``; no text from outside makes a path of it.

    Raises:
        Fault: ``archive_id``.
    """
    if not _JOB.fullmatch(job_id):
        raise Fault("archive_id")
    return f"{job_id}.{rest}"


def clean_name(name: str) -> str:
    """Return a name that any system takes for a file: letters, digits, blanks and ``-_()+,``."""
    kept = [
        one if one in _MEANT or unicodedata.category(one).startswith(_LETTERS) else " "
        for one in unicodedata.normalize("NFC", name)
    ]
    return " ".join("".join(kept).split())[:_MOST].strip() or "export"
