"""What starts a bulk read job, as Zoho CRM, "Create Bulk Read Job" (v8), and Kaizen #92 have it."""

from datetime import date, datetime

from bot.crm.dialect import wire_time
from bot.domain.export import MAX_PAGES, FileType, Query
from bot.domain.export_criteria import EMPTY, Comparison, Criteria, Empty, Scalar
from bot.domain.meeting import Record
from bot.errors import Refused


def job_body(
    query: Query,
    *,
    page: int = 1,
    page_token: str | None = None,
    callback_url: str | None = None,
) -> dict[str, object]:
    """Return the body that starts a job; with a token, the token alone says what is read.

    Raises:
        Refused: ``export_page_limit``: more than the CRM gives.
    """
    if page > MAX_PAGES:
        raise Refused("export_page_limit", field=None, limit=MAX_PAGES)
    callback = {"callback": {"url": callback_url, "method": "post"}} if callback_url else {}
    if page_token is not None:
        return {**callback, "query": {"page_token": page_token}}
    wanted: dict[str, object] = {"module": {"api_name": query.module}}
    if query.view is not None:
        wanted["cvid"] = query.view.id
    if query.fields:
        wanted["fields"] = list(query.fields)
    wanted["page"] = page
    if query.criteria is not None:
        wanted["criteria"] = criteria_body(query.criteria)
    calendar = {"file_type": "ics"} if query.file_type is FileType.ICS else {}
    return {**callback, "query": wanted, **calendar}


def criteria_body(criteria: Criteria) -> dict[str, object]:
    """Return a tree as the CRM takes it."""
    if not isinstance(criteria, Comparison):
        members = [criteria_body(member) for member in criteria.members]
        return {"group_operator": criteria.operator, "group": members}
    value = criteria.value
    return {
        "field": {"api_name": criteria.field},
        "comparator": criteria.comparator.value,
        "value": [_sent(one) for one in value] if isinstance(value, tuple) else _sent(value),
    }


def _sent(value: Scalar | Empty) -> str | int | float | bool:
    if value is EMPTY:
        return EMPTY.value
    if isinstance(value, Record):
        return value.id
    if isinstance(value, datetime):
        return wire_time(value)
    return value.isoformat() if isinstance(value, date) else value
