"""A new rule: the new series stands before the old one ends; never both unsaid, never neither."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from bot.domain.participants import Participant
from bot.domain.recurrence import Recurrence, Weekday
from bot.errors import Gone, Refused, TryLater
from bot.journeys.meeting.outcomes import Failed, Waiting
from bot.journeys.series.endings import Ending
from bot.journeys.series.rule_plan import Reruled, RuleOutcome, RulePlan, Stage, Standing, WentBack
from tests.bot.journeys.series_stage import ADA, BEN, START, WEEKLY, Killed, killed_at, stage
from tests.bot.journeys.series_stage import Stage as Town

WORDS = "every 2 weeks on Monday, 3 times"
SHORT = replace(WEEKLY, recurrence=Recurrence.weekly(Weekday.MO).times(3))
LOCKED = {"data": [{"code": "RECORD_LOCKED", "details": {}, "message": "", "status": "error"}]}


@pytest.fixture
def town() -> Iterator[Town]:
    """A CRM and a bot."""
    with stage() as found:
        yield found


def prepare(
    town: Town,
    event_id: str,
    words: str = WORDS,
    ending: Ending = Ending.DELETE,
    *,
    op: str = "op",
) -> RulePlan:
    """Prepare a new rule for Ada."""
    return town.rerule.prepare(
        op, ADA, event_id, words, ending=ending, mail=True, person_zone="America/New_York"
    ).plan


def run(town: Town, op: str = "op") -> RuleOutcome:
    """Run until it doesn't wait any more."""
    while True:
        outcome = town.rerule.run(op, ADA)
        if not isinstance(outcome, Waiting):
            return outcome
        town.sleep(outcome.seconds)


def standing(outcome: RuleOutcome) -> Standing:
    """Return the outcome of one that waits for the person."""
    assert isinstance(outcome, Standing), outcome
    return outcome


def held(town: Town, ids: tuple[str, ...]) -> list[bool]:
    """Return which of the meetings are still to be held."""
    records = town.side.world.records("Events")
    return [one in records and not records[one]["$event_cancelled"] for one in ids]


def others(town: Town, ids: tuple[str, ...]) -> int:
    """Return how many meetings there are beside these."""
    return len(town.side.world.records("Events").keys() - set(ids))


@pytest.mark.parametrize("ending", Ending)
def test_the_new_series_stands_and_the_old_one_ends(town: Town, ending: Ending) -> None:
    """From the chosen one on; everything but the rule is taken over."""
    ids = town.make()
    plan = prepare(town, ids[1], ending=ending)
    assert list(ids[1:]) == [one.event_id for one in plan.old]
    fortnights = [START + (1 + 2 * n) * timedelta(days=7) for n in range(3)]
    assert fortnights == list(plan.starts)
    assert 0 == others(town, ids)
    done = run(town)
    assert isinstance(done, Reruled)
    assert (fortnights, ()) == (list(done.created.starts), done.report.left)
    assert [True, False, False, False, False] == held(town, ids)
    new = [one for key, one in town.side.world.records("Events").items() if key not in ids]
    assert 3 == len(new)
    assert {("Pipeline review", "Room 1")} == {(one["Event_Title"], one["Venue"]) for one in new}
    assert {"guest@example.com"} == {
        row["participant"] for one in new for row in one["Participants"]
    }
    assert done == town.rerule.run("op", ADA)
    assert 3 == others(town, ids)


def test_words_that_make_no_rule_are_refused_before(town: Town) -> None:
    """As in the form; a series that is over has nothing to repeat."""
    ids = town.make()
    with pytest.raises(Refused) as caught:
        prepare(town, ids[0], "sometimes")
    assert "repeats" == caught.value.field
    town.sleep(timedelta(days=90).total_seconds())
    with pytest.raises(Refused, match="rule_over"):
        prepare(town, ids[0])


def test_whom_only_some_of_the_old_ones_have_is_named(town: Town) -> None:
    """A guest of the second of two alone: nobody could say that it was changed singly."""
    ids = town.make(replace(WEEKLY, recurrence=Recurrence.weekly(Weekday.MO).times(2)))
    rows = town.record(ids[1])["Participants"]
    late = {**rows[0], "id": "5550000000000000077", "participant": "late@example.com"}
    town.edit(ids[1], Participants=[*rows, {**late, "Email": "late@example.com"}])
    (note,) = [one for one in prepare(town, ids[0]).notes if one.code == "people_left"]
    assert (("names", "late@example.com"),) == note.values


def test_a_host_of_the_old_series_takes_part_in_the_new_one(town: Town) -> None:
    """Ben hosts it, Ada changes its rule: whoever makes a series hosts it, and Ben isn't lost."""
    ids = town.make()
    ben = town.user("ben")
    for one in ids:
        town.edit(one, Owner={"id": ben["id"], "name": ben["full_name"]})
    assert ("host", ben["full_name"]) in [
        value for one in prepare(town, ids[0]).notes for value in one.values
    ]
    assert isinstance(run(town), Reruled)
    new = [one for key, one in town.side.world.records("Events").items() if key not in ids]
    assert [{"guest@example.com", ben["id"]}] * 3 == [
        {str(row["participant"]) for row in one["Participants"]} for one in new
    ]


@pytest.mark.parametrize(
    ("words", "clock", "hours"),
    [
        ("every Tuesday 3pm 4 times", (15, 0), 1),
        ("Tuesdays 14:30-16:30 4 times", (14, 30), 2),
        ("every Tuesday at 15:00 until 24 February", (15, 0), 1),
        ("11:00 every week on Tuesday, 4 times", (11, 0), 1),
    ],
)
def test_a_time_of_day_said_beside_the_rule_is_taken(
    town: Town, words: str, clock: tuple[int, int], hours: int
) -> None:
    """So people say it: the new series is at that time, and as long as was said, or as before."""
    ids = town.make()
    plan = prepare(town, ids[0], words)
    first = START.replace(hour=clock[0], minute=clock[1]) + timedelta(days=1)
    assert [first + timedelta(days=7 * n) for n in range(4)] == list(plan.starts)
    assert timedelta(hours=hours) == plan.length
    assert isinstance(run(town), Reruled)


@pytest.mark.parametrize(
    "words",
    [
        "every Tuesday 3pm with bob@example.com",
        "every Tuesday 3pm in Room 9",
        "every Tuesday 3pm starting 1 May",
        "3pm",
    ],
)
def test_what_else_is_said_beside_the_rule_is_refused(town: Town, words: str) -> None:
    """Nothing of it is dropped in silence."""
    ids = town.make()
    with pytest.raises(Refused) as caught:
        prepare(town, ids[0], words)
    assert "repeats" == caught.value.field


def test_a_rule_without_an_end_ends_with_the_old_series(town: Town) -> None:
    """Five Mondays become the Tuesdays of the same weeks, not a whole year of them."""
    ids = town.make()
    plan = prepare(town, ids[0], "every Tuesday")
    tuesdays = [START + timedelta(days=1 + 7 * n) for n in range(4)]
    assert tuesdays == list(plan.starts)
    assert "end_kept" in [one.code for one in plan.notes]
    assert "end_proposed" not in [one.code for one in plan.notes]


def test_an_end_that_leaves_no_date_is_proposed_anew(town: Town) -> None:
    """The last one of a series: no further date fits before its end."""
    ids = town.make()
    plan = prepare(town, ids[4], "every Tuesday")
    assert len(plan.starts) > 1
    assert "end_proposed" in [one.code for one in plan.notes]


def test_what_cannot_be_taken_over_is_told(town: Town) -> None:
    """A lead as the record it belongs to, and what was changed singly."""
    ids = town.make()
    lead = next(iter(town.side.world.records("Leads")))
    town.edit(ids[0], What_Id={"id": lead, "name": "Lead"}, **{"$se_module": "Leads"})
    town.edit(ids[2], Event_Title="Special")
    town.edit(ids[0], Remind_At={"ALARM": "FREQ=NONE;ACTION=MAGIC"})
    plan = prepare(town, ids[0])
    assert "reminders_unread" in [one.code for one in plan.notes]
    assert plan.loses is not None
    assert ("Leads", lead) == (plan.loses.module, plan.loses.record.id)
    assert ids[2] in [one.event_id for one in plan.singles]


def test_a_new_rule_invites_no_more_than_one_may(town: Town) -> None:
    """Counted like any invitation; the old series stays whole."""
    guests = tuple(Participant.by_email(f"p{number}@example.com") for number in range(40))
    ids = town.make(replace(WEEKLY, participants=guests))
    prepare(town, ids[3])
    assert isinstance(run(town), Reruled)
    prepare(town, ids[0], op="two")
    failed = run(town, "two")
    assert isinstance(failed, Failed)
    assert "invitations_limit" == failed.error.code
    assert ([True, True, True, False, False], 3) == (held(town, ids), others(town, ids))


def test_a_refused_create_leaves_the_old_series_whole(town: Town) -> None:
    """Said as what it is; nothing else was done."""
    ids = town.make()
    prepare(town, ids[0])
    town.side.faults.arm(
        {
            "kind": "answer",
            "status": 400,
            "body": LOCKED,
            "path": "/crm/v8/Events",
            "method": "POST",
        }
    )
    failed = run(town)
    assert isinstance(failed, Failed)
    assert "record_locked" == failed.error.code
    assert ([True] * 5, 0) == (held(town, ids), others(town, ids))
    assert isinstance(town.rerule.run("op", ADA), Failed)


@pytest.mark.parametrize("kind", ["cut_after", "cut_before", "error_after"])
def test_a_lost_create_is_looked_up_not_repeated(town: Town, kind: str) -> None:
    """The ladder of creating; only then the old series ends."""
    ids = town.make()
    prepare(town, ids[0])
    town.side.faults.arm({"kind": kind, "path": "/crm/v8/Events", "method": "POST"})
    waiting = town.rerule.run("op", ADA)
    assert isinstance(waiting, Waiting)
    assert waiting.first
    assert [True] * 5 == held(town, ids)
    assert isinstance(run(town), Reruled)
    assert ([False] * 5, 3) == (held(town, ids), others(town, ids))


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.parametrize("forward", [True, False])
def test_a_create_nobody_knows_of_is_the_persons_to_decide(
    town: Town, *, made: bool, forward: bool
) -> None:
    """The old series stays whole until then; back, nothing of the new one is left."""
    ids = town.make()
    prepare(town, ids[0])
    kind = "cut_after" if made else "cut_before"
    create = {"path": "/crm/v8/Events", "method": "POST"}
    town.side.faults.arm({"kind": kind, **create})
    town.side.faults.arm({"kind": "cut_before", **create})
    hidden = {"kind": "answer", "status": 204, "path": "/crm/v8/coql", "times": 4}
    town.side.faults.arm(hidden)
    asked = standing(run(town))
    assert (Stage.CREATING, True, True) == (asked.stage, asked.unknown, asked.can_go_back)
    assert [True] * 5 == held(town, ids)
    assert asked.plan == standing(town.rerule.run("op", ADA)).plan
    if forward:
        assert town.rerule.go_on("op", ADA, anyway=not made)
        assert isinstance(run(town), Reruled)
        assert ([False] * 5, 3) == (held(town, ids), others(town, ids))
    else:
        assert town.rerule.go_back("op", ADA)
        assert isinstance(run(town), WentBack)
        assert ([True] * 5, 0) == (held(town, ids), others(town, ids))
        assert isinstance(town.rerule.run("op", ADA), WentBack)


@pytest.mark.parametrize("forward", [True, False])
def test_other_dates_than_confirmed_end_nothing(town: Town, *, forward: bool) -> None:
    """Both stand, and that is said; on or back."""
    ids = town.make()
    prepare(town, ids[0], "every month on the 31st, 3 times")
    town.turn({"events.short_month": "clip"})
    asked = standing(run(town))
    assert ("dates_differ", Stage.REMOVING) == (asked.error.code, asked.stage)
    assert asked.can_go_back
    assert asked.created is not None
    assert asked.created.differs
    assert ([True] * 5, 3) == (held(town, ids), others(town, ids))
    if forward:
        assert town.rerule.go_on("op", ADA)
        assert isinstance(run(town), Reruled)
        assert ([False] * 5, 3) == (held(town, ids), others(town, ids))
    else:
        assert town.rerule.go_back("op", ADA)
        assert isinstance(run(town), WentBack)
        assert ([True] * 5, 0) == (held(town, ids), others(town, ids))


def test_an_end_the_crm_refuses_is_said_and_can_be_another(town: Town) -> None:
    """Nobody was invited: nothing can be cancelled, but deleted."""
    ids = town.make(replace(WEEKLY, invitations=False))
    prepare(town, ids[0], ending=Ending.CANCEL)
    asked = standing(run(town))
    assert ("cancel_uninvited", True) == (asked.error.code, asked.can_go_back)
    assert ([True] * 5, 3) == (held(town, ids), others(town, ids))
    assert town.rerule.go_on("op", ADA, ending=Ending.DELETE)
    assert isinstance(run(town), Reruled)
    assert ([False] * 5, 3) == (held(town, ids), others(town, ids))


def test_half_ended_there_is_no_way_back(town: Town) -> None:
    """The new series is whole; only on."""
    ids = town.make()
    rows = [{**row, "invited": False} for row in town.record(ids[2])["Participants"]]
    town.edit(ids[2], Participants=rows)
    prepare(town, ids[0], ending=Ending.CANCEL)
    asked = standing(run(town))
    assert [ids[2]] == [one.event_id for one in asked.report.left]
    assert not asked.can_go_back
    assert not town.rerule.go_back("op", ADA)
    assert town.rerule.go_on("op", ADA, ending=Ending.DELETE)
    assert isinstance(run(town), Reruled)
    assert ([False] * 5, 3) == (held(town, ids), others(town, ids))


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("ending", Ending)
def test_killed_anywhere_it_ends_the_same(town: Town, ending: Ending, *, after: bool) -> None:
    """One new series, the old one gone; at the kill, one of them was whole."""
    made = 0
    for number in count(1):
        ids = town.make(SHORT)
        beside = others(town, ids)
        op = f"op{number}"
        prepare(town, ids[0], ending=ending, op=op)
        town.wire.around = killed_at(town, number, after=after)
        try:
            run(town, op)
        except Killed:
            assert all(held(town, ids)) or others(town, ids) == beside + 3
            assert isinstance(run(town, op), Reruled)
        else:
            town.wire.around = None
            break
        assert ([False] * 3, beside + 3) == (held(town, ids), others(town, ids))
        made += 1
    assert made >= 4


@pytest.mark.parametrize("after", [False, True])
def test_killed_on_the_way_back_the_old_series_is_whole(town: Town, *, after: bool) -> None:
    """And nothing of the new one is left."""
    for number in count(1):
        ids = town.make(replace(SHORT, invitations=False))
        beside = others(town, ids)
        op = f"op{number}"
        prepare(town, ids[0], ending=Ending.CANCEL, op=op)
        standing(run(town, op))
        assert town.rerule.go_back(op, ADA)
        town.wire.around = killed_at(town, number, after=after)
        try:
            run(town, op)
        except Killed:
            assert isinstance(run(town, op), WentBack)
        else:
            town.wire.around = None
            break
        assert ([True] * 3, beside) == (held(town, ids), others(town, ids))
    assert number > 2


def test_a_revoked_grant_stops_it_between_the_two(town: Town) -> None:
    """Both stand, said; after connecting it goes on or back."""
    ids = town.make()
    prepare(town, ids[0])
    town.side.faults.arm({"kind": "invalid_token", "method": "DELETE", "path": "*", "times": None})
    refused = {"error": "invalid_code"}
    town.side.faults.arm(
        {"kind": "answer", "status": 200, "body": refused, "path": "/oauth/v2/token"}
    )
    asked = standing(run(town))
    assert (Stage.REMOVING, "revoked") == (asked.stage, asked.error.code)
    town.side.faults.clear()
    assert not town.rerule.go_on("op", BEN)
    town.connect(ADA, "ada")
    assert town.rerule.go_on("op", ADA)
    assert isinstance(run(town), Reruled)


def test_a_crm_out_of_reach_is_settled_as_it_stands(town: Town) -> None:
    """Before the create: nothing was made. After it: both stand, and that is said."""
    ids = town.make()
    prepare(town, ids[0])
    town.side.faults.arm({"kind": "throttle", "method": "DELETE", "path": "*", "times": 2})
    for _ in range(2):
        with pytest.raises(TryLater):
            town.rerule.run("op", ADA)
    town.side.faults.arm({"kind": "throttle", "path": "*"})
    asked = standing(town.rerule.settle("op", ADA))
    assert (Stage.REMOVING, True) == (asked.stage, asked.can_go_back)
    assert town.rerule.go_on("op", ADA)
    assert isinstance(run(town), Reruled)
    with pytest.raises(Gone):
        town.rerule.prepared("op", BEN)
