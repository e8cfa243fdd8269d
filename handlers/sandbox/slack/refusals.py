"""The two ways to say no: Slack's to the app, and the workspace's to the person."""

from __future__ import annotations

from typing import Any


class SlackRefusal(Exception):
    """A Web API call fails with Slack's error `code`.

    `messages` are the lines Slack puts in `response_metadata.messages`.
    """

    def __init__(self, code: str, *, messages: list[str] | None = None, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """Return the JSON Slack answers with."""
        body: dict[str, Any] = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body


class PersonRefusal(Exception):
    """A person tried what Slack's client doesn't let them do; `code` says what."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
