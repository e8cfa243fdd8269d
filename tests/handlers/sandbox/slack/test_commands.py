"""Slash commands: what the app gets, what the person sees, what Slack refuses."""

from __future__ import annotations

import hashlib
import hmac
import socket
import threading
import time
from typing import Any

import pytest

from handlers.sandbox.web import Answer


def test_a_command_arrives_signed_with_all_its_fields(stage: Any, ada: Any) -> None:
    """The signature is v0 over the raw bytes; the form has Slack's fields."""
    assert ada.types("/meet weekly") == ""

    request, form = stage.app.requests[0], stage.app.payloads[0]
    stamp = request.headers["x-slack-request-timestamp"]
    secret = stage.side.credentials()["slack_signing_secret"].encode()
    digest = hmac.new(secret, f"v0:{stamp}:".encode() + request.body, hashlib.sha256).hexdigest()
    assert f"v0={digest}" == request.headers["x-slack-signature"]
    assert int(stage.clock.now().timestamp()) - int(stamp) in {0, 1}
    assert ("/meet", "weekly", "U0ADA", "T0PARLEY", "C0GENERAL", "general") == tuple(
        form[key] for key in ("command", "text", "user_id", "team_id", "channel_id", "channel_name")
    )
    assert {"response_url", "trigger_id", "api_app_id"} <= set(form)


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/meet with @ben now", "with <@U0BEN|ben> now"),
        ("/meet with @Ben Okoro", "with <@U0BEN|ben>"),
        ("/meet in #general", "in <#C0GENERAL|general>"),
        ("/meet in #secret", "in <#C0SECRET|>"),
        ("/meet see https://a.example/x", "see <https://a.example/x>"),
        ("/meet kim@example.com", "<mailto:kim@example.com|kim@example.com>"),
        ("/meet with @nobody & co", "with @nobody &amp; co"),
        ("/meet payload <now>", "payload &lt;now&gt;"),
        ("/plain with @ben in #general", "with @ben in #general"),
    ],
)
def test_mentions_are_escaped_only_when_the_manifest_says_so(
    stage: Any, ada: Any, typed: str, sent: str
) -> None:
    """With should_escape, names become ids; without, they stay as typed."""
    ada.types(typed)

    assert sent == stage.app.payloads[0]["text"]


def test_a_command_the_manifest_lacks_is_not_sent(stage: Any, ada: Any) -> None:
    """Slack itself refuses an unknown command."""
    with pytest.raises(AssertionError, match="unknown_command"):
        ada.types("/nothing")

    assert [] == stage.app.payloads


def test_a_late_acknowledgement_is_an_operation_timeout(stage: Any, ada: Any) -> None:
    """After 3 seconds the person sees an error, whatever comes later."""

    def late(_: Any) -> Answer:
        time.sleep(3.1)
        return Answer.json({"text": "too late"})

    stage.app.replies["command"] = late

    assert '/meet failed with the error "operation_timeout"' == ada.types("/meet")
    assert "operation_timeout" == stage.steer("traffic")["deliveries"][0]["verdict"]
    assert stage.steer("traffic")["deliveries"][0]["latency_ms"] >= 2900
    time.sleep(0.3)


def test_an_answer_that_drips_in_is_late_too(stage: Any, ada: Any) -> None:
    """The three seconds are for the whole answer, not for each piece of it."""
    pieces = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n", b"Content-Type: text/plain\r\n\r\nok"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripping = threading.Thread(target=drip, args=(listener, pieces))
        dripping.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/slack/events"
        stage.install_at(url)

        assert '/meet failed with the error "operation_timeout"' == ada.types("/meet")
        dripping.join()


def drip(listener: socket.socket, pieces: list[bytes]) -> None:
    """Answer one request piece by piece, each after 1.6 seconds."""
    connection, _ = listener.accept()
    with connection:
        connection.recv(65536)
        for piece in pieces:
            time.sleep(1.6)
            connection.sendall(piece)


@pytest.mark.parametrize(
    ("status", "error"), [(404, "http_client_error"), (500, "http_service_error")]
)
def test_an_error_status_is_shown_to_the_person(
    stage: Any, ada: Any, status: int, error: str
) -> None:
    """Slack tells the person that the command failed."""
    stage.app.replies["command"] = lambda _: Answer.empty(status)

    assert f'/meet failed with the error "{error}"' == ada.types("/meet")


def test_an_app_that_is_down_is_a_failed_dispatch(stage: Any, ada: Any) -> None:
    """No connection is an error the person sees."""
    stage.bot.stop()

    assert '/meet failed with the error "dispatch_failed"' == ada.types("/meet")


def test_an_answer_is_ephemeral_unless_it_says_in_channel(stage: Any, ada: Any) -> None:
    """Only the one who typed sees it; in_channel shows the command as well."""
    ben = stage.person("U0BEN")
    stage.app.replies["command"] = lambda _: Answer.json({"text": "just you"})

    assert "just you" == ada.types("/meet")
    assert [] == ben.messages("C0GENERAL")

    everybody = {"text": "all of you", "response_type": "in_channel"}
    stage.app.replies["command"] = lambda _: Answer.json(everybody)
    ada.types("/meet us")

    assert ["/meet us", "all of you"] == [m["text"] for m in ben.messages("C0GENERAL")]

    stage.app.replies["command"] = lambda _: Answer.json({"response_type": "in_channel"})
    ada.types("/meet alone")
    assert "/meet alone" == ben.messages("C0GENERAL")[-1]["text"]


def test_bad_blocks_in_an_acknowledgement_are_an_error(stage: Any, ada: Any) -> None:
    """An answer Slack can't show fails the command."""
    stage.app.replies["command"] = lambda _: Answer.json({"blocks": [{"type": "hologram"}]})

    assert '/meet failed with the error "invalid_blocks"' == ada.types("/meet")


def test_deactivated_people_and_bots_cannot_type(stage: Any) -> None:
    """Slack doesn't let them in."""
    for user in ("U0EVA", "U0ROBOT"):
        with pytest.raises(AssertionError, match="user_cannot_act"):
            stage.person(user).types("/meet")
    with pytest.raises(AssertionError, match="not_in_that_channel"):
        stage.person("X0FAY").types("/meet", channel="C0GENERAL")
    assert "" == stage.person("X0FAY").types("/meet", channel="C0SALES")


def test_a_response_url_works_five_times(stage: Any, ada: Any) -> None:
    """The sixth post is refused with used_url."""
    ada.types("/meet")
    path = stage.app.payloads[0]["response_url"].removeprefix(stage.slack.origin)

    answers = [stage.post(path, {"text": f"{n}"}) for n in range(6)]

    assert [200, 200, 200, 200, 200, 404] == [status for status, _ in answers]
    assert "used_url" == answers[-1][1]["error"]
    assert ["0", "1", "2", "3", "4"] == [m["text"] for m in ada.messages("C0GENERAL")]
    assert [True] * 5 == [m["ephemeral"] for m in ada.messages("C0GENERAL")]


def test_a_response_url_ends_after_thirty_minutes(stage: Any, ada: Any) -> None:
    """It works just before and not just after."""
    ada.types("/meet")
    path = stage.app.payloads[0]["response_url"].removeprefix(stage.slack.origin)
    stage.clock.advance(29 * 60)
    assert 200 == stage.post(path, {"text": "in time"})[0]
    stage.clock.advance(61)

    status, body = stage.post(path, {"text": "too late"})
    assert (404, "expired_url") == (status, body["error"])


def test_a_response_url_replaces_and_deletes_what_it_said(stage: Any, ada: Any) -> None:
    """replace_original changes the app's own first message; delete_original takes it away."""
    stage.app.replies["command"] = lambda _: Answer.json({"text": "one moment"})
    ada.types("/meet")
    path = stage.app.payloads[0]["response_url"].removeprefix(stage.slack.origin)

    stage.post(path, {"text": "ready", "replace_original": True})
    assert ["ready"] == [m["text"] for m in ada.messages("C0GENERAL")]

    stage.post(path, {"delete_original": True})
    assert [] == ada.messages("C0GENERAL")
