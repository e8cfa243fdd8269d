"""Words every API page shares: how an error is told, who is calling, what a body must be."""

from __future__ import annotations

from typing import Any

from handlers.sandbox.crm.world import Record, World
from handlers.sandbox.web import Answer, Request

MAX_RECORDS = 100


class Refused(Exception):
    """Raised by a page to answer with an error at once."""

    def __init__(self, answer: Answer) -> None:
        """Keep the answer to give."""
        super().__init__(answer.status)
        self.answer = answer


class Wrong(Exception):
    """Raised for one record of a call that cannot be taken; `entry` is its place in `data[]`."""

    def __init__(self, code: str, message: str, details: Record) -> None:
        """Make the record's error entry."""
        super().__init__(code)
        self.entry: Record = {
            "code": code,
            "details": details,
            "message": message,
            "status": "error",
        }


def problem(status: int, code: str, message: str, details: Record | None = None) -> Answer:
    """Return a top-level error: code, details, message, status (Zoho's Status Codes page)."""
    body = {"code": code, "details": details or {}, "message": message, "status": "error"}
    return Answer.json(body, status)


def refuse(status: int, code: str, message: str, details: Record | None = None) -> Refused:
    """Return a `Refused` with a top-level error, to raise."""
    return Refused(problem(status, code, message, details))


def bad_id() -> Refused:
    """Return the refusal of an id in the path that is not an id."""
    return refuse(
        400, "INVALID_DATA", "the id given seems to be invalid", {"resource_path_index": 1}
    )


def bad_module() -> Refused:
    """Return the refusal of a module that does not exist."""
    message = "the module name given seems to be invalid"
    return refuse(400, "INVALID_MODULE", message, {"resource_path_index": 0})


def missing_param(name: str) -> Refused:
    """Return the refusal of a call without a mandatory parameter."""
    message = "One of the expected parameter is missing"
    return refuse(400, "REQUIRED_PARAM_MISSING", message, {"param_name": name, "param": name})


def bearer(request: Request) -> str | None:
    """Return the token of an `Authorization: Zoho-oauthtoken ...` header, or None."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme in {"Zoho-oauthtoken", "Bearer"} and text.strip() else None


def caller(world: World, request: Request) -> Record:
    """Return the user who makes this call.

    Raises:
        Refused: There is no valid token.
    """
    user = world.user(bearer(request) or "")
    if user is None:
        raise refuse(401, "INVALID_TOKEN", "invalid oauth token")
    return user


def body_of(request: Request) -> Record:
    """Return the body as a JSON object; no Content-Type is asked for, as SDK calls carry none.

    Raises:
        Refused: The body is not a JSON object.
    """
    try:
        body = request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refuse(400, "INVALID_DATA", "body", {"expected_data_type": "jsonobject"})
    return body


def data_of(request: Request) -> list[Any]:
    """Return the body's `data` array.

    Raises:
        Refused: It is missing, empty, not an array, or holds more than 100 records.
    """
    body = body_of(request)
    place = {"api_name": "data", "json_path": "$.data"}
    if "data" not in body:
        raise refuse(400, "MANDATORY_NOT_FOUND", "required field not found", place)
    data = body["data"]
    if not isinstance(data, list) or not data:
        raise refuse(
            400, "INVALID_DATA", "invalid data", {"expected_data_type": "jsonarray", **place}
        )
    if len(data) > MAX_RECORDS:
        limit = {"limit": MAX_RECORDS, **place}
        raise refuse(400, "LIMIT_EXCEEDED", "the number of records given exceeds the limit", limit)
    return data


def outcome(entries: list[Record], good_status: int) -> Answer:
    """Return `data[]` with the status it has: all well, 207 for some, 400 for none."""
    good = sum(entry["status"] == "success" for entry in entries)
    status = good_status if good == len(entries) else 207 if good else 400
    if len(entries) == 1 and entries[0]["code"] == "ALREADY_MODIFIED":
        status = 412
    return Answer.json({"data": entries}, status)


def success(message: str, details: Record) -> Record:
    """Return the entry of one record that was taken."""
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}
