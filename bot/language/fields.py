"""The form's fields: each takes one kind of words and reports everything else."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from bot.domain import zones
from bot.domain.reminder import Reminder
from bot.errors import NotUnderstood
from bot.language import lexicon as lex
from bot.language.clocks import clock_at
from bot.language.lengths import length_at
from bot.language.reader import MAX_TEXT, NO_CHOICES, read
from bot.language.reading import Reading
from bot.language.reminders import Unsayable, read_marked_reminders
from bot.language.scanner import Line, plain
from bot.language.slots import Clock
from bot.language.slots import settle as settle_clocks
from bot.language.writer import write


def read_repeats(
    text: str,
    *,
    now: datetime,
    tz: str,
    first: date | None = None,
    choices: Mapping[str, str] = NO_CHOICES,
) -> Reading:
    """Read the form's "Repeats" field: a rule and its end, nothing else.

    Args:
        text: As typed.
        now: The moment, aware.
        tz: The person's zone (IANA).
        first: The day the form has; a rule without a day of its own takes it from there.
        choices: Readings that were picked, as for ``read``.

    Returns:
        A reading whose ``left_over`` holds everything that is no rule or end of one.
    """
    moment = now
    if first is not None:
        moment = datetime.combine(first, time(), zones.zone(tz))
    reading = read(text, now=moment, tz=tz, choices=choices)
    extra = list(reading.left_over)
    for word in (reading.title, reading.venue):
        if word:
            extra.insert(0, word)
    extra.extend(one.name or one.email or one.slack_id or "" for one in reading.people)
    if reading.start is not None and not reading.all_day:
        extra.append(f"{reading.start:%H:%M}")
    return Reading(
        text=text,
        zone=tz,
        rule=reading.rule,
        first_date=reading.first_date if reading.rule else None,
        doubts=reading.doubts,
        left_over=tuple(extra),
        missing=() if reading.rule or reading.unsupported else ("rule",),
        unsupported=reading.unsupported,
        sentence=write(reading.rule, reading.first_date, meetings=True)
        if reading.rule and reading.first_date
        else None,
        understood=reading.understood,
    )


def read_length(text: str, *, start: time | None) -> timedelta:
    """Read the field "Ends at or lasts": "45 min", "1h30", "11:30", "until 11".

    Args:
        text: As typed.
        start: The start the form has, which an end is counted from.

    Raises:
        NotUnderstood: ``length`` when it is neither; ``length_start`` for an end without
            a start to count from.
    """
    if len(text) > MAX_TEXT:
        raise NotUnderstood("length", end=len(text))
    line = Line(plain(text))
    i = line.skip(0, "for", "lasts", "about", "lasting")
    found = length_at(line, i)
    if found and found[1] == len(line) and timedelta(0) < found[0] <= timedelta(days=31):
        return found[0]
    if line.low(i + 1) in ("day", "days") and line.at(i).kind == "num":
        return timedelta(days=int(float(line.at(i).text)))
    i = line.skip(0, "until", "till", "til", "to", "ends", "end", "at", "by", "-")
    clock = clock_at(line, i, bare=True)
    if clock is None or clock[1] != len(line):
        raise NotUnderstood("length", end=len(text))
    if start is None:
        raise NotUnderstood("length_start", end=len(text))
    begin = Clock(start.hour, start.minute, fixed=True)
    length = settle_clocks(begin, clock[0], None).length
    if length is None or length >= timedelta(hours=12):
        raise NotUnderstood("length", end=len(text))
    return length


def read_reminders(text: str) -> tuple[Reminder, ...]:
    """Read "15 min before, 1 day before at 9:00".

    Raises:
        NotUnderstood: ``reminders``, with the place of what isn't one.
        Refused: A reminder the CRM has no form for, with the nearest it has.
    """
    if len(text) > MAX_TEXT:
        raise NotUnderstood("reminders", end=len(text))
    line = Line(plain(f"remind {text}"))
    kept: list[Reminder] = []
    bad: Unsayable = []
    read_marked_reminders(line, kept, bad)
    free = [token for token, owner in zip(line.tokens, line.owner, strict=True) if owner is None]
    free = [token for token in free if token.low not in lex.JOINERS and token.low != "remind"]
    if bad and not free:
        raise bad[0][1]
    if free or (not kept and text.strip()):
        place = free[0].start - len("remind ") if free else 0
        raise NotUnderstood("reminders", start=max(0, place), end=len(text))
    return tuple(kept)
