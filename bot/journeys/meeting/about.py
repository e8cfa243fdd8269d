"""From a message in Slack to a draft: its first line as the title, its people, and its time."""

import re
from dataclasses import replace
from datetime import datetime
from html import unescape

from bot.domain.connection import Owner
from bot.journeys.meeting.begin import from_words
from bot.journeys.meeting.compose import with_end
from bot.journeys.meeting.draft import Draft, Lookup, Place

TITLE = 80
"""A message is longer than a title should be."""
PEOPLE = 20
_MENTION = re.compile(r"<@(?P<id>[A-Z0-9]{2,20})(?:\|(?P<name>[^>]{0,80}))?>")
_TOKEN = re.compile(r"<[#!@]?[^<>|]{0,300}\|?(?P<label>[^<>]{0,300})>")


def from_message(
    draft_id: str, text: str, *, owner: Owner, author: str | None, zone: str, now: datetime
) -> Draft:
    """Return the draft of a meeting about a message.

    When the message itself says when, the form has it, with the reader's doubts; what it
    can't say, the form asks. Words in it are never called misunderstood: it wasn't
    written to Parley.

    Args:
        draft_id: Ours.
        text: The message as Slack keeps it.
        owner: Who schedules; isn't invited to their own meeting.
        author: The Slack id of who wrote it.
        zone: The owner's zone.
        now: Aware.
    """
    said = with_end(from_words(draft_id, text[: TITLE * 10], zone=zone, now=now))
    timed = said if said.objection is None and said.sheet.day is not None else None
    base = timed or Draft(id=draft_id, asked_at=now, zone=zone, home=zone, words=text)
    ids = dict.fromkeys([author, *(found["id"] for found in _MENTION.finditer(text))])
    wanted = [one for one in ids if one and one != owner.user][:PEOPLE]
    names = {found["id"]: found["name"] for found in _MENTION.finditer(text) if found["name"]}
    sheet = replace(base.sheet, title=_title(text), venue="", reminders="", people=())
    return replace(
        base,
        sheet=replace(sheet, module=None, description=""),
        left_over=(),
        lookups=tuple(
            Lookup(key=str(number), place=Place.PEOPLE, name=names.get(one, one), slack_id=one)
            for number, one in enumerate(wanted, start=1)
        ),
        more=False,
    )


def _title(text: str) -> str:
    # Slack escapes exactly three characters in what people write.
    shown = unescape(_TOKEN.sub(lambda found: found["label"], text))
    line = next((" ".join(one.split()) for one in shown.splitlines() if one.strip()), "")
    if len(line) <= TITLE:
        return line
    return line[: TITLE - 1].rsplit(" ", 1)[0] + "…"
