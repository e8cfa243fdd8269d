"""Notices as messages: what is told in a person's direct messages, with its buttons."""

from functools import partial

from bot.journeys.notices import (
    Asked,
    Created,
    NotCreated,
    Notice,
    Unsure,
)
from handlers.slack import ids
from handlers.slack.message import Block, Message, actions, button, context, escape, moment, section
from handlers.slack.message import say as paragraph
from handlers.slack.sentences import apologies
from handlers.slack.sentences import connect as connect_say
from handlers.slack.sentences import meet as say
from handlers.slack.sentences.words import zone


class Notices:
    """Renders notices; knows the commands' names."""

    def __init__(self, commands: ids.Commands) -> None:
        """Take the commands' names."""
        self._commands = commands

    def render(self, notice: Notice) -> Message:
        """Return the message of a notice."""
        match notice:
            case Created():
                return _created(notice)
            case NotCreated():
                why = apologies.sentence(notice.code, dict(notice.values), commands=self._commands)
                text = say.NOT_CREATED.format(title=notice.title, why=why)
                return _with_button(text, "Open the form again", notice.draft_id)
            case Unsure():
                return paragraph(escape(say.UNSURE_NOTICE.format(title=notice.title)))
            case Asked():
                return _asked(notice)
            case _:
                return connect_say.notice(notice, self._commands)


def open_form(draft_id: str) -> Message:
    """Return the offer to open a form that Slack's three seconds cut off."""
    return _with_button(say.OPEN_FORM, "Open the form", draft_id)


def shared(created: Created, user: str) -> Message:
    """Return what a channel sees of a created meeting."""
    text = escape(say.created(created))
    by = section(f"Scheduled by <@{user}>.")
    return Message(text=text, blocks=[section(text), *_clocks(created), by])


def _clocks(created: Created) -> list[Block]:
    """Return the zone of the dates, and the same dates as each reader's clock shows them."""
    if created.all_day or not created.starts:
        return []
    shown = " · ".join(moment(one) for one in created.starts[: say.SHOWN_DATES])
    where = escape(zone(str(created.starts[0].tzinfo)))
    return [context(say.CLOCKS.format(zone=where, dates=shown))]


def _created(created: Created) -> Message:
    text = say.created(created)
    change = f"{ids.SERIES_OPEN}:{ids.MADE}"
    buttons = [button("Change", change, value=created.operation_id)]
    if created.link:
        buttons.append(button("Open in the CRM", ids.MEET_LINK, url=created.link))
    if created.sharable:
        buttons.append(button("Share in the channel", ids.MEET_SHARE, value=created.operation_id))
    return Message(text=escape(text), blocks=[section(escape(text)), actions(*buttons)])


def _asked(asked: Asked) -> Message:
    text = escape(say.ASKED.format(title=asked.title))
    choice = partial(button, value=asked.draft_id)
    return Message(
        text=text,
        blocks=[
            section(text),
            actions(
                choice("Check again", ids.MEET_CHECK),
                choice("It isn't there: create it", ids.MEET_ANYWAY, style="danger"),
            ),
        ],
    )


def _with_button(text: str, label: str, draft_id: str) -> Message:
    said = escape(text)
    press = button(label, ids.MEET_OPEN, value=draft_id, style="primary")
    return Message(text=said, blocks=[section(said), actions(press)])
