"""The sandbox's HTTP server and clock."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from handlers.sandbox.clock import Clock
from handlers.sandbox.web import MAX_BODY, Answer, Cut, Request, Server, Site


def _echo(request: Request) -> Answer:
    return Answer.json(
        {
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "queries": request.queries,
            "params": dict(request.params),
            "body": request.body.decode(),
            "x": request.headers.get("x-thing"),
        }
    )


def _hang_up(_request: Request) -> Answer:
    raise Cut


def _fail(_request: Request) -> Answer:
    raise LookupError


@pytest.fixture
def server() -> Iterator[Server]:
    """Yield a running site with one page of each kind."""
    site = Site("test")
    site.route("GET", "/echo/{name}", _echo)
    site.route("POST", "/echo/{name}", _echo)
    site.route("GET", "/cut", _hang_up)
    site.route("GET", "/fail", _fail)
    site.route("GET", "/empty", lambda _: Answer.empty())
    running = Server.start(site)
    yield running
    running.stop()


@pytest.fixture
def connection(server: Server) -> Iterator[http.client.HTTPConnection]:
    """Yield one keep-alive connection to the site."""
    made = http.client.HTTPConnection(urlsplit(server.origin).netloc, timeout=10)
    yield made
    made.close()


def _ask(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None = None
) -> tuple[int, bytes]:
    connection.request(method, path, body, {"X-Thing": "y"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_a_request_arrives_whole(connection: http.client.HTTPConnection) -> None:
    """Path parameters are decoded, repeated keys are kept, header names are lower case."""
    status, body = _ask(connection, "POST", "/echo/a%20b?k=1&k=2&e=", b"text")
    expected = {
        "method": "POST",
        "path": "/echo/a%20b",
        "query": {"k": "2", "e": ""},
        "queries": [["k", "1"], ["k", "2"], ["e", ""]],
        "params": {"name": "a b"},
        "body": "text",
        "x": "y",
    }
    assert (200, expected) == (status, Request(method="", path="", body=body).json())


def test_one_connection_serves_many_requests(connection: http.client.HTTPConnection) -> None:
    """Keep-alive also after an answer without a body and after an unknown path."""
    statuses = [_ask(connection, "GET", p)[0] for p in ("/empty", "/nowhere", "/echo/1", "/empty")]
    assert statuses == [204, 404, 200, 204]


def test_a_cut_gives_no_answer(connection: http.client.HTTPConnection) -> None:
    """The client sees the connection close."""
    with pytest.raises(http.client.RemoteDisconnected):
        _ask(connection, "GET", "/cut")


def test_a_fault_of_the_sandbox_is_told(connection: http.client.HTTPConnection) -> None:
    """500 with the traceback, so that nobody takes it for the CRM's answer."""
    status, body = _ask(connection, "GET", "/fail")
    assert status == 500
    assert b"LookupError" in body


def test_a_body_over_two_mebibytes_is_refused(connection: http.client.HTTPConnection) -> None:
    """The size is judged before the body is read."""
    connection.putrequest("POST", "/echo/1")
    connection.putheader("Content-Length", str(MAX_BODY + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413


def test_a_body_without_a_length_is_refused(connection: http.client.HTTPConnection) -> None:
    """Chunked bodies are not read."""
    connection.putrequest("POST", "/echo/1")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    assert connection.getresponse().status == 411


def test_stop_ends_idle_connections_and_threads() -> None:
    """Nothing is left running; a connection kept alive sees its end."""
    site = Site("other")
    other = Server.start(site)
    idle = http.client.HTTPConnection(urlsplit(other.origin).netloc, timeout=10)
    assert _ask(idle, "GET", "/")[0] == 404
    other.stop()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        _ask(idle, "GET", "/")
    idle.close()
    assert not [each for each in threading.enumerate() if each.name.startswith("sandbox-other")]


def test_many_connections_at_once_are_served(server: Server) -> None:
    """Two hundred clients, each on its own connection."""
    answers: list[int] = []

    def ask() -> None:
        one = http.client.HTTPConnection(urlsplit(server.origin).netloc, timeout=20)
        answers.append(_ask(one, "GET", "/echo/1")[0])
        one.close()

    threads = [threading.Thread(target=ask) for _ in range(200)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert answers == [200] * 200


def test_the_clock_moves_freezes_and_thaws() -> None:
    """Advance works on a running and on a frozen clock; thaw goes back to real time."""
    clock, real = Clock(), datetime.now(UTC)
    clock.advance(3600)
    assert timedelta(minutes=59) < clock.now() - real < timedelta(minutes=61)
    at = datetime(2026, 3, 1, 10, tzinfo=UTC)
    clock.freeze(at)
    clock.advance(-60)
    assert clock.now() == at - timedelta(minutes=1)
    clock.thaw()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


def test_the_clock_refuses_a_moment_without_a_zone() -> None:
    """A naive time would be a different moment on every machine."""
    with pytest.raises(ValueError, match="time zone"):
        Clock().freeze(datetime(2026, 3, 1))  # noqa: DTZ001 - the naive time is the point
