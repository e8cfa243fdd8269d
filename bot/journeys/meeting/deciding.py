"""What the words left open, decided by a click: the form changes where the words now differ."""

from collections.abc import Mapping
from dataclasses import replace

from bot.journeys.meeting.begin import lay
from bot.journeys.meeting.compose import with_end
from bot.journeys.meeting.draft import Draft
from bot.language import Reading, read, replaced

_FIELDS = ("title", "day", "start", "length", "repeats", "all_day")


def decide(draft: Draft, code: str, reading: str) -> Draft:
    """Return the draft with the doubt *code* read as *reading*.

    Fields that the words mean otherwise now are set; all others stay as the person has
    them. A doubt of what was typed into “Repeats” changes the dates alone.
    """
    choices = {**draft.choices, code: reading}
    if any(one.code == code for one in draft.doubts):
        return _read_again(draft, draft.words, choices)
    return replace(draft, choices=choices)


def settle_for(draft: Draft, suggestion: str) -> Draft:
    """Return the draft with the refused words replaced by a rule that can be had.

    An unknown *suggestion* changes nothing: the words were replaced before.
    """
    refused = _read(draft, draft.words, draft.choices).unsupported
    if refused is None or suggestion not in refused.suggest:
        return draft
    return _read_again(draft, replaced(draft.words, refused, suggestion), draft.choices)


def _read(draft: Draft, words: str, choices: Mapping[str, str]) -> Reading:
    return read(words, now=draft.asked_at, tz=draft.home or draft.zone, choices=choices)


def _read_again(draft: Draft, words: str, choices: dict[str, str]) -> Draft:
    before = with_end(lay(draft, _read(draft, draft.words, draft.choices)))
    after = with_end(lay(draft, _read(draft, words, choices)))
    changes = {
        name: getattr(after.sheet, name)
        for name in _FIELDS
        if getattr(after.sheet, name) != getattr(before.sheet, name)
    }
    return replace(
        draft.sets(**changes),
        words=words,
        choices=choices,
        zone=after.zone if after.zone != before.zone else draft.zone,
        doubts=after.doubts,
        left_over=after.left_over,
        suggestions=after.suggestions,
        objection=after.objection,
        proposed=after.proposed,
    )
