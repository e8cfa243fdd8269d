"""kill -9 at every request of the journey: one series, one message, nothing lost."""

import time
from collections import Counter
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # the library in use

from handlers.sandbox.person import Person
from tests.journeys.fault_steps import LEASE, told
from tests.journeys.killing import Stage, stage
from tests.journeys.steps import agrees

BUTTON = "Create 3 meetings"
PATIENCE = 60.0
CREATE = "/crm/v8/Events"
LOOK = "/crm/v8/coql"
POST = "/api/chat.postMessage"
NAMES = (
    *("Alfa", "Bravo", "Carlo", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Julia"),
    *("Kilo", "Lima", "Mike", "Nora", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango"),
    *("Uniform", "Victor", "Whiskey", "Xray", "Yankee", "Zulu"),
)
POINTS = ((CREATE, 1), (CREATE, 2), (LOOK, 1), (LOOK, 2), (LOOK, 3), (POST, 1), (POST, 2))
"""Where an operation with a lost answer is killed: path, and its so-manieth request."""


def request(title: str) -> str:
    """Return a command with a lead to look up, so that the journey has every step."""
    return f"/meet {title} every other Sunday 10-11am 3 times with lead: Carissa Kidman"


def stands(title: str) -> str:
    """Return what the notice of a created series says."""
    return f"“{title}” is in your CRM"


def connected(place: Stage) -> Person:
    """Return Dev, connected."""
    dev = place.person("U0DEV")
    dev.types("/crm connect")
    dev.wait_for(lambda: dev.messages("C0GENERAL"))
    agrees(str(dev.press("Connect Zoho CRM")), "dev@example.com")
    dev.wait_for(lambda: told(dev, "Connected: "))
    return dev


def insists(place: Stage, dev: Person, title: str) -> None:
    """Do what a person does who wants a meeting from a bot that keeps dying.

    Type, open, press Create, and whatever fails once more; time passes while nothing happens.
    """
    began = str(place.sandbox.clock.now().timestamp())
    end = time.monotonic() + PATIENCE
    typed = False
    while not told(dev, stands(title)):
        assert time.monotonic() < end, f"{title}: {dev.modal_text()}\n{dev.dm_text()}"
        if not place.alive:
            place.start()
            place.advance(LEASE)
        with suppress(AssertionError):  # nobody acknowledged: once more, then
            typed = step(dev, title, began, typed=typed)
        quiet = time.monotonic() + 0.3
        while time.monotonic() < quiet and place.alive and not told(dev, stands(title)):
            if ready(dev):
                break
            time.sleep(0.02)
        else:
            place.advance(31)


def ready(dev: Person) -> bool:
    """Say whether a form can be submitted."""
    form = dev.modal_text()
    return BUTTON in form and "Looking up" not in form


def step(dev: Person, title: str, began: str, *, typed: bool) -> bool:
    """Do the next thing that can be done; return whether the command was typed and taken."""
    buttons = [
        label
        for message in dev.messages("*")
        if message["ts"] > began
        for label in message["buttons"]
    ]
    offered = "Open the form" in buttons
    if ready(dev):
        dev.submit()
    elif "It isn't there: create it" in buttons:
        dev.press("It isn't there: create it", where="messages")
    elif dev.modal() is not None:
        # It works, says what became of it, or waits for a look-up nobody does any more.
        if offered and "Looking up" in dev.modal_text():
            dev.close()
    elif offered:
        dev.press("Open the form")
    elif not typed:
        return "failed" not in dev.types(request(title))
    return typed


def settle(place: Stage) -> None:
    """Let hours pass with a bot that lives: what would come twice has come."""
    place.spare()
    for _ in range(4):
        lives(place)
        place.advance(1200)
        time.sleep(0.5)
    # A slow machine has more to do than that: whether it was enough, `waiting` says.
    end = time.monotonic() + PATIENCE
    while any(undone(place).values()) and time.monotonic() < end:
        lives(place)
        place.advance(60)
        time.sleep(0.2)


def lives(place: Stage) -> None:
    """Start a bot where the last one is gone: what is told may be seen before its death."""
    if not place.alive:
        place.start()


def waiting(place: Stage) -> dict[str, int]:
    """Return what a dead bot has left undone, by kind."""
    place.kill()
    connection = sqlite3.connect(str(place.data / "parley.db"))
    try:
        (healthy,) = connection.execute("PRAGMA integrity_check").fetchone()
        assert healthy == "ok"
    finally:
        connection.close()
    return undone(place)


def undone(place: Stage) -> dict[str, int]:
    """Return what is not done yet, by kind."""
    connection = sqlite3.connect(str(place.data / "parley.db"))
    try:
        (work,) = connection.execute("SELECT count(*) FROM inbox WHERE state = 'open'").fetchone()
        (messages,) = connection.execute(
            "SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')"
        ).fetchone()
        (writes,) = connection.execute(
            "SELECT count(*) FROM operations WHERE state NOT IN ('confirmed', 'failed')"
        ).fetchone()
    finally:
        connection.close()
    return {"work": work, "messages": messages, "writes": writes}


def tries(place: Stage, dev: Person, number: int) -> str:
    """Insist on one meeting until it stands; return its title."""
    title = f"Review {NAMES[number % 26]}{NAMES[number // 26].lower()}"
    insists(place, dev, title)
    place.sandbox.crm.faults.clear()
    end = time.monotonic() + 3
    while not place.killed_at and time.monotonic() < end:
        time.sleep(0.02)
    if dev.modal() is not None:
        dev.close()
    return title


def judge(place: Stage, dev: Person, titles: list[str]) -> None:
    """Hold what was made and said to: each once, and nothing left undone."""
    settle(place)
    made = Counter(
        (str(one["Event_Title"]), str(one["$u_id"]))
        for one in place.sandbox.crm.world.records("Events").values()
    )
    said = {title: told(dev, stands(title)) for title in titles}

    assert sorted(title for title, _ in made) == sorted(titles)
    assert set(made.values()) == {3}
    assert said == dict.fromkeys(titles, 1)
    assert waiting(place) == {"work": 0, "messages": 0, "writes": 0}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_request_it_creates_once_and_tells_once(tmp_path: Path, after: bool) -> None:
    """Killed at the first, second, ... request of a journey, before or after its effect."""
    with stage(tmp_path) as place:
        dev = connected(place)
        titles, points = [], set()
        for number in count(1):
            place.kill_at(number, after=after)
            titles.append(tries(place, dev, number))
            if not place.killed_at:
                break
            points.add(place.killed_at)
        # What is asked beside the journey comes now before and now after a step of it.
        for number, (path, nth) in enumerate(((CREATE, 1), (POST, 1), (POST, 2))):
            place.kill_at(nth, after=after, path=path, method="POST")
            titles.append(tries(place, dev, 100 + number))
            points.add(place.killed_at)

        expected = {f"POST {CREATE}", "POST /api/views.open", f"POST {POST}"}
        assert points >= expected, (sorted(points), titles)
        judge(place, dev, titles)


@pytest.mark.parametrize("lost", ["cut_after", "cut_before"])
def test_killed_while_an_answer_is_lost_it_creates_once_and_tells_once(
    tmp_path: Path, lost: str, soak: bool
) -> None:
    """The create's answer is lost, and the bot is killed on its way through the look-ups."""
    both = [(point, after) for point in POINTS for after in (False, True)]
    with stage(tmp_path) as place:
        dev = connected(place)
        titles = []
        for number, ((path, which), after) in enumerate(both if soak else both[::3]):
            place.sandbox.crm.faults.arm({"kind": lost, "method": "POST", "path": CREATE})
            place.kill_at(which, after=after, path=path)
            titles.append(tries(place, dev, number))

        judge(place, dev, titles)
