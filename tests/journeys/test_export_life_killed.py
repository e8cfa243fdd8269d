"""kill -9 anywhere in an export's life: nothing lost, nothing told twice, no file in halves."""

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.export_killing import Rig, rig

SCENARIOS = (600, 400)
"""How many exports each of the two rigs kills; a thousand together."""
SOAKED = 20_000
MEMORY = Path("/dev/shm")  # noqa: S108 - kills are tried here, not power cuts: no disk is needed


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is one."""
    if not MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=MEMORY, prefix="parley-") as made:
        yield Path(made)


def every_point(place: Rig, kind: str = "ics", each: int = 1) -> int:
    """Kill one life at each point there is, or at each so-manieth; return how many there are."""
    points = place.live(kind=kind)
    for point in range(1, points + 1, each):
        place.live(point, kind=kind)
    return points


def every_pair_of_steps(place: Rig) -> int:
    """Kill one life at each step, and the next at each step that is left to it."""
    steps = place.live(steps_alone=True)
    for first in range(1, steps + 1):
        second = 1
        while place.live(first, second, steps_alone=True) > 0 and place.killed == 2:
            second += 1
    return steps


def at_random(place: Rig, points: int, scenarios: int, seed: int) -> None:
    """Kill up to four lives of each export, anywhere."""
    choose = random.Random(seed)
    while len(place.seeds) < scenarios:
        kills = [choose.randint(1, points) for _ in range(choose.choice((1, 2, 2, 3, 4)))]
        place.live(*kills)


def test_killed_at_every_step_and_every_pair_of_steps(folder: Path, soak: bool) -> None:
    """Every request, commit and step once; every step after every step; then at random."""
    with rig(folder, pages=1) as place:
        points = every_point(place)
        steps = every_pair_of_steps(place)
        at_random(place, points, SOAKED if soak else SCENARIOS[0], seed=1)

        assert points > 3 * steps > 50
        assert place.kills > len(place.seeds)
        place.judge()


def test_killed_between_pages_and_while_a_file_is_made(folder: Path, soak: bool) -> None:
    """Two pages made one; a CSV with its safe copy; then at random."""
    with rig(folder, pages=2) as place:
        points = every_point(place)
        every_point(place, kind="csv", each=1 if soak else 4)
        at_random(place, points, SOAKED if soak else SCENARIOS[1], seed=2)

        assert place.kills > len(place.seeds)
        place.judge()
