"""Slack's door opens for Slack alone, and reads what Slack sends."""

import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.domain.connection import Secret
from handlers.web.http import MAX_BODY
from handlers.web.router import Router
from handlers.web.signature import genuine
from handlers.web.slack_front import MAX_DEPTH, Reply, SlackFront
from tests.handlers.web.calling import SECRET, Answer, call, environ, run, signed

Cases = Callable[[int, int], int]
NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class Desk:
    """The front with a desk behind it that keeps what it is handed."""

    def __init__(self, *secrets: str) -> None:
        """Open the door."""
        self.seen: list[dict[str, Any]] = []
        known = [Secret(one) for one in secrets or (SECRET,)]
        self.app = Router(SlackFront(known, lambda: NOW, self.take).routes())

    def take(self, body: dict[str, Any]) -> Reply:
        """Keep it."""
        self.seen.append(body)
        return Reply(200, "application/json", b'{"ok":true}')

    def send(self, body: bytes, kind: str, **headers: str) -> Answer:
        """Send as Slack does."""
        return call(
            self.app,
            "POST",
            "/slack/events",
            body=body,
            kind=kind,
            headers={**signed(body, NOW.timestamp()), **headers},
        )


def command(text: str) -> bytes:
    """Return a slash command's body."""
    return urlencode(
        {"command": "/meet", "text": text, "user_id": "U1", "team_id": "T1", "token": "x"}
    ).encode()


@pytest.mark.parametrize(
    "text",
    ["payload", "payload review", "review the payload=1 friday", "", "Zoë & <@U2|zoe> + 50%", "😀"],
)
def test_a_command_arrives_word_for_word(text: str) -> None:
    """The word payload included."""
    desk = Desk()
    answer = desk.send(command(text), FORM)
    assert (answer.status, answer.body) == (200, b'{"ok":true}')
    (seen,) = desk.seen
    assert seen["text"] == text
    assert seen["command"] == "/meet"


def test_an_interaction_arrives_as_its_payload() -> None:
    """The field of that name is JSON."""
    desk = Desk()
    inner = {"type": "block_actions", "user": {"id": "U1"}, "note": "a&b=payload"}
    assert desk.send(urlencode({"payload": json.dumps(inner)}).encode(), FORM).status == 200
    assert desk.seen == [inner]


def test_an_event_arrives_with_its_retry() -> None:
    """The header is handed on as data, where it is a number."""
    desk = Desk()
    event = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "app_home_opened"}}
    body = json.dumps(event).encode()
    desk.send(body, JSON)
    desk.send(
        body,
        "application/json; charset=utf-8",
        **{
            "X-Slack-Retry-Num": "2",
            "X-Slack-Retry-Reason": "http_timeout",
        },
    )
    desk.send(body, JSON, **{"X-Slack-Retry-Num": "-1"})
    retried = {**event, "retry_num": 2, "retry_reason": "http_timeout"}
    assert desk.seen == [event, retried, event]


def test_the_address_is_verified_by_its_challenge() -> None:
    """url_verification is answered here."""
    desk = Desk()
    answer = desk.send(b'{"type":"url_verification","challenge":"3eZbrw1a"}', JSON)
    assert (answer.status, answer.text) == (200, "3eZbrw1a")
    assert answer.headers["content-type"].startswith("text/plain")
    assert desk.send(b'{"type":"url_verification","challenge":5}', JSON).status == 400
    assert desk.seen == []


def test_a_certificate_check_is_answered_and_goes_no_further() -> None:
    """``ssl_check=1``."""
    desk = Desk()
    assert desk.send(b"ssl_check=1&token=x", FORM).status == 200
    assert desk.seen == []


def test_a_replaced_secret_still_opens_until_it_is_taken_away() -> None:
    """Rotation: both are good for a while; a third isn't."""
    desk = Desk("new" * 10, SECRET)
    assert desk.send(command("a"), FORM).status == 200
    other = signed(command("a"), NOW.timestamp(), secret="third")
    assert desk.send(command("a"), FORM, **other).status == 401


@pytest.mark.parametrize("secrets", [[], [Secret("")], [Secret("x"), Secret("")]])
def test_a_front_without_a_secret_is_not_built(secrets: list[Secret]) -> None:
    """An empty secret would let everybody in."""
    with pytest.raises(ValueError, match="secret"):
        SlackFront(secrets, lambda: NOW, lambda _body: Reply(200, "", b""))


GOOD = signed(command("a"), NOW.timestamp())["X-Slack-Signature"]
STAMP = str(int(NOW.timestamp()))


@pytest.mark.parametrize(
    ("stamp", "signature"),
    [
        (None, GOOD),
        (STAMP, None),
        ("", GOOD),
        (STAMP, ""),
        ("now", GOOD),
        (f"{STAMP}.0", GOOD),
        (f" {STAMP}", GOOD),
        (f"+{STAMP}", GOOD),
        ("1_000", GOOD),
        ("٣" * 10, GOOD),
        ("9" * 12, GOOD),
        ("9" * 5000, GOOD),
        ("-1", GOOD),
        ("nan", GOOD),
        (STAMP, GOOD.upper()),
        (STAMP, GOOD.replace("v0", "v1")),
        (STAMP, GOOD[:-1]),
        (STAMP, GOOD + "0"),
        (STAMP, "v0=" + "0" * 64),
        (STAMP, "v0=" + "é" * 64),
        (STAMP, GOOD + "\n"),
        (STAMP, "x" * 100_000),
    ],
)
def test_every_malformed_header_is_401(stamp: str | None, signature: str | None) -> None:
    """Before anything is parsed."""
    desk = Desk()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature}
    sent = {name: value for name, value in headers.items() if value is not None}
    env = environ("POST", "/slack/events", body=command("a"), kind=FORM, headers=sent)
    assert run(desk.app, env).status == 401
    assert desk.seen == []


@pytest.mark.parametrize(
    ("away", "opens"), [(0, True), (300, True), (-300, True), (301, False), (-301, False)]
)
def test_five_minutes_either_way(away: int, opens: bool) -> None:
    """A captured request is worthless later, and a clock ahead of ours is no way in."""
    body = command("a")
    headers = signed(body, NOW.timestamp() + away)
    answer = call(Desk().app, "POST", "/slack/events", body=body, kind=FORM, headers=headers)
    assert answer.status == (200 if opens else 401)


def test_the_signature_is_of_the_raw_bytes() -> None:
    """The same fields written otherwise don't open."""
    desk = Desk()
    headers = signed(b"text=a+b", NOW.timestamp())
    for body, status in ((b"text=a+b", 200), (b"text=a%20b", 401), (b"text=a+b&", 401)):
        answer = call(desk.app, "POST", "/slack/events", body=body, kind=FORM, headers=headers)
        assert status == answer.status


DEEP = b'{"a":' * 100_000
SIGNED_NONSENSE = [
    (b"", JSON),
    (b"[]", JSON),
    (b"1", JSON),
    (b"null", JSON),
    (b"{", JSON),
    (b'{"a":NaN}', JSON),
    (b'{"a":' + b"9" * 5000 + b"}", JSON),
    (b"\xff", JSON),
    (DEEP, JSON),
    (b"[" * 100_000, JSON),
    (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), JSON),
    (b"payload=" + DEEP.replace(b"&", b""), FORM),
    (b"payload={", FORM),
    (b"payload=[]", FORM),
    (b"payload=", FORM),
    (b"payload={}&payload={}", FORM),
    (b"text=%ff", FORM),
    (b"text=\xff", FORM),
    (b"&".join(b"k%d=1" % n for n in range(500)), FORM),
    (b"{}", "text/plain"),
    (b"{}", ""),
    (b"{}", "multipart/form-data; boundary=x"),
]


@pytest.mark.parametrize(("body", "kind"), SIGNED_NONSENSE)
def test_signed_nonsense_is_400(body: bytes, kind: str) -> None:
    """Signed, but not what Slack sends: refused without an exception, and soon."""
    desk = Desk()
    began = time.monotonic()
    env = environ(
        "POST", "/slack/events", body=body, kind=kind, headers=signed(body, NOW.timestamp())
    )
    assert run(desk.app, env).status == 400
    assert time.monotonic() - began < 2
    assert desk.seen == []


def test_half_a_surrogate_can_be_stored_afterwards() -> None:
    """What is handed on can be written as UTF-8."""
    desk = Desk()
    desk.send(b'{"type":"x","text":"a\\ud800b \\ud83d\\ude00"}', JSON)
    assert desk.seen[0]["text"] == "a?b 😀"


def test_ten_thousand_fuzzed_requests(cases: Cases) -> None:
    """Signed or not, whatever is in them: 200, 400, 401 or 413."""
    rng = random.Random(20260301)
    desk = Desk()
    bodies = [command("payload review"), b'{"type":"event_callback"}', b"payload=%7B%7D"]
    statuses: dict[int, int] = {}
    for _ in range(cases(10_000, 100_000)):
        env = _fuzzed(rng, rng.choice(bodies))
        status = run(desk.app, env).status
        statuses[status] = statuses.get(status, 0) + 1
    assert set(statuses) == {200, 400, 401, 413}


def _fuzzed(rng: random.Random, body: bytes) -> dict[str, Any]:
    """Return a request that is wrong in some way, or in none."""
    raw = bytearray(body)
    for _ in range(rng.choice([0, 0, 1, 1, 3, 10])):
        raw[rng.randrange(len(raw))] = rng.randrange(256)
    if rng.random() < 0.1:
        raw += bytes(rng.randrange(256) for _ in range(rng.randrange(200)))
    sent = bytes(raw)
    headers = signed(
        sent if rng.random() < 0.6 else body, NOW.timestamp() + rng.choice([0, 0, 400])
    )
    if rng.random() < 0.2:
        name = rng.choice(list(headers))
        headers[name] = "".join(chr(rng.randrange(256)) for _ in range(rng.randrange(80)))
    if rng.random() < 0.05:
        headers.pop(rng.choice(list(headers)))
    length = None
    if rng.random() < 0.05:
        length = rng.choice([str(MAX_BODY + 1), "9" * 12, "-5", "x", str(len(sent) + 1)])
    kind = rng.choice([FORM, FORM, JSON, "text/plain", "\xff", ""])
    return environ("POST", "/slack/events", body=sent, kind=kind, headers=headers, length=length)


def test_an_unsigned_body_is_never_parsed() -> None:
    """A bomb of a megabyte costs an unsigned sender nothing of ours but its hash."""
    body = b"[" * (MAX_BODY - 1)
    env = environ("POST", "/slack/events", body=body, kind=JSON)
    began = time.monotonic()
    assert run(Desk().app, env).status == 401
    assert time.monotonic() - began < 0.5


def test_genuine_matches_slacks_own_example() -> None:
    """The example of Slack's page "Verifying requests from Slack"."""
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
        b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
        b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    assert genuine(
        [Secret("8f742231b10e8888abcd99yyyzzz85a5")],
        timestamp="1531420618",
        signature="v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
        body=body,
        now=datetime.fromtimestamp(1531420618, UTC),
    )
