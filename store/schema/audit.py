"""The tables of accountability: the audit, who was invited, and this installation's standing.

Retention: audit as its ``sweep`` is told, 30 days at least; invitations a day; grants'
times as the grants.
"""

STATEMENTS = (
    "ALTER TABLE grants ADD COLUMN used_at TEXT",
    "ALTER TABLE grants ADD COLUMN warned_at TEXT",
    """CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        act TEXT NOT NULL,
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        actor TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX audit_by_time ON audit (at)",
    """CREATE TRIGGER audit_never_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    # A REPLACE would delete without asking the next trigger (SQLite, "REPLACE").
    """CREATE TRIGGER audit_never_replaced BEFORE INSERT ON audit
        WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    # A line goes only while one that is thirty days younger stands and tells of the sweep.
    """CREATE TRIGGER audit_kept BEFORE DELETE ON audit
        WHEN OLD.at > (SELECT strftime('%Y-%m-%dT%H:%M:%f', max(at), '-30 days') FROM audit)
        BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END""",
    """CREATE TABLE invitations (
        operation_id TEXT PRIMARY KEY,
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        count INTEGER NOT NULL,
        at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX invitations_by_owner ON invitations (team, person, at)",
    """CREATE TABLE standing (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT""",
)
