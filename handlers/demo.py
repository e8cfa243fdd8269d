"""The demo: the main job told as a conversation, on the sandbox, through signed HTTP."""

import json
import socket
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.request import ProxyHandler, Request, build_opener

from bot.crm.accounts import Client
from bot.domain.connection import DataCenter, Secret
from handlers.manifest import document
from handlers.sandbox.browser import Browser
from handlers.sandbox.person import Person
from handlers.sandbox.run import NotOurs, Sandbox
from handlers.server import Server
from handlers.settings import Settings, SettingsError
from handlers.wiring.house import House

BEGINS = datetime(2026, 1, 14, 4, 50, tzinfo=UTC)
"""A Wednesday morning: the story tells the same dates in every year."""
REQUEST = (
    "/meet Pipeline review every other Sunday 10-11am with @ben and lead: Carissa Kidman "
    "until Mar 15"
)
EXPORT = "/export Leads Last_Name, Email where Last_Name = Butt and Lead_Source = Partner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """A sandbox with a bot on it, both on free ports of this machine."""

    sandbox: Sandbox
    house: House
    server: Server

    @property
    def control_url(self) -> str:
        """Where the sandbox is controlled."""
        return self.sandbox.announcement()["control_url"]

    def person(self, user: str) -> Person:
        """Sit somebody down at Slack."""
        return Person(self.control_url, user)

    def control(self, path: str, body: dict[str, object]) -> dict[str, object]:
        """Tell the sandbox something; return its answer."""
        return self._ask(
            Request(  # noqa: S310 - http on loopback
                f"{self.control_url}{path}",
                data=json.dumps(body).encode(),
                headers={"Content-Type": "application/json"},
            )
        )

    def records(self, module: str) -> list[dict[str, object]]:
        """Return the CRM's records of a module."""
        answer = self._ask(Request(f"{self.control_url}/control/crm/{module}"))  # noqa: S310 - http on loopback
        return cast("list[dict[str, object]]", answer["records"])

    def _ask(self, request: Request) -> dict[str, object]:
        with build_opener(ProxyHandler({})).open(request, timeout=30) as answer:
            found: dict[str, object] = json.loads(answer.read() or b"{}")
        return found


def settings_for(sandbox: Sandbox, folder: Path, port: int, *, prefix: str = "") -> Settings:
    """Return the settings of a bot on this sandbox."""
    told = sandbox.announcement()
    client = Client(id=told["client_id"], secret=Secret(told["client_secret"]))
    return Settings(
        slack_token=Secret(told["slack_bot_token"]),
        slack_secrets=(Secret(told["slack_signing_secret"]),),
        slack_api=told["slack_api_url"],
        clients={DataCenter.US: client},
        data_center=DataCenter.US,
        zoho_loopback=(told["accounts_url"], told["api_url"]),
        public_url=f"http://127.0.0.1:{port}",
        data_dir=folder,
        key=None,
        key_file=None,
        credentials=None,
        host="127.0.0.1",
        port=port,
        prefix=prefix,
    )


@contextmanager
def workplace(folder: Path, *, prefix: str = "") -> Iterator[Workplace]:
    """Run a sandbox and a bot on it; both are stopped and nothing is left.

    The sandbox's clock, which the bot follows, begins at ``BEGINS`` and runs.
    """
    with ExitStack() as stack:
        sandbox = Sandbox.start()
        stack.callback(sandbox.stop)
        sandbox.clock.advance((BEGINS - sandbox.clock.now()).total_seconds())
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        settings = settings_for(sandbox, folder, listener.getsockname()[1], prefix=prefix)
        house = House(settings, clock=sandbox.clock.now)
        server = Server(house, listener)
        stack.callback(house.stop)
        house.start()
        server.start()
        stack.callback(server.stop)
        place = Workplace(sandbox=sandbox, house=house, server=server)
        sandbox.install(document(settings.public_url, prefix), _events(settings.public_url))
        yield place


def _events(public_url: str) -> str:
    return f"{public_url.rstrip('/')}/slack/events"


def alone(port: int, slack_port: int, app: str | None, stay: Callable[[], object]) -> None:
    """Run the sandbox alone until `stay` returns; say first where it is, in one line of JSON.

    With `app`, the Parley served there is installed in the workspace.

    Raises:
        SettingsError: `app` isn't an address of this machine.
        OSError: A port is taken.
    """
    sandbox = Sandbox.start(port, slack_port)
    try:
        if app:
            sandbox.install(document(app), _events(app))
        print(json.dumps(sandbox.announcement()), flush=True)
        stay()
    except NotOurs as refusal:
        raise SettingsError(f"The app isn't of this machine: {refusal}.") from refusal
    finally:
        sandbox.stop()


def connect(person: Person, account: str, command: str = "/crm connect") -> str:
    """Connect a person's CRM account as they would, in a browser; return the last page."""
    person.types(command)
    link = person.press("Connect Zoho CRM")
    browser = Browser()
    page = browser.press(browser.open(link), "Go on to Zoho")
    return browser.press(page, "Accept", user=account).text


def demo(stay: Callable[[], object] | None = None) -> int:
    """Tell the story; return 0 when every step came true.

    With `stay`, the workspace is then open in the browser until `stay` returns.
    """
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="parley-demo-") as folder,
        workplace(Path(folder)) as place,
    ):
        try:
            _story(place)
        except AssertionError as wrong:
            print(f"\nThe demo stopped: {wrong}", file=sys.stderr)
            return 1
        print(f"\nThat took {time.monotonic() - began:.1f} s, on a made-up Slack and CRM.")
        if stay is not None:
            print(f"\nTry it yourself: {place.sandbox.announcement()['workspace_url']}")
            print("Ctrl-C ends it, and nothing is kept.", flush=True)
            stay()
    return 0


def _story(place: Workplace) -> None:
    dev = place.person("U0DEV")
    _scene("Dev asks for a meeting, and hasn't connected his CRM account yet")
    _says("Dev", REQUEST)
    dev.types(REQUEST)
    link = dev.press("Connect Zoho CRM")
    _says("Parley", dev.messages("C0GENERAL")[-1]["text"])
    _scene("He presses “Connect Zoho CRM” and agrees in his browser")
    browser = Browser()
    start = browser.open(link)
    _says("Browser", start.text)
    page = browser.press(browser.press(start, "Go on to Zoho"), "Accept", user="dev@example.com")
    _says("Browser", page.text)
    dev.wait_for(lambda: "Connected" in dev.dm_text())
    _says("Parley", dev.messages()[-1]["text"])
    _scene("His request was kept: he opens the form and reads the real dates")
    dev.press("Open the form")
    dev.wait_for(lambda: dev.modal() is not None)
    dev.wait_for(lambda: "Looking up" not in dev.modal_text() and "Carissa" in str(dev.modal()))
    _says("Form", dev.modal_text())
    _scene("He presses Create")
    dev.submit()
    dev.wait_for(lambda: "is in your CRM" in dev.dm_text())
    _says("Parley", dev.messages()[-1]["text"])
    dev.close()
    _scene("What the CRM has now")
    for line in _series(place):
        print(f"  {line}")
    _export(place)


def _export(place: Workplace) -> None:
    dev = place.person("U0DEV")
    _scene("He exports leads, and goes on with his work")
    _says("Dev", EXPORT)
    dev.types(EXPORT)
    dev.wait_for(lambda: "has started" in dev.messages("C0GENERAL")[-1]["text"])
    _says("Parley", dev.messages("C0GENERAL")[-1]["text"])
    _scene("The file comes by itself")

    def comes() -> bool:
        # Zoho takes some seconds a job; in a story they pass quickly.
        place.sandbox.clock.advance(0.2)
        return "is ready" in dev.messages()[-1]["text"]

    dev.wait_for(comes, 20)
    _says("Parley", dev.messages()[-1]["text"])


def _series(place: Workplace) -> list[str]:
    records = sorted(place.records("Events"), key=lambda one: str(one["Start_DateTime"]))
    lines = []
    for record in records:
        people = cast("list[dict[str, str]]", record.get("Participants") or [])
        names = ", ".join(f"{one['name']} ({one['type']})" for one in people)
        lines.append(f"{record['Start_DateTime']}  {record['Event_Title']}  with {names}")
    return lines


def _scene(text: str) -> None:
    print(f"\n— {text} —")


def _says(who: str, text: str) -> None:
    body = textwrap.indent(text.strip(), " " * 9)
    print(f"{who + ':':8} {body.strip()}")
