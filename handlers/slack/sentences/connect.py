"""What a person reads while connecting; every sentence ends with the next step."""

from collections.abc import Mapping
from typing import Final

from bot.journeys.notices import (
    CodeNeeded,
    Connected,
    GrantLost,
    OfConnecting,
    ScopeMissing,
    TakenBack,
    Unused,
)
from handlers.slack import ids
from handlers.slack.message import Block, Message, actions, button, escape, say

_USUAL: Final = ids.Commands()

HELP: Final = (
    "*{crm} connect* links your Zoho CRM account to you in Slack.\n"
    "*{crm} connect CODE* finishes it, when the browser showed you a code.\n"
    "*{crm} status* shows what is linked.\n"
    "*{crm} disconnect* takes the link back.\n"
    "*{crm} admin* shows administrators who is connected, and cuts somebody off.\n"
    "Type one of them, such as `{crm} connect`."
)
CONNECT: Final = (
    "Parley acts in the CRM with your own account. The button opens a page that names who is "
    "linked; it works once, for ten minutes, and is for you alone: don't pass it on. "
    "Press “Connect Zoho CRM”."
)
CONNECT_FIRST: Final = (
    "Your meeting is kept. Parley makes it with your own CRM account, which isn't linked yet. "
    "The button works once, for ten minutes, and is for you alone: don't pass it on. "
    "Press “Connect Zoho CRM”."
)
CONNECT_BUTTON: Final = "Connect Zoho CRM"
CONNECTED_ALREADY: Final = (
    "You are connected as {account} ({organization}). To link again, or another organisation, "
    "press “Connect Zoho CRM”."
)
CODE_EXPECTED: Final = (
    "The browser shows a code for {account}. Press “Type the code”, or press "
    "“Connect Zoho CRM” to start over."
)
CODE_NEEDED: Final = (
    "Somebody signed in to the CRM as {account} with your link, which isn't your address in "
    "Slack. If that was you, press “Type the code” and type the code the browser shows. "
    "If it wasn't, do nothing: it lapses in ten minutes."
)
CODE_AGAIN: Final = "Slack was too slow to open the form. Press “Type the code” again."
CODE_BUTTON: Final = "Type the code"
CODE_TITLE: Final = "Finish connecting"
CODE_LABEL: Final = "The code in your browser"
CODE_HINT: Final = "Eight letters and digits, such as ABCD-EF23. It is good for ten minutes."
CODE_SUBMIT: Final = "Connect"
CODE_SHAPE: Final = "The code has eight letters and digits. Copy it from the page in your browser."
CONNECTED: Final = (
    "Connected: Parley now acts in the CRM as {account} ({organization}). "
    "Type `{meet}` to plan a meeting, or `{crm} status` to see the link."
)
CONNECTED_DRAFT: Final = (
    "Connected: Parley now acts in the CRM as {account} ({organization}). "
    "Your meeting is still here: press “Open the form” to go on."
)
OPEN_FORM: Final = "Open the form"
UNNAMED: Final = "one that Zoho didn't name"
GRANT_LOST: Final = (
    "The CRM no longer accepts the link to {account}, so Parley has deleted it. "
    "That also happens when another program took the last of Zoho's twenty permissions for you. "
    "Press “Connect Zoho CRM” for a new one, or type `{crm} connect`."
)
SCOPE_MISSING: Final = (
    "Your link to {account} lacks a permission that this needs: {scopes}. It was made before "
    "Parley asked for it, or it was left out. Press “Connect Zoho CRM” and accept all; "
    "what you have stays as it is."
)
UNUSED: Final = (
    "Your link to {account} hasn't been used since {since}. On {until} Parley will give the "
    "permission back at Zoho and delete it here. To keep it, plan a meeting with `{meet}` before."
)
TAKEN_BACK: Final[Mapping[str, str]] = {
    "cut_off": (
        "An administrator of Parley has taken back the link to {accounts}: the permission goes "
        "back to Zoho, and nothing of it is kept here. Ask your administrator if you need it."
    ),
    "unused": (
        "Nobody used the link to {accounts} for long, so its permission goes back to Zoho and "
        "nothing of it is kept here. Type `{crm} connect` when you need it again."
    ),
}
"""By why it was taken back."""
DISCONNECT: Final = (
    "This takes back Parley's permission at Zoho and deletes it here: {accounts}. Meetings in "
    "the CRM stay. Press “Disconnect”, or do nothing to keep it."
)
DISCONNECT_BUTTON: Final = "Disconnect"
DISCONNECT_TITLE: Final = "Disconnect Zoho CRM?"
DISCONNECT_SURE: Final = "Parley can then do nothing in the CRM for you until you connect again."
DISCONNECT_NO: Final = "Keep it"
DISCONNECTED: Final = (
    "Disconnected: {accounts}. Zoho was told, and nothing of the permission is kept here. "
    "Type `{crm} connect` to link an account again."
)
DISCONNECTED_SOME: Final = (
    "Disconnected: {accounts}. Still linked: {left}, since Zoho can't be reached there just now. "
    "Type `{crm} disconnect` again in a minute."
)
STATUS_NONE: Final = "No CRM account is linked to you. Type `{crm} connect` to link yours."
STATUS_NEXT: Final = "Type `{crm} connect` to link again, or `{crm} disconnect` to take it back."
STATUS_MORE: Final = "{more} more aren't shown. Take some back, and type `{crm} status` again."
STATUS_UNREADABLE: Final = (
    "*{account}* ({name}) in {organization} can't be read any more: its key is lost, or the "
    "database was changed. Press “Forget”, and take Parley out of your Connected Apps at Zoho."
)
USE_BUTTON: Final = "Use"
FORGET_BUTTON: Final = "Forget"
USED: Final = (
    "From now on Parley acts in the CRM as {account} ({organization}). What you began before "
    "keeps the account it began with. Type `{meet}` to plan a meeting."
)
STATUS_ACTIVE: Final = (
    "*{account}* ({name}) in {organization}, Zoho's data centre {data_center}, "
    "linked since {since}{in_use}."
)
STATUS_IN_USE: Final = ", in use"
STATUS_PENDING: Final = (
    "*{account}* ({name}) in {organization} waits for the code its browser showed: "
    "type `{crm} connect` and the code."
)
STATUS_SCOPES: Final = "Allowed: {scopes}"
STATUS_MISSING: Final = (
    "Not allowed, though Parley needs it: {scopes}. Type `{crm} connect` and accept all."
)

ERRORS: Final[Mapping[str, str]] = {
    "code_wrong": "That code isn't right. Look at the page in your browser and type it again.",
    "code": (
        "No code is waited for: it is older than ten minutes, or was tried too often. "
        "Type `{crm} connect` to start over."
    ),
    "none": "No CRM account is linked to you. Type `{crm} connect` to link yours.",
    "crm_unreachable": (
        "Zoho can't be reached just now, so nothing was taken back and nothing deleted. "
        "Type `{crm} disconnect` again in a minute."
    ),
}
"""By error code; ``crm_unreachable`` stands for every ``TryLater`` of disconnecting."""


def notice(told: OfConnecting, commands: ids.Commands = _USUAL) -> Message:
    """Return the message of a notice."""
    names = {"meet": commands.meet, "crm": commands.crm}
    match told:
        case Connected():
            return _connected(told, commands)
        case CodeNeeded(account=account):
            return say(CODE_NEEDED.format(account=escape(account)), actions(code_button()))
        case GrantLost(account=account):
            return say(GRANT_LOST.format(account=escape(account), **names), _again())
        case ScopeMissing(account=account, scopes=scopes):
            missing = escape(", ".join(scopes)) or UNNAMED
            return say(SCOPE_MISSING.format(account=escape(account), scopes=missing), _again())
        case Unused(account=account):
            days = {"since": f"{told.since:%d %B %Y}", "until": f"{told.until:%d %B %Y}"}
            return say(UNUSED.format(account=escape(account), **days, **names))
        case TakenBack(accounts=accounts):
            return say(TAKEN_BACK[told.why].format(accounts=escape(", ".join(accounts)), **names))


def connect_first(link: str) -> Message:
    """Return the message to somebody whose meeting waits for a connection."""
    return say(CONNECT_FIRST, actions(link_button(link)))


def _again() -> Block:
    # No link: it would be over after ten minutes. The button asks for a fresh one.
    return actions(button(CONNECT_BUTTON, ids.CRM_CONNECT, style="primary"))


def link_button(link: str) -> Block:
    """Return the button that leads to the page of a link."""
    return button(CONNECT_BUTTON, ids.CRM_LINK, url=link, style="primary")


def code_button() -> Block:
    """Return the button that opens the form for the browser's code."""
    return button(CODE_BUTTON, ids.CRM_CODE_OPEN, style="primary")


def _connected(told: Connected, commands: ids.Commands) -> Message:
    values = {"account": escape(told.account), "organization": escape(told.organization)}
    if told.draft_id is None:
        return say(CONNECTED.format(**values, meet=commands.meet, crm=commands.crm))
    go_on = button(OPEN_FORM, ids.MEET_OPEN, value=told.draft_id, style="primary")
    return say(CONNECTED_DRAFT.format(**values), actions(go_on))
