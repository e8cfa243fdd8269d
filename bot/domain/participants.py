"""Who takes part in a meeting, and the rule by which nobody is dropped by accident."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from bot.errors import Refused

MAX_PARTICIPANTS = 50
"""Zoho CRM, Insert Records: "Only 50 participants can be added to an event."."""

MAX_ADDRESS = 100
"""Zoho CRM, Fields Metadata: an e-mail field holds 100 characters."""

_ADDRESS = re.compile(
    r"[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)


class Kind(StrEnum):
    """The four types of Kaizen #8, section 1.1."""

    USER = "user"
    CONTACT = "contact"
    LEAD = "lead"
    EMAIL = "email"


def address(text: str) -> str:
    """Return *text* as a plain e-mail address.

    Raises:
        Refused: ``email_invalid``; one bad address makes the CRM refuse the whole meeting.
    """
    found = text.strip()
    if len(found) > MAX_ADDRESS or not _ADDRESS.fullmatch(found):
        raise Refused("email_invalid", field="people", email=found[:80])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One person of a meeting.

    Attributes:
        kind: What the person is to the CRM.
        ref: The record id of the user, contact or lead; the address for ``email``.
        name: What people call them; the address where nothing better is known.
        email: Their address where known.
        participation_id: The CRM's id of their place in one event; None before the CRM
            gave one. On an update, whoever is listed without it is dropped and added
            anew, and whoever isn't listed is dropped (Kaizen #8, section 2.1).
    """

    kind: Kind
    ref: str
    name: str
    email: str | None = None
    participation_id: str | None = None

    @property
    def key(self) -> tuple[Kind, str]:
        """Who this is, whatever the event: kind and record id, or the address in lower case."""
        return self.kind, self.ref.casefold()

    @property
    def outside(self) -> bool:
        """True for someone the CRM doesn't know: reached by address alone."""
        return self.kind is Kind.EMAIL

    @classmethod
    def by_email(cls, text: str) -> Self:
        """Return an outside participant.

        Raises:
            Refused: ``email_invalid``.
        """
        found = address(text)
        return cls(kind=Kind.EMAIL, ref=found, name=found, email=found)


def unique(people: Iterable[Participant]) -> tuple[Participant, ...]:
    """Return *people* once each, in order, the first mention kept.

    Raises:
        Refused: ``people_limit`` above ``MAX_PARTICIPANTS``.
    """
    kept: dict[tuple[Kind, str], Participant] = {}
    for person in people:
        kept.setdefault(person.key, person)
    if len(kept) > MAX_PARTICIPANTS:
        raise Refused("people_limit", field="people", limit=MAX_PARTICIPANTS, found=len(kept))
    return tuple(kept.values())


def merged(
    current: Sequence[Participant],
    *,
    add: Iterable[Participant] = (),
    remove: Iterable[Participant] = (),
) -> tuple[Participant, ...]:
    """Return the whole list to write: everyone there is kept by participation id.

    Args:
        current: The event's participants as just read, with their participation ids.
        add: Who shall be there; somebody already there stays as they are.
        remove: Who shall not be there any more. Removal wins over addition.

    Raises:
        Refused: ``people_limit``.
    """
    gone = {person.key for person in remove}
    newcomers = (replace(person, participation_id=None) for person in add)
    return unique(person for person in (*current, *newcomers) if person.key not in gone)
