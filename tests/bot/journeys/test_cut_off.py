"""A change that was cut off tells what it knows, and no more."""

from collections.abc import Iterator

import pytest

from bot.domain.change import ChangeSet, Scope
from bot.domain.participants import Participant
from bot.errors import TryLater
from bot.journeys.series.change import Outcome
from bot.journeys.series.plan import Fate, Stopped
from tests.bot.journeys.series_stage import ADA, Stage, stage

ADD = ChangeSet(add=(Participant.by_email("new@example.com"),))


@pytest.fixture
def town() -> Iterator[Stage]:
    """A CRM and a bot."""
    with stage() as found:
        yield found


def prepared(town: Stage) -> tuple[str, ...]:
    """Make five meetings and prepare to add somebody to all; return their ids."""
    ids = town.make()
    town.changing.prepare("op", ADA, ids[0], ADD, Scope.FOLLOWING, person_zone="America/New_York")
    return ids


def test_settled_half_way_it_does_not_say_that_nothing_is_done(town: Stage) -> None:
    """Once it has begun to write, only the CRM knows how far it got."""
    ids = prepared(town)
    town.side.faults.arm(
        {"kind": "throttle", "method": "PUT", "path": "*", "skip": 1, "times": None}
    )
    with pytest.raises(TryLater):
        town.changing.run("op", ADA)
    stopped = town.changing.settle("op", ADA)
    assert isinstance(stopped, Stopped)
    assert {Fate.UNKNOWN} == {one.fate for one in stopped.report.results}
    assert 1 == sum("new@example.com" in town.people(one) for one in ids)
    town.memory.grants.forget(town.grants[ADA].id)
    assert town.changing.again("op", ADA)
    assert stopped.report == told_stopped(town.changing.run("op", ADA)).report


def told_stopped(outcome: Outcome) -> Stopped:
    """Return the outcome of a change that was stopped."""
    assert isinstance(outcome, Stopped), outcome
    return outcome


@pytest.mark.parametrize(("skip", "known"), [(0, 0), (2, 2)])
def test_stopped_anew_it_tells_what_it_has_seen(town: Stage, skip: int, known: int) -> None:
    """Begun before, and cut off again while it reads how far it got."""
    prepared(town)
    town.side.faults.arm(
        {"kind": "throttle", "method": "PUT", "path": "*", "skip": 3, "times": None}
    )
    with pytest.raises(TryLater):
        town.changing.run("op", ADA)
    town.side.faults.clear()
    town.side.faults.arm(
        {"kind": "invalid_token", "method": "GET", "path": "*", "skip": skip, "times": None}
    )
    refused = {"error": "invalid_code"}
    town.side.faults.arm(
        {"kind": "answer", "status": 200, "body": refused, "path": "/oauth/v2/token"}
    )
    report = told_stopped(town.changing.run("op", ADA)).report
    assert (5 - known) == sum(one.fate is Fate.UNKNOWN for one in report.results)
