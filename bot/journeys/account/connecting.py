"""What the journey of connecting says and keeps secret: its values, and its small pure rules."""

import base64
import hashlib
import secrets
import string
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.crm.accounts import SCOPES
from bot.domain.connection import DataCenter, GrantState, Listed, Owner, Secret
from bot.domain.profile import Profile
from bot.errors import NotAllowed

CODE_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1, I and L, which look alike."""
CODE_LENGTH: Final = 8
_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
CODE_MINUTES: Final = 10
"""How long a code is good for; the store keeps to it, and to five tries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linking:
    """Who is about to be linked.

    Attributes:
        owner: Whose link it is.
        name: What people call them in Slack.
        workspace: Their workspace's name.
    """

    owner: Owner
    name: str
    workspace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The way to the CRM: where to go on, and what the browser must bring back."""

    consent_url: str
    cookie: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a consent.

    Attributes:
        account: The CRM account's address.
        organization: The CRM organisation.
        name: The Slack person it is linked to.
        workspace: Their workspace's name.
        code: To be typed in Slack by that person; None when the link stands already.
    """

    account: str
    organization: str
    name: str
    workspace: str
    code: Secret | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One grant, as its owner may see it.

    Attributes:
        id: The grant's.
        account: The CRM account's address.
        name: Its name in the CRM.
        organization: The CRM organisation.
        data_center: Where it lives.
        since: When it was connected; aware, UTC.
        scopes: What it may do; empty where the CRM didn't say.
        missing: What it lacks of what Parley asks for.
        state: Active, or pending until its code is typed.
        in_use: Whether requests go by it.
        readable: Whether its tokens can be opened; else it can only be forgotten.
    """

    id: str
    account: str
    name: str
    organization: str
    data_center: DataCenter
    since: datetime
    scopes: tuple[str, ...]
    missing: tuple[str, ...]
    state: GrantState
    in_use: bool
    readable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A person's connections, the one in use first."""

    connections: tuple[Connection, ...]


def refuse_barred(profile: Profile) -> None:
    """Let people through.

    Raises:
        NotAllowed: ``bot_user``, ``deactivated`` or ``foreign``.
    """
    reasons = (
        (profile.is_bot, "bot_user"),
        (profile.deleted, "deactivated"),
        (profile.foreign, "foreign"),
    )
    for applies, why in reasons:
        if applies:
            raise NotAllowed(why)


def shown(grant: Listed, *, in_use: bool) -> Connection:
    """Return a grant as its owner may see it."""
    return Connection(
        id=grant.id,
        account=grant.account.email,
        name=grant.account.name,
        organization=grant.account.org_name,
        data_center=grant.data_center,
        since=grant.connected_at,
        scopes=grant.scopes,
        missing=lacking(grant.scopes, SCOPES),
        state=grant.state,
        in_use=in_use,
        readable=grant.readable,
    )


def lacking(granted: Iterable[str], needed: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes of *needed* that none of *granted* covers, whatever the case.

    None where nothing is known to be granted: older answers of Zoho name no scopes, and
    then the CRM itself says what is missing.
    """
    have = [scope.casefold().split(".") for scope in granted]
    return tuple(one for one in needed if have and not _covered(have, one.casefold().split(".")))


def _covered(have: Iterable[list[str]], needed: list[str]) -> bool:
    # Zoho CRM, "Scopes": a group covers its parts, ALL every operation.
    return any(
        needed[: len(group)] == group and operation in ("all", needed[-1])
        for *group, operation in have
    )


def same_address(slack: str | None, crm: str) -> bool:
    """Return whether both are known and the same but for the case of A to Z.

    Letters that Unicode folds to one another (ß and ss) are two people's addresses.
    """
    return bool(slack and crm) and _plain(slack or "") == _plain(crm)


def _plain(address: str) -> str:
    return address.strip().translate(_LOWER)


def new_code() -> Secret:
    """Return a fresh one-time code."""
    return Secret("".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)))


def plain_code(typed: str) -> str:
    """Return a typed code without case, spaces and dashes."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def digest(cookie: str) -> str:
    """Return what is kept of a browser's cookie."""
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()


def verifier(cookie: str) -> Secret:
    """Return PKCE's verifier (RFC 7636), made from the cookie so that it rests nowhere."""
    hashed = hashlib.sha256(b"parley pkce\n" + cookie.encode("utf-8", "surrogatepass")).digest()
    return Secret(base64.urlsafe_b64encode(hashed).rstrip(b"=").decode())
