"""Steps that several conversations share: what people do at Slack, in a browser, at the CRM."""

import json
import re
from typing import Any, cast
from urllib.request import ProxyHandler, build_opener

from handlers.demo import Workplace
from handlers.sandbox.browser import Browser, Page
from handlers.sandbox.person import Person

Json = dict[str, Any]
_CODE = re.compile(r"^[A-Z2-9]{4}-[A-Z2-9]{4}$", re.MULTILINE)


def asks(person: Person, words: str, *, command: str = "/meet", raw: bool = False) -> str:
    """Type a meeting's words; return the form's text once every name is looked up."""
    person.types(f"{command} {words}", raw=raw)
    return the_form(person)


def the_form(person: Person) -> str:
    """Return the text of the form that opens, once every name in it is looked up."""
    person.wait_for(lambda: person.modal() is not None)
    person.wait_for(lambda: "Looking up" not in person.modal_text())
    return person.modal_text()


def fills(person: Person, label: str, value: Any) -> None:
    """Enter a value into a field that answers at once; wait until the form has answered."""

    def shown() -> object:
        # Every update of a view gives it another hash (Slack, "Updating modal views").
        return (person.modal() or {}).get("hash")

    before = shown()
    person.fill(label, value)
    person.wait_for(lambda: shown() != before)


def creates(person: Person) -> str:
    """Press Create; return what the bot then says in the direct messages."""
    before = person.dm_text().count("is in your CRM")
    assert person.submit() == "updated", person.modal_text()
    person.wait_for(lambda: person.dm_text().count("is in your CRM") > before)
    return str(person.messages()[-1]["text"])


def answer(person: Person, command: str, channel: str = "C0GENERAL") -> str:
    """Type a command; return the one message that answers it where it was typed."""
    seen = len(person.messages(channel))
    at_once = person.types(command, channel)
    person.wait_for(lambda: len(person.messages(channel)) > seen)
    return at_once or str(person.messages(channel)[-1]["text"])


def link_of(person: Person, command: str = "/crm connect") -> str:
    """Type a command that offers to connect; return the link behind its button."""
    answer(person, command)
    return str(person.press("Connect Zoho CRM"))


def agrees(link: str, account: str) -> Page:
    """Open a link in a new browser and agree as this CRM account; return the last page."""
    browser = Browser()
    return browser.press(browser.press(browser.open(link), "Go on to Zoho"), "Accept", user=account)


def code_on(page: Page) -> str:
    """Return the code that a page shows."""
    found = _CODE.search(page.text)
    assert found is not None, page.text
    return found.group()


def look(place: Workplace, path: str) -> Json:
    """Return what the sandbox's control answers at a path."""
    with build_opener(ProxyHandler({})).open(f"{place.control_url}{path}", timeout=30) as told:
        found: Json = json.load(told)
    return found


def calls(place: Workplace, path: str) -> list[Json]:
    """Return the requests that reached one exact path of the CRM, oldest first."""
    found: list[Json] = look(place, f"/control/traffic?path={path}")["traffic"]
    return found


def events(place: Workplace) -> list[Json]:
    """Return the CRM's meetings, the first one first."""
    return sorted(place.records("Events"), key=lambda one: str(one["Start_DateTime"]))


def guests(event: Json) -> list[tuple[str, str]]:
    """Return a meeting's participants as (type, id or address), sorted."""
    return sorted((one["type"], one["participant"]) for one in event["Participants"])


def crm_id(place: Workplace, module: str, email: str) -> str:
    """Return the id of the CRM's record (or user) with this address."""
    if module == "users":
        rows = look(place, "/control/crm/users")["users"]
        return next(str(row["id"]) for row in rows if row["email"] == email)
    return next(str(row["id"]) for row in place.records(module) if row["Email"] == email)


def later(place: Workplace, **passing: float) -> None:
    """Let time pass for everybody: `minutes` or `seconds`."""
    seconds = passing.get("minutes", 0) * 60 + passing.get("seconds", 0)
    place.control("/control/clock", {"advance": seconds})


def texts(body: Any) -> list[Json]:
    """Return every text object in blocks, a view or a message, however deep."""
    if isinstance(body, dict):
        here = [body] if body.get("type") in {"mrkdwn", "plain_text"} else []
        return here + [text for value in body.values() for text in texts(value)]
    if isinstance(body, list):
        return [text for value in body for text in texts(value)]
    return []


def messages_sent(place: Workplace) -> list[Json]:
    """Return everything the bot has sent to Slack: each Web API call with its arguments."""
    return cast("list[Json]", place.control("/control/slack/traffic", {})["calls"])
