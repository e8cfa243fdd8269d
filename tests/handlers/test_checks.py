"""``parley check`` sees each thing that would keep Parley from serving."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.connection import Owner
from handlers.checks import checks
from handlers.manifest import manifest
from handlers.sandbox.run import Sandbox
from handlers.sandbox.slack.steering import steer
from handlers.settings import load
from store.memory import open_memory
from store.sealing.keys import Keyring, new_key
from tests.handlers.commanding import parley, settings_of

ALL = ["settings", "database", "Slack", "Slack scopes", "clock", "CRM US"]
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Run a sandbox with the app installed from its manifest."""
    found = Sandbox.start()
    try:
        install(found, yaml.safe_load(manifest("http://127.0.0.1:8080")))
        yield found
    finally:
        found.stop()


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> dict[str, str]:
    """Return the settings of a bot on the sandbox."""
    return settings_of(json.dumps(sandbox.announcement()), tmp_path)


def install(sandbox: Sandbox, known: dict[str, Any]) -> None:
    """Install the app in the sandbox's workspace."""
    url = sandbox.announcement()["control_url"]
    steer(url, "install", request_url="http://127.0.0.1:8080/slack/events", manifest=known)


def bad(settings: dict[str, str]) -> dict[str, str]:
    """Return what isn't well, by its name."""
    return {one.name: one.told for one in checks(load(settings)) if not one.ok}


def test_all_is_well_on_the_sandbox(settings: dict[str, str], tmp_path: Path) -> None:
    """Each thing has a line, and the status is 0."""
    done = parley("check", folder=tmp_path, settings=settings)
    lines = done.said.splitlines()
    assert (0, "") == (done.status, done.complained)
    assert ALL == [line.removeprefix("ok").split(":")[0].strip() for line in lines]


def test_one_thing_that_is_not_well_is_status_1(settings: dict[str, str], tmp_path: Path) -> None:
    """The others are looked at all the same."""
    done = parley("check", folder=tmp_path, settings=settings | {"SLACK_BOT_TOKEN": "xoxb-other"})
    assert 1 == done.status
    assert "BAD  Slack: it says invalid_auth. Copy SLACK_BOT_TOKEN again" in done.said
    assert "ok   CRM US" in done.said


def test_slack_that_is_not_there_is_told(settings: dict[str, str]) -> None:
    """With the address that was tried."""
    found = bad(settings | {"SLACK_API_URL": f"{NOWHERE}/api/"})
    assert ["Slack"] == list(found)
    assert f"{NOWHERE}/api/ can't be reached" in found["Slack"]


def test_a_scope_that_was_not_granted_is_named(settings: dict[str, str], sandbox: Sandbox) -> None:
    """The app was installed before the manifest asked for it."""
    known = yaml.safe_load(manifest("http://127.0.0.1:8080"))
    less = yaml.safe_load(manifest("http://127.0.0.1:8080"))
    less["oauth_config"]["scopes"]["bot"].remove("im:history")
    install(sandbox, less)
    try:
        found = bad(settings)
    finally:
        install(sandbox, known)
    assert ["Slack scopes"] == list(found)
    assert "missing im:history" in found["Slack scopes"]


def test_a_client_the_crm_does_not_take_is_told(settings: dict[str, str]) -> None:
    """A secret that was copied short."""
    found = bad(settings | {"ZOHO_CLIENT_SECRET": "short"})
    assert ["CRM US"] == list(found)
    assert "doesn't take the client id and secret" in found["CRM US"]


def test_a_crm_that_is_not_there_is_told(settings: dict[str, str]) -> None:
    """With the setting to look at."""
    found = bad(settings | {"ZOHO_ACCOUNTS_URL": NOWHERE, "ZOHO_API_URL": NOWHERE})
    assert {
        "CRM US": "Zoho can't be reached. Look at the network and at ZOHO_DATA_CENTER."
    } == found


def test_the_wrong_key_is_told(settings: dict[str, str]) -> None:
    """The database was sealed with another one."""
    assert {} == bad(settings | {"PARLEY_KEY": new_key()})
    found = bad(settings | {"PARLEY_KEY": new_key()})
    assert ["database"] == list(found)
    assert "isn't the one the database was sealed with" in found["database"]
    assert "isn't 32 bytes" in bad(settings | {"PARLEY_KEY": "short"})["database"]


def test_a_key_file_that_is_not_there_is_told(settings: dict[str, str], tmp_path: Path) -> None:
    """A named file must be there."""
    found = bad(settings | {"PARLEY_KEY_FILE": str(tmp_path / "nowhere")})
    assert ["database"] == list(found)
    assert "The key isn't there" in found["database"]


def test_a_folder_that_cannot_be_made_is_told(settings: dict[str, str], tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").write_text("")
    found = bad(settings | {"PARLEY_DATA_DIR": str(tmp_path / "file" / "data")})
    assert ["database"] == list(found)
    assert "PARLEY_DATA_DIR" in found["database"]


@pytest.mark.parametrize(
    ("date", "ok", "words"),
    [
        (timedelta(minutes=-10), False, "Set this machine's clock"),
        (timedelta(minutes=10), False, "Set this machine's clock"),
        (timedelta(0), True, "of Slack"),
        ("soon", True, "didn't say its time"),
        (None, True, "didn't say its time"),
    ],
)
def test_a_clock_that_is_off_is_told(
    settings: dict[str, str], date: timedelta | str | None, ok: bool, words: str
) -> None:
    """Slack refuses nothing by time, but Parley refuses what seems older than five minutes."""
    with slack_at(date) as url:
        results = {one.name: one for one in checks(load(settings | {"SLACK_API_URL": url}))}
    assert (ok, True) == (results["clock"].ok, words in results["clock"].told)


def test_an_answer_that_is_not_slacks_is_told(settings: dict[str, str]) -> None:
    """A page where JSON should be: a proxy's, say."""
    with slack_at(None, b"<html>Sign in to the hotel's network</html>") as url:
        found = bad(settings | {"SLACK_API_URL": url})
    assert ["Slack"] == list(found)


@contextmanager
def slack_at(date: timedelta | str | None, body: bytes | None = None) -> Iterator[str]:
    """Stand in for Slack with a clock of its own; give its address."""
    answer = body or json.dumps({"ok": True, "user": "parley", "team": "Acme"}).encode()

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response_only(200)
            if isinstance(date, timedelta):
                self.send_header("Date", format_datetime(datetime.now(UTC) + date, usegmt=True))
            elif date is not None:
                self.send_header("Date", date)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/api/"
        finally:
            server.shutdown()
            thread.join()


def test_a_key_file_is_told_by_what_is_wrong_with_it(
    settings: dict[str, str], tmp_path: Path
) -> None:
    """Not there, not to be read, or no text: three things to do, and no database is given up."""
    raw, none = tmp_path / "raw", tmp_path / "none"
    raw.write_bytes(b"\xff" * 32)
    for file, words in (
        (none, "The key isn't there."),
        (tmp_path, "The key file can't be read."),
        (raw, "The key isn't 32 bytes in base64."),
    ):
        told = bad(settings | {"PARLEY_KEY_FILE": str(file)})
        assert ["database"] == [*told]
        assert words in told["database"]


def test_a_key_that_others_can_read_is_told(settings: dict[str, str], tmp_path: Path) -> None:
    """And one for Parley's account alone isn't."""
    file = tmp_path / "key"
    file.write_text(new_key())
    for mode, shared in ((0o644, True), (0o400, False)):
        file.chmod(mode)
        given = settings | {"PARLEY_KEY_FILE": str(file)}
        told = {one.name: one.told for one in checks(load(given))}
        assert shared == (f"others can read it: chmod 0400 {file}" in told["database"])


def test_settings_in_a_file_that_others_can_read_are_told(
    settings: dict[str, str], tmp_path: Path
) -> None:
    """They hold secrets; root's file that Parley's group reads is well."""
    file = tmp_path / ".env"
    file.write_text("PARLEY_PORT=0\n")
    for mode, well in ((0o644, False), (0o660, False), (0o640, True), (0o600, True)):
        file.chmod(mode)
        done = parley("check", folder=tmp_path, settings=settings)
        assert (int(not well), not well) == (
            done.status,
            "BAD  settings: others can read or change .env. Type `chmod 0640 .env`." in done.said,
        )


def test_a_token_of_another_workspace_is_told(settings: dict[str, str]) -> None:
    """Everybody whom the database knows is of another one."""
    key = new_key()
    given = settings | {"PARLEY_KEY": key}
    database = load(given).data_dir / "parley.db"
    for team, well in (("T0OTHER", False), ("T0PARLEY", True)):
        memory = open_memory(database, Keyring.parse(key), datetime.now(UTC))
        memory.drafts.put(team, Owner(team, "U1"), None, {}, datetime.now(UTC))
        memory.close()
        told = bad(given)
        assert well == (told == {})
        assert well or "everybody who is connected is of another workspace" in told["Slack"]
