"""A fresh CRM side per test, served on loopback."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handlers.sandbox.clock import Clock
from handlers.sandbox.crm.site import CrmSide
from tests.handlers.sandbox.client import Crm


@pytest.fixture
def crm() -> Iterator[Crm]:
    """Yield a client of a running CRM side of its own."""
    side = CrmSide(Clock())
    server = side.start()
    yield Crm(server.origin, side)
    server.stop()
