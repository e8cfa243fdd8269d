"""What Slack says about a person, as far as the bot acts on it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A person in Slack (Slack, ``users.info``).

    Attributes:
        name: What people call them.
        email: Their address; None where Slack doesn't show it.
        zone: Their time zone (IANA name).
        is_bot: A bot or an app.
        deleted: Deactivated.
        foreign: Of another organisation, met by Slack Connect.
        guest: A single- or multi-channel guest.
        admin: An administrator or owner of the workspace.
    """

    name: str
    email: str | None
    zone: str
    is_bot: bool = False
    deleted: bool = False
    foreign: bool = False
    guest: bool = False
    admin: bool = False
