"""Which OAuth scopes a call needs, and whether a token's scopes cover them.

Source: the "scope" lines of Zoho's API pages; `WRITE` covers create, update and delete.
"""

from __future__ import annotations

import re

from handlers.sandbox.crm import catalogue

_WRITES = {"create", "update", "delete"}
_OPERATIONS = {"GET": "READ", "POST": "CREATE", "PUT": "UPDATE", "PATCH": "UPDATE",
               "DELETE": "DELETE"}  # fmt: skip
_FORM = re.compile(
    r"(ZohoCRM|ZohoSearch|ZohoFiles|aaaserver)(\.\w+)+"
    r"\.(ALL|READ|CREATE|UPDATE|DELETE|WRITE|CUSTOM)",
    re.IGNORECASE,
)


def well_formed(scope: str) -> bool:
    """Return whether one scope has the form `ZohoCRM.<group>[.<sub>].<OPERATION>`."""
    return _FORM.fullmatch(scope) is not None


def covers(granted: str, needed: str) -> bool:
    """Return whether one granted scope is enough for one needed scope, whatever the case."""
    *group, operation = granted.lower().split(".")
    *wanted, act = needed.lower().split(".")
    if wanted[: len(group)] != group:
        return False
    return operation in {"all", act} or (operation == "write" and act in _WRITES)


def allowed(scope: str, needed: tuple[str, ...]) -> bool:
    """Return whether a token's space-separated `scope` covers all that is needed."""
    granted = scope.split()
    return all(any(covers(have, need) for have in granted) for need in needed)


def of_module(name: str) -> str:
    """Return what the scopes of a module begin with, whatever the case of its API name.

    Zoho, "Scopes": purchaseorders, salesorders - without the underscore; custom for all that
    an organisation made.
    """
    made = name.lower() in {one.lower() for one in catalogue.CUSTOM}
    return f"ZohoCRM.modules.{'custom' if made else name.lower().replace('_', '')}"


def needed(method: str, path: str) -> tuple[str, ...]:
    """Return the scopes a call needs; none for a path that is no API page."""
    if path.startswith("/crm/bulk/"):
        return ("ZohoCRM.bulk.READ",)
    parts = path.removeprefix("/crm/v8/").split("/")
    head = parts[0]
    if head == "settings":
        return (f"ZohoCRM.settings.{parts[1] if len(parts) > 1 else 'modules'}.READ",)
    if head in {"users", "org", "coql"}:
        return (f"ZohoCRM.{head}.READ",)
    module = of_module(head)
    if parts[-1] == "search":
        return ("ZohoSearch.securesearch.READ", f"{module}.READ")
    if "actions" in parts:
        return (f"{module}.UPDATE",)
    return (f"{module}.{_OPERATIONS.get(method, 'READ')}",)
