"""What of Slack the sandbox plays, and how closely. A test holds this table to what is served."""

from __future__ import annotations

from dataclasses import dataclass

_METHODS = "docs.slack.dev/reference/methods/"
_INTERACTION = "docs.slack.dev/interactivity/handling-user-interaction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One served thing: `fidelity` is "full" (all we know of it) or "part" (`note` says what)."""

    method: str
    fidelity: str
    source: str
    note: str = ""


def _method(name: str, note: str = "") -> Row:
    return Row(method=name, fidelity="part" if note else "full", source=_METHODS + name, note=note)


COVERAGE: tuple[Row, ...] = (
    _method("auth.test"),
    _method("users.info"),
    _method("users.lookupByEmail"),
    _method("users.list"),
    _method("conversations.open", "one person only; group conversations are refused"),
    _method("conversations.info", "the fields a bot reads"),
    _method("conversations.history"),
    _method("conversations.replies"),
    _method("chat.postMessage", "no link parsing, no broadcast of replies, rates by fault only"),
    _method("chat.postEphemeral", "always delivered"),
    _method("chat.update", "no edit window"),
    _method("chat.delete"),
    _method("chat.getPermalink"),
    _method("views.open"),
    _method("views.push"),
    _method("views.update"),
    _method("views.publish"),
    Row(
        method="response_url",
        fidelity="full",
        source=_INTERACTION,
        note="paths /commands, /actions and /app on the Slack origin",
    ),
)
