"""Steps of asking for exports, as a person takes them, and what the CRM was then asked."""

from handlers.demo import Workplace
from handlers.sandbox.person import Person
from tests.journeys.steps import Json, answer, calls

CREATE = "/crm/bulk/v8/read"


def asks(person: Person, words: str, *, command: str = "/export") -> str:
    """Type the command; return the one message that answers it where it was typed."""
    return answer(person, f"{command} {words}".strip())


def wanted(place: Workplace) -> list[Json]:
    """Return what the CRM was asked to export, the callback left out, the first one first."""
    bodies = [one["body"] for one in calls(place, CREATE) if one["method"] == "POST"]
    return [{name: part for name, part in one.items() if name != "callback"} for one in bodies]


def last_wanted(place: Workplace, person: Person, before: int) -> Json:
    """Wait for one more job than *before*; return what it asked for."""
    person.wait_for(lambda: len(wanted(place)) > before)
    return wanted(place)[-1]


def id_in(text: str) -> str:
    """Return the id of the export that a message names."""
    return text.partition("Export ")[2].partition(" ")[0].strip("`")


def ready(person: Person, export_id: str) -> str:
    """Wait for the notice of an export's end; return the message that follows it."""

    def told() -> str:
        texts = [str(one["text"]) for one in person.messages()]
        return next((one for one in texts if export_id in one and "Ready:" in one), "")

    return person.wait_for(told, 20)
