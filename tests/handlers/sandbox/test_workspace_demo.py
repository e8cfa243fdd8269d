"""Commands that leave the workspace open: the demo on a terminal, and the sandbox alone."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.handlers.commanding import TOP, parley, running

ENDS = "Ctrl-C ends it"


def _told(screen: int, until: str) -> str:
    """Return what a terminal shows up to `until`, or to the end of the program."""
    seen = b""
    while until.encode() not in seen:
        try:
            more = os.read(screen, 4096)
        except OSError:  # Linux: the other end of a pseudo-terminal is closed
            break
        if not more:
            break
        seen += more
    return seen.decode()


def _demo(stack: ExitStack, **settings: str) -> tuple[subprocess.Popen[bytes], int]:
    """Start a demo on a terminal of its own."""
    screen, inner = pty.openpty()
    stack.callback(os.close, screen)
    process = subprocess.Popen(
        [sys.executable, "-m", "handlers.cli", "demo"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(TOP), "LANG": "C.UTF-8", **settings},
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
    )
    os.close(inner)
    stack.enter_context(process)
    stack.callback(process.kill)
    return process, screen


def test_two_demos_stay_on_their_terminals_until_ctrl_c() -> None:
    """Each prints an address of its own, whose page opens, and ends with 0."""
    with ExitStack() as stack:
        demos = [_demo(stack) for _ in range(2)]
        told = [_told(screen, ENDS) for _, screen in demos]
        pages = [re.findall(r"Try it yourself: (http://127\.0\.0\.1:\d+)\r", one) for one in told]
        assert [1, 1] == [len(one) for one in pages], told
        assert pages[0] != pages[1]
        for (page,) in pages:
            with build_opener(ProxyHandler({})).open(page, timeout=10) as answer:
                assert b"<title>Parley workspace</title>" in answer.read()
        for process, _ in demos:
            assert None is process.poll()
            process.send_signal(signal.SIGINT)
        assert [0, 0] == [process.wait(20) for process, _ in demos]


@pytest.mark.parametrize("setting", ["CI", "ONCE"])
def test_it_ends_by_itself_where_nobody_watches(setting: str) -> None:
    """On a terminal too, with CI set or with ONCE=1."""
    with ExitStack() as stack:
        process, screen = _demo(stack, **{setting: "1"})
        said = _told(screen, ENDS)
        assert 0 == process.wait(20)
    assert "That took" in said
    assert "Try it yourself" not in said


def test_the_sandbox_alone_installs_the_parley_served_elsewhere(tmp_path: Path) -> None:
    """Its commands are offered in the workspace, before that server is even there."""
    with running("sandbox", "--app", "http://127.0.0.1:8080", folder=tmp_path) as told:
        page = json.loads(told)["workspace_url"]
        asked = f"{page}/control/workspace/state?user=U0DEV"
        with build_opener(ProxyHandler({})).open(asked, timeout=10) as answer:
            app = json.load(answer)["app"]
    assert app["installed"]
    assert {"/meet", "/crm"} <= {one["command"] for one in app["commands"]}


def test_the_sandbox_installs_nothing_that_is_served_elsewhere(tmp_path: Path) -> None:
    """A public address is refused with a sentence, and nothing stays running."""
    done = parley("sandbox", "--app", "https://parley.example.com", folder=tmp_path)
    assert (1, "") == (done.status, done.said)
    assert "isn't of this machine" in done.complained
