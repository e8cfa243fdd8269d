"""The Slack app's manifest, with the public address and the command prefix filled in."""

import re
from pathlib import Path
from typing import Any

import yaml

from handlers.settings import SettingsError

EXAMPLE = "https://parley.example.com"
_COMMAND = re.compile(r"^(\s*- command: /)(\S+)$", re.MULTILINE)


def manifest(public_url: str, prefix: str = "") -> str:
    """Return manifest.yml for this installation, as text to paste into Slack.

    Args:
        public_url: Where Slack reaches Parley, without a path.
        prefix: Put before every slash command.

    Raises:
        SettingsError: There is no manifest.yml.
    """
    text = _source().replace(EXAMPLE, public_url.rstrip("/"))
    return _COMMAND.sub(rf"\g<1>{prefix}\g<2>", text)


def document(public_url: str, prefix: str = "") -> dict[str, Any]:
    """Return `manifest` as data.

    Raises:
        SettingsError: There is no manifest.yml.
    """
    known: dict[str, Any] = yaml.safe_load(manifest(public_url, prefix))
    return known


def scopes() -> list[str]:
    """Return the scopes the bot asks Slack for.

    Raises:
        SettingsError: There is no manifest.yml.
    """
    known: dict[str, Any] = yaml.safe_load(_source())
    return [str(one) for one in known["oauth_config"]["scopes"]["bot"]]


def _source() -> str:
    path = Path(__file__).parent.parent / "manifest.yml"
    if not path.is_file():
        raise SettingsError("manifest.yml isn't beside Parley. Run Parley from its checkout.")
    return path.read_text("utf-8")
