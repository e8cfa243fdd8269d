"""The meeting form: a page of the journey as a view.

Slack keeps what was typed in a block whose block_id stays, so a field that Parley sets
gets a new one: ``title.0`` becomes ``title.1`` (Slack, "Updating modal views").
"""

import json
from typing import Any

from bot.journeys.meeting.draft import Demanded, Doubt, Draft, Found, Lookup
from bot.journeys.meeting.meet import Page
from handlers.slack import ids
from handlers.slack.meeting.fields import (
    FIRST,
    LIVE,
    MORE,
    OPTIONAL,
    PLACES,
    demanded_element,
    element,
    person_label,
)
from handlers.slack.message import Block, actions, button, context, divider, escape, option, plain
from handlers.slack.sentences import apologies, meetings
from handlers.slack.sentences import meet as say
from handlers.slack.sentences.doubts import doubt, reading
from handlers.slack.sentences.words import names, readable, zone

View = dict[str, Any]


def form(page: Page, commands: ids.Commands) -> View:
    """Return the form's view."""
    return _Form(page, commands).view()


def notice_view(text: str, *, draft: str = "", title: str = say.FORM_TITLE) -> View:
    """Return a view that only says something: working, done, or gone."""
    return {
        "type": "modal",
        "callback_id": ids.MEET_FORM,
        "private_metadata": json.dumps({"draft": draft}),
        "title": plain(title),
        "close": plain("Close"),
        "blocks": [{"type": "section", "text": plain(text)}],
    }


class _Form:
    """One rendering."""

    def __init__(self, page: Page, commands: ids.Commands) -> None:
        self.page = page
        self.draft: Draft = page.draft
        self.commands = commands

    def view(self) -> View:
        preview = self.page.preview
        blocks: list[Block] = [*self._top()]
        for field in FIRST:
            blocks += self._field(field)
        for demanded in self.draft.demanded or ():
            blocks += self._demanded(demanded)
        blocks.append(self._buttons())
        if self.draft.more:
            for field in MORE:
                if field != "record" or self.draft.sheet.module is not None:
                    blocks += self._field(field)
        blocks += [divider(), self._preview()]
        return {
            "type": "modal",
            "callback_id": ids.MEET_FORM,
            "private_metadata": self._metadata(),
            "title": plain(say.FORM_TITLE),
            "submit": plain(say.create_button(preview.count if preview else 1)),
            "close": plain("Cancel"),
            "blocks": blocks,
        }

    def _metadata(self) -> str:
        # The screen says itself what it shows: an update that never arrived can't be
        # mistaken for one that did.
        preview = self.page.preview
        return json.dumps(
            {
                "draft": self.draft.id,
                "shown": preview.promise if preview else None,
                "warned": preview.size if preview and self.page.warn else None,
            }
        )

    def _top(self) -> list[Block]:
        doubts = (*self.draft.doubts, *self.page.composed.doubts)
        lines = [*self._warnings(), *(doubt(one) for one in doubts if not one.open)]
        if self.draft.left_over:
            words = ", ".join(f"“{readable(word)}”" for word in self.draft.left_over)
            lines.append(say.LEFT_OVER.format(words=words))
        if self.draft.suggestions:
            lines.append(say.NEAREST)
        if self.draft.words.partition(" ")[0].casefold() in say.CHANGES:
            lines.append(say.CHANGING.format(meet=self.commands.meet))
        pending = [one.name for one in self.draft.lookups if one.state is Found.PENDING]
        if pending:
            lines.append(say.LOOKING_UP.format(names=names(pending)))
        top = [context(escape("\n".join(lines)), block_id="top")] if lines else []
        return [
            *top,
            *_suggestions(self.draft.suggestions),
            *(_choice(one) for one in doubts if one.open),
            *(block for one in self.draft.unsettled() for block in _lookup(one)),
        ]

    def _warnings(self) -> list[str]:
        lines = []
        objection = self.draft.objection
        if objection is not None and not self._on_screen(objection.place):
            lacking = self.draft.lacks if objection.code == "field_missing" else None
            elsewhere = say.DEMANDED_ELSEWHERE.format(label=lacking)
            lines.append(f"⚠ {elsewhere if lacking else self._objection()}")
        if self.page.warn and self.page.preview is not None:
            lines.append(f"⚠ {say.warning(self.page.preview)}")
        elif self.draft.unseen:
            lines.append(f"⚠ {say.CHANGED}")
        return lines

    def _on_screen(self, place: str | None) -> bool:
        field = PLACES.get(place or "", place)
        demanded = {f"field:{one.api_name}" for one in self.draft.demanded or ()}
        return field in FIRST or (self.draft.more and field in MORE) or field in demanded

    def _objection(self) -> str:
        objection = self.draft.objection
        if objection is None:
            return ""
        return apologies.sentence(objection.code, objection.values, commands=self.commands)

    def _field(self, field: str) -> list[Block]:
        draft = self.draft
        block: Block = {
            "type": "input",
            "block_id": f"{field}.{draft.epochs.get(field, 0)}",
            "optional": field in OPTIONAL,
            "label": plain(say.LABELS[field]),
            "element": {"action_id": ids.action(field), **element(draft, field)},
        }
        if field in LIVE:
            block["dispatch_action"] = True
        hint = say.HINTS.get(field)
        if field == "start":
            hint = say.ZONE_HINT.format(zone=zone(draft.zone))
        if hint:
            block["hint"] = plain(hint)
        return self._objected(field, block)

    def _objected(self, field: str, block: Block) -> list[Block]:
        objection = self.draft.objection
        if objection is None or PLACES.get(objection.place or "", objection.place) != field:
            return [block]
        return [context(escape(f"⚠ {self._objection()}"), block_id="objection"), block]

    def _demanded(self, field: Demanded) -> list[Block]:
        name = f"field:{field.api_name}"
        if field.kind == "other":
            text = say.DEMANDED_ELSEWHERE.format(label=field.label)
            return [context(escape(text), block_id=name)]
        value = self.draft.sheet.demanded.get(field.api_name, "")
        block: Block = {
            "type": "input",
            "block_id": name,
            "optional": field.kind == "tick",
            "label": plain(field.label),
            "element": {"action_id": ids.MEET_DEMANDED, **demanded_element(field, value)},
        }
        return self._objected(name, block)

    def _buttons(self) -> Block:
        return actions(
            button(say.SHOW_DATES, ids.MEET_PREVIEW),
            button(say.FEWER if self.draft.more else say.MORE, ids.MEET_MORE),
            block_id="buttons",
        )

    def _preview(self) -> Block:
        if self.page.preview is not None:
            preview = self.page.preview
            those = self.draft.overlaps.get(preview.promise, ())
            lines = meetings.overlaps(those, preview.meeting.start.tzinfo)
            text = "\n".join([say.preview(preview), *lines])
        else:
            missing = [
                apologies.apology(error, self.commands) for error in self.page.composed.errors
            ]
            text = "\n".join([say.NO_DATES, *dict.fromkeys(missing)])
        return {"type": "section", "block_id": "preview", "text": plain(text)}


def _suggestions(rules: tuple[str, ...]) -> list[Block]:
    picks = [
        button(rule, f"{ids.MEET_SUGGESTION}:{number}", value=rule)
        for number, rule in enumerate(rules)
    ]
    return [actions(*picks, block_id="nearest")] if picks else []


def _choice(one: Doubt) -> Block:
    options = {text: option(reading(text), text) for text in one.readings}
    menu: Block = {
        "type": "static_select",
        "action_id": ids.MEET_DOUBT,
        "placeholder": plain(say.DOUBT_CHOICE),
        "options": list(options.values()),
    }
    if one.taken:
        menu["initial_option"] = options[one.taken]
    return {
        "type": "section",
        "block_id": f"doubt:{one.code}",
        "text": plain(doubt(one)),
        "accessory": menu,
    }


def _lookup(lookup: Lookup) -> list[Block]:
    if lookup.state is Found.PENDING:
        return []
    choices = [
        option(person_label(one.name, one.kind, one.email), one.value) for one in lookup.candidates
    ]
    return [
        {
            "type": "input",
            "block_id": f"lookup:{lookup.key}",
            "dispatch_action": True,
            "optional": True,
            "label": plain(say.WHO.format(name=lookup.name)),
            "hint": plain(_hint(lookup)),
            "element": {
                "type": "static_select",
                "action_id": ids.MEET_LOOKUP,
                "placeholder": plain("Choose"),
                "options": [*choices, option(say.LEFT_OUT, "none")],
            },
        }
    ]


def _hint(lookup: Lookup) -> str:
    if lookup.state is Found.UNASKED:
        return say.UNASKED
    return say.SEVERAL if lookup.candidates else say.NOBODY[lookup.place]
