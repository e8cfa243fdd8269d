"""The modules of a CRM and their fields, as far as they can be exported and compared."""

from typing import Final

from bot.crm.answers import rows
from bot.crm.shapes import Json, objects, optional_object, optional_text, text, truth
from bot.crm.transport import Transport
from bot.domain.connection import Access
from bot.domain.export_fields import USER_TYPES, USERS, Field, Module
from bot.domain.meeting import ParentModule

READ: Final = frozenset({"Events", "Contacts", "Leads", *(one.value for one in ParentModule)})
"""The CRM's own modules that people let the bot read: those of ``accounts.SCOPES``."""
CUSTOM: Final = "custom"
"""Zoho, "Modules Metadata", generated_type: made by the organisation."""
PICKED: Final = frozenset({"picklist", "multiselectpicklist"})


class Fields:
    """Reads which modules and fields there are."""

    def __init__(self, transport: Transport) -> None:
        """Keep the wire."""
        self._transport = transport

    def modules(self, access: Access) -> tuple[Module, ...]:
        """Return the modules that can be exported, in the CRM's order.

        Raises:
            ParleyError: What the CRM's answer names.
        """
        answer = self._transport.send(
            "GET", f"{access.api_origin}/crm/v8/settings/modules", token=access.token
        )
        found = (_module(one) for one in rows(answer, "modules") if _shown(one))
        return tuple(one for one in found if one.custom or one.api_name in READ)

    def of(self, access: Access, module: str) -> tuple[Field, ...]:
        """Return the fields of a module, in the CRM's order; none where it has none to tell.

        Raises:
            ParleyError: What the CRM's answer names.
        """
        answer = self._transport.send(
            "GET",
            f"{access.api_origin}/crm/v8/settings/fields",
            token=access.token,
            params={"module": module},
        )
        return tuple(_field(one) for one in rows(answer, "fields"))


def _shown(module: Json) -> bool:
    supported = truth(module, "api_supported", missing=False)
    return supported and truth(module, "viewable", missing=True)


def _module(one: Json) -> Module:
    name = text(one, "api_name")
    return Module(
        api_name=name,
        label=optional_text(one, "plural_label") or name,
        singular=optional_text(one, "singular_label") or name,
        name=optional_text(one, "module_name") or name,
        custom=optional_text(one, "generated_type") == CUSTOM,
    )


def _field(one: Json) -> Field:
    name, data_type = text(one, "api_name"), text(one, "data_type")
    label = optional_text(one, "display_label") or optional_text(one, "field_label") or name
    return Field(
        api_name=name,
        label=label,
        data_type=data_type,
        filterable=truth(one, "filterable", missing=True),
        choices=_choices(one) if data_type in PICKED else (),
        module=USERS if data_type in USER_TYPES else _target(one),
    )


def _target(one: Json) -> str | None:
    lookup = optional_object(one, "lookup") or {}
    module = optional_object(lookup, "module")
    return optional_text(module, "api_name") if module else None


def _choices(one: Json) -> tuple[tuple[str, str], ...]:
    pairs = (
        (optional_text(value, "actual_value"), optional_text(value, "display_value"))
        for value in objects(one, "pick_list_values")
    )
    return tuple((actual, shown or actual) for actual, shown in pairs if actual)
