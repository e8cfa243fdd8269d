"""What came of an operation on a meeting, as a message with the buttons that go on from it."""

from bot.journeys.series.endings import Removal, RemovalStopped, Removed
from bot.journeys.series.plan import Changed, Stopped
from bot.journeys.series.rule_plan import Reruled, RulePlan, Standing
from handlers.slack import ids
from handlers.slack.message import MESSAGE, Block, Message, actions, button, cut_escaped, escape
from handlers.slack.sentences import series as words
from handlers.slack.sentences import series_outcomes as say
from handlers.slack.series.previews import Ref, paragraphs

GO_ON, LOOK, ANYWAY, BACK, DELETE = "on", "look", "anyway", "back", "delete"
"""Behind SERIES_GO_ON: how a stopped operation goes on."""


def message(text: str, *buttons: Block) -> Message:
    """Return a message of plain *text* and a row of buttons."""
    said = paragraphs(text)
    row = [actions(*buttons)] if buttons else []
    return Message(text=cut_escaped(escape(text), MESSAGE), blocks=[*said, *row])


def changed(one: Changed, ref: Ref, commands: ids.Commands) -> Message:
    """Return what a change has changed, with Undo while that can be."""
    undo = [button(say.UNDO, ids.SERIES_UNDO, value=str(ref))] if one.undo_until else []
    there = button(say.OPEN, ids.SERIES_OPEN, value=one.plan.anchor)
    return message(say.changed(one, commands), *undo, there, *_link(one.plan.link))


def failed_change(title: str, why: str, ref: Ref) -> Message:
    """Return that nothing was changed, with the way back to the form."""
    press = button("Open the form again", f"{ids.SERIES_OPEN}:{ids.RETRY}", value=str(ref))
    return message(say.FAILED.format(title=title, why=why), press)


def stopped(one: Stopped, ref: Ref, commands: ids.Commands) -> Message:
    """Return where a change stands, with the way on."""
    why = words.sorry(one.error, commands)
    return message(say.stopped(one.plan, one.report, why, commands), _on(ref))


def removed(one: Removed, zone: str, commands: ids.Commands) -> Message:
    """Return what has gone; the first of what stays can be opened."""
    text = say.removed(one, zone, commands)
    if one.report.left:
        rest = one.report.left[0].event_id
        return message(text, button(say.OPEN, ids.SERIES_OPEN, value=rest))
    return message(text)


def failed_removal(removal: Removal, why: str) -> Message:
    """Return that nothing has gone, with the way to the meeting."""
    press = button(say.OPEN, ids.SERIES_OPEN, value=removal.anchor)
    text = say.NOT_ENDED[removal.ending].format(title=removal.title, why=why)
    return message(text, press)


def removal_stopped(one: RemovalStopped, ref: Ref, commands: ids.Commands) -> Message:
    """Return where a removal stands, with the way on."""
    why = words.sorry(one.error, commands)
    return message(say.removal_stopped(one.removal.title, one.report, why), _on(ref))


def reruled(one: Reruled) -> Message:
    """Return the new series."""
    made = button(words.CHANGE, f"{ids.SERIES_OPEN}:{ids.MADE}", value=one.created.operation_id)
    return message(say.reruled(one), made, *_link(one.created.link))


def failed_rule(plan: RulePlan, why: str) -> Message:
    """Return that the old series stays, with the way to it."""
    press = button(say.OPEN, ids.SERIES_OPEN, value=plan.anchor)
    return message(say.rule_failed(plan, why), press)


def standing(one: Standing, ref: Ref, zone: str, commands: ids.Commands) -> Message:
    """Return where a change of the rule stands, with every way on and back."""
    on = [_on(ref)]
    if one.unknown:
        on = [_on(ref, say.LOOK_AGAIN, LOOK), _on(ref, say.ANYWAY, ANYWAY, "danger")]
    elif say.only_delete(one):
        on = [_on(ref, say.DELETE_INSTEAD, DELETE, "danger")]
    if one.can_go_back and not one.unknown:
        on.append(_on(ref, say.GO_BACK, BACK))
    return message(say.standing(one, zone, commands), *on)


def _on(ref: Ref, text: str = say.GO_ON, how: str = GO_ON, style: str | None = "primary") -> Block:
    return button(text, f"{ids.SERIES_GO_ON}:{how}", value=str(ref), style=style)


def _link(link: str) -> list[Block]:
    return [button(words.LINK, ids.SERIES_LINK, url=link)] if link else []
