"""All that the bot remembers, by name, in one file."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path

from bot.domain.connection import DataCenter
from store.account.grants import Grants
from store.account.listing import Listing
from store.account.organizations import Organizations
from store.account.renewals import Renewals
from store.audit import Audit
from store.drafts import Drafts
from store.epoch import Epoch
from store.exports.fetches import Fetches
from store.exports.jobs import Exports
from store.exports.tellings import Downloads, ExportTellings
from store.homes import Homes
from store.inbox import Inbox
from store.invitations import Invitations
from store.marks import Marks
from store.operations import Operations
from store.outbox import Outbox
from store.people import Directory, Profiles
from store.remains import Remains
from store.schema.migrations import migrate
from store.sealing.keys import Keyring
from store.sealing.rotation import Serving
from store.sealing.vault import Vault, check_key
from store.sqlite.database import Database
from store.sqlite.transaction import Transaction
from store.states import States


class Memory:
    """The rooms of one database."""

    def __init__(
        self, db: Database, vault: Vault, client_ids: Mapping[DataCenter, str] | None = None
    ) -> None:
        """Open every room on *db*, which is migrated; *client_ids* are the bot's own clients."""
        self.db = db
        self.vault = vault
        self.grants = Grants(db, vault, client_ids)
        self.renewals = Renewals(db, vault)
        self.listing = Listing(db, vault)
        self.remains = Remains(db)
        self.audit = Audit(db)
        self.invitations = Invitations(db)
        self.serving = Serving(db)
        self.states = States(db, vault)
        self.inbox = Inbox(db, vault)
        self.drafts = Drafts(db, vault)
        self.export_forms = Drafts(db, vault, "export")
        self.operations = Operations(db, vault)
        self.marks = Marks(db)
        self.homes = Homes(db)
        self.outbox = Outbox(db, vault)
        self.exports = Exports(db, vault)
        self.epoch = Epoch(db, self.operations, self.exports, self.audit)
        self.export_tellings = ExportTellings(db, vault)
        self.downloads = Downloads(db)
        self.fetches = Fetches(db)
        self.profiles = Profiles(db)
        self.directory = Directory(db)
        self.organizations = Organizations(db)

    def atomically(self) -> AbstractContextManager[Transaction]:
        """Make all writes of a block one: they are kept together or not at all."""
        return self.db.writing()

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self.db.close()


def open_memory(
    path: Path | None,
    keyring: Keyring,
    now: datetime,
    *,
    client_ids: Mapping[DataCenter, str] | None = None,
) -> Memory:
    """Open, migrate and check the file, and sweep the links that have run out.

    Args:
        path: The file; None keeps everything in the process's memory.
        keyring: The keys the file was sealed with; on a new file its first key is noted.
        now: Aware.
        client_ids: The bot's own client in each data centre, noted with what it connects.

    Raises:
        Fault: ``database_in_use``, ``schema_newer`` or ``key_wrong``.
    """
    db = Database(path)
    try:
        migrate(db)
        vault = Vault(keyring)
        check_key(db, vault)
        memory = Memory(db, vault, client_ids)
        memory.states.sweep(now)
    except BaseException:
        db.close()
        raise
    return memory
