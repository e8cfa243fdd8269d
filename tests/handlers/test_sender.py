"""The sender: what is owed is posted, once, through everything Slack can do to a call."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from slack_sdk import WebClient

from bot.domain.connection import Owner
from handlers.bells import Bell
from handlers.manifest import manifest
from handlers.sandbox.person import Person
from handlers.sandbox.run import Sandbox
from handlers.sandbox.slack.steering import steer
from handlers.sender import QUIET, Sender
from store.memory import Memory, open_memory
from store.sealing.keys import Keyring

DEV = Owner("T0PARLEY", "U0DEV")


class Post:
    """A sandbox's Slack, an outbox, and senders between them."""

    def __init__(self, sandbox: Sandbox, memory: Memory) -> None:
        """Install the app; nothing is owed yet."""
        self.sandbox = sandbox
        self.memory = memory
        told = sandbox.announcement()
        self.control = told["control_url"]
        self.client = WebClient(
            token=told["slack_bot_token"],
            base_url=told["slack_api_url"],
            timeout=5,
            retry_handlers=[],
        )
        self.dev = Person(self.control, DEV.user)
        app = yaml.safe_load(manifest("http://127.0.0.1:9", ""))
        steer(self.control, "install", request_url="http://127.0.0.1:9", manifest=app)

    def owe(self, key: str, text: str = "", *, channel: str = DEV.user) -> None:
        """Owe one message."""
        block = {"type": "section", "text": {"type": "plain_text", "text": text or key}}
        self.memory.outbox.owe(
            key,
            DEV,
            channel=channel,
            message={"text": text or key, "blocks": [block]},
            now=self.sandbox.clock.now(),
        )

    @contextmanager
    def sending(self, client: Callable[[], WebClient] | None = None) -> Iterator[Sender]:
        """Run a sender."""
        sender = Sender(
            outbox=self.memory.outbox,
            client=client or (lambda: self.client),
            bell=Bell(),
            clock=self.sandbox.clock.now,
        )
        sender.start()
        try:
            yield sender
        finally:
            sender.stop()

    def disturb(self, method: str, **fault: object) -> None:
        """Arm a fault at a method of the Web API."""
        steer(self.control, "faults", method=method, **fault)

    def calls(self, method: str) -> int:
        """Return how often a method was called."""
        calls = steer(self.control, "traffic")["calls"]
        return sum(one["method"] == method for one in calls)

    def states(self) -> list[str]:
        """Return the states of what is owed, oldest first."""
        return [str(r["state"]) for r in self.memory.db.rows("SELECT state FROM outbox")]

    def advance(self, span: timedelta) -> None:
        """Move the clock."""
        self.sandbox.clock.advance(span.total_seconds())

    def texts(self) -> list[str]:
        """Return what Dev reads in the direct messages."""
        return [message["text"] for message in self.dev.messages()]


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    """A sandbox and an outbox."""
    sandbox = Sandbox.start()
    keyring = Keyring([b"k" * 32])
    memory = open_memory(tmp_path / "data" / "parley.db", keyring, sandbox.clock.now())
    yield Post(sandbox, memory)
    memory.close()
    sandbox.stop()


def wait_for(true: Callable[[], object], seconds: float = 15.0) -> None:
    """Wait until it is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def test_messages_to_one_channel_keep_their_order_and_a_second_apart(post: Post) -> None:
    """Slack's limit is one message a second and channel."""
    post.sandbox.clock.freeze(post.sandbox.clock.now())
    for number in range(4):
        post.owe(f"n{number}")
    with post.sending():
        for number in range(4):
            wait_for(lambda number=number: len(post.texts()) == number + 1)  # type: ignore[misc]  # bound now
            time.sleep(0.3)
            assert len(post.texts()) == number + 1
            post.advance(timedelta(seconds=1.1))
        wait_for(lambda: set(post.states()) == {"sent"})

    assert post.texts() == ["n0", "n1", "n2", "n3"]


def test_a_key_is_told_once(post: Post) -> None:
    """The same key owed again, also after it was sent, is one message."""
    with post.sending():
        post.owe("k", "hello")
        post.owe("k", "hello")
        wait_for(lambda: post.states() == ["sent"])
        post.owe("k", "hello")
        post.advance(timedelta(hours=1))
        time.sleep(0.4)

    assert post.texts() == ["hello"]


def test_a_slack_that_refuses_connections_loses_nothing(post: Post) -> None:
    """Nobody listens: surely not posted, so it is tried again after five seconds."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    dead = WebClient(
        token="xoxb-none",
        base_url=f"http://127.0.0.1:{port}/api/",
        timeout=2,
        retry_handlers=[],
    )
    clients = [dead]
    post.sandbox.clock.freeze(post.sandbox.clock.now())
    with post.sending(lambda: clients[0]):
        post.owe("k", "hello")
        wait_for(lambda: tries(post) == 1)
        clients[0] = post.client
        time.sleep(0.3)
        assert post.texts() == []
        post.advance(timedelta(seconds=6))
        wait_for(lambda: post.states() == ["sent"])

    assert post.texts() == ["hello"]
    assert post.calls("conversations.history") == 0


def tries(post: Post) -> int:
    """Return how often the one message was handed out."""
    row = post.memory.db.row("SELECT tries FROM outbox")
    return int(row["tries"]) if row else 0


@pytest.mark.parametrize("arrived", [True, False])
def test_a_sender_killed_around_the_post_tells_once(post: Post, arrived: bool) -> None:
    """Claimed and then killed: looked for after the quiet time, adopted or posted."""
    with post.sending():
        post.owe("first", "first")
        wait_for(lambda: post.states() == ["sent"])
    post.advance(timedelta(seconds=2))
    post.owe("k", "hello")
    (item,) = post.memory.outbox.claim(post.sandbox.clock.now(), 1, 60)
    if arrived:
        payload = {"event_type": "parley_notice", "event_payload": {"key": item.key}}
        post.client.chat_postMessage(channel=DEV.user, text="hello", metadata=payload)
    with post.sending():
        post.advance(timedelta(seconds=61))
        time.sleep(0.4)
        assert post.calls("conversations.history") == 0
        post.advance(QUIET)
        wait_for(lambda: post.states() == ["sent", "sent"])
        post.advance(timedelta(hours=2))
        time.sleep(0.4)

    assert post.texts() == ["first", "hello"]


def test_a_lost_answer_to_the_very_first_message_is_never_doubled(post: Post) -> None:
    """Where the direct messages are isn't known yet: never double comes before always told."""
    post.disturb("chat.postMessage", cut_after=True)
    with post.sending():
        post.owe("k", "hello")
        wait_for(lambda: post.texts() == ["hello"])
        post.advance(QUIET + timedelta(seconds=5))
        wait_for(lambda: post.states() == ["failed"])

    assert post.texts() == ["hello"]


def test_a_look_that_fails_decides_nothing_wrong(post: Post) -> None:
    """conversations.history fails: never posted twice."""
    with post.sending():
        post.owe("first", "first")
        wait_for(lambda: post.states() == ["sent"])
        post.advance(timedelta(seconds=2))
        post.disturb("chat.postMessage", cut_after=True)
        post.disturb("conversations.history", status=500)
        post.owe("k", "hello")
        wait_for(lambda: post.texts() == ["first", "hello"])
        for _ in range(5):
            post.advance(QUIET + timedelta(seconds=5))
            time.sleep(0.3)

    assert post.texts() == ["first", "hello"]


def test_a_busy_look_is_repeated(post: Post) -> None:
    """A 429 while looking for a lost message is waited out; the message isn't lost for it."""
    with post.sending():
        post.owe("first", "first")
        wait_for(lambda: post.states() == ["sent"])
        post.advance(timedelta(seconds=2))
        post.disturb("chat.postMessage", status=500)
        post.disturb("conversations.history", status=429, retry_after=60)
        post.owe("k", "hello")
        wait_for(lambda: post.calls("chat.postMessage") == 2)
        for _ in range(4):
            time.sleep(0.3)
            post.advance(QUIET + timedelta(seconds=5))
        wait_for(lambda: post.states() == ["sent", "sent"])

    assert post.texts() == ["first", "hello"]


def test_a_busy_slack_after_refused_blocks_is_waited_for(post: Post) -> None:
    """The plain text meets a 429: it waits, it isn't dropped."""
    post.disturb("chat.postMessage", error="invalid_blocks")
    post.disturb("chat.postMessage", status=429, retry_after=30)
    with post.sending():
        post.owe("k", "hello")
        wait_for(lambda: post.calls("chat.postMessage") == 2)
        time.sleep(0.2)
        post.advance(timedelta(seconds=31))
        wait_for(lambda: post.states() == ["sent"])

    assert post.texts() == ["hello"]


def test_blocks_that_are_refused_become_plain_text(post: Post) -> None:
    """The words arrive without their blocks."""
    post.disturb("chat.postMessage", error="invalid_blocks")
    with post.sending():
        post.owe("k", "hello")
        wait_for(lambda: post.states() == ["sent"])

    assert post.texts() == ["hello"]
    assert "blocks" not in post.dev.messages()[0]["raw"]


@pytest.mark.parametrize("error", ["channel_not_found", "account_inactive", "invalid_auth"])
def test_a_message_nobody_can_get_is_given_up_without_a_storm(post: Post, error: str) -> None:
    """A refusal that stays: one call, and the others go on."""
    post.disturb("chat.postMessage", error=error)
    with post.sending():
        post.owe("k", "hello")
        wait_for(lambda: post.states() == ["failed"])
        post.advance(timedelta(hours=1))
        post.owe("l", "world")
        wait_for(lambda: post.states() == ["failed", "sent"])

    assert post.calls("chat.postMessage") == 2


def test_stop_leaves_no_thread_and_no_half_sent_message(post: Post) -> None:
    """A post under way when it is told to stop is finished and noted."""
    post.disturb("chat.postMessage", delay=0.3)
    with post.sending() as sender:
        post.owe("k", "hello")
        wait_for(lambda: post.states() == ["sending"])
        sender.stop()
        assert not sender.alive

    assert post.states() == ["sent"]
    assert post.texts() == ["hello"]
