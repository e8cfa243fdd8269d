"""Zoho's own Python client, unmodified, with its tokens in the bot's grants.

Run by `test_sdk_store.py` with the Python of .venv-sdk, once a chapter: a new process is a
restart. Reads one JSON object from stdin (`origin`, `client_id`, `client_secret`, `codes`,
`file`, `folder`, `chapter`) and prints one: what the client and the store saw.
"""

import importlib
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.crm.places import Places
from bot.domain.connection import DataCenter, Owner, Secret, Tokens
from store.account.token_rows import SqliteTokens
from store.memory import Memory, open_memory
from store.sdk import token_store
from store.sealing.keys import Keyring
from store.tokens import Clients

ADA = Owner("T1", "UADA")
BOB = Owner("T1", "UBOB")


def part(path: str) -> Any:
    """Return a class of the client by its path below its root."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(f"zohocrmsdk.src.com.zoho.{module}"), name)


def token(**known: Any) -> Any:
    """Return a token object of the client."""
    if name := known.pop("user", None):
        known["user_signature"] = part("crm.api.user_signature.UserSignature")(name)
    return part("api.authenticator.oauth_token.OAuthToken")(**known)


def who() -> str:
    """Call the CRM and return whom it took the caller for."""
    operations = importlib.import_module("zohocrmsdk.src.com.zoho.crm.api.users.users_operations")
    wanted = part("crm.api.parameter_map.ParameterMap")()
    wanted.add(operations.GetUsersParam.type, "CurrentUser")
    headers = part("crm.api.header_map.HeaderMap")()
    [user] = operations.UsersOperations().get_users(wanted, headers).get_object().get_users()
    return str(user.get_email())


def switch(**known: Any) -> Any:
    """Go on as another user and return the client's token object."""
    found = token(**known)
    part("crm.api.initializer.Initializer").switch_user(token=found)
    return found


def outdated(memory: Memory, grant_id: str, access: str) -> None:
    """Renew a grant as the bot does; what it gets is over already."""
    grant = memory.grants.get(grant_id)
    assert grant is not None
    now = datetime.now(UTC)
    assert memory.renewals.lease(grant_id, grant.generation, holder="bot", now=now, seconds=9)
    tokens = Tokens(
        access=Secret(access),
        refresh=grant.tokens.refresh,
        expires_at=now - timedelta(seconds=1),
        api_origin=grant.tokens.api_origin,
        scopes=grant.tokens.scopes,
    )
    assert memory.renewals.keep(grant_id, grant.generation, tokens, now)


def sign_in(scene: dict[str, Any], store: Any, memory: Memory) -> dict[str, Any]:
    """Sign two users in by their grant tokens, call as each, and as the first again."""
    client = {key: scene[key] for key in ("client_id", "client_secret")}
    first = begin(scene, store, **client, grant_token=scene["codes"]["ada"])
    called = [who(), who()]
    second = switch(**client, grant_token=scene["codes"]["ben"])
    called.append(who())
    switch(user=first.get_user_signature().get_name())
    called.append(who())
    rows = memory.db.rows("SELECT * FROM grants")
    return {
        "called": called,
        "names": [one.get_user_signature().get_name() for one in (first, second)],
        "ids": [first.get_id(), second.get_id()],
        "kept": [one.get_id() for one in store.get_tokens()],
        "secrets": [scene["client_secret"] in repr(rows), scene["codes"]["ada"] in repr(rows)],
        "others": len(token_store(store._store, BOB).get_tokens()),
        "grants": [grant.account.email for grant in memory.grants.of(ADA)],
    }


def restart(scene: dict[str, Any], store: Any, memory: Memory) -> dict[str, Any]:
    """Begin with the used-up grant token; renew what is over; revoke one user, then drop it."""
    client = {key: scene[key] for key in ("client_id", "client_secret")}
    first = begin(scene, store, **client, grant_token=scene["codes"]["ada"])
    called = [who()]
    held = store.find_token_by_id(first.get_id())
    outdated(memory, first.get_id(), "over")
    called.append(who())
    grant = memory.grants.get(first.get_id())
    assert grant is not None
    # Somebody still holds what was there before, and saves it.
    held.set_access_token("stale")
    store.save_token(held)
    ben = next(one for one in store.get_tokens() if "ben@" in one.get_user_signature().get_name())
    second = switch(user=ben.get_user_signature().get_name())
    called.append(who())
    told = {
        "called": called,
        "generation": grant.generation,
        "stale": held.get_access_token() == grant.tokens.access.reveal(),
        "strangers": token_store(store._store, BOB).find_token(token(id=ben.get_id())) is None,
        "revoked": second.revoke(ben.get_id()),
        "removed": second.remove(),
    }
    switch(user=first.get_user_signature().get_name())
    called.append(who())
    return {**told, "left": [one.get_user_signature().get_name() for one in store.get_tokens()]}


def begin(scene: dict[str, Any], store: Any, **known: Any) -> Any:
    """Initialize the client on the sandbox and return its token object."""
    origin = scene["origin"]
    environment = part("crm.api.dc.data_center.DataCenter").Environment(
        origin, f"{origin}/oauth/v2/token", origin
    )
    found = token(**known)
    part("crm.api.initializer.Initializer").initialize(
        environment, found, store=store, resource_path=scene["folder"]
    )
    return found


def main() -> None:
    """Tell one chapter."""
    scene = json.load(sys.stdin)
    memory = open_memory(Path(scene["file"]), Keyring([b"k" * 32]), datetime.now(UTC))
    places = Places(DataCenter.US, (scene["origin"], scene["origin"]))
    tokens = SqliteTokens(memory.db, memory.vault, Clients(places=places))
    chapter = {"sign_in": sign_in, "restart": restart}[scene["chapter"]]
    told = chapter(scene, token_store(tokens, ADA), memory)
    memory.close()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
