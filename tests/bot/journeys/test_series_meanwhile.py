"""What others do between the preview and the click, or half-way: shown, never written over."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from bot.domain.change import ChangeSet, Scope
from bot.domain.participants import Participant
from bot.domain.recurrence import Recurrence, Weekday
from bot.errors import ParleyError, Refused, TryLater
from bot.journeys.meeting.outcomes import Failed, Waiting
from bot.journeys.series.carry import BUDGET
from bot.journeys.series.endings import Ending, Removed
from bot.journeys.series.plan import Changed, Fate, Going, ShownAgain, Stopped
from bot.journeys.series.rule_plan import Reruled, RuleOutcome, Standing, WentBack
from bot.journeys.series.rule_plan import Stage as RuleStage
from handlers.sandbox.web import Answer, Request
from tests.bot.journeys.series_stage import ADA, START, WEEKLY, Killed, Stage, stage

ZONE = "America/New_York"
CANCEL_PATH = "/crm/v8/Events/{id}/actions/cancel"
SHORT = replace(WEEKLY, recurrence=Recurrence.weekly(Weekday.MO).times(3))
ADD = Participant.by_email("new@example.com")


@pytest.fixture
def town() -> Iterator[Stage]:
    """A CRM and a bot."""
    with stage() as found:
        yield found


def revoke(town: Stage, method: str, skip: int) -> None:
    """Let the CRM take the grant back after some requests of that method."""
    town.side.faults.arm(
        {"kind": "invalid_token", "method": method, "path": "*", "skip": skip, "times": None}
    )
    refused = {"error": "invalid_code"}
    town.side.faults.arm(
        {"kind": "answer", "status": 200, "body": refused, "path": "/oauth/v2/token"}
    )


def reruled(town: Stage, op: str = "op") -> RuleOutcome:
    """Run a new rule until it doesn't wait any more."""
    while True:
        outcome = town.rerule.run(op, ADA)
        if not isinstance(outcome, Waiting):
            return outcome
        town.sleep(outcome.seconds)


def rerule(town: Stage, event_id: str, ending: Ending = Ending.DELETE) -> None:
    """Prepare a new rule."""
    words = "every 2 weeks on Monday, 3 times"
    town.rerule.prepare("op", ADA, event_id, words, ending=ending, mail=True, person_zone=ZONE)


def held(town: Stage, ids: tuple[str, ...]) -> list[bool]:
    """Return which of the meetings are still to be held."""
    records = town.side.world.records("Events")
    return [one in records and not records[one]["$event_cancelled"] for one in ids]


def others(town: Stage, ids: tuple[str, ...]) -> int:
    """Return how many meetings there are beside these."""
    return len(town.side.world.records("Events").keys() - set(ids))


@pytest.mark.parametrize("number", [1, 3])
def test_a_change_that_goes_on_shows_what_others_did_while_it_stood(
    town: Stage, number: int
) -> None:
    """A spread change stopped half-way, one repaired and one not: people back, venue left."""
    town.turn({"events.update_all_people": "copy_unasked"})
    ids = town.make()
    town.edit(ids[0], Participants=[])
    town.sleep(600)
    change = ChangeSet(title="Forecast")
    town.changing.prepare("op", ADA, ids[0], change, Scope.FOLLOWING, person_zone=ZONE)
    revoke(town, "PUT", 2)
    assert isinstance(town.changing.run("op", ADA), Stopped)
    town.side.faults.clear()
    town.connect(ADA, "ada")
    town.edit(ids[number], Venue="Room 9")
    town.sleep(600)
    assert town.changing.again("op", ADA)
    assert isinstance(town.changing.run("op", ADA), ShownAgain)
    assert "Room 9" == town.record(ids[number])["Venue"]
    assert [{"guest@example.com"}] * 4 == [town.people(one) for one in ids[1:]]


def test_what_was_begun_is_not_spread_over_others_later(town: Stage) -> None:
    """Stopped at its very first write; a colleague gives one occurrence a title of its own."""
    ids = town.make()
    change = ChangeSet(title="Forecast")
    town.changing.prepare("op", ADA, ids[0], change, Scope.FOLLOWING, person_zone=ZONE)
    revoke(town, "PUT", 0)
    assert isinstance(town.changing.run("op", ADA), Stopped)
    town.side.faults.clear()
    town.connect(ADA, "ada")
    town.edit(ids[2], Event_Title="Mine")
    town.sleep(600)
    assert town.changing.again("op", ADA)
    assert isinstance(town.changing.run("op", ADA), ShownAgain)
    titles = [town.record(one)["Event_Title"] for one in ids]
    assert ["Forecast", "Forecast", "Mine", "Forecast", "Forecast"] == titles


def test_whom_the_crm_drops_while_spreading_is_back(town: Stage) -> None:
    """And an occurrence with a clock of its own, moved along by the CRM, is as confirmed."""
    ids = town.make()
    early = START + timedelta(days=14, hours=1)
    for name, when in (("Start_DateTime", early), ("End_DateTime", early + timedelta(hours=1))):
        town.edit(ids[2], **{name: when.isoformat()})
    town.sleep(600)
    change = ChangeSet(clock=time(15))
    town.changing.prepare("op", ADA, ids[0], change, Scope.FOLLOWING, person_zone=ZONE)

    def around(request: Request, page: Callable[[], Answer]) -> Answer:
        answer = page()
        if b"update_all_future_events" in request.body:
            for one in ids[1:]:
                town.edit(one, Participants=[])
        return answer

    town.wire.around = around
    assert isinstance(town.changing.run("op", ADA), Changed)
    assert [{"guest@example.com"}] * 5 == [town.people(one) for one in ids]
    expected = [START + timedelta(days=7 * n, hours=5) for n in range(5)]
    found = [datetime.fromisoformat(town.record(one)["Start_DateTime"]) for one in ids]
    assert expected == found


def test_whom_a_colleague_invites_before_the_click_is_in_the_new_series(town: Stage) -> None:
    """The old series changed since the preview: nothing is made, and that is said."""
    ids = town.make()
    rerule(town, ids[0])
    (row,) = town.record(ids[0])["Participants"]
    late = {**row, "id": "5550000000000000077", "participant": "late@example.com"}
    town.edit(ids[0], Participants=[row, late])
    failed = reruled(town)
    assert isinstance(failed, Failed)
    assert "already_modified" == failed.error.code
    assert ([True] * 5, 0) == (held(town, ids), others(town, ids))


@pytest.mark.parametrize("number", [0, 2])
def test_a_new_rule_waits_for_another_look_when_the_old_series_changed(
    town: Stage, number: int
) -> None:
    """Also where it is the chosen one, begun already, or one that is gone."""
    ids = town.make()
    town.sleep(timedelta(days=20).total_seconds())
    rerule(town, ids[0])
    if number:
        del town.side.world.records("Events")[ids[2 + number]]
    else:
        town.edit(ids[0], Venue="Room 9")
    assert isinstance(reruled(town), Failed)
    assert 0 == others(town, ids)


def test_two_runs_at_once_make_one_new_series(town: Stage) -> None:
    """The second looks at the old series while the first takes it away."""
    ids = town.make()
    rerule(town, ids[0])

    def dies(request: Request, page: Callable[[], Answer]) -> Answer:
        answer = page()
        if request.method == "DELETE":
            raise Killed
        return answer

    def around(_: Request, page: Callable[[], Answer]) -> Answer:
        town.wire.around = dies
        with pytest.raises(Killed):
            town.rerule.run("op", ADA)
        town.wire.around = None
        return page()

    town.access.call(town.grants[ADA].id, lambda _: None, now=town.now)
    town.wire.around = around
    assert isinstance(town.rerule.run("op", ADA), Reruled)
    assert ([False] * 5, 3) == (held(town, ids), others(town, ids))


def test_on_the_way_back_there_is_no_turning(town: Stage) -> None:
    """Half of the new series is gone when a colleague deletes one of the old."""
    ids = town.make(replace(SHORT, invitations=False))
    rerule(town, ids[0], Ending.CANCEL)
    assert isinstance(reruled(town), Standing)
    assert town.rerule.go_back("op", ADA)
    town.side.faults.arm({"kind": "throttle", "method": "DELETE", "path": "*"})
    with pytest.raises(TryLater):
        town.rerule.run("op", ADA)
    town.side.faults.clear()
    del town.side.world.records("Events")[ids[1]]
    assert isinstance(reruled(town), WentBack)
    assert ([True, False, True], 0) == (held(town, ids), others(town, ids))


def test_once_made_the_new_series_is_not_unknown(town: Stage) -> None:
    """Lost, made anyway, and stopped at the old one."""
    ids = town.make()
    rerule(town, ids[0])
    lost = {"kind": "cut_before", "method": "POST", "path": "/crm/v8/Events", "times": None}
    town.side.faults.arm(lost)
    asked = reruled(town)
    assert isinstance(asked, Standing)
    assert asked.unknown
    town.side.faults.clear()
    assert town.rerule.go_on("op", ADA, anyway=True)
    revoke(town, "DELETE", 0)
    asked = reruled(town)
    assert isinstance(asked, Standing)
    assert (RuleStage.REMOVING, False) == (asked.stage, asked.unknown)


def test_no_way_back_once_an_old_one_is_gone(town: Stage) -> None:
    """Cancelled half-way when the CRM went away: the way back is checked, not believed."""
    ids = town.make(SHORT)
    rerule(town, ids[0], Ending.CANCEL)
    town.side.faults.arm(
        {"kind": "throttle", "method": "POST", "path": CANCEL_PATH, "skip": 1, "times": None}
    )
    with pytest.raises(TryLater):
        town.rerule.run("op", ADA)
    town.side.faults.arm({"kind": "throttle", "path": "*", "times": None})
    settled = town.rerule.settle("op", ADA)
    assert isinstance(settled, Standing)
    assert {Fate.UNKNOWN} == {one.fate for one in settled.report.results}
    town.side.faults.clear()
    assert [False, True, True] == held(town, ids)
    if town.rerule.go_back("op", ADA):
        asked = reruled(town)
        assert isinstance(asked, Standing)
        assert (RuleStage.REMOVING, False) == (asked.stage, asked.can_go_back)
        assert [ids[0]] == [one.event_id for one in asked.report.done]
    assert 3 == others(town, ids)
    assert town.rerule.go_on("op", ADA)
    assert isinstance(reruled(town), Reruled)
    assert ([False] * 3, 3) == (held(town, ids), others(town, ids))


def test_gone_back_an_old_button_makes_nothing(town: Stage) -> None:
    """The button "Create anyway" of a message that is out of date."""
    ids = town.make()
    rerule(town, ids[0])
    town.side.faults.arm(
        {"kind": "cut_before", "method": "POST", "path": "/crm/v8/Events", "times": None}
    )
    asked = reruled(town)
    assert isinstance(asked, Standing)
    assert asked.unknown
    town.side.faults.clear()
    assert town.rerule.go_back("op", ADA)
    assert isinstance(reruled(town), WentBack)
    assert not town.rerule.go_on("op", ADA, anyway=True)
    made = town.memory.operations.get("op-new")
    assert made is not None
    assert "asked" == made.state


def test_the_way_back_is_open_when_the_draft_is_swept(town: Stage) -> None:
    """A week later."""
    ids = town.make(replace(SHORT, invitations=False))
    rerule(town, ids[0], Ending.CANCEL)
    assert isinstance(reruled(town), Standing)
    town.memory.drafts.sweep(town.now() + timedelta(days=400))
    assert town.rerule.go_back("op", ADA)
    assert isinstance(reruled(town), WentBack)
    assert ([True] * 3, 0) == (held(town, ids), others(town, ids))


def test_a_change_the_crm_does_not_keep_is_mailed_once(town: Stage) -> None:
    """Accepted and lost again, five times over."""
    ids = town.make()
    change = ChangeSet(title="Forecast", invitations=True)
    town.changing.prepare("op", ADA, ids[0], change, Scope.ONE, person_zone=ZONE)
    mails = len(town.side.world.mails)

    def around(request: Request, page: Callable[[], Answer]) -> Answer:
        answer = page()
        if request.method == "PUT":
            town.edit(ids[0], Event_Title="Pipeline review")
            town.sleep(2)
        return answer

    town.wire.around = around
    assert isinstance(town.changing.run("op", ADA), Failed)
    assert 1 == len(town.side.world.mails) - mails


def test_a_merge_beyond_the_limit_is_told_and_ends(town: Stage) -> None:
    """A colleague filled the meeting up meanwhile: refused, not tried for ever."""
    ids = town.make()
    town.changing.prepare(
        "op", ADA, ids[0], ChangeSet(title="Forecast", add=(ADD,)), Scope.ONE, person_zone=ZONE
    )
    (row,) = town.record(ids[0])["Participants"]
    rows = [
        {**row, "id": f"55500000000000001{n:02}", "participant": f"p{n}@example.com"}
        for n in range(50)
    ]
    town.edit(ids[0], Participants=rows, Event_Title="Other")
    failed = town.changing.run("op", ADA)
    assert isinstance(failed, Failed)
    assert "people_limit" == failed.error.code
    assert isinstance(town.changing.run("op", ADA), Failed)


def test_a_slow_crm_is_got_through_in_the_end(town: Stage) -> None:
    """Reading alone takes longer than a run may: each run writes something all the same."""
    ids = town.make()
    change = ChangeSet(add=(ADD,))
    town.changing.prepare("op", ADA, ids[0], change, Scope.FOLLOWING, person_zone=ZONE)

    def around(request: Request, page: Callable[[], Answer]) -> Answer:
        if request.method == "GET":
            town.sleep(BUDGET.total_seconds() / 4)
        return page()

    town.wire.around = around
    outcomes = [town.changing.run("op", ADA) for _ in range(12)]
    assert isinstance(outcomes[0], Going)
    assert isinstance(outcomes[-1], Changed)


def test_a_change_reads_each_occurrence_before_and_after(town: Stage) -> None:
    """Not a third time: what was compared with the preview is what is written over."""
    ids = town.make()
    change = ChangeSet(add=(ADD,))
    town.changing.prepare("op", ADA, ids[0], change, Scope.FOLLOWING, person_zone=ZONE)
    town.wire.calls.clear()
    assert isinstance(town.changing.run("op", ADA), Changed)
    assert (10, 5) == tuple(
        sum(one == method for one, path in town.wire.calls if "/Events/" in path)
        for method in ("GET", "PUT")
    )


def test_an_undo_does_not_reach_what_the_change_did_not(town: Stage) -> None:
    """One occurrence was locked, and is somebody else's now: nothing is spread over it."""
    ids = town.make()
    town.turn({"events.update_all": "ignored"})
    change = ChangeSet(title="Forecast")
    town.changing.prepare("op", ADA, ids[0], change, Scope.FOLLOWING, person_zone=ZONE)
    locked = {"code": "RECORD_LOCKED", "details": {}, "message": "", "status": "error"}
    town.side.faults.arm(
        {
            "kind": "answer",
            "status": 400,
            "body": {"data": [locked]},
            "method": "PUT",
            "path": f"/crm/v8/Events/{ids[3]}",
        }
    )
    done = town.changing.run("op", ADA)
    assert isinstance(done, Changed)
    assert [(ids[3], Fate.REFUSED)] == [(one.event_id, one.fate) for one in done.report.left]
    town.turn({"events.update_all": "known"})
    town.edit(ids[3], Event_Title="Mine")
    town.changing.undo("op", "undo", ADA)
    assert isinstance(town.changing.run("undo", ADA), Changed)
    titles = [town.record(one)["Event_Title"] for one in ids]
    assert [*["Pipeline review"] * 3, "Mine", "Pipeline review"] == titles


def test_a_merged_change_is_not_spread_over_what_is_done(town: Stage) -> None:
    """Killed half-way, shown again, confirmed: one that was done has a new title since."""
    ids = town.make()
    change = ChangeSet(title="Forecast")
    town.turn({"events.update_all": "ignored"})
    town.changing.prepare("op", ADA, ids[0], change, Scope.FOLLOWING, person_zone=ZONE)
    revoke(town, "PUT", 2)
    assert isinstance(town.changing.run("op", ADA), Stopped)
    town.side.faults.clear()
    town.connect(ADA, "ada")
    for number in (0, 2):
        town.edit(ids[number], Event_Title="Mine")
    revoke(town, "PUT", 1)
    assert town.changing.again("op", ADA)
    assert isinstance(town.changing.run("op", ADA), Stopped)
    town.side.faults.clear()
    town.connect(ADA, "ada")
    assert town.changing.again("op", ADA)
    again = town.changing.run("op", ADA)
    assert isinstance(again, ShownAgain)
    town.turn({"events.update_all": "known"})
    town.edit(ids[3], Event_Title="Also mine")
    town.sleep(600)
    assert isinstance(town.changing.run(again.prepared.operation_id, ADA), Changed)
    titles = [town.record(one)["Event_Title"] for one in ids]
    assert ["Forecast", "Forecast", "Forecast", "Also mine", "Forecast"] == titles


def test_a_copy_of_a_meeting_is_not_of_its_series(town: Stage) -> None:
    """Cloned in the CRM, its description names the operation, and it stands alone."""
    ids = town.make()
    town.memory.operations.begin("made", ADA, town.grants[ADA].id, "create", "f", {}, town.now())
    town.memory.operations.add_series("made", ids)
    clone = "5550000000000000099"
    events = town.side.world.records("Events")
    events[clone] = {
        **events[ids[0]],
        "id": clone,
        "$u_id": "ffffffff",
        "Description": "ref parley-made-1",
    }
    assert [clone] == [one.id for one in town.opening.whole(ADA, clone).series.events]


def test_every_weekday_is_found_though_its_first_is_deleted(town: Stage) -> None:
    """Held as one series a weekday; the first Tuesday was deleted."""
    tuesdays = replace(
        SHORT,
        start=START + timedelta(days=1),
        end=START + timedelta(days=1, hours=1),
        recurrence=Recurrence.weekly(Weekday.TU).times(3),
    )
    first, second = town.make(SHORT), town.make(tuesdays)
    town.memory.operations.begin("made", ADA, town.grants[ADA].id, "create", "f", {}, town.now())
    for number, ids in enumerate((first, second)):
        town.memory.operations.add_series("made", ids)
        for one in ids:
            town.edit(one, Description=f"ref parley-made-{number + 1}")
    del town.side.world.records("Events")[second[0]]
    found = town.opening.whole(ADA, first[0]).series.events
    assert {*first, *second[1:]} == {one.id for one in found}


def test_what_the_last_cancel_did_is_read_back(town: Stage) -> None:
    """Two answers lost before anything was done, and the third after it."""
    ids = town.make()
    town.removing.prepare("op", ADA, ids[0], Scope.ONE, Ending.CANCEL, mail=False)
    cancel = {"method": "POST", "path": CANCEL_PATH}
    town.side.faults.arm({"kind": "cut_before", "times": 2, **cancel})
    town.side.faults.arm({"kind": "cut_after", **cancel})
    done = town.removing.run("op", ADA)
    assert isinstance(done, Removed)
    assert () == done.report.left
    town.removing.prepare("two", ADA, ids[1], Scope.ONE, Ending.CANCEL, mail=False)
    before = len(town.writes())
    town.side.faults.arm({"kind": "cut_before", "times": None, **cancel})
    done = town.removing.run("two", ADA)
    assert isinstance(done, Removed)
    assert [Fate.NOT_TAKEN] == [one.fate for one in done.report.left]
    assert 3 == len(town.writes()) - before


ODD = (
    ("End_DateTime", "9999-12-31T23:59:00+00:00"),
    ("Start_DateTime", "0001-01-01T00:00:00+00:00"),
    ("Created_Time", "9999-12-31T23:59:00+00:00"),
    ("Remind_At", [{"unit": True, "period": "minutes"}]),
    ("Participants", [{"type": "team", "id": "5550000000000000001"}]),
    ("Event_Title", None),
)


@pytest.mark.parametrize(("name", "value"), ODD, ids=str)
def test_odd_data_is_an_error_of_ours(town: Stage, name: str, value: object) -> None:
    """At worst the answer can't be read, and that is said."""
    ids = town.make()

    def around(_: Request, page: Callable[[], Answer]) -> Answer:
        answer = page()
        body = json.loads(answer.body or b"{}")
        for row in body.get("data", []):
            row.update({name: value} if name in row else {})
        return replace(answer, body=json.dumps(body).encode())

    town.access.call(town.grants[ADA].id, lambda _: None, now=town.now)
    town.wire.around = around
    change = ChangeSet(day=date(2026, 2, 3))
    asked: tuple[Callable[[], object], ...] = (
        lambda: town.opening.whole(ADA, ids[1], person_zone=ZONE),
        lambda: town.changing.prepare("a", ADA, ids[1], change, Scope.FOLLOWING, person_zone=ZONE),
        lambda: rerule(town, ids[1]),
    )
    for ask in asked:
        try:
            ask()
        except ParleyError:
            continue
        assert name == "Remind_At"


def test_a_day_at_the_end_of_the_calendar_is_refused(town: Stage) -> None:
    """Its later occurrences would be beyond it."""
    ids = town.make()
    change = ChangeSet(day=date(9999, 12, 30))
    with pytest.raises(Refused, match="beyond_calendar"):
        town.changing.prepare("op", ADA, ids[0], change, Scope.FOLLOWING, person_zone=ZONE)


def test_a_cancel_that_lists_do_not_tell_is_known_by_its_refusal(town: Stage) -> None:
    """Where lists leave out what begins with a dollar, a second cancel says it is done."""
    town.turn({"events.dollar_in_lists": False})
    ids = town.make()
    town.removing.prepare("op", ADA, ids[0], Scope.ONE, Ending.CANCEL, mail=True)
    done = town.removing.run("op", ADA)
    assert isinstance(done, Removed)
    assert () == done.report.left


def test_an_all_day_meeting_keeps_the_days_of_the_crm(town: Stage) -> None:
    """Moved by somebody further west, over a change of the clocks."""
    day = START.replace(hour=0)
    ids = town.make(
        replace(WEEKLY, start=day, end=day + timedelta(days=1), all_day=True, recurrence=None)
    )
    before = town.record(ids[0])
    for number, zone in enumerate(("America/Los_Angeles", "Europe/Berlin")):
        plan = town.changing.prepare(
            f"op{number}",
            ADA,
            ids[0],
            ChangeSet(day=date(2026, 3, 16)),
            Scope.ONE,
            person_zone=zone,
        ).plan
        assert plan.first is not None
        assert START.replace(month=3, day=16, hour=0) == plan.first.target.start, zone
    assert before == town.record(ids[0])
    rule = town.rerule.prepare(
        "rule",
        ADA,
        ids[0],
        "every week on Monday, 3 times",
        ending=Ending.DELETE,
        mail=False,
        person_zone="America/Los_Angeles",
    ).plan
    assert date(2026, 2, 2) == rule.starts[0].date()
