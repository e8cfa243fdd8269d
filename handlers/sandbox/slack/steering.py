"""The client of the control routes, for people and for tests."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

_HTTP_SECONDS = 30.0


def steer(control_url: str, deed: str, **arguments: Any) -> dict[str, Any]:
    """Use the control route /control/slack/`deed` of a sandbox; returns its answer.

    `control_url` is an origin on this machine; no proxy is asked.

    Raises:
        AssertionError: The workspace refuses; the text is its answer.
    """
    request = Request(  # noqa: S310 - the control origin is our own loopback server
        f"{control_url.rstrip('/')}/control/slack/{deed}",
        data=json.dumps(arguments).encode(),
        headers={"Content-Type": "application/json"},
    )
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=_HTTP_SECONDS) as response:
            answer: dict[str, Any] = json.load(response)
    except HTTPError as refused:
        with refused:
            said = refused.read().decode("utf-8", "replace")
        raise AssertionError(f"{deed}: {said}") from None
    return answer
