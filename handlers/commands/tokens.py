"""``parley tokens``: connections as an administrator of the machine sees them, never a token."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.connection import Listed, Owner
from bot.errors import NotConnected
from handlers.commands.opening import must_be_there, opened
from handlers.settings import Settings
from handlers.wiring import connections
from handlers.wiring.house import House
from store.account.imports import NOBODYS, keep_tokens, read_tokens
from store.account.token_rows import SqliteTokens
from store.tokens import Client, Clients

_ALL = 1_000_000


def list_all(settings: Settings) -> int:
    """Print every active connection, one a line; return the status."""
    with opened(settings) as memory:
        found = memory.listing.of_team(None, limit=_ALL)
    for one in found:
        used = "" if one.readable else "  can't be read"
        print(
            f"{one.owner}  {one.account.email}  {one.account.org_name}  {one.data_center}"
            f"  since {one.connected_at:%Y-%m-%d}  used {one.used_at:%Y-%m-%d}{used}"
        )
    if not found:
        print("Nobody is connected. People connect themselves in Slack, with /crm connect.")
    return 0


def show(settings: Settings, owner: Owner) -> int:
    """Print all there is to say of one person's connections; return the status.

    Raises:
        NotConnected: ``nobody``.
    """
    with opened(settings) as memory:
        found = memory.listing.everything_of(owner)
    if not found:
        raise NotConnected("nobody")
    for one in found:
        print("\n".join(_lines(one)))
    return 0


def revoke(settings: Settings, owner: Owner) -> int:
    """Cut one person off, tell them if they are in Slack, and say what came of it.

    Returns:
        The status.

    Raises:
        NotConnected: ``nobody``.
    """
    must_be_there(settings)
    # Made whole and never started: whatever goes by a connection ends with it.
    house = House(settings)
    try:
        accounts = house.administration.take_back(
            owner, house.clock(), actor="console", tell=owner.team != NOBODYS
        )
        waits = house.memory.listing.everything_of(owner)
    finally:
        house.close()
    print(f"Taken back: {', '.join(accounts)}.")
    if waits:
        print("Zoho couldn't be told yet: a running Parley tells it every minute.")
    return 0


def import_file(settings: Settings, file: Path, person: Owner | None) -> int:
    """Keep the tokens of Zoho's own client and say what came of it; return the status.

    Raises:
        Fault: ``import_unreadable``: it is neither the client's token file nor its database.
    """
    tokens, now = read_tokens(file), datetime.now(UTC)
    clients = Clients(
        [
            Client(id=one.id, secret=one.secret, data_center=center)
            for center, one in settings.clients.items()
        ],
        connections.places(settings),
    )
    # The first people may be brought from Zoho's client before Parley was ever started.
    with opened(settings, new=True) as memory, memory.atomically():
        store = SqliteTokens(memory.db, memory.vault, clients)
        done = keep_tokens(store, tokens, lambda _address: person, now)
        whose = person or Owner("", "")
        memory.audit.note("imported", whose, "console", now, kept=done.kept)
    print(f"Kept {done.kept} of {len(tokens)} tokens.")
    if done.strangers:
        print(
            "Nobody in Slack has these, so the bot doesn't use them; Zoho's client finds them: "
            f"{_all(done.strangers)}."
        )
    if done.refused:
        print(f"Not kept, their API is none of Zoho's or there is no token: {_all(done.refused)}.")
    foreign = [one for one in done.clients if one not in {c.id for c in settings.clients.values()}]
    if foreign:
        print(
            "Give the secrets of these clients to your application, or refreshing fails: "
            f"{_all(foreign)}."
        )
    return 1 if done.refused else 0


def _all(names: Iterable[str]) -> str:
    return ", ".join(names)


def audit(settings: Settings, count: int) -> int:
    """Print the last lines of the audit as JSON, the oldest first; return the status."""
    with opened(settings) as memory:
        lines = memory.audit.lines(limit=count)
    for line in reversed(lines):
        told = {"id": line.id, "at": line.at.isoformat(), "act": line.act}
        owner = str(line.owner) if line.owner.user else None
        print(json.dumps({**told, "owner": owner, "actor": line.actor, **line.detail}))
    return 0


def _lines(one: Listed) -> list[str]:
    told = {
        "grant": one.id,
        "person": one.owner,
        "account": f"{one.account.email} ({one.account.name})",
        "organisation": f"{one.account.org_name} ({one.account.org_id})",
        "data centre": one.data_center,
        "state": one.state if one.readable else f"{one.state}, can't be read",
        "connected": one.connected_at.isoformat(timespec="seconds"),
        "last used": one.used_at.isoformat(timespec="seconds"),
        "scopes": " ".join(one.scopes) or "not told by Zoho",
    }
    return [f"{name:14}{value}" for name, value in told.items()]
