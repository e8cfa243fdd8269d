"""The server as it runs: idle clients, large bodies, its end in the middle of work, a twin."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
import yaml

from handlers.demo import connect, workplace
from handlers.manifest import manifest
from handlers.sandbox.person import Person
from handlers.sandbox.run import Sandbox
from handlers.sandbox.slack.steering import steer
from tests.processes import Running, free_port, running, settings_for

IDLE = 150
"""More than the hundred connections waitress serves by itself."""
SOON = 10.0


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A made-up Slack and CRM, at the real time."""
    found = Sandbox.start()
    yield found
    found.stop()


def install(sandbox: Sandbox, origin: str) -> str:
    """Have Slack send to *origin*; return where the sandbox is controlled."""
    control = sandbox.announcement()["control_url"]
    filled = yaml.safe_load(manifest(origin, ""))
    steer(control, "install", request_url=f"{origin}/slack/events", manifest=filled)
    return control


@contextmanager
def serving(sandbox: Sandbox, folder: Path) -> Iterator[tuple[Running, str]]:
    """Run ``parley serve`` with its data in *folder*; give it and its origin."""
    port = free_port()
    settings = settings_for(sandbox.announcement(), folder / "data", port)
    with running("handlers.cli", "serve", folder=folder, settings=settings) as process:
        assert process.said, process.log.read_text()
        yield process, f"http://127.0.0.1:{port}"


def test_idle_connections_stop_no_acknowledgement(tmp_path: Path) -> None:
    """Commands are answered while 150 clients hold a connection and say nothing."""
    with workplace(tmp_path) as place, ExitStack() as idlers:
        for _ in range(IDLE):
            idlers.enter_context(socket.create_connection(("127.0.0.1", place.server.port)))
        dev = place.person("U0DEV")
        assert [True] * 5 == ["/crm connect" in dev.types("/crm help") for _ in range(5)]
        late = steer(place.control_url, "traffic")["deliveries"][-5:]
        assert max(one["latency_ms"] for one in late) < 1000


def test_a_body_over_a_mebibyte_is_refused_unread(tmp_path: Path) -> None:
    """413 for one byte more; one byte less is read, and then isn't Slack's."""
    with workplace(tmp_path) as place:
        for size, status in (((1 << 20) + 1, 413), ((1 << 20) - 1, 401)):
            wire = HTTPConnection("127.0.0.1", place.server.port, timeout=5)
            wire.putrequest("POST", "/slack/events")
            wire.putheader("Content-Length", str(size))
            wire.endheaders()
            if status == 401:
                wire.send(b"x" * size)
            with wire.getresponse() as answer:
                assert status == answer.status
            wire.close()


def test_told_to_stop_it_finishes_its_work_and_ends_well(tmp_path: Path, sandbox: Sandbox) -> None:
    """A look-up that hangs in the CRM as SIGTERM comes still reaches the form; status 0."""
    with serving(sandbox, tmp_path) as (parley, origin):
        dev = Person(install(sandbox, origin), "U0DEV")
        connect(dev, "dev@example.com")
        dev.wait_for(lambda: "Connected" in dev.dm_text())
        sandbox.crm.faults.arm({"kind": "delay", "seconds": 2})
        dev.types("/meet Review tomorrow 10am with lead: Carissa Kidman")
        dev.wait_for(lambda: any(one["struck"] for one in sandbox.crm.faults.listing()))
        assert "Looking up" in dev.modal_text()
        began = time.monotonic()
        parley.process.terminate()
        assert 0 == parley.process.wait(SOON), parley.log.read_text()
        assert 1 < time.monotonic() - began, "there was no work under way"
        assert "Looking up" not in dev.modal_text()
        assert "Carissa Kidman" in str(dev.modal())
        assert "Traceback" not in parley.log.read_text()


def test_two_servers_share_one_folder(tmp_path: Path, sandbox: Sandbox) -> None:
    """With a sound SQLite a second one may; what Slack sends to both is done once."""
    with serving(sandbox, tmp_path) as (_, first), serving(sandbox, tmp_path) as (_, second):
        control = install(sandbox, first)
        dev = Person(control, "U0DEV")

        def answers() -> int:
            return len(dev.messages("C0GENERAL"))

        delivery = dev.ask("command", channel="C0GENERAL", text="/crm status", raw=False)
        dev.wait_for(lambda: answers() == 1)
        install(sandbox, second)
        again = steer(control, "replay", delivery=delivery["delivery"])
        assert 200 == again["status"]
        dev.types("/crm status")
        dev.wait_for(lambda: answers() == 2)
        time.sleep(0.5)
        assert 2 == answers()
