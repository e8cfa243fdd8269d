"""Modules and their fields, in the shape of `/settings/fields` (Zoho's Field Metadata page)."""

from __future__ import annotations

from functools import cache
from typing import Any

ORG_PREFIX = "5876012"
MODULES: dict[str, tuple[str, str, str]] = {
    # API name: (module name, singular label, field that names a record)
    "Leads": ("Leads", "Lead", "Full_Name"),
    "Contacts": ("Contacts", "Contact", "Full_Name"),
    "Accounts": ("Accounts", "Account", "Account_Name"),
    "Deals": ("Deals", "Deal", "Deal_Name"),
    "Products": ("Products", "Product", "Product_Name"),
    "Quotes": ("Quotes", "Quote", "Subject"),
    "Sales_Orders": ("SalesOrders", "Sales Order", "Subject"),
    "Purchase_Orders": ("PurchaseOrders", "Purchase Order", "Subject"),
    "Invoices": ("Invoices", "Invoice", "Subject"),
    "Campaigns": ("Campaigns", "Campaign", "Campaign_Name"),
    "Vendors": ("Vendors", "Vendor", "Vendor_Name"),
    "Cases": ("Cases", "Case", "Subject"),
    "Events": ("Meetings", "Meeting", "Event_Title"),
    "Site_Visits": ("CustomModule1", "Site Visit", "Name"),
}
CUSTOM = frozenset({"Site_Visits"})
"""Those that the organisation made for itself."""
# One line per field: api name, data type, then flags: a length, `!` system mandatory,
# `-` read only, `>Module` the lookup's module, `a|b` the picklist's values.
_COMMON = """
id bigint -
Owner ownerlookup
Created_By ownerlookup -
Modified_By ownerlookup -
Created_Time datetime -
Modified_Time datetime -
Tag text
"""
_PERSON = """
First_Name text 40
Last_Name text 80 !
Full_Name text 80 -
Email email 100
Phone phone 30
Mobile phone 30
Title text 100
Lead_Source picklist Advertisement|Cold Call|Employee Referral|Partner|Trade Show|Web Research
Email_Opt_Out boolean
Description textarea 32000
"""
_STOCK = """
Subject text 255 !
Account_Name lookup >Accounts
Grand_Total currency
Description textarea 32000
"""
_FIELDS = {
    "Leads": _PERSON
    + """
Company text 200
Lead_Status picklist Attempted to Contact|Contact in Future|Contacted|Junk Lead|Not Contacted
Industry picklist Communications|Data|Financial Services|Manufacturing|Other
Annual_Revenue currency
No_of_Employees integer
Website website 255
Rating picklist Active|Acquired|Market Failed|Project Cancelled|Shut Down
City text 100
State text 100
Country text 100
""",
    "Contacts": _PERSON
    + """
Account_Name lookup >Accounts
Department text 50
Date_of_Birth date
Mailing_City text 100
Mailing_Country text 100
""",
    "Accounts": """
Account_Name text 200 !
Phone phone 30
Website website 255
Industry picklist Communications|Data|Financial Services|Manufacturing|Other
Annual_Revenue currency
Employees integer
Billing_City text 100
Billing_Country text 100
Description textarea 32000
""",
    "Deals": """
Deal_Name text 120 !
Amount currency
Stage picklist Qualification|Needs Analysis|Proposal/Price Quote|Negotiation/Review|Closed Won|Closed Lost
Closing_Date date
Probability integer
Account_Name lookup >Accounts
Contact_Name lookup >Contacts
Lead_Source picklist Advertisement|Cold Call|Employee Referral|Partner|Trade Show|Web Research
Description textarea 32000
""",  # noqa: E501 - one field is one line of this table
    "Products": """
Product_Name text 200 !
Product_Code text 40
Unit_Price currency
Product_Active boolean
Vendor_Name lookup >Vendors
Description textarea 32000
""",
    "Quotes": _STOCK
    + """
Quote_Stage picklist Draft|Negotiation|Delivered|On Hold|Confirmed
Valid_Till date
""",
    "Sales_Orders": _STOCK
    + """
Status picklist Created|Approved|Delivered|Cancelled
Due_Date date
""",
    "Purchase_Orders": """
Subject text 255 !
Vendor_Name lookup >Vendors
Status picklist Created|Approved|Delivered|Cancelled
PO_Date date
Grand_Total currency
Description textarea 32000
""",
    "Invoices": _STOCK
    + """
Status picklist Created|Approved|Delivered|Cancelled
Invoice_Date date
Due_Date date
""",
    "Campaigns": """
Campaign_Name text 80 !
Type picklist Conference|Webinar|Trade Show|Email
Status picklist Planning|Active|Inactive|Completed
Start_Date date
End_Date date
Budgeted_Cost currency
Description textarea 32000
""",
    "Vendors": """
Vendor_Name text 120 !
Email email 100
Phone phone 30
City text 100
Description textarea 32000
""",
    "Cases": """
Subject text 255 !
Status picklist New|On Hold|Escalated|Closed
Priority picklist High|Medium|Low
Case_Origin picklist Email|Phone|Web
Account_Name lookup >Accounts
Description textarea 32000
""",
    "Events": """
Event_Title text 255 !
Start_DateTime datetime !
End_DateTime datetime !
All_day boolean
Venue text 255
Participants bigint
Recurring_Activity RRULE
Remind_At multireminder
Remind_Participants multireminder
Who_Id lookup >Contacts
What_Id multimodulelookup
Description textarea 32000
Check_In_Status text 100 -
Check_In_Time datetime -
Check_In_By ownerlookup -
Check_In_Comment textarea 2000 -
Check_In_Address textarea 2000 -
Check_In_City text 100 -
Check_In_State text 100 -
Check_In_Country text 100 -
Check_In_Sub_Locality text 100 -
Latitude double -
Longitude double -
ZIP_Code text 50 -
""",
    "Site_Visits": """
Name text 120 !
Visit_Date date
Kind picklist Installation|Inspection|Survey
Account_Name lookup >Accounts
""",
}
_JSON_TYPES = {
    "bigint": "string",
    "boolean": "boolean",
    "integer": "integer",
    "double": "double",
    "currency": "double",
    "lookup": "jsonobject",
    "ownerlookup": "jsonobject",
    "multimodulelookup": "jsonobject",
    "RRULE": "jsonobject",
    "multireminder": "jsonarray",
}
_UNFILTERABLE = {"textarea", "RRULE", "multireminder"}
_LABELS = {"Owner": {"Events": "Host"}, "Event_Title": {"Events": "Title"}}


def module_id(module: str) -> str:
    """Return the made-up id of a module, as settings and layouts name it."""
    return f"{ORG_PREFIX}{2001 + 2 * list(MODULES).index(module):012d}"


def _field(module: str, number: int, line: str) -> dict[str, Any]:
    name, data_type, *flags = line.split(" ", 2)
    rest = flags[0] if flags else ""
    picks = rest.split("|") if data_type == "picklist" else []
    words = [] if picks else rest.split()
    length = next((int(word) for word in words if word.isdigit()), 0)
    target = next((word[1:] for word in words if word.startswith(">")), "")
    return _metadata(
        module, number, name, data_type, length=length, target=target, picks=picks,
        mandatory="!" in words, read_only="-" in words,
    )  # fmt: skip


def _metadata(  # noqa: PLR0913 - the parts of one field
    module: str,
    number: int,
    name: str,
    data_type: str,
    *,
    length: int = 0,
    target: str = "",
    picks: list[str],
    mandatory: bool,
    read_only: bool,
    custom: bool = False,
) -> dict[str, Any]:
    base = int(module_id(module)) + 1_000_000 + 100_000 * number
    label = _LABELS.get(name, {}).get(module, name.replace("_", " "))
    array = name in {"Participants", "Tag"}
    return {
        "api_name": name,
        "field_label": label,
        "display_label": label,
        "id": str(base),
        "data_type": data_type,
        "json_type": "jsonarray" if array else _JSON_TYPES.get(data_type, "string"),
        "length": length or 120,
        "read_only": read_only,
        "field_read_only": read_only,
        "system_mandatory": mandatory,
        "required": mandatory,
        "custom_field": custom,
        "visible": True,
        "filterable": data_type not in _UNFILTERABLE and name != "Participants",
        "sortable": data_type not in _UNFILTERABLE and not array,
        "searchable": data_type not in _UNFILTERABLE and not array,
        "virtual_field": False,
        "unique": {},
        "external": None,
        "lookup": {"module": {"api_name": target, "id": module_id(target)}} if target else {},
        "multi_module_lookup": {},
        "pick_list_values": [
            {"display_value": pick, "actual_value": pick, "id": str(base + 2 * index + 2)}
            for index, pick in enumerate(picks)
        ],
        "operation_type": {
            "web_update": not read_only,
            "api_create": not read_only,
            "web_create": not read_only,
            "api_update": not read_only,
        },
        "view_type": {"view": True, "edit": not read_only, "create": not read_only,
                      "quick_create": mandatory},
    }  # fmt: skip


def fields(module: str) -> list[dict[str, Any]]:
    """Return metadata of every field of `module`; none for an unknown one."""
    return [dict(field) for field in _built(module)]


@cache
def _built(module: str) -> tuple[dict[str, Any], ...]:
    if module not in _FIELDS:
        return ()
    lines = (_COMMON + _FIELDS[module]).strip().splitlines()
    return tuple(_field(module, n, line) for n, line in enumerate(x for x in lines if x))


def extra_field(module: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return metadata of a field an administrator added.

    `item` has `api_name` and `data_type`, and may have `length`, `values` (of a picklist),
    `module` (of a lookup), `required` (default true) and `label`.
    """
    number = 500 + sum(ord(letter) for letter in item["api_name"]) % 400
    made = _metadata(
        module, number, item["api_name"], item["data_type"],
        length=int(item.get("length", 0)), target=item.get("module", ""),
        picks=list(item.get("values", [])), mandatory=False, read_only=False, custom=True,
    )  # fmt: skip
    made["required"] = bool(item.get("required", True))
    if "label" in item:
        made["field_label"] = made["display_label"] = item["label"]
    return made
