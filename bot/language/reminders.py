"""Reminders in the text."""

from datetime import time

from bot.domain.reminder import Period, Reminder
from bot.errors import Refused
from bot.language import lexicon as lex
from bot.language.clocks import clock_at
from bot.language.lengths import length_at
from bot.language.scanner import Line, number

Unsayable = list[tuple[str, Refused]]

_OTHERS = frozenset({"the", "a", "an", "my", "our", "their", "your"})
_BEFORE = ("before", "prior", "earlier", "ahead", "beforehand")


def read_marked_reminders(line: Line, kept: list[Reminder], bad: Unsayable) -> None:
    """Take "remind me 10 minutes before" and "reminder: 1 day before at 9:00" out of *line*.

    Args:
        line: The tokens.
        kept: Gets the reminders.
        bad: Gets the reminders the CRM has no form for: their words, and why.
    """
    i = 0
    while i < len(line):
        low = line.low(i)
        j = 0
        if low in ("remind", "reminder", "reminders", "alert", "notify"):
            k = line.skip(
                i + 1, "me", "us", "everyone", "all", "them", ":", "at", "a", "set", "to", "with"
            )
            j = _several(line, k, kept, bad)
        elif low and (line.at(i).kind == "num" or low in lex.NUMBERS or low in ("a", "an", "half")):
            j = _one(line, i, kept, bad, must_say_before=True)
        if j:
            line.take(i, j, "reminder")
        i = max(i + 1, j)


def _several(line: Line, i: int, kept: list[Reminder], bad: Unsayable) -> int:
    done = 0
    while True:
        j = _one(line, i, kept, bad, must_say_before=False)
        if not j:
            return done
        done = j
        i = line.skip(j, ",", "and", "&", ";", "+")
        if i == j:
            return done


def _one(line: Line, i: int, kept: list[Reminder], bad: Unsayable, *, must_say_before: bool) -> int:
    counted = _amount(line, i)
    if counted is None:
        return 0
    unit, period, j = counted
    k = line.skip(j, "reminder")
    said = line.low(k) in _BEFORE or (line.low(k) == "in" and line.low(k + 1) == "advance")
    reminder_noun = k > j
    if said:
        k = line.skip(k, *_BEFORE, "in", "advance", "of", "time")
        k = line.skip(k, "to") if line.low(k + 1) in ("start", "the") else k
        if line.low(k) in ("the", "start", "each", "every") and line.low(
            line.skip(k, "the", "each", "every")
        ) in ("meeting", "start", "call", "event"):
            k = line.skip(k, "the", "each", "every") + 1
    if must_say_before and not reminder_noun and not (said and _of_the_meeting(line, j, k)):
        return 0
    at: time | None = None
    if period in (Period.DAYS, Period.WEEKS) and line.low(k) == "at":
        clock = clock_at(line, k + 1, bare=True)
        if clock:
            at, k = clock[0].assumed().time(), clock[1]
    try:
        kept.append(_reminder(unit, period, at))
    except Refused as error:
        bad.append((line.words(i, k), error))
    return k


def _of_the_meeting(line: Line, j: int, k: int) -> bool:
    # "10 min before", not "10 min earlier" or "10 min before the board call".
    if line.low(j) in ("earlier", "ahead"):
        return False
    if line.low(k) == "of":  # "a week before the start of every month"
        return line.low(line.skip(k + 1, "the")) in ("meeting", "call", "event")
    known = (lex.JOINERS | lex.EVERY) - _OTHERS
    named = line.at(k).kind == "word" and line.low(k) not in known
    return not named or line.low(k + 1) == ":"


def _reminder(unit: int, period: Period, at: time | None) -> Reminder:
    if unit > 60 and at is None:
        return Reminder.minutes(unit * period.minutes)
    return Reminder(unit=unit, period=period, at=at)


def _amount(line: Line, i: int) -> tuple[int, Period, int] | None:
    found = (1, i + 1) if line.low(i) in ("a", "an") else number(line, i)
    if found:
        j = line.skip(found[1], "-")
        token = line.at(j)
        period = lex.PERIODS.get(lex.UNITS.get(token.low, ""))
        if period and (len(token.low) > 1 or token.glued) and line.low(j + 1) not in ("and", "1"):
            longer = length_at(line, i)
            if longer is None or longer[1] == j + 1:
                return found[0], period, j + 1
    length = length_at(line, i)
    if length is None:
        return None
    minutes = length[0].total_seconds() / 60
    return (int(minutes), Period.MINUTES, length[1]) if minutes.is_integer() else None
