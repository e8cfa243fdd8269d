"""Text in, Reading out: the parts are read in a fixed order, then put together."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.domain import zones
from bot.domain.reminder import Reminder
from bot.language import adverbs, bounds, counted, guests, labels, moments, places, repeats
from bot.language import lexicon as lex
from bot.language.advice import suggestions, why
from bot.language.labels import Parts
from bot.language.reading import Doubt, Reading, Span, Unsupported
from bot.language.reminders import Unsayable, read_marked_reminders
from bot.language.rules import Declined, Settled
from bot.language.scanner import Line, plain
from bot.language.settle import settle
from bot.language.sketch import Sketch
from bot.language.unread import refuse_unread
from bot.language.writer import write, write_date

MAX_TEXT = 500
"""More characters than this, as typed, are no request; refused before anything is read."""
MAX_MARKED = 4000
"""The same with what Slack adds: a typed address comes twice, a mention with its id."""
_LABELLED = re.compile(r"<[^<>|]*\|([^<>]+)>")
_CONTROLS = frozenset(chr(n) for n in range(32)) - frozenset("\n\r\t")


def read(text: str, *, now: datetime, tz: str) -> Reading:
    """Return what *text* says; never raises on a text, whatever is in it.

    Args:
        text: As typed in Slack.
        now: The moment, aware.
        tz: The person's zone (IANA), used where the text names none.

    Raises:
        Refused: ``zone_unknown`` when *tz* is no zone.
        ValueError: When *now* is naive.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    zones.zone(tz)
    bad = _unreadable(text)
    if bad:
        return Reading(text=text, zone=tz, unsupported=bad, left_over=(text.strip(),))
    try:
        return _read(text, now, tz)
    except OverflowError:
        beyond = Unsupported(code="invalid", why=why("invalid"), span=(0, len(text)))
        return Reading(text=text, zone=tz, unsupported=beyond, left_over=(text.strip(),))


def _read(text: str, now: datetime, tz: str) -> Reading:
    line = Line(plain(text))
    parts = guests.read_marked(line)
    reminders: list[Reminder] = []
    unsayable: Unsayable = []
    read_marked_reminders(line, reminders, unsayable)
    found, where = _read_times(line, now, tz)
    labels.read_values(line, parts)
    labels.read_small_names(line, parts)
    refuse_unread(line, found)
    outcome = _outcome(found, now, where)
    if isinstance(outcome, Declined) or not outcome.weak_used:
        _free_weak(line, found)
    places.read_venue(line, parts)
    if parts.link and parts.venue is None:
        parts.venue = parts.link
    title, left = places.read_title(line, parts)
    left.extend(parts.strange)
    parts.unsayable.extend(words for words, _ in unsayable)
    left.extend(parts.unsayable)
    return _reading(text, line, parts, found, where, outcome, title, left, tuple(reminders))


def _unreadable(text: str) -> Unsupported | None:
    if len(text) > MAX_MARKED or len(_LABELLED.sub(r"\1", text)) > MAX_TEXT:
        return Unsupported(code="too_long", why=why("too_long"), span=(MAX_TEXT, len(text)))
    for place, char in enumerate(text):
        if char in _CONTROLS or "\ud800" <= char <= "\udfff":
            return Unsupported(code="control", why=why("control"), span=(place, place + 1))
    if not text.strip():
        return Unsupported(code="empty", why=why("empty"))
    return None


def _read_times(line: Line, now: datetime, tz: str) -> tuple[Sketch, ZoneInfo]:
    where = zones.zone(tz)
    snapshot = list(line.owner)
    found = _scan(line, now, where)
    if found.zone and found.zone != tz:
        # Days count from today in the zone of the words.
        named = zones.zone(found.zone)
        if now.astimezone(named).date() != now.astimezone(where).date():
            line.owner[:] = snapshot
            found = _scan(line, now, named)
            if any(day.month_day is None for day in found.dates) or found.repeats:
                readings = (f"{found.today.isoformat()} is today", found.zone or "")
                found.doubt("zone_day", readings)
        return found, named
    return found, where


_Reader = Callable[[Line, int, Sketch], int]
_READERS: tuple[_Reader, ...] = (
    bounds.exceptions,
    bounds.until,
    bounds.begin,
    bounds.window,
    repeats.every,
    bounds.count,
    adverbs.adverb,
    adverbs.weekdays,
    counted.counted,
    moments.days,
    moments.clock,
    moments.length,
    moments.day,
    moments.end_of_day,
    moments.part,
    moments.place_in_time,
)


def _scan(line: Line, now: datetime, where: ZoneInfo) -> Sketch:
    local = now.astimezone(where)
    found = Sketch(today=local.date())
    words = {token.low for token in line.tokens}
    found.month_first = bool(words & {"occurs", "effective"})
    found.repeats = "occurs" in words
    found.spoken_series = bool(words & (lex.EVERY | {"daily", "weekly", "weekdays"}))
    i = 0
    while i < len(line):
        i = max(i + 1, _read_at(line, i, found, local))
    return found


def _read_at(line: Line, i: int, found: Sketch, local: datetime) -> int:
    if not line.at(i).text or (
        line.at(i).glued and line.tokens[i - 1].kind == "word" and line.at(i).kind == "num"
    ):
        return 0
    j = moments.instant(line, i, found, local)
    for reader in _READERS:
        if j:
            break
        j = reader(line, i, found)
    if j > i:
        line.take(i, j, "when")
    return j


def _free_weak(line: Line, found: Sketch) -> None:
    # An adjective that didn't become the rule goes back to the title.
    for _, i in found.weak:
        line.owner[i] = None


def _outcome(found: Sketch, now: datetime, where: ZoneInfo) -> Settled | Declined:
    try:
        return settle(found, now, where)
    except Declined as declined:
        return declined


def _reading(
    text: str,
    line: Line,
    parts: Parts,
    found: Sketch,
    where: ZoneInfo,
    outcome: Settled | Declined,
    title: str | None,
    left: list[str],
    reminders: tuple[Reminder, ...],
) -> Reading:
    doubts = [*found.doubts, *parts.doubts]
    refused = isinstance(outcome, Declined)
    settled = Settled() if isinstance(outcome, Declined) else outcome
    if found.hint_word and found.slots == [] and not refused:
        doubts.append(Doubt(code="time_of_day", readings=(found.hint_word,)))
    end = None
    if settled.start and settled.length:
        end = (settled.start.astimezone(UTC) + settled.length).astimezone(where)
    return Reading(
        text=text,
        zone=where.key,
        rule=settled.rule,
        start=settled.start,
        end=end,
        first_date=settled.first,
        duration=settled.length,
        all_day=settled.all_day,
        title=title,
        people=tuple(parts.people),
        venue=parts.venue,
        link=parts.link,
        reminders=reminders,
        unsayable_reminders=tuple(parts.unsayable),
        related=parts.related,
        about=parts.about,
        invitations=parts.invitations,
        doubts=tuple(doubts),
        left_over=tuple(left),
        missing=() if refused else _missing(settled, found, title),
        unsupported=_unsupported(outcome, found) if isinstance(outcome, Declined) else None,
        sentence=None if refused else _sentence(settled, where),
        understood=_understood(line),
    )


def _missing(settled: Settled, found: Sketch, title: str | None) -> tuple[str, ...]:
    lacks = []
    if settled.first is None:
        lacks.append("date")
    if settled.start is None and not settled.all_day and not found.slots:
        lacks.append("time")
    if not title:
        lacks.append("title")
    return tuple(lacks)


def _unsupported(declined: Declined, found: Sketch) -> Unsupported:
    return Unsupported(
        code=declined.code,
        why=why(declined.code),
        span=declined.span,
        suggest=suggestions(declined.code, found),
    )


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
    if settled.length:
        end = (settled.start.astimezone(UTC) + settled.length).astimezone(where)
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
