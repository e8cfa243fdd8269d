"""``/crm admin``: who is connected, a page at a time, and cutting somebody off.

Each function does one job of the worker and returns what to say; nothing here talks to Slack.
"""

from datetime import datetime

from bot.domain.connection import Listed, Owner
from bot.errors import ParleyError
from bot.journeys.account.administration import Administration, Overview
from handlers.slack import ids, payloads
from handlers.slack.message import (
    Block,
    Message,
    actions,
    button,
    confirmation,
    context,
    escape,
    say,
    section,
)
from handlers.slack.sentences import admin as words_of
from handlers.slack.sentences import apologies


class AdminDesk:
    """Answers administrators; everybody else hears that they aren't."""

    def __init__(self, administration: Administration, commands: ids.Commands) -> None:
        """Take the journey, and the commands' names here."""
        self._administration = administration
        self._commands = commands

    def look(self, owner: Owner, page: int, now: datetime) -> Message:
        """Return a page of who is connected."""
        try:
            overview = self._administration.look(owner, page, now)
        except ParleyError as error:
            return say(self._sorry(error))
        if not overview.connections:
            return say(words_of.NOBODY_CONNECTED.format(crm=self._commands.crm))
        head = words_of.HEAD.format(total=overview.total, page=overview.page, pages=overview.pages)
        blocks = [block for one in overview.connections for block in _connection(one)]
        return say(head, *blocks, *_turn(overview))

    def clicked(self, click: payloads.Click, now: datetime) -> Message:
        """Turn the page, or cut somebody off."""
        value = click.value or ""
        if click.action_id != ids.ADMIN_CUT_OFF:
            return self.look(click.owner, int(value) if value.isdecimal() else 1, now)
        try:
            accounts = self._administration.cut_off(click.owner, value, now)
        except ParleyError as error:
            return say(self._sorry(error))
        told = {"user": escape(value), "accounts": escape(", ".join(accounts))}
        return say(words_of.CUT_OFF.format(**told, crm=self._commands.crm))

    def _sorry(self, error: ParleyError) -> str:
        own = words_of.ERRORS.get(error.code)
        if own:
            return own.format(crm=self._commands.crm)
        return escape(apologies.apology(error, self._commands))


def _connection(one: Listed) -> list[Block]:
    line = words_of.LINE.format(
        user=escape(one.owner.user),
        account=escape(one.account.email),
        name=escape(one.account.name),
        organization=escape(one.account.org_name),
        data_center=one.data_center.value.upper(),
        since=f"{one.connected_at:%d %B %Y}",
        used=f"{one.used_at:%d %B %Y}",
    )
    sure = confirmation(
        words_of.CUT_OFF_TITLE,
        words_of.CUT_OFF_SURE.format(account=one.account.email),
        yes=words_of.CUT_OFF_BUTTON,
        no=words_of.CUT_OFF_NO,
    )
    press = button(
        words_of.CUT_OFF_BUTTON,
        ids.ADMIN_CUT_OFF,
        value=one.owner.user,
        style="danger",
        confirm=sure,
    )
    blocks = [section(line)]
    if not one.readable:
        blocks.append(context(words_of.UNREADABLE))
    elif one.scopes:
        blocks.append(context(words_of.SCOPES.format(scopes=escape(", ".join(one.scopes)))))
    return [*blocks, actions(press)]


def _turn(overview: Overview) -> list[Block]:
    buttons = []
    if overview.page > 1:
        buttons.append(button(words_of.BACK, ids.ADMIN_BACK, value=str(overview.page - 1)))
    if overview.page < overview.pages:
        buttons.append(button(words_of.NEXT, ids.ADMIN_NEXT, value=str(overview.page + 1)))
    return [actions(*buttons)] if buttons else []
