"""``parley keys rotate`` and ``parley backup FILE``."""

from datetime import UTC, datetime
from pathlib import Path

from bot.domain.connection import Owner
from handlers.commands.asking import CantBeDone
from handlers.commands.opening import opened
from handlers.settings import Settings
from store.backup import back_up
from store.sealing.rotation import rotate

_EXAMPLE = "parley-2026-01-14.db"


def rotate_keys(settings: Settings) -> int:
    """Seal everything anew with the first key and say what came of it; return the status.

    Raises:
        Fault: The keys are wrong or missing, or ``key_not_served``.
    """
    with opened(settings) as memory:
        done = rotate(memory.db, memory.vault)
        memory.audit.note(
            "keys_rotated",
            Owner("", ""),
            "console",
            datetime.now(UTC),
            key=memory.vault.key_ids[0],
            sealed=done.sealed,
            unreadable=done.unreadable,
        )
        ids = memory.vault.key_ids
    print(f"Sealed {done.sealed} values anew with the key {ids[0]}.")
    if done.unreadable:
        print(
            f"{done.unreadable} values open with none of the keys and were left as they are: "
            "with the missing key beside the others, run this again."
        )
    if len(ids) > 1:
        older = ", ".join(ids[1:])
        print(
            f"The older key ({older}) is needed by older backups alone. "
            "Take it out and restart Parley."
        )
    return 1 if done.unreadable else 0


def backup(settings: Settings, file: Path) -> int:
    """Copy the database to *file* and say so; return the status.

    Raises:
        CantBeDone: *file* is there, or can't be written.
        Fault: The database can't be opened.
    """
    if file.is_dir():
        raise CantBeDone(
            f"{file} is a folder. Name a file in it, such as `parley backup {file / _EXAMPLE}`."
        )
    with opened(settings) as memory:
        try:
            back_up(memory.db, memory.epoch, file)
        except FileExistsError:
            raise CantBeDone(
                f"{file} is there already, and a backup never replaces a file. Name another, "
                f"such as `parley backup {_another(file)}`."
            ) from None
        except FileNotFoundError:
            raise CantBeDone(
                f"{file.parent} isn't there. Make it with `mkdir -p {file.parent}`, or name a "
                "file in another folder, then run this again."
            ) from None
        except OSError as error:
            raise CantBeDone(
                f"{file} can't be written: {error.strerror}. Name a file in a folder that you may "
                "write to, on a disk with room for another database."
            ) from error
        memory.audit.note("backed_up", Owner("", ""), "console", datetime.now(UTC))
    print(
        f"{file} is a whole copy, {file.stat().st_size} bytes. It holds sealed values alone: "
        "keep the key apart from it."
    )
    return 0


def _another(file: Path) -> Path:
    """Return a name beside *file* that nothing has."""
    number = 2
    while (other := file.with_name(f"{file.stem}-{number}{file.suffix}")).exists():
        number += 1
    return other
