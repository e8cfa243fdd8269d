"""The tables of exports: jobs, the pages kept of them, and when downloads were made.

Retention: jobs 7 days after they end, their pages with them; downloads a minute.
"""

STATEMENTS = (
    """CREATE TABLE exports (
        id TEXT PRIMARY KEY,
        team TEXT NOT NULL,
        person TEXT NOT NULL,
        grant_id TEXT NOT NULL,
        org TEXT NOT NULL,
        crm_user TEXT NOT NULL,
        query TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('new', 'creating', 'running', 'fetching',
            'finishing', 'paused', 'done', 'failed', 'cancelled', 'expired')),
        page INTEGER NOT NULL,
        crm_job TEXT,
        callback_hash TEXT,
        hint TEXT,
        progress TEXT NOT NULL,
        due TEXT,
        not_before TEXT,
        claimed_at TEXT,
        held_until TEXT,
        nudged_at TEXT,
        fence INTEGER NOT NULL DEFAULT 0,
        version INTEGER NOT NULL DEFAULT 1,
        told INTEGER NOT NULL DEFAULT 0,
        noticed INTEGER NOT NULL DEFAULT 0,
        tell_due TEXT,
        channel TEXT,
        ts TEXT,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        expires_at TEXT
    ) STRICT""",
    "CREATE INDEX exports_due ON exports (due) WHERE due IS NOT NULL",
    "CREATE INDEX exports_to_tell ON exports (tell_due) WHERE tell_due IS NOT NULL",
    "CREATE INDEX exports_by_owner ON exports (team, person, created_at)",
    """CREATE UNIQUE INDEX exports_by_callback ON exports (callback_hash)
        WHERE callback_hash IS NOT NULL""",
    """CREATE TABLE export_pages (
        export_id TEXT NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
        number INTEGER NOT NULL,
        rows INTEGER NOT NULL,
        promised INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        PRIMARY KEY (export_id, number)
    ) STRICT""",
    """CREATE TABLE export_downloads (
        org TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX export_downloads_by_org ON export_downloads (org, at)",
)
SEALED = (("exports", "query"), ("exports", "progress"))
