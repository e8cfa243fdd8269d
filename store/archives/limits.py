"""How large an archive may be, and how much room is left to others."""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is refused; all but the ratio in bytes.

    Attributes:
        archive: The largest archive taken in.
        unpacked: The most one archive may unpack to.
        ratio: The most bytes one byte of an archive may unpack to.
        total: The most that all files together may take.
        free: What stays free on the disk.
    """

    archive: int = 512 * MIB
    unpacked: int = 2 * GIB
    ratio: int = 200
    total: int = 5 * GIB
    free: int = 1 * GIB
