"""Blocks hold anybody's text within Slack's limits, and obey nothing in it."""

import random
import re
from collections.abc import Callable
from html import unescape

import pytest

from handlers.sandbox.slack.blocks import check_message, check_view
from handlers.slack.message import (
    actions,
    button,
    confirmation,
    context,
    cut_escaped,
    divider,
    escape,
    header,
    modal,
    mrkdwn,
    option,
    plain,
    say,
    section,
    text_input,
)

Cases = Callable[[int, int], int]
HOSTILE = [
    "<!channel>",
    "<@U1>",
    "<https://evil.example|report.csv>",
    "<!date^1^{date}|x>",
    "&lt;!here&gt;",
    "a\u202eb\x00c\x1b[31m",
    "&" * 5000,
    "😀" * 4000,
    "",
    " ",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_has_no_control_sequence(text: str) -> None:
    """No mention, no broadcast, no link, no unseen character."""
    safe = escape(text)
    assert "<" not in safe
    assert ">" not in safe
    assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt);)*", safe)
    assert not re.search("[\x00\x1b\u202e]", safe)


def test_escaping_keeps_what_can_be_seen() -> None:
    """Undone, it is the text again."""
    text = "R&D <review>\n50% *bold* 日本 😀"
    assert unescape(escape(text)) == text


def test_a_cut_never_halves_an_entity(cases: Cases) -> None:
    """At any length."""
    rng = random.Random(20260301)
    for _ in range(cases(10_000, 100_000)):
        text = escape("".join(rng.choices("a&<> é", k=rng.randrange(60))))
        limit = rng.randrange(2, 40)
        short = cut_escaped(text, limit)
        assert len(short) <= limit
        assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt);)*", short)
        assert short == text or short.endswith("…")


@pytest.mark.parametrize("text", HOSTILE)
def test_slack_takes_every_block_whatever_the_text(text: str) -> None:
    """The sandbox's table of limits finds nothing."""
    safe = escape(text)
    sure = confirmation(text, text, yes=text, no=text)
    press = button(text, "press", value="v", url="https://parley.example", confirm=sure)
    select = {
        "type": "static_select",
        "action_id": "pick",
        "options": [option(text, "v")],
    }
    message = say(
        safe,
        section(safe, block_id="one", accessory=press),
        context(*[safe] * 12, block_id="two"),
        header(text),
        divider(),
        actions(*[{**press, "action_id": f"press{n}"} for n in range(30)], block_id="three"),
        actions(select),
    )
    assert check_message(message.blocks) == []
    assert len(message.text) <= 4000
    view = modal(
        text,
        [text_input(text, "typed", block_id="b", hint=text)],
        callback_id="c",
        submit=text,
    )
    assert check_view(view, "modal") == []


def test_the_checks_of_the_sandbox_can_fail() -> None:
    """The judge of the test above does judge."""
    assert check_message([{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}])


def test_texts_make_no_links_of_their_own() -> None:
    """``verbatim`` in mrkdwn; plain_text has no markup at all."""
    assert mrkdwn("#general")["verbatim"] is True
    assert plain("<!channel>") == {"type": "plain_text", "text": "<!channel>", "emoji": True}
