"""Tokens that Zoho's client kept elsewhere: its token file, or the table of Zoho's sample.

Both name a user ``<email>:<organisation's id>`` and know nothing of Slack, so whoever imports
says whose they shall be. The client finds them as before; the bot itself uses a connection
only after its person made it in Slack, which then takes over the very same row.
"""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from msgspec.structs import replace
from sqlite_utils.utils import sqlite3  # type: ignore[attr-defined]  # it picks the library, unlisted

from bot.domain.connection import Owner, Secret
from bot.errors import Fault, Refused
from store.tokens import Token, TokenStore

NOBODYS = "zoho"
"""In place of a Slack team: tokens whose user is nobody in Slack, kept by the user's name."""
_SQLITE = b"SQLite format 3\0"
_COLUMNS = (
    "id", "user_name", "client_id", "client_secret", "refresh_token", "access_token",
    "grant_token", "expiry_time", "redirect_url", "api_domain",
)  # fmt: skip
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOMENT = re.compile("[0-9]{1,14}")
"""Milliseconds since 1970, before the year 5138."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import.

    Attributes:
        kept: How many tokens were kept.
        strangers: The users nobody in Slack was found for; kept all the same.
        refused: The users whose API is none of Zoho's, or who had no tokens; not kept.
        clients: The clients' ids. Their secrets are not kept with tokens.
    """

    kept: int
    strangers: tuple[str, ...]
    refused: tuple[str, ...]
    clients: tuple[str, ...]


def read_tokens(file: Path) -> tuple[Token, ...]:
    """Return what is in a token file or a sample's database; the file stays as it is.

    Raises:
        Fault: ``import_unreadable``: it is neither.
    """
    try:
        with file.open("rb") as opened:
            database = opened.read(len(_SQLITE)) == _SQLITE
        rows = _from_database(file) if database else _from_csv(file)
    except (OSError, UnicodeDecodeError, csv.Error, sqlite3.Error) as error:
        raise Fault("import_unreadable", file=str(file)) from error
    return tuple(map(_token, rows))


def keep_tokens(
    store: TokenStore,
    tokens: Sequence[Token],
    owner_of: Callable[[str], Owner | None],
    now: datetime,
) -> Imported:
    """Save *tokens*, each for its owner. A second import of the same changes nothing.

    Args:
        store: Where to.
        tokens: As read.
        owner_of: Gets a user's address and returns whose the token shall be; None keeps it
            as nobody's (``Owner("zoho", <user>)``). To serve all users of one application
            through one store, return one owner for all.
        now: Aware.

    Raises:
        TryLater: ``storage_busy``.
    """
    kept, strangers, refused = 0, [], []
    for token in tokens:
        user = token.user or token.id or ""
        owner = owner_of(user.rpartition(":")[0] or user)
        try:
            _save(store, owner or Owner(NOBODYS, user), token, now)
        except Refused:
            refused.append(user)
            continue
        except Fault as fault:
            if fault.code != "token_incomplete":
                raise
            refused.append(user)
            continue
        kept += 1
        if owner is None:
            strangers.append(user)
    clients = dict.fromkeys(one.client_id for one in tokens if one.client_id)
    return Imported(
        kept=kept, strangers=tuple(strangers), refused=tuple(refused), clients=tuple(clients)
    )


def _save(store: TokenStore, owner: Owner, token: Token, now: datetime) -> None:
    try:
        store.save(owner, token, now)
    except Fault as fault:
        if fault.code != "token_gone":
            raise
        # The id is another user's already, from another file: both are kept.
        store.save(owner, replace(token, id=None), now)


def _from_csv(file: Path) -> list[Mapping[str, object]]:
    with file.open(encoding="utf-8", newline="") as opened:
        lines = [line for line in csv.reader(opened) if line]
    # Zoho's client names the columns so; its earlier versions had no api_domain.
    if not lines or lines[0][:2] != ["id", "user_name"] or len(lines[0]) not in {9, 10}:
        raise Fault("import_unreadable", file=str(file))
    return [dict(zip(_COLUMNS, line, strict=False)) for line in lines[1:]]


def _from_database(file: Path) -> list[Mapping[str, object]]:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as conn:
        found = conn.execute(f"SELECT {', '.join(_COLUMNS)} FROM oauthtoken")  # noqa: S608 - our names
        return [dict(zip(_COLUMNS, row, strict=True)) for row in found.fetchall()]


def _token(row: Mapping[str, object]) -> Token:
    def text(name: str) -> str | None:
        value = row.get(name)
        # Text of any type: a column of SQLite's takes bytes and numbers as well.
        found = value.decode(errors="replace") if isinstance(value, bytes) else str(value or "")
        # Zoho's sample writes what it doesn't know as these words.
        return None if found in {"", "None", "null"} else found

    def secret(name: str) -> Secret | None:
        value = text(name)
        return None if value is None else Secret(value)

    ends = text("expiry_time") or ""
    return Token(
        id=text("id"),
        user=text("user_name"),
        client_id=text("client_id"),
        client_secret=secret("client_secret"),
        redirect_url=text("redirect_url"),
        access=secret("access_token"),
        refresh=secret("refresh_token"),
        expires_at=_EPOCH + timedelta(milliseconds=int(ends)) if _MOMENT.fullmatch(ends) else None,
        api_domain=text("api_domain"),
        code=secret("grant_token"),
    )
