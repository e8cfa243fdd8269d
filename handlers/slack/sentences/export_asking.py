"""What a person reads while asking for an export; every sentence ends with the next step."""

from collections.abc import Mapping
from typing import Final

from bot.domain.export import FileType, Query
from bot.errors import Fault, NotUnderstood, ParleyError
from bot.language import write_criteria
from bot.language.scanner import unescaped
from handlers.slack.ids import Commands
from handlers.slack.sentences import apologies, export

HELP: Final = (
    "*{export}* alone opens a form with your CRM's modules, fields and views.\n"
    "*{export} Leads* exports all fields of all leads.\n"
    "*{export} Leads Last_Name, Email where Last_Name = Boyle* exports two fields of some.\n"
    "*{export} Deals where Amount > 10000 and (Owner = me or Closing_Date in May)* takes "
    "`and`, `or` and parentheses; `contains`, `between`, `in (a, b)`, `is empty` and more.\n"
    "*{export} Leads view “All Leads” as csv* takes a view's records; meetings come `as ics`.\n"
    "*{export} list* shows your exports, *{export} cancel ID* stops one.\n"
    "Type one of them, such as `{export} Leads where Created_Time during last month`."
)
STARTED: Final = (
    "*Export `{id}` has started.* {said}{count} It comes by itself, as a message in your direct "
    "messages with Parley. To stop it, type `{export} cancel {id}`."
)
COUNT: Final = " That is {rows} now."
ALL: Final = "All fields"
VIEW: Final = ", from the view “{view}”"
SAID: Final = "{fields} of {module}{where}{view}, as {file_type}."
WHERE: Final = " where {where}"
CONNECT_FIRST: Final = (
    "Parley exports with your own CRM account, which isn't linked yet. “Connect Zoho CRM” works "
    "once, for ten minutes, and is for you alone: don't pass it on. When you have agreed, press "
    "“Export now”."
)
GO_ON: Final = "Export now"
OPEN_FORM: Final = "Open the form"
SLOW_FORM: Final = "That took longer than Slack keeps a form open for. Press “Open the form”."
SCOPE: Final = (
    "Your CRM connection lacks the permission to export. Type `{crm} connect` and accept all of "
    "them; what you have stays as it is."
)
NOTHING_NEAR: Final = (
    "There is no “{said}” there, nor anything like it. Type `{export}` alone to choose from what "
    "there is."
)
WAIT: Final = "{why} Nothing was started: try again in a minute."
LISTED: Final = "Your exports, the newest first. Press “Cancel” to stop one."
NOTHING_LISTED: Final = "You have no exports. Type `{export}` to ask for one."
MORE_LISTED: Final = "{more} older ones aren't shown. Each has its message above, with its id."
MORE_AT_HOME: Final = "{more} more aren't shown. Type `{export} list` to see them."
AT_HOME: Final = "Your exports"
CANCEL: Final = "Cancel"
CANCEL_TITLE: Final = "Cancel this export?"
CANCEL_SURE: Final = "What there is of it is deleted."
CANCEL_NO: Final = "Go on"
AGAIN: Final = "Again"
CANCELLED: Final = (
    "Export `{id}` is cancelled; what there was of it is deleted. Type `{export}` for another."
)
CANCEL_WHICH: Final = "Say which: `{export} cancel ID`. Type `{export} list` to see the ids."
_AROUND: Final = 40
"""How much of a line is shown on each side of a place."""
_WAITS: Final = frozenset(
    {"crm_unreachable", "crm_down", "crm_slow", "crm_limit", "token_busy", "storage_busy"}
)
_ALIKE: Final = frozenset({"crm_permission", "crm_refused", "crm_too_large"})
"""Told alike while an export is asked for and while it goes on."""


def said(query: Query) -> str:
    """Return in words what an export shall hold, as plain text."""
    fields = query.fields
    listed = ", ".join(fields[:-1]) + f" and {fields[-1]}" if fields[1:] else "".join(fields)
    kind = "an ICS calendar" if query.file_type is FileType.ICS else "CSV"
    return SAID.format(
        fields=listed or ALL,
        module=query.module,
        where=WHERE.format(where=write_criteria(query.criteria)) if query.criteria else "",
        view=VIEW.format(view=query.view.name) if query.view else "",
        file_type=kind,
    )


def count(found: int | None) -> str:
    """Return how much an export would be; nothing where that isn't known."""
    return "" if found is None else COUNT.format(rows=export.rows(found))


def sorry(error: ParleyError, commands: Commands) -> str:
    """Return why nothing was started or stopped, as plain text."""
    return sentence(error.code, error.values, commands, type(error))


def sentence(
    code: str,
    values: Mapping[str, object],
    commands: Commands,
    kind: type[ParleyError] = Fault,
) -> str:
    """Return the sentence of an error while an export is asked for, as plain text."""
    names = {"export": commands.export, "crm": commands.crm}
    if code == "scope":
        return SCOPE.format(**names)
    if code in _WAITS:
        return WAIT.format(why=export.ERRORS[code].format(**names))
    if values.get("near") in ((), []):
        return NOTHING_NEAR.format(said=values["said"], **names)
    line = export.told(code, values)
    if line is not None and (code.startswith("export") or code in _ALIKE):
        return line.format(**values, **names)
    return apologies.sentence(code, values, kind, commands=commands)


def marked(text: str, error: NotUnderstood) -> str:
    """Return the line with the place that can't be read, and a line that points at it.

    Slack's escapes of ``&``, ``<`` and ``>`` are taken back; a long line is cut around the
    place.
    """
    before, there, after = (
        unescaped(part)
        for part in (
            text[: error.start],
            text[error.start : error.end],
            text[error.end :],
        )
    )
    before, there, after = (_one_line(part) for part in (before, there, after))
    if len(before) > _AROUND:
        before = f"…{before[1 - _AROUND :]}"
    if len(there) > _AROUND:
        there = f"{there[: _AROUND - 1]}…"
    if len(after) > _AROUND:
        after = f"{after[: _AROUND - 1]}…"
    return f"{before}{there}{after}\n{' ' * len(before)}{'^' * max(1, len(there))}"


def _one_line(text: str) -> str:
    # Three of them would end the block of code.
    return "".join(" " if one.isspace() else one for one in text).replace("`", "'")
