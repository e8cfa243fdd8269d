"""kill -9 within a change of a series: one series, nobody lost, one message."""

import time
from pathlib import Path

from handlers.sandbox.person import Person
from tests.journeys.fault_steps import LEASE, told
from tests.journeys.killing import Stage, stage
from tests.journeys.series.series_steps import asks_for, opens, shows
from tests.journeys.steps import Json, guests
from tests.journeys.test_killed import PATIENCE, connected, settle, waiting

POST = {"method": "POST", "path": "/api/chat.postMessage"}
PUT = {"method": "PUT"}
DELETE = {"method": "DELETE"}
CANCEL = {"method": "POST", "path": "*/actions/cancel"}
DAY = 86_400.0


def passes(place: Stage, person: Person, words: str) -> None:
    """Let time pass, with a bot that comes back when it died, until a message says *words*."""
    end = time.monotonic() + PATIENCE
    while not told(person, words):
        assert time.monotonic() < end, f"{place.killed_at}\n{person.dm_text()}"
        if not place.alive:
            place.start()
            place.advance(2 * LEASE)
        place.advance(5)
        time.sleep(0.05)


def stands(place: Stage, dev: Person, title: str) -> None:
    """Make five meetings with a guest, told of, with no form open."""
    dev.types(f"/meet {title} every Monday 10am with guest@example.com 5 times")
    dev.wait_for(lambda: "Create 5 meetings" in dev.modal_text())
    dev.wait_for(lambda: "Looking up" not in dev.modal_text())
    assert "updated" == dev.submit()
    passes(place, dev, f"“{title}” is in your CRM")
    dev.close(whole=True)


def named(place: Stage, title: str) -> list[Json]:
    """Return the meetings of a title, the first one first."""
    records = place.sandbox.crm.world.records("Events").values()
    found = [one for one in records if one["Event_Title"] == title]
    return sorted(found, key=lambda one: str(one["Start_DateTime"]))


def ends_quietly(place: Stage) -> None:
    """Let hours pass with a bot that lives; then nothing is left undone."""
    settle(place)
    assert {"work": 0, "messages": 0, "writes": 0} == waiting(place)


def test_killed_within_a_change_of_people_nobody_is_lost(tmp_path: Path) -> None:
    """Before and after writes to five meetings, and at its message: each changed, told once."""
    points = [(PUT, 1, False), (PUT, 1, True), (PUT, 3, True), (PUT, 5, True), (POST, 1, True)]
    with stage(tmp_path) as place:
        dev = connected(place)
        stands(place, dev, "Review")
        for number, (path, which, after) in enumerate(points, 1):
            opens(dev)
            asks_for(dev, "People", "Which meetings")
            dev.fill("People", [f"p{number}@example.com"])
            dev.fill("Which meetings", "This and all after it")
            shows(dev, f"Added: p{number}@example.com")
            place.kill_at(which, after=after, **path)
            dev.press("Change 5 meetings", where="modal")
            dev.wait_for(lambda: place.killed_at)
            passes(place, dev, f"Added: p{number}@example.com")
            dev.close(whole=True)
            everybody = ["guest@example.com", *(f"p{n}@example.com" for n in range(1, number + 1))]
            made = named(place, "Review")
            assert [[("email", one) for one in sorted(everybody)]] * 5 == [*map(guests, made)]
            assert 1 == len({one["$u_id"] for one in made})
        ends_quietly(place)
        assert [1] * 5 == [told(dev, f"Added: p{number}@example.com") for number in range(1, 6)]


def test_killed_within_the_removal_of_a_rest_the_first_stays(tmp_path: Path) -> None:
    """Before and after deleting and cancelling: the four behind go, mailed once and told once."""
    points = {
        "Alfa": (DELETE, 1, False),
        "Bravo": (DELETE, 1, True),
        "Carlo": (CANCEL, 1, True),
        "Delta": (CANCEL, 3, False),
        "Echo": (CANCEL, 4, True),
        "Foxtrot": (POST, 1, True),
    }
    with stage(tmp_path) as place:
        dev = connected(place)
        for title, (path, which, after) in points.items():
            stands(place, dev, title)
            place.advance(7 * DAY)
            word = "Cancel" if path == CANCEL else "Delete"
            opens(dev)
            asks_for(dev, f"{word}…", "Which meetings")
            dev.fill("Which meetings", "This and all after it")
            if path == CANCEL:
                dev.fill("Mails", ["Mail the participants about it"])
            shows(dev, "4 meetings will be")
            place.kill_at(which, after=after, **path)
            dev.press(f"{word} 4 meetings", where="modal")
            dev.wait_for(lambda: place.killed_at)
            passes(place, dev, f"“{title}”: 4 meetings ")
            dev.close(whole=True)
            held = [not one["$event_cancelled"] for one in named(place, title)]
            assert [True] + ([False] * 4 if path == CANCEL else []) == held
        ends_quietly(place)
        assert [1] * 6 == [told(dev, f"“{title}”: 4 meetings ") for title in points]
        mails = place.sandbox.crm.world.mails
        mailed = [one["event"] for one in mails if one["kind"] == "cancellation"]
        assert 12 == len(mailed) == len(set(mailed))
