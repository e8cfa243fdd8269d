"""The table of what the CRM side pretends is what it serves."""

from __future__ import annotations

from handlers.sandbox.clock import Clock
from handlers.sandbox.crm.coverage import ENDPOINTS
from handlers.sandbox.crm.site import CrmSide
from tests.handlers.sandbox.client import Crm


def test_the_table_is_the_registered_routes() -> None:
    """Neither a route without a row nor a row without a route; controls are not Zoho's."""
    table = [(row.method, row.pattern) for row in ENDPOINTS]
    served = [pair for pair in CrmSide(Clock()).site.routes() if "/control/" not in pair[1]]
    assert sorted(table) == sorted(served)


def test_every_row_names_its_source() -> None:
    """And a partial one says what is missing, unless the source is the whole of it."""
    assert not [row for row in ENDPOINTS if not row.source]
    assert len({(row.method, row.pattern) for row in ENDPOINTS}) == len(ENDPOINTS)


def test_the_control_page_lists_all_routes(crm: Crm) -> None:
    """So that others need not read the code."""
    listed = {tuple(pair) for pair in crm.control("routes")["routes"]}
    assert {(row.method, row.pattern) for row in ENDPOINTS} <= listed
    assert ("POST", "/control/reset") in listed
