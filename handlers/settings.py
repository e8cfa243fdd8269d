"""The settings, from the environment or a ``.env`` file: the only reader of either."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from bot.crm.accounts import Client
from bot.crm.places import Environment
from bot.domain.connection import DataCenter, Secret
from handlers import export_settings
from handlers.export_settings import ExportSettings
from handlers.policy import NAMES as POLICY_NAMES
from handlers.policy import Policy, policy

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(Exception):
    """A setting is missing or wrong; the text says which and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything Parley is told from outside.

    Attributes:
        slack_token: ``SLACK_BOT_TOKEN``, the bot's token (xoxb-...).
        slack_secrets: ``SLACK_SIGNING_SECRET``; two with a comma while it is changed.
        slack_api: ``SLACK_API_URL``, ends in a slash; Slack's own by default.
        clients: ``ZOHO_CLIENT_ID`` and ``ZOHO_CLIENT_SECRET``, and with ``_EU`` and so on
            where a data centre has its own.
        data_center: ``ZOHO_DATA_CENTER``, where sign-in begins; us by default.
        zoho_loopback: ``ZOHO_ACCOUNTS_URL`` and ``ZOHO_API_URL``, for the sandbox alone.
        public_url: ``PARLEY_PUBLIC_URL``, how browsers reach Parley, without a path.
        data_dir: ``PARLEY_DATA_DIR``, for the database and what belongs to it.
        key: ``PARLEY_KEY``, the encryption key itself.
        key_file: ``PARLEY_KEY_FILE``, a file that holds it.
        credentials: ``CREDENTIALS_DIRECTORY``, set by systemd.
        host: ``PARLEY_HOST``, 127.0.0.1 by default.
        port: ``PARLEY_PORT``, 8080 by default; 0 takes a free one.
        prefix: ``PARLEY_COMMAND_PREFIX``, renames the slash commands.
        environment: ``ZOHO_ENVIRONMENT``, production by default.
        policy: What an organisation may decide for itself.
        exports: ``PARLEY_EXPORTS_PER_PERSON``, ``PARLEY_EXPORTS_RUNNING``,
            ``PARLEY_EXPORTS_GIB``, ``PARLEY_EXPORTS_FREE_GIB`` and
            ``PARLEY_EXPORT_LINK_HOURS``: what exports are held to.
    """

    slack_token: Secret
    slack_secrets: tuple[Secret, ...]
    slack_api: str
    clients: Mapping[DataCenter, Client]
    data_center: DataCenter
    zoho_loopback: tuple[str, str] | None
    public_url: str
    data_dir: Path
    key: Secret | None
    key_file: Path | None
    credentials: Path | None
    host: str
    port: int
    prefix: str
    environment: Environment = Environment.PRODUCTION
    policy: Policy = field(default_factory=Policy)
    exports: ExportSettings = field(default_factory=ExportSettings)


NAMES = (
    "SLACK_BOT_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_API_URL",
    "ZOHO_CLIENT_ID",
    "ZOHO_CLIENT_SECRET",
    *(f"ZOHO_CLIENT_{part}_{center.name}" for center in DataCenter for part in ("ID", "SECRET")),
    "ZOHO_DATA_CENTER",
    "ZOHO_ENVIRONMENT",
    "ZOHO_ACCOUNTS_URL",
    "ZOHO_API_URL",
    "PARLEY_PUBLIC_URL",
    "PARLEY_DATA_DIR",
    "PARLEY_KEY",
    "PARLEY_KEY_FILE",
    "PARLEY_HOST",
    "PARLEY_PORT",
    "PARLEY_COMMAND_PREFIX",
    *export_settings.NAMES,
    *POLICY_NAMES,
)
"""Every setting there is; the README's table is held to it."""


def environment(dotenv: Path | None = None) -> dict[str, str]:
    """Return the settings found: the process's environment wins over the ``.env`` file.

    Raises:
        SettingsError: The file has a line that isn't ``NAME=value``, or a name that is
            no setting.
    """
    known = {*NAMES, "CREDENTIALS_DIRECTORY"}
    found = _dotenv(dotenv) if dotenv is not None and dotenv.is_file() else {}
    found.update({name: value for name, value in os.environ.items() if name in known})
    return found


def unattended() -> bool:
    """Say whether nobody watches: ``CI`` is set, or ``ONCE=1``."""
    return bool(os.environ.get("CI")) or os.environ.get("ONCE") == "1"


def _dotenv(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or name.strip() not in NAMES:
            raise SettingsError(
                f"{path.name}, line {number}: not a setting of Parley. "
                "Write NAME=value with a name of the README's table."
            )
        found[name.strip()] = value.strip().strip("\"'")
    return found


def load(found: Mapping[str, str]) -> Settings:
    """Return the settings in *found*, checked.

    Raises:
        SettingsError: Naming every setting that is missing, or the first that is wrong.
    """
    needed = ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "PARLEY_PUBLIC_URL", "ZOHO_CLIENT_ID")
    missing = [name for name in needed if not found.get(name, "").strip(" ,")]
    if not any(found.get(name) for name in NAMES if name.startswith("ZOHO_CLIENT_SECRET")):
        missing.append("ZOHO_CLIENT_SECRET")
    if missing:
        raise SettingsError(
            f"Missing: {', '.join(missing)}. Set them in the environment or in .env; "
            "the README's table says where each comes from."
        )
    return Settings(
        slack_token=Secret(found["SLACK_BOT_TOKEN"]),
        slack_secrets=tuple(
            Secret(one.strip()) for one in found["SLACK_SIGNING_SECRET"].split(",") if one.strip()
        ),
        slack_api=_url(found, "SLACK_API_URL", "https://slack.com/api/", path=True),
        clients=_clients(found),
        data_center=_data_center(found.get("ZOHO_DATA_CENTER", "us")),
        zoho_loopback=_zoho_loopback(found),
        public_url=_url(found, "PARLEY_PUBLIC_URL", ""),
        data_dir=Path(found.get("PARLEY_DATA_DIR") or "data").absolute(),
        key=Secret(found["PARLEY_KEY"]) if found.get("PARLEY_KEY") else None,
        key_file=_path(found, "PARLEY_KEY_FILE"),
        credentials=_path(found, "CREDENTIALS_DIRECTORY"),
        host=found.get("PARLEY_HOST") or "127.0.0.1",
        port=_port(found.get("PARLEY_PORT") or "8080"),
        prefix=_prefix(found.get("PARLEY_COMMAND_PREFIX", "")),
        environment=_environment(found.get("ZOHO_ENVIRONMENT") or "production"),
        policy=policy(found),
        exports=export_settings.load(found),
    )


def _clients(found: Mapping[str, str]) -> dict[DataCenter, Client]:
    clients = {}
    for center in DataCenter:
        tail = f"_{center.name}"
        client_id = found.get(f"ZOHO_CLIENT_ID{tail}") or found.get("ZOHO_CLIENT_ID", "")
        secret = found.get(f"ZOHO_CLIENT_SECRET{tail}") or found.get("ZOHO_CLIENT_SECRET", "")
        if client_id and secret:
            clients[center] = Client(id=client_id, secret=Secret(secret))
    return clients


def _data_center(text: str) -> DataCenter:
    try:
        return DataCenter(text.lower())
    except ValueError:
        names = ", ".join(DataCenter)
        raise SettingsError(f"ZOHO_DATA_CENTER is one of {names}.") from None


def _environment(text: str) -> Environment:
    try:
        return Environment(text.lower())
    except ValueError:
        raise SettingsError(f"ZOHO_ENVIRONMENT is one of {', '.join(Environment)}.") from None


def _zoho_loopback(found: Mapping[str, str]) -> tuple[str, str] | None:
    accounts = found.get("ZOHO_ACCOUNTS_URL", "")
    api = found.get("ZOHO_API_URL", "")
    if not accounts and not api:
        return None
    for name, url in (("ZOHO_ACCOUNTS_URL", accounts), ("ZOHO_API_URL", api)):
        parts = _parts(name, url)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK:
            raise SettingsError(
                f"{name} is for the sandbox on this machine alone (http://127.0.0.1:...). "
                "For a real CRM leave both out and set ZOHO_DATA_CENTER."
            )
    return accounts.rstrip("/"), api.rstrip("/")


def _url(found: Mapping[str, str], name: str, default: str, *, path: bool = False) -> str:
    url = found.get(name) or default
    parts = _parts(name, url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not safe or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SettingsError(
            f"{name} is an https address such as https://parley.example.com "
            "(http only on this machine). Correct it."
        )
    if path:
        return url if url.endswith("/") else f"{url}/"
    if parts.path not in ("", "/"):
        raise SettingsError(f"{name} has no path behind the host. Leave it out.")
    return url.rstrip("/")


def _parts(name: str, url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise SettingsError(
            f"{name} isn't an address. Write it like https://parley.example.com."
        ) from None


def _path(found: Mapping[str, str], name: str) -> Path | None:
    return Path(found[name]).absolute() if found.get(name) else None


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > 65535:
        raise SettingsError("PARLEY_PORT is a number from 0 to 65535.")
    return int(text)


def _prefix(text: str) -> str:
    # Slack: a command has at most 32 characters, lower case.
    if not re.fullmatch(r"[a-z0-9_-]{0,20}", text):
        raise SettingsError(
            "PARLEY_COMMAND_PREFIX takes up to 20 of a-z, 0-9, - and _, such as acme-."
        )
    return text
