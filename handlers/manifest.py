"""The Slack app's manifest, with the public address and the command prefix filled in."""

import re
from pathlib import Path

from handlers.settings import SettingsError

EXAMPLE = "https://parley.example.com"
_COMMAND = re.compile(r"^(\s*- command: /)(\S+)$", re.MULTILINE)


def manifest(public_url: str, prefix: str = "", *, source: Path | None = None) -> str:
    """Return manifest.yml for this installation, as text to paste into Slack.

    Args:
        public_url: Where Slack reaches Parley, without a path.
        prefix: Put before every slash command.
        source: The file; the project's own where None.

    Raises:
        SettingsError: There is no public address, or no manifest.yml.
    """
    if not public_url:
        raise SettingsError("Missing: PARLEY_PUBLIC_URL. Slack must know where Parley is.")
    found = source or find()
    if found is None:
        raise SettingsError("manifest.yml isn't here. Run this in Parley's own folder.")
    text = found.read_text("utf-8").replace(EXAMPLE, public_url.rstrip("/"))
    return _COMMAND.sub(rf"\g<1>{prefix}\g<2>", text)


def find() -> Path | None:
    """Return manifest.yml: in the folder Parley runs in, else beside its packages."""
    for folder in (Path.cwd(), Path(__file__).parent.parent):
        if (folder / "manifest.yml").is_file():
            return folder / "manifest.yml"
    return None
