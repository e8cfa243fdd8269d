"""When a listener fails, the person reads a sentence, and what they typed stays in the form."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.domain.connection import Secret
from bot.errors import Fault, Gone, TryLater
from handlers.slack import app, ids
from handlers.slack.account import connect
from handlers.slack.message import Message

FORM = {
    "type": "modal",
    "callback_id": ids.MEET_FORM,
    "private_metadata": "{}",
    "blocks": [
        {"type": "section", "block_id": "dates"},
        {"type": "input", "block_id": "title.1"},
    ],
}
WHO = {"user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T1"}}


def fails(error: Exception) -> Callable[..., Any]:
    """Return something that can only fail."""

    def fail(*_: object) -> Any:
        raise error

    return fail


def answer(body: dict[str, Any], error: Exception) -> dict[str, Any]:
    """Send *body* to a bot all of whose listeners fail; return what it answers."""
    bolt = app.build(
        token=Secret("xoxb-none"),
        commands=ids.Commands(""),
        keep=fails(error),
        helps={"/meet": Message(text="Help."), "/crm": Message(text="Help.")},
        submit=fails(error),
        options=fails(error),
    )
    reply = app.dispatcher(bolt)({**WHO, **body})
    assert 200 == reply.status
    found: dict[str, Any] = json.loads(reply.body)
    return found


def submission(view: dict[str, Any]) -> dict[str, Any]:
    """Return a form's submission."""
    return {"type": "view_submission", "view": {"id": "V1", **view}}


@pytest.mark.parametrize(
    ("error", "words"),
    [(TryLater("storage_busy"), "memory is busy"), (ZeroDivisionError(), "incident")],
)
def test_a_create_that_cannot_be_kept_leaves_the_form_open(error: Exception, words: str) -> None:
    """A busy database or a fault of ours stands at the first field: nothing typed is lost."""
    said = answer(submission(FORM), error)

    assert "errors" == said["response_action"]
    assert ["title.1"] == list(said["errors"])
    assert words in said["errors"]["title.1"]


def test_a_create_of_what_is_gone_replaces_the_form() -> None:
    """What can't be created by pressing again is said in its place."""
    said = answer(submission(FORM), Gone("draft"))

    assert "update" == said["response_action"]


def test_a_code_that_cannot_be_kept_can_be_sent_again() -> None:
    """The code's form stays, with a sentence at its field."""
    view = connect.code_modal()
    block = view["blocks"][-1]
    state = {"values": {block["block_id"]: {block["element"]["action_id"]: {"value": "AB12CD34"}}}}
    said = answer(submission({**view, "state": state}), Fault("database_closed"))

    assert "errors" == said["response_action"]
    assert "incident" in next(iter(said["errors"].values()))


def test_a_type_ahead_that_fails_offers_nothing() -> None:
    """An empty menu, not Slack's own error."""
    said = answer(
        {"type": "block_suggestion", "action_id": "people", "block_id": "people.0", "value": "an"},
        ZeroDivisionError(),
    )

    assert [] == said["options"]
