"""Messages about exports: what was started, what can't be, and the list."""

from collections.abc import Callable, Sequence

from bot.domain.export import Query
from bot.domain.export_job import ENDED, LIVE, ExportJob, ExportState
from bot.errors import NotUnderstood, ParleyError
from handlers.slack import ids
from handlers.slack.exports.telling import headed, standing
from handlers.slack.message import (
    Block,
    Message,
    actions,
    button,
    confirmation,
    cut,
    escape,
    header,
    say,
    section,
)
from handlers.slack.sentences import connect as connect_say
from handlers.slack.sentences import export, export_asking

SHOWN = 15
"""A message holds fifty blocks, and each export takes two."""
AT_HOME = 5
LONGEST_VALUE = 2000
"""Slack, "Button element": so much fits into a button's value."""
LONGEST_SAID = 2000
"""So much of what was asked is said back: what comes after it must fit, too."""

LinkFor = Callable[[ExportJob], str]
"""Gives the address of an export's download page, for its owner alone."""


def started(job: ExportJob, found: int | None, commands: ids.Commands) -> Message:
    """Return the answer to what was started: what it was taken for, and how much it *found*."""
    said = cut(export_asking.said(Query.from_json(job.query)), LONGEST_SAID)
    return say(
        export_asking.STARTED.format(
            id=job.id,
            said=escape(said),
            count=export_asking.count(found),
            export=commands.export,
        )
    )


def connect_first(words: str, link: str, *, again: str = "") -> Message:
    """Return the answer to somebody without a CRM account: a link, and what was asked kept.

    That is *words*, or the export of the id *again*; without either the form.
    """
    action = ids.EXPORT_AGAIN if again else ids.EXPORT_GO_ON if words else ids.EXPORT_OPEN
    go_on = _with_words(export_asking.GO_ON, again or words, action)
    return say(export_asking.CONNECT_FIRST, actions(connect_say.link_button(link), *go_on))


def refused(words: str, error: ParleyError, commands: ids.Commands) -> Message:
    """Return why words weren't done: with the place, and the form as the way out."""
    why = escape(export_asking.sorry(error, commands))
    if not isinstance(error, NotUnderstood):
        return say(why)
    code = escape(export_asking.marked(words, error))
    return say(f"{why}\n```\n{code}\n```", *_row(_with_words(export_asking.OPEN_FORM, words)))


def open_form(words: str) -> Message:
    """Return the offer to open the form, which Slack's three seconds cut off."""
    return say(export_asking.SLOW_FORM, actions(*_with_words(export_asking.OPEN_FORM, words)))


def listed(jobs: Sequence[ExportJob], link_for: LinkFor, commands: ids.Commands) -> Message:
    """Return the answer to ``list``."""
    if not jobs:
        return say(export_asking.NOTHING_LISTED.format(export=commands.export))
    return say(
        export_asking.LISTED, *_rows(jobs, link_for, commands, SHOWN, export_asking.MORE_LISTED)
    )


def at_home(jobs: Sequence[ExportJob], link_for: LinkFor, commands: ids.Commands) -> list[Block]:
    """Return what the Home tab shows: what runs, and what can still be fetched."""
    shown = [job for job in jobs if job.state in LIVE or job.state is ExportState.DONE]
    if not shown:
        return []
    blocks = _rows(shown, link_for, commands, AT_HOME, export_asking.MORE_AT_HOME)
    return [header(export_asking.AT_HOME), *blocks]


def _rows(
    jobs: Sequence[ExportJob], link_for: LinkFor, commands: ids.Commands, limit: int, more: str
) -> list[Block]:
    """Return each export with what can be done about it, and how many *more* there are."""
    blocks = [
        block
        for job in jobs[:limit]
        for block in (section(_line(job, commands)), actions(*_buttons(job, link_for)))
    ]
    if len(jobs) > limit:
        left = len(jobs) - limit
        blocks.append(section(more.format(more=left, export=commands.export)))
    return blocks


def _line(job: ExportJob, commands: ids.Commands) -> str:
    return f"{headed(job)}\n{standing(job, commands)}"


def _buttons(job: ExportJob, link_for: LinkFor) -> list[Block]:
    if job.state not in ENDED:
        sure = confirmation(
            export_asking.CANCEL_TITLE,
            export_asking.CANCEL_SURE,
            yes=export_asking.CANCEL,
            no=export_asking.CANCEL_NO,
        )
        stop = button(export_asking.CANCEL, ids.EXPORT_CANCEL, value=job.id, confirm=sure)
        return [stop]
    again = button(export_asking.AGAIN, ids.EXPORT_AGAIN, value=job.id)
    if job.state is ExportState.DONE and job.progress.files:
        page = button(export.OPEN, ids.EXPORT_LINK, url=link_for(job), style="primary")
        return [page, again]
    return [again]


def _with_words(label: str, words: str, action: str = ids.EXPORT_OPEN) -> list[Block]:
    """Return a button that keeps *words*; none where they are too long for it."""
    return [button(label, action, value=words)] if len(words) <= LONGEST_VALUE else []


def _row(buttons: list[Block]) -> list[Block]:
    return [actions(*buttons)] if buttons else []
