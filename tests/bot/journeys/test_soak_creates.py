"""Many creates with lost, late and failed answers: none twice, none told that isn't there."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from bot.domain.meeting import Meeting
from bot.errors import TryLater
from bot.journeys.meeting.compose import compose
from bot.journeys.meeting.draft import Draft, Sheet
from bot.journeys.meeting.outcomes import Failed, Unknown, Waiting
from bot.journeys.notices import Created
from handlers.sandbox.web import Answer, Request
from tests.bot.journeys.series_stage import ADA, Lost, Stage, stage
from tests.conftest import Cases

BATCH = 200
"""A CRM of its own for so many, to keep its lists short."""
KINDS = {"unsent": 0.03, "unanswered": 0.03, "late": 0.02, "failed after": 0.02}
"""What becomes of a create that isn't simply answered; a tenth of them in all."""


class Weather:
    """Loses answers of creates, and lets some be done late.

    Attributes:
        struck: How often each kind has struck.
    """

    def __init__(self, town: Stage, seed: int) -> None:
        """Stand around the wire of *town*; `seed` decides everything."""
        self._town = town
        self._random = random.Random(seed)
        self._late: list[tuple[datetime, Callable[[], Answer]]] = []
        self.struck: Counter[str] = Counter()
        town.wire.around = self._around

    def _around(self, asked: Request, page: Callable[[], Answer]) -> Answer:
        self.clear_up(self._town.now())
        if (asked.method, asked.path) != ("POST", "/crm/v8/Events"):
            return page()
        kind = self._kind()
        self.struck[kind] += 1
        match kind:
            case "unsent":
                raise Lost
            case "unanswered":
                page()
                raise Lost
            case "late":
                after = timedelta(seconds=self._random.uniform(5, 45))
                self._late.append((self._town.now() + after, page))
                raise Lost
            case "failed after":
                page()
                return Answer(500)
            case _:
                return page()

    def _kind(self) -> str:
        chance = self._random.random()
        for kind, share in KINDS.items():
            if chance < share:
                return kind
            chance -= share
        return "answered"

    def clear_up(self, now: datetime) -> None:
        """Do what is due late."""
        due = [page for at, page in self._late if at <= now]
        self._late = [(at, page) for at, page in self._late if at > now]
        for page in due:
            page()


def submit(town: Stage, op: str, number: int) -> Meeting:
    """Keep a submitted form, as the form's journey does; return its meeting."""
    draft = Draft(
        id=op,
        asked_at=town.now(),
        zone="America/New_York",
        home="America/New_York",
        sheet=Sheet(
            title="Pipeline review",
            day=date(2026, 2, 2) + timedelta(days=number % 28),
            start=time(10),
            repeats="every day, 2 times" if number % 4 == 0 else "",
        ),
    )
    preview = compose(draft, now=town.now()).preview
    assert preview is not None
    memory, grant = town.memory, town.grants[ADA]
    with memory.atomically():
        memory.drafts.put(op, ADA, grant.id, draft.as_json(), town.now())
        memory.drafts.claim(op, preview.fingerprint, town.now())
        memory.operations.begin(op, ADA, grant.id, "create", preview.fingerprint, {}, town.now())
    return preview.meeting


def carried(town: Stage, op: str) -> Created | Failed | Unknown:
    """Run as the worker does, until there is nothing to wait for."""
    while True:
        try:
            outcome = town.creation.run(op, ADA)
        except TryLater as late:
            town.sleep(late.seconds)
            continue
        if not isinstance(outcome, Waiting):
            return outcome
        town.sleep(outcome.seconds)


def taken_out(town: Stage, op: str) -> list[int]:
    """Return the sizes of the series made for an operation, and take them out of the CRM."""
    records = town.side.world.records("Events")
    ours = [one for one in records.values() if f"ref parley-{op}-" in one["Description"]]
    for one in ours:
        del records[one["id"]]
    return list(Counter(one["$u_id"] for one in ours).values())


class Tally:
    """What came of all creates."""

    def __init__(self) -> None:
        """Begin with none."""
        self.total = self.duplicates = self.false = self.asked = 0
        self.struck: Counter[str] = Counter()

    def judge(self, meeting: Meeting, outcome: object, made: list[int]) -> None:
        """Lay what was told beside what is there."""
        self.total += 1
        self.duplicates += len(made) > 1
        self.asked += isinstance(outcome, Unknown)
        if isinstance(outcome, Created):
            self.false += made != [len(meeting.occurrences())] or outcome.differs


def batch(tally: Tally, seed: int, size: int) -> None:
    """Create so many meetings in a CRM of their own."""
    with stage() as town:
        weather = Weather(town, seed)
        for number in range(size):
            op = f"op{number}"
            meeting = submit(town, op, number)
            outcome = carried(town, op)
            # Whatever is still to be done late is done now.
            town.sleep(60)
            weather.clear_up(town.now())
            tally.judge(meeting, outcome, taken_out(town, op))
        tally.struck += weather.struck


def test_a_duplicate_would_be_seen() -> None:
    """A blind second send after a lost answer makes two, and the tally counts them."""
    with stage() as town:
        meeting, tally = submit(town, "op", 1), Tally()
        for _ in range(2):
            town.access.call(
                town.grants[ADA].id,
                lambda access: town.events.create(access, meeting, marker="op-1"),
                now=town.now,
            )
        tally.judge(meeting, None, taken_out(town, "op"))
        assert 1 == tally.duplicates
        tally.judge(meeting, carried(town, "op"), [])
        assert 1 == tally.false


def test_no_create_is_doubled_or_falsely_told(cases: Cases) -> None:
    """A tenth of the answers lost: 0 duplicates, 0 false "created", under 6 % asked."""
    tally, wanted = Tally(), cases(400, 10_000)
    for seed in range(0, wanted, BATCH):
        batch(tally, seed, min(BATCH, wanted - seed))
    assert wanted == tally.total
    assert set(KINDS) <= set(tally.struck)
    assert (0, 0) == (tally.duplicates, tally.false)
    assert tally.asked / tally.total < 0.06
