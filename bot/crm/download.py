"""A large body off the wire, piece by piece: sized, timed, and nothing of it kept here."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, NoReturn

from bot.crm.call import Answer, Call
from bot.crm.transport import Transport
from bot.domain.connection import Secret
from bot.errors import Fault

PIECE: Final = 256 * 1024
QUIET_SECONDS: Final = 30.0
"""The longest wait for the next piece."""
DOWNLOAD_SECONDS: Final = 900.0
"""For a whole body: 500 MB at about 5 Mbit/s."""


def fetched(
    transport: Transport,
    url: str,
    *,
    token: Secret,
    begins: bytes,
    max_bytes: int,
    refuse: Callable[[Answer], NoReturn],
) -> Iterator[bytes]:
    """Give a body of a known kind in pieces of at most 256 KiB; it is asked for once.

    Whoever takes it in must take the last piece in, too: only then it is as long as announced.

    Args:
        transport: The wire.
        url: Built from the closed table of places, without secrets.
        token: The access token.
        begins: How a body of this kind begins; nothing of another kind is given.
        max_bytes: The largest body that is read.
        refuse: Raises what an answer means that is JSON, or anything but a 200.

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
    taken = 0
    with transport.opened(call, QUIET_SECONDS) as body:
        if body.status != 200 or _is_json(body.headers):
            refuse(body.answer(call, PIECE))
        # That as much comes as is announced, the wire itself sees to.
        announced = _announced(body.headers)
        if announced is not None and announced > max_bytes:
            raise Fault("crm_too_large")
        if body.headers.get("content-encoding", "identity") != "identity":
            raise Fault("crm_wrong_kind")
        for piece in _of_kind(body.pieces(PIECE), begins):
            taken += len(piece)
            if taken > max_bytes:
                raise Fault("crm_too_large")
            yield piece
    if not taken:
        raise Fault("crm_wrong_kind")


def _of_kind(pieces: Iterable[bytes], begins: bytes) -> Iterator[bytes]:
    """Hold the first pieces until the kind is known: a peer may send a byte at a time."""
    held, known = b"", False
    for piece in pieces:
        if known:
            yield piece
            continue
        held += piece
        if not held.startswith(begins[: len(held)]):
            raise Fault("crm_wrong_kind")
        known = len(held) >= len(begins)
        if known:
            yield held
    if held and not known:
        raise Fault("crm_wrong_kind")


def _is_json(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower().endswith("json")


def _announced(headers: Mapping[str, str]) -> int | None:
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
