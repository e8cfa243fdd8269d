"""What Slack says of a person, as the bot takes it."""

from collections.abc import Mapping
from typing import Any

from bot.domain.profile import Profile


def profile_of(user: Mapping[str, Any], team: str, home: str) -> Profile:
    """Return *user* (Slack, "users.info") as a profile.

    Somebody of another organisation has another team id, or is a stranger. A command names
    the channel's team and a press the presser's own, so the bot's is what both are held to.

    Args:
        user: Slack's user object.
        team: The team the person was named with.
        home: The team the bot lives in.
    """
    known = user.get("profile") or {}
    return Profile(
        name=str(known.get("real_name") or user.get("real_name") or user.get("name") or user["id"]),
        email=known.get("email") or None,
        zone=str(user.get("tz") or "UTC"),
        is_bot=bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        deleted=bool(user.get("deleted")),
        foreign=bool(user.get("is_stranger")) or {team, user.get("team_id") or team} != {home},
        admin=bool(user.get("is_admin") or user.get("is_owner")),
    )
