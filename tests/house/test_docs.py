"""What the papers say is so."""

import re
import shlex
import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml

from handlers import sweeper
from handlers.cli import main
from handlers.demo import REQUEST
from handlers.faults import FAULTS
from handlers.policy import Policy
from handlers.settings import NAMES
from store import drafts
from tests.handlers.commanding import parley

TOP = Path(__file__).resolve().parents[2]
PAPERS = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "DECISIONS.md", "SECURITY.md")
LINK = re.compile(r"\]\(([^()\s]+)\)")
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


@cache
def paper(name: str) -> str:
    """Return a paper's text."""
    return (TOP / name).read_text("utf-8")


def prose(name: str) -> str:
    """Return a paper's text without its examples."""
    return FENCE.sub("", paper(name))


def section(name: str, heading: str) -> str:
    """Return what stands under a heading of the second level."""
    return paper(name).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def column(text: str, number: int = 0) -> list[str]:
    """Return one column of the first table in *text*, without its head."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    return [row.strip("|").split(" | ")[number].strip() for row in rows[2:]]


def anchors(name: str) -> set[str]:
    """Return the anchors of a paper's headings, as forges make them."""
    heads = re.findall(r"^#+ (.+)$", prose(name), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", head.lower()) for head in heads)
    return {head.replace(" ", "-") for head in plain}


def test_the_table_of_settings_has_every_setting_once() -> None:
    """And none that Parley doesn't read."""
    names = re.findall(r"`([A-Z_]+)`", "\n".join(column(section("README.md", "Settings"))))
    assert sorted(NAMES) == sorted(names)


def test_a_setting_said_to_be_needed_is_needed(tmp_path: Path) -> None:
    """With the needed ones alone the settings are taken; without one of them they aren't."""
    text = section("README.md", "Settings")
    needed = [
        name.strip("`")
        for name, default in zip(column(text), column(text, 3), strict=True)
        if default == "needed"
    ]
    values = dict.fromkeys(needed, "made-up") | {"PARLEY_PUBLIC_URL": "https://p.example.com"}
    assert 0 == parley("migrate", folder=tmp_path, settings=values).status
    for name in needed:
        less = {key: value for key, value in values.items() if key != name}
        assert name in parley("migrate", folder=tmp_path, settings=less).complained


def test_every_command_of_the_machine_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The README's table and the parser know the same commands, options of ``read`` included."""
    with pytest.raises(SystemExit):
        main(["--help"])
    real = re.findall(r"^    ([a-z]+)  ", capsys.readouterr().out, re.MULTILINE)
    told = re.findall(r"^\| `parley ([a-z]+)", section("README.md", "Commands"), re.MULTILINE)
    assert sorted(real) == sorted(told)
    assert "demo" in told
    with pytest.raises(SystemExit):
        main(["read", "--help"])
    options = set(re.findall(r"--[a-z]+", capsys.readouterr().out)) - {"--help"}
    row = re.search(r"^\| `parley read .*$", section("README.md", "Commands"), re.MULTILINE)
    assert row is not None
    assert options == set(re.findall(r"--[a-z]+", row[0]))


def test_every_command_in_slack_is_told() -> None:
    """The README's table and the manifest know the same commands."""
    known = yaml.safe_load(paper("manifest.yml"))["features"]["slash_commands"]
    told = re.findall(r"^\| `(/[a-z]+)", section("README.md", "Commands"), re.MULTILINE)
    assert {one["command"] for one in known} == set(told)


def test_no_paper_names_a_command_that_is_not_there() -> None:
    """Of the machine; what isn't there yet is said in words."""
    told = set(column(section("README.md", "Commands").split("On the machine", 1)[1]))
    real = {re.sub(r"^`parley ([a-z]+).*$", r"\1", one) for one in told}
    for name in PAPERS:
        named = set(re.findall(r"(?:`|\$ |bin/)parley ([a-z]+)", paper(name)))
        assert set() == named - real, name


@pytest.mark.parametrize("name", PAPERS)
def test_every_make_target_named_exists(name: str) -> None:
    """In the words and in the examples."""
    targets = set(re.findall(r"^([a-z-]+):(?!=)", paper("Makefile"), re.MULTILINE))
    inline = re.findall(r"`make ([a-z-]+)", paper(name))
    typed = re.findall(r"^ *make ([a-z-]+)", paper(name), re.MULTILINE)
    assert set() == {*inline, *typed} - targets


def test_the_first_screen_shows_the_demo_and_the_tests() -> None:
    """A picture of a conversation, then the two commands, before the first heading."""
    top = paper("README.md").split("\n## ", 1)[0]
    assert top.index("```text") < top.index("make demo") < top.index("make test")
    assert "apt install make python3 python3-venv" in top
    assert 45 > top.count("\n")


def test_the_conversation_is_what_the_demo_prints(tmp_path: Path) -> None:
    """Every line of the picture, in order; dots stand for lines left out."""
    _, picture = FENCE.findall(paper("README.md"))[0]
    said = parley("demo", folder=tmp_path).said
    lines = iter([line.strip() for line in said.splitlines()])
    shown = [line.strip() for line in picture.splitlines() if line.strip() != "…"]
    assert [] == [line for line in shown if line not in lines]
    assert f"Dev:     {REQUEST}" == shown[0]
    assert 5 == len([line for line in shown if line.startswith("•")])


def test_the_phrases_are_read_as_the_papers_show(capsys: pytest.CaptureFixture[str]) -> None:
    """Each ``$ parley`` line prints what stands under it."""
    examples = [
        tuple(part.split("\n", 1))
        for name in PAPERS
        for kind, text in FENCE.findall(paper(name))
        if kind == "console"
        for part in re.split(r"^\$ parley ", text, flags=re.MULTILINE)[1:]
    ]
    assert 2 == len(examples)
    for command, shown in examples:
        assert 0 == main(shlex.split(command))
        assert shown == capsys.readouterr().out


@pytest.mark.parametrize("name", PAPERS)
def test_every_link_inside_leads_somewhere(name: str) -> None:
    """To a file that is there, and to a heading in it."""
    for target in LINK.findall(prose(name)):
        if target.startswith("https://"):
            continue
        file, _, anchor = target.partition("#")
        assert (TOP / (file or name)).is_file(), target
        assert not anchor or anchor in anchors(file or name), target


@pytest.mark.parametrize("name", PAPERS)
def test_every_file_named_is_there(name: str) -> None:
    """A path in the words, of a file or a room, exists."""
    roots = "bot|store|handlers|tests"
    named = re.findall(rf"`((?:{roots})(?:/[\w.]+)*)`", prose(name))
    assert [] == [path for path in named if not (TOP / path).exists()]


def test_every_dependency_has_its_reason() -> None:
    """In a table of DECISIONS.md; and no reason is left of one that went."""
    project = tomllib.loads(paper("pyproject.toml"))["project"]
    asked = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        asked += extra
    tables = section("DECISIONS.md", "Dependencies").split("For building", 1)
    told = [*column(tables[0]), *column(tables[1])]
    assert sorted(re.split(r"[<>=]", one)[0] for one in asked) == sorted(told)


def test_the_decisions_are_counted_and_whole() -> None:
    """Each has its context, its decision and its price."""
    records = re.split(
        r"^### ", paper("DECISIONS.md").split("\n## Dependencies", 1)[0], flags=re.MULTILINE
    )
    heads = [record.split(".", 1)[0] for record in records[1:]]
    assert [str(number) for number in range(1, len(heads) + 1)] == heads
    for record in records[1:]:
        for part in ("**Context.**", "**Decision.**", "**Price.**"):
            assert 1 == record.count(part), record.split("\n", 1)[0]


def test_every_fault_of_the_command_line_is_told() -> None:
    """In its own words."""
    assert [*FAULTS.values()] == column(section("README.md", "When something is wrong"))


def test_what_is_kept_is_kept_as_long_as_told() -> None:
    """The numbers in force stand in the table, beside the setting that changes them."""
    told = section("README.md", "What is kept, and for how long")
    policy = Policy()
    assert timedelta(hours=24) == policy.kept
    assert 2 == told.count("after 24 hours (`PARLEY_KEEP_HOURS`)")
    assert timedelta(days=7) == policy.kept_content
    assert 2 == told.count("after 7 days (`PARLEY_KEEP_CONTENT_DAYS`)")
    assert timedelta(days=90) == policy.kept_audit
    assert 1 == told.count("90 days (`PARLEY_KEEP_AUDIT_DAYS`)")
    assert 90 == policy.unused_days
    assert 1 == told.count("for 90 days (`PARLEY_UNUSED_DAYS`)")
    assert timedelta(days=2) == sweeper.KEPT_INVITATIONS
    assert timedelta(days=7) == sweeper.KEPT_PROFILES == drafts.ENDED_KEPT


def test_the_changelog_knows_this_version() -> None:
    """The version of pyproject.toml has its section."""
    version = tomllib.loads(paper("pyproject.toml"))["project"]["version"]
    assert f"## [{version}]" in paper("CHANGELOG.md")


def test_the_house_is_shown_room_by_room() -> None:
    """Every room with code of its own has its line in the README."""
    rooms = {
        str(path.parent.relative_to(TOP))
        for package in ("bot", "store", "handlers")
        for path in (TOP / package).rglob("*.py")
        if path.name != "__init__.py"
    }
    rooms = {room for room in rooms if room.count("/") < 2 and room != "bot"}
    told = {one.strip("`") for one in column(section("README.md", "The house"))}
    assert rooms | {"tests"} == told
