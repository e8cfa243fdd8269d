"""Changes to series: previewed, carried to every occurrence, read back, repeated, undone."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import count, product

import pytest

from bot.domain.change import Aspect, ChangeSet, Scope
from bot.domain.event import Related
from bot.domain.meeting import Record
from bot.domain.participants import Participant
from bot.domain.recurrence import Recurrence, Weekday
from bot.domain.reminder import Period, Reminder
from bot.errors import Gone, Refused, TryLater
from bot.journeys.meeting.compose import compose
from bot.journeys.meeting.draft import Draft, Sheet
from bot.journeys.meeting.outcomes import Failed
from bot.journeys.notices import Created
from bot.journeys.series.change import Outcome
from bot.journeys.series.plan import Changed, Fate, Plan, ShownAgain, Stopped
from handlers.sandbox.crm.switches import ALL
from tests.bot.journeys.series_stage import (
    ADA,
    BEN,
    START,
    WEEKLY,
    Killed,
    Stage,
    killed_at,
    stage,
)

WEEK = timedelta(days=7)
ADD = Participant.by_email("new@example.com")


@pytest.fixture
def town() -> Iterator[Stage]:
    """A CRM and a bot."""
    with stage() as found:
        yield found


def prepare(
    town: Stage, event_id: str, change: ChangeSet, scope: Scope = Scope.ONE, op: str = "op"
) -> Plan:
    """Prepare a change for Ada."""
    zone = "America/New_York"
    return town.changing.prepare(op, ADA, event_id, change, scope, person_zone=zone).plan


def changed(outcome: Outcome) -> Changed:
    """Return the outcome of a change that was carried out."""
    assert isinstance(outcome, Changed), outcome
    return outcome


def starts(town: Stage, ids: tuple[str, ...]) -> list[datetime]:
    """Return when the meetings begin."""
    return [datetime.fromisoformat(town.record(one)["Start_DateTime"]) for one in ids]


def titles(town: Stage, ids: tuple[str, ...]) -> list[str]:
    """Return what the meetings are called."""
    return [town.record(one)["Event_Title"] for one in ids]


NAMES = (
    "events.update_all",
    "events.update_all_answer",
    "events.update_all_people",
    "events.update_all_times",
    "events.dollar_in_lists",
)
CHOICES = [next(one.choices for one in ALL if one.name == name) for name in NAMES]
ANSWERS = [dict(zip(NAMES, values, strict=True)) for values in product(*CHOICES)]


@pytest.mark.parametrize("switches", ANSWERS, ids=lambda one: "-".join(map(str, one.values())))
def test_this_and_all_after_it_become_as_wanted(
    town: Stage, switches: Mapping[str, object]
) -> None:
    """Whatever the CRM makes of `update_all_future_events`: each is read back and mended."""
    town.turn(switches)
    ids = town.make()
    town.edit(ids[0], Participants=[])
    for number, name in ((1, "anchor@example.com"), (3, "single@example.com")):
        (row,) = town.record(ids[number])["Participants"]
        guest = {**row, "id": f"55500000000000000{number}", "participant": name, "Email": name}
        town.edit(ids[number], Participants=[row, guest])
    town.sleep(600)
    change = ChangeSet(title="Forecast", clock=time(15), venue="Room 2", add=(ADD,))
    plan = prepare(town, ids[1], change, Scope.FOLLOWING)
    assert list(ids[1:]) == [step.event_id for step in plan.changing]
    assert () == changed(town.changing.run("op", ADA)).report.left
    later = [START + n * WEEK + timedelta(hours=5) for n in range(1, 5)]
    assert [START, *later] == starts(town, ids)
    assert ["Pipeline review", *["Forecast"] * 4] == titles(town, ids)
    both = {"guest@example.com", "new@example.com"}
    anchor, single = {*both, "anchor@example.com"}, {*both, "single@example.com"}
    expected = [set(), anchor, both, single, both]
    assert expected == [town.people(one) for one in ids]


@pytest.mark.parametrize("mails", [True, False])
@pytest.mark.parametrize(
    "switches", [{}, {"events.update_all": "ignored"}, {"events.update_all_times": "copy"}], ids=str
)
def test_a_change_is_mailed_once_or_not_at_all(
    town: Stage, switches: Mapping[str, object], *, mails: bool
) -> None:
    """Mending what the CRM has spread isn't mailed about."""
    town.turn(switches)
    ids = town.make()
    before = len(town.side.world.mails)
    prepare(town, ids[2], ChangeSet(clock=time(15), invitations=mails), Scope.FOLLOWING)
    changed(town.changing.run("op", ADA))
    sent = [one["event"] for one in town.side.world.mails[before:]]
    assert (list(ids[2:]) if mails else []) == sent


def test_whom_a_change_mails_counts_like_an_invitation(town: Stage) -> None:
    """A stolen account mustn't write to the world; a change without mails counts nothing."""
    ids = town.make()
    many = tuple(Participant.by_email(f"p{number}@example.com") for number in range(40))
    for op, event_id in (("one", ids[0]), ("two", ids[1])):
        prepare(town, event_id, ChangeSet(add=many, invitations=True), op=op)
    changed(town.changing.run("one", ADA))
    for _ in range(2):
        failed = town.changing.run("two", ADA)
        assert isinstance(failed, Failed)
        assert "invitations_limit" == failed.error.code
    assert {"guest@example.com"} == town.people(ids[1])
    prepare(town, ids[2], ChangeSet(add=many), op="quiet")
    changed(town.changing.run("quiet", ADA))


def test_only_this_one_leaves_the_rest(town: Stage) -> None:
    """One write, to one occurrence."""
    ids = town.make()
    prepare(town, ids[2], ChangeSet(day=date(2026, 2, 17), clock=time(15), length=WEEK / 336))
    done = changed(town.changing.run("op", ADA))
    moved = datetime(2026, 2, 17, 15, tzinfo=START.tzinfo)
    assert moved == starts(town, ids)[2]
    assert [START, START + WEEK] == starts(town, ids)[:2]
    assert [("PUT", f"/crm/v8/Events/{ids[2]}")] == town.writes()[1:]
    assert moved + timedelta(minutes=30) == done.plan.steps[0].target.end


def test_every_aspect_is_written_and_can_be_taken_away(town: Stage) -> None:
    """Reminders, contact, record and venue; then none of them."""
    (event_id,) = town.make(replace(WEEKLY, recurrence=None))
    deal = next(iter(town.side.world.records("Deals").values()))
    person = next(iter(town.side.world.records("Contacts").values()))
    full = ChangeSet(
        reminders=(Reminder(unit=2, period=Period.HOURS), Reminder(unit=1, period=Period.DAYS)),
        contact=Record(id=person["id"], name="Contact"),
        related=Related(module="Deals", record=Record(id=deal["id"], name="Deal")),
    )
    prepare(town, event_id, full)
    changed(town.changing.run("op", ADA))
    record = town.record(event_id)
    assert (person["id"], deal["id"]) == (record["Who_Id"]["id"], record["What_Id"]["id"])
    assert [2, 1] == [one["unit"] for one in record["Remind_At"]]
    empty = ChangeSet(reminders=(), no_contact=True, no_related=True, venue="")
    plan = prepare(town, event_id, empty, op="two")
    assert {Aspect.REMINDERS, Aspect.CONTACT, Aspect.RECORD, Aspect.VENUE} == set(plan.aspects)
    changed(town.changing.run("two", ADA))
    record = town.record(event_id)
    gone = ("Who_Id", "What_Id", "Remind_At", "Venue")
    assert [None] * 4 == [record[name] for name in gone]


def test_occurrences_changed_singly_are_told_before(town: Stage) -> None:
    """Only where the change writes over what differs."""
    ids = town.make()
    town.edit(ids[2], Event_Title="Special")
    town.edit(ids[3], Venue="Roof")
    plan = prepare(town, ids[0], ChangeSet(title="Forecast"), Scope.FOLLOWING)
    assert [(ids[2], (Aspect.TITLE,))] == [(one.event_id, one.aspects) for one in plan.singles]
    opened = town.opening.whole(ADA, ids[0])
    assert [ids[2], ids[3]] == [one.event_id for one in opened.singles]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (ChangeSet(title="Pipeline review"), "nothing_changes"),
        (ChangeSet(remove=(ADD,)), "nothing_changes"),
        (
            ChangeSet(add=tuple(Participant.by_email(f"p{n}@example.com") for n in range(50))),
            "people_limit",
        ),
    ],
)
def test_what_cannot_be_is_said_before(town: Stage, change: ChangeSet, code: str) -> None:
    """Nothing is kept, nothing written."""
    ids = town.make()
    with pytest.raises(Refused) as caught:
        prepare(town, ids[0], change)
    assert code == caught.value.code
    with pytest.raises(Gone):
        town.changing.prepared("op", ADA)


def test_somebody_elses_change_is_shown_before_it_is_written_over(town: Stage) -> None:
    """Nothing is written; the merged preview waits as an operation of its own."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(title="Forecast", add=(ADD,)))
    row = town.record(ids[0])["Participants"][0]
    other = {
        **row,
        "id": "555000000000000001",
        "participant": "b@example.com",
        "Email": "b@example.com",
    }
    town.edit(ids[0], Participants=[row, other], Venue="Roof")
    before = len(town.writes())
    shown = town.changing.run("op", ADA)
    assert isinstance(shown, ShownAgain)
    assert before == len(town.writes())
    step = shown.prepared.plan.steps[0]
    names = [[one.ref for one in part] for part in (step.added, step.kept, step.removed)]
    assert [["new@example.com"], ["guest@example.com", "b@example.com"], []] == names
    assert "Roof" == step.target.venue
    # Asked once more it is the same; confirmed, all of it stands.
    assert shown == town.changing.run("op", ADA)
    changed(town.changing.run(shown.prepared.operation_id, ADA))
    assert {"guest@example.com", "b@example.com", "new@example.com"} == town.people(ids[0])
    assert ("Forecast", "Roof") == (
        town.record(ids[0])["Event_Title"],
        town.record(ids[0])["Venue"],
    )


@pytest.mark.parametrize(
    "change", [ChangeSet(title="Forecast"), ChangeSet(add=(ADD,))], ids=["together", "each"]
)
def test_nothing_is_begun_while_one_of_them_differs(town: Stage, change: ChangeSet) -> None:
    """A later occurrence that somebody changed is shown before the first is written."""
    ids = town.make()
    prepare(town, ids[0], change, Scope.FOLLOWING)
    town.edit(ids[3], Event_Title="Special", Participants=[])
    before = len(town.writes())
    shown = town.changing.run("op", ADA)
    assert isinstance(shown, ShownAgain)
    assert before == len(town.writes())
    over = [(one.event_id, one.title) for one in shown.prepared.plan.singles]
    assert ([] if change.title is None else [(ids[3], "Special")]) == over
    done = changed(town.changing.run(shown.prepared.operation_id, ADA))
    assert () == done.report.left
    assert ("Special" if change.title is None else "Forecast") == titles(town, ids)[3]
    assert {one.ref for one in change.add} == town.people(ids[3])


def test_what_others_change_beside_it_stays_without_a_question(town: Stage) -> None:
    """Another field is nobody's business here."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(title="Forecast"))
    town.edit(ids[0], Venue="Roof")
    changed(town.changing.run("op", ADA))
    assert "Roof" == town.record(ids[0])["Venue"]


@pytest.mark.parametrize("kind", ["cut_after", "cut_before", "error_after"])
@pytest.mark.parametrize("scope", Scope)
def test_a_lost_answer_is_resolved_by_reading(town: Stage, kind: str, scope: Scope) -> None:
    """Whether the CRM did it or not, it is done once and nobody is asked."""
    ids = town.make()
    prepare(town, ids[1], ChangeSet(title="Forecast", remove=(WEEKLY.participants[0],)), scope)
    for skip in (0, 1, 2):
        town.side.faults.arm({"kind": kind, "method": "PUT", "path": "*", "skip": skip})
    done = changed(town.changing.run("op", ADA))
    assert () == done.report.left
    assert done == town.changing.run("op", ADA)
    reach = 1 if scope is Scope.ONE else 4
    assert reach == titles(town, ids).count("Forecast")
    assert reach == sum(town.people(one) == set() for one in ids)


def test_a_half_success_is_mended(town: Stage) -> None:
    """207: what the CRM didn't do is written on its own."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(title="Forecast"), Scope.FOLLOWING)
    body = {
        "data": [
            {"code": "SUCCESS", "details": {"id": ids[0]}, "message": "", "status": "success"},
            {"code": "RECORD_LOCKED", "details": {}, "message": "locked", "status": "error"},
        ]
    }
    town.side.faults.arm(
        {"kind": "answer", "status": 207, "body": body, "method": "PUT", "path": "*"}
    )
    changed(town.changing.run("op", ADA))
    assert ["Forecast"] * 5 == titles(town, ids)


def test_what_the_crm_refuses_for_some_is_listed(town: Stage) -> None:
    """The rest is done; the report says why not."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(add=(ADD,)), Scope.FOLLOWING)
    locked = {"data": [{"code": "RECORD_LOCKED", "details": {}, "message": "", "status": "error"}]}
    town.side.faults.arm(
        {
            "kind": "answer",
            "status": 400,
            "body": locked,
            "method": "PUT",
            "path": f"/crm/v8/Events/{ids[2]}",
        }
    )
    done = changed(town.changing.run("op", ADA))
    (left,) = done.report.left
    assert (ids[2], Fate.REFUSED) == (left.event_id, left.fate)
    assert left.why is not None
    assert "record_locked" == left.why.code
    assert {"guest@example.com"} == town.people(ids[2])
    assert 4 == sum("new@example.com" in town.people(one) for one in ids)
    back = town.changing.undo("op", "back", ADA)
    assert [one for one in ids if one != ids[2]] == [one.event_id for one in back.plan.steps]


def test_a_refusal_of_the_first_stops_all(town: Stage) -> None:
    """One bad address makes the CRM refuse: nothing is half done."""
    ids = town.make()
    bad = Participant(kind=ADD.kind, ref="a@b", name="a@b")
    prepare(town, ids[0], ChangeSet(add=(bad,)), Scope.FOLLOWING)
    failed = town.changing.run("op", ADA)
    assert isinstance(failed, Failed)
    assert ("field_invalid", "people") == (failed.error.code, getattr(failed.error, "field", None))
    assert 1 == len([one for one in town.writes() if one[0] == "PUT"])
    again = town.changing.run("op", ADA)
    assert isinstance(again, Failed)
    assert failed.error.code == again.error.code


def test_a_deleted_occurrence_is_told_and_the_rest_done(town: Stage) -> None:
    """Gone between the preview and the click."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(title="Forecast"), Scope.FOLLOWING)
    del town.side.world.records("Events")[ids[2]]
    done = changed(town.changing.run("op", ADA))
    assert [(ids[2], Fate.GONE)] == [(one.event_id, one.fate) for one in done.report.left]


def test_what_the_last_try_did_is_read_back_too(town: Stage) -> None:
    """Four answers lost before anything was done, and the fifth after it."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(title="Forecast"))
    put = {"method": "PUT", "path": "*"}
    town.side.faults.arm({"kind": "cut_before", "times": 4, **put})
    town.side.faults.arm({"kind": "cut_after", **put})
    changed(town.changing.run("op", ADA))
    assert "Forecast" == titles(town, ids)[0]


def test_a_crm_that_does_not_keep_it_is_told(town: Stage) -> None:
    """Written, read back, still otherwise: said, not repeated for ever."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(title="Forecast"))
    fine = {
        "data": [{"code": "SUCCESS", "details": {"id": ids[0]}, "message": "", "status": "success"}]
    }
    town.side.faults.arm(
        {"kind": "answer", "status": 200, "body": fine, "method": "PUT", "path": "*", "times": None}
    )
    failed = town.changing.run("op", ADA)
    assert isinstance(failed, Failed)
    assert "change_not_taken" == failed.error.code


def test_a_grant_revoked_half_way_stops_and_goes_on_after_connecting(town: Stage) -> None:
    """With the same account only; what was done isn't done again."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(add=(ADD,)), Scope.FOLLOWING)
    town.side.faults.arm(
        {"kind": "invalid_token", "path": "*", "method": "PUT", "skip": 2, "times": None}
    )
    town.side.faults.arm(
        {
            "kind": "answer",
            "status": 200,
            "body": {"error": "invalid_code"},
            "path": "/oauth/v2/token",
        }
    )
    stopped = town.changing.run("op", ADA)
    assert isinstance(stopped, Stopped)
    assert (2, 3) == (len(stopped.report.done), len(stopped.report.left)), stopped.report
    assert not isinstance(town.changing.run("op", ADA), Changed)
    town.side.faults.clear()
    town.connect(ADA, "ben")
    assert town.changing.again("op", ADA)
    assert isinstance(town.changing.run("op", ADA), Stopped)
    town.connect(ADA, "ada")
    assert town.changing.again("op", ADA)
    assert () == changed(town.changing.run("op", ADA)).report.left
    assert 5 == sum("new@example.com" in town.people(one) for one in ids)


def test_a_crm_out_of_reach_is_tried_later_and_settled_at_last(town: Stage) -> None:
    """What can't be asked any more is told as it stands, and can go on."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(title="Forecast"))
    town.side.faults.arm({"kind": "throttle", "path": "*", "times": 2})
    for _ in range(2):
        with pytest.raises(TryLater):
            town.changing.run("op", ADA)
    stopped = town.changing.settle("op", ADA)
    assert isinstance(stopped, Stopped)
    assert {Fate.OPEN} == {one.fate for one in stopped.report.results}
    assert town.changing.again("op", ADA)
    changed(town.changing.run("op", ADA))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("known", ["known", "ignored"])
def test_killed_anywhere_it_ends_the_same(town: Stage, *, after: bool, known: str) -> None:
    """Before or after any request has effect; nobody is lost, nothing asked twice."""
    town.turn({"events.update_all": known})
    ids = town.make(replace(WEEKLY, recurrence=Recurrence.weekly(Weekday.MO).times(3)))
    for number in count(1):
        op = f"op{number}"
        change = ChangeSet(
            title=f"Forecast {number}", add=(Participant.by_email(f"p{number}@example.com"),)
        )
        prepare(town, ids[1], change, Scope.FOLLOWING, op)
        town.wire.around = killed_at(town, number, after=after)
        try:
            outcome = town.changing.run(op, ADA)
        except Killed:
            outcome = town.changing.run(op, ADA)
        else:
            town.wire.around = None
            break
        assert () == changed(outcome).report.left
        people = {"guest@example.com", *(f"p{n}@example.com" for n in range(1, number + 1))}
        assert [people] * 2 == [town.people(one) for one in ids[1:]]
        assert [f"Forecast {number}"] * 2 == titles(town, ids)[1:]
    assert number > 8


def test_a_change_is_undone_for_ten_minutes(town: Stage) -> None:
    """Old values through the same merge: title, time, venue, people."""
    ids = town.make()
    before = [(dict(town.record(one)), town.people(one)) for one in ids]
    change = ChangeSet(
        title="Forecast",
        clock=time(8),
        venue="Roof",
        reminders=(),
        add=(ADD,),
        remove=WEEKLY.participants,
    )
    prepare(town, ids[1], change, Scope.FOLLOWING)
    changed(town.changing.run("op", ADA))
    town.sleep(300)
    back = town.changing.undo("op", "back", ADA)
    assert back == town.changing.undo("op", "back", ADA)
    done = changed(town.changing.run("back", ADA))
    assert done.undo_until is None
    kept = ("Event_Title", "Start_DateTime", "End_DateTime", "Venue", "Remind_At")
    for event_id, (record, people) in zip(ids, before, strict=True):
        assert people == town.people(event_id)
        assert [record[name] for name in kept] == [town.record(event_id)[name] for name in kept]


def test_an_undo_keeps_whom_others_added(town: Stage) -> None:
    """Shown again first, since it isn't as it was left."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(add=(ADD,)))
    changed(town.changing.run("op", ADA))
    town.changing.prepare(
        "ben", BEN, ids[0], ChangeSet(add=(town.colleague("dev"),)), Scope.ONE, person_zone="UTC"
    )
    changed(town.changing.run("ben", BEN))
    town.changing.undo("op", "back", ADA)
    shown = town.changing.run("back", ADA)
    assert isinstance(shown, ShownAgain)
    changed(town.changing.run(shown.prepared.operation_id, ADA))
    assert {"guest@example.com", town.user("dev")["id"]} == town.people(ids[0])


def test_after_ten_minutes_nothing_is_undone(town: Stage) -> None:
    """Nor what somebody else has done, nor what wasn't."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(title="Forecast"))
    with pytest.raises(Gone):
        town.changing.undo("op", "back", ADA)
    until = changed(town.changing.run("op", ADA)).undo_until
    assert until == town.now() + timedelta(minutes=10)
    with pytest.raises(Gone, match="change"):
        town.changing.undo("op", "back", BEN)
    town.sleep(601)
    with pytest.raises(Gone, match="undo_late"):
        town.changing.undo("op", "back", ADA)


def test_only_its_owner_sees_or_runs_a_change(town: Stage) -> None:
    """Another person's is gone."""
    ids = town.make()
    prepare(town, ids[0], ChangeSet(title="Forecast"))
    with pytest.raises(Gone):
        town.changing.prepared("op", BEN)
    with pytest.raises(Gone):
        town.changing.run("op", BEN)
    assert not town.changing.again("op", BEN)


@pytest.mark.parametrize("text", ["copied", "first_only"])
def test_all_weekdays_of_one_meeting_are_changed(town: Stage, text: str) -> None:
    """Where the CRM takes one day a rule, a meeting is several of its series."""
    town.turn({"events.byday_list": "refuse", "events.series_text": text})
    draft = Draft(
        id="made",
        asked_at=town.now(),
        zone="America/New_York",
        home="America/New_York",
        sheet=Sheet(
            title="Standup", day=START.date(), start=time(10), repeats="Mon and Wed, 6 times"
        ),
    )
    preview = compose(draft, now=town.now()).preview
    assert preview is not None
    memory, grant = town.memory, town.grants[ADA].id
    memory.drafts.put("made", ADA, grant, draft.as_json(), town.now())
    memory.operations.begin("made", ADA, grant, "create", preview.fingerprint, {}, town.now())
    assert isinstance(town.creation.run("made", ADA), Created)
    (mondays, wednesdays) = memory.operations.series("made")
    ids = tuple(one for pair in zip(mondays, wednesdays, strict=True) for one in pair)
    assert list(preview.starts) == starts(town, ids)
    town.sleep(600)
    prepare(town, ids[1], ChangeSet(clock=time(9), add=(ADD,)), Scope.FOLLOWING)
    assert () == changed(town.changing.run("op", ADA)).report.left
    hours = [start.astimezone(START.tzinfo).hour for start in starts(town, ids)]
    assert [10, 9, 9, 9, 9, 9] == hours
    assert [set(), *[{"new@example.com"}] * 5] == [town.people(one) for one in ids]
