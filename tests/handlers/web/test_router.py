"""The router answers everything, and lets nothing out."""

import logging
import re
from collections.abc import Iterator

import pytest

from handlers.web.health import Health
from handlers.web.http import MAX_BODY, Request, Response, cookie, text
from handlers.web.router import Route, Router
from tests.handlers.web.calling import call, environ, run


def echo(request: Request) -> Response:
    """Say what was asked."""
    return text(200, f"{request.method} {sorted(request.params.items())}")


def broken(_request: Request) -> Response:
    """Fail."""
    raise RuntimeError("the door is stuck")


APP = Router(
    [
        Route("GET", "/exports/{id}", echo),
        Route("POST", "/exports/{id}", echo),
        Route("GET", "/exports/{id}/file", echo),
        Route("POST", "/broken", broken),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/exports/abc", 200),
        ("POST", "/exports/abc", 200),
        ("GET", "/exports/abc/file", 200),
        ("GET", "/exports/", 404),
        ("GET", "/exports/a/b", 404),
        ("GET", "/exports/abc/", 404),
        ("GET", "//exports/abc", 404),
        ("GET", "/nothing", 404),
        ("PUT", "/exports/abc", 405),
        ("POST", "/exports/abc/file", 405),
        ("DELETE", "/broken", 405),
    ],
)
def test_a_path_and_a_method_decide(method: str, path: str, status: int) -> None:
    """Known, unknown, or known by another method."""
    assert status == call(APP, method, path).status


def test_the_named_part_reaches_the_handler() -> None:
    """As text, without slashes."""
    assert call(APP, "GET", "/exports/abc").text == "GET [('id', 'abc')]"


def test_a_refused_method_names_the_allowed_ones() -> None:
    """Allow is what RFC 9110 asks for."""
    assert call(APP, "PUT", "/exports/abc").headers["allow"] == "GET, HEAD, POST"


def test_head_is_get_without_the_body() -> None:
    """The length is the one GET would have."""
    got, head = call(APP, "GET", "/exports/abc"), call(APP, "HEAD", "/exports/abc")
    assert head.body == b""
    assert head.status == 200
    assert head.headers["content-length"] == got.headers["content-length"]


def test_the_chunks_of_a_head_answer_are_closed() -> None:
    """A file opened for the body doesn't stay open."""
    closed: list[bool] = []

    class Chunks:
        """A body that knows when it is closed."""

        def __iter__(self) -> Iterator[bytes]:
            """Yield one chunk."""
            return iter([b"data"])

        def close(self) -> None:
            """Note it."""
            closed.append(True)

    app = Router([Route("GET", "/", lambda _request: Response(body=Chunks()))])
    assert run(app, environ("HEAD", "/")).body == b""
    assert closed == [True]
    assert run(app, environ("GET", "/")).body == b"data"


@pytest.mark.parametrize("path", ["/exports/abc", "/nothing", "/broken"])
def test_a_body_over_a_mebibyte_is_refused_unread(path: str) -> None:
    """413 before the path, the method or a byte is looked at."""
    env = environ("POST", path, length=str(MAX_BODY + 1))
    env["wsgi.input"] = None  # reading it would fail
    assert run(APP, env).status == 413


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "٣", "9" * 30, " 5"])
def test_a_length_that_is_none_is_malformed(length: str) -> None:
    """400, and no exception."""
    assert run(APP, environ("POST", "/exports/abc", length=length)).status == 400


def test_a_body_shorter_than_promised_is_malformed() -> None:
    """The client hung up."""
    assert run(APP, environ("POST", "/exports/abc", body=b"ab", length="3")).status == 400


@pytest.mark.parametrize("query", ["a=1&a=2", "a=%ff", "&".join(f"k{n}=1" for n in range(200))])
def test_a_query_of_two_minds_is_malformed(query: str) -> None:
    """A parameter twice, bytes that aren't UTF-8, too many."""
    assert run(APP, environ("GET", "/exports/abc", query=query)).status == 400


def test_a_path_that_is_no_text_is_malformed() -> None:
    """Bytes that aren't UTF-8."""
    assert run(APP, environ("GET", "/exports/\xff")).status == 400


def test_no_exception_escapes(caplog: pytest.LogCaptureFixture) -> None:
    """The client gets a number, the log the same number and the traceback."""
    with caplog.at_level(logging.ERROR):
        answer = call(APP, "POST", "/broken", body=b"x", query="secret=1")
    assert answer.status == 500
    number = re.findall("Incident ([0-9a-f]+)[.] Try again, or give", answer.text)[0]
    assert "stuck" not in answer.text
    assert number in caplog.text
    assert "RuntimeError: the door is stuck" in caplog.text
    assert "secret=1" not in caplog.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X", "a\r\nSet-Cookie: b"),
        ("X", "a\nb"),
        ("X", "a\x00"),
        ("X: y", "a"),
        ("", "a"),
        ("X", "€"),
    ],
)
def test_a_header_cannot_split_the_answer(name: str, value: str) -> None:
    """Such a response can't be made."""
    with pytest.raises(ValueError, match="header"):
        Response(headers=((name, value),))


@pytest.mark.parametrize("value", ["a;b", "a b", "a\r\n", '"a"', "ü"])
def test_a_cookie_value_is_plain(value: str) -> None:
    """What would need quoting isn't sent."""
    with pytest.raises(ValueError, match="cookie"):
        cookie("parley", value, seconds=1, secure=True)


def test_every_answer_forbids_guessing_and_referring() -> None:
    """Refusals too."""
    for method, path in (("GET", "/exports/a"), ("GET", "/nothing"), ("POST", "/broken")):
        answer = call(APP, method, path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_health_tells_what_is_wrong_and_nothing_else() -> None:
    """503 with the name of the bad check; an exception is a bad check."""

    def fails() -> bool:
        raise OSError("disk /var/lib/secret")

    well = Router(Health({"database": lambda: True, "worker": lambda: True}).routes())
    ill = Router(
        Health({"database": fails, "clock": lambda: True, "worker": lambda: False}).routes()
    )
    assert call(well, "GET", "/healthz").text == "alive\n"
    assert call(well, "GET", "/readyz").status == 200
    answer = call(ill, "GET", "/readyz")
    assert answer.status == 503
    assert answer.text == ('{"ready": false, "database": "bad", "clock": "ok", "worker": "bad"}')
