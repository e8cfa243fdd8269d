"""Debian's Chromium in front of a workplace, with no way to the world."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from handlers.demo import Workplace, connect, workplace
from tests.browser.seat import Seat

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_MS = 20_000  # for a busy machine; what is there is seen at once
LACKING = f"the browser tests need {CHROMIUM}: make browser"
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
    # Debian's Chromium carries keys for Google's services and asks after them at its start.
    *(f"--{name}=http://127.0.0.1:9" for name in ("gaia-url", "google-apis-url")),
    *(f"--gcm-{name}-url=http://127.0.0.1:9" for name in ("checkin", "registration")),
    "--gcm-mcs-endpoint=127.0.0.1:9",
    "--autofill-server-url=http://127.0.0.1:9",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this room; without Chromium skip them, except in CI."""
    here = Path(__file__).parent
    skipped = not CHROMIUM.exists() and not os.environ.get("CI")
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if skipped:
                item.add_marker(pytest.mark.skip(reason=LACKING))


@pytest.fixture(scope="session")
def strays() -> Iterator[tuple[str, list[bytes]]]:
    """Stand in for the world: a proxy's address, and whatever was sent to it."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.2)
        over = threading.Event()

        def listen() -> None:
            while not over.is_set():
                try:
                    caller, _ = door.accept()
                except TimeoutError:
                    continue
                with caller:
                    caller.settimeout(1)
                    heard.append(caller.recv(300))

        listener = threading.Thread(target=listen, daemon=True)
        listener.start()
        yield f"http://127.0.0.1:{door.getsockname()[1]}", heard
        over.set()
        listener.join()


@pytest.fixture(scope="session")
def chromium(strays: tuple[str, list[bytes]]) -> Iterator[Browser]:
    """Start Chromium; whatever isn't for this machine goes to `strays`.

    A skipped browser test would be a hole in CI: there Chromium must be.
    """
    if not CHROMIUM.exists():
        pytest.fail(LACKING)
    arguments = [*QUIET, f"--proxy-server={strays[0]}", "--proxy-bypass-list=127.0.0.1"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's own sandbox refuses root
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    """Run a sandbox with a bot on it; the clock begins on Wednesday, 14 January 2026."""
    with workplace(tmp_path) as found:
        yield found


@pytest.fixture
def sit(
    chromium: Browser, strays: tuple[str, list[bytes]], request: pytest.FixtureRequest
) -> Iterator[Callable[[str], Seat]]:
    """Sit somebody down; nothing may go wrong in the page or leave this machine."""
    seats: list[Seat] = []
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)

    def down(url: str) -> Seat:
        seats.append(Seat(url, context.new_page(), request.node.name))
        return seats[-1]

    try:
        yield down
        for one in seats:
            one.shot("end")
    finally:
        context.close()
    assert [] == [fault for one in seats for fault in one.faults]
    assert {"127.0.0.1"} == set().union(*(one.hosts for one in seats))
    assert [] == strays[1]


@pytest.fixture
def seat(place: Workplace, sit: Callable[[str], Seat]) -> Seat:
    """Sit down as Dev before the bot's workspace."""
    return sit(place.sandbox.announcement()["workspace_url"])


@pytest.fixture
def connected(place: Workplace, seat: Seat) -> Seat:
    """Sit down as Dev, whose CRM account is linked."""
    person = place.person("U0DEV")
    connect(person, "dev@example.com")
    person.wait_for(lambda: "Connected" in person.dm_text())
    return seat
