"""What a form about a meeting brings back: its fields, and the change they stand for."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from bot.domain.change import Aspect, ChangeSet, Scope
from bot.domain.event import Event, Related
from bot.errors import NotUnderstood, Refused
from bot.journeys.meeting.draft import Sheet
from bot.journeys.series.moving import moved
from bot.journeys.series.plan import Plan
from bot.language import read_length, read_reminders
from handlers.slack.meeting.state import Resolve, read_sheet
from handlers.slack.series.forms import Typed, draft
from handlers.slack.series.place import (
    Ask,
    Place,
    chosen_module,
    digest,
    digests,
    person_digest,
    sheet_of,
    shown,
)

_T = TypeVar("_T")


def read(view: Mapping[str, Any], place: Place, zone: str, resolve: Resolve) -> Typed:
    """Return what a person has in the form *view*."""
    known = Sheet(all_day=place.all_day, module=chosen_module(view))
    before = draft(place, Typed(sheet=known), zone)
    values = {
        name: next(iter(elements.values()))
        for name, elements in (view.get("state") or {}).get("values", {}).items()
    }
    return Typed(
        sheet=read_sheet(view, before, resolve),
        words=str((values.get("words") or {}).get("value") or "").strip(),
        scope=Scope(_chosen(values.get("scope")) or Scope.ONE),
        mail=bool((values.get("mail") or {}).get("selected_options")),
        ending=_chosen(values.get("ending")) or "cancel_mail",
    )


def _chosen(element: Mapping[str, Any] | None) -> str | None:
    option = (element or {}).get("selected_option")
    return str(option["value"]) if option else None


def check(place: Place, typed: Typed) -> None:
    """Refuse what can be seen to be wrong without the CRM.

    Raises:
        Refused: With the field to blame.
    """
    if place.ask is Ask.CHANGE:
        _fields(place, typed)
    elif place.ask is Ask.REPEATS and not typed.sheet.repeats.strip():
        raise Refused("repeats_unread", field="repeats", left="")


def change(place: Place, typed: Typed, event: Event, zone: str, now: datetime) -> ChangeSet:
    """Return the change that a form stands for: what differs from what it showed first.

    Args:
        place: Where the form stands.
        typed: What is in it.
        event: The meeting as it is.
        zone: The person's zone (IANA).
        now: Aware.

    Raises:
        Refused: With the field to blame.
    """
    if place.ask is Ask.PEOPLE:
        return _people(place, typed, event)
    fields = _fields(place, typed)
    if not typed.words:
        return fields
    to = _within("words", lambda: moved(typed.words, event, person_zone=zone, now=now))
    return replace(
        fields,
        day=to.day or fields.day,
        clock=to.clock or fields.clock,
        length=to.length or fields.length,
    )


def wanted(plan: Plan, made: str | None) -> tuple[Place, Typed]:
    """Return the form of a change that was confirmed, with what it wanted in it.

    Args:
        plan: The change.
        made: The operation that made the meeting, where Parley did.
    """
    step = plan.first or plan.steps[0]
    asked = Ask.PEOPLE if plan.aspects == (Aspect.PEOPLE,) else Ask.CHANGE
    base, target = (sheet_of(one, plan.zone) for one in (step.base, step.target))
    place = Place(
        event=step.event_id,
        made=made,
        ask=asked,
        series=len(plan.steps) > 1,
        all_day=step.base.all_day,
        module=target.module,
        was=digests(base, asked),
    )
    return place, Typed(sheet=target, scope=plan.scope, mail=plan.invitations)


def _people(place: Place, typed: Typed, event: Event) -> ChangeSet:
    was = set(place.was["people"].split())
    now = {person_digest(one) for one in typed.sheet.people}
    return ChangeSet(
        add=tuple(one for one in typed.sheet.people if person_digest(one) not in was),
        remove=tuple(one for one in event.participants if person_digest(one) in was - now),
        invitations=typed.mail,
    )


def _fields(place: Place, typed: Typed) -> ChangeSet:
    sheet = typed.sheet
    new = {name for name, was in place.was.items() if digest(shown(sheet, name)) != was}
    if sheet.day is None:
        raise Refused("date_missing", field="day")
    if sheet.start is None and not place.all_day:
        raise Refused("start_missing", field="start")
    if sheet.module is not None and sheet.record is None:
        raise Refused("record_missing", field="record")
    related = (
        Related(module=sheet.module.value, record=sheet.record)
        if sheet.module is not None and sheet.record is not None and "record" in new
        else None
    )
    return ChangeSet(
        title=sheet.title if "title" in new else None,
        day=sheet.day if "day" in new else None,
        clock=sheet.start if "start" in new else None,
        length=_within("length", lambda: read_length(sheet.length, start=sheet.start))
        if "length" in new
        else None,
        venue=sheet.venue if "venue" in new else None,
        reminders=_within("reminders", lambda: _reminders(sheet)) if "reminders" in new else None,
        contact=sheet.contact if "contact" in new else None,
        no_contact="contact" in new and sheet.contact is None,
        related=related,
        no_related="record" in new and sheet.record is None,
        invitations=typed.mail,
    )


def _reminders(sheet: Sheet) -> Any:
    return read_reminders(sheet.reminders) if sheet.reminders.strip() else ()


def _within(place: str, read: Callable[[], _T]) -> _T:
    try:
        return read()
    except (NotUnderstood, Refused) as error:
        raise Refused(error.code, field=place, **error.values) from error
    except OverflowError as error:
        raise Refused("beyond_calendar", field=place) from error


def blamed(view: Mapping[str, Any], error: Refused) -> str:
    """Return the block that an error of a form belongs to; the first where none does.

    Slack shows errors only under input blocks that are in the view.
    """
    blocks = [str(one["block_id"]) for one in view.get("blocks", ()) if one["type"] == "input"]
    field = {"date": "day", "end": "length"}.get(error.field or "", error.field)
    return next((one for one in blocks if one.partition(".")[0] == field), blocks[0])
