"""The settings that say how long things are kept, how much is allowed, and to whom."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

NAMES = (
    "PARLEY_ADMINS",
    "PARLEY_KEEP_HOURS",
    "PARLEY_KEEP_CONTENT_DAYS",
    "PARLEY_KEEP_AUDIT_DAYS",
    "PARLEY_INVITATIONS_A_DAY",
    "PARLEY_UNUSED_DAYS",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What an organisation may decide for itself.

    Attributes:
        admins: ``PARLEY_ADMINS``, Slack ids of people who may see and cut off connections,
            besides the workspace's own administrators and owners.
        kept: ``PARLEY_KEEP_HOURS``, of finished work, its dedupe keys and open drafts.
        kept_content: ``PARLEY_KEEP_CONTENT_DAYS``, of titles and people of ended operations.
        kept_audit: ``PARLEY_KEEP_AUDIT_DAYS``, of the audit's lines.
        invitations: ``PARLEY_INVITATIONS_A_DAY``, the most people one person may invite.
        unused_days: ``PARLEY_UNUSED_DAYS``, after which an unused connection goes; 0 is never.
    """

    admins: frozenset[str] = frozenset()
    kept: timedelta = timedelta(hours=24)
    kept_content: timedelta = timedelta(days=7)
    kept_audit: timedelta = timedelta(days=90)
    invitations: int = 200
    unused_days: int = 90


def policy(found: Mapping[str, str]) -> Policy:
    """Return what *found* says, and the defaults for the rest.

    Raises:
        ValueError: Naming the setting that is wrong, and what it takes.
    """
    return Policy(
        admins=_people(found.get("PARLEY_ADMINS", "")),
        # Slack sends an event again for up to a day ("Delayed events").
        kept=timedelta(hours=_number(found, "PARLEY_KEEP_HOURS", 24, least=24, most=720)),
        kept_content=timedelta(days=_number(found, "PARLEY_KEEP_CONTENT_DAYS", 7, most=365)),
        kept_audit=timedelta(days=_number(found, "PARLEY_KEEP_AUDIT_DAYS", 90, least=30, most=400)),
        invitations=_number(found, "PARLEY_INVITATIONS_A_DAY", 200, most=100_000),
        unused_days=_unused(found),
    )


def _people(text: str) -> frozenset[str]:
    named = {one for one in re.split(r"[,\s]+", text) if one}
    if not all(re.fullmatch("[UW][A-Z0-9]{2,20}", one) for one in named):
        raise ValueError("PARLEY_ADMINS takes Slack user ids with commas, such as U012ABCDE")
    return frozenset(named)


def _unused(found: Mapping[str, str]) -> int:
    days = _number(found, "PARLEY_UNUSED_DAYS", 90, least=0, most=3650)
    if 0 < days < 14:
        raise ValueError("PARLEY_UNUSED_DAYS is 0 for never, or 14 to 3650: a week is the warning")
    return days


def _number(found: Mapping[str, str], name: str, default: int, *, least: int = 1, most: int) -> int:
    text = found.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) or not least <= int(text) <= most:
        raise ValueError(f"{name} is a whole number from {least} to {most}")
    return int(text)
