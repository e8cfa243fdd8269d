"""Log lines without secrets: one handler on the root, and everything it writes is masked."""

import json
import logging
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, TextIO

from bot.domain.connection import Secret

MASK: Final = "***"

_NAMES = (
    "access_token|refresh_token|client_secret|signing_secret|bot_token|code_verifier|authorization"
    "|code|state|link|token|trigger_id"
)
_PATTERNS: Final = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        # Ours, Zoho's, Slack's
        (r"\bparley_[A-Za-z0-9]+_[A-Za-z0-9_-]{8,}", f"parley_{MASK}"),
        (r"\b1000\.[A-Za-z0-9]{8,}(?:\.[A-Za-z0-9]{8,})?", f"1000.{MASK}"),
        (r"\bx(?:ox[a-z]|app)(?:\.xox[a-z])?-[A-Za-z0-9-]+", f"xox-{MASK}"),
        (r"\bv0=[0-9a-fA-F]{16,}", f"v0={MASK}"),
        # Headers, in any of the ways a library prints them
        (r"(?i)\b(Zoho-oauthtoken|Bearer|Basic)\s+[^\s\"'\\,;}]+", rf"\1 {MASK}"),
        (r"(?i)\b((?:set-)?cookie)(\\*[\"']?\s*[:=]\s*\\*[\"']?)[^\r\n\"'\\}]+", rf"\1\2{MASK}"),
        # Queries and forms, then JSON and Python's dicts
        (rf"(?i)\b({_NAMES})=[^&\s\"'<>,;)\\]+", rf"\1={MASK}"),
        (rf"(?i)(\\*[\"'](?:{_NAMES})\\*[\"']\s*[:,]\s*b?\\*[\"'])[^\"'\\]+", rf"\1{MASK}"),
        (r"(?i)\b(authorization)(\s*:\s*)(?!\s*(?:Zoho|Bearer|Basic))[^\s\"',}]+", rf"\1\2{MASK}"),
        # Addresses whose path is a secret
        (r"(hooks\.slack\.com/)[^\s\"'<>]+", rf"\1{MASK}"),
        (r"(/bulk/)[A-Za-z0-9_-]{8,}", rf"\1{MASK}"),
    )
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Libraries that show whole bodies below these levels: Bolt warns with the request's body,
# slack_sdk and urllib3 write URLs and headers at DEBUG.
_LIBRARIES: Final = (
    ("slack_bolt", logging.ERROR),
    ("parley.bolt", logging.ERROR),
    ("slack_sdk", logging.WARNING),
    ("urllib3", logging.WARNING),
    ("requests", logging.WARNING),
    ("waitress", logging.WARNING),
)


class Masking:
    """Takes secrets out of a text: those given, and everything shaped like one."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        """Keep the given secrets, the longest first; shorter than six characters are left."""
        known = {secret.reveal() for secret in secrets}
        self._known = sorted((one for one in known if len(one) >= 6), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return *text* masked."""
        for one in self._known:
            text = text.replace(one, MASK)
        for pattern, replacement in _PATTERNS:
            text = pattern.sub(replacement, text)
        return text


class MaskingHandler(logging.StreamHandler[TextIO]):
    """Writes a record's message, exception and stack masked.

    It works on a copy: other handlers of the same record are their own masters.
    """

    def __init__(self, stream: TextIO, masking: Masking) -> None:
        """Write to *stream*."""
        super().__init__(stream)
        self._masking = masking

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a masked copy of *record*."""
        copy = logging.makeLogRecord(record.__dict__)
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - a log line with wrong arguments must not stop the work
            message = f"a log line whose arguments don't fit: {record.msg!r}"
        copy.msg, copy.args = self._masking(message), ()
        failed = record.exc_text
        if record.exc_info and not failed:
            failed = logging.Formatter().formatException(record.exc_info)
        copy.exc_info = None
        copy.exc_text = self._masking(failed) if failed else None
        copy.stack_info = self._masking(record.stack_info) if record.stack_info else None
        return super().format(copy)


class Lines(logging.Formatter):
    """One line a record, a traceback indented below; no text can begin a line of its own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return ``time level logger message``."""
        head = f"{_time(record)} {record.levelname} {record.name} {_flat(record.getMessage())}"
        more = [part for part in (record.exc_text, record.stack_info) if part]
        return "\n".join([head, *(f"  {_flat(line)}" for one in more for line in one.split("\n"))])


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON: time, level, logger, message, and what failed."""
        told: dict[str, str] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_text:
            told["exception"] = record.exc_text
        if record.stack_info:
            told["stack"] = record.stack_info
        return json.dumps(told)


def configure(
    level: str,
    stream: TextIO,
    *,
    json_lines: bool = False,
    secrets: Iterable[Secret] = (),
) -> logging.Handler:
    """Write every logger's lines to *stream*, masked, and return the handler.

    A handler that this function installed before is replaced; others stay.

    Args:
        level: A level's name, such as ``INFO``.
        stream: Where to.
        json_lines: JSON instead of plain lines.
        secrets: What to mask wherever it stands: client secrets, signing secrets, keys.

    Raises:
        ValueError: There is no such level.
    """
    handler = MaskingHandler(stream, Masking(secrets))
    handler.set_name("parley")
    handler.setFormatter(JsonLines() if json_lines else Lines())
    root = logging.getLogger()
    root.setLevel(level.upper())
    for old in [one for one in root.handlers if one.get_name() == "parley"]:
        root.removeHandler(old)
    root.addHandler(handler)
    for name, least in _LIBRARIES:
        logging.getLogger(name).setLevel(max(least, root.level))
    return handler


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _flat(text: str) -> str:
    return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", text)
