"""Our commands as processes of their own, started as people start them."""

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STOP_SECONDS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A command that runs.

    Attributes:
        process: The process; whoever ends it early finds its status here.
        said: The first line it printed, empty where it ended without one.
        log: What it writes to stderr.
    """

    process: subprocess.Popen[str]
    said: str
    log: Path


@contextmanager
def running(
    *arguments: str, folder: Path, settings: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run ``python -m <arguments>`` in *folder* until the block ends, with these settings alone.

    Raises:
        subprocess.TimeoutExpired: It didn't end when told to; it has been killed.
    """
    number = sum(1 for _ in folder.glob("process-*.log"))
    log = folder / f"process-{number}.log"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=folder,
            env={"PYTHONPATH": str(ROOT), **(settings or {})},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    with process:  # closes the pipe, and waits
        assert process.stdout is not None
        try:
            yield Running(process=process, said=process.stdout.readline(), log=log)
            process.terminate()
            process.wait(STOP_SECONDS)
        finally:
            process.kill()


def settings_for(announced: Mapping[str, str], data: Path, port: int) -> dict[str, str]:
    """Return the environment of a ``parley serve`` on a sandbox, with its data in *data*."""
    return {
        "SLACK_BOT_TOKEN": announced["slack_bot_token"],
        "SLACK_SIGNING_SECRET": announced["slack_signing_secret"],
        "SLACK_API_URL": announced["slack_api_url"],
        "ZOHO_CLIENT_ID": announced["client_id"],
        "ZOHO_CLIENT_SECRET": announced["client_secret"],
        "ZOHO_ACCOUNTS_URL": announced["accounts_url"],
        "ZOHO_API_URL": announced["api_url"],
        "PARLEY_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PARLEY_DATA_DIR": str(data),
        "PARLEY_PORT": str(port),
    }


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
