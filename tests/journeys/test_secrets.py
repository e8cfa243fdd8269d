"""No secret is where it mustn't be: files, log, errors, pages, Slack, after everything happened."""

import io
import logging
from collections.abc import Iterator

import pytest

from bot.domain.connection import Owner
from bot.errors import NotConnected, ParleyError
from handlers.demo import Workplace
from handlers.logs import configure
from handlers.sandbox.person import Person
from tests.journeys.steps import (
    agrees,
    answer,
    asks,
    code_on,
    creates,
    later,
    link_of,
    messages_sent,
)

DEV = Owner("T0PARLEY", "U0DEV")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything the log would say at DEBUG, of our parts and of the libraries."""
    root, stream = logging.getLogger(), io.StringIO()
    before = root.level
    libraries = {name: logging.getLogger(name).level for name in root.manager.loggerDict}
    handler = configure("DEBUG", stream)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)
    for name, level in libraries.items():
        logging.getLogger(name).setLevel(level)


class Canaries:
    """Every secret that was ever about in a workplace, by what it is."""

    def __init__(self, place: Workplace) -> None:
        """Begin with what the settings hold."""
        settings, told = place.house.settings, place.sandbox.announcement()
        self._grants = place.sandbox.crm.world.grants
        self._known = {
            "bot token": settings.slack_token.reveal(),
            "signing secret": settings.slack_secrets[0].reveal(),
            "client secret": told["client_secret"],
            "key": (settings.data_dir / "parley.key").read_text().strip(),
        }

    def look(self) -> None:
        """Note the tokens that Zoho holds now."""
        for kind in ("_codes", "_access", "_refresh"):
            for text in getattr(self._grants, kind):
                self._known[f"{kind} {len(self._known)}"] = text

    def note(self, what: str, text: str) -> None:
        """Note another secret."""
        self._known[what] = text

    def found_in(self, *texts: str) -> list[str]:
        """Return which of them stand in these texts."""
        return [what for what, secret in self._known.items() if any(secret in t for t in texts)]

    def count(self) -> int:
        """Return how many there are."""
        return len(self._known)


def test_no_secret_is_written_said_or_logged(place: Workplace, written: io.StringIO) -> None:
    """Connecting, by code too, renewing, refusals, cutting off: nothing of a secret is seen."""
    canaries, dev, pat = Canaries(place), place.person("U0DEV"), place.person("U0PAT")
    pages: list[str] = []
    for person, account in ((dev, "dev@example.com"), (pat, "grace@example.com")):
        link = link_of(person)
        page = agrees(link, account)
        pages.append(page.text)
        canaries.look()
        canaries.note(f"link {account}", link.partition("link=")[2])
        if person is pat:
            answer(pat, f"/crm connect {code_on(page)}")
    for minutes in (61, 61):
        later(place, minutes=minutes)
        asks(dev, "Review tomorrow 10am with @ben")
        canaries.look()
        creates(dev)
        dev.close()
    errors = [_refused(place, dev, canaries)]
    ada = place.person("U0ADA")
    answer(ada, "/crm admin")
    ada.press("Cut off")
    pat.wait_for(lambda: "has taken back the link" in pat.dm_text())
    canaries.look()
    place.house.sweeper.sweep()

    folder = place.house.settings.data_dir
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "parley.key"]
    on_disk = [path.read_bytes().decode("latin-1") for path in files]
    assert {"parley.db", "parley.db-wal"} <= {path.name for path in files}
    assert canaries.count() > 12
    assert [] == canaries.found_in(*on_disk)
    assert [] == canaries.found_in(written.getvalue())
    assert [] == canaries.found_in(*pages, *errors)
    told = str(messages_sent(place)) + str([one.messages("*") for one in (dev, pat, ada)])
    # The link is the owner's own to press, and nobody else's to see.
    assert {"link dev@example.com", "link grace@example.com"} >= set(canaries.found_in(told))
    assert "act=connected" in written.getvalue()


def _refused(place: Workplace, dev: Person, canaries: Canaries) -> str:
    """Let Zoho end Dev's permission; return the error and all that is in it."""
    found = place.house.memory.grants.in_use(DEV)
    assert found is not None
    canaries.note("access", found.tokens.access.reveal())
    canaries.note("refresh", found.tokens.refresh.reveal())
    place.control("/control/tokens/revoke", {"user": "dev@example.com"})
    with pytest.raises(NotConnected, match="revoked") as refusal:
        place.house.access.call(found.id, _unknown, now=place.house.clock)
    dev.wait_for(lambda: "no longer accepts the link" in dev.dm_text())
    error: ParleyError = refusal.value
    return f"{error!r} {error} {error.values} {error.__context__!r} {found!r}"


def _unknown(_access: object) -> None:
    raise NotConnected("expired")


def test_the_log_would_show_a_leak(written: io.StringIO, place: Workplace) -> None:
    """What is looked for would be found: the scan isn't blind."""
    canaries = Canaries(place)
    canaries.note("made up", "canary-nobody-masks")
    logging.getLogger("parley").debug("leaks canary-nobody-masks")

    assert ["made up"] == canaries.found_in(written.getvalue())
