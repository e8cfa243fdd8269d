"""Meetings: what lies ahead of a person, each series once, and what overlaps."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.crm.listing import Listing, Row
from bot.domain.connection import Owner
from bot.domain.zones import at, zone
from bot.errors import NotUnderstood
from bot.journeys.account.access import CrmAccess
from bot.journeys.series.opened import Opening
from bot.language import read

WEEK = timedelta(days=7)
AHEAD = timedelta(days=30)
"""How far a list looks when no span is said."""
FAR = timedelta(days=365)
"""How far a list looks for a title."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What a list was asked for.

    Attributes:
        start: Aware.
        end: Aware; not within.
        title: Words the titles must hold; empty for any.
    """

    start: datetime
    end: datetime
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """One meeting of a list, or a series of which several occurrences are within the span.

    Attributes:
        first: The next occurrence.
        starts: Every start within the span, cancelled ones left out unless all are.
        ids: Their ids, in the same order.
    """

    first: Row
    starts: tuple[datetime, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What a list shows, in the order of the next occurrences."""

    span: Span
    meetings: tuple[Folded, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A meeting of the person's own that overlaps one of several starts."""

    start: datetime
    with_row: Row


class Meetings:
    """Lists a person's own meetings: those they host.

    Those they are only invited to can't be asked for: the CRM doesn't query participants.
    """

    def __init__(
        self,
        *,
        opening: Opening,
        access: CrmAccess,
        listing: Listing,
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts."""
        self._opening = opening
        self._access = access
        self._listing = listing
        self._now = now

    def upcoming(self, owner: Owner, words: str, *, person_zone: str) -> Listed:
        """Return the meetings that *words* ask for, each series once.

        Args:
            owner: Whose.
            words: Such as ``today``, ``next week``, ``friday``, ``pipeline``; empty for the
                coming month.
            person_zone: In whose days and weeks (IANA).

        Raises:
            NotUnderstood: ``list_unread``.
            ParleyError: The CRM can't be asked.
        """
        wanted = span(words, person_zone=person_zone, now=self._now())
        rows = self._rows(owner, wanted.start, wanted.end)
        named = [one for one in rows if wanted.title.casefold() in one.title.casefold()]
        return Listed(span=wanted, meetings=fold(named))

    def conflicts(
        self,
        owner: Owner,
        starts: Sequence[datetime],
        length: timedelta,
        *,
        but: Iterable[str] = (),
    ) -> tuple[Conflict, ...]:
        """Return the person's own meetings that overlap any of *starts*, in their order.

        All-day and cancelled meetings keep nobody from meeting.

        Args:
            owner: Whose.
            starts: Aware.
            length: Of each.
            but: Ids that don't count: the meetings that are being moved.

        Raises:
            ParleyError: The CRM can't be asked.
        """
        if not starts:
            return ()
        left_out = set(but)
        rows = [
            one
            for one in self._rows(owner, min(starts), max(starts) + length)
            if not one.all_day and not one.cancelled and one.id not in left_out
        ]
        return tuple(
            Conflict(start=start, with_row=row)
            for start in sorted(starts)
            for row in rows
            if row.start < start + length and start < row.end
        )

    def _rows(self, owner: Owner, start: datetime, end: datetime) -> tuple[Row, ...]:
        grant = self._opening.grant(owner)
        return self._access.call(
            grant.id,
            lambda access: self._listing.between(access, start, end, host=grant.account.user_id),
            now=self._now,
        )


def span(words: str, *, person_zone: str, now: datetime) -> Span:
    """Return the span of time that *words* stand for. Pure.

    Raises:
        NotUnderstood: ``list_unread`` with ``left``.
    """
    where = zone(person_zone)
    text = " ".join(words.casefold().split())
    today = now.astimezone(where).date()
    if not text:
        return Span(start=now, end=now + AHEAD)
    known = _calendar(text, today)
    if known is not None:
        first, last = known
        found = _days(max(first, today), last, where)
        return replace(found, start=max(found.start, now))
    reading = read(words, now=now, tz=person_zone)
    day = reading.first_date
    if reading.unsupported is not None or reading.rule is not None or reading.left_over:
        raise NotUnderstood("list_unread", left=words)
    title = reading.title or ""
    if day is not None:
        found = _days(day, day, zone(reading.zone))
        return replace(found, start=max(found.start, now), title=title)
    if not title:
        raise NotUnderstood("list_unread", left=words)
    return Span(start=now, end=now + FAR, title=title)


def fold(rows: Iterable[Row]) -> tuple[Folded, ...]:
    """Return *rows* with the occurrences of each series as one, in order of the next one.

    Where the CRM doesn't tell ``$u_id`` in lists, meetings alike in title and length are one.
    """
    joined: dict[object, list[Row]] = {}
    for row in sorted(rows, key=lambda one: (one.start, one.id)):
        key = row.series or (row.title, row.end - row.start, row.venue)
        joined.setdefault(key, []).append(row)
    folded = []
    for those in joined.values():
        held = [one for one in those if not one.cancelled] or those
        folded.append(
            Folded(
                first=held[0],
                starts=tuple(one.start for one in held),
                ids=tuple(one.id for one in held),
            )
        )
    return tuple(sorted(folded, key=lambda one: (one.first.start, one.first.id)))


_MANY = re.compile(r"(?:the )?(?:next|coming) ([1-9][0-9]?) (days|weeks|months)")


def _calendar(text: str, today: date) -> tuple[date, date] | None:
    """Return the first and the last day of a span that is no single date."""
    monday = today - timedelta(days=today.weekday())
    week, month = timedelta(days=6), today.replace(day=1)
    next_month = (month + timedelta(days=31)).replace(day=1)
    after = (next_month + timedelta(days=31)).replace(day=1)
    known = {
        "today": (today, today),
        "tomorrow": (today + timedelta(days=1), today + timedelta(days=1)),
        "week": (today, today + week),
        "this week": (monday, monday + week),
        "next week": (monday + WEEK, monday + WEEK + week),
        "month": (today, today + AHEAD),
        "this month": (month, next_month - timedelta(days=1)),
        "next month": (next_month, after - timedelta(days=1)),
    }
    if text in known:
        return known[text]
    many = _MANY.fullmatch(text)
    if many is None:
        return None
    days = int(many[1]) * {"days": 1, "weeks": 7, "months": 30}[many[2]]
    return today, today + timedelta(days=days)


def _days(first: date, last: date, where: ZoneInfo) -> Span:
    return Span(
        start=at(first, time(), where),
        end=at(last + timedelta(days=1), time(), where),
    )
