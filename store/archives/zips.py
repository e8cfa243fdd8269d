"""Archives as zip files: one entry looked into as a stranger's, and one written by us.

The format is that of PKWARE's "APPNOTE.TXT"; section numbers below are its own. The
inflating and deflating is ISA-L's (isal).
"""

import io
import re
import stat
import struct
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, cast

from isal import isal_zlib

from bot.errors import Fault, TryLater
from store.archives.limits import KIB, MIB, Limits

READ: Final = 256 * KIB
PIECE: Final = 256 * KIB
"""The most that is unpacked at once."""
_SMALL: Final = 1 * MIB
"""Up to here no ratio is looked at: a short text of one letter unpacks to a thousand times."""
_NAME: Final = re.compile(r"[^/\\:\x00-\x1f\x7f]{1,200}")
_LOCAL: Final = struct.Struct("<4s5H3L2H")  # 4.3.7
_CENTRAL: Final = struct.Struct("<4s6H3L5H2L")  # 4.3.12
_DESCRIPTOR: Final = struct.Struct("<4s3L")  # 4.3.9
_END: Final = struct.Struct("<4s4H2LH")  # 4.3.16
_ENCRYPTED: Final = 0x2041
"""Flag bits 0, 6 and 13 (4.4.4)."""
_AFTER: Final = 0x0008
"""Flag bit 3: sizes stand after the data."""
_UTF8: Final = 0x0800
_DAY: Final = 0x0021
"""1 January 1980: the same content shall make the same archive."""
_MOST: Final = 0xFFFFFFFF
"""Beyond it a zip file needs a second format."""
_ODD_DATA = cast("type[Exception]", isal_zlib.error)
BROKEN_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The one file in an archive, as the archive tells it; what it tells is checked later.

    Attributes:
        start: Where its data begins.
        packed: Bytes in the archive.
        size: Bytes unpacked.
        crc: CRC-32 of these.
        deflated: False where it was only stored.
    """

    start: int
    packed: int
    size: int
    crc: int
    deflated: bool


class _Shy(io.FileIO):
    """A file of which little is read at once: a huge table of contents comes short."""

    def read(self, size: int | None = -1, /) -> bytes:
        most = 128 * KIB
        return super().read(most if size is None or size < 0 else min(size, most)) or b""


def broken(why: str) -> TryLater:
    """Return the error of a result that didn't arrive as the CRM meant it."""
    return TryLater("archive_broken", seconds=BROKEN_SECONDS, why=why)


def refused(why: str) -> Fault:
    """Return the error of an archive as no CRM makes one."""
    return Fault("archive_refused", why=why)


def entry_of(file: io.FileIO, suffix: str, limits: Limits) -> Entry | None:
    """Return the one entry of an archive, or None where it has none.

    Args:
        file: The archive, open for reading; its position is left anywhere.
        suffix: How the entry's name must end.
        limits: What its sizes must keep to.

    Raises:
        TryLater: ``archive_broken``: it is no archive, or not whole.
        Fault: ``archive_refused``: more than one entry, or another thing than a file of that
            kind; ``archive_too_large``.
    """
    try:
        with (
            _Shy(file.fileno(), closefd=False) as shy,
            zipfile.ZipFile(cast("io.BufferedIOBase", shy)) as archive,
        ):
            entries, end = archive.infolist(), archive.start_dir
    except (zipfile.BadZipFile, RuntimeError, ValueError, struct.error, EOFError, OSError):
        # NotImplementedError is a RuntimeError.
        raise broken("no_archive") from None
    if not entries:
        return None
    if len(entries) > 1:
        raise refused("entries")
    info = entries[0]
    _check(info, suffix)
    if info.file_size > limits.unpacked or info.file_size > max(
        _SMALL, limits.ratio * info.compress_size
    ):
        raise Fault("archive_too_large")
    start = _data_start(file, info)
    if start + info.compress_size > end:
        raise broken("short")
    return Entry(
        start=start,
        packed=info.compress_size,
        size=info.file_size,
        crc=info.CRC,
        deflated=info.compress_type == zipfile.ZIP_DEFLATED,
    )


def _check(info: zipfile.ZipInfo, suffix: str) -> None:
    name, mode = info.orig_filename, info.external_attr >> 16
    if not _NAME.fullmatch(name) or not name.casefold().endswith(suffix):
        raise refused("name")
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        raise refused("not_a_file")
    if info.flag_bits & _ENCRYPTED:
        raise refused("encrypted")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise refused("method")


def _data_start(file: io.FileIO, info: zipfile.ZipInfo) -> int:
    """Return where the data begins; what stands before it must say the same as the table."""
    if info.header_offset:
        raise refused("heads_differ")  # another thing stands before it
    file.seek(0)
    head = file.read(_LOCAL.size) or b""
    if len(head) < _LOCAL.size:
        raise broken("short")
    mark, _, flags, method, *_, name_size, extra_size = _LOCAL.unpack(head)
    code = "utf-8" if info.flag_bits & _UTF8 else "cp437"
    name = (file.read(name_size) or b"").decode(code, "replace")
    if mark != b"PK\3\4":
        raise broken("short")
    told = (info.orig_filename, info.compress_type)
    if (name, method) != told or flags & _ENCRYPTED:
        raise refused("heads_differ")
    return _LOCAL.size + int(name_size) + int(extra_size)


def unpacked(file: io.FileIO, entry: Entry) -> Iterator[bytes]:
    """Give the entry's content in pieces, holding it to what the archive tells of it.

    Whoever takes it in must take the last piece in, too: only then it is whole.

    Raises:
        TryLater: ``archive_broken``: odd data, or another length or CRC-32 than told.
    """
    crc = size = 0
    for piece in _inflated(file, entry) if entry.deflated else _read(file, entry):
        size += len(piece)
        if size > entry.size:
            raise broken("length")
        crc = isal_zlib.crc32(piece, crc)
        yield piece
    if size != entry.size:
        raise broken("length")
    if crc != entry.crc:
        raise broken("crc")


def _read(file: io.FileIO, entry: Entry) -> Iterator[bytes]:
    file.seek(entry.start)
    left = entry.packed
    while left and (data := file.read(min(READ, left))):
        left -= len(data)
        yield data


def _inflated(file: io.FileIO, entry: Entry) -> Iterator[bytes]:
    inflater = isal_zlib.decompressobj(-15)
    for read in _read(file, entry):
        data, piece = read, b""
        # What was given is used up when nothing of it is left and the piece isn't full.
        while not inflater.eof and (data or len(piece) == PIECE):
            try:
                piece = inflater.decompress(data, PIECE)
            except _ODD_DATA:
                raise broken("deflate") from None
            if piece:
                yield piece
            data = inflater.unconsumed_tail


def zipped(name: str, content: Iterable[bytes]) -> Iterator[bytes]:
    """Give a zip file with one entry, deflated at level 2, in pieces.

    Raises:
        Fault: ``archive_too_large`` at 4 GiB.
    """
    raw = name.encode()
    flags = _AFTER | _UTF8
    deflater = isal_zlib.compressobj(2, isal_zlib.DEFLATED, -15)
    yield _LOCAL.pack(b"PK\3\4", 20, flags, 8, 0, _DAY, 0, 0, 0, len(raw), 0) + raw
    crc = size = packed = 0
    for piece in content:
        crc, size = isal_zlib.crc32(piece, crc), size + len(piece)
        if size > _MOST:
            raise Fault("archive_too_large")
        if data := deflater.compress(piece):
            packed += len(data)
            yield data
    data = deflater.flush()
    packed += len(data)
    offset = _LOCAL.size + len(raw) + packed + _DESCRIPTOR.size
    yield data + _DESCRIPTOR.pack(b"PK\7\x08", crc, packed, size)
    central = _CENTRAL.pack(
        *(b"PK\1\2", 20, 20, flags, 8, 0, _DAY, crc, packed, size, len(raw), 0, 0, 0, 0, 0, 0)
    )
    end = _END.pack(b"PK\5\6", 0, 0, 1, 1, len(central) + len(raw), offset, 0)
    yield central + raw + end
