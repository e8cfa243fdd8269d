"""Fixtures of conversations that share a workplace, one by one."""

from collections.abc import Iterator

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.form_steps import opened, tell, tidy


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """Run one workplace for all tests of a file."""
    with opened(tmp_path_factory.mktemp("shared")) as found:
        yield found


@pytest.fixture
def place(shared: Workplace) -> Workplace:
    """Give it without meetings, open forms, switches and faults."""
    found = tidy(shared)
    tell(found, "/control/faults", method="DELETE")
    return found


@pytest.fixture
def dev(place: Workplace) -> Person:
    """Dev, in Kolkata, connected; it is Wednesday, 14 January 2026, 10:20 there."""
    return place.person("U0DEV")
