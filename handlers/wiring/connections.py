"""What looks after connections, put together alike for the server and the command line."""

from bot.crm.accounts import Accounts
from bot.crm.places import Places
from bot.crm.transport import Transport
from bot.journeys.account.leaving_ports import Kept
from handlers.settings import Settings
from store.memory import Memory


def kept(memory: Memory) -> Kept:
    """Return memory as those who look after connections need it."""
    return Kept(
        grants=memory.grants,
        listing=memory.listing,
        remains=memory.remains,
        audit=memory.audit,
        memory=memory,
    )


def places(settings: Settings) -> Places:
    """Return the rows of Zoho's places in force."""
    return Places(settings.data_center, settings.zoho_loopback, settings.environment)


def accounts(settings: Settings, transport: Transport) -> Accounts:
    """Return our hands in Zoho's accounts servers."""
    return Accounts(
        transport, places(settings), settings.clients, f"{settings.public_url}/oauth/callback"
    )
