"""How many people one may invite within a day: a stolen account mustn't write to the world."""

from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final, Protocol

from bot.domain.connection import Owner
from bot.domain.meeting import Meeting
from bot.domain.zones import zone
from bot.errors import Refused

DAY: Final = timedelta(hours=24)


class Invitations(Protocol):
    """Who invited how many, and when."""

    def count(self, operation_id: str, owner: Owner, number: int, now: datetime) -> None:
        """Note that an operation invites *number* people, in place of what it noted before."""

    def since(self, owner: Owner, since: datetime, *, but: str) -> tuple[tuple[datetime, int], ...]:
        """Return when and how many *owner* invited since then, oldest first, but by *but*."""


class Allowance:
    """Counts the people who are mailed about a meeting, within any 24 hours."""

    def __init__(self, invitations: Invitations, per_day: int) -> None:
        """Allow *per_day* people a person."""
        self._invitations = invitations
        self._per_day = per_day

    def take(
        self, operation_id: str, owner: Owner, meeting: Meeting, where: str, now: datetime
    ) -> Refused | None:
        """Count the people of *meeting*, or return why they are too many and until when.

        Inside the transaction in which the meeting is taken for creation; the same
        operation again counts once.

        Args:
            operation_id: Its draft's id.
            owner: Who invites.
            meeting: One whose people aren't mailed counts nothing.
            where: The person's zone (IANA), in which the time is told.
            now: Aware.
        """
        number = len(meeting.participants) if meeting.invitations else 0
        return self.take_number(operation_id, owner, number, where, now)

    def take_number(
        self, operation_id: str, owner: Owner, number: int, where: str, now: datetime
    ) -> Refused | None:
        """Count *number* people that an operation mails, or return why they are too many.

        The same operation again counts once; nobody counts nothing.
        """
        if not number:
            return None
        if number > self._per_day:
            return Refused("invitations_many", field="people", limit=self._per_day)
        made = self._invitations.since(owner, now - DAY, but=operation_id)
        total = sum(count for _, count in made)
        if total + number <= self._per_day:
            self._invitations.count(operation_id, owner, number, now)
            return None
        over = total + number - self._per_day
        # As the oldest count runs out, and the next: from when on are there enough places?
        freed = accumulate(count for _, count in made)
        enough = next(place for place, count in enumerate(freed) if count >= over)
        free = (made[enough][0] + DAY).astimezone(zone(where)) + timedelta(minutes=1)
        return Refused(
            "invitations_limit",
            field="people",
            limit=self._per_day,
            left=max(self._per_day - total, 0),
            at=f"{free:%H:%M on %d %B}",
        )
