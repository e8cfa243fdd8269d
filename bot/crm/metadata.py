"""What an organisation's own layout demands of a meeting beyond what the bot fills."""

from dataclasses import dataclass
from typing import Final, Literal

from bot.crm.answers import FIELDS, rows
from bot.crm.shapes import Json, objects, optional_text, text, truth
from bot.crm.transport import Transport
from bot.domain.connection import Access

FieldKind = Literal["text", "picklist", "number", "date", "tick", "other"]
KINDS: Final[dict[str, FieldKind]] = {
    "text": "text",
    "textarea": "text",
    "email": "text",
    "phone": "text",
    "website": "text",
    "picklist": "picklist",
    "integer": "number",
    "bigint": "number",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "boolean": "tick",
}
"""By Zoho's data types (Zoho CRM, Fields Metadata); all others can't be asked for in Slack."""
FILLED: Final = frozenset({*FIELDS, "Owner", "Layout"})
"""The form asks for these itself, or the CRM fills them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandedField:
    """One field without which the CRM takes no meeting.

    Attributes:
        api_name: Its key on the wire.
        label: What the organisation calls it.
        kind: How to ask for it; ``other`` can only be filled in the CRM itself.
        choices: For a picklist: what is sent, and what is shown, in order.
    """

    api_name: str
    label: str
    kind: FieldKind
    choices: tuple[tuple[str, str], ...] = ()


class Metadata:
    """Reads how an organisation has set its CRM up."""

    def __init__(self, transport: Transport) -> None:
        """Keep the wire."""
        self._transport = transport

    def demanded(self, access: Access) -> tuple[DemandedField, ...]:
        """Return the fields the layout of Events requires and the bot doesn't fill itself.

        Only layouts tell (Zoho CRM, Layouts Metadata); the list of fields does not. Of
        several layouts the first active one counts: it is the one a new record gets.

        Raises:
            ParleyError: What the CRM's answer names.
        """
        answer = self._transport.send(
            "GET",
            f"{access.api_origin}/crm/v8/settings/layouts",
            token=access.token,
            params={"module": "Events"},
        )
        layouts = [one for one in rows(answer, "layouts") if one.get("status") != "inactive"]
        if not layouts:
            return ()
        fields = (
            field
            for section in objects(layouts[0], "sections")
            for field in objects(section, "fields")
        )
        return tuple(_field(one) for one in fields if _counts(one))


def _counts(field: Json) -> bool:
    required = truth(field, "required", missing=False)
    return required and text(field, "api_name") not in FILLED


def _field(field: Json) -> DemandedField:
    name = text(field, "api_name")
    kind = KINDS.get(text(field, "data_type"), "other")
    label = optional_text(field, "display_label") or optional_text(field, "field_label") or name
    choices = _choices(field) if kind == "picklist" else ()
    if kind == "picklist" and not choices:
        # Nothing to choose from: it can only be named.
        kind = "other"
    return DemandedField(api_name=name, label=label, kind=kind, choices=choices)


def _choices(field: Json) -> tuple[tuple[str, str], ...]:
    values = objects(field, "pick_list_values")
    pairs = ((text(one, "actual_value"), optional_text(one, "display_value")) for one in values)
    return tuple((actual, shown or actual) for actual, shown in pairs if actual != "-None-")
