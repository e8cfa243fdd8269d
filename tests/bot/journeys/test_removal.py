"""Cancelling and deleting: told before, done once, the CRM's refusals explained."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from bot.domain.change import Scope
from bot.domain.recurrence import Recurrence, Weekday
from bot.errors import Gone, Refused, TryLater
from bot.journeys.meeting.outcomes import Failed
from bot.journeys.series.endings import (
    Ending,
    Removal,
    RemovalOutcome,
    RemovalShownAgain,
    RemovalStopped,
    Removed,
)
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


def moved(town: Stage, event_id: str, by: timedelta) -> None:
    """Move a meeting at the CRM."""
    for name in ("Start_DateTime", "End_DateTime"):
        at = datetime.fromisoformat(town.record(event_id)[name]) + by
        town.edit(event_id, **{name: at.isoformat()})


def shown_again(outcome: RemovalOutcome) -> RemovalShownAgain:
    """Return the outcome of a removal that is asked once more."""
    assert isinstance(outcome, RemovalShownAgain), outcome
    return outcome


@pytest.mark.parametrize("ending", Ending)
def test_what_a_colleague_changed_since_is_asked_once_more(town: Stage, ending: Ending) -> None:
    """Moved, renamed, described: nothing has gone; the new preview names them, and is final."""
    ids = town.make()
    prepare(town, ids[1], ending)
    moved(town, ids[2], timedelta(days=1))
    town.edit(ids[3], Event_Title="Board")
    town.edit(ids[4], Description="Agenda: the merger")
    again = shown_again(town.removing.run("op", ADA))
    assert [True] * 5 == there(town, ids)
    removal = again.prepared.removal
    assert ids[2:] == removal.anew
    assert START + timedelta(days=15) == removal.items[1].start
    assert again == town.removing.run("op", ADA)
    assert () == removed(town.removing.run(again.prepared.operation_id, ADA)).report.left
    assert [True, False, False, False, False] == there(town, ids)


def test_a_meeting_that_came_to_the_rest_is_shown_before_it_goes(town: Stage) -> None:
    """One from before was moved behind; one from behind was moved away, and stays."""
    ids = town.make()
    prepare(town, ids[2], Ending.DELETE)
    moved(town, ids[0], timedelta(days=30))
    moved(town, ids[4], -timedelta(days=27))
    again = shown_again(town.removing.run("op", ADA))
    removal = again.prepared.removal
    assert [ids[2], ids[3], ids[0]] == [one.event_id for one in removal.items]
    assert (ids[0],) == removal.anew
    removed(town.removing.run(again.prepared.operation_id, ADA))
    assert [False, True, False, False, True] == there(town, ids)


@pytest.mark.parametrize("ending", Ending)
def test_what_is_gone_already_asks_nobody(town: Stage, ending: Ending) -> None:
    """Whoever took the first one away: the rest goes as it was shown."""
    ids = town.make()
    prepare(town, ids[1], ending)
    del town.side.world.records("Events")[ids[1]]
    assert () == removed(town.removing.run("op", ADA)).report.left
    assert [True, *[False] * 4] == there(town, ids)
    prepare(town, ids[0], ending, Scope.ONE, op="last")
    del town.side.world.records("Events")[ids[0]]
    assert () == removed(town.removing.run("last", ADA)).report.left


def test_a_meeting_held_once_is_asked_about_again_too(town: Stage) -> None:
    """A guest came in between preview and click; others of the series don't matter."""
    ids = town.make()
    prepare(town, ids[1], Ending.CANCEL, Scope.ONE)
    town.edit(ids[2], Event_Title="Board")
    (row,) = town.record(ids[1])["Participants"]
    late = {**row, "id": "5550000000000000077", "participant": "late@example.com"}
    town.edit(ids[1], Participants=[row, late])
    again = shown_again(town.removing.run("op", ADA))
    assert [(ids[1], 2)] == [(one.event_id, one.people) for one in again.prepared.removal.items]
    assert 0 == mails(town)


def test_one_that_begins_at_the_same_moment_was_never_of_the_rest(town: Stage) -> None:
    """It stands before the chosen one as it did in the preview: nobody is asked again."""
    ids = town.make()
    moved(town, ids[1], timedelta(days=7))
    told = prepare(town, ids[2], Ending.DELETE)
    assert list(ids[2:]) == [one.event_id for one in told.items]
    assert () == removed(town.removing.run("op", ADA)).report.left
    assert [True, True, False, False, False] == there(town, ids)


def test_nothing_left_of_the_rest_is_refused(town: Stage) -> None:
    """One was cancelled meanwhile, the other moved to before it: open it again."""
    ids = town.make()
    prepare(town, ids[3], Ending.CANCEL)
    prepare(town, ids[3], Ending.CANCEL, Scope.ONE, op="one")
    removed(town.removing.run("one", ADA))
    moved(town, ids[4], -timedelta(days=20))
    for _ in range(2):
        failed = town.removing.run("op", ADA)
        assert isinstance(failed, Failed)
        assert "already_modified" == failed.error.code
    assert [True, True, True, False, True] == there(town, ids)


def test_what_changed_while_it_stood_is_asked_before_it_goes_on(town: Stage) -> None:
    """Stopped after one was cancelled; of the rest, a colleague renamed one."""
    ids = town.make()
    prepare(town, ids[1], Ending.CANCEL)
    path = "/crm/v8/Events/{id}/actions/cancel"
    town.side.faults.arm({"kind": "throttle", "path": path, "skip": 1, "times": None})
    with pytest.raises(TryLater):
        town.removing.run("op", ADA)
    town.removing.settle("op", ADA)
    town.side.faults.clear()
    town.edit(ids[4], Event_Title="Board")
    assert town.removing.again("op", ADA)
    again = shown_again(town.removing.run("op", ADA))
    assert (ids[4],) == again.prepared.removal.anew
    assert 1 == len(again.report.done)
    assert 1 == mails(town)


@pytest.mark.parametrize("begun", [True, False])
def test_settled_it_does_not_say_that_nothing_is_done(town: Stage, *, begun: bool) -> None:
    """Once it was begun, only the CRM knows; before, nothing is."""
    ids = town.make()
    prepare(town, ids[1], Ending.CANCEL)
    path = "/crm/v8/Events/{id}/actions/cancel" if begun else "*"
    town.side.faults.arm({"kind": "throttle", "path": path, "skip": int(begun), "times": None})
    with pytest.raises(TryLater):
        town.removing.run("op", ADA)
    stopped = town.removing.settle("op", ADA)
    assert isinstance(stopped, RemovalStopped)
    expected = Fate.UNKNOWN if begun else Fate.OPEN
    assert {expected} == {one.fate for one in stopped.report.results}


def test_a_crm_that_lets_nobody_look_is_named_as_that(town: Stage) -> None:
    """Nothing goes unseen; the reason is the CRM's, and it goes on once that is mended."""
    ids = town.make()
    prepare(town, ids[1], Ending.DELETE)
    no = {"code": "NO_PERMISSION", "details": {}, "message": "no", "status": "error"}
    town.side.faults.arm(
        {"kind": "answer", "status": 403, "body": no, "path": "/crm/v8/Events", "method": "GET"}
    )
    stopped = town.removing.run("op", ADA)
    assert isinstance(stopped, RemovalStopped)
    assert "crm_permission" == stopped.error.code
    assert [True] * 5 == there(town, ids)
    assert town.removing.again("op", ADA)
    assert () == removed(town.removing.run("op", ADA)).report.left


def test_only_its_owner_sees_or_runs_it(town: Stage) -> None:
    """Another person's is gone."""
    ids = town.make()
    prepare(town, ids[1], Ending.DELETE)
    for do in (town.removing.prepared, town.removing.run):
        with pytest.raises(Gone):
            do("op", BEN)
