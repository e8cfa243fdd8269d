"""Cancelling and deleting: told before, done once, the CRM's refusals explained."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from bot.domain.change import Scope
from bot.domain.recurrence import Recurrence, Weekday
from bot.errors import Gone, Refused, TryLater
from bot.journeys.meeting.outcomes import Failed
from bot.journeys.series.endings import Ending, Removal, RemovalOutcome, RemovalStopped, Removed
from bot.journeys.series.plan import Fate
from tests.bot.journeys.series_stage import ADA, BEN, START, WEEKLY, Killed, Stage, killed_at, stage

QUIET = replace(WEEKLY, invitations=False)


@pytest.fixture
def town() -> Iterator[Stage]:
    """A CRM and a bot."""
    with stage() as found:
        yield found


def prepare(
    town: Stage,
    event_id: str,
    ending: Ending,
    scope: Scope = Scope.FOLLOWING,
    *,
    mail: bool = True,
    op: str = "op",
) -> Removal:
    """Prepare a removal for Ada."""
    return town.removing.prepare(op, ADA, event_id, scope, ending, mail=mail).removal


def removed(outcome: RemovalOutcome) -> Removed:
    """Return the outcome of a removal that was carried out."""
    assert isinstance(outcome, Removed), outcome
    return outcome


def there(town: Stage, ids: tuple[str, ...]) -> list[bool]:
    """Return which of the meetings are still to be held."""
    records = town.side.world.records("Events")
    return [one in records and not records[one]["$event_cancelled"] for one in ids]


def mails(town: Stage) -> int:
    """Return how many people were told of a cancelled meeting."""
    return sum(one["kind"] == "cancellation" for one in town.side.world.mails)


@pytest.mark.parametrize("ending", Ending)
@pytest.mark.parametrize("scope", Scope)
def test_one_or_the_rest_go_after_being_told(town: Stage, ending: Ending, scope: Scope) -> None:
    """Nothing happens before the run; a second run only tells it again."""
    ids = town.make()
    told = prepare(town, ids[2], ending, scope)
    reach = 1 if scope is Scope.ONE else 3
    assert [(ids[n], START + n * timedelta(days=7), 1) for n in range(2, 2 + reach)] == [
        (one.event_id, one.start, one.people) for one in told.items
    ]
    assert [True] * 5 == there(town, ids)
    done = removed(town.removing.run("op", ADA))
    assert () == done.report.left
    assert [True, True, *[False] * reach, *[True] * (3 - reach)] == there(town, ids)
    writes = town.writes()
    assert done == town.removing.run("op", ADA)
    assert writes == town.writes()


@pytest.mark.parametrize("mail", [True, False])
def test_mails_go_out_as_chosen(town: Stage, *, mail: bool) -> None:
    """One a participant and occurrence, or none."""
    ids = town.make()
    assert mail is prepare(town, ids[3], Ending.CANCEL, mail=mail).mail
    removed(town.removing.run("op", ADA))
    assert (2 if mail else 0) == mails(town)


def test_what_is_over_or_cancelled_is_left_out(town: Stage) -> None:
    """And where nothing is left, that is said before."""
    ids = town.make()
    prepare(town, ids[1], Ending.CANCEL, Scope.ONE)
    removed(town.removing.run("op", ADA))
    town.sleep((START + timedelta(hours=2) - town.now()).total_seconds())
    told = prepare(town, ids[0], Ending.CANCEL, op="two")
    assert list(ids[2:]) == [one.event_id for one in told.items]
    for event_id, code in ((ids[0], "cancel_over"), (ids[1], "cancelled_already")):
        with pytest.raises(Refused) as caught:
            prepare(town, event_id, Ending.CANCEL, Scope.ONE, op=code)
        assert code == caught.value.code
    assert 5 == len(prepare(town, ids[0], Ending.DELETE, op="three").items)


def test_without_invitations_the_crm_refuses_and_says_why(town: Stage) -> None:
    """Foreseen in the preview, and its refusal in words."""
    ids = town.make(QUIET)
    told = prepare(town, ids[0], Ending.CANCEL, Scope.ONE)
    assert not told.items[0].invited
    failed = town.removing.run("op", ADA)
    assert isinstance(failed, Failed)
    assert "cancel_uninvited" == failed.error.code
    again = town.removing.run("op", ADA)
    assert isinstance(again, Failed)
    assert "cancel_uninvited" == again.error.code


def test_some_refused_some_done_is_told_of_each(town: Stage) -> None:
    """207, or a refusal of one: the rest is gone."""
    ids = town.make()
    rows = [{**row, "invited": False} for row in town.record(ids[2])["Participants"]]
    town.edit(ids[2], Participants=rows)
    prepare(town, ids[1], Ending.CANCEL)
    (left,) = removed(town.removing.run("op", ADA)).report.left
    assert left.why is not None
    assert (ids[2], Fate.REFUSED, "cancel_uninvited") == (left.event_id, left.fate, left.why.code)
    assert [True, False, True, False, False] == there(town, ids)


def test_a_delete_that_half_succeeds_says_what_stays(town: Stage) -> None:
    """What one call left there is asked for singly, and its reason told."""
    ids = town.make()
    prepare(town, ids[0], Ending.DELETE)
    locked = {"code": "RECORD_LOCKED", "details": {}, "message": "", "status": "error"}
    fine = {"code": "SUCCESS", "details": {"id": ids[0]}, "message": "", "status": "success"}
    many = {"kind": "answer", "method": "DELETE", "path": "*"}
    town.side.faults.arm({**many, "status": 207, "body": {"data": [fine, locked]}})
    town.side.faults.arm({**many, "status": 400, "body": {"data": [locked]}, "skip": 1})
    (left,) = removed(town.removing.run("op", ADA)).report.left
    assert left.why is not None
    assert (ids[1], "record_locked") == (left.event_id, left.why.code)


@pytest.mark.parametrize("kind", ["cut_after", "cut_before", "error_after"])
@pytest.mark.parametrize("ending", Ending)
def test_a_lost_answer_is_resolved_by_reading(town: Stage, kind: str, ending: Ending) -> None:
    """Done once, mailed once."""
    ids = town.make()
    prepare(town, ids[3], ending)
    for method in ("POST", "DELETE"):
        for path in ("/crm/v8/Events", "/crm/v8/Events/{id}/actions/cancel"):
            town.side.faults.arm({"kind": kind, "method": method, "path": path})
    assert () == removed(town.removing.run("op", ADA)).report.left
    assert [True, True, True, False, False] == there(town, ids)
    assert (2 if ending is Ending.CANCEL else 0) == mails(town)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("ending", Ending)
def test_killed_anywhere_it_ends_the_same(town: Stage, ending: Ending, *, after: bool) -> None:
    """Run again, it finds what is done; no mail goes twice."""
    short = replace(WEEKLY, recurrence=Recurrence.weekly(Weekday.MO).times(3))
    for number in count(1):
        ids, before = town.make(short), mails(town)
        op = f"op{number}"
        prepare(town, ids[1], ending, op=op)
        town.wire.around = killed_at(town, number, after=after)
        try:
            town.removing.run(op, ADA)
        except Killed:
            removed(town.removing.run(op, ADA))
        else:
            town.wire.around = None
            break
        assert [True, False, False] == there(town, ids)
        assert (2 if ending is Ending.CANCEL else 0) == mails(town) - before
    assert number > 3


def test_a_revoked_grant_stops_it_and_it_goes_on(town: Stage) -> None:
    """After connecting again; a CRM out of reach is settled alike."""
    ids = town.make()
    prepare(town, ids[1], Ending.CANCEL)
    town.side.faults.arm(
        {
            "kind": "invalid_token",
            "path": "/crm/v8/Events/{id}/actions/cancel",
            "skip": 1,
            "times": None,
        }
    )
    refused = {"error": "invalid_code"}
    town.side.faults.arm(
        {"kind": "answer", "status": 200, "body": refused, "path": "/oauth/v2/token"}
    )
    stopped = town.removing.run("op", ADA)
    assert isinstance(stopped, RemovalStopped)
    assert 4 == len(stopped.report.left)
    town.side.faults.clear()
    town.connect(ADA, "ada")
    assert not town.removing.again("op", BEN)
    assert town.removing.again("op", ADA)
    town.side.faults.arm({"kind": "throttle", "path": "*"})
    with pytest.raises(TryLater):
        town.removing.run("op", ADA)
    assert isinstance(town.removing.settle("op", ADA), RemovalStopped)
    assert town.removing.again("op", ADA)
    assert () == removed(town.removing.run("op", ADA)).report.left
    assert 4 == mails(town)


def test_only_its_owner_sees_or_runs_it(town: Stage) -> None:
    """Another person's is gone."""
    ids = town.make()
    prepare(town, ids[1], Ending.DELETE)
    for do in (town.removing.prepared, town.removing.run):
        with pytest.raises(Gone):
            do("op", BEN)
