"""From the words of a request to a draft: what the reader understood, laid into the form."""

from dataclasses import replace
from datetime import datetime, time

from bot.domain.participants import Kind, Participant
from bot.errors import Refused
from bot.journeys.meeting.draft import Doubt, Draft, Lookup, Objection, Place, Sheet
from bot.language import Guest, Reading, read, write, write_length, write_reminder

_KINDS = {"user": Kind.USER, "contact": Kind.CONTACT, "lead": Kind.LEAD}


def from_words(
    draft_id: str,
    words: str,
    *,
    zone: str,
    now: datetime,
    channel: str | None = None,
    response_url: str | None = None,
) -> Draft:
    """Return the draft that *words* stand for; empty words give an empty form.

    Pure. Names become look-ups: nobody is guessed.

    Args:
        draft_id: Ours.
        words: As typed after the command.
        zone: The person's zone, used where the words name none.
        now: Aware; relative words count from here.
        channel: Where the command was typed.
        response_url: Its answer address.
    """
    bare = Draft(
        id=draft_id,
        asked_at=now,
        zone=zone,
        home=zone,
        words=words,
        channel=channel,
        response_url=response_url,
    )
    if not words.strip():
        return bare
    return lay(bare, read(words, now=now, tz=zone))


def lay(draft: Draft, reading: Reading) -> Draft:
    """Return *draft* with a reading laid into its form."""
    refusal = reading.unsupported
    nearest = refusal.suggest if refusal else ()
    lookups, people = _people(reading.people)
    parent = reading.related
    if reading.about is not None:
        lookups = (*lookups, Lookup(key="c", place=Place.CONTACT, name=reading.about))
    module = parent.module if parent else None
    if parent is not None and module is not None:
        lookups = (*lookups, Lookup(key="r", place=Place.RECORD, name=parent.name))
    sheet = Sheet(
        title=reading.title or "",
        day=reading.first_date,
        start=reading.start.time() if reading.start and not reading.all_day else _clock(nearest),
        length=_length(reading),
        repeats=_repeats(reading),
        all_day=reading.all_day,
        people=people,
        venue=reading.venue or "",
        reminders=", ".join(
            [*(write_reminder(one) for one in reading.reminders), *reading.unsayable_reminders]
        ),
        module=module,
        invitations=reading.invitations is not False,
        description=reading.link or "",
    )
    return replace(
        draft,
        zone=reading.zone,
        sheet=sheet,
        doubts=tuple(
            Doubt(code=one.code, readings=one.readings, taken=one.taken) for one in reading.doubts
        ),
        # An unsayable reminder stands in its field, with the nearest ones as its error.
        left_over=tuple(
            word for word in reading.left_over if word not in reading.unsayable_reminders
        ),
        objection=Objection(code="words_refused", place="repeats", values={"why": refusal.why})
        if refusal
        else None,
        suggestions=nearest,
        lookups=lookups,
        more=bool(sheet.venue or sheet.reminders or module or reading.about),
    )


def _clock(suggest: tuple[str, ...]) -> time | None:
    """Return the time of day that all the nearest rules have."""
    clocks = {
        rest[: len("10:00")] for _, at, rest in (one.rpartition(" at ") for one in suggest) if at
    }
    return time.fromisoformat(clocks.pop()) if len(clocks) == 1 else None


def _length(reading: Reading) -> str:
    if reading.duration is None:
        return Sheet().length
    if reading.all_day:
        return "1 day" if reading.duration.days <= 1 else f"{reading.duration.days} days"
    return write_length(reading.duration)


def _repeats(reading: Reading) -> str:
    if reading.rule is None:
        return ""
    return write(reading.rule, reading.first_date) if reading.first_date else ""


def _people(
    guests: tuple[Guest, ...],
) -> tuple[tuple[Lookup, ...], tuple[Participant, ...]]:
    lookups: list[Lookup] = []
    people: list[Participant] = []
    for number, guest in enumerate(guests, start=1):
        key = str(number)
        if guest.slack_id:
            lookups.append(
                Lookup(
                    key=key,
                    place=Place.PEOPLE,
                    name=guest.name or guest.slack_id,
                    slack_id=guest.slack_id,
                )
            )
        elif guest.email:
            try:
                people.append(Participant.by_email(guest.email))
            except Refused:
                lookups.append(Lookup(key=key, place=Place.PEOPLE, name=guest.email))
            else:
                lookups.append(
                    Lookup(key=key, place=Place.PEOPLE, name=guest.email, email=guest.email)
                )
        else:
            kind = _KINDS.get(guest.kind)
            lookups.append(
                Lookup(
                    key=key,
                    place=Place.PEOPLE,
                    name=guest.name or "",
                    kinds=(kind,) if kind else (),
                )
            )
    return tuple(lookups), tuple(people)
