"""A person before the workspace in a browser: what several tests do there."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts"


class Seat:
    """One browser window on the workspace.

    Attributes:
        faults: What went wrong in the page itself: errors, blocked loads.
        hosts: Every host a request went to.
    """

    def __init__(self, url: str, page: Page, name: str) -> None:
        """Open the workspace at `url`; screenshots are called `name`."""
        self.page = page
        self.faults: list[str] = []
        self.hosts: set[str | None] = set()
        self._name = name.removeprefix("test_")
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        page.context.on("request", lambda one: self.hosts.add(urlsplit(one.url).hostname))
        page.goto(url)
        expect(self.box).to_be_visible()

    def _heard(self, message: ConsoleMessage) -> None:
        # A refusal the page shows to the person, such as 409, is no fault of the page.
        if message.type == "error" and "status of 409" not in message.text:
            self.faults.append(message.text)

    @property
    def box(self) -> Locator:
        """Where messages and commands are written."""
        return self.page.locator("#main .composer textarea")

    @property
    def form(self) -> Locator:
        """The open modal."""
        return self.page.locator("dialog.modal")

    @property
    def beside(self) -> Locator:
        """The panel beside the conversation."""
        return self.page.locator("#side")

    def writes(self, text: str) -> None:
        """Write in the message box and send it."""
        self.box.fill(text)
        self.box.press("Enter")

    def asks(self, words: str) -> None:
        """Type a command; wait for its form, every name in it looked up."""
        self.writes(words)
        expect(self.form).to_be_visible()
        expect(self.form.get_by_role("button", name=re.compile("^Create"))).to_be_visible()
        expect(self.form).not_to_contain_text("Looking up")

    def closes(self) -> None:
        """Leave the open form by Escape."""
        self.page.keyboard.press("Escape")
        expect(self.form).to_have_count(0)

    def goes(self, entry: str) -> None:
        """Open an entry of the sidebar."""
        entries = self.page.get_by_label("Workspace", exact=True)
        entries.get_by_role("button", name=re.compile(rf"^\W*{entry}(?: unread)?$")).click()

    def settles(self) -> None:
        """Wait until the page has nothing under way."""
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)
        self.page.evaluate("import('/workspace/net.js').then((net) => net.settled())")

    def last_message(self) -> Locator:
        """Return the newest message in the conversation."""
        return self.page.locator("#main article").last

    def shot(self, name: str, page: Page | None = None) -> None:
        """Keep a screenshot, of another `page` than the workspace if given."""
        ARTEFACTS.mkdir(exist_ok=True)
        picture = ARTEFACTS / f"{self._name}-{name}.png"
        shown = page or self.page
        shown.bring_to_front()  # Chromium takes no picture of a page that is behind another
        picture.write_bytes(shown.screenshot())
