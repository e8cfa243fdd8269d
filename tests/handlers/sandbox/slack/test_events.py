"""Events, shortcuts, message buttons, retries and replays."""

from __future__ import annotations

from typing import Any

import pytest

from handlers.sandbox.web import Answer

BUTTON = {
    "type": "button",
    "action_id": "undo",
    "text": {"type": "plain_text", "text": "Undo"},
    "value": "op1",
}
LINK = {
    "type": "button",
    "action_id": "open",
    "text": {"type": "plain_text", "text": "Open page"},
    "url": "https://app.example/page",
}
ROW = {"type": "actions", "block_id": "row", "elements": [BUTTON, LINK]}


def test_a_button_in_a_message_brings_a_response_url(stage: Any, ada: Any) -> None:
    """The payload names the message; its URL replaces it."""
    posted = stage.api("chat.postMessage", channel="U0ADA", text="Done", blocks=[ROW])
    ada.press("Undo")

    payload = stage.app.payloads[-1]
    assert ("block_actions", "op1", posted["ts"], "D0ADA", False) == (
        payload["type"],
        payload["actions"][0]["value"],
        payload["message"]["ts"],
        payload["channel"]["id"],
        payload["container"]["is_ephemeral"],
    )
    path = payload["response_url"].removeprefix(stage.slack.origin)
    stage.post(path, {"text": "Undone", "replace_original": True})
    assert "Undone" == ada.dm_text()
    assert [[]] == [m["buttons"] for m in ada.messages()]


def test_a_click_names_one_element(stage: Any, ada: Any) -> None:
    """The same action_id in two blocks needs the block_id."""
    rows = [ROW, {**ROW, "block_id": "other"}]
    ts = stage.api("chat.postMessage", channel="U0ADA", text="Done", blocks=rows)["ts"]
    place = {"channel": "D0ADA", "ts": ts, "action_id": "undo"}

    with pytest.raises(AssertionError, match="element_not_unique"):
        ada.ask("click", **place)
    assert ada.ask("click", block_id="other", **place)["sent"]


def test_an_unacknowledged_click_is_a_warning_sign(stage: Any, ada: Any) -> None:
    """The person is told, whatever the app did meanwhile."""
    stage.api("chat.postMessage", channel="U0ADA", text="Done", blocks=[ROW])
    stage.app.replies["block_actions"] = lambda _: Answer.empty(500)

    with pytest.raises(AssertionError, match="http_service_error"):
        ada.press("Undo")


def test_a_link_button_opens_its_page_and_is_reported(stage: Any, ada: Any) -> None:
    """The app must acknowledge link buttons too."""
    stage.api("chat.postMessage", channel="U0ADA", text="Done", blocks=[ROW])

    assert "https://app.example/page" == ada.press("Open page")
    assert "open" == stage.app.payloads[-1]["actions"][0]["action_id"]


def test_menus_in_a_message_are_sent_at_once_with_its_state(stage: Any, ada: Any) -> None:
    """A choice and an overflow option are block_actions of the message."""
    options = [{"text": {"type": "plain_text", "text": t}, "value": t.lower()} for t in ("A", "B")]
    choice = {"type": "radio_buttons", "action_id": "pick", "options": options}
    more = {"type": "overflow", "action_id": "more", "options": [options[1]]}
    which = {"type": "plain_text", "text": "Which?"}
    text = {"type": "section", "block_id": "row", "text": which, "accessory": choice}
    row = {"type": "actions", "elements": [more]}
    stage.api("chat.postMessage", channel="U0ADA", text="?", blocks=[text, row])

    ada.fill("Which", "B")
    ada.press("B")

    chosen, pressed = stage.app.payloads
    assert ("b", "radio_buttons") == (
        chosen["actions"][0]["selected_option"]["value"],
        chosen["actions"][0]["type"],
    )
    assert "b" == chosen["state"]["values"]["row"]["pick"]["selected_option"]["value"]
    assert ("more", "b") == (
        pressed["actions"][0]["action_id"],
        pressed["actions"][0]["selected_option"]["value"],
    )
    assert "Which?\n[ ] A\n[x] B" == ada.dm_text()


def test_a_button_on_the_home_tab_acts_in_its_view(stage: Any, ada: Any) -> None:
    """The container is the view, and its trigger opens a modal but doesn't push."""
    home = {"type": "home", "blocks": [ROW]}
    published = stage.api("views.publish", user_id="U0ADA", view=home)["view"]
    ada.press("Undo")

    payload = stage.app.payloads[-1]
    assert {"type": "view", "view_id": published["id"]} == payload["container"]
    assert "response_url" not in payload
    modal = {"type": "modal", "title": {"type": "plain_text", "text": "Sure?"}, "blocks": []}
    trigger = {"trigger_id": payload["trigger_id"], "view": modal}
    assert not stage.api("views.push", **trigger)["ok"]
    ada.press("Undo")
    trigger["trigger_id"] = stage.app.payloads[-1]["trigger_id"]
    assert stage.api("views.open", **trigger)["ok"]


def test_an_ephemeral_message_is_not_in_the_payload(stage: Any, ada: Any) -> None:
    """Slack leaves the message out; the container says why."""
    sent = {"channel": "C0GENERAL", "user": "U0ADA", "text": "x", "blocks": [ROW]}
    stage.api("chat.postEphemeral", **sent)
    ada.press("Undo")

    payload = stage.app.payloads[-1]
    assert payload["container"]["is_ephemeral"]
    assert "message" not in payload


def test_clicks_need_interactivity(stage: Any, ada: Any) -> None:
    """Without it in the manifest nothing is sent."""
    stage.api("chat.postMessage", channel="U0ADA", text="Done", blocks=[ROW])
    stage.install_manifest({"settings": {"interactivity": {"is_enabled": False}}})

    with pytest.raises(AssertionError, match="interactivity_is_off"):
        ada.press("Undo")


def test_shortcuts_come_with_a_trigger(stage: Any, ada: Any) -> None:
    """A global one has no channel and no response_url; one on a message has both."""
    ts = ada.says("Let us meet", channel="C0GENERAL")
    ada.shortcut("plan")
    ada.message_shortcut("from", "C0GENERAL", ts)

    alone, message = stage.app.payloads
    assert ("shortcut", "plan") == (alone["type"], alone["callback_id"])
    assert not {"channel", "response_url"} & set(alone)
    assert ("message_action", "Let us meet", "C0GENERAL") == (
        message["type"],
        message["message"]["text"],
        message["channel"]["id"],
    )
    assert {"trigger_id", "response_url"} <= set(message)
    with pytest.raises(AssertionError, match="unknown_shortcut"):
        ada.shortcut("other")


def test_only_subscribed_events_are_sent(stage: Any, ada: Any) -> None:
    """Others are the manifest's fault."""
    with pytest.raises(AssertionError, match="not_subscribed"):
        stage.steer("event", type="team_join")


def test_a_changed_user_is_announced_and_changed(stage: Any, ada: Any) -> None:
    """user_change carries the new user; users.info agrees."""
    stage.steer("event", type="user_change", user="U0BEN", changes={"deleted": True})

    envelope = stage.app.payloads[-1]
    assert ("event_callback", "T0PARLEY", "user_change", True) == (
        envelope["type"],
        envelope["team_id"],
        envelope["event"]["type"],
        envelope["event"]["user"]["deleted"],
    )
    assert stage.read("users.info", user="U0BEN")["user"]["deleted"]


def test_after_uninstalling_the_token_is_dead(stage: Any, ada: Any) -> None:
    """Every call is account_inactive and nobody can use the app; both events arrive."""
    stage.steer("event", type="app_uninstalled")
    stage.steer("event", type="tokens_revoked")

    assert ["app_uninstalled", "tokens_revoked"] == [p["event"]["type"] for p in stage.app.payloads]
    assert not stage.api("auth.test")["ok"]
    with pytest.raises(AssertionError, match="app_not_installed"):
        ada.types("/meet")
    stage.install()
    assert stage.api("auth.test")["ok"]


def test_the_url_check_wants_its_challenge_back(stage: Any, ada: Any) -> None:
    """An empty 200 isn't enough."""
    assert "challenge_failed" == stage.steer("event", type="url_verification")["error"]
    stage.app.replies["url_verification"] = lambda p: Answer.json({"challenge": p["challenge"]})
    assert None is stage.steer("event", type="url_verification")["error"]


def test_a_retried_event_is_the_same_with_retry_headers(stage: Any, ada: Any) -> None:
    """Same body, same event_id; number and reason in the headers."""
    delivery = stage.steer("event", type="user_change", user="U0BEN")["delivery"]
    stage.steer("redeliver", delivery=delivery, number=2, reason="http_error")

    first, second = stage.app.requests
    assert first.body == second.body
    assert ("2", "http_error") == (
        second.headers["x-slack-retry-num"],
        second.headers["x-slack-retry-reason"],
    )
    assert "x-slack-retry-num" not in first.headers
    ada.types("/meet")
    with pytest.raises(AssertionError, match="only_events_are_retried"):
        stage.steer("redeliver", delivery=stage.steer("traffic")["deliveries"][-1]["id"])


def test_a_replay_has_the_same_bytes_and_signature(stage: Any, ada: Any) -> None:
    """Tampering changes the body but not the signature."""
    delivery = ada.types("/meet x") or stage.steer("traffic")["deliveries"][0]["id"]
    stage.clock.advance(600)
    stage.steer("replay", delivery=delivery)
    stage.steer("replay", delivery=delivery, tamper=True)

    first, same, other = stage.app.requests
    assert (first.body, first.headers["x-slack-signature"]) == (
        same.body,
        same.headers["x-slack-signature"],
    )
    assert first.headers["x-slack-request-timestamp"] == same.headers["x-slack-request-timestamp"]
    assert first.body != other.body
    assert first.headers["x-slack-signature"] == other.headers["x-slack-signature"]


def test_the_app_must_live_on_this_machine(stage: Any, ada: Any) -> None:
    """A public request URL isn't taken."""
    with pytest.raises(AssertionError, match="request_url_not_local"):
        stage.steer("install", request_url="http://app.example/slack/events", manifest={})


def test_a_reset_forgets_what_was_said(stage: Any, ada: Any) -> None:
    """Messages, traffic and changes go; the app stays installed."""
    stage.api("chat.postMessage", channel="U0ADA", text="x")
    stage.steer("event", type="user_change", user="U0BEN", changes={"tz": "Asia/Tokyo"})
    stage.steer("reset")

    assert [] == ada.messages()
    assert {"deliveries": [], "calls": []} == {
        key: stage.steer("traffic")[key] for key in ("deliveries", "calls")
    }
    assert "America/New_York" == stage.read("users.info", user="U0BEN")["user"]["tz"]
    assert "" == ada.types("/meet")


def test_waiting_in_vain_says_what_is_in_sight(stage: Any, ada: Any) -> None:
    """The error lists the messages the person sees."""
    stage.api("chat.postMessage", channel="U0ADA", text="Something else")

    with pytest.raises(AssertionError, match="Something else"):
        ada.wait_for(lambda: "expected" in ada.dm_text(), seconds=0.1)
    assert ada.wait_for(lambda: "Something" in ada.dm_text(), seconds=0.1)
