"""Sharing: a created meeting is shown in the channel it was asked for in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.demo import Workplace, connect
from tests.journeys.form_steps import create, meet, message, opened
from tests.journeys.steps import later


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Workplace]:
    """Run a workplace for one test: what is said and remembered there is its own."""
    with opened(tmp_path) as place:
        yield place


def test_a_meeting_is_shared_where_it_was_asked_for(alone: Workplace) -> None:
    """When Dev presses Share, everybody in the channel sees the meeting and who made it."""
    dev, ben = alone.person("U0DEV"), alone.person("U0BEN")
    meet(dev, "Review every Monday at 11am 2 times", channel="C0SALES")
    create(dev)
    message(dev, "“Review” is in your CRM")
    dev.press("Share in the channel", where="messages")
    shared = ben.wait_for(lambda: ben.messages("C0SALES"))[-1]

    assert "“Review” is in your CRM: 2 meetings." in shared["text"]
    assert "Scheduled by @U0DEV." in shared["text"]
    assert "Times are Asia/Kolkata. On your own clock:" in shared["text"]
    assert "<!date^" in str(shared["raw"])
    assert not shared["ephemeral"]


def test_a_meeting_is_shared_after_slacks_half_hour(alone: Workplace) -> None:
    """When the command's answer address is used up, the bot posts into the channel itself."""
    dev, ben = alone.person("U0DEV"), alone.person("U0BEN")
    meet(dev, "Review every Monday at 11am 2 times", channel="C0SALES")
    create(dev)
    message(dev, "“Review” is in your CRM")
    later(alone, minutes=31)
    dev.press("Share in the channel", where="messages")
    shared = ben.wait_for(lambda: ben.messages("C0SALES"))[-1]

    assert "“Review” is in your CRM: 2 meetings." in shared["text"]
    assert not shared["ephemeral"]


def test_a_channel_without_the_bot_is_said_with_the_way_out(alone: Workplace) -> None:
    """When the bot isn't in the channel and the half hour is over, Ben reads how to invite it."""
    ben = alone.person("U0BEN")
    connect(ben, "ben@example.com")
    meet(ben, "Review every Monday at 11am 2 times", channel="C0SECRET")
    create(ben)
    message(ben, "“Review” is in your CRM")
    later(alone, minutes=31)
    ben.press("Share in the channel", where="messages")
    told = message(ben, "/invite @Parley")

    assert "Type /invite @Parley there, and press Share again." in told.replace("`", "")
    assert not alone.person("U0ADA").messages("C0SECRET")
