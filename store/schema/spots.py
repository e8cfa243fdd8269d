"""The table of grants, laid out anew: an owner's rows lie side by side (see `store.account.spots`).

``refreshes`` is laid out with it and refers to it no more: SQLite would look into every write
of a grant for what that might break, and whoever deletes a grant deletes them (`Grants.forget`).
"""

from sqlite_utils import Database as Library

from store.account.spots import first_spot

# After its spot, a row's columns stand in the order in which they came.
_GRANTS = """CREATE TABLE grants (
        spot INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
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
        lease_until TEXT,
        choice INTEGER NOT NULL DEFAULT 0,
        used_at TEXT,
        warned_at TEXT,
        client_id TEXT NOT NULL DEFAULT '',
        crm_user TEXT NOT NULL DEFAULT '',
        alias TEXT,
        redirect_url TEXT,
        spent_code TEXT
    ) STRICT"""
_STATEMENTS = (
    "DROP INDEX grants_one_each",
    "DROP INDEX grants_by_owner",
    "DROP INDEX grants_by_alias",
    "DROP INDEX refreshes_by_grant",
    "ALTER TABLE grants RENAME TO grants_before",
    "ALTER TABLE refreshes RENAME TO refreshes_before",
    _GRANTS,
    """INSERT INTO grants SELECT first_spot(team, person) - 1
            + row_number() OVER (PARTITION BY first_spot(team, person) ORDER BY rowid),
            grants_before.* FROM grants_before""",
    """CREATE TABLE refreshes (
        grant_id TEXT NOT NULL,
        at TEXT NOT NULL
    ) STRICT""",
    "INSERT INTO refreshes SELECT grant_id, at FROM refreshes_before",
    "DROP TABLE refreshes_before",
    "DROP TABLE grants_before",
    """CREATE UNIQUE INDEX grants_one_each
        ON grants (team, person, crm_user, client_id, data_center, state)
        WHERE state IN ('active', 'pending') AND crm_user != ''""",
    """CREATE UNIQUE INDEX grants_by_alias ON grants (team, person, alias)
        WHERE alias IS NOT NULL""",
    "CREATE INDEX refreshes_by_grant ON refreshes (grant_id, at)",
)


def lay_out(library: Library) -> None:
    """Move every grant to its spot, in the order in which they were made."""
    library.conn.create_function("first_spot", 2, first_spot, deterministic=True)
    for statement in _STATEMENTS:
        library.conn.execute(statement)
