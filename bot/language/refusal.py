"""What was refused: why, where, what can be said instead, and putting that in its place."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from bot.language import lexicon as lex
from bot.language.advice import suggestions, why
from bot.language.reading import Reading, Span, Unsupported
from bot.language.rules import Declined
from bot.language.scanner import Line
from bot.language.sketch import Sketch


def refused(declined: Declined, found: Sketch, line: Line, local: datetime) -> Unsupported:
    """Return the refusal with its suggestions.

    Args:
        declined: The code and the place.
        found: The parts.
        line: The tokens, with the readers of times done.
        local: The moment, in the zone of the meeting.
    """
    places = _time_words(line, found)
    span = declined.span
    if span == (0, 0) and places:
        span = places[0][0], places[-1][1]
    return Unsupported(
        code=declined.code,
        why=why(declined.code),
        span=span,
        suggest=suggestions(declined.code, found, local),
        instead_of=places,
    )


def replaced(text: str, refusal: Unsupported, suggestion: str) -> str:
    """Return *text* with *suggestion* where the refused words of time stood.

    Reading it gives the suggestion's rule, and the people, place and title of *text*.

    Args:
        text: The request that was read.
        refusal: Its ``Reading.unsupported``.
        suggestion: One of ``refusal.suggest``.
    """
    if not refusal.instead_of:
        return f"{text.rstrip()} {suggestion}"
    pieces: list[str] = []
    done = 0
    for start, end in refusal.instead_of:
        pieces.append(text[done:start].rstrip(" "))
        if not done:
            pieces.append(suggestion)
        done = max(end, 1)
    pieces.append(text[done:].lstrip(" "))
    return " ".join(piece for piece in pieces if piece)


def widened(refusal: Unsupported, line: Line, owners: set[str | None]) -> Unsupported:
    """Return the refusal with the words of *owners* among those that a suggestion replaces."""
    if not owners:
        return refusal
    spans: list[Span] = []
    beside = False
    for token, owner in zip(line.tokens, line.owner, strict=True):
        place = (token.start, token.end)
        mine = owner in owners or _within(place, list(refusal.instead_of))
        if mine and beside:
            spans[-1] = spans[-1][0], token.end
        elif mine:
            spans.append(place)
        beside = mine
    return replace(refusal, instead_of=tuple(spans))


def holds(
    reading: Reading, refusal: Unsupported, alone: Reading, again: Callable[[str], Reading]
) -> bool:
    """Say whether the first suggestion comes to its own rule in the place of the words.

    Args:
        reading: Of the refused text.
        refusal: The one to try.
        alone: Of its first suggestion.
        again: Reads a text as that text was read.
    """
    whole = again(replaced(reading.text, refusal, refusal.suggest[0]))
    same = (alone.rule, alone.start) == (whole.rule, whole.start)
    kept = (reading.title, reading.venue) == (whole.title, whole.venue)
    return same and kept and whole.unsupported is None


def _time_words(line: Line, found: Sketch) -> tuple[Span, ...]:
    # Everything said of days and times, with what joins it; the length stays.
    bad = [span for _, span in found.refusals]
    for i, token in enumerate(line.tokens):
        if line.at(i).text and _within((token.start, token.end), bad):
            line.take(i, i + 1, "when")
    for i in range(len(line) - 1, 0, -1):
        leads = line.low(i - 1) in lex.HANGING | lex.BOUNDING | lex.EXCEPT
        if line.owner[i] == "when" and leads and not line.at(i - 1).glued:
            line.take(i - 1, i, "when")
    spans: list[Span] = []
    joint = True
    for token, owner in zip(line.tokens, line.owner, strict=True):
        place = (token.start, token.end)
        if _within(place, found.aside):
            joint = False
        elif owner == "when":
            if spans and joint:
                spans[-1] = spans[-1][0], token.end
            else:
                spans.append(place)
            joint = True
        elif owner is not None or token.low not in lex.JOINERS or token.text in ",;|\n":
            joint = False
    return tuple(spans)


def _within(place: Span, spans: list[Span]) -> bool:
    return any(start <= place[0] and place[1] <= end for start, end in spans)
