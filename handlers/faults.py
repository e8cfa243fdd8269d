"""What an administrator reads when Parley can't run; each ends with the next step."""

from collections.abc import Mapping
from typing import Final

from bot.errors import ParleyError
from handlers.slack.ids import Commands
from handlers.slack.sentences.apologies import apology

FAULTS: Final[Mapping[str, str]] = {
    "database_in_use": (
        "Another Parley has the database open, and this SQLite library is too old for two. "
        "Stop the other one first."
    ),
    "database_unreadable": (
        "That file is no database of Parley's, or it is damaged. "
        "Give another PARLEY_DATA_DIR, or put a backup in its place."
    ),
    "schema_newer": "A newer Parley wrote the database. Install that version again.",
    "storage_busy": "Another program holds the database. Stop it, or try again in a minute.",
    "key_missing": (
        "The key isn't there. Put it back where it was, or correct PARLEY_KEY_FILE; only where it "
        "is lost for good, remove parley.db and let everybody connect again."
    ),
    "key_unreadable": (
        "The key file can't be read. Give it to the account Parley runs as (mode 0400), "
        "or name another in PARLEY_KEY_FILE."
    ),
    "key_wrong": (
        "The key isn't the one the database was sealed with. "
        "Give the right one in PARLEY_KEY_FILE or PARLEY_KEY."
    ),
    "key_malformed": "The key isn't 32 bytes in base64. Copy it again, whole.",
    "key_not_served": (
        "The running Parley doesn't know the new key yet and would go on sealing with the old. "
        "Restart it, then rotate."
    ),
    "nobody": "That person has no connection. See `parley tokens list` for who has.",
    "token_gone": (
        "A token of that id was deleted, or is another person's. Sign in with Zoho's client again."
    ),
    "owner_full": (
        "One person has tens of thousands of tokens here. "
        "Delete those that Zoho's client doesn't need any more."
    ),
    "token_incomplete": (
        "There is neither an access nor a refresh token to keep. "
        "Give Zoho's client a grant token or a refresh token."
    ),
    "import_unreadable": (
        "That file is neither the token file of Zoho's client nor a database with its table "
        "oauthtoken. Name the right file."
    ),
    "accounts_refused": (
        "Zoho's accounts server refuses, and not for the client. "
        "Look into its API console whether the client still stands."
    ),
    "client_missing": "This data centre has no client id and secret. Set both for it.",
    "client_wrong": (
        "Zoho doesn't take the client id and secret. "
        "Copy both again from its API console, for this data centre."
    ),
    "crm_unreachable": "Zoho can't be reached. Look at the network and at ZOHO_DATA_CENTER.",
    "not_loopback": (
        "ZOHO_ACCOUNTS_URL and ZOHO_API_URL are for the sandbox on this machine alone. "
        "Leave both out."
    ),
}
"""By error code; the README's table is held to it."""


def told(error: ParleyError) -> str:
    """Return the sentence for whoever runs Parley."""
    return FAULTS.get(_code(error)) or apology(error, Commands())


def _code(error: ParleyError) -> str:
    """Return the code of *error*, that of a key sharpened by why it couldn't be had."""
    cause = error.__cause__
    if error.code != "key_missing" or cause is None or isinstance(cause, FileNotFoundError):
        return error.code
    return "key_malformed" if isinstance(cause, UnicodeError) else "key_unreadable"
