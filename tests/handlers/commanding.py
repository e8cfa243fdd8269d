"""The command line as people run it: a process of its own."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Done:
    """What a command said, and its exit status."""

    status: int
    said: str
    complained: str


def parley(
    *arguments: str,
    folder: Path,
    settings: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    largest_file: int | None = None,
) -> Done:
    """Run one command in *folder* with these settings and no others.

    No file may grow past *largest_file* bytes, as on a full disk.
    """
    done = subprocess.run(
        [sys.executable, "-m", "handlers.cli", *arguments],
        cwd=folder,
        env=_environment(settings or {}),
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
        preexec_fn=None if largest_file is None else partial(_hold, largest_file),
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def running(
    *arguments: str, folder: Path, settings: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run a command that stays; give its first line; end it by SIGTERM, which must do."""
    process = subprocess.Popen(
        [sys.executable, "-m", "handlers.cli", *arguments],
        cwd=folder,
        env=_environment(settings or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline()
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                _, complained = process.communicate(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
    assert 0 == process.returncode, complained


def settings_of(told: str, folder: Path) -> dict[str, str]:
    """Return the settings of a bot on the sandbox that announced itself with *told*."""
    sandbox = json.loads(told)
    return {
        "SLACK_BOT_TOKEN": sandbox["slack_bot_token"],
        "SLACK_SIGNING_SECRET": sandbox["slack_signing_secret"],
        "SLACK_API_URL": sandbox["slack_api_url"],
        "ZOHO_CLIENT_ID": sandbox["client_id"],
        "ZOHO_CLIENT_SECRET": sandbox["client_secret"],
        "ZOHO_ACCOUNTS_URL": sandbox["accounts_url"],
        "ZOHO_API_URL": sandbox["api_url"],
        "PARLEY_PUBLIC_URL": "http://127.0.0.1:8080",
        "PARLEY_DATA_DIR": str(folder / "data"),
        "PARLEY_PORT": "0",
    }


def _hold(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _environment(settings: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "LANG": "C.UTF-8", **settings}
