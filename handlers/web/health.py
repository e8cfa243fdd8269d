"""Whether the process lives, and whether it can do its work; no ids, no secrets."""

import json
import logging
from collections.abc import Callable, Mapping

from handlers.web.http import Request, Response, text
from handlers.web.router import Route

Check = Callable[[], bool]

_log = logging.getLogger(__name__)


class Health:
    """Answers ``GET /healthz`` and ``GET /readyz``.

    *checks* are asked by name (``database``, ``clock``, ``worker``): True means well, False or
    an exception means not.
    """

    def __init__(self, checks: Mapping[str, Check]) -> None:
        """Keep the checks in the order in which they are told."""
        self._checks = dict(checks)

    def routes(self) -> tuple[Route, ...]:
        """Return the two routes."""
        return (Route("GET", "/healthz", self.alive), Route("GET", "/readyz", self.ready))

    def alive(self, _request: Request) -> Response:
        """Answer 200: the process can answer."""
        return text(200, "alive\n")

    def ready(self, _request: Request) -> Response:
        """Answer 200 when every check is well, else 503; the names say which isn't."""
        results = {name: _well(name, check) for name, check in self._checks.items()}
        ready = all(results.values())
        told = {"ready": ready} | {name: "ok" if ok else "bad" for name, ok in results.items()}
        return Response(
            status=200 if ready else 503,
            headers=(("Content-Type", "application/json"), ("Cache-Control", "no-store")),
            body=json.dumps(told).encode(),
        )


def _well(name: str, check: Check) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 - a check that breaks is an answer: not ready
        _log.warning("the check %s failed", name, exc_info=True)
        return False
