"""The Web API: tokens, scopes, people, channels, messages, faults."""

from __future__ import annotations

from datetime import UTC, datetime
from http.client import RemoteDisconnected
from typing import Any

import pytest

from handlers.sandbox.slack.coverage import COVERAGE
from handlers.sandbox.slack.side import METHODS

DM = {"channel": "U0ADA"}


def test_the_coverage_table_says_what_is_served() -> None:
    """One row for each method, and one for response URLs."""
    assert {*METHODS, "response_url"} == {row.method for row in COVERAGE}
    assert len(COVERAGE) == len({row.method for row in COVERAGE})
    assert {"full", "part"} >= {row.fidelity for row in COVERAGE}
    assert all(row.note for row in COVERAGE if row.fidelity == "part")


def test_unknown_methods_and_tokens_are_refused(stage: Any) -> None:
    """unknown_method, invalid_auth."""
    assert "unknown_method" == stage.api("chat.shout")["error"]
    assert "invalid_auth" == stage.post("/api/auth.test", {}, "xoxb-other")[1]["error"]
    assert "not_authed" == stage.post("/api/auth.test", {}, "")[1]["error"]
    assert "U0BOT" == stage.api("auth.test")["user_id"]


def test_a_json_body_may_be_empty_but_not_broken(stage: Any) -> None:
    """Slack's own library sends no body at all with auth.test."""
    kind = "application/json"

    assert stage.raw("auth.test", b"", kind)["ok"]
    assert "invalid_json" == stage.raw("auth.test", b"{", kind)["error"]
    assert "json_not_object" == stage.raw("auth.test", b"[]", kind)["error"]


def test_a_missing_scope_is_named(stage: Any) -> None:
    """The answer says what is needed and what there is."""
    stage.install(bot=["commands"])

    answer = stage.api("chat.postMessage", text="x", **DM)

    assert ("missing_scope", "chat:write", "commands") == tuple(
        answer[key] for key in ("error", "needed", "provided")
    )


def test_the_address_needs_its_own_scope(stage: Any) -> None:
    """users:read shows people without e-mail; lookupByEmail is refused."""
    stage.clock.freeze(datetime(2026, 7, 1, 12, tzinfo=UTC))
    ada = stage.read("users.info", user="U0ADA")["user"]
    assert ("ada@example.com", "Europe/Berlin", 7200) == (
        ada["profile"]["email"],
        ada["tz"],
        ada["tz_offset"],
    )

    stage.install(bot=["users:read"])

    assert "email" not in stage.read("users.info", user="U0ADA")["user"]["profile"]
    answer = stage.read("users.lookupByEmail", email="ada@example.com")
    assert "users:read.email" == answer["needed"]


def test_reading_methods_do_not_read_json(stage: Any) -> None:
    """users.info takes a form; a JSON body is as good as none."""
    assert "invalid_arguments" == stage.api("users.info", user="U0ADA")["error"]
    assert "user_not_found" == stage.read("users.info", user="U0NOBODY")["error"]


def test_lookup_finds_active_people_of_this_workspace_only(stage: Any) -> None:
    """Case doesn't matter; deactivated and outside people aren't found."""
    found = stage.read("users.lookupByEmail", email="Ben@Example.com")
    assert "U0BEN" == found["user"]["id"]
    for email in ("eva@example.com", "fay@partner.example", "no@example.com"):
        assert "users_not_found" == stage.read("users.lookupByEmail", email=email)["error"]
    assert stage.read("users.info", user="U0EVA")["user"]["deleted"]
    fay = stage.read("users.info", user="X0FAY")["user"]
    assert "T0PARTNER" == fay["team_id"]
    assert "email" not in fay["profile"]


def test_the_list_of_users_comes_in_pages(stage: Any) -> None:
    """The cursor leads through everybody once."""
    seen: list[str] = []
    cursor = ""
    while True:
        answer = stage.read("users.list", limit="4", cursor=cursor)
        seen += [user["id"] for user in answer["members"]]
        cursor = answer["response_metadata"]["next_cursor"]
        if not cursor:
            break

    assert {"U0ADA", "U0EVA", "U0ROBOT"} <= set(seen)
    assert "X0FAY" not in seen
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0RANDOM", "not_in_channel"),
        ("C0SECRET", "channel_not_found"),
        ("C0NOWHERE", "channel_not_found"),
        ("U0EVA", "channel_not_found"),
        ("U0ROBOT", "cannot_dm_bot"),
    ],
)
def test_the_bot_posts_only_where_it_may(stage: Any, channel: str, error: str) -> None:
    """Each wrong place has Slack's own error."""
    assert error == stage.api("chat.postMessage", channel=channel, text="x")["error"]


def test_a_post_by_user_id_opens_the_direct_channel(stage: Any, ada: Any) -> None:
    """The answer has the real channel id, which updates need."""
    posted = stage.api("chat.postMessage", text="one &amp; <@U0BEN>", **DM)
    wrong = stage.api("chat.update", channel="U0ADA", ts=posted["ts"], text="two")
    right = stage.api("chat.update", channel=posted["channel"], ts=posted["ts"], text="two")

    assert "D0ADA" == posted["channel"]
    assert "channel_not_found" == wrong["error"]
    assert right["ok"]
    assert "two" == ada.dm_text()
    place = {"channel": posted["channel"], "ts": posted["ts"]}
    assert stage.api("chat.update", text="x" * 4000, **place)["ok"]
    assert "msg_too_long" == stage.api("chat.update", text="x" * 4001, **place)["error"]
    assert [] == stage.person("U0BEN").messages()
    assert [] == stage.person("U0BEN").messages("D0ADA")


def test_direct_messages_need_the_messages_tab(stage: Any) -> None:
    """Switched off in the manifest, a DM is messages_tab_disabled."""
    stage.install_manifest(
        {
            "features": {"app_home": {"messages_tab_enabled": False}},
            "oauth_config": {"scopes": {"bot": ["chat:write"]}},
        }
    )

    assert "messages_tab_disabled" == stage.api("chat.postMessage", text="x", **DM)["error"]


def test_updating_text_removes_blocks_and_keeps_metadata(stage: Any) -> None:
    """Metadata goes only when an empty object is sent."""
    stage.install(bot=["chat:write", "im:history"])
    blocks = [{"type": "divider"}]
    meta = {"event_type": "job", "event_payload": {"id": "1"}}
    posted = stage.api("chat.postMessage", text="a", blocks=blocks, metadata=meta, **DM)
    place = {"channel": posted["channel"], "ts": posted["ts"]}

    kept = stage.api("chat.update", text="b", **place)["message"]
    history = {"channel": posted["channel"], "include_all_metadata": "true"}
    read = stage.read("conversations.history", **history)["messages"][0]
    bare = stage.read("conversations.history", channel=posted["channel"])["messages"][0]
    gone = stage.api("chat.update", text="c", metadata={}, **place)["message"]

    assert "blocks" not in kept
    assert meta == read["metadata"]
    assert "metadata" not in bare
    assert "metadata" not in gone


def test_the_bot_changes_only_its_own_messages(stage: Any, ada: Any) -> None:
    """Others' are cant_update_message and cant_delete_message."""
    ts = ada.says("mine", channel="C0GENERAL")

    place = {"channel": "C0GENERAL", "ts": ts}
    assert "cant_update_message" == stage.api("chat.update", text="x", **place)["error"]
    assert "cant_delete_message" == stage.api("chat.delete", **place)["error"]
    own = stage.api("chat.postMessage", channel="C0GENERAL", text="x")
    assert stage.api("chat.delete", channel="C0GENERAL", ts=own["ts"])["ok"]
    assert ["mine"] == [m["text"] for m in ada.messages("C0GENERAL")]


def test_an_ephemeral_message_has_one_reader(stage: Any, ada: Any) -> None:
    """It can't be updated, and needs a member of the channel."""
    sent = stage.api("chat.postEphemeral", channel="C0GENERAL", user="U0ADA", text="psst")
    outside = stage.api("chat.postEphemeral", channel="C0GENERAL", user="X0FAY", text="psst")

    assert ["psst"] == [m["text"] for m in ada.messages("C0GENERAL")]
    assert [] == stage.person("U0BEN").messages("C0GENERAL")
    assert "user_not_in_channel" == outside["error"]
    place = {"channel": "C0GENERAL", "ts": sent["message_ts"]}
    assert "message_not_found" == stage.api("chat.update", text="x", **place)["error"]


def test_threads_are_read_with_replies(stage: Any) -> None:
    """History leaves replies out; conversations.replies has them in order."""
    stage.install(bot=["chat:write", "channels:history"])
    outside = stage.read("conversations.history", channel="C0RANDOM")
    assert "not_in_channel" == outside["error"]
    first = stage.api("chat.postMessage", channel="#general", text="one")
    place = {"channel": "C0GENERAL", "thread_ts": first["ts"]}
    stage.api("chat.postMessage", text="two", **place)

    assert (
        "thread_not_found"
        == stage.api("chat.postMessage", channel="C0GENERAL", text="x", thread_ts="1.000001")[
            "error"
        ]
    )
    history = stage.read("conversations.history", channel="C0GENERAL")["messages"]
    replies = stage.read("conversations.replies", channel="C0GENERAL", ts=first["ts"])["messages"]
    assert ["one"] == [m["text"] for m in history]
    assert ["one", "two"] == [m["text"] for m in replies]


def test_timestamps_are_unique_with_the_clock_stopped(stage: Any) -> None:
    """Two messages of one moment differ."""
    stage.clock.freeze(datetime(2026, 3, 1, tzinfo=UTC))

    stamps = [stage.api("chat.postMessage", text="x", **DM)["ts"] for _ in range(3)]

    assert 3 == len(set(stamps))
    assert sorted(stamps) == stamps


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({}, "no_text"),
        ({"blocks": "not json"}, "invalid_blocks_format"),
        ({"blocks": [{"type": "hologram"}]}, "invalid_blocks"),
        ({"text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_schema"),
    ],
)
def test_messages_slack_would_refuse_are_refused(
    stage: Any, args: dict[str, Any], error: str
) -> None:
    """Each fault has Slack's error."""
    assert error == stage.api("chat.postMessage", **DM, **args)["error"]


def test_conversations_open_needs_its_scope(stage: Any) -> None:
    """Opening is im:write; posting by user id isn't."""
    assert "im:write" == stage.api("conversations.open", users="U0ADA")["needed"]
    stage.install(bot=["im:write"])
    assert "D0ADA" == stage.api("conversations.open", users="U0ADA")["channel"]["id"]
    assert "user_disabled" == stage.api("conversations.open", users="U0EVA")["error"]


def test_a_permalink_names_the_message(stage: Any) -> None:
    """Only messages that are there have one."""
    ts = stage.api("chat.postMessage", channel="C0GENERAL", text="x")["ts"]
    found = stage.read("chat.getPermalink", channel="C0GENERAL", message_ts=ts)
    assert found["permalink"].endswith(f"/archives/C0GENERAL/p{ts.replace('.', '')}")
    lost = stage.read("chat.getPermalink", channel="C0GENERAL", message_ts="1.0")
    assert "message_not_found" == lost["error"]


def test_faults_strike_as_often_as_told(stage: Any, ada: Any) -> None:
    """429 with Retry-After, an error, a lost answer; then all is well."""
    stage.steer("faults", method="chat.postMessage", status=429, retry_after=7)
    status, body = stage.post("/api/chat.postMessage", {"text": "x", **DM})
    assert (429, "ratelimited") == (status, body["error"])

    stage.steer("faults", method="chat.postMessage", error="fatal_error", times=2)
    codes = [stage.api("chat.postMessage", text="x", **DM).get("error") for _ in range(3)]
    assert ["fatal_error", "fatal_error", None] == codes

    stage.steer("faults", method="chat.postMessage", cut_after=True)
    with pytest.raises(RemoteDisconnected):
        stage.api("chat.postMessage", text="arrived all the same", **DM)
    assert "arrived all the same" in ada.dm_text()
    with pytest.raises(AssertionError, match="unknown_fault"):
        stage.steer("faults", metod="chat.postMessage")

    ada.types("/meet")
    path = stage.app.payloads[0]["response_url"].removeprefix(stage.slack.origin)
    stage.steer("faults", method="response_url", status=503)
    assert [503, 200] == [stage.post(path, {"text": "x"})[0] for _ in range(2)]


def test_the_home_tab_is_published_per_person(stage: Any, ada: Any) -> None:
    """views.publish shows on opening; without a Home tab it is not_enabled."""
    home = {"type": "home", "blocks": [{"type": "header", "text": _plain("Hello")}]}
    assert stage.api("views.publish", user_id="U0ADA", view=home)["ok"]
    assert "Hello" == ada.home()
    assert "" == stage.person("U0BEN").home()
    opened = stage.app.payloads[-2]["event"]
    assert ("app_home_opened", "U0ADA", "home", "D0ADA") == tuple(
        opened[key] for key in ("type", "user", "tab", "channel")
    )
    assert "home" == opened["view"]["type"]
    stale = stage.api("views.publish", user_id="U0ADA", view=home, hash="old")
    assert "hash_conflict" == stale["error"]

    stage.install_manifest({"features": {}})
    refused = stage.api("views.publish", user_id="U0ADA", view=home)
    assert "not_enabled" == refused["error"]


def _plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}
