"""The tables: made once by many, whole or not at all, and never by older code."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.errors import Fault
from store.account.spots import first_spot
from store.memory import Memory
from store.schema import migrations
from store.sqlite.database import Database

Child = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def db(file: Path) -> Iterator[Database]:
    """A file without tables."""
    made = Database(file)
    yield made
    made.close()


def test_migrating_twice_does_it_once(db: Database) -> None:
    """The first call names the steps taken, the second none."""
    assert [name for name, _ in migrations._STEPS] == migrations.migrate(db)
    assert [] == migrations.migrate(db)


def test_older_code_refuses_a_newer_schema(db: Database) -> None:
    """A step this code doesn't know is a Fault, and nothing is changed."""
    migrations.migrate(db)
    with db.writing() as transaction:
        transaction.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES ('parley', '9999_future', '')"
        )

    with pytest.raises(Fault, match="schema_newer") as caught:
        migrations.migrate(db)
    assert {"knows": migrations.SCHEMA_VERSION, "found": "9999_future"} == caught.value.values


_MIGRATE = """
import sys
from pathlib import Path
from store.sqlite.database import Database
from store.schema.migrations import migrate
db = Database(Path(sys.argv[1]))
print(len(migrate(db)))
db.close()
"""


def test_of_eight_that_start_at_once_one_migrates(file: Path, child: Child) -> None:
    """All eight start well; each step was taken by one of them."""
    running = [child(_MIGRATE, file) for _ in range(8)]
    ends = [process.communicate(timeout=60) for process in running]

    assert [""] * 8 == [errors for _, errors in ends]
    assert migrations.SCHEMA_VERSION == sum(int(output) for output, _ in ends)


_DIE_AT_EACH = """
import os, signal, sys
from pathlib import Path
from store.schema import migrations
from store.sqlite.database import Database

file, whole = Path(sys.argv[1]), migrations._STEPS
for place, (name, take) in enumerate(whole):
    def half(library, take=take):
        take(library)
        os.kill(os.getpid(), signal.SIGKILL)
    migrations._STEPS = (*whole[:place], (name, half), *whole[place + 1:])
    pid = os.fork()
    if not pid:
        migrations.migrate(Database(file))
    print(os.waitpid(pid, 0)[1], flush=True)
"""


def test_killed_at_the_end_of_each_step_it_is_taken_again_whole(
    db: Database, file: Path, child: Child
) -> None:
    """Kill -9 before the commit: those before it are taken once, and nothing of the last one is."""
    process = child(_DIE_AT_EACH, file)

    assert ("9\n" * migrations.SCHEMA_VERSION, "") == process.communicate(timeout=60)
    assert [migrations._STEPS[-1][0]] == migrations.migrate(db)


def test_the_first_files_grants_keep_who_they_are_of_and_which_is_in_use(db: Database) -> None:
    """The last connected of each person, also where two were connected in one moment."""
    with db.writing() as transaction:
        migrations._STEPS[0][1](transaction.library)
        for grant, person, org, at in [
            ("g1", "a", "1", "2"),
            ("g2", "a", "2", "3"),
            ("g3", "a", "3", "3"),
            ("g4", "b", "1", "1"),
        ]:
            transaction.execute(
                "INSERT INTO grants (id, team, person, data_center, org_id, account, tokens, state,"
                " generation, connected_at) VALUES (?, 'T', ?, 'eu', ?, ?, '', 'active', 1, ?)",
                [grant, person, org, '{"email": "x@example.com"}', at],
            )
        for _, step in migrations._STEPS[1:]:
            step(transaction.library)

    rows = db.rows("SELECT id, crm_user, choice FROM grants ORDER BY person, choice")
    assert [
        ("g1", "x@example.com:1", 1),
        ("g2", "x@example.com:2", 2),
        ("g3", "x@example.com:3", 3),
        ("g4", "x@example.com:1", 1),
    ] == [tuple(row.values()) for row in rows]


def test_grants_and_what_refers_to_them_are_laid_out_anew(db: Database) -> None:
    """Each row lies in its owner's stretch, in the order of old, with its renewals."""
    with db.writing() as transaction:
        for _, step in migrations._STEPS[:9]:
            step(transaction.library)
        for grant, person in [("g1", "a"), ("g2", "b"), ("g3", "a")]:
            transaction.execute(
                "INSERT INTO grants (id, team, person, data_center, org_id, account, tokens, state,"
                " generation, connected_at, crm_user, spent_code)"
                " VALUES (?, 'T', ?, 'eu', '1', '{}', '', 'active', 1, '2', ?, 'spent')",
                [grant, person, grant],
            )
            transaction.execute("INSERT INTO refreshes VALUES (?, '3')", [grant])
        migrations._STEPS[9][1](transaction.library)

    a, b = first_spot("T", "a"), first_spot("T", "b")
    assert [(a, "g1", "spent"), (b, "g2", "spent"), (a + 1, "g3", "spent")] == db.tuples(
        "SELECT spot, id, spent_code FROM grants ORDER BY id"
    )
    assert [("g1",), ("g2",), ("g3",)] == db.tuples(
        "SELECT grant_id FROM refreshes ORDER BY grant_id"
    )
    assert [] == db.rows("PRAGMA foreign_key_check")


def test_every_sealed_column_exists_beside_its_owner(memory: Memory) -> None:
    """What key rotation walks over is there."""
    found = {
        (table["name"], column["name"])
        for table in memory.db.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
        for column in memory.db.rows("SELECT name FROM pragma_table_info(?)", [table["name"]])
    }

    assert set(migrations.SEALED) <= found
    assert {(table, "team") for table, _ in migrations.SEALED} <= found
    assert {(table, "person") for table, _ in migrations.SEALED} <= found
