"""Who and what is in the sandbox workspace before anything happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

TEAM = "T0PARLEY"
TEAM_DOMAIN = "parley-sandbox"
PARTNER_TEAM = "T0PARTNER"
APP = "A0PARLEY"
BOT_USER = "U0BOT"
BOT = "B0PARLEY"
SLACKBOT = "USLACKBOT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One account Slack knows: a person, a bot, or somebody of another organisation."""

    id: str
    name: str
    real_name: str
    email: str | None = None
    tz: str = "Europe/Berlin"
    team: str = TEAM
    admin: bool = False
    deleted: bool = False
    bot: bool = False
    bot_id: str | None = None
    locale: str = "en-US"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel that exists from the start."""

    id: str
    name: str
    kind: str
    members: frozenset[str]


def members() -> tuple[Member, ...]:
    """Return everybody the workspace starts with; all of them are made up."""
    return (
        Member(id="U0ADA", name="ada", real_name="Ada Moreno", email="ada@example.com", admin=True),
        Member(
            id="U0BEN",
            name="ben",
            real_name="Ben Okoro",
            email="ben@example.com",
            tz="America/New_York",
        ),
        Member(
            id="U0CHLOE",
            name="chloe",
            real_name="Chloe Tan",
            email="chloe@example.com",
            tz="Asia/Singapore",
        ),
        Member(
            id="U0DEV",
            name="dev",
            real_name="Dev Raman",
            email="dev@example.com",
            tz="Asia/Kolkata",
        ),
        Member(id="U0EVA", name="eva", real_name="Eva Lind", email="eva@example.com", deleted=True),
        Member(id="U0GIL", name="gil", real_name="Gil Stone", email="gil@example.com"),
        # Pat signs in to the CRM with another address than this one.
        Member(id="U0PAT", name="pat", real_name="Pat Quill", email="pat.quill@example.com"),
        Member(
            id="X0FAY",
            name="fay",
            real_name="Fay Holm",
            email="fay@partner.example",
            team=PARTNER_TEAM,
        ),
        Member(id="U0ROBOT", name="robot", real_name="Robot", bot=True, bot_id="B0ROBOT"),
        Member(id=BOT_USER, name="parley", real_name="Parley", bot=True, bot_id=BOT),
        Member(id=SLACKBOT, name="slackbot", real_name="Slackbot", bot=False),
    )


def places() -> tuple[Place, ...]:
    """Return the channels the workspace starts with: two with the bot in them, one without."""
    staff = {"U0ADA", "U0BEN", "U0CHLOE", "U0DEV", "U0GIL", "U0PAT"}
    return (
        Place(id="C0GENERAL", name="general", kind="public", members=frozenset(staff | {BOT_USER})),
        Place(
            id="C0SALES",
            name="sales",
            kind="public",
            members=frozenset(staff | {"X0FAY", "U0ROBOT", BOT_USER}),
        ),
        Place(id="C0RANDOM", name="random", kind="public", members=frozenset(staff)),
        Place(id="C0SECRET", name="secret", kind="private", members=frozenset({"U0ADA", "U0BEN"})),
    )


def user_json(
    member: Member, now: datetime, *, email: bool, locale: bool = False
) -> dict[str, Any]:
    """Return a user object as docs.slack.dev `reference/objects/user-object` shows it.

    The address is there only with `email` (scope users:read.email) and only for people of this
    workspace; deactivated accounts carry no zone.
    """
    home = member.team == TEAM
    profile: dict[str, Any] = {
        "real_name": member.real_name,
        "real_name_normalized": member.real_name,
        "display_name": member.name,
        "display_name_normalized": member.name,
        "first_name": member.real_name.split()[0],
        "last_name": " ".join(member.real_name.split()[1:]),
        "title": "",
        "team": member.team,
    }
    if email and member.email and home:
        profile["email"] = member.email
    if member.bot_id:
        profile["bot_id"] = member.bot_id
    user: dict[str, Any] = {
        "id": member.id,
        "team_id": member.team,
        "name": member.name,
        "deleted": member.deleted,
        "real_name": member.real_name,
        "profile": profile,
        "is_bot": member.bot,
        "is_app_user": False,
        "updated": 1700000000,
    }
    if not home:
        user |= {"is_stranger": False, "enterprise_user": {}}
    if not member.deleted:
        user |= _zone(member, now) | {
            "is_admin": member.admin,
            "is_owner": member.admin,
            "is_primary_owner": member.admin,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_email_confirmed": member.email is not None,
        }
    if locale and not member.deleted:
        user["locale"] = member.locale
    return user


def _zone(member: Member, now: datetime) -> dict[str, Any]:
    local = now.astimezone(ZoneInfo(member.tz))
    offset = local.utcoffset()
    return {
        "tz": member.tz,
        "tz_label": local.tzname(),
        "tz_offset": int(offset.total_seconds()) if offset is not None else 0,
    }
