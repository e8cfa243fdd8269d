"""Whether a request comes from Slack (Slack, "Verifying requests from Slack")."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime

from bot.domain.connection import Secret

TOLERANCE = 300
"""How many seconds a request's time may be away from ours, either way."""

# Twelve digits reach the year 33658; longer numbers would only cost time.
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")


def genuine(
    secrets: Sequence[Secret],
    *,
    timestamp: str | None,
    signature: str | None,
    body: bytes,
    now: datetime,
) -> bool:
    """Return whether the raw *body* was signed with one of *secrets* within five minutes.

    Several secrets are allowed so that one can be replaced without losing a request. No
    header, however malformed, raises.
    """
    if timestamp is None or not _TIMESTAMP.fullmatch(timestamp):
        return False
    if signature is None or not _SIGNATURE.fullmatch(signature):
        return False
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE:
        return False
    given = signature.encode("ascii")
    base = b"v0:" + timestamp.encode("ascii") + b":" + body
    matches = [hmac.compare_digest(given, sign(secret, base)) for secret in secrets]
    return any(matches)


def sign(secret: Secret, base: bytes) -> bytes:
    """Return the ``v0=`` signature of ``v0:<timestamp>:<body>``."""
    digest = hmac.new(secret.reveal().encode(), base, hashlib.sha256).hexdigest()
    return f"v0={digest}".encode("ascii")
