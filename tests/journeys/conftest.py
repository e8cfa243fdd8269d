"""A workplace for conversations: a sandbox, a bot on it, and people at both."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.demo import Workplace, connect, workplace
from handlers.sandbox.person import Person


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    """Run a sandbox with a bot on it; the clock begins on Wednesday, 14 January 2026."""
    with workplace(tmp_path) as found:
        yield found


@pytest.fixture
def dev(place: Workplace) -> Person:
    """Dev, in Kolkata in Slack and in the CRM, connected."""
    person = place.person("U0DEV")
    connect(person, "dev@example.com")
    person.wait_for(lambda: "Connected" in person.dm_text())
    return person
