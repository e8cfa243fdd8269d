"""Every endpoint the CRM side pretends to be, how faithfully, and by which source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One row: what is served, whether it is the full page, who documents it, what is missing."""

    method: str
    pattern: str
    faith: Literal["full", "partial"]
    source: str
    notes: str


_ROWS = """
GET|/oauth/v2/auth|full|Accounts: Authorization Request|consent page; PKCE as OIDC discovery says
POST|/oauth/v2/consent|partial|Accounts: Authorization Request|Zoho's own form is not documented
POST|/oauth/v2/token|full|Accounts: Generate and Refresh Access Tokens|one client, one organisation
POST|/oauth/v2/token/revoke|full|Accounts: Revoke Refresh Tokens|a made-up token: 400 with a page
POST|/crm/v8/Events|full|Kaizen #8; Insert Records|no X-EXTERNAL; trigger keys are ignored
PUT|/crm/v8/Events|full|Kaizen #8; Update Records|
PUT|/crm/v8/Events/{id}|full|Kaizen #8; Update Records|
DELETE|/crm/v8/Events|full|Delete Records|no recycle bin
DELETE|/crm/v8/Events/{id}|full|Delete Records|no recycle bin
POST|/crm/v8/Events/{id}/actions/cancel|full|Cancel Meetings|
GET|/crm/v8/{module}|partial|Get Records|no territories, no converted; views only All and My
GET|/crm/v8/{module}/{id}|full|Get Records|no X-EXTERNAL
POST|/crm/v8/{module}|partial|Insert Records|leads and contacts only; no duplicate check
PUT|/crm/v8/{module}|partial|Update Records|leads and contacts only
PUT|/crm/v8/{module}/{id}|partial|Update Records|leads and contacts only
GET|/crm/v8/users|full|Get Users|
GET|/crm/v8/users/{id}|full|Get Users|
GET|/crm/v8/org|partial|Get Organization|the documented main keys
GET|/crm/v8/settings/modules|partial|Modules Metadata|the thirteen modules pretended
GET|/crm/v8/settings/modules/{module}|partial|Modules Metadata|
GET|/crm/v8/settings/fields|partial|Fields Metadata|a choice of each module's fields
GET|/crm/v8/settings/layouts|partial|Layouts Metadata|one layout, one section
GET|/crm/v8/settings/custom_views|partial|Custom View Metadata|All and My
GET|/crm/v8/settings/custom_views/{id}|partial|Custom View Metadata|
POST|/crm/v8/coql|partial|COQL Overview; COQL Limitations|COUNT(id) only; no groups, no views
GET|/crm/v8/users/search|partial|Search Records (users)|five texts of a user
GET|/crm/v8/{module}/search|full|Search Records|no converted, no approved; lag by a switch
POST|/crm/bulk/v8/read|full|Kaizen #92; Bulk Read: Create Job|views All and My; own message texts
GET|/crm/bulk/v8/read/{id}|full|Bulk Read: Job Details|
GET|/crm/bulk/v8/read/{id}/result|full|Bulk Read: Download Result|ics without VTIMEZONE and EXDATE
"""


def _row(line: str) -> Endpoint:
    method, pattern, faith, source, notes = line.split("|")
    return Endpoint(method, pattern, "full" if faith == "full" else "partial", source, notes)


ENDPOINTS = tuple(_row(line) for line in _ROWS.strip().splitlines())
