"""Zoho's words in ours: a record of Events as read one by one, and its parts."""

from collections.abc import Mapping
from datetime import time
from types import MappingProxyType
from typing import Final

from bot.crm.shapes import (
    Json,
    identity,
    mapping,
    moment,
    objects,
    optional_object,
    optional_text,
    text,
    truth,
    whole,
)
from bot.domain.event import Event, Related
from bot.domain.meeting import Record
from bot.domain.participants import Kind, Participant
from bot.domain.reminder import Period, Reminder
from bot.errors import Fault, Refused


def participant(source: Mapping[str, object]) -> Participant:
    """Return one entry of a record's ``Participants``.

    Raises:
        Fault: ``crm_shape``, also for a type we don't know: a list we can't read whole
            could drop somebody when it is written back.
    """
    try:
        kind = Kind(text(source, "type"))
    except ValueError:
        raise Fault("crm_shape", where="type") from None
    email = optional_text(source, "Email")
    ref = optional_text(source, "participant") or (email if kind is Kind.EMAIL else None)
    if ref is None:
        raise Fault("crm_shape", where="participant")
    return Participant(
        kind=kind,
        ref=ref,
        name=optional_text(source, "name") or email or ref,
        email=ref if kind is Kind.EMAIL else email,
        participation_id=identity(source),
    )


def event(source: Json, link: str) -> Event:
    """Return a record of Events as read one by one (lists leave Participants out).

    Raises:
        Fault: ``crm_shape``.
    """
    people = () if source.get("Participants") is None else objects(source, "Participants")
    repeating = optional_object(source, "Recurring_Activity")
    return Event(
        id=identity(source),
        title=text(source, "Event_Title"),
        start=moment(source, "Start_DateTime"),
        end=moment(source, "End_DateTime"),
        all_day=truth(source, "All_day", missing=False),
        participants=tuple(participant(mapping(one)) for one in people),
        series=optional_text(source, "$u_id"),
        rule=optional_text(repeating, "RRULE") if repeating is not None else None,
        modified_at=moment(source, "Modified_Time"),
        description=optional_text(source, "Description"),
        venue=optional_text(source, "Venue"),
        link=link,
        reminders=reminders(source.get("Remind_At")),
        contact=_record(source, "Who_Id"),
        related=_related(source),
        host=_record(source, "Owner"),
        created_at=moment(source, "Created_Time") if source.get("Created_Time") else None,
        invited=any(mapping(one).get("invited") is True for one in people),
    )


def _record(source: Json, key: str) -> Record | None:
    found = optional_object(source, key)
    if found is None:
        return None
    known = identity(found)
    return Record(id=known, name=optional_text(found, "name") or known)


def _related(source: Json) -> Related | None:
    record = _record(source, "What_Id")
    module = optional_text(source, "$se_module")
    return None if record is None or module is None else Related(module=module, record=record)


def reminders(value: object) -> tuple[Reminder, ...] | None:
    """Return what ``Remind_At`` says; None for a form of it we can't read.

    Insert Records writes minutes and days in its sample, mins and hrs in its text, and a
    time of day with a dot. Older versions answer one absolute time.
    """
    if not value:
        return ()
    if not isinstance(value, list):
        return None
    try:
        return tuple(_read_reminder(mapping(one)) for one in value)
    except (Fault, Refused, ValueError, KeyError):
        return None


def _read_reminder(source: Json) -> Reminder:
    at = optional_text(source, "time")
    return Reminder(
        unit=whole(source, "unit"),
        period=_PERIODS[text(source, "period")],
        at=time.fromisoformat(at.replace(".", ":")) if at else None,
    )


_PERIODS: Final[Mapping[str, Period]] = MappingProxyType(
    {
        **{one.value: one for one in Period},
        "mins": Period.MINUTES,
        "hrs": Period.HOURS,
    }
)
