"""Time zones by IANA name: a closed set, looked up before any file is opened."""

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bot.errors import Refused


@cache
def names() -> frozenset[str]:
    """Return every IANA zone name this host knows."""
    return frozenset(available_timezones())


def zone(name: str) -> ZoneInfo:
    """Return the zone called *name*.

    Args:
        name: An IANA name such as ``Asia/Kolkata``. Membership in the closed set is
            checked first: ``ZoneInfo`` would open files for names such as ``../x``.

    Raises:
        Refused: ``zone_unknown`` when there is no such zone.
    """
    if name not in names():
        raise Refused("zone_unknown", field="zone", zone=name[:64])
    return ZoneInfo(name)


def at(day: date, clock: time, where: ZoneInfo) -> datetime:
    """Return the instant at which a wall clock in *where* shows *clock* on *day*.

    A time inside a spring gap doesn't exist: the instant is the one the clock
    jumps to (02:30 becomes 03:30). Inside an autumn fold the first one is meant.
    """
    return datetime.combine(day, clock, where).astimezone(UTC).astimezone(where)
