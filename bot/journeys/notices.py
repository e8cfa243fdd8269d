"""What the bot owes a person to hear: values, without a sentence or a block in them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The CRM account is linked; ``draft_id`` names a meeting that waited for it."""

    account: str
    organization: str
    draft_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeNeeded:
    """The browser was somebody's with another address: the code on its page must be typed here."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantLost:
    """The CRM no longer accepts the grant; said once."""

    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeMissing:
    """The CRM account is linked without a permission that a request needed.

    Attributes:
        account: The CRM account's address.
        scopes: What is missing, in the CRM's words.
    """

    account: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unused:
    """Nobody has used the link to *account* since then; it will go at *until*, both aware."""

    account: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """The link was taken back, and not by its owner.

    Attributes:
        accounts: The CRM accounts' addresses.
        why: ``cut_off`` by an administrator, or ``unused``.
    """

    accounts: tuple[str, ...]
    why: str


OfConnecting = Connected | CodeNeeded | GrantLost | ScopeMissing | Unused | TakenBack


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """The meeting stands in the CRM.

    Attributes:
        operation_id: The operation, which is its draft's id.
        title: As written.
        sentence: How it repeats, in words; empty for a meeting held once.
        starts: Every start the CRM confirmed, in the meeting's zone.
        all_day: Whether times of day are meaningless.
        people: Their names; those outside the CRM are marked by the voice.
        outside: The addresses among them.
        link: The CRM's page of the first meeting.
        promised: The starts the person was shown.
        series: How many CRM series hold it.
        sharable: Whether the offer to share it in the channel makes sense.
        read_back: Whether the CRM could be asked what it made; else ``starts`` are the
            promised ones.
    """

    operation_id: str
    title: str
    sentence: str
    starts: tuple[datetime, ...]
    all_day: bool
    people: tuple[str, ...]
    outside: tuple[str, ...]
    link: str
    promised: tuple[datetime, ...]
    series: int = 1
    sharable: bool = True
    read_back: bool = True

    @property
    def differs(self) -> bool:
        """True when the CRM made other dates than it was asked for."""
        return tuple(self.starts) != tuple(self.promised)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCreated:
    """The CRM refused, or its answer was lost and stayed lost; the form can be opened again."""

    draft_id: str
    title: str
    code: str
    field: str | None
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsure:
    """The CRM's answer was lost: it is being looked up, nothing is sent twice."""

    draft_id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Looked up, and still not found: the person decides."""

    draft_id: str
    title: str


Notice = OfConnecting | Created | NotCreated | Unsure | Asked
