"""The checkout holds what it should, and nothing that belongs elsewhere."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
TOP_LEVEL = {
    *("bot", "handlers", "store", "tests", "pyproject.toml", "manifest.yml"),
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "DECISIONS.md", "SECURITY.md", "LICENSE"),
    *("requirements.txt", "requirements-dev.txt", "requirements-sdk.txt"),
    *("Makefile", ".ci", ".gitignore", ".pre-commit-config.yaml"),
}
PINS = ("requirements.txt", "requirements-dev.txt", "requirements-sdk.txt")
LONGEST_FILE = 310  # about three hundred lines; a file past that has begun a second job
LONGEST_TESTS = 550  # the cases of one room stand together

MACHINE_PATH = re.compile(r"(^|[^A-Za-z0-9_.])/((work|farm|root)/|tmp/house)")
PACKAGE_HOST = re.compile(r"https?://|(?<!no-emit-)(index-url|find-links)")
# Slack: "Token types"; Zoho: "Access Token request" shows both halves as 32 hex digits.
SECRET = re.compile(r"xox[a-z]-\w*\d{6,}|xapp-\d-\w+|\b1000\.[0-9a-f]{32}\.[0-9a-f]{32}\b")
SECRETS_ARE_MADE_UP_IN = ("handlers/sandbox/", "tests/")
OTHER_SQLITE = re.compile(r"^\s*(import|from)\s+(py)?sqlite3\b", re.MULTILINE)
# Each word has a bracket in it, so that this list does not find itself.
WORKPLACE = re.compile(
    r"(?<!user[- _])\b(sub[- ]?)?[a]gents?\b|\b[c]laude\b|\b[a]nthropic\b|\b[i]ssue #?\d+"
    r"|\b(this|the) [i]ssue('s)? (says|asks|wants|text)|\b[f]act sheets?\b|\b[b]rief says\b",
    re.IGNORECASE,
)


@cache
def tracked() -> dict[str, str]:
    """Return every tracked file that is text, by its path from the top."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=TOP, capture_output=True, text=True, check=True
    ).stdout
    texts: dict[str, str] = {}
    for name in filter(None, listing.split("\0")):
        try:
            texts[name] = (TOP / name).read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):  # a picture; a file just being removed
            continue
    return texts


def found(pattern: re.Pattern[str], *, names: tuple[str, ...] = ("",)) -> list[str]:
    """Return ``path:line: text`` for each match in the tracked files whose path starts so."""
    return [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1}: {hit.group().strip()}"
        for name, text in tracked().items()
        if name.startswith(names)
        for hit in pattern.finditer(text)
    ]


def sources(*packages: str) -> dict[str, ast.Module]:
    """Return the parsed Python files of *packages*."""
    starts = tuple(f"{package}/" for package in packages)
    return {
        name: ast.parse(text)
        for name, text in tracked().items()
        if name.startswith(starts) and name.endswith(".py")
    }


def uses(modules: dict[str, ast.Module], owner: str, names: set[str]) -> list[str]:
    """Return where ``owner.name`` is written, for any of *names*."""
    return [
        f"{path}:{node.lineno}: {owner}.{node.attr}"
        for path, module in modules.items()
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute)
        and node.attr in names
        and ast.unparse(node.value).split(".")[-1] == owner
    ]


def test_the_top_level_holds_only_its_fixed_names() -> None:
    """Three packages, the tests, and papers and tool files beside them."""
    assert set() == {name.split("/")[0] for name in tracked()} - TOP_LEVEL


def test_no_file_names_a_path_of_one_machine() -> None:
    """The project can stand anywhere."""
    assert [] == found(MACHINE_PATH)


def test_set_up_files_name_no_package_host() -> None:
    """Where packages come from is the machine's own setting."""
    names = (*PINS, "pyproject.toml", "Makefile", ".ci/", ".pre-commit-config.yaml")
    assert [] == found(PACKAGE_HOST, names=names)


@pytest.mark.parametrize("name", PINS)
def test_every_requirement_is_pinned_with_hashes(name: str) -> None:
    """What is installed is byte for byte what was chosen."""
    entries = re.split(r"\n(?=[A-Za-z])", f"\n{tracked()[name]}")[1:]
    pinned = re.compile(r"[\w.-]+==\S+( ; [^\\]+)? \\\n    --hash=sha256:[0-9a-f]{64}")
    assert [] == [entry.split("\n")[0] for entry in entries if not pinned.match(entry)]
    assert entries


def test_the_pins_cover_what_the_project_asks_for() -> None:
    """No dependency of pyproject.toml is missing, and tests run on the runtime's own versions."""
    project = tomllib.loads(tracked()["pyproject.toml"])["project"]
    runtime, dev = (set(re.findall(r"^\S+==\S+", tracked()[n], re.MULTILINE)) for n in PINS[:2])
    names = {pin.split("==")[0] for pin in dev}
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert [] == [a for a in asked if re.split(r"[<>=]", a)[0].lower() not in names]
    assert set() == runtime - dev


def test_no_python_file_is_longer_than_one_job() -> None:
    """A file that passes about 300 lines has begun a second job; a file of cases, 550."""
    lengths = {n: t.count("\n") for n, t in tracked().items() if n.endswith(".py")}
    assert [] == [
        name
        for name, length in lengths.items()
        if length > (LONGEST_TESTS if name.startswith("tests/") else LONGEST_FILE)
    ]


@pytest.mark.parametrize("package", ["bot", "store", "handlers"])
def test_every_package_says_that_it_is_typed(package: str) -> None:
    """A type checker outside believes our annotations (PEP 561)."""
    assert f"{package}/py.typed" in tracked()


def test_one_sqlite_library_is_in_the_process() -> None:
    """It is taken from sqlite_utils; two libraries on one file break its locks (sqlite.org)."""
    assert [] == [hit for hit in found(OTHER_SQLITE) if hit.split(":")[0].endswith(".py")]


def test_bot_and_store_are_told_the_time() -> None:
    """Below handlers the clock is an argument; but Zoho's client calls its store without one."""
    below = sources("bot", "store")
    below.pop("store/sdk.py", None)
    now = {"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp"}
    clocks = uses(below, "datetime", now - {"fromtimestamp"}) + uses(below, "date", now)
    assert [] == clocks + uses(below, "time", {"time", "time_ns"})


def test_the_environment_is_read_in_one_place() -> None:
    """Settings come from handlers/settings.py, for everyone."""
    modules = sources("bot", "store", "handlers")
    modules.pop("handlers/settings.py", None)
    assert [] == uses(modules, "os", {"environ", "environb", "getenv"})


def test_no_secret_is_in_the_checkout() -> None:
    """What looks like a token of Slack or Zoho stands only where tokens are made up."""
    hits = found(SECRET)
    assert [] == [hit for hit in hits if not hit.startswith(SECRETS_ARE_MADE_UP_IN)]


def test_the_project_speaks_of_itself_alone() -> None:
    """No file tells of the place or the people that made it; phrases name their public source."""
    assert [] == [hit for hit in found(WORKPLACE) if not hit.startswith("tests/corpus/")]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE_PATH, f"open('/{'work'}/main')"),
        (PACKAGE_HOST, "--index-url x"),
        (SECRET, f"xox{'b'}-1234567890-abc"),
        (SECRET, f"1000.{'0a' * 16}.{'1b' * 16}"),
        (OTHER_SQLITE, "    import sqlite3\n"),
        (WORKPLACE, f"the sub{'age'}nt said"),
        (WORKPLACE, f"see {'issue'} #12"),
    ],
)
def test_each_search_finds_what_it_looks_for(pattern: re.Pattern[str], text: str) -> None:
    """A search that can find nothing would guard nothing."""
    assert pattern.search(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE_PATH, "teamwork/root/x and ./work/"),
        (PACKAGE_HOST, "--no-emit-index-url"),
        (SECRET, "xoxb-your-token 1000.abc.def"),
        (OTHER_SQLITE, "from sqlite_utils.utils import sqlite3"),
        (WORKPLACE, "User-Agent: x, user_agent, issue a token, agenda"),
    ],
)
def test_no_search_cries_wolf(pattern: re.Pattern[str], text: str) -> None:
    """Near misses are left alone."""
    assert not pattern.search(text)


def test_every_make_target_is_listed_and_short() -> None:
    """``make`` alone shows each target; each is three lines at most."""
    targets = re.findall(
        r"^([a-z%-]+):(?!=)(.*)((?:\n[\t@].*)*)", tracked()["Makefile"], re.MULTILINE
    )
    assert [] == [name for name, rest, _ in targets if " ## " not in rest]
    assert [] == [name for name, _, recipe in targets if recipe.count("\n") > 3]
    assert "test" in {name for name, _, _ in targets}
