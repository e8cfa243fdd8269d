"""The memory, opened for one command beside a server that may be running."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from handlers.commands.asking import CantBeDone
from handlers.settings import Settings
from store.memory import Memory, open_memory
from store.sealing.keys import FoundKeys, find_keys


def keys_of(settings: Settings) -> FoundKeys:
    """Return the keys, from the first place that has any.

    Raises:
        Fault: ``key_missing`` or ``key_malformed``.
    """
    return find_keys(
        settings.data_dir / "parley.db",
        credentials=settings.credentials,
        key_file=settings.key_file,
        text=settings.key.reveal() if settings.key else None,
    )


def must_be_there(settings: Settings) -> None:
    """Refuse to work with a database that isn't there, rather than make an empty one.

    Raises:
        CantBeDone: There is none; in a wrong folder that would look like nobody connected.
    """
    database = settings.data_dir / "parley.db"
    if not database.exists():
        raise CantBeDone(
            f"There is no database at {database}. Run this where Parley runs, with its settings: "
            "PARLEY_DATA_DIR names the folder. A new database is made by `parley serve`."
        )


@contextmanager
def opened(settings: Settings, *, new: bool = False) -> Iterator[Memory]:
    """Open the memory for a while; make one only where *new*.

    Raises:
        CantBeDone: There is no database.
        Fault: The database can't be opened, or the key is wrong or missing.
    """
    if not new:
        must_be_there(settings)
    memory = open_memory(
        settings.data_dir / "parley.db", keys_of(settings).keyring, datetime.now(UTC)
    )
    try:
        yield memory
    finally:
        memory.close()
