"""Exports at work without Slack's half."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.exports.export_bench import Bench, benched


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Two pages of leads in the CRM, and Dev connected as an administrator."""
    with benched(tmp_path) as found:
        yield found
