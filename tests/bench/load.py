"""An open-loop load: requests leave when they are due, whether or not others were answered."""

import asyncio
import hashlib
import hmac
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

PATIENCE = 3.0
"""Seconds; Slack waits no longer for an acknowledgement (Slack, "Slash commands")."""
_LEAD = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One request.

    Attributes:
        due: When it was to be sent, in seconds since 1970.
        seconds: From then until its answer was read whole.
        status: HTTP status; 0 where no answer came in time.
    """

    due: float
    seconds: float
    status: int

    @property
    def acknowledged(self) -> bool:
        """Whether Slack would have taken it for acknowledged."""
        return self.status == 200 and self.seconds <= PATIENCE


class Load:
    """Sends signed bodies to one server, on connections that are kept."""

    def __init__(self, port: int, secret: str) -> None:
        """Aim at Slack's door of the server at *port*."""
        self._port = port
        self.secret = secret
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, bodies: Sequence[bytes], rate: float) -> list[Shot]:
        """Send one body each 1/*rate* seconds; return the shots when all are over.

        The connections are kept for the next time.
        """
        begin, wall = time.perf_counter() + _LEAD, time.time() + _LEAD
        tasks = []
        for number, body in enumerate(bodies):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(self._shoot(body, due, wall + number / rate)))
        return await asyncio.gather(*tasks)

    async def close(self) -> None:
        """Close the connections."""
        for _, writer in self._idle:
            writer.close()
            await writer.wait_closed()
        self._idle.clear()

    async def _shoot(self, body: bytes, due: float, wall: float) -> Shot:
        status = 0
        try:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + PATIENCE):
                status = await self._exchange(body)
        except (OSError, EOFError, TimeoutError):
            pass
        return Shot(due=wall, seconds=time.perf_counter() - due, status=status)

    async def _exchange(self, body: bytes) -> int:
        reader, writer = (
            self._idle.pop()
            if self._idle
            else await asyncio.open_connection("127.0.0.1", self._port)
        )
        try:
            writer.write(self._head(body) + body)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
        except BaseException:
            writer.close()
            raise
        if b"connection: close" in head:
            writer.close()
        else:
            self._idle.append((reader, writer))
        return int(head.split(None, 2)[1])

    def _head(self, body: bytes) -> bytes:
        stamp = str(int(time.time())).encode()
        signed = hmac.new(
            self.secret.encode(), b"v0:" + stamp + b":" + body, hashlib.sha256
        ).hexdigest()
        return (
            b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"X-Slack-Request-Timestamp: %s\r\nX-Slack-Signature: v0=%s\r\n"
            b"Content-Length: %d\r\n\r\n" % (stamp, signed.encode(), len(body))
        )


def at(share: float, seconds: Sequence[float]) -> float:
    """Return the milliseconds that *share* of them stay within; infinite where there are none."""
    if not seconds:
        return math.inf
    ordered = sorted(seconds)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] * 1000
