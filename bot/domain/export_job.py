"""An export job: one person's request for many records, and how far it has come."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from bot.domain.connection import Grant, Owner


class ExportState(StrEnum):
    """How far an export has come; one page of the CRM's result after the other."""

    NEW = "new"
    """A page is to be asked for."""
    CREATING = "creating"
    """Committed before the CRM is asked; its answer may be lost."""
    RUNNING = "running"
    """The CRM works on a page; it is looked at."""
    FETCHING = "fetching"
    """A page is ready at the CRM and still to be kept."""
    FINISHING = "finishing"
    """Every page is kept; the files are still to be made."""
    PAUSED = "paused"
    """The grant is lost: the job waits for its person to connect the same account."""
    DONE = "done"
    """The files can be fetched."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """It was done, and its files are gone."""


_WORKING: Final = frozenset(
    {
        ExportState.NEW,
        ExportState.CREATING,
        ExportState.RUNNING,
        ExportState.FETCHING,
        ExportState.FINISHING,
    }
)
LIVE: Final = _WORKING | {ExportState.PAUSED}
"""What counts as running: it ends in one of ``ENDED``."""
ENDED: Final = frozenset(ExportState) - LIVE
_STOPS: Final = frozenset({ExportState.PAUSED, ExportState.FAILED, ExportState.CANCELLED})

MOVES: Final[Mapping[ExportState, frozenset[ExportState]]] = MappingProxyType(
    {
        ExportState.NEW: _STOPS | {ExportState.NEW, ExportState.CREATING},
        ExportState.CREATING: _STOPS | {ExportState.CREATING, ExportState.NEW, ExportState.RUNNING},
        ExportState.RUNNING: _STOPS | {ExportState.RUNNING, ExportState.NEW, ExportState.FETCHING},
        ExportState.FETCHING: _STOPS
        | {ExportState.FETCHING, ExportState.NEW, ExportState.FINISHING},
        ExportState.FINISHING: _STOPS | {ExportState.FINISHING, ExportState.DONE},
        ExportState.PAUSED: _STOPS | _WORKING,
        ExportState.DONE: frozenset({ExportState.DONE, ExportState.EXPIRED}),
        ExportState.FAILED: frozenset({ExportState.FAILED}),
        ExportState.CANCELLED: frozenset({ExportState.CANCELLED}),
        ExportState.EXPIRED: frozenset({ExportState.EXPIRED}),
    }
)
"""Where each state may go; to itself means that it waits, tries again, or clears up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """One file that can be fetched.

    Attributes:
        kind: ``safe`` (a spreadsheet runs nothing in it) or ``raw`` (as the CRM sent it).
        name: What it is called for the person; not a path.
        bytes: Its size.
        sha256: Of its content, in hexadecimal.
    """

    kind: str
    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPage:
    """One page that is kept on disk for good.

    Attributes:
        number: From 1.
        rows: Counted in the file.
        promised: What the CRM said it would be.
        bytes: The file's size.
        sha256: Of its content, in hexadecimal.
    """

    number: int
    rows: int
    promised: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What is noted on the way.

    Attributes:
        since: The last time it got on, ISO 8601 with offset: patience is counted from it.
        token: The CRM's token of the page in hand; None for the first.
        next_token: The token of the page after it, where the CRM named one.
        more: Whether the CRM said that the page in hand isn't the last.
        promised: How many rows the CRM said the page in hand has.
        rows: Rows kept so far.
        told_rows: Rows the CRM promised for the pages kept so far.
        tokens: SHA-256 of each page token used, to see one come twice.
        creations: How often the page in hand was asked for with a lost answer.
        renewed: Whether the page in hand was asked for again because its result was gone.
        broken: How often the page in hand was downloaded and found broken.
        looks: How often the CRM was asked about the page in hand.
        tries: Waits in a row without getting on.
        crm_state: What the CRM called the job last.
        resume: The state a paused job goes on with.
        grant_at: When the grant that was lost had been connected, ISO 8601.
        account: The CRM account's address, for the person.
        pages: How many pages there may be, by the count before it began; 0 when unknown.
        callback: Whether the CRM takes our callback's address.
        why: The code of what it waits for or failed of.
        values: What the sentence of ``why`` needs.
        short: True when there is more at the CRM than in the files.
        files: What can be fetched, the best first.
        link_key: The secret that signs the link to them; "" before they are there.
    """

    since: str
    token: str | None = None
    next_token: str | None = None
    more: bool = False
    promised: int = 0
    rows: int = 0
    told_rows: int = 0
    tokens: tuple[str, ...] = ()
    creations: int = 0
    renewed: bool = False
    broken: int = 0
    looks: int = 0
    tries: int = 0
    crm_state: str = ""
    resume: str = ""
    grant_at: str = ""
    account: str = ""
    pages: int = 0
    callback: bool = True
    why: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    short: bool = False
    files: tuple[ExportFile, ...] = ()
    link_key: str = field(default="", repr=False)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON values."""
        return asdict(self) | {"tokens": list(self.tokens)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Progress":
        """Return what ``as_json`` gave."""
        files = tuple(ExportFile(**one) for one in values["files"])
        return cls(**{**values, "tokens": tuple(values["tokens"]), "files": files})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJob:
    """One export.

    Attributes:
        id: Ours: short, typed by people.
        owner: Whose.
        grant_id: The grant it is done with.
        org: The CRM organisation, its data centre before it.
        crm_user: The CRM user's id; another user's grant is never used for it.
        query: What is asked, as plain JSON values.
        state: See ``ExportState``.
        page: The page in hand, from 1.
        crm_job: The CRM's id of the job of the page in hand, once known.
        callback_hash: SHA-256 of the secret in the callback's address, of the last creation.
        hint: A CRM job id that a callback named; to be checked, never believed.
        progress: What is noted on the way.
        due: When the next step may be taken; None when there is none.
        not_before: No callback brings a look forward beyond this.
        fence: Grows with each claim and each write; a writer with an older one is refused.
        version: Grows when there is something new to say.
        told: The version said last; 0 when nothing was said yet.
        noticed: Whether its end was told by a notice.
        channel: Where its message is, once known.
        ts: The message's own id there.
        created_at: Aware, UTC.
        updated_at: Aware, UTC.
        expires_at: When its files go; None before it is done.
    """

    id: str
    owner: Owner
    grant_id: str
    org: str
    crm_user: str
    query: Mapping[str, Any]
    state: ExportState
    page: int = 1
    crm_job: str | None = None
    callback_hash: str | None = None
    hint: str | None = None
    progress: Progress
    due: datetime | None = None
    not_before: datetime | None = None
    fence: int = 0
    version: int = 1
    told: int = 0
    noticed: bool = False
    channel: str | None = None
    ts: str | None = None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None = None


def org_of(grant: Grant) -> str:
    """Return the key of a grant's organisation: its data centre and the CRM's id."""
    return f"{grant.data_center}/{grant.account.org_id}"


def same_account(job: ExportJob, grant: Grant) -> bool:
    """Say whether a grant is of the CRM user and organisation the export began with."""
    return (org_of(grant), grant.account.user_id) == (job.org, job.crm_user)
