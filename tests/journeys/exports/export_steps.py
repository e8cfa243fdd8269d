"""Steps of asking for exports, as a person takes them, and what the CRM was then asked."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.domain.connection import Owner
from bot.domain.export_job import LIVE, ExportJob
from bot.errors import Gone
from handlers.demo import Workplace
from handlers.sandbox.person import Person
from handlers.sandbox.slack.reading import fields
from tests.journeys.form_steps import opened, sees
from tests.journeys.steps import Json, answer, calls

CREATE = "/crm/bulk/v8/read"
DEV = Owner("T0PARLEY", "U0DEV")
SAID = "You will get: "
PRESSES = 4
"""So often a person presses Start at most: each time what is shown is read again."""


@contextmanager
def exporting(folder: Path) -> Iterator[Workplace]:
    """Run a workplace with Dev connected and a quick CRM; several tests may share it."""
    with opened(folder) as place:
        place.control("/control/switches", {"bulk.job_seconds": 0.1})
        yield place


def tidied(place: Workplace) -> Person:
    """Return Dev without an open form and without exports under way."""
    dev = place.person(DEV.user)
    if dev.modal() is not None:
        dev.close(whole=True)
    for job in running(place):
        with suppress(Gone):
            place.house.exporting.journey.cancel(DEV, job.id, place.house.clock())
    return dev


def running(place: Workplace) -> list[ExportJob]:
    """Return Dev's exports under way."""
    return [job for job in known(place) if job.state in LIVE]


def known(place: Workplace) -> tuple[ExportJob, ...]:
    """Return Dev's exports, the newest first."""
    return place.house.exporting.journey.jobs(DEV)


def asks(person: Person, words: str) -> str:
    """Type the command; return the one message that answers it where it was typed."""
    return answer(person, f"/export {words}".strip())


def wanted(place: Workplace) -> list[Json]:
    """Return what the CRM was asked to export, the callback left out, the first one first."""
    bodies = [one["body"] for one in calls(place, CREATE) if one["method"] == "POST"]
    return [{name: part for name, part in one.items() if name != "callback"} for one in bodies]


def condition(field: str, comparator: str, value: object) -> Json:
    """Return one condition as the CRM takes it."""
    return {"field": {"api_name": field}, "comparator": comparator, "value": value}


def next_wanted(place: Workplace, person: Person, before: int) -> Json:
    """Wait for one more job than *before*; return what it asks for."""
    person.wait_for(lambda: len(wanted(place)) > before)
    return wanted(place)[-1]


def of_words(place: Workplace, person: Person, words: str) -> Json:
    """Type an export's words; return what the CRM is then asked."""
    before = len(wanted(place))
    said = asks(person, words)
    assert "has started" in said, said
    return next_wanted(place, person, before)


def id_in(text: str) -> str:
    """Return the id of the export that a message names."""
    return text.partition("Export ")[2].partition(" ")[0].strip("`")


def ready(person: Person, export_id: str) -> str:
    """Wait until an export is told as done; return the message that follows it."""

    def told() -> str:
        texts = [str(one["text"]) for one in person.messages()]
        return next((one for one in texts if export_id in one and "Ready:" in one), "")

    return person.wait_for(told, 20)


def builds(person: Person, module: str) -> Person:
    """Open the form and choose a module; return the person when its fields are there."""
    person.types("/export")
    sees(person, "What to export")
    person.fill("What to export", module)
    sees(person, "Add a condition", SAID)
    person.wait_for(lambda: "Counting the records" not in person.modal_text())
    return person


def adds(person: Person, number: int, field: str, how: str = "is", *, press: str = "") -> None:
    """Add a condition with its field and comparison."""
    if press:
        person.press(press)
    sees(person, f"Condition {number}")
    picks(person, f"Condition {number}", field)
    person.wait_for(lambda: f"Comparison {number}" in str(person.modal()))
    if how != "is":
        picks(person, f"Comparison {number}", how)


def picks(person: Person, label: str, choice: str) -> None:
    """Pick from a menu; wait until the form was shown anew with just that."""
    person.fill(label, choice)

    def taken() -> bool:
        view = person.modal() or {}
        _, block, element = next(one for one in fields(view["blocks"]) if one[0] == label)
        held = view["state"]["values"][block["block_id"]][element["action_id"]]
        chosen, told = held["selected_option"], element.get("initial_option")
        return bool(told and told["value"] == chosen["value"])

    person.wait_for(taken)


def starts(place: Workplace, person: Person, *said: str) -> Json:
    """Wait until the form says what it will do, press Start; return what the CRM is asked."""
    sees(person, *said)
    before = len(wanted(place))

    def answered() -> bool:
        # A change under way may show the form once more in between.
        return any(one in person.modal_text() for one in ("has started", "press “Start” again"))

    for _ in range(PRESSES):
        assert "updated" == person.submit(), person.modal_text()
        person.wait_for(answered)
        if "has started" in person.modal_text():
            break
        # What was typed last wasn't on the screen yet, or was hidden by an older change.
    sees(person, "has started")
    return next_wanted(place, person, before)
