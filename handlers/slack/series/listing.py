"""Lists of meetings: after ``/meet list``, and on the Home tab."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from bot.journeys.series.meetings import Folded, Listed
from handlers.slack import ids
from handlers.slack.message import Block, Message, button, escape, moment, say, section
from handlers.slack.sentences import meetings as words
from handlers.slack.sentences.words import day

SHOWN = 15
"""A message holds fifty blocks, and nobody reads a longer list."""


def listed(found: Listed, commands: ids.Commands) -> Message:
    """Return the answer to ``/meet list``."""
    if not found.meetings:
        return say(words.NOTHING_LISTED.format(meet=commands.meet))
    return say(words.LISTED, *rows(found, commands))


def rows(found: Listed, commands: ids.Commands, *, limit: int = SHOWN) -> list[Block]:
    """Return a line and a button for each meeting, and how many more there are."""
    days = max(1, round((found.span.end - found.span.start) / timedelta(days=1)))
    blocks = [_row(one, days) for one in found.meetings[:limit]]
    if len(found.meetings) > limit:
        more = words.MORE_LISTED.format(more=len(found.meetings) - limit, meet=commands.meet)
        blocks.append(section(more))
    return blocks


def _row(one: Folded, days: int) -> Block:
    first = one.first
    parts = [_when(one), escape(first.venue or "")]
    if len(one.starts) > 1:
        parts.append(words.SERIES.format(count=len(one.starts), days=days))
    if first.cancelled:
        parts.append(words.CANCELLED)
    line = " · ".join(part for part in parts if part)
    press = button(words.OPEN, ids.SERIES_OPEN, value=first.id)
    return section(f"*{escape(first.title)}*\n{line}", accessory=press)


def _when(one: Folded) -> str:
    first = one.first
    if first.all_day:
        # A date token would move a day without a time into the reader's zone.
        return f"{day(first.start)}, {words.ALL_DAY}"
    return moment(first.start)


def in_zone(found: Listed, zone: str) -> Listed:
    """Return the list with its moments on the clocks of *zone*."""
    where = ZoneInfo(zone)
    return Listed(
        span=found.span,
        meetings=tuple(
            Folded(
                first=one.first,
                starts=tuple(start.astimezone(where) for start in one.starts),
                ids=one.ids,
            )
            for one in found.meetings
        ),
    )
