"""``/crm``: connecting, its code, its status, and taking it back, as messages.

Each function does one job of the worker and returns what to say; nothing here talks to Slack.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.connection import GrantState, Owner
from bot.errors import ParleyError, TryLater
from bot.journeys.account.connect import Connect
from bot.journeys.account.connecting import CODE_LENGTH, Connection
from handlers.slack import ids, payloads
from handlers.slack.message import (
    Block,
    Message,
    actions,
    button,
    confirmation,
    context,
    escape,
    modal,
    say,
    section,
    text_input,
)
from handlers.slack.sentences import apologies
from handlers.slack.sentences import connect as words_of

SHOWN = 12
"""Connections in one message: with four blocks each they stay within Slack's fifty."""
CODE_BLOCK = "code"
CODE_FIELD = "crm_code_text"


def crm(
    connect: Connect, owner: Owner, words: str, *, now: datetime, commands: ids.Commands
) -> Message:
    """Answer ``/crm words``; unknown words get the help.

    Raises:
        ParleyError: Storage is busy, or unreadable.
    """
    verb, _, rest = words.strip().partition(" ")
    match verb.casefold(), rest.strip():
        case "connect", "":
            return offer(connect, owner, now=now)
        case "connect", code:
            return submit_code(connect, owner, code, now=now, commands=commands)
        case "status", "":
            return status(connect, owner, now=now, commands=commands)
        case "disconnect", "":
            return ask_disconnect(connect, owner, now=now, commands=commands)
        case _:
            return say(words_of.HELP.format(crm=commands.crm))


def offer(connect: Connect, owner: Owner, *, now: datetime, draft_id: str | None = None) -> Message:
    """Return a message with a fresh link, and with the code's button where one is expected."""
    known = [one for one in connect.status(owner, now).connections if one.readable]
    pending = next((one for one in known if one.state is GrantState.PENDING), None)
    used = next((one for one in known if one.in_use), None)
    if pending is not None:
        text = words_of.CODE_EXPECTED.format(account=escape(pending.account))
    elif used is not None:
        text = words_of.CONNECTED_ALREADY.format(
            account=escape(used.account), organization=escape(used.organization)
        )
    else:
        text = words_of.CONNECT
    link = connect.link(owner, now=now, draft_id=draft_id)
    buttons = [words_of.link_button(link)]
    if pending is not None:
        buttons.insert(0, words_of.code_button())
    return say(text, actions(*buttons))


def code_modal() -> Block:
    """Return the form in which the browser's code is typed."""
    field = text_input(
        words_of.CODE_LABEL,
        CODE_FIELD,
        block_id=CODE_BLOCK,
        hint=words_of.CODE_HINT,
        max_length=40,
    )
    return modal(
        words_of.CODE_TITLE, [field], callback_id=ids.CRM_CODE_FORM, submit=words_of.CODE_SUBMIT
    )


def typed_code(view: Mapping[str, Any]) -> str:
    """Return the code in a submitted form; empty where there is none."""
    values = (view.get("state") or {}).get("values", {})
    return str(values.get(CODE_BLOCK, {}).get(CODE_FIELD, {}).get("value") or "")


def code_errors(view: Mapping[str, Any]) -> dict[str, str]:
    """Return Slack's errors by block id for a code that can't be one; empty when it can."""
    letters = [letter for letter in typed_code(view) if letter.isalnum()]
    return {} if len(letters) == CODE_LENGTH else {CODE_BLOCK: words_of.CODE_SHAPE}


def submit_code(
    connect: Connect, owner: Owner, code: str, *, now: datetime, commands: ids.Commands
) -> Message:
    """Confirm a typed code and return what came of it."""
    try:
        result = connect.confirm(owner, code, now)
    except ParleyError as error:
        retry = [actions(words_of.code_button())] if error.code == "code_wrong" else []
        return say(_sorry(error, commands), *retry)
    return words_of.notice(result, commands)


def status(connect: Connect, owner: Owner, *, now: datetime, commands: ids.Commands) -> Message:
    """Return what is linked."""
    known = connect.status(owner, now).connections
    if not known:
        return say(words_of.STATUS_NONE.format(crm=commands.crm))
    blocks = [block for one in known[:SHOWN] for block in _connection(one, commands)]
    if len(known) > SHOWN:
        more = words_of.STATUS_MORE.format(more=len(known) - SHOWN, crm=commands.crm)
        blocks.append(section(more))
    blocks.append(section(words_of.STATUS_NEXT.format(crm=commands.crm)))
    return Message(text=_line(known[0], commands), blocks=blocks)


def clicked(
    connect: Connect, click: payloads.Click, *, now: datetime, commands: ids.Commands
) -> Message:
    """Do what a button under ``/crm`` or a notice says, and return what came of it."""
    match click.action_id:
        case ids.CRM_USE:
            return use(connect, click.owner, click.value or "", now=now, commands=commands)
        case ids.CRM_DISCONNECT:
            return disconnect(connect, click.owner, click.value, now=now, commands=commands)
        case _:
            return offer(connect, click.owner, now=now)


def use(
    connect: Connect, owner: Owner, grant_id: str, *, now: datetime, commands: ids.Commands
) -> Message:
    """Let requests go by another connection from now on."""
    try:
        one = connect.use(owner, grant_id, now)
    except ParleyError as error:
        return say(_sorry(error, commands))
    values = {"account": escape(one.account), "organization": escape(one.organization)}
    return say(words_of.USED.format(**values, meet=commands.meet))


def ask_disconnect(
    connect: Connect, owner: Owner, *, now: datetime, commands: ids.Commands
) -> Message:
    """Ask before taking the link back."""
    known = connect.status(owner, now).connections
    if not known:
        return say(words_of.STATUS_NONE.format(crm=commands.crm))
    text = words_of.DISCONNECT.format(accounts=_accounts(one.account for one in known))
    return say(text, actions(_drop(words_of.DISCONNECT_BUTTON)))


def disconnect(
    connect: Connect,
    owner: Owner,
    grant_id: str | None = None,
    *,
    now: datetime,
    commands: ids.Commands,
) -> Message:
    """Take one link of *owner* back, or all, and return what came of it."""
    try:
        accounts = connect.disconnect(owner, now, grant_id)
    except TryLater:
        return say(words_of.ERRORS["crm_unreachable"].format(crm=commands.crm))
    except ParleyError as error:
        return say(_sorry(error, commands))
    gone = words_of.DISCONNECTED.format(accounts=_accounts(accounts), crm=commands.crm)
    left = connect.status(owner, now).connections if grant_id is None else ()
    if left:
        # Its place couldn't be reached, or it was connected meanwhile.
        still = _accounts(one.account for one in left)
        gone = words_of.DISCONNECTED_SOME.format(
            accounts=_accounts(accounts), left=still, crm=commands.crm
        )
    return say(gone)


def _connection(one: Connection, commands: ids.Commands) -> list[Block]:
    blocks = [section(_line(one, commands))]
    if not one.readable:
        return [*blocks, actions(_drop(words_of.FORGET_BUTTON, one.id))]
    if one.scopes:
        blocks.append(context(words_of.STATUS_SCOPES.format(scopes=escape(", ".join(one.scopes)))))
    if one.missing:
        missing = escape(", ".join(one.missing))
        blocks.append(section(words_of.STATUS_MISSING.format(scopes=missing, crm=commands.crm)))
    buttons = [_drop(words_of.DISCONNECT_BUTTON, one.id)]
    if one.state is GrantState.ACTIVE and not one.in_use:
        buttons.insert(0, button(words_of.USE_BUTTON, ids.CRM_USE, value=one.id))
    return [*blocks, actions(*buttons)]


def _drop(label: str, grant_id: str | None = None) -> Block:
    """Return the button that takes one connection back, or all; it asks first."""
    sure = confirmation(
        words_of.DISCONNECT_TITLE,
        words_of.DISCONNECT_SURE,
        yes=label,
        no=words_of.DISCONNECT_NO,
    )
    return button(label, ids.CRM_DISCONNECT, value=grant_id, style="danger", confirm=sure)


def _line(one: Connection, commands: ids.Commands) -> str:
    pending = one.state is GrantState.PENDING
    line = words_of.STATUS_PENDING if pending else words_of.STATUS_ACTIVE
    return (line if one.readable else words_of.STATUS_UNREADABLE).format(
        account=escape(one.account),
        name=escape(one.name),
        organization=escape(one.organization),
        data_center=one.data_center.value.upper(),
        since=f"{one.since:%d %B %Y}",
        in_use=words_of.STATUS_IN_USE if one.in_use else "",
        crm=commands.crm,
    )


def _accounts(addresses: Any) -> str:
    return escape(", ".join(dict.fromkeys(addresses)))


def _sorry(error: ParleyError, commands: ids.Commands) -> str:
    own = words_of.ERRORS.get(error.code)
    return own.format(crm=commands.crm) if own else escape(apologies.apology(error, commands))
