"""The memory, opened for one command beside a server that may be running."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

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


@contextmanager
def opened(settings: Settings) -> Iterator[Memory]:
    """Open the memory for a while.

    Raises:
        Fault: The database can't be opened, or the key is wrong or missing.
    """
    memory = open_memory(
        settings.data_dir / "parley.db", keys_of(settings).keyring, datetime.now(UTC)
    )
    try:
        yield memory
    finally:
        memory.close()
