"""Text in, Reading out: the parts are read in a fixed order, then put together."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import MappingProxyType
from zoneinfo import ZoneInfo

from bot.domain import zones
from bot.language import (
    adverbs,
    bounds,
    counted,
    guests,
    hours,
    labels,
    moments,
    openers,
    places,
    windows,
)
from bot.language import lexicon as lex
from bot.language.advice import why
from bot.language.assembly import assemble
from bot.language.doubts import Doubts
from bot.language.limits import refuse_limits
from bot.language.overlooked import refuse_overlooked, time_left
from bot.language.reading import Reading, Unsupported
from bot.language.refusal import holds, refused, widened
from bot.language.reminders import read_marked_reminders
from bot.language.rules import Declined, Settled
from bot.language.scanner import Line, plain
from bot.language.settle import settle
from bot.language.sketch import Sketch
from bot.language.slips import mend
from bot.language.unread import refuse_unread

MAX_TEXT = 500
"""More characters than this, as typed, are no request; refused before anything is read."""
MAX_MARKED = 4000
"""The same with what Slack adds: a typed address comes twice, a mention with its id."""
NO_CHOICES: Mapping[str, str] = MappingProxyType({})
_LABELLED = re.compile(r"<[^<>|]*\|([^<>]+)>")
_CONTROLS = frozenset(chr(n) for n in range(32)) - frozenset("\n\r\t")


def read(text: str, *, now: datetime, tz: str, choices: Mapping[str, str] = NO_CHOICES) -> Reading:
    """Return what *text* says; never raises on a text, whatever is in it.

    Args:
        text: As typed in Slack.
        now: The moment, aware.
        tz: The person's zone (IANA), used where the text names none.
        choices: The code of a doubt, and the one of its readings that somebody picked; what
            fits no doubt of the text changes nothing.

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
        return _read(text, now, tz, choices)
    except OverflowError:
        beyond = Unsupported(code="invalid", why=why("invalid"), span=(0, len(text)))
        return Reading(text=text, zone=tz, unsupported=beyond, left_over=(text.strip(),))


def _read(
    text: str, now: datetime, tz: str, choices: Mapping[str, str], *, within: bool = False
) -> Reading:
    # Within the reading of a refused text, its suggestions are read in their place.
    line = Line(plain(text))
    parts = guests.read_marked(line)
    mend(line)
    read_marked_reminders(line, parts.reminders, parts.unsayable)
    found, where = _read_times(line, now, tz, choices)
    labels.read_values(line, parts)
    labels.read_small_names(line, parts)
    refuse_unread(line, found)
    refuse_overlooked(line, found)
    refuse_limits(line, found)
    settled, refusal = Settled(), None
    try:
        settled = settle(found, now, where)
    except Declined as declined:
        _free_weak(line, found)
        refusal = refused(declined, found, line, now.astimezone(where))
    if not settled.weak_used:
        _free_weak(line, found)
    places.read_venue(line, parts)
    if parts.link and parts.venue is None:
        parts.venue = parts.link
    places.read_title(line, parts)
    if settled.rule and refusal is None and time_left(line, parts.left):
        refusal, settled = refused(Declined("vague"), found, line, now.astimezone(where)), Settled()
    reading = assemble(text, line, parts, found, where, settled, refusal)
    if refusal is None or not refusal.suggest or within:
        return reading
    return _placed(
        reading, refusal, line, partial(_read, now=now, tz=tz, choices=choices, within=True)
    )


def _placed(
    reading: Reading, refusal: Unsupported, line: Line, again: Callable[[str], Reading]
) -> Reading:
    # A suggestion takes the place of as many words as it needs to be read right; where no
    # number of them will do, it isn't made.
    first, alone = reading, again(refusal.suggest[0])
    for owners in (set[str | None](), {None, "joiner", "opener"}, {None, "joiner", "title"}):
        if "title" in owners:
            if reading.people or not (reading.title or "").islower():
                break  # a name of its own, no words of the time
            reading = replace(reading, title=None)
        wider = widened(refusal, line, owners)
        if holds(reading, wider, alone, again):
            return replace(reading, unsupported=wider)
    return replace(first, unsupported=replace(refusal, suggest=()))


def _unreadable(text: str) -> Unsupported | None:
    if len(text) > MAX_MARKED or len(_LABELLED.sub(r"\1", text)) > MAX_TEXT:
        return Unsupported(code="too_long", why=why("too_long"), span=(MAX_TEXT, len(text)))
    for place, char in enumerate(text):
        if char in _CONTROLS or "\ud800" <= char <= "\udfff":
            return Unsupported(code="control", why=why("control"), span=(place, place + 1))
    if not text.strip():
        return Unsupported(code="empty", why=why("empty"))
    return None


def _read_times(
    line: Line, now: datetime, tz: str, choices: Mapping[str, str]
) -> tuple[Sketch, ZoneInfo]:
    where = zones.zone(tz)
    snapshot = list(line.owner)
    here = _scan(line, now.astimezone(where), tz, choices)
    if not here.zone or here.zone == tz:
        return here, where
    named = zones.zone(here.zone)
    if now.astimezone(named).date() == here.today:
        return here, named
    # Days count from today in the zone of the words.
    owned = list(line.owner)
    line.owner[:] = snapshot
    there = _scan(line, now.astimezone(named), tz, choices)
    if _comes_to(there, now, named) != _comes_to(here, now, named):
        readings = tuple(f"{found.today.isoformat()} is today" for found in (there, here))
        if there.doubts.choose("zone_day", readings):
            here.doubts.choose("zone_day", readings)
            line.owner[:] = owned
            return here, named
    return there, named


_Reader = Callable[[Line, int, Sketch], int]
_READERS: tuple[_Reader, ...] = (
    bounds.exceptions,
    bounds.until,
    bounds.begin,
    windows.window,
    windows.running,
    windows.in_all,
    windows.weekly_ones,
    openers.every,
    bounds.count,
    adverbs.adverb,
    adverbs.again,
    adverbs.weekdays,
    counted.counted,
    moments.days,
    hours.clock,
    moments.length,
    moments.day,
    moments.end_of_day,
    moments.part,
    moments.place_in_time,
)


def _comes_to(found: Sketch, now: datetime, where: ZoneInfo) -> object:
    try:
        settled = settle(found.copied(), now, where)
    except Declined as declined:
        return declined.code
    return settled.rule, settled.first


def _scan(line: Line, local: datetime, home: str, choices: Mapping[str, str]) -> Sketch:
    found = Sketch(today=local.date(), doubts=Doubts(choices), home=home)
    words = {token.low for token in line.tokens}
    found.month_first = bool(words & {"occurs", "effective"})
    found.repeats = "occurs" in words
    found.spoken_series = bool(words & (lex.EVERY | {"daily", "weekly", "weekdays"}))
    pairs = zip(line.tokens, line.tokens[1:], strict=False)
    found.days_said = any(
        b.low in lex.PLURAL_DAYS or (a.low in lex.EVERY and b.low in lex.WEEKDAYS) for a, b in pairs
    )
    i = 0
    while i < len(line):
        i = max(i + 1, _read_at(line, i, found, local))
    return found


def _read_at(line: Line, i: int, found: Sketch, local: datetime) -> int:
    if not line.at(i).text or (
        line.at(i).glued and line.tokens[i - 1].kind == "word" and line.at(i).kind == "num"
    ):
        return 0
    j = hours.instant(line, i, found, local)
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
        j = i + 1
        while j < len(line) and line.tokens[j].glued and line.owner[j] == "when":
            line.owner[j] = None  # "Half-yearly" is three pieces
            j += 1
