"""Exports asked for by words: what was understood starts at once, what wasn't is shown."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.export_steps import asks, id_in, ready, wanted
from tests.journeys.form_steps import opened


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """Run one workplace for all tests of this file."""
    with opened(Path(tmp_path_factory.mktemp("words"))) as found:
        found.control("/control/switches", {"bulk.job_seconds": 0.1})
        yield found


@pytest.fixture
def dev(place: Workplace) -> Person:
    """Dev, connected."""
    return place.person("U0DEV")


def test_words_start_an_export_that_comes_as_a_message(place: Workplace, dev: Person) -> None:
    """The answer says what was understood; the message and its file come by themselves."""
    said = asks(dev, "Leads [Last_Name, Email] where Last_Name = Boyle as csv")
    assert "Last_Name and Email of Leads where Last_Name = Boyle, as CSV." in said
    assert "Ready: " in ready(dev, id_in(said))
    assert {
        "query": {
            "module": {"api_name": "Leads"},
            "fields": ["Last_Name", "Email"],
            "criteria": {
                "field": {"api_name": "Last_Name"},
                "comparator": "equal",
                "value": "Boyle",
            },
            "page": 1,
        },
    } == wanted(place)[-1]
