"""Type-ahead: what is known at once, what the CRM adds in time, and nothing later.

The answer must be in the response (Slack, "Options load URL", three seconds), so this
is the one listener that may ask the CRM: one search, at most 1.5 seconds, in a small
pool of its own, cached for a minute.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from datetime import datetime, timedelta
from typing import Any

from bot.crm.directory import Directory
from bot.crm.transport import Transport
from bot.domain.connection import Access, Grant, Owner
from bot.domain.meeting import ParentModule, Record
from bot.domain.participants import Participant, unique
from bot.errors import ParleyError, Refused
from bot.journeys.account.access import CrmAccess
from handlers.slack import payloads
from handlers.slack.meeting.fields import people_options, record_options
from store.memory import Memory

SEARCH_SECONDS = 1.5
LEAST_LETTERS = 2
KEPT = timedelta(minutes=1)
MOST = 30
THREADS = 4
WAITING = 6
"""How many listeners may wait for the CRM at once, of the server's sixteen threads."""

Option = dict[str, Any]
_Found = tuple[Participant | Record, ...]


class TypeAhead:
    """Answers the form's searching fields."""

    def __init__(
        self,
        *,
        access: CrmAccess,
        crm: Directory,
        transport: Transport,
        memory: Memory,
        module_of: Callable[[Mapping[str, Any], Owner], ParentModule | None],
        clock: Callable[[], datetime],
    ) -> None:
        """Take the parts.

        Args:
            access: The CRM by way of a grant.
            crm: Its people and records.
            transport: Its wire, whose clock the searches' deadlines follow.
            memory: People met before.
            module_of: Which parent module a form has chosen.
            clock: Aware now.
        """
        self._access = access
        self._crm = crm
        self._transport = transport
        self._memory = memory
        self._module_of = module_of
        self._clock = clock
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="parley-typeahead")
        self._slots = threading.BoundedSemaphore(WAITING)
        self._lock = threading.Lock()
        self._recent: dict[tuple[str, str, str], tuple[datetime, _Found]] = {}

    def close(self) -> None:
        """End the pool."""
        self._pool.shutdown(cancel_futures=True)

    def options(self, body: Mapping[str, Any]) -> list[Option]:
        """Return the options for what was typed so far; empty means "keep typing"."""
        text = str(body.get("value", "")).strip()
        owner = payloads.owner_of(body)
        grant = self._memory.grants.in_use(owner)
        if grant is None or len(text) < LEAST_LETTERS:
            return []
        match body.get("action_id"):
            case "meet_people":
                return self._people(grant, text)
            case "meet_contact":
                found = self._search(grant, "contact", text, self._contacts(text))
                return record_options("contact", _records(found))
            case "meet_record":
                module = self._module_of(body.get("view") or {}, owner)
                if module is None:
                    return []
                found = self._search(grant, module, text, self._of_module(module, text))
                return record_options("record", _records(found))
            case _:
                return []

    def records(self, grant: Grant, module: str, text: str) -> tuple[Record, ...]:
        """Return records of a module called like *text*, as far as they come in time."""
        if len(text) < LEAST_LETTERS:
            return ()
        if module == "Contacts":
            return _records(self._search(grant, "contact", text, self._contacts(text)))
        known = next((one for one in ParentModule if one.value == module), None)
        if known is None:
            return ()
        return _records(self._search(grant, known, text, self._of_module(known, text)))

    def _people(self, grant: Grant, text: str) -> list[Option]:
        known = self._memory.directory.search(grant.id, text, MOST)
        found = self._search(
            grant,
            "people",
            text,
            lambda access: self._crm.find(
                access, text, deadline=self._transport.until(SEARCH_SECONDS), limit=MOST
            ),
        )
        people = [one for one in found if isinstance(one, Participant)]
        everybody = _without_strangers((*known, *people, *_free_address(text)))
        return people_options(unique(everybody[:50]))

    def _contacts(self, text: str) -> Callable[[Access], _Found]:
        return lambda access: self._crm.contacts(
            access, text, deadline=self._transport.until(SEARCH_SECONDS)
        )

    def _of_module(self, module: ParentModule, text: str) -> Callable[[Access], _Found]:
        return lambda access: self._crm.records(
            access, module, text, deadline=self._transport.until(SEARCH_SECONDS)
        )

    def _search(
        self, grant: Grant, what: str, text: str, ask: Callable[[Access], _Found]
    ) -> _Found:
        key = (grant.id, what, text.casefold())
        now = self._clock()
        with self._lock:
            kept = self._recent.get(key)
        if kept is not None and kept[0] > now - KEPT:
            return kept[1]
        if not self._slots.acquire(blocking=False):
            # With the CRM stalled, waiting here would use up the threads that acknowledge.
            return ()
        search: Future[_Found] = self._pool.submit(self._ask, grant, key, ask)
        try:
            return search.result(SEARCH_SECONDS)
        except (Late, ParleyError):
            # A late answer is kept for the next letter; what is known must do for this one.
            search.cancel()
            return ()
        finally:
            self._slots.release()

    def _ask(
        self, grant: Grant, key: tuple[str, str, str], ask: Callable[[Access], _Found]
    ) -> _Found:
        found = self._access.call(grant.id, ask, now=self._clock)
        now = self._clock()
        self._memory.directory.remember(
            grant.id, [one for one in found if isinstance(one, Participant)], now
        )
        with self._lock:
            fresh = {name: one for name, one in self._recent.items() if one[0] > now - KEPT}
            self._recent = {**fresh, key: (now, found)}
        return found


def _free_address(text: str) -> tuple[Participant, ...]:
    try:
        return (Participant.by_email(text),)
    except Refused:
        return ()


def _without_strangers(people: tuple[Participant, ...]) -> tuple[Participant, ...]:
    # A bare address of somebody in the CRM would invite them as a stranger.
    known = {one.email.casefold() for one in people if one.email and not one.outside}
    return tuple(one for one in people if not (one.outside and one.ref.casefold() in known))


def _records(found: _Found) -> tuple[Record, ...]:
    return tuple(one for one in found if isinstance(one, Record))
