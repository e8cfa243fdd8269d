"""Nothing secret reaches a log line, whichever library writes it."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.domain.connection import Secret
from handlers.logs import MASK, Masking, configure
from handlers.sandbox.run import Sandbox

Lines = Callable[[], str]

LINK = "parley_cn_" + "aB3" * 14 + "x"
ZOHO = "1000." + "0a" * 16 + "." + "f9" * 16
SLACK = "xoxb-123456789012-abcdefABCDEF"
CLIENT = "0123456789abcdef0123456789abcdef0123456789"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the lines go; the root is as before when the test is over."""
    root = logging.getLogger()
    names = ("slack_bolt", "parley.bolt", "slack_sdk", "urllib3", "requests", "waitress")
    levels = [(one, one.level) for one in (root, *map(logging.getLogger, names))]
    handlers = list(root.handlers)
    yield io.StringIO()
    root.handlers[:] = handlers
    for logger, level in levels:
        logger.setLevel(level)


def fail(error: Exception) -> None:
    """Raise *error*."""
    raise error


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"GET /oauth/start?link={LINK}", LINK),
        (f"the link {LINK} was used", LINK),
        (f"token {ZOHO} refused", ZOHO),
        ("code 1000.abcdef0123456789", "abcdef0123456789"),
        (f"Authorization: Zoho-oauthtoken {ZOHO}", ZOHO),
        ("Authorization: Zoho-oauthtoken opaque123", "opaque123"),
        ("{'Authorization': 'Bearer opaque123'}", "opaque123"),
        ('{"authorization": "opaque123"}', "opaque123"),
        ("authorization: opaque123", "opaque123"),
        (f"bot {SLACK}", SLACK),
        ("app xapp-1-A111-222-abcdef", "A111-222-abcdef"),
        ("rotated xoxe.xoxp-1-Mi0yLTk", "Mi0yLTk"),
        ("?code=abc123&location=us", "abc123"),
        ("?state=abc123#x", "abc123"),
        ("refresh_token=abc123&grant_type=x", "abc123"),
        ("client_secret=abc123", "abc123"),
        ('{"access_token":"abc123","expires_in":3600}', "abc123"),
        ("{'refresh_token': 'abc123'}", "abc123"),
        ('"{\\"access_token\\": \\"abc123\\"}"', "abc123"),
        ("('client_secret', 'abc123')", "abc123"),
        ("Set-Cookie: __Host-parley=abc123; Path=/", "abc123"),
        ("{'Cookie': 'parley=abc123'}", "abc123"),
        (f"X-Slack-Signature: v0={'0f' * 32}", "0f" * 32),
        ("https://hooks.slack.com/commands/T1/2/abc123", "abc123"),
        ("POST /bulk/abc123XYZ_-456", "abc123XYZ_-456"),
        (f"our own {CLIENT} here", CLIENT),
    ],
)
def test_a_secret_is_masked(stream: io.StringIO, text: str, secret: str) -> None:
    """In a message, in an argument, in an exception, plain and as JSON."""
    for json_lines in (False, True):
        stream.seek(0)
        stream.truncate()
        configure("DEBUG", stream, json_lines=json_lines, secrets=[Secret(CLIENT)])
        log = logging.getLogger("parley.test")
        log.info(text)
        log.info("%s", text)
        try:
            fail(RuntimeError(text))
        except RuntimeError:
            log.exception("failed: %r", text)
        written = stream.getvalue()
        assert secret not in written
        assert written.count(MASK) >= 4


def test_plain_words_stay(stream: io.StringIO) -> None:
    """Masking takes no more than secrets."""
    configure("INFO", stream)
    text = "incident 1a2b3c4d in GET /oauth/callback: TryLater(token_limit) after 12 s, 1000.5 rows"
    logging.getLogger("parley.test").info(text)
    assert stream.getvalue().endswith(f"INFO parley.test {text}\n")


def test_no_text_begins_a_line_of_its_own(stream: io.StringIO) -> None:
    """A title with a line break or a terminal code stays in its line."""
    configure("INFO", stream)
    logging.getLogger("parley.test").info("a\n2026 INFO forged\r\x1b[31m\u2028b")
    assert stream.getvalue().count("\n") == 1
    assert "\x1b" not in stream.getvalue()


def test_json_lines_are_json(stream: io.StringIO) -> None:
    """One object a line, the exception inside."""
    configure("INFO", stream, json_lines=True)
    try:
        fail(ValueError("x\ny"))
    except ValueError:
        logging.getLogger("parley.test").exception("a\nb")
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == ("ERROR", "parley.test", "a\nb")
    assert "ValueError" in told["exception"]


def test_a_line_whose_arguments_do_not_fit_is_written_all_the_same(stream: io.StringIO) -> None:
    """A slip in a log line doesn't stop the work, and shows nothing."""
    record = {"msg": "two %s %s", "args": (ZOHO,), "name": "parley.test", "levelname": "INFO"}
    configure("INFO", stream).handle(logging.makeLogRecord(record))
    assert "arguments don't fit" in stream.getvalue()
    assert ZOHO not in stream.getvalue()


def test_configuring_twice_writes_once(stream: io.StringIO) -> None:
    """The handler is replaced."""
    configure("INFO", stream)
    configure("INFO", stream)
    logging.getLogger("parley.test").info("once")
    assert stream.getvalue().count("once") == 1


def test_an_unknown_level_is_refused(stream: io.StringIO) -> None:
    """Settings are told what is wrong."""
    with pytest.raises(ValueError, match="LOUD"):
        configure("loud", stream)


def test_slacks_client_shows_neither_token_nor_text_at_debug(stream: io.StringIO) -> None:
    """A real call, refused by the sandbox, with everything switched to DEBUG."""
    configure("DEBUG", stream)
    sandbox = Sandbox.start()
    try:
        told = sandbox.announcement()
        client = WebClient(
            token=told["slack_bot_token"], base_url=told["slack_api_url"], retry_handlers=[]
        )
        with pytest.raises(SlackApiError):
            client.chat_postMessage(channel="U0ADA", text="a private sentence")
    finally:
        sandbox.stop()
    for name in ("slack_bolt.App", "parley.bolt"):
        logging.getLogger(name).warning("Unhandled request ({'text': 'a private sentence'})")
    logging.getLogger("urllib3.connectionpool").debug("POST /oauth/v2/token body")
    written = stream.getvalue()
    assert told["slack_bot_token"] not in written
    assert "a private sentence" not in written
    assert "body" not in written


def test_masking_is_quick() -> None:
    """A long hostile line costs no more than its length."""
    masking = Masking([Secret("x" * 40)])
    for text in ("1000." * 20_000, "parley_" * 20_000, "code=" * 20_000, '"code":' * 20_000):
        masking(text)
