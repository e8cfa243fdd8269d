"""Changes to series: previewed, carried to every occurrence, read back, repeated, undone."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

import pytest

from bot.domain.change import Aspect, ChangeSet, Scope
from bot.domain.participants import Participant
from bot.journeys.plan import Changed, Fate, Prepared, ShownAgain
from tests.bot.journeys.series_stage import ADA, NEW_YORK, START, Stage, stage


@pytest.fixture
def town() -> Iterator[Stage]:
    """A CRM and a bot."""
    with stage() as found:
        yield found


def prepared(
    town: Stage, event_id: str, change: ChangeSet, scope: Scope, op: str = "op"
) -> Prepared:
    """Prepare a change for Ada."""
    return town.changing.prepare(op, ADA, event_id, change, scope, person_zone="America/New_York")


def starts(town: Stage, ids: tuple[str, ...]) -> list[datetime]:
    """Return when the meetings begin."""
    return [datetime.fromisoformat(town.record(one)["Start_DateTime"]) for one in ids]


BOTH = [
    {
        "events.update_all": known,
        "events.update_all_answer": answer,
        "events.update_all_people": people,
    }
    for known, answer, people in (
        ("known", "one", "replace"),
        ("known", "many", "keep"),
        ("ignored", "one", "replace"),
    )
]


@pytest.mark.parametrize("switches", BOTH)
def test_this_and_all_after_it_become_as_wanted(town: Stage, switches: dict[str, str]) -> None:
    """Whether the CRM knows how to change them together or not."""
    town.turn(switches)
    ids = town.make()
    change = ChangeSet(
        title="Forecast",
        clock=time(15),
        venue="Room 2",
        add=(town.colleague("ben"),),
    )
    plan = prepared(town, ids[1], change, Scope.FOLLOWING).plan
    assert list(ids[1:]) == [step.event_id for step in plan.changing]
    done = town.changing.run("op", ADA)
    assert isinstance(done, Changed)
    assert () == done.report.left
    assert [START, *(START + timedelta(days=7 * n, hours=5) for n in range(1, 5))] == starts(
        town, ids
    )
    titles = [(town.record(one)["Event_Title"], town.record(one)["Venue"]) for one in ids]
    assert [("Pipeline review", "Room 1"), *[("Forecast", "Room 2")] * 4] == titles
    both = {"guest@example.com", town.user("ben")["id"]}
    assert [{"guest@example.com"}, both, both, both, both] == [town.people(one) for one in ids]
