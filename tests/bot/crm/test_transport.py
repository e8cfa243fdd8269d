"""The wire: what is heeded, what is refused, and what an error says about a write."""

import gzip
import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.crm.call import Call
from bot.crm.transport import Transport
from bot.domain.connection import Secret
from bot.errors import Ambiguous, Fault, ParleyError, TryLater
from handlers.sandbox.web import Answer, Cut, Request, Site

Serve = Callable[[Site], str]
Raw = Callable[..., str]
HIDDEN = "1000.hiddenhidden.hidden"
TOKEN = Secret(HIDDEN)


def site(answer: Callable[[Request], Answer]) -> tuple[Site, list[Request]]:
    """A site that answers everything alike, and the requests it got."""
    seen: list[Request] = []

    def handle(request: Request) -> Answer:
        seen.append(request)
        return answer(request)

    made = Site("test")
    made.unknown = handle
    return made, seen


def cut(_: Request) -> Answer:
    """Hang up without an answer."""
    raise Cut


def failure(
    transport: Transport, method: str, url: str, *, repeatable: bool = False
) -> ParleyError:
    """The error a call ends with."""
    with pytest.raises(ParleyError) as caught:
        transport.send(method, url, token=TOKEN, repeatable=repeatable)
    return caught.value


def test_the_token_travels_in_the_authorization_header_alone(
    transport: Transport, serve: Serve
) -> None:
    """Zoho-oauthtoken in the header, nothing of it in path, query or body."""
    made, seen = site(lambda _: Answer.json({"ok": True}))
    answer = transport.send(
        "POST", f"{serve(made)}/crm", token=TOKEN, params={"a": "b"}, json={"c": "ä"}
    )
    assert {"ok": True} == answer.data
    (request,) = seen
    assert f"Zoho-oauthtoken {HIDDEN}" == request.headers["authorization"]
    assert "identity" == request.headers["accept-encoding"]
    assert '{"c": "ä"}'.encode() == request.body
    rest = [value for name, value in request.headers.items() if name != "authorization"]
    assert not [one for one in (request.path, *request.query.values(), *rest) if HIDDEN in one]


def test_a_form_reveals_its_secrets_in_the_body_alone(transport: Transport, serve: Serve) -> None:
    """The accounts server gets its secret by form."""
    made, seen = site(lambda _: Answer.json({}))
    transport.send("POST", serve(made), token=None, form={"client_secret": TOKEN, "a": "b"})
    assert {"client_secret": HIDDEN, "a": "b"} == seen[0].form()
    assert "authorization" not in seen[0].headers


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("status", [300, 301, 302, 303, 305, 307, 308])
def test_a_redirect_is_a_fault_and_is_not_followed(
    transport: Transport, serve: Serve, status: int, method: str
) -> None:
    """Nobody in between may send the token elsewhere."""
    trap, trapped = site(lambda _: Answer.json({}))
    to = serve(trap)
    made, seen = site(lambda _: Answer(status, b"", (("Location", f"{to}/x"),)))
    assert "crm_redirect" == failure(transport, method, serve(made)).code
    assert (1, 0) == (len(seen), len(trapped))


def test_proxies_and_netrc_of_the_environment_are_not_heeded(
    transport: Transport, serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An operator's environment can't divert or replace the token."""
    trap, trapped = site(lambda _: Answer.json({}))
    made, seen = site(lambda _: Answer.json({}))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login thief password thief\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, serve(trap))
        monkeypatch.setenv(name.lower(), serve(trap))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    transport.send("GET", serve(made), token=TOKEN)
    transport.send("POST", serve(made), token=None, form={"a": "b"})
    assert [] == trapped
    assert f"Zoho-oauthtoken {HIDDEN}" == seen[0].headers["authorization"]
    assert "authorization" not in seen[1].headers


def test_no_cookie_is_kept(transport: Transport, serve: Serve) -> None:
    """One person's session must not ride with another's call."""
    made, seen = site(lambda _: Answer.json({}, headers=(("Set-Cookie", "_zcsr_tmp=1; Path=/"),)))
    origin = serve(made)
    for _ in range(2):
        transport.send("GET", origin, token=None)
    assert "cookie" not in seen[1].headers


def test_a_connection_is_kept_and_each_thread_has_its_own(
    transport: Transport, serve: Serve
) -> None:
    """Sessions aren't shared between threads; within one they save the handshake."""
    threads: list[threading.Thread] = []

    def answer(_: Request) -> Answer:
        threads.append(threading.current_thread())
        return Answer.json({})

    made, _ = site(answer)
    origin = serve(made)

    def three() -> None:
        for _ in range(3):
            transport.send("GET", origin, token=None)

    three()
    other = threading.Thread(target=three)
    other.start()
    other.join()
    assert 6 == len(threads)
    assert 1 == len({id(one) for one in threads[:3]})
    assert 1 == len({id(one) for one in threads[3:]})
    assert threads[0] is not threads[3]


def test_a_connection_the_peer_has_closed_carries_no_write(transport: Transport, raw: Raw) -> None:
    """A write after a pause goes out on a fresh one, instead of being lost on the old."""
    gone = threading.Semaphore(0)

    def once(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        connection.shutdown(socket.SHUT_RDWR)
        gone.release()

    origin = raw(once)
    for _ in range(3):
        assert {} == transport.send("POST", origin, token=None).data
        assert gone.acquire(timeout=5)


def closed_port() -> str:
    """An origin nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_refused_connection_means_nothing_was_sent(transport: Transport, method: str) -> None:
    """Even a write may be tried again."""
    error = failure(transport, method, closed_port())
    assert (TryLater, "crm_unreachable") == (type(error), error.code)


def test_only_reads_wait_and_try_again_inside_the_deadline() -> None:
    """Twice, longer the second time, with jitter; a write not even when nothing was sent."""
    waits: list[float] = []
    wire = Transport(total_seconds=5, sleep=waits.append, jitter=lambda: 0.5)
    failure(wire, "POST", closed_port())
    assert [] == waits
    failure(wire, "GET", closed_port())
    assert [0.5, 1.0] == waits
    hasty = Transport(total_seconds=0.4, sleep=waits.append, jitter=lambda: 0.5)
    failure(hasty, "GET", closed_port())
    assert [0.5, 1.0] == waits


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_failed_handshake_means_nothing_was_sent(
    transport: Transport, raw: Raw, method: str
) -> None:
    """TLS to something that speaks none: no byte of the request left."""
    origin = raw(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n"), at_once=True)
    error = failure(transport, method, origin.replace("http:", "https:"))
    assert (TryLater, "crm_unreachable") == (type(error), error.code)


def test_a_connection_that_isnt_taken_in_time_means_nothing_was_sent() -> None:
    """The connect time-out is no lost answer."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.create_connection(address)]
        wire = Transport(connect_seconds=0.2, sleep=lambda _: None)
        error = failure(wire, "POST", f"http://127.0.0.1:{address[1]}")
        wire.close()
        for one in waiting:
            one.close()
    assert (TryLater, "crm_unreachable") == (type(error), error.code)


LATE: list[tuple[str, Callable[[Request], Answer], str]] = [
    ("cut before the answer", cut, "crm_slow"),
    ("500", lambda _: Answer.json({"code": "INTERNAL_ERROR"}, 500), "crm_down"),
    ("502", lambda _: Answer.html("bad gateway", 502), "crm_down"),
    ("503", lambda _: Answer.html("", 503), "crm_down"),
]


@pytest.mark.parametrize(("answer", "code"), [row[1:] for row in LATE], ids=[r[0] for r in LATE])
def test_a_read_that_broke_is_tried_three_times(
    transport: Transport, serve: Serve, answer: Callable[[Request], Answer], code: str
) -> None:
    """Reads, and writes that change nothing when sent twice, are tried again here."""
    made, seen = site(answer)
    origin = serve(made)
    error = failure(transport, "GET", origin)
    assert (TryLater, code, 3) == (type(error), error.code, len(seen))
    error = failure(transport, "POST", origin, repeatable=True)
    assert (TryLater, code, 6) == (type(error), error.code, len(seen))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("answer", [row[1] for row in LATE], ids=[row[0] for row in LATE])
def test_a_write_that_broke_is_ambiguous_and_sent_once(
    transport: Transport, serve: Serve, answer: Callable[[Request], Answer], method: str
) -> None:
    """Never twice: the CRM may have done it."""
    made, seen = site(answer)
    error = failure(transport, method, serve(made))
    assert (Ambiguous, "crm_answer_lost", 1) == (type(error), error.code, len(seen))


def test_a_read_succeeds_when_a_later_try_does(transport: Transport, serve: Serve) -> None:
    """One broken answer isn't told to anybody."""
    made, seen = site(lambda _: cut(_) if len(seen) < 3 else Answer.json({"ok": 1}))
    assert {"ok": 1} == transport.send("GET", serve(made), token=None).data


@pytest.mark.parametrize(
    ("named", "seconds"), [("7", 7.0), (None, 60.0), ("soon", 60.0), ("999999", 3600.0)]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_limit_is_passed_on_at_once_with_its_wait(
    transport: Transport, serve: Serve, method: str, named: str | None, seconds: float
) -> None:
    """429: nothing was done, and trying again here would make it worse."""
    headers = () if named is None else (("Retry-After", named),)
    made, seen = site(lambda _: Answer.json({"code": "TOO_MANY_REQUESTS"}, 429, headers))
    error = failure(transport, method, serve(made))
    assert isinstance(error, TryLater)
    assert ("crm_limit", seconds, 1) == (error.code, error.seconds, len(seen))


HALF = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{    \r\n"


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200", HALF, CHUNKED])
def test_an_answer_cut_anywhere_is_lost(transport: Transport, raw: Raw, start: bytes) -> None:
    """Before the status, in the head, in a counted or a chunked body."""
    origin = raw(lambda connection: connection.sendall(start))
    assert "crm_slow" == failure(transport, "GET", origin).code
    assert "crm_answer_lost" == failure(transport, "POST", origin).code


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_peer_that_drips_is_left_at_the_deadline(raw: Raw, method: str) -> None:
    """Each byte comes in time, the whole never would."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(HALF)
        while not over.wait(0.02):
            connection.sendall(b" ")

    wire = Transport(total_seconds=0.4)
    began = time.monotonic()
    error = failure(wire, method, raw(drip))
    took = time.monotonic() - began
    over.set()
    wire.close()
    assert ("crm_slow" if method == "GET" else "crm_answer_lost") == error.code
    assert took < 2


def test_a_silent_peer_is_left_at_the_callers_deadline(transport: Transport, raw: Raw) -> None:
    """A deadline shorter than the usual one counts."""
    over = threading.Event()
    origin = raw(lambda _: over.wait(5) and None)
    began = time.monotonic()
    with pytest.raises(TryLater):
        transport.send("GET", origin, token=None, deadline=transport.until(0.2))
    took = time.monotonic() - began
    over.set()
    assert took < 1.5


def test_past_its_deadline_nothing_is_sent(transport: Transport, serve: Serve) -> None:
    """Not even a write: it is no lost answer."""
    made, seen = site(lambda _: Answer.json({}))
    with pytest.raises(TryLater):
        transport.send("POST", serve(made), token=None, deadline=transport.until(-1))
    assert [] == seen


@pytest.mark.parametrize("counted", [True, False])
def test_a_body_above_the_cap_is_not_read(raw: Raw, counted: bool) -> None:
    """However the peer announces it."""
    head = b"Content-Length: 300000\r\n" if counted else b"Connection: close\r\n"
    origin = raw(lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + b" " * 300000))
    wire = Transport(max_bytes=100_000, sleep=lambda _: None)
    assert "crm_too_large" == failure(wire, "GET", origin).code
    assert "crm_answer_lost" == failure(wire, "POST", origin).code
    wire.close()


def test_a_compressed_body_is_not_unpacked(transport: Transport, serve: Serve) -> None:
    """We ask for none; a small one could unpack to gigabytes."""
    bomb = gzip.compress(b" " * 30_000_000)
    made, _ = site(lambda _: Answer(200, bomb, (("Content-Encoding", "gzip"),)))
    assert "crm_not_json" == failure(transport, "GET", serve(made)).code


@pytest.mark.parametrize("body", [b"<html>", b"\xff", b'{"a": NaN}', b"[" * 200_000, b"{'a': 1}"])
def test_a_body_that_isnt_json_is_a_fault_and_lost_for_a_write(
    transport: Transport, serve: Serve, body: bytes
) -> None:
    """A proxy's page says nothing about what the CRM did."""
    made, _ = site(lambda _: Answer(200, body))
    origin = serve(made)
    error = failure(transport, "GET", origin)
    assert (Fault, "crm_not_json") == (type(error), error.code)
    assert "crm_answer_lost" == failure(transport, "POST", origin).code


def test_a_refusal_that_isnt_json_is_a_fault_for_a_write_too(
    transport: Transport, serve: Serve
) -> None:
    """400 with a page: nothing was done."""
    made, _ = site(lambda _: Answer.html("no", 400))
    assert "crm_not_json" == failure(transport, "POST", serve(made)).code


def test_an_answer_without_a_body_is_none(transport: Transport, serve: Serve) -> None:
    """204: an empty list, an unknown record."""
    made, _ = site(lambda _: Answer.empty())
    answer = transport.send("GET", serve(made), token=None)
    assert (204, None) == (answer.status, answer.data)


def whole_chain(error: BaseException) -> str:
    """Everything that could be printed of an error: texts, reprs, causes, contexts."""
    told: list[str] = []
    link: BaseException | None = error
    while link is not None:
        told += [str(link), repr(link), repr(link.__dict__)]
        told += traceback.format_exception(link)
        link = link.__cause__ or link.__context__
    return "\n".join(told)


def test_no_secret_in_any_error_or_log(
    transport: Transport, serve: Serve, raw: Raw, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong, with every logger at DEBUG."""
    caplog.set_level(logging.DEBUG)
    made, _ = site(cut)
    broken, _ = site(lambda _: Answer.json({"code": "INTERNAL_ERROR"}, 500))
    origins = [
        closed_port(),
        serve(made),
        serve(broken),
        raw(lambda connection: connection.sendall(HALF)),
        "https://no host",
    ]
    told = []
    for origin in origins:
        for method in ("GET", "POST"):
            told.append(whole_chain(failure(transport, method, origin)))
            with pytest.raises(ParleyError) as caught:
                transport.send(method, origin, token=None, form={"refresh_token": TOKEN})
            told.append(whole_chain(caught.value))
    with pytest.raises(Fault) as shaped:
        transport.send("GET", serve(made), token=Secret(HIDDEN + "\nX-Other: 1"))
    assert "crm_request_shape" == shaped.value.code
    told.append(whole_chain(shaped.value))
    assert 21 == len(told)
    assert HIDDEN not in "\n".join(told)
    assert caplog.records
    assert HIDDEN not in caplog.text
    assert not [one for one in caplog.records if HIDDEN in repr(one.__dict__)]


def test_a_call_shows_no_secret() -> None:
    """Its repr may end up in a traceback with locals."""
    call = Call(
        method="POST",
        url="http://127.0.0.1",
        token=TOKEN,
        params=None,
        json={"secret": HIDDEN},
        form={"code": TOKEN},
        headers=None,
        deadline=0.0,
        writes=True,
    )
    assert HIDDEN not in repr(call)
    assert f"Zoho-oauthtoken {HIDDEN}" == call.wire_headers()["Authorization"]
