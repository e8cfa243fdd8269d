"""Steps in the meeting form, as a person takes them, and what the CRM then holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener
from zoneinfo import ZoneInfo

from handlers.demo import Workplace, connect, workplace
from handlers.sandbox.person import Person
from tests.journeys.steps import Json, calls, events, look, messages_sent

KOLKATA = "Asia/Kolkata"
"""Dev's zone, in Slack and in the CRM."""


@contextmanager
def opened(folder: Path) -> Iterator[Workplace]:
    """Run a workplace in which Dev is connected; several tests may share it, one by one."""
    with workplace(folder) as place:
        dev = place.person("U0DEV")
        connect(dev, "dev@example.com")
        dev.wait_for(lambda: "Connected" in dev.dm_text())
        yield place


def tidy(place: Workplace) -> Workplace:
    """Give a shared workplace back without meetings, open forms, switches and traffic."""
    dev = place.person("U0DEV")
    if dev.modal() is not None:
        dev.close(whole=True)
    for record in place.records("Events"):
        tell(place, f"/control/crm/Events/{record['id']}", method="DELETE")
    switches = look(place, "/control/switches")
    place.control("/control/switches", {name: one["default"] for name, one in switches.items()})
    tell(place, "/control/traffic", method="DELETE")
    return place


def tell(place: Workplace, path: str, *, method: str) -> None:
    """Tell the sandbox's control something without a body."""
    request = Request(f"{place.control_url}{path}", method=method)  # noqa: S310 - http on loopback
    with build_opener(ProxyHandler({})).open(request, timeout=30):
        pass


def meet(person: Person, words: str = "", *, channel: str = "C0GENERAL") -> str:
    """Type /meet and wait for the form with everything looked up; return what it shows."""
    person.types(f"/meet {words}".strip(), channel)
    person.wait_for(lambda: "Schedule a meeting" in person.modal_text())
    person.wait_for(lambda: "Looking up" not in person.modal_text())
    return person.modal_text()


def hash_of(person: Person) -> str:
    """Return Slack's hash of the form in front of the person."""
    view = person.modal()
    assert view is not None
    return str(view["hash"])


def clicked_late(place: Workplace, person: Person, seen: str) -> None:
    """Do the person's last click again as one made in the form of that hash; wait for its work."""
    courier = place.sandbox.slack.courier
    known = [one for one in courier.deliveries if one.kind == "block_actions"]
    old = next(one.payload for one in reversed(known) if one.user == person.user)
    stamp = f"{place.sandbox.clock.now().timestamp()}"
    action = old["actions"][0] | {"action_ts": stamp}
    bent = {"trigger_id": f"1.{stamp}", "actions": [action], "view": old["view"] | {"hash": seen}}
    before = updates(place)
    assert courier.payload("block_actions", person.user, old | bent).ok
    person.wait_for(lambda: updates(place) > before + 1)


def updates(place: Workplace) -> int:
    """Return how many times Slack was told to show a form anew."""
    return sum(one["method"] == "views.update" for one in messages_sent(place))


def create(person: Person) -> str:
    """Submit the form and wait until its meeting stands; return what the form then says."""
    outcome = person.submit()
    assert "updated" == outcome, f"{outcome}\n{person.modal_text()}"
    return sees(person, "is in your CRM")


def message(person: Person, text: str) -> str:
    """Wait for the direct message with *text* in it; return all of it."""

    def found() -> str:
        return next((str(one["text"]) for one in person.messages() if text in one["text"]), "")

    return person.wait_for(found)


def sees(person: Person, *texts: str) -> str:
    """Wait until the form shows all of *texts*; return all it shows then."""
    person.wait_for(lambda: all(text in person.modal_text() for text in texts))
    return person.modal_text()


def enters(person: Person, label: str, value: str, *texts: str) -> str:
    """Fill a field and press Enter; wait until the form shows *texts*."""
    person.fill(label, value)
    person.enter(label)
    return sees(person, *texts)


def event(place: Workplace) -> Json:
    """Return the CRM's only meeting."""
    (only,) = events(place)
    return only


def starts(place: Workplace, zone: str = KOLKATA) -> list[str]:
    """Return the CRM's starts on a wall clock, such as ``2026-01-15 10:00``."""
    return [local(str(one["Start_DateTime"]), zone) for one in events(place)]


def ends(place: Workplace, zone: str = KOLKATA) -> list[str]:
    """Return the CRM's ends on a wall clock."""
    return [local(str(one["End_DateTime"]), zone) for one in events(place)]


def local(moment: str, zone: str) -> str:
    """Return a moment as the clocks of *zone* show it."""
    return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def sent(place: Workplace) -> list[Json]:
    """Return the records that went to the CRM to be created, refused ones too."""
    return [
        one["body"]["data"][0] for one in calls(place, "/crm/v8/Events") if one["method"] == "POST"
    ]


def rules(place: Workplace) -> list[str]:
    """Return the rules that went to the CRM."""
    return [one["Recurring_Activity"]["RRULE"] for one in sent(place)]


def mails(place: Workplace) -> list[Json]:
    """Return the invitations the CRM sent."""
    found: list[Json] = look(place, "/control/mails")["mails"]
    return found
