"""Connecting in the browser: who is linked, off to the CRM, and back."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

from bot.errors import Fault, Gone, NotAllowed, ParleyError, TryLater
from bot.journeys.account.connect import LINK_SECONDS, Connect
from bot.journeys.account.connecting import CODE_MINUTES, Outcome
from handlers.web import pages
from handlers.web.http import Request, Response, cookie, form, text
from handlers.web.router import Route

_log = logging.getLogger(__name__)

START: Final = "/oauth/start"
CALLBACK: Final = "/oauth/callback"
_AGAIN = "Go back to Slack and type “{crm} connect” for a new link."
_STATUS: Mapping[type[ParleyError], int] = {
    Gone: 410,
    NotAllowed: 403,
    TryLater: 503,
    Fault: 502,
}
_WHY: Mapping[str, str] = {
    "link": "This link has been used, or is older than ten minutes.",
    "state": (
        "This sign-in has been used, or is older than ten minutes. If you have just agreed, look "
        "into Slack: Parley has written to you there."
    ),
    "browser": "This sign-in began in another browser, or the browser keeps no cookies.",
    "consent_refused": "You didn't allow access in the CRM, so nothing was linked.",
    "place_unknown": "The answer came from a place that isn't Zoho's. Nothing was sent there.",
    "code_refused": "Zoho no longer accepts this sign-in; it is good for one minute, once.",
    "no_refresh_token": "Zoho gave no lasting permission, so nothing was linked.",
    "scope": "Zoho left out a permission that Parley needs, so nothing was linked.",
    "bot_user": "Bots can't be linked to a CRM account.",
    "deactivated": "This Slack account is deactivated.",
    "foreign": "This Slack account belongs to another organisation.",
    "token_limit": "Zoho gave out too many sign-ins in ten minutes. Please wait that long.",
    "storage_busy": "Parley's memory is busy just now; nothing was linked.",
    "client_missing": "Parley isn't set up for your data centre. Tell your administrator.",
    "client_wrong": "Zoho doesn't accept Parley's own sign-in. Tell your administrator.",
    "accounts_refused": "Zoho refuses Parley's sign-in. Tell your administrator.",
    "redirect_wrong": "Zoho doesn't know this address of Parley's. Tell your administrator.",
}


class OauthPages:
    """Answers ``/oauth/start`` and ``/oauth/callback``."""

    def __init__(
        self,
        connect: Connect,
        *,
        clock: Callable[[], datetime],
        public_url: str,
        accounts_origins: Iterable[str],
        crm_command: str = "/crm",
    ) -> None:
        """Take the parts.

        Args:
            connect: The journey.
            clock: The time, aware.
            public_url: Our origin; only over https a cookie can be ``__Host-``.
            accounts_origins: Where a consent may lead: the accounts servers in force.
            crm_command: The slash command's name here.
        """
        self._connect = connect
        self._clock = clock
        self._secure = public_url.startswith("https://")
        self._cookie = "__Host-parley" if self._secure else "parley"
        self._origins = tuple(accounts_origins)
        self._again = _AGAIN.format(crm=crm_command)
        self._crm = crm_command

    def routes(self) -> tuple[Route, ...]:
        """Return the three routes."""
        return (
            Route("GET", START, self.show),
            Route("POST", START, self.begin),
            Route("GET", CALLBACK, self.finish),
        )

    def show(self, request: Request) -> Response:
        """Say whom the link connects; nothing is used up, so a preview does no harm."""
        token = request.query.get("link", "")
        try:
            linking = self._connect.look(token, self._clock())
        except ParleyError as error:
            return self._refusal(error)
        return pages.page(
            200,
            "Connect Zoho CRM",
            pages.paragraph(
                f"This links a Zoho CRM account to {linking.name} in the Slack workspace "
                f"{linking.workspace}."
            ),
            pages.paragraph(
                "From then on, what that person asks Parley for in Slack is done in the CRM "
                "with this account: reading people and records, and making meetings."
            ),
            pages.paragraph(
                "Zoho asks you to agree next. If you are not that person, or didn't ask for "
                "this in Slack, close this page."
            ),
            pages.form(START, [("link", token)], "Go on to Zoho"),
            next_step="Press “Go on to Zoho”, or close this page to leave all as it is.",
            form_origins=self._origins,
        )

    def begin(self, request: Request) -> Response:
        """Use the link up, bind this browser, and lead on to the CRM.

        Raises:
            Malformed: 400; not a form.
        """
        # A page elsewhere could post for the person and skip the page that names who is
        # linked; browsers tell (W3C, Fetch Metadata). Origin can't: it is "null" for
        # pages under no-referrer.
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return self._refusal(NotAllowed("browser"))
        try:
            begun = self._connect.begin(form(request).get("link", ""), self._clock())
        except ParleyError as error:
            return self._refusal(error)
        return text(
            303,
            "Go on to Zoho.\n",
            headers=(
                ("Location", begun.consent_url),
                ("Set-Cookie", self._set(begun.cookie.reveal(), LINK_SECONDS)),
            ),
        )

    def finish(self, request: Request) -> Response:
        """Take the CRM's answer and say what came of it."""
        query = request.query
        try:
            outcome = self._connect.finish(
                state=query.get("state"),
                cookie=request.cookies.get(self._cookie),
                code=query.get("code"),
                location=query.get("location"),
                accounts_server=query.get("accounts-server"),
                error=query.get("error"),
                now=self._clock(),
            )
        except ParleyError as error:
            return self._refusal(error)
        return self._linked(outcome) if outcome.code is None else self._code(outcome)

    def _linked(self, outcome: Outcome) -> Response:
        return pages.page(
            200,
            "Connected",
            pages.paragraph(
                f"{outcome.account} ({outcome.organization}) is now linked to {outcome.name} "
                f"in the Slack workspace {outcome.workspace}."
            ),
            next_step="Go back to Slack: Parley has written to you there.",
            headers=[self._cleared()],
        )

    def _code(self, outcome: Outcome) -> Response:
        letters = outcome.code.reveal() if outcome.code is not None else ""
        half = len(letters) // 2
        shown = f"{letters[:half]}-{letters[half:]}"
        return pages.page(
            200,
            "One more step",
            pages.paragraph(
                f"You signed in to the CRM as {outcome.account}, and Slack knows "
                f"{outcome.name} in the workspace {outcome.workspace} by another address. "
                f"Nothing is linked until {outcome.name} types this code in Slack:"
            ),
            pages.code(shown),
            pages.paragraph(
                f"It is good for {CODE_MINUTES} minutes. If somebody else sent you here, close "
                "this page and tell nobody the code: with it they could act in the CRM as you."
            ),
            next_step=f"Go back to Slack and type “{self._crm} connect {shown}”.",
            headers=[self._cleared()],
        )

    def _refusal(self, error: ParleyError) -> Response:
        if isinstance(error, Fault):
            _log.warning("connecting_failed why=%s", error.code)
        status = next((number for kind, number in _STATUS.items() if isinstance(error, kind)), 400)
        words = _WHY.get(error.code, "Zoho or Slack can't be asked just now; nothing was linked.")
        headers = (
            [("Retry-After", str(max(1, round(error.seconds))))]
            if isinstance(error, TryLater)
            else []
        )
        return pages.page(
            status, "Not connected", pages.paragraph(words), next_step=self._again, headers=headers
        )

    def _set(self, value: str, seconds: int) -> str:
        return cookie(self._cookie, value, seconds=seconds, secure=self._secure)

    def _cleared(self) -> tuple[str, str]:
        return ("Set-Cookie", self._set("", 0))
