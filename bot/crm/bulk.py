"""Bulk read: a job is made, looked at until it is done, and its result downloaded.

Codes and shapes by Zoho CRM, "Create Bulk Read Job" and "Get Bulk Read Job Details" (v8).
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NoReturn

from bot.crm.answers import error_of, opened, rows
from bot.crm.bulk_body import job_body
from bot.crm.call import Answer
from bot.crm.coql import count_query
from bot.crm.download import fetched
from bot.crm.shapes import (
    Json,
    identity,
    mapping,
    objects,
    optional_object,
    optional_text,
    record_id,
    shape_fault,
    text,
    truth,
    whole,
)
from bot.crm.transport import Transport
from bot.domain.connection import Access
from bot.domain.export import JobState, Look, Query
from bot.domain.meeting import Record
from bot.errors import Ambiguous, Fault, Gone, ParleyError, Refused, TryLater

PATH: Final = "/crm/bulk/v8/read"
ZIP: Final = b"PK"
MAX_ARCHIVE: Final = 4 * 1024**3
REASON_LIMIT: Final = 200

_Maker = Callable[[Json], Refused]


def _refused(ours: str, field: str) -> _Maker:
    def make(item: Json) -> Refused:
        details = optional_object(item, "details") or {}
        named = (details.get(key) for key in ("api_name", "module", "cvid"))
        name = next((one for one in named if isinstance(one, str)), "")
        return Refused(ours, field=field, name=name[:100], crm_code=item["code"])

    return make


_MODULE: Final = _refused("export_module_refused", "module")
_FIELD: Final = _refused("export_field_refused", "fields")
_WHERE: Final = _refused("export_where_refused", "where")
_CALLBACK: Final = _refused("export_callback_refused", "callback")
REFUSALS: Final[Mapping[str, _Maker]] = MappingProxyType(
    {
        "MODULE_NOT_AVAILABLE": _MODULE,
        "MODULE_NOT_SUPPORTED": _MODULE,
        "FIELD_NOT_AVAILABLE": _FIELD,
        "FIELD_NOT_SUPPORTED": _FIELD,
        "JOIN_LIMIT_EXCEEDED": _refused("export_joins_refused", "fields"),
        "CVID_NOT_SUPPORTED": _refused("export_view_refused", "view"),
        "CRITERIA_LIMIT_EXCEEDED": _refused("export_criteria_refused", "where"),
        "FIELD_IN_CRITERIA_NOT_AVAILABLE": _WHERE,
        "FIELD_IN_CRITERIA_NOT_SUPPORTED": _WHERE,
        "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED": _WHERE,
        "FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE": _WHERE,
        "FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE": _WHERE,
        "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE": _WHERE,
        "COMPARATOR_AND_ENCRYPTED_VALUE_IN_CRITERIA_NOT_COMPATIBLE": _WHERE,
        "VALUE_IN_CRITERIA_NOT_SUPPORTED": _WHERE,
        "VALUE_TYPE_NOT_SUPPORTED": _WHERE,
        "VALUE_LIMIT_EXCEEDED_IN_CRITERIA": _WHERE,
        "INVALID_CALLBACK_URL": _CALLBACK,
        "INVALID_CALLBACK_METHOD": _CALLBACK,
    }
)
"""What the CRM may refuse of a job beyond what is known before."""


class Bulk:
    """The bulk read of one CRM."""

    def __init__(self, transport: Transport) -> None:
        """Keep the wire."""
        self._transport = transport

    def create(
        self,
        access: Access,
        query: Query,
        *,
        page: int = 1,
        page_token: str | None = None,
        callback_url: str | None = None,
    ) -> str:
        """Start a job for one page; sent once and never again from here.

        Args:
            access: Whose account.
            query: What to read.
            page: Which page, where there is no token.
            page_token: From the look at the page before.
            callback_url: What the CRM shall call when the job is over.

        Returns:
            The CRM's id of the job.

        Raises:
            Ambiguous: ``crm_answer_lost``: it may or may not run.
            Refused: It doesn't run, and why; ``export_callback_refused`` where it would
                without the callback.
            Gone: ``export_page_token``: the token is too old; start at page 1.
            TryLater: It doesn't run.
        """
        answer = self._transport.send(
            "POST",
            f"{access.api_origin}{PATH}",
            token=access.token,
            json=job_body(query, page=page, page_token=page_token, callback_url=callback_url),
        )
        try:
            return _added(answer)
        except (TryLater, Fault) as failure:
            # An error inside the CRM, or a success we can't read: it may run.
            unread = failure.code == "crm_shape" and answer.status < 400
            if unread or failure.code == "crm_down":
                raise Ambiguous("crm_answer_lost") from None
            raise

    def look(self, access: Access, job_id: str) -> Look:
        """Return how far a job is.

        Raises:
            Gone: ``export_job``: the CRM doesn't know it (any more).
            Fault: ``crm_shape``: an answer we can't read; a later one may be better.
            ParleyError: What the CRM's answer names.
        """
        url = f"{access.api_origin}{PATH}/{record_id(job_id)}"
        answer = self._transport.send("GET", url, token=access.token)
        _check(answer, Gone("export_job"))
        found = rows(answer)
        if len(found) != 1 or identity(found[0]) != job_id:
            raise shape_fault("data")
        return _look(found[0])

    def download(
        self, access: Access, job_id: str, *, max_bytes: int = MAX_ARCHIVE
    ) -> Iterator[bytes]:
        """Give a result's archive in pieces, from the account's own origin.

        The address in the CRM's answer is never used. Whoever takes the last piece in has
        all that were announced; whether the archive is whole its own checksums tell.

        Raises:
            Gone: ``export_result``: it is no longer kept (Zoho CRM: one day).
            TryLater: ``crm_limit`` (Zoho CRM: ten downloads a minute), ``crm_slow`` (cut
                off, or too slow), ``crm_down``, ``crm_unreachable``.
            Fault: ``crm_too_large``; ``crm_wrong_kind``: it is no archive.
        """
        return fetched(
            self._transport,
            f"{access.api_origin}{PATH}/{record_id(job_id)}/result",
            token=access.token,
            begins=ZIP,
            max_bytes=max_bytes,
            refuse=_no_result,
        )

    def estimate(self, access: Access, query: Query) -> int | None:
        """Count the records a query finds (one credit), or return None where it can't be asked.

        Raises:
            ParleyError: What the CRM's answer names.
        """
        select = count_query(query)
        if select is None:
            return None
        answer = self._transport.send(
            "POST",
            f"{access.api_origin}/crm/v8/coql",
            token=access.token,
            json={"select_query": select},
            repeatable=True,
        )
        # Beside the count the answer may have an id; only the count is a number.
        counts = [one for row in rows(answer) for one in row.values() if isinstance(one, int)]
        if len(counts) != 1:
            raise shape_fault("COUNT(id)")
        return counts[0]

    def views(self, access: Access, module: str) -> tuple[Record, ...]:
        """Return a module's custom views, by id and name, in the CRM's order.

        Raises:
            ParleyError: What the CRM's answer names.
        """
        answer = self._transport.send(
            "GET",
            f"{access.api_origin}/crm/v8/settings/custom_views",
            token=access.token,
            params={"module": module},
        )
        return tuple(
            Record(id=identity(one), name=optional_text(one, "display_value") or text(one, "name"))
            for one in rows(answer, "custom_views")
        )


def _no_result(answer: Answer) -> NoReturn:
    if answer.status == 204:
        raise Gone("export_result")
    _check(answer, gone=Gone("export_result"))
    raise Fault("crm_wrong_kind")


def _added(answer: Answer) -> str:
    _check(answer, Gone("export_page_token"))
    items = objects(opened(answer), "data")
    if len(items) != 1:
        raise shape_fault("data")
    if items[0].get("status") == "error":
        raise _refusal(items[0])
    return identity(mapping(items[0].get("details"), "details"))


def _check(answer: Answer, gone: Gone) -> None:
    """Let through what succeeded.

    Raises:
        ParleyError: What the answer names; *gone* for what is no longer kept.
    """
    if answer.status < 400:
        return
    body = mapping(answer.data)
    item = body if "code" in body else next(iter(objects(body, "data")), body)
    if item.get("code") in ("RESOURCE_NOT_FOUND", "EXPIRED_VALUE"):
        raise gone
    raise _refusal(item)


def _refusal(item: Json) -> ParleyError:
    return REFUSALS.get(text(item, "code"), error_of)(item)


def _look(found: Json) -> Look:
    state = _state(text(found, "state"))
    if not state.over:
        return Look(state=state)
    result = optional_object(found, "result")
    if state is JobState.FAILURE:
        return Look(state=state, reason=_reason(result))
    if result is None:
        raise shape_fault("result")
    more = truth(result, "more_records")
    return Look(
        state=state,
        page=whole(result, "page"),
        count=whole(result, "count"),
        more=more,
        next_page_token=optional_text(result, "next_page_token") if more else None,
    )


def _state(said: str) -> JobState:
    try:
        return JobState(said.upper().replace("_", " "))
    except ValueError:
        raise shape_fault("state") from None


def _reason(result: Json | None) -> str:
    told = optional_object(result, "error_message") if result else None
    words = (told.get("message"), told.get("code")) if told else ()
    return next((one for one in words if isinstance(one, str) and one), "")[:REASON_LIMIT]
