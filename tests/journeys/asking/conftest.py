"""One workplace a file, whose CRM exports quickly."""

from collections.abc import Iterator

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.exports.export_steps import exporting, tidied


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """Run one workplace for all tests of a file."""
    with exporting(tmp_path_factory.mktemp("exports")) as found:
        yield found


@pytest.fixture
def dev(place: Workplace) -> Person:
    """Dev, with nothing under way."""
    return tidied(place)
