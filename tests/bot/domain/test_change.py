"""Changes as values: what a wish makes of an occurrence, and how it stands to what is there."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.change import Aspect, ChangeSet, Facets, Scope
from bot.domain.event import Event, Related
from bot.domain.meeting import Record
from bot.domain.participants import Participant
from bot.domain.reminder import DEFAULT, Period, Reminder
from bot.domain.series import Series, Single
from bot.domain.steps import Step, Verdict
from bot.errors import Refused
from bot.journeys.series.plan import Fate, Plan, Report, Result

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 3, 26, 10, tzinfo=BERLIN)  # a Thursday; the clocks change on Sunday
PEOPLE = tuple(Participant.by_email(f"p{number}@example.com") for number in range(6))
BASE = Facets(
    title="Sync",
    start=START,
    end=START + timedelta(hours=1),
    all_day=False,
    venue="Room 1",
    reminders=(DEFAULT,),
    contact=Record(id="10001", name="Pat"),
    related=Related(module="Deals", record=Record(id="10002", name="Deal")),
    people=PEOPLE[:2],
)
OTHER: dict[Aspect, dict[str, object]] = {
    Aspect.TITLE: {"title": "Other"},
    Aspect.TIME: {"end": START + timedelta(hours=2)},
    Aspect.VENUE: {"venue": None},
    Aspect.REMINDERS: {"reminders": ()},
    Aspect.CONTACT: {"contact": None},
    Aspect.RECORD: {"related": Related(module="Leads", record=Record(id="10002", name="x"))},
    Aspect.PEOPLE: {"people": PEOPLE[1:3]},
}


def other(base: Facets, aspect: Aspect, **more: object) -> Facets:
    """The same, but for one aspect."""
    return replace(base, **{**OTHER[aspect], **more})  # type: ignore[arg-type]  # names checked by replace()


def target(change: ChangeSet, base: Facets = BASE, anchor: Facets = BASE) -> Facets:
    """What the change makes of an occurrence."""
    return change.target(base, anchor=anchor, where="Europe/Berlin")


def test_a_move_keeps_each_wall_clock_over_a_clock_change() -> None:
    """By days from the anchor's; the length stays in elapsed time."""
    week = replace(BASE, start=START + timedelta(days=7), end=BASE.end + timedelta(days=7))
    moved = target(ChangeSet(day=date(2026, 3, 30)), week)
    assert datetime(2026, 4, 6, 10, tzinfo=BERLIN) == moved.start
    assert timedelta(hours=1) == moved.end.astimezone(UTC) - moved.start.astimezone(UTC)
    over = target(ChangeSet(day=date(2026, 3, 30)), replace(BASE, start=START.astimezone(UTC)))
    assert datetime(2026, 3, 30, 8, tzinfo=UTC) == over.start


def test_a_new_time_is_the_same_for_all() -> None:
    """Also for one that was at another time."""
    odd = replace(BASE, start=START + timedelta(hours=3), end=START + timedelta(hours=5))
    moved = target(ChangeSet(clock=time(8)), odd)
    assert (8, timedelta(hours=2)) == (moved.start.hour, moved.end - moved.start)
    assert timedelta(minutes=20) == target(ChangeSet(length=timedelta(minutes=20))).end - START


def test_an_all_day_meeting_moves_by_days_and_takes_no_time() -> None:
    """Its end stays as the CRM keeps it."""
    day = datetime(2026, 3, 27, tzinfo=BERLIN)
    all_day = replace(BASE, all_day=True, start=day, end=day + timedelta(hours=23, minutes=59))
    moved = target(ChangeSet(day=date(2026, 3, 30)), all_day, all_day)
    assert datetime(2026, 3, 30, tzinfo=BERLIN) == moved.start
    assert datetime(2026, 3, 30, 23, 59, tzinfo=BERLIN) == moved.end
    for change in (ChangeSet(clock=time(9)), ChangeSet(length=timedelta(hours=1))):
        with pytest.raises(Refused, match="all_day_clock"):
            target(change, all_day)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"title": "  "}, "title_missing"),
        ({"title": "x" * 256}, "too_long"),
        ({"venue": "x" * 256}, "too_long"),
        ({"length": timedelta(0)}, "end_before_start"),
        ({"reminders": (DEFAULT,) * 6}, "reminders_limit"),
    ],
)
def test_what_the_crm_would_refuse_is_no_change(wrong: dict[str, object], code: str) -> None:
    """Said before anything is read."""
    with pytest.raises(Refused, match=code):
        ChangeSet(**wrong)  # type: ignore[arg-type]  # one wrong value at a time


def test_empty_takes_away_and_none_leaves() -> None:
    """Venue, reminders, contact and record."""
    assert BASE == target(ChangeSet())
    bare = target(ChangeSet(venue=" ", reminders=(), no_contact=True, no_related=True))
    assert (None, (), None, None) == (bare.venue, bare.reminders, bare.contact, bare.related)


@pytest.mark.parametrize("aspect", Aspect)
def test_an_occurrence_is_as_wanted_as_shown_or_somebody_elses(aspect: Aspect) -> None:
    """Only what the step changes counts; another's doing beside it doesn't matter."""
    step = Step(event_id="10001", base=BASE, target=other(BASE, aspect))
    assert (aspect,) == step.aspects
    assert (Verdict.READY, Verdict.DONE) == (step.judge(BASE), step.judge(step.target))
    third: dict[str, object] = {
        "title": "Third",
        "end": START + timedelta(hours=3),
        "venue": "Third",
        "reminders": (Reminder(unit=3, period=Period.DAYS),),
        "contact": Record(id="10009", name="x"),
        "related": None,
        "people": PEOPLE[4:],
    }
    (field,) = OTHER[aspect]
    theirs = replace(BASE, **{field: third[field]})  # type: ignore[arg-type]  # one field at a time
    assert Verdict.FOREIGN == step.judge(theirs)
    beside = next(one for one in Aspect if one is not aspect)
    assert Verdict.READY == step.judge(other(BASE, beside))
    assert Verdict.FOREIGN == step.judge(other(BASE, beside, **{field: third[field]}), whole=True)
    again = step.rebased(theirs)
    assert (Verdict.READY, Verdict.DONE) == (again.judge(theirs), again.judge(again.target))
    assert (Verdict.READY, Verdict.DONE) == (
        step.reversed().judge(step.target),
        step.reversed().judge(BASE),
    )


def test_unreadable_reminders_are_never_laid_beside_others() -> None:
    """Neither shown as a change nor written over."""
    unread = replace(BASE, reminders=None)
    assert (
        ()
        == Step(event_id="10001", base=unread, target=replace(unread, reminders=(DEFAULT,))).aspects
    )
    assert () == Step(event_id="10001", base=BASE, target=unread).aspects


SOME = st.lists(st.sampled_from(PEOPLE), unique=True, max_size=5).map(tuple)


@given(base=SOME, wanted=SOME, now=SOME)
def test_nobody_goes_but_who_was_to_go(
    base: tuple[Participant, ...], wanted: tuple[Participant, ...], now: tuple[Participant, ...]
) -> None:
    """Whoever is there now, and whatever the wish was made from."""
    step = Step(
        event_id="10001", base=replace(BASE, people=base), target=replace(BASE, people=wanted)
    )
    gone = {one.key for one in base} - {one.key for one in wanted}
    came = {one.key for one in wanted} - {one.key for one in base}
    written = {one.key for one in step.people(replace(BASE, people=now))}
    assert ({one.key for one in now} - gone) | came == written
    assert {one.key for one in (*step.added, *step.kept)} == {one.key for one in wanted}
    after = replace(BASE, people=step.people(replace(BASE, people=now)))
    assert Verdict.DONE == step.judge(after)


def test_a_plan_and_a_report_come_back_as_they_were_kept() -> None:
    """Through JSON values, aware times and all."""
    steps = (Step(event_id="10001", base=BASE, target=other(BASE, Aspect.TITLE)),)
    plan = Plan(
        anchor="10001",
        scope=Scope.FOLLOWING,
        zone="Europe/Berlin",
        title="Sync",
        link="https://crm.example/1",
        steps=steps,
        singles=(Single(event_id="10001", start=START, title="Sync", aspects=(Aspect.VENUE,)),),
        account=("900", "11"),
    )
    assert plan == Plan.from_json(plan.as_json())
    assert plan.fingerprint() != replace(plan, title="Other").fingerprint()
    report = Report(results=(Result(event_id="10001", fate=Fate.DONE, now=BASE),))
    assert report == Report.from_json(report.as_json())


def occurrence(number: int, start: datetime, **more: object) -> Event:
    """One of a series."""
    plain: dict[str, object] = {
        "id": f"{10_000 + number}",
        "title": "Sync",
        "start": start,
        "end": start + timedelta(hours=1),
        "all_day": False,
        "participants": PEOPLE[:1],
        "series": "u",
        "rule": None,
        "modified_at": START,
        "description": None,
        "venue": None,
        "link": "",
    }
    return Event(**{**plain, **more})  # type: ignore[arg-type]  # a full set of plain values


def test_what_was_changed_singly_differs_from_most() -> None:
    """In the wall clock of whichever zone explains the series best."""
    weeks = [START + n * timedelta(days=7) for n in range(6)]
    events = [occurrence(n, start.astimezone(UTC)) for n, start in enumerate(weeks)]
    events[2] = replace(events[2], title="Special")
    events[4] = replace(events[4], start=events[4].start + timedelta(minutes=5), participants=())
    series = Series(events=tuple(events))
    found = series.singles([ZoneInfo("UTC"), BERLIN])
    assert [
        (events[2].id, (Aspect.TITLE,)),
        (events[4].id, (Aspect.TIME, Aspect.PEOPLE)),
    ] == [(one.event_id, one.aspects) for one in found]
    assert events[3:] == list(series.following(events[3].id))
    # In UTC alone the clock change looks like one of them moved.
    assert len(series.singles([ZoneInfo("UTC")])) > 2


def test_of_two_nobody_differs() -> None:
    """There is no saying which."""
    pair = (occurrence(0, START), occurrence(1, START + timedelta(days=7), title="Other"))
    assert () == Series(events=pair).singles([BERLIN])
