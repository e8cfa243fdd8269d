"""The command line: what each command prints, and the status it ends with."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
import yaml

from bot.language import read
from handlers.cli import main
from tests.handlers.commanding import TOP, parley, running, settings_of

NOW = "2026-01-14T10:20+05:30"
PHRASE = "Pipeline review every other Sunday 10-11am until Mar 15"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command in this process; return what it printed."""
    assert 0 == main(arguments)
    return capsys.readouterr().out


def complaint(capsys: pytest.CaptureFixture[str], status: int, *arguments: str) -> str:
    """Run a command that must fail with *status*; return its one line."""
    try:
        found = main(arguments)
    except SystemExit as exit_:  # argparse ends a misuse itself
        found = int(exit_.code or 0)
    shown = capsys.readouterr()
    assert (status, "") == (found, shown.out)
    assert "Traceback" not in shown.err
    return shown.err


def test_a_phrase_is_told_in_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """One line a part that is known, nothing for the rest."""
    lines = dict(
        line.split(maxsplit=1)
        for line in said(capsys, "read", PHRASE, "--now", NOW, "--tz", "Asia/Kolkata").splitlines()
    )
    assert "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=2026-03-15" == lines["rrule"]
    assert "Pipeline review" == lines["title"]
    assert "venue" not in lines


def test_a_phrase_as_json_is_the_whole_reading(capsys: pytest.CaptureFixture[str]) -> None:
    """The same as ``bot.language.read`` gives, empty parts included."""
    from datetime import datetime

    whole = json.loads(said(capsys, "read", PHRASE, "--json", "--now", NOW, "--tz", "Asia/Kolkata"))
    same = read(PHRASE, now=datetime.fromisoformat(NOW), tz="Asia/Kolkata").as_dict()
    assert json.loads(json.dumps(same)) == whole
    assert None is whole["venue"]


def test_a_moment_without_a_zone_is_the_persons_own(capsys: pytest.CaptureFixture[str]) -> None:
    """``--now`` may be written as the clock on the wall shows it."""
    bare = said(capsys, "read", "today 11", "--json", "--now", "2026-01-14", "--tz", "Asia/Tokyo")
    assert "2026-01-14T11:00:00+09:00" == json.loads(bare)["start"]


def test_a_phrase_that_is_nothing_gets_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """And an empty one is a reading too: it says that there is no text."""
    assert "There is no text" in said(capsys, "read", "")


@pytest.mark.parametrize(
    ("status", "arguments", "words"),
    [
        (2, [], "required: command"),
        (2, ["fly"], "invalid choice: 'fly'"),
        (2, ["read"], "say a phrase"),
        (2, ["read", "x", "--now", "yesterday"], "ISO 8601"),
        (2, ["read", "x", "--now", ""], "ISO 8601"),
        (1, ["read", "x", "--tz", "Mars/X"], "I don't know the time zone “Mars/X”"),
        (1, ["read", "x", "--tz", "../../etc/passwd"], "I don't know the time zone"),
        (2, ["sandbox", "--port", "65536"], "0 to 65535"),
        (2, ["sandbox", "--slack-port", "-1"], "0 to 65535"),
    ],
)
def test_a_misuse_is_answered_with_a_sentence(
    capsys: pytest.CaptureFixture[str], status: int, arguments: list[str], words: str
) -> None:
    """2 for a command written wrong, 1 for one that can't be done; never a traceback."""
    assert words in complaint(capsys, status, *arguments)


def test_lines_of_json_are_read_one_by_one(tmp_path: Path) -> None:
    """One reading a line, in order, whatever letters are in them."""
    asked = [
        {"text": "every Monday at 10", "now": NOW, "tz": "Asia/Kolkata"},
        {"text": "Café ☕ tomorrow 3pm", "now": "2026-01-14T10:20", "tz": "Europe/Berlin"},
        {"text": "half a pair \ud800", "now": NOW, "tz": "UTC"},
    ]
    stdin = "".join(f"{json.dumps(one)}\n" for one in asked).encode()
    done = parley("read", "--jsonl", folder=tmp_path, stdin=stdin)
    readings = [json.loads(line) for line in done.said.splitlines()]
    assert (0, "") == (done.status, done.complained)
    assert ["FREQ=WEEKLY;INTERVAL=1;BYDAY=MO", None, None] == [one["rrule"] for one in readings]
    assert "2026-01-15T15:00:00+01:00" == readings[1]["start"]


@pytest.mark.parametrize(
    "line",
    [b"{", b"[1]", b"7", b"\xff", b'{"text": "x"}', b'{"text": "x", "now": "soon", "tz": "UTC"}'],
)
def test_a_bad_line_ends_the_reading_and_is_named(tmp_path: Path, line: bytes) -> None:
    """What came before it is answered."""
    good = json.dumps({"text": "every day", "now": NOW, "tz": "UTC"}).encode()
    done = parley("read", "--jsonl", folder=tmp_path, stdin=good + b"\n" + line + b"\n")
    assert (2, 1) == (done.status, done.said.count("\n"))
    assert "ISO 8601" in done.complained


def test_a_phrase_in_no_encoding_is_shown_escaped(tmp_path: Path) -> None:
    """A byte that is no letter neither stops the command nor reaches the terminal."""
    command = [sys.executable.encode(), b"-m", b"handlers.cli", b"read", b"x \xff"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={"PYTHONPATH": str(TOP), "LANG": "C.UTF-8"},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (0, b"") == (done.returncode, done.stderr)
    assert b"\xff" not in done.stdout


def test_a_reader_that_goes_away_is_no_error_to_shout_about(tmp_path: Path) -> None:
    """``parley read ... | head -0`` ends quietly."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "handlers.cli", "read", PHRASE, "--json"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(TOP)},
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(writing)
    assert (1, b"") == (done.returncode, done.stderr)


@pytest.mark.parametrize("command", ["serve", "check", "migrate", "manifest"])
def test_a_command_without_its_settings_names_them(tmp_path: Path, command: str) -> None:
    """And makes no folder and no file."""
    done = parley(command, folder=tmp_path)
    assert (1, "") == (done.status, done.said)
    assert "Missing: " in done.complained
    assert "PARLEY_PUBLIC_URL" in done.complained
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PARLEY_PUBLIC_URL=https://[bad\n", "PARLEY_PUBLIC_URL isn't an address"),
        (b"\xff\xfe\n", "can't be read"),
        (b"NONSENSE=1\n", ".env, line 1"),
    ],
)
def test_a_broken_file_of_settings_is_told(tmp_path: Path, content: bytes, words: str) -> None:
    """An address that is none, no text at all, a name that is no setting."""
    (tmp_path / ".env").write_bytes(content)
    done = parley("manifest", folder=tmp_path)
    assert (1, "") == (done.status, done.said)
    assert words in done.complained


def test_the_manifest_needs_only_the_public_address(tmp_path: Path) -> None:
    """It comes first: the tokens are made from it."""
    settings = {"PARLEY_PUBLIC_URL": "https://bot.acme.example", "PARLEY_COMMAND_PREFIX": "acme-"}
    done = parley("manifest", folder=tmp_path, settings=settings)
    known = yaml.safe_load(done.said)
    assert (0, "") == (done.status, done.complained)
    assert ["/acme-meet", "/acme-export", "/acme-crm"] == [
        one["command"] for one in known["features"]["slash_commands"]
    ]
    assert "parley.example.com" not in done.said


def test_the_sandbox_announces_itself_in_its_first_line(tmp_path: Path) -> None:
    """One JSON object with all that a bot needs; the addresses answer."""
    with running("sandbox", "--port", "0", folder=tmp_path) as first:
        told = json.loads(first)
        with build_opener(ProxyHandler({})).open(f"{told['control_url']}/control/clock") as answer:
            assert 200 == answer.status
    assert {
        *("accounts_url", "api_url", "control_url", "workspace_url", "slack_api_url"),
        *("client_id", "client_secret", "refresh_token"),
        *("slack_bot_token", "slack_signing_secret"),
    } == set(told)


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """It says where; health and readiness answer there; SIGTERM ends it well."""
    with running("sandbox", folder=tmp_path) as told:
        settings = settings_of(told, tmp_path)
        with running("serve", folder=tmp_path, settings=settings) as first:
            port = int(first.rsplit(":", 1)[1])
            for path in ("healthz", "readyz"):
                with build_opener(ProxyHandler({})).open(
                    f"http://127.0.0.1:{port}/{path}"
                ) as answer:
                    assert 200 == answer.status
    assert f"Parley serves http://127.0.0.1:8080 on 127.0.0.1:{port}\n" == first


def test_a_taken_port_is_told_and_leaves_nothing_running(tmp_path: Path) -> None:
    """With the setting to change."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running("sandbox", folder=tmp_path) as told:
            settings = settings_of(told, tmp_path) | {"PARLEY_PORT": port}
            done = parley("serve", folder=tmp_path, settings=settings)
            assert (1, "") == (done.status, done.said)
            assert f"127.0.0.1:{port} can't be listened on" in done.complained
            assert "PARLEY_PORT" in done.complained
        done = parley("sandbox", "--port", port, folder=tmp_path)
        assert (1, True) == (done.status, "in use" in done.complained)


def test_the_database_is_brought_up_to_date_once(tmp_path: Path) -> None:
    """The steps are named; a second time there is nothing to do."""
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-made-up",
        "SLACK_SIGNING_SECRET": "made-up",
        "ZOHO_CLIENT_ID": "1000.MADEUP",
        "ZOHO_CLIENT_SECRET": "made-up",
        "PARLEY_PUBLIC_URL": "https://parley.example.com",
    }
    first, again = (parley("migrate", folder=tmp_path, settings=settings) for _ in range(2))
    assert (0, 0) == (first.status, again.status)
    assert first.said.strip()
    assert "Nothing to do: the database is up to date.\n" == again.said
    assert 0o600 == (tmp_path / "data" / "parley.db").stat().st_mode & 0o777
    assert 0o700 == (tmp_path / "data").stat().st_mode & 0o777


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    """With what to do, and untouched."""
    (tmp_path / "parley.db").write_bytes(b"letters to my aunt\n" * 200)
    settings = {
        "SLACK_BOT_TOKEN": "xoxb-made-up",
        "SLACK_SIGNING_SECRET": "made-up",
        "ZOHO_CLIENT_ID": "1000.MADEUP",
        "ZOHO_CLIENT_SECRET": "made-up",
        "PARLEY_PUBLIC_URL": "https://parley.example.com",
        "PARLEY_DATA_DIR": str(tmp_path),
    }
    done = parley("migrate", folder=tmp_path, settings=settings)
    assert (1, True) == (done.status, "no database of Parley's" in done.complained)
    assert b"letters to my aunt\n" * 200 == (tmp_path / "parley.db").read_bytes()
