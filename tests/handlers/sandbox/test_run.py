"""The whole sandbox started and stopped."""

from __future__ import annotations

import re
import threading

import pytest

from handlers.sandbox.run import NotOurs, Sandbox
from tests.handlers.sandbox.client import Crm


def test_the_announcement_has_all_a_bot_needs_and_it_works() -> None:
    """Origins without a path, made-up credentials, and a refresh token that refreshes."""
    sandbox = Sandbox.start()
    try:
        told = sandbox.announcement()
        crm = Crm(told["api_url"], sandbox.crm)
        sent = {key: told[key] for key in ("client_id", "client_secret", "refresh_token")}
        answer = crm.form("/oauth/v2/token", {**sent, "grant_type": "refresh_token"}).json
        assert crm.call("GET", "org", token=answer["access_token"]).status == 200
    finally:
        sandbox.stop()
    keys = ("accounts_url", "api_url", "control_url", "workspace_url", "slack_api_url",
            "client_id", "client_secret", "refresh_token", "slack_bot_token",
            "slack_signing_secret")  # fmt: skip
    assert keys == tuple(told)
    for name in keys[:4]:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", told[name])
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api/", told["slack_api_url"])
    assert not [each for each in threading.enumerate() if each.name.startswith("sandbox")]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "localhost", ""])  # noqa: S104 - refused
def test_it_never_listens_beyond_this_machine(host: str) -> None:
    """Only 127.0.0.1."""
    with pytest.raises(NotOurs):
        Sandbox.start(host=host)


def test_it_takes_no_real_client_id() -> None:
    """Only one of its own form."""
    with pytest.raises(NotOurs):
        Sandbox.start(client_id="1000.ABCDEFGHIJKLMNOPQRSTUVWXYZ1234")


def test_a_taken_port_leaves_nothing_running() -> None:
    """The second site fails, so the first is stopped again."""
    first = Sandbox.start()
    try:
        port = int(first.announcement()["slack_api_url"].split(":")[2].split("/")[0])
        with pytest.raises(OSError, match="in use"):
            Sandbox.start(slack_port=port)
    finally:
        first.stop()
    assert not [each for each in threading.enumerate() if each.name.startswith("sandbox")]
