"""kill -9 anywhere in an export's life: nothing lost, nothing told twice, no file in halves."""

import random
from pathlib import Path

from tests.journeys.exports.export_killing import Rig, rig

SCENARIOS = {"steps": 330, "pages": 200, "files": 150}
"""How many exports three of the rigs kill: a thousand with those killed at every pair."""
SOAKED = 10_000


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


def at_random(place: Rig, points: int, scenarios: int, seed: int, kind: str = "ics") -> None:
    """Kill up to four lives of each export, anywhere."""
    choose = random.Random(seed)
    while len(place.seeds) < scenarios:
        kills = [choose.randint(1, points) for _ in range(choose.choice((1, 1, 2, 2, 4)))]
        place.live(*kills, kind=kind)


def test_killed_at_every_step(memory_folder: Path, soak: bool) -> None:
    """Every request, commit and step once; then at random."""
    with rig(memory_folder, pages=1) as place:
        points = every_point(place)
        at_random(place, points, SOAKED if soak else SCENARIOS["steps"], seed=1)

        assert points > 60
        assert place.kills > len(place.seeds)
        place.judge()


def test_killed_at_every_pair_of_steps(memory_folder: Path) -> None:
    """Every step after every step."""
    with rig(memory_folder, pages=1) as place:
        steps = every_pair_of_steps(place)

        assert len(place.seeds) > steps * (steps + 1) // 2 > 150
        place.judge()


def test_killed_between_pages(memory_folder: Path, soak: bool) -> None:
    """Two pages made one: every request, commit and step once; then at random."""
    with rig(memory_folder, pages=2) as place:
        points = every_point(place)
        at_random(place, points, SOAKED if soak else SCENARIOS["pages"], seed=2)

        assert points > 100
        assert place.kills > len(place.seeds)
        place.judge()


def test_killed_while_files_are_made(memory_folder: Path, soak: bool) -> None:
    """A CSV of two pages with its safe copy; then at random."""
    with rig(memory_folder, pages=2) as place:
        points = every_point(place, kind="csv", each=1 if soak else 4)
        at_random(place, points, SOAKED if soak else SCENARIOS["files"], seed=3, kind="csv")

        assert place.kills > len(place.seeds)
        place.judge()
