"""The one wire to Zoho: every byte to and from the CRM goes through here.

What holds for every call: no proxy, netrc or environment is heeded, no redirect is
followed, no cookie is kept, the token travels in the ``Authorization`` header alone
(as ``Zoho-oauthtoken``; Zoho CRM, OAuth), and time and size are bounded. Whether a
write may have happened is told by the kind of the error, never guessed by a caller.
"""

import math
import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from bot.crm.call import (
    SLOW_SECONDS,
    Answer,
    Body,
    Call,
    check_status,
    lost,
    not_sent,
    wait_named,
)
from bot.domain.connection import Secret
from bot.errors import Fault, ParleyError, TryLater

MIB: Final = 1024 * 1024
RETRIES: Final = 2


class _NotSentError(Exception):
    """The connection was never made: not one byte of the request left."""


class _Connection(HTTPConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, HTTPError):
            raise _NotSentError from None


class _TlsConnection(HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, HTTPError):
            raise _NotSentError from None


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    """Makes connections that tell "never connected" apart from "broke later"."""

    def init_poolmanager(self, *sizes: Any, **more: Any) -> None:
        super().init_poolmanager(*sizes, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


class Transport:
    """Sends one request, returns one answer. Safe to share between threads.

    Each thread has a session, and so connections, of its own.
    """

    def __init__(
        self,
        *,
        connect_seconds: float = 3.05,
        total_seconds: float = 15.0,
        max_bytes: int = 8 * MIB,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Set the limits.

        Args:
            connect_seconds: For the connection, TLS included.
            total_seconds: For a whole call, its retries included.
            max_bytes: The largest body that is read.
            monotonic: The clock that deadlines are read on.
            sleep: Waits between retries.
            jitter: Gives 0-1 for the length of a wait.
        """
        self._connect_seconds = connect_seconds
        self._total_seconds = total_seconds
        self._max_bytes = max_bytes
        self._monotonic = monotonic
        self._sleep = sleep
        self._jitter = jitter
        self._mine = threading.local()
        self._sessions: weakref.WeakSet[requests.Session] = weakref.WeakSet()
        self._lock = threading.Lock()

    def until(self, seconds: float) -> float:
        """Return the deadline *seconds* from now, on this transport's clock."""
        return self._monotonic() + seconds

    def close(self) -> None:
        """Close the idle connections of all threads. A later call opens new ones."""
        with self._lock:
            sessions = list(self._sessions)
        for session in sessions:
            session.close()

    def send(
        self,
        method: str,
        url: str,
        *,
        token: Secret | None,
        params: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, str | Secret] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        repeatable: bool = False,
    ) -> Answer:
        """Send a request and return its answer, 4xx included.

        A read is tried up to three times within its deadline, a write once.

        Args:
            method: GET, POST, PUT or DELETE.
            url: Built from the closed table of places, without secrets.
            token: The access token; None for the accounts server.
            params: For the query; never a secret.
            json: A body.
            form: A body; its secrets are revealed on the wire alone.
            headers: More headers.
            deadline: An instant of ``until``; None = the usual total from now.
            repeatable: For a POST, PUT or DELETE that changes nothing when sent twice:
                it is treated, and retried, like a read.

        Raises:
            TryLater: ``crm_unreachable`` (nothing was sent), ``crm_slow``, ``crm_down``
                (reads only), ``crm_limit``.
            Ambiguous: ``crm_answer_lost``: a write left and no usable answer came.
            Fault: ``crm_redirect``, ``crm_too_large``, ``crm_not_json``,
                ``crm_request_shape``.
        """
        call = Call(
            method=method,
            url=url,
            token=token,
            params=params,
            json=json,
            form=form,
            headers=headers,
            deadline=self.until(self._total_seconds) if deadline is None else deadline,
            writes=method != "GET" and not repeatable,
        )
        for attempt in range(RETRIES):
            try:
                return self._once(call)
            except TryLater as late:
                wait = (0.2 + 0.6 * self._jitter()) * 2**attempt
                again = late.code != "crm_limit" and not call.writes
                if not again or self._monotonic() + wait >= call.deadline:
                    raise
            self._sleep(wait)
        return self._once(call)

    @contextmanager
    def opened(self, call: Call, quiet_seconds: float = math.inf) -> Iterator[Body]:
        """Send *call* once and give its answer while the body is still to be read.

        Args:
            call: What to send.
            quiet_seconds: The longest wait for a next piece of the body.

        Raises:
            ParleyError: As ``send``; the pieces raise what a body that breaks off means.
        """
        # Errors are raised outside of every except block: a library's exception may quote
        # headers, and would stay reachable as the context of ours.
        response = self._open(call, quiet_seconds)
        if isinstance(response, ParleyError):
            raise response
        try:
            wait = wait_named(response.headers)
            check_status(response.status_code, call, wait)
            yield Body(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                retry_after=wait,
                pieces=lambda size: self._pieces(response, call, size),
            )
        finally:
            response.close()

    def _once(self, call: Call) -> Answer:
        with self.opened(call) as body:
            return body.answer(call, self._max_bytes)

    def _open(self, call: Call, quiet_seconds: float) -> requests.Response | ParleyError:
        left = call.deadline - self._monotonic()
        if left <= 0:
            return TryLater("crm_slow", seconds=SLOW_SECONDS)
        try:
            return self._session().request(
                call.method,
                call.url,
                params=call.params,
                data=call.wire_body(),
                headers=call.wire_headers(),
                timeout=(min(self._connect_seconds, left), min(quiet_seconds, left)),
                allow_redirects=False,
                stream=True,
            )
        except _NotSentError:
            return not_sent()
        except (requests.exceptions.InvalidHeader, requests.exceptions.InvalidURL):
            return Fault("crm_request_shape")
        except (requests.RequestException, HTTPError, OSError):
            return lost(call)

    def _pieces(self, response: requests.Response, call: Call, size: int) -> Iterator[bytes]:
        raw = cast(HTTPResponse, response.raw)
        while True:
            try:
                # read1 returns what has arrived: a peer that drips can't hold us past the
                # deadline. Nothing is unpacked: we asked for no compression, and a small body
                # could be huge.
                piece = raw.read1(size, decode_content=False)
            except (HTTPError, OSError):
                piece = None
            if piece is None or (piece and self._monotonic() > call.deadline):
                raise lost(call)
            if not piece:
                return
            yield piece

    def _session(self) -> requests.Session:
        known: requests.Session | None = getattr(self._mine, "session", None)
        if known is not None:
            return known
        session = requests.Session()
        session.trust_env = False
        session.headers.clear()
        # Zoho sets cookies on every answer; one person's must not ride with another's call.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _Adapter(max_retries=0)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        self._mine.session = session
        with self._lock:
            self._sessions.add(session)
        return session
