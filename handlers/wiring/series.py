"""The journeys of meetings that stand, wired together; the composition root calls this once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.crm.changes import Changes
from bot.crm.events import Events
from bot.crm.listing import Listing
from bot.crm.transport import Transport
from bot.journeys.account.access import CrmAccess
from bot.journeys.meeting.allowance import Allowance
from bot.journeys.meeting.create import Creation
from bot.journeys.series import change, removal, rerule
from bot.journeys.series.carry import Carrier
from bot.journeys.series.change import Changing
from bot.journeys.series.keeping import Keeping
from bot.journeys.series.meetings import Meetings
from bot.journeys.series.opened import Opening
from bot.journeys.series.removal import Removing
from bot.journeys.series.remover import Remover
from bot.journeys.series.rerule import Rerule
from store.memory import Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesJourneys:
    """Everything that can be done with a meeting that stands.

    Attributes:
        opening: Reads it.
        changing: Changes it, and undoes.
        removing: Cancels or deletes it.
        rerule: Changes how it repeats.
        meetings: Lists what lies ahead.
    """

    opening: Opening
    changing: Changing
    removing: Removing
    rerule: Rerule
    meetings: Meetings


def series_journeys(
    *,
    memory: Memory,
    access: CrmAccess,
    transport: Transport,
    events: Events,
    creation: Creation,
    allowance: Allowance,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> SeriesJourneys:
    """Return the journeys over one memory and one wire; *sleep* waits, in seconds."""
    listing, changes = Listing(transport, events), Changes(transport)
    remover = Remover(access=access, changes=changes, listing=listing, now=now)
    opening = Opening(
        grants=memory.grants,
        operations=memory.operations,
        access=access,
        events=events,
        listing=listing,
        now=now,
    )

    def keeping(kind: str) -> Keeping:
        return Keeping(kind, operations=memory.operations, grants=memory.grants, now=now)

    return SeriesJourneys(
        opening=opening,
        changing=Changing(
            keeping=keeping(change.KIND),
            allowance=allowance,
            opening=opening,
            carrier=Carrier(access=access, events=events, changes=changes, now=now, sleep=sleep),
            now=now,
        ),
        removing=Removing(keeping=keeping(removal.KIND), opening=opening, remover=remover, now=now),
        rerule=Rerule(
            keeping=keeping(rerule.KIND),
            allowance=allowance,
            opening=opening,
            creation=creation,
            remover=remover,
            drafts=memory.drafts,
            operations=memory.operations,
            memory=memory,
            now=now,
        ),
        meetings=Meetings(opening=opening, access=access, listing=listing, now=now),
    )
