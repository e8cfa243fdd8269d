"""Where the CRM says that a bulk read is over: a hint, whoever sends it.

The address holds a secret of the job. The body is Zoho's (Zoho, "Create Bulk Read Job",
callback) and isn't needed: the CRM is asked.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.errors import TryLater
from bot.journeys.export.jobs import Export
from handlers.web.http import Request, Response, text
from handlers.web.router import Route

MAX_BODY: Final = 64 * 1024


class BulkCallback:
    """Answers ``POST /bulk/<token>``."""

    def __init__(self, export: Export, clock: Callable[[], datetime]) -> None:
        """Take the journey and the clock."""
        self._export = export
        self._clock = clock

    def routes(self) -> tuple[Route, ...]:
        """Return the one route."""
        return (Route("POST", "/bulk/{token}", self.answer),)

    def answer(self, request: Request) -> Response:
        """Have the job looked at: 200 where the token is one, else 404."""
        if len(request.body) > MAX_BODY:
            return text(413, "Content Too Large.\n")
        try:
            known = self._export.called_back(request.params["token"], request.body, self._clock())
        except TryLater:
            return text(503, "Try again in a minute.\n")
        return text(200, "Thank you.\n") if known else text(404, "There is nothing here.\n")
