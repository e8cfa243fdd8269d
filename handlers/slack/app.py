"""What wakes the bot in Slack: each listener checks, writes one durable row, and acknowledges.

No listener uses the network (type-ahead apart, whose answer must be in the response);
nothing happens after ``ack()``. Bolt runs each listener to its end before the response
leaves (``process_before_response``), so an error becomes a sentence, not a time-out.
"""

import logging
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from slack_bolt import Ack, App, BoltRequest, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError

from bot.domain.connection import Secret
from bot.errors import ParleyError, TryLater
from handlers.slack import ids
from handlers.slack.account import departures
from handlers.slack.account.connect import code_errors
from handlers.slack.areas import Area, Keep
from handlers.slack.meeting.form import notice_view
from handlers.slack.message import Message
from handlers.slack.sentences import apologies
from handlers.web.slack_front import Reply

_log = logging.getLogger(__name__)

Body = dict[str, Any]


def build(
    *,
    token: Secret,
    commands: ids.Commands,
    keep: Keep,
    helps: Mapping[str, Message],
    submit: Callable[[Body], dict[str, Any]],
    options: Callable[[Body], list[dict[str, Any]]],
    areas: Iterable[Area] = (),
) -> App:
    """Return the Bolt app with every listener registered.

    Args:
        token: The bot's token; authorizing asks nobody.
        commands: The slash commands' names.
        keep: Puts work into the inbox.
        helps: The help message of each command.
        submit: Answers the meeting form's submission: the keywords for ``ack``.
        options: Answers a type-ahead.
        areas: What registers listeners of its own, before those that take the rest.
    """

    def authorize(team_id: str | None, enterprise_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id, team_id=team_id, bot_token=token.reveal()
        )

    app = App(
        name="parley.bolt",  # Bolt quiets the logger of that name: "parley" itself must be heard
        authorize=authorize,
        process_before_response=True,
        request_verification_enabled=False,  # done on the raw bytes, before parsing
        ssl_check_enabled=False,
        url_verification_enabled=False,
        raise_error_for_unhandled_request=True,
        logger=logging.getLogger("parley.bolt"),
    )

    def meet(ack: Ack, body: Body) -> None:
        lists = str(body.get("text", "")).split()[:1] == ["list"]
        lane, kind = ("work", "list") if lists else ("form", "meet")
        answer_command(ack, body, helps[commands.meet], lambda: keep(lane, kind, body))

    def crm(ack: Ack, body: Body) -> None:
        answer_command(ack, body, helps[commands.crm], lambda: keep("quick", "crm", body))

    def clicked(ack: Ack, body: Body) -> None:
        keep(_lane(body), "click", body)
        ack()

    def meet_submitted(ack: Ack, body: Body) -> None:
        ack(**answered(body, submit, commands))

    def code_submitted(ack: Ack, body: Body) -> None:
        _code(ack, body, lambda: keep("work", "code", body))

    def typed(ack: Ack, body: Body) -> None:
        try:
            found = options(body)
        except Exception:  # noqa: BLE001 - an empty menu, not a time-out
            _incident("options")
            found = []
        ack(options=found)

    for area in areas:
        area.listen(app, keep)
    app.command(commands.meet)(meet)
    app.command(commands.crm)(crm)
    app.action(re.compile(".*"))(clicked)
    app.view(ids.MEET_FORM)(meet_submitted)
    app.view(ids.CRM_CODE_FORM)(code_submitted)
    app.options(re.compile(".*"))(typed)
    departures.listen(app, keep)
    app.error(_unanswered)
    return app


def _lane(body: Body) -> str:
    if ids.bare(body["actions"][0]["action_id"]) in ids.OPENS_A_FORM:
        return "form"
    return "quick" if body.get("view") else "work"


def _unanswered(error: Exception) -> BoltResponse:
    if isinstance(error, BoltUnhandledRequestError):
        # Nothing of ours: answered, so that Slack doesn't send it again.
        return BoltResponse(status=200)
    _incident("listener")
    return BoltResponse(status=500)


def dispatcher(app: App) -> Callable[[Body], Reply]:
    """Return what answers one verified and parsed request.

    ``mode="socket_mode"`` makes Bolt take the body as it is: neither its own parser nor
    a client's headers play a part.
    """

    def dispatch(body: Body) -> Reply:
        response = app.dispatch(BoltRequest(body=body, mode="socket_mode"))
        kind = response.first_headers().get("content-type", "text/plain")
        return Reply(response.status, kind, response.body.encode())

    return dispatch


def answer_command(ack: Ack, body: Body, help_text: Message, keep: Callable[[], None]) -> None:
    """Acknowledge a command: ``help`` with its text, all else once it is kept."""
    if str(body.get("text", "")).strip().lower() == "help":
        ack(text=help_text.text, blocks=help_text.blocks, response_type="ephemeral")
        return
    try:
        keep()
    except Exception:  # noqa: BLE001 - the person gets a sentence, not a time-out
        ack(text=_incident("command"), response_type="ephemeral")
        return
    ack()


def answered(
    body: Body, submit: Callable[[Body], dict[str, Any]], commands: ids.Commands
) -> dict[str, Any]:
    """Return how *submit* answers a form; the keywords for ``ack``, a sentence for an error."""
    try:
        return submit(body)
    except TryLater as error:
        return _kept_open(body, apologies.apology(error, commands))
    except ParleyError as error:
        return _replaced(apologies.apology(error, commands))
    except Exception:  # noqa: BLE001 - the person gets a sentence, not a time-out
        return _kept_open(body, _incident("submission"))


def _code(ack: Ack, body: Body, keep: Callable[[], None]) -> None:
    errors = code_errors(body["view"])
    if errors:
        ack(response_action="errors", errors=errors)
        return
    try:
        keep()
    except Exception:  # noqa: BLE001 - the person gets a sentence, not a time-out
        ack(**_kept_open(body, _incident("code")))
        return
    ack()


def _incident(what: str) -> str:
    incident = uuid.uuid4().hex[:8]
    _log.exception("listener_failed what=%s incident=%s", what, incident)
    return apologies.incident(incident)


def _kept_open(body: Body, text: str) -> dict[str, Any]:
    """Leave the form as it is, with what was typed, and *text* at its first field."""
    first = next(block for block in body["view"]["blocks"] if block["type"] == "input")
    return {"response_action": "errors", "errors": {first["block_id"]: text}}


def _replaced(text: str) -> dict[str, Any]:
    return {"response_action": "update", "view": notice_view(text)}
