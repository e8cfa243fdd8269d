"""Areas: what a part of the product brings to Slack, plugged into the app and the desk."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from slack_bolt import App

from handlers.worker import Handle

Keep = Callable[[str, str, Mapping[str, Any]], None]
"""Keep (lane, kind, body) durably, once."""


class Area(Protocol):
    """One part of the product, as far as Slack wakes it.

    An action id may carry a suffix behind a colon: Slack wants ids apart within a block.
    """

    def listen(self, app: App, keep: Keep) -> None:
        """Register its own commands, shortcuts, events, forms and menus.

        Each listener checks, keeps one row and acknowledges; no network.
        """

    def handlers(self) -> Mapping[str, Handle]:
        """Return who does which kind of the inbox's work."""

    def clicks(self) -> Mapping[str, Handle]:
        """Return who does which click, by action id without its suffix."""

    def given_up(self) -> Mapping[str, Handle]:
        """Return who says, by kind of work, how things stand when it failed for good."""
