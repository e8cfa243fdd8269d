"""The table of a load: one line a row, some beside another."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.load import Shot, at

TURN = 1
"""Seconds after which bare Bolt and Parley take turns, so that both meet the same weather."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; times in milliseconds.

    Attributes:
        name: What was sent, and where to.
        rate: How many a second.
        sent: How many in all.
        lost: How many weren't acknowledged in time.
        p50: Half of them took no longer.
        p99: Of a hundred, one took longer.
        most: None took longer.
        usual: The p99 of the middle one of all turns: one bad second of the machine, or of a
            neighbour on it, doesn't count.
        beside: The line to be compared with.
    """

    name: str
    rate: int
    sent: int
    lost: int
    p50: float
    p99: float
    most: float
    usual: float
    beside: "Row | None" = None

    @property
    def times(self) -> float:
        """How many times the other line's usual p99 this one's is."""
        return self.usual / self.beside.usual if self.beside else math.nan

    def __str__(self) -> str:
        """Return the line."""
        line = (
            f"{self.name:34} {self.rate:4}/s {self.sent:5} {self.lost:5} "
            f"{self.p50:8.1f} {self.p99:8.1f} {self.most:8.1f}"
        )
        if self.beside is None:
            return line
        return f"{line}  {self.p50 / self.beside.p50:6.2f} {self.times:6.2f}"


HEAD = (
    f"{'':34} {'rate':>6} {'sent':>5} {'lost':>5} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}"
    f"  {'p50/b':>6} {'p99/b':>6}"
)


def row(name: str, rate: int, shots: Sequence[Shot], beside: Row | None = None) -> Row:
    """Return the line of acknowledgements; a lost one has taken as long as it was waited for."""
    lost = sum(not shot.acknowledged for shot in shots)
    return line(name, rate, [shot.seconds for shot in shots], lost, beside)


def line(name: str, rate: int, took: Sequence[float], lost: int, beside: Row | None = None) -> Row:
    """Return the line of times in seconds, in the order of their requests."""
    turns = [took[start : start + rate * TURN] for start in range(0, len(took), rate * TURN)]
    return Row(
        name=name,
        rate=rate,
        sent=len(took),
        lost=lost,
        p50=at(0.5, took),
        p99=at(0.99, took),
        most=at(1, took),
        usual=median(at(0.99, turn) for turn in turns),
        beside=beside,
    )
