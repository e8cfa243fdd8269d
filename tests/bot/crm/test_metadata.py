"""What a layout demands beyond what the bot fills."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from bot.crm.metadata import DemandedField, Metadata
from bot.crm.transport import Transport
from bot.domain.connection import Access
from bot.errors import Fault
from handlers.sandbox.web import Answer, Site

if TYPE_CHECKING:
    from tests.bot.crm.conftest import Crm


def asked(
    transport: Transport,
    serve: Callable[[Site], str],
    access_to: Callable[[str], Access],
    body: object,
) -> tuple[DemandedField, ...]:
    """What is demanded by a CRM that answers so."""
    site = Site("api")
    site.unknown = lambda _: Answer.json(body) if body is not None else Answer.empty()
    return Metadata(transport).demanded(access_to(serve(site)))


def field(name: str, data_type: str, **more: object) -> dict[str, object]:
    """One field of a layout."""
    return {"api_name": name, "field_label": name, "data_type": data_type, "required": True, **more}


def test_a_plain_layout_demands_nothing(crm: "Crm", transport: Transport) -> None:
    """Title and times are filled anyway."""
    assert () == Metadata(transport).demanded(crm.access)


def test_each_type_is_asked_for_in_its_way(
    transport: Transport, serve: Callable[[Site], str], access_to: Callable[[str], Access]
) -> None:
    """Sections in order, optional fields and our own left out."""
    choices = [
        {"actual_value": "-None-", "display_value": "-None-"},
        {"actual_value": "In-office", "display_value": "Im Büro"},
        {"actual_value": "Online", "display_value": None},
    ]
    first = [
        field("Event_Title", "text"),
        field("Region__c", "text", display_label="Region"),
        field("Hint__c", "text", required=False),
        field("Meeting_Venue__s", "picklist", pick_list_values=choices),
    ]
    second = [
        field("Seats__c", "integer"),
        field("Day__c", "date"),
        field("Sure__c", "boolean"),
        field("Host__c", "userlookup"),
        field("Empty__c", "picklist", pick_list_values=[]),
    ]
    old = {"status": "inactive", "sections": [{"fields": [field("Old__c", "text")]}]}
    sections = [{"fields": first}, {"fields": second}]
    body = {"layouts": [old, {"status": "active", "sections": sections}]}
    office = (("In-office", "Im Büro"), ("Online", "Online"))
    assert (
        DemandedField(api_name="Region__c", label="Region", kind="text"),
        DemandedField(
            api_name="Meeting_Venue__s", label="Meeting_Venue__s", kind="picklist", choices=office
        ),
        DemandedField(api_name="Seats__c", label="Seats__c", kind="number"),
        DemandedField(api_name="Day__c", label="Day__c", kind="date"),
        DemandedField(api_name="Sure__c", label="Sure__c", kind="tick"),
        DemandedField(api_name="Host__c", label="Host__c", kind="other"),
        DemandedField(api_name="Empty__c", label="Empty__c", kind="other"),
    ) == asked(transport, serve, access_to, body)


@pytest.mark.parametrize("body", [None, {"layouts": []}])
def test_no_layout_demands_nothing(
    transport: Transport,
    serve: Callable[[Site], str],
    access_to: Callable[[str], Access],
    body: object,
) -> None:
    """204, or none that is active."""
    assert () == asked(transport, serve, access_to, body)


@pytest.mark.parametrize(
    "body",
    [
        {"layouts": {}},
        {"layouts": [{}]},
        {"layouts": [{"sections": [{}]}]},
        {"layouts": [{"sections": [{"fields": [{"required": True}]}]}]},
        {"layouts": [{"sections": [{"fields": [{"required": "yes", "api_name": "x"}]}]}]},
        {"layouts": [{"sections": [{"fields": [field("P__c", "picklist")]}]}]},
    ],
)
def test_a_layout_of_another_shape_is_a_fault(
    transport: Transport,
    serve: Callable[[Site], str],
    access_to: Callable[[str], Access],
    body: object,
) -> None:
    """Never a KeyError."""
    with pytest.raises(Fault, match="crm_shape"):
        asked(transport, serve, access_to, body)
