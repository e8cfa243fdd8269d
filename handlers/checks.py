"""What ``parley check`` looks at: everything that must be right before serving."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.crm.accounts import Accounts
from bot.crm.places import Places
from bot.crm.transport import Transport
from bot.domain.connection import DataCenter, Secret
from bot.errors import NotConnected, ParleyError, TryLater
from handlers import faults
from handlers.commands.opening import keys_of
from handlers.manifest import scopes
from handlers.settings import Settings
from store.memory import open_memory

MAX_SKEW = timedelta(seconds=60)
"""Slack refuses nothing of ours by time, but its signatures are good for five minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One thing looked at; ``told`` ends with what to do where it isn't well."""

    name: str
    ok: bool
    told: str


def checks(settings: Settings, dotenv: Path | None = None) -> Iterator[Result]:
    """Look at one thing after the other: settings, database and key, Slack, clock, CRM.

    *dotenv* is the file that some of the settings were read from, if it is there.
    """
    yield _settings(settings, dotenv)
    database, teams = _memory(settings)
    yield database
    yield from _slack(settings, teams)
    for data_center in _data_centers(settings):
        yield _crm(settings, data_center)


def _settings(settings: Settings, dotenv: Path | None) -> Result:
    if dotenv is not None and dotenv.is_file() and dotenv.stat().st_mode & 0o027:
        why = f"others can read or change {dotenv}. Type `chmod 0640 {dotenv}`."
        return Result(name="settings", ok=False, told=why)
    return Result(name="settings", ok=True, told=f"served as {settings.public_url}")


def _memory(settings: Settings) -> tuple[Result, set[str]]:
    """Return how the database is, and the Slack teams of those it knows."""
    database = settings.data_dir / "parley.db"
    try:
        keys = keys_of(settings)
        memory = open_memory(database, keys.keyring, datetime.now(UTC))
        older = OLDER if memory.epoch.older() else ""
        teams = {owner.team for owner in memory.remains.holders()}
        memory.close()
    except ParleyError as error:
        return Result(name="database", ok=False, told=faults.told(error)), set()
    except OSError as error:
        why = f"{database}: {error.strerror}. Give PARLEY_DATA_DIR a folder of Parley's own."
        return Result(name="database", ok=False, told=why), set()
    told = f"{database}, {_KEYS[keys.source]}"
    if keys.warning == "key_readable":
        told += f"; others can read it: chmod 0400 {keys.path}"
    return Result(name="database", ok=True, told=told + older), teams


OLDER = (
    "; it is older than the one Parley last ran with: at the next start nothing in it is sent "
    "without looking it up first"
)
_KEYS = {
    "credential": "key from systemd's credential",
    "file": "key from PARLEY_KEY_FILE",
    "text": "key from PARLEY_KEY",
    "generated": "key in a file beside it: whoever copies the folder copies the secrets; "
    "better set PARLEY_KEY_FILE",
}


def _slack(settings: Settings, teams: set[str]) -> Iterator[Result]:
    client = WebClient(
        token=settings.slack_token.reveal(),
        base_url=settings.slack_api,
        timeout=10,
        retry_handlers=[],
    )
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        said = error.response.get("error") or "nothing Slack would say"
        why = f"it says {said}. Copy SLACK_BOT_TOKEN again, from the app's page."
        yield Result(name="Slack", ok=False, told=why)
        return
    except (SlackClientError, OSError):
        why = f"{settings.slack_api} can't be reached. Look at the network and SLACK_API_URL."
        yield Result(name="Slack", ok=False, told=why)
        return
    told = f"{answer['user']} in {answer['team']}"
    if teams and answer["team_id"] not in teams:
        told += (
            ", but everybody who is connected is of another workspace. "
            "Copy SLACK_BOT_TOKEN again, from the app's page there."
        )
        yield Result(name="Slack", ok=False, told=told)
        return
    yield Result(name="Slack", ok=True, told=told)
    yield _scopes(answer)
    yield _clock(answer)


def _scopes(answer: SlackResponse) -> Result:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    granted = {one.strip() for one in str(headers.get("x-oauth-scopes", "")).split(",")}
    missing = [one for one in scopes() if one not in granted]
    if not headers.get("x-oauth-scopes") or not missing:
        return Result(name="Slack scopes", ok=True, told="all there")
    why = f"missing {', '.join(missing)}. Install the app again from `parley manifest`."
    return Result(name="Slack scopes", ok=False, told=why)


def _clock(answer: SlackResponse) -> Result:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    try:
        # RFC 9110: always GMT.
        theirs = parsedate_to_datetime(headers.get("date", "")).replace(tzinfo=UTC)
    except ValueError:
        return Result(name="clock", ok=True, told="Slack didn't say its time")
    apart = abs(datetime.now(UTC) - theirs)
    if apart <= MAX_SKEW:
        return Result(name="clock", ok=True, told=f"within {int(apart.total_seconds())} s of Slack")
    why = f"{int(apart.total_seconds())} s off Slack's. Set this machine's clock (NTP)."
    return Result(name="clock", ok=False, told=why)


def _data_centers(settings: Settings) -> tuple[DataCenter, ...]:
    own = [settings.data_center]
    if settings.zoho_loopback is None:
        home = settings.clients.get(settings.data_center)
        own += [center for center, client in settings.clients.items() if client != home]
    return tuple(dict.fromkeys(own))


def _crm(settings: Settings, data_center: DataCenter) -> Result:
    name = f"CRM {data_center.upper()}"
    transport = Transport()
    places = Places(settings.data_center, settings.zoho_loopback)
    accounts = Accounts(
        transport, places, settings.clients, f"{settings.public_url}/oauth/callback"
    )
    try:
        # A made-up token: a known client hears that the token is wrong, and nothing else.
        accounts.refresh(Secret("none"), data_center, datetime.now(UTC))
    except NotConnected:
        return Result(name=name, ok=True, told="reached, and it knows Parley's client")
    except TryLater:
        return Result(name=name, ok=False, told=faults.FAULTS["crm_unreachable"])
    except ParleyError as error:
        return Result(name=name, ok=False, told=faults.told(error))
    finally:
        transport.close()
    return Result(name=name, ok=True, told="reached")
