"""Opening Zoho's answers, and turning every documented error into ours.

Codes and shapes by Zoho CRM's pages "Insert Records", "Update Records", "Delete
Records" and "HTTP status codes" (v8). An error stands at the top level or inside
``data[]``; a call that half succeeds answers 207 with both.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from bot.crm.call import Answer
from bot.crm.shapes import (
    Json,
    identity,
    mapping,
    objects,
    optional_object,
    shape_fault,
    text,
    truth,
)
from bot.domain.participants import MAX_PARTICIPANTS
from bot.errors import Fault, Gone, NotAllowed, NotConnected, ParleyError, Refused, TryLater

MESSAGE_LIMIT: Final = 200
FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Event_Title": "title",
        "Start_DateTime": "start",
        "End_DateTime": "end",
        "All_day": "start",
        "Participants": "people",
        "Recurring_Activity": "repeats",
        "RRULE": "repeats",
        "Venue": "venue",
        "Remind_At": "reminders",
        "What_Id": "record",
        "$se_module": "record",
        "Who_Id": "contact",
        "Description": "description",
    }
)
"""The form's field for each of the CRM's."""
_PATH = re.compile(r"\$\.data\[[0-9]+\]\.([$A-Za-z0-9_]+)")


def form_field(api_name: str) -> str:
    """Return the form's field for the CRM's *api_name*."""
    return FIELDS.get(api_name, f"field:{api_name}")


def opened(answer: Answer) -> Json:
    """Return the body of an answer that succeeded; empty for 204.

    Raises:
        ParleyError: The error the body names.
    """
    if answer.data is None and answer.status < 400:
        return {}
    body = mapping(answer.data)
    if answer.status >= 400:
        raise error_of(_blamed(body))
    return body


def rows(answer: Answer, key: str = "data") -> tuple[Json, ...]:
    """Return the records of a read, none for 204.

    Raises:
        ParleyError: The error the body names.
    """
    body = opened(answer)
    return objects(body, key) if body else ()


def more(answer: Answer) -> bool:
    """Say whether there are further pages.

    Raises:
        Fault: ``crm_shape``.
    """
    info = optional_object(mapping(answer.data), "info") if answer.data is not None else None
    return truth(info, "more_records", missing=False) if info is not None else False


def written(answer: Answer) -> tuple[str, ...]:
    """Return the ids of the records a write made or changed, in the answer's order.

    Of a half success (207) the ids that succeeded: the caller compares them with what
    was meant.

    Raises:
        ParleyError: The first error, when nothing succeeded.
    """
    items = objects(opened(answer), "data")
    done = [mapping(item.get("details"), "details") for item in items if _succeeded(item)]
    if not done:
        raise error_of(items[0]) if items else shape_fault("data")
    return tuple(identity(details) for details in done)


def _succeeded(item: Json) -> bool:
    return item.get("code") == "SUCCESS"


def _blamed(body: Json) -> Json:
    """Return the error object: the body itself, or the first that failed in its list."""
    if "code" in body:
        return body
    failed = [item for item in objects(body, "data") if not _succeeded(item)]
    if not failed:
        raise shape_fault("data")
    return failed[0]


# --- the error table ---------------------------------------------------------------------


def error_of(item: Json) -> ParleyError:
    """Return the error that one of Zoho's error objects stands for."""
    code = text(item, "code")
    details = item.get("details")
    found: Json = details if isinstance(details, dict) else {}
    message = item.get("message")
    said = message[:MESSAGE_LIMIT] if isinstance(message, str) else ""
    return ERRORS.get(code, _unknown)(code, found, said)


_Maker = Callable[[str, Json, str], ParleyError]


def _unknown(code: str, details: Json, said: str) -> ParleyError:
    return Refused("crm_refused", field=_field(details), crm_code=code[:80], message=said)


def _field(details: Json) -> str | None:
    # api_name may be that of a part ("RRULE", "type"); the path begins with the field itself.
    path = details.get("json_path")
    whole = _PATH.match(path) if isinstance(path, str) else None
    if whole is not None:
        return form_field(whole[1])
    for name in (details.get("api_name"), *_names(details, "expected_fields")):
        if isinstance(name, str):
            return form_field(name)
    for name in _names(details, "ambiguity_due_to"):
        return form_field(name)
    return None


def _names(details: Json, key: str) -> tuple[str, ...]:
    """Return the API names in a list of texts or of objects with ``api_name``."""
    value = details.get(key)
    items = value if isinstance(value, list) else []
    names = (item.get("api_name") if isinstance(item, dict) else item for item in items)
    return tuple(name for name in names if isinstance(name, str))


def _refused(ours: str) -> _Maker:
    def make(code: str, details: Json, said: str) -> ParleyError:
        return Refused(ours, field=_field(details), crm_code=code, message=said)

    return make


def _fault(code: str, details: Json, said: str) -> ParleyError:
    return Fault("crm_request_wrong", crm_code=code, api_name=details.get("api_name"), message=said)


def _invalid(code: str, details: Json, said: str) -> ParleyError:
    if "resource_path_index" in details or set(details) == {"id"}:
        return Gone("crm_record")
    limit = details.get("maximum_length")
    if isinstance(limit, int):
        return Refused("too_long", field=_field(details), limit=limit)
    if "api_name" not in details:
        return _fault(code, details, said)
    return Refused("field_invalid", field=_field(details), message=said)


def _limit(code: str, details: Json, said: str) -> ParleyError:
    if "participants" in said.lower():
        return Refused("people_limit", field="people", limit=MAX_PARTICIPANTS)
    return Refused("crm_limit_exceeded", field=_field(details), crm_code=code, message=said)


def _several(code: str, details: Json, said: str) -> ParleyError:
    inner = details.get("errors")
    first = inner[0] if isinstance(inner, list) and inner else None
    if isinstance(first, dict) and first.get("code") not in (None, code):
        return error_of(first)
    return _unknown(code, details, said)


_CANCEL: Final = (
    ("already cancelled", _refused("cancelled_already")),
    ("without inviting", _refused("cancel_uninvited")),
    ("end time", _refused("cancel_over")),
)


def _not_allowed(code: str, details: Json, said: str) -> ParleyError:
    # Zoho CRM, Cancel a Meeting: one code, told apart by its three messages.
    makers = (make for words, make in _CANCEL if words in said.lower())
    return next(makers, _unknown)(code, details, said)


def _permission(_code: str, details: Json, _said: str) -> ParleyError:
    return NotAllowed("crm_permission", permissions=_names(details, "permissions"))


def _expired(_code: str, _details: Json, _said: str) -> ParleyError:
    return NotConnected("expired")


def _scope(_code: str, _details: Json, _said: str) -> ParleyError:
    return NotConnected("scope")


def _busy(_code: str, _details: Json, _said: str) -> ParleyError:
    return TryLater("crm_limit", seconds=60)


def _down(_code: str, _details: Json, _said: str) -> ParleyError:
    return TryLater("crm_down", seconds=60)


ERRORS: Final[Mapping[str, _Maker]] = MappingProxyType(
    {
        "AUTHENTICATION_FAILURE": _expired,
        "INVALID_TOKEN": _expired,
        "OAUTH_SCOPE_MISMATCH": _scope,
        "NO_PERMISSION": _permission,
        "AUTHORIZATION_FAILED": _permission,
        "MANDATORY_NOT_FOUND": _refused("field_missing"),
        "EXPECTED_FIELD_MISSING": _refused("field_missing"),
        "DEPENDENT_FIELD_MISSING": _refused("field_missing"),
        "DEPENDENT_MISMATCH": _refused("field_mismatch"),
        "AMBIGUITY_DURING_PROCESSING": _refused("field_ambiguous"),
        "INVALID_DATA": _invalid,
        "MULTIPLE_OR_MULTI_ERRORS": _several,
        "DUPLICATE_DATA": _refused("duplicate"),
        "DUPLICATE_LINKING_DATA": _refused("duplicate"),
        "LIMIT_EXCEEDED": _limit,
        "NOT_ALLOWED": _not_allowed,
        "DAILY_LIMIT_EXCEEDED": _refused("mail_limit"),
        "RECORD_LOCKED": _refused("record_locked"),
        "NOT_APPROVED": _refused("not_approved"),
        "ALREADY_MODIFIED": _refused("already_modified"),
        "INVALID_MODULE": _refused("module_unavailable"),
        "INVALID_REQUEST_METHOD": _fault,
        "INVALID_URL_PATTERN": _fault,
        "INVALID_HOST": _fault,
        "REQUIRED_PARAM_MISSING": _fault,
        "EXPECTED_PARAM_MISSING": _fault,
        "UNABLE_TO_PARSE_DATA_TYPE": _fault,
        "MEDIA_TYPE_NOT_SUPPORTED": _fault,
        "INVALID_QUERY": _fault,
        "SYNTAX_ERROR": _fault,
        "TOO_MANY_REQUESTS": _busy,
        "DEPENDENT_SERVICE_ERROR": _down,
        "INTERNAL_ERROR": _down,
        "INTERNAL_SERVER_ERROR": _down,
    }
)
"""What each of Zoho's codes becomes. A code that isn't here is told as ``crm_refused``."""
