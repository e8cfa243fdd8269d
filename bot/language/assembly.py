"""The parts of one text, settled, as the reading that is handed out."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.language.labels import Parts
from bot.language.reading import Doubt, Reading, Span, Unsupported
from bot.language.rules import Settled
from bot.language.scanner import Line
from bot.language.sketch import Sketch
from bot.language.writer import write, write_date


def assemble(
    text: str,
    line: Line,
    parts: Parts,
    found: Sketch,
    where: ZoneInfo,
    settled: Settled,
    refusal: Unsupported | None,
) -> Reading:
    """Return the reading.

    Args:
        text: As typed.
        line: Its tokens; those still free mean nothing.
        parts: What marks itself, and the title.
        found: The parts of its times.
        where: The zone of the meeting.
        settled: What the times come to; empty when they were refused.
        refusal: Why they were, or None.
    """
    doubts = [*found.doubts, *parts.doubts]
    if found.hint_word and not found.slots and refusal is None:
        doubts.append(Doubt(code="time_of_day", readings=(found.hint_word,)))
    return Reading(
        text=text,
        zone=where.key,
        rule=settled.rule,
        start=settled.start,
        end=_end(settled.start, settled.length, where),
        first_date=settled.first,
        duration=settled.length,
        all_day=settled.all_day,
        title=parts.title,
        people=tuple(parts.people),
        venue=parts.venue,
        link=parts.link,
        reminders=tuple(parts.reminders),
        unsayable_reminders=tuple(words for words, _ in parts.unsayable),
        related=parts.related,
        about=parts.about,
        invitations=parts.invitations,
        doubts=tuple(doubts),
        left_over=(*parts.left, *parts.strange, *(words for words, _ in parts.unsayable)),
        missing=() if refusal else _missing(settled, found, parts.title),
        unsupported=refusal,
        sentence=None if refusal else _sentence(settled, where),
        understood=_understood(line),
    )


def _end(start: datetime | None, length: timedelta | None, where: ZoneInfo) -> datetime | None:
    # Lengths are of real time: over a change of clocks the wall clock jumps.
    return (start.astimezone(UTC) + length).astimezone(where) if start and length else None


def _missing(settled: Settled, found: Sketch, title: str | None) -> tuple[str, ...]:
    lacks = []
    if settled.first is None:
        lacks.append("date")
    if settled.start is None and not settled.all_day and not found.slots:
        lacks.append("time")
    if not title:
        lacks.append("title")
    return tuple(lacks)


def _sentence(settled: Settled, where: ZoneInfo) -> str | None:
    if settled.first is None:
        return None
    if settled.rule is not None:
        text = write(settled.rule, settled.first, starting=True, meetings=True)
    else:
        text = f"{settled.first:%A} {write_date(settled.first)}"
    if settled.all_day:
        return f"{text}, all day"
    if settled.start is None:
        return text
    text += f", {settled.start:%H:%M}"
    end = _end(settled.start, settled.length, where)
    if end:
        text += f"-{end:%H:%M}"
    return f"{text} ({where.key})"


def _understood(line: Line) -> tuple[Span, ...]:
    spans: list[Span] = []
    for token, owner in zip(line.tokens, line.owner, strict=True):
        if owner is None:
            continue
        if spans and spans[-1][1] == token.start:
            spans[-1] = spans[-1][0], token.end
        else:
            spans.append((token.start, token.end))
    return tuple(spans)
