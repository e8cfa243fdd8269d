"""What an administrator of Parley reads; every sentence ends with the next step."""

from collections.abc import Mapping
from typing import Final

NOBODY_CONNECTED: Final = "Nobody is connected. People connect themselves with `{crm} connect`."
HEAD: Final = "{total} connected, page {page} of {pages}. “Cut off” asks before it acts."
LINE: Final = (
    "<@{user}>: *{account}* ({name}) in {organization}, Zoho's data centre {data_center}, "
    "linked since {since}, last used {used}."
)
UNREADABLE: Final = "Can't be read any more: its key is lost, or the database was changed."
SCOPES: Final = "Allowed: {scopes}"
CUT_OFF_BUTTON: Final = "Cut off"
CUT_OFF_TITLE: Final = "Cut this person off?"
CUT_OFF_SURE: Final = (
    "Every connection of {account}'s owner is useless at once and goes back to Zoho. "
    "They are told, and can connect again."
)
CUT_OFF_NO: Final = "Leave it"
CUT_OFF: Final = (
    "<@{user}> is cut off: {accounts}. Parley can't use it any more, and Zoho is being told. "
    "They can connect again unless you deactivate them in Slack or in the CRM. "
    "Type `{crm} admin` to see who is left."
)
NEXT: Final = "Next page"
BACK: Final = "Previous page"
ERRORS: Final[Mapping[str, str]] = {
    "admin_unknown": (
        "Slack can't be asked just now whether you are an administrator, so nothing is shown and "
        "nobody was cut off. Type `{crm} admin` again in a minute."
    ),
    "not_admin": (
        "Only administrators may see who is connected. Ask an administrator of your Slack "
        "workspace, or type `{crm} status` for your own connections."
    ),
    "nobody": "That person has no connection any more. Type `{crm} admin` to see who has.",
}
"""By error code."""
