"""What others do to the old series while the new one is made: said before the old one goes."""

from collections.abc import Callable, Iterator

import pytest

from bot.errors import ParleyError, TryLater
from bot.journeys.meeting.outcomes import Failed, Waiting
from bot.journeys.series.endings import Ending
from bot.journeys.series.rule_plan import Reruled, RuleOutcome, Standing, WentBack
from handlers.sandbox.web import Answer, Request
from tests.bot.journeys.series_stage import ADA, Killed, Stage, stage

ZONE = "America/New_York"


@pytest.fixture
def town() -> Iterator[Stage]:
    """A CRM and a bot."""
    with stage() as found:
        yield found


def prepared(town: Stage) -> tuple[str, ...]:
    """Make five meetings and prepare a new rule for them; return their ids."""
    ids = town.make()
    words = "every 2 weeks on Monday, 3 times"
    town.rerule.prepare("op", ADA, ids[0], words, ending=Ending.DELETE, mail=True, person_zone=ZONE)
    return ids


def reruled(town: Stage) -> RuleOutcome:
    """Run until it doesn't wait any more."""
    while True:
        outcome = town.rerule.run("op", ADA)
        if not isinstance(outcome, Waiting):
            return outcome
        town.sleep(outcome.seconds)


def standing(outcome: RuleOutcome) -> Standing:
    """Return the outcome of one that waits for the person."""
    assert isinstance(outcome, Standing), outcome
    return outcome


def invite(town: Stage, event_id: str, guest: str = "late@example.com") -> None:
    """Let a colleague invite somebody at the CRM."""
    rows = town.record(event_id)["Participants"]
    late = {**rows[0], "id": "5550000000000000077", "participant": guest}
    town.edit(event_id, Participants=[*rows, late])


def held(town: Stage, ids: tuple[str, ...]) -> int:
    """Return how many of the meetings are still there."""
    return len(town.side.world.records("Events").keys() & set(ids))


def others(town: Stage, ids: tuple[str, ...]) -> int:
    """Return how many meetings there are beside these."""
    return len(town.side.world.records("Events").keys() - set(ids))


@pytest.mark.parametrize("forward", [True, False])
def test_whom_a_colleague_invites_while_the_new_series_is_looked_for(
    town: Stage, *, forward: bool
) -> None:
    """Its answer was lost, and looked up after minutes: the old series isn't taken away unasked."""
    ids = prepared(town)
    create = {"kind": "cut_after", "path": "/crm/v8/Events", "method": "POST"}
    town.side.faults.arm(create)
    waiting = town.rerule.run("op", ADA)
    assert isinstance(waiting, Waiting)
    invite(town, ids[2])
    town.sleep(waiting.seconds)
    asked = standing(reruled(town))
    assert ("old_modified", True) == (asked.error.code, asked.can_go_back)
    assert (5, 3) == (held(town, ids), others(town, ids))
    assert asked.report == standing(town.rerule.run("op", ADA)).report
    if forward:
        assert town.rerule.go_on("op", ADA)
        assert isinstance(reruled(town), Reruled)
        assert (0, 3) == (held(town, ids), others(town, ids))
    else:
        assert town.rerule.go_back("op", ADA)
        assert isinstance(reruled(town), WentBack)
        assert (5, 0) == (held(town, ids), others(town, ids))
        assert "late@example.com" in town.people(ids[2])


def test_what_changes_while_it_stands_is_said_again(town: Stage) -> None:
    """Told of one change, the person goes on; there is another one by then."""
    ids = prepared(town)
    town.side.faults.arm({"kind": "cut_after", "path": "/crm/v8/Events", "method": "POST"})
    assert isinstance(town.rerule.run("op", ADA), Waiting)
    invite(town, ids[2])
    standing(reruled(town))
    town.sleep(60)
    invite(town, ids[3])
    assert town.rerule.go_on("op", ADA)
    assert "old_modified" == standing(reruled(town)).error.code
    assert 5 == held(town, ids)
    assert town.rerule.go_on("op", ADA)
    assert isinstance(reruled(town), Reruled)


def test_a_crm_that_stays_away_has_made_nothing(town: Stage) -> None:
    """Never reached: nothing was begun, and it is the CRM that is said to be away."""
    ids = prepared(town)
    town.side.faults.arm({"kind": "throttle", "path": "*", "times": None})
    with pytest.raises(TryLater):
        town.rerule.run("op", ADA)
    failed = town.rerule.settle("op", ADA)
    assert isinstance(failed, Failed)
    assert "crm_down" == failed.error.code
    town.side.faults.clear()
    assert isinstance(town.rerule.run("op", ADA), Failed)
    assert (5, 0) == (held(town, ids), others(town, ids))


def test_a_crm_that_lets_nobody_look_leaves_it_said_that_both_stand(town: Stage) -> None:
    """Once the new one is made, lists are forbidden for good: where it stands is told."""
    ids = prepared(town)
    no = {"code": "NO_PERMISSION", "details": {}, "message": "no", "status": "error"}

    def around(request: Request, page: Callable[[], Answer]) -> Answer:
        if (request.method, request.path) == ("POST", "/crm/v8/Events"):
            closed = {"kind": "answer", "status": 403, "body": no, "times": None}
            town.side.faults.arm({**closed, "method": "GET", "path": "/crm/v8/Events"})
        return page()

    town.wire.around = around
    assert "dates_unread" == standing(reruled(town)).error.code
    assert town.rerule.go_on("op", ADA)
    with pytest.raises(ParleyError):
        reruled(town)
    asked = standing(town.rerule.settle("op", ADA))
    assert ("crm_permission", True) == (asked.error.code, asked.can_go_back)
    assert (5, 3) == (held(town, ids), others(town, ids))
    town.side.faults.clear()
    assert town.rerule.go_on("op", ADA)
    assert isinstance(reruled(town), Reruled)


def test_its_own_doing_stops_nothing(town: Stage) -> None:
    """Killed after some of the old ones have gone: that is nobody else's change."""
    ids = prepared(town)

    def around(request: Request, page: Callable[[], Answer]) -> Answer:
        answer = page()
        if request.method == "DELETE":
            town.wire.around = None
            raise Killed
        return answer

    town.wire.around = around
    with pytest.raises(Killed):
        reruled(town)
    assert isinstance(reruled(town), Reruled)
    assert (0, 3) == (held(town, ids), others(town, ids))


def test_a_new_series_that_could_not_be_compared_ends_nothing(town: Stage) -> None:
    """Made, but never read back: the old series stays until the person has looked."""
    ids = prepared(town)
    made: list[bool] = []

    def around(request: Request, page: Callable[[], Answer]) -> Answer:
        if made and request.method != "DELETE":
            raise TryLater("crm_down")
        answer = page()
        if (request.method, request.path) == ("POST", "/crm/v8/Events"):
            made.append(True)
        return answer

    town.wire.around = around
    with pytest.raises(TryLater):
        town.rerule.run("op", ADA)
    asked = standing(town.rerule.settle("op", ADA))
    assert ("dates_unread", True) == (asked.error.code, asked.can_go_back)
    assert (5, 3) == (held(town, ids), others(town, ids))
    town.wire.around = None
    assert town.rerule.go_on("op", ADA)
    assert isinstance(reruled(town), Reruled)
    assert (0, 3) == (held(town, ids), others(town, ids))
