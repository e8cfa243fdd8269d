"""``/crm`` in Slack: what is said, and the buttons under it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.journeys.notices import CodeNeeded, Connected, GrantLost
from handlers.sandbox.slack.blocks import check_message, check_view
from handlers.slack import ids
from handlers.slack.account import connect as desk
from handlers.slack.message import Message
from handlers.slack.sentences import connect as words_of
from tests.bot.journeys.connecting import ADA, PAT, Town, town

COMMANDS = ids.Commands()
RENAMED = ids.Commands("acme-")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    """A town in which the time stands still unless a test moves it."""
    with town(tmp_path / "parley.db") as made:
        made.sandbox.clock.freeze(made.now())
        yield made


def crm(here: Town, words: str, owner: Any = ADA) -> Message:
    """Type ``/crm words``; Slack must take the answer."""
    said = desk.crm(here.connect, owner, words, now=here.now(), commands=COMMANDS)
    assert check_message(said.blocks) == []
    return said


def presses(message: Message) -> dict[str, dict[str, Any]]:
    """Return the message's buttons by action id."""
    return {
        element["action_id"]: element
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    }


def pending_code(here: Town, owner: Any = PAT, email: str = "grace@example.com") -> str:
    """Sign in with another address and return the code of the page."""
    begun = here.begin(owner)
    outcome = here.connect.finish(
        **here.consent(begun.consent_url, email), cookie=begun.cookie.reveal(), now=here.now()
    )
    assert outcome.code is not None
    return outcome.code.reveal()


@pytest.mark.parametrize("words", ["", "help", "HELP", "admin", "connected", "status now", "?"])
def test_other_words_get_the_help(here: Town, words: str) -> None:
    """With an example to type."""
    assert "*/crm connect*" in crm(here, words).text


def test_connect_gives_a_link_of_ones_own(here: Town) -> None:
    """A button with the link, and a word about not passing it on."""
    message = crm(here, "  Connect ")
    url = presses(message)[ids.CRM_LINK]["url"]
    assert "/oauth/start?link=parley_cn_" in url
    assert url not in message.text
    assert "don't pass it on" in message.text
    assert here.connect.look(url.partition("link=")[2], here.now()).owner == ADA


def test_connect_offers_the_code_where_one_is_waited_for(here: Town) -> None:
    """Both ways on: the code, or a new link."""
    pending_code(here)
    message = crm(here, "connect", PAT)
    assert list(presses(message)) == [ids.CRM_CODE_OPEN, ids.CRM_LINK]
    assert "grace@example.com" in message.text


def test_connect_says_when_one_is_connected(here: Town) -> None:
    """With the account and its organisation."""
    here.connected(ADA, "ada@example.com")
    message = crm(here, "connect")
    assert "connected as ada@example.com (Parley Trading)" in message.text
    assert list(presses(message)) == [ids.CRM_LINK]


def test_a_typed_code_connects(here: Town) -> None:
    """``/crm connect ABCD-EF23``, whichever way it is written."""
    code = pending_code(here)
    assert crm(here, f"connect {code[:4].lower()}-{code[4:]}", PAT).text.startswith("Connected")
    assert "No code is waited for" in crm(here, f"connect {code}", PAT).text


def test_a_wrong_code_can_be_typed_again(here: Town) -> None:
    """With the button that opens the form."""
    pending_code(here)
    message = crm(here, "connect AAAAAAAA", PAT)
    assert "isn't right" in message.text
    assert ids.CRM_CODE_OPEN in presses(message)


def test_the_codes_form_reads_back_what_was_typed() -> None:
    """And tells a code from what can't be one."""
    view = desk.code_modal()
    assert check_view(view, "modal") == []
    block = view["blocks"][0]
    assert view["callback_id"] == ids.CRM_CODE_FORM

    def filled(text: str | None) -> dict[str, Any]:
        values = {block["block_id"]: {block["element"]["action_id"]: {"value": text}}}
        return {**view, "state": {"values": values}}

    assert desk.typed_code(filled("abcd-ef23")) == "abcd-ef23"
    assert desk.code_errors(filled("abcd-ef23")) == {}
    for wrong in ("abc", None, "abcd-ef234"):
        assert list(desk.code_errors(filled(wrong))) == [block["block_id"]]


def test_status_tells_what_is_linked(here: Town) -> None:
    """Account, organisation, data centre, since when, scopes; and what to do next."""
    assert "No CRM account is linked" in crm(here, "status").text
    here.connected(ADA, "ada@example.com")
    shown = json.dumps(crm(here, "status").blocks)
    for part in ("ada@example.com", "Parley Trading", "US", "in use", "ZohoCRM.coql.READ"):
        assert part in shown
    assert f"{here.now():%d %B %Y}" in shown
    pending_code(here, ADA, "ben@example.com")
    assert "waits for the code" in json.dumps(crm(here, "status").blocks)


def test_disconnecting_asks_first(here: Town) -> None:
    """The button asks once more; nothing has happened before it is pressed."""
    assert "No CRM account is linked" in crm(here, "disconnect").text
    here.connected(ADA, "ada@example.com")
    message = crm(here, "disconnect")
    press = presses(message)[ids.CRM_DISCONNECT]
    assert press["style"] == "danger"
    assert "confirm" in press
    assert here.memory.grants.in_use(ADA) is not None
    done = desk.disconnect(here.connect, ADA, now=here.now(), commands=COMMANDS)
    assert done.text.startswith("Disconnected: ada@example.com")
    assert here.memory.grants.of(ADA) == ()
    again = desk.disconnect(here.connect, ADA, now=here.now(), commands=COMMANDS)
    assert "No CRM account is linked" in again.text


def test_disconnecting_while_the_crm_is_away_says_so(here: Town) -> None:
    """Nothing is deleted, and the next step is named."""
    here.connected(ADA, "ada@example.com")
    down = {"path": "/oauth/v2/token/revoke", "kind": "answer", "status": 503, "body": ""}
    here.control("/control/faults", {**down, "times": None})
    said = desk.disconnect(here.connect, ADA, now=here.now(), commands=COMMANDS)
    assert "nothing deleted" in said.text
    assert here.memory.grants.in_use(ADA) is not None


def test_a_renamed_command_is_named_as_it_is(here: Town) -> None:
    """``PARLEY_COMMAND_PREFIX`` reaches every sentence."""
    for words in ("help", "status", "connect AAAAAAAA"):
        said = desk.crm(here.connect, ADA, words, now=here.now(), commands=RENAMED)
        assert "/acme-crm" in said.text
        assert "`/crm" not in said.text


@pytest.mark.parametrize(
    "notice",
    [
        Connected(account="<!channel>@example.com", organization="A & B <x>"),
        Connected(account="a@example.com", organization="A", draft_id="dr_1"),
        CodeNeeded(account="<!channel>@example.com"),
        GrantLost(account="<!channel>@example.com"),
    ],
)
def test_notices_are_sendable_and_harmless(notice: Connected | CodeNeeded | GrantLost) -> None:
    """Slack takes them, and the CRM's words in them do nothing."""
    message = words_of.notice(notice)
    assert check_message(message.blocks) == []
    assert "<!" not in message.text
    assert "<!" not in json.dumps(message.blocks)


def test_the_waiting_meeting_is_one_press_away() -> None:
    """The draft's id is the button's value."""
    message = words_of.notice(Connected(account="a", organization="b", draft_id="dr_1"))
    assert presses(message)[ids.MEET_OPEN]["value"] == "dr_1"
    first = words_of.connect_first("https://parley.example/oauth/start?link=x")
    assert presses(first)[ids.CRM_LINK]["url"].endswith("link=x")
