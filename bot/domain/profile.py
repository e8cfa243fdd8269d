"""What Slack says about a person, as far as Parley needs it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A Slack profile (Slack, users.info).

    Attributes:
        name: What people call them.
        email: Their verified address; None without the ``users:read.email`` scope.
        zone: IANA name of their time zone.
        is_bot: Bots can't use Parley.
        deleted: Neither can deactivated people.
        foreign: Nor people of other organisations (Slack Connect).
        admin: A workspace admin or owner.
    """

    name: str
    email: str | None
    zone: str
    is_bot: bool = False
    deleted: bool = False
    foreign: bool = False
    admin: bool = False
