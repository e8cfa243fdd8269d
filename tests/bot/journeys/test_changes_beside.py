"""What a change leaves alone, and what it counts once."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.domain.change import ChangeSet, Scope
from bot.domain.participants import Participant
from bot.journeys.series.endings import Ending, Removed
from bot.journeys.series.plan import Changed, ShownAgain
from tests.bot.journeys.series_stage import ADA, PER_DAY, START, WEEKLY, Stage, stage

ZONE = "America/New_York"


@pytest.fixture
def town() -> Iterator[Stage]:
    """A CRM and a bot."""
    with stage() as found:
        yield found


def cancel(town: Stage, event_id: str) -> None:
    """Cancel one occurrence, nobody being mailed."""
    town.removing.prepare("gone", ADA, event_id, Scope.ONE, Ending.CANCEL, mail=False)
    assert isinstance(town.removing.run("gone", ADA), Removed)


@pytest.mark.parametrize("known", ["known", "ignored"])
def test_what_is_cancelled_is_neither_changed_nor_mailed_about(town: Stage, known: str) -> None:
    """One date was called off: the rest moves to three, and nobody hears of that one again."""
    town.turn({"events.update_all": known})
    ids = town.make()
    cancel(town, ids[2])
    before, mails = dict(town.record(ids[2])), len(town.side.world.mails)
    change = ChangeSet(clock=time(15), invitations=True)
    plan = town.changing.prepare("op", ADA, ids[0], change, Scope.FOLLOWING, person_zone=ZONE).plan
    assert [ids[0], ids[1], *ids[3:]] == [step.event_id for step in plan.steps]
    assert isinstance(town.changing.run("op", ADA), Changed)
    assert before == town.record(ids[2])
    told = town.side.world.mails[mails:]
    assert ids[2] not in {one["event"] for one in told}


def test_a_cancelled_one_can_be_changed_by_itself(town: Stage) -> None:
    """Whoever opens it means it."""
    ids = town.make()
    cancel(town, ids[2])
    change = ChangeSet(title="Called off")
    for op, scope in (("one", Scope.ONE), ("all", Scope.FOLLOWING)):
        plan = town.changing.prepare(op, ADA, ids[2], change, scope, person_zone=ZONE).plan
        assert plan.first is not None


@pytest.mark.parametrize(("days", "past"), [(-2, 1), (3, 0)])
def test_what_would_be_in_the_past_is_counted(town: Stage, days: int, past: int) -> None:
    """Five meetings from yesterday on are moved: back by two days, the first is over already."""
    ids = town.make()
    town.sleep(timedelta(days=20).total_seconds())
    change = ChangeSet(day=(START + timedelta(days=days)).date())
    plan = town.changing.prepare("op", ADA, ids[0], change, Scope.FOLLOWING, person_zone=ZONE).plan
    assert past == plan.past


def test_what_is_shown_again_counts_its_people_once(town: Stage) -> None:
    """Nothing was written the first time, and nobody mailed: the second isn't refused for it."""
    guests = tuple(Participant.by_email(f"p{n}@example.com") for n in range(PER_DAY // 2 + 1))
    (one,) = town.make(replace(WEEKLY, recurrence=None, participants=guests))
    change = ChangeSet(title="Forecast", invitations=True)
    town.changing.prepare("op", ADA, one, change, Scope.ONE, person_zone=ZONE)
    town.edit(one, Event_Title="Renamed")
    again = town.changing.run("op", ADA)
    assert isinstance(again, ShownAgain)
    assert isinstance(town.changing.run(again.prepared.operation_id, ADA), Changed)
