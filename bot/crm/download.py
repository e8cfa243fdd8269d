"""A large body off the wire, piece by piece: sized, timed, and nothing of it kept here."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.crm.call import Answer, Body, Call, lost
from bot.crm.transport import Transport
from bot.domain.connection import Secret
from bot.errors import Fault

PIECE: Final = 256 * 1024
QUIET_SECONDS: Final = 30.0
"""The longest wait for the next piece."""
DOWNLOAD_SECONDS: Final = 900.0
"""For a whole body: 500 MB at about 5 Mbit/s."""


def fetch(
    transport: Transport,
    url: str,
    *,
    token: Secret,
    write: Callable[[bytes], object],
    begins: bytes,
    max_bytes: int,
) -> Answer | int:
    """Read a body of a known kind; asked for once.

    Args:
        transport: The wire.
        url: Built from the closed table of places, without secrets.
        token: The access token.
        write: Takes the pieces in order, at most 256 KiB each; what it raises goes through.
        begins: How a body of this kind begins; nothing of another kind is written.
        max_bytes: The largest body that is read.

    Returns:
        The bytes written, as many as were announced; or the answer, where it is JSON or
        anything but a 200.

    Raises:
        TryLater: ``crm_unreachable``, ``crm_slow`` (too slow, or cut off), ``crm_down``,
            ``crm_limit``.
        Fault: ``crm_too_large``, ``crm_wrong_kind``, ``crm_not_json``, ``crm_redirect``.
    """
    call = Call(
        method="GET",
        url=url,
        token=token,
        params=None,
        json=None,
        form=None,
        headers={"Accept": "*/*"},
        deadline=transport.until(DOWNLOAD_SECONDS),
        writes=False,
    )
    with transport.opened(call, QUIET_SECONDS) as body:
        if body.status != 200 or _is_json(body.headers):
            return body.answer(call, PIECE)
        announced = _announced(body.headers)
        if announced is not None and announced > max_bytes:
            raise Fault("crm_too_large")
        if body.headers.get("content-encoding", "identity") != "identity":
            raise Fault("crm_wrong_kind")
        taken = _copied(body, write, begins, max_bytes)
    if announced is not None and taken != announced:
        raise lost(call)
    if taken < len(begins):
        raise Fault("crm_wrong_kind")
    return taken


def _copied(body: Body, write: Callable[[bytes], object], begins: bytes, max_bytes: int) -> int:
    taken, held = 0, b""
    for piece in body.pieces(PIECE):
        taken += len(piece)
        if taken > max_bytes:
            raise Fault("crm_too_large")
        if taken - len(piece) >= len(begins):
            write(piece)
            continue
        # The kind is known once so much has come; a peer may send a byte at a time.
        held += piece
        if not held.startswith(begins[: len(held)]):
            raise Fault("crm_wrong_kind")
        if len(held) >= len(begins):
            write(held)
    return taken


def _is_json(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower().endswith("json")


def _announced(headers: Mapping[str, str]) -> int | None:
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
