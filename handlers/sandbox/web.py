"""A small HTTP server for the sandbox: requests in, answers out, routes by pattern.

It knows nothing of Slack or Zoho. One thread per connection, HTTP/1.1 with keep-alive, loopback
only: a page of another site that a browser is led to this port by (DNS rebinding), or that posts
to it, is refused.
"""

from __future__ import annotations

import re
import socket
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from handlers.sandbox.exchange import Answer, Around, Cut, Handler, Log, Pairs, Request

__all__ = ["Answer", "Cut", "Handler", "Log", "Pairs", "Request", "Server", "Site"]

LOOPBACK = "127.0.0.1"
_NAMES = (LOOPBACK, "localhost", "[::1]")
MAX_BODY = 2 * 1024 * 1024
IDLE_SECONDS = 120.0


def not_found(request: Request) -> Answer:
    """Answer a path no route knows."""
    return Answer.json({"error": "not_found", "method": request.method, "path": request.path}, 404)


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    pattern: str
    match: re.Pattern[str]
    handler: Handler


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Return the expression for a path pattern: `{name}` stands for one path segment."""
    parts = re.split(r"\{(\w+)\}", pattern)
    text = "".join(
        f"(?P<{part}>[^/]+)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
    )
    return re.compile(text)


class Site:
    """A set of routes. The first route registered for a method and path answers.

    Set `unknown` to answer paths without a route, and `around` to stand between the server and the
    routes (faults, traffic); `around` gets the request and the routing function.
    """

    def __init__(self, name: str) -> None:
        """Make a site without routes; `name` appears in the thread names."""
        self.name = name
        self.unknown: Handler = not_found
        self.around: Around | None = None
        self._routes: list[_Route] = []

    def route(self, method: str, pattern: str, handler: Handler) -> None:
        """Let `handler` answer `method` on paths of the form `/crm/v8/Events/{id}`."""
        self._routes.append(_Route(method.upper(), pattern, compile_pattern(pattern), handler))

    def routes(self) -> tuple[tuple[str, str], ...]:
        """Return every (method, pattern) in order of registration."""
        return tuple((route.method, route.pattern) for route in self._routes)

    def handle(self, request: Request) -> Answer:
        """Answer a request.

        Raises:
            Cut: The connection is to be closed without an answer.
        """
        if self.around is None:
            return self._dispatch(request)
        return self.around(request, self._dispatch)

    def _dispatch(self, request: Request) -> Answer:
        for route in self._routes:
            if route.method != request.method:
                continue
            found = route.match.fullmatch(request.path)
            if found:
                params = {name: unquote(value) for name, value in found.groupdict().items()}
                return route.handler(replace(request, params=MappingProxyType(params)))
        return self.unknown(request)


class _Listener(ThreadingHTTPServer):
    """The listening socket; it knows its open connections so that `close_all` can end them."""

    request_queue_size = 512
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, site: Site, log: Log | None) -> None:
        self.site = site
        self.log = log
        self.lock = threading.Lock()
        self.open: dict[socket.socket, threading.Thread] = {}
        super().__init__((LOOPBACK, port), _Connection)

    def server_bind(self) -> None:
        # HTTPServer would look up its own host name here, which can take seconds without DNS.
        self.allow_reuse_address = True
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = LOOPBACK, int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(
            target=self.process_request_thread,
            args=(request, client_address),
            name=f"sandbox-{self.site.name}-connection",
            daemon=True,
        )
        with self.lock:
            self.open[request] = thread
        thread.start()

    def shutdown_request(self, request: Any) -> None:
        with self.lock:
            self.open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent: a client that went away is no news."""

    def close_all(self) -> None:
        with self.lock:
            left = list(self.open.items())
        for connection, _ in left:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for _, thread in left:
            thread.join(timeout=10)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE_SECONDS

    def _serve(self) -> None:
        listener = cast(_Listener, self.server)
        request = self._read()
        if request is None:
            return
        try:
            answer = listener.site.handle(request)
        except Cut:
            self.close_connection = True
            return
        except Exception:  # noqa: BLE001 - a fault of the sandbox itself must be seen by its user
            answer = Answer.json({"sandbox_fault": traceback.format_exc()}, 500)
        if listener.log is not None:
            listener.log(request, answer)
        self._write(answer)

    def _read(self) -> Request | None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            self._refuse(411, "length_required")
            return None
        if int(length) > MAX_BODY:
            self._refuse(413, "body_too_large")
            return None
        if not self._is_local():
            self._refuse(403, "not_local")
            return None
        body = self.rfile.read(int(length))
        parts = urlsplit(self.path)
        queries = tuple(parse_qsl(parts.query, keep_blank_values=True))
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            key = name.lower()
            headers[key] = f"{headers[key]}, {value}" if key in headers else value
        return Request(
            method=self.command,
            path=parts.path,
            query=dict(queries),
            queries=queries,
            headers=MappingProxyType(headers),
            body=body,
        )

    def _is_local(self) -> bool:
        """Say whether the address asked for, and the page that asks, are this server's own."""
        port = cast(_Listener, self.server).server_port
        hosts = {f"{name}:{port}" for name in _NAMES}
        origin = self.headers.get("Origin")
        return self.headers.get("Host") in hosts and (
            origin is None or origin in {f"http://{host}" for host in hosts}
        )

    def _refuse(self, status: int, error: str) -> None:
        self.close_connection = True
        self._write(Answer.json({"error": error}, status, (("Connection", "close"),)))

    def _write(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        self.send_header("Date", self.date_time_string())
        for name, value in answer.headers:
            self.send_header(name, value)
            if name.lower() == "connection" and value.lower() == "close":
                self.close_connection = True
        if answer.status not in {204, 304}:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD" and answer.status not in {204, 304}:
            self._send(answer)
        self.wfile.flush()

    def _send(self, answer: Answer) -> None:
        half = len(answer.body) // 2 if answer.pause or answer.broken else len(answer.body)
        self.wfile.write(answer.body[:half])
        if answer.broken:
            self.close_connection = True
            return
        if answer.pause:
            self.wfile.flush()
            time.sleep(answer.pause)
        self.wfile.write(answer.body[half:])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Write nothing to stderr."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Serve every method alike: the base class asks for `do_GET` and its kin."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)


class Server:
    """A running site. Make one with `start`."""

    def __init__(self, listener: _Listener) -> None:
        """Serve `listener` from a thread of its own until `stop`."""
        self._listener = listener
        self.origin = f"http://{LOOPBACK}:{listener.server_port}"
        self._thread = threading.Thread(
            target=listener.serve_forever,
            kwargs={"poll_interval": 0.05},
            name=f"sandbox-{listener.site.name}",
            daemon=True,
        )
        self._thread.start()

    @classmethod
    def start(cls, site: Site, port: int = 0, log: Log | None = None) -> Server:
        """Serve `site` on 127.0.0.1:`port` (0: a free port).

        Raises:
            OSError: The port is taken.
        """
        return cls(_Listener(port, site, log))

    def stop(self) -> None:
        """Stop listening, end every open connection and wait for their threads."""
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        self._listener.close_all()
