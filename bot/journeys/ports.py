"""What journeys ask of memory and of the voice: the only arrows that would run up."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from bot.domain.connection import Account, DataCenter, Grant, GrantState, Owner, Tokens
from bot.domain.participants import Participant
from bot.domain.profile import Profile
from bot.journeys.notices import Notice


class Voice(Protocol):
    """How a person hears from the bot."""

    def tell(self, owner: Owner, key: str, notice: Notice, *, now: datetime) -> None:
        """Owe *owner* one message in their direct messages, durably; the same *key* once."""

    def profile(self, owner: Owner, *, now: datetime, anew: bool = False) -> Profile:
        """Return the Slack profile, from memory or by asking Slack; *anew* always asks.

        Raises:
            TryLater: Slack can't be asked.
        """


class Grants(Protocol):
    """The people's CRM grants; tokens rest encrypted."""

    def keep(
        self,
        owner: Owner,
        data_center: DataCenter,
        account: Account,
        tokens: Tokens,
        *,
        state: GrantState,
        now: datetime,
        code: str | None = None,
    ) -> Grant:
        """Insert or update the grant of this owner, data centre and organisation."""

    def in_use(self, owner: Owner) -> Grant | None:
        """Return the active grant connected last, or chosen since."""

    def get(self, grant_id: str) -> Grant | None:
        """Return a grant by its id, in whatever state."""

    def of(self, owner: Owner) -> tuple[Grant, ...]:
        """Return every grant of *owner*."""

    def confirm(self, owner: Owner, code: str, now: datetime) -> Grant | None:
        """Make the pending grant with this code active; None when the code is not theirs."""

    def forget(self, grant_id: str, *, generation: int | None = None) -> bool:
        """Delete a grant and its bytes; True exactly once."""

    def expired_pending(self, now: datetime) -> tuple[Grant, ...]:
        """Return the pending grants whose code has run out."""

    def to_revoke(self) -> tuple[Grant, ...]:
        """Return the replaced grants that are still to be revoked at the CRM."""


class State(Protocol):
    """What a one-purpose link stood for."""

    @property
    def owner(self) -> Owner:
        """Whose link it is."""

    @property
    def note(self) -> Mapping[str, object]:
        """What was noted when it was issued."""


class States(Protocol):
    """Links with a secret of ours in them: one purpose, short life, kept only as a hash."""

    def issue(
        self,
        purpose: str,
        owner: Owner,
        note: dict[str, object],
        *,
        now: datetime,
        seconds: float = 600,
    ) -> str:
        """Return a fresh token."""

    def look(self, purpose: str, token: str, now: datetime) -> State | None:
        """Return what a token stands for, consuming nothing."""

    def take(self, purpose: str, token: str, now: datetime) -> State | None:
        """Return what a token stands for, to exactly one caller."""


class StoredDraft(Protocol):
    """A draft's row."""

    @property
    def data(self) -> dict[str, object]:
        """The draft itself, as plain JSON values."""

    @property
    def version(self) -> int:
        """Counts writes."""

    @property
    def state(self) -> str:
        """Return open, claimed or done."""

    @property
    def grant_id(self) -> str | None:
        """The grant it began with."""


class WaitingDraft(Protocol):
    """An open draft, as far as connecting needs it."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def grant_id(self) -> str | None:
        """The grant it began with; None when nobody was connected."""


class WaitingDrafts(Protocol):
    """Drafts that may wait for a connection."""

    def latest_open(self, owner: Owner) -> WaitingDraft | None:
        """Return the owner's open draft that changed last."""


class Drafts(Protocol):
    """Requests on their way to a meeting."""

    def put(
        self,
        draft_id: str,
        owner: Owner,
        grant_id: str | None,
        data: dict[str, object],
        now: datetime,
    ) -> None:
        """Keep a new draft."""

    def get(self, draft_id: str, owner: Owner) -> StoredDraft | None:
        """Return a draft of this owner; anybody else's is None."""

    def save(
        self, draft_id: str, data: dict[str, object], version: int, now: datetime
    ) -> int | None:
        """Replace the data if *version* is still the newest; return the new version or None."""

    def claim(self, draft_id: str, fingerprint: str, now: datetime) -> bool:
        """Take an open draft for creation; True exactly once."""

    def reopen(self, draft_id: str, data: dict[str, object], now: datetime) -> None:
        """Open a claimed draft again after a definite refusal."""

    def finish(self, draft_id: str, now: datetime) -> None:
        """Close a draft for good."""


class Operation(Protocol):
    """An intended CRM write, as kept."""

    @property
    def id(self) -> str:
        """Its draft's id."""

    @property
    def owner(self) -> Owner:
        """For whom."""

    @property
    def grant_id(self) -> str:
        """With whose account."""

    @property
    def state(self) -> str:
        """Return new, sending, ambiguous, asked, confirmed or failed."""

    @property
    def note(self) -> dict[str, Any]:
        """What was noted on the way."""

    @property
    def fence(self) -> int:
        """Grows by one with each move."""

    @property
    def due(self) -> datetime | None:
        """When to look again."""


class Operations(Protocol):
    """Intended CRM writes, as kept."""

    def begin(
        self,
        operation_id: str,
        owner: Owner,
        grant_id: str,
        kind: str,
        fingerprint: str,
        body: dict[str, object],
        now: datetime,
    ) -> bool:
        """Keep a new operation, or begin a failed one anew; False if it is under way."""

    def get(self, operation_id: str) -> Operation | None:
        """Return one."""

    def move(
        self,
        operation_id: str,
        from_states: tuple[str, ...],
        to: str,
        *,
        now: datetime,
        note: Mapping[str, Any] | None = None,
        due: datetime | None = None,
        fence: int | None = None,
    ) -> bool:
        """Move on in one statement; False when not in *from_states*, or past *fence*."""

    def add_series(self, operation_id: str, ids: tuple[str, ...]) -> None:
        """Keep what the CRM made, once."""

    def series(self, operation_id: str) -> tuple[tuple[str, ...], ...]:
        """Return what the CRM made."""


class Directory(Protocol):
    """CRM people already met through a grant."""

    def remember(self, grant_id: str, people: Iterable[Participant], now: datetime) -> None:
        """Keep what is known of these people."""


class Organizations(Protocol):
    """What is remembered of a CRM organisation."""

    def switch(self, org_id: str, name: str) -> str | None:
        """Return a remembered dialect switch."""

    def set_switch(self, org_id: str, name: str, value: str, now: datetime) -> None:
        """Remember a dialect switch."""

    def cached(self, org_id: str, name: str, not_before: datetime) -> dict[str, object] | None:
        """Return a cached answer that isn't older."""

    def cache(self, org_id: str, name: str, value: dict[str, object], now: datetime) -> None:
        """Cache an answer."""


class Work(Protocol):
    """The inbox, as far as journeys put work into it themselves."""

    def put(
        self,
        key: str,
        *,
        lane: str,
        kind: str,
        owner: Owner,
        payload: dict[str, object],
        now: datetime,
        due: datetime | None = None,
    ) -> bool:
        """Keep a piece of work durably; False when *key* was seen before."""


class Atomic(Protocol):
    """Memory that can do several things or none."""

    def atomically(self) -> AbstractContextManager[object]:
        """Commit what happens inside together, or nothing of it."""
