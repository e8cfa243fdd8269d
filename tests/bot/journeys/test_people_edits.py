"""Two people edit who takes part, at once, with lost answers and kills: nobody is lost."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from bot.crm.changes import change_body
from bot.domain.change import Aspect, ChangeSet, Facets, Scope
from bot.domain.connection import Owner
from bot.domain.participants import Kind, Participant
from bot.domain.recurrence import Recurrence, Weekday
from bot.domain.steps import Step
from bot.errors import Refused
from bot.journeys.series.plan import Changed, Prepared, Report, ShownAgain
from handlers.sandbox.web import Answer, Request
from tests.bot.journeys.series_stage import ADA, BEN, WEEKLY, Killed, Lost, Stage, stage
from tests.conftest import Cases

EDITS = 50
SHORT = replace(WEEKLY, recurrence=Recurrence.weekly(Weekday.MO).times(3))
Keys = frozenset[tuple[Kind, str]]


class Model:
    """Who takes part in each occurrence, by the previews that were confirmed."""

    def __init__(self, town: Stage, ids: tuple[str, ...]) -> None:
        """Begin with what the CRM has."""
        self.people = {one: in_crm(town, one) for one in ids}

    def apply(self, prepared: Prepared, report: Report) -> None:
        """Take in what of a confirmed preview was done."""
        steps = {step.event_id: step for step in prepared.plan.changing}
        for one in report.done:
            if one.event_id in steps:
                self._step(steps[one.event_id])

    def _step(self, step: Step) -> None:
        now = self.people[step.event_id]
        added = {person.key for person in step.added}
        removed = {person.key for person in step.removed}
        self.people[step.event_id] = frozenset((now | added) - removed)


def in_crm(town: Stage, event_id: str) -> Keys:
    """Return who takes part, as the CRM has it."""
    return frozenset(
        (Kind(row["type"]), str(row["participant"]).casefold())
        for row in town.record(event_id)["Participants"]
    )


class Edits:
    """One sequence of random edits by Ada and Ben."""

    def __init__(self, town: Stage, seed: int) -> None:
        """Make a series; `seed` decides everything."""
        self.town = town
        self.random = random.Random(seed)
        self.ids = town.make(SHORT)
        self.model = Model(town, self.ids)
        self.pools = {ADA: self._pool("Contacts", "ada"), BEN: self._pool("Leads", "ben")}
        self.count = 0
        self.seen: set[str] = set()

    def _pool(self, module: str, name: str) -> list[Participant]:
        kind = {"Contacts": Kind.CONTACT, "Leads": Kind.LEAD}[module]
        records = list(self.town.side.world.records(module).values())[:3]
        return [
            self.town.colleague(name),
            *(Participant(kind=kind, ref=one["id"], name=one["id"]) for one in records),
            *(Participant.by_email(f"{name}{number}@example.com") for number in range(3)),
        ]

    def prepare(self, owner: Owner, event_id: str | None = None) -> Prepared | None:
        """Let *owner* preview a random edit of people from their own pool."""
        self.count += 1
        pool, some = self.pools[owner], self.random.randrange(1, 4)
        change = ChangeSet(
            add=tuple(self.random.sample(pool, some)),
            remove=tuple(self.random.sample(pool, self.random.randrange(3))),
        )
        scope = Scope.FOLLOWING if self.random.random() < 0.2 else Scope.ONE
        event_id = event_id or self.random.choice(self.ids)
        with suppress(Refused):
            return self.town.changing.prepare(
                f"op{self.count}", owner, event_id, change, scope, person_zone="UTC"
            )
        return None

    def confirm(self, owner: Owner, prepared: Prepared, *, disturbed: bool) -> None:
        """Let *owner* press the button until it is done, whatever is in between."""
        if disturbed:
            self.town.wire.around = self._disturbance(owner, prepared.plan.anchor)
        while True:
            try:
                outcome = self.town.changing.run(prepared.operation_id, owner)
            except Killed:
                continue
            assert isinstance(outcome, Changed | ShownAgain), outcome
            if isinstance(outcome, Changed):
                assert () == outcome.report.left
            self.model.apply(prepared, outcome.report)
            if isinstance(outcome, Changed):
                break
            self.seen.add("shown again")
            prepared = outcome.prepared
        if disturbed:
            self.town.wire.around = None

    def _disturbance(
        self, owner: Owner, event_id: str
    ) -> Callable[[Request, Callable[[], Answer]], Answer]:
        """Disturb one request of the run: lose its answer, kill the bot, or let the other edit."""
        left = [self.random.randrange(1, 9)]
        kind = self.random.choice(["lost before", "lost after", "killed", "killed after", "other"])
        other = BEN if owner == ADA else ADA

        def around(_: Request, page: Callable[[], Answer]) -> Answer:
            left[0] -= 1
            if left[0]:
                return page()
            self.seen.add(kind)
            self.town.wire.around = None
            if kind == "other":
                prepared = self.prepare(other, event_id)
                if prepared is not None:
                    self.confirm(other, prepared, disturbed=False)
                return page()
            if kind.endswith("after"):
                page()
            raise Killed if kind.startswith("killed") else Lost

        return around

    def run(self) -> None:
        """Make all edits; the CRM's list equals the model's after each."""
        while self.count < EDITS:
            one, other = self.random.sample([ADA, BEN], 2)
            first, second = self.prepare(one), None
            if self.random.random() < 0.3:
                second = self.prepare(other)
            if first is not None:
                self.confirm(one, first, disturbed=self.random.random() < 0.4)
            if second is not None:
                self.confirm(other, second, disturbed=False)
            found = {one: in_crm(self.town, one) for one in self.ids}
            assert self.model.people == found, self.count
            if self.random.random() < 0.3:
                self.town.sleep(600)


def test_after_any_edits_by_two_people_nobody_is_lost(cases: Cases) -> None:
    """50 edits each time, interleaved, with lost answers and kills."""
    seen: set[str] = set()
    for seed in range(cases(6, 1_000)):
        with stage() as town:
            edits = Edits(town, seed)
            edits.run()
            seen |= edits.seen
    assert {"lost before", "lost after", "killed", "killed after", "other", "shown again"} == seen


def test_the_model_sees_somebody_lost() -> None:
    """A list written without reading first drops whom the other added: that would be seen."""
    with stage() as town:
        edits = Edits(town, 1)
        prepared = edits.prepare(ADA)
        assert prepared is not None
        edits.confirm(ADA, prepared, disturbed=False)
        event_id = prepared.plan.anchor
        event = town.opening.alone(ADA, event_id).event
        blind = change_body(replace(Facets.of(event), people=()), [Aspect.PEOPLE])
        town.access.call(
            town.grants[ADA].id,
            lambda access: town.changes.update(access, event_id, blind, seen=event.modified_at),
            now=town.now,
        )
        assert edits.model.people[event_id] != in_crm(town, event_id)


def test_an_edit_between_reading_and_writing_is_not_overwritten() -> None:
    """The write says what it has seen; refused, it is merged and shown again."""
    with stage() as town:
        (event_id, *_) = town.make(SHORT)
        for owner, name in ((ADA, "ada"), (BEN, "ben")):
            change = ChangeSet(add=(Participant.by_email(f"{name}@example.com"),))
            town.changing.prepare(name, owner, event_id, change, Scope.ONE, person_zone="UTC")

        def around(asked: Request, page: Callable[[], Answer]) -> Answer:
            if asked.method == "PUT":
                town.wire.around = None
                town.sleep(2)
                assert isinstance(town.changing.run("ben", BEN), Changed)
            return page()

        town.wire.around = around
        outcome = town.changing.run("ada", ADA)
        assert isinstance(outcome, ShownAgain)
        assert {"guest@example.com", "ben@example.com"} == town.people(event_id)
        assert isinstance(town.changing.run(outcome.prepared.operation_id, ADA), Changed)
        assert {"guest@example.com", "ben@example.com", "ada@example.com"} == town.people(event_id)


@pytest.mark.parametrize("gap", [0.0, 0.4])
def test_an_edit_within_the_same_second_is_not_overwritten(gap: float) -> None:
    """The CRM's times have whole seconds: the list is read again once the second has passed."""
    with stage() as town:
        (event_id, *_) = town.make(SHORT)
        change = ChangeSet(add=(Participant.by_email("ada@example.com"),))
        town.changing.prepare("ada", ADA, event_id, change, Scope.ONE, person_zone="UTC")
        row = town.record(event_id)["Participants"][0]
        town.edit(event_id, Venue="Roof")
        reads = [0]

        def around(asked: Request, page: Callable[[], Answer]) -> Answer:
            answer = page()
            reads[0] += asked.method == "GET"
            if reads[0] == 2 and asked.method == "GET":
                town.sleep(gap)
                late = {**row, "id": "555000000000000001", "participant": "late@example.com"}
                town.edit(event_id, Participants=[row, late])
            return answer

        town.wire.around = around
        outcome = town.changing.run("ada", ADA)
        assert isinstance(outcome, ShownAgain)
        town.changing.run(outcome.prepared.operation_id, ADA)
        assert {"guest@example.com", "late@example.com", "ada@example.com"} == town.people(event_id)
