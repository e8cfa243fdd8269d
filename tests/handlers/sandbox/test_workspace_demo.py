"""The demo on a terminal: it stays with its workspace open until Ctrl-C."""

from __future__ import annotations

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

TOP = Path(__file__).resolve().parents[3]
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
