"""The tables, and the way there from any older file.

Retention: links 10 minutes; inbox 24 hours after the work; drafts 7 days after they end;
outbox, operations and exports as their ``sweep`` is told; grants, directory until the person
disconnects; profiles and cached layouts until they are read anew.
"""

from collections.abc import Callable

from sqlite_utils import Database as Library
from sqlite_utils import Migrations

from bot.errors import Fault
from store.schema import audit, exports, spots, tokens
from store.sqlite.database import Database

SEALED = (
    ("grants", "tokens"),
    ("links", "note"),
    ("inbox", "payload"),
    ("drafts", "data"),
    ("operations", "body"),
    ("operations", "note"),
    ("outbox", "message"),
    *exports.SEALED,
)
"""Every column that holds sealed text. Such a table names its owner in ``team`` and ``person``."""

_FIRST = (
    """CREATE TABLE key_check (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        sealed TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE grants (
        id TEXT PRIMARY KEY,
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        data_center TEXT NOT NULL,
        org_id TEXT NOT NULL,
        account TEXT NOT NULL,
        tokens TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('active', 'pending', 'revoked')),
        generation INTEGER NOT NULL,
        connected_at TEXT NOT NULL,
        code_hash TEXT,
        code_until TEXT,
        code_tries INTEGER NOT NULL DEFAULT 0,
        lease_holder TEXT,
        lease_until TEXT
    ) STRICT""",
    """CREATE UNIQUE INDEX grants_one_each ON grants (team, person, data_center, org_id, state)
        WHERE state IN ('active', 'pending')""",
    "CREATE INDEX grants_by_owner ON grants (team, person)",
    """CREATE TABLE refreshes (
        grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
        at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX refreshes_by_grant ON refreshes (grant_id, at)",
    """CREATE TABLE links (
        digest TEXT PRIMARY KEY,
        purpose TEXT NOT NULL,
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        note TEXT NOT NULL,
        expires_at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE inbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        lane TEXT NOT NULL,
        kind TEXT NOT NULL,
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        payload TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'done', 'dead')),
        received_at TEXT NOT NULL,
        due TEXT NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        fence INTEGER NOT NULL DEFAULT 0,
        why TEXT
    ) STRICT""",
    "CREATE INDEX inbox_due ON inbox (lane, due) WHERE state = 'open'",
    """CREATE TABLE drafts (
        id TEXT PRIMARY KEY,
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        grant_id TEXT,
        data TEXT NOT NULL,
        version INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('open', 'claimed', 'done', 'expired')),
        fingerprint TEXT,
        updated_at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX drafts_by_owner ON drafts (team, person, updated_at)",
    """CREATE TABLE operations (
        id TEXT PRIMARY KEY,
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        grant_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        fingerprint TEXT NOT NULL,
        body TEXT NOT NULL,
        note TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN
            ('new', 'sending', 'confirmed', 'ambiguous', 'failed', 'asked')),
        attempts INTEGER NOT NULL DEFAULT 0,
        fence INTEGER NOT NULL DEFAULT 0,
        due TEXT,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX operations_due ON operations (due) WHERE due IS NOT NULL",
    """CREATE TABLE series (
        operation_id TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        ids TEXT NOT NULL,
        PRIMARY KEY (operation_id, ids)
    ) STRICT""",
    """CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        key TEXT NOT NULL UNIQUE,
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        channel TEXT NOT NULL,
        message TEXT NOT NULL,
        thread_ts TEXT,
        replaces_channel TEXT,
        replaces_ts TEXT,
        state TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'failed')),
        due TEXT NOT NULL,
        attempt_at TEXT,
        tries INTEGER NOT NULL DEFAULT 0,
        fence INTEGER NOT NULL DEFAULT 0,
        sent_channel TEXT,
        sent_ts TEXT,
        why TEXT,
        owed_at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX outbox_due ON outbox (due) WHERE state IN ('pending', 'sending')",
    """CREATE TABLE channels (
        channel TEXT PRIMARY KEY,
        free_at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE profiles (
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        profile TEXT NOT NULL,
        read_at TEXT NOT NULL,
        PRIMARY KEY (team, person)
    ) STRICT""",
    """CREATE TABLE directory (
        grant_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        ref_key TEXT NOT NULL,
        ref TEXT NOT NULL,
        name TEXT NOT NULL,
        email TEXT,
        words TEXT NOT NULL,
        met_at TEXT NOT NULL,
        PRIMARY KEY (grant_id, kind, ref_key)
    ) STRICT""",
    """CREATE TABLE switches (
        org_id TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        set_at TEXT NOT NULL,
        PRIMARY KEY (org_id, name)
    ) STRICT""",
    """CREATE TABLE cache (
        org_id TEXT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        read_at TEXT NOT NULL,
        PRIMARY KEY (org_id, name)
    ) STRICT""",
)


_GRANT_CHOICE = (
    "ALTER TABLE grants ADD COLUMN choice INTEGER NOT NULL DEFAULT 0",
    """UPDATE grants SET choice = (SELECT count(*) FROM grants AS before
        WHERE before.team = grants.team AND before.person = grants.person
        AND (before.connected_at, before.rowid) <= (grants.connected_at, grants.rowid))""",
)


_FAULTS_AND_MARKS = (
    "ALTER TABLE inbox ADD COLUMN faults INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE marks (
        operation_id TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        PRIMARY KEY (operation_id, name)
    ) STRICT""",
)


_HOMES = (
    """CREATE TABLE homes (
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        PRIMARY KEY (team, person)
    ) STRICT""",
)


_EXPORT_FETCHES = (
    """CREATE TABLE export_fetches (
        export_id TEXT NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX export_fetches_by_export ON export_fetches (export_id)",
)


_DRAFT_KINDS = ("ALTER TABLE drafts ADD COLUMN kind TEXT NOT NULL DEFAULT 'meeting'",)


def _step(statements: tuple[str, ...]) -> Callable[[Library], None]:
    def take(library: Library) -> None:
        for statement in statements:
            library.conn.execute(statement)

    return take


_STEPS = (
    ("0001_first", _step(_FIRST)),
    ("0002_grant_choice", _step(_GRANT_CHOICE)),
    ("0003_faults_and_marks", _step(_FAULTS_AND_MARKS)),
    ("0004_exports", _step(exports.STATEMENTS)),
    ("0005_audit", _step(audit.STATEMENTS)),
    ("0006_tokens", _step(tokens.STATEMENTS)),
    ("0007_homes", _step(_HOMES)),
    ("0008_export_fetches", _step(_EXPORT_FETCHES)),
    ("0009_draft_kinds", _step(_DRAFT_KINDS)),
    ("0010_spots", spots.lay_out),
)
"""All steps in order; one that has been released is never changed, only followed."""

SCHEMA_VERSION = len(_STEPS)


def _migrations() -> Migrations:
    made = Migrations("parley")
    for name, step in _STEPS:
        made(name=name)(step)
    return made


def migrate(db: Database) -> list[str]:
    """Bring the tables up to this code and return the names of the steps taken, in order.

    Each step is one immediate transaction together with its record: killed at any point,
    a step is wholly taken or not at all. Several processes may start at once; each step
    is taken by one of them.

    Raises:
        Fault: ``schema_newer`` when a newer Parley has been at the file.
    """
    migrations = _migrations()
    known = [name for name, _ in _STEPS]
    taken: list[str] = []
    while True:
        with db.writing() as transaction:
            library = transaction.library
            applied = {step.name for step in migrations.applied(library)}
            unknown = sorted(applied.difference(known))
            if unknown:
                raise Fault("schema_newer", knows=SCHEMA_VERSION, found=unknown[-1])
            pending = [name for name in known if name not in applied]
            if not pending:
                return taken
            migrations.apply(library, stop_before=pending[1:])
            taken.append(pending[0])
