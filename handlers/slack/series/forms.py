"""The windows about a meeting that stands: what it is, and the forms that change it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.domain.change import Scope
from bot.journeys.meeting.draft import Draft, Sheet
from bot.journeys.series.opened import Opened
from handlers.slack import ids
from handlers.slack.meeting.fields import OPTIONAL, element
from handlers.slack.meeting.form import View
from handlers.slack.message import (
    Block,
    actions,
    button,
    context,
    escape,
    header,
    option,
    plain,
    section,
)
from handlers.slack.sentences import meet
from handlers.slack.sentences import series as say
from handlers.slack.sentences.words import zone as zone_words
from handlers.slack.series.place import Ask, Place, place_of

_TITLES = {
    Ask.CHANGE: "Change a meeting",
    Ask.PEOPLE: "People of a meeting",
    Ask.REPEATS: "How it repeats",
    Ask.CANCEL: "Cancel a meeting",
    Ask.DELETE: "Delete a meeting",
}
_LONGEST = {"reminders": 300, "length": 60}


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a person has in a form about a meeting.

    Attributes:
        sheet: The fields it shares with the form that makes a meeting.
        words: Where to move it, in words.
        scope: How far a change reaches.
        mail: Whether the CRM mails the participants.
        ending: How the old meetings of a new rule go.
    """

    sheet: Sheet = field(default_factory=Sheet)
    words: str = ""
    scope: Scope = Scope.ONE
    mail: bool = False
    ending: str = "cancel_mail"


def window(place: Place | None, blocks: Sequence[Block], *, submit: str | None = None) -> View:
    """Return a view about a meeting."""
    ask = place.ask if place else None
    view: View = {
        "type": "modal",
        "callback_id": ids.SERIES_FORM if submit else ids.SERIES_CARD,
        "private_metadata": place.text() if place else "",
        "title": plain(_TITLES[ask] if ask else say.TITLE),
        "close": plain("Close"),
        "blocks": list(blocks),
    }
    if submit:
        view["submit"] = plain(submit)
    return view


def saying(text: str, *more: Block, place: Place | None = None) -> View:
    """Return a view that says something, with buttons below."""
    return window(place, [section(escape(text)), *more])


def card(opened: Opened, zone: str, *, rest: str | None = None) -> View:
    """Return the view of a meeting, and what can be done with it.

    Args:
        opened: The meeting.
        zone: The person's zone (IANA).
        rest: Said in place of its series, where that isn't read.
    """
    event, where = opened.event, opened.days(zone)
    asks = ((Ask.CHANGE, say.CHANGE), (Ask.PEOPLE, say.PEOPLE), (Ask.REPEATS, say.REPEATS))
    ends = ((Ask.CANCEL, say.CANCEL), (Ask.DELETE, say.DELETE))
    ask = [button(text, f"{ids.SERIES_ASK}:{one}") for one, text in asks]
    end = [button(text, f"{ids.SERIES_ASK}:{one}", style="danger") for one, text in ends]
    link = [button(say.LINK, ids.SERIES_LINK, url=event.link)] if event.link else []
    return window(
        place_of(event, None, where),
        [
            header(event.title),
            section(escape(say.card(opened, where, rest))),
            actions(*ask, block_id="change"),
            actions(*end, *link, block_id="end"),
        ],
    )


def form(place: Place, typed: Typed, zone: str, *, objection: str = "") -> View:
    """Return a form about a meeting as a person has it.

    Args:
        place: Where it stands.
        typed: What is in it.
        zone: The person's zone (IANA).
        objection: What was wrong with the last try.
    """
    blocks = [context(escape(f"⚠ {objection}"))] if objection else []
    match place.ask:
        case Ask.CHANGE:
            blocks += _change(place, typed, zone)
        case Ask.PEOPLE:
            blocks += [_shared(draft(place, typed, zone), "people"), *_reach(place, typed)]
        case Ask.REPEATS:
            blocks += _repeats(typed)
        case Ask.CANCEL:
            blocks += _reach(place, typed)
        case _:
            blocks += _scope(place, typed)
    return window(place, blocks, submit=say.SHOW)


def draft(place: Place, typed: Typed, zone: str) -> Draft:
    """Return what the shared fields of the form are drawn from, and read against."""
    return Draft(
        id="",
        asked_at=datetime.min.replace(tzinfo=UTC),
        zone=zone,
        sheet=typed.sheet,
        epochs={"record": place.turn},
    )


def _change(place: Place, typed: Typed, zone: str) -> list[Block]:
    one = draft(place, typed, zone)
    times = ["day"] if place.all_day else ["day", "start", "length"]
    blocks = [_shared(one, name) for name in ("title", *times)]
    blocks.append(_text("words", say.MOVE, typed.words, hint=say.MOVE_HINT))
    blocks += [_shared(one, name) for name in ("venue", "reminders", "contact", "module")]
    if one.sheet.module is not None:
        blocks.append(_shared(one, "record"))
    return [*blocks, *_reach(place, typed)]


def _shared(one: Draft, name: str) -> Block:
    """Return a field of the form that makes meetings."""
    module = name == "module"
    block: Block = {
        "type": "input",
        "block_id": f"{name}.{one.epochs.get(name, 0)}",
        "optional": name in OPTIONAL,
        "label": plain(meet.LABELS[name]),
        "element": {
            "action_id": ids.SERIES_MODULE if module else ids.action(name),
            **element(one, name),
        },
    }
    block["element"].pop("dispatch_action_config", None)
    if name in _LONGEST:
        block["element"]["max_length"] = _LONGEST[name]
    if module:
        block["dispatch_action"] = True
    hint = meet.ZONE_HINT.format(zone=zone_words(one.zone)) if name == "start" else None
    hint = hint or (meet.HINTS.get(name) if name in {"length", "people"} else None)
    if hint:
        block["hint"] = plain(hint)
    return block


def _repeats(typed: Typed) -> list[Block]:
    return [
        _text("repeats.0", say.REPEATS, typed.sheet.repeats, hint=say.RULE_HINT, optional=False),
        _radios("ending", say.RULE_OLD, say.RULE_ENDINGS, typed.ending),
        _tick("mail", say.MAIL, say.MAIL_NEW, ticked=typed.mail),
    ]


def _reach(place: Place, typed: Typed) -> list[Block]:
    mail = _tick("mail", say.MAIL, say.MAIL_CHANGE, ticked=typed.mail)
    return [*_scope(place, typed), mail]


def _scope(place: Place, typed: Typed) -> list[Block]:
    return [_radios("scope", say.SCOPE, say.SCOPES, typed.scope)] if place.series else []


def _input(name: str, label: str, element: Block, *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": name,
        "optional": optional,
        "label": plain(label),
        "element": {"action_id": f"series_{name.partition('.')[0]}", **element},
    }


def _text(name: str, label: str, value: str, *, hint: str, optional: bool = True) -> Block:
    element: Block = {"type": "plain_text_input", "max_length": 300}
    if value:
        element["initial_value"] = value
    return {**_input(name, label, element, optional=optional), "hint": plain(hint)}


def _radios(name: str, label: str, choices: Any, chosen: str) -> Block:
    options = {key: option(text, str(key)) for key, text in choices.items()}
    element: Block = {
        "type": "radio_buttons",
        "options": list(options.values()),
        "initial_option": options[chosen],
    }
    return _input(name, label, element)


def _tick(name: str, label: str, text: str, *, ticked: bool) -> Block:
    choice = option(text, "yes")
    element: Block = {"type": "checkboxes", "options": [choice]}
    if ticked:
        element["initial_options"] = [choice]
    return _input(name, label, element, optional=True)
