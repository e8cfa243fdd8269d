"""The import contracts of pyproject.toml hold, and each of them can fail."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "store", "handlers")

# One import that each contract forbids: where it would be written, what it says, what is broken.
FORBIDDEN = [
    ("bot/errors.py", "import store", "Packages: "),
    ("bot/domain/__init__.py", "import bot.journeys", "Rooms of bot: "),
    ("bot/upstairs.py", "", "Rooms of bot: "),
    ("store/__init__.py", "import slack_sdk", "Slack only in handlers"),
    ("bot/errors.py", "import sqlite_utils", "SQLite only in store"),
    ("handlers/__init__.py", "import sqlite_utils", "SQLite in handlers only by way of store"),
    ("store/__init__.py", "import sqlite3", "One SQLite library"),
    ("handlers/__init__.py", "import requests", "requests only in"),
    ("bot/errors.py", "import dateutil.parser", "dateutil only where"),
    ("bot/errors.py", "import waitress", "waitress only in handlers"),
    ("bot/errors.py", "import cryptography", "cryptography only in store"),
    ("handlers/sandbox/__init__.py", "import bot.errors", "The sandbox knows nothing"),
    ("handlers/__init__.py", "import handlers.sandbox", "The sandbox is loaded only"),
]


def lint_imports(where: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter in *where*, without its cache."""
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [command, "--no-cache"],
        cwd=where,
        env={"PYTHONPATH": str(where), "COLUMNS": "200", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_every_import_contract_is_kept() -> None:
    """Imports go one way, and each outside library stays behind its wall."""
    done = lint_imports(TOP)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_import_contract_can_be_broken(tmp_path: Path) -> None:
    """In a copy with one wrong import for each contract, each contract is reported broken."""
    shutil.copy(TOP / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(TOP / package, tmp_path / package)
    for place, line, _ in FORBIDDEN:
        path = tmp_path / place
        path.touch()
        path.write_text(f"{path.read_text()}\n{line}\n")
    done = lint_imports(tmp_path)
    broken = [line for line in done.stdout.splitlines() if " BROKEN" in line]
    assert done.returncode == 1, done.stdout + done.stderr
    assert [] == [name for _, _, name in FORBIDDEN if not any(b.startswith(name) for b in broken)]
    assert not [line for line in done.stdout.splitlines() if " KEPT" in line]


def test_the_sandbox_imports_none_of_ours() -> None:
    """The sandbox is an independent witness: from handlers, too, it takes only itself."""
    ours = [
        f"{path.relative_to(TOP)}: {name}"
        for path in sorted((TOP / "handlers/sandbox").rglob("*.py"))
        for name in _imports(path)
        if name.split(".")[0] in PACKAGES and not f"{name}.".startswith("handlers.sandbox.")
    ]
    assert [] == ours


def _imports(path: Path) -> list[str]:
    """Return the full name of all that the file imports, as far down as it names it."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found
