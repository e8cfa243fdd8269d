"""Who acts, and with which CRM account: owners, data centres, grants, secrets."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Secret:
    """A text that must not be shown: masked when printed, logged or formatted."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        """Keep *text* out of sight."""
        self._text = text

    def reveal(self) -> str:
        """Return the text, for the wire or the cipher alone."""
        return self._text

    def __repr__(self) -> str:
        """Show that something is there, and nothing of it."""
        return "Secret(***)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        """Compare by content."""
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        """Hash by content."""
        return hash(self._text)

    def __reduce__(self) -> str:
        """Refuse to be pickled.

        Raises:
            TypeError: Always.
        """
        raise TypeError("a secret isn't pickled")


@dataclass(frozen=True, slots=True, order=True)
class Owner:
    """A person: Slack team and user id. Everything remembered is keyed by it."""

    team: str
    user: str

    def __str__(self) -> str:
        """Write the two as one key."""
        return f"{self.team}/{self.user}"


class DataCenter(StrEnum):
    """Zoho's data centres by the ``location`` of the OAuth callback (Zoho, Multi DC)."""

    US = "us"
    EU = "eu"
    IN = "in"
    AU = "au"
    JP = "jp"
    CN = "cn"
    CA = "ca"
    SA = "sa"
    UK = "uk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What the CRM's accounts server handed out.

    Attributes:
        access: Valid until ``expires_at``.
        refresh: Valid until revoked.
        expires_at: Aware, UTC.
        api_origin: Where the account's API lives, a row of the closed table.
        scopes: The scopes granted; empty where the answer named none.
    """

    access: Secret
    refresh: Secret
    expires_at: datetime
    api_origin: str
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose CRM account it is.

    Attributes:
        user_id: The CRM user's id.
        email: Their address in the CRM.
        name: Their name in the CRM.
        zone: Their time zone in the CRM (IANA), in which the CRM renders dates.
        org_id: The organisation's id (zgid).
        org_name: Its name.
    """

    user_id: str
    email: str
    name: str
    zone: str
    org_id: str
    org_name: str


class GrantState(StrEnum):
    """Whether a grant can be used."""

    ACTIVE = "active"
    PENDING = "pending"
    """Waits for the one-time code that proves the person in Slack is the one in the browser."""
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A person's permission to act in one CRM organisation.

    Attributes:
        id: Ours.
        owner: Whose.
        data_center: Where the account lives.
        account: Who they are in the CRM.
        tokens: Encrypted wherever they rest.
        state: Only an active grant is used.
        generation: Counts refreshes; a write that carries an older one is dropped.
        connected_at: Aware, UTC.
    """

    id: str
    owner: Owner
    data_center: DataCenter
    account: Account
    tokens: Tokens
    state: GrantState
    generation: int
    connected_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A grant as it may be shown: everything but its tokens.

    Attributes:
        id: The grant's.
        owner: Whose.
        data_center: Where the account lives.
        account: Who they are in the CRM.
        state: As the grant's.
        scopes: What it may do; empty where the CRM didn't say, or it can't be read.
        readable: Whether its tokens can be opened; else it can only be forgotten.
        chosen: Whether requests may go by it; not where another program alone made it.
        connected_at: Aware, UTC.
        used_at: When it was last renewed for a call, an hour before the last call at most;
            aware, UTC.
        warned_at: When its owner was told that it is unused; aware, UTC, or None.
    """

    id: str
    owner: Owner
    data_center: DataCenter
    account: Account
    state: GrantState
    scopes: tuple[str, ...]
    readable: bool
    chosen: bool
    connected_at: datetime
    used_at: datetime
    warned_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What one CRM call needs: where to, and the access token."""

    api_origin: str
    token: Secret
