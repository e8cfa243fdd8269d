"""Previews of what happens to a meeting, each with the button that confirms it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo

from bot.journeys.meeting.draft import Overlap
from bot.journeys.series.endings import RemovalPrepared, RemovalShownAgain
from bot.journeys.series.plan import Prepared, ShownAgain
from bot.journeys.series.rule_plan import RulePrepared
from handlers.slack import ids
from handlers.slack.message import (
    MESSAGE,
    TEXT,
    Block,
    Message,
    actions,
    button,
    cut_escaped,
    escape,
    section,
)
from handlers.slack.sentences import series as say
from handlers.slack.sentences import series_ends as ends
from handlers.slack.sentences.meetings import overlaps


class Work(StrEnum):
    """Which journey an operation is of."""

    CHANGE = "change"
    REMOVAL = "removal"
    RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """An operation, as a button names it.

    Attributes:
        work: Of which journey.
        id: Its id.
        made: The operation that made the meeting, where Parley did.
    """

    work: Work
    id: str
    made: str | None = None

    def __str__(self) -> str:
        """Return it as a button's value."""
        return f"{self.work} {self.id} {self.made or ''}".rstrip()

    @classmethod
    def of(cls, value: str) -> Self:
        """Return the operation that a button's value names."""
        work, operation_id, *made = value.split()
        return cls(work=Work(work), id=operation_id, made=made[0] if made else None)


AnyPrepared = Prepared | RemovalPrepared | RulePrepared


def preview(
    prepared: AnyPrepared, made: str | None, zone: str, beside: Sequence[Overlap] = ()
) -> Message:
    """Return what a prepared operation will do, with the button that does it.

    Args:
        prepared: What waits.
        made: The operation that made the meeting, where Parley did.
        zone: The reader's zone (IANA).
        beside: The reader's own meetings at its new dates.
    """
    there = overlaps(beside, ZoneInfo(zone))
    match prepared:
        case Prepared(plan=plan):
            return _change(prepared, made, "\n".join([say.change(plan), *there]))
        case RemovalPrepared(removal=removal):
            return _removal(prepared, made, ends.removal(removal, zone))
        case RulePrepared(plan=rule):
            text = "\n".join([ends.rule(rule, zone), *there])
            return _confirmed(text, Work.RULE, prepared.operation_id, made, ends.CONFIRM_RULE)


def shown_again(one: ShownAgain | RemovalShownAgain, made: str | None, zone: str) -> Message:
    """Return what an operation would do now that somebody else's change came between."""
    match one:
        case ShownAgain(prepared=prepared):
            return _change(prepared, made, say.again(prepared.plan))
        case RemovalShownAgain(prepared=removal, report=report):
            text = ends.removal_again(removal.removal, zone, len(report.done))
            return _removal(removal, made, text)


def _change(one: Prepared, made: str | None, text: str) -> Message:
    return _confirmed(text, Work.CHANGE, one.operation_id, made, say.change_button(one.plan))


def _removal(one: RemovalPrepared, made: str | None, text: str) -> Message:
    yes = ends.removal_button(one.removal)
    return _confirmed(text, Work.REMOVAL, one.operation_id, made, yes, "danger")


def _confirmed(
    text: str, work: Work, operation_id: str, made: str | None, yes: str, style: str = "primary"
) -> Message:
    ref = Ref(work=work, id=operation_id, made=made)
    press: Block = button(yes, ids.SERIES_CONFIRM, value=str(ref), style=style)
    short = cut_escaped(escape(text), MESSAGE)
    return Message(text=short, blocks=[*paragraphs(text), actions(press)])


def paragraphs(text: str) -> list[Block]:
    """Return plain *text* as sections of whole lines, so that its end is never cut off."""
    parts = [""]
    for line in text.splitlines():
        said = cut_escaped(escape(line), TEXT)
        if len(parts[-1]) + 1 + len(said) > TEXT:
            parts.append("")
        parts[-1] += f"\n{said}" if parts[-1] else said
    return [section(part) for part in parts]
