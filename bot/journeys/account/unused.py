"""Connections nobody uses: a week's warning, then they are taken back."""

from datetime import datetime, timedelta
from typing import Final

from bot.journeys.account.leaving import Leaving
from bot.journeys.account.leaving_ports import Kept
from bot.journeys.notices import TakenBack, Unused
from bot.journeys.ports import Voice

WARNING: Final = timedelta(days=7)


def take_back_unused(
    kept: Kept, leaving: Leaving, voice: Voice, days: int, now: datetime
) -> tuple[int, int]:
    """Warn about connections that will have been unused for *days*, and take back what is due.

    Nothing goes that wasn't warned of a week before, however long nobody looked; a use
    after the warning starts anew.

    Args:
        kept: The connections.
        leaving: Takes them back.
        voice: Tells their owners.
        days: 0 for never.
        now: Aware.

    Returns:
        How many were warned of, and how many taken back.
    """
    if not days:
        return 0, 0
    warned = gone = 0
    life = timedelta(days=days)
    for one in kept.listing.unused(now - life + WARNING):
        account, key = one.account.email, f"{one.id}:{one.used_at.isoformat()}"
        if one.warned_at is None or one.warned_at < one.used_at:
            until = max(one.used_at + life, now + WARNING)
            told = Unused(account=account, since=one.used_at, until=until)
            with kept.memory.atomically():
                kept.listing.warned(one.id, now)
                voice.tell(one.owner, f"unused:{key}", told, now=now)
            warned += 1
        elif one.used_at <= now - life and one.warned_at <= now - WARNING:
            lost = TakenBack(accounts=(account,), why="unused")
            voice.tell(one.owner, f"taken-back:{key}", lost, now=now)
            leaving.cut_off(one.owner, now, actor="parley", act="unused", grant_id=one.id)
            gone += 1
    return warned, gone
